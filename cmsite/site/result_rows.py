"""One row of a claims table as the templates show it: texts, icons and links, nothing computed twice.

Source: facts/results.md §3 (the columns), §7 (a verdict is a word with an icon, never a colour alone).
"""

from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.experience import Experience
from cmsite.model.judgements import Judgement
from cmsite.model.results import Claim, Paper, Reproduction, Run, ToleranceSource, Verdict
from cmsite.results.table import ClaimRow
from cmsite.results.verdicts import WITHOUT_NUMBER
from cmsite.results.wording import (
    claimed_text,
    delta_text,
    direction_text,
    explained,
    found_text,
    half_width_text,
    tolerance_text,
    value_text,
)
from cmsite.site.claim_names import safe_name
from cmsite.site.context import SiteContext
from cmsite.site.links import file_url
from cmsite.site.result_plots import MAX_DOTS, ClaimPlot, claim_plot
from cmsite.site.text import shortened, size
from cmsite.site.view_rows import Bounded, Link

ICONS = {
    Verdict.UNTESTED: "–",
    Verdict.FAILED: "!",
    Verdict.NOT_COMPARABLE: "≠",
    Verdict.CANNOT_TELL: "?",
    Verdict.NO_TOLERANCE: "±",
    Verdict.REPRODUCED: "✓",
    Verdict.EXCEEDS: "»",
    Verdict.NOT_REPRODUCED: "✗",
}
"""One sign a verdict; screen readers hear the word only."""

MAX_ID = 80  # Characters of a claim's id.
MAX_TEXT = 600  # Characters of each other text of a row.
MAX_REASONS = 4
MAX_PEOPLE = 40
MAX_ADDRESS = 2000  # Characters of a link; a longer one, or one with blanks, is only text.
MAX_LOGS = 3  # Of a row; the reproduction has all.

KINDS = {Verdict.REPRODUCED: "good", Verdict.NOT_REPRODUCED: "bad", Verdict.FAILED: "bad"}
"""What a verdict's colour repeats; all others are `unsure`."""

