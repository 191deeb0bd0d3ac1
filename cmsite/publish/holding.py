"""One run at a time writes into a site: a build may go on with a file that a collection is about to remove.

The lock lies in the cache folder, as everything in a site is published; where none can be had, a run goes on without.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from cmsite import places


@contextlib.contextmanager
def held(site_dir: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the folder of a site; give False where another run of this machine has it and this one does not `wait`."""
    folder = places.own_folder("sites")
    name = hashlib.sha256(os.fsencode(site_dir.resolve())).hexdigest()[:32]
    try:
        handle = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600) if folder else None
    except OSError:
        handle = None
    if handle is None:
        yield True
        return
    try:
        yield _lock(handle, wait=wait)
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows.
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # A file system without locks.
        return True
    return True
