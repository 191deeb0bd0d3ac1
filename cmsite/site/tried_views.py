"""What reproductions found that ran an artifact, for the artifact's own page.

Made once before pages are, like badges: a page that is made again alone finds here what only the whole catalogue can
tell, so everything is plain texts. Source: facts/results.md §3; CONTRACT §9 (`reproduction.artifact.reference`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Reproduction
from cmsite.results.table import ClaimRow
from cmsite.results.verdicts import summarise
from cmsite.results.wording import summary_text
from cmsite.site.context import SiteContext
from cmsite.site.paper_rows import PaperRows
from cmsite.site.programs import program_key
from cmsite.site.result_rows import evaluators, row_view, status_word
from cmsite.site.text import counted, shortened
from cmsite.site.view_rows import Bounded, TypeSection, bounded

MAX_ATTEMPTS = 10
MAX_CLAIMS = 16
MAX_TEXT = 120  # Characters of each text.

_Attempt = tuple[PaperRows, Reproduction, tuple[ClaimRow, ...]]


def tried_sections(context: SiteContext) -> Mapping[ArtifactKey, tuple[TypeSection, ...]]:
    """Return a section for every artifact of the catalogue that a reproduction ran, and for its copies."""
    found: dict[ArtifactKey, list[_Attempt]] = defaultdict(list)
    for group in context.relations.groups:
        rows: dict[ArtifactKey, list[ClaimRow]] = defaultdict(list)
        for row in group.rows:
            if row.reproduction is not None:
                rows[row.reproduction.key].append(row)
        for attempt in group.attempts:
            key = program_key(context, attempt.artifact_reference, attempt.key.repository)
            if key is not None:
                found[key].append((group, attempt, tuple(rows[attempt.key])))
    sections: dict[ArtifactKey, tuple[TypeSection, ...]] = {}
    for key, attempts in found.items():
        identity = context.catalog.artifacts[key].identity
        made = (_section(context, key, attempts),)
        for copy in (key, *context.catalog.origins.get(identity, ())):
            sections.setdefault(copy, made)
    return sections


def _section(context: SiteContext, key: ArtifactKey, attempts: Sequence[_Attempt]) -> TypeSection:
    ordered = sorted(attempts, key=lambda item: (item[1].check_time, item[1].uid), reverse=True)
    rows = [(group, row) for group, _, found in ordered for row in found]
    summary = summarise(row.judgement.verdict for _, row in rows if row.counts)
    papers = len({group.address for group, _, _ in ordered})
    return TypeSection(
        title="Reproductions",
        anchor="reproductions",
        template="sections/tried.html",
        values={
            "line": f"{counted(len(ordered), 'reproduction')} of {counted(papers, 'paper')} ran this artifact: "
            f"{summary_text(summary, 'claims')}",
            "attempts": bounded([_attempt(context, key, *item) for item in ordered[:MAX_ATTEMPTS]], MAX_ATTEMPTS),
            "attempts_left_out": max(0, len(ordered) - MAX_ATTEMPTS),
            "claims": Bounded(
                rows=tuple(tuple(_claim(context, group, row)) for group, row in rows[:MAX_CLAIMS]),
                left_out=max(0, len(rows) - MAX_CLAIMS),
            ),
        },
        first=True,
    )


def _attempt(
    context: SiteContext, key: ArtifactKey, group: PaperRows, attempt: Reproduction, rows: Sequence[ClaimRow]
) -> tuple[str, ...]:
    """Return (date, who, status, record's address, paper, its address, what was found, which bytes)."""
    return (
        shortened(attempt.check_time, MAX_TEXT) or "no date",
        shortened(evaluators(attempt), MAX_TEXT),
        status_word(attempt),
        artifact_address(attempt.key),
        shortened(group.paper.title, MAX_TEXT),
        group.address,
        summary_text(summarise(row.judgement.verdict for row in rows), "claims") if rows else "no claim of the paper",
        _bytes(context, key, attempt),
    )


def _bytes(context: SiteContext, key: ArtifactKey, attempt: Reproduction) -> str:
    """Return which bytes were run, and which revision that is where the catalogue knows it."""
    if attempt.artifact_sha256:
        known = context.catalog.versions.get(key, ())
        revision = next((item.revision for item in known if item.tar_sha256 == attempt.artifact_sha256), 0)
        named = f", revision r{revision}" if revision else ", no revision of this catalogue"
        return f"sha256 {attempt.artifact_sha256[:16]}{named}"
    commit = shortened(attempt.artifact_commit, MAX_TEXT)
    return f"commit {commit}" if commit else "not recorded"


def _claim(context: SiteContext, group: PaperRows, row: ClaimRow) -> Iterator[str]:
    view = row_view(context, row, with_plot=False)
    unit = f" {view.unit}" if view.unit else ""
    half = f" ± {view.half_width}" if view.half_width else ""
    yield f"{group.address}#{view.anchor}"
    yield view.claim
    yield shortened(view.text, MAX_TEXT)
    yield f"{shortened(view.claimed, MAX_TEXT)}{unit}" if view.claimed else "–"
    yield f"{view.reproduced}{half}{unit}" if view.reproduced else "–"
    yield f"{view.arrow} {view.delta}" if view.delta else "–"
    yield view.direction
    yield view.tolerance
    yield from (view.verdict.kind, view.verdict.icon, view.verdict.word, view.certainty)
    yield f"{view.date or 'no date'}, {shortened(view.evaluators, MAX_TEXT)}"
