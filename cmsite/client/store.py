"""A published archive → one folder, all of it or nothing.

The archive is believed in nothing: its digest is taken while it is read, only regular files are written, below a
scratch folder beside the destination, and one rename puts the result in its place. A refusal leaves nothing, a killed
run leaves a scratch folder that the next one removes.

The members are read by `cmsite.tar_reader` and not by `tarfile`: why stands there.
Source: CONTRACT §3, §4; facts/index.md §4 (attacks 1-28, 34, 36-39).
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from cmsite.archive_limits import ArchiveLimits
from cmsite.client.scratch import scratch_folder
from cmsite.client.swapping import exchange, exists, place
from cmsite.client.tree_writer import TreeWriter, UnpackedFile, make_folder
from cmsite.decompression import BoundedReader, Compression, DecompressionFault
from cmsite.errors import IntegrityError, OutputError
from cmsite.member_names import NameRegister, check_member_name
from cmsite.tar_reader import TarFault, TarMember, TarReader

__all__ = ["ArchiveLimits", "UnpackedFile", "unpack"]

# Not the artifact's folder itself but one below the scratch folder, so that a leftover never looks like an artifact
# to a client that lists its parent.
_TREE = "tree"
_ARCHIVE_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_DEFAULT_LIMITS = ArchiveLimits()


def unpack(
    archive: Path,
    destination: Path,
    *,
    tar_sha256: str,
    archive_sha256: str = "",
    limits: ArchiveLimits = _DEFAULT_LIMITS,
    check: Callable[[Path], None] | None = None,
    replace: bool = False,
) -> tuple[UnpackedFile, ...]:
    """Unpack a published `.tar.gz` to `destination` and return its files in the archive's order.

    `tar_sha256` is the digest of the uncompressed tar, `archive_sha256` that of the stored bytes where known (it also
    covers the few bits of gzip that change nothing). `check` sees the finished folder before it is put in place, may
    add files, and refuses by raising. With `replace` whatever stands at the destination is exchanged for the new
    folder and removed after; without it nothing may stand there.

    Raises `IntegrityError` where the archive is not what it should be, `OutputError` where the disk refuses or the
    destination is taken; then everything is as it was before.
    """
    _require_posix()
    try:
        with _parent_folder(destination) as parent_fd:
            if not replace and exists(parent_fd, destination.name):
                raise _taken(destination)
            with scratch_folder(parent_fd) as (scratch, scratch_fd):
                tree_fd = make_folder(scratch_fd, _TREE)
                try:
                    files = _unpack_below(tree_fd, archive, tar_sha256, archive_sha256, limits)
                    if check is not None:
                        check(destination.parent / scratch / _TREE)
                    os.fsync(tree_fd)
                finally:
                    os.close(tree_fd)
                _put(scratch_fd, parent_fd, destination, replace=replace)
                os.fsync(parent_fd)
            return files
    except OSError as error:
        raise OutputError(
            f"cannot unpack {archive.name} to {destination}: {error.strerror or error}; check free space and permissions"
        ) from error


def _require_posix() -> None:
    if os.open not in os.supports_dir_fd or not hasattr(os, "fchmod"):
        raise OutputError("artifacts can be unpacked on Linux and macOS only; on Windows use the Linux subsystem (WSL)")


def _taken(destination: Path) -> OutputError:
    what = "a symbolic link stands" if destination.is_symlink() else "something stands"
    return OutputError(f"cannot unpack to {destination}: {what} there already; remove it, or choose another folder")


@contextlib.contextmanager
def _parent_folder(destination: Path) -> Iterator[int]:
    """Give the descriptor of the folder above the destination, made where missing and removed again on a refusal."""
    if destination.name in ("", ".."):
        raise OutputError(f"cannot unpack to {destination}: it names no new folder; name one")
    made = _make_folders(destination.parent)
    try:
        handle = os.open(destination.parent, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            yield handle
        finally:
            os.close(handle)
    except BaseException:
        with contextlib.suppress(OSError):  # Another run uses one of them by now.
            for folder in reversed(made):
                folder.rmdir()
        raise


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it, and return the ones that were missing, outermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _put(scratch_fd: int, parent_fd: int, destination: Path, *, replace: bool) -> None:
    if replace and exists(parent_fd, destination.name):
        exchange(scratch_fd, _TREE, parent_fd, destination.name)
        return
    try:
        place(scratch_fd, _TREE, parent_fd, destination.name)
    except (FileExistsError, NotADirectoryError) as error:
        raise _taken(destination) from error
    except OSError as error:
        if exists(parent_fd, destination.name):  # ENOTEMPTY and its kin have no class of their own.
            raise _taken(destination) from error
        raise


def _unpack_below(
    tree_fd: int, archive: Path, tar_sha256: str, archive_sha256: str, limits: ArchiveLimits
) -> tuple[UnpackedFile, ...]:
    """Write the archive's files below an open folder, and see that its digests are the promised ones."""
    with _StoredArchive(archive) as stored:
        unpacking = _Unpacking(stored, limits)
        try:
            files = unpacking.run(tree_fd)
        except (DecompressionFault, TarFault) as fault:
            raise _refused(archive, str(fault)) from fault
        _compare(archive, "the content digest", unpacking.tar_digest.hexdigest(), tar_sha256)
        if archive_sha256:
            _compare(archive, "the digest of the stored bytes", stored.digest.hexdigest(), archive_sha256)
        return files


def _compare(archive: Path, what: str, got: str, expected: str) -> None:
    if got != expected:
        raise _refused(archive, f"{what} is sha256:{got}, expected sha256:{expected}")


def _refused(archive: Path, why: str) -> IntegrityError:
    return IntegrityError(f"{archive.name}: {why}; nothing was unpacked; fetch it again, or tell the publisher")


class _StoredArchive:
    """The file as it is stored; `digest` is that of the bytes read so far."""

    def __init__(self, archive: Path) -> None:
        self._handle = os.open(archive, _ARCHIVE_FLAGS)
        status = os.fstat(self._handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._handle)
            raise OSError(errno.EINVAL, "the archive is no regular file")
        self.size_bytes = status.st_size
        self.digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def read(self, size: int) -> bytes:
        data = os.read(self._handle, size)
        self.digest.update(data)
        return data


class _Unpacking:
    """One pass over the archive: expand, hash, read members, check their names, write."""

    def __init__(self, stored: _StoredArchive, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._expanded = BoundedReader(
            stored.read, Compression.GZIP, cap_bytes=limits.expanded_bytes(stored.size_bytes), many_streams=False
        )
        self._names = NameRegister()
        self.tar_digest = hashlib.sha256()

    def run(self, tree_fd: int) -> tuple[UnpackedFile, ...]:
        reader = TarReader(
            self._read, max_members=self._limits.members, max_header_bytes=self._limits.header_bytes, plain=True
        )
        writer = TreeWriter(tree_fd)
        try:
            return tuple(self._write(member, reader, writer) for member in reader.members())
        finally:
            writer.close()

    def _write(self, member: TarMember, reader: TarReader, writer: TreeWriter) -> UnpackedFile:
        fault = check_member_name(
            member.name, writing=True, max_depth=self._limits.depth, max_path_bytes=self._limits.path_bytes
        ) or self._names.add(member.name)
        if fault is not None:
            raise TarFault(fault.message)
        return writer.write(member.name, reader.data(), executable=member.executable)

    def _read(self, size: int) -> bytes:
        data = self._expanded.read(size)
        self.tar_digest.update(data)
        return data
