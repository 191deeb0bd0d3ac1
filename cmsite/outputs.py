"""The one value every renderer returns, and the one place that writes it to a folder.

Source: DESIGN §2 (renderers are pure; content first, root last) and STYLE (temporary file, fsync, os.replace).
"""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import OutputError


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
        self._made: set[str] = set()

    def write(self, file: OutputFile) -> bool:
        """Write a page or asset in place; return False where the same bytes stood there already."""
        target = os.path.join(self.root, file.path)  # noqa: PTH118 - this runs once per page; pathlib costs 5 times as much.
        try:
            if _same_bytes(target, file.content):
                return False
            self._make_parent(target)
            with open(target, "wb", buffering=0) as stream:  # noqa: PTH123
                stream.write(file.content)
        except OSError as error:
            raise _refused(target, error) from error
        return True

    def holds(self, file: OutputFile) -> bool:
        """Return whether the file stands there already with these bytes."""
        return _same_bytes(os.path.join(self.root, file.path), file.content)  # noqa: PTH118

    def write_atomically(self, file: OutputFile) -> None:
        """Write through a temporary file, fsync and rename: a reader sees the old bytes or the new ones."""
        target = self.root / file.path
        try:
            self._make_parent(str(target))
            handle, temporary = tempfile.mkstemp(prefix=".cmsite-", dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(file.content)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.chmod(temporary, 0o644)  # noqa: PTH101 - mkstemp makes 0600, which a web server could not read.
                os.replace(temporary, target)  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108
                raise
        except OSError as error:
            raise _refused(str(target), error) from error

    def _make_parent(self, target: str) -> None:
        parent = os.path.dirname(target)  # noqa: PTH120
        if parent not in self._made:
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103
            self._made.add(parent)


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
