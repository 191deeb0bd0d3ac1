"""What the commands of a workspace share: the folder, the registry that was named, and plans as text."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cmsite.client.lock import LockedArtifact
    from cmsite.client.planning import Step
    from cmsite.client.remote import RemoteRegistry

REGISTRY_OPTION = click.option(
    "--registry", metavar="NAME|URL", help="Ask this registry (a name, an address or the folder of a site)."
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
INTO_OPTION = click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder; by default the nearest one above with a cmsite.lock, else ./artifacts.",
)
FOLDER_ARGUMENT = click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")


def folder_of(given: Path | None) -> Path:
    """Return the folder of the workspace."""
    from cmsite.client.workspace import find_workspace

    return given or find_workspace(Path()).root


def named(registry: str | None) -> "tuple[RemoteRegistry, ...]":
    """Return the registry that `--registry` names, none where it was not given."""
    from cmsite.client.registries import open_registries

    return open_registries(registry) if registry else ()


def print_plan(plan: "tuple[Step, ...]", reasons: "Mapping[tuple[str, str, str], str] | None" = None) -> None:
    """Print what will be done, before a byte is fetched, on standard error; `reasons` say why something comes along."""
    from cmsite.client.planning import Action
    from cmsite.commands.terminal import printable
    from cmsite.reporting.text import plural

    verbs = {Action.PULL: "get", Action.UPDATE: "update", Action.KEEP: "keep"}
    fetched = [step for step in plan if step.action is not Action.KEEP]
    size = sum(step.choice.version.size_bytes for step in fetched)
    click.echo(f"plan: {plural(len(plan), 'artifact')}, {readable_size(size)} at most to fetch", err=True)
    for step in plan:
        choice = step.choice
        why = (reasons or {}).get(choice.record.key, "")
        came = "" if choice.asked else f", {why or 'comes along'}"
        text = f"{choice.origin} r{choice.version.revision} ({readable_size(choice.version.size_bytes)}{came})"
        click.echo(printable(f"  {verbs[step.action]} {text}"), err=True)


def readable_size(size_bytes: int) -> str:
    """Return a size as people read it.

    >>> readable_size(512), readable_size(1_234_567)
    ('512 B', '1.2 MB')
    """
    size, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:  # noqa: PLR2004 - the step of the units.
            break
        size, unit = size / 1000, larger
    return f"{size_bytes} B" if unit == "B" else f"{size:.1f} {unit}"


def locked_row(artifact: "LockedArtifact") -> dict[str, Any]:
    """Return a locked artifact for `--json`."""
    return {
        "reference": artifact.reference,
        "asked": artifact.asked,
        "repository": artifact.repository,
        "automation": artifact.automation,
        "alias": artifact.alias,
        "uid": artifact.uid,
        "revision": artifact.revision,
        "label": artifact.label,
        "tar_sha256": artifact.tar_sha256,
        "folder": artifact.path,
    }
