"""Builds in a process of its own, one at a time: whatever it runs into, the server goes on.

Changes that come close together, and those that come during a build, make one build.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from cmsite.serving.board import Board, Stage

SETTLE_S = 0.05  # Seconds without a change after which a build begins: an editor writes several files at once.
MAX_SETTLE_S = 1.0  # Seconds after which it begins anyway.
_MAX_LINES = 200  # Lines of one build that the page shows.
_MAX_NAMED = 2  # Changed files that a line of the terminal names.
_ERROR = "cmsite: error: "

Say = Callable[[str], None]


class Rebuilder:
    """Runs builds when told of changes, and posts what came of them on the board.

    `command` returns the command of a build (`first` says that nothing was built in this run); `before` is called ahead
    of each; `say` prints a line on the terminal.
    """

    def __init__(
        self, *, command: Callable[[bool], Sequence[str]], board: Board, say: Say, before: Callable[[], None]
    ) -> None:
        self._command, self._board, self._say, self._before = command, board, say, before
        self._changed: dict[Path, None] = {}
        self._wake = threading.Condition()
        self._stopped = False
        self._child: subprocess.Popen[bytes] | None = None

    def note(self, path: Path) -> None:
        """Take note of a changed file; called by the thread that watches."""
        with self._wake:
            self._changed[path] = None
            self._wake.notify_all()

    def run(self) -> None:
        """Build at each change until `stop`."""
        while (paths := self._settled()) is not None:
            self.build(_named(paths))

    def build(self, because: str = "") -> bool:
        """Build once; return whether it succeeded."""
        self._before()
        self._board.post(Stage.BUILDING)
        started = time.monotonic()
        status, lines = self._run_child(first=not because)
        if status is None:
            return False
        taken = f"{time.monotonic() - started:.2f} s"
        self._say(f"{because}built in {taken}" if status == 0 else f"{because}not built; waiting for the next change")
        self._board.post(Stage.BUILT if status == 0 else Stage.FAILED, "" if status == 0 else _message(lines, status))
        return status == 0

    def stop(self) -> None:
        """End at once, with the build that runs: a build that was killed leaves nothing to repair."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
            child = self._child
        if child is not None:
            _kill(child)
            child.wait()

    def _settled(self) -> list[Path] | None:
        """Wait for a change and for quiet after it; return what changed, None at the end."""
        with self._wake:
            self._wake.wait_for(lambda: self._stopped or bool(self._changed))
            latest = time.monotonic() + MAX_SETTLE_S
            while not self._stopped and time.monotonic() < latest:
                count = len(self._changed)
                if not self._wake.wait(SETTLE_S) and len(self._changed) == count:
                    break
            paths, self._changed = list(self._changed), {}
            return None if self._stopped else paths

    def _run_child(self, *, first: bool) -> tuple[int | None, deque[str]]:
        """Run a build, passing on what it says; return its exit code (None where it was stopped) and last lines."""
        lines: deque[str] = deque(maxlen=_MAX_LINES)
        with self._wake:
            if self._stopped:
                return None, lines
            self._child = child = subprocess.Popen(
                self._command(first),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONIOENCODING": "utf-8"},
                start_new_session=True,  # Ctrl-C is for the server, which ends the build with all its workers.
            )
        if child.stderr is not None:
            for line in child.stderr:
                text = line.decode("utf-8", "replace").rstrip()
                lines.append(text)
                self._say(text)
            child.stderr.close()
        status = child.wait()
        with self._wake:
            self._child = None
            return (None if self._stopped else status), lines


def build_command(config: Path, site_dir: Path, *, quiet: bool) -> list[str]:
    """Return the command that builds a preview: a site to look at counts no versions."""
    options = ["--config", str(config), "--site-dir", str(site_dir), "--previous", "none"]
    return [sys.executable, "-m", "cmsite", "build", *options, *(["--quiet"] if quiet else [])]


def _kill(child: "subprocess.Popen[bytes]") -> None:
    if os.name == "posix":
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        child.kill()


def _named(paths: Sequence[Path]) -> str:
    """Return the beginning of a line about a build: which files changed."""
    shown = [_short(path) for path in paths[:_MAX_NAMED]]
    more = [f"{len(paths) - _MAX_NAMED} more"] if len(paths) > _MAX_NAMED else []
    return f"{' and '.join([', '.join(shown), *more])} changed: "


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _message(lines: Sequence[str], status: int) -> str:
    """Return what a page shows of a failed build: its error, or all it said where that is none of ours."""
    text = "\n".join(lines)
    _, marked, error = text.partition(_ERROR)
    return error if marked else text or f"the build ended with code {status} and said nothing"
