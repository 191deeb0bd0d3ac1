"""Circles in who needs whom: strongly connected components and a shortest circle in each; pure and linear.

Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1 (1972), here without
recursion, since a chain may be as long as a repository has artifacts.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(graph: Mapping[Node, Sequence[Node]]) -> Iterator[tuple[Node, ...]]:
    """Yield one shortest circle of each group of nodes that reach each other, in the order of the graph.

    A circle begins at the node of its group that comes first in the graph; the last node leads back to it. Nodes
    that are no key of the graph lead nowhere.

    >>> list(circles({"a": ["b"], "b": ["c", "a"], "c": ["c"]}))
    [('a', 'b'), ('c',)]
    """
    rank = {node: number for number, node in enumerate(graph)}
    found = []
    for group in _components(graph):
        if len(group) > 1 or group[0] in graph.get(group[0], ()):
            start = min(group, key=rank.__getitem__)
            found.append((rank[start], _circle(graph, start, frozenset(group))))
    yield from (circle for _, circle in sorted(found, key=lambda item: item[0]))


def _components(graph: Mapping[Node, Sequence[Node]]) -> Iterator[list[Node]]:
    number: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    open_nodes: dict[Node, None] = {}  # In the order in which they were entered.
    for root in graph:
        if root in number:
            continue
        number[root] = lowest[root] = len(number)
        open_nodes[root] = None
        path = [(root, iter(graph[root]))]
        while path:
            node, following = path[-1]
            for target in following:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    open_nodes[target] = None
                    path.append((target, iter(graph.get(target, ()))))
                    break
                if target in open_nodes:
                    lowest[node] = min(lowest[node], number[target])
            else:
                path.pop()
                if path:
                    parent = path[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == number[node]:
                    yield _closed(node, open_nodes)


def _closed(root: Node, open_nodes: dict[Node, None]) -> list[Node]:
    """Take a component off the open nodes: those entered since its root."""
    group = []
    while True:
        node, _ = open_nodes.popitem()
        group.append(node)
        if node == root:
            return group


def _circle(graph: Mapping[Node, Sequence[Node]], start: Node, group: frozenset[Node]) -> tuple[Node, ...]:
    """Return a shortest way from a node back to itself within its component."""
    came_from: dict[Node, Node] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for target in graph[node]:
            if target == start:
                way = [node]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            if target in group and target not in came_from:
                came_from[target] = node
                waiting.append(target)
    return (start,)  # Not reached: in a component every node leads back.
