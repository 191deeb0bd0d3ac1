"""Which files indexes refer to: whatever a reader of a root may ask for, and nothing else.

It reads nodes and leaves, and neither files nor clocks: callers hand in bytes. Source: docs/index-format.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from cmsite.errors import IntegrityError
from cmsite.index.layout import archive_path, blob_path
from cmsite.index.read import checked, parse_leaf, parse_node
from cmsite.index.records import Record
from cmsite.index.references import FileRef
from cmsite.index.root import Root, Terms, Tree
from cmsite.index.term_files import check_tree

Value = TypeVar("Value")


class Reach:
    """Paths of files, relative to the site's root: `paths` of all that may be asked for, `purged` of purged archives.

    `read` returns the bytes at a path, and raises `IntegrityError` where there are none.
    """

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._followed: set[str] = set()
        self._terms: set[Terms] = set()
        self.paths: set[str] = set()
        self.purged: set[str] = set()

    def follow(self, root: Root, *, is_whole: bool = True) -> None:
        """Add what a root refers to; where it `is_whole`, nodes and leaves of records must be there.

        Raises `IntegrityError` where something is missing or damaged, so that nobody knows what it referred to. Of an
        index of before a purge took leaves away: no reader gets to what stands below them.
        """
        self._mark(root.all)
        self._mark([root.delta] if root.delta else [])
        for number, leaf in self._leaves(root.records, is_whole=is_whole):
            for record in self._opened(leaf, partial(_records, root.records, number), is_whole=is_whole) or ():
                self._add(record)
        self._mark(leaf for _, leaf in self._leaves(root.uids, is_whole=is_whole))
        if root.terms is not None and root.terms not in self._terms:
            self._terms.add(root.terms)
            check_tree(root.terms, self._read_terms)

    def _leaves(self, tree: Tree, *, is_whole: bool) -> Iterator[tuple[int, FileRef]]:
        """Yield the numbers and leaves of a tree, those below nodes that were followed before left out."""
        for number, node in enumerate(tree.nodes):
            if node is None:
                continue
            below = self._opened(node, lambda data, path: parse_node(data, tree, path), is_whole=is_whole) or ()
            for position, leaf in enumerate(below):
                if leaf is not None:
                    yield number * tree.leaves_a_node + position, leaf

    def _opened(self, file: FileRef, parse: Callable[[bytes, str], Value], *, is_whole: bool) -> Value | None:
        """Return what a file holds, None where it was followed before or, unless the index `is_whole`, is no more."""
        path = blob_path(file.sha256)
        self.paths.add(path)
        if file.sha256 in self._followed:
            return None
        try:
            value = parse(checked(self._read(path), file, path), path)
        except IntegrityError:
            if is_whole:
                raise
            return None
        self._followed.add(file.sha256)
        return value

    def _add(self, record: Record) -> None:
        self.paths.update(blob_path(digest) for digest in (record.licenses, record.dependencies) if digest)
        for version in record.versions:
            if version.purged is not None:
                self.purged.add(archive_path(version.archive_sha256))
            elif version.url is None:
                self.paths.add(archive_path(version.archive_sha256))

    def _mark(self, files: Iterable[FileRef]) -> None:
        self.paths.update(blob_path(file.sha256) for file in files)

    def _read_terms(self, paths: Sequence[str]) -> Iterator[bytes]:
        self.paths.update(paths)
        return map(self._read, paths)


def _records(tree: Tree, number: int, data: bytes, path: str) -> tuple[Record, ...]:
    return parse_leaf(data, tree, number, path)