_SOURCES = {
    ToleranceSource.AUTHOR: "set by the authors",
    ToleranceSource.VENUE: "set by the venue",
    ToleranceSource.EVALUATOR: "set by the evaluator",
    ToleranceSource.DEFAULT: "a default",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """A verdict: `kind` is `good`, `bad` or `unsure`; `meaning` explains the word."""

    word: str
    icon: str
    kind: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A log or other evidence; `sha256` and `size` are "" where not recorded."""

    name: str
    address: str
    sha256: str = ""
    size: str = ""
    note: str = ""

    @property
    def link(self) -> Link:
        """Return its name and where it is."""
        return Link(text=self.name, address=self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One claim and one attempt at it."""

    anchor: str
    claim: str
    text: str
    main: bool
    locator: Link
    parameters: str
    note: str
    claimed: str
    unit: str
    reproduced: str
    half_width: str
    n: int
    failed: int
    arrow: str
    delta: str
    direction: str
    tolerance: str
    tolerance_source: str
    tolerance_reason: str
    verdict: VerdictView
    certainty: str
    reasons: tuple[str, ...]
    stated: str
    contradicted: bool
    status: str
    evaluators: str
    date: str
    reproduction: Link
    evidence: tuple[FileView, ...]
    plot: ClaimPlot | None


def verdict_view(verdict: Verdict) -> VerdictView:
    """Return how a verdict is shown."""
    return VerdictView(
        word=verdict.value, icon=ICONS[verdict], kind=KINDS.get(verdict, "unsure"), meaning=explained(verdict)
    )


def row_view(context: SiteContext, row: ClaimRow, *, with_plot: bool, dots: int = MAX_DOTS) -> RowView:
    """Return one row of the claims table; `dots` bounds the samples that its bar shows."""
    claim, judgement, attempt = row.claim, row.judgement, row.reproduction
    precision = row.metric.precision if row.metric else None
    unit = claim.unit or (row.metric.unit if row.metric else "")
    return RowView(
        anchor=row_anchor(row),
        claim=shortened(claim.id, MAX_ID),
        text=shortened(claim.text, MAX_TEXT),
        main=claim.main,
        locator=Link(
            text=shortened(claim.locator, MAX_TEXT) or ("source" if claim.source else ""),
            address=web_address(claim.source or row.paper.reference),
        ),
        parameters=shortened(", ".join(f"{name}: {value}" for name, value in claim.parameters), MAX_TEXT),
        note=shortened(claim.note, MAX_TEXT),
        claimed=shortened(claimed_text(claim), MAX_TEXT),
        unit="" if unit == "1" or claim.kind in WITHOUT_NUMBER else shortened(unit, MAX_ID),
        reproduced=shortened(found_text(claim, row.metric, judgement), MAX_TEXT)
        if judgement.reproduced is None
        else value_text(judgement.reproduced, precision),
        half_width="" if judgement.half_width is None else half_width_text(judgement.half_width),
        n=judgement.n,
        failed=judgement.failed,
        arrow=_arrow(judgement),
        delta=shortened(delta_text(claim, row.metric, judgement), MAX_ID),
        direction=direction_text(judgement),
        tolerance=shortened(tolerance_text(claim.tolerance, row.metric), MAX_ID),
        tolerance_source=_tolerance_source(claim),
        tolerance_reason=shortened(claim.tolerance.reason, MAX_TEXT) if claim.tolerance else "",
        verdict=verdict_view(judgement.verdict),
        certainty=judgement.certainty.value if judgement.certainty else "",
        reasons=_first(judgement.reasons),
        stated=row.stated.value if row.stated else "",
        contradicted=row.contradicted,
        status=status_word(attempt) if attempt else "",
        evaluators=shortened(evaluators(attempt), MAX_TEXT) if attempt else "",
        date=shortened(attempt.check_time, MAX_ID) if attempt else "",
        reproduction=Link(text=shortened(attempt.alias, MAX_ID), address=artifact_address(attempt.key))
        if attempt
        else Link(text=""),
        evidence=_evidence_of(context, attempt, claim) if attempt else (),
        plot=claim_plot(row, dots) if with_plot else None,
    )


def row_anchor(row: ClaimRow) -> str:
    """Return the anchor of a row on its paper's page: the claim's name and the uid of the reproduction."""
    name = safe_name(row.claim.id)
    return f"{name}-{row.reproduction.uid}" if row.reproduction else name


def _first(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first reasons, and how many more there are."""
    more = (f"and {len(reasons) - MAX_REASONS:,} more reasons",) if len(reasons) > MAX_REASONS else ()
    return (*(shortened(reason, MAX_TEXT) for reason in reasons[:MAX_REASONS]), *more)


def _arrow(judgement: Judgement) -> str:
    if judgement.difference is None:
        return ""
    return "=" if judgement.difference == 0 else "▲" if judgement.difference > 0 else "▼"


def _tolerance_source(claim: Claim) -> str:
    tolerance = claim.tolerance
    if tolerance is None or tolerance_text(tolerance, None) == "none":
        return ""
    return _SOURCES[tolerance.source] if tolerance.source else "nobody is named for it"


def status_word(attempt: Reproduction) -> str:
    """Return whether somebody else checked the record, in a word."""
    return attempt.status.value


def evaluators(attempt: Reproduction | Experience) -> str:
    """Return who evaluated, as one text."""
    return ", ".join(person.name for person in attempt.agents[:MAX_PEOPLE]) or "nobody named"


def web_address(reference: str) -> str:
    """Return the web address of a DOI or URL, "" for anything else: no other scheme is ever linked.

    >>> web_address("10.1093/comjnl/5.1.10"), web_address("javascript:alert(1)")
    ('https://doi.org/10.1093/comjnl/5.1.10', '')
    """
    if len(reference) > MAX_ADDRESS or len(reference.split()) > 1 + reference.lower().startswith("doi: "):
        return ""
    if reference.startswith(("https://", "http://")):
        return reference
    if reference.lower().startswith("doi:"):
        reference = reference[4:].strip()
    return f"https://doi.org/{reference}" if reference.startswith("10.") and "/" in reference else ""


def file_view(context: SiteContext, attempt: Reproduction | Experience, path: str) -> FileView:
    """Return a file of a reproduction with its recorded digest; it leads to the file, else to the artifact's files."""
    recorded = next((piece for piece in attempt.evidence if piece.path == path), None)
    artifact = context.catalog.artifacts[attempt.key]
    source = next((file.source for file in artifact.files if file.path == path), "")
    address = (file_url(context, artifact, source) if source else "") or f"{artifact_address(attempt.key)}#files"
    return FileView(
        name=shortened(path, MAX_TEXT),
        address=address,
        sha256=recorded.sha256 if recorded else "",
        size=size(recorded.size_bytes) if recorded and recorded.size_bytes is not None else "",
        note=shortened(recorded.note, MAX_TEXT) if recorded else "",
    )


def all_evidence(context: SiteContext, attempt: Reproduction | Experience, limit: int) -> Bounded:
    """Return the evidence of a reproduction, in the order of the record."""
    shown = tuple(
        file_view(context, attempt, piece.path)
        if piece.path
        else FileView(
            name=shortened(piece.url, MAX_TEXT),
            address=web_address(piece.url),
            sha256=piece.sha256,
            size=size(piece.size_bytes) if piece.size_bytes is not None else "",
            note=shortened(piece.note, MAX_TEXT),
        )
        for piece in attempt.evidence[:limit]
    )
    return Bounded(rows=shown, left_out=len(attempt.evidence) - len(shown))


def _evidence_of(context: SiteContext, attempt: Reproduction, claim: Claim) -> tuple[FileView, ...]:
    logs = dict.fromkeys(run.log for run in attempt.runs_of(claim.id) if run.log)
    return tuple(log_view(context, attempt, path) for path in list(logs)[:MAX_LOGS])


def log_view(context: SiteContext, attempt: Reproduction | Experience, log: str) -> FileView:
    """Return the log of a run: a file of the artifact, or an address."""
    return FileView(name=log, address=web_address(log)) if "://" in log else file_view(context, attempt, log)


def run_log(context: SiteContext, attempt: Reproduction | Experience, run: Run) -> FileView | None:
    """Return the log of one run, None where it has none."""
    return log_view(context, attempt, run.log) if run.log else None


def paper_line(paper: Paper) -> str:
    """Return who published where and when, on one line."""
    authors = ", ".join(person.name for person in paper.authors[:MAX_PEOPLE])
    if len(paper.authors) > MAX_PEOPLE:
        authors += f" and {len(paper.authors) - MAX_PEOPLE:,} more"
    return ". ".join(part.rstrip(".") for part in (authors, paper.venue, str(paper.year) if paper.year else "") if part)
