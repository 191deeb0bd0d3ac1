"""Entries of the tree of terms: 24 bytes that name a document, place it, and tell its level for every common key.

They are kept as columns, since equal bytes beside each other pack well. Source: docs/index-format.md, "The tree of terms".
"""

import binascii
import struct
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cmsite.errors import IntegrityError
from cmsite.index.documents import place_of

SIZE = 24  # Bytes of an entry: hash 4, ordinal 2, words 1, characters 1, mask 16.
TEXT_SIZE = 32  # Characters of an entry in base64; there is never padding.
MASK_BYTES = 16
MAX_COMMON = 64  # Keys with a slot of 2 bits in the mask.
MAX_ORDINAL = 0xFFFF

_ROW = struct.Struct(f">IHBB{MASK_BYTES}s")


class Entry(NamedTuple):
    """One document in a list."""

    hash: int
    ordinal: int
    words: int
    characters: int
    mask: bytes

    @property
    def document(self) -> int:
        """Return the number that names the document within its index."""
        return self.hash << 16 | self.ordinal

    @property
    def place(self) -> int:
        """Return the document's place among equals."""
        return place_of(self.words, self.characters, self.hash, self.ordinal)

    def level(self, slot: int) -> int:
        """Return the document's level for the common key of a slot, 0 where it lacks it."""
        return self.mask[slot >> 2] >> ((slot & 3) << 1) & 3


def row(place: int, mask: int) -> bytes:
    """Return the entry of a document from its place and its levels for common keys, 2 bits a slot."""
    placed = place.to_bytes(8, "big")
    return placed[2:] + placed[:2] + mask.to_bytes(MASK_BYTES, "little")


def emit_entries(rows: bytes) -> bytes:
    """Return the base64 of the columns of entries that stand one after another in `rows`."""
    columns = rows if len(rows) == SIZE else b"".join([rows[column::SIZE] for column in range(SIZE)])
    return binascii.b2a_base64(columns, newline=False)


def counts_of_common(rows: bytes, count: int) -> list[int]:
    """Return for each of `count` slots how many of the entries in `rows` have its key, at any level."""
    found: list[int] = []
    for column in range(SIZE - MASK_BYTES, SIZE):
        masks = Counter(rows[column::SIZE])
        found += [sum(number for mask, number in masks.items() if mask >> shift & 3) for shift in (0, 2, 4, 6)]
    return found[:count]


def parse_entries(text: str, count: int, where: str) -> Iterator[Entry]:
    """Return the entries of a list of `count`.

    Raises `IntegrityError` where there are more or fewer, or the text is no base64.
    """
    if len(text) != TEXT_SIZE * count:
        raise IntegrityError(f"{where}: {len(text)} characters of entries, expected {TEXT_SIZE * count} for {count}")
    try:
        columns = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise IntegrityError(f"{where}: the entries are not base64: {error}") from error
    if len(columns) != SIZE * count:
        raise IntegrityError(f"{where}: {len(columns)} bytes of entries, expected {SIZE * count}")
    rows = bytearray(len(columns))
    for column in range(SIZE):
        rows[column::SIZE] = columns[column * count : (column + 1) * count]
    return map(Entry._make, _ROW.iter_unpack(bytes(rows)))
