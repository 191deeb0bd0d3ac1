"""One row a claim and reproduction: what every page, export and command shows.

Source: CONTRACT §13 (the fields of `cmsite-results/1`), facts/results.md §2.8.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cmsite.model.judgements import Judgement, Summary
from cmsite.model.results import (
    Claim,
    ClaimKind,
    Metric,
    Paper,
    Reproduction,
    ReproductionStatus,
    ToleranceType,
    Verdict,
)
from cmsite.results.gathering import PaperFinder
from cmsite.results.verdicts import contradicts, judge, summarise
from cmsite.results.wording import claimed_text, found_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim and one attempt at it; `reproduction` is None for a claim that no record mentions."""

    paper: Paper
    claim: Claim
    metric: Metric | None
    reproduction: Reproduction | None
    judgement: Judgement
    stated: Verdict | None = None

    @property
    def contradicted(self) -> bool:
        """Return whether the numbers deny the stated verdict."""
        return self.stated is not None and contradicts(self.stated, self.judgement.verdict)

    @property
    def counts(self) -> bool:
        """Return whether the row takes part in totals: a superseded record is shown and not counted."""
        return self.reproduction is None or self.reproduction.status is not ReproductionStatus.SUPERSEDED


def claim_rows(papers: Iterable[Paper], reproductions: Iterable[Reproduction]) -> tuple[ClaimRow, ...]:
    """Judge every claim against every reproduction that mentions it.

    The order is that of papers, then of claims in their paper, then date, uid and key of the reproduction.
    """
    ordered = tuple(papers)
    finder = PaperFinder(ordered)
    attempts: dict[int, list[Reproduction]] = defaultdict(list)
    for reproduction in reproductions:
        paper = finder.find(reproduction)
        if paper is not None:
            attempts[id(paper)].append(reproduction)
    return tuple(row for paper in ordered for row in _rows(paper, sorted(attempts[id(paper)], key=_date_order)))


def _rows(paper: Paper, attempts: Iterable[Reproduction]) -> Iterator[ClaimRow]:
    mentioning: dict[str, list[Reproduction]] = defaultdict(list)
    for attempt in attempts:
        for name in attempt.mentioned:
            mentioning[name].append(attempt)
    for claim in paper.claims:
        yield from _rows_of(paper, claim, mentioning.get(claim.id, ()))


def _rows_of(paper: Paper, claim: Claim, attempts: Sequence[Reproduction]) -> Iterator[ClaimRow]:
    metric = paper.metric(claim.metric)
    for attempt in attempts or (None,):
        yield ClaimRow(
            paper=paper,
            claim=claim,
            metric=metric,
            reproduction=attempt,
            judgement=judge(claim, metric, attempt, paper),
            stated=attempt.stated_verdict(claim.id) if attempt else None,
        )


def _date_order(reproduction: Reproduction) -> tuple[str, str, str]:
    return (reproduction.check_time, reproduction.uid, str(reproduction.key))


def claim_summary(rows: Iterable[ClaimRow]) -> Summary:
    """Count the reproductions of one claim; superseded ones are left out unless there are no others."""
    found = tuple(rows)
    counted = [row for row in found if row.counts] or found
    return summarise(row.judgement.verdict for row in counted)


def paper_summary(rows: Iterable[ClaimRow]) -> Summary:
    """Count the claims of one paper, each by the worst of its reproductions."""
    groups: dict[str, list[ClaimRow]] = defaultdict(list)
    for row in rows:
        groups[row.claim.id].append(row)
    return summarise(claim_summary(group).worst for group in groups.values())


def record(row: ClaimRow) -> dict[str, Any]:
    """Return a row as `cmsite-results/1` writes it; numbers are numbers, what is missing is None.

    `delta` is (reproduced − claimed) / |claimed|; `claimed` is a text for claims that are no single number, and so is
    `reproduced` for rankings and trends.
    """
    claim, judgement, tolerance = row.claim, row.judgement, row.claim.tolerance
    return {
        "paper": row.paper.alias,
        "paper_uid": row.paper.uid,
        "claim": claim.id,
        "metric": claim.metric or None,
        "unit": claim.unit or (row.metric.unit if row.metric else "") or None,
        "claimed": _claimed(claim),
        "reproduced": plain(judgement.reproduced)
        if judgement.reproduced is not None
        else found_text(claim, row.metric, judgement) or None,
        "n": judgement.n,
        "delta": plain(judgement.delta),
        "tolerance": _tolerance_record(claim),
        "tolerance_source": tolerance.source.value if tolerance and tolerance.source else None,
        "verdict": judgement.verdict.value,
        "certainty": judgement.certainty.value if judgement.certainty else None,
        "stated": row.stated.value if row.stated else None,
        "reproduction_uid": row.reproduction.uid if row.reproduction else None,
        "same_hardware": judgement.same_hardware,
    }


def _claimed(claim: Claim) -> int | float | str | None:
    if claim.kind in (ClaimKind.VALUE, ClaimKind.RATIO):
        return plain(claim.value.value) if claim.value else None
    return claimed_text(claim) or None


def _tolerance_record(claim: Claim) -> dict[str, Any] | None:
    tolerance = claim.tolerance
    if tolerance is None or not tolerance.readable:
        return None
    if tolerance.type is ToleranceType.NONE:
        return {"type": "none"}
    numbers = {"value": tolerance.value, "lower": tolerance.lower, "upper": tolerance.upper}
    return {
        "type": tolerance.type.value,
        **{name: plain(number.value) for name, number in numbers.items() if number},
        **({"preset": tolerance.preset} if tolerance.preset else {}),
    }


def plain(value: Fraction | None) -> int | float | None:
    """Return an exact value as JSON and CSV write it: the nearest float, whole numbers without a point.

    >>> plain(Fraction("98.9")), plain(Fraction(100)), plain(None)
    (98.9, 100, None)
    """
    if value is None:
        return None
    return int(value) if value.denominator == 1 and abs(value) < 2**53 else float(value)
