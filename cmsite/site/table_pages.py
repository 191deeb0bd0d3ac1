"""The pages of all experiments: the list of tables, a page for each table and for each benchmark in it.

Static first: the first rows, totals and default plots are HTML and SVG; the data scripts beside a table's page hold all
rows. `table_jobs` cuts the work into parts that worker processes render with `render_table`.
Source: DESIGN §7; docs/experiments.md.
"""

from dataclasses import dataclass

from markupsafe import Markup

from cmsite.outputs import OutputFile
from cmsite.results.row_data import data_files
from cmsite.results.row_marks import MEANINGS, Mark
from cmsite.results.row_tables import RowTable, names_alike, shares
from cmsite.site.benchmark_pages import benchmark_address, filter_address, render_benchmarks
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, stamp_page
from cmsite.site.shell import Section, base_of
from cmsite.site.table_rows import NOTICE, PAGE_SIZE, about_block, row_table, rows_text
from cmsite.site.text import counted
from cmsite.site.view_rows import Bounded, Link, bounded

ADDRESS = "results/experiments/"
MAX_SUBMITTERS = 8
MAX_NAMES = 10
MAX_SPELLINGS = 40
_ABOVE = (Link(text="Results", address="results/"),)
_TABLE_ABOVE = (*_ABOVE, Link(text="Experiments", address=ADDRESS))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableJob:
    """One part of the work: the list of `all` tables, the `page`, `data` or `benchmarks` of a table."""

    kind: str
    table: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many rows something has: `share` is the part of all rows in words, `address` leads to them."""

    name: str
    rows: int
    share: str
    address: str = ""
    meaning: str = ""


def table_jobs(context: SiteContext) -> tuple[TableJob, ...]:
    """Return the parts, the largest first; none where no experiment has rows."""
    if not context.tables:
        return ()
    numbers = range(len(context.tables))
    return (
        *(TableJob(kind="data", table=number) for number in numbers),
        *(TableJob(kind="page", table=number) for number in numbers),
        *(
            TableJob(kind="benchmarks", table=number)
            for number in numbers
            if context.tables[number].column("Benchmark")
        ),
        TableJob(kind="all"),
    )


def render_table(context: SiteContext, job: TableJob) -> tuple[OutputFile, ...]:
    """Render one part."""
    match job.kind:
        case "all":
            return (_all_tables(context),)
        case "data":
            return data_files(context.tables[job.table])
        case "benchmarks":
            return tuple(render_benchmarks(context, context.tables[job.table]))
        case _:
            return (_table_page(context, context.tables[job.table]),)


def table_links(context: SiteContext) -> tuple[Link, ...]:
    """Return where the tables stand, with their numbers of rows; none where no experiment has rows."""
    tables = tuple(
        Link(text=f"{table.title} ({rows_text(table.total)})", address=table.address) for table in context.tables
    )
    return (Link(text="All tables, with totals and data quality", address=ADDRESS), *tables) if tables else ()


def _all_tables(context: SiteContext) -> OutputFile:
    tables = [
        {
            "title": table.title,
            "address": table.address,
            "rows": rows_text(table.total),
            "benchmarks": len(_benchmarks(table)),
            "totals": _totals(table),
            "quality": _quality(table),
        }
        for table in context.tables
    ]
    content = context.render(
        "dashboards/experiments.html",
        base=base_of(ADDRESS),
        above=_ABOVE,
        tables=tables,
        total=rows_text(sum(table.total for table in context.tables)),
        notice=NOTICE if any(table.is_mlperf for table in context.tables) else "",
    )
    return stamp_page(
        context,
        Page(
            address=ADDRESS,
            section=Section.RESULTS,
            title="Results of experiments",
            description=f"All rows of all experiments of {context.catalog.title}",
            content=content,
            above=_ABOVE,
        ),
    )


def _table_page(context: SiteContext, table: RowTable) -> OutputFile:
    first = range(min(PAGE_SIZE, table.total))
    content = context.render(
        "dashboards/table.html",
        base=base_of(table.address),
        above=_TABLE_ABOVE,
        table=table,
        total=rows_text(table.total),
        shown=len(first),
        first=row_table(table, first, f"The first {len(first)} rows"),
        totals=_totals(table),
        quality=_quality(table),
        alike=[", ".join(names) for names in names_alike(table.texts("Submitter"))[:MAX_NAMES]],
        respelled=sorted(table.rows.respelled.items())[:MAX_NAMES],
        submitters=_submitters(table),
        benchmarks=_benchmarks(table),
        spellings=_spellings(table),
        compatible=[item.sentence for item in table.compatible],
        notice=NOTICE if table.is_mlperf else "",
        about=Markup(about_block(table, context.metrics)),  # noqa: S704 - JSON without `<`.
    )
    return stamp_page(
        context,
        Page(
            address=table.address,
            section=Section.RESULTS,
            title=table.title,
            description=f"{rows_text(table.total)} of {table.title}: to sort, filter, plot and export",
            content=content,
            above=_TABLE_ABOVE,
        ),
    )


def _benchmarks(table: RowTable) -> tuple[Link, ...]:
    """Return the benchmarks of a table with their numbers of rows."""
    found = [(name, rows) for name, rows in shares(table.texts("Benchmark")) if table.column("Benchmark")]
    return tuple(
        Link(text=f"{name} ({rows_text(rows)})", address=benchmark_address(table, name))
        for name, rows in found
        if name != "not named"
    )


def _totals(table: RowTable) -> tuple[Share, ...]:
    """Return open and closed, measured and inferred, and closed and measured ones. Source: facts/results.md §4."""
    inferred = table.counts[Mark.INFERRED]
    divisions = table.texts("Division")
    found = [_share(table, f"Division {name}", rows, [("f.Division", f"={name}")]) for name, rows in shares(divisions)]
    both = sum(
        name == "closed" and not mark & Mark.INFERRED.value for name, mark in zip(divisions, table.marks, strict=True)
    )
    return (
        *(found if table.column("Division") else ()),
        _share(table, "Measured", table.total - inferred, []),
        _share(table, "Inferred", inferred, [("inferred", "1"), ("f.Quality", "inferred")]),
        *([_share(table, "Closed and measured", both, [("f.Division", "=closed")])] if both else ()),
    )


def _share(table: RowTable, name: str, rows: int, filters: list[tuple[str, str]]) -> Share:
    share = f"{100 * rows / table.total:.1f} %" if table.total else ""
    return Share(name=name, rows=rows, share=share, address=filter_address(table, filters) if rows else "")


def _submitters(table: RowTable) -> tuple[Share, ...]:
    if not table.column("Submitter"):
        return ()
    found = shares(table.texts("Submitter"))
    largest = [_share(table, name, rows, [("inferred", "1"), ("f.Submitter", f"={name}")]) for name, rows in found]
    others = sum(rows for _, rows in found[MAX_SUBMITTERS:])
    rest = [_share(table, f"{counted(len(found) - MAX_SUBMITTERS, 'other')}", others, [])] if others else []
    return (*largest[:MAX_SUBMITTERS], *rest)


def _spellings(table: RowTable) -> Bounded:
    """Return the odd values as (column, value, rows, the more frequent value, its rows)."""
    rows = [
        (name, item.value, f"{item.rows:,}", item.usual, f"{item.usual_rows:,}")
        for name, items in table.spellings.items()
        for item in items
    ]
    return bounded(rows, MAX_SPELLINGS)


def _quality(table: RowTable) -> tuple[Share, ...]:
    """Return how many rows have each mark, and where they are."""
    return tuple(
        Share(
            name=mark.title,
            rows=rows,
            share=f"{100 * rows / table.total:.1f} %",
            address=filter_address(table, [("inferred", "1"), ("f.Quality", mark.title)]) if rows else "",
            meaning=MEANINGS[mark],
        )
        for mark, rows in table.counts.items()
    )
