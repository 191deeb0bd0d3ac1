"""From a claim and the runs of one reproduction to a verdict, and from several verdicts to a summary.

All of it is exact: `Fraction` from the literals, floats only in the half width that is printed.
Source: CONTRACT §11 (words, order of precedence, tolerances), facts/results.md §2 (rules 1 to 8).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from cmsite.model.judgements import Certainty, Interval, Judgement, Summary
from cmsite.model.results import Claim, ClaimKind, Metric, Reproduction, Run, RunStatus, Verdict
from cmsite.results.comparability import (
    depends_on_hardware,
    difference_of_run,
    same_hardware,
    unstated_conditions,
)
from cmsite.results.intervals import accepted_interval, certainty, claimed_interval, side
from cmsite.results.samples import STATISTICS, squared_half_width

STATED_ONLY = frozenset({ClaimKind.RANKING, ClaimKind.TREND, ClaimKind.QUALITATIVE})
"""Kinds of claims that the evaluator judges. A ratio is judged like a value: its runs measured the ratio itself."""

_FEW = {1: Certainty.SINGLE_RUN, 2: Certainty.TWO_RUNS}


def judge(claim: Claim, metric: Metric | None, reproduction: Reproduction | None) -> Judgement:
    """Return what one reproduction says about one claim; without a reproduction the claim is untested.

    `metric` is the paper's metric of the claim, None where the paper declares none.
    """
    runs = reproduction.runs_of(claim.id) if reproduction else ()
    completed = tuple(run for run in runs if run.status is RunStatus.COMPLETED)
    if reproduction is None or not completed:
        return _without_completed_run(claim, reproduction, runs)
    base = _measured(claim, metric, reproduction, runs, completed)
    refused = _not_comparable(claim, metric, base, completed)
    if refused:
        return replace(base, verdict=Verdict.NOT_COMPARABLE, reasons=(refused, *base.reasons))
    return _compared(claim, metric, base, completed)


def _without_completed_run(claim: Claim, reproduction: Reproduction | None, runs: Sequence[Run]) -> Judgement:
    """Judge a claim nobody measured: failed where a run failed, else untested with the reason that is known."""
    failed = [run for run in runs if run.status is RunStatus.FAILED]
    if failed:
        errors = tuple(dict.fromkeys(run.error for run in failed if run.error))
        return Judgement(verdict=Verdict.FAILED, reasons=errors or ("every run failed",), failed=len(failed))
    left_out = (
        next((entry.reason for entry in reproduction.not_attempted if entry.claim == claim.id), "")
        if reproduction
        else ""
    )
    reasons = tuple(reason for reason in (left_out, claim.not_reproducible_reason) if reason)
    return Judgement(verdict=Verdict.UNTESTED, reasons=reasons or ("no run was recorded",))


def _measured(
    claim: Claim, metric: Metric | None, reproduction: Reproduction, runs: Sequence[Run], completed: Sequence[Run]
) -> Judgement:
    """Return what can be said before any comparison: counts, the reproduced value, the hardware, and remarks."""
    samples = _finite_samples(completed)
    statistic = STATISTICS.get(claim.statistic)
    n = sum(len(run.samples) for run in completed)
    failed = sum(run.status is RunStatus.FAILED for run in runs)
    squared = _squared(claim, completed)
    remarks = [f"{failed} of {len(runs)} runs failed and are not in the value"] if failed else []
    remarks += [
        f"taken as equal, not stated by every run: {', '.join(names)}"
        for names in [unstated_conditions(claim, completed)]
        if names
    ]
    hardware = same_hardware(claim, reproduction, completed)
    if hardware is False and metric and not depends_on_hardware(claim, metric):
        remarks.append("run on other hardware than the claim's")
    return Judgement(
        verdict=Verdict.CANNOT_TELL,
        reasons=tuple(remarks),
        certainty=_FEW.get(n),
        reproduced=statistic(samples) if samples and statistic else None,
        n=n,
        failed=failed,
        half_width=None if squared is None else math.sqrt(squared),
        same_hardware=hardware,
    )


def _squared(claim: Claim, completed: Sequence[Run]) -> Fraction | None:
    """Return the squared half width of the mean's interval; other statistics have none here."""
    return squared_half_width(_finite_samples(completed)) if claim.statistic == "mean" else None


def _finite_samples(completed: Iterable[Run]) -> tuple[Fraction, ...]:
    """Return all samples of all completed runs; none at all where one of them is missing or not finite."""
    values = []
    for run in completed:
        if not run.samples:
            return ()
        for sample in run.samples:
            if sample.value is None:
                return ()
            values.append(sample.value)
    return tuple(values)


def _not_comparable(claim: Claim, metric: Metric | None, base: Judgement, completed: Sequence[Run]) -> str:
    """Return the sentence that refuses the comparison, "" where it is allowed. Source: facts/results.md §2.1, §2.7."""
    if metric and claim.unit and metric.unit and claim.unit.strip() != metric.unit.strip():
        return f"the unit differs: the claim is in '{claim.unit}', its metric in '{metric.unit}'"
    for run in completed:
        difference = difference_of_run(claim, metric, run)
        if difference:
            return difference
    if metric and depends_on_hardware(claim, metric) and base.same_hardware is False:
        return "the hardware differs, and the claim holds for its authors' hardware only"
    return ""


