"""Small files of the client's own state, replaced whole."""

import os
import tempfile
from pathlib import Path

from cmsite.errors import OutputError


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file so that a reader sees the old bytes or the new ones.

    Raises `OutputError` where the folder refuses.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".cmsite-", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; check the folder, or name another one with CMSITE_CONFIG"
        ) from error
