"""What the page of a CM `cfg` shows: the runs of a benchmark as a table, failures first; of any other, its meta.

Source: facts/results.md §1 (cfg tables), §7 (rows that cannot be read are not dropped).
"""

from cmsite.model.artifact import ArtifactKey
from cmsite.results.run_tables import RunState, RunTable, TableRun, read_run_table
from cmsite.site.cells import Cell, Table, day, fitting_rows, reference_link
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.text import counted
from cmsite.site.view_rows import TypeSection

MAX_ROWS = 60
MAX_CHARACTERS = 9_000  # Of the rows' HTML; a page stays within 40 kB.
_DATE = 16  # Characters of a time that are shown: up to the minute.


def cfg_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the table of runs of a benchmark, then the nested keys of the meta."""
    table = read_run_table(context.catalog.artifacts[key], context.read)
    if table is None:
        return details_sections(context, key)
    rest = details_sections(context, key, without=("view_dimensions",))
    values = {
        "line": _line(table),
        "columns": ", ".join(column.label for column in table.columns),
        "table": _table(context, key, table) if table.runs else None,
    }
    section = TypeSection(
        title="Runs",
        anchor="runs",
        template="sections/run_table.html",
        values=values,
        first=True,
        covers=("view_dimensions",),
    )
    return (section, *rest)


def _line(table: RunTable) -> str:
    """Return how many runs there are and how they ended."""
    total = len(table.runs) + table.left_out
    if not total:
        return "No run is recorded here."
    counts = [(state, sum(run.state is state for run in table.runs)) for state in RunState]
    words = ", ".join(f"{count:,} {state.value}" for state, count in counts if count)
    stated = sum(run.reproduced is True for run in table.runs)
    line = f"{counted(total, 'run')}: {words}"
    line += f"; {table.left_out:,} not read" if table.left_out else ""
    return f"{line}. {stated:,} of them stated as reproduced; no number was compared here."


def _table(context: SiteContext, key: ArtifactKey, table: RunTable) -> Table:
    used = [number for number, _ in enumerate(table.columns) if any(run.values[number] for run in table.runs)]
    head = ("Run", "Ended", *(table.columns[number].label for number in used), "Stated", "Computer", "Record")
    rows = [_row(context, key, run, used) for run in table.runs[:MAX_ROWS]]
    rows = rows[: fitting_rows(rows, MAX_CHARACTERS)]
    left_out = len(table.runs) - len(rows) + table.left_out
    empty = [column.label for number, column in enumerate(table.columns) if number not in used]
    note = f"No run has a value of: {', '.join(empty)}." if empty else ""
    return Table(label="Runs, failures first", head=head, rows=tuple(rows), left_out=left_out, note=note)


def _row(context: SiteContext, key: ArtifactKey, run: TableRun, used: list[int]) -> tuple[Cell, ...]:
    mark = {RunState.FAILED: "✗ ", RunState.UNKNOWN: "? ", RunState.COMPLETED: "✓ "}[run.state]
    ended = f"{mark}{run.state.value}" + (f": {run.reason}" if run.reason else "")
    date = run.date[:_DATE].replace("T", " ") if "T" in run.date else day(run.date)
    link = reference_link(context, key, run.computer)
    return (
        f"{run.uid} {date}".rstrip(),
        ended,
        *(run.values[number] for number in used),
        ", ".join(_stated(run)),
        (link,) if link.address else link.text,
        "; ".join(run.problems),
    )


def _stated(run: TableRun) -> list[str]:
    flags = (("functional", run.functional), ("reproduced", run.reproduced), ("Docker", run.docker))
    return [name if said else f"not {name}" for name, said in flags if said is not None]
