"""Findings as one JSON document, `cmsite-findings/1`; counts alone as `cmsite-statistics/1`.

Source: CONTRACT §13; docs/findings.schema.json.
"""

import json
from collections import Counter
from typing import Any

from cmsite.diagnostics import Diagnostic, Severity
from cmsite.reporting.report import Report, counts_by_code

SCHEMA = "cmsite-findings/1"
STATISTICS_SCHEMA = "cmsite-statistics/1"


def report_json(report: Report) -> str:
    """Return the document; `line` and `column` are null where a finding is about a whole file or folder."""
    return _text({"schema": SCHEMA, "findings": [_value(item) for item in report.findings], "summary": _sum(report)})


def statistics_json(report: Report) -> str:
    """Return the counts by code instead of the findings."""
    codes = [
        {
            "code": item.code,
            "severity": item.severity.word,
            "title": report.title(item.code),
            "findings": item.findings,
            "files": item.files,
        }
        for item in counts_by_code(report.findings)
    ]
    return _text({"schema": STATISTICS_SCHEMA, "codes": codes, "summary": _sum(report)})


def _sum(report: Report) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "artifacts": report.artifacts,
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "notes": report.count(Severity.NOTE),
        "by_code": dict(sorted(Counter(finding.code for finding in report.findings).items())),
    }
    told = {
        "baseline": report.known,
        "stale": report.stale,
        "unchanged": report.unchanged,
        "ignored": report.ignored,
    }
    return summary | {key: value for key, value in told.items() if value}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace").decode()


def _value(finding: Diagnostic) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.word,
        "repository": finding.repository,
        "path": finding.path,
        "line": finding.place.line if finding.place else None,
        "column": finding.place.column if finding.place else None,
        "pointer": finding.pointer,
        "message": finding.message,
        "hint": finding.hint,
    }
