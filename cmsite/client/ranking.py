"""How well a record answers words: the formula that docs/index-format.md fixes and the find page computes too.

Whole numbers only, so that every reader in every language comes to the same order. Which records are looked at, and
filters by tag, stand in `search`. Changed together with site_templates/assets/ranking.js; a test compares the two.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from cmsite.index.records import Record

# Points of a word found in a field: as a whole word (`python` in `python3` is one), as the beginning of one.
NAME_POINTS = (10, 6)  # Its least is above all that other fields give.
TAG_POINTS = (5, 3)
DESCRIPTION_POINTS = (3, 2)
OTHER_POINTS = (2, 1)  # The automation and the uid.
# What newcomers say and CM says otherwise: its `get` finds, else downloads or installs. Half of the points.
SYNONYMS: Mapping[str, str] = {"download": "get", "fetch": "get", "install": "get"}

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The words of a record's fields, folded; each text has a blank before and after every word."""

    name: str
    tags: str
    description: str
    other: str


def fold(text: str) -> str:
    """Return text in the one form in which words are compared, which JavaScript has too.

    >>> fold("Größe ΟΔΟΣ COCO")
    'grösse οδοσ coco'
    """
    return text.lower() if text.isascii() else text.upper().lower().replace("ς", "σ")


def split_words(text: str) -> list[str]:
    """Return the words of a text, folded: what stands between signs that are neither letters nor digits.

    >>> split_words("get-dataset_COCO 2014")
    ['get', 'dataset', 'coco', '2014']
    """
    return _WORD.findall(fold(text))


def terms_of(record: Record) -> Terms:
    """Return the words of a record; names and tags also have neighbours run together (`open-images`, `openimages`)."""
    return Terms(
        name=_joined(_with_pairs(split_words(record.alias))),
        tags=_joined(word for tag in record.tags for word in _with_pairs(split_words(tag))),
        description=_joined(split_words(record.description)),
        other=_joined([*split_words(record.automation), *split_words(record.uid)]),
    )


def word_points(terms: Terms, words: Sequence[str]) -> tuple[int, ...]:
    """Return the points of each word of a query, 0 where the record has it nowhere.

    Neighbours of the query count as one word too: `onnx runtime` finds `onnxruntime`.
    """
    points = [max(_points(terms, word), _points(terms, SYNONYMS.get(word, "")) // 2) for word in words]
    for at, (word, following) in enumerate(pairwise(words)):
        together = _points(terms, word + following)
        points[at] = max(points[at], together)
        points[at + 1] = max(points[at + 1], together)
    return tuple(points)


def weights_of(found: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the weight of each word, from the points of all that was found: names that are rarer there count more.

    A word that half as many have in their name weighs one more.

    >>> weights_of([(10, 10), (10, 3), (10, 3), (10, 0)])
    (1, 3)
    """
    named = [sum(1 for points in column if points >= NAME_POINTS[-1]) for column in zip(*found, strict=True)]
    return tuple((len(found) // max(1, number)).bit_length() for number in named)


def is_exact(record: Record, phrase: Sequence[str]) -> bool:
    """Return whether the words asked for are just the artifact's name, with or without its automation, or its uid."""
    alias = split_words(record.alias)
    return list(phrase) in (alias, [*split_words(record.automation), *alias], split_words(record.uid))


def _points(terms: Terms, word: str) -> int:
    if not word:
        return 0
    beginning = f" {word}"
    for text, (most, least) in (
        (terms.name, NAME_POINTS),
        (terms.tags, TAG_POINTS),
        (terms.description, DESCRIPTION_POINTS),
        (terms.other, OTHER_POINTS),
    ):
        if beginning in text:
            return most if _whole(word).search(text) else least
    return 0


@lru_cache(maxsize=256)
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(f" {re.escape(word)}[0-9]* ")


def _with_pairs(words: list[str]) -> list[str]:
    return [*words, *(first + second for first, second in pairwise(words))]


def _joined(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "
