"""From a claim and the runs of one reproduction to a verdict, and from several verdicts to a summary.

All of it is exact: `Fraction` from the literals, floats only in the half width that is printed.
Source: CONTRACT §11 (words, order of precedence, tolerances), facts/results.md §2 (rules 1 to 8).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from cmsite.model.judgements import Interval, Judgement, Summary
from cmsite.model.results import Claim, ClaimKind, Metric, Paper, Reproduction, Verdict
from cmsite.results.comparability import depends_on_hardware, difference_of_run, unit_mismatch
from cmsite.results.intervals import accepted_interval, certainty, claimed_interval, side
from cmsite.results.measuring import (
    Measurement,
    completed_of,
    measure,
    measured,
    squared_of,
    unknown_statistic,
    without_completed_run,
)
from cmsite.results.orders import judge_ranking
from cmsite.results.ratios import direct_runs, measure_pairs, ratio_sides
from cmsite.results.samples import STATISTICS
from cmsite.results.trends import judge_trend

WITHOUT_NUMBER = frozenset({ClaimKind.RANKING, ClaimKind.TREND, ClaimKind.QUALITATIVE})
"""Kinds of claims that are no number of their own, and so have no unit, difference or tolerance."""


def judge(
    claim: Claim, metric: Metric | None, reproduction: Reproduction | None, paper: Paper | None = None
) -> Judgement:
    """Return what one reproduction says about one claim; without a reproduction the claim is untested.

    `metric` is the paper's metric of the claim, None where the paper declares none. `paper` is needed by claims that
    name others (rankings, ratios with their parts); without it only what their own runs state is judged.
    """
    if reproduction is None:
        return without_completed_run(claim, None, ())
    if claim.kind is ClaimKind.RANKING:
        return judge_ranking(claim, metric, reproduction, paper)
    if claim.kind is ClaimKind.TREND and claim.trend is not None:
        return judge_trend(claim, metric, reproduction, claim.trend)
    found = _measurement(claim, metric, reproduction, paper)
    if isinstance(found, Judgement):
        return found
    base = measured(claim, metric, reproduction, found)
    refused = found.refused or _not_comparable(claim, metric, base, found)
    if refused:
        return replace(base, verdict=refused[0], reasons=(refused[1], *base.reasons))
    return _compared(claim, metric, base, found)


def _measurement(
    claim: Claim, metric: Metric | None, reproduction: Reproduction, paper: Paper | None
) -> Measurement | Judgement:
    """Return what was measured: by runs of the claim itself, else for a ratio by pairs of runs of its two sides."""
    sides = ratio_sides(claim, reproduction, paper) if claim.kind is ClaimKind.RATIO else ()
    direct = direct_runs(claim, reproduction, sides)
    if completed_of(direct) or claim.kind is not ClaimKind.RATIO or claim.ratio is None:
        return measure(direct) if completed_of(direct) else without_completed_run(claim, reproduction, direct)
    if len(sides) < 2:  # noqa: PLR2004 - what is divided, and by what.
        names = f"{claim.ratio.of} / {claim.ratio.over}"
        reason = f"{names} cannot be worked out: each must be another claim or a metric of the paper"
        return without_completed_run(claim, reproduction, direct, reason)
    missing = [side for side in sides if not side.completed]
    if missing:
        runs = (*direct, *(run for side in missing for run in side.runs))
        names = " and ".join(side.name for side in missing)
        return without_completed_run(claim, reproduction, runs, f"no completed run of {names}")
    return measure_pairs(claim, metric, reproduction, (sides[0], sides[1]))


def _not_comparable(
    claim: Claim, metric: Metric | None, base: Judgement, found: Measurement
) -> tuple[Verdict, str] | None:
    """Return the sentence that refuses the comparison, None where it is allowed.

    The runs of a ratio's sides were compared with their own claims. Source: facts/results.md §2.1, §2.7.
    """
    differences = () if found.ratios else (difference_of_run(claim, metric, run) for run in found.completed)
    reason = unit_mismatch(claim, metric) or next((text for text in differences if text), "")
    if not reason and metric and depends_on_hardware(claim, metric) and base.same_hardware is False:
        reason = "the hardware differs, and the claim holds for its authors' hardware only"
    return (Verdict.NOT_COMPARABLE, reason) if reason else None


def _compared(claim: Claim, metric: Metric | None, base: Judgement, found: Measurement) -> Judgement:
    """Judge comparable runs: "cannot tell" before "no tolerance" before the three judged verdicts."""
    refused = _cannot_tell(claim, metric, base, found)
    if refused or metric is None or base.reproduced is None:
        return _with_difference(claim, metric, replace(base, reasons=(refused, *base.reasons)))
    accepted = accepted_interval(claim, metric)
    shown = _with_difference(claim, metric, base)
    if not isinstance(accepted, Interval):
        verdict, reason = accepted
        return replace(shown, verdict=verdict, reasons=(reason, *base.reasons))
    squared = squared_of(claim, found.samples)
    return _judged(metric, replace(shown, accepted=accepted), base.reproduced, accepted, squared)


def _cannot_tell(claim: Claim, metric: Metric | None, base: Judgement, found: Measurement) -> str:
    """Return why nothing can be said, "" where it can."""
    if claim.kind in WITHOUT_NUMBER:
        return f"a {claim.kind.value} claim is judged by the evaluator, not by this arithmetic"
    if metric is None:
        return "the claim's metric is not declared by the paper"
    if depends_on_hardware(claim, metric) and base.same_hardware is None:
        return "hardware not stated"
    if claim.statistic not in STATISTICS:
        return unknown_statistic(claim)
    return found.odd


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
