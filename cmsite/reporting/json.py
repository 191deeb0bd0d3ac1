"""Findings as one JSON document, `cmsite-findings/1`. Source: CONTRACT §13."""

import json
from collections import Counter
from collections.abc import Iterable

from cmsite.diagnostics import Diagnostic, Severity

SCHEMA = "cmsite-findings/1"


def report_json(findings: Iterable[Diagnostic], artifacts: int) -> str:
    """Return the document; `line` and `column` are null where a finding is about a whole file or folder."""
    listed = tuple(findings)
    severities = Counter(finding.severity for finding in listed)
    document = {
        "schema": SCHEMA,
        "findings": [_value(finding) for finding in listed],
        "summary": {
            "artifacts": artifacts,
            "errors": severities[Severity.ERROR],
            "warnings": severities[Severity.WARNING],
            "notes": severities[Severity.NOTE],
            "by_code": dict(sorted(Counter(finding.code for finding in listed).items())),
        },
    }
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
