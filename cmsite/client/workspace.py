"""The folder a pull writes into: one repository that the real `cm` and `mlc` both take as theirs.

Only names and the two descriptors stand here; artifacts are written by `pull`. The descriptor is written by plain
string formatting, since the client imports no YAML. Source: CONTRACT §8, facts/formats.md §5.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from cmsite.errors import OutputError
from cmsite.index.layout import ROOT_PATH
from cmsite.model.names import UID_LENGTH
from cmsite.outputs import TEMPORARY_PREFIX, OutputFile, OutputFolder

LOCK_FILE = "cmsite.lock"
DEFAULT_FOLDER = "artifacts"
DESCRIPTORS = ("cmr.yaml", "meta.yaml")
_FOREIGN_DESCRIPTORS = (*DESCRIPTORS, "cmr.json", "meta.json", ".ckr.json")
_OF_A_SITE = (".cmsite-site", ROOT_PATH)
_HELD = "pulling.lock"
_WAIT_S = 600.0  # The other pull may be fetching something large.


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One folder of pulled artifacts; `root` need not exist yet."""

    root: Path

    @property
    def lock_file(self) -> Path:
        """Return the path of cmsite.lock."""
        return self.root / LOCK_FILE

    @property
    def own_folder(self) -> Path:
        """Return the folder of everything that is neither artifact nor descriptor."""
        return self.root / ".cmsite"

    @property
    def incoming(self) -> Path:
        """Return where archives are unpacked and checked before they get their name; on the same file system."""
        return self.own_folder / "incoming"

    @property
    def installed_file(self) -> Path:
        """Return where the lock of what lies on this disk stands; cmsite.lock itself may come from elsewhere."""
        return self.own_folder / "installed.lock"

    @property
    def licenses(self) -> Path:
        """Return where licence files of repositories lie, one folder a repository."""
        return self.own_folder / "licenses"


def find_workspace(start: Path) -> Workspace:
    """Return the nearest parent folder with a cmsite.lock, else `artifacts` in `start`.

    Source: CONTRACT §8.
    """
    resolved = start.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / LOCK_FILE).is_file():
            return Workspace(root=folder)
    return Workspace(root=start / DEFAULT_FOLDER)


def draw_uid() -> str:
    """Return a new uid, as CM draws them."""
    return uuid4().hex[:UID_LENGTH]


def emit_descriptor(uid: str) -> bytes:
    """Return the bytes of both descriptors for a repository of this uid.

    Every value is quoted: unquoted digits would be a number, which stops the clients.
    """
    return (
        "# One repository for cm and mlc, written by `cmsite pull`; what it holds stands in cmsite.lock.\n"
        f'alias: "cmsite-{uid[:8]}"\n'
        f'uid: "{uid}"\n'
        'desc: "Artifacts pulled with cmsite"\n'
        "git: false\n"
    ).encode()


def require_own_folder(workspace: Workspace) -> None:
    """Raise `OutputError` where the folder is somebody's repository, or no folder."""
    root = workspace.root
    if workspace.lock_file.exists() or not root.exists():
        return
    if not root.is_dir():
        raise OutputError(f"{root} is a file; pull into a folder: --into DIR")
    if any((root / name).exists() for name in _OF_A_SITE):
        raise OutputError(
            f"{root} is a site that `cmsite build` wrote, and the next build would publish what is pulled; "
            "pull into another folder: --into DIR"
        )
    found = [name for name in _FOREIGN_DESCRIPTORS if (root / name).exists()]
    if found:
        raise OutputError(
            f"{root} is a repository already ({', '.join(found)} without {LOCK_FILE}); pull into another folder: --into DIR"
        )


def refuse_linked_folders(root: Path, path: str) -> None:
    """Raise `OutputError` where a folder between the workspace and a file of ours is a link: it would lead elsewhere.

    A workspace may come from elsewhere, links and all. Source: facts/index.md §4, case 36.
    """
    folder = root
    for part in path.split("/")[:-1]:
        folder /= part
        if folder.is_symlink():
            raise OutputError(f"{folder} is a symbolic link, which no pull makes; remove it, and try again")


def ensure_descriptors(workspace: Workspace, draw_uid: Callable[[], str]) -> None:
    """Write cmr.yaml and the identical meta.yaml unless they are there; the uid is drawn once and kept.

    Where only one is left, it is copied: the repository keeps its name.
    """
    present = [workspace.root / name for name in DESCRIPTORS if (workspace.root / name).is_file()]
    if len(present) == len(DESCRIPTORS):
        return
    try:
        content = present[0].read_bytes() if present else emit_descriptor(draw_uid())
    except OSError as error:
        raise OutputError(f"cannot read {present[0]}: {error.strerror}; check its permissions") from error
    folder = OutputFolder(workspace.root)
    for name in DESCRIPTORS:
        folder.write_atomically(OutputFile(path=name, content=content))


@contextlib.contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace for one run that writes; a second one waits. What killed runs left is gone then.

    Raises `OutputError` where the folder cannot be written or the other pull does not end.
    """
    for path in (workspace.incoming, workspace.licenses, workspace.own_folder / _HELD):
        refuse_linked_folders(workspace.root, f"{path.relative_to(workspace.root).as_posix()}/")
    try:
        workspace.own_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=workspace.own_folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write into {workspace.root}: {error.strerror}; choose another folder: --into DIR"
        ) from error
    lock = FileLock(os.fspath(workspace.own_folder / _HELD), timeout=_WAIT_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"another pull has held {workspace.root} for {_WAIT_S:.0f} s; wait for it, or end it and try again"
        ) from error
    try:
        _remove_leftovers(workspace)
        yield
    finally:
        lock.release()


def _remove_leftovers(workspace: Workspace) -> None:
    """Remove what killed runs left: nobody else writes here now."""
    shutil.rmtree(workspace.incoming, ignore_errors=True)
    for folder in (workspace.root, workspace.own_folder):
        for temporary in folder.glob(f"{TEMPORARY_PREFIX}*"):
            with contextlib.suppress(OSError):  # A folder of this name is not ours.
                temporary.unlink()
