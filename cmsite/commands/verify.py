"""`cmsite verify`: every pulled file against the lock."""

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(folder: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Check the pulled artifacts in DIR (by default the nearest folder above with a cmsite.lock, else ./artifacts).

    Exits 6 where a file is missing or changed, or where cm or mlc, which have the folder registered, would run another
    copy of an artifact without --shadow; files that are not in the lock are listed and break nothing.
    """
    from cmsite.client.registering import registered_clashes, told, unaccepted
    from cmsite.client.verify import Difference, behind, verify
    from cmsite.client.workspace import Workspace, find_workspace
    from cmsite.commands.terminal import print_notes
    from cmsite.errors import IntegrityError
    from cmsite.member_names import shown
    from cmsite.reporting.text import plural
    from cmsite.validation.client_metas import names_in

    workspace = Workspace(root=folder) if folder else find_workspace(Path())
    verified = verify(workspace)
    clients = registered_clashes(workspace, names_in)
    clashes = [clash for found in clients.values() for clash in found]
    other = unaccepted(workspace, clashes)
    is_intact = verified.is_intact and not other
    late = () if verified.is_intact else behind(workspace)
    print_notes(
        f"{present.path} is r{present.revision} as it was pulled, and the lock pins r{pinned.revision}; "
        "`cmsite pull --locked` brings it"
        for present, pinned in late
    )
    paths = {kind: [shown(item.path) for item in verified.differences if item.kind is kind] for kind in Difference}
    if as_json:
        document = {
            "schema": "cmsite-verify/1",
            "artifacts": verified.artifacts,
            "files": verified.files,
            "intact": is_intact,
            "behind": [present.path for present, _ in late],
            "clients": {
                client.value: [
                    {"path": clash.path, "uid": clash.uid, "runs": str(clash.runs), "allowed": clash not in other}
                    for clash in found
                ]
                for client, found in clients.items()
            },
            **{kind.value: found for kind, found in paths.items()},
        }
        click.echo(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False))
    else:
        for kind, found in paths.items():
            for path in found:
                click.echo(f"{kind.value} {path}")
        for clash in clashes:
            said = "" if clash in other or not clash.is_shadowed else ", as --shadow allows"
            click.echo(shown(f"{told(clash)}{said}"))
        word = "intact" if is_intact else "not intact"
        click.echo(f"{plural(verified.artifacts, 'artifact')}, {plural(verified.files, 'file')}: {word}")
    if not is_intact:
        sys.exit(IntegrityError.exit_code)
