"""The page of one paper for its reviewers: every claim, every reproduction, and what became of each.

Pure: the catalogue in, `OutputFile`s out. Source: facts/results.md §3 "For a reviewer" (what stands there, in what
order), CONTRACT §6 (addresses).
"""

from collections.abc import Iterator, Sequence

from cmsite.catalog.addresses import artifact_address
from cmsite.model.results import Reproduction
from cmsite.outputs import OutputFile
from cmsite.results.table import claim_summary
from cmsite.results.wording import summary_text
from cmsite.site.attempt_views import attempt_view
from cmsite.site.badge_views import badge_views
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, stamp_page
from cmsite.site.paper_data import paper_node
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import paper_line, row_view, web_address
from cmsite.site.shell import Section, base_of
from cmsite.site.site_data import SECTION_ADDRESSES
from cmsite.site.text import counted
from cmsite.site.verdict_counts import verdict_counts
from cmsite.site.view_rows import Link

RESULTS_ADDRESS = SECTION_ADDRESSES[Section.RESULTS]
METHOD_ADDRESS = f"{RESULTS_ADDRESS}method/"


def render_paper(context: SiteContext, group: PaperRows) -> Iterator[OutputFile]:
    """Yield the page of a paper."""
    yield _page(context, group)


def _page(context: SiteContext, group: PaperRows) -> OutputFile:
    paper = group.paper
    attempts = sorted(group.attempts, key=lambda attempt: (attempt.check_time, attempt.uid), reverse=True)
    content = context.render(
        "dashboards/paper.html",
        base=base_of(group.address),
        paper=paper,
        line=paper_line(paper),
        reference=Link(text=paper.reference, address=web_address(paper.reference)),
        artifacts=tuple(Link(text=str(key), address=artifact_address(key)) for key in paper.origins),
        counts=verdict_counts(group.verdicts),
        total=counted(len(paper.claims), "claim"),
        summary=summary_text(group.summary, "claims"),
        badges=badge_views(paper.badges, paper.key),
        reproductions=counted(len(attempts), "reproduction"),
        several=_several(group),
        statuses=", ".join(_status_counts(attempts)),
        rows=tuple(row_view(context, row, with_plot=True) for row in group.rows),
        attempts=tuple(attempt_view(context, paper, attempt) for attempt in attempts),
        results=RESULTS_ADDRESS,
        method=METHOD_ADDRESS,
    )
    return stamp_page(
        context,
        Page(
            address=group.address,
            section=Section.RESULTS,
            title=paper.title,
            description=f"{summary_text(group.summary, 'claims')}. {paper_line(paper)}",
            content=content,
            kind="WebPage",
            about=paper_node(context, paper),
        ),
    )


def _several(group: PaperRows) -> tuple[tuple[str, str], ...]:
    """Return "k of n" for each claim that was tried more than once. Source: facts/results.md §2.8."""
    found = []
    for name, rows in group.rows_by_claim.items():
        if len(rows) > 1:
            summary = claim_summary(rows)
            found.append((name, f"{summary_text(summary)}; worst: {summary.worst.value}"))
    return tuple(found)


def _status_counts(attempts: Sequence[Reproduction]) -> Iterator[str]:
    counts: dict[str, int] = {}
    for attempt in attempts:
        counts[attempt.status.value] = counts.get(attempt.status.value, 0) + 1
    yield from (f"{count} {word}" for word, count in counts.items())
