"""What a kind of finding means, for a terminal and as JSON: why, what to do, a bad example with its report, a good one.

Colour is the caller's: `style` gets the text and what it is (a severity, "heading", "path", "source", "hint").
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cmsite.diagnostics import FindingCode, Fix
from cmsite.reporting.text import printable
from cmsite.validation.examples import Example, ExampleFile
from cmsite.validation.rule_pages import rule_page

Style = Callable[[str, str], str]

WIDTH = 100  # Characters of a line of prose, where the terminal has as many.
MAX_SHOWN_LINES = 40  # Of one file of an example.


def fix_words(rule: FindingCode) -> str:
    """Return whether and how `cmsite validate` mends the finding."""
    match rule.fix:
        case Fix.SAFE:
            return "`cmsite validate --fix` mends it"
        case Fix.ASKED:
            return f"`cmsite validate --fix {rule.code}` mends it; it is asked for by name, since it changes behaviour"
        case Fix.NONE:
            return "to be mended by hand"


def command_of(example: Example) -> str:
    """Return the command that gives the report of an example."""
    words = ["cmsite", example.command]
    if example.command == "validate":
        words += ["--select", example.code]
    return " ".join([*words, *example.arguments])


def explanation_lines(rule: FindingCode, example: Example | None, style: Style, width: int = WIDTH) -> Iterator[str]:
    """Yield the explanation of one kind of finding."""
    yield f"{style(f'{rule.code} {rule.title}', 'heading')} ({style(rule.severity.word, rule.severity.word)})"
    yield from _prose(f"{fix_words(rule).capitalize()}.", width)
    yield ""
    yield from _prose(rule.advice, width)
    if example is not None:
        yield from ("", style("Bad", "heading"))
        yield from _files(example.bad, style)
        yield from ("", style(f"$ {command_of(example)}", "heading"))
        yield from (f"  {printable(line)}".rstrip() for line in example.expected.splitlines())
        yield from ("", style("Good", "heading"))
        yield from _files(example.good, style)
    yield from ("", style("Source", "heading"))
    yield from (f"  {part}" for part in sources_of(rule))
    yield from ("", style(rule_page(rule.code), "source"))


def sources_of(rule: FindingCode) -> tuple[str, ...]:
    """Return the sources of a rule one by one."""
    return tuple(part for part in rule.source.split("; ") if part)


def explanation_value(rule: FindingCode, family: str, example: Example | None) -> dict[str, Any]:
    """Return the same as a value for JSON."""
    value = rule_value(rule, family)
    if example is not None:
        value |= {
            "bad": [_value(file) for file in example.bad],
            "command": command_of(example),
            "report": example.expected.rstrip("\n"),
            "good": [_value(file) for file in example.good],
        }
    return value


def rule_value(rule: FindingCode, family: str) -> dict[str, Any]:
    """Return what is known of a rule without its example; `fix` is none, safe or asked."""
    return {
        "code": rule.code,
        "severity": rule.severity.word,
        "title": rule.title,
        "advice": rule.advice,
        "family": family,
        "fix": rule.fix.value,
        "source": list(sources_of(rule)),
        "page": rule_page(rule.code),
    }


def rule_lines(
    rules: Iterable[FindingCode], family_of: Callable[[str], str], families: dict[str, str], style: Style
) -> Iterator[str]:
    """Yield a line for each rule, under the names of the families."""
    current = ""
    for rule in rules:
        family = family_of(rule.code)
        if family != current:
            if current:
                yield ""
            current = family
            yield style(f"{family} {families[family]}", "heading")
        word = style(f"{rule.severity.word:7}", rule.severity.word)
        mended = {Fix.NONE: "", Fix.SAFE: " [--fix]", Fix.ASKED: f" [--fix {rule.code}]"}[rule.fix]
        yield f"  {rule.code} {word} {rule.title}{style(mended, 'hint') if mended else ''}"


def shown_lines(file: ExampleFile) -> tuple[str, ...]:
    """Return the lines of a file of an example as a reader sees them; a long file is cut."""
    lines = tuple(printable(line) for line in file.shown.splitlines())
    if len(lines) > MAX_SHOWN_LINES:
        return (*lines[:MAX_SHOWN_LINES], f"… {len(lines) - MAX_SHOWN_LINES:,} more lines")
    return lines


def _files(files: Iterable[ExampleFile], style: Style) -> Iterator[str]:
    for file in files:
        remark = f" ({file.remark})" if file.remark else ""
        yield f"  {style(printable(file.path), 'path')}{remark}"
        yield from (f"    {line}".rstrip() for line in shown_lines(file))


def _prose(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _value(file: ExampleFile) -> dict[str, str]:
    return {"path": file.path, "kind": file.kind.value, "content": file.shown, "remark": file.remark}
