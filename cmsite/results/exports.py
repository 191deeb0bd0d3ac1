"""The claims table as JSON and CSV files; both carry the same rows in the same order.

Source: CONTRACT §13 (`cmsite-results/1`); RFC 4180 for CSV; facts/results.md §7 (cells that a spreadsheet would run).
"""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from cmsite.results.table import ClaimRow, record

SCHEMA = "cmsite-results/1"

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters by which a spreadsheet takes a text for a formula or breaks a row."""

FIELDS = (
    "paper",
    "paper_uid",
    "claim",
    "metric",
    "unit",
    "claimed",
    "reproduced",
    "n",
    "delta",
    "tolerance",
    "tolerance_source",
    "verdict",
    "certainty",
    "stated",
    "reproduction_uid",
    "same_hardware",
)


def emit_json(rows: Iterable[ClaimRow]) -> bytes:
    """Return one JSON document; a value that is missing is null, never NaN or an empty text."""
    document = {"schema": SCHEMA, "claims": [record(row) for row in rows]}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def emit_csv(rows: Iterable[ClaimRow]) -> bytes:
    """Return one CSV table with a header; a missing value is an empty cell, a tolerance one text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for row in rows:
        values = record(row)
        writer.writerow([cell(values[name]) for name in FIELDS])
    return stream.getvalue().encode()


def cell(value: Any) -> str:
    """Return a CSV cell: numbers as they are, texts so that no spreadsheet runs them.

    >>> cell("=1+1"), cell(-0.5), cell(None), cell({"type": "absolute", "value": 0.5})
    ("'=1+1", '-0.5', '', 'absolute value=0.5')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return " ".join(str(item) if key == "type" else f"{key}={item!r}" for key, item in value.items())
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
