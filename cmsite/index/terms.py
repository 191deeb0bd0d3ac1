"""Documents → the tree of terms: for every key the list of its documents, in leaves below nodes.

Written as a whole (a fold) and kept until the next one; what changed since stands in the delta.
Source: docs/index-format.md, "The tree of terms".
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cmsite.index.catalogue import Documents
from cmsite.index.documents import keys_of
from cmsite.index.entries import MAX_COMMON, SIZE, emit_entries, row
from cmsite.index.layout import IndexLimits, blob_path
from cmsite.index.packing import packed_file
from cmsite.index.root import FileRef, TermNode, Terms, file_value
from cmsite.index.strict import canonical
from cmsite.outputs import OutputFile

# Like `map`, in the order of the items; a publisher of much may do it in several processes.
Spread = Callable[[Callable[[bytes], tuple[str, bytes]], Iterable[bytes]], Iterable[tuple[str, bytes]]]

_LEVELS = (3, 2, 1)


@dataclass(slots=True)
class _Leaf:
    """Lines that make a leaf, and what they will about pack to."""

    first: str = ""
    lines: list[bytes] = field(default_factory=list)
    size: int = 0


class TermTree:
    """The lists of all keys; `files` yields those of the tree, and `terms` is what root.json says of it then."""

    def __init__(self, documents: Documents, limits: IndexLimits, spread: Spread) -> None:
        self._limits = limits
        self._spread = spread
        self._lists: dict[int, dict[str, array[int]]] = {level: {} for level in _LEVELS}
        self._docs = bytes(documents.docs)
        order = documents.in_order()
        for number, document in enumerate(order):
            self._add(number, keys_of(documents.records(document)))
        self._keys = sorted(set().union(*self._lists.values()))
        self._common = self._most_common()
        masks = self._masks(len(order))
        places = documents.places
        self._rows = [row(places[document], mask) for document, mask in zip(order, masks, strict=True)]
        self.terms: Terms | None = None

    def files(self) -> Iterator[OutputFile]:
        """Yield the files: chunks, leaves, nodes, and the publisher's memory."""
        chunks: dict[str, list[list[Any]]] = {}
        for file, (key, count) in self._stored(self._chunks()):
            chunks.setdefault(key, []).append([*file_value(file.ref), count])
            yield file.output
        leaves = []
        for file, (key, keys) in self._stored(self._leaves(chunks)):
            leaves.append([key, *file_value(file.ref), keys])
            yield file.output
        nodes = []
        for file, key in self._stored(self._nodes(leaves)):
            nodes.append(TermNode(first=key, file=file.ref))
            yield file.output
        ((docs, _),) = self._stored([(self._docs, None)])
        yield docs.output
        self.terms = Terms(count=len(self._rows), nodes=tuple(nodes), docs=docs.ref)

    def _add(self, number: int, keys: dict[str, int]) -> None:
        lists = self._lists
        for key, level in keys.items():
            found = lists[level].get(key)
            if found is None:
                lists[level][key] = array("I", (number,))
            else:
                found.append(number)

    def _count(self, key: str) -> int:
        return sum(len(found[key]) for found in self._lists.values() if key in found)

    def _most_common(self) -> list[tuple[str, int]]:
        counted = ((key, self._count(key)) for key in self._keys)
        least = self._limits.least_common
        return sorted((one for one in counted if one[1] >= least), key=lambda one: (-one[1], one[0]))[:MAX_COMMON]

    def _masks(self, count: int) -> list[int]:
        masks = [0] * count
        for slot, (key, _) in enumerate(self._common):
            for level, lists in self._lists.items():
                bits = level << (2 * slot)
                for number in lists.get(key, ()):
                    masks[number] |= bits
        return masks

    def _entries(self, key: str) -> tuple[list[int], list[bytes]]:
        """Return how many documents have the key at each level, and their entries."""
        rows, counts, entries = self._rows, [], []
        for level in _LEVELS:
            found = self._lists[level].get(key, ())
            counts.append(len(found))
            entries.extend([rows[number] for number in found])
        return counts, entries

    def _chunks(self) -> Iterator[tuple[bytes, tuple[str, int]]]:
        """Yield the content of chunks, each with its key and number of entries."""
        size = self._limits.chunk
        for key in self._keys:
            if self._count(key) <= size:
                continue
            _, entries = self._entries(key)
            for start in range(0, len(entries), size):
                chunk = entries[start : start + size]
                yield b'{"d":"' + emit_entries(b"".join(chunk)) + b'"}\n', (key, len(chunk))

    def _leaves(self, chunks: dict[str, list[list[Any]]]) -> Iterator[tuple[bytes, tuple[str, int]]]:
        """Yield the content of leaves, each with its first key and number of keys."""
        leaf = _Leaf()
        for key in self._keys:
            line, size = self._line(key, chunks.get(key))
            if leaf.lines and leaf.size + size > self._limits.leaf_bytes:
                yield b"".join(leaf.lines), (leaf.first, len(leaf.lines))
                leaf = _Leaf()
            if not leaf.lines:
                leaf.first = key
            leaf.lines.append(line)
            leaf.size += size
        if leaf.lines:
            yield b"".join(leaf.lines), (leaf.first, len(leaf.lines))

    def _line(self, key: str, chunks: list[list[Any]] | None) -> tuple[bytes, int]:
        """Return the line of a key, and about what it packs to."""
        text = json.dumps(key, ensure_ascii=False).encode("utf-8")
        if chunks is not None:
            counts = [len(self._lists[level].get(key, ())) for level in _LEVELS]
            line = b'{"c":' + canonical(chunks)
            size = 24 + 45 * len(chunks)
        else:
            counts, entries = self._entries(key)
            line = b'{"d":"' + emit_entries(b"".join(entries)) + b'"'
            size = 24 + SIZE * len(entries) // 2
        name, strong, weak = counts
        return line + b',"l":[%d,%d,%d],"n":%d,"t":%b}\n' % (name, strong, weak, sum(counts), text), size

    def _nodes(self, leaves: list[list[Any]]) -> Iterator[tuple[bytes, str]]:
        size = max(self._limits.leaves_a_node, -(-len(leaves) // self._limits.max_nodes))
        for start in range(0, len(leaves), size):
            some = leaves[start : start + size]
            value = {"chunk": self._limits.chunk, "common": [list(one) for one in self._common], "leaves": some}
            yield canonical(value) + b"\n", some[0][0]

    def _stored(self, contents: Iterable[tuple[bytes, Any]]) -> Iterator[tuple["Stored", Any]]:
        """Yield packed files in the order of the contents, each with what came with its content."""
        labels: list[Any] = []

        def plain() -> Iterator[bytes]:
            for content, label in contents:
                labels.append(label)
                yield content

        for number, (sha256, packed) in enumerate(self._spread(packed_file, plain())):
            yield Stored.of(sha256, packed), labels[number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A packed file: how others name it, and the file itself."""

    ref: FileRef
    output: OutputFile

    @staticmethod
    def of(sha256: str, packed: bytes) -> "Stored":
        """Return what was packed as a file of the index."""
        output = OutputFile(path=blob_path(sha256), content=packed)
        return Stored(ref=FileRef(sha256=sha256, size_bytes=len(packed)), output=output)
