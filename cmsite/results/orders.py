"""Rankings: an order of claims against the one that was measured.

It is taken from the samples of the claims it names, best first by their metric's direction, else from the order that
runs of the ranking state. Ties are allowed where values cannot be told apart.
Source: facts/results.md §2.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from cmsite.model.judgements import Certainty, Judgement, Step
from cmsite.model.results import Claim, Metric, Paper, Reproduction, Run, Verdict
from cmsite.results.comparability import (
    depends_on_hardware,
    difference_of_conditions,
    difference_of_run,
    unit_mismatch,
)
from cmsite.results.measuring import (
    FEW,
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
    compare,
    level_of,
    outcome,
    steps_of,
    texts_of,
    ties_told,
    told,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A claim that a ranking names, with its metric and its completed runs."""

    claim: Claim
    metric: Metric | None
    runs: tuple[Run, ...]
    completed: tuple[Run, ...]


def judge_ranking(claim: Claim, metric: Metric | None, reproduction: Reproduction, paper: Paper | None) -> Judgement:
    """Return what one reproduction says about an order of claims."""
    own = reproduction.runs_of(claim.id)
    members = _members(claim, reproduction, paper)
    measured_all = bool(members) and all(member.completed for member in members)
    problem = _problem_of_order(claim)
    if problem and (measured_all or completed_of(own)):
        return Judgement(verdict=Verdict.CANNOT_TELL, reasons=(problem,))
    if measured_all and len(members) == len(claim.order):
        return _by_samples(claim, metric, reproduction, members, own)
    if completed_of(own):
        return _by_stated_orders(claim, metric, reproduction, own)
    missing = [member for member in members if not member.completed]
    runs = (*own, *(run for member in missing for run in member.runs))
    names = ", ".join(member.claim.id for member in missing)
    reason = f"no completed run of {names}" if names else "no run was recorded"
    return without_completed_run(claim, reproduction, runs, reason)


def _members(claim: Claim, reproduction: Reproduction, paper: Paper | None) -> tuple[_Member, ...]:
    """Return the claims of an order that the paper makes, in that order."""
    if paper is None:
        return ()
    found = [paper.claim(name) for name in claim.order[:MAX_LEVELS] if name != claim.id]
    return tuple(
        _Member(
            claim=member,
            metric=paper.metric(member.metric),
            runs=reproduction.runs_of(member.id),
            # A run that states an order names the ordered claims, and measured none of them.
            completed=tuple(
                run for run in completed_of(reproduction.runs_of(member.id)) if run.samples or not run.order
            ),
        )
        for member in found
        if member is not None
    )


def _problem_of_order(claim: Claim) -> str:
    """Return what keeps a claimed order from being compared with anything, "" where nothing does."""
    if len(claim.order) < 2:  # noqa: PLR2004 - an order needs two.
        return "the ranking names no two claims"
    if len(claim.order) > MAX_LEVELS:
        return f"the ranking names {len(claim.order):,} claims; at most {MAX_LEVELS} are compared"
    return "the ranking names a claim twice" if len(set(claim.order)) < len(claim.order) else ""


def _by_samples(
    claim: Claim, metric: Metric | None, reproduction: Reproduction, members: tuple[_Member, ...], own: tuple[Run, ...]
) -> Judgement:
    """Judge a ranking by the samples of the claims it names."""
    completed = tuple({id(run): run for member in members for run in member.completed}.values())
    runs = tuple({id(run): run for run in (*own, *(run for member in members for run in member.runs))}.values())
    n = min(sum(len(run.samples) for run in member.completed) for member in members)
    base = measured(claim, metric, reproduction, Measurement(runs=runs, completed=completed, n=n))
    refused = _refusal_of_members(claim, reproduction, members) or refusal_by_hardware(claim, base)
    if refused:
        return replace(base, verdict=refused[0], reasons=(refused[1], *base.reasons))
    levels = []
    for member in members:
        samples, odd = finite_samples(member.completed)
        if odd:
            return replace(base, reasons=(f"{member.claim.id}: {odd}", *base.reasons))
        levels.append(level_of(claim, member.claim.id, samples))
    lower_is_better = bool(members[0].metric and members[0].metric.lower_is_better)
    found = compare(levels, rising=lower_is_better)
    steps = steps_of(sorted(levels, key=lambda level: level.value, reverse=not lower_is_better), better=">")
    reasons = (*_ranking_reasons(found, members[0].metric), *_stated_otherwise(own, steps), *base.reasons)
    return outcome(replace(base, steps=steps, reasons=reasons), found)


