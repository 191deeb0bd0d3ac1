"""`cmsite outdated`: pulled artifacts beside what their registries have now."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options
from cmsite.commands.workspaces import FOLDER_ARGUMENT, JSON_OPTION, REGISTRY_OPTION, folder_of, locked_row, named

if TYPE_CHECKING:
    from cmsite.client.outdated import Outlook

_ANY = "any"


@click.command()
@FOLDER_ARGUMENT
@REGISTRY_OPTION
@access_options
@click.option(
    "--fail-on", default="", metavar="MARK,...", help="Exit 1 where one of these marks is set; any: any mark."
)
@click.option("--all", "everything", is_flag=True, help="List artifacts that are up to date, too.")
@JSON_OPTION
def command(folder: Path | None, registry: str | None, fail_on: str, everything: bool, as_json: bool) -> None:  # noqa: FBT001
    """Compare what cmsite.lock pins in DIR with the newest revisions, and tell what publishers took back.

    Marks: newer, yanked, deprecated, quarantined, removed, purged, renamed, changed, unknown. Exits 0 whatever is
    found, unless --fail-on names it.
    """
    from cmsite.client.outdated import Mark, outdated
    from cmsite.client.workspace import Workspace
    from cmsite.commands.terminal import print_json, print_notes

    fatal = {word.strip() for word in fail_on.split(",") if word.strip()}
    known = {mark.value for mark in Mark}
    if fatal - known - {_ANY}:
        raise click.UsageError(
            f"--fail-on: {', '.join(sorted(fatal - known - {_ANY}))} is no mark; marks are {', '.join(sorted(known))}, {_ANY}"
        )
    root = folder_of(folder)
    found, notes = outdated(Workspace(root=root), named(registry))
    print_notes(notes)
    if as_json:
        print_json({"schema": "cmsite-outdated/1", "folder": str(root), "artifacts": [_row(one) for one in found]})
    else:
        _print(found, everything=everything)
    marks = {mark.value for one in found for mark in one.marks}
    if marks & (known if _ANY in fatal else fatal):
        sys.exit(1)


def _print(found: "tuple[Outlook, ...]", *, everything: bool) -> None:
    from cmsite.commands.terminal import printable

    for one in found:
        if one.marks or everything:
            click.echo(printable(_line(one)))
    marked = sum(1 for one in found if one.marks)
    click.echo(f"{len(found)} pinned, {marked} to look at" if marked else f"{len(found)} pinned, all up to date")


def _line(one: "Outlook") -> str:
    locked, newest = one.artifact, one.newest
    label = f" ({locked.label})" if locked.label else ""
    line = f"{locked.origin} r{locked.revision}{label}"
    if newest is not None and "newer" in {mark.value for mark in one.marks}:
        line += f" → r{newest.revision}{f' ({newest.label})' if newest.label else ''}"
    said = [mark.value for mark in one.marks if mark.value != "newer"]
    line += f": {', '.join(said)}" if said else ""
    line += f" ({one.reason})" if one.reason else ""
    return f"{line}; now {one.name}" if "renamed" in said else line


def _row(one: "Outlook") -> dict[str, Any]:
    newest = one.newest
    return {
        **locked_row(one.artifact),
        "newest": None
        if newest is None
        else {"revision": newest.revision, "label": newest.label, "tar_sha256": newest.tar_sha256},
        "marks": [mark.value for mark in one.marks],
        "name": one.name,
        "reason": one.reason,
    }
