"""What the page of an experience shows: what was tried, how it did, where, by whom and when, the runs and their logs.

Source: docs/recording.md (the format); facts/results.md §3 (logs with hash and size, failures with their reason).
"""

from collections.abc import Iterator, Sequence

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.experience import Experience, ExperienceStatus
from cmsite.model.results import RunStatus
from cmsite.results.experiences import read_experience
from cmsite.site.cells import Cell, Table, facts, fitting_rows
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.programs import program_key
from cmsite.site.result_rows import FileView, all_evidence, evaluators, run_log
from cmsite.site.run_costs import costs_of
from cmsite.site.sheets import Sheet, section
from cmsite.site.text import shortened
from cmsite.site.view_rows import Link, TypeSection

MAX_ROWS = 40  # Of each table.
MAX_CHARACTERS = 4_500  # Of the HTML of each table.
MAX_TEXT = 240  # Characters of one text.

_STATUS = {ExperienceStatus.WORKS: "✓ works", ExperienceStatus.FAILS: "✗ fails"}
_ENDED = {
    RunStatus.COMPLETED: "✓ completed",
    RunStatus.FAILED: "✗ failed",
    RunStatus.POTENTIAL: "– skipped",
    RunStatus.ACTIVE: "? not finished",
}


def experience_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the report, then what else the meta holds."""
    report = read_experience(context.catalog.artifacts[key]).value
    tables = (_environment(report), _runs(context, report), _evidence(context, report))
    sheet = Sheet(facts=facts(_facts(context, report)), tables=tables)
    return (*section("Report", sheet), *details_sections(context, key, without=("experience",)))


def _facts(context: SiteContext, report: Experience) -> Iterator[tuple[str, Cell]]:
    yield "Tried", _artifact(context, report)
    yield "How it did", _STATUS[report.status] if report.status else "not stated"
    yield "Date", shortened(report.check_time, MAX_TEXT) or "not stated"
    yield "Reported by", shortened(evaluators(report), MAX_TEXT)
    yield "Version", shortened(report.version, MAX_TEXT)
    yield "Content", _content(context, report)
    yield "Tried with", shortened(", ".join(f"{name} {version}" for name, version in report.versions), MAX_TEXT)
    yield "Note", shortened(report.note, MAX_TEXT)


def _artifact(context: SiteContext, report: Experience) -> Cell:
    """Return a link to the artifact, or its name and that the catalogue does not have it."""
    key = program_key(context, report.reference, report.key.repository)
    words = shortened(report.reference, MAX_TEXT)
    if key is None:
        return f"{words} (not in this catalogue)" if words else "not stated"
    return (Link(text=words, address=artifact_address(key)),)


def _content(context: SiteContext, report: Experience) -> str:
    """Return the digest of what was tried, and which revision that is where the catalogue knows it."""
    if not report.sha256:
        return ""
    key = program_key(context, report.reference, report.key.repository)
    known = context.catalog.versions.get(key, ()) if key else ()
    revision = next((item.revision for item in known if item.tar_sha256 == report.sha256), 0)
    return f"sha256 {shortened(report.sha256, MAX_TEXT)}" + (f", revision r{revision}" if revision else "")


def _environment(report: Experience) -> Table:
    rows = [(shortened(name, MAX_TEXT), shortened(value, MAX_TEXT)) for name, value in report.environment]
    return _table("Environment", ("Property", "Value"), rows)


def _runs(context: SiteContext, report: Experience) -> Table:
    costs = costs_of(report.runs)
    rows: list[tuple[Cell, ...]] = []
    for run, cost in zip(report.runs[:MAX_ROWS], costs.rows, strict=False):
        why = f": {shortened(run.error, MAX_TEXT)}" if run.error else ""
        log = run_log(context, report, run)
        rows.append(
            (
                f"{_ENDED[run.status]}{why}",
                shortened(run.command, MAX_TEXT),
                *(text or "not recorded" for text in cost),
                shortened(run.start_time, MAX_TEXT),
                _file(log) if log else "none",
            )
        )
    return _table("Runs", ("Ended", "Command", *costs.names, "Started", "Log"), rows, len(report.runs))


def _evidence(context: SiteContext, report: Experience) -> Table:
    files = all_evidence(context, report, MAX_ROWS)
    rows = [
        (_file(file), file.size or "not recorded", shortened(file.sha256, MAX_TEXT) or "not recorded")
        for file in files.rows
    ]
    return _table("Logs and other evidence", ("File", "Size", "sha256"), rows, len(files))


def _file(file: FileView) -> Cell:
    name = shortened(file.name, MAX_TEXT)
    return (Link(text=name, address=file.address),) if file.address else name


def _table(label: str, head: tuple[str, ...], rows: Sequence[tuple[Cell, ...]], total: int = 0) -> Table:
    shown = rows[: fitting_rows(rows[:MAX_ROWS], MAX_CHARACTERS)]
    return Table(label=label, head=head, rows=tuple(shown), left_out=max(len(rows), total) - len(shown))
