"""A changed record → the delta that a whole build would write, where the documents of its name are this one alone.

Source: docs/index-format.md, "The delta".
"""

import json
import struct
from bisect import bisect_left
from collections.abc import Callable, Sequence

from cmsite.index.catalogue import DOCS_ENTRY, delta_line, docs_entry, searched_digest
from cmsite.index.delta import emit_delta
from cmsite.index.documents import hash_of, length_of, place_of
from cmsite.index.layout import IndexLimits, blob_path, key_digest
from cmsite.index.lines import emit_record
from cmsite.index.packing import packed_file, unpack
from cmsite.index.records import Record
from cmsite.index.references import FileRef
from cmsite.index.root import Root

_Key = tuple[bytes, bytes]  # By which lines stand in order: digest of the name, repository and folder.


class DeltaPatch:
    """The delta of a root, changed record by record; `content` returns the checked bytes of a file."""

    def __init__(self, root: Root, content: Callable[[FileRef], bytes]) -> None:
        assert root.terms is not None  # noqa: S101 - without them there is no delta.
        docs = root.terms.docs
        self._docs = unpack(content(docs), where=blob_path(docs.sha256))
        self._hashes: set[int] = set()
        self._lines: list[tuple[_Key, bytes]] = []
        if root.delta is not None:
            head, *lines = unpack(content(root.delta), where=blob_path(root.delta.sha256)).splitlines()
            self._hashes = set(json.loads(head)["hashes"])
            self._lines = [(_key_of(json.loads(line)), line) for line in lines]

    def change(self, old: Record, new: Record, others: Sequence[Record]) -> bool:
        """Put a record in the place of another one of its name; `others` are the other records of its leaf.

        False where other documents are numbered with it, or it came or went: only all records can tell then.
        """
        hashed = hash_of(new.name)
        if not old.status.is_listed or not new.status.is_listed or old.name != new.name or old.uid != new.uid:
            return False
        if any(hash_of(other.name) == hashed for other in others):
            return False
        digest, head = key = _key_of(json.loads(emit_record(new)))
        at = bisect_left(self._lines, (key, b""))
        is_held = at < len(self._lines) and self._lines[at][0] == key
        if any(line_key[0] == digest and line_key[1] != head for line_key, _ in self._lines):
            return False
        text = docs_entry(place_of(*length_of(new), hashed, 0), [searched_digest(new)])
        if is_held:
            del self._lines[at]
        if self._folded(hashed) == text:
            self._hashes.discard(hashed)
        else:
            self._hashes.add(hashed)
            self._lines.insert(at, (key, delta_line(json.loads(emit_record(new)))))
        return True

    def packed(self) -> bytes | None:
        """Return the delta, nothing where all is as in the tree, None where it has grown too large."""
        limits = IndexLimits()
        if not self._hashes:
            return b""
        _, packed = packed_file(emit_delta(self._hashes, [line for _, line in self._lines]))
        fits = max(len(self._lines), len(self._hashes)) <= limits.delta_records and len(packed) <= limits.delta_bytes
        return packed if fits else None

    def _folded(self, hashed: int) -> bytes:
        """Return what is remembered of the documents of a hash."""
        count = len(self._docs) // DOCS_ENTRY
        start = bisect_left(range(count), hashed, key=self._hash_at)
        end = bisect_left(range(count), hashed + 1, key=self._hash_at)
        return self._docs[start * DOCS_ENTRY : end * DOCS_ENTRY]

    def _hash_at(self, number: int) -> int:
        found: int = struct.unpack_from(">I", self._docs, number * DOCS_ENTRY)[0]
        return found


def _key_of(values: dict[str, str]) -> _Key:
    name = f"{values['automation']}:{values['alias']}"
    head = json.dumps([values["repository"], values["folder"]]).encode("ascii")
    return key_digest(name), head
