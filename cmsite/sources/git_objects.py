"""Reading git objects through one `git cat-file --batch` a process: no work tree, no file of the repository's choice."""

import os
import subprocess
import threading
import weakref
from pathlib import Path

from cmsite.sources.git_command import GitFailedError, git_arguments, git_environment, no_git

_Children = dict[int, "subprocess.Popen[bytes]"]


class ObjectReader:
    """Reads blobs by their id; each process that reads (a forked worker too) has a git child of its own."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._children: _Children = {}
        self._locks: dict[int, threading.Lock] = {}
        self.close = weakref.finalize(self, _end, self._children)

    def read(self, object_id: str) -> bytes:
        """Return the bytes of one blob; raises `GitFailedError` where the repository lacks it."""
        process = os.getpid()
        with self._locks.setdefault(process, threading.Lock()):
            child = self._children.get(process)
            if child is None or child.poll() is not None:
                child = self._children[process] = self._start()
            return _ask(child, object_id)

    def _start(self) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                git_arguments(["cat-file", "--batch"], self._git_dir),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=git_environment(),
            )
        except FileNotFoundError as error:
            raise no_git() from error


def _ask(child: "subprocess.Popen[bytes]", object_id: str) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise AssertionError("the child is started with both pipes")
    try:
        child.stdin.write(f"{object_id}\n".encode("ascii"))
        child.stdin.flush()
    except BrokenPipeError as error:
        raise GitFailedError("git ended while reading objects") from error
    words = child.stdout.readline().split()
    if len(words) != 3:  # noqa: PLR2004 - "<id> <type> <size>"; otherwise "<id> missing".
        raise GitFailedError(f"the object {object_id} is missing from the repository")
    size_bytes = int(words[2])
    content = child.stdout.read(size_bytes + 1)  # A line feed follows the bytes.
    if len(content) != size_bytes + 1:
        raise GitFailedError(f"git ended while reading object {object_id}")
    return content[:-1]


def _end(children: _Children) -> None:
    """End this process's child; a forked worker inherits the entries of others and leaves them alone."""
    for process, child in list(children.items()):
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        if process == os.getpid():
            child.kill()
            child.wait()
        else:
            child.returncode = 0
    children.clear()
