"""Measurements and the claims of a paper → the runs of a record; what cannot stand for a claim is refused or failed.

Source: facts/results.md §1 (run), §2.2 (every sample, never the best); registry/rules/reproduction.yaml.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cmsite.errors import UsageError
from cmsite.model.artifact import Artifact
from cmsite.model.results import Claim, ClaimKind, Paper, Verdict
from cmsite.records.execution import Execution
from cmsite.records.measuring import Measurement
from cmsite.records.meta_text import Spelled
from cmsite.records.metrics import check_unit, samples_of
from cmsite.records.request import RefusedMeasurementError, ReproductionRequest
from cmsite.results.literals import number_of
from cmsite.results.samples import mean
from cmsite.settings import suggestion

WITHOUT_NUMBERS = frozenset({ClaimKind.QUALITATIVE, ClaimKind.TREND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is measured: the claims asked for, of a paper, as its artifact spells them."""

    request: ReproductionRequest
    paper: Paper
    artifact: Artifact

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Return the claims asked for that numbers or an order can tell of."""
        found = (self.paper.claim(name) for name in self.request.claims)
        return tuple(claim for claim in found if claim is not None and claim.kind not in WITHOUT_NUMBERS)


def check_request(request: ReproductionRequest, paper: Paper) -> None:
    """Raise `UsageError` for what the paper does not know, before anything is run."""
    known = tuple(claim.id for claim in paper.claims)
    named = (*request.claims, *request.orders, *request.verdicts, *request.not_attempted, *request.trial.keys)
    for name in dict.fromkeys((*named, *(claim for claim, _ in request.trial.values if claim))):
        if name not in known:
            listed = f" (it has {', '.join(known[:20])})" if known else ": it has none"
            raise UsageError(f"{name!r} is no claim of {paper.alias}{_meant(name, known)}{listed}")
    for name, order in request.orders.items():
        for other in order:
            if other not in known:
                raise UsageError(f"--order {name}: {other!r} is no claim of {paper.alias}{suggestion(other, known)}")
    _check_words(request)
    for name in request.claims:
        _check_claim(request, paper, paper.claim(name))


def _meant(name: str, known: tuple[str, ...]) -> str:
    """Return `; did you mean 'C1'?`, also where only the case differs."""
    same = next((other for other in known if other.casefold() == name.casefold()), "")
    return f"; did you mean {same!r}?" if same else suggestion(name, known)


def _check_words(request: ReproductionRequest) -> None:
    words = tuple(verdict.value for verdict in Verdict)
    for name, word in request.verdicts.items():
        if word not in words:
            listed = ", ".join(words)
            raise UsageError(f"--verdict {name}: {word!r} is no verdict{suggestion(word, words)} (one of {listed})")


def _check_claim(request: ReproductionRequest, paper: Paper, claim: Claim | None) -> None:
    if claim is None:
        return
    if claim.kind in WITHOUT_NUMBERS and claim.id not in request.verdicts:
        raise UsageError(
            f"{claim.id} is {claim.kind.value}: no number tells of it; say what you found with --verdict {claim.id}=…"
        )
    try:
        check_unit(claim, paper.metric(claim.metric), request.trial.unit)
    except RefusedMeasurementError as error:
        raise UsageError(f"--unit: {error}") from None


def runs_of(task: Task, measurement: Measurement, command: str, draw_uid: Any) -> list[dict[str, Any]]:
    """Return the runs of one measurement, those of equal numbers as one.

    Raises `UsageError` where numbers that a person gave are refused; those of a command make a failed run.
    """
    samples: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    for claim in task.claims:
        if claim.kind is ClaimKind.RANKING:
            continue
        try:
            samples[claim.id] = _samples(task, measurement, claim)
        except RefusedMeasurementError as error:
            if measurement.execution is None:
                raise UsageError(f"{claim.id}: {error}") from None
            errors[claim.id] = str(error)
    merged: dict[str, dict[str, Any]] = {}
    for claim in task.claims:
        run = _run(task, measurement, claim, samples, errors.get(claim.id, ""))
        if run is None:
            continue
        same = merged.setdefault(repr(run), {"claims": []} | run)
        same["claims"].append(claim.id)
    shared = _shared(measurement, command)
    return [{"uid": draw_uid(), **run, **shared} for run in merged.values()]


def _samples(task: Task, measurement: Measurement, claim: Claim) -> list[str]:
    """Return the numbers of one claim as they were printed or given."""
    trial, metric = task.request.trial, task.paper.metric(claim.metric)
    if measurement.error and not trial.failed:
        return []
    if measurement.printed is not None and not trial.pattern:
        several = sum(other.metric == claim.metric for other in task.claims if other.kind is not ClaimKind.RANKING) > 1
        distinct = several and len({_conditions(other) for other in task.claims if other.metric == claim.metric}) > 1
        found = samples_of(measurement.printed, claim, metric, trial.keys.get(claim.id, ""), several=distinct)
    else:
        alone = len([other for other in task.claims if other.kind is not ClaimKind.RANKING]) == 1
        if not alone and any(not name for name, _ in measurement.values):
            raise RefusedMeasurementError("several claims are recorded: say which a number is of, as --value C1=0.961")
        found = [text for name, text in measurement.values if name == claim.id or (not name and alone)]
        if not found and not trial.failed:
            raise RefusedMeasurementError(
                f"no number is given: add --value {claim.id}=NUMBER, --pattern, or --run -- COMMAND"
            )
    odd = next((text for text in found if not _is_finite(text)), None)
    if odd is not None and not trial.failed:
        raise RefusedMeasurementError(
            f"{str(odd)[:60]!r} is no finite number; a repetition that gave none is recorded with --failed REASON"
        )
    return found


def _conditions(claim: Claim) -> str:
    return repr((claim.parameters, claim.compatible_with))


def _is_finite(text: str) -> bool:
    number = number_of(str(text))
    return number is not None and number.value is not None


def _run(
    task: Task, measurement: Measurement, claim: Claim, samples: Mapping[str, list[str]], error: str
) -> dict[str, Any] | None:
    """Return the part of a run that differs from claim to claim, None where there is nothing to say of the claim."""
    metric = task.paper.metric(claim.metric)
    run: dict[str, Any] = {"metric": claim.metric, "unit": claim.unit or (metric.unit if metric else "")}
    run = {name: value for name, value in run.items() if value}
    raw = _raw_claim(task.artifact, claim)
    if task.request.as_claimed:
        run |= {"parameters": plain(raw["parameters"])} if isinstance(raw.get("parameters"), dict) else {}
    why = measurement.error or error
    if claim.kind is ClaimKind.RANKING:
        order, is_derived = _order(task, claim, samples)
        if not order and not why:
            why = f"no order was found: the claims {', '.join(claim.order)} were not all measured; give --order {claim.id}=…"
            if measurement.execution is None:
                raise UsageError(why)
        run |= {"order": list(order)} if order and not why else {}
        run |= {"inferred": True} if order and is_derived and not why else {}
    elif found := samples.get(claim.id):
        run["samples"] = [Spelled(text) if _is_finite(text) else str(text) for text in found]
    if task.request.trial.seed is not None:
        run["seed"] = task.request.trial.seed
    run["actionStatus"] = "FailedActionStatus" if why else "CompletedActionStatus"
    run |= {"error": why} if why else {}
    if task.request.as_claimed and isinstance(raw.get("compatible_with"), dict):
        run["compatible_with"] = plain(raw["compatible_with"])
    return run


def _order(task: Task, claim: Claim, samples: Mapping[str, list[str]]) -> tuple[tuple[str, ...], bool]:
    """Return the order of a ranking, best first, and whether it was worked out from the means of this run."""
    if claim.id in task.request.orders:
        return task.request.orders[claim.id], False
    metric = task.paper.metric(claim.metric)
    if metric is None or metric.lower_is_better is None or not all(samples.get(name) for name in claim.order):
        return (), False
    means = {name: mean(_fractions(samples[name])) for name in claim.order}
    return tuple(sorted(claim.order, key=lambda name: means[name], reverse=not metric.lower_is_better)), True


def _fractions(texts: Iterable[str]) -> list[Fraction]:
    numbers = (number_of(str(text)) for text in texts)
    return [number.value for number in numbers if number is not None and number.value is not None]


def _shared(measurement: Measurement, command: str) -> dict[str, Any]:
    """Return what all runs of a measurement have in common."""
    execution = measurement.execution
    found: dict[str, Any] = measured(execution, command) if execution is not None else {}
    if measurement.log is not None:
        found["log"] = measurement.log.path
    return found


def measured(execution: Execution, command: str) -> dict[str, Any]:
    """Return the fields of a run that was executed here; `command` is what may be shown of it."""
    found: dict[str, Any] = {
        "startTime": execution.start,
        "endTime": execution.end,
        "command": command,
        "wall_s": execution.wall_s,
        "processor_s": execution.processor_s,
        "peak_memory_bytes": execution.peak_memory_bytes,
    }
    return found | ({"exit_code": execution.exit_code} if execution.exit_code is not None else {})


def _raw_claim(artifact: Artifact, claim: Claim) -> Mapping[str, Any]:
    entries = artifact.extra.get("claims")
    entry = entries[claim.index] if isinstance(entries, list) and claim.index < len(entries) else {}
    return entry if isinstance(entry, dict) else {}


def plain(value: Any) -> Any:
    """Return data of a meta with its numbers as the source spells them."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return Spelled(str(getattr(value, "literal", value)))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def compute_minutes(executions: Sequence[Execution]) -> float:
    """Return the minutes that all executions took together, to the hundredth, rounded up."""
    return -(-round(sum(execution.wall_s for execution in executions) * 100) // 60) / 100
