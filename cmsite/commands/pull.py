"""`cmsite pull`: artifacts of a registry into a folder that the real `cm` and `mlc` take as a repository."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options
from cmsite.commands.dependency_lines import announcement, dependencies_by, plan_value, wish_of
from cmsite.commands.registration import ask_clients, register_options, tell_clients
from cmsite.commands.terminal import print_json, print_notes, printable
from cmsite.commands.workspaces import JSON_OPTION, REGISTRY_OPTION, draw_uid, folder_of, named, print_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from cmsite.client.dependency_plan import DependencyPlan
    from cmsite.client.planning import Step
    from cmsite.client.pull import Pulled, Sourced
    from cmsite.client.removing import Removed

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
    wish = wish_of(choose, with_deps=with_deps, all_deps=all_deps, yes=yes, as_json=as_json)
    more = with_automation or with_deps
    _require_sense(references, tags, automation, more=more, locked=locked, registered=bool(register), shadow=shadow)
    root = folder_of(into)
    pulled: tuple[Pulled, ...] = ()
    removed: tuple[Removed, ...] = ()
    plans: tuple[DependencyPlan, ...] = ()
    if locked:
        notes = ask_clients(register, root, (), shadow=shadow)
        pulled, removed, said = _pull_locked(references, root, registry, force=force)
        notes = (*said, *notes)
    elif references or tags:
        wanted, notes = _wanted(references, root, registry, tags, automation, limit)
        if wish is not None:
            along = dependencies_by(wish, wanted, root)
            wanted, notes, plans = (*wanted, *along.added), (*notes, *along.notes), along.plans
        if with_automation:
            added, said = _automations(wanted, root)
            wanted, notes = (*wanted, *added), (*notes, *said)
        announce = announcement(plans, wish) if wish is not None else print_plan
        notes = (*notes, *ask_clients(register, root, wanted, shadow=shadow))
        pulled = _pull(wanted, root, announce=announce if tags or more else None, force=force)
        notes = (*notes, *(note for item in wanted for note in item.registry.notes))
    else:
        notes = ask_clients(register, root, (), shadow=shadow)
    changed = bool(removed) or any(item.action.value != "unchanged" for item in pulled)
    tell_clients(register, root, shadow=shadow, changed=changed)
    print_notes((*notes, *(note for item in pulled for note in item.notes)))
    if as_json:
        dependencies = {"dependencies": [plan_value(plan) for plan in plans]} if wish is not None else {}
        print_json({**_document(root, pulled, removed), **dependencies})
        return
    for item in pulled:
        click.echo(
            printable(f"{item.action.value} {item.choice.origin} r{item.choice.version.revision} in {item.folder}")
        )
    for gone in removed:
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


def _pull_locked(
    references: tuple[str, ...], root: Path, registry: str | None, *, force: bool
) -> "tuple[tuple[Pulled, ...], tuple[Removed, ...], tuple[str, ...]]":
    from cmsite.client.locked_pull import pull_locked
    from cmsite.validation.client_metas import judge_meta

    return pull_locked(
        references, into=root, check=judge_meta, draw_uid=draw_uid, registries=named(registry), force=force
    )


def _wanted(
    references: tuple[str, ...],
    root: Path,
    registry: str | None,
    tags: tuple[str, ...],
    automation: str,
    limit: int,
) -> "tuple[tuple[Sourced, ...], tuple[str, ...]]":
    """Return what is asked for, resolved, and notes."""
    from cmsite.client.pull import resolve_references
    from cmsite.client.query import parse_query
    from cmsite.client.registries import registries_for
    from cmsite.client.selection import select_by_tags
    from cmsite.client.workspace import Workspace, require_own_folder
    from cmsite.model.reference import parse_reference

    require_own_folder(Workspace(root=root))
    registries = registries_for([parse_reference(text) for text in references], registry)
    wanted = resolve_references(references, registries=registries, into=root)
    notes: tuple[str, ...] = ()
    for text in tags:
        query = parse_query((), text, automation)
        found, more = select_by_tags(query, registries=registries, into=root, limit=limit)
        wanted, notes = (*wanted, *found), (*notes, *more)
    return wanted, notes


def _automations(wanted: "tuple[Sourced, ...]", root: Path) -> "tuple[tuple[Sourced, ...], tuple[str, ...]]":
    from cmsite.client.selection import automations_of
    from cmsite.client.verify import read_lock
    from cmsite.client.workspace import Workspace

    return automations_of(wanted, lock=read_lock(Workspace(root=root)), into=root)


def _pull(
    wanted: "tuple[Sourced, ...]", root: Path, *, announce: "Callable[[tuple[Step, ...]], None] | None", force: bool
) -> "tuple[Pulled, ...]":
    from cmsite.client.pull import pull_chosen
    from cmsite.validation.client_metas import judge_meta

    return pull_chosen(wanted, into=root, check=judge_meta, draw_uid=draw_uid, force=force, announce=announce)


def _document(root: Path, pulled: "tuple[Pulled, ...]", removed: "tuple[Removed, ...]") -> dict[str, Any]:
    return {
        "schema": "cmsite-pull/1",
        "folder": str(root),
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
            for item in pulled
        ],
        "removed": [gone.artifact.path for gone in removed],
    }
