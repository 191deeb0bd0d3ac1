"""`cmsite pull`: artifacts of a registry into a folder that the real `cm` and `mlc` take as a repository."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options
from cmsite.commands.dependency_lines import announcement, ask, may_ask_about, plan_value
from cmsite.commands.registration import ask_clients, register_options, tell_clients
from cmsite.commands.terminal import print_json, print_notes, printable
from cmsite.commands.workspaces import JSON_OPTION, REGISTRY_OPTION, folder_of, print_plan

if TYPE_CHECKING:
    from cmsite.api import Pull

DEFAULT_LIMIT = 100


@click.command()
@click.argument("references", nargs=-1, metavar="[REF...]")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to put them; by default the nearest folder above with a cmsite.lock, else ./artifacts.",
)
@REGISTRY_OPTION
@click.option(
    "--tags",
    multiple=True,
    metavar="a,b,-c",
    help="Every artifact with these tags, and with - without them; '' for all; given again, those too.",
)
@click.option("--automation", default="", metavar="NAME", help="With --tags: only this kind of artifact.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Of each --tags: at most so many.",
)
@click.option("--with-automation", is_flag=True, help="Bring the automations along, which cm needs to run scripts.")
@click.option("--with-deps", is_flag=True, help="Bring what they need along, by a plan that is printed first.")
@click.option("--all-deps", is_flag=True, help="With --with-deps: what is needed only sometimes too.")
@click.option(
    "--choose",
    multiple=True,
    metavar="TAGS=REF",
    help="With --with-deps: of several artifacts with these tags take this one.",
)
@click.option("--yes", is_flag=True, help="With --with-deps: ask nothing, take none of several.")
@click.option("--locked", is_flag=True, help="Exactly what cmsite.lock pins (of REF only, where named).")
@click.option("--force", is_flag=True, help="Give up local changes of what is pulled.")
@register_options
@access_options
@JSON_OPTION
def command(
    references: tuple[str, ...],
    into: Path | None,
    registry: str | None,
    tags: tuple[str, ...],
    automation: str,
    limit: int,
    with_automation: bool,  # noqa: FBT001 - click's calling convention.
    with_deps: bool,  # noqa: FBT001
    all_deps: bool,  # noqa: FBT001
    choose: tuple[str, ...],
    yes: bool,  # noqa: FBT001
    locked: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
    register: tuple[str, ...],
    shadow: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Get artifacts by reference, such as script:detect-os, every byte checked.

    A second pull of the same changes nothing.
    """
    from cmsite import api

    may_ask = may_ask_about(choose, with_deps=with_deps, all_deps=all_deps, yes=yes, as_json=as_json)
    more = with_automation or with_deps
    _require_sense(references, tags, automation, more=more, locked=locked, registered=bool(register), shadow=shadow)
    root = folder_of(into)
    registries = (api.Registry(registry),) if registry else None
    done = api.Pull(folder=root, artifacts=())
    if locked:
        notes = ask_clients(register, root, (), shadow=shadow)
        done = api.pull_locked(*references, into=root, registries=registries, force=force)
    elif references or tags:
        plan = api.plan_pull(
            *references,
            into=root,
            tag_sets=tags,
            automation=automation,
            limit=limit,
            with_automations=with_automation,
            with_dependencies=with_deps,
            all_dependencies=all_deps,
            choose=choose,
            ask=ask if may_ask else None,
            registries=registries,
        )
        notes = ask_clients(register, root, plan.wanted, shadow=shadow)
        announce = announcement(plan.dependencies, may_ask=may_ask) if with_deps else print_plan
        done = plan.carry_out(force=force, announce=announce if tags or more else None)
    else:
        notes = ask_clients(register, root, (), shadow=shadow)
    changed = bool(done.removed) or any(item.action.value != "unchanged" for item in done)
    tell_clients(register, root, shadow=shadow, changed=changed)
    print_notes((*done.notes, *notes))
    if as_json:
        dependencies = {"dependencies": [plan_value(plan) for plan in done.dependencies]} if with_deps else {}
        print_json({**_document(done), **dependencies})
        return
    for item in done:
        click.echo(
            printable(f"{item.action.value} {item.choice.origin} r{item.choice.version.revision} in {item.folder}")
        )
    for gone in done.removed:
        click.echo(printable(f"removed {gone.artifact.origin} r{gone.artifact.revision}, which the lock no longer has"))


def _require_sense(
    references: tuple[str, ...],
    tags: tuple[str, ...],
    automation: str,
    *,
    more: bool,
    locked: bool,
    registered: bool,
    shadow: bool,
) -> None:
    if locked and (tags or more):
        raise click.UsageError(
            "--locked pulls what cmsite.lock has; it goes with none of --tags, --with-automation and --with-deps"
        )
    if not references and not tags and not (locked or (registered and not more)):
        raise click.UsageError("name what to pull: references such as script:detect-os, --tags a,b, or --locked")
    if automation and not tags:
        raise click.UsageError(
            "--automation narrows --tags; in a reference it stands before the colon: script:detect-os"
        )
    if shadow and not registered:
        raise click.UsageError("--shadow says what --register may do; name the client: --register cm")


def _document(done: "Pull") -> dict[str, Any]:
    return {
        "schema": "cmsite-pull/1",
        "folder": str(done.folder),
        "artifacts": [
            {
                "reference": item.choice.reference,
                "action": item.action.value,
                "asked": item.choice.asked,
                "repository": item.choice.record.repository,
                "automation": item.choice.record.automation,
                "alias": item.choice.record.alias,
                "uid": item.choice.record.uid,
                "revision": item.choice.version.revision,
                "label": item.choice.version.label,
                "tar_sha256": item.choice.version.tar_sha256,
                "folder": str(item.folder),
            }
            for item in done
        ],
        "removed": [gone.artifact.path for gone in done.removed],
    }
