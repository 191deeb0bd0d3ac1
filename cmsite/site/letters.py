"""The order of names in lists, and the letters under which long lists are cut into parts.

Three ranks: what begins with no letter, a to z, and other letters; case does not matter until names are otherwise equal.
"""

import string
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")

OTHERS = "other"


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


def grouped(items: Sequence[T], name: Callable[[T], str]) -> list[tuple[str, list[T]]]:
    """Return the letters of sorted items, each with what stands under it."""
    return [(letter, list(found)) for letter, found in groupby(items, key=lambda item: letter_of(name(item)))]


def first_places(names: Iterable[str]) -> dict[str, int]:
    """Return at which place of sorted names each letter begins.

    >>> first_places(["1", "a", "a2", "c"])
    {'0': 0, 'a': 1, 'c': 3}
    """
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(letter_of(name), place)
    return places


def _rank(folded: str) -> int:
    first = folded[:1]
    if first in string.ascii_lowercase:
        return 1 if first else 0
    return 2 if first.isalpha() else 0
