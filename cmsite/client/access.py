"""How this process may reach registries: offline or not, strict or not; from the options of a command or the environment.

An option holds for its command alone; `CMSITE_OFFLINE` and `CMSITE_STRICT` for every command.
"""

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace

from cmsite.client.fetching import Answer, Sink, Validators, shown
from cmsite.client.local_files import LocalFiles
from cmsite.errors import ConfigurationError, NetworkError

_WORDS = {"": False, "0": False, "no": False, "false": False, "off": False} | dict.fromkeys(
    ("1", "yes", "true", "on"), True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`offline`: no socket is opened; `strict`: what is otherwise a warning about trust is refused."""

    offline: bool = False
    strict: bool = False


_chosen: ContextVar[Access | None] = ContextVar("cmsite-access", default=None)


def current_access() -> Access:
    """Return what options and environment say.

    Raises `ConfigurationError` for a variable that is neither yes nor no.
    """
    chosen = _chosen.get() or Access()
    return Access(offline=chosen.offline or _is_set("CMSITE_OFFLINE"), strict=chosen.strict or _is_set("CMSITE_STRICT"))


@contextlib.contextmanager
def using(*, offline: bool = False, strict: bool = False) -> Iterator[None]:
    """Work offline or strictly until the end of the block."""
    before = _chosen.get() or Access()
    token = _chosen.set(replace(before, offline=before.offline or offline, strict=before.strict or strict))
    try:
        yield
    finally:
        _chosen.reset(token)


class Offline:
    """A `Fetcher` that never opens a socket; the files of a registry in a folder are read as always."""

    def __init__(self, home: str) -> None:
        self._files = LocalFiles() if home.startswith("file:") else None

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        """Read a file of a folder; see `Fetcher`."""
        return self._local(url).fetch(url, max_bytes=max_bytes, expected_sha256=expected_sha256, fresh=fresh)

    def fetch_changed(self, url: str, *, max_bytes: int, held: Validators | None, fresh: bool = False) -> Answer:
        """Say that what is held is as new as can be known; see `Fetcher`."""
        if self._files is None and held is not None and not fresh:
            return Answer(data=None, validators=held)
        return self._local(url).fetch_changed(url, max_bytes=max_bytes, held=held)

    def fetch_into(self, url: str, sink: Sink, *, max_bytes: int, expected_sha256: str) -> None:
        """Copy a file of a folder; see `Fetcher`."""
        self._local(url).fetch_into(url, sink, max_bytes=max_bytes, expected_sha256=expected_sha256)

    def _local(self, url: str) -> LocalFiles:
        if self._files is None or not url.startswith("file:"):
            raise NetworkError(
                f"{shown(url)} is not in the cache, and nothing is fetched offline; run the same command once without "
                "--offline (and CMSITE_OFFLINE), or name the folder that holds it with CMSITE_CACHE"
            )
        return self._files


def _is_set(variable: str) -> bool:
    value = os.environ.get(variable, "").strip().lower()
    if value not in _WORDS:
        raise ConfigurationError(f"{variable}: expected 1 or 0, got {value!r}")
    return _WORDS[value]
