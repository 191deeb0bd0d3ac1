"""Removing an artifact from a workspace, with its lock entry, empty folders, and licences that nobody needs any more.

The folder goes out of the clients' sight in one step, then the lock is written, then bytes are deleted: a run that was
killed is completed by the next. Source: CONTRACT §8.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from cmsite.client.applying import is_named, local_changes, write_installed, write_lock
from cmsite.client.installing import MetaCheck, refuse_links
from cmsite.client.lock import Lock, LockedArtifact, LockedLicenses, make_lock
from cmsite.client.pinned import locked_by
from cmsite.client.twins import CM_METAS
from cmsite.client.verify import artifact_differences, read_installed, require_lock
from cmsite.client.workspace import Workspace, locked, refuse_linked_folders
from cmsite.errors import OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What was removed: the artifact, and the folders of licences that went with it."""

    artifact: LockedArtifact
    licenses: tuple[str, ...] = ()


def remove(
    references: Sequence[str], *, workspace: Workspace, check: MetaCheck, force: bool = False
) -> tuple[Removed, ...]:
    """Remove artifacts; `force` gives up local changes, and artifacts that build on what is removed.

    Raises `NotFoundError` where there is no lock or it lacks one, `AmbiguousError`, `OutputError` for local changes or
    where another artifact builds on one of them; then nothing is removed.
    """
    require_lock(workspace)
    with locked(workspace):
        lock = require_lock(workspace)
        gone = tuple({(one := locked_by(reference, lock)).path: one for reference in references}.values())
        for artifact in gone:
            refuse_changes(workspace, artifact, force=force)
        if not force:
            _refuse_bases(workspace, lock, gone, check)
        after = make_lock((one for one in lock.artifacts if one not in gone), lock.registries, lock.licenses)
        unneeded = [one for one in lock.licenses if one not in after.licenses]
        prefix = workspace.licenses.relative_to(workspace.root).as_posix()
        for unused in unneeded:
            for path, _ in unused.files:
                refuse_linked_folders(workspace.root, f"{prefix}/{unused.folder}/{path}")
        for artifact in gone:
            take_away(workspace, artifact)
        write_lock(workspace, after)
        installed = read_installed(workspace)
        paths = {artifact.path for artifact in gone}
        left = (one for one in installed.artifacts if one.path not in paths)
        write_installed(workspace, make_lock(left, installed.registries, installed.licenses))
        for unused in unneeded:
            _remove_licenses(workspace, unused)
        return tuple(
            Removed(
                artifact=artifact,
                licenses=tuple(one.folder for one in unneeded if one.owner == (artifact.registry, artifact.repository)),
            )
            for artifact in gone
        )


def refuse_changes(workspace: Workspace, artifact: LockedArtifact, *, force: bool) -> None:
    """Raise `OutputError` where removing would lose what is not from a pull, files beside the pulled ones included."""
    refuse_links(workspace.root, artifact.path)
    if force or not (workspace.root / artifact.path).exists():
        return
    installed = read_installed(workspace).at(artifact.path)
    found = artifact_differences(workspace.root, artifact)
    if not found or (installed is not None and not artifact_differences(workspace.root, installed)):
        return
    raise local_changes(
        artifact.path,
        [difference.path for difference in found],
        "and try again, or remove them with the artifact: --force",
    )


def take_away(workspace: Workspace, artifact: LockedArtifact) -> Removed:
    """Remove the folder of one artifact, and that of its automation where it is empty then."""
    folder = workspace.root / artifact.path
    try:
        if folder.exists():
            workspace.incoming.mkdir(parents=True, exist_ok=True)
            aside = workspace.incoming / f"removed.{secrets.token_hex(8)}"
            os.rename(folder, aside)  # noqa: PTH104 - one step, so that no client sees half of it.
            shutil.rmtree(aside)
            with contextlib.suppress(OSError):
                workspace.incoming.rmdir()
        if folder.parent.is_dir() and not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    except OSError as error:
        raise OutputError(f"cannot remove {folder}: {error.strerror or error}; check permissions") from error
    return Removed(artifact=artifact)


def _remove_licenses(workspace: Workspace, unneeded: LockedLicenses) -> None:
    """Delete licence files that a pull wrote, and the folders that are empty then; nothing else."""
    folder = workspace.licenses / unneeded.folder
    for path, _ in unneeded.files:
        with contextlib.suppress(OSError):  # Not there, or a folder by now.
            (folder / path).unlink()
    parents = {parent for path, _ in unneeded.files for parent in (folder / path).parents}
    inside = [parent for parent in parents if parent == workspace.licenses or workspace.licenses in parent.parents]
    for parent in sorted(inside, key=lambda parent: len(parent.parts), reverse=True):
        with contextlib.suppress(OSError):  # Not empty: others lie there.
            parent.rmdir()


def _refuse_bases(workspace: Workspace, lock: Lock, gone: Sequence[LockedArtifact], check: MetaCheck) -> None:
    """Raise `OutputError` where an artifact that stays builds on one that goes: cm would stop at it."""
    for artifact in lock.artifacts:
        if artifact in gone:
            continue
        for base in _bases(workspace, artifact, check):
            needed = next((one for one in gone if is_named(base, one)), None)
            if needed is not None:
                raise OutputError(
                    f"{artifact.path} builds on {needed.path} (`_base`), without which cm stops at every command; "
                    f"remove both: cmsite remove {needed.path} {artifact.path}, or use --force"
                )


def _bases(workspace: Workspace, artifact: LockedArtifact, check: MetaCheck) -> list[str]:
    found = []
    for name in CM_METAS:
        path = workspace.root / artifact.path / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        if b"_base" in content:  # Reading every meta of a large workspace takes seconds.
            found.append(check(name, content, artifact.automation).base)
    return [base for base in found if base]
