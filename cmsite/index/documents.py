"""Records → documents: the artifacts as a search sees them, one for all copies of an identity, and their keys.

A key is a word, or an exact key told apart by a first character that no word has. Which artifacts a query finds, and
in what order, depends on keys and places alone. Source: docs/index-format.md, "Documents".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from cmsite.index.layout import key_digest
from cmsite.index.records import Record, Status
from cmsite.index.words import MAX_KEY_CHARACTERS, fold, forms, split_words, with_pairs

# Where a word stands; of several places the highest counts. An exact key that is there has the highest.
NAME, TAGS, TEXT = 3, 2, 1
PRESENT = 3

TAG, VARIATION, AUTOMATION, REPOSITORY, AUTHOR, HAS = "#", "_", ":", "/", "@", "!"
RESULTS = "results"  # What `has` may hold: the artifact has reproduced results, or is a paper with claims.

PASSIVE = 0x80  # Bit of `words` of a place: the artifact is deprecated or quarantined.
MAX_WORDS, MAX_CHARACTERS = 15, 255  # Of an alias, as far as the order counts them.


@dataclass(frozen=True, kw_only=True)
class Document:
    """One artifact: the copies that searches find, the first one first; (`hash`, `ordinal`) names it in one index."""

    records: tuple[Record, ...]
    hash: int
    ordinal: int

    @property
    def first(self) -> Record:
        """Return the record under whose name the document is found."""
        return self.records[0]

    @cached_property
    def keys(self) -> dict[str, int]:
        """Return every key with its level."""
        return keys_of(self.records)

    @cached_property
    def place(self) -> int:
        """Return the document's place among documents that answer equally well; lower is better."""
        words, characters = length_of(self.first)
        return place_of(words, characters, self.hash, self.ordinal)


def documents_of(records: Iterable[Record]) -> list[Document]:
    """Return the documents of whole identities, in the order of (hash, ordinal)."""
    copies: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.status.is_listed:
            copies.setdefault(record.identity, []).append(record)
    groups: dict[int, list[tuple[Any, tuple[str, str]]]] = {}
    for identity, members in copies.items():
        members.sort(key=_first_order)
        for hashed, order in _lowest(members).items():
            groups.setdefault(hashed, []).append((order, identity))
    documents = []
    for hashed in sorted(groups):
        for ordinal, (_, identity) in enumerate(sorted(groups[hashed])):
            members = copies[identity]
            if hash_of(members[0].name) == hashed:
                documents.append(Document(records=tuple(members), hash=hashed, ordinal=ordinal))
    return documents


def identities_under(hashed: int, records: Iterable[Record]) -> list[list[Record]]:
    """Return the copies that have a name of this hash by identity, in the order of ordinals; the leaf's records suffice."""
    copies: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.status.is_listed and hash_of(record.name) == hashed:
            copies.setdefault(record.identity, []).append(record)
    groups = [sorted(members, key=_first_order) for members in copies.values()]
    return sorted(groups, key=lambda members: (_lowest(members)[hashed], members[0].identity))


def _lowest(members: list[Record]) -> dict[int, tuple[Any, ...]]:
    """Return for each hash that copies of one document have what orders the document among those of that hash."""
    lowest: dict[int, tuple[Any, ...]] = {}
    for record in members:
        order = (record.name, *_first_order(record))
        hashed = hash_of(record.name)
        lowest[hashed] = min(lowest.get(hashed, order), order)
    return lowest


def _first_order(record: Record) -> tuple[int, tuple[str, str, str]]:
    return (record.rank, record.key)


def hash_of(name: str) -> int:
    """Return the first 32 bits of the sha256 of a name."""
    return int.from_bytes(key_digest(name)[:4], "big")


def length_of(record: Record) -> tuple[int, int]:
    """Return the words of a record's alias (with `PASSIVE` where it is not active) and the characters of these."""
    words = split_words(record.alias)
    passive = 0 if record.status is Status.ACTIVE else PASSIVE
    return min(len(words), MAX_WORDS) | passive, min(sum(map(len, words)), MAX_CHARACTERS)


def place_of(words: int, characters: int, hashed: int, ordinal: int) -> int:
    """Return the number by which documents are ordered: words, characters, hash, ordinal."""
    return words << 56 | characters << 48 | hashed << 16 | ordinal


def keys_of(records: Sequence[Record]) -> dict[str, int]:
    """Return the keys of a document made of these records."""
    if len(records) == 1:
        return _keys(records[0])
    found: dict[str, int] = {}
    for record in records:
        for key, level in _keys(record).items():
            if level > found.get(key, 0):
                found[key] = level
    return found


def searched_fields(record: Record) -> list[Any]:
    """Return all of a record that decides how it is found, but for its place."""
    return [
        record.alias,
        record.automation,
        record.automation_uid,
        record.uid,
        record.repository,
        record.tags,
        record.description,
        record.words,
        record.variations,
        record.authors,
        record.has,
    ]


def tag_key(tag: str) -> str:
    """Return the key of a tag; as cm understands them, one with `_` before it is a variation."""
    return exact_key(VARIATION, tag[1:]) if tag.startswith(VARIATION) else exact_key(TAG, tag)


def exact_key(kind: str, name: str) -> str:
    """Return the key of a name of this kind, in its own spelling."""
    return kind + name[:MAX_KEY_CHARACTERS]


def author_keys(name: str) -> list[str]:
    """Return the keys of an author: one a word of the name."""
    return [AUTHOR + word for word in split_words(name)]


def automation_key(name: str) -> str:
    """Return the key of an automation, from its alias or uid in any spelling."""
    return exact_key(AUTOMATION, fold(name))


def _keys(record: Record) -> dict[str, int]:
    found = dict.fromkeys(forms(split_words(record.description)), TEXT)
    found.update(dict.fromkeys(forms(word[:MAX_KEY_CHARACTERS] for word in record.words if word), TEXT))
    found.update(dict.fromkeys(_words_of_automation(record.automation), TEXT))
    for tag in record.tags:
        for word in _words_of_tag(tag):
            found[word] = TAGS
    for word in forms(with_pairs(split_words(record.alias))):
        found[word] = NAME
    for tag in record.tags:
        found[exact_key(TAG, tag)] = PRESENT
    for name in record.variations:
        found[exact_key(VARIATION, name)] = PRESENT
    for name in record.authors:
        for key in author_keys(name):
            found[key] = PRESENT
    for name in record.has:
        found[exact_key(HAS, name)] = PRESENT
    found[automation_key(record.automation)] = PRESENT
    if record.automation_uid:
        found[automation_key(record.automation_uid)] = PRESENT
    found[exact_key(REPOSITORY, record.repository)] = PRESENT
    return found


@lru_cache(maxsize=1 << 15)
def _words_of_tag(tag: str) -> tuple[str, ...]:
    return tuple(forms(with_pairs(split_words(tag))))


@lru_cache(maxsize=1 << 10)
def _words_of_automation(alias: str) -> tuple[str, ...]:
    return tuple(forms(split_words(alias)))
