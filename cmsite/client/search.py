"""Searching records by words and tags: pure, over the lines of `all`.

A word of the query must begin a word of the name, the tags, the description or the uid (upper and lower case are
one); tags are exact, all of them must be there, `-tag` must not. A line that cannot match is never parsed.
Source: facts/formats.md §1 (tags are AND, `-tag` excludes); CONTRACT §1 (one hit for all origins of a uid).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.errors import UsageError
from cmsite.index.records import Record, Status

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; an empty query finds everything. `words` are split and folded already."""

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    automation: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One artifact found: the origin of the first repository, and the other repositories that hold it."""

    record: Record
    others: tuple[Record, ...] = ()


def parse_query(words: Iterable[str] = (), tags: str = "", automation: str = "") -> Query:
    """Return a query; `tags` are separated by commas, `-` before one excludes it.

    Raises `UsageError` where words were given that hold no letter or digit.

    >>> parse_query(["get-dataset"], "coco,-small").words
    ('get', 'dataset')
    """
    text = " ".join(words).strip()
    split = tuple(dict.fromkeys(split_words(text)))
    if text and not split:
        raise UsageError(f"{text!r} holds no letter or digit to search for")
    named = [tag.strip() for tag in tags.split(",") if tag.strip()]
    return Query(
        words=split,
        tags=tuple(tag for tag in named if not tag.startswith("-")),
        excluded=tuple(tag[1:] for tag in named if tag.startswith("-")),
        automation=automation,
        text=text.casefold(),
    )


def split_words(text: str) -> list[str]:
    """Return the words of a text, folded.

    >>> split_words("get-dataset_COCO 2014")
    ['get', 'dataset', 'coco', '2014']
    """
    return _WORD.findall(text.casefold())


def may_match(line: str, query: Query) -> bool:
    """Return whether a record's line can match, from its text alone; False is certain, True is not.

    The format writes characters as they are; a line with other escapes is never ruled out.
    """
    if "\\u" in line:
        return True
    if any(json.dumps(tag, ensure_ascii=False) not in line for tag in query.tags):
        return False
    folded = line.casefold()
    return all(word in folded for word in query.words)


def matches(record: Record, query: Query) -> bool:
    """Return whether a record is found; removed ones never are."""
    if record.status is Status.REMOVED:
        return False
    if query.automation and query.automation not in (record.automation, record.automation_uid):
        return False
    if not set(query.tags) <= set(record.tags) or set(query.excluded) & set(record.tags):
        return False
    found = split_words(" ".join((record.name, *record.tags, record.description, record.uid)))
    return all(any(word.startswith(asked) for word in found) for asked in query.words)


def ranked(records: Iterable[Record], query: Query) -> tuple[Hit, ...]:
    """Return one hit an artifact, best first: the exact name, then words in the name, then the rest, by name."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda record: (record.rank, record.key)):
        groups.setdefault(record.identity, []).append(record)
    hits = [Hit(record=first, others=tuple(others)) for first, *others in groups.values()]
    return tuple(sorted(hits, key=lambda hit: (_distance(hit.record, query), hit.record.name, hit.record.key)))


def _distance(record: Record, query: Query) -> int:
    if query.text and query.text in (record.alias.casefold(), record.name.casefold(), record.uid):
        return 0
    alias = split_words(record.alias)
    if query.words and all(word in alias for word in query.words):
        return 1
    if query.words and all(any(own.startswith(word) for own in alias) for word in query.words):
        return 2
    return 3
