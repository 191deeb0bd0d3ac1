"""Writing the files of an archive below one open folder, and never anywhere else.

Each folder on the way is opened below its parent's descriptor without following a link, each file is made new, so
nothing that stands there before or comes meanwhile can lead a write elsewhere.
Source: openat(2); facts/index.md §4 (attacks 3, 4, 11, 36).
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass

_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER_MODE = 0o755
_MODES = {False: 0o644, True: 0o755}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackedFile:
    """One file as it was written: `path` is POSIX and relative to the destination."""

    path: str
    sha256: str
    size_bytes: int
    executable: bool


class TreeWriter:
    """Writes files below the folder `root_fd`; names must have been checked.

    It keeps the folders on the way to the last file open: archives are sorted, so that each is opened about once.
    Raises `OSError` where the file system refuses.
    """

    def __init__(self, root_fd: int) -> None:
        self._root_fd = root_fd
        self._chain: list[tuple[str, int]] = []

    def write(self, path: str, chunks: Iterable[bytes], *, executable: bool) -> UnpackedFile:
        """Write one new file with its bytes on the disk, not only on their way to it."""
        *folders, name = path.split("/")
        parent_fd = self._enter(folders)
        digest = hashlib.sha256()
        size = 0
        handle = os.open(name, _NEW_FILE_FLAGS, 0o600, dir_fd=parent_fd)
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                _write_all(handle, chunk)
            os.fchmod(handle, _MODES[executable])
            os.fsync(handle)
        finally:
            os.close(handle)
        return UnpackedFile(path=path, sha256=digest.hexdigest(), size_bytes=size, executable=executable)

    def close(self) -> None:
        """Bring the folders to the disk and let go of them; the root stays open."""
        self._leave(0)

    def _enter(self, folders: list[str]) -> int:
        """Return the descriptor of a folder below the root, making it where it is missing."""
        common = 0
        while common < min(len(folders), len(self._chain)) and folders[common] == self._chain[common][0]:
            common += 1
        self._leave(common)
        for name in folders[common:]:
            self._chain.append((name, _folder(self._chain[-1][1] if self._chain else self._root_fd, name)))
        return self._chain[-1][1] if self._chain else self._root_fd

    def _leave(self, depth: int) -> None:
        while len(self._chain) > depth:
            _, handle = self._chain.pop()
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def make_folder(parent_fd: int, name: str) -> int:
    """Make a new folder of mode 0755, whatever the umask, and return its descriptor."""
    os.mkdir(name, 0o700, dir_fd=parent_fd)
    handle = os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)
    os.fchmod(handle, _FOLDER_MODE)
    return handle


def _folder(parent_fd: int, name: str) -> int:
    try:
        return make_folder(parent_fd, name)
    except FileExistsError:
        return os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)


def _write_all(handle: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(handle, view) :]
