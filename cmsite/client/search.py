"""Searching the lines of `all`: every document is looked at, which is what the tree of terms must come to as well.

A line that cannot matter is never parsed. Source: docs/index-format.md, "Searching".
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cmsite.client.naming import lasting_reference
from cmsite.client.query import Query, accepts
from cmsite.client.ranking import SYNONYMS, Found, best_first, points_in, sought
from cmsite.client.spelling import MAX_HINTS, MIN_HINT_LETTERS, near_keys
from cmsite.index.documents import REPOSITORY, TAG, Document, documents_of
from cmsite.index.records import Record
from cmsite.index.words import MAX_KEY_CHARACTERS, fold
from cmsite.model.names import is_uid

_NO_WORD = re.compile(r"[\W_]+")
_NO_WORD_ASCII = bytes(code for code in range(128) if not chr(code).isalnum())
_UID = re.compile(r'[{,]"uid":"([^"\\]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One artifact found: the first of its copies, and the others that are known."""

    record: Record
    others: tuple[Record, ...] = ()

    @property
    def reference(self) -> str:
        """Return a reference that means this artifact, with its repository and uid."""
        return lasting_reference(self.record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a search came to: the best `hits`, and how many artifacts there are in all.

    `missing` counts the words of the query that the artifacts found do not have; `total` is a lower bound where it is
    not `total_is_exact`; `hints` are words that a misspelt one may have meant.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    total_is_exact: bool = True
    missing: int = 0
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


def relevant(lines: Sequence[str], query: Query) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of those lines that may belong to a document that the query finds, by their text alone.

    The format writes characters as they are; a line with other escapes is never ruled out.
    """
    needle = _needle(query)
    if needle is None and not query.words:
        yield from enumerate(lines)
        return
    if needle is not None:
        hit = [needle in line or "\\u" in line for line in lines]
    else:
        texts = {*query.words, *(SYNONYMS[word] for word in query.words if word in SYNONYMS)}
        hit = ["\\u" in line or any(map(_squeezed(line).__contains__, texts)) for line in lines]
    uids = {found[1] for line, is_hit in zip(lines, hit, strict=True) if is_hit and (found := _UID.search(line))}
    for number, (line, is_hit) in enumerate(zip(lines, hit, strict=True)):
        if is_hit or "\\u" in line or ((found := _UID.search(line)) and found[1] in uids):
            yield number, line


def scan(records: Iterable[Record], query: Query, limit: int | None = None) -> Answer:
    """Return what a query finds among records; all copies of a document must be among them."""
    documents = documents_of(records)
    named, words = _by_uid(documents, query)
    known = {id(document) for document in named}
    looked_up = sought(words)
    found = [
        Found(document, document.place, points_in(document.keys, looked_up) if words else ())
        for document in documents
        if accepts(query, document.keys) and id(document) not in known
    ]
    ranked = best_first(found, len(words)) if words or not named else []
    missing = len(words) - (ranked[0].covered if ranked else 0)
    ordered = [*named, *(one.item for one in ranked)]
    return Answer(
        hits=tuple(Hit(record=one.first, others=one.records[1:]) for one in ordered[:limit]),
        total=len(ordered),
        missing=0 if not ordered or (named and not ranked) else missing,
    )


def spelling_hints(records: Iterable[Record], words: Iterable[str]) -> tuple[str, ...]:
    """Return words of the records near to those that none of them has a word beginning with."""
    counts = Counter(key for document in documents_of(records) for key in document.keys)
    unknown = [word for word in words if not any(key.startswith(word) for key in counts)]
    near = (near_keys(word, counts.items()) for word in unknown if len(word) >= MIN_HINT_LETTERS)
    return tuple(dict.fromkeys(key for keys in near for key in keys))[:MAX_HINTS]


def _by_uid(documents: Sequence[Document], query: Query) -> tuple[list[Document], tuple[str, ...]]:
    """Return the documents that words of the query are the uid of, and the other words."""
    asked = uid_words(query)
    if not asked:
        return [], query.words
    named = [document for document in documents if document.first.uid.lower() in asked]
    known = {document.first.uid.lower() for document in named}
    named.sort(key=lambda document: document.place)
    return named, tuple(word for word in query.words if word not in known)


def uid_words(query: Query) -> list[str]:
    """Return the words that may be uids: only a query without filters asks for one."""
    return [word for word in query.words if is_uid(word)] if query.is_plain else []


def _needle(query: Query) -> str | None:
    """Return a text that a line of one copy at least must hold, None where no key of the query tells one."""
    for key in query.keys:
        if key[0] in (TAG, REPOSITORY) and len(key) <= MAX_KEY_CHARACTERS:
            return json.dumps(key[1:], ensure_ascii=False)
    return None


def _squeezed(line: str) -> str:
    """Return the letters and digits of a line alone, as neighbouring words count as one too."""
    if line.isascii():
        return line.encode("ascii").translate(None, _NO_WORD_ASCII).lower().decode("ascii")
    return _NO_WORD.sub("", fold(line))
