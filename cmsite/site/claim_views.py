"""What the pages of papers and reproductions show: their claims with verdicts, in short; the paper's page has it all.

Source: facts/results.md §3; CONTRACT §9.
"""

from collections.abc import Iterator, Sequence

from cmsite.model.artifact import ArtifactKey
from cmsite.results.table import ClaimRow
from cmsite.results.verdicts import summarise
from cmsite.results.wording import summary_text
from cmsite.site.attempt_views import attempt_view
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import paper_line, row_view, web_address
from cmsite.site.view_rows import Bounded, Link, TypeSection, bounded

MAX_CLAIMS = 40
MAX_RUNS = 40


def paper_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the claims of a paper: claimed, tolerance, verdict."""
    group = context.relations.papers.get(key)
    if group is None or not group.rows:
        return ()
    return (_claims(context, group, group.rows, summary_text(group.summary, "claims")),)


def reproduction_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the claims that a reproduction tested, with their verdicts, and its runs."""
    group = context.relations.reproduced.get(key)
    if group is None:
        return details_sections(context, key)
    rows = [row for row in group.rows if row.reproduction is not None and key in row.reproduction.origins]
    line = summary_text(summarise(row.judgement.verdict for row in rows), "claims")
    return (_claims(context, group, rows, line), *_runs(context, group, rows))


def _runs(context: SiteContext, group: PaperRows, rows: Sequence[ClaimRow]) -> Iterator[TypeSection]:
    for attempt in [row.reproduction for row in rows if row.reproduction is not None][:1]:
        view = attempt_view(context, group.paper, attempt)
        values = {"runs": bounded(view.runs, MAX_RUNS), "line": view.runs_line, "paper": group.address}
        if view.runs:
            yield TypeSection(title="Runs", anchor="runs", template="sections/runs.html", values=values, first=True)


def _claims(context: SiteContext, group: PaperRows, rows: Sequence[ClaimRow], line: str) -> TypeSection:
    views = tuple(row_view(context, row, with_plot=False) for row in rows[:MAX_CLAIMS])
    return TypeSection(
        title="Claims",
        anchor="claims",
        template="sections/claims.html",
        values={
            "rows": Bounded(rows=views, left_out=len(rows) - len(views)),
            "line": line,
            "paper": Link(text=group.paper.title, address=group.address),
            "about": paper_line(group.paper),
            "reference": Link(text=group.paper.reference, address=web_address(group.paper.reference)),
        },
        first=True,
    )
