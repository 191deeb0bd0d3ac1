"""`mlperf_log_detail.txt`: the load generator's own record of a run, one JSON value a line behind `:::MLLOG`.

Only the lines a row needs are parsed; what the log says of results stands at its end, settings and version at its
beginning, so that of a long log the two ends are enough.
Source: mlcommons/inference, loadgen/logging.cc and tools/submission (of a key that stands several times the first
counts).
"""

import json
import re
from dataclasses import dataclass, field

from cmsite.documents import Problem
from cmsite.results.mlperf.codes import problem
from cmsite.results.mlperf.values import Row, Value, flat

MARK = b":::MLLOG"
ENDPOINTS_MARK = b":::ENDPTS"

_KEY = re.compile(rb':::MLLOG\s*\{\s*"key"\s*:\s*"([^"\\]{1,120})"')
_WANTED = re.compile(
    r"result_\S+|early_stopping_(?:met|latency_\w+)|loadgen_version|loadgen_git_commit_date|test_datetime|sut_name"
    r"|effective_(?:scenario|test_mode|samples_per_query|target_qps|target_latency_ns|min_duration_ms|min_query_count)"
    r"|power_begin|power_end|num_errors|num_warnings"
)
_IS_ERROR = re.compile(rb'"is_error"\s*:\s*true')
_MAX_LINE = 64 * 1024  # Bytes; longer lines list samples.
_MAX_PROBLEMS = 5


@dataclass(slots=True)
class RunLog:
    """What a log says of a run: `values` by the load generator's own names, `error_count` its errors.

    `is_whole` is False where the middle of the log was not read; errors there are not counted.
    """

    values: Row = field(default_factory=dict)
    error_count: int = 0
    is_whole: bool = True

    def text(self, name: str) -> str:
        """Return a value that is a text, "" for anything else."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""


def parse_detail(head: bytes, tail: bytes | None = None) -> tuple[RunLog, tuple[Problem, ...]]:
    """Parse a log; `tail` is its end where it is too long, and then `head` its beginning, each cut anywhere.

    Lines of the tail have no number, since nobody counted those before them.
    """
    log = RunLog(is_whole=tail is None)
    if not head.startswith(MARK):
        return log, (_no_log(head),)
    problems: list[Problem] = []
    lines = head.split(b"\n")
    for index, line in enumerate(lines if tail is None else lines[:-1]):
        _take(log, line, index + 1, problems)
    for line in tail.split(b"\n")[1:] if tail is not None else ():
        _take(log, line, 0, problems)
    if len(problems) > _MAX_PROBLEMS:
        more = f"{len(problems) - _MAX_PROBLEMS:,} more lines of the log are no JSON"
        problems[_MAX_PROBLEMS:] = [problem("CM541", more, "put back the log as it was written")]
    return log, tuple(problems)


def _take(log: RunLog, line: bytes, number: int, problems: list[Problem]) -> None:
    if not line.startswith(MARK):
        return
    found = _KEY.match(line)
    name = found[1].decode("utf-8", "replace") if found else ""
    wanted = _WANTED.fullmatch(name) is not None
    has_error = _IS_ERROR.search(line, max(0, len(line) - _MAX_LINE)) is not None
    if not (wanted or has_error) and found is not None:
        return
    if len(line) > _MAX_LINE:
        if wanted or not found:
            problems.append(problem("CM541", f"line of {len(line):,} bytes is not read", line=number))
        return
    try:
        entry = json.loads(line[len(MARK) :])
        value, is_error = flat(entry["value"]), bool(entry.get("metadata", {}).get("is_error"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "put back the log as the load generator wrote it"
        problems.append(problem("CM541", "line is no entry of a load generator's log", hint, line=number))
        return
    log.error_count += is_error
    if wanted:
        log.values.setdefault(name, _checked(name, value, number, problems))


def _checked(name: str, value: Value, line: int, problems: list[Problem]) -> Value:
    """Return the value; where a number of results is NaN or infinite, nothing, and a problem says so."""
    if isinstance(value, str) and value.lower().lstrip("-") in {"nan", "inf", "infinity"}:
        problems.append(problem("CM546", f"{name} is {value}, which is no number", line=line))
        return None
    return value


def _no_log(head: bytes) -> Problem:
    if head.startswith(ENDPOINTS_MARK):
        return problem("CM541", "is a log of endpoints, which this version does not read", line=1)
    what = "is empty" if not head.strip() else "does not begin with :::MLLOG as the load generator's log does"
    return problem("CM541", what, "put back mlperf_log_detail.txt as it was written", line=1)
