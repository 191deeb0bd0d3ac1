"""Fetched bytes by their sha256, in a folder that all processes share; nothing read from it is believed unhashed.

A file is written under a temporary name and renamed, so that two processes may fetch the same one without a lock; a
file that does not hash to its name (a poisoned or aged cache) is deleted and fetched again. Where the folder cannot be
written, a temporary one serves this process. Source: facts/index.md §4, cases 37 to 39, 99, 100.
"""

import atexit
import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cmsite.client.cache_limits import Trimmer, touch
from cmsite.client.downloads import arriving
from cmsite.client.fetching import Sink, Validators, shown
from cmsite.errors import IntegrityError, OutputError
from cmsite.index.strict import is_digest

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAX_NOTE_BYTES = 10_000


class HeldRoot(NamedTuple):
    """The root.json that was last accepted from an address, and what the server called it."""

    data: bytes
    validators: Validators


class Cache:
    """A content-addressed folder; safe for several threads and processes.

    `max_bytes` is what it may hold (None: as much as the disk), and `notes` gathers sentences for the user.
    """

    def __init__(self, root: Path, *, max_bytes: int | None = None, now: Callable[[], float] = time.time) -> None:
        self.root = root
        self.notes: list[str] = []
        self._blobs = str(root / "sha256")
        self._trimmer = Trimmer(root, max_bytes, now)
        self._spare: Path | None = None
        self._lock = threading.Lock()
        self._folders: set[Path] = set()

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
        touch(path)
        return data

    def write(self, sha256: str, data: bytes) -> None:
        """Keep bytes whose digest the caller has checked; a cache that refuses them is no failure."""
        path = self._path(sha256)
        with contextlib.suppress(OSError):
            _replace(self._folder(path.parent) / path.name, data)
            self._trimmer.added(len(data))

    def file(self, sha256: str) -> Path | None:
        """Return the path of the file with this digest, hashed now, None where the cache lacks it."""
        path = self._path(sha256)
        if (found := _hashed(path)) is None:
            path = self._spare / sha256 if self._spare is not None else path
            found = _hashed(path)
        if found is None:
            return None
        if found != sha256:
            _forget(path)
            return None
        touch(path)
        return path

    def add(self, sha256: str, fetch: Callable[[Sink], None], *, size_bytes: int) -> Path:
        """Return the path of a file of about this size that `fetch` brings.

        Raises `OutputError` where no place takes it, `IntegrityError` for other bytes; errors of `fetch` pass through.
        None leaves a file behind that could be taken for a whole one.
        """
        try:
            path, partials = self._place(sha256)
            with arriving(path.parent, partials, sha256, size_bytes) as sink:
                # A process that was killed may have left all of it.
                if sink.size_bytes != size_bytes or sink.sha256() != sha256:
                    _bring(sink, fetch, sha256)
                os.replace(sink.path, path)  # noqa: PTH105 - thousands of times in a large pull.
        except OSError as error:
            raise self._refused(error) from error
        self._trimmer.added(size_bytes)
        return path

    def root_of(self, url: str) -> HeldRoot | None:
        """Return the root.json that was last accepted from a registry's address; None where it is not held whole."""
        try:
            with self._root_note(url).open("rb") as stream:
                note = json.loads(stream.read(_MAX_NOTE_BYTES))
            sha256, etag, modified = (str(note[key]) for key in ("sha256", "etag", "last_modified"))
        except (OSError, ValueError, LookupError, TypeError):
            return None
        data = self.read(sha256) if is_digest(sha256) else None
        return None if data is None else HeldRoot(data=data, validators=Validators(etag=etag, last_modified=modified))

    def keep_root(self, url: str, sha256: str, data: bytes, validators: Validators) -> None:
        """Keep an accepted root.json for conditional questions and for work offline; a refusal is no failure."""
        self.write(sha256, data)
        note = {"url": shown(url), "sha256": sha256, "etag": validators.etag, "last_modified": validators.last_modified}
        with contextlib.suppress(OSError):
            path = self._root_note(url)
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, json.dumps(note).encode())

    def _root_note(self, url: str) -> Path:
        # Credentials may change and must not be stored, not even as a digest.
        return self.root / "roots" / f"{hashlib.sha256(shown(url).encode('utf-8')).hexdigest()[:32]}.json"

    def _path(self, sha256: str) -> Path:
        if not is_digest(sha256):
            raise ValueError(f"not a sha256: {sha256!r}")
        return Path(f"{self._blobs}/{sha256[:2]}/{sha256}")

    def _place(self, sha256: str) -> tuple[Path, Path]:
        """Return where a file is to lie, and the folder for beginnings beside it."""
        path = self._path(sha256)
        try:
            self._folder(path.parent)
        except OSError as error:
            if error.errno in _FULL:
                raise
            spare = self._spare_folder(error)
            return spare / sha256, spare / "partial"
        return path, self.root / "partial"

    def _folder(self, folder: Path) -> Path:
        """Return a folder that was made where it was missing and can be written."""
        if folder not in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "this folder cannot be written")
            self._folders.add(folder)
        return folder

    def _spare_folder(self, error: OSError) -> Path:
        """Return a temporary folder for what the cache does not take; it goes with this process."""
        with self._lock:
            if self._spare is None:
                self._spare = Path(tempfile.mkdtemp(prefix="cmsite-"))
                atexit.register(shutil.rmtree, self._spare, ignore_errors=True)
                self.notes.append(
                    f"the cache {self.root} cannot be written ({error.strerror or error}), so that nothing is kept; "
                    "name another folder with CMSITE_CACHE"
                )
            return self._spare

    def _refused(self, error: OSError) -> OutputError:
        do = "free some space (`cmsite cache clean` deletes what was fetched), or name another folder with CMSITE_CACHE"
        return OutputError(f"cannot write the cache {self.root}: {error.strerror or error}; {do}")


def _bring(sink: Sink, fetch: Callable[[Sink], None], sha256: str) -> None:
    """Fill a sink; what is refused is not kept as the beginning of anything."""
    try:
        fetch(sink)
    except IntegrityError:
        sink.begin()
        raise
    if (found := sink.sha256()) != sha256:
        sink.begin()
        raise IntegrityError(f"sha256 of a fetched file is {found}, expected {sha256}; it was not kept")


def _hashed(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing; whole after a power cut or unhashable, which is found."""
    handle, name = tempfile.mkstemp(prefix=".cmsite-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(name, path)  # noqa: PTH105 - thousands of times in a large pull.
    except BaseException:
        _forget(Path(name))
        raise


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
