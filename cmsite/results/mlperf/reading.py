"""A submission tree → rows and findings; nothing is dropped without a finding.

What a file says is read by the module of that file; here they are found, bounded, cached and put together.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cmsite.diagnostics import Diagnostic, Severity
from cmsite.documents import Problem
from cmsite.errors import SourceError
from cmsite.model.tree import SourceTree
from cmsite.results.mlperf.accuracy import Accuracy, parse_accuracy
from cmsite.results.mlperf.benchmarks import METRICS, benchmark_of
from cmsite.results.mlperf.codes import problem
from cmsite.results.mlperf.detail_log import RunLog, parse_detail
from cmsite.results.mlperf.layout import Point, measurements_of, points_of, power_folders_of
from cmsite.results.mlperf.notices import with_status
from cmsite.results.mlperf.power import Power, parse_power
from cmsite.results.mlperf.rows import Parts, row_of, uid_of
from cmsite.results.mlperf.summary_log import parse_summary
from cmsite.results.mlperf.system import parse_mapping, parse_system
from cmsite.results.mlperf.values import DEFAULT_LIMITS, MlperfLimits, Row, Value, flat, number

ReadEnds = Callable[[str, int, int], tuple[bytes, bytes | None]]
"""(path, bytes read whole, bytes of each end) → beginning and, where the file is longer, its end.

Raises `SourceError` where it cannot be read.
"""

_SAME_RELATIVE, _SAME_ABSOLUTE = 0.001, 0.006  # The summary rounds what the detailed log says to two decimals.
_MAX_WEIGHTS = 200  # Characters of `weight_data_types`.
_RATES = ("samples_per_second", "samples_per_sec", "tokens_per_second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of one source: rows in the order of its files, findings in the order of reports."""

    label: str
    rows: tuple[Row, ...]
    findings: tuple[Diagnostic, ...] = ()


@dataclass(slots=True)
class _Reader:
    tree: SourceTree
    read_ends: ReadEnds
    limits: MlperfLimits
    sizes: dict[str, int]
    findings: list[Diagnostic] = field(default_factory=list)
    systems: dict[str, Row] = field(default_factory=dict)
    mappings: dict[str, dict[str, Value]] = field(default_factory=dict)
    power_folders: frozenset[str] = frozenset()
    measurements: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def report(self, path: str, problems: Iterable[Problem]) -> None:
        self.findings.extend(item.in_file(self.tree.label, path) for item in problems)

    def content(self, path: str, limit_bytes: int) -> bytes | None:
        """Return a file, None where it is missing (which is no finding yet), too large or unreadable."""
        size = self.sizes.get(path)
        if size is None:
            return None
        if size > limit_bytes:
            what = f"has {size:,} bytes; at most {limit_bytes:,} are read"
            self.report(path, (problem("CM541", what, "put back the file the tool wrote"),))
            return None
        try:
            return self.tree.read(path)
        except SourceError as failure:
            self.report(path, (problem("CM541", str(failure)),))
            return None

    def missing(self, path: str, what: str) -> None:
        if path not in self.sizes:
            self.report(path, (problem("CM542", "is missing", what),))


def read_tree(
    tree: SourceTree, read_ends: ReadEnds, *, round_: str = "", limits: MlperfLimits = DEFAULT_LIMITS
) -> Reading:
    """Read every result of a tree; one without any gives no rows. `round_` such as v5.0 is that of all of them.

    Raises `SourceError` where it holds more results than the limit.
    """
    reader = _Reader(tree, read_ends, limits, {entry.path: entry.size_bytes for entry in tree.entries})
    reader.power_folders = power_folders_of(reader.sizes)
    reader.measurements = measurements_of(reader.sizes)
    points = points_of(reader.sizes)
    if len(points) > limits.results:
        raise SourceError(
            f"{tree.label}: holds {len(points):,} results, at most {limits.results:,} are read; name a part of it"
        )
    rows = [_row(reader, point, round_) for point in points]
    _report_refused(reader)
    return Reading(
        label=tree.label, rows=tuple(rows), findings=tuple(sorted(reader.findings, key=lambda item: item.sort_key))
    )


def finished(row: Row, *, in_summary: bool = False) -> Row:
    """Return a row with its uid, where it has none, and its status."""
    uid = row.get("uid")
    if not isinstance(uid, str) or not uid:
        row = {**row, "uid": uid_of(row)}
    return dict(sorted(with_status(row, in_summary=in_summary).items()))


def _row(reader: _Reader, point: Point, round_: str) -> Row:
    log, source = _log(reader, point)
    mapping = _mapping(reader, point)
    parts = Parts(
        point=point,
        log=log,
        source=source,
        system=_system(reader, point),
        mapping=mapping,
        accuracy=_accuracy(reader, point, mapping),
        has_power=point.power_folder in reader.power_folders,
        weight_data_types=_weights(reader, point),
    )
    if parts.has_power and log is not None:
        parts.power = _power(reader, point, log)
    row, problems = row_of(parts, round_)
    reader.report(source or point.path, problems)
    return finished(row)


