"""`cmsite lock`: the pins of a lock against its registries, and with `update` the newest of what was asked for.

Artifacts stay as they are until `pull --locked`. An artifact never moves to another registry here, nor a name to
another uid. Source: CONTRACT §13, facts/index.md §4, cases 87, 88, 91.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cmsite.client.applying import Application, write_installed, write_lock
from cmsite.client.installing import MetaCheck
from cmsite.client.lock import Lock, LockedArtifact, make_lock
from cmsite.client.pinned import PinnedRegistries, locked_by
from cmsite.client.planning import Step, make_plan
from cmsite.client.pull import Sourced, sourced
from cmsite.client.remote import RemoteRegistry
from cmsite.client.verify import artifact_differences, read_installed, require_lock
from cmsite.client.workspace import Workspace, locked
from cmsite.errors import IntegrityError
from cmsite.index.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocked:
    """One pin before and after."""

    before: LockedArtifact
    after: LockedArtifact
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Return whether the pin says something else now."""
        return self.before != self.after


def relock(
    references: Sequence[str] = (),
    *,
    workspace: Workspace,
    check: MetaCheck,
    registries: Sequence[RemoteRegistry] = (),
    update: bool = False,
    announce: Callable[[tuple[Step, ...]], None] | None = None,
) -> tuple[tuple[Relocked, ...], tuple[str, ...]]:
    """Check every pin, or with `update` resolve what was asked for anew, and write the lock; return pins and notes.

    `references` choose artifacts of the lock; they are written anew even where the content is the same.

    Raises `NotFoundError` where there is no lock, or a registry lacks what was asked for, `IntegrityError` where a
    published revision has other content or a name has another uid now; then the lock is as it was.
    """
    require_lock(workspace)
    with locked(workspace):
        lock = require_lock(workspace)
        chosen = [locked_by(reference, lock) for reference in references] or list(lock.artifacts)
        pins = PinnedRegistries(workspace, lock, registries)
        if not update:
            pinned = pins.pinned(chosen, workspace.root)
            write_lock(workspace, make_lock(lock.artifacts, lock.registries, lock.licenses))
            done = [
                Relocked(before=artifact, after=artifact, notes=item.choice.notes)
                for artifact, item in zip(chosen, pinned, strict=True)
            ]
            return tuple(done), pins.notes
        items = [_newest(artifact, pins.of(artifact), workspace.root) for artifact in chosen]
        after = _updated(workspace, lock, chosen, items, check, anew=bool(references), announce=announce)
        _remember_installed(workspace, lock)
        write_lock(workspace, after)
        return tuple(_relocked(artifact, item, after) for artifact, item in zip(chosen, items, strict=True)), pins.notes


def _newest(artifact: LockedArtifact, registry: RemoteRegistry, into: Path) -> Sourced:
    """Return what the reference of a locked artifact means now, in its own registry."""
    resolved = registry.resolve(artifact.reference)
    record, version = resolved.record, resolved.version
    if record.identity != artifact.identity:
        raise IntegrityError(
            f"{artifact.reference} meant {artifact.origin} (uid {artifact.uid}) and means "
            f"{record.repository}/{record.name} (uid {record.uid}) now; the lock was not changed; if you want the other "
            f"one, `cmsite remove {artifact.path}` and pull it"
        )
    same_revision = version.revision == artifact.revision and _is_origin(record, artifact)
    if same_revision and version.tar_sha256 != artifact.tar_sha256 and not registry.root.is_preview:
        raise IntegrityError(
            f"{artifact.origin}: r{version.revision} was sha256:{artifact.tar_sha256} and is sha256:{version.tar_sha256} "
            "now; a published revision never changes, so the lock was not changed; ask the publisher, and if this is "
            f"right, `cmsite remove {artifact.path}` and pull it"
        )
    return sourced(artifact.reference, registry, resolved, into=into, asked=artifact.asked)


def _is_origin(record: Record, artifact: LockedArtifact) -> bool:
    """Return whether the revisions of both are counted together."""
    return record.key == (artifact.repository, artifact.automation, artifact.folder)


def _updated(
    workspace: Workspace,
    lock: Lock,
    chosen: Sequence[LockedArtifact],
    items: Sequence[Sourced],
    check: MetaCheck,
    *,
    anew: bool,
    announce: Callable[[tuple[Step, ...]], None] | None,
) -> Lock:
    # An entry that moves to another folder (renamed) or origin leaves its place; the others are its neighbours.
    moved = {
        artifact.path
        for artifact, item in zip(chosen, items, strict=True)
        if item.choice.path != artifact.path or item.choice.record.repository != artifact.repository or anew
    }
    kept = make_lock((one for one in lock.artifacts if one.path not in moved), lock.registries, lock.licenses)
    plan = make_plan(tuple(item.choice for item in items), kept)
    if announce is not None:
        announce(plan)
    registry_of = {item.choice.path: item.registry for item in items}
    return Application(workspace, kept, read_installed(workspace), registry_of, check).relock(plan)


def _remember_installed(workspace: Workspace, lock: Lock) -> None:
    """Remember what lies on this disk before the lock goes on: it is told from local changes by that."""
    installed = read_installed(workspace)
    known = {artifact.path for artifact in installed.artifacts}
    intact = [
        artifact
        for artifact in lock.artifacts
        if artifact.path not in known and not artifact_differences(workspace.root, artifact)
    ]
    if intact:
        registries = dict(lock.registries) | dict(installed.registries)
        both = {one.owner: one for one in (*lock.licenses, *installed.licenses)}
        write_installed(workspace, make_lock((*installed.artifacts, *intact), registries.items(), both.values()))


def _relocked(before: LockedArtifact, item: Sourced, lock: Lock) -> Relocked:
    after = lock.at(item.choice.path)
    if after is None:
        raise AssertionError(item.choice.path)
    return Relocked(before=before, after=after, notes=item.choice.notes)
