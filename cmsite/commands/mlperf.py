"""`cmsite mlperf`: the results of a submission tree, compared before they are public."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.errors import UsageError

if TYPE_CHECKING:
    from cmsite.results.mlperf.allowances import Allowance
    from cmsite.results.mlperf.comparing import Comparison
    from cmsite.results.mlperf.reading import Reading

# Names of `cmsite.results.presets.PRESETS`; here so that --help imports nothing.
PRESETS = ("mlperf-performance", "mlperf-accuracy-99", "mlperf-accuracy-99.9", "pets-2026", "ck-replay")
_ROUND = re.compile(r"v?\d{1,2}\.\d{1,2}")
_ALIAS = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


@click.command()
@click.argument("tree", metavar="TREE", type=click.Path(path_type=Path))
@click.option(
    "--compare", "other", type=click.Path(path_type=Path), metavar="OTHER", help="Compare with these results."
)
@click.option(
    "--preset", type=click.Choice(PRESETS), default=PRESETS[0], show_default=True, help="How far results may differ."
)
@click.option("--round", "round_", default="", metavar="v5.0", help="The round of TREE, where its logs do not say it.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "csv"]), default="text", help="How it is printed."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write an experiment artifact into this CM repository.",
)
@click.option("--alias", default="", metavar="NAME", help="Its name; by default made of round and submitter.")
@click.option("--force", is_flag=True, help="Write over the artifact of that name, which keeps its uid.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    show_default=True,
    help="Exit 1 at findings of this severity or above.",
)
@click.option("--fail-outside", is_flag=True, help="Exit 1 where a result is outside the preset on the worse side.")
@click.option("--quiet", "-q", is_flag=True, help="Leave out notes.")
def command(
    tree: Path,
    other: Path | None,
    preset: str,
    round_: str,
    format_: str,
    as_json: bool,  # noqa: FBT001
    into: Path | None,
    alias: str,
    force: bool,  # noqa: FBT001
    fail_on: str,
    fail_outside: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
) -> None:
    """Show the results of an MLPerf inference submission TREE, and compare them before they are public.

    TREE and OTHER are each a submission tree or a repository of results (a folder or an archive), a
    summary_results.json, a summary.csv of MLPerf's checker, or a CM repository of experiments. Rows are compared
    within comparable groups only.
    """
    from cmsite.pipeline.mlperf import read_results
    from cmsite.results.mlperf import allowances
    from cmsite.results.mlperf.comparing import compare

    allowance = allowances.ALLOWANCES[preset]
    _check(round_, alias, other, fail_outside=fail_outside)
    if into is None and (alias or force):
        raise UsageError("--alias and --force need --into: they are about the artifact that is written")
    reading = read_results(tree, round_)
    theirs = read_results(other) if other is not None else None
    compared = compare(reading.rows, theirs.rows, allowance) if theirs is not None else None
    if into is not None:
        _write(reading, into, alias, force=force)
    _print_findings((reading, theirs), quiet=quiet)
    _print(reading, compared, str(other), allowance, "json" if as_json else format_)
    if _fails(reading, fail_on) or (
        fail_outside and any(item.outcome.value == "outside, worse" for item in compared or ())
    ):
        sys.exit(1)


def _check(round_: str, alias: str, other: Path | None, *, fail_outside: bool) -> None:
    if round_ and _ROUND.fullmatch(round_) is None:
        raise UsageError(f"--round must be a round of MLPerf inference such as v5.0, got {round_!r}")
    if alias and _ALIAS.fullmatch(alias) is None:
        raise UsageError(f"--alias must be 1 to 80 of a-z, 0-9, '.', '_' and '-', got {alias!r}")
    if fail_outside and other is None:
        raise UsageError("--fail-outside needs --compare")


def _print(
    reading: "Reading", compared: "tuple[Comparison, ...] | None", other: str, preset: "Allowance", format_: str
) -> None:
    from cmsite.reporting.text import printable
    from cmsite.results.mlperf import exports, wording

    if format_ == "json":
        click.echo(exports.emit_json(reading, compared, other=other, preset=preset), nl=False)
    elif format_ == "csv":
        click.echo(
            exports.emit_csv(reading.rows) if compared is None else exports.emit_comparisons_csv(compared, preset),
            nl=False,
        )
    else:
        lines = list(wording.row_lines(reading.rows))
        if compared is not None:
            lines += ["", *wording.comparison_lines(compared, other, preset)]
        shown = (*reading.rows, *(item.other for item in compared or () if item.other is not None))
        for line in (*lines, "", *wording.ending(shown)):
            click.echo(printable(line))


def _print_findings(readings: "Iterable[Reading | None]", *, quiet: bool) -> None:
    from cmsite.diagnostics import Severity
    from cmsite.reporting.text import printable

    for reading in readings:
        for item in reading.findings if reading is not None else ():
            if quiet and item.severity is Severity.NOTE:
                continue
            line = f":{item.place.line}" if item.place else ""
            hint = f"; {item.hint}" if item.hint else ""
            where = f"{item.path}{line}" if item.path else item.repository
            click.echo(printable(f"{where}: {item.severity.word} {item.code} {item.message}{hint}"), err=True)


def _fails(reading: "Reading", fail_on: str) -> bool:
    from cmsite.diagnostics import Severity

    return any(item.severity >= Severity[fail_on.upper()] for item in reading.findings)


def _write(reading: "Reading", into: Path, alias: str, *, force: bool) -> None:
    """Write the rows as an artifact, and say where."""
    from uuid import uuid4

    from cmsite.model.names import UID_LENGTH
    from cmsite.pipeline.mlperf_experiment import write_experiment

    written = write_experiment(reading.rows, into, alias=alias, force=force, draw_uid=lambda: uuid4().hex[:UID_LENGTH])
    click.echo(f"{written}: {len(reading.rows):,} rows; `cmsite validate {into}` checks them", err=True)
