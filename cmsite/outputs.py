"""The one value every renderer returns, and the one place that writes it to a folder.

Source: DESIGN §2 (renderers are pure; content first, root last) and STYLE (temporary file, fsync, os.replace).
"""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import OutputError

TEMPORARY_PREFIX = ".cmsite-"  # Of files that are about to be renamed.
_BINARY = getattr(os, "O_BINARY", 0)  # Only Windows has it.
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # A link in the output would lead a page to somebody else's file.


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFile:
    """One file of the output: `path` is POSIX and relative to the output folder."""

    path: str
    content: bytes


class OutputFolder:
    """Writes `OutputFile`s below one folder; equal files are left untouched.

    Raises `OutputError` where the file system refuses, naming the file and the reason.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = f"{root}/"
        self._made: set[str] = set()

    def write(self, file: OutputFile) -> bool:
        """Write a page or asset in place; return False where the same bytes stood there already."""
        target = f"{self._prefix}{file.path}"
        try:
            if not self._make_parent(target) and _same_bytes(target, file.content):
                return False
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY | _NOFOLLOW, 0o666)
            try:
                _write_all(handle, file.content)
            finally:
                os.close(handle)
        except OSError as error:
            raise _refused(target, error) from error
        return True

    def holds(self, file: OutputFile) -> bool:
        """Return whether the file stands there already with these bytes."""
        return _same_bytes(f"{self._prefix}{file.path}", file.content)

    def write_atomically(self, file: OutputFile, *, mode: int = 0o644) -> None:
        """Write through a temporary file, fsync and rename: a reader sees the old bytes or the new ones."""
        target = self.root / file.path
        try:
            self._make_parent(str(target))
            handle, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(file.content)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.chmod(temporary, mode)  # noqa: PTH101 - mkstemp makes 0600, which a web server could not read.
                os.replace(temporary, target)  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108
                raise
        except OSError as error:
            raise _refused(str(target), error) from error

    def _make_parent(self, target: str) -> bool:
        """Make the folder of a file; return whether it was new, so that nothing can stand in it yet."""
        parent = target.rpartition("/")[0]
        if parent in self._made:
            return False
        self._made.add(parent)
        try:
            os.mkdir(parent)  # noqa: PTH102 - the usual case; pathlib and makedirs ask the file system four times.
        except FileExistsError:
            return False
        except FileNotFoundError:
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103
        return True


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _same_bytes(target: str, content: bytes) -> bool:
    """Return whether the file stands there with exactly these bytes; a different size is not read."""
    try:
        if os.stat(target).st_size != len(content):  # noqa: PTH116
            return False
        with open(target, "rb", buffering=0) as stream:  # noqa: PTH123
            return stream.read() == content
    except FileNotFoundError:
        return False


def _refused(target: str, error: OSError) -> OutputError:
    return OutputError(f"cannot write {target}: {error.strerror or error}; check free space and permissions")
