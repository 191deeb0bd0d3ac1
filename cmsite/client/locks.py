"""Locks between processes that may fail: what they guard must be right without them, only dearer.

On NFS and the like a lock may be refused, or not exist. Source: flock(2), errors ENOLCK, ENOSYS and EOPNOTSUPP.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Give whether this process holds the lock at `path` now: False where another has it or none can be had.

    The lock ends with the process, however that ends; the file of the lock stays.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    except OSError:
        yield False
        return
    try:
        yield _locked(handle, wait=False)
    finally:
        os.close(handle)


@contextlib.contextmanager
def best_lock(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, waiting for it; where no lock can be had, go on without."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    except OSError:
        yield
        return
    try:
        _locked(handle, wait=True)
        yield
    finally:
        os.close(handle)


def _locked(handle: int, *, wait: bool) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows: every process works for itself.
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True
