"""Rows and comparisons as JSON and CSV; each unverified score carries the notice in both.

Source: MLPerf Results Messaging Guidelines (notice); RFC 4180; facts/results.md §7 (cells that a spreadsheet would run).
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from cmsite.results.exports import cell
from cmsite.results.mlperf.allowances import Allowance
from cmsite.results.mlperf.comparing import FIELDS, Comparison
from cmsite.results.mlperf.notices import NOTICE, is_published
from cmsite.results.mlperf.reading import Reading
from cmsite.results.mlperf.values import Row

SCHEMA = "cmsite-mlperf/1"

FIRST_COLUMNS = (
    "status", "ID", "Organization", "Availability", "Division", "SystemType", "SystemName", "Platform", "Model",
    "MlperfModel", "Scenario", "version", "Result", "Result_Units", "validity", "inferred", "Accuracy",
    "Accuracy_Metric", "Result_Power", "Result_Power_Units",
)  # fmt: skip
"""Columns of the CSV that come first, whether any row has them or not; the others follow by name, the notice last."""

_SIDE = ("SystemName", "Platform", "Organization", "Location", "status", "ID", "uid")
_COMPARED = (
    "outcome", "reason", *FIELDS, "system_types", "quantity", "quantity_unit", "own_value", "other_value", "delta",
    "direction", "allowed", "allowed_source", "own_validity", *(f"own_{name}" for name in _SIDE),
    *(f"other_{name}" for name in _SIDE), "notice",
)  # fmt: skip


def emit_json(
    reading: Reading, compared: Sequence[Comparison] | None = None, *, other: str = "", preset: Allowance | None = None
) -> bytes:
    """Return one JSON document; `compared` adds comparisons with `other`."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "notice": NOTICE,
        "source": reading.label,
        "rows": list(reading.rows),
        "findings": [
            {
                "code": item.code,
                "severity": item.severity.word,
                "path": item.path,
                "line": item.place.line if item.place else None,
                "message": item.message,
                "hint": item.hint,
            }
            for item in reading.findings
        ],
    }
    if compared is not None and preset is not None:
        document["compared_with"] = other
        document["preset"] = {"name": preset.name, "allowed": preset.text, "of": preset.of, "source": preset.origin}
        document["comparisons"] = [record(item, preset) for item in compared]
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")


def emit_csv(rows: Sequence[Row]) -> bytes:
    """Return the rows as CSV: one column for every name any row has; a missing value is an empty cell."""
    others = sorted({name for row in rows for name in row} - {*FIRST_COLUMNS, "notice"})
    names = (*FIRST_COLUMNS, *others, "notice")
    return _table(names, ([row.get(name) for name in names] for row in rows))


def emit_comparisons_csv(compared: Iterable[Comparison], preset: Allowance) -> bytes:
    """Return the comparisons as CSV, a line each."""
    return _table(_COMPARED, (list(record(item, preset).values()) for item in compared))


def record(item: Comparison, preset: Allowance) -> dict[str, Any]:
    """Return one comparison as a flat mapping in the order of the CSV; what is missing is None."""
    own, other = item.own, item.other or {}
    values: dict[str, Any] = {
        "outcome": item.outcome.value,
        "reason": item.reason or None,
        **dict(zip(FIELDS, item.terms.shared, strict=True)),
        "system_types": ", ".join(sorted(item.terms.system_types)) or None,
        "quantity": item.quantity,
        "quantity_unit": item.unit or None,
        "own_value": own.get(item.quantity),
        "other_value": other.get(item.quantity),
        "delta": _decimal(item.delta),
        "direction": item.direction or None,
        "allowed": preset.text,
        "allowed_source": preset.origin,
        "own_validity": own.get("validity"),
    }
    values |= {f"own_{name}": own.get(name) for name in _SIDE} | {f"other_{name}": other.get(name) for name in _SIDE}
    unverified = not is_published(own) or (bool(other) and not is_published(other))
    return {**values, "notice": NOTICE if unverified else None}


def _decimal(delta: Fraction | None) -> float | None:
    return None if delta is None else float(delta)


def _table(names: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([cell(name) for name in names])
    for line in lines:
        writer.writerow([cell(value) for value in line])
    return stream.getvalue().encode("utf-8", "replace")
