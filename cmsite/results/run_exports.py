"""The runs of a paper's reproductions as CSV, one row a run with all its samples.

Source: RFC 4180; facts/results.md §7 (cells that a spreadsheet would run, nothing dropped in silence).
"""

import csv
import io
import json
from collections.abc import Iterable

from cmsite.model.results import Paper, Reproduction, Run
from cmsite.results.exports import cell
from cmsite.results.table import plain

MAX_TEXT = 4000
"""Characters of a text; the meta has all of it."""

RUN_FIELDS = (
    "paper",
    "paper_uid",
    "reproduction",
    "reproduction_uid",
    "record_status",
    "run_uid",
    "claims",
    "run_status",
    "error",
    "metric",
    "unit",
    "n",
    "samples",
    "order",
    "inferred",
    "seed",
    "start_time",
    "end_time",
    "command",
    "container_image",
    "log",
    "wall_s",
    "processor_s",
    "peak_memory_bytes",
    "exit_code",
)


def emit_runs_csv(paper: Paper, attempts: Iterable[Reproduction]) -> bytes:
    """Return one CSV table with a header; lists are JSON, a sample that is no finite number stands there as text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(RUN_FIELDS)
    for attempt in attempts:
        for run in attempt.runs:
            writer.writerow([*map(cell, _head(paper, attempt)), *map(cell, _values(run))])
    return stream.getvalue().encode("utf-8", "replace")


def _head(paper: Paper, attempt: Reproduction) -> tuple[str, ...]:
    return (paper.alias, paper.uid, attempt.alias, attempt.uid, attempt.status.value)


def _cut(text: str) -> str | None:
    """Return a text that an alias of YAML cannot make endless; None where there is none."""
    if len(text) <= MAX_TEXT:
        return text or None
    return f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT:,} more characters)"


def _values(run: Run) -> tuple[object, ...]:
    samples = [sample.literal if sample.value is None else plain(sample.value) for sample in run.samples]
    return (
        run.uid,
        json.dumps([_cut(claim) for claim in run.claims], ensure_ascii=False),
        run.status.value,
        _cut(run.error),
        _cut(run.metric),
        _cut(run.unit),
        len(samples),
        json.dumps(samples, ensure_ascii=False),
        json.dumps([_cut(name) for name in run.order], ensure_ascii=False) if run.order else None,
        run.inferred,
        run.seed or None,
        run.start_time or None,
        run.end_time or None,
        _cut(run.command),
        _cut(run.container_image),
        _cut(run.log),
        _cut(run.wall_s.literal) if run.wall_s else None,
        _cut(run.processor_s.literal) if run.processor_s else None,
        run.peak_memory_bytes,
        run.exit_code,
    )
