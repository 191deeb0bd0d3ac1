"""Findings as SARIF 2.1.0, the format of code scanning: one run with all rules, places in UTF-16 code units.

Addresses of files are relative to `%SRCROOT%`, the root of the checkout; fingerprints stay when lines move. GitHub takes
at most 25,000 results and 10 MB compressed: what is over is left out, the least severe first, and a notification says so.
Source: SARIF 2.1.0 (OASIS) §3.14 run, §3.27 result, §3.29-30 locations and regions; GitHub's "SARIF support for code
scanning" (limits, `primaryLocationLineHash`).
"""

import json
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cmsite.diagnostics import Diagnostic, FindingCode, Severity
from cmsite.reporting.columns import printable
from cmsite.reporting.fingerprints import fingerprints
from cmsite.reporting.report import Report, ReportPath, SourceLine, plural

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000  # GitHub refuses a run with more.
MAX_COMPRESSED_BYTES = 10_000_000  # GitHub refuses a larger upload, compressed by gzip.
ROOT = "%SRCROOT%"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_SAFE = "/-._~!$&'()*+;=@,"  # Of RFC 3986 pchar; `:` is not, since it would make the first name a scheme.
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s,\[\]{}:#]+(?::[^\s,\[\]{}]+)*")
_LINK = re.compile(r"\](?=\()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The git repository a report is about: its public address, commit and branch; "" where unknown."""

    address: str = ""
    commit: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifView:
    """What a report needs to know of its surroundings.

    `home` is the address of the documentation, "" while there is none; `rule_page` returns where a code is explained,
    used only if it is an address.
    """

    version: str
    path: ReportPath
    source_line: SourceLine
    rule_page: Callable[[str], str]
    home: str = ""
    checkout: Checkout = Checkout()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sarif:
    """The file, and how many findings did not fit into it."""

    text: str
    left_out: int


def report_sarif(report: Report, view: SarifView) -> Sarif:
    """Return the SARIF file of a report, within the limits of GitHub."""
    codes = sorted({*report.codes, *(finding.code for finding in report.findings)})
    index = {code: number for number, code in enumerate(codes)}
    marks = tuple(fingerprints(report.findings))
    results = [
        _dump(_result(finding, mark, index[finding.code], view))
        for finding, mark in zip(report.findings, marks, strict=True)
    ]
    rules = [_rule(code, report.codes.get(code), view) for code in codes]
    most = min(len(results), MAX_RESULTS)
    while True:
        kept = _gravest(report.findings, most)
        text = _document(report, view, rules, [results[number] for number in kept])
        if most == 0 or len(text) <= MAX_COMPRESSED_BYTES or _compressed_bytes(text) <= MAX_COMPRESSED_BYTES:
            return Sarif(text=text, left_out=len(results) - most)
        most = most * 3 // 4


def _gravest(findings: Sequence[Diagnostic], most: int) -> list[int]:
    """Return the numbers of the gravest findings, in the order of the report."""
    by_severity = sorted(range(len(findings)), key=lambda number: -findings[number].severity)
    return sorted(by_severity[:most])


def _compressed_bytes(text: str) -> int:
    return len(zlib.compress(text.encode("utf-8", "replace"), 6))


def _document(report: Report, view: SarifView, rules: list[dict[str, Any]], results: list[str]) -> str:
    """Return the file with one line a result; the driver and the rest of the run stand before them."""
    driver: dict[str, Any] = {
        "name": "cmsite",
        "fullName": f"cmsite {view.version}",
        "version": view.version,
        "semanticVersion": view.version,
        "rules": rules,
    }
    if view.home:
        driver["informationUri"] = view.home
    run: dict[str, Any] = {"tool": {"driver": driver}}
    run["invocations"] = [_invocation(report, len(report.findings) - len(results))]
    run["originalUriBaseIds"] = {ROOT: {"description": {"text": "The root of the checkout."}}}
    if view.checkout.address:
        run["versionControlProvenance"] = [_provenance(view.checkout)]
    run["columnKind"] = "utf16CodeUnits"
    lines = ",\n".join(f"   {_dump(key)}: {_dump(value)}" for key, value in run.items())
    listed = "".join(f"\n    {result}," for result in results).removesuffix(",")
    return (
        f'{{\n "$schema": "{SCHEMA}",\n "version": "2.1.0",\n "runs": [\n  {{\n{lines},\n'
        f'   "results": [{listed}\n   ]\n  }}\n ]\n}}\n'
    )


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    told = []
    if left_out:
        told.append(
            f"{left_out:,} of {plural(len(report.findings), 'finding')} are left out, the least severe first: code "
            f"scanning takes {MAX_RESULTS:,} results and {MAX_COMPRESSED_BYTES:,} bytes compressed"
        )
    if report.known:
        told.append(f"{plural(report.known, 'finding')} of the baseline left out")
    if report.unchanged:
        told.append(f"{plural(report.unchanged, 'finding')} left out that are older than the revision compared with")
    if report.ignored:
        told.append(f"{plural(report.ignored, 'finding')} left out that registry.yml ignores with a reason")
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if told:
        invocation["toolExecutionNotifications"] = [
            {"level": "warning" if left_out and not number else "note", "message": {"text": f"{text}."}}
            for number, text in enumerate(told)
        ]
    return invocation


def _provenance(checkout: Checkout) -> dict[str, Any]:
    found = {"repositoryUri": checkout.address, "revisionId": checkout.commit, "branch": checkout.branch}
    return {**{key: value for key, value in found.items() if value}, "mappedTo": {"uriBaseId": ROOT}}


def _rule(code: str, known: FindingCode | None, view: SarifView) -> dict[str, Any]:
    if known is None:
        return {"id": code}
    page = view.rule_page(code)
    source = f"\n\nSource: {known.source}" if known.source else ""
    told = f"{known.advice}\n\n`cmsite explain {code}` shows a bad and a good example.{source}"
    rule: dict[str, Any] = {
        "id": code,
        "name": "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", known.title)),
        "shortDescription": {"text": _sentence(known.title)},
        "fullDescription": {"text": known.advice},
        "help": {"text": told.replace("`", ""), "markdown": told},
        "defaultConfiguration": {"level": _LEVELS[known.severity]},
        "properties": {"tags": ["collective-mind"], "problem.severity": _PROBLEMS[known.severity]},
    }
    if page.startswith("https://"):
        rule["helpUri"] = page
    return rule


