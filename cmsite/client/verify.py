"""Comparing a workspace with its lock, file by file; nothing is changed.

Links are not followed: a link in a file's place is a changed file.
"""

import enum
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cmsite.client.lock import MAX_LOCK_BYTES, Lock, LockedArtifact, LockedLicenses, parse_lock
from cmsite.client.twins import CM_METAS, MLC_METAS
from cmsite.client.workspace import DESCRIPTORS, Workspace
from cmsite.errors import IntegrityError, NotFoundError, OutputError

_PART_BYTES = 1 << 20
_METAS = (*CM_METAS, *MLC_METAS)


class Difference(enum.Enum):
    """How a file differs from the lock; extra files are told, they break nothing."""

    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDifference:
    """One file that is not as the lock says; `path` is relative to the workspace."""

    path: str
    kind: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was compared, and every difference in the order of paths."""

    artifacts: int
    files: int
    differences: tuple[FileDifference, ...]

    @property
    def is_intact(self) -> bool:
        """Return whether every file of the lock is there with its bytes."""
        return all(difference.kind is Difference.EXTRA for difference in self.differences)


def read_lock(workspace: Workspace) -> Lock:
    """Return the workspace's lock, an empty one where there is none.

    Raises `IntegrityError` where the file is no lock, `OutputError` where it cannot be read.
    """
    return _read(workspace.lock_file)


def require_lock(workspace: Workspace) -> Lock:
    """Return the workspace's lock.

    Raises `NotFoundError` where there is none, otherwise as `read_lock`.
    """
    if not workspace.lock_file.is_file() and not workspace.lock_file.is_dir():
        raise NotFoundError(
            f"there is no cmsite.lock in {workspace.root}; name the folder that `cmsite pull` wrote into"
        )
    return read_lock(workspace)


def read_installed(workspace: Workspace) -> Lock:
    """Return what the last command left on this disk, which is not the lock where that came from elsewhere since.

    It only tells an older revision from local changes, so a damaged one counts as none.
    """
    try:
        return _read(workspace.installed_file, of_disk=True)
    except (IntegrityError, OutputError):
        return Lock()


def _read(path: Path, *, of_disk: bool = False) -> Lock:
    try:
        # One byte more than allowed: `parse_lock` then refuses it, and memory stays bounded.
        with path.open("rb") as stream:
            content = stream.read(MAX_LOCK_BYTES + 1)
    except FileNotFoundError:
        return Lock()
    except IsADirectoryError as error:
        raise OutputError(
            f"{path} is a folder, and the lock is a file; move the folder away, or restore the file from version control"
        ) from error
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    return parse_lock(content, str(path), of_disk=of_disk)


def verify(workspace: Workspace) -> Verified:
    """Compare every file with the lock.

    Raises `NotFoundError` where the folder has no lock.
    """
    lock = require_lock(workspace)
    differences = [found for artifact in lock.artifacts for found in artifact_differences(workspace.root, artifact)]
    differences += [found for one in lock.licenses for found in license_differences(workspace, one)]
    differences += _foreign_artifacts(workspace, lock)
    missing = [name for name in DESCRIPTORS if not (workspace.root / name).is_file()]
    differences += [FileDifference(path=name, kind=Difference.MISSING) for name in missing]
    return Verified(
        artifacts=len(lock.artifacts),
        files=sum(len(artifact.files) for artifact in lock.artifacts) + sum(len(one.files) for one in lock.licenses),
        differences=tuple(sorted(differences, key=lambda difference: difference.path)),
    )


def behind(workspace: Workspace) -> tuple[tuple[LockedArtifact, LockedArtifact], ...]:
    """Return (what lies here, what the lock pins) of artifacts that are as they were pulled, with a lock that went on."""
    installed = {artifact.path: artifact for artifact in read_installed(workspace).artifacts}
    return tuple(
        (present, artifact)
        for artifact in read_lock(workspace).artifacts
        if (present := installed.get(artifact.path)) is not None
        and present.files != artifact.files
        and not artifact_differences(workspace.root, present)
    )


def artifact_differences(root: Path, artifact: LockedArtifact) -> tuple[FileDifference, ...]:
    """Return how the files of one artifact differ from the lock, in the order of paths."""
    expected = {f"{artifact.path}/{file.path}": file.sha256 for file in artifact.files}
    found = [_compared(root, path, digest) for path, digest in expected.items()]
    extra = [path for path in _files_below(root, artifact.path) if path not in expected]
    found += [FileDifference(path=path, kind=Difference.EXTRA) for path in extra]
    return tuple(sorted((difference for difference in found if difference), key=lambda difference: difference.path))


def file_sha256(path: Path) -> str:
    """Return the digest of a regular file, "" where a link or anything else stands in its place.

    Raises `OSError` where it cannot be read.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        return ""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(_PART_BYTES):
            digest.update(part)
    return digest.hexdigest()


def _compared(root: Path, path: str, sha256: str) -> FileDifference | None:
    try:
        same = file_sha256(root / path) == sha256
    except (FileNotFoundError, NotADirectoryError):
        return FileDifference(path=path, kind=Difference.MISSING)
    except OSError as error:
        raise OutputError(f"cannot read {root / path}: {error.strerror}; check its permissions") from error
    return None if same else FileDifference(path=path, kind=Difference.CHANGED)


def license_differences(workspace: Workspace, licenses: LockedLicenses) -> tuple[FileDifference, ...]:
    """Return how the licence files of one repository differ from the lock."""
    prefix = (workspace.licenses / licenses.folder).relative_to(workspace.root).as_posix()
    compared = (_compared(workspace.root, f"{prefix}/{path}", digest) for path, digest in licenses.files)
    return tuple(difference for difference in compared if difference)


def _foreign_artifacts(workspace: Workspace, lock: Lock) -> list[FileDifference]:
    """Return the artifacts that no pull wrote here, as extra folders: the clients find and run them like the others."""
    locked = {artifact.path for artifact in lock.artifacts}
    found = []
    for automation in workspace.root.iterdir():
        if automation.name.startswith(".") or not automation.is_dir():
            continue
        for folder in automation.iterdir():
            path = f"{automation.name}/{folder.name}"
            if path not in locked and any((folder / name).exists() for name in _METAS):
                found.append(FileDifference(path=f"{path}/", kind=Difference.EXTRA))
    return found


def _files_below(root: Path, folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(root / folder):
        below = Path(parent).relative_to(root).as_posix()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from (f"{below}/{name}" for name in (*names, *links))
