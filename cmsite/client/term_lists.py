"""Lists of the tree of terms, read for one search: nodes, leaves and chunks, each round fetched at once.

What a query means stands in `term_search`. Source: docs/index-format.md, "The tree of terms".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain

from cmsite.client.index_files import IndexFiles
from cmsite.errors import UsageError
from cmsite.index.delta import Delta, parse_delta
from cmsite.index.entries import Entry
from cmsite.index.layout import blob_path
from cmsite.index.read import blob_name
from cmsite.index.root import FileRef, Terms
from cmsite.index.term_files import (
    Chunk,
    Node,
    Term,
    TermLeaf,
    TermLines,
    entries_of,
    leaves_for,
    parse_chunk,
    parse_term_leaf,
    parse_term_node,
)

MAX_ENTRIES = 1 << 22  # Read at once: 100 MB; what a million artifacts need is a tenth of it.
MAX_BEGINNINGS = 100  # Keys that one beginning stands for.


class TermLists:
    """What was read of one tree so far."""

    def __init__(self, files: IndexFiles, terms: Terms) -> None:
        self._files = files
        self._terms = terms
        self._nodes: dict[int, Node] = {}
        self._leaves: dict[tuple[int, int], TermLines] = {}
        self.common: dict[str, tuple[int, int]] = {}
        self.delta = Delta()
        self._is_open = False

    def read_nodes(self, beginnings: Iterable[str], keys: Iterable[str]) -> None:
        """Read the delta, and the nodes in which these stand; at least one, as it tells the common keys."""
        wanted = {number for text in beginnings for number in self._nodes_for(text, MAX_BEGINNINGS)}
        wanted |= {number for key in keys for number in self._nodes_for(key, 1)}
        wanted |= {0} if self._terms.nodes and not self._nodes else set()
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
        wanted = {place for text in beginnings for place in self._leaves_for(text, MAX_BEGINNINGS)}
        wanted |= {place for key in keys for place in self._leaves_for(key, 1)}
        places = sorted(wanted - self._leaves.keys())
        leaves = [self._nodes[node].leaves[leaf] for node, leaf in places]
        found = self._files.fetch_many([leaf.file for leaf in leaves])
        for (node, number), leaf, data in zip(places, leaves, found, strict=True):
            below = self._nodes[node]
            end = below.leaves[number + 1].first if number + 1 < len(below.leaves) else self._end(node)
            self._leaves[node, number] = parse_term_leaf(data, leaf, below, end, where_of(leaf.file))

    def term(self, key: str) -> Term | None:
        """Return the list of a key whose leaf was read, None where nothing has it."""
        for place in self._leaves_for(key, 1):
            leaf = self._leaves[place]
            at = bisect_left(leaf.keys, key)
            if at < len(leaf.keys) and leaf.keys[at] == key:
                return leaf.term(at)
        return None

    def beginning_with(self, text: str) -> list[Term]:
        """Return the lists of the first keys that begin with this; their leaves were read."""
        found: list[Term] = []
        for place in self._leaves_for(text, MAX_BEGINNINGS):
            leaf = self._leaves[place]
            for number in range(bisect_left(leaf.keys, text), len(leaf.keys)):
                if len(found) >= MAX_BEGINNINGS or not leaf.keys[number].startswith(text):
                    return found
                found.append(leaf.term(number))
        return found

    def keys_around(self, text: str) -> list[tuple[str, int]]:
        """Return the (key, documents) of the leaf in which this would stand; it is read where it was not."""
        self.read_nodes((), [text])
        self.read_leaves((), [text])
        leaves = [self._leaves[place] for place in self._leaves_for(text, 1)]
        near = ((leaf, number) for leaf in leaves for number in range(len(leaf.keys)))
        return [(term.key, term.count) for leaf, number in near if (term := leaf.term(number))]

    def entries(self, terms: Sequence[Term], most: int | None = None) -> list[list[Entry]]:
        """Return the entries of lists, in order, at most about `most` of each; those of the delta's hashes stay among them."""
        asked = sum(term.count if most is None else min(term.count, most) for term in terms)
        if asked > MAX_ENTRIES:
            raise UsageError(
                f"the lists of these words have {asked} entries, at most {MAX_ENTRIES} are read; search for longer words"
            )
        chunks = [list(_first(term.chunks, most)) for term in terms]
        files = [chunk.file for some in chunks for chunk in some]
        found = iter(self._files.fetch_many(files))
        lists: list[list[Entry]] = []
        for term, some in zip(terms, chunks, strict=True):
            if term.chunks:
                parts = (parse_chunk(next(found), chunk, where_of(chunk.file)) for chunk in some)
                lists.append(list(chain.from_iterable(parts))[:most])
            else:
                lists.append(list(entries_of(term))[:most])
        return lists

    def _end(self, node: int) -> str | None:
        return self._terms.nodes[node + 1].first if node + 1 < len(self._terms.nodes) else None

    def _nodes_for(self, text: str, most: int) -> list[int]:
        """Return the nodes that hold the first keys which begin with this: one, or two where it may go on in the next."""
        nodes = self._terms.nodes
        if not nodes:
            return []
        at = max(0, bisect_right(nodes, text, key=lambda node: node.first) - 1)
        goes_on = most > 1 and at + 1 < len(nodes) and nodes[at + 1].first.startswith(text)
        return [at, at + 1] if goes_on else [at]

    def _leaves_for(self, text: str, most: int) -> list[tuple[int, int]]:
        """Return the places (node, leaf) of the leaves that hold the first `most` keys which begin with this."""
        found: list[tuple[int, int]] = []
        keys = 0
        for number in self._nodes_for(text, most):
            node = self._nodes[number]
            leaves = leaves_for(node, text, most - keys) if not found else _more(node, text, most - keys)
            keys += sum(leaf.keys for leaf in (leaves if found else leaves[1:]))
            found.extend((number, node.leaves.index(leaf)) for leaf in leaves)
            if keys >= most or most == 1:
                break
        return found


def where_of(file: FileRef) -> str:
    """Return how messages name a file of the index."""
    return blob_name(blob_path(file.sha256))


def _more(node: Node, text: str, most: int) -> tuple[TermLeaf, ...]:
    """Return the leaves at the beginning of a next node that may hold more keys which begin with this."""
    found: list[TermLeaf] = []
    for leaf in node.leaves:
        if most <= 0 or not leaf.first.startswith(text):
            break
        found.append(leaf)
        most -= leaf.keys
    return tuple(found)


def _first(chunks: Sequence[Chunk], most: int | None) -> Iterable[Chunk]:
    """Yield chunks until they hold `most` entries."""
    held = 0
    for chunk in chunks:
        if most is not None and held >= most:
            return
        yield chunk
        held += chunk.count
