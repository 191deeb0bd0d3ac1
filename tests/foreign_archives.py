"""Archives byte by byte, so that they can lie where the libraries would not let them."""

import gzip
import hashlib
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

TAR_END = bytes(1024)


def member(
    name: str | bytes,
    data: bytes = b"",
    *,
    flag: bytes = b"0",
    mode: int = 0o644,
    target: str = "",
    size_field: bytes = b"",
    magic: bytes = b"ustar\x0000",
) -> bytes:
    """Return one member of a tar: header, data, padding."""
    raw = name.encode() if isinstance(name, str) else name
    assert len(raw) <= 100
    header = bytearray(
        raw.ljust(100, b"\0")
        + b"%07o\0" % mode
        + b"0000000\0" * 2
        + (size_field or b"%011o\0" % len(data))
        + b"%011o\0" % 0
        + b" " * 8
        + flag
        + target.encode().ljust(100, b"\0")
        + magic
    ).ljust(512, b"\0")
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data + bytes(-len(data) % 512)


def pax(content: bytes, flag: bytes = b"x") -> bytes:
    """Return an extended header for the member that follows."""
    return member("PaxHeader", content, flag=flag)


def record(key: str, value: str | bytes) -> bytes:
    """Return one record of an extended header, its length counting itself."""
    raw = value.encode() if isinstance(value, str) else value
    body = b" %s=%s\n" % (key.encode(), raw)
    length = len(body)
    while length != len(body) + len(str(length)):
        length = len(body) + len(str(length))
    return b"%d%s" % (length, body)


def tar(*members: bytes) -> bytes:
    return b"".join(members) + TAR_END


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def snapshot(root: Path) -> dict[str, object]:
    """Return everything below a folder: links with their targets, folders with modes, files with modes and bytes."""
    found: dict[str, object] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            status = path.lstat()
            if path.is_symlink():
                found[str(path.relative_to(root))] = path.readlink()
            else:
                content = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
                found[str(path.relative_to(root))] = (stat.S_IMODE(status.st_mode), content)
    return found


def zip_entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def raw_zip(*entries: tuple[bytes, bytes, int], comment: bytes = b"", prefix: bytes = b"") -> bytes:
    """Return a zip of (name, data, method of the headers) with stored data; nothing is checked."""
    body, directory = bytearray(prefix), bytearray()
    for name, data, method in entries:
        common = struct.pack("<5H3L2H", 20, 0, method, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + common
        directory += struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, len(body)) + name
        body += b"PK\x03\x04" + common + name + data
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), len(body), len(comment)
    )
    return bytes(body + directory) + end + comment
