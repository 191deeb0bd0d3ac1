"""Pages of reproduced results: all claims, the method, and the same rows as JSON and CSV; `paper_pages` has each paper.

Pure: the catalogue in, `OutputFile`s out. `badges_of` gives the badges by which pages of papers and reproductions lead
here. Source: DESIGN §7, facts/results.md §3, CONTRACT §6 (addresses).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.judgements import Summary
from cmsite.model.names import ARTICLE
from cmsite.model.results import Paper, Verdict
from cmsite.outputs import OutputFile
from cmsite.results.exports import emit_csv, emit_json
from cmsite.results.gathering import PaperFinder, Results
from cmsite.results.table import ClaimRow
from cmsite.results.verdicts import summarise
from cmsite.results.wording import summary_text
from cmsite.site.badge_views import badge_views
from cmsite.site.context import Badge, SiteContext
from cmsite.site.page import Page, TocEntry, stamp_page
from cmsite.site.paging import Paging, page_name
from cmsite.site.paper_pages import METHOD_ADDRESS, render_paper
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import KINDS, RowView, paper_line, row_view, verdict_view
from cmsite.site.shell import Section, base_of
from cmsite.site.text import counted
from cmsite.site.verdict_counts import verdict_counts
from cmsite.site.view_rows import Bounded, Link

ADDRESS = "results/"
PAPERS_A_PAGE = 25
MAX_GIVEN = 6
"""Badges of a paper at the head of its artifact's page; its own page has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """A paper in the list of all claims."""

    title: str
    anchor: str
    address: str
    line: str
    summary: str
    rows: tuple[RowView, ...]
    badges: Bounded


def render_dashboards(context: SiteContext) -> Iterator[OutputFile]:
    """Yield every page and export of results; without any paper one page that says so."""
    results, papers = context.relations.results, context.relations.groups
    yield from _all_claims(context, papers, results)
    for group in papers:
        yield from render_paper(context, group)
    yield _method(context)
    rows = [row for group in papers for row in group.rows]
    yield OutputFile(path=f"{ADDRESS}claims.json", content=emit_json(rows))
    yield OutputFile(path=f"{ADDRESS}claims.csv", content=emit_csv(rows))


def badges_of(context: SiteContext) -> Mapping[ArtifactKey, tuple[Badge, ...]]:
    """Return the verdict badge of every origin of every paper and reproduction; it leads to the paper's page."""
    badges: dict[ArtifactKey, tuple[Badge, ...]] = {}
    for group in context.relations.groups:
        attempts: dict[ArtifactKey, list[ClaimRow]] = defaultdict(list)
        for row in group.rows:
            if row.reproduction:
                attempts[row.reproduction.key].append(row)
        for key in group.paper.origins:
            badges[key] = (*_given(group.paper), _badge(group.summary, group.address))
        for rows in attempts.values():
            summary = summarise(row.judgement.verdict for row in rows)
            for key in rows[0].reproduction.origins if rows[0].reproduction else ():
                badges[key] = (_badge(summary, group.address),)
    return badges


def _given(paper: Paper) -> Iterator[Badge]:
    """Yield the badges that a paper was given, for the head of its artifact's page."""
    for view in badge_views(paper.badges[:MAX_GIVEN]).rows:
        if view.is_known:
            value = f"{view.name} (self-asserted)" if view.self_asserted else view.name
            yield Badge(label=view.scheme, value=value, address="#badges" if paper.key.automation == ARTICLE else "")


def _badge(summary: Summary, address: str) -> Badge:
    """Return the badge of a paper or attempt: good only where every claim was reproduced, bad where one was not."""
    total = summary.judged + sum(count for _, count in summary.beside)
    if not total:
        return Badge(label="Claims", value="none declared", address=address)
    kind = "good" if summary.reproduced == total else "bad" if KINDS.get(summary.worst) == "bad" else "unsure"
    return Badge(label="Claims", value=f"{summary.reproduced} of {total} reproduced", kind=kind, address=address)


def _all_claims(context: SiteContext, papers: Sequence[PaperRows], results: Results) -> Iterator[OutputFile]:
    """Yield the pages of the list of all claims, a fixed number of papers each."""
    paging = Paging(address_of=lambda number: ADDRESS + page_name(number), size=PAPERS_A_PAGE, total=len(papers))
    counts = verdict_counts(_verdicts(papers))
    dates = sorted(attempt.check_time for attempt in results.reproductions if attempt.check_time)
    for number in range(1, paging.count + 1):
        address, shown = paging.address_of(number), papers[paging.part(number)]
        views = tuple(_paper_view(context, group) for group in shown)
        content = context.render(
            "dashboards/results.html",
            base=base_of(address),
            papers=views,
            counts=counts,
            total=sum(item.count for item in counts),
            line=summary_text(_total(papers), "claims"),
            totals=(counted(len(papers), "paper"), counted(len(results.reproductions), "reproduction")),
            unverified=sum(attempt.status.value == "unverified" for attempt in results.reproductions),
            attempts=len(results.reproductions),
            newest=dates[-1] if dates else "",
            unmatched=_unmatched(results),
            without_claims=counted(sum(not group.paper.claims for group in papers), "paper"),
            exports=ADDRESS,
            method=METHOD_ADDRESS,
            pager=paging.pager(number),
        )
        yield stamp_page(
            context,
            Page(
                address=address,
                section=Section.RESULTS,
                title="Reproduced results" + (f", page {number}" if number > 1 else ""),
                description=f"Claimed and reproduced values with tolerance and verdict: {summary_text(_total(papers), 'claims')}",
                content=content,  # Without a table of contents: the claims need its width.
            ),
        )


def _total(papers: Sequence[PaperRows]) -> Summary:
    return summarise(_verdicts(papers))


def _verdicts(papers: Iterable[PaperRows]) -> Iterator[Verdict]:
    return (verdict for group in papers for verdict in group.verdicts)


def _unmatched(results: Results) -> tuple[Link, ...]:
    """Return the reproductions whose paper is not in the catalogue; they have no row."""
    finder = PaperFinder(results.papers)
    return tuple(
        Link(text=attempt.alias, address=artifact_address(attempt.key))
        for attempt in results.reproductions
        if finder.find(attempt) is None
    )


def _paper_view(context: SiteContext, group: PaperRows) -> PaperView:
    paper = group.paper
    return PaperView(
        title=paper.title,
        anchor=group.address.strip("/").replace("/", "-"),
        address=group.address,
        line=paper_line(paper),
        summary=summary_text(group.summary, "claims"),
        rows=tuple(row_view(context, row, with_plot=False) for row in group.rows),
        badges=badge_views(paper.badges, paper.key),
    )


def _method(context: SiteContext) -> OutputFile:
    content = context.render(
        "dashboards/method.html",
        base=base_of(METHOD_ADDRESS),
        verdicts=tuple(verdict_view(verdict) for verdict in Verdict),
        results=ADDRESS,
    )
    return stamp_page(
        context,
        Page(
            address=METHOD_ADDRESS,
            section=Section.RESULTS,
            title="How verdicts are found",
            description="What the verdicts of reproduced results mean and how they are computed",
            content=content,
            kind="WebPage",
            toc=(
                TocEntry(title="The verdicts", anchor="verdicts"),
                TocEntry(title="The arithmetic", anchor="arithmetic"),
                TocEntry(title="Certainty", anchor="certainty"),
                TocEntry(title="Hardware", anchor="hardware"),
                TocEntry(title="Several reproductions", anchor="several"),
                TocEntry(title="What a verdict is not", anchor="limits"),
            ),
        ),
    )
