"""What a search of a tree of terms must come to, by looking at every document: slow, plain, and written apart from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cmsite.client.query import Query
from cmsite.client.ranking import SYNONYMS
from cmsite.index.documents import Document, documents_of, searched_fields
from cmsite.index.records import Record

WHOLE = {3: 10, 2: 5, 1: 3}
BEGINNING = {3: 6, 2: 3, 1: 2}


@dataclass(frozen=True)
class Rules:
    """The numbers of docs/index-format.md, smaller in tests."""

    least_common: int = 1024
    most_common: int = 64
    beginnings: int = 100
    enough: int = 1024
    considered: int = 16_384
    few: int = 256
    few_by_place: int = 1024


@dataclass(frozen=True)
class Expected:
    """Names of the artifacts found, best first: the key of the first copy."""

    keys: list[tuple[str, str, str]]
    is_exact: bool
    missing: int


class Oracle:
    """`folded` are the records when the tree was made, none where `all` is read; `now` are those of today."""

    def __init__(self, folded: Iterable[Record], now: Iterable[Record], rules: Rules) -> None:
        self.rules = rules
        folded, now = list(folded), list(now)
        self.has_tree = bool(folded)
        before, after = by_hash(documents_of(folded)), by_hash(documents_of(now))
        self.changed = {one for one in before.keys() | after.keys() if texts(before, one) != texts(after, one)}
        every = documents_of(folded)
        self.delta = [one for one in documents_of(now) if one.hash in self.changed]
        self.tree = [one for one in documents_of(now) if one.hash not in self.changed]
        self.lists: dict[str, list[Document]] = {}
        for one in every:
            for key in one.keys:
                self.lists.setdefault(key, []).append(one)
        for key, found in self.lists.items():
            found.sort(key=lambda one: (-one.keys[key], one.place))
        counted = sorted(self.lists, key=lambda key: (-len(self.lists[key]), key))
        self.common = [key for key in counted if len(self.lists[key]) >= rules.least_common][: rules.most_common]

    def answer(self, query: Query) -> Expected:
        documents = [*self.tree, *self.delta]
        uids = [word for word in query.words if is_uid(word)] if not query.keys and not query.excluded else []
        named = sorted((one for one in documents if one.first.uid in uids), key=lambda one: one.place)
        words = [word for word in query.words if word not in {one.first.uid for one in named}]
        if not words and not query.keys and (named or self.has_tree):
            return Expected([one.first.key for one in named], is_exact=True, missing=0)
        tables = [self.table(words, at) for at in range(len(words))]
        found, is_exact = self.found(query, words, tables, self.rules.considered)
        ids = {id(one) for one in named}
        ranked, missing = order([pair for pair in found if id(pair[0]) not in ids], words)
        few = max(1, self.rules.considered // (self.rules.few if words else self.rules.few_by_place))
        if not is_exact and (len(ranked) < few or missing > tables.count({})):
            found, is_exact = self.found(query, words, tables, None)
            ranked, missing = order([pair for pair in found if id(pair[0]) not in ids], words)
        return Expected([one.first.key for one in [*named, *ranked]], is_exact, missing)

    def found(
        self, query: Query, words: list[str], tables: Sequence[dict[str, dict[int, int]]], most: int | None
    ) -> tuple[list[tuple[Document, list[int]]], bool]:
        """Return documents with their points, where of a common key's list the first `most` are looked at."""
        considered, is_exact = self.considered(query, tables, most) if self.has_tree else (set(), True)
        found: list[tuple[Document, list[int]]] = []
        for one in self.tree:
            if one.place in considered and accepted(one, query):
                points = [
                    max((t[k][one.keys[k]] for k in t if self.has(one, k, query, words, most)), default=0)
                    for t in tables
                ]
                found.append((one, points))
        found.extend(
            (one, [points_of(one, words, at) for at in range(len(words))]) for one in self.delta if accepted(one, query)
        )
        return found, is_exact

    def has(self, one: Document, key: str, query: Query, words: list[str], most: int | None) -> bool:
        """Return whether an artifact has a key, as far as lists are read."""
        is_cut = len(words) == 1 and not query.keys and key not in self.common
        return key in one.keys and (not is_cut or one.place in {other.place for other in self.lists[key][:most]})

    def table(self, words: list[str], at: int) -> dict[str, dict[int, int]]:
        """Return key → level → points of a word of the query."""
        table: dict[str, dict[int, int]] = {}
        for text, divisor in looked_up(words, at):
            entries = 0
            for key in sorted(key for key in self.lists if key.startswith(text))[: self.rules.beginnings]:
                if entries >= self.rules.enough:
                    break
                entries += len(self.lists[key])
                points = WHOLE if key == text else BEGINNING
                for level in (1, 2, 3):
                    now = table.setdefault(key, {}).get(level, 0)
                    table[key][level] = max(now, points[level] // divisor)
        return table

    def considered(
        self, query: Query, tables: Sequence[dict[str, dict[int, int]]], most: int | None
    ) -> tuple[set[int], bool]:
        """Return the places of the documents that are considered, and whether that is all."""
        rare = [key for key in query.keys if key not in self.common]
        if rare:
            sets = [{one.place for one in self.lists.get(key, [])} for key in rare]
            return set.intersection(*sets), True
        is_one_word = len(tables) == 1 and not query.keys
        tables = [table for table in tables if table]
        plain = [table for table in tables if not any(key in self.common for key in table)]
        if plain and not is_one_word:
            return {one.place for table in plain for key in table for one in self.lists[key]}, True
        if query.keys:
            keys = [min(query.keys, key=lambda key: (len(self.lists[key]), key))]
        else:
            keys = list(min(tables, key=lambda table: sum(len(self.lists[key]) for key in table), default={}))
        places, is_exact = set(), True
        for key in keys:
            found = self.lists[key]
            if (key in self.common or is_one_word) and most is not None and len(found) > most:
                found, is_exact = found[:most], False
            places |= {one.place for one in found}
        return places, is_exact


def order(found: list[tuple[Document, list[int]]], words: list[str]) -> tuple[list[Document], int]:
    if not words:
        return sorted((one for one, _ in found), key=lambda one: one.place), 0
    most = max((sum(1 for point in points if point) for _, points in found), default=0)
    kept = [(one, points) for one, points in found if sum(1 for point in points if point) == most] if most else []
    weights = []
    for at in range(len(words)):
        named = sum(1 for _, points in kept if points[at] >= 6)
        weights.append(len(f"{len(kept) // max(1, named):b}".lstrip("0")))
    scored = [(-sum(w * p for w, p in zip(weights, points, strict=True)), one.place, one) for one, points in kept]
    return [one for _, _, one in sorted(scored, key=lambda row: row[:2])], len(words) - most if kept else 0


def looked_up(words: list[str], at: int) -> list[tuple[str, int]]:
    texts = [(words[at], 1)]
    if at:
        texts.append((words[at - 1] + words[at], 1))
    if at + 1 < len(words):
        texts.append((words[at] + words[at + 1], 1))
    if words[at] in SYNONYMS:
        texts.append((SYNONYMS[words[at]], 2))
    return texts


def points_of(one: Document, words: list[str], at: int) -> int:
    best = 0
    for text, divisor in looked_up(words, at):
        for key, level in one.keys.items():
            if key.startswith(text):
                best = max(best, (WHOLE if key == text else BEGINNING)[level] // divisor)
    return best


def accepted(one: Document, query: Query) -> bool:
    return set(query.keys) <= one.keys.keys() and not set(query.excluded) & one.keys.keys()


def is_uid(word: str) -> bool:
    return len(word) == 16 and set(word) <= set("0123456789abcdef")


def by_hash(documents: Iterable[Document]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    for one in documents:
        found.setdefault(one.hash, []).append(one)
    return found


def texts(documents: dict[int, list[Document]], hashed: int) -> list[object]:
    return [(one.place, [searched_fields(record) for record in one.records]) for one in documents.get(hashed, [])]
