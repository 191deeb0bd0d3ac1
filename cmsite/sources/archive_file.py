"""One archive file, open for reading: what it is, its digest, its members and their bytes.

Every failure comes as the fault of the layer that saw it; `cmsite.sources.archive` names the archive.
Source: facts/index.md §4 (attacks 16, 17, 31, 33, 34).
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cmsite.archive_limits import ArchiveLimits
from cmsite.decompression import BoundedReader, Compression, compression_of
from cmsite.member_names import shown
from cmsite.sources.archive_members import Member
from cmsite.sources.extents import Extent, ExtentFault, ReadAt, chunks, read_at
from cmsite.sources.zip_end import ends_as_zip
from cmsite.sources.zip_index import zip_members
from cmsite.tar_reader import MemberKind, TarMember, TarReader, is_tar

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_START_BYTES = 512  # A tar header; every other magic number is shorter.
_PART_BYTES = 1 << 20
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_ENDINGS = {
    "zip": (".zip",),
    "tar": (".tar",),
    Compression.GZIP.value: (".tar.gz", ".tgz"),
    Compression.XZ.value: (".tar.xz", ".txz"),
    Compression.BZIP2.value: (".tar.bz2", ".tbz2", ".tbz"),
    Compression.ZSTD.value: (".tar.zst", ".tzst"),
}


class ArchiveFault(Exception):  # noqa: N818 - it is a value for the caller's error, not an error of the user.
    """The file is no archive that can be read; the text completes "FILE: ..."."""


class ArchiveFile:
    """An open archive; `form` says what it is by its content: zip, tar, or the compression of a tar.

    Raises `OSError` where it cannot be opened, `ArchiveFault` where it is nothing that is known.
    """

    def __init__(self, path: Path, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._handle = os.open(path, _FLAGS)
        self._handles = [self._handle]
        self._read = read_at(self._handle)
        self._data = self._read
        self._opened = os.fstat(self._handle)
        self.size_bytes = self._opened.st_size
        try:
            self.form = self._form()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file and of the temporary one."""
        while self._handles:
            os.close(self._handles.pop())

    def has_fitting_name(self, name: str) -> bool:
        """Return whether a file name ends as this form of archive usually does."""
        return name.lower().endswith(_ENDINGS[self.form])

    def usual_ending(self) -> str:
        """Return the ending that this form of archive usually has."""
        return _ENDINGS[self.form][0]

    def digest(self) -> str:
        """Return the sha256 of the file in hexadecimal digits."""
        digest = hashlib.sha256()
        for start in range(0, self.size_bytes, _PART_BYTES):
            digest.update(self._read(start, _PART_BYTES))
        return digest.hexdigest()

    def members(self) -> tuple[Member, ...]:
        """Return every member, after checking the whole archive."""
        if self.form == "zip":
            return zip_members(self._read, self.size_bytes, self._limits)
        if ends_as_zip(self._read, self.size_bytes):
            raise ArchiveFault(f"it is both {self.form} and zip, so that two programs would see two archives")
        size_bytes = self.size_bytes
        if self.form != "tar":
            handle, size_bytes = self._expanded()
            self._handles.append(handle)
            self._data = read_at(handle)
            self._require_tar(self._data(0, _START_BYTES))
        return tuple(map(_member, self._tar_members(size_bytes)))

    def content(self, extent: Extent) -> bytes:
        """Return the bytes of a member.

        Raises `ExtentFault` where the file was changed since it was opened.
        """
        now = os.fstat(self._handle)
        if (now.st_size, now.st_mtime_ns) != (self.size_bytes, self._opened.st_mtime_ns):
            raise ExtentFault("cannot be read: the archive was changed meanwhile")
        return b"".join(chunks(self._data, extent))

    def _form(self) -> str:
        if not stat.S_ISREG(self._opened.st_mode):
            raise ArchiveFault("it is no regular file")
        start = self._read(0, _START_BYTES)
        if start.startswith(_ZIP_STARTS):
            if is_tar(start):
                raise ArchiveFault("it is both zip and tar, so that two programs would see two archives")
            return "zip"
        if compression := compression_of(start):
            return compression.value
        if is_tar(start) or start == bytes(_START_BYTES):  # A tar without members is nothing but zero bytes.
            return "tar"
        holds = f"starts with the bytes {start[:8].hex(' ')}" if start else "is empty"
        raise ArchiveFault(
            f"it is neither zip nor tar (plain, gzip, xz, bzip2, zstd): it {holds}; fetch it again, or pack it anew"
        )

    def _require_tar(self, start: bytes) -> None:
        """Refuse a compressed file that holds something other than a tar."""
        if is_tar(start) or start == bytes(_START_BYTES):
            return
        inner = compression_of(start)
        what = f"{inner.value} again" if inner else f"no tar: it starts with {start[:8]!r}"
        raise ArchiveFault(f"the {self.form} stream holds {what}; expected a tar, compressed once")

    def _expanded(self) -> tuple[int, int]:
        """Return a temporary file with the expanded tar, which has no name and goes with its descriptor, and its size."""
        reader = BoundedReader(
            _Cursor(self._read).read,
            Compression(self.form),
            cap_bytes=self._limits.expanded_bytes(self.size_bytes),
            many_streams=True,
            decoder_bytes=self._limits.decoder_bytes,
        )
        with tempfile.TemporaryFile(buffering=0) as stream:
            while data := reader.read(_PART_BYTES):
                view = memoryview(data)
                while view:
                    view = view[os.write(stream.fileno(), view) :]
            return os.dup(stream.fileno()), reader.expanded_bytes

    def _tar_members(self, size_bytes: int) -> Iterator[TarMember]:
        cursor = _Cursor(self._data)
        reader = TarReader(
            cursor.read,
            skip=cursor.skip,
            max_members=self._limits.members,
            max_header_bytes=self._limits.header_bytes,
            plain=False,
        )
        for member in reader.members():
            if member.offset + member.size_bytes > size_bytes:
                raise ArchiveFault(f"it is cut off inside '{shown(member.name)[:200]}'")
            yield member


class _Cursor:
    """Reads forward through a file that is read by place."""

    def __init__(self, data: ReadAt) -> None:
        self._data = data
        self._place = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        found = self._data(self._place, size)
        self._place += len(found)
        return found

    def skip(self, size: int) -> None:
        """Pass over bytes, beyond the end where the file is too short: reading then gives nothing."""
        self._place += size


def _member(member: TarMember) -> Member:
    extent = Extent(offset=member.offset, stored_bytes=member.size_bytes, size_bytes=member.size_bytes)
    return Member(
        name=member.name,
        kind=member.kind,
        executable=member.executable,
        target=member.target,
        extent=extent if member.kind is MemberKind.FILE else None,
    )
