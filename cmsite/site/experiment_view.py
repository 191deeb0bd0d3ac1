"""What the page of one experiment shows: its largest comparable group by system, and its rows as a table.

The picture is a strip for each system on one axis from zero, beside the same numbers in words; dots are single
results, the bar ends at their median. What all rows share stands once above the table.
Source: facts/results.md §3, §4, §7 (no silent averaging, no implicit direction, no mixed scenarios or units).
"""

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import quote

from cmsite.model.artifact import ArtifactKey
from cmsite.results.ck_points import read_points
from cmsite.results.experiment_files import Row, read_results
from cmsite.results.experiment_groups import (
    COLUMNS,
    LINKS,
    Group,
    groups_of,
    is_inferred,
    is_ranked,
    is_unverified,
    number,
    remarks,
    text,
    value,
)
from cmsite.results.mlperf.notices import NOTICE
from cmsite.results.row_blocks import suite_of
from cmsite.results.row_tables import RowTable, table_name
from cmsite.results.web_address import web_address
from cmsite.site.cells import Cell, Fact, Table, facts, fitting_rows
from cmsite.site.context import SiteContext
from cmsite.site.links import file_url
from cmsite.site.strips import Plot, plot_of, shown
from cmsite.site.text import counted, plain, size
from cmsite.site.view_rows import Link, TypeSection

MAX_ROWS = 50
MAX_CHARACTERS = 6_000  # Of the rows' HTML; a page stays within 40 kB.
MAX_COLUMNS = 9
MAX_CELL = 80  # Characters.

_NUMBERS = ("Result", "Accuracy", "Power", "Accelerators", "Nodes")


def experiment_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the results of an experiment, none where it has no result file."""
    artifact = context.catalog.artifacts[key]
    results = read_points(artifact, context.read) or read_results(artifact, context.read)
    if not results.files:
        return ()
    table = _rows_table(context, key, results.rows)
    groups = groups_of(results.rows, table.compatible if table else ())
    # A row of two kinds of system stands in two groups, and once in the table.
    ordered = list({id(row): row for group in groups for row in group.rows}.values())
    columns = [name for name in COLUMNS if any(value(row, name) != "" for row in ordered)]
    shared = {name: text(ordered[0], name) for name in columns if _is_shared(ordered, name)}
    others = _others(ordered)
    shown = [name for name in columns if name not in shared or (name in ("Result", "Unit"))]
    values = {
        "total": counted(len(ordered), "row") if not results.is_cut else f"the first {counted(len(ordered), 'row')}",
        "files": tuple(
            Link(text=f"{file.path} ({size(file.size_bytes)})", address=file_url(context, artifact, file.source))
            for file in results.files[:3]
        ),
        "more_files": max(0, len(results.files) - 3),
        "problems": results.problems[:3],
        "is_cut": results.is_cut,
        "shared": _shared(shared, ordered) if len(ordered) > 1 else (),
        "plot": _plot(groups[0]) if groups else None,
        "groups": len(groups),
        "notice": NOTICE if any(map(is_unverified, ordered)) else "",
        "rows_link": _rows_link(context, key, ordered),
        "table": _table(ordered, shown if shown or others else columns, others),
    }
    return (
        TypeSection(title="Results", anchor="results", template="sections/experiment.html", values=values, first=True),
    )


def _rows_table(context: SiteContext, key: ArtifactKey, rows: Sequence[Row]) -> RowTable | None:
    """Return the table among whose rows these stand."""
    names = {table_name(suite_of(row), key.repository) for row in rows[:1]}
    return next((table for table in context.tables if table.name in names), None)


def _rows_link(context: SiteContext, key: ArtifactKey, rows: Sequence[Row]) -> Link | None:
    """Return where the rows stand among those of all experiments."""
    table = _rows_table(context, key, rows)
    if table is None:
        return None
    alias = quote(context.catalog.artifacts[key].display_name, safe="")
    return Link(text=table.title, address=f"{table.address}?inferred=1&f.Experiments={alias}")


def _is_shared(rows: Sequence[Row], column: str) -> bool:
    first = value(rows[0], column)
    return all(value(row, column) == first for row in rows)


def _shared(values: dict[str, str], rows: Sequence[Row]) -> tuple[Fact, ...]:
    found: list[tuple[str, Cell]] = [
        (name, text) for name, text in values.items() if name not in ("Result", "Inferred")
    ]
    address = (
        web_address(plain(rows[0].get("git_url"))) if len({plain(row.get("git_url")) for row in rows}) == 1 else ""
    )
    return facts([*found, ("Source", (Link(text=address, address=address),) if address else "")])


def _others(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return keys of no known column, where the rows have no `Result`: whatever plain values they hold that differ."""
    if any(value(row, "Result") != "" for row in rows):
        return ()
    known = {name for names in COLUMNS.values() for name in names}
    names = dict.fromkeys(name for row in rows[:MAX_ROWS] for name in row)
    return tuple(
        name
        for name in names
        if name not in known
        and not isinstance(rows[0].get(name), dict | list)
        and name != "uid"
        and (len(rows) == 1 or len({plain(row.get(name)) for row in rows}) > 1)
    )


