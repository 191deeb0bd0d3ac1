"""All records of an index while it is emitted: one line each, in the order of leaves, and the documents they make.

At a million artifacts nothing else fits: a record is kept as its bytes, and read again where it is needed.
Source: docs/index-format.md, "Records" and "Documents".
"""

import hashlib
import json
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from json.encoder import encode_basestring_ascii
from typing import Any

from cmsite.errors import ConfigurationError
from cmsite.index.documents import documents_of, length_of, place_of, searched_fields
from cmsite.index.entries import MAX_ORDINAL
from cmsite.index.held import Held
from cmsite.index.layout import key_digest, leaf_number
from cmsite.index.lines import UidNames, emit_record, emit_searched, emit_uid, publishable, shortened
from cmsite.index.records import Record, Status
from cmsite.index.spreading import Spread, alone
from cmsite.index.strict import canonical

_DIGEST = 32
# Behind the lines: hash of the identity in this process, digest of what searches look at, listed, words, characters.
_TAIL = struct.Struct(">q8sBBB")
_HASH = 4  # Bytes.
_ROW = struct.Struct(">Iq8sBBB")  # The hash of the name, and the tail.
# What no search looks at.
_UNSEARCHED = ("versions", "licenses", "dependencies")
_DECODER = json.JSONDecoder()
DOCS_ENTRY = 8  # Bytes of a document in the publisher's memory: hash, and 4 bytes of what it is found by.


class Lines:
    """The records of one index, sorted by the hash of their name, then by repository and folder."""

    def __init__(self, records: Iterable[Record], spread: Spread = alone) -> None:
        self._entries = Held()
        self._uids = Held()
        seen: set[int] = set()
        self._several: set[int] = set()  # Hashes of identities that more than one record may have.
        for identities, entries, uids in spread.stream(_written, records):
            for identity in identities:
                (self._several if identity in seen else seen).add(identity)
            for entry in entries:
                self._entries.append(entry)
            for uid in uids:
                self._uids.append(uid)
        self._entries.sort()
        self._uids.sort()

    def __len__(self) -> int:
        return len(self._entries)

    def count_uids(self) -> int:
        """Return the number of different uids."""
        return sum(1 for _ in groupby(self._uids, key=lambda entry: entry[:8]))

    def leaves(self, bits: int) -> "Ranges":
        """Return the leaves of records."""
        return Ranges(self._entries, bits, _lean_lines)

    def uid_leaves(self, bits: int) -> "Ranges":
        """Return the leaves of uids."""
        return Ranges(self._uids, bits, _uid_lines)

    def forget_versions(self) -> None:
        """Give up what only leaves and `all` need, once they are written."""
        self._uids = Held()
        self._entries.shorten(_without_versions)

    def full(self, limit: int) -> bytes | None:
        """Return the lines of `all`, None where they are over `limit` bytes."""
        if self._entries.size_bytes() - _DIGEST * len(self._entries) > 2 * limit:
            return None
        content = b"".join(canonical(_values(entry)) + b"\n" for entry in self._entries)
        return content if len(content) <= limit else None

    def changed(self, hashes: set[int]) -> list[bytes]:
        """Return the lines of a delta: of all listed records of every identity that has one with such a hash."""
        near = [entry for entry in self._entries if _is_listed(entry) and _hash(entry) in hashes]
        identities = {identity for entry in near if (identity := _tail(entry)[0]) in self._several}
        if identities:
            wanted = {_record(entry).identity for entry in near}
            near = [
                entry
                for entry in self._entries
                if _is_listed(entry)
                and (_hash(entry) in hashes or (_tail(entry)[0] in identities and _record(entry).identity in wanted))
            ]
        return [delta_line(_values(entry)) for entry in near]

    def documents(self) -> "Documents":
        """Return the documents of all records."""
        return Documents(self._entries, self._several)


class Ranges:
    """The leaves of a tree as ranges of sorted entries, whose lines are made when a leaf is."""

    def __init__(
        self, entries: Sequence[bytes], bits: int, lines: Callable[[Sequence[bytes]], Iterable[bytes]]
    ) -> None:
        self._entries = entries
        self._lines = lines
        self.bits = bits
        self.numbers: list[int] = []
        self.starts: list[int] = []
        for position, entry in enumerate(entries):
            number = leaf_number(entry, bits)
            if not self.numbers or self.numbers[-1] != number:
                self.numbers.append(number)
                self.starts.append(position)
        self.starts.append(len(entries))

    def content(self, leaf: int) -> bytes:
        """Return the content of the leaf at a position of `numbers`."""
        lines = self._lines(self._entries[self.starts[leaf] : self.starts[leaf + 1]])
        return b"".join(line + b"\n" for line in lines)


