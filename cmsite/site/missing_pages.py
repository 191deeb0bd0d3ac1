"""`results/missing/…`: what the records lack, each kind counted on the dashboard and listed on pages of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.results.gaps import Gap, GapCount, Missing, find_gaps
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, stamp_page
from cmsite.site.paging import Paging, page_name
from cmsite.site.paper_rows import PaperRows, papers_by_artifact
from cmsite.site.result_rows import web_address
from cmsite.site.shell import Section, base_of
from cmsite.site.view_rows import Link

MISSING_ADDRESS = "results/missing/"
CASES_A_PAGE = 100
MAX_NOTE = 500  # Characters of a reason.

# Title, what could have the gap, and what the gap means for a reader.
_WORDS: dict[Gap, tuple[str, str, str]] = {
    Gap.ABSENT_FILE: (
        "Evidence that is not there",
        "files named as evidence or log",
        "named in a record and not in its folder",
    ),
    Gap.NO_DIGEST: (
        "Evidence without a digest",
        "files named as evidence or log",
        "nothing proves that the file is the one of the run",
    ),
    Gap.ELSEWHERE: (
        "Evidence elsewhere without a digest",
        "addresses named as evidence or log",
        "it may be gone or changed, and nothing would show it; whether it still answers is not asked here",
    ),
    Gap.NO_PAPER: (
        "Reproductions without their paper",
        "reproductions",
        "the paper is not in this catalogue, so nothing can be compared",
    ),
    Gap.NO_CLAIMS: ("Papers without claims", "papers", "nobody has written down yet what they claim"),
    Gap.NO_TOLERANCE: (
        "Claims without a tolerance",
        "claims of a single value",
        "a difference can be shown and not judged",
    ),
    Gap.NEVER_TRIED: ("Claims nobody tried", "claims", "no record has a run or a verdict of an evaluator"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GapView:
    """A kind of gap on the dashboard; `address` is "" where there is no case."""

    title: str
    meaning: str
    of: str
    count: int
    total: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case; what it does not have is a link without words."""

    paper: Link
    claim: Link
    reproduction: Link
    name: Link
    note: str


def gaps_of(context: SiteContext) -> tuple[GapCount, ...]:
    """Return what is missing in the records of a catalogue."""
    artifacts = context.catalog.artifacts
    rows = (row for group in context.relations.groups for row in group.rows)
    return find_gaps(context.relations.results, rows, lambda key: {file.path for file in artifacts[key].files})


def gap_views(gaps: Sequence[GapCount]) -> tuple[GapView, ...]:
    """Return the kinds of gaps as the dashboard counts them; those that nothing could have are left out."""
    return tuple(_view(found) for found in gaps if found.total)


def _view(found: GapCount) -> GapView:
    title, of, meaning = _WORDS[found.gap]
    return GapView(
        title=title,
        meaning=meaning,
        of=of,
        count=len(found.cases),
        total=found.total,
        address=gap_address(found.gap) if found.cases else "",
    )


def gap_address(gap: Gap) -> str:
    """Return the first page that lists the cases of a kind."""
    return f"{MISSING_ADDRESS}{gap.value}/"


def render_missing(context: SiteContext, gaps: Sequence[GapCount]) -> Iterator[OutputFile]:
    """Yield the pages that list the cases of each kind."""
    places = papers_by_artifact(context.relations.groups)
    for found in gaps:
        if not found.cases:
            continue
        paging = _paging(found)
        for number in range(1, paging.count + 1):
            cases = tuple(_case(places, case) for case in found.cases[paging.part(number)])
            yield _page(context, _view(found), cases, paging, number)


def _paging(found: GapCount) -> Paging:
    first = gap_address(found.gap)
    return Paging(address_of=lambda number: first + page_name(number), size=CASES_A_PAGE, total=len(found.cases))


def _page(context: SiteContext, view: GapView, cases: Sequence[CaseView], paging: Paging, number: int) -> OutputFile:
    address = paging.address_of(number)
    columns = tuple(
        (title, name)
        for title, name in (
            ("Paper", "paper"),
            ("Claim", "claim"),
            ("Record", "reproduction"),
            ("What", "name"),
        )
        if any(getattr(case, name).text for case in cases)
    )
    content = context.render(
        "dashboards/missing.html",
        base=base_of(address),
        view=view,
        columns=columns,
        has_notes=any(case.note for case in cases),
        cases=cases,
        results="results/",
        pager=paging.pager(number),
    )
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.RESULTS,
            title=view.title + (f", page {number}" if number > 1 else ""),
            description=f"{view.count:,} of {view.total:,} {view.of}: {view.meaning}",
            content=content,
        ),
    )


def _case(papers: Mapping[ArtifactKey, PaperRows], case: Missing) -> CaseView:
    group = papers.get(case.paper.key) if case.paper else None
    place = group.address if group else ""
    attempt = case.reproduction
    return CaseView(
        paper=Link(text=case.paper.title, address=place) if case.paper else Link(text=""),
        claim=Link(text=case.claim.id, address=place) if case.claim else Link(text=""),
        reproduction=Link(text=attempt.alias, address=artifact_address(attempt.key)) if attempt else Link(text=""),
        name=Link(text=case.claim.text)
        if case.claim
        else Link(text=case.name, address=web_address(case.name) if "://" in case.name else ""),
        note=case.note if len(case.note) <= MAX_NOTE else f"{case.note[: MAX_NOTE - 1]}…",
    )
