"""What the pages of papers and reproductions show: their claims with verdicts, in short; the paper's page has it all.

The order is that of the reviewer's page. Source: facts/results.md §3; CONTRACT §9.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Reproduction
from cmsite.results.table import ClaimRow
from cmsite.results.verdicts import summarise
from cmsite.results.wording import summary_text
from cmsite.site.attempt_views import SECTION, attempt_view
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import RowView, paper_line, row_view, web_address
from cmsite.site.text import shortened
from cmsite.site.view_rows import Bounded, Link, TypeSection

MAX_CLAIMS = 24
MAX_TEXT = 160  # Characters of a claim.
MAX_LINE = 400


def paper_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the claims of a paper: claimed, tolerance, verdict; a paper without any says so."""
    group = context.relations.papers.get(key)
    if group is None:
        return ()
    return (_claims(context, group, group.rows, summary_text(group.summary, "claims") if group.rows else ""),)


def reproduction_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the claims that a reproduction tested, with their verdicts, where it ran, its runs, files and commands."""
    group = context.relations.reproduced.get(key)
    if group is None:
        return details_sections(context, key)
    rows = [row for row in group.rows if row.reproduction is not None and key in row.reproduction.origins]
    line = summary_text(summarise(row.judgement.verdict for row in rows), "claims")
    attempt = rows[0].reproduction
    parts = _parts(context, group, attempt) if attempt is not None else ()
    return (_claims(context, group, rows, line), *parts)


def _parts(context: SiteContext, group: PaperRows, attempt: Reproduction) -> Iterator[TypeSection]:
    """Yield the parts of one reproduction in the order of a review."""
    view = attempt_view(context, group.paper, attempt, SECTION)
    values = {"attempt": view, "paper": group.address, "anchor": view.anchor}
    for title, part in (
        ("Environment", "environment"),
        ("Who, when, how", "who"),
        ("Runs", "runs"),
        ("Logs and other evidence", "evidence"),
        ("How to run it again", "again"),
        ("Not attempted", "left"),
    ):
        if part != "left" or view.not_attempted.rows:
            yield TypeSection(
                title=title,
                anchor=f"record-{part}",
                template="sections/reproduction.html",
                values={**values, "part": part},
                first=True,
            )


def _claims(context: SiteContext, group: PaperRows, rows: Sequence[ClaimRow], line: str) -> TypeSection:
    views = tuple(_short(row_view(context, row, with_plot=False)) for row in rows[:MAX_CLAIMS])
    return TypeSection(
        title="Claims",
        anchor="claims",
        template="sections/claims.html",
        values={
            "rows": Bounded(rows=views, left_out=len(rows) - len(views)),
            "line": line,
            "paper": Link(text=shortened(group.paper.title, MAX_LINE), address=group.address),
            "about": shortened(paper_line(group.paper), MAX_LINE),
            "reference": Link(
                text=shortened(group.paper.reference, MAX_LINE), address=web_address(group.paper.reference)
            ),
        },
        first=True,
    )


def _short(view: RowView) -> RowView:
    return replace(
        view,
        text=shortened(view.text, MAX_TEXT),
        claimed=shortened(view.claimed, MAX_TEXT),
        stated=shortened(view.stated, MAX_TEXT),
    )
