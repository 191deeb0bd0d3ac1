"""Where the bytes of a member lie in an open file, and reading them back, checked.

An extent is read with pread, so that processes that share the descriptor do not disturb each other.
Source: RFC 1951 (deflate); PKWARE APPNOTE 6.3.10, 4.4.7 (CRC-32).
"""

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_CHUNK_BYTES = 256 * 1024
_MAX_OFFSET = 2**62

# (offset, size) → bytes, fewer only at the end of the file.
ReadAt = Callable[[int, int], bytes]


class ExtentFault(Exception):  # noqa: N818 - it is a value for the caller's error, not an error of the user.
    """The bytes are not what the archive says about them; the text completes "member X ..."."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The bytes of one member: `stored_bytes` from `offset`, deflated or not; `crc32` is None where none is stated."""

    offset: int
    stored_bytes: int
    size_bytes: int
    deflated: bool = False
    crc32: int | None = None


def read_at(handle: int) -> ReadAt:
    """Return a function that reads an open file at a place, whoever else reads it."""

    def read(offset: int, size: int) -> bytes:
        pieces: list[bytes] = []
        # A zip states places of 64 bits, of which the system takes 63.
        while size and offset <= _MAX_OFFSET and (piece := os.pread(handle, size, offset)):
            pieces.append(piece)
            offset += len(piece)
            size -= len(piece)
        return b"".join(pieces)

    return read


def chunks(read: ReadAt, extent: Extent) -> Iterator[bytes]:
    """Yield the bytes of a member in pieces.

    Raises `ExtentFault` before the end where length, deflate stream or checksum are not as stated.
    """
    size = crc32 = 0
    for chunk in _inflated(read, extent) if extent.deflated else _stored(read, extent):
        size += len(chunk)
        crc32 = zlib.crc32(chunk, crc32) if extent.crc32 is not None else 0
        if size > extent.size_bytes:
            raise ExtentFault(f"expands to more than the {extent.size_bytes} bytes it states")
        yield chunk
    if size != extent.size_bytes:
        raise ExtentFault(f"has {size} bytes, its header states {extent.size_bytes}")
    if extent.crc32 is not None and crc32 != extent.crc32:
        raise ExtentFault(f"has the checksum {crc32:08x}, its header states {extent.crc32:08x}")


def _stored(read: ReadAt, extent: Extent) -> Iterator[bytes]:
    for start in range(0, extent.stored_bytes, _CHUNK_BYTES):
        chunk = read(extent.offset + start, min(_CHUNK_BYTES, extent.stored_bytes - start))
        if not chunk:
            raise ExtentFault("is cut off")
        yield chunk


def _inflated(read: ReadAt, extent: Extent) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in _stored(read, extent):
            yield inflate.decompress(piece, _CHUNK_BYTES)
            while inflate.unconsumed_tail:
                yield inflate.decompress(inflate.unconsumed_tail, _CHUNK_BYTES)
        while not inflate.eof and (rest := inflate.decompress(b"", _CHUNK_BYTES)):
            yield rest
    except zlib.error as error:
        raise ExtentFault(f"is damaged ({error})") from error
    if not inflate.eof or inflate.unused_data:
        raise ExtentFault("is not one whole deflate stream")
