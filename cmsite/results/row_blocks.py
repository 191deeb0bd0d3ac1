"""The rows of one result file as columns of codes: what worker processes hand back of an experiment.

A block holds every key of every row, whatever it is called; `row_merging` joins the blocks of a catalogue. Texts stand
for what a column cannot hold as it is: `yes` and `no` for true and false, JSON for lists and mappings, `NaN`,
`Infinity` and whole numbers beyond 2^53, which a browser would round.
"""

import itertools
import json
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.results.experiment_files import MAX_FILE_BYTES, ReadFile, Row, parse_rows, result_files

MAX_ROWS = 100_000  # Of one file; more are left out, and the validator says so.
MAX_KEYS = 500  # Of one file, those of most rows.
MAX_TEXT = 1_000  # Characters of one value.
MAX_KEY = 120  # Characters of a key.
MISSING = -1
"""The code of a row that does not have the key."""

Value: TypeAlias = str | int | float | None
"""A value of a row; None is a written `null`."""

_MAX_WHOLE = 2**53
_MAX_SHORT = 2**15
_ABSENT = object()
_SIMPLE = frozenset((str, int, float, object, type(None)))  # Types whose values stand for themselves.


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """One key of a block: its distinct values, and for each row the number of its value, `MISSING` where it has none."""

    values: tuple[Value, ...]
    codes: "array[int]"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBlock:
    """The rows of one suite in one file: `file` is its path in the source, `lines` where each row begins.

    `suite` is `inference`, `training`, `tiny`, or "" for rows that are none of MLPerf's.
    """

    suite: str
    file: str
    lines: "array[int]"
    columns: dict[str, Codes]

    @property
    def count(self) -> int:
        """Return the number of rows."""
        return len(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """A result file that was not read, or not whole: `file` is its path in the source."""

    file: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRows:
    """What the result files of one experiment hold."""

    blocks: tuple[RowBlock, ...] = ()
    problems: tuple[FileProblem, ...] = ()


def read_blocks(artifact: Artifact, read: ReadFile) -> ExperimentRows | None:
    """Read the result files of an experiment whole; None where it has none. Never raises, whatever they hold."""
    files = result_files(artifact)
    if not files:
        return None
    blocks: list[RowBlock] = []
    problems: list[FileProblem] = []
    for file in files:
        try:
            rows = list(_rows_of(artifact, file, read))
        except (SourceError, ValueError, RecursionError) as error:
            problems.append(FileProblem(file=file.source, message=_reason(error)))
            continue
        if len(rows) > MAX_ROWS:
            problems.append(FileProblem(file=file.source, message=f"{len(rows):,} rows are more than {MAX_ROWS:,}"))
        found = list(_blocks(file.source, rows[:MAX_ROWS]))
        problems.extend(problem for _, problem in found if problem)
        blocks.extend(block for block, _ in found)
    return ExperimentRows(blocks=tuple(blocks), problems=tuple(problems))


def suite_of(row: Row) -> str:
    """Return the suite of MLPerf whose keys a row has, "" for any other row.

    Source: facts/results.md §4 (118 keys from three schemas in one tree).
    """
    if "MlperfModel" in row and "Scenario" in row:
        return "inference"
    if "median_throughput_metric" in row or "__System" in row:
        return "tiny"
    return "training" if "Benchmark" in row and "Model_ID" in row else ""


def _rows_of(artifact: Artifact, file: ArtifactFile, read: ReadFile) -> Iterator[tuple[int, Row]]:
    if file.size_bytes > MAX_FILE_BYTES:
        raise ValueError(f"{file.size_bytes:,} bytes are more than {MAX_FILE_BYTES:,}")
    yield from parse_rows(read(artifact, file.source).decode("utf-8-sig", "replace"))


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _blocks(file: str, rows: Sequence[tuple[int, Row]]) -> Iterator[tuple[RowBlock, FileProblem | None]]:
    """Yield a block for each suite of a file, with what was left out of it."""
    by_suite: dict[str, list[tuple[int, Row]]] = {}
    for item in rows:
        by_suite.setdefault(suite_of(item[1]), []).append(item)
    for suite, members in by_suite.items():
        keys = dict.fromkeys(itertools.chain.from_iterable(row for _, row in members))
        problem = None
        if len(keys) > MAX_KEYS:
            counts = Counter(itertools.chain.from_iterable(row for _, row in members))
            message = f"{len(counts):,} different keys are more than {MAX_KEYS}; the rarest are left out"
            problem = FileProblem(file=file, message=message)
            keys = dict.fromkeys(key for key, _ in counts.most_common(MAX_KEYS))
        columns = {
            _name(key, number): _codes([row.get(key, _ABSENT) for _, row in members]) for number, key in enumerate(keys)
        }
        yield (
            RowBlock(suite=suite, file=file, lines=array("I", (line for line, _ in members)), columns=columns),
            problem,
        )


def _name(key: str, number: int) -> str:
    """Return a key as a table shows it; a cut one keeps apart from others that begin like it."""
    return key if len(key) <= MAX_KEY else f"{key[:MAX_KEY]}… ({number})"


def _codes(found: list[Any]) -> Codes:
    """Return the values of one key as distinct ones and codes."""
    if not _SIMPLE.issuperset(map(type, found)):
        found = [_plain(value) for value in found]
    distinct = dict.fromkeys(found)
    distinct.pop(_ABSENT, None)
    numbers: dict[Any, int] = {value: number for number, value in enumerate(distinct)}
    numbers[_ABSENT] = MISSING
    width = "h" if len(distinct) < _MAX_SHORT else "i"
    return Codes(values=tuple(_bounded(distinct)), codes=array(width, map(numbers.__getitem__, found)))


def _plain(value: Any) -> Any:
    """Return a value that a dictionary tells from all others: true is not 1."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True)
    return value


def _bounded(values: Iterable[Any]) -> Iterator[Value]:
    for value in values:
        if isinstance(value, str):
            yield value if len(value) <= MAX_TEXT else f"{value[: MAX_TEXT - 1]}…"
        elif isinstance(value, float) and not math.isfinite(value):
            yield "Infinity" if value > 0 else "-Infinity"
        elif isinstance(value, int) and abs(value) > _MAX_WHOLE:
            yield str(value)[:MAX_TEXT]
        else:
            yield value
