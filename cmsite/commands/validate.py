"""`cmsite validate`: findings about repositories, folders, archives or the sources of a registry.yml."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite import settings
from cmsite.commands.progress_lines import TimedStages, shown_progress
from cmsite.commands.terminal import print_notes
from cmsite.commands.validate_baseline import read_baseline, stale_text, write_baseline
from cmsite.commands.validate_fix import check_fixes, show_fixes, write_fixes
from cmsite.commands.validate_options import ValidateOptions, validate_options
from cmsite.commands.validate_output import write_report
from cmsite.diagnostics import Severity
from cmsite.errors import UsageError

if TYPE_CHECKING:
    from cmsite.pipeline.ingest import Scan
    from cmsite.pipeline.judging import Checked
    from cmsite.progress import Progress
    from cmsite.reporting.baseline import Baseline
    from cmsite.reporting.report import Report

_METAS = ("_cm.yaml", "meta.yaml", "cmr.yaml")  # Endings alone would take them for a registry.yml.


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False, path_type=Path))
@validate_options
def command(paths: tuple[Path, ...], **given: Any) -> None:
    """Check PATHS: folders, zip or tar archives, or registry.yml files.

    Without PATHS the registry.yml of this folder is checked, or else the folder itself. Exits 1 where there are
    findings of the severity of --fail-on or above.
    """
    options = ValidateOptions(**given)
    _check_codes((*options.select, *options.ignore))
    if options.fixes:
        check_fixes(options)
    chosen = (*paths, *options.paths_behind_fix) or (_default(),)
    checked, report, progress = _checked(chosen, options)
    if report is None:
        write_baseline(checked, options)
        return
    if options.diff:
        sys.exit(1 if show_fixes(report, _scans(checked), options) else 0)
    if options.fixes and write_fixes(report, _scans(checked), options):
        checked, report, progress = _checked(chosen, options)
        assert report is not None, "--write-baseline and --fix are not taken together"  # noqa: S101
    write_report(report, _scans(checked), options)
    if report.stale and options.baseline is not None:
        print_notes([stale_text(report.stale, options.baseline)])
    if options.verbose:
        progress.print()
    if any(found.severity >= options.severity for found in report.findings):
        sys.exit(1)


def _checked(
    paths: tuple[Path, ...], options: ValidateOptions
) -> "tuple[tuple[Checked, ...], Report | None, TimedStages]":
    """Validate, and judge what was found; without a report where all findings become the baseline."""
    baseline = read_baseline(options.baseline) if options.baseline is not None else None  # Before the long part.
    with shown_progress(quiet=options.quiet) as shown:
        progress = TimedStages(shown)
        checked = _validate(paths, options, progress)
        report = None if options.write_baseline is not None else _report(checked, options, baseline, progress)
    return checked, report, progress


def _scans(checked: tuple["Checked", ...]) -> "tuple[Scan, ...]":
    return tuple(item.validation.scan for item in checked)


def _default() -> Path:
    path = settings.default_path()
    return path if path.is_file() else Path()


def _validate(paths: tuple[Path, ...], options: ValidateOptions, progress: "Progress") -> tuple["Checked", ...]:
    """Validate registry.yml files one by one, and all other paths together: their repositories may need each other."""
    from cmsite.pipeline.judging import Checked
    from cmsite.pipeline.validate import validate_paths, validate_settings

    required = tuple(settings.source_of_argument(text) for text in options.with_)
    for path in paths:
        if path.name in _METAS:
            raise UsageError(f"{path} is a meta; name the folder of its repository, or an archive, or a registry.yml")
    registries = [path for path in paths if path.suffix in (".yml", ".yaml")]
    others = [path for path in paths if path not in registries]
    found = []
    for path in registries:
        loaded = settings.load(path)
        found.append(
            Checked(
                validation=validate_settings(loaded, required, progress=progress, recalls=options.recalls),
                settings=loaded,
            )
        )
    if others:
        found.append(Checked(validation=validate_paths(others, required, progress=progress, recalls=options.recalls)))
    return tuple(found)


def _check_codes(codes: tuple[str, ...]) -> None:
    from cmsite.pipeline.codes import all_codes

    for code in codes:
        if not any(known.startswith(code) for known in all_codes()):
            raise UsageError(f"no finding has a code that begins with {code!r}; `cmsite rules` lists them")


def _report(
    checked: tuple["Checked", ...], options: ValidateOptions, baseline: "Baseline | None", progress: "Progress"
) -> "Report":
    from cmsite.pipeline.judging import Wishes, judged

    wishes = Wishes(
        wants=options.wants,
        baseline=baseline,
        changed_since=options.changed_since,
        least=Severity.WARNING if options.quiet else Severity.NOTE,
    )
    return judged(checked, wishes, progress)
