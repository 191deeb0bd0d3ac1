"""How a record is named so that the name, pasted, means it and no other among those it stands beside: pure.

Source: CONTRACT §2 (hits with different uids are listed); facts/index.md §4, cases 86 and 87.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator

from cmsite.errors import UsageError
from cmsite.index.records import Record
from cmsite.model.reference import Reference, parse_reference

# Signs that mean nothing to a shell, and that a terminal shows as they are.
_PLAIN = re.compile(r"[A-Za-z0-9@._,:/+-]+\Z")


def full_name(record: Record) -> str:
    """Return a record's name with its repository and uid, for messages."""
    name = f"{record.alias},{record.uid}" if record.uid and record.alias != record.uid else record.alias
    return f"{record.repository}/{record.automation}:{name}"


def lasting_reference(record: Record) -> str:
    """Return a reference that means this record again later."""
    name = full_name(record)
    try:
        parsed = parse_reference(name)
    except UsageError:
        parsed = None
    if parsed is not None and parsed.pin is None and parsed.repository == record.repository:
        return name
    return f"{record.automation}:{record.uid}" if record.uid else name


def spelled(
    records: tuple[Record, ...], chosen: Callable[[Reference, tuple[Record, ...]], Iterable[Record]]
) -> tuple[str, ...]:
    """Return for each record the shortest plain reference that means it alone among `records`.

    `chosen` returns the records that a reference means. An alias that holds a sign of references (`@`, `,`, `:`) or of
    shells is left out in favour of the uid; copies that share all names are told apart by the digest of their newest
    content. Where only an odd alias names a record, the reference is quoted for a shell.
    """
    return tuple(_spelled(record, records, chosen) for record in records)


def _spelled(
    record: Record, records: tuple[Record, ...], chosen: Callable[[Reference, tuple[Record, ...]], Iterable[Record]]
) -> str:
    return shlex.quote(reference_to(record, records, chosen) or full_name(record))


def reference_to(
    record: Record, records: tuple[Record, ...], chosen: Callable[[Reference, tuple[Record, ...]], Iterable[Record]]
) -> str:
    """Return a reference that means a record alone among `records`, a plain one where there is one, else ""."""
    works = [text for text in _spellings(record) if _means(text, record, records, chosen)]
    return next((text for text in works if _PLAIN.match(text)), works[0] if works else "")


def _means(
    text: str,
    record: Record,
    records: tuple[Record, ...],
    chosen: Callable[[Reference, tuple[Record, ...]], Iterable[Record]],
) -> bool:
    """Return whether a text means the record alone, or one of several with the very bytes of its pin."""
    try:
        reference = parse_reference(text)
    except UsageError:
        return False
    found = tuple(chosen(reference, records))
    same = {(one.identity, one.repository) for one in found} == {(record.identity, record.repository)}
    has_bytes = reference.pin is not None and bool(reference.pin.sha256) and record in found
    return found == (record,) or (has_bytes and same)


def _spellings(record: Record) -> Iterator[str]:
    names = [full_name(record), f"{record.repository}/{record.automation}:{record.alias}"]
    if record.uid:
        names += [f"{record.repository}/{record.automation}:{record.uid}", f"{record.repository}/{record.uid}"]
        names += [f"{record.automation}:{record.uid}", record.uid]
    yield from names
    for version in reversed(record.versions):
        for name in names:
            yield f"{name}@sha256:{version.tar_sha256}"
