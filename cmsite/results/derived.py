"""Metrics that are worked out from others: the declared ones, and a catalogue's own from registry.yml.

None of them is an official metric of MLPerf, and each says so. Performance per accelerator and per core rest on columns
that hold a count only where the result is a throughput and the count is a whole number above 0; performance per watt
on one that holds power only where the row gives it in watts. Source: facts/results.md §4.
"""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cmsite.results.expressions import Expression, evaluate, parse_expression
from cmsite.results.row_tables import RowTable

NOTE = "derived, not an official MLPerf metric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A derived metric; in `unit`, `[column]` stands for the text of that column. `lower_is_better` None: not known.

    `tables` names those it is meant for, all where it is empty.
    """

    name: str
    expression: Expression
    unit: str = ""
    lower_is_better: bool | None = None
    note: str = NOTE
    tables: tuple[str, ...] = ()


METRICS: tuple[Metric, ...] = tuple(
    Metric(name=name, expression=parse_expression(expression), unit=unit, lower_is_better=False)
    for name, expression, unit in (
        ("Performance per watt", "[Result] / [Watts]", "[Unit]/W"),
        ("Performance per accelerator", "[Result] / [Accelerators in all]", "[Unit] per accelerator"),
        ("Performance per core", "[Result] / [Cores in all]", "[Unit] per core"),
    )
)


def metrics_of(table: RowTable, own: Iterable[Metric] = ()) -> tuple[Metric, ...]:
    """Return the metrics of a table: those whose columns it has."""
    numbers = {column.name for column in table.columns if column.is_number}
    return tuple(
        metric
        for metric in (*METRICS, *own)
        if numbers.issuperset(metric.expression.columns) and (not metric.tables or table.name in metric.tables)
    )


def values_of(metric: Metric, table: RowTable) -> list[float | None]:
    """Return the value of a metric in each row of a table."""
    columns = {name: table.numbers(name) for name in metric.expression.columns}
    return evaluate(metric.expression, columns, table.total)


def mistakes(metric: Metric, tables: Iterable[RowTable]) -> Iterator[str]:
    """Yield what keeps a metric from meaning anything: tables and columns of numbers that are not there."""
    known = {table.name: table for table in tables}
    for name in metric.tables:
        if name not in known:
            yield f"there is no table {name!r}{_near(name, known)}"
    meant = [known[name] for name in metric.tables if name in known] if metric.tables else list(known.values())
    numbers = {column.name for table in meant for column in table.columns if column.is_number}
    for name in metric.expression.columns:
        if meant and name not in numbers:
            yield f"there is no column of numbers {name!r}{_near(name, numbers)}"


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
