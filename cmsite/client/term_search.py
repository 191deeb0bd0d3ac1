"""Searching the tree of terms and its delta: the same answers as looking at every document, from a few small files.

Source: docs/index-format.md, "Searching the tree of terms".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cmsite.client.index_files import IndexFiles
from cmsite.client.query import Query, accepts
from cmsite.client.ranking import BEGINNING_POINTS, WHOLE_POINTS, Found, Sought, best_first, points_in, sought
from cmsite.client.search import Answer, Hit, scan, uid_words
from cmsite.client.spelling import MAX_HINTS, MIN_HINT_LETTERS, near_keys
from cmsite.client.term_lists import Part, TermLists
from cmsite.index.documents import Document, documents_of, identities_under, length_of
from cmsite.index.entries import Entry
from cmsite.index.records import Record
from cmsite.index.root import Terms
from cmsite.index.term_files import Term

MAX_CONSIDERED = 16_384  # Entries of a list that are looked at first, where its order is that of the answer.
FEW = 256  # A part of these that is too little to be the answer: then lists are read whole.
FEW_BY_PLACE = 1024  # Likewise without words, where weights do not matter and what was found first stands first.

# Points of a key at a level.
_Points = Mapping[int, int]


class _Word(NamedTuple):
    """A word of the query: its lists, each with the points it gives."""

    terms: tuple[tuple[Term, _Points], ...]
    is_common: bool


def search_terms(files: IndexFiles, terms: Terms | None, query: Query, limit: int | None) -> Answer:
    """Return what a query finds in a registry without `all`."""
    if terms is None:  # A newer root came, of a registry that is small now.
        return scan(files.relevant(query), query, limit)
    named = _by_uid(files, query)
    known = {document.first.uid.lower() for document in named}
    left = tuple(word for word in query.words if word not in known)
    if not left and not query.keys:
        notes: tuple[str, ...] = () if named else ("this registry is large: name a word or a tag to search for",)
        return Answer(hits=tuple(_hit(one.records) for one in named[:limit]), total=len(named), notes=notes)
    search = _Search(TermLists(files, terms), query, left)
    kept, is_exact = search.kept({document.place for document in named})
    room = None if limit is None else max(0, limit - len(named))
    found, notes = _records(files, [one.item for one in kept[:room]])
    missing = len(left) - kept[0].covered if kept else 0
    return Answer(
        hits=(*(_hit(one.records) for one in named[:limit]), *map(_hit, found)),
        total=len(named) + len(kept),
        total_is_exact=is_exact,
        missing=missing,
        hints=search.hints(),
        notes=notes,
    )


class _Search:
    """One query against one tree; rounds of fetching stand in `kept`."""

    def __init__(self, lists: TermLists, query: Query, words: tuple[str, ...]) -> None:
        self._lists = lists
        self._query = query
        self._sought = sought(words)
        self._texts = words
        self._words: tuple[_Word, ...] = ()
        self._has_points: list[bool] = [False] * len(words)
        # Then the order of a list is that of the answer, and what stands further down need not be read.
        self._is_one_word = len(words) == 1 and not query.keys
        self._most: int | None = None
        self._few = max(1, MAX_CONSIDERED // (FEW if words else FEW_BY_PLACE))

    def kept(self, named: set[int]) -> tuple[list[Found[Entry | Document]], bool]:
        """Return what is found beside documents of these places, best first, and whether that is all."""
        lists, query = self._lists, self._query
        beginnings = list(dict.fromkeys(text for word in self._sought for text in (*word.full, *word.half)))
        keys = (*query.keys, *query.excluded)
        lists.read_nodes(beginnings, keys)
        rare = [key for key in query.keys if key not in lists.common]
        own = [key for key in keys if key not in lists.common]
        lists.read_leaves(beginnings, own if rare else [*own, *query.keys])
        self._words = tuple(map(self._looked_up, self._sought))
        found, is_exact = self._ranked(rare, named, MAX_CONSIDERED)
        known = sum(1 for word in self._words if word.terms)
        if not is_exact and (len(found) < self._few or found[0].covered < known):
            found, is_exact = self._ranked(rare, named, None)
        return found, is_exact

    def _ranked(self, rare: list[str], named: set[int], most: int | None) -> tuple[list[Found[Entry | Document]], bool]:
        """Return what is found where `most` entries of a common key's list are looked at, None for all of them."""
        self._most = most
        considered, is_exact = self._considered(rare, most)
        found: list[Found[Entry | Document]] = list(self._in_tree(considered))
        for document in self._lists.delta.documents():
            if accepts(self._query, document.keys):
                points = points_in(document.keys, self._sought) if self._texts else ()
                found.append(Found(document, document.place, points))
        for one in found:
            self._has_points = [had or bool(points) for had, points in zip(self._has_points, one.points, strict=True)]
        return best_first((one for one in found if one.place not in named), len(self._texts)), is_exact

    def hints(self) -> tuple[str, ...]:
        """Return words that one without any list may have meant."""
        near: list[str] = []
        for text, word, has_points in zip(self._texts, self._words, self._has_points, strict=True):
            if has_points or word.terms or len(text) < MIN_HINT_LETTERS:
                continue
            beginnings = (text[:MIN_HINT_LETTERS], text[: max(MIN_HINT_LETTERS, len(text) - 2)])
            near.extend(near_keys(text, self._lists.keys_near(text, beginnings)))
        return tuple(dict.fromkeys(near))[:MAX_HINTS]

    def _looked_up(self, word: Sought) -> _Word:
        found: dict[str, tuple[Term, dict[int, int]]] = {}
        for texts, divisor in ((word.full, 1), (word.half, 2)):
            for text in texts:
                for term in self._lists.beginning_with(text):
                    table = WHOLE_POINTS if term.key == text else BEGINNING_POINTS
                    best = found.setdefault(term.key, (term, {}))[1]
                    for level, points in table.items():
                        best[level] = max(best.get(level, 0), points // divisor)
        return _Word(terms=tuple(found.values()), is_common=any(key in self._lists.common for key in found))

    def _considered(self, rare: list[str], most: int | None) -> tuple[dict[int, Entry], bool]:
        """Return the documents of the tree to look at, by number, and whether no list was cut."""
        found = [(term, None) for key in rare if (term := self._lists.term(key)) is not None]
        if len(found) < len(rare):
            return {}, True
        sources: Sequence[Part] = found or self._sources(most)
        # Where counts tell that this will not do, what the second pass needs is read in the same round.
        ahead: Sequence[Part] = [(term, None) for term, _ in sources] if self._is_too_little(sources) else sources
        self._lists.read_chunks([*ahead, *self._excluded(), *(one for word in self._words for one in self._read(word))])
        entries = self._lists.entries(sources)
        is_exact = all(end is None or term.count <= end for term, end in sources)
        return (_intersection(entries) if rare else _union(entries)), is_exact

    def _sources(self, most: int | None) -> list[Part]:
        """Return the lists whose documents are looked at where no key that is asked for is rare."""
        lists, keys, common = self._lists, self._query.keys, self._lists.common
        known = [word for word in self._words if word.terms]
        plain = [word for word in known if not word.is_common]
        if plain:
            chosen = {term.key: term for word in plain for term, _ in word.terms}
        elif keys:
            fewest = min(keys, key=lambda key: (common[key][1], key))
            term = lists.term(fewest)
            chosen = {} if term is None else {fewest: term}
        else:
            lists_of_words = [[term for term, _ in word.terms] for word in known]
            shortest = min(lists_of_words, key=lambda found: sum(term.count for term in found), default=[])
            chosen = {term.key: term for term in shortest}
        return [
            (term, most if self._is_one_word or (term.key in common and not plain) else None)
            for term in chosen.values()
        ]

    def _is_too_little(self, sources: Sequence[Part]) -> bool:
        """Return whether the counts beside lists tell that their beginnings hold too few documents that pass."""
        common = self._lists.common
        wanted = [[common[key][0]] for key in self._query.keys if key in common]
        for word in self._words:
            slots = [common[term.key][0] for term, _ in word.terms if term.key in common]
            if slots and len(slots) == len(word.terms):
                wanted.append(slots)
        at_most = 0
        for term, most in sources:
            told = term.beginning
            if most is None or not told or not term.count > most <= term.chunks[0].count or len(told) < len(common):
                return False
            at_most += min((sum(told[slot] for slot in slots) for slots in wanted), default=most)
        return bool(sources) and at_most < self._few

    def _in_tree(self, considered: dict[int, Entry]) -> Iterable[Found[Entry | Document]]:
        """Yield the considered documents that pass, with their points."""
        common, changed = self._lists.common, self._lists.delta.hashes
        wanted = [common[key][0] for key in self._query.keys if key in common]
        unwanted = [common[key][0] for key in self._query.excluded if key in common]
        left_out = {entry.document for entries in self._lists.entries(self._excluded()) for entry in entries}
        columns = [self._points(word, considered) for word in self._words]
        for number, entry in considered.items():
            if entry.hash in changed or number in left_out:
                continue
            if all(map(entry.level, wanted)) and not any(map(entry.level, unwanted)):
                yield Found(entry, entry.place, tuple(column.get(number, 0) for column in columns))

    def _excluded(self) -> list[Part]:
        terms = (self._lists.term(key) for key in self._query.excluded if key not in self._lists.common)
        return [(term, None) for term in terms if term is not None]

    def _read(self, word: _Word) -> list[Part]:
        """Return the lists from which the points of a word are read; common keys stand in masks."""
        most = self._most if self._is_one_word else None
        return [(term, most) for term, _ in word.terms if term.key not in self._lists.common]

    def _points(self, word: _Word, considered: dict[int, Entry]) -> dict[int, int]:
        """Return the points of a word in those considered documents that have it."""
        common = self._lists.common
        points: dict[int, int] = {}
        for term, table in word.terms:
            if term.key not in common:
                continue
            slot = common[term.key][0]
            for number, entry in considered.items():
                level = entry.level(slot)
                if level and table[level] > points.get(number, 0):
                    points[number] = table[level]
        tables = [table for term, table in word.terms if term.key not in common]
        parts = self._read(word)
        for (term, _), table, entries in zip(parts, tables, self._lists.entries(parts), strict=True):
            for position, entry in enumerate(entries):
                number = entry.document
                if number in considered and (found := table[term.level(position)]) > points.get(number, 0):
                    points[number] = found
        return points


def _union(lists: Iterable[Iterable[Entry]]) -> dict[int, Entry]:
    return {entry.document: entry for entries in lists for entry in entries}


def _intersection(lists: list[list[Entry]]) -> dict[int, Entry]:
    first, *others = sorted(lists, key=len)
    found = {entry.document: entry for entry in first}
    for entries in others:
        numbers = {entry.document for entry in entries}
        found = {number: entry for number, entry in found.items() if number in numbers}
    return found


def _by_uid(files: IndexFiles, query: Query) -> list[Document]:
    """Return the documents that words of the query are the uid of, by place."""
    words = uid_words(query)
    # Others of the same names are among them, so that documents are numbered as everywhere.
    records = [record for word in words for record in files.of_uid(word)]
    documents = documents_of({record.key: record for record in records}.values())
    named = (document for document in documents if document.first.uid.lower() in words)
    return sorted(named, key=lambda document: document.place)


def _records(files: IndexFiles, wanted: Sequence[Entry | Document]) -> tuple[list[list[Record]], tuple[str, ...]]:
    """Return the copies of documents from their leaves, and notes on those that the index contradicts."""
    leaves = files.leaves_of([one.hash for one in wanted])
    found, lost = [], 0
    for one in wanted:
        identities = identities_under(one.hash, leaves[one.hash])
        copies = identities[one.ordinal] if one.ordinal < len(identities) else []
        lengths = (one.words, one.characters) if isinstance(one, Entry) else length_of(one.first)
        if copies and length_of(copies[0]) == lengths:
            found.append(copies)
        else:
            lost += 1
    noun = "artifact is" if lost == 1 else "artifacts are"
    note = f"{lost} {noun} left out: the index lists what its records do not hold; tell the publisher"
    return found, (note,) if lost else ()


def _hit(copies: Sequence[Record]) -> Hit:
    return Hit(record=copies[0], others=tuple(copies[1:]))