class Documents:
    """Documents as numbers: `places`, and the `docs` by which the publisher remembers what they are found by."""

    def __init__(self, entries: Held, several: set[int]) -> None:
        self._entries = entries
        self.places = array("Q")
        self._records = array("L")  # The number of a document's first record.
        self._copies: dict[int, tuple[int, ...]] = {}  # By first record, where there are several.
        self.docs = bytearray()
        tails = b"".join(entry[:_HASH] + entry[-_TAIL.size :] for entry in entries)
        groups = list(_groups(tails, several))
        odd = self._odd([range(first, end) for first, end, is_odd in groups if is_odd])
        for first, _, is_odd in groups:
            if is_odd:
                for ordinal, members in odd.get(first, ()):
                    self._add(tails, ordinal, members)
            elif _ROW.unpack_from(tails, first * _ROW.size)[3]:
                self._add(tails, 0, (first,))

    def __len__(self) -> int:
        return len(self.places)

    def forget(self) -> None:
        """Give up the records, also those of the lines from which the documents were made."""
        self._entries.clear()

    def in_order(self) -> Sequence[int]:
        """Return the numbers of the documents by their places."""
        return sorted(range(len(self.places)), key=self.places.__getitem__)

    def records(self, number: int) -> list[Record]:
        """Return the copies of a document, the first one first, with what searches look at."""
        first = self._records[number]
        return [_record(self._entries[entry]) for entry in self._copies.get(first, (first,))]

    def _odd(self, groups: Iterable[range]) -> dict[int, list[tuple[int, tuple[int, ...]]]]:
        """Return the (ordinal, records) of documents that are not one record alone under its hash, by its first record."""
        chosen = {number: group[0] for group in groups for number in group}
        records = {number: _placed(self._entries[number]) for number in chosen}
        number_of = {id(record): number for number, record in records.items()}
        firsts: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        for document in documents_of(records.values()):
            members = tuple(number_of[id(record)] for record in document.records)
            firsts.setdefault(chosen[members[0]], []).append((document.ordinal, members))
        return firsts

    def _add(self, tails: bytes, ordinal: int, members: tuple[int, ...]) -> None:
        if ordinal > MAX_ORDINAL:
            name = _record(self._entries[members[0]]).name
            raise ConfigurationError(f"more than {MAX_ORDINAL} artifacts are called {name}; rename some of them")
        rows = [_ROW.unpack_from(tails, member * _ROW.size) for member in members]
        hashed, _, _, _, words, characters = rows[0]
        place = place_of(words, characters, hashed, ordinal)
        self.places.append(place)
        self._records.append(members[0])
        if len(members) > 1:
            self._copies[members[0]] = members
        self.docs += docs_entry(place, [row[2] for row in rows])


