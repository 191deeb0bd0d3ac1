"""`cmsite collect`: remove files of earlier indexes from a built site."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.errors import OutputError

if TYPE_CHECKING:
    from cmsite.publish.collection import Garbage

DEFAULT_AGE = "14d"
# Beginning of a path → what its files are called.
_KINDS = (
    ("artifacts/", "archive"),
    ("cm-index/v1/b/", "index file"),
    ("cm-index/v1/manifest/", "manifest"),
    ("cm-index/v1/roots/", "old root"),
)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]", default=Path("site"))
@click.option(
    "--older-than",
    default=DEFAULT_AGE,
    metavar="AGE",
    show_default=True,
    help="How long files stay for readers of an earlier index: 12h, 30d, 8w.",
)
@click.option("--dry-run", is_flag=True, help="Remove nothing, name every file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(folder: Path, older_than: str, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001
    """Remove files that no index of the last two weeks refers to from the built site DIR, by default ./site.

    Published revisions and licences stay for ever; root.json and pages are not touched. Goes by the times of files in
    DIR, so collect where you build.
    """
    import time

    from cmsite.client.cache_limits import parse_age
    from cmsite.publish.collection import find_garbage, remove_garbage
    from cmsite.publish.holding import held

    try:
        limit_s = time.time() - parse_age(older_than)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--older-than") from error
    with held(folder, wait=False) as is_held:
        if not is_held:
            raise OutputError(f"{folder}: a build or another collection works in it; wait for it, and try again")
        garbage = find_garbage(folder, limit_s)
        if not dry_run:
            remove_garbage(folder, garbage)
    _print(folder, garbage, older_than, dry_run=dry_run, as_json=as_json)


def _print(folder: Path, garbage: "Garbage", older_than: str, *, dry_run: bool, as_json: bool) -> None:
    from cmsite.commands.terminal import print_json, print_notes
    from cmsite.commands.workspaces import readable_size
    from cmsite.reporting.text import plural

    if not garbage.is_certain:
        note = (
            f"{folder} does not tell every index of the last {older_than}, so that the files of earlier ones stay; "
            f"collect again {older_than} after the next change"
        )
        print_notes([note])
    if as_json:
        print_json(
            {
                "schema": "cmsite-collect/1",
                "folder": str(folder),
                "dry_run": dry_run,
                "files": len(garbage.paths),
                "bytes": garbage.size_bytes,
                "kept_generations": garbage.generations,
                "is_certain": garbage.is_certain,
                "removed": list(garbage.paths),
            }
        )
        return
    if dry_run:
        for path in garbage.paths:
            click.echo(path)
    counts = ((sum(path.startswith(start) for path in garbage.paths), name) for start, name in _KINDS)
    kinds = ", ".join(plural(count, name) for count, name in counts if count)
    what = f"{plural(len(garbage.paths), 'file')}, {readable_size(garbage.size_bytes)}"
    kept = plural(garbage.generations, "earlier generation")
    verb = "would remove" if dry_run else "removed"
    click.echo(f"{folder}: {verb} {what}{f' ({kinds})' if kinds else ''}; kept for {kept}")
