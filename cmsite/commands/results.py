"""`cmsite results [PATH] [REF]`: claims, reproduced values and verdicts, as the pages show them."""

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.errors import UsageError

if TYPE_CHECKING:
    from cmsite.model.results import Verdict
    from cmsite.pipeline.results import JudgedSources
    from cmsite.results.table import ClaimRow

_METAS = ("_cm.yaml", "_cm.json", "meta.yaml", "meta.json", "cmr.yaml")  # Their endings say registry.yml.
_COLOURS = {"good": "green", "bad": "red", "unsure": "yellow", "heading": None, "source": "bright_black"}
_TOLD = 5  # Rows that a failing --fail-on names.


@click.command()
@click.argument("names", nargs=-1, metavar="[PATH] [REF]")
@click.option(
    "--config", type=click.Path(path_type=Path), default=None, help="The registry.yml whose sources are judged."
)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "csv"]), default="text", help="How results are printed."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="VERDICT,...",
    help="Exit 1 where a result has one of these verdicts, such as not-reproduced,failed-to-run.",
)
@click.option("--drafts", is_flag=True, help="Show records under embargo too.")
def command(
    names: tuple[str, ...],
    config: Path | None,
    format_: str,
    as_json: bool,  # noqa: FBT001
    fail_on: tuple[str, ...],
    drafts: bool,  # noqa: FBT001
) -> None:
    """Print what papers claim, what was reproduced, and the verdicts.

    Without PATH, a folder, archive or registry.yml, the registry.yml of this folder is read, or else the folder
    itself. REF narrows to a paper, a reproduction, or the artifact that was reproduced. Records that were superseded
    are shown and do not fail.
    """
    failing = _verdicts(fail_on)
    path, reference = _arguments(names)
    if path is not None and config is not None:
        raise UsageError(f"{path} and --config {config} name two things to read; leave out one")
    if path is not None and path.name in _METAS:
        raise UsageError(f"{path} is a meta; name the folder in which paper/ and reproduction/ lie")
    if config is not None and config.is_dir():
        raise UsageError(f"--config takes a registry.yml; write `cmsite results {config}` for a folder")
    judged = _read(path or config, is_registry=config is not None, drafts=drafts)
    from cmsite.commands.terminal import print_notes
    from cmsite.results.selection import rows_of_reference

    print_notes(judged.notes)
    rows = (
        judged.rows
        if reference is None
        else rows_of_reference(reference, judged.rows, judged.papers, judged.reproductions)
    )
    silent = sum(not paper.claims for paper in judged.papers) if reference is None else 0
    _print(rows, "json" if as_json else format_, silent)
    _fail_on(rows, failing)


def _verdicts(words: tuple[str, ...]) -> frozenset["Verdict"]:
    """Return the verdicts that words with hyphens name."""
    from cmsite.model.results import Verdict

    known = {verdict.value.replace(" ", "-"): verdict for verdict in Verdict}
    named = [word.strip().lower() for text in words for word in text.split(",")]
    for word in named:
        if word not in known:
            near = difflib.get_close_matches(word.replace(" ", "-")[:100], known, n=1, cutoff=0.5)
            meant = f"did you mean '{near[0]}'?" if near else f"the verdicts are {', '.join(known)}"
            raise UsageError(f"--fail-on: {word[:100]!r} is no verdict; {meant}")
    return frozenset(known[word] for word in named)


def _arguments(names: tuple[str, ...]) -> tuple[Path | None, str | None]:
    """Tell the path from the reference: a path is something that exists, or is written like one."""
    paths = [name for name in names if "://" not in name and _is_path(name)]
    references = [name for name in names if name not in paths]
    if len(paths) > 1 or len(references) > 1:
        kind, found = ("path", paths) if len(paths) > 1 else ("reference", references)
        raise UsageError(f"one {kind} at a time, got {' and '.join(found)}; --help shows the arguments")
    return (Path(paths[0]) if paths else None), (references[0] if references else None)


def _is_path(name: str) -> bool:
    if not name.strip():
        return False
    if name.startswith((".", "/")) or name.endswith(("/", "\\")):
        return True
    try:
        return Path(name).exists()
    except OSError:  # Longer than any name of a file.
        return False


def _read(path: Path | None, *, is_registry: bool, drafts: bool) -> "JudgedSources":
    from cmsite import settings
    from cmsite.pipeline.results import results_of_path, results_of_settings

    if path is None:
        default = settings.default_path()
        path, is_registry = (default, True) if default.is_file() else (Path(), False)
    if is_registry or (path.is_file() and path.suffix in (".yml", ".yaml")):
        return results_of_settings(settings.load(path), drafts=drafts)
    return results_of_path(path, drafts=drafts)


def _print(rows: tuple["ClaimRow", ...], format_: str, silent: int) -> None:
    """Print rows; `silent` papers declare no claims, which a text says and rows cannot."""
    if format_ != "text":
        from cmsite.results.exports import emit_csv, emit_json

        click.echo((emit_json if format_ == "json" else emit_csv)(rows), nl=False)
    else:
        import shutil

        from cmsite.reporting.results_text import report_results

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in report_results(rows, _style, width, without_claims=silent):
            click.echo(_encodable(line))


def _encodable(line: str) -> str:
    """Return a line that standard output can write whatever its encoding is."""
    encoding = sys.stdout.encoding or "utf-8"
    return line.encode(encoding, "replace").decode(encoding)


def _style(text: str, kind: str) -> str:
    return click.style(text, fg=_COLOURS[kind], bold=True if kind == "heading" else None)


def _fail_on(rows: tuple["ClaimRow", ...], failing: frozenset["Verdict"]) -> None:
    """Exit 1, naming the first results, where one has a verdict that fails."""
    found = [row for row in rows if row.counts and row.judgement.verdict in failing]
    if not found:
        return
    from cmsite.commands.terminal import printable

    named = [f"{row.paper.alias} {row.claim.id} ({row.judgement.verdict.value})" for row in found[:_TOLD]]
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    click.echo(printable(f"cmsite: --fail-on: {', '.join(named)}{more}"), err=True)
    sys.exit(1)
