"""Expressions of derived metrics: the grammar, its limits, and the values they give."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.results.expressions import MAX_LENGTH, MAX_LEVELS, ExpressionError, evaluate, parse_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("8 / 4 / 2", 1.0),
        ("1 - 2 - 3", -4.0),
        ("--2", 2.0),
        ("-2 * -3", 6.0),
        (" .5e1 ", 5.0),
        ("[a]*[b] - [a]", 3.0),
        ("[a]/([b]-2)", None),
        ("[missing] + 1", None),
        ("[there is none] + 1", None),
        ("1e308 * 10", None),
        ("0 / 0", None),
        ("[__proto__] + [<img onerror>]", 9.0),
    ],
)
def test_values(text, expected):
    columns: dict[str, list[float | None]] = {
        "a": [3.0],
        "b": [2.0],
        "missing": [None],
        "__proto__": [4.0],
        "<img onerror>": [5.0],
    }
    assert evaluate(parse_expression(text), columns, 1) == [expected]


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, "got the end"),
        ("1 +", 4, "got the end"),
        ("(1 + 2", 1, "not closed"),
        ("[a", 1, "ends with ]"),
        ("[ ]", 1, "is empty"),
        ("1 2", 3, "an operator is expected"),
        ("import os", 1, "a number, [column] or ( is expected"),
        ("__import__('os')", 1, "is expected"),
        ("1 ** 2", 4, "is expected"),
        ("1e999", 1, "is expected"),
        ("1" * (MAX_LENGTH + 1), MAX_LENGTH + 1, "characters"),
        ("(" * (MAX_LEVELS + 1) + "1" + ")" * (MAX_LEVELS + 1), MAX_LEVELS + 1, "levels"),
        ("-" * 190 + "1", MAX_LEVELS + 1, "levels"),
    ],
)
def test_mistakes_have_a_position(text, position, words):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert caught.value.position == position
    assert words in str(caught.value)


def test_twenty_levels_are_fine():
    text = "(" * MAX_LEVELS + "1" + ")" * MAX_LEVELS
    assert evaluate(parse_expression(text), {}, 1) == [1.0]


_ATOMS = st.one_of(st.integers(0, 99).map(str), st.sampled_from(["[a]", "[b]"]))
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner), st.builds("(-{})".format, inner)
    ),
    max_leaves=8,
)


@given(text=_EXPRESSIONS, a=st.floats(-1e6, 1e6), b=st.floats(-1e6, 1e6))
def test_expressions_mean_what_they_mean_in_python(text, a, b):
    (found,) = evaluate(parse_expression(text), {"a": [a], "b": [b]}, 1)
    try:
        expected = eval(text.replace("[a]", f"({a!r})").replace("[b]", f"({b!r})"), {"__builtins__": {}})  # noqa: S307 - made of numbers and operators above.
    except ZeroDivisionError:
        expected = None
    if expected is None or not math.isfinite(expected):
        assert found is None
    else:
        assert found == pytest.approx(float(expected), rel=1e-9)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    position = 1
    try:
        parse_expression(text)
    except ExpressionError as error:
        position = error.position
    assert 1 <= position <= len(text) + 1
