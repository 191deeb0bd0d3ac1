"""Findings as workflow commands of GitHub Actions, which become annotations beside the changed lines.

GitHub shows at most 10 errors, 10 warnings and 10 notices of a step, the rest stands in its log: so each message names
its place, and the sum ends the report. Source: GitHub's "Workflow commands for GitHub Actions" and the escaping of
actions/toolkit (`%`, carriage return, line feed; in properties also `:` and `,`).
"""

import re
from collections.abc import Iterator

from cmsite.diagnostics import Diagnostic, Severity
from cmsite.reporting.columns import printable
from cmsite.reporting.report import Report, ReportPath, counts_by_code
from cmsite.reporting.text import summary_text

_COMMAND = re.compile(r"\A((?:\s|\x1b\[[\d;]*m)*)::")  # Styles may be taken out later.
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def report_github(report: Report, path: ReportPath) -> Iterator[str]:
    """Yield one command a finding, and the sum."""
    for finding in report.findings:
        yield _command(finding, path(finding.repository, finding.path), report.title(finding.code))
    yield summary_text(report)


def _command(finding: Diagnostic, path: str, title: str) -> str:
    properties = {"file": path} if path and not path.startswith("/") and "://" not in path else {}
    where = path or finding.repository
    if finding.place is not None:
        properties |= {"line": str(finding.place.line), "col": str(finding.place.column)}
        where += f":{finding.place.line}:{finding.place.column}"
    properties["title"] = f"{finding.code} {title}".rstrip()
    told = ",".join(f"{name}={_property(printable(value))}" for name, value in properties.items())
    lines = [f"{printable(where)}: {printable(finding.message)}", printable(finding.hint)]
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(chr(10).join(line for line in lines if line))}"


def harmless(line: str) -> str:
    """Return a line of text that the log of a workflow takes for no command, whatever a meta says.

    Source: actions/runner, which finds `::` at the beginning of a line, and `##[` anywhere in it.

    >>> harmless("  ::add-mask::x"), harmless("a ##[error]b"), harmless("::")
    ('  : :add-mask::x', 'a ## [error]b', ': :')
    """
    return _COMMAND.sub(r"\1: :", line).replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def step_summary(report: Report) -> str:
    """Return the summary by rule as Markdown, for the page of the workflow; it holds no text of metas."""
    rows = [
        f"| {item.code} | {item.severity.word} | {report.title(item.code)} | {item.findings:,} | {item.files:,} |\n"
        for item in counts_by_code(report.findings)
    ]
    head = "| code | severity | finding | count | files |\n|---|---|---|--:|--:|\n" if rows else ""
    return f"### cmsite validate\n\n{summary_text(report)}\n\n{head}{''.join(rows)}"
