"""`cmsite lock`: the pins of a workspace against their registries, or newer ones."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.commands.access_options import access_options
from cmsite.commands.workspaces import JSON_OPTION, REGISTRY_OPTION, folder_of, locked_row, named

if TYPE_CHECKING:
    from cmsite.client.relocking import Relocked


@click.command()
@click.argument("arguments", nargs=-1, metavar="[DIR] [REF...]")
@click.option("--update", is_flag=True, help="Take the newest of what was asked for (of REF only, where named).")
@REGISTRY_OPTION
@access_options
@JSON_OPTION
def command(arguments: tuple[str, ...], update: bool, registry: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Check that what cmsite.lock pins is still published as it was; with --update pin the newest instead.

    Artifacts are not touched: `cmsite pull --locked` brings them to the lock. DIR is by default the nearest folder
    above with a cmsite.lock, else ./artifacts.
    """
    from cmsite.client.relocking import relock
    from cmsite.client.workspace import LOCK_FILE, Workspace
    from cmsite.commands.terminal import print_json, print_notes, printable
    from cmsite.validation.client_metas import judge_meta

    given = Path(arguments[0]) if arguments and (Path(arguments[0]) / LOCK_FILE).is_file() else None
    references = arguments[1:] if given else arguments
    if references and not update:
        raise click.UsageError(
            f"{references[0]} is no folder with a {LOCK_FILE}; to pin newer revisions of artifacts, add --update"
        )
    workspace = Workspace(root=folder_of(given))
    pins, notes = relock(references, workspace=workspace, check=judge_meta, registries=named(registry), update=update)
    print_notes((*notes, *(note for one in pins for note in one.notes)))
    changed = [one for one in pins if one.changed]
    if as_json:
        rows = [{"before": locked_row(one.before), "after": locked_row(one.after)} for one in changed]
        print_json({"schema": "cmsite-relock/1", "folder": str(workspace.root), "pins": len(pins), "changed": rows})
        return
    for one in changed:
        click.echo(printable(_line(one)))
    if changed:
        click.echo("`cmsite pull --locked` brings the artifacts to the lock", err=True)
    click.echo(f"{len(pins)} pinned, {len(changed)} changed")


def _line(one: "Relocked") -> str:
    before, after = one.before, one.after
    moved = f", {before.path} is {after.path} now" if before.path != after.path else ""
    same = before.tar_sha256 == after.tar_sha256
    if before.revision == after.revision and same:
        return f"rewritten {after.origin} r{after.revision}{moved}"
    return f"{after.origin} r{before.revision} → r{after.revision}{' (same content)' if same else ''}{moved}"
