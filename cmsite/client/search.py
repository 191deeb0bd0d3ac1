"""Searching records by words and tags: pure, over the lines of `all`.

A word of the query must begin a word of the name, the tags, the description or the uid (upper and lower case are
one); where no artifact has all words, those that have most of them are found. Tags are exact, all of them must be
there, `-tag` must not. A line that cannot match is never parsed.
Source: facts/formats.md §1 (tags are AND, `-tag` excludes); CONTRACT §1 (one hit for all origins of a uid).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.client.ranking import SYNONYMS, fold, is_exact, split_words, terms_of, weights_of, word_points
from cmsite.errors import UsageError
from cmsite.index.records import Record, Status

_NO_WORD = re.compile(r"[\W_]+")
_NO_WORD_ASCII = bytes(code for code in range(128) if not chr(code).isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; an empty query finds everything.

    `phrase` are all words in the order they were typed, folded; `words` are the different ones.
    """

    phrase: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    automation: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Return the different words in the order they were typed."""
        return tuple(dict.fromkeys(self.phrase))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One artifact found: the origin of the first repository, and the other repositories that hold it.

    `missing` counts the words of the query that it does not have.
    """

    record: Record
    others: tuple[Record, ...] = ()
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A record that passed the filters, and the points of each word."""

    record: Record
    points: tuple[int, ...]

    @property
    def covered(self) -> int:
        return sum(1 for points in self.points if points)


def parse_query(words: Iterable[str] = (), tags: str = "", automation: str = "") -> Query:
    """Return a query; `tags` are separated by commas, `-` before one excludes it.

    Raises `UsageError` where words were given that hold no letter or digit.

    >>> parse_query(["get-dataset"], "coco,-small").words
    ('get', 'dataset')
    """
    text = " ".join(words).strip()
    phrase = tuple(split_words(text))
    if text and not phrase:
        raise UsageError(f"{text!r} holds no letter or digit to search for")
    named = [tag.strip() for tag in tags.split(",") if tag.strip()]
    return Query(
        phrase=phrase,
        tags=tuple(tag for tag in named if not tag.startswith("-")),
        excluded=tuple(tag[1:] for tag in named if tag.startswith("-")),
        automation=automation,
    )


def may_match(line: str, query: Query, *, some: bool = False) -> bool:
    """Return whether a record's line can hold all words (`some` of them), from its text alone; only False is certain.

    The format writes characters as they are; a line with other escapes is never ruled out.
    """
    if "\\u" in line:
        return True
    if any(json.dumps(tag, ensure_ascii=False) not in line for tag in query.tags):
        return False
    if not query.phrase:
        return True
    squeezed = _squeezed(line)
    return (any if some else all)(word in squeezed or SYNONYMS.get(word, word) in squeezed for word in query.phrase)


def _squeezed(line: str) -> str:
    """Return the letters and digits of a line alone, as neighbouring words count as one too."""
    if line.isascii():
        return line.encode("ascii").translate(None, _NO_WORD_ASCII).lower().decode("ascii")
    return _NO_WORD.sub("", fold(line))


def passes(record: Record, query: Query) -> bool:
    """Return whether a record has what is asked for beside words; removed, moved and purged ones never do."""
    if not record.status.is_listed:
        return False
    if query.automation and query.automation not in (record.automation, record.automation_uid):
        return False
    return set(query.tags) <= set(record.tags) and not set(query.excluded) & set(record.tags)


def ranked(records: Iterable[Record], query: Query) -> tuple[Hit, ...]:
    """Return one hit an artifact, best first, of those records that have the most words of the query."""
    words = query.words
    passing = [record for record in records if passes(record, query)]
    found = [_Candidate(record=record, points=word_points(terms_of(record), words)) for record in passing]
    most = max((one.covered for one in found), default=0)
    if words and not most:
        return ()
    found = [one for one in found if one.covered == most]
    weights = weights_of([one.points for one in found])
    groups: dict[tuple[str, str], list[_Candidate]] = {}
    for one in sorted(found, key=lambda one: (one.record.rank, one.record.key)):
        groups.setdefault(one.record.identity, []).append(one)
    ordered = sorted(groups.values(), key=lambda group: min(_order(one, query, weights) for one in group))
    return tuple(
        Hit(record=group[0].record, others=tuple(one.record for one in group[1:]), missing=len(words) - most)
        for group in ordered
    )


def _order(one: _Candidate, query: Query, weights: tuple[int, ...]) -> tuple[object, ...]:
    """Return what candidates are sorted by: exact names, points, active ones, short names, then by name."""
    record = one.record
    if not weights:
        return (record.name, record.rank, record.key)
    score = sum(weight * points for weight, points in zip(weights, one.points, strict=True))
    alias = split_words(record.alias)
    exact = is_exact(record, query.phrase)
    passive = record.status is not Status.ACTIVE
    return (not exact, -score, passive, len(alias), sum(map(len, alias)), record.name, record.rank, record.key)
