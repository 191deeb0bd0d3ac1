"""The runs of a CM `cfg/benchmark-run-*` → a table with the columns of its `view_dimensions`; pure, never raises.

A run is up to three files beside the meta: `run-<uid>-meta.json` (date, computer, whether it was functional and
reproduced, as stated), `-input.json` (how it was started) and `-output.json` (what came out). A column is a dotted path
such as `input.device` or `output.state.NAME.performance`. A run that failed, or of which files are missing or
unreadable, is a row with the reason: none is left out. Source: facts/results.md §1, §7.
"""

import enum
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.results.fields import scalar_text, shown
from cmsite.results.run_starts import RunStart, run_start

MAX_RUNS = 500  # Of one table; the newest names are not known before the files are read, so it is the first by uid.
MAX_BYTES = 4_000_000  # Of all files of one table that are parsed.
MAX_FILE_BYTES = 1_000_000
MAX_COLUMNS = 30
MAX_VALUE = 200  # Characters of one value.
MAX_STEPS = 12  # Of a column's path.

PARTS = ("meta", "input", "output")
_NAME = re.compile(r"run-([0-9a-zA-Z]{1,64})-(meta|input|output)\.json\Z", re.ASCII)

Read = Callable[[Artifact, str], bytes]
"""Returns the bytes of a file of an artifact by its path in the source tree; raises `SourceError`."""


class RunState(enum.Enum):
    """What is known of how a run ended; the order is that of the page: failures first."""

    FAILED = "failed"
    UNKNOWN = "not known"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumn:
    """One of the `view_dimensions`: a path into a run's files and its name for readers."""

    path: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRun:
    """One run.

    `uid` is the one of the file names; `values` are those of the columns, "" where a run has none; `functional`,
    `reproduced` and `docker` are as the record states them, None where it does not; `computer` is a uid; `reason` says
    why a run failed or cannot be told, `problems` what is wrong with its record; `start` is what was run, and where.
    """

    uid: str
    state: RunState
    start: RunStart
    values: tuple[str, ...]
    date: str = ""
    computer: str = ""
    functional: bool | None = None
    reproduced: bool | None = None
    docker: bool | None = None
    reason: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTable:
    """The runs of one `cfg`: failed ones first, then the newest; `left_out` counts runs beyond the limits."""

    columns: tuple[RunColumn, ...]
    runs: tuple[TableRun, ...]
    left_out: int = 0


def read_run_table(artifact: Artifact, read: Read) -> RunTable | None:
    """Read the runs of an artifact; None where its meta has no `view_dimensions` and no run lies beside it."""
    columns = tuple(_columns(artifact.extra.get("view_dimensions")))
    files = _files_by_run(artifact)
    if not columns and not files:
        return None
    budget = _Budget(artifact, read)
    chosen = list(files)[:MAX_RUNS]
    runs = sorted((_run(uid, files[uid], columns, budget) for uid in chosen), key=lambda run: run.uid)
    runs.sort(key=lambda run: run.date, reverse=True)
    runs.sort(key=lambda run: list(RunState).index(run.state))
    return RunTable(columns=columns, runs=tuple(runs), left_out=len(files) - len(chosen))


def _columns(value: Any) -> list[RunColumn]:
    """Return the columns: each entry is a path, or a list of path, name and how to mark it."""
    found = []
    for item in value[:MAX_COLUMNS] if isinstance(value, list) else ():
        parts = item if isinstance(item, list) else [item]
        texts = [scalar_text(part) or "" for part in parts[:2]]
        if texts and texts[0]:
            found.append(RunColumn(path=texts[0][:MAX_VALUE], label=(texts[-1] or texts[0])[:MAX_VALUE]))
    return found


def has_runs(artifact: Artifact) -> bool:
    """Return whether files of runs lie beside the meta."""
    return any(_NAME.match(file.path) for file in artifact.files)


def _files_by_run(artifact: Artifact) -> Mapping[str, dict[str, ArtifactFile]]:
    found: defaultdict[str, dict[str, ArtifactFile]] = defaultdict(dict)
    for file in artifact.files:
        name = _NAME.match(file.path)
        if name is not None:
            found[name[1]][name[2]] = file
    return dict(sorted(found.items()))


