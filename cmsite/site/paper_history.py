"""What became of a paper over time: every reproduction by date, changed verdicts, disputes.

Source: facts/results.md §2.8 (several reproductions are counted, never averaged), §3 (history and disputes).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Reproduction, ReproductionStatus, Verdict
from cmsite.results.table import ClaimRow, claim_summary
from cmsite.results.verdicts import summarise
from cmsite.results.wording import summary_text
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import MAX_ID, MAX_TEXT, VerdictView, evaluators, status_word, verdict_view
from cmsite.site.text import counted, shortened
from cmsite.site.view_rows import Bounded, Link, bounded

MAX_ATTEMPTS = 100  # Rows of the table.
MAX_CHANGES = 20  # Claims that were tried more than once, those whose verdicts differ first.
MAX_STEPS = 8  # Verdicts of one of them, the newest.
MAX_REASONS = 40  # Claims that nobody tried.


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One reproduction among the others."""

    date: str
    evaluators: str
    status: str
    line: str
    link: Link
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A claim that was tried more than once: its verdicts, the oldest first, and whether they agree."""

    claim: str
    line: str
    steps: tuple[tuple[str, VerdictView], ...]
    left_out: int
    agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """The reproductions, the newest first; `disputes` says in words what is disputed or superseded."""

    attempts: Bounded
    changes: Bounded
    disputes: str
    untried: Bounded


def newest_first(attempts: Sequence[Reproduction]) -> list[Reproduction]:
    """Return reproductions by date, the newest first; those without a date are last."""
    return sorted(attempts, key=lambda attempt: (attempt.check_time, attempt.uid, str(attempt.key)), reverse=True)


def history_view(group: PaperRows, anchors: Mapping[ArtifactKey, str]) -> HistoryView:
    """Return what became of a paper; `anchors` are those of the reproductions that the page shows in full."""
    by_attempt: dict[ArtifactKey, list[ClaimRow]] = defaultdict(list)
    for row in group.rows:
        if row.reproduction is not None:
            by_attempt[row.reproduction.key].append(row)
    ordered = newest_first(group.attempts)
    places = {key: f"{group.address}#{anchor}" for key, anchor in anchors.items()}
    rows = tuple(
        _row(attempt, by_attempt[attempt.key], places.get(attempt.key, "")) for attempt in ordered[:MAX_ATTEMPTS]
    )
    changes = [change for name, found in group.rows_by_claim.items() if (change := _change(name, found))]
    return HistoryView(
        attempts=Bounded(rows=rows, left_out=len(ordered) - len(rows)),
        changes=bounded(sorted(changes, key=lambda change: change.agreed), MAX_CHANGES),
        disputes=_disputes(ordered),
        untried=bounded(list(_untried(group)), MAX_REASONS),
    )


def _row(attempt: Reproduction, rows: Sequence[ClaimRow], place: str) -> HistoryRow:
    line = (
        summary_text(summarise(row.judgement.verdict for row in rows), "claims")
        if rows
        else "names no claim of the paper"
    )
    return HistoryRow(
        date=shortened(attempt.check_time, MAX_ID) or "no date",
        evaluators=shortened(evaluators(attempt), MAX_ID),
        status=status_word(attempt),
        line=line,
        link=Link(
            text=shortened(attempt.alias, MAX_ID),
            address=place or artifact_address(attempt.key),
        ),
        note=shortened(attempt.note, MAX_TEXT)
        if attempt.status in (ReproductionStatus.DISPUTED, ReproductionStatus.SUPERSEDED)
        else "",
    )


def _change(name: str, rows: Sequence[ClaimRow]) -> ChangeRow | None:
    """Return the verdicts of a claim that was tried more than once, None for any other."""
    tried = [row for row in rows if row.reproduction is not None]
    if len(tried) < 2:  # noqa: PLR2004 - several are at least two.
        return None
    shown = tried[-MAX_STEPS:]
    summary = claim_summary(tried)
    return ChangeRow(
        claim=shortened(name, MAX_ID),
        line=f"{summary_text(summary)}; worst: {summary.worst.value}",
        steps=tuple(
            (_when(row.reproduction), verdict_view(row.judgement.verdict)) for row in shown if row.reproduction
        ),
        left_out=len(tried) - len(shown),
        agreed=len({row.judgement.verdict for row in tried}) == 1,
    )


def _when(attempt: Reproduction) -> str:
    date = shortened(attempt.check_time, MAX_ID) or "no date"
    return f"{date}, superseded" if attempt.status is ReproductionStatus.SUPERSEDED else date


def _disputes(attempts: Sequence[Reproduction]) -> str:
    found = [
        f"{counted(count, 'record')} {'is' if count == 1 else 'are'} {status.value}"
        for status in (ReproductionStatus.DISPUTED, ReproductionStatus.SUPERSEDED)
        if (count := sum(attempt.status is status for attempt in attempts))
    ]
    superseded = "; a superseded record is shown and does not count"
    if not found:
        return "No record is disputed or superseded."
    return "; ".join(found) + (superseded if "superseded" in found[-1] else "") + "."


def _untried(group: PaperRows) -> Iterator[tuple[str, str, str]]:
    """Yield each claim that nobody tried as (id, text, why): what the paper says of it, else what the evaluators say."""
    reasons: dict[str, dict[str, None]] = defaultdict(dict)
    for attempt in group.attempts:
        for entry in attempt.not_attempted:
            if entry.reason:
                reasons[entry.claim][entry.reason] = None
    for name, rows in group.rows_by_claim.items():
        if all(row.judgement.verdict is Verdict.UNTESTED for row in rows):
            claim = rows[0].claim
            why = claim.not_reproducible_reason or "; ".join(list(reasons[name])[:MAX_STEPS]) or "no reason given"
            yield shortened(name, MAX_ID), shortened(claim.text, MAX_TEXT), shortened(why, MAX_TEXT)
