"""Keys in order, and for each the documents that have it at each level, in few blocks of memory.

Workers that share them copy nothing, as there are no references in them to count.
"""

from array import array
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

LEVELS = (3, 2, 1)


class Part(NamedTuple):
    """Consecutive keys with their lists, as bytes of arrays of 32 bits but for the text.

    `sizes` are those of the keys in `text`; by level, `counts` tells how many documents each key has, and `numbers` are
    all of these, key after key.
    """

    text: bytes
    sizes: bytes
    counts: Mapping[int, bytes]
    numbers: Mapping[int, bytes]


class Postings:
    """The lists of all keys, by their place in the order of keys."""

    def __init__(self, parts: Iterable[Part]) -> None:
        """Take the keys part by part, in their order."""
        self.totals = array("I")  # How many documents have each key.
        self._text = bytearray()
        self._ends = array("Q")
        self._numbers = {level: array("I") for level in LEVELS}
        self._bounds = {level: array("Q") for level in LEVELS}
        for part in parts:
            counted = (array("I", part.counts[level]) for level in LEVELS)
            self.totals.extend(map(sum, zip(*counted, strict=True)))
            _extend(self._ends, part.sizes)
            self._text += part.text
            for level in LEVELS:
                _extend(self._bounds[level], part.counts[level])
                self._numbers[level].frombytes(part.numbers[level])

    def __len__(self) -> int:
        return len(self._ends)

    def key(self, place: int) -> str:
        """Return the key of a place."""
        return self._text[self._ends[place - 1] if place else 0 : self._ends[place]].decode("utf-8")

    def counts(self, place: int) -> list[int]:
        """Return how many documents have the key at each level."""
        return [bounds[place] - (bounds[place - 1] if place else 0) for bounds in self._bounds.values()]

    def numbers(self, place: int, level: int) -> "array[int]":
        """Return the documents that have the key at a level."""
        bounds = self._bounds[level]
        return self._numbers[level][bounds[place - 1] if place else 0 : bounds[place]]

    def all_numbers(self, place: int) -> "array[int]":
        """Return the documents that have the key, level after level."""
        found = array("I")
        for level in LEVELS:
            found += self.numbers(place, level)
        return found


def _extend(ends: "array[int]", sizes: bytes) -> None:
    """Add the ends of what has these sizes and follows what is there."""
    last = ends[-1] if ends else 0
    ends.extend(array("Q", accumulate(array("I", sizes), initial=last))[1:])
