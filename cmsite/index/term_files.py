"""Files of the tree of terms to values: nodes, leaves with their terms, and chunks; as strict as the other readers.

Source: docs/index-format.md, "The tree of terms"; facts/index.md §4, cases 79-83.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from cmsite.errors import IntegrityError
from cmsite.index.entries import MAX_COMMON, TEXT_SIZE, Entry, parse_entries
from cmsite.index.layout import blob_path
from cmsite.index.packing import unpack
from cmsite.index.read import checked
from cmsite.index.references import FileRef, keyed_file, parse_file
from cmsite.index.root import Terms
from cmsite.index.strict import MAX_TEXT_CHARACTERS, Table, parse_json, text_lines

MAX_CHUNK = 1 << 16  # Entries of one file.
MAX_LIST = 1 << 24  # Documents of one key.
MAX_LEAVES = 4096  # Of a node.
MAX_LEAF_KEYS = 100_000
MAX_LEAF_ENTRIES = 1 << 40  # Of all its keys together.


class TermLeaf(NamedTuple):
    """A leaf as its node names it: it holds `keys` keys from `first` on, and lists with `entries` entries."""

    first: str
    file: FileRef
    keys: int
    entries: int


class Node(NamedTuple):
    """A node: `common` maps keys to (slot, documents); a word stands for keys until they have `enough` documents."""

    chunk: int
    enough: int
    common: dict[str, tuple[int, int]]
    leaves: tuple[TermLeaf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A file of entries."""

    file: FileRef
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A key and its list: `levels` is how many documents have it at level 3, 2 and 1.

    The entries stand in `text`, or in `chunks` where they are many. `beginning` is how many of the first chunk have each
    common key, by slot; empty where nothing tells.
    """

    key: str
    levels: tuple[int, int, int]
    text: str = ""
    chunks: tuple[Chunk, ...] = ()
    beginning: tuple[int, ...] = ()
    where: str = ""

    @property
    def count(self) -> int:
        """Return the number of documents."""
        return sum(self.levels)

    def level(self, position: int) -> int:
        """Return the level of the entry at a position of the list."""
        return 3 if position < self.levels[0] else 2 if position < self.levels[0] + self.levels[1] else 1


def parse_term_node(data: bytes, first: str, end: str | None, where: str) -> Node:
    """Read a packed node that holds the keys from `first` up to `end` (None for the last one).

    Raises `IntegrityError` where it is damaged or holds others.
    """
    table = Table(parse_json(unpack(data, where=where), where), where=where)
    leaves = []
    for number, value in enumerate(table.items("leaves", limit=MAX_LEAVES)):
        key, file = keyed_file(value, table, f"leaves[{number}]")
        match value[3:]:
            case [int() as keys, int() as entries, *_] if _are_counts(keys, entries):
                leaves.append(TermLeaf(first=key, file=file, keys=keys, entries=entries))
            case _:
                raise table.wrong(f"leaves[{number}]", "[first key, sha256, size, keys, entries]", value)
    _check_keys([leaf.first for leaf in leaves], first, end, where)
    chunk = table.integer("chunk", low=1, high=MAX_CHUNK)
    enough = table.integer("enough", low=1, high=MAX_LIST)
    return Node(chunk=chunk, enough=enough, common=_common(table), leaves=tuple(leaves))


def _are_counts(keys: int, entries: int) -> bool:
    """Return whether a leaf may hold so many keys and entries; true and false are no numbers."""
    are_whole = type(keys) is int and type(entries) is int
    return are_whole and 1 <= keys <= MAX_LEAF_KEYS and keys <= entries <= MAX_LEAF_ENTRIES


def check_tree(terms: Terms, read_many: Callable[[Sequence[str]], Iterable[bytes]]) -> None:
    """Read every file of a tree of terms by its path, those at once that are known at once.

    Raises `IntegrityError` where one is missing, damaged or wrong.
    """

    def contents(files: Sequence[FileRef]) -> Iterator[bytes]:
        paths = [blob_path(file.sha256) for file in files]
        for file, path, data in zip(files, paths, read_many(paths), strict=True):
            yield checked(data, file, path)

    nodes = contents([node.file for node in terms.nodes])
    for above, end, data in zip(terms.nodes, [*(node.first for node in terms.nodes[1:]), None], nodes, strict=True):
        node = parse_term_node(data, above.first, end, blob_path(above.file.sha256))
        chunks: dict[FileRef, None] = {}
        leaves = contents([leaf.file for leaf in node.leaves])
        ends = [*(leaf.first for leaf in node.leaves[1:]), end]
        for leaf, behind, packed in zip(node.leaves, ends, leaves, strict=True):
            held = parse_term_leaf(packed, leaf, node, behind, blob_path(leaf.file.sha256))
            terms_held = [held.term(number) for number in range(len(held.keys))]
            entries = sum(term.count for term in terms_held)
            if entries != leaf.entries:
                raise IntegrityError(
                    f"{held.where}: {entries} entries, its node says {leaf.entries}; the index is wrong"
                )
            chunks.update((chunk.file, None) for term in terms_held for chunk in term.chunks)
        deque(contents(list(chunks)), maxlen=0)
    deque(contents([terms.docs]), maxlen=0)


def parse_term_leaf(data: bytes, leaf: TermLeaf, node: Node, end: str | None, where: str) -> "TermLines":
    """Read a packed leaf that ends before the key `end`, its terms when they are asked for; raises as `parse_term_node`."""
    lines = text_lines(unpack(data, where=where), where)
    keys = [_key(line, f"{where}: line {number}") for number, line in enumerate(lines, start=1)]
    if len(keys) != leaf.keys:
        raise IntegrityError(f"{where}: {len(keys)} keys, its node says {leaf.keys}; the index contradicts itself")
    _check_keys(keys, leaf.first, end, where)
    return TermLines(keys=keys, lines=lines, chunk=node.chunk, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermLines:
    """The lines of a leaf, by their sorted keys."""

    keys: list[str]
    lines: list[str]
    chunk: int
    where: str

    def term(self, number: int) -> Term:
        """Return the term of a line; raises `IntegrityError` where it is damaged."""
        value = parse_json(self.lines[number].encode("utf-8"), f"{self.where}: line {number + 1}")
        term = _term(Table(value, where=self.where, path=f"terms[{number}]"), self.chunk)
        if term.key != self.keys[number]:
            raise IntegrityError(f"{self.where}: terms[{number}].t: this line has two keys; the index is wrong")
        return term


def _key(line: str, where: str) -> str:
    """Return the key of a term's line, which stands last in it."""
    at = line.rfind(',"t":"')
    text = line[at + 6 : -2]
    if at >= 0 and line.endswith('"}') and '"' not in text and "\\" not in text:
        return text
    return Table(parse_json(line.encode("utf-8"), where), where=where).text("t")


