"""The files of one generation of a registry: cached, else fetched from the registry or a mirror, always checked.

It knows the trees of the index and where files may lie, not what a reference means. Source: facts/index.md §2.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from cmsite.client.cache import Cache
from cmsite.client.fetching import Fetcher
from cmsite.client.opened import Opened
from cmsite.client.query import Query
from cmsite.client.search import relevant
from cmsite.client.threads import in_threads
from cmsite.errors import CmsiteError, IntegrityError, NetworkError
from cmsite.index.documents import hash_of
from cmsite.index.layout import blob_path
from cmsite.index.lines import UidNames
from cmsite.index.read import (
    blob_name,
    checked,
    has_name_hash,
    leaf_of,
    parse_leaf_line,
    parse_line,
    parse_node,
    parse_uid_leaf,
    part_lines,
)
from cmsite.index.records import Record
from cmsite.index.references import FileRef
from cmsite.index.root import Root, Tree
from cmsite.model.names import normal_uid
from cmsite.model.reference import Reference

MAX_INDEX_FILE_BYTES = 32_000_000  # The size in root.json is foreign too: this is what one index file may cost at most.
LEAVES_AT_ONCE = 256  # Of a registry read as a whole.
SMALL_ALL_BYTES = 20_000  # Below, reading everything costs no more than node and leaf.

_LOOK_UPS_WITHOUT_TABLE = 16  # Reading all records costs as much as looking through all lines some hundred times.

_T = TypeVar("_T")


class IndexFiles:
    """The index below one root; `address` is the registry's, with its credentials if it has some."""

    def __init__(self, root: Root, *, address: str, transport: Fetcher, cache: Cache) -> None:
        self.root = root
        self._address = address
        self._transport = transport
        self._cache = cache
        self._opened = Opened()
        self._by_name: dict[str, list[Record]] | None = None
        self._looked_up = 0

    def candidates(self, reference: Reference) -> Iterator[Record]:
        """Yield records among which are all that the reference names."""
        uid, alias = reference.name.uid, reference.name.alias
        if self.root.all and (reference.page is not None or (not uid and not reference.automation_alias)):
            yield from self.scan(lambda _line: True)
        elif self._all_is_cheap():
            yield from self._found_in_all(uid, alias, reference.key)
        elif uid:
            yield from self.of_uid(uid)
        elif reference.page is not None:
            yield from self._record_leaf(f"{reference.page.automation}:{reference.page.folder}")
        elif reference.key:
            yield from self._record_leaf(reference.key)

    def named(self, names: frozenset[str]) -> Iterator[Record]:
        """Yield all records that have one of these names."""
        if self._all_is_cheap():
            yield from (record for name in sorted(names) for record in self._record_by_name().get(name, ()))
        else:
            yield from self._named_in_tree(names)

    def _found_in_all(self, uid: str, alias: str, name: str) -> Iterator[Record]:
        """Look a uid or name up in `all`: few by their text, many in a table made once."""
        self._looked_up += 1
        if not uid and self._looked_up > _LOOK_UPS_WITHOUT_TABLE:
            yield from self._record_by_name().get(name, ())
            return
        yield from self.scan(_mentions(uid or alias))

    def _record_by_name(self) -> dict[str, list[Record]]:
        if self._by_name is None:
            found: dict[str, list[Record]] = {}
            for record in self.scan(lambda _line: True):
                found.setdefault(record.name, []).append(record)
            self._by_name = found
        return self._by_name

    def _named_in_tree(self, names: frozenset[str]) -> Iterator[Record]:
        """Look names up in their leaves; all nodes are fetched together, then all leaves."""
        tree = self.root.records
        for records in self._records_in(sorted({leaf_of(name, tree) for name in names})).values():
            yield from (record for record in records if record.name in names)

    def leaves_of(self, hashes: Sequence[int]) -> dict[int, tuple[Record, ...]]:
        """Return for each hash of a name (its first 32 bits) the records that have it."""
        bits = self.root.records.bits
        numbers = sorted({hashed >> (32 - bits) for hashed in hashes})
        wanted = frozenset(hashes)
        found: dict[int, list[Record]] = {hashed: [] for hashed in hashes}
        for records in self._records_in(numbers, lambda line: has_name_hash(line, wanted)).values():
            for record in records:
                found.get(hash_of(record.name), []).append(record)
        return {hashed: tuple(records) for hashed, records in found.items()}

    def _records_in(
        self, wanted: Sequence[int], is_asked: Callable[[str], bool] = lambda _line: True
    ) -> dict[int, tuple[Record, ...]]:
        """Return records of leaves by number; nodes are fetched together, then leaves. Other lines are not parsed."""
        tree = self.root.records
        numbers = sorted({tree.node_of(leaf) for leaf in wanted})
        nodes = [(number, node) for number in numbers if (node := tree.nodes[number]) is not None]
        below = {
            number: parse_node(data, tree, _where(node))
            for (number, node), data in zip(nodes, self.fetch_many([node for _, node in nodes]), strict=True)
        }
        leaves = [
            (leaf, file)
            for leaf in wanted
            if (found := below.get(tree.node_of(leaf))) and (file := found[leaf % tree.leaves_a_node]) is not None
        ]
        contents = self.fetch_many([file for _, file in leaves])
        return {
            leaf: tuple(
                parse_leaf_line(line, tree, leaf, _where(file), position)
                for position, line in enumerate(part_lines(data, _where(file)))
                if is_asked(line)
            )
            for (leaf, file), data in zip(leaves, contents, strict=True)
        }

    def every(self) -> Iterator[Record]:
        """Yield all records: of `all`, else of every leaf, some hundreds at a time."""
        if self.root.all:
            yield from self.scan(lambda _line: True)
            return
        leaves = 1 << self.root.records.bits
        for start in range(0, leaves, LEAVES_AT_ONCE):
            for records in self._records_in(range(start, min(leaves, start + LEAVES_AT_ONCE))).values():
                yield from records

    def relevant(self, query: Query) -> Iterator[Record]:
        """Yield the records of `all` that may belong to a document which the query finds."""
        parts = zip(self.root.all, in_threads(self._lines, self.root.all), strict=True)
        lines = [(line, part) for part, held in parts for line in held]
        for number, line in relevant([line for line, _ in lines], query):
            yield parse_line(line, _where(lines[number][1]), number)

    def scan(self, wanted: Callable[[str], bool]) -> Iterator[Record]:
        """Yield the records of `all` whose line is wanted; the others are not parsed."""
        for part, lines in zip(self.root.all, in_threads(self._lines, self.root.all), strict=True):
            where = _where(part)
            for number, line in enumerate(lines):
                if wanted(line):
                    yield parse_line(line, where, number)

    def fetch(self, path: str, *, sha256: str, max_bytes: int) -> bytes:
        """Return a content-addressed file of the registry, from the cache where it has it."""
        data = self._cache.read(sha256)
        if data is None:
            data = first_that_works(
                self.addresses(path),
                lambda url: self._transport.fetch(url, max_bytes=max_bytes, expected_sha256=sha256),
            )
            self._cache.write(sha256, data)
        return data

    def fetch_many(self, files: Sequence[FileRef]) -> tuple[bytes, ...]:
        """Return the bytes of several index files in this order, those that the cache lacks fetched at once.

        Raises for the first file in this order that fails.
        """
        if self._address.startswith("file:"):
            return tuple(map(self._blob, files))
        held = {file.sha256: self._cache.read(file.sha256) for file in files}
        missing = [file for file in files if held[file.sha256] is None]
        fetched = dict(zip([file.sha256 for file in missing], in_threads(self._blob, missing), strict=True))
        return tuple(
            fetched[file.sha256] if (data := held[file.sha256]) is None else checked(data, file, _where(file))
            for file in files
        )

    def addresses(self, path: str) -> tuple[str, ...]:
        """Return where a file of the registry may be: the registry first, then its mirrors."""
        mirrors = (base if base.endswith("/") else f"{base}/" for base in self.root.bases)
        return tuple(dict.fromkeys(base + quote(path) for base in (self._address, *mirrors)))

    def of_uid(self, uid: str) -> Iterator[Record]:
        """Yield all records that have one of the names of a uid, from the trees."""
        for name in sorted(set(self._uid_leaf(uid).get(uid, ()))):
            yield from (record for record in self._record_leaf(name) if record.name == name)

    def _all_is_cheap(self) -> bool:
        parts = self.root.all
        if not parts:
            return False
        if sum(part.size_bytes for part in parts) <= SMALL_ALL_BYTES:
            return True
        return len(parts) == 1 and (parts[0].sha256 in self._opened or self._cache.read(parts[0].sha256) is not None)

    def _record_leaf(self, name: str) -> tuple[Record, ...]:
        tree, number = self.root.records, leaf_of(name, self.root.records)
        leaf = self._leaf(tree, number)
        if leaf is None:
            return ()
        where, wanted = _where(leaf), _mentions(name.partition(":")[2])
        return tuple(
            parse_leaf_line(line, tree, number, where, position)
            for position, line in enumerate(self._lines(leaf))
            if wanted(line)
        )

    def _uid_leaf(self, uid: str) -> dict[str, tuple[str, ...]]:
        """Return the names of each uid of a leaf."""
        tree, number = self.root.uids, leaf_of(normal_uid(uid), self.root.uids)
        leaf = self._leaf(tree, number)
        if leaf is None:
            return {}
        return self._opened.get(
            (leaf.sha256, tree.bits, number),
            lambda: _names_by_uid(parse_uid_leaf(self._blob(leaf), tree, number, _where(leaf))),
            lambda found: sum(100 + 64 * len(names) for names in found.values()),
        )

    def _leaf(self, tree: Tree, number: int) -> FileRef | None:
        node = tree.nodes[tree.node_of(number)]
        if node is None:
            return None
        leaves = self._opened.get(
            (node.sha256, tree.bits, tree.node_bits),
            lambda: parse_node(self._blob(node), tree, _where(node)),
            lambda found: 64 * len(found),
        )
        return leaves[number % tree.leaves_a_node]

    def _lines(self, file: FileRef) -> list[str]:
        """Return the lines of a leaf or a part of `all`, unread."""
        return self._opened.get(
            file.sha256,
            lambda: part_lines(self._blob(file), _where(file)),
            lambda lines: sum(map(len, lines)),
        )

    def _blob(self, file: FileRef) -> bytes:
        """Return an index file with the size and digest its reference states."""
        path = blob_path(file.sha256)
        if file.size_bytes > MAX_INDEX_FILE_BYTES:
            raise IntegrityError(
                f"{blob_name(path)}: {file.size_bytes} bytes stated, at most {MAX_INDEX_FILE_BYTES} allowed; refused"
            )
        data = self.fetch(path, sha256=file.sha256, max_bytes=file.size_bytes)
        return checked(data, file, blob_name(path))


def _where(file: FileRef) -> str:
    return blob_name(blob_path(file.sha256))


def _names_by_uid(uids: Iterable[UidNames]) -> dict[str, tuple[str, ...]]:
    """Return names by uid; a uid that stands twice has the names of both lines."""
    found: dict[str, tuple[str, ...]] = {}
    for one in uids:
        found[one.uid] = (*found.get(one.uid, ()), *one.names)
    return found


def _mentions(text: str) -> Callable[[str], bool]:
    """Return a test whether a record's line may have this name or uid; the format writes characters as they are."""
    needle = json.dumps(text, ensure_ascii=False)
    return lambda line: needle in line or "\\u" in line


def first_that_works(addresses: Iterable[str], fetch: Callable[[str], _T]) -> _T:
    """Return what the first address gives that works; the failure of the first one is the one that is raised."""
    failure: CmsiteError | None = None
    for url in addresses:
        try:
            return fetch(url)
        except (NetworkError, IntegrityError) as error:
            failure = failure or error
    if failure is None:
        raise AssertionError("a file has at least one address")
    raise failure
