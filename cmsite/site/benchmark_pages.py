"""The page of one benchmark: its comparable groups, and the largest of them as static plots.

A row of two kinds of system stands in the groups of both. Rankings, strips and fronts take measured rows; the others
are counted. Source: facts/results.md §3, §4.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cmsite.model.names import slug
from cmsite.outputs import OutputFile
from cmsite.results.experiment_groups import system_types
from cmsite.results.row_marks import UNRANKED, Mark, words
from cmsite.results.row_tables import RowTable, group_names
from cmsite.results.units import unit_of
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, TocEntry, stamp_page
from cmsite.site.scatters import Axis, Scatter, scatter_of
from cmsite.site.shell import Section, base_of
from cmsite.site.strips import Plot, plot_of, shown
from cmsite.site.table_rows import NOTICE, row_table, rows_text
from cmsite.site.view_rows import Link

MAX_GROUPS = 200  # Listed on one page.
MAX_FIGURES = 4
MAX_ROWS = 10

Key = tuple[str, ...]
"""Values of `group_names` without the benchmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One comparable group: how many rows it has, its best measured result, and where its rows are."""

    values: Key
    measured: int
    inferred: int
    best: str
    system: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The plots of one group."""

    title: str
    anchor: str
    address: str
    strips: Plot
    scatter: Scatter | None


def benchmark_address(table: RowTable, benchmark: str) -> str:
    """Return the page of a benchmark."""
    return f"{table.address}{slug(benchmark)}/"


def filter_address(table: RowTable, filters: Sequence[tuple[str, str]]) -> str:
    """Return a table's page with filters in its address; `=value` is the whole value, `value` a part of it."""
    return f"{table.address}?{urlencode([*filters])}"


def render_benchmarks(context: SiteContext, table: RowTable) -> Iterator[OutputFile]:
    """Yield the page of every benchmark of a table."""
    reader = _Rows(table)
    for benchmark, groups in sorted(reader.groups().items()):
        yield _page(context, reader, benchmark, groups)


class _Rows:
    """The columns of a table that pages of benchmarks read, decoded once."""

    def __init__(self, table: RowTable) -> None:
        self.table = table
        columns = {column.name for column in table.columns}
        self.names = tuple(name for name in group_names(columns) if name != "Benchmark")
        self.results = table.numbers("Result")
        self.systems = table.texts("System")
        self.models = table.texts("Model")
        self.measured = [not mark & Mark.INFERRED.value for mark in table.marks]
        self.is_ranked = [not mark & UNRANKED for mark in table.marks]
        self.watts = table.numbers("Watts")
        self.accuracies = table.numbers("Accuracy")

    def groups(self) -> dict[str, dict[Key, list[int]]]:
        """Return benchmark → group → rows, in the order of the table."""
        found: defaultdict[str, defaultdict[Key, list[int]]] = defaultdict(lambda: defaultdict(list))
        columns = [self.table.texts(name) for name in self.names]
        place = self.names.index("System type")
        kinds = {text: system_types(text) for text in set(columns[place])}
        for row, (benchmark, key) in enumerate(
            zip(self.table.texts("Benchmark"), zip(*columns, strict=True), strict=True)
        ):
            for kind in kinds[key[place]] if benchmark else ():
                found[benchmark][(*key[:place], kind, *key[place + 1 :])].append(row)
        return {benchmark: dict(groups) for benchmark, groups in found.items()}

    def ranked(self, rows: Sequence[int]) -> list[int]:
        """Return the measured rows of runs that were not INVALID and have a result, in the table's order: better first."""
        return [row for row in rows if self.is_ranked[row] and self.results[row] is not None]


