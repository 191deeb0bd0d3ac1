"""The options of `cmsite validate`: declared once, checked against each other, handed on as one value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from cmsite.diagnostics import Severity
from cmsite.errors import UsageError

FORMATS = ("text", "json", "sarif", "github", "junit")
_SEVERITIES = tuple(severity.word for severity in sorted(Severity, reverse=True))
_COUNTED = ("text", "json")  # Formats that know --statistics.
_CODE = re.compile(r"CM[0-9]+\Z", re.IGNORECASE)

Command = TypeVar("Command", bound=Callable[..., Any])


def split_codes(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of an option that may be given several times, each time with several codes between commas."""
    codes = tuple(part.strip().upper() for value in values for part in value.split(","))
    if not all(codes):
        raise click.BadParameter("names no code; write it as CM3 or CM3,CM402")
    return codes


_OPTIONS = (
    click.option("--format", "format_", type=click.Choice(FORMATS), help="How findings are printed.  [default: text]"),
    click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
    click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the format to FILE, and the text to standard output as well.",
    ),
    click.option(
        "--select",
        multiple=True,
        callback=split_codes,
        metavar="CODE",
        help="Report only codes that begin so, such as CM3 or CM3,CM402; may repeat.",
    ),
    click.option(
        "--ignore",
        multiple=True,
        callback=split_codes,
        metavar="CODE",
        help="Leave out codes that begin so; may repeat.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(_SEVERITIES),
        default="error",
        show_default=True,
        help="Exit 1 at findings of this severity or above.",
    ),
    click.option(
        "--with",
        "with_",
        multiple=True,
        metavar="SOURCE",
        help="A repository these build on: read for dependencies only.",
    ),
    click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Report only findings that FILE does not hold.",
    ),
    click.option(
        "--write-baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the findings of today to FILE, for --baseline.",
    ),
    click.option(
        "--changed-since",
        metavar="REV",
        help="Report only what a pull request on REV, such as origin/main, is answerable for: findings in files "
        "changed since, and new ones elsewhere.",
    ),
    click.option(
        "--fix",
        "fix",
        multiple=True,
        is_flag=False,
        flag_value="",
        metavar="[CODE]",
        help="Mend what can be mended without changing what it means, or findings of CODE; may repeat.",
    ),
    click.option("--diff", is_flag=True, help="Show what --fix would write, and write nothing; exits 1 if anything."),
    click.option("--yes", "-y", is_flag=True, help="Write what --fix mends without asking."),
    click.option("--no-cache", is_flag=True, help="Check everything, whatever the last run remembers."),
    click.option("--quiet", "-q", is_flag=True, help="Leave out notes and progress."),
    click.option(
        "--verbose", "-v", is_flag=True, help="Show each note, where each rule comes from, and how long it took."
    ),
    click.option("--statistics", is_flag=True, help="Print counts by code instead of findings."),
)


def validate_options(command: Command) -> Command:
    """Add all options to a command."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions:
    """What was asked for; raises `UsageError` where two wishes contradict each other."""

    format_: str | None
    as_json: bool
    output: Path | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: str
    with_: tuple[str, ...]
    baseline: Path | None
    write_baseline: Path | None
    changed_since: str | None
    fix: tuple[str, ...]
    diff: bool
    yes: bool
    no_cache: bool
    quiet: bool
    verbose: bool
    statistics: bool

    def __post_init__(self) -> None:
        for is_wrong, why in (
            (self.quiet and self.verbose, "--quiet and --verbose contradict each other"),
            (self.as_json and self.format_ not in (None, "json"), f"--json and --format {self.format_}: name one"),
            (
                bool(self.select) and all(code.startswith(self.ignore) for code in self.select),
                "--ignore leaves out everything that --select names: leave out one of them",
            ),
            (
                self.baseline is not None and self.write_baseline is not None,
                "--baseline reads a file and --write-baseline writes one: name one of them",
            ),
            (
                self.write_baseline is not None and self.changed_since is not None,
                "--write-baseline needs all findings: leave out --changed-since",
            ),
            (
                bool(self.fixes) and self.write_baseline is not None,
                "--fix mends findings and --write-baseline keeps them: do one after the other",
            ),
            (self.yes and not self.fix, "--yes answers what --fix asks: name --fix too"),
            (self.diff and self.format != "text", f"--diff prints a diff, not {self.format}: leave one of them out"),
            (
                self.statistics and self.format not in _COUNTED,
                f"--statistics counts in {' and '.join(_COUNTED)}, not in {self.format}",
            ),
            (
                self.output is not None and self.format == "github",
                "--format github speaks to the log of a workflow: leave out --output, or write another format",
            ),
        ):
            if is_wrong:
                raise UsageError(why)

    @property
    def format(self) -> str:
        """Return the format that was asked for."""
        return "json" if self.as_json else self.format_ or "text"

    @property
    def recalls(self) -> bool:
        """Return whether the findings of the last run will do; what writes or compares files needs all of them."""
        return not (self.no_cache or self.fixes or self.diff or self.changed_since is not None)

    @property
    def fixes(self) -> tuple[str, ...]:
        """Return the codes to mend, "" for all that are safe; nothing where nobody asked.

        A value of `--fix` that is no code is a path, of which `paths_behind_fix` tells.
        """
        codes = tuple(code.upper() for code in self.fix if not code or _CODE.match(code))
        return codes or (("",) if self.fix or self.diff else ())

    @property
    def paths_behind_fix(self) -> tuple[Path, ...]:
        """Return paths that stand behind `--fix`, where a code may stand: `validate --fix mine`."""
        return tuple(Path(value) for value in self.fix if value and not _CODE.match(value))

    @property
    def severity(self) -> Severity:
        """Return the severity from which on the command fails."""
        return Severity[self.fail_on.upper()]

    @property
    def folds_notes(self) -> bool:
        """Return whether notes are summed up by code: nobody asked for them."""
        return not self.verbose and not self.select and self.severity is not Severity.NOTE

    def wants(self, code: str) -> bool:
        """Return whether findings of a code are reported."""
        return (not self.select or code.startswith(self.select)) and not (self.ignore and code.startswith(self.ignore))
