"""How large the cache may grow, and what is deleted first: what was not used for longest, never what may be in use.

The time of a file's last use is its modification time, renewed when half an hour old. What was used within the last hour
stays whatever the limit: another process may be unpacking it. Leftovers of killed processes go after a week.
"""

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cmsite.errors import ConfigurationError, OutputError

IN_USE_S = 3600.0  # A pull that takes longer between fetching and unpacking one archive fetches it again.
LEFTOVER_S = 7 * 86_400.0
DEFAULT_MAX_BYTES = 10_000_000_000
VARIABLE = "CMSITE_CACHE_MAX"

_FOLDERS = ("sha256", "partial", "roots")  # Ours; the folder may hold other things of the publisher's commands.
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"([0-9]{1,12})\s*([kmgt]?)b?\Z", re.IGNORECASE)
_SECONDS_A = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(r"([0-9]{1,6})([smhdw])\Z")


class Kept(NamedTuple):
    """One file of the cache: its size and when it was last used, in seconds since 1970."""

    path: Path
    size_bytes: int
    used_s: float


def parse_size(text: str) -> int:
    """Return a size in bytes; the units are thousands.

    Raises `ConfigurationError` where it is none.

    >>> parse_size("500MB"), parse_size("2g"), parse_size("0")
    (500000000, 2000000000, 0)
    """
    found = _SIZE.match(text.strip())
    if not found:
        raise ConfigurationError(f"{VARIABLE}: {text!r} is no size; give a number with k, M, G or T, for instance 2G")
    return int(found[1]) * _UNITS[found[2].lower()]


def parse_age(text: str) -> float:
    """Return a span of time in seconds.

    Raises `ValueError` where it is none.

    >>> parse_age("30d"), parse_age("12h")
    (2592000.0, 43200.0)
    """
    found = _AGE.match(text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is no span of time; give a number with s, m, h, d or w, for instance 30d")
    return float(int(found[1]) * _SECONDS_A[found[2]])


def configured_max_bytes() -> int:
    """Return the limit that the environment sets, or the default."""
    text = os.environ.get(VARIABLE, "")
    return parse_size(text) if text.strip() else DEFAULT_MAX_BYTES


def kept_files(root: Path) -> Iterator[Kept]:
    """Yield the files of the cache, whatever other processes do meanwhile."""
    for name in _FOLDERS:
        yield from _below(root / name)


def delete(files: Iterator[Kept], wanted: Callable[[Kept], bool]) -> tuple[int, int]:
    """Delete the wanted files; return how many and how many bytes.

    Raises `OutputError` where one refuses.
    """
    count = size_bytes = 0
    for file in files:
        if not wanted(file):
            continue
        try:
            file.path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OutputError(
                f"cannot delete {file.path}: {error.strerror or error}; check the permissions of the cache"
            ) from error
        count += 1
        size_bytes += file.size_bytes
    return count, size_bytes


def touch(path: Path) -> None:
    """Note that a file is used now, unless that was noted within half an hour."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > IN_USE_S / 2:
            os.utime(path)


class Trimmer:
    """Keeps a cache below its limit; looks at the whole of it rarely, as that reads every folder."""

    def __init__(self, root: Path, max_bytes: int | None, now: Callable[[], float]) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._now = now
        self._unseen = 0
        self._began = False
        self._lock = threading.Lock()

    def added(self, size_bytes: int) -> None:
        """Count what was added, and look at the whole where enough came together or nobody looked within the hour."""
        if self._max_bytes is None:
            return
        with self._lock:
            self._unseen += size_bytes
            due = self._unseen * 16 > self._max_bytes or (not self._began and self._is_long_ago())
            self._began = True
            if due:
                self._unseen = 0
        if due:
            self.trim()

    def trim(self) -> None:
        """Delete what was not used for longest until the rest fits; a file that refuses stays."""
        now_s = self._now()
        files = sorted(kept_files(self._root), key=lambda file: file.used_s)
        excess = sum(file.size_bytes for file in files) - (self._max_bytes or 0)
        for file in files:
            is_leftover = _is_passing(file.path) and now_s - file.used_s > LEFTOVER_S
            if (excess > 0 and now_s - file.used_s > IN_USE_S) or is_leftover:
                with contextlib.suppress(OSError):
                    file.path.unlink()
                    excess -= file.size_bytes
        with contextlib.suppress(OSError):
            (self._root / "trimmed").touch()

    def _is_long_ago(self) -> bool:
        try:
            return self._now() - (self._root / "trimmed").stat().st_mtime > IN_USE_S
        except OSError:
            return True


def _is_passing(path: Path) -> bool:
    return path.name.startswith(".cmsite-") or path.suffix == ".lock" or path.parent.name == "partial"


def _below(folder: Path) -> Iterator[Kept]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path))
                continue
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        yield Kept(path=Path(entry.path), size_bytes=status.st_size, used_s=status.st_mtime)
