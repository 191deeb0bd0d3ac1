"""Where cmsite keeps files on this machine: `CMSITE_CACHE`, `CMSITE_CONFIG`, else the platform's own folders."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of fetched bytes and of copies of git repositories; it may be deleted at any time."""
    return _folder("CMSITE_CACHE", "user_cache_path")


def own_folder(name: str) -> Path | None:
    """Return a folder below the cache folder for what is run as a program, made where it is missing.

    None where somebody else could write in it, or nobody can.
    """
    folder = cache_folder() / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
    except OSError:
        return None
    if hasattr(os, "geteuid") and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        return None
    return folder


def config_folder() -> Path:
    """Return the folder of the configured registries and of what is known about each."""
    return _folder("CMSITE_CONFIG", "user_config_path")


def _folder(variable: str, platform_path: str) -> Path:
    if value := os.environ.get(variable):
        return Path(value).expanduser()
    import platformdirs

    folder: Path = getattr(platformdirs, platform_path)("cmsite", appauthor=False)
    return folder
