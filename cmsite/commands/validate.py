"""`cmsite validate`: findings about repositories, folders, archives or the sources of a registry.yml."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite import settings
from cmsite.commands.progress_lines import shown_progress
from cmsite.diagnostics import Diagnostic, Severity
from cmsite.errors import UsageError

if TYPE_CHECKING:
    from cmsite.pipeline.validate import Validation

_METAS = ("_cm.yaml", "meta.yaml", "cmr.yaml")  # Endings alone would take them for a registry.yml.
_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "note": "blue",
    "heading": None,
    "hint": "cyan",
    "source": "bright_black",
}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How findings are printed."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--select", multiple=True, metavar="CODE", help="Report only codes that begin so, such as CM3; may repeat."
)
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave out codes that begin so; may repeat.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    show_default=True,
    help="Exit 1 at findings of this severity or above.",
)
@click.option(
    "--with", "with_", multiple=True, metavar="SOURCE", help="A repository these build on: read for dependencies only."
)
@click.option("--quiet", "-q", is_flag=True, help="Leave out notes and progress.")
@click.option("--statistics", is_flag=True, help="Print counts by code instead of findings.")
def command(
    paths: tuple[Path, ...],
    format_: str,
    as_json: bool,  # noqa: FBT001
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    with_: tuple[str, ...],
    quiet: bool,  # noqa: FBT001
    statistics: bool,  # noqa: FBT001
) -> None:
    """Check PATHS: folders, zip or tar archives, or registry.yml files.

    Without PATHS the registry.yml of this folder is checked, or else the folder itself. Exits 1 where there are
    findings of the severity of --fail-on or above.
    """
    _check_codes((*select, *ignore))
    validations = _validate(paths or (_default(),), with_, quiet=quiet)
    findings = [
        found for validation in validations for found in validation.findings if _is_wanted(found, select, ignore)
    ]
    if quiet:
        findings = [found for found in findings if found.severity > Severity.NOTE]
    artifacts = sum(validation.artifacts for validation in validations)
    if as_json or format_ == "json":
        from cmsite.reporting.json import report_json

        click.echo(report_json(findings, artifacts))
    else:
        _print(findings, validations, artifacts, statistics=statistics)
    if any(found.severity >= Severity[fail_on.upper()] for found in findings):
        sys.exit(1)


def _default() -> Path:
    path = settings.default_path()
    return path if path.is_file() else Path()


def _validate(paths: tuple[Path, ...], with_: tuple[str, ...], *, quiet: bool) -> list["Validation"]:
    """Validate registry.yml files one by one, and all other paths together: their repositories may need each other."""
    from cmsite.pipeline.validate import validate_paths, validate_settings

    required = tuple(settings.source_of_argument(text) for text in with_)
    for path in paths:
        if path.name in _METAS:
            raise UsageError(f"{path} is a meta; name the folder of its repository, or an archive, or a registry.yml")
    registries = [path for path in paths if path.suffix in (".yml", ".yaml")]
    others = [path for path in paths if path not in registries]
    with shown_progress(quiet=quiet) as progress:
        found = [validate_settings(settings.load(path), required, progress=progress) for path in registries]
        if others:
            found.append(validate_paths(others, required, progress=progress))
    return found


def _check_codes(codes: tuple[str, ...]) -> None:
    from cmsite.pipeline.codes import all_codes

    for code in codes:
        if not any(known.startswith(code) for known in all_codes()):
            raise UsageError(f"no finding has a code that begins with {code!r}; `cmsite rules` lists them")


def _is_wanted(found: Diagnostic, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    return (not select or found.code.startswith(select)) and not (ignore and found.code.startswith(ignore))


def _print(findings: list[Diagnostic], validations: list["Validation"], artifacts: int, *, statistics: bool) -> None:
    from cmsite.pipeline.source_lines import SourceLines
    from cmsite.reporting.text import report_text, statistics_text, summary_text

    lines = SourceLines(validation.scan for validation in validations)
    report = statistics_text(findings) if statistics else report_text(findings, lines.line, _style)
    for line in report:
        click.echo(line)
    if findings:
        click.echo()
    click.echo(summary_text(findings, artifacts, sum(validation.left_out for validation in validations)))


def _style(text: str, kind: str) -> str:
    return click.style(text, fg=_COLOURS[kind], bold=kind == "heading")
