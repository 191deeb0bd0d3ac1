"""`--baseline` and `--write-baseline` of `cmsite validate`: reading and writing the file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite import __version__
from cmsite.commands.validate_options import ValidateOptions
from cmsite.commands.validate_output import write_file
from cmsite.errors import ConfigurationError

if TYPE_CHECKING:
    from cmsite.pipeline.judging import Checked
    from cmsite.reporting.baseline import Baseline


def read_baseline(path: Path) -> "Baseline":
    """Read a baseline; raises `ConfigurationError` where there is none, or it is damaged."""
    from cmsite.reporting.baseline import MAX_BASELINE_BYTES, parse_baseline

    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{path}: is no regular file; name the file that --write-baseline wrote")
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BASELINE_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: there is no baseline here; write one with --write-baseline {path}, and commit it"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path}: the baseline cannot be read: {error.strerror}") from None
    return parse_baseline(content, str(path))


def write_baseline(checked: tuple["Checked", ...], options: ValidateOptions) -> None:
    """Write the baseline of all findings that the options choose, and say how many they are."""
    from cmsite.reporting.baseline import baseline_of, emit_baseline
    from cmsite.reporting.report import plural

    findings = [found for item in checked for found in item.validation.findings if options.wants(found.code)]
    path = options.write_baseline
    if path is None:
        return
    baseline = baseline_of(findings, __version__)
    write_file(path, emit_baseline(baseline))
    click.echo(f"{path}: {plural(len(findings), 'finding')} written; commit it, and validate with --baseline {path}")


def stale_text(count: int, path: Path) -> str:
    """Return what is said of entries that occur no more."""
    from cmsite.reporting.report import plural

    occur = "occurs" if count == 1 else "occur"
    entries = "1 entry" if count == 1 else plural(count, "entry")
    return f"{entries} of {path} {occur} no more: run again with --write-baseline {path}, so that it shrinks"