def _refusal_of_members(
    claim: Claim, reproduction: Reproduction, members: tuple[_Member, ...]
) -> tuple[Verdict, str] | None:
    """Return why the claims of a ranking cannot be set in order, None where they can."""
    first = members[0]
    for member in members:
        if member.claim.metric != first.claim.metric:
            words = f"{first.claim.id} is about {first.claim.metric}, {member.claim.id} about {member.claim.metric}"
            return Verdict.NOT_COMPARABLE, f"the metric differs: {words}"
        problem = unit_mismatch(member.claim, member.metric) or next(
            (
                difference
                for run in member.completed
                for difference in [
                    difference_of_run(member.claim, member.metric, run) or difference_of_conditions(claim, run)
                ]
                if difference
            ),
            "",
        )
        if problem:
            return Verdict.NOT_COMPARABLE, f"{member.claim.id}: {problem}"
    if first.metric is None:
        return Verdict.CANNOT_TELL, "the metric of the ranked claims is not declared by the paper"
    if first.metric.lower_is_better is None:
        return Verdict.CANNOT_TELL, f"the metric {first.metric.id} does not say which side is better"
    if claim.statistic not in STATISTICS:
        return Verdict.CANNOT_TELL, unknown_statistic(claim)
    dependent = any(depends_on_hardware(member.claim, first.metric) for member in members)
    runs = [run for member in members for run in member.completed]
    return refusal_by_machines(reproduction, runs) if dependent else None


def _ranking_reasons(found: Comparison, metric: Metric | None) -> tuple[str, ...]:
    text = texts_of(found, metric)
    wrong = told(
        ((first.name, second.name) for first, second in found.wrong),
        lambda first, second: f"{second} ({text[second]}) came out better than {first} ({text[first]})",
    )
    return (*wrong, *ties_told(found))


def _stated_otherwise(own: Sequence[Run], steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return a remark where a run states another order than the samples give; ties may stand either way."""
    names = tuple(step.name for step in steps)
    tied = any(step.relation == "≈" for step in steps)
    differs = any(run.order and run.order != names for run in completed_of(own))
    return ("a run states another order than the samples give",) if differs and not tied else ()


def _by_stated_orders(
    claim: Claim, metric: Metric | None, reproduction: Reproduction, own: tuple[Run, ...]
) -> Judgement:
    """Judge a ranking by the orders that its runs state; a pair that runs disagree about is a tie."""
    completed = completed_of(own)
    base = measured(claim, metric, reproduction, Measurement(runs=own, completed=completed, n=len(completed)))
    different = next((text for run in completed for text in [difference_of_run(claim, metric, run)] if text), "")
    if different:
        return replace(base, verdict=Verdict.NOT_COMPARABLE, reasons=(different, *base.reasons))
    hardware = refusal_by_hardware(claim, base)
    if hardware:
        return replace(base, verdict=hardware[0], reasons=(hardware[1], *base.reasons))
    problem = _problem_of_stated(claim, completed)
    if problem:
        return replace(base, reasons=(problem, *base.reasons))
    return _by_pairs(claim, base, [run.order for run in completed])


def _problem_of_stated(claim: Claim, completed: Sequence[Run]) -> str:
    """Return what is wrong with the orders that runs state, "" where each sets the claimed names in a row."""
    for run in completed:
        if not run.order:
            return "neither the claims of the ranking have samples nor does every run state an order"
        if sorted(run.order) != sorted(claim.order):
            return "a run's order does not name exactly the claims of the ranking"
    return ""


def _by_pairs(claim: Claim, base: Judgement, orders: Sequence[tuple[str, ...]]) -> Judgement:
    places = [{name: place for place, name in enumerate(order)} for order in orders]
    wrong, tied = [], []
    for first, second in combinations(claim.order, 2):
        kept = sum(place[first] < place[second] for place in places)
        if kept == 0:
            wrong.append((first, second))
        elif kept < len(places):
            tied.append((first, second))
    loose = {frozenset(pair) for pair in tied}
    row = sorted(claim.order, key=lambda name: (sum(place[name] for place in places), claim.order.index(name)))
    steps = tuple(
        Step(name=name, relation="" if not at else "≈" if frozenset((row[at - 1], name)) in loose else ">")
        for at, name in enumerate(row)
    )
    reasons = (
        *told(wrong, lambda first, second: f"{second} came out better than {first}"),
        *told(tied, lambda first, second: f"the runs disagree about {first} and {second}, which counts as a tie"),
        "by the order that the runs state",
    )
    sure = FEW.get(len(orders)) or (Certainty.UNCERTAIN if tied and not wrong else Certainty.CERTAIN)
    verdict = Verdict.NOT_REPRODUCED if wrong else Verdict.REPRODUCED
    return replace(base, verdict=verdict, certainty=sure, steps=steps, reasons=(*reasons, *base.reasons))
