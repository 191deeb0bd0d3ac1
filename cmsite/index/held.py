"""Many short byte strings in blocks of memory, sorted.

A million objects would take more, and workers that read them would copy them all: looking at an object counts references.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import overload

_SORTED_BY = 8  # Bytes at the start of each string, as a number; what is equal in them is compared as a whole.
_BLOCK_BITS = 14  # Of the number of a string within its block.
_BLOCK = 1 << _BLOCK_BITS


class Held(Sequence[bytes]):
    """Byte strings of at least 8 bytes each; they are read once all are added and sorted."""

    def __init__(self) -> None:
        self._blocks: list[bytes | bytearray] = []
        self._ends = array("L")  # Within the block.
        self._order = array("L")

    def append(self, string: bytes) -> None:
        """Add a string, behind those that are there."""
        if not len(self._ends) % _BLOCK:
            self._blocks.append(bytearray())
        self._blocks[-1] += string
        self._ends.append(len(self._blocks[-1]))

    def clear(self) -> None:
        """Give up all strings."""
        self._blocks.clear()
        self._ends = array("L")
        self._order = array("L")

    def sort(self) -> None:
        """Put the strings in rising order; none can be added then."""
        places = range(len(self._ends))
        firsts = array("Q", (int.from_bytes(self._string(place)[:_SORTED_BY], "big") for place in places))
        self._order = array("L", sorted(places, key=firsts.__getitem__))
        start = 0
        for _, some in groupby(array("L", self._order), key=firsts.__getitem__):
            equal = list(some)
            if len(equal) > 1:
                self._order[start : start + len(equal)] = array("L", sorted(equal, key=self._string))
            start += len(equal)
        for number, block in enumerate(self._blocks):
            self._blocks[number] = bytes(block)  # Without the room to grow.

    def shorten(self, shorter: Callable[[bytes], bytes]) -> None:
        """Put what a function makes of it in the place of each string; the order stays as it is."""
        ends = array("L")
        for number in range(len(self._blocks)):
            block = bytearray()
            for place in range(number << _BLOCK_BITS, min((number + 1) << _BLOCK_BITS, len(self._ends))):
                block += shorter(self._string(place))
                ends.append(len(block))
            self._blocks[number] = bytes(block)
        self._ends = ends

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[bytes]:
        return map(self._string, self._order)

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> list[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | list[bytes]:
        """Return the string of a place, or those of several."""
        if isinstance(number, slice):
            return [self._string(place) for place in self._order[number]]
        return self._string(self._order[number])

    def size_bytes(self) -> int:
        """Return how many bytes all strings have."""
        return sum(map(len, self._blocks))

    def _string(self, place: int) -> bytes:
        start = self._ends[place - 1] if place % _BLOCK else 0
        return bytes(self._blocks[place >> _BLOCK_BITS][start : self._ends[place]])
