"""Fetched bytes by their sha256, in a folder that all processes share; nothing read from it is believed unhashed.

A file is written under a temporary name and renamed, so that two processes may fetch the same one; a file that does
not hash to its name (a poisoned or aged cache) is deleted and fetched again. Source: facts/index.md §4, cases 39, 99.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cmsite.errors import IntegrityError, OutputError
from cmsite.index.strict import is_digest


class Cache:
    """A content-addressed folder; where it cannot be written, index files are simply fetched again."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, sha256: str) -> bytes | None:
        """Return the bytes of this digest, None where the cache lacks them."""
        path = self._path(sha256)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != sha256:
            _forget(path)
            return None
        return data

    def write(self, sha256: str, data: bytes) -> None:
        """Keep bytes whose digest the caller has checked; a cache that refuses them is no failure."""
        with contextlib.suppress(OSError):
            path = self._path(sha256)
            temporary = self._temporary(path)
            try:
                temporary.write_bytes(data)
                temporary.replace(path)
            except BaseException:
                _forget(temporary)
                raise

    def file(self, sha256: str) -> Path | None:
        """Return the path of the file with this digest, hashed now, None where the cache lacks it."""
        path = self._path(sha256)
        try:
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return None
        if found != sha256:
            _forget(path)
            return None
        return path

    def add(self, sha256: str, fetch_to: Callable[[Path], None]) -> Path:
        """Return the path of a file that `fetch_to` fills, after checking its digest.

        Raises `OutputError` where the cache cannot be written, `IntegrityError` for other bytes; errors of `fetch_to`
        pass through. Neither leaves a file behind.
        """
        path = self._path(sha256)
        temporary = None
        try:
            temporary = self._temporary(path)
            fetch_to(temporary)
            with temporary.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != sha256:
                raise IntegrityError(f"sha256 of a fetched file is {found}, expected {sha256}; it was not kept")
            temporary.replace(path)
        except OSError as error:
            raise OutputError(
                f"cannot write the cache {self.root}: {error.strerror or error}; free some space, or name another "
                "folder with CMSITE_CACHE"
            ) from error
        finally:
            if temporary is not None:
                _forget(temporary)
        return path

    def _path(self, sha256: str) -> Path:
        if not is_digest(sha256):
            raise ValueError(f"not a sha256: {sha256!r}")
        return self.root / "sha256" / sha256[:2] / sha256

    def _temporary(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".cmsite-", dir=path.parent)
        os.close(handle)
        return Path(name)


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
