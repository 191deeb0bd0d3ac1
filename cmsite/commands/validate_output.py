"""Writing a report of `cmsite validate`: to standard output or a file, in colour for a terminal only."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.commands.terminal import print_notes, printable
from cmsite.commands.validate_options import ValidateOptions
from cmsite.errors import OutputError
from cmsite.outputs import OutputFile, OutputFolder

if TYPE_CHECKING:
    from cmsite.pipeline.ingest import Scan
    from cmsite.reporting.report import Report

_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "note": "blue",
    "heading": None,
    "hint": "cyan",
    "source": "bright_black",
}


def write_report(report: "Report", scans: "tuple[Scan, ...]", options: ValidateOptions) -> None:
    """Write a report as the options ask; with --output its text goes to standard output besides."""
    if options.format == "text":
        _print_text(report, scans, options)
        if options.output is not None:
            lines = _text(report, scans, options, None)
            content = "".join(f"{click.unstyle(line)}\n" for line in lines).encode("utf-8", "replace")
            _write_output(options.output, content, options)
        return
    from cmsite.pipeline.reports import rendered

    done = rendered(report, options.format, scans, fail_on=options.severity, statistics=options.statistics)
    content = done.text.encode("utf-8", "replace")
    if options.output is None:
        click.echo(content, nl=False)
    else:
        _write_output(options.output, content, options)
        _print_text(report, scans, options)
    print_notes(done.notes)
    if options.format == "github":
        _append_step_summary(report)


def _write_output(path: Path, content: bytes, options: ValidateOptions) -> None:
    is_file = write_file(path, content)
    if is_file and not options.quiet:
        click.echo(f"{printable(str(path))}: {options.format} report written", err=True)


def write_file(path: Path, content: bytes) -> bool:
    """Write a file as a whole, or into what is no regular file: a pipe, /dev/stdout; return whether it is a file."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file to write")
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file()):
        with path.open("ab") as stream:
            stream.write(content)
        return False
    target = path.resolve()
    OutputFolder(target.parent).write_atomically(OutputFile(path=target.name, content=content))
    return True


def is_coloured() -> bool | None:
    """Return whether the environment asks for colour or against it; None: wherever there is a terminal.

    Source: no-color.org and force-color.org; NO_COLOR decides where both are set, as in Python 3.13.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def _print_text(report: "Report", scans: "tuple[Scan, ...]", options: ValidateOptions) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # A terminal may know fewer signs than metas hold.
    in_workflow = bool(os.environ.get("GITHUB_ACTIONS"))
    for line in _text(report, scans, options, width):
        click.echo(_harmless(line) if in_workflow else line, color=is_coloured())


def _harmless(line: str) -> str:
    from cmsite.reporting.github import harmless

    return harmless(line)


def _text(report: "Report", scans: "tuple[Scan, ...]", options: ValidateOptions, width: int | None) -> list[str]:
    from cmsite.pipeline.source_lines import SourceLines
    from cmsite.reporting.text import TextView, report_text, statistics_text, summary_text

    view = TextView(
        style=_style,
        source_line=SourceLines(scans).line,
        width=width,
        folds_notes=options.folds_notes,
        verbose=options.verbose,
    )
    if not options.statistics:
        return list(report_text(report, view))
    counts = list(statistics_text(report, view))
    return [*counts, *([""] if counts else []), summary_text(report)]


def _style(text: str, kind: str) -> str:
    return click.style(text, fg=_COLOURS[kind], bold=True if kind == "heading" else None)


def _append_step_summary(report: "Report") -> None:
    """Add the counts to the page of a workflow, where GitHub names a file for it."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    from cmsite.reporting.github import step_summary

    with Path(named).open("a", encoding="utf-8") as stream:
        stream.write(step_summary(report))