def _sentence(title: str) -> str:
    return f"{title[:1].upper()}{title[1:]}."


def _result(finding: Diagnostic, mark: str, rule: int, view: SarifView) -> dict[str, Any]:
    text = f"{finding.message}; {finding.hint}" if finding.hint else finding.message
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(view.path(finding.repository, finding.path)),
            "region": _region(finding, view),
        }
    }
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": printable(finding.pointer), "kind": "member"}]
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _LINK.sub("] ", printable(text))},
        "locations": [location],
        "partialFingerprints": {"cmsiteFinding/v1": mark, "primaryLocationLineHash": mark},
    }


def _artifact(path: str) -> dict[str, Any]:
    if "://" in path:
        return {"uri": quote(path, safe=f"{_SAFE}:?%#")}
    if path.startswith("/"):
        return {"uri": f"file://{quote(path, safe=_SAFE)}"}
    return {"uri": quote(path, safe=_SAFE), "uriBaseId": ROOT}


def _region(finding: Diagnostic, view: SarifView) -> dict[str, int]:
    """Return the value at the place; a finding about a whole file stands at its first line, as GitHub needs a line."""
    if finding.place is None:
        return {"startLine": 1}
    line = view.source_line(finding)
    start = finding.place.column
    if start > len(line) + 1:
        return {"startLine": finding.place.line}
    end = value_end(line, start)
    return {
        "startLine": finding.place.line,
        "startColumn": _utf16(line[: start - 1]) + 1,
        "endColumn": _utf16(line[: end - 1]) + 1,
    }


def value_end(line: str, column: int) -> int:
    """Return the column behind the key or value that begins at a column (from 1), at least one behind it.

    >>> value_end("alias: b", 1), value_end("tags: ['a, b', c]", 8), value_end("- 2024", 3)
    (6, 14, 7)
    """
    found = _TOKEN.match(line, column - 1)
    return found.end() + 1 if found else min(column, len(line)) + 1


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
