"""A registry in a folder of this machine, fetched as if it were a server; nothing is copied but what is asked for."""

import hashlib
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from cmsite.client.fetching import Answer, MissingFileError, Sink, Validators
from cmsite.errors import IntegrityError, NetworkError

_CHUNK_BYTES = 1024 * 1024


class LocalFiles:
    """A `Fetcher` of `file://` addresses."""

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:  # noqa: ARG002 - files are always fresh.
        """Return a file's bytes; see `Fetcher`."""
        path = local_path(url)
        try:
            _check_size(path, max_bytes)
            data = path.read_bytes()
        except OSError as error:
            raise _unreadable(path, error) from error
        _check_digest(path, hashlib.sha256(data).hexdigest(), expected_sha256)
        return data

    def fetch_changed(self, url: str, *, max_bytes: int, held: Validators | None, fresh: bool = False) -> Answer:  # noqa: ARG002
        """Return a file's bytes; see `Fetcher`."""
        return Answer(data=self.fetch(url, max_bytes=max_bytes))

    def fetch_into(self, url: str, sink: Sink, *, max_bytes: int, expected_sha256: str) -> None:
        """Copy a file into a sink; see `Fetcher`."""
        source = local_path(url)
        sink.begin()
        try:
            stream = source.open("rb")
        except OSError as error:
            raise _unreadable(source, error) from error
        with stream:
            _check_size(source, max_bytes)
            while chunk := _read(stream, source):
                sink.write(chunk)
                if sink.size_bytes > max_bytes:
                    sink.begin()
                    raise IntegrityError(f"{source}: more than {max_bytes} bytes; damaged or tampered with")
        found = sink.sha256()
        if found != expected_sha256:
            sink.begin()
            _check_digest(source, found, expected_sha256)


def _read(stream: BinaryIO, path: Path) -> bytes:
    try:
        return stream.read(_CHUNK_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error


def local_path(url: str) -> Path:
    """Return the path that a `file://` address names.

    >>> local_path("file:///srv/my%20site/").as_posix()
    '/srv/my site'
    """
    return Path(unquote(urlsplit(url).path))


def _check_size(path: Path, max_bytes: int) -> None:
    size_bytes = path.stat().st_size
    if size_bytes > max_bytes:
        raise IntegrityError(f"{path}: {size_bytes} bytes, expected at most {max_bytes}; damaged or tampered with")


def _check_digest(path: Path, found: str, expected: str | None) -> None:
    if expected is not None and found != expected:
        raise IntegrityError(f"{path}: sha256 is {found}, expected {expected}; damaged or tampered with")


def _unreadable(path: Path, error: OSError) -> NetworkError:
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return MissingFileError(f"{path}: there is no such file")
    return NetworkError(f"cannot read {path}: {error.strerror or error}")
