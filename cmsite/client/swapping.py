"""Putting a finished folder in its place in one step, below one open parent folder.

Everything goes through the parent's descriptor, so a parent that is swapped for a link meanwhile changes nothing.
Source: rename(2), renameat2(2) of Linux, renamex_np(2) of macOS; facts/index.md §4 (attack 36).
"""

import ctypes
import errno
import os
import sys

# The flag that exchanges two names: RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS, by chance the same number.
_EXCHANGE = 2
_ASIDE = "old."
_NOT_THERE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def place(source_fd: int, source: str, parent_fd: int, name: str) -> None:
    """Rename a folder to `name`, where nothing may stand.

    Raises `FileExistsError` where something does, a link to nowhere included.
    """
    if exists(parent_fd, name):
        raise FileExistsError(errno.EEXIST, "something stands there", name)
    # Between the look and this a folder may appear: rename(2) then replaces an empty folder, and nothing else.
    os.rename(source, name, src_dir_fd=source_fd, dst_dir_fd=parent_fd)


def exchange(source_fd: int, source: str, parent_fd: int, name: str) -> None:
    """Put `source` at `name`, and what stood there at `source`; at each moment one of the two stands at `name`.

    Where the system cannot exchange two names, the old one waits beside `source` as `old.NAME`, and is put back when
    the second step fails; `restore` does that after a killed process.
    """
    if _exchanged(source_fd, source, parent_fd, name):
        return
    aside = f"{_ASIDE}{name}"
    os.rename(name, aside, src_dir_fd=parent_fd, dst_dir_fd=source_fd)
    try:
        os.rename(source, name, src_dir_fd=source_fd, dst_dir_fd=parent_fd)
    except BaseException:
        os.rename(aside, name, src_dir_fd=source_fd, dst_dir_fd=parent_fd)
        raise


def restore(source_fd: int, parent_fd: int) -> None:
    """Put back what a killed `exchange` left aside in its folder, where nothing stands in its place."""
    for aside in os.listdir(source_fd):
        if aside.startswith(_ASIDE) and not exists(parent_fd, aside.removeprefix(_ASIDE)):
            os.rename(aside, aside.removeprefix(_ASIDE), src_dir_fd=source_fd, dst_dir_fd=parent_fd)


def exists(parent_fd: int, name: str) -> bool:
    """Return whether anything has this name, a link to nowhere included."""
    try:
        os.stat(name, dir_fd=parent_fd, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _exchanged(source_fd: int, source: str, parent_fd: int, name: str) -> bool:
    """Exchange two names in one step; return False where this system or file system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    function = getattr(library, "renameatx_np" if sys.platform == "darwin" else "renameat2", None)
    if function is None:
        return False
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    if function(source_fd, os.fsencode(source), parent_fd, os.fsencode(name), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_THERE:
        return False
    raise OSError(code, os.strerror(code), name)