class _Budget:
    """Reads and parses files until the table has had its share."""

    def __init__(self, artifact: Artifact, read: Read) -> None:
        self._artifact, self._read, self._left = artifact, read, MAX_BYTES

    def data(self, file: ArtifactFile | None) -> tuple[dict[Any, Any], str]:
        """Return what a file holds, and why that is nothing where it is."""
        if file is None:
            return {}, "is missing"
        if file.size_bytes > MAX_FILE_BYTES or file.size_bytes > self._left:
            return {}, f"has {file.size_bytes:,} bytes and was not read"
        self._left -= file.size_bytes
        try:
            data = json.loads(self._read(self._artifact, file.source)[:MAX_FILE_BYTES].decode("utf-8-sig"))
        except SourceError as error:
            return {}, f"cannot be read: {error}"
        except (ValueError, RecursionError):
            return {}, "is no JSON"
        return (data, "") if isinstance(data, dict) else ({}, f"must be a mapping, got {shown(data)}")


def _run(uid: str, files: Mapping[str, ArtifactFile], columns: tuple[RunColumn, ...], budget: _Budget) -> TableRun:
    data, problems = {}, []
    for part in PARTS:
        data[part], problem = budget.data(files.get(part))
        if problem:
            problems.append(f"{part} {problem}")
    meta, output = data["meta"], data["output"]
    own = scalar_text(meta.get("uid")) or ""
    if own and own != uid:
        problems.append(f"the meta's uid is {own[:MAX_VALUE]}")
    state, reason = _state(meta, output)
    return TableRun(
        uid=uid,
        state=state,
        reason=reason,
        start=run_start(data["input"], output),
        values=tuple(_value(data, column.path) for column in columns),
        date=(scalar_text(meta.get("date_time")) or "")[:MAX_VALUE],
        computer=(scalar_text(meta.get("compute_uid")) or "")[:MAX_VALUE],
        functional=_flag(meta.get("functional")),
        reproduced=_flag(meta.get("reproduced")),
        docker=_flag(meta.get("support_docker")),
        problems=tuple(problems),
    )


def _state(meta: dict[Any, Any], output: dict[Any, Any]) -> tuple[RunState, str]:
    """Return how a run ended, by the return code of CM (0 is good) and what the record states.

    Source: facts/formats.md §1 (every action of CM returns `return` and, over 0, `error`).
    """
    code = output.get("return")
    if isinstance(code, int) and not isinstance(code, bool) and code != 0:
        error = (scalar_text(output.get("error")) or "").strip()[:MAX_VALUE]
        return RunState.FAILED, f"return code {code}" + (f": {error}" if error else "")
    if _flag(meta.get("functional")) is False:
        return RunState.FAILED, "stated as not functional"
    if code == 0:
        return RunState.COMPLETED, ""
    if _flag(meta.get("functional")) is True:
        return RunState.COMPLETED, "as stated; there is no return code"
    return RunState.UNKNOWN, "there is no return code"


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"yes": True, "no": False}.get(str(value).lower())


def _value(data: Any, path: str) -> str:
    """Return the value at a dotted path, "" where there is none; a key may hold dots itself.

    >>> _value({"input": {"a.b": {"c": 1.50}}}, "input.a.b.c")
    '1.5'
    """
    found = _descend(data, path.split(".")[:MAX_STEPS])
    if isinstance(found, list):
        return ", ".join(scalar_text(item) or shown(item) for item in found[:MAX_STEPS])[:MAX_VALUE]
    text = scalar_text(found)
    return (shown(found) if found is not None else "") if text is None else text[:MAX_VALUE]


def _descend(data: Any, steps: list[str]) -> Any:
    """Follow the steps, each of them a key, or several together where a key holds dots; None where that leads nowhere."""
    if not steps:
        return data
    for count in range(1, len(steps) + 1):
        key = ".".join(steps[:count])
        found = _descend(data[key], steps[count:]) if isinstance(data, dict) and key in data else None
        if found is not None:
            return found
    return None
