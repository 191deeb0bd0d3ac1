"""`pull --locked`: the artifacts that cmsite.lock pins, exactly those, with the lock left as it is.

It works where nothing but cmsite.lock is there. Source: CONTRACT §8, §13.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from cmsite.client.applying import Application, Pulled, write_installed
from cmsite.client.installing import MetaCheck
from cmsite.client.lock import Lock, LockedArtifact, make_lock
from cmsite.client.pinned import PinnedRegistries, locked_by
from cmsite.client.planning import Action, Step
from cmsite.client.pull import Sourced
from cmsite.client.remote import RemoteRegistry
from cmsite.client.removing import Removed, refuse_changes, take_away
from cmsite.client.verify import read_installed, require_lock
from cmsite.client.workspace import Workspace, locked


def pull_locked(
    references: Sequence[str] = (),
    *,
    into: Path,
    check: MetaCheck,
    draw_uid: Callable[[], str],
    registries: Sequence[RemoteRegistry] = (),
    force: bool = False,
    announce: Callable[[tuple[Step, ...]], None] | None = None,
) -> tuple[tuple[Pulled, ...], tuple[Removed, ...], tuple[str, ...]]:
    """Make `into` hold what its lock pins; return what was pulled, what the lock no longer has, and notes.

    With `references` only those are pulled, and nothing is taken away. `registries` are asked instead of those that
    are configured or stand in the lock, and must have their ids.

    Raises `NotFoundError` where there is no lock, or a reference or artifact is missing, `IntegrityError` where the
    registry has other content, `OutputError` where local changes are in the way; then everything is as it was.
    """
    workspace = Workspace(root=into)
    require_lock(workspace)
    with locked(workspace):
        lock, installed = require_lock(workspace), read_installed(workspace)
        wanted = [locked_by(reference, lock) for reference in references] or list(lock.artifacts)
        pins = PinnedRegistries(workspace, lock, registries)
        sourced = pins.pinned(wanted, into)
        plan = tuple(_step(workspace, item, artifact) for item, artifact in zip(sourced, wanted, strict=True))
        if announce is not None:
            announce(plan)
        stray = () if references else tuple(_stray(workspace, lock, installed))
        for artifact in stray:
            refuse_changes(workspace, artifact, force=force)
        registry_of = {item.choice.path: item.registry for item in sourced}
        work = Application(workspace, lock, installed, registry_of, check, force=force, pinned=True)
        pulled = work.run(plan, draw_uid)
        removed = tuple(take_away(workspace, artifact) for artifact in stray)
        if stray:
            present = read_installed(workspace)
            kept = [artifact for artifact in present.artifacts if artifact not in stray]
            write_installed(workspace, make_lock(kept, present.registries, present.licenses))
        return pulled, removed, pins.notes


def _step(workspace: Workspace, item: Sourced, artifact: LockedArtifact) -> Step:
    there = (workspace.root / artifact.path).exists()
    if not there:
        return Step(choice=item.choice, action=Action.PULL)
    return Step(choice=item.choice, action=Action.KEEP, present=artifact)


def _stray(workspace: Workspace, lock: Lock, installed: Lock) -> list[LockedArtifact]:
    """Return what an earlier pull left here and the lock no longer has."""
    return [
        artifact
        for artifact in installed.artifacts
        if lock.at(artifact.path) is None and (workspace.root / artifact.path).exists()
    ]
