"""The delta: what changed since the tree of terms was folded, to be searched beside it.

Source: docs/index-format.md, "The delta".
"""

from collections.abc import Iterable
from typing import NamedTuple

from cmsite.errors import IntegrityError
from cmsite.index.documents import Document, documents_of
from cmsite.index.lines import parse_record
from cmsite.index.packing import unpack
from cmsite.index.records import Record
from cmsite.index.strict import Table, canonical, parse_lines

MAX_HASHES = 100_000


class Delta(NamedTuple):
    """The hashes under which documents changed, and the records of the documents that are there now."""

    hashes: frozenset[int] = frozenset()
    records: tuple[Record, ...] = ()

    def documents(self) -> list[Document]:
        """Return the documents of these hashes; others of the records stand in the tree."""
        return [document for document in documents_of(self.records) if document.hash in self.hashes]


def emit_delta(hashes: Iterable[int], lines: Iterable[bytes]) -> bytes:
    """Return the content of a delta before it is packed."""
    head = canonical({"hashes": sorted(hashes)})
    return b"".join(line + b"\n" for line in (head, *lines))


def parse_delta(data: bytes, where: str) -> Delta:
    """Read a packed delta.

    Raises `IntegrityError` where it is damaged.
    """
    values = parse_lines(unpack(data, where=where), where)
    head = next(values, None)
    table = Table(head, where=where)
    hashes = table.items("hashes", limit=MAX_HASHES)
    for number, value in enumerate(hashes):
        if type(value) is not int or not 0 <= value < 1 << 32 or (number and hashes[number - 1] >= value):
            raise table.wrong(f"hashes[{number}]", "integers of 32 bits that rise", value)
    records = tuple(parse_record(value, where=where, path=f"records[{number}]") for number, value in enumerate(values))
    for number, record in enumerate(records):
        if not record.status.is_listed:
            raise IntegrityError(f"{where}: records[{number}].status: expected one that is listed")
    return Delta(hashes=frozenset(hashes), records=records)
