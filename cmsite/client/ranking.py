"""How well documents answer words: the formula that docs/index-format.md fixes and the find page computes too.

Whole numbers only, so that every reader in every language comes to the same order. Which documents are looked at stands
in `search`. Changed together with site_templates/assets/ranking.js; a test compares the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from cmsite.index.documents import NAME, TAGS, TEXT
from cmsite.index.words import MAX_KEY_CHARACTERS

# Points of a word that stands at a level: as a whole word, as the beginning of one.
WHOLE_POINTS: Mapping[int, int] = {NAME: 10, TAGS: 5, TEXT: 3}
BEGINNING_POINTS: Mapping[int, int] = {NAME: 6, TAGS: 3, TEXT: 2}
LEAST_IN_NAME = 6  # Above all that tags and text give.
# What newcomers say and CM says otherwise: its `get` finds, else downloads or installs. Half of the points.
SYNONYMS: Mapping[str, str] = {"download": "get", "fetch": "get", "install": "get"}

_T = TypeVar("_T")


class Sought(NamedTuple):
    """What one word of a query is looked up as: `full` for all points, `half` for half of them."""

    full: tuple[str, ...]
    half: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found(Generic[_T]):
    """Something considered: its place among equals (lower is better) and the points of each word of the query."""

    item: _T
    place: int
    points: tuple[int, ...]

    @property
    def covered(self) -> int:
        """Return how many words of the query it has."""
        return len(self.points) - self.points.count(0)


def sought(words: Sequence[str]) -> tuple[Sought, ...]:
    """Return what each of the different words of a query is looked up as.

    Neighbours count as one word too: `onnx runtime` finds `onnxruntime`.

    >>> sought(["onnx", "runtime"])[1].full
    ('runtime', 'onnxruntime')
    """
    full = [[word] for word in words]
    for at, (word, following) in enumerate(pairwise(words)):
        together = (word + following)[:MAX_KEY_CHARACTERS]
        full[at].append(together)
        full[at + 1].append(together)
    synonyms = ((SYNONYMS[word],) if word in SYNONYMS else () for word in words)
    return tuple(Sought(tuple(texts), half) for texts, half in zip(full, synonyms, strict=True))


def points_in(keys: Mapping[str, int], words: Sequence[Sought]) -> tuple[int, ...]:
    """Return the points of each word in a document with these keys, 0 where it has it nowhere."""
    texts = _texts(keys)
    return tuple(
        max(
            *(_points(keys, texts, text) for text in word.full),
            *(_points(keys, texts, text) // 2 for text in word.half),
            0,
        )
        for word in words
    )


def best_first(found: Iterable[Found[_T]], words: int) -> list[Found[_T]]:
    """Return those that have the most of `words` words, ordered; nothing where there are words and none has any."""
    some = list(found)
    if not words:
        return sorted(some, key=lambda one: one.place)
    most = max((one.covered for one in some), default=0)
    if not most:
        return []
    kept = [one for one in some if one.covered == most]
    weights = weights_of([one.points for one in kept])
    kept.sort(key=lambda one: (-sum(map(int.__mul__, weights, one.points)), one.place))
    return kept


def weights_of(found: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the weight of each word, from the points of all that was found: names that are rarer there count more.

    A word that half as many have in their name weighs one more.

    >>> weights_of([(10, 10), (10, 3), (10, 3), (10, 0)])
    (1, 3)
    """
    named = [sum(1 for points in column if points >= LEAST_IN_NAME) for column in zip(*found, strict=True)]
    return tuple((len(found) // max(1, number)).bit_length() for number in named)


def _texts(keys: Mapping[str, int]) -> tuple[tuple[int, str], ...]:
    """Return the word keys of each level in one text, with a blank before each, so that beginnings are found at once."""
    texts: dict[int, list[str]] = {NAME: [], TAGS: [], TEXT: []}
    for key, level in keys.items():
        if key[0].isalnum():  # A tag may hold blanks, and what stands behind one of them begins no word.
            texts[level].append(key)
    return tuple((level, f" {' '.join(found)}") for level, found in texts.items() if found)


def _points(keys: Mapping[str, int], texts: Sequence[tuple[int, str]], text: str) -> int:
    whole = WHOLE_POINTS[keys[text]] if text in keys else 0
    beginning = f" {text}"
    for level, joined in texts:
        least = BEGINNING_POINTS[level]
        if least <= whole:
            break
        if beginning in joined:
            return least
    return whole
