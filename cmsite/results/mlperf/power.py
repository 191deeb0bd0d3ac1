"""Power: the samples of the meter between the begin and the end that the load generator logged.

Offline and Server report the mean power in Watts; SingleStream and MultiStream the energy of one query in
millijoules, mean power times duration over the number of queries.
Source: mlcommons/inference, tools/submission (spl.txt: `Time,<date>,Watts,<value>,...`; samples strictly inside).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cmsite.documents import Problem
from cmsite.results.mlperf.benchmarks import power_unit_of
from cmsite.results.mlperf.codes import problem
from cmsite.results.mlperf.detail_log import RunLog
from cmsite.results.mlperf.values import number

_TIME = "%m-%d-%Y %H:%M:%S.%f"
_SAMPLE = re.compile(
    rb"Time,\s*(\d\d)-(\d\d)-(\d{4}) (\d\d:\d\d:\d\d\.\d{1,6})\s*,\s*Watts,\s*([+-]?\d{1,12}(?:\.\d{1,12})?)\s*(?:,|$)"
)
_STREAM_SAMPLES = 8  # Of a MultiStream query; one inferred from SingleStream costs eight of its queries.
_MAX_PROBLEMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What one result needed: `value` in `unit` (Watts, or millijoules a query), `samples` of the meter it is of."""

    value: float
    unit: str
    samples: int


def parse_power(content: bytes, log: RunLog, scenario: str) -> tuple[Power | None, tuple[Problem, ...]]:
    """Return the power of a result; `log` is that of its performance run."""
    problems: list[Problem] = []
    begin, end = _moment(log.text("power_begin")), _moment(log.text("power_end"))
    if begin is None or end is None or end <= begin:
        return None, (problem("CM541", "the log of the run does not say when power_begin and power_end were"),)
    first, last = _sortable(begin), _sortable(end)
    watts = [value for moment, value in _samples(content, problems) if first < moment < last and value > 0]
    if not watts:
        what = f"has no sample between {log.text('power_begin')} and {log.text('power_end')}"
        return None, (
            *problems,
            problem("CM541", what, "check the clocks of meter and system, and that the file is of this run"),
        )
    mean = math.fsum(watts) / len(watts)
    unit = power_unit_of(scenario)
    if unit == "Watts":
        return Power(value=mean, unit=unit, samples=len(watts)), tuple(problems)
    queries = number(log.values.get("result_query_count"))
    if not queries or queries < 0:
        return None, (*problems, problem("CM541", "the log of the run does not say its result_query_count"))
    inferred = scenario == "MultiStream" and log.text("effective_scenario") == "SingleStream"
    energy = mean * (end - begin).total_seconds() * 1000 / queries * (_STREAM_SAMPLES if inferred else 1)
    return Power(value=energy, unit=unit, samples=len(watts)), tuple(problems)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _TIME)  # noqa: DTZ007 - meter and system log one clock without a zone.
    except ValueError:
        return None


def _sortable(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H:%M:%S.%f")


def _samples(content: bytes, problems: list[Problem]) -> Iterator[tuple[str, float]]:
    """Yield (moment as sortable text, Watts) of every line that is a sample."""
    for index, line in enumerate(content.split(b"\n")):
        if not line.startswith(b"Time"):
            continue
        found = _SAMPLE.match(line.rstrip(b"\r"))
        if found is not None:
            month, day, year, clock, watts = (part.decode("ascii") for part in found.groups())
            yield f"{year}{month}{day}{clock:0<15}", float(watts)
        elif len(problems) < _MAX_PROBLEMS:
            problems.append(problem("CM541", "line is no sample of a power meter", line=index + 1))
