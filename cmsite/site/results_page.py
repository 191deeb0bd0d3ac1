"""`results/`: the dashboard of all claims. Everything is read without a script; with one it can be narrowed down.

The first page has totals, counts by facet, what is missing, and the first claims; further pages the other claims. A page
holds a bounded number of rows, however many claims a paper makes. What the script adds is in
site_templates/assets/results.js, from `results/data.js`.
Source: facts/results.md §3 ("For the catalogue"), DESIGN §7 (static first).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cmsite.catalog.addresses import artifact_address
from cmsite.model.judgements import Summary
from cmsite.outputs import OutputFile
from cmsite.results.changes import newest_moment
from cmsite.results.gaps import Gap, GapCount
from cmsite.results.gathering import PaperFinder, Results
from cmsite.results.verdicts import summarise
from cmsite.results.wording import summary_text
from cmsite.site.badge_views import badge_views
from cmsite.site.claim_data import emit_data
from cmsite.site.claim_facets import FACETS, bare_row, facet_counts
from cmsite.site.context import SiteContext
from cmsite.site.missing_pages import gap_address, gap_views
from cmsite.site.page import Page, stamp_page
from cmsite.site.paging import Paging, page_name
from cmsite.site.paper_pages import METHOD_ADDRESS
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import RowView, paper_line, row_view
from cmsite.site.shell import Section, base_of
from cmsite.site.text import counted
from cmsite.site.verdict_counts import verdict_counts
from cmsite.site.verdict_feed import VERDICT_FEED_PATH
from cmsite.site.view_rows import Bounded, Link

ADDRESS = "results/"
DATA_PATH = "results/data.js"
PAPERS_A_PAGE = 25
ROWS_A_PAGE = 100
VALUES_SHOWN = 12  # Of one facet, without the script.
GROUPS = ("paper", "venue", "hardware", "evaluator", "metric", "year")
"""The facets by which rows can be grouped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPart:
    """The rows of one paper that stand on one page; `continued` where others stand on the page before."""

    title: str
    anchor: str
    address: str
    line: str
    summary: str
    rows: tuple[RowView, ...]
    badges: Bounded
    continued: bool = False


def render_results(
    context: SiteContext, gaps: Sequence[GapCount], experiments: Sequence[Link], *, has_feed: bool
) -> Iterator[OutputFile]:
    """Yield the pages of the dashboard and the data of its script; `experiments` lead to tables of experiments."""
    groups, results = context.relations.groups, context.relations.results
    newest = newest_moment(results.reproductions)
    # Papers without claims have a row of their own behind all others, so that their badges and venues are found too.
    bare = [replace(group, rows=(bare_row(group.paper),)) for group in groups if not group.rows]
    rows = [row for group in (*groups, *bare) for row in group.rows]
    views = [row_view(context, row, with_plot=False) for row in rows]
    cuts = cut(groups)
    paging = Paging(address_of=lambda number: ADDRESS + page_name(number), size=1, total=len(cuts))
    shared = {
        **_totals(groups, results, newest),
        "gaps": gap_views(gaps),
        "experiments": tuple(experiments),
        "facets": facet_counts(rows, newest, VALUES_SHOWN),
        "groups": tuple(facet for key in GROUPS for facet in FACETS if facet.key == key),
        "has_rows": bool(rows),
        "feed": VERDICT_FEED_PATH if has_feed else "",
    }
    for number in range(1, paging.count + 1):
        parts = tuple(_part(groups, views, one) for one in (cuts[number - 1] if cuts else ()))
        yield _page(context, shared, parts, paging, number)
    if rows:
        yield OutputFile(path=DATA_PATH, content=emit_data((*groups, *bare), views, newest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Rows `start` to `stop` of the paper with this number; `first` is the place of its row 0 among all rows."""

    paper: int
    start: int
    stop: int
    first: int


def cut(groups: Sequence[PaperRows]) -> list[list[Cut]]:
    """Return what stands on each page: at most so many papers, and at most so many rows of them together."""
    pages: list[list[Cut]] = []
    first, room = 0, 0
    for number, group in enumerate(groups):
        start, count = 0, len(group.rows)
        while start < count or (start == 0 and count == 0):
            if not pages or len(pages[-1]) == PAPERS_A_PAGE or room == 0:
                pages.append([])
                room = ROWS_A_PAGE
            stop = min(count, start + room)
            pages[-1].append(Cut(paper=number, start=start, stop=stop, first=first))
            room -= stop - start
            if count == 0:
                break
            start = stop
        first += count
    return pages


def _part(groups: Sequence[PaperRows], views: Sequence[RowView], one: Cut) -> PaperPart:
    group = groups[one.paper]
    return PaperPart(
        title=group.paper.title,
        anchor=group.address.strip("/").replace("/", "-"),
        address=group.address,
        line=paper_line(group.paper),
        summary=summary_text(group.summary, "claims"),
        rows=tuple(views[one.first + one.start : one.first + one.stop]),
        badges=badge_views(group.paper.badges if one.start == 0 else (), group.paper.key),
        continued=one.start > 0,
    )


def _totals(groups: Sequence[PaperRows], results: Results, newest: datetime | None) -> Mapping[str, object]:
    verdicts = [verdict for group in groups for verdict in group.verdicts]
    bare = sum(not group.paper.claims for group in groups)
    attempts = results.reproductions
    rows = sum(len(group.rows) for group in groups)
    return {
        "counts": verdict_counts(verdicts),
        "total": len(verdicts),
        "summary": summarise(verdicts),
        "totals": (counted(len(groups), "paper"), counted(len(attempts), "reproduction")),
        "unverified": sum(attempt.status.value == "unverified" for attempt in attempts),
        "attempts": len(attempts),
        "rows": counted(rows, "row"),
        "newest": newest.date().isoformat() if newest else "",
        "undated": sum(not attempt.check_time for attempt in attempts),
        "unmatched": _unmatched(results),
        "without_claims": counted(bare, "paper") if bare else "",
        "without_claims_address": gap_address(Gap.NO_CLAIMS),
    }


def _page(
    context: SiteContext, shared: Mapping[str, object], parts: Sequence[PaperPart], paging: Paging, number: int
) -> OutputFile:
    address = paging.address_of(number)
    summary = shared["summary"]
    line = summary_text(summary, "claims") if isinstance(summary, Summary) else ""
    content = context.render(
        "dashboards/results.html",
        **shared,
        base=base_of(address),
        papers=parts,
        line=line,
        exports=ADDRESS,
        method=METHOD_ADDRESS,
        data=DATA_PATH,
        pager=paging.pager(number),
    )
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.RESULTS,
            title="Reproduced results" + (f", page {number}" if number > 1 else ""),
            description=f"Claimed and reproduced values with tolerance and verdict: {line}",
            feed=str(shared["feed"]),
            content=content,  # Without a table of contents: the claims need its width.
        ),
    )


def _unmatched(results: Results) -> tuple[Link, ...]:
    """Return the reproductions whose paper is not in the catalogue; they have no row."""
    finder = PaperFinder(results.papers)
    return tuple(
        Link(text=attempt.alias, address=artifact_address(attempt.key))
        for attempt in results.reproductions
        if finder.find(attempt) is None
    )
