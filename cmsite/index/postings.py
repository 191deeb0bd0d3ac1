"""Keys in order, and for each the documents that have it at each level, in few blocks of memory.

Workers that share them copy nothing, as there are no references in them to count.
"""

from array import array
from collections.abc import Sequence

LEVELS = (3, 2, 1)

# Key → numbers of its documents, for each level.
Lists = dict[int, dict[str, "array[int]"]]


class Postings:
    """The lists of all keys, by their place in the order of keys."""

    def __init__(self, lists: Lists) -> None:
        """Take the lists over; none is left in `lists`."""
        self._text = bytearray()
        self._ends = array("Q")
        self._numbers = {level: array("I") for level in LEVELS}
        self._bounds = {level: array("L") for level in LEVELS}
        for key in sorted(set().union(*lists.values())):
            self._text += key.encode("utf-8")
            self._ends.append(len(self._text))
            for level in LEVELS:
                numbers = self._numbers[level]
                numbers.extend(lists[level].pop(key, ()))
                self._bounds[level].append(len(numbers))

    def __len__(self) -> int:
        return len(self._ends)

    def key(self, place: int) -> str:
        """Return the key of a place."""
        return self._text[self._ends[place - 1] if place else 0 : self._ends[place]].decode("utf-8")

    def counts(self, place: int) -> list[int]:
        """Return how many documents have the key at each level."""
        return [bounds[place] - (bounds[place - 1] if place else 0) for bounds in self._bounds.values()]

    def numbers(self, place: int, level: int) -> Sequence[int]:
        """Return the documents that have the key at a level."""
        bounds = self._bounds[level]
        return self._numbers[level][bounds[place - 1] if place else 0 : bounds[place]]