def entries_of(term: Term) -> Iterator[Entry]:
    """Return the entries of a list that stands in its leaf; raises `IntegrityError` where they are damaged."""
    return parse_entries(term.text, term.count, term.where)


def parse_chunk(data: bytes, chunk: Chunk, where: str) -> Iterator[Entry]:
    """Return the entries of a packed chunk; raises `IntegrityError` where it is damaged."""
    table = Table(parse_json(unpack(data, where=where), where), where=where)
    return parse_entries(table.long_text("d", TEXT_SIZE * chunk.count), chunk.count, where)


def _term(table: Table, whole: int) -> Term:
    key = table.text("t")
    levels = table.items("l", limit=3)
    if len(levels) != 3 or any(type(level) is not int or not 0 <= level <= MAX_LIST for level in levels):  # noqa: PLR2004
        raise table.wrong("l", f"three integers from 0 to {MAX_LIST}")
    count = table.integer("n", low=1, high=MAX_LIST)
    if sum(levels) != count:
        raise table.wrong("n", f"{sum(levels)}, the sum of l")
    where = f"{table.where}: {table.path}"
    strong, middle, weak = levels
    if not table.has("c"):
        if count > MAX_CHUNK:
            raise table.wrong("n", f"at most {MAX_CHUNK} where entries stand in the leaf")
        text = table.long_text("d", TEXT_SIZE * count)
        return Term(key=key, levels=(strong, middle, weak), text=text, where=where)
    chunks = tuple(_chunk(value, table, number) for number, value in enumerate(table.items("c")))
    if (
        not chunks
        or any(chunk.count != whole for chunk in chunks[:-1])
        or (sum(chunk.count for chunk in chunks) != count or chunks[-1].count > whole)
    ):
        raise table.wrong("c", f"chunks of {whole} entries, {count} in all")
    beginning = tuple(table.items("b", [], limit=MAX_COMMON))
    if any(type(one) is not int or not 0 <= one <= chunks[0].count for one in beginning):
        raise table.wrong("b", f"integers from 0 to {chunks[0].count}")
    return Term(key=key, levels=(strong, middle, weak), chunks=chunks, beginning=beginning, where=where)


def _chunk(value: Any, table: Table, number: int) -> Chunk:
    match value:
        case [sha256, size, int() as count] if type(count) is int and 1 <= count <= MAX_CHUNK:
            file = parse_file([sha256, size], table, f"c[{number}]")
            assert file is not None  # noqa: S101 - it was no null.
            return Chunk(file=file, count=count)
        case _:
            raise table.wrong(f"c[{number}]", "[sha256, size in bytes, entries]", value)


def _common(table: Table) -> dict[str, tuple[int, int]]:
    common: dict[str, tuple[int, int]] = {}
    for slot, value in enumerate(table.items("common", limit=MAX_COMMON)):
        match value:
            case [str() as key, int() as count] if type(count) is int and 0 < count <= MAX_LIST and key not in common:
                common[key] = (slot, count)
            case _:
                raise table.wrong(f"common[{slot}]", "[key, documents], each key once", value)
    return common


def _check_keys(keys: list[str], first: str, end: str | None, where: str) -> None:
    if not keys or keys[0] != first:
        raise IntegrityError(f"{where}: begins with {ascii(keys[:1])[:80]}, expected {ascii(first)[:80]}")
    if any(one >= other for one, other in pairwise(keys)):
        raise IntegrityError(f"{where}: its keys do not rise; the index is wrong")
    if end is not None and keys[-1] >= end:
        raise IntegrityError(f"{where}: holds {ascii(keys[-1])[:80]}, which belongs behind; the index is wrong")
    if max(map(len, keys)) > MAX_TEXT_CHARACTERS:
        raise IntegrityError(f"{where}: a key of over {MAX_TEXT_CHARACTERS} characters; the index is wrong")
