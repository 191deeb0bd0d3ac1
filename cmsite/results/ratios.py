"""A claimed ratio from paired runs: numerator and denominator measured on one machine.

Per machine, the k-th repetition of one side is divided by the k-th of the other; where their numbers differ, the mean
by the mean. Runs that measured the ratio itself are not touched here.
Source: facts/results.md §2.6.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from cmsite.model.results import Claim, Metric, Paper, Reproduction, Run, Verdict
from cmsite.results.comparability import (
    depends_on_hardware,
    difference_of_conditions,
    difference_of_run,
    machine_of,
    unit_mismatch,
)
from cmsite.results.measuring import Measurement, completed_of
from cmsite.results.sampled import Samples, finite_samples, once
from cmsite.results.samples import mean

PLAIN_UNITS = frozenset({"", "1", "x", "×", "times"})
"""Units of a ratio of two values in one unit."""

_Machine = tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSide:
    """One side of a ratio: the claim its runs must fit, the metric, and the runs that measured it."""

    name: str
    claim: Claim
    metric: Metric
    runs: tuple[Run, ...]

    @property
    def completed(self) -> tuple[Run, ...]:
        """Return the runs that count."""
        return completed_of(self.runs)

    @property
    def unit(self) -> str:
        """Return the unit the side is in."""
        return (self.claim.unit or self.metric.unit).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """How many samples each side has on each machine, machines of both, and the ratios; None where one divides by 0."""

    left: dict[_Machine, int]
    right: dict[_Machine, int]
    shared: tuple[_Machine, ...]
    samples: Samples | None


def ratio_sides(claim: Claim, reproduction: Reproduction, paper: Paper | None) -> tuple[RatioSide, ...]:
    """Return the sides of a ratio that the paper knows: two, fewer where a name means nothing, none without parts.

    A name is a claim of the paper, else a metric that the runs of the ratio itself measured.
    """
    if claim.ratio is None or paper is None:
        return ()
    sides = (_side(name, claim, reproduction, paper) for name in (claim.ratio.of, claim.ratio.over))
    return tuple(side for side in sides if side is not None)


def _side(name: str, claim: Claim, reproduction: Reproduction, paper: Paper) -> RatioSide | None:
    member = paper.claim(name) if name != claim.id else None
    if member is not None:
        about, metric, runs = member, paper.metric(member.metric), reproduction.runs_of(name)
        return RatioSide(name=name, claim=about, metric=metric, runs=runs) if metric else None
    metric = paper.metric(name)
    if metric is None:
        return None
    runs = tuple(run for run in reproduction.runs_of(claim.id) if run.metric == name)
    about = replace(claim, metric=name, unit="", ratio=None, hardware_dependent=None)
    return RatioSide(name=name, claim=about, metric=metric, runs=runs)


def direct_runs(claim: Claim, reproduction: Reproduction, sides: Iterable[RatioSide]) -> tuple[Run, ...]:
    """Return the runs that give the ratio itself: the claim's own, but for those of its two sides."""
    parts = {id(run) for side in sides for run in side.runs}
    return tuple(run for run in reproduction.runs_of(claim.id) if id(run) not in parts)


def measure_pairs(
    claim: Claim, metric: Metric | None, reproduction: Reproduction, sides: tuple[RatioSide, RatioSide]
) -> Measurement:
    """Return the ratios of paired runs, or why there are none; both sides have a completed run."""
    of, over = sides
    runs = _once((*reproduction.runs_of(claim.id), *of.runs, *over.runs))
    completed = _once((*of.completed, *over.completed))
    base = Measurement(runs=runs, completed=completed, ratios=True)
    refused = _mismatch(claim, metric, of, over)
    if refused:
        return replace(base, refused=(Verdict.NOT_COMPARABLE, refused))
    odd = next((odd for side in sides for odd in [finite_samples(side.completed)[1]] if odd), "")
    if odd:
        return replace(base, odd=odd)
    about = (reproduction, *of.completed, *over.completed)
    what = f"pairs of {len(of.completed)}"
    found = once(of.completed[0], about, what, lambda: _paired(of, over, reproduction))
    left, right = found.left, found.right
    dependent = any(depends_on_hardware(side.claim, side.metric) for side in sides)
    if dependent and (None in left or None in right):
        return replace(base, refused=(Verdict.CANNOT_TELL, "hardware not stated"))
    if not found.shared:
        return replace(base, refused=(Verdict.NOT_COMPARABLE, f"{of.name} and {over.name} ran on no machine in common"))
    if found.samples is None:
        return replace(base, odd=f"a repetition of {over.name} is 0, by which nothing can be divided")
    remarks = tuple(_remarks(of, over, found))
    return replace(base, samples=found.samples, n=len(found.samples), remarks=remarks)


def _paired(of: RatioSide, over: RatioSide, reproduction: Reproduction) -> "_Pairs":
    left, right = _by_machine(of, reproduction), _by_machine(over, reproduction)
    shared = tuple(machine for machine in left if machine in right)
    divisions = [pair for machine in shared for pair in _divisions(left[machine], right[machine])]
    return _Pairs(
        left={machine: len(samples) for machine, samples in left.items()},
        right={machine: len(samples) for machine, samples in right.items()},
        shared=shared,
        samples=Samples([above / under for above, under in divisions])
        if all(under != 0 for _, under in divisions)
        else None,
    )


def _divisions(left: list[Fraction], right: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Return what is divided by what on one machine."""
    return list(zip(left, right, strict=True)) if len(left) == len(right) else [(mean(left), mean(right))]


def _by_machine(side: RatioSide, reproduction: Reproduction) -> dict[_Machine, list[Fraction]]:
    """Return the samples of a side under the machine they were measured on, in the order of the record."""
    found: dict[_Machine, list[Fraction]] = defaultdict(list)
    for run in side.completed:
        found[machine_of(reproduction, run)].extend(sample.value for sample in run.samples if sample.value is not None)
    return dict(found)


def _remarks(of: RatioSide, over: RatioSide, found: _Pairs) -> Iterable[str]:
    left, right, shared = found.left, found.right, found.shared
    yield f"worked out as {of.name} / {over.name} from runs on one machine"
    for machine in shared:
        if left[machine] != right[machine]:
            yield (
                f"{of.name} has {left[machine]} repetitions and {over.name} {right[machine]}, so their means are divided"
            )
    alone = [machine for machine in (*left, *right) if machine not in shared]
    if alone:
        names = ", ".join(machine[0] if machine else "a machine without a name" for machine in dict.fromkeys(alone))
        yield f"runs without a partner on the same machine are left out: {names}"


def _mismatch(claim: Claim, metric: Metric | None, of: RatioSide, over: RatioSide) -> str:
    """Return why the two sides cannot be divided or are not what the claim is about, "" where they can."""
    for side in (of, over):
        problem = unit_mismatch(side.claim, side.metric)
        if problem:
            return f"{side.name}: {problem}"
        for run in side.completed:
            difference = difference_of_run(side.claim, side.metric, run) or difference_of_conditions(claim, run)
            if difference:
                return f"{side.name}: {difference}"
    unit = (claim.unit or (metric.unit if metric else "")).strip()
    if of.unit == over.unit and unit not in PLAIN_UNITS:
        return f"the unit differs: {of.name} / {over.name} is a plain number, the claim is in '{unit}'"
    if of.unit != over.unit and unit in PLAIN_UNITS:
        return f"the unit differs: {of.name} is in '{of.unit}', {over.name} in '{over.unit}', the ratio a plain number"
    return ""


def _once(runs: Iterable[Run]) -> tuple[Run, ...]:
    return tuple({id(run): run for run in runs}.values())
