"""Opening one regular file without following a link, and reading it whole but bounded."""

import os
import stat

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_PART_BYTES = 1 << 20


def read_regular_file(path: str, limit_bytes: int) -> bytes:
    """Return the bytes of a regular file as they are now.

    Raises `OSError` where it cannot be opened (a link among others), `ValueError` where it is a fifo or the like, or
    larger than `limit_bytes`; the text of either completes "cannot read it: ...".
    """
    handle = os.open(path, _FLAGS)
    try:
        return _read_whole(handle, limit_bytes)
    finally:
        os.close(handle)


def open_regular_file(path: str) -> tuple[int, int]:
    """Return the descriptor of a regular file, to be closed by the caller, and its size in bytes.

    Raises `OSError` and `ValueError` as `read_regular_file` does.
    """
    handle = os.open(path, _FLAGS)
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise ValueError("it is not a regular file")
    return handle, status.st_size


def _read_whole(handle: int, limit_bytes: int) -> bytes:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is not a regular file")
    content = os.read(handle, min(status.st_size, limit_bytes) + 1)
    if len(content) != status.st_size:
        # The file grows or shrinks under us, or is larger than one read gives: go on to the end or the limit.
        parts = [content]
        total = len(content)
        while total <= limit_bytes and (part := os.read(handle, min(_PART_BYTES, limit_bytes + 1 - total))):
            parts.append(part)
            total += len(part)
        content = b"".join(parts)
    if len(content) > limit_bytes:
        raise ValueError(f"it is larger than the limit of {limit_bytes} bytes")
    return content


def reason_of(error: OSError | ValueError) -> str:
    """Return the words for a message that already names the file."""
    return getattr(error, "strerror", None) or str(error)
