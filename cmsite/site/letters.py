"""The order of names in lists, and the letters under which long lists are cut into parts.

Three ranks: what begins with no letter, a to z, and other letters; case does not matter until names are otherwise equal.
"""

import string
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

OTHERS = "other"
_RANKS = ("0", *string.ascii_lowercase, OTHERS)


def order(name: str) -> tuple[int, str, str]:
    """Return the key names are sorted by.

    >>> sorted(["Éa", "b", "28", "_x", "B", "a"], key=order)
    ['28', '_x', 'a', 'B', 'b', 'Éa']
    """
    folded = name.casefold()
    return (_rank(folded), folded, name)


def letter_of(name: str) -> str:
    """Return the letter a name stands under: `a` to `z`, `0` for what begins with no letter, else `other`.

    >>> letter_of("Beta"), letter_of("28"), letter_of("Éa"), letter_of("")
    ('b', '0', 'other', '0')
    """
    folded = name.casefold()
    return ("0", folded[:1], OTHERS)[_rank(folded)]


def title_of(letter: str) -> str:
    """Return how a letter is shown.

    >>> title_of("b"), title_of("0"), title_of("other")
    ('B', '0–9', 'Others')
    """
    return {"0": "0–9", OTHERS: "Others"}.get(letter, letter.upper())


def first_places(items: Sequence[T], name: Callable[[T], str]) -> list[tuple[str, int]]:
    """Return the letters of sorted items and at which place each begins; looks at few of the items.

    >>> first_places(["1", "a", "a2", "c"], str)
    [('0', 0), ('a', 1), ('c', 3)]
    """
    places: list[tuple[str, int]] = []
    place = 0
    while place < len(items):
        letter = letter_of(name(items[place]))
        places.append((letter, place))
        place = bisect_right(items, _RANKS.index(letter), place, key=lambda item: _RANKS.index(letter_of(name(item))))
    return places


def _rank(folded: str) -> int:
    first = folded[:1]
    if first in string.ascii_lowercase:
        return 1 if first else 0
    return 2 if first.isalpha() else 0
