"""Lists of the tree of terms, read for one search: nodes, leaves and chunks, each round fetched at once.

What a query means stands in `term_search`. Source: docs/index-format.md, "The tree of terms".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain, islice

from cmsite.client.index_files import IndexFiles
from cmsite.errors import UsageError
from cmsite.index.delta import Delta, parse_delta
from cmsite.index.entries import Entry
from cmsite.index.layout import blob_path
from cmsite.index.read import blob_name
from cmsite.index.references import FileRef
from cmsite.index.root import Terms
from cmsite.index.term_files import (
    Chunk,
    Node,
    Term,
    TermLines,
    entries_of,
    parse_chunk,
    parse_term_leaf,
    parse_term_node,
)

MAX_ENTRIES = 1 << 22  # Read at once: 100 MB; what a million artifacts need is a tenth of it.
MAX_BEGINNINGS = 100  # Keys that one beginning stands for.

# A list, and how many of its entries are looked at, None for all.
Part = tuple[Term, int | None]


class TermLists:
    """What was read of one tree so far."""

    def __init__(self, files: IndexFiles, terms: Terms) -> None:
        self._files = files
        self._terms = terms
        self._nodes: dict[int, Node] = {}
        self._leaves: dict[tuple[int, int], TermLines] = {}
        self._chunks: dict[str, bytes] = {}
        self.common: dict[str, tuple[int, int]] = {}
        self.delta = Delta()
        self._is_open = False

    def read_nodes(self, beginnings: Iterable[str], keys: Iterable[str]) -> None:
        """Read the delta, and the nodes in which these stand; at least one, as it tells the common keys."""
        texts = list(beginnings)
        wanted = {number for text in texts for number in self._first_nodes(text)}
        wanted |= {self._node_at(key) for key in keys} if self._terms.nodes else set()
        is_first = not wanted and not self._nodes
        self._read_nodes({0} if is_first and self._terms.nodes else wanted)
        while wanted := {number for text in texts for number in self._span(text)[1]}:
            self._read_nodes(wanted)

    def _read_nodes(self, wanted: set[int]) -> None:
        numbers = sorted(wanted - self._nodes.keys())
        delta = self._files.root.delta
        files = [self._terms.nodes[number].file for number in numbers]
        is_first, self._is_open = not self._is_open, True
        found = self._files.fetch_many([*files, delta] if is_first and delta is not None else files)
        for number, data in zip(numbers, found, strict=False):
            node, end = self._terms.nodes[number], self._end(number)
            self._nodes[number] = parse_term_node(data, node.first, end, where_of(node.file))
            self.common = self._nodes[number].common
        if is_first and delta is not None:
            self.delta = parse_delta(found[-1], where_of(delta))

    def read_leaves(self, beginnings: Iterable[str], keys: Iterable[str]) -> None:
        """Read the leaves in which these stand; their nodes were read."""
        wanted = {place for text in beginnings for place in self._span(text)[0]}
        self._read_leaves(wanted | {place for key in keys for place in self._leaf_at(key)})

    def _read_leaves(self, wanted: set[tuple[int, int]]) -> None:
        places = sorted(wanted - self._leaves.keys())
        leaves = [self._nodes[node].leaves[leaf] for node, leaf in places]
        found = self._files.fetch_many([leaf.file for leaf in leaves])
        for (node, number), leaf, data in zip(places, leaves, found, strict=True):
            below = self._nodes[node]
            end = below.leaves[number + 1].first if number + 1 < len(below.leaves) else self._end(node)
            self._leaves[node, number] = parse_term_leaf(data, leaf, below, end, where_of(leaf.file))

    def term(self, key: str) -> Term | None:
        """Return the list of a key whose leaf was read, None where nothing has it."""
        for place in self._leaf_at(key):
            leaf = self._leaves[place]
            at = bisect_left(leaf.keys, key)
            if at < len(leaf.keys) and leaf.keys[at] == key:
                return leaf.term(at)
        return None

    def beginning_with(self, text: str) -> list[Term]:
        """Return the lists that a text is looked up as: of the keys that begin with it, the first; their leaves were read."""
        found: list[Term] = []
        entries = 0
        for node, leaf in self._span(text)[0]:
            lines = self._leaves[node, leaf]
            for number in range(bisect_left(lines.keys, text), len(lines.keys)):
                is_enough = len(found) >= MAX_BEGINNINGS or entries >= self._nodes[node].enough
                if is_enough or not lines.keys[number].startswith(text):
                    return found
                found.append(lines.term(number))
                entries += found[-1].count
        return found

    def keys_near(self, text: str, beginnings: Sequence[str]) -> list[tuple[str, int]]:
        """Return the (key, documents) of leaves: that in which a text would stand, those beside it, and those of beginnings.

        What is missing is read.
        """
        self.read_nodes(beginnings, [text])
        places = {*self._leaves_beside(text), *(place for one in beginnings for place in self._span(one)[0])}
        self._read_leaves(places)
        found = (self._leaves[place] for place in sorted(places))
        return [(term.key, term.count) for leaf in found for term in map(leaf.term, range(len(leaf.keys)))]

    def _leaves_beside(self, text: str) -> list[tuple[int, int]]:
        """Return the places of the leaf in which a text would stand, of the one before and the one after.

        The node of that leaf was read; where one of them stands in the next, that is read.
        """
        own = self._leaf_at(text)
        if not own:
            return []
        ((number, at),) = own
        leaves = len(self._nodes[number].leaves)
        before = (number, at - 1) if at else (number - 1, -1)
        after = (number, at + 1) if at + 1 < leaves else (number + 1, 0)
        beside = [place for place in (before, after) if 0 <= place[0] < len(self._terms.nodes)]
        self._read_nodes({node for node, _ in beside})
        return [*own, *((node, leaf % len(self._nodes[node].leaves)) for node, leaf in beside)]

    def read_chunks(self, lists: Iterable[Part]) -> None:
        """Read what the entries of lists stand in, all at once; at most `MAX_ENTRIES` entries."""
        parts = dict.fromkeys(lists)
        asked = sum(term.count if most is None else min(term.count, most) for term, most in parts)
        if asked > MAX_ENTRIES:
            raise UsageError(
                f"the lists of these words have {asked} entries, at most {MAX_ENTRIES} are read; search for longer words"
            )
        files = {chunk.file.sha256: chunk.file for term, most in parts for chunk in _first(term.chunks, most)}
        missing = [file for sha256, file in files.items() if sha256 not in self._chunks]
        self._chunks |= zip((file.sha256 for file in missing), self._files.fetch_many(missing), strict=True)

    def entries(self, lists: Sequence[Part]) -> list[list[Entry]]:
        """Return the entries of lists, in order, as many as asked for; those of the delta's hashes stay among them."""
        self.read_chunks(lists)
        return [list(islice(self._entries(term, most), most)) for term, most in lists]

    def _entries(self, term: Term, most: int | None) -> Iterable[Entry]:
        if not term.chunks:
            return entries_of(term)
        chunks = _first(term.chunks, most)
        return chain.from_iterable(
            parse_chunk(self._chunks[chunk.file.sha256], chunk, where_of(chunk.file)) for chunk in chunks
        )

    def _end(self, node: int) -> str | None:
        return self._terms.nodes[node + 1].first if node + 1 < len(self._terms.nodes) else None

    def _node_at(self, text: str) -> int:
        return max(0, bisect_right(self._terms.nodes, text, key=lambda node: node.first) - 1)

    def _first_nodes(self, text: str) -> list[int]:
        """Return the nodes that hold the first keys which begin with this: one, or two where it may go on in the next."""
        nodes = self._terms.nodes
        if not nodes:
            return []
        at = self._node_at(text)
        goes_on = at + 1 < len(nodes) and nodes[at + 1].first.startswith(text)
        return [at, at + 1] if goes_on else [at]

    def _leaf_at(self, text: str) -> list[tuple[int, int]]:
        """Return the place (node, leaf) of the leaf in which a key stands; its node was read."""
        if not self._terms.nodes:
            return []
        number = self._node_at(text)
        at = bisect_right(self._nodes[number].leaves, text, key=lambda leaf: leaf.first) - 1
        return [(number, max(0, at))]

    def _span(self, text: str) -> tuple[list[tuple[int, int]], list[int]]:
        """Return the places of the leaves that hold what a text is looked up as, and the node to read to know more."""
        found = self._leaf_at(text)
        if not found:
            return [], []
        ((number, at),) = found
        keys = entries = 0
        while True:
            node = self._nodes[number]
            leaf = node.leaves[at]
            if leaf.first >= text:  # Else some of its keys stand before the text.
                keys, entries = keys + leaf.keys, entries + leaf.entries
            if keys >= MAX_BEGINNINGS or entries >= node.enough:
                return found, []
            number, at = (number, at + 1) if at + 1 < len(node.leaves) else (number + 1, 0)
            if at == 0:
                if number == len(self._terms.nodes) or not self._terms.nodes[number].first.startswith(text):
                    return found, []
                if number not in self._nodes:
                    return found, [number]
            if not self._nodes[number].leaves[at].first.startswith(text):
                return found, []
            found.append((number, at))


def where_of(file: FileRef) -> str:
    """Return how messages name a file of the index."""
    return blob_name(blob_path(file.sha256))


def _first(chunks: Sequence[Chunk], most: int | None) -> Iterable[Chunk]:
    """Yield chunks until they hold `most` entries."""
    held = 0
    for chunk in chunks:
        if most is not None and held >= most:
            return
        yield chunk
        held += chunk.count
