"""Deterministic gzip: the same bytes on every system, and unpacking that cannot be made to eat memory.

The header is written here because zlib's own differs between systems (the byte that names the operating system).
Source: RFC 1952; CONTRACT §3 (byte-equality is promised for one zlib, named in root.json).
"""

import hashlib
import struct
import zlib

from cmsite.errors import IntegrityError

LEVEL = 6  # zlib's default: level 9 saves about 1 % on index files and takes twice the time.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # A part of `all` is about 2 MB; this only stops bombs.

# Magic, deflate, no flags, no time, no extra flags, unknown system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def pack(data: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    """Return `data` as one gzip member without name and time; `strategy` is zlib's.

    >>> unpack(pack(b"abc"), where="an example")
    b'abc'
    """
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    body = compressor.compress(data) + compressor.flush()
    return _HEADER + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def packed_file(data: bytes) -> tuple[str, bytes]:
    """Return the sha256 and the bytes of a packed file of the trees.

    They are full of digests, in which short repetitions are chance: without these nodes are 9 % smaller, leaves 2 %.
    """
    packed = pack(data, zlib.Z_FILTERED)
    return hashlib.sha256(packed).hexdigest(), packed


def unpack(data: bytes, *, where: str, max_bytes: int = MAX_UNPACKED_BYTES) -> bytes:
    """Return the content of exactly one gzip member.

    Raises `IntegrityError`, naming `where`, for damage, a second member, trailing bytes, or over `max_bytes`.
    """
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = decompressor.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise IntegrityError(f"{where}: this is not intact gzip ({error}); the file is damaged") from error
    if len(content) > max_bytes:
        raise IntegrityError(f"{where}: unpacks to more than the {max_bytes} bytes allowed; the file is refused")
    if not decompressor.eof:
        raise IntegrityError(f"{where}: the gzip data ends early; the file is cut off")
    if decompressor.unused_data:
        raise IntegrityError(
            f"{where}: {len(decompressor.unused_data)} bytes follow the gzip data; the file is refused"
        )
    return content
