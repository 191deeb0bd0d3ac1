"""The files of one result → its row, under the names of mlcommons/cm4mlperf-results' `cm-result.json`.

`Result` in `Result_Units`; `Accuracy` is the first of the benchmark's metrics, `Accuracy_Metric` its name and
`Accuracy_all` all of them as MLPerf's summaries write them; what the load generator says keeps its names. Beyond the
corpus: `validity`, `measured_scenario`, `loadgen_version`, `version_source`, `source`, `status`, `notice`.
Source: mlcommons/inference, tools/submission/submission_checker (which number counts, and how one scenario is inferred
from another).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cmsite.documents import Problem
from cmsite.results.mlperf.accuracy import Accuracy
from cmsite.results.mlperf.benchmarks import NS_PER_MS, benchmark_of, result_field, unit_of, version_of
from cmsite.results.mlperf.codes import problem
from cmsite.results.mlperf.detail_log import RunLog
from cmsite.results.mlperf.layout import SCENARIOS, Point
from cmsite.results.mlperf.power import Power
from cmsite.results.mlperf.values import Row, Value, number

UID_DIGITS = 16
_NOT_CONTENT = frozenset({"uid", "ID", "status", "notice", "source"})
_STREAM_SAMPLES = 8
_INFERRABLE = {("SingleStream", "MultiStream"), ("MultiStream", "Offline"), ("SingleStream", "Offline")}
_CONSTRAINTS = {
    "result_perf_constraints_met": "latency constraint",
    "result_min_duration_met": "minimum duration",
    "result_min_queries_met": "minimum of queries",
    "early_stopping_met": "early stopping",
}
# Where the field of today's rounds is not in the log: older load generators knew these.
_OLDER = {
    "early_stopping_latency_ss": "result_90.00_percentile_latency_ns",
    "early_stopping_latency_ms": "result_99.00_percentile_per_query_latency_ns",
    "result_completed_samples_per_sec": "result_scheduled_samples_per_sec",
}


@dataclass(slots=True, kw_only=True)
class Parts:
    """What was read of one result; None and empty for files that are missing or unreadable.

    `log` is the detailed log, else the summary; `source` the path it is from.
    """

    point: Point
    log: RunLog | None = None
    source: str = ""
    system: Row = field(default_factory=dict)
    mapping: Mapping[str, Value] = field(default_factory=dict)
    accuracy: Accuracy | None = None
    power: Power | None = None
    has_power: bool = False
    weight_data_types: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The number of a result: `value` in the unit of its scenario, None where the log has none.

    `scenario` is the one that ran; `is_inferred` where that is not the one reported.
    """

    value: float | None
    scenario: str
    is_inferred: bool = False


def row_of(parts: Parts, round_: str = "") -> tuple[Row, tuple[Problem, ...]]:
    """Return the row of a result without its uid and status; `round_` such as v5.0 is stronger than the log."""
    problems: list[Problem] = []
    point, log = parts.point, parts.log or RunLog()
    benchmark, is_guess = benchmark_of(point.model, parts.mapping)
    version = version_of(round_) or version_of(log.text("loadgen_version"))
    measured = measure(log, point.scenario, benchmark, version, problems)
    row: Row = {
        **parts.system,
        "Division": point.division,
        "Organization": point.submitter,
        "Platform": point.system,
        "Model": point.model,
        "MlperfModel": benchmark,
        "Scenario": point.scenario,
        "Location": point.location,
        "has_power": parts.has_power,
        "inferred": int(measured.is_inferred),
        "errors": log.error_count,
        "source": parts.source,
        **_of_run(log),
    }
    if is_guess:
        what = f"'{point.model}' is none of MLPerf's benchmarks known here; it is taken for '{benchmark}'"
        problems.append(problem("CM545", what, f"name it in {point.model_mapping}"))
    _add_version(row, version, from_log=version_of(round_) is None)
    _add_result(row, measured, unit_of(benchmark, point.scenario, version), has_log=parts.log is not None)
    _add_accuracy(row, parts.accuracy)
    if parts.power is not None:
        row |= {"Result_Power": parts.power.value, "Result_Power_Units": parts.power.unit}
    if parts.weight_data_types:
        row["weight_data_types"] = parts.weight_data_types
    if row.get("validity") == "INVALID":
        problems.append(_invalid(log))
    return dict(sorted(row.items())), tuple(problems)


