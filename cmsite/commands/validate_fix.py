"""`--fix` and `--diff` of `cmsite validate`: showing what would be mended, asking on a terminal, and writing it."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.commands.terminal import print_notes, printable
from cmsite.commands.validate_options import ValidateOptions
from cmsite.commands.validate_output import is_coloured
from cmsite.errors import UsageError

if TYPE_CHECKING:
    from cmsite.pipeline.fixing import FixPlan
    from cmsite.pipeline.ingest import Scan
    from cmsite.reporting.report import Report

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show_fixes(report: "Report", scans: "tuple[Scan, ...]", options: ValidateOptions) -> bool:
    """Print the diff of what --fix would write; return whether there is anything."""
    from cmsite.pipeline.fixing import diff_lines

    plan = _plan(report, scans, options)
    on_terminal = sys.stdout.isatty()
    for file in plan.files:
        for line in diff_lines(file, Path.cwd()):
            shown = f"{printable(line[:-1])}\n" if on_terminal else line
            click.secho(shown, nl=False, fg=_COLOURS.get(line[0]), color=is_coloured())
    _tell(plan, "would be mended")
    return bool(plan.files)


def write_fixes(report: "Report", scans: "tuple[Scan, ...]", options: ValidateOptions) -> bool:
    """Write what can be mended, after asking on a terminal; return whether anything was written."""
    from cmsite.pipeline.fixing import write_files
    from cmsite.reporting.report import plural

    plan = _plan(report, scans, options)
    if plan.files and not options.yes and sys.stdin.isatty():
        for file in plan.files:
            click.echo(f"{file.path}: {printable(_counted(file.mended))}", err=True)
        click.confirm(f"Write {plural(len(plan.files), 'file')}?", abort=True, err=True)
    write_files(plan)
    _tell(plan, "mended")
    return bool(plan.files)


def check_fixes(options: ValidateOptions) -> frozenset[str]:
    """Return the codes to mend; raises `UsageError` for one that nothing mends, or that is left out."""
    from cmsite.pipeline.fixing import codes_to_fix

    outside = sorted(code for code in options.fixes if code and not options.wants(code))
    if outside:
        raise UsageError(f"--fix {outside[0]}: --select or --ignore leaves these findings out")
    return codes_to_fix(options.fixes)


def _plan(report: "Report", scans: "tuple[Scan, ...]", options: ValidateOptions) -> "FixPlan":
    from cmsite.pipeline.fixing import plan_fixes

    codes = check_fixes(options)
    return plan_fixes(scans, (found for found in report.findings if found.code in codes))


def _tell(plan: "FixPlan", done: str) -> None:
    """Say on standard error what was mended, and why the rest was not."""
    from cmsite.reporting.report import plural

    if plan.files:
        files = plural(len(plan.files), "file")
        count = plural(len(plan.mended), "finding")
        click.echo(f"{count} in {files} {done}: {_counted(plan.mended)}", err=True)
    else:
        click.echo("nothing to mend", err=True)
    print_notes(
        f"{found.code} in {found.path}{f':{found.place.line}' if found.place else ''} stays: {reason}"
        for found, reason in plan.left
    )


def _counted(findings: "tuple[object, ...]") -> str:
    counts = Counter(getattr(found, "code", "") for found in findings)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
