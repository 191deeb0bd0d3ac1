"""`cmsite pull`: artifacts of a registry into a folder that the real `cm` and `mlc` take as a repository."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.terminal import print_json, print_notes

if TYPE_CHECKING:
    from cmsite.client.pull import Pulled


@click.command()
@click.argument("references", nargs=-1, required=True, metavar="REF...")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to put them; by default the nearest folder above with a cmsite.lock, else ./artifacts.",
)
@click.option("--registry", metavar="NAME|URL", help="Ask this registry (a name, an address or the folder of a site).")
@click.option("--force", is_flag=True, help="Give up local changes of what is pulled.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    references: tuple[str, ...],
    into: Path | None,
    registry: str | None,
    force: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Get artifacts by reference, such as script:detect-os, every byte checked.

    A second pull of the same changes nothing.
    """
    from uuid import uuid4

    from cmsite.client.pull import pull
    from cmsite.client.registries import registries_for
    from cmsite.client.workspace import find_workspace
    from cmsite.model.names import UID_LENGTH
    from cmsite.model.reference import parse_reference
    from cmsite.validation.client_metas import judge_meta

    registries = registries_for([parse_reference(text) for text in references], registry)
    root = into or find_workspace(Path()).root
    pulled = pull(
        references,
        registries=registries,
        into=root,
        check=judge_meta,
        draw_uid=lambda: uuid4().hex[:UID_LENGTH],
        force=force,
    )
    notes = (note for source in registries for note in source.notes)
    print_notes((*notes, *(note for item in pulled for note in item.notes)))
    if as_json:
        print_json(_document(root, pulled))
    else:
        for item in pulled:
            click.echo(f"{item.action.value} {item.choice.origin} r{item.choice.version.revision} in {item.folder}")


def _document(root: Path, pulled: tuple["Pulled", ...]) -> dict[str, Any]:
    return {
        "schema": "cmsite-pull/1",
        "folder": str(root),
        "artifacts": [
            {
                "reference": item.choice.reference,
                "action": item.action.value,
                "repository": item.choice.record.repository,
                "automation": item.choice.record.automation,
                "alias": item.choice.record.alias,
                "uid": item.choice.record.uid,
                "revision": item.choice.version.revision,
                "label": item.choice.version.label,
                "tar_sha256": item.choice.version.tar_sha256,
                "folder": str(item.folder),
            }
            for item in pulled
        ],
    }
