"""Folders in which something is made ready beside its place, and what killed runs left of them.

A folder belongs to the process that holds a lock on it. The kernel drops the lock with the process, however it ended,
so a leftover is known without a process number, which could be another process by now, and without a clock.
Source: flock(2); facts/index.md §4 (attacks 37 and 38).
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator

from cmsite.client.swapping import restore

PREFIX = ".cmsite-tmp-"

_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextlib.contextmanager
def scratch_folder(parent_fd: int) -> Iterator[tuple[str, int]]:
    """Make a folder below an open folder, give its name and descriptor, and remove it with its content at the end.

    What killed runs left there is removed first; folders of living ones are not touched.
    """
    remove_leftovers(parent_fd)
    name, handle = _made(parent_fd)
    try:
        yield name, handle
    finally:
        shutil.rmtree(name, ignore_errors=True, dir_fd=parent_fd)
        os.close(handle)


def remove_leftovers(parent_fd: int) -> None:
    """Remove the folders of processes that are gone; one that cannot be opened or locked is left alone."""
    for name in sorted(os.listdir(parent_fd)):
        if not name.startswith(PREFIX):
            continue
        with contextlib.suppress(OSError), _open_folder(parent_fd, name) as handle:
            if _locked(handle):
                restore(handle, parent_fd)
                shutil.rmtree(name, ignore_errors=True, dir_fd=parent_fd)


@contextlib.contextmanager
def _open_folder(parent_fd: int, name: str) -> Iterator[int]:
    handle = os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)
    try:
        yield handle
    finally:
        os.close(handle)


def _made(parent_fd: int) -> tuple[str, int]:
    """Return a new folder of ours, locked."""
    while True:
        name = PREFIX + secrets.token_hex(8)
        os.mkdir(name, 0o700, dir_fd=parent_fd)
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)
            # Another run may have taken it for a leftover before it was locked; then it is made again.
            _locked(handle)
            if _still_there(parent_fd, name, handle):
                return name, handle
            os.close(handle)


def _still_there(parent_fd: int, name: str, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(name, dir_fd=parent_fd, follow_symlinks=False), os.fstat(handle))
    except FileNotFoundError:
        return False


def _locked(handle: int) -> bool:
    """Return whether the lock on a folder is ours now; False where it is held or cannot be had."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
