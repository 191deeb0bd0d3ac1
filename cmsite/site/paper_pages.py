"""The page of one paper for its reviewers, and the files beside it: exports, badges, the RO-Crate.

Pure: the catalogue in, `OutputFile`s out. Whatever the records hold, a page stays within some 2 MB and says how much
more there is. Source: facts/results.md §3 "For a reviewer" (what stands there, in what order), CONTRACT §6 (addresses).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Reproduction, ReproductionStatus
from cmsite.outputs import OutputFile
from cmsite.results.exports import emit_csv, emit_json
from cmsite.results.run_exports import emit_runs_csv
from cmsite.results.table import ClaimRow
from cmsite.results.wording import summary_text
from cmsite.site.attempt_views import attempt_view
from cmsite.site.badge_views import badge_views
from cmsite.site.citation import bibtex
from cmsite.site.claim_reviews import claim_reviews
from cmsite.site.context import SiteContext
from cmsite.site.crates import CRATE_NAME, crate_date, emit_crate
from cmsite.site.embedding import Badges, badges_of_paper
from cmsite.site.head import MachineFacts
from cmsite.site.page import Page, stamp_page
from cmsite.site.paper_claims import dots_of, shown_rows
from cmsite.site.paper_data import paper_node
from cmsite.site.paper_history import history_view, newest_first
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import MAX_TEXT, paper_line, web_address
from cmsite.site.shell import Section, base_of
from cmsite.site.site_data import SECTION_ADDRESSES, above_of, complete_address, page_data
from cmsite.site.text import counted, shortened
from cmsite.site.verdict_counts import verdict_counts
from cmsite.site.view_rows import Bounded, Link, bounded

RESULTS_ADDRESS = SECTION_ADDRESSES[Section.RESULTS]
METHOD_ADDRESS = f"{RESULTS_ADDRESS}method/"

MAX_ATTEMPTS = 12  # Shown in full; the table of all has more.
MAX_ATTEMPTS_HTML = 500_000  # Characters of those, but for the newest.
MAX_ORIGINS = 20

_EXPORTS = (
    ("claims.csv", "every claim and reproduction, a row each"),
    ("claims.json", "the same as JSON, sorted by claim"),
    ("runs.csv", "every run with all its samples"),
)
_CRATE_WORDS = "RO-Crate: runs, programs, environments and people for machines"
_NUMBERS = re.compile(r"(\d+)")


def render_paper(context: SiteContext, group: PaperRows) -> Iterator[OutputFile]:
    """Yield the page of a paper and the files beside it."""
    badges = badges_of_paper(context, group)
    exports = tuple(_exports(group))
    page = _page(context, group, badges)
    yield page
    yield from exports
    yield from badges.files
    crate = emit_crate(context, group, (page, *exports, badges.files[0]))
    if crate is not None:
        yield crate


def _exports(group: PaperRows) -> Iterator[OutputFile]:
    rows = sorted(group.rows, key=_by_claim)
    yield OutputFile(path=f"{group.address}claims.csv", content=emit_csv(rows))
    yield OutputFile(path=f"{group.address}claims.json", content=emit_json(rows))
    yield OutputFile(path=f"{group.address}runs.csv", content=emit_runs_csv(group.paper, group.attempts))


def _by_claim(row: ClaimRow) -> tuple[list[tuple[bool, int, str]], str]:
    """Return the order of an export: C2 before C10; of one claim the rows stay as they are, the oldest first."""
    parts = _NUMBERS.split(row.claim.id)
    return [(part.isdecimal(), int(part[:20]) if part.isdecimal() else 0, part) for part in parts], row.claim.id


def _page(context: SiteContext, group: PaperRows, badges: Badges) -> OutputFile:
    paper, base = group.paper, base_of(group.address)
    ordered = newest_first(group.attempts)
    attempts, anchors = _attempts(context, group, ordered)
    rows = shown_rows(context, group)
    title, line = shortened(paper.title, MAX_TEXT), shortened(paper_line(paper), MAX_TEXT)
    versions = context.catalog.versions.get(paper.key, ())
    crate = ((CRATE_NAME, _CRATE_WORDS),) if crate_date(context, group) else ()
    content = context.render(
        "dashboards/paper.html",
        base=base,
        here=f"{base}/{group.address}",
        address=complete_address(context, group.address),
        title=title,
        note=shortened(paper.note, MAX_TEXT),
        line=line,
        reference=Link(text=shortened(paper.reference, MAX_TEXT), address=web_address(paper.reference)),
        artifacts=_origins(group),
        counts=verdict_counts(group.verdicts),
        total=counted(len(paper.claims), "claim"),
        summary=summary_text(group.summary, "claims"),
        reproductions=counted(len(ordered), "reproduction"),
        statuses=_statuses(ordered),
        verified=any(attempt.status is ReproductionStatus.VERIFIED for attempt in ordered),
        rows=rows.rows,
        left_out=rows.left_out,
        dots=dots_of(len(rows.rows)),
        attempts=attempts,
        attempts_left_out=len(ordered) - len(attempts),
        history=history_view(group, anchors),
        citation=bibtex(context, context.catalog.artifacts[paper.key], versions[-1] if versions else None),
        exports=_EXPORTS + crate,
        paper_badge=badges.whole,
        pictures=Bounded(rows=badges.claims, left_out=badges.left_out),
        pictures_missing=badges.missing,
        badges=badge_views(paper.badges, paper.key),
        results=RESULTS_ADDRESS,
        method=METHOD_ADDRESS,
    )
    return stamp_page(context, _framed(context, group, title, line, content))


def _framed(context: SiteContext, group: PaperRows, title: str, line: str, content: str) -> Page:
    """Return the page with what it tells machines: the paper, and a review of each claim that was tried."""
    graph = page_data(
        context,
        kind="WebPage",
        address=group.address,
        title=title,
        above=above_of(Section.RESULTS, group.address),
        about=paper_node(context, group.paper),
    )
    return Page(
        address=group.address,
        section=Section.RESULTS,
        title=title,
        description=f"{summary_text(group.summary, 'claims')}. {line}",
        content=content,
        facts=MachineFacts(graph=(*graph, *claim_reviews(context, group))),
    )


def _attempts(
    context: SiteContext, group: PaperRows, ordered: Sequence[Reproduction]
) -> tuple[tuple[Markup, ...], dict[ArtifactKey, str]]:
    """Return the newest reproductions as HTML, as many as fit, and their anchors."""
    parts: list[Markup] = []
    anchors: dict[ArtifactKey, str] = {}
    used = 0
    for attempt in ordered[:MAX_ATTEMPTS]:
        view = attempt_view(context, group.paper, attempt)
        if view.anchor in anchors.values():  # Two records of one uid, which the validator reports.
            continue
        html = context.render("dashboards/reproduction.html", base=base_of(group.address), attempt=view)
        used += len(html)
        if parts and used > MAX_ATTEMPTS_HTML:
            break
        parts.append(Markup(html))  # noqa: S704 - the template escapes.
        anchors[attempt.key] = view.anchor
    return tuple(parts), anchors


def _origins(group: PaperRows) -> Bounded:
    links = [Link(text=str(key), address=artifact_address(key)) for key in group.paper.origins]
    return bounded(links, MAX_ORIGINS)


def _statuses(attempts: Sequence[Reproduction]) -> str:
    """Return how many records have each status, in words."""
    counts = Counter(attempt.status.value for attempt in attempts)
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())
