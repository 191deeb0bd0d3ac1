"""Pareto fronts of two numbers a point, each with a direction, in O(n log n).

A point is on the front where no other is at least as good in both and better in one; equal points are on it together.
Source: facts/results.md §3, §4 (one front per comparable group), §7 (a missing value is not 0).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """`points` are the numbers of the points on the front, from best to worst x, equal ones in their order.

    `left_out` counts the points without a finite value of x or y, which take no part.
    """

    points: tuple[int, ...]
    left_out: int


def pareto_front(xs: Sequence[float | None], ys: Sequence[float | None], *, lower_x: bool, lower_y: bool) -> Front:
    """Return the front of the points (x, y); None is a missing value.

    >>> pareto_front([1, 2, 3, None], [5, 9, 7, 1], lower_x=True, lower_y=False)
    Front(points=(0, 1), left_out=1)
    """
    across = _turned(xs, turn=not lower_x)
    along = _turned(ys, turn=not lower_y)
    taking_part = [point for point, x in enumerate(across) if x is not None and along[point] is not None]
    taking_part.sort(key=[x or 0.0 for x in across].__getitem__)
    return Front(points=tuple(_swept(taking_part, across, along)), left_out=len(across) - len(taking_part))


def _turned(values: Sequence[float | None], *, turn: bool) -> list[float | None]:
    """Return the values with less being better, None for what is not finite."""
    isfinite = math.isfinite
    if turn:
        return [-value if value is not None and isfinite(value) else None for value in values]
    return [value if value is not None and isfinite(value) else None for value in values]


def _swept(points: list[int], across: list[float | None], along: list[float | None]) -> list[int]:
    """Return the points, in order of x, that are better in y than all of better x and none of equal x is better."""
    front: list[int] = []
    best = math.inf
    start = 0  # Of the points on the front that have the x of the last one.
    for point in points:
        y = along[point]
        assert y is not None  # noqa: S101 - points without a value were left out.
        is_same_x = start < len(front) and across[front[start]] == across[point]
        if y < best:
            if is_same_x:
                del front[start:]
            else:
                start = len(front)
            front.append(point)
            best = y
        elif y == best and is_same_x:
            front.append(point)
    return front
