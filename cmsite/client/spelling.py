"""Words near to a misspelt one: a letter or two inserted, left out, replaced, or exchanged with its neighbour.

Source: docs/index-format.md, "Searching the tree of terms".
"""

from collections.abc import Iterable

MAX_HINTS = 3  # That a person is offered.
MIN_HINT_LETTERS = 3  # Of a word that may be misspelt.

_LONG = 8  # Letters of a word from which on two changes may be a slip.


def near_keys(word: str, keys: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return word keys near to a word, the nearest first, then those of most documents.

    >>> near_keys("detcet", [("detect", 9), ("detects", 2), ("#detcet", 1)])
    ('detect',)
    """
    most = 2 if len(word) >= _LONG else 1
    found = []
    for key, count in keys:
        if key[0].isalnum() and abs(len(key) - len(word)) <= most and key != word:
            changes = _changes(word, key)
            if changes <= most:
                found.append((changes, -count, key))
    return tuple(dict.fromkeys(key for _, _, key in sorted(found)))


def _changes(one: str, other: str) -> int:
    """Return the number of changes that make one word the other (optimal string alignment)."""
    older: list[int] = []
    before = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for at, wanted in enumerate(other, start=1):
            cost = min(before[at] + 1, now[at - 1] + 1, before[at - 1] + (letter != wanted))
            if row > 1 and at > 1 and letter == other[at - 2] and one[row - 2] == wanted:
                cost = min(cost, older[at - 2] + 1)
            now.append(cost)
        older, before = before, now
    return before[-1]
