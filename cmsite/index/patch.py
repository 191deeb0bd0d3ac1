"""A changed record → the files of the index that change: a leaf, its node, the delta or `all`, and root.json.

What comes out is what `emit_index` makes of all records; where that cannot be told from these files alone, nothing does.
Source: docs/index-format.md (where one record changes, four files change).
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from cmsite.errors import IntegrityError
from cmsite.index.delta_patch import DeltaPatch
from cmsite.index.emit import continued
from cmsite.index.layout import MAX_ALL_PART_BYTES, ROOT_PATH, blob_path, key_digest
from cmsite.index.lines import emit_record, publishable
from cmsite.index.packing import packed_file, unpack
from cmsite.index.read import checked, leaf_of, parse_line, parse_node
from cmsite.index.records import Record
from cmsite.index.references import FileRef, files_value
from cmsite.index.revise import is_redirect
from cmsite.index.root import Root, emit_root
from cmsite.index.strict import canonical
from cmsite.outputs import OutputFile


class IndexPatch:
    """Changes records of a written index one by one; `files` are those to write, root.json last.

    `read` returns the bytes at a path relative to the site's root.
    """

    def __init__(self, root: Root, read: Callable[[str], bytes]) -> None:
        self._before = root
        self._root = root
        self._read = read
        self._made: dict[str, bytes] = {}
        self._held_delta: DeltaPatch | None = None

    @property
    def _delta(self) -> DeltaPatch:
        if self._held_delta is None:
            self._held_delta = DeltaPatch(self._root, self._content)
        return self._held_delta

    def change(self, revise: Callable[[Record], Record], *, name: str, key: tuple[str, str, str]) -> bool:
        """Replace the record of an origin by what `revise` makes of it; False where only all records can tell."""
        tree = self._root.records
        leaf = leaf_of(name, tree)
        number, position = tree.node_of(leaf), leaf % tree.leaves_a_node
        node = tree.nodes[number]
        if node is None:
            return False
        leaves = list(parse_node(self._content(node), tree, ROOT_PATH))
        found = leaves[position]
        if found is None:
            return False
        lines = self._lines(found)
        old = _line_of(lines, key)
        if old is None:
            return False
        record = publishable(revise(parse_line(old, ROOT_PATH, 0)))
        if self._root.terms is None and not self._change_part(name, key, emit_record(record).decode()):
            return False
        if self._root.terms is not None:
            others = [parse_line(line, ROOT_PATH, 0) for line in lines if line and line != old]
            if not self._delta.change(parse_line(old, ROOT_PATH, 0), record, others):
                return False
        leaves[position] = self._store(_replaced(lines, old, emit_record(record, lean=True).decode()), instead=found)
        changed = self._pack(canonical(files_value(leaves)) + b"\n", instead=node)
        nodes = (*tree.nodes[:number], changed, *tree.nodes[number + 1 :])
        self._root = replace(self._root, records=replace(tree, nodes=nodes))
        return True

    def files(self, *, created_s: int, is_preview: bool) -> tuple[OutputFile, ...] | None:
        """Return the changed files, root.json last; it counts on from the index that was read.

        None where so much changed that the tree of terms has to be made anew.
        """
        if self._held_delta is not None:
            packed = self._held_delta.packed()
            if packed is None:
                return None
            self._root = replace(self._root, delta=self._kept(packed) if packed else None)
        root = replace(self._root, zlib=zlib.ZLIB_RUNTIME_VERSION, created_s=created_s)
        root = replace(root, gen=0, prev=None) if is_preview else continued(root, self._before)
        content = emit_root(root)
        if root == self._before:
            content = self._read(ROOT_PATH)
        made = (OutputFile(path=path, content=data) for path, data in self._made.items())
        return (*made, OutputFile(path=ROOT_PATH, content=content))

    def _change_part(self, name: str, key: tuple[str, str, str], line: str) -> bool:
        """Replace a line in the part of `all` that holds it; False where the parts might be cut elsewhere."""
        parts = self._root.all
        number = self._part_of(name)
        if number is None:
            return False
        lines = self._lines(parts[number])
        old = _line_of(lines, key)
        if old is None:
            return False
        changed = self._store(_replaced(lines, old, line), instead=parts[number])
        beside = [*parts[max(0, number - 1) : number], *parts[number + 1 : number + 2]]
        smallest = min((part.size_bytes for part in beside), default=MAX_ALL_PART_BYTES)
        if changed.size_bytes > MAX_ALL_PART_BYTES or changed.size_bytes + smallest <= MAX_ALL_PART_BYTES:
            return False
        self._root = replace(self._root, all=(*parts[:number], changed, *parts[number + 1 :]))
        return True

    def _part_of(self, name: str) -> int | None:
        """Return the part that holds a name, by halving: parts stand in the order of the hashes."""
        digest, low, high = key_digest(name), 0, len(self._root.all)
        while low < high:
            middle = (low + high) // 2
            lines = self._lines(self._root.all[middle])
            if digest < key_digest(parse_line(lines[0], ROOT_PATH, 0).name):
                high = middle
            elif digest > key_digest(parse_line(lines[-1], ROOT_PATH, 0).name):
                low = middle + 1
            else:
                return middle
        return None

    def _lines(self, file: FileRef) -> list[str]:
        return unpack(self._content(file), where=blob_path(file.sha256)).decode().removesuffix("\n").split("\n")

    def _content(self, file: FileRef) -> bytes:
        path = blob_path(file.sha256)
        made = self._made.get(path)
        return made if made is not None else checked(self._read(path), file, path)

    def _store(self, lines: Iterable[str], *, instead: FileRef) -> FileRef:
        return self._pack("".join(f"{line}\n" for line in lines).encode(), instead=instead)

    def _pack(self, content: bytes, *, instead: FileRef) -> FileRef:
        """Keep packed content to be written, and forget what an earlier change put in the same place."""
        self._made.pop(blob_path(instead.sha256), None)
        return self._kept(packed_file(content)[1])

    def _kept(self, packed: bytes) -> FileRef:
        file = FileRef(sha256=hashlib.sha256(packed).hexdigest(), size_bytes=len(packed))
        self._made[blob_path(file.sha256)] = packed
        return file


def _line_of(lines: list[str], key: tuple[str, str, str]) -> str | None:
    """Return the line of an origin, not of a redirect beside it; its folder tells most others apart without parsing."""
    folder = json.dumps(key[2], ensure_ascii=False)
    return next((line for line in lines if folder in line and _is_origin(parse_line(line, ROOT_PATH, 0), key)), None)


def _is_origin(record: Record, key: tuple[str, str, str]) -> bool:
    return record.key == key and not is_redirect(record)


def _replaced(lines: list[str], old: str, line: str) -> list[str]:
    if lines.count(old) != 1:
        raise IntegrityError(f"{ROOT_PATH}: a record stands twice in one file; build with --no-cache")
    return [line if item == old else item for item in lines]
