"""The rows of a table of experiments as HTML shows them, and what the page tells its script about them.

Source: docs/experiments.md (`cmsite-table-page/1`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from cmsite.results.derived import Metric, metrics_of
from cmsite.results.row_columns import Column
from cmsite.results.row_data import script_json, shard_names
from cmsite.results.row_marks import Mark, words
from cmsite.results.row_tables import RowTable
from cmsite.results.units import unit_of
from cmsite.site.cells import Cell, Table
from cmsite.site.shell import base_of
from cmsite.site.strips import shown
from cmsite.site.text import counted
from cmsite.site.view_rows import Link

PAGE_SIZE = 50
MAX_SHOWN = 12  # Columns that a table without known ones shows at first.
MAX_CELL = 80  # Characters.
SCHEMA = "cmsite-table-page/1"
NOTICE = "Result not verified by MLCommons Association."
"""Source: the messaging guidelines of MLPerf (facts/results.md §4)."""

_LINKS = {"source": "Source", "commit": "Commit", "experiment": "Experiment"}


def shown_columns(table: RowTable) -> tuple[Column, ...]:
    """Return the columns that are shown at first: the known ones, else the first of any."""
    found = tuple(column for column in table.columns if column.shown)
    if found:
        return found
    hidden = {*_LINKS.values(), "Experiments", "uid", "Quality", "Marks"}
    return tuple(column for column in table.columns if column.name not in hidden)[:MAX_SHOWN]


def row_table(table: RowTable, rows: Sequence[int], label: str, *, without: Iterable[str] = ()) -> Table:
    """Return some rows as HTML shows them: units behind their numbers, marks in words, links to where rows come from."""
    units = {column.unit for column in shown_columns(table)}
    columns = [column for column in shown_columns(table) if column.name not in units and column.name not in without]
    cells = [tuple(_cell(table, column, row) for column in columns) for row in rows]
    ends = [(", ".join(words(table.marks[row])), _where(table, row)) for row in rows]
    return Table(
        label=label,
        head=(*(column.name for column in columns), "Marks", "Where"),
        rows=tuple((*cell, *end) for cell, end in zip(cells, ends, strict=True)),
        numbers=tuple(place for place, column in enumerate(columns) if column.is_number),
    )


def value_text(table: RowTable, column: Column, row: int) -> str:
    """Return what stands in a row, "" for nothing; a text that stands for a number instead of it."""
    code = column.codes[row]
    if code >= 0:
        return shown(column.values[code])
    companion = table.column(f"{column.name} (text)") if column.is_number else None
    return str(companion.values[companion.codes[row]]) if companion and companion.codes[row] >= 0 else ""


def _cell(table: RowTable, column: Column, row: int) -> Cell:
    found = value_text(table, column, row)[:MAX_CELL]
    unit = table.column(column.unit) if column.unit and found else None
    return f"{found} {value_text(table, unit, row)}".strip() if unit else found


def _where(table: RowTable, row: int) -> Cell:
    links = []
    for text, name in _LINKS.items():
        column = table.column(name)
        if column and column.codes[row] >= 0:
            links.append(Link(text=text, address=str(column.values[column.codes[row]])))
    return tuple(links)


def about_block(table: RowTable, own: Iterable[Metric]) -> str:
    """Return what the page tells its script, as JSON that may stand in a page."""
    first = {column.name for column in shown_columns(table)}
    units = sorted({str(unit) for name in ("Unit", "Accuracy in") if (c := table.column(name)) for unit in c.values})
    about: dict[str, Any] = {
        "schema": SCHEMA,
        "table": table.name,
        "title": table.title,
        "total": table.total,
        "shards": shard_names(table),
        "columns": [_about_column(column, is_shown=column.name in first) for column in table.columns],
        "group": table.group,
        "units": {
            unit: {"quantity": known.quantity, "lower_is_better": known.lower_is_better}
            for unit in units
            if (known := unit_of(unit))
        },
        "marks": {mark.title: mark.value for mark in Mark},
        "derived": [_about_metric(metric) for metric in metrics_of(table, own)],
        "links": {key: name for key, name in _LINKS.items() if table.column(name)},
        "notice": NOTICE if table.is_mlperf else "",
        "page_size": PAGE_SIZE,
        "base": base_of(table.address),
    }
    return script_json(about)


def _about_column(column: Column, *, is_shown: bool) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": column.name,
        "kind": "number" if column.is_number else "text",
        "unit": column.unit,
        "shown": is_shown,
        "help": column.help,
    }
    return about if column.lower_is_better is None else {**about, "lower_is_better": column.lower_is_better}


def _about_metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "expression": metric.expression.text,
        "unit": metric.unit,
        "lower_is_better": metric.lower_is_better,
        "note": metric.note,
    }


def rows_text(number: int) -> str:
    """Return a number of rows in words."""
    return counted(number, "row")
