"""What the runs of a reproduction measured for one claim, before anything is compared.

Source: facts/results.md §2.2 (all completed repetitions, never the best), §2.5 (interval from three on).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from cmsite.model.judgements import Certainty, Judgement
from cmsite.model.results import Claim, Metric, Reproduction, Run, RunStatus, Verdict
from cmsite.results.comparability import depends_on_hardware, machine_of, same_hardware, unstated_conditions
from cmsite.results.sampled import NONE, Samples, finite_samples
from cmsite.results.samples import STATISTICS

FEW = {1: Certainty.SINGLE_RUN, 2: Certainty.TWO_RUNS}
"""What too few repetitions for an interval are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Runs and what they came to.

    `runs` are all that are about the claim and `completed` those among them that count; `samples` is empty where one
    is missing or no finite number, and `odd` says which; `refused` is the verdict and sentence that forbid a
    comparison, None where nothing does; `ratios` says that the samples were worked out from pairs of runs.
    """

    runs: tuple[Run, ...] = ()
    completed: tuple[Run, ...] = ()
    samples: Samples = NONE
    n: int = 0
    odd: str = ""
    refused: tuple[Verdict, str] | None = None
    remarks: tuple[str, ...] = ()
    ratios: bool = False


def completed_of(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return the runs that ran to their end."""
    return tuple(run for run in runs if run.status is RunStatus.COMPLETED)


def measure(runs: tuple[Run, ...]) -> Measurement:
    """Return what runs measured that give the claimed quantity itself."""
    completed = completed_of(runs)
    samples, odd = finite_samples(completed)
    return Measurement(
        runs=runs, completed=completed, samples=samples, n=sum(len(run.samples) for run in completed), odd=odd
    )


def squared_of(claim: Claim, samples: Samples) -> Fraction | None:
    """Return the squared half width of the mean's interval; other statistics have none here."""
    return samples.squared_half_width if claim.statistic == "mean" else None


def without_completed_run(
    claim: Claim, reproduction: Reproduction | None, runs: Sequence[Run], missing: str = "no run was recorded"
) -> Judgement:
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
    return Judgement(verdict=Verdict.UNTESTED, reasons=reasons or (missing,))


def measured(claim: Claim, metric: Metric | None, reproduction: Reproduction, found: Measurement) -> Judgement:
    """Return what can be said before any comparison: counts, the reproduced value, the hardware, and remarks."""
    failed = sum(run.status is RunStatus.FAILED for run in found.runs)
    squared = squared_of(claim, found.samples)
    remarks = [f"{failed} of {len(found.runs)} runs failed and are not in the value"] if failed else []
    unstated = unstated_conditions(claim, found.completed)
    remarks += [f"taken as equal, not stated by every run: {', '.join(unstated)}"] if unstated else []
    hardware = same_hardware(claim, reproduction, found.completed)
    if hardware is False and metric and not depends_on_hardware(claim, metric):
        remarks.append("run on other hardware than the claim's")
    return Judgement(
        verdict=Verdict.CANNOT_TELL,
        reasons=(*remarks, *found.remarks),
        certainty=FEW.get(found.n),
        reproduced=found.samples.statistic(claim.statistic),
        n=found.n,
        failed=failed,
        half_width=None if squared is None else math.sqrt(squared),
        same_hardware=hardware,
        ratios=found.samples.values if found.ratios else (),
    )


def refusal_by_machines(reproduction: Reproduction, runs: Sequence[Run]) -> tuple[Verdict, str] | None:
    """Return why runs whose numbers depend on the machine cannot be set beside each other, None where they can."""
    machines = {machine_of(reproduction, run) for run in runs}
    if None in machines:
        return Verdict.CANNOT_TELL, "hardware not stated"
    if len(machines) > 1:
        return Verdict.NOT_COMPARABLE, "the runs used different hardware, on which such numbers depend"
    return None


def refusal_by_hardware(claim: Claim, base: Judgement) -> tuple[Verdict, str] | None:
    """Return why a claim that says it depends on its authors' hardware cannot be judged, None where it can."""
    if claim.hardware_dependent and base.same_hardware is False:
        return Verdict.NOT_COMPARABLE, "the hardware differs, and the claim holds for its authors' hardware only"
    if claim.hardware_dependent and base.same_hardware is None:
        return Verdict.CANNOT_TELL, "hardware not stated"
    return None


def unknown_statistic(claim: Claim) -> str:
    """Return the sentence about a statistic that is none of those a claim may declare."""
    return f"the statistic '{claim.statistic}' is not one of {', '.join(STATISTICS)}"
