"""Findings as JUnit XML, as Jenkins and GitLab read it: a suite a repository, a case a file.

Files without findings are cases that pass, so that a trend means something. A case fails where a finding is as severe as
--fail-on says; what is less severe stands in its output. No time is stated: equal input, equal bytes.
Source: the JUnit schema of Jenkins (jenkins-junit.xsd); GitLab's "Unit test reports" (it shows one `failure` a case).
"""

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from cmsite.diagnostics import Diagnostic, Severity
from cmsite.reporting.columns import printable
from cmsite.reporting.report import Report, ReportPath, plural

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2 Char.


def report_junit(report: Report, path: ReportPath, fail_on: Severity) -> str:
    """Return the XML document."""
    cases: dict[tuple[str, str], list[Diagnostic]] = {where: [] for where in report.files}
    for finding in report.findings:
        cases.setdefault((finding.repository, finding.path), []).append(finding)
    suites: dict[str, list[str]] = {}
    failed: dict[str, int] = {}
    for (repository, file), findings in sorted(cases.items()):
        failures = [finding for finding in findings if finding.severity >= fail_on]
        failed[repository] = failed.get(repository, 0) + bool(failures)
        case = _case(repository, file, path(repository, file), findings, failures)
        suites.setdefault(repository, []).append(case)
    return "".join(_document(suites, failed))


def _document(suites: dict[str, list[str]], failed: dict[str, int]) -> Iterator[str]:
    tests = sum(len(cases) for cases in suites.values())
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="cmsite validate" tests="{tests}" failures="{sum(failed.values())}" errors="0">\n'
    for repository, cases in suites.items():
        name = _attribute(repository or "registry.yml")
        yield f' <testsuite name={name} tests="{len(cases)}" failures="{failed[repository]}" errors="0" skipped="0">\n'
        yield from cases
        yield " </testsuite>\n"
    yield "</testsuites>\n"


def _case(repository: str, file: str, path: str, findings: Sequence[Diagnostic], failures: Sequence[Diagnostic]) -> str:
    is_inside = bool(path) and not path.startswith("/") and "://" not in path
    name = _attribute((path if is_inside else file) or "(whole source)")
    head = f"  <testcase name={name} classname={_attribute(repository or 'registry.yml')}"
    others = [finding for finding in findings if finding not in failures]
    parts = []
    if failures:
        more = f" (and {plural(len(failures) - 1, 'more finding')})" if len(failures) > 1 else ""
        message = _attribute(f"{failures[0].code} {failures[0].message}{more}")
        parts.append(f"   <failure type={_attribute(failures[0].code)} message={message}>{_text(failures)}</failure>\n")
    if others:
        parts.append(f"   <system-out>{_text(others)}</system-out>\n")
    return f"{head}>\n{''.join(parts)}  </testcase>\n" if parts else f"{head}/>\n"


def _text(findings: Sequence[Diagnostic]) -> str:
    return _legal(escape("\n".join(_line(finding) for finding in findings)))


def _line(finding: Diagnostic) -> str:
    place = f"{finding.place.line}:{finding.place.column} " if finding.place else ""
    hint = f"\n  {printable(finding.hint)}" if finding.hint else ""
    return f"{place}{finding.severity.word} {finding.code} {printable(finding.message)}{hint}"


def _attribute(text: str) -> str:
    return _legal(quoteattr(printable(text)))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
