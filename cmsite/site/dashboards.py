"""Pages of reproduced results: the dashboard, each paper, the method, the feed, and all rows as JSON and CSV.

Pure: the catalogue in, `OutputFile`s out. `badges_of` gives the badges by which pages of papers and reproductions lead
here. Source: DESIGN §7, facts/results.md §3, CONTRACT §6 (addresses).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from cmsite.model.artifact import ArtifactKey
from cmsite.model.judgements import Summary
from cmsite.model.names import ARTICLE
from cmsite.model.results import Paper
from cmsite.outputs import OutputFile
from cmsite.results.exports import emit_csv, emit_json
from cmsite.results.table import ClaimRow
from cmsite.results.verdicts import summarise
from cmsite.site.badge_views import badge_views
from cmsite.site.context import Badge, SiteContext
from cmsite.site.method_page import render_method
from cmsite.site.missing_pages import gaps_of, render_missing
from cmsite.site.paper_pages import render_paper
from cmsite.site.result_rows import KINDS
from cmsite.site.results_page import render_results
from cmsite.site.verdict_feed import render_verdict_feed
from cmsite.site.view_rows import Link

ADDRESS = "results/"
MAX_GIVEN = 6
"""Badges of a paper at the head of its artifact's page; its own page has all."""


def render_dashboards(context: SiteContext, experiments: Sequence[Link] = ()) -> Iterator[OutputFile]:
    """Yield every page and export of results; without any paper one page that says so.

    `experiments` lead to the tables of experiments, in the order in which the dashboard names them.
    """
    papers = context.relations.groups
    gaps, feed = gaps_of(context), render_verdict_feed(context)
    yield from render_results(context, gaps, experiments, has_feed=bool(feed))
    for group in papers:
        yield from render_paper(context, group)
    yield from render_missing(context, gaps)
    yield render_method(context)
    yield from feed
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