def _table(rows: Sequence[Row], columns: Sequence[str], others: Sequence[str]) -> Table | None:
    """Return the first rows; the first columns, and `others` behind them, as far as there is room."""
    if not rows:
        return None
    wanted = [name for name in columns if name not in ("Unit", "Accuracy in", "Power unit", "Inferred")]
    plain_names = list(others[: MAX_COLUMNS - min(len(wanted), MAX_COLUMNS)])
    wanted = wanted[:MAX_COLUMNS]
    numbers = [index for index, name in enumerate(wanted) if name in _NUMBERS]
    numbers += [
        len(wanted) + index
        for index, name in enumerate(plain_names)
        if all(number(row.get(name)) is not None for row in rows if row.get(name) is not None)
    ]
    cells = [
        (*(_cell(row, name) for name in wanted), *(shown(row.get(name))[:MAX_CELL] for name in plain_names))
        for row in rows[:MAX_ROWS]
    ]
    cells = cells[: fitting_rows(cells, MAX_CHARACTERS)]
    return Table(
        label="Rows",
        head=(*wanted, *(name[:80] for name in plain_names)),
        rows=tuple(cells),
        numbers=tuple(numbers),
        left_out=len(rows) - len(cells),
    )


def _cell(row: Row, column: str) -> Cell:
    """Return a value with its unit; the system leads to where the row says it comes from."""
    found = shown(value(row, column))[:MAX_CELL]
    if column == "System":
        address = next((address for name in LINKS if (address := web_address(plain(row.get(name))))), "")
        return (Link(text=found, address=address),) if found and address else found
    unit = {"Result": "Unit", "Accuracy": "Accuracy in", "Power": "Power unit"}.get(column)
    if unit and found:
        found = f"{found} {text(row, unit)}".strip()
    beside = remarks(row) if column == "Result" and found else ()
    return f"{found} ({', '.join(beside)})" if beside else found


def _plot(group: Group) -> Plot | None:
    """Return the measured results of a group by system, none where fewer than two can be drawn."""
    systems: defaultdict[str, list[float]] = defaultdict(list)
    for row in group.rows:
        amount = number(value(row, "Result"))
        if amount is not None and is_ranked(row):
            systems[text(row, "System") or text(row, "Processor") or "not named"].append(amount)
    return plot_of(
        systems,
        unit=group.unit,
        lower_is_better=group.lower_is_better,
        caption=", ".join(found for name, found in group.shared if name != "Unit"),
        models=len({text(row, "Model") for row in group.rows}),
        inferred=sum(map(is_inferred, group.rows)),
    )
