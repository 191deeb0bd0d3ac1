"""Whether a run measured what a claim is about: metric, unit, data, and the hardware it ran on.

Each check returns a sentence that says what differs, or "" where nothing does.
Source: facts/results.md §2.1 and §2.7; CONTRACT §11 (same hardware).
"""

import re
from collections.abc import Iterable
from itertools import chain

from cmsite.model.results import Claim, ClaimKind, Metric, Pairs, Reproduction, Run

HARDWARE_NAMES = ("host_processor_model_name", "accelerator_model_name")
"""The fields that make hardware the same, by MLPerf's system description. Source: CONTRACT §11."""

NO_DEVICE = frozenset({"", "-", "n/a", "na", "none"})
"""What system descriptions write where there is no such device; the same as saying nothing."""

_TIME_OR_ENERGY = frozenset(
    [
        "s",
        "sec",
        "second",
        "seconds",
        "ms",
        "us",
        "µs",
        "μs",
        "ns",
        "min",
        "minute",
        "minutes",
        "h",
        "hour",
        "hours",
        "day",
        "days",
        "j",
        "joule",
        "joules",
        "mj",
        "kj",
        "wh",
        "kwh",
        "w",
        "watt",
        "watts",
        "mw",
        "kw",
        "hz",
        "khz",
        "mhz",
        "ghz",
        "cycles",
        "fps",
        "qps",
        "flops",
        "gflops",
        "tflops",
    ]
)
_PER_TIME = re.compile(
    r"(/|\bper )\s*(s|sec|second|seconds|ms|min|minute|minutes|h|hour|hours|day|j|joule|watt|w)\b", re.IGNORECASE
)


def depends_on_hardware(claim: Claim, metric: Metric) -> bool:
    """Return whether the claim holds for its authors' hardware only.

    What the claim says holds; otherwise absolute time, energy and throughput do, told by their unit, and ratios do
    not. Source: facts/results.md §2.7.

    >>> depends_on_hardware(Claim(id="C1", unit="samples/s"), Metric(id="throughput"))
    True
    """
    if claim.hardware_dependent is not None:
        return claim.hardware_dependent
    if claim.kind in (ClaimKind.RATIO, ClaimKind.QUALITATIVE, ClaimKind.RANKING, ClaimKind.TREND):
        return False
    unit = (claim.unit or metric.unit).strip()
    return unit.lower() in _TIME_OR_ENERGY or _PER_TIME.search(unit) is not None


def same_hardware(claim: Claim, reproduction: Reproduction, runs: Iterable[Run]) -> bool | None:
    """Return whether all runs used the claim's hardware; None where one side does not state it.

    A name that differs decides; a processor named nowhere, or an accelerator named on one side only, is not stated.
    """
    answers = [_same(claim.environment, merged(reproduction.environment, run.environment)) for run in runs]
    if not answers or False in answers:
        return False if answers else None
    return None if None in answers else True


def machine_of(reproduction: Reproduction, run: Run) -> tuple[str, str] | None:
    """Return the names of processor and accelerator a run used; None where no processor is named."""
    environment = dict(merged(reproduction.environment, run.environment))
    processor, accelerator = (_device(environment, name) for name in HARDWARE_NAMES)
    return (processor, accelerator) if processor else None


def _same(claimed: Pairs, measured: Pairs) -> bool | None:
    left, right = dict(claimed), dict(measured)
    names = [(_device(left, name), _device(right, name)) for name in HARDWARE_NAMES]
    if any(ours and theirs and ours != theirs for ours, theirs in names):
        return False
    processor, accelerator = names
    if "" in processor or (accelerator[0] == "") != (accelerator[1] == ""):
        return None
    return True


def _device(environment: dict[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    return "" if text.lower() in NO_DEVICE else text


def merged(general: Pairs, special: Pairs) -> Pairs:
    """Return the environment of a run: the reproduction's, with what the run states put over it."""
    return tuple({**dict(general), **dict(special)}.items())


def difference_of_run(claim: Claim, metric: Metric | None, run: Run) -> str:
    """Return why a run cannot be compared with a claim, "" where it can."""
    if run.metric and claim.metric and run.metric != claim.metric:
        return f"the metric differs: {run.metric} was measured, the claim is about {claim.metric}"
    claimed_unit = (claim.unit or (metric.unit if metric else "")).strip()
    run_unit = (run.unit or (metric.unit if metric else "") or claimed_unit).strip()
    if run_unit != claimed_unit:
        return f"the unit differs: {_quoted(run_unit)} was measured, the claim is in {_quoted(claimed_unit)}"
    return difference_of_conditions(claim, run)


def unit_mismatch(claim: Claim, metric: Metric | None) -> str:
    """Return why a claim's unit cannot be its metric's, "" where it can."""
    if metric and claim.unit and metric.unit and claim.unit.strip() != metric.unit.strip():
        return f"the unit differs: the claim is in {_quoted(claim.unit)}, its metric in {_quoted(metric.unit)}"
    return ""


def difference_of_conditions(claim: Claim, run: Run) -> str:
    """Return which condition that the claim is bound to a run did not meet, "" where it met all it states."""
    measured = dict(run.compatible_with)
    for name, wanted in claim.compatible_with:
        found = measured.get(name)
        if found and wanted and not set(found) & set(wanted):
            return f"{_spoken(name)} differs: {_listed(found)} was used, the claim is about {_listed(wanted)}"
    return ""


def unstated_conditions(claim: Claim, runs: Iterable[Run]) -> tuple[str, ...]:
    """Return the names a claim is bound to that some run does not state; they are taken as equal, and said."""
    missing = chain.from_iterable(
        (name for name, _ in claim.compatible_with if name not in dict(run.compatible_with)) for run in runs
    )
    return tuple(dict.fromkeys(missing))


def _spoken(name: str) -> str:
    return "the " + name.replace(".", " ").replace("_", " ")


def _listed(values: Iterable[str]) -> str:
    return " or ".join(_quoted(value) for value in values)


def _quoted(text: str) -> str:
    return f"'{text}'"