def measure(
    log: RunLog, scenario: str, benchmark: str, version: tuple[int, int] | None, problems: list[Problem]
) -> Measured:
    """Return the number a log gives for a scenario.

    >>> log = RunLog(values={"effective_scenario": "SingleStream", "early_stopping_latency_ms": 2_000_000})
    >>> measure(log, "MultiStream", "resnet", (5, 0), [])
    Measured(value=16.0, scenario='SingleStream', is_inferred=True)
    """
    ran = SCENARIOS.get(log.text("effective_scenario").lower(), log.text("effective_scenario") or scenario)
    is_inferred = ran != scenario and (ran, scenario) != ("Server", "Interactive")
    if is_inferred:
        return _inferred(log, ran, scenario, problems)
    name = result_field(benchmark, ran, version)
    if name not in log.values and _OLDER.get(name) in log.values:
        name = _OLDER[name]
    found = number(log.values.get(name))
    if found is None:
        if log.values:
            problems.append(
                problem("CM546", f"the log has no number {name or f'for scenario {ran}'}, so the row has no result")
            )
        return Measured(value=None, scenario=ran)
    return Measured(value=found / NS_PER_MS if name.endswith(("_ns", "_ss", "_ms")) else found, scenario=ran)


def _inferred(log: RunLog, ran: str, scenario: str, problems: list[Problem]) -> Measured:
    """Return the number of a scenario that did not run, worked out from the one that did."""
    value: float | None = None
    if (ran, scenario) == ("SingleStream", "Offline"):
        value = number(log.values.get("result_qps_without_loadgen_overhead"))
    elif (ran, scenario) == ("SingleStream", "MultiStream"):
        tail = number(log.values.get("early_stopping_latency_ms"))
        value = tail * _STREAM_SAMPLES / NS_PER_MS if tail else None
    elif (ran, scenario) == ("MultiStream", "Offline"):
        mean = number(log.values.get("result_mean_query_latency_ns"))
        samples = number(log.values.get("effective_samples_per_query"))
        value = samples * 1000 / (mean / NS_PER_MS) if mean and samples else None
    if (ran, scenario) in _INFERRABLE:
        what = f"the run was {ran}; the result for {scenario} is inferred from it"
        problems.append(problem("CM545", what))
    else:
        what = f"the run was {ran}, from which MLPerf infers no result for {scenario}"
        problems.append(problem("CM544", what, "put the run into the folder of its scenario"))
    return Measured(value=value, scenario=ran, is_inferred=True)


def uid_of(row: Row) -> str:
    """Return the uid of a row: 16 digits of the sha256 of what it says, wherever it was read from."""
    said = {name: value for name, value in row.items() if name not in _NOT_CONTENT}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:UID_DIGITS]


def _of_run(log: RunLog) -> Row:
    """Return what the load generator says of a run and a row keeps: latencies, percentiles, constraints, version."""
    kept: Row = {
        name: value
        for name, value in log.values.items()
        if name.startswith(("result_", "early_stopping_")) and isinstance(value, int | float)
    }
    for name, key in (("result_validity", "validity"), ("loadgen_version", "loadgen_version"), ("test_datetime",) * 2):
        if log.text(name):
            kept[key] = log.text(name)
    return kept


def _add_version(row: Row, version: tuple[int, int] | None, *, from_log: bool) -> None:
    if version is not None:
        row["version"] = f"v{version[0]}.{version[1]}"
        if from_log:
            row["version_source"] = "loadgen_version"


def _add_result(row: Row, measured: Measured, unit: str, *, has_log: bool) -> None:
    if measured.value is not None:
        row["Result"] = measured.value
    if unit:
        row |= {"Result_Units": unit, "Units": unit}
    if has_log:
        row["measured_scenario"] = measured.scenario


def _add_accuracy(row: Row, accuracy: Accuracy | None) -> None:
    if accuracy is not None and accuracy.metrics:
        name, literal = accuracy.metrics[0]
        row |= {"Accuracy": float(literal), "Accuracy_Metric": name, "Accuracy_all": accuracy.text}


def _invalid(log: RunLog) -> Problem:
    missed = [words for name, words in _CONSTRAINTS.items() if log.values.get(name) is False]
    why = f": {', '.join(missed)} not met" if missed else ""
    return problem("CM543", f"the run is INVALID{why}", "the row is kept and compared with nothing; run it again")
