"""`cmsite remove`: pulled artifacts, their lock entries, and licences that nobody needs any more."""

from pathlib import Path

import click

from cmsite.commands.registration import tell_clients
from cmsite.commands.workspaces import INTO_OPTION, JSON_OPTION, folder_of, locked_row


@click.command()
@click.argument("references", nargs=-1, required=True, metavar="REF...")
@INTO_OPTION
@click.option("--force", is_flag=True, help="Give up local changes, and break what builds on it.")
@JSON_OPTION
def command(references: tuple[str, ...], into: Path | None, force: bool, as_json: bool) -> None:  # noqa: FBT001
    """Remove pulled artifacts by reference, such as script:detect-os.

    Refuses (7) where files were changed or added since the pull, or where another artifact builds on it.
    """
    from cmsite.client.removing import remove
    from cmsite.client.workspace import Workspace
    from cmsite.commands.terminal import print_json, print_notes, printable
    from cmsite.validation.client_metas import judge_meta

    root = folder_of(into)
    removed = remove(references, workspace=Workspace(root=root), check=judge_meta, force=force)
    tell_clients((), root)
    print_notes(
        f"{one.artifact.path} had come along with another artifact, which may need it"
        for one in removed
        if not one.artifact.asked
    )
    if as_json:
        rows = [locked_row(one.artifact) | {"licenses": list(one.licenses)} for one in removed]
        print_json({"schema": "cmsite-remove/1", "folder": str(root), "removed": rows})
        return
    for one in removed:
        licenses = f" and the licences of {', '.join(one.licenses)}" if one.licenses else ""
        click.echo(printable(f"removed {one.artifact.origin} r{one.artifact.revision} from {root}{licenses}"))
