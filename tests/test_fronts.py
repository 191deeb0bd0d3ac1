"""Pareto fronts beside their definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.results.fronts import pareto_front

# Few different numbers, so that ties and equal points are frequent.
_NUMBERS = st.one_of(st.none(), st.integers(-3, 3), st.floats(allow_nan=True, allow_infinity=True))


def by_definition(points, *, lower_x, lower_y):
    """Return the points that no other one is better than, each compared with each."""

    def better(one, other):
        pairs = [(one[0], other[0], lower_x), (one[1], other[1], lower_y)]
        signed = [(a, b) if lower else (-a, -b) for a, b, lower in pairs]
        return all(a <= b for a, b in signed) and any(a < b for a, b in signed)

    known = [
        (number, point)
        for number, point in enumerate(points)
        if all(value is not None and math.isfinite(value) for value in point)
    ]
    return {number for number, point in known if not any(better(other, point) for _, other in known)}, len(
        points
    ) - len(known)


@given(st.lists(st.tuples(_NUMBERS, _NUMBERS), max_size=30), st.booleans(), st.booleans())
def test_the_front_is_that_of_the_definition(points, lower_x, lower_y):
    found = pareto_front([x for x, _ in points], [y for _, y in points], lower_x=lower_x, lower_y=lower_y)
    expected, left_out = by_definition(points, lower_x=lower_x, lower_y=lower_y)
    assert set(found.points) == expected
    assert len(found.points) == len(expected)
    assert found.left_out == left_out


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), max_size=30))
def test_the_front_goes_from_best_to_worst_x_and_y_gets_better(points):
    xs, ys = [x for x, _ in points], [y for _, y in points]
    front = pareto_front(xs, ys, lower_x=True, lower_y=False).points
    assert [xs[point] for point in front] == sorted(xs[point] for point in front)
    assert [ys[point] for point in front] == sorted(ys[point] for point in front)


@pytest.mark.parametrize(
    ("lower_x", "lower_y", "expected"), [(True, True, (0,)), (False, False, (3,)), (True, False, (1,))]
)
def test_both_directions(lower_x, lower_y, expected):
    found = pareto_front([0, 0, 1, 1], [0, 1, 0, 1], lower_x=lower_x, lower_y=lower_y)
    assert found.points == expected


def test_equal_points_are_on_the_front_together_in_their_order():
    assert pareto_front([2, 1, 2, 1], [2, 1, 2, 1], lower_x=True, lower_y=False).points == (1, 3, 0, 2)
