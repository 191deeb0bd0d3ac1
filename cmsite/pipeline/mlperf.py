"""Whatever a path names → MLPerf rows: a submission tree or a repository of results, packed or not, or one file.

The order: a tree with logs (joined with the IDs of a `summary_results.json` at its root), a CM repository of
experiments, a summary alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cmsite.diagnostics import Diagnostic
from cmsite.documents import Problem
from cmsite.errors import SourceError
from cmsite.model.tree import SourceTree
from cmsite.results.mlperf.codes import problem
from cmsite.results.mlperf.layout import DIVISIONS, SUMMARY_FILE, points_of
from cmsite.results.mlperf.published import RESULT_FILES, parse_rows
from cmsite.results.mlperf.reading import Reading, finished, read_tree
from cmsite.results.mlperf.unread import other_suite_of
from cmsite.results.mlperf.values import DEFAULT_LIMITS, MlperfLimits, Row, number
from cmsite.sources.log_ends import ends_reader
from cmsite.sources.opening import tree_of_path
from cmsite.sources.regular_files import read_regular_file, reason_of

FILE_ENDINGS = (".json", ".csv")
_MAX_FILE_BYTES = 16 * 1024 * 1024
_SAME_RELATIVE = 1e-6  # Both are the same number, printed by two programs.


def read_results(path: Path, round_: str = "", limits: MlperfLimits = DEFAULT_LIMITS) -> Reading:
    """Read the rows of a path; `round_` such as v5.0 is that of the logs of a tree.

    Raises `SourceError` where nothing there is a result of MLPerf inference.
    """
    if path.is_file() and path.suffix.lower() in FILE_ENDINGS:
        return _checked(_of_file(path, limits))
    tree = _tree(path)
    names = [entry.path for entry in tree.entries]
    if points_of(names):
        reading = read_tree(tree, ends_reader(tree, limits.packed_log_bytes), round_=round_, limits=limits)
        return _with_round_note(_joined(reading, tree, limits))
    files = [name for name in names if name.rpartition("/")[2] in RESULT_FILES] or [
        name for name in names if name.rpartition("/")[2] == SUMMARY_FILE
    ]
    if not files:
        if path.resolve().name in DIVISIONS:
            raise SourceError(f"{path}: is the folder of a division; name the folder that holds it")
        raise SourceError(f"{path}: {_without_results(names)}")
    return _checked(_of_files(tree, files, limits))


def _without_results(names: Iterable[str]) -> str:
    """Return what a tree without results holds, what was expected, and what to do."""
    expected = (
        "expected closed/, open/ or network/ with "
        f"<submitter>/results/<system>/<benchmark>/<scenario>/performance/run_1/, or {SUMMARY_FILE}, or "
        f"{RESULT_FILES[0]} of CM experiments"
    )
    suite = other_suite_of(names)
    if suite is None:
        return f"holds no result of MLPerf inference; {expected}"
    files = f"{suite.count:,} {'file' if suite.count == 1 else 'files'} of results, such as {suite.example}"
    # Those repositories hold no results of mobile.
    published = (
        "" if suite.name == "mobile"
        else "; published rounds stand in CM repositories of experiments such as mlcommons/cm4mlperf-results, which "
        "`cmsite build` shows"
    )  # fmt: skip
    return (
        f"is a submission tree of MLPerf {suite.name} ({files}), which is not read, only trees of MLPerf inference are; "
        f"{expected}; check this tree with the tools of MLPerf {suite.name}{published}"
    )


def _tree(path: Path) -> SourceTree:
    """Open a path; of an archive that holds nothing but one division, that folder is a part of the layout."""
    tree = tree_of_path(path)
    if path.is_dir() or points_of(entry.path for entry in tree.entries):
        return tree
    whole = tree_of_path(path, peel=False)
    return whole if points_of(entry.path for entry in whole.entries) else tree


def _with_round_note(reading: Reading) -> Reading:
    """Return the reading with a note where the round of rows is only that of the load generator."""
    unstated = sum(row.get("version_source") == "loadgen_version" for row in reading.rows)
    if not unstated:
        return reading
    what = f"{unstated:,} of {len(reading.rows):,} rows have their round from the version of the load generator"
    note = problem("CM545", what, "give --round, such as --round v5.1")
    return replace(reading, findings=(*_findings(reading.label, "", (note,)), *reading.findings))


def _checked(reading: Reading) -> Reading:
    """Return the reading. Raises `SourceError` where a file of rows has none, or none that is a result of MLPerf."""
    if reading.rows and not any("Result" in row and "Scenario" in row for row in reading.rows):
        raise SourceError(
            f"{reading.label}: none of its {len(reading.rows):,} rows has a Result and a Scenario of MLPerf inference"
        )
    if reading.rows or not reading.findings:
        return reading
    first = reading.findings[0]
    line = f", line {first.place.line}" if first.place else ""
    hint = f"; {first.hint}" if first.hint else ""
    raise SourceError(f"{first.path or reading.label}{line}: {first.message}{hint}")


def _of_file(path: Path, limits: MlperfLimits) -> Reading:
    try:
        content = read_regular_file(str(path), _MAX_FILE_BYTES)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: cannot be read: {reason_of(error)}") from error
    rows, problems = parse_rows(path.name, content, limits.rows)
    rows = tuple(_from(row, path.name) for row in rows)
    return Reading(label=str(path), rows=rows, findings=_findings(str(path), path.name, problems))


def _of_files(tree: SourceTree, names: Iterable[str], limits: MlperfLimits) -> Reading:
    """Read the rows of files of a tree; rows that stand several times with one content are one."""
    rows: dict[tuple[object, ...], Row] = {}
    findings: list[Diagnostic] = []
    for name in names:
        try:
            parsed, problems = parse_rows(name, tree.read(name), limits.rows - len(rows))
        except SourceError as failure:
            parsed, problems = (), (problem("CM541", str(failure)),)
        findings.extend(_findings(tree.label, name, problems))
        for row in parsed:
            rows.setdefault(tuple(row.items()), _from(row, name))
    return Reading(label=tree.label, rows=tuple(rows.values()), findings=tuple(findings))


def _from(row: Row, name: str) -> Row:
    """Return a row that says which file it is from, where it does not say so already."""
    return row if "source" in row else dict(sorted({**row, "source": name}.items()))


def _findings(label: str, path: str, problems: Iterable[Problem]) -> tuple[Diagnostic, ...]:
    return tuple(item.in_file(label, path) for item in problems)


def _joined(reading: Reading, tree: SourceTree, limits: MlperfLimits) -> Reading:
    """Give the rows of a tree the IDs of the summary at its root, and add what stands in the summary only."""
    if SUMMARY_FILE not in {entry.path for entry in tree.entries}:
        return reading
    summary = _of_files(tree, (SUMMARY_FILE,), limits)
    listed: defaultdict[str, list[Row]] = defaultdict(list)
    for row in summary.rows:
        listed[str(row.get("Location", ""))].append(row)
    findings = [*reading.findings, *summary.findings]
    rows: list[Row] = []
    for row in reading.rows:
        joined, problems = _with_id(row, listed.pop(str(row["Location"]), []))
        rows.append(joined)
        findings.extend(_findings(tree.label, str(row.get("source") or row["Location"]), problems))
    alone = [row for others in listed.values() for row in others]
    if alone:
        what = f"{len(alone):,} of its rows have no log in this tree; they are taken from it"
        findings.extend(_findings(tree.label, SUMMARY_FILE, (problem("CM545", what),)))
    ordered = tuple(sorted(findings, key=lambda item: item.sort_key))
    return replace(reading, rows=(*rows, *alone), findings=ordered)


def _with_id(row: Row, listed: Sequence[Row]) -> tuple[Row, tuple[Problem, ...]]:
    """Return a row of the logs with what only the summary knows; one that differs stays without an ID."""
    problems = tuple(_difference(row, other) for other in listed if not _is_same(row, other))
    same = [other for other in listed if _is_same(row, other)]
    if not same:
        return row, problems
    known: Row = {name: same[0][name] for name in ("ID", "url", "Code", "compliance") if name in same[0]}
    joined: Row = {**row, **known}
    version = same[0].get("version")
    if version and ("version" not in row or "version_source" in row):
        joined = {name: value for name, value in joined.items() if name != "version_source"}
        joined["version"] = version
    return finished(joined, in_summary=True), problems


def _is_same(row: Row, other: Row) -> bool:
    mine, theirs = number(row.get("Result")), number(other.get("Result"))
    return mine is not None and theirs is not None and abs(mine - theirs) <= _SAME_RELATIVE * abs(theirs)


def _difference(row: Row, other: Row) -> Problem:
    mine, theirs = (f"{one.get('Result')} {one.get('Result_Units', '')}".strip() for one in (row, other))
    return problem("CM544", f"the log says {mine}, {SUMMARY_FILE} {theirs}", "the log counts; this ID is not given")
