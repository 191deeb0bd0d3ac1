"""A reader that expands gzip, xz, bzip2 and zstd within a cap, in constant memory.

It does not know what the bytes are (that is `cmsite.tar_reader`) and reads each compressed byte once. Every way in
which the stream lies is a `DecompressionFault`, which callers turn into their own error.
Source: facts/index.md §4 (attacks 16, 17, 31, 34); RFC 1952, RFC 8878, the .xz file format 1.2.1.
"""

import bz2
import contextlib
import enum
import importlib
import lzma
import zlib
from collections.abc import Callable
from typing import Any, Protocol, cast

CHUNK_BYTES = 64 * 1024
# zstd's run-length blocks expand 4 bytes to 128 KiB, and its object of the `zstandard` package knows no output limit:
# slices of this many bytes expand to at most 16 MiB at a time.
_ZSTD_SLICE_BYTES = 512


class Compression(enum.Enum):
    """How a stream is compressed; the value is what messages call it."""

    GZIP = "gzip"
    XZ = "xz"
    BZIP2 = "bzip2"
    ZSTD = "zstd"


_MAGIC = (
    (b"\x1f\x8b", Compression.GZIP),
    (b"\xfd7zXZ\x00", Compression.XZ),
    (b"BZh", Compression.BZIP2),
    (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
)


class DecompressionFault(Exception):  # noqa: N818 - it is a value for the caller's error, not an error of the user.
    """The stream is truncated, damaged, too large or followed by something else; the text says which."""


class MissingDecoderFault(DecompressionFault):
    """The stream needs a decoder that this Python does not have."""


class _Decoder(Protocol):
    """One compressed stream; the common part of `bz2`, `lzma` and our own wrappers."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def compression_of(start: bytes) -> Compression | None:
    r"""Return how a file that starts with these bytes is compressed, by its magic number.

    >>> compression_of(b"\x1f\x8b\x08"), compression_of(b"PK\x03\x04")
    (<Compression.GZIP: 'gzip'>, None)
    """
    return next((compression for magic, compression in _MAGIC if start.startswith(magic)), None)


class BoundedReader:
    """Expands what `source(size)` gives, up to `cap_bytes`.

    `many_streams` takes streams that follow each other as one (pigz, pbzip2 and xz write such) and zero bytes after
    them; without it one stream is all there may be. `decoder_bytes` bounds the window that xz and zstd may ask for.
    """

    def __init__(
        self,
        source: Callable[[int], bytes],
        compression: Compression,
        *,
        cap_bytes: int,
        many_streams: bool,
        decoder_bytes: int = 128 * 1024 * 1024,
    ) -> None:
        self._source = source
        self._name = compression.value
        self._cap_bytes = cap_bytes
        self._many_streams = many_streams
        self._magic = next(magic for magic, found in _MAGIC if found is compression)
        self._new_decoder = _decoder_factory(compression, decoder_bytes)
        self._decoder: _Decoder | None = self._new_decoder()
        self._input = b""
        self.expanded_bytes = 0

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes, and b"" only at the proper end.

        Raises `DecompressionFault` where the stream lies or passes the cap.
        """
        while self._decoder is not None:
            out = self._expand(self._decoder, size)
            if self._decoder.eof:
                self._input = self._decoder.unused_data
                self._decoder = self._next_decoder()
            if out:
                self._count(len(out))
                return out
        return b""

    def _count(self, size: int) -> None:
        self.expanded_bytes += size
        if self.expanded_bytes > self._cap_bytes:
            raise DecompressionFault(f"the {self._name} stream expands to more than {self._cap_bytes} bytes: a bomb")

    def _expand(self, decoder: _Decoder, size: int) -> bytes:
        """Return what the decoder gives next; b"" where it only took input."""
        data = b""
        if decoder.needs_input:
            data, self._input = self._input or self._source(CHUNK_BYTES), b""
            if not data:
                raise DecompressionFault(f"the {self._name} stream is truncated: the file ends before the stream does")
        try:
            return decoder.decompress(data, size)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError) as error:
            raise DecompressionFault(f"the {self._name} stream is damaged ({error})") from error
        except Exception as error:  # The zstd packages have error types of their own, and may not be installed.
            if type(error).__name__ != "ZstdError":
                raise
            raise DecompressionFault(f"the {self._name} stream is damaged ({error})") from error

    def _next_decoder(self) -> _Decoder | None:
        """Return the decoder of a stream that follows, or None at the end of the file."""
        while True:
            if self._many_streams:
                self._input = self._input.lstrip(b"\0")
            if len(self._input) < len(self._magic):
                more = self._source(CHUNK_BYTES)
                self._input += more
                if more:
                    continue
            break
        if not self._input:
            return None
        if self._many_streams and self._input.startswith(self._magic):
            return self._new_decoder()
        raise DecompressionFault(f"something follows the end of the {self._name} stream")


class _GzipDecoder:
    """Gives `zlib` the interface that `bz2` and `lzma` have; zlib checks the CRC and the length at the end."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        # A full answer may leave output inside zlib although all input is taken.
        out = self._inflate.decompress(data or self._inflate.unconsumed_tail, max_length)
        self._full = len(out) == max_length
        return out


class _SlicedDecoder:
    """Gives the object of the `zstandard` package, which knows no output limit, the interface of `bz2`."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._input = memoryview(b"")
        self._output = memoryview(b"")

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof) and not self._output

    @property
    def needs_input(self) -> bool:
        return not self._output and not self._input

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data) + bytes(self._input)

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        if data:
            self._input = memoryview(data)
        while not self._output and self._input and not self._frame.eof:
            part, self._input = self._input[:_ZSTD_SLICE_BYTES], self._input[_ZSTD_SLICE_BYTES:]
            self._output = memoryview(self._frame.decompress(part))
        out, self._output = bytes(self._output[:max_length]), self._output[max_length:]
        return out


def _decoder_factory(compression: Compression, decoder_bytes: int) -> Callable[[], _Decoder]:
    """Return what makes a fresh decoder for each stream."""
    match compression:
        case Compression.GZIP:
            return _GzipDecoder
        case Compression.XZ:
            return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=decoder_bytes)
        case Compression.BZIP2:
            return bz2.BZ2Decompressor
        case Compression.ZSTD:
            return _zstd_factory(decoder_bytes)


def _zstd_factory(decoder_bytes: int) -> Callable[[], _Decoder]:
    """Return the decoder of the standard library (Python 3.14), else that of the `zstandard` package."""
    with contextlib.suppress(ImportError):
        zstd: Any = importlib.import_module("compression.zstd")
        options = {zstd.DecompressionParameter.window_log_max: decoder_bytes.bit_length() - 1}
        return lambda: cast("_Decoder", zstd.ZstdDecompressor(options=options))
    try:
        zstandard: Any = importlib.import_module("zstandard")
    except ImportError as error:
        raise MissingDecoderFault(
            "it is compressed with zstd, which needs Python 3.14 or the package zstandard: pip install zstandard"
        ) from error
    context = zstandard.ZstdDecompressor(max_window_size=decoder_bytes)
    return lambda: _SlicedDecoder(context.decompressobj())
