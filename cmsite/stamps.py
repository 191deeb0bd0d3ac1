"""Whether files are still those that were read, without reading them: size, times, inode and mode, as `git` does.

A file changed within the clock's coarseness of the look at it could change again unseen; its stamp matches nothing.
"""

import os
import time
from collections.abc import Iterable, Mapping
from typing import TypeAlias

# Size in bytes, time of the last change in ns, inode, mode, time of the last change of any of these in ns: a program may
# set the first time back, never this one.
Stamp: TypeAlias = tuple[int, int, int, int, int]
# Folder relative to a root ("" is the root, others end with a slash) → its own stamp and those of the names in it.
FolderStamps: TypeAlias = dict[str, tuple[Stamp, dict[str, Stamp]]]

_COARSE_NS = 20_000_000  # Linux stamps files by a clock of 4 to 10 ms.
_UNKNOWN_NS = -1
_FAR_NS = 1 << 62


def stamp(status: os.stat_result, now_ns: int) -> Stamp:
    """Return the stamp of a file that was looked at not before `now_ns`."""
    changed_ns = status.st_mtime_ns
    return (
        status.st_size,
        changed_ns if changed_ns < now_ns - _COARSE_NS else _UNKNOWN_NS,
        status.st_ino,
        status.st_mode,
        status.st_ctime_ns,
    )


def is_settled(folders: FolderStamps, now_ns: int) -> bool:
    """Return whether no file changed in any way within the clock's coarseness before `now_ns`."""
    return all(each[4] < now_ns - _COARSE_NS for own, names in folders.values() for each in (own, *names.values()))


def _now(status: os.stat_result) -> Stamp:
    return (status.st_size, status.st_mtime_ns, status.st_ino, status.st_mode, status.st_ctime_ns)


def stamps_of(paths: Iterable[str], *, since_ns: int | None = None, own: bool = False) -> dict[str, Stamp | None]:
    """Return the stamp of what each path leads to, None where there is nothing.

    `since_ns` is when reading them began, by default now: what changed later may have been read before, and its stamp
    matches nothing. What this process wrote itself (`own`) is known however young it is.
    """
    since_ns = _FAR_NS if own else since_ns or time.time_ns()
    found: dict[str, Stamp | None] = {}
    for path in paths:
        try:
            found[path] = stamp(os.stat(path), since_ns)  # noqa: PTH116 - thousands of them.
        except OSError:
            found[path] = None
    return found


def is_unchanged(stamps: Mapping[str, Stamp | None]) -> bool:
    """Return whether all paths are as they were."""
    for path, before in stamps.items():
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            if before is not None:
                return False
            continue
        if _now(status) != before:
            return False
    return True


def changed_files(root: str, folders: FolderStamps) -> list[str] | None:
    """Return the files below `root` that changed, relative to it; None where names came, went or changed their kind."""
    look, changed = os.lstat, []
    for folder, (before, files) in folders.items():
        prefix = f"{root}/{folder}"
        try:
            status = look(prefix)
            if _now(status) != before:
                return None
            for name, known in files.items():
                status = look(prefix + name)
                if _now(status) != known:
                    if status.st_mode != known[3]:
                        return None
                    changed.append(folder + name)
        except OSError:
            return None
    return changed
