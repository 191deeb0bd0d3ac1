"""A file while it arrives: written and hashed in one pass, and large ones continued by the next process.

Beside a large file stands what its bytes were sent under, so that a server can be asked for the rest. A beginning
belongs to the process that holds a lock on it; where locks cannot be had, as on some network file systems, every
process begins anew under a name of its own. Source: facts/index.md §4, cases 39, 53 to 57.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cmsite.client.locks import try_lock

RESUMED_FROM_BYTES = 1_000_000  # Smaller files are fetched again: that costs no more than looking after them.

_CHUNK_BYTES = 1024 * 1024


class FileSink:
    """A `Sink` that fills a file; the digest is taken while writing.

    `keeps` says that what the bytes were sent under is written beside, for a later process.
    """

    def __init__(self, path: Path, handle: int, *, keeps: bool) -> None:
        self.path = path
        self.size_bytes = 0
        self.source = ""
        self.etag = ""
        self._handle = handle
        self._keeps = keeps
        self._digest = hashlib.sha256()
        if keeps:
            self._take_up()

    def begin(self, source: str = "", etag: str = "") -> None:
        """Forget what is held; the whole file follows."""
        if self.size_bytes:
            os.ftruncate(self._handle, 0)
            os.lseek(self._handle, 0, os.SEEK_SET)
        self.size_bytes = 0
        self.source, self.etag = source, etag
        self._digest = hashlib.sha256()
        if self._keeps:
            _note_path(self.path).write_text(json.dumps({"source": source, "etag": etag}), "utf-8")

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._handle, view) :]
        self.size_bytes += len(chunk)

    def sha256(self) -> str:
        """Return the digest of all that is held."""
        return self._digest.hexdigest()

    def _take_up(self) -> None:
        """Hash what an earlier process left, where it says what that is."""
        note = _read_note(_note_path(self.path))
        if not note.get("source"):
            os.ftruncate(self._handle, 0)
            return
        while chunk := os.read(self._handle, _CHUNK_BYTES):
            self._digest.update(chunk)
            self.size_bytes += len(chunk)
        self.source, self.etag = note["source"], note["etag"]


@contextlib.contextmanager
def arriving(folder: Path, partials: Path, sha256: str, size_bytes: int) -> Iterator[FileSink]:
    """Give a sink for a file of this digest; who asked for it moves the file away once it is whole.

    Small files arrive in `folder`, and go after a failure; large ones in `partials`, where their beginning stays then.

    Raises `OSError` where a folder cannot be written.
    """
    if size_bytes >= RESUMED_FROM_BYTES:
        with contextlib.suppress(OSError):
            partials.mkdir(parents=True, exist_ok=True)
        kept = partials / sha256
        with try_lock(kept.with_suffix(".lock")) as held:
            if held:
                yield from _kept(kept)
                return
    yield from _passing(folder)


def _passing(folder: Path) -> Iterator[FileSink]:
    handle, name = tempfile.mkstemp(prefix=".cmsite-", dir=folder)
    try:
        yield FileSink(Path(name), handle, keeps=False)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - nothing here looks at paths.
        raise
    finally:
        os.close(handle)


def _kept(path: Path) -> Iterator[FileSink]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0), 0o644)
    try:
        sink = FileSink(path, handle, keeps=True)
        yield sink
    finally:
        is_done = not path.exists()
        is_empty = not is_done and os.fstat(handle).st_size == 0
        os.close(handle)
        if is_done or is_empty:
            for left in (path, _note_path(path)):
                with contextlib.suppress(OSError):
                    left.unlink()


def _note_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _read_note(path: Path) -> dict[str, Any]:
    """Return what stands beside a beginning, nothing where it cannot be read or believed."""
    try:
        note = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(note, dict) or not all(isinstance(note.get(key), str) for key in ("source", "etag")):
        return {}
    return note