def _compared(claim: Claim, metric: Metric | None, base: Judgement, completed: Sequence[Run]) -> Judgement:
    """Judge comparable runs: "cannot tell" before "no tolerance" before the three judged verdicts."""
    refused = _cannot_tell(claim, metric, base, completed)
    if refused or metric is None or base.reproduced is None:
        return _with_difference(claim, metric, replace(base, reasons=(refused, *base.reasons)))
    accepted = accepted_interval(claim, metric)
    measured = _with_difference(claim, metric, base)
    if not isinstance(accepted, Interval):
        verdict, reason = accepted
        return replace(measured, verdict=verdict, reasons=(reason, *base.reasons))
    return _judged(metric, replace(measured, accepted=accepted), base.reproduced, accepted, _squared(claim, completed))


def _cannot_tell(claim: Claim, metric: Metric | None, base: Judgement, completed: Sequence[Run]) -> str:
    """Return why nothing can be said, "" where it can."""
    if claim.kind in STATED_ONLY:
        return f"a {claim.kind.value} claim is judged by the evaluator, not by this arithmetic"
    if metric is None:
        return "the claim's metric is not declared by the paper"
    if depends_on_hardware(claim, metric) and base.same_hardware is None:
        return "hardware not stated"
    if claim.statistic not in STATISTICS:
        return f"the statistic '{claim.statistic}' is not one of {', '.join(STATISTICS)}"
    if base.reproduced is None:
        odd = next((sample.literal for run in completed for sample in run.samples if sample.value is None), "")
        return f"a sample is no finite number: {odd}" if odd else "a completed run has no sample"
    return ""


def _with_difference(claim: Claim, metric: Metric | None, base: Judgement) -> Judgement:
    """Add reproduced − claimed and the same over |claimed|; for ranges and bounds, to the nearest claimed end."""
    claimed = claimed_interval(claim)
    if base.reproduced is None or not isinstance(claimed, Interval):
        return base
    where = side(base.reproduced, claimed)
    nearest = _reference(base.reproduced, claimed, inside=where == 0)
    if nearest is None:
        return replace(base, difference=Fraction(0), delta=Fraction(0))
    difference = base.reproduced - nearest
    lower_is_better = metric.lower_is_better if metric else None
    return replace(
        base,
        difference=difference,
        delta=difference / abs(nearest) if nearest else None,
        better=None if lower_is_better is None or difference == 0 else (difference < 0) == lower_is_better,
    )


def _reference(value: Fraction, claimed: Interval, *, inside: bool) -> Fraction | None:
    """Return the number a difference is taken from: the claimed value, bound, or the end of a range that was left.

    None inside a range: no difference.
    """
    if claimed.lower is None or claimed.upper is None:
        return claimed.upper if claimed.lower is None else claimed.lower
    if claimed.lower == claimed.upper:
        return claimed.lower
    if inside:
        return None
    return claimed.lower if value <= claimed.lower else claimed.upper


def _judged(
    metric: Metric, base: Judgement, value: Fraction, accepted: Interval, squared: Fraction | None
) -> Judgement:
    """Give one of the three judged verdicts, with its certainty. Source: facts/results.md §2.4 and §2.5."""
    where = side(value, accepted)
    verdict = _verdict_outside(where, metric) if where else Verdict.REPRODUCED
    sure = base.certainty if squared is None else certainty(value, squared, accepted)
    return replace(base, verdict=verdict, certainty=sure)


def _verdict_outside(where: int, metric: Metric) -> Verdict:
    """Outside on the better side exceeds; on the worse side, or where no side is better, it is not reproduced."""
    if metric.lower_is_better is None:
        return Verdict.NOT_REPRODUCED
    return Verdict.EXCEEDS if (where < 0) == metric.lower_is_better else Verdict.NOT_REPRODUCED


def contradicts(stated: Verdict, computed: Verdict) -> bool:
    """Return whether an evaluator's verdict contradicts the numbers.

    Where the numbers judge nothing ("cannot tell", "no tolerance"), an evaluator's own judgement stands beside them.

    >>> contradicts(Verdict.REPRODUCED, Verdict.NOT_REPRODUCED), contradicts(Verdict.REPRODUCED, Verdict.CANNOT_TELL)
    (True, False)
    """
    if computed in (Verdict.CANNOT_TELL, Verdict.NO_TOLERANCE):
        return not (stated.judged or stated in (Verdict.CANNOT_TELL, Verdict.NO_TOLERANCE))
    return stated is not computed


_ORDER = tuple(Verdict)


def summarise(verdicts: Iterable[Verdict]) -> Summary:
    """Count several verdicts; none at all is "untested".

    Source: facts/results.md §2.8, CONTRACT §11 ("worst" among the judged ones, the others counted beside).

    >>> summary = summarise([Verdict.REPRODUCED, Verdict.EXCEEDS, Verdict.UNTESTED])
    >>> summary.reproduced, summary.judged, summary.worst.value, summary.beside
    (1, 2, 'exceeds', ((<Verdict.UNTESTED: 'untested'>, 1),))
    """
    counts = Counter(verdicts)
    worst = max(counts, key=_ORDER.index, default=Verdict.UNTESTED)
    return Summary(
        worst=worst,
        reproduced=counts[Verdict.REPRODUCED],
        judged=sum(count for verdict, count in counts.items() if verdict.judged),
        beside=tuple((verdict, counts[verdict]) for verdict in _ORDER if counts[verdict] and not verdict.judged),
    )
