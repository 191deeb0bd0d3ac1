"""Documents → the tree of terms: for every key the list of its documents, in leaves below nodes.

Written as a whole (a fold) and kept until the next one; what changed since stands in the delta.
Source: docs/index-format.md, "The tree of terms".
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from cmsite.index.catalogue import Documents
from cmsite.index.entries import MAX_COMMON, SIZE, counts_of_common, emit_entries, row
from cmsite.index.joining import joined
from cmsite.index.layout import IndexLimits, blob_path
from cmsite.index.packing import packed_file
from cmsite.index.postings import LEVELS
from cmsite.index.references import FileRef, file_value
from cmsite.index.root import TermNode, Terms
from cmsite.index.spreading import Spread
from cmsite.index.strict import canonical
from cmsite.outputs import OutputFile

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class TermTree:
    """The lists of all keys; `files` yields those of the tree, and `terms` is what root.json says of it then."""

    def __init__(self, documents: Documents, limits: IndexLimits, spread: Spread) -> None:
        self._limits = limits
        self._spread = spread
        self._docs = bytes(documents.docs)
        order = documents.in_order()
        places = documents.places
        self._lists = joined(documents, order, spread)
        self._common = self._most_common()
        self._common_places = frozenset(place for _, _, place in self._common)
        masks = self._masks(len(order))
        self._count = len(order)
        self._rows = b"".join(row(places[document], mask) for document, mask in zip(order, masks, strict=True))
        self._chunked: dict[int, list[list[Any]]] = {}
        self.terms: Terms | None = None

    def files(self) -> Iterator[OutputFile]:
        """Yield the files: chunks, leaves, nodes, and the publisher's memory."""
        chunks = list(self._chunks())
        for (place, start, end), stored in zip(chunks, self._stored(_packed_chunks, chunks), strict=True):
            self._chunked.setdefault(place, []).append([*file_value(stored.ref), end - start])
            yield stored.output
        ranges = list(self._leaves())
        leaves = []
        for (start, end), stored in zip(ranges, self._stored(_packed_leaves, ranges), strict=True):
            entries = sum(sum(self._lists.counts(place)) for place in range(start, end))
            leaves.append([self._lists.key(start), *file_value(stored.ref), end - start, entries])
            yield stored.output
        nodes = []
        for content, first in self._nodes(leaves):
            stored = Stored.of(*packed_file(content))
            nodes.append(TermNode(first=first, file=stored.ref))
            yield stored.output
        docs = Stored.of(*packed_file(self._docs))
        yield docs.output
        self.terms = Terms(count=self._count, nodes=tuple(nodes), docs=docs.ref)

    def _stored(
        self, pack: Callable[["TermTree", Sequence[Any]], list[tuple[str, bytes]]], items: list[Any]
    ) -> Iterator["Stored"]:
        return (Stored.of(*packed) for packed in chain.from_iterable(self._spread(pack, self, items)))

    def _most_common(self) -> list[tuple[str, int, int]]:
        """Return (key, number of documents, place) of the keys that have a slot."""
        lists = self._lists
        least = self._limits.least_common
        enough = [(-count, lists.key(place), place) for place, count in enumerate(lists.totals) if count >= least]
        return [(key, -count, place) for count, key, place in sorted(enough)[:MAX_COMMON]]

    def _masks(self, count: int) -> list[int]:
        masks = [0] * count
        for slot, (_, _, place) in enumerate(self._common):
            for level in LEVELS:
                bits = level << (2 * slot)
                for number in self._lists.numbers(place, level):
                    masks[number] |= bits
        return masks

    def _entries(self, place: int, start: int = 0, end: int | None = None) -> bytes:
        """Return entries of a key, one after another."""
        rows = self._rows
        numbers = self._lists.all_numbers(place)[start:end]
        return b"".join([rows[number * SIZE : number * SIZE + SIZE] for number in numbers])

    def _chunks(self) -> Iterator[tuple[int, int, int]]:
        """Yield the (place of the key, first entry, end) of each chunk."""
        size = self._limits.chunk
        for place, count in enumerate(self._lists.totals):
            if count > size:
                yield from ((place, start, min(count, start + size)) for start in range(0, count, size))

    def chunk(self, place: int, start: int, end: int) -> bytes:
        """Return the content of a chunk."""
        return b'{"d":"' + emit_entries(self._entries(place, start, end)) + b'"}\n'

    def _leaves(self) -> Iterator[tuple[int, int]]:
        """Yield the range of keys of each leaf; a key of enough documents begins one, so that its node tells as much."""
        start = held = 0
        for position, count in enumerate(self._lists.totals):
            size = 24 + (SIZE * count // 2 if count <= self._limits.chunk else 45 * -(-count // self._limits.chunk))
            is_full = held + size > self._limits.leaf_bytes or count >= self._limits.enough
            if position > start and is_full:
                yield start, position
                start, held = position, 0
            held += size
        if len(self._lists):
            yield start, len(self._lists)

    def leaf(self, start: int, end: int) -> bytes:
        """Return the content of the leaf with a range of the keys."""
        return b"".join(map(self._line, range(start, end)))

    def _line(self, place: int) -> bytes:
        text = _ENCODE(self._lists.key(place)).encode("utf-8")
        counts = self._lists.counts(place)
        chunks = self._chunked.get(place)
        if chunks is not None:
            line = b"{" + self._beginning(place) + b'"c":' + canonical(chunks)
        else:
            line = b'{"d":"' + emit_entries(self._entries(place)) + b'"'
        name, strong, weak = counts
        return line + b',"l":[%d,%d,%d],"n":%d,"t":%b}\n' % (name, strong, weak, sum(counts), text)

    def _beginning(self, place: int) -> bytes:
        """Return what the line of a common key says of its first chunk."""
        if place not in self._common_places:
            return b""
        counts = counts_of_common(self._entries(place, 0, self._limits.chunk), len(self._common))
        return b'"b":%b,' % canonical(counts)

    def _nodes(self, leaves: list[list[Any]]) -> Iterator[tuple[bytes, str]]:
        size = max(self._limits.leaves_a_node, -(-len(leaves) // self._limits.max_nodes))
        for start in range(0, len(leaves), size):
            some = leaves[start : start + size]
            value = {
                "chunk": self._limits.chunk,
                "common": [[key, count] for key, count, _ in self._common],
                "enough": self._limits.enough,
                "leaves": some,
            }
            yield canonical(value) + b"\n", some[0][0]


def _packed_chunks(tree: TermTree, chunks: Sequence[tuple[int, int, int]]) -> list[tuple[str, bytes]]:
    return [packed_file(tree.chunk(*chunk)) for chunk in chunks]


def _packed_leaves(tree: TermTree, ranges: Sequence[tuple[int, int]]) -> list[tuple[str, bytes]]:
    return [packed_file(tree.leaf(*some)) for some in ranges]


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