def _page(context: SiteContext, reader: _Rows, benchmark: str, groups: Mapping[Key, list[int]]) -> OutputFile:
    table, address = reader.table, benchmark_address(reader.table, benchmark)
    ordered = sorted(groups.items(), key=lambda item: (-len(reader.ranked(item[1])), item[0]))
    figures = [found for key, rows in ordered[:MAX_FIGURES] if (found := _figure(reader, benchmark, key, rows))]
    used = [place for place in range(len(reader.names)) if any(key[place] for key in groups)]
    every = sorted({row for rows in groups.values() for row in rows})
    first = reader.ranked(every)[:MAX_ROWS]
    above = (
        Link(text="Results", address="results/"),
        Link(text="Experiments", address="results/experiments/"),
        Link(text=table.title, address=table.address),
    )
    content = context.render(
        "dashboards/benchmark.html",
        base=base_of(address),
        above=above,
        benchmark=benchmark,
        table=Link(text=table.title, address=filter_address(table, [("f.Benchmark", f"={benchmark}")])),
        total=rows_text(len(every)),
        measured=sum(reader.measured[row] for row in every),
        head=tuple(reader.names[place] for place in used),
        groups=[_group(reader, benchmark, key, rows, used) for key, rows in ordered[:MAX_GROUPS]],
        group_count=len(groups),
        left_out=max(0, len(groups) - MAX_GROUPS),
        figures=figures,
        first=row_table(table, first, f"The first {len(first)} measured rows", without=("Benchmark",)),
        compatible=[item.sentence for item in table.compatible if not item.benchmarks or benchmark in item.benchmarks],
        notice=NOTICE if table.is_mlperf else "",
    )
    toc = (*(TocEntry(title=figure.title, anchor=figure.anchor) for figure in figures), *_TOC)
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.RESULTS,
            title=f"{benchmark}: {table.title}",
            description=f"{rows_text(len(every))} of {benchmark} in {table.title}, in {len(groups)} groups that may be compared",
            content=content,
            toc=toc,
            above=above,
        ),
    )


_TOC = (TocEntry(title="Comparable groups", anchor="groups"), TocEntry(title="First rows", anchor="rows"))


def _rows_address(reader: _Rows, benchmark: str, key: Key) -> str:
    filters = [("f.Benchmark", f"={benchmark}")]
    filters += [(f"f.{name}", f"={value}") for name, value in zip(reader.names, key, strict=True) if value]
    return filter_address(reader.table, filters)


def _group(reader: _Rows, benchmark: str, key: Key, rows: Sequence[int], used: Sequence[int]) -> GroupView:
    ranked = reader.ranked(rows)
    unit = key[reader.names.index("Unit")]
    best = ranked[0] if ranked and unit_of(unit) else None
    marks = f" ({', '.join(found)})" if best is not None and (found := words(reader.table.marks[best])) else ""
    return GroupView(
        values=tuple(key[place] or "not told" for place in used),
        measured=sum(reader.measured[row] for row in rows),
        inferred=sum(not reader.measured[row] for row in rows),
        best="" if best is None else f"{shown(reader.results[best])}{marks}",
        system="" if best is None else reader.systems[best],
        address=_rows_address(reader, benchmark, key),
    )


def _figure(reader: _Rows, benchmark: str, key: Key, rows: Sequence[int]) -> Figure | None:
    """Return the plots of a group, none where fewer than two measured results have a unit whose direction is known."""
    unit = key[reader.names.index("Unit")]
    known = unit_of(unit)
    ranked = reader.ranked(rows)
    if known is None:
        return None
    systems: defaultdict[str, list[float]] = defaultdict(list)
    for row in ranked:
        systems[reader.systems[row] or "not named"].append(reader.results[row] or 0.0)
    caption = ", ".join(value for name, value in zip(reader.names, key, strict=True) if value and name != "Unit")
    strips = plot_of(
        systems,
        unit=unit,
        lower_is_better=known.lower_is_better,
        caption=caption,
        models=len({reader.models[row] for row in rows}),
        inferred=sum(not reader.measured[row] for row in rows),
    )
    if strips is None:
        return None
    return Figure(
        title=caption,
        anchor=slug("-".join(["group", *key]).replace(" ", "-").replace(",", "-").lower()),
        address=_rows_address(reader, benchmark, key),
        strips=strips,
        scatter=_scatter(reader, ranked, Axis(name=unit, lower_is_better=known.lower_is_better)),
    )


def _scatter(reader: _Rows, rows: Sequence[int], y: Axis) -> Scatter | None:
    """Return results over power where it was measured, else over accuracy; fractions beside percents are not drawn."""
    names, ys = [reader.systems[row] for row in rows], [reader.results[row] for row in rows]
    watts = [reader.watts[row] for row in rows]
    if sum(value is not None for value in watts) > 1:
        return scatter_of(names, watts, ys, x=Axis(name="Watts", lower_is_better=True), y=y)
    accuracies = [reader.accuracies[row] for row in rows]
    if any(value is not None and value > 1 for value in accuracies):
        accuracies = [None if value is not None and value <= 1 else value for value in accuracies]
    accuracy_units = set(reader.table.texts("Accuracy in")) - {""}
    if any((known := unit_of(unit)) is None or known.lower_is_better for unit in accuracy_units):
        return None  # Which way is better is not the same, or not known.
    return scatter_of(names, accuracies, ys, x=Axis(name="Accuracy", lower_is_better=False), y=y)