def _log(reader: _Reader, point: Point) -> tuple[RunLog | None, str]:
    """Return the log of the performance run and its path: the detailed one, else the summary."""
    detail, summary = _detail(reader, point), _summary(reader, point)
    if detail is None and summary is None and point.endpoints_summary in reader.sizes:
        what = "is a result of endpoints, which this version does not read; the row has no result"
        reader.report(point.endpoints_summary, (problem("CM541", what),))
        return None, ""
    reader.missing(point.detail_log, "without it percentiles, errors and the load generator's version may be unknown")
    reader.missing(point.summary_log, "put back what the load generator wrote")
    if detail is not None and summary is not None:
        _check_same(reader, point, detail, summary)
        if not detail.is_whole:
            detail.error_count = max(detail.error_count, summary.error_count)
        for name, value in summary.values.items():
            detail.values.setdefault(name, value)
    if detail is not None:
        return detail, point.detail_log
    return summary, point.summary_log if summary is not None else ""


def _detail(reader: _Reader, point: Point) -> RunLog | None:
    path, limits = point.detail_log, reader.limits
    if path not in reader.sizes:
        return None
    try:
        head, tail = reader.read_ends(path, limits.detail_bytes, limits.detail_end_bytes)
    except SourceError as failure:
        reader.report(path, (problem("CM541", str(failure)),))
        return None
    log, problems = parse_detail(head, tail)
    reader.report(path, problems)
    return log if log.values else None


def _summary(reader: _Reader, point: Point) -> RunLog | None:
    content = reader.content(point.summary_log, reader.limits.text_bytes)
    if content is None:
        return None
    log, problems = parse_summary(content)
    reader.report(point.summary_log, problems)
    return log if log.values else None


def _check_same(reader: _Reader, point: Point, detail: RunLog, summary: RunLog) -> None:
    """Report what the two logs of a run tell differently: validity, scenario and the rates both name."""
    for name in ("result_validity", "effective_scenario"):
        told, detailed = summary.text(name), detail.text(name)
        if told and detailed and told != detailed:
            _report_difference(reader, point, name, told, detailed)
    for name, value in summary.values.items():
        told_rate, detailed_rate = number(value), number(detail.values.get(name))
        if name.endswith(_RATES) and told_rate is not None and detailed_rate is not None:
            allowed = max(_SAME_ABSOLUTE, abs(detailed_rate) * _SAME_RELATIVE)
            if abs(told_rate - detailed_rate) > allowed:
                _report_difference(reader, point, name, told_rate, detailed_rate)


def _report_difference(reader: _Reader, point: Point, name: str, told: object, detailed: object) -> None:
    what = f"says {name} {told}, the detailed log beside it {detailed}"
    reader.report(point.summary_log, (problem("CM544", what, "the detailed log counts; put back the pair of one run"),))


def _accuracy(reader: _Reader, point: Point, mapping: dict[str, Value]) -> Accuracy | None:
    wanted = METRICS.get(benchmark_of(point.model, mapping)[0], ())
    content = reader.content(point.accuracy, reader.limits.text_bytes)
    if content is None:
        reader.missing(point.accuracy, "the row has no accuracy")
        return None
    if not wanted:
        what = f"the accuracy metric of '{point.model}' is not known here; the row has no accuracy"
        reader.report(point.accuracy, (problem("CM545", what, f"name the benchmark in {point.model_mapping}"),))
        return None
    accuracy, problems = parse_accuracy(content, wanted)
    reader.report(point.accuracy, problems)
    return accuracy


def _power(reader: _Reader, point: Point, log: RunLog) -> Power | None:
    content = reader.content(point.power_samples, reader.limits.power_bytes)
    if content is None:
        reader.missing(point.power_samples, "power was measured, but the row has none")
        return None
    power, problems = parse_power(content, log, point.scenario)
    reader.report(point.power_samples, problems)
    return power


def _system(reader: _Reader, point: Point) -> Row:
    path = point.description
    if path not in reader.systems:
        content = reader.content(path, reader.limits.text_bytes)
        reader.missing(path, "the rows of this system say nothing about it")
        system, problems = parse_system(path, content) if content is not None else ({}, ())
        reader.report(path, problems)
        reader.systems[path] = system
    return reader.systems[path]


def _weights(reader: _Reader, point: Point) -> str:
    """Return the types of the weights as the settings of the run say them, "" where they do not."""
    newer, older = point.measurements
    paths = [newer] if newer in reader.sizes else reader.measurements.get(older.rpartition("/")[0], ())
    for path in paths:
        if path == newer or path.startswith(older):
            content = reader.content(path, reader.limits.text_bytes)
            data, problems = parse_mapping(path, content) if content is not None else ({}, ())
            reader.report(path, problems)
            value = data.get("weight_data_types")
            return value[:_MAX_WEIGHTS] if isinstance(value, str) else ""
    return ""


def _mapping(reader: _Reader, point: Point) -> dict[str, Value]:
    path = point.model_mapping
    if path not in reader.mappings:
        content = reader.content(path, reader.limits.text_bytes)
        data, problems = parse_mapping(path, content) if content is not None else ({}, ())
        reader.report(path, problems)
        reader.mappings[path] = {name: flat(value) for name, value in data.items()}
    return reader.mappings[path]


def _report_refused(reader: _Reader) -> None:
    """Report what the source refused to open: links that lead out of it, devices, names no system can hold."""
    for entry in reader.tree.refused:
        reader.findings.append(
            Diagnostic(
                code=entry.code,
                severity=Severity.WARNING,
                repository=reader.tree.label,
                path=entry.path,
                message=entry.message,
                hint=entry.hint,
            )
        )
