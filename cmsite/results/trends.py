"""Trends: how a metric moves while a parameter of the runs grows, from runs that state that parameter.

Every step is compared with every other, so that a slow drift is seen too; values that cannot be told apart deny
nothing. Where none can be told apart, no trend was seen.
Source: facts/results.md §2.6.
"""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

from cmsite.model.claim_parts import Direction, Trend
from cmsite.model.judgements import Judgement
from cmsite.model.results import Claim, ClaimKind, Metric, Reproduction, Run, Verdict
from cmsite.results.comparability import depends_on_hardware, difference_of_run, unit_mismatch
from cmsite.results.literals import number_of
from cmsite.results.measuring import (
    Measurement,
    completed_of,
    measured,
    refusal_by_hardware,
    refusal_by_machines,
    unknown_statistic,
    without_completed_run,
)
from cmsite.results.sampled import finite_samples
from cmsite.results.samples import STATISTICS
from cmsite.results.separation import (
    MAX_LEVELS,
    Comparison,
    Level,
    compare,
    level_of,
    outcome,
    steps_of,
    texts_of,
    ties_told,
    told,
)


def judge_trend(claim: Claim, metric: Metric | None, reproduction: Reproduction, trend: Trend) -> Judgement:
    """Return what one reproduction says about a trend."""
    runs = reproduction.runs_of(claim.id)
    completed = completed_of(runs)
    if not completed:
        return without_completed_run(claim, reproduction, runs)
    places = _by_parameter(completed, trend)
    n = min((sum(len(run.samples) for run in group) for group in places.values()), default=0)
    base = measured(claim, metric, reproduction, Measurement(runs=runs, completed=completed, n=n))
    refused = (
        _not_comparable(claim, metric, completed)
        or refusal_by_hardware(claim, base)
        or _cannot_tell(claim, metric, reproduction, completed, trend)
    )
    if refused:
        return replace(base, verdict=refused[0], reasons=(refused[1], *base.reasons))
    levels = []
    for place in sorted(places):
        samples, odd = finite_samples(places[place])
        name = _literal(places[place][0], trend)
        if odd:
            return replace(base, reasons=(f"at {trend.parameter} {name}: {odd}", *base.reasons))
        levels.append(level_of(claim, name, samples))
    return _judged(base, levels, trend, metric)


def _judged(base: Judgement, levels: list[Level], trend: Trend, metric: Metric | None) -> Judgement:
    found = _compared(levels, trend)
    base = replace(base, steps=steps_of(levels))
    if len(found.tied) == len(levels) * (len(levels) - 1) // 2:
        return replace(base, reasons=("no two values can be told apart, so no trend is seen", *base.reasons))
    text = texts_of(found, metric)
    wrong = told(
        ((first.name, second.name) for first, second in found.wrong),
        lambda first, second: (
            f"from {trend.parameter} {first} to {second} it goes from {text[first]} to {text[second]}"
        ),
    )
    return outcome(replace(base, reasons=(*wrong, *ties_told(found, trend.parameter), *base.reasons)), found)


def _compared(levels: list[Level], trend: Trend) -> Comparison:
    """Compare along the claimed direction; a monotone trend may go either way, and takes the one that fits better."""
    if trend.direction is not Direction.MONOTONE:
        return compare(levels, rising=trend.direction is Direction.INCREASING)
    rising, falling = compare(levels, rising=True), compare(levels, rising=False)
    return rising if len(rising.wrong) <= len(falling.wrong) else falling


def _by_parameter(completed: tuple[Run, ...], trend: Trend) -> dict[Fraction, list[Run]]:
    """Return the runs under the value of the parameter they state; those that state none are left to `_cannot_tell`."""
    places: dict[Fraction, list[Run]] = defaultdict(list)
    for run in completed:
        number = number_of(_literal(run, trend))
        if number is not None and number.value is not None:
            places[number.value].append(run)
    return dict(places)


def _literal(run: Run, trend: Trend) -> str:
    return dict(run.parameters).get(trend.parameter, "")


def _not_comparable(claim: Claim, metric: Metric | None, completed: tuple[Run, ...]) -> tuple[Verdict, str] | None:
    reason = unit_mismatch(claim, metric) or next(
        (text for run in completed for text in [difference_of_run(claim, metric, run)] if text), ""
    )
    return (Verdict.NOT_COMPARABLE, reason) if reason else None


def _cannot_tell(
    claim: Claim, metric: Metric | None, reproduction: Reproduction, completed: tuple[Run, ...], trend: Trend
) -> tuple[Verdict, str] | None:
    """Return why a trend cannot be judged, None where it can; runs on different machines are "not comparable"."""
    problem = _problem_of_claim(claim, metric, trend) or _problem_of_places(completed, trend)
    if problem or metric is None:
        return Verdict.CANNOT_TELL, problem
    dependent = depends_on_hardware(replace(claim, kind=ClaimKind.VALUE), metric)
    return refusal_by_machines(reproduction, completed) if dependent else None


def _problem_of_claim(claim: Claim, metric: Metric | None, trend: Trend) -> str:
    if metric is None:
        return "the claim's metric is not declared by the paper"
    if trend.direction is None:
        return "the trend says neither increasing nor decreasing nor monotone"
    return "" if claim.statistic in STATISTICS else unknown_statistic(claim)


def _problem_of_places(completed: tuple[Run, ...], trend: Trend) -> str:
    """Return what is wrong with the values of the parameter that the runs state, "" where nothing is."""
    places = _by_parameter(completed, trend)
    silent = len(completed) - sum(len(group) for group in places.values())
    if silent == len(completed):
        return f"no run states {trend.parameter} as a number: the evaluator judges the trend"
    if silent:
        return f"{silent} of {len(completed)} runs do not state {trend.parameter} as a number"
    if len(places) < 2:  # noqa: PLR2004 - one place has no direction.
        return f"the runs have one value of {trend.parameter} only"
    if len(places) > MAX_LEVELS:
        return f"{len(places):,} values of {trend.parameter}; at most {MAX_LEVELS} are compared"
    return ""
