"""Where the client keeps files on this machine: `CMSITE_CACHE`, `CMSITE_CONFIG`, else the platform's own folders."""

import os
import tempfile
from pathlib import Path

from cmsite.errors import OutputError


def cache_folder() -> Path:
    """Return the folder of fetched bytes; it may be deleted at any time."""
    return _folder("CMSITE_CACHE", "user_cache_path")


def config_folder() -> Path:
    """Return the folder of the configured registries and of what is known about each."""
    return _folder("CMSITE_CONFIG", "user_config_path")


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


def _folder(variable: str, platform_path: str) -> Path:
    if value := os.environ.get(variable):
        return Path(value).expanduser()
    import platformdirs

    folder: Path = getattr(platformdirs, platform_path)("cmsite", appauthor=False)
    return folder
