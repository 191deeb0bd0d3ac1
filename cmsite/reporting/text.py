"""Findings for a terminal: grouped by file, each with the offending line and a caret, and a summary by rule.

Colour is the caller's: `style` gets the text and what it is. Control characters of foreign text are shown, never sent
to the terminal. Source: DESIGN §5; facts/index.md §4 (92: terminal escapes).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cmsite.diagnostics import Diagnostic, Severity
from cmsite.reporting.columns import broken, excerpt, printable
from cmsite.reporting.report import Report, SourceLine, counts_by_code, plural

__all__ = [
    "Style",
    "TextView",
    "findings_text",
    "plural",
    "printable",
    "report_text",
    "statistics_text",
    "summary_text",
]

Style = Callable[[str, str], str]

MAX_LINE = 110  # Columns of an offending line where no terminal is narrower.
MIN_LINE = 20  # Columns of it on the narrowest terminal.
SUMMARY_FROM = 11  # Findings from which a summary by rule helps.
_BAR = "           "  # As wide as a place, so that bars stand in one column.


def _plain(text: str, _: str) -> str:
    return text


def _no_line(_: Diagnostic) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """How a report is shown.

    `width` are the columns of the terminal, None where lines need not be broken; `folds_notes` sums notes up by code;
    `verbose` adds to the summary where each rule comes from.
    """

    style: Style = _plain
    source_line: SourceLine = _no_line
    width: int | None = None
    folds_notes: bool = False
    verbose: bool = False


def report_text(report: Report, view: TextView) -> Iterator[str]:
    """Yield the lines of the report: findings by file, a summary by rule where it helps, and the sum."""
    is_empty = True
    for line in findings_text(report, view):
        is_empty = False
        yield line
    if not is_empty:
        yield ""
    folded = report.count(Severity.NOTE) if view.folds_notes else 0
    if folded or len(report.findings) >= SUMMARY_FROM or (view.verbose and not is_empty):
        yield from statistics_text(report, view)
        if folded:
            yield view.style(f"        {plural(folded, 'note')} not shown: --verbose shows them", "hint")
        yield ""
    yield from broken(summary_text(report), view.width, 0, "  ")


def findings_text(report: Report, view: TextView) -> Iterator[str]:
    """Yield the lines of the findings that are shown, under a heading for each file."""
    current = None
    for finding in report.findings:
        if view.folds_notes and finding.severity is Severity.NOTE:
            continue
        heading = (finding.repository, finding.path)
        if heading != current:
            if current is not None:
                yield ""
            current = heading
            place = f"{finding.repository}: " if finding.repository else ""
            yield view.style(printable(f"{place}{finding.path or '(whole source)'}"), "heading")
        yield from _lines(finding, view)


def _lines(finding: Diagnostic, view: TextView) -> Iterator[str]:
    where = f"{finding.place.line}:{finding.place.column}" if finding.place else "-"
    word = view.style(f"{finding.severity.word:7}", finding.severity.word)
    head = f"  {where:>8} {word} {finding.code} "
    message = broken(printable(finding.message), view.width, 20 + len(finding.code), f"{_BAR}  ")
    yield f"{head}{next(message)}"
    yield from message
    if finding.place is not None:
        most = max(MIN_LINE, min(MAX_LINE, (view.width or MAX_LINE * 2) - len(_BAR) - 2))
        shown, before = excerpt(view.source_line(finding), finding.place.column, most)
        if shown.strip():
            yield view.style(f"{_BAR}| {shown.rstrip()}", "source")
            yield view.style(f"{_BAR}| {' ' * before}^", "source")
    if finding.hint:
        yield from _remark(finding.hint, "hint", view)


def _remark(text: str, kind: str, view: TextView) -> Iterator[str]:
    for number, line in enumerate(broken(printable(text), view.width, len(_BAR) + 2, f"{_BAR}  ")):
        yield view.style(line if number else f"{_BAR}= {line}", kind)


def summary_text(report: Report) -> str:
    """Return the one line that ends a report."""
    parts = [plural(report.count(severity), severity.word) for severity in sorted(Severity, reverse=True)]
    if report.known:
        parts.append(f"{report.known:,} in the baseline")
    if report.unchanged:
        parts.append(f"{report.unchanged:,} older")
    if report.ignored:
        parts.append(f"{report.ignored:,} ignored")
    left_out = report.left_out
    unread = f", {plural(left_out, 'artifact')} left out because a meta cannot be read" if left_out else ""
    return f"{plural(report.artifacts, 'artifact')} checked: {', '.join(parts)}{unread}"


def statistics_text(report: Report, view: TextView) -> Iterator[str]:
    """Yield a line for each code: count, severity, code, title and in how many files; the gravest first.

    Where the view is verbose, the source of the rule follows.
    """
    for item in counts_by_code(report.findings):
        word = view.style(f"{item.severity.word:7}", item.severity.word)
        title = f"{printable(report.title(item.code))} ({plural(item.files, 'file')})"
        told = broken(title, view.width, 17 + len(item.code), " " * (17 + len(item.code)))
        yield f"{item.findings:7,} {word} {item.code} {next(told)}"
        yield from told
        if view.verbose and item.code in report.codes and report.codes[item.code].source:
            yield from _remark(f"source: {report.codes[item.code].source}", "source", view)
