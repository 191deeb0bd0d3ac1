"""An artifact's files → one archive, the same bytes on every machine; pure.

Members are relative to the artifact's folder, sorted by bytes, regular files only, mtime 0, uid/gid 0, modes
0644/0755. The content digest is the sha256 of the uncompressed tar: what decides whether a new revision is counted.
Source: CONTRACT §3, §4.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.index.packing import pack

_BLOCK = 512  # Bytes of a tar block.

# The fields of a ustar header in their order. Source: POSIX.1-2017, pax, "ustar Interchange Format".
_MAX_NAME = 100  # Bytes; longer names need a prefix or a pax header.
_MAX_SIZE_BYTES = 8**11
_NO_OWNER = b"0000000\0" * 2  # uid, gid
_NO_TIME = b"00000000000\0"  # mtime
_REST = (
    b"0" + bytes(100) + b"ustar\00000" + bytes(247)
)  # type, link, magic, version; names, device and prefix are empty.
_SUM_OF_REST = sum(_REST) + 8 * ord(" ")  # The checksum counts its own field as blanks.


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One packed artifact: `content` are the bytes served, `sha256` their digest, `tar_sha256` the content digest."""

    tar_sha256: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file that goes into an archive; `path` is POSIX and relative to the artifact's folder."""

    path: str
    content: bytes
    executable: bool = False


def pack_archive(members: Iterable[Member]) -> Archive:
    """Pack an artifact's files.

    >>> pack_archive([Member(path="b", content=b"2"), Member(path="a", content=b"1")]).tar_sha256[:16]
    'a3a9076e430d360b'
    """
    tar = tar_bytes(members)
    content = pack(tar)
    return Archive(
        tar_sha256=hashlib.sha256(tar).hexdigest(), sha256=hashlib.sha256(content).hexdigest(), content=content
    )


def tar_bytes(members: Iterable[Member]) -> bytes:
    """Return the uncompressed tar: pax headers only where a name does not fit ustar, two zero blocks at the end."""
    stream = io.BytesIO()
    for member in sorted(members, key=lambda item: item.path.encode("utf-8", "surrogateescape")):
        stream.write(_header(member))
        stream.write(member.content)
        stream.write(b"\0" * (-len(member.content) % _BLOCK))
    stream.write(b"\0" * (2 * _BLOCK))
    return stream.getvalue()


def _header(member: Member) -> bytes:
    """Return the header of one member; the standard library writes those that ustar alone cannot hold."""
    mode, size_bytes = 0o755 if member.executable else 0o644, len(member.content)
    if len(member.path) > _MAX_NAME or size_bytes >= _MAX_SIZE_BYTES or not member.path.isascii():
        header = tarfile.TarInfo(member.path)
        header.size, header.mode = size_bytes, mode
        return header.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    start = b"%s%07o\0" % (member.path.encode("ascii").ljust(_MAX_NAME, b"\0"), mode)
    fields = b"%s%s%011o\0%s" % (start, _NO_OWNER, size_bytes, _NO_TIME)
    checksum = sum(fields) + _SUM_OF_REST
    return b"%s%06o\0 %s" % (fields, checksum, _REST)
