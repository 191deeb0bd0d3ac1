"""The expressions of derived metrics: sums and products of columns and numbers; nothing else, and never `eval`.

Grammar: `sum := product (("+"|"-") product)*`, `product := unary (("*"|"/") unary)*`, `unary := "-" unary | atom`,
`atom := number | "[" column name "]" | "(" sum ")"`. At most 200 characters and 20 levels. A missing value, a divisor
of zero and a result that is not finite give a missing value.
Source: docs/experiments.md; the script of the pages reads the same grammar.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

MAX_LENGTH = 200
MAX_LEVELS = 20

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SPACE = re.compile(r"[ \t\r\n]*")

Numbers: TypeAlias = list[float | None]


class ExpressionError(ValueError):
    """An expression that cannot be read; `position` counts characters from 1."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position}")
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A number, a column, a sign, or two terms and what joins them: one of `number`, `column`, `parts` is set."""

    operator: str = ""
    number: float | None = None
    column: str = ""
    parts: tuple["Term", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression that was read; `columns` are those it names, each once, in their order."""

    text: str
    term: Term
    columns: tuple[str, ...]


def parse_expression(text: str) -> Expression:
    """Read an expression. Raises `ExpressionError` with the position of what cannot be read.

    >>> parse_expression("[Result] / [Watts]").columns
    ('Result', 'Watts')
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"more than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    reader = _Reader(text)
    term = reader.sum(1)
    if reader.here < len(text):
        raise ExpressionError(f"an operator is expected, got {text[reader.here]!r}", reader.here + 1)
    return Expression(text=text, term=term, columns=tuple(dict.fromkeys(_columns(term))))


class _Reader:
    """Reads from left to right; `here` is the place of the next sign that is no blank."""

    def __init__(self, text: str) -> None:
        self.text, self.here = text, 0
        self._skip(0)

    def sum(self, level: int) -> Term:
        return self._chain("+-", self.product, level)

    def product(self, level: int) -> Term:
        return self._chain("*/", self.unary, level)

    def unary(self, level: int) -> Term:
        if self._next() == "-":
            self._check(level)
            self._skip(self.here + 1)
            return Term(operator="-", parts=(self.unary(level + 1),))
        return self.atom(level)

    def atom(self, level: int) -> Term:
        sign = self._next()
        if sign == "(":
            self._check(level)
            start = self.here
            self._skip(self.here + 1)
            inner = self.sum(level + 1)
            if self._next() != ")":
                raise ExpressionError("this bracket is not closed", start + 1)
            self._skip(self.here + 1)
            return inner
        if sign == "[":
            end = self.text.find("]", self.here)
            if end < 0:
                raise ExpressionError("the name of a column ends with ]", self.here + 1)
            name = self.text[self.here + 1 : end]
            if not name.strip():
                raise ExpressionError("the name of a column is empty", self.here + 1)
            self._skip(end + 1)
            return Term(column=name)
        found = _NUMBER.match(self.text, self.here)
        if not found or not math.isfinite(float(found.group())):
            got = repr(sign) if sign else "the end"
            raise ExpressionError(f"a number, [column] or ( is expected, got {got}", self.here + 1)
        self._skip(found.end())
        return Term(number=float(found.group()))

    def _chain(self, operators: str, part: Callable[[int], Term], level: int) -> Term:
        term = part(level)
        while (operator := self._next()) and operator in operators:
            self._skip(self.here + 1)
            term = Term(operator=operator, parts=(term, part(level)))
        return term

    def _check(self, level: int) -> None:
        if level > MAX_LEVELS:
            raise ExpressionError(f"more than {MAX_LEVELS} levels", self.here + 1)

    def _next(self) -> str:
        return self.text[self.here : self.here + 1]

    def _skip(self, place: int) -> None:
        found = _SPACE.match(self.text, place)
        self.here = found.end() if found else place


def _columns(term: Term) -> Iterator[str]:
    if term.column:
        yield term.column
    for part in term.parts:
        yield from _columns(part)


def evaluate(expression: Expression, columns: Mapping[str, Sequence[float | None]], rows: int) -> Numbers:
    """Return the value of an expression in each of so many rows; a column that is not there has no values.

    >>> evaluate(parse_expression("[a] / [b]"), {"a": [6.0, 1.0, None], "b": [2.0, 0.0, 1.0]}, 3)
    [3.0, None, None]
    """
    return _values(expression.term, columns, rows)


def _values(term: Term, columns: Mapping[str, Sequence[float | None]], rows: int) -> Numbers:
    if term.column:
        found = columns.get(term.column)
        return list(found) if found is not None else [None] * rows
    if not term.parts:
        return [term.number] * rows
    values = [_values(part, columns, rows) for part in term.parts]
    if len(values) == 1:
        return [None if value is None else -value for value in values[0]]
    join = _JOINS[term.operator]
    return [
        None if one is None or other is None else join(one, other)
        for one, other in zip(values[0], values[1], strict=True)
    ]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


_JOINS: Mapping[str, Callable[[float, float], float | None]] = {
    "+": lambda one, other: _finite(one + other),
    "-": lambda one, other: _finite(one - other),
    "*": lambda one, other: _finite(one * other),
    "/": lambda one, other: _finite(one / other) if other else None,
}
