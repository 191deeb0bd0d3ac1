"""`mlperf_log_summary.txt`: what the load generator tells a person about a run, as the names of its detailed log.

Source: mlcommons/inference, loadgen/results.cc (the lines it writes).
"""

import re

from cmsite.documents import Problem
from cmsite.results.mlperf.codes import problem
from cmsite.results.mlperf.detail_log import RunLog
from cmsite.results.mlperf.values import Row, Value

_TITLE = "MLPerf Results Summary"
_LINE = re.compile(r"\s*\*?\s*(\S.{0,80}?)\s*:\s*(\S.{0,200}?)\s*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_ERRORS = re.compile(r"(No|\d{1,9}) (?:error|ERROR)s? encountered")
_PERCENTILE = re.compile(r"(\d{1,2}(?:\.\d{1,2})?) percentile latency \(ns\)")
_ESTIMATE = re.compile(r"Early stopping (90|99)(?:\.0)?th percentile estimate")

_NAMES = {
    "SUT name": "sut_name",
    "Scenario": "effective_scenario",
    "Mode": "effective_test_mode",
    "Result is": "result_validity",
    "Samples per second": "result_samples_per_second",
    "Tokens per second": "result_tokens_per_second",
    "Tokens per second (inferred)": "result_inferred_tokens_per_second",
    "Completed samples per second": "result_completed_samples_per_sec",
    "Completed tokens per second": "result_completed_tokens_per_second",
    "Completed tokens per second (inferred)": "result_inferred_completed_tokens_per_second",
    "Scheduled samples per second": "result_scheduled_samples_per_sec",
    "QPS w/o loadgen overhead": "result_qps_without_loadgen_overhead",
    "Performance constraints satisfied": "result_perf_constraints_met",
    "Min duration satisfied": "result_min_duration_met",
    "Min queries satisfied": "result_min_queries_met",
    "Early stopping satisfied": "early_stopping_met",
    "samples_per_query": "effective_samples_per_query",
    "target_qps": "effective_target_qps",
    "target_latency (ns)": "effective_target_latency_ns",
    "min_duration (ms)": "effective_min_duration_ms",
    "min_query_count": "effective_min_query_count",
}
_EXTREMES = {"Min latency (ns)": "min", "Max latency (ns)": "max", "Mean latency (ns)": "mean"}
_ESTIMATES = {"90": "early_stopping_latency_ss", "99": "early_stopping_latency_ms"}


def parse_summary(content: bytes) -> tuple[RunLog, tuple[Problem, ...]]:
    """Parse a summary into the names of the detailed log; of a name that stands several times the first counts."""
    text = content.decode("utf-8", "replace")
    log = RunLog()
    if _TITLE not in text[:1000]:
        what = "is empty" if not text.strip() else f"does not begin with '{_TITLE}'"
        return log, (problem("CM541", what, "put back mlperf_log_summary.txt as it was written", line=1),)
    for line in text.split("\n"):
        errors = _ERRORS.match(line)
        if errors is not None:
            log.error_count = 0 if errors[1] == "No" else int(errors[1])
        found = _LINE.fullmatch(line)
        if found is not None:
            name = _name_of(found[1], log.values)
            if name:
                log.values.setdefault(name, _value_of(found[2]))
    if "result_validity" not in log.values:
        return log, (problem("CM541", "has no line 'Result is : VALID' or INVALID; the run did not end"),)
    return log, ()


def _name_of(label: str, known: Row) -> str:
    """Return the detailed log's name of a line, "" for lines a row does not need."""
    if label in _NAMES:
        return _NAMES[label]
    is_multistream = known.get("effective_scenario") == "MultiStream"
    if label in _EXTREMES:
        return f"result_{_EXTREMES[label]}_{'query_' if is_multistream else ''}latency_ns"
    percentile = _PERCENTILE.fullmatch(label)
    if percentile is not None:
        return f"result_{float(percentile[1]):.2f}_percentile_{'per_query_' if is_multistream else ''}latency_ns"
    estimate = _ESTIMATE.fullmatch(label)
    return _ESTIMATES[estimate[1]] if estimate is not None else ""


def _value_of(text: str) -> Value:
    if text in {"Yes", "No"}:
        return text == "Yes"
    if _NUMBER.fullmatch(text) is None:
        return text
    return int(text) if text.isdigit() else float(text)
