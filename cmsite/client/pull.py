"""Pulling: resolve everything, plan, then carry the plan out in a workspace that nobody else writes into meanwhile.

A second pull of the same changes nothing; a pull that was killed is completed by the next.
Source: CONTRACT §8, facts/index.md §4 (cases 36 to 38).
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cmsite.client.applying import Application, Pulled
from cmsite.client.fetching import shown
from cmsite.client.installing import MetaCheck
from cmsite.client.planning import Choice, Step, chosen, make_plan
from cmsite.client.remote import RemoteRegistry, resolve_in
from cmsite.client.resolve import Resolved
from cmsite.client.verify import read_installed, read_lock
from cmsite.client.workspace import Workspace, locked, require_own_folder

__all__ = ["Pulled", "Sourced", "pull", "pull_chosen", "resolve_references", "sourced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """What will be pulled, and the registry that its bytes come from."""

    choice: Choice
    registry: RemoteRegistry


def pull(
    references: Sequence[str],
    *,
    registries: Sequence[RemoteRegistry],
    into: Path,
    check: MetaCheck,
    draw_uid: Callable[[], str],
    force: bool = False,
) -> tuple[Pulled, ...]:
    """Bring artifacts into the folder `into`; `force` gives up local changes there.

    Raises `NotFoundError`, `AmbiguousError`, `NetworkError`, `IntegrityError` as the registries do, `OutputError`
    where the folder cannot take them; then it is as before.
    """
    require_own_folder(Workspace(root=into))
    wanted = resolve_references(references, registries=registries, into=into)
    return pull_chosen(wanted, into=into, check=check, draw_uid=draw_uid, force=force)


def resolve_references(
    references: Sequence[str], *, registries: Sequence[RemoteRegistry], into: Path
) -> tuple[Sourced, ...]:
    """Return what each reference means: of the first registry that has the name."""
    found = ((reference, *resolve_in(registries, reference)) for reference in references)
    return tuple(sourced(reference, registry, resolved, into=into) for reference, registry, resolved in found)


def sourced(
    reference: str,
    registry: RemoteRegistry,
    resolved: Resolved,
    *,
    into: Path,
    asked: bool = True,
    written: bool = True,
) -> Sourced:
    """Return one artifact to pull; `asked` and `written` as in `Choice`."""
    address = _lasting_address(registry.url, into)
    choice = chosen(reference, registry.root.registry_id, address, resolved, asked=asked, written=written)
    return Sourced(choice=choice, registry=registry)


def pull_chosen(
    wanted: Sequence[Sourced],
    *,
    into: Path,
    check: MetaCheck,
    draw_uid: Callable[[], str],
    force: bool = False,
    announce: Callable[[tuple[Step, ...]], None] | None = None,
) -> tuple[Pulled, ...]:
    """Bring artifacts that are resolved already into the folder `into`; `announce` sees the plan before any fetch.

    Raises as `pull`.
    """
    workspace = Workspace(root=into)
    require_own_folder(workspace)
    with locked(workspace):
        lock = read_lock(workspace)
        plan = make_plan(tuple(item.choice for item in wanted), lock)
        if announce is not None:
            announce(plan)
        registry_of = {item.choice.path: item.registry for item in reversed(wanted)}
        work = Application(workspace, lock, read_installed(workspace), registry_of, check, force=force)
        return work.run(plan, draw_uid)


def _lasting_address(url: str, into: Path) -> str:
    """Return what the lock says of a registry: no credentials, and a folder relative to the workspace."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return shown(url)
    return Path(os.path.relpath(unquote(parts.path), into.resolve())).as_posix()
