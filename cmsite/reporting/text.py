"""Findings for a terminal: grouped by file, each with the offending line and a caret.

Colour is the caller's: `style` gets the text and the severity's name. Control characters of foreign text are shown,
never sent to the terminal. Source: DESIGN §5; facts/index.md §4 (92: terminal escapes).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from cmsite.diagnostics import Diagnostic, Severity

SourceLine = Callable[[Diagnostic], str]
Style = Callable[[str, str], str]

MAX_LINE = 110  # Characters of an offending line that are shown.

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def report_text(findings: Iterable[Diagnostic], source_line: SourceLine, style: Style) -> Iterator[str]:
    """Yield the lines of the report without its summary."""
    current = None
    for finding in findings:
        heading = (finding.repository, finding.path)
        if heading != current:
            if current is not None:
                yield ""
            current = heading
            place = f"{finding.repository}: " if finding.repository else ""
            yield style(printable(f"{place}{finding.path or '(whole source)'}"), "heading")
        yield from _lines(finding, source_line, style)


def _lines(finding: Diagnostic, source_line: SourceLine, style: Style) -> Iterator[str]:
    where = f"{finding.place.line}:{finding.place.column}" if finding.place else "-"
    word = style(f"{finding.severity.word:7}", finding.severity.word)
    yield f"  {where:>8} {word} {finding.code} {printable(finding.message)}"
    if finding.place is not None:
        line = source_line(finding)
        start = max(0, finding.place.column - 1 - MAX_LINE // 2)
        shown = line[start : start + MAX_LINE]
        if shown.strip():
            yield style(f"           | {printable(shown)}", "source")
            yield style(f"           | {' ' * (finding.place.column - 1 - start)}^", "source")
    if finding.hint:
        yield style(f"           = {printable(finding.hint)}", "hint")


def summary_text(findings: Iterable[Diagnostic], artifacts: int, left_out: int) -> str:
    """Return the one line that ends a report."""
    counts = Counter(finding.severity for finding in findings)
    parts = [plural(counts[severity], severity.word) for severity in sorted(Severity, reverse=True)]
    unread = f", {plural(left_out, 'artifact')} left out because a meta cannot be read" if left_out else ""
    return f"{plural(artifacts, 'artifact')} checked: {', '.join(parts)}{unread}"


def statistics_text(findings: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield one line a code: count, code, first message."""
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for finding in findings:
        counts[finding.code] += 1
        example.setdefault(finding.code, finding.message)
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:7} {code} {printable(example[code])}"


def printable(text: str) -> str:
    r"""Return text with control and direction characters shown as `\x1b`.

    >>> printable("a\x1b[31m")
    'a\\x1b[31m'
    """
    return _UNSAFE.sub(lambda found: f"\\x{ord(found.group()):02x}", text).replace("\t", " ").replace("\n", " ")


def plural(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> plural(1, "repository"), plural(2_000, "repository"), plural(2, "file")
    ('1 repository', '2,000 repositories', '2 files')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"
