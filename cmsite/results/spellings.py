"""Values of a column that look like another spelling of a more frequent one; nothing is merged.

Two rules, both meant to keep quiet rather than to cry wolf. Values that differ in nothing but case, blanks, `-` and `_`
are spellings of one. A value is also one where a single word differs from that of a value at least twice as frequent by
one letter put in, left out or exchanged within it: versions, sizes and models, which hold digits or end in a letter of
their own, are therefore never taken for each other. Source: facts/results.md §4 (`languge-processing`; `CTuning` beside `cTuning`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_VALUES = 300  # Different texts of a column that is looked at.
MAX_LENGTH = 200  # Characters of a text that is looked at.
MAX_TOKENS = 30  # Words and signs of one.
MIN_WORD = 5  # Letters of the shorter of two words: `CPU` and `GPU` are no spellings of each other.
RARER = 2  # How many times more frequent the right spelling of a word must be.

_SEPARATORS = re.compile(r"(?<!\d)[\s_-]+|[\s_-]+(?!\d)")
_TOKENS = re.compile(r"[^\W_]+|[^\w\s-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """A value, how many rows have it, and the more frequent value that it looks like."""

    value: str
    rows: int
    usual: str
    usual_rows: int


def spellings(counts: Mapping[str, int]) -> tuple[Spelling, ...]:
    """Return the odd spellings of a column, by value; none where it has too many different texts.

    `counts` says how many rows have each text.

    >>> [(found.value, found.usual) for found in spellings({"PyTorch": 9, "Pytorch": 2, "v3.0": 9, "v3.1": 1})]
    [('Pytorch', 'PyTorch')]
    """
    if len(counts) > MAX_VALUES:
        return ()
    known = {value: rows for value, rows in counts.items() if len(value) <= MAX_LENGTH}
    found: dict[str, Spelling] = {}
    for odd, usual in (*_cases(known), *_words(known)):
        if odd not in found:
            found[odd] = Spelling(value=odd, rows=known[odd], usual=usual, usual_rows=known[usual])
    return tuple(found[value] for value in sorted(found))


def _cases(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield values beside a more frequent one that differs in case, blanks, `-` and `_` only.

    >>> list(_cases({"120 MHz": 9, "120MHz": 2, "1 2": 1, "12": 5}))
    [('120MHz', '120 MHz')]
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for value in counts:
        alike[_SEPARATORS.sub("", value.strip().casefold())].append(value)
    for values in alike.values():
        usual = min(values, key=lambda value: (-counts[value], value))
        yield from ((value, usual) for value in values if counts[value] < counts[usual])


def _words(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield values beside a much more frequent one of which one word differs by a letter.

    >>> list(_words({"bare-mental": 9, "bare metal": 20, "bare metals": 1}))
    [('bare-mental', 'bare metal')]
    """
    places: defaultdict[tuple[int, tuple[str, ...], str], list[tuple[str, str]]] = defaultdict(list)
    for value in counts:
        tokens = tuple(_TOKENS.findall(value.casefold()))
        for place, word in enumerate(tokens if len(tokens) <= MAX_TOKENS else ()):
            if word.isalpha() and len(word) >= MIN_WORD:
                rest = (*tokens[:place], *tokens[place + 1 :])
                places[place, rest, f"{word[0]}{word[-1]}"].append((word, value))
    for members in places.values():
        usual_first = sorted(members, key=lambda member: (-counts[member[1]], member[1]))
        for number, (word, value) in enumerate(usual_first):
            for other, usual in usual_first[:number]:
                if RARER * counts[value] <= counts[usual] and _is_one_letter_off(word, other):
                    yield value, usual
                    break


def _is_one_letter_off(one: str, other: str) -> bool:
    """Return whether a letter was put in, left out or exchanged for another.

    >>> _is_one_letter_off("platium", "platinum"), _is_one_letter_off("metal", "metal")
    (True, False)
    """
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or one == other:
        return False
    same = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