def _groups(tails: bytes, several: set[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield (first, end) of the records of each hash, and whether they are more than one that stands alone."""
    first, last, is_odd = 0, None, False
    for number, (hashed, identity, _, _, _, _) in enumerate(_ROW.iter_unpack(tails)):
        if hashed != last:
            if number:
                yield first, number, is_odd or number - first > 1
            first, last, is_odd = number, hashed, False
        is_odd = is_odd or identity in several
    if tails:
        end = len(tails) // _ROW.size
        yield first, end, is_odd or end - first > 1


def docs_entry(place: int, searched: Iterable[bytes]) -> bytes:
    """Return what is remembered of a document: its hash, and 4 bytes that change with what it is found by."""
    text = hashlib.sha256(place.to_bytes(8, "big") + b"".join(searched)).digest()[:4]
    return (place >> 16 & 0xFFFFFFFF).to_bytes(4, "big") + text


def searched_digest(record: Record) -> bytes:
    """Return 8 bytes that change with what searches look at in a record."""
    return hashlib.sha256(canonical(searched_fields(record))).digest()[:8]


def changed_hashes(old: bytes, new: bytes) -> set[int]:
    """Return the hashes under which documents came, went or changed between two memories."""
    if old == new:
        return set()
    before, after = _by_hash(old), _by_hash(new)
    return {hashed for hashed in before.keys() | after.keys() if before.get(hashed) != after.get(hashed)}


def delta_line(values: dict[str, Any]) -> bytes:
    """Return the line of a delta from the values of a record's line."""
    return canonical({key: value for key, value in values.items() if key not in _UNSEARCHED})


def _by_hash(docs: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for hashed, text in struct.iter_unpack(">I4s", docs):
        found[hashed] = found.get(hashed, b"") + text
    return found


def _written(records: Sequence[Record]) -> tuple[Sequence[int], list[bytes], list[bytes]]:
    """Return the hashes of identities in this process, the entries, and those of uids."""
    identities = array("q", (hash(record.identity) for record in records))
    entries = [_entry(record, identity) for record, identity in zip(records, identities, strict=True)]
    return identities, entries, [_uid_entry(record) for record in records if record.uid]


def _entry(record: Record, identity: int) -> bytes:
    if shortened(record.description) != record.description:
        record = publishable(record)
    try:
        return _made(record, identity)
    except UnicodeEncodeError:
        return _made(publishable(record), identity)


def _made(record: Record, identity: int) -> bytes:
    words, characters = length_of(record)
    head = f"[{encode_basestring_ascii(record.repository)}, {encode_basestring_ascii(record.folder)}]".encode("ascii")
    lean, more = emit_record(record, lean=True), emit_searched(record)
    tail = _TAIL.pack(identity, searched_digest(record), record.status.is_listed, words, characters)
    return b"".join((key_digest(record.name), head, b"\n", lean, b"\n", more, tail))


def _uid_entry(record: Record) -> bytes:
    """Return 8 bytes of the digest of a uid, the uid and a name."""
    try:
        return key_digest(record.uid)[:8] + canonical([record.uid, record.name])
    except UnicodeEncodeError:
        return _uid_entry(publishable(record))


def _lean_lines(entries: Sequence[bytes]) -> Iterator[bytes]:
    for entry in entries:
        yield _body(entry)[0]


def _uid_lines(entries: Sequence[bytes]) -> Iterator[bytes]:
    pairs = (json.loads(entry[8:]) for entry in entries)
    for uid, names in groupby(pairs, key=lambda pair: pair[0]):
        yield emit_uid(UidNames(uid=uid, names=tuple(sorted({name for _, name in names}))))


def _without_versions(entry: bytes) -> bytes:
    cut = entry.find(b',"versions":[', _DIGEST)
    # The last key of a line; no line holds a line feed.
    return entry[:cut] + b"}" + entry[entry.index(b"\n", cut) :] if cut >= 0 else entry


def _body(entry: bytes) -> list[bytes]:
    """Return the line of the leaf, and what searches look at beside it."""
    return entry[_DIGEST : -_TAIL.size].split(b"\n")[1:]


def _values(entry: bytes) -> dict[str, Any]:
    lean, more = _body(entry)
    values: dict[str, Any] = _decoded(lean)
    values.update(_decoded(more))
    return values


def _decoded(line: bytes) -> Any:
    """Return the value of a line of ours, which needs no checks."""
    return _DECODER.raw_decode(line.decode("utf-8"))[0]


def _record(entry: bytes) -> Record:
    """Return a record as far as searches look at it."""
    values = _values(entry)
    return Record(
        automation=values.get("automation", ""),
        automation_uid=values.get("automation_uid", ""),
        alias=values.get("alias", ""),
        uid=values.get("uid", ""),
        repository=values.get("repository", ""),
        rank=values.get("rank", 0),
        folder=values.get("folder", ""),
        format=values.get("format", ""),
        tags=tuple(values.get("tags", ())),
        description=values.get("description", ""),
        status=Status(values.get("status", Status.ACTIVE.value)),
        words=tuple(values.get("words", ())),
        variations=tuple(values.get("variations", ())),
        authors=tuple(values.get("authors", ())),
        has=tuple(values.get("has", ())),
    )


def _placed(entry: bytes) -> Record:
    """Return a record as far as it decides which records are one document, and their order."""
    values = _decoded(_body(entry)[0])
    return Record(
        automation=values.get("automation", ""),
        automation_uid=values.get("automation_uid", ""),
        alias=values.get("alias", ""),
        uid=values.get("uid", ""),
        repository=values.get("repository", ""),
        rank=values.get("rank", 0),
        folder=values.get("folder", ""),
        format="",
        status=Status(values.get("status", Status.ACTIVE.value)),
    )


def _tail(entry: bytes) -> tuple[int, bytes, int, int, int]:
    tail: tuple[int, bytes, int, int, int] = _TAIL.unpack_from(entry, len(entry) - _TAIL.size)
    return tail


def _is_listed(entry: bytes) -> bool:
    return entry[-3] == 1


def _hash(entry: bytes) -> int:
    return int.from_bytes(entry[:4], "big")
