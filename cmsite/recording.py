"""Which files a piece of work read: what must be unchanged for its result to hold again.

The interpreter tells of each file it opens and each folder it lists (PEP 578). Work that starts programs or opens
connections cannot be known by files.
"""

import os
import sys
import sysconfig
import time
from collections.abc import Iterable
from typing import Any, Self

from cmsite.stamps import Stamp, stamps_of

_PACKAGES = "site-packages"
_NO_FILES = ("/dev/", "/proc/", "/sys/")
_WRITING = os.O_WRONLY | os.O_RDWR
_BEYOND_FILES = ("subprocess.Popen", "socket.connect", "os.system", "os.exec", "os.posix_spawn")


class Recording:
    """Notes what this process reads while it is entered; an audit hook cannot be removed, only put to sleep."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._is_on = False
        self._is_known = True
        self._started_ns = 0

    def __enter__(self) -> Self:
        sys.addaudithook(self._note)
        self._is_on = True
        self._started_ns = time.time_ns()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_on = False

    def stamps(self, *, without: Iterable[str], beside: Iterable[str] = ()) -> dict[str, Stamp | None] | None:
        """Return the stamps of what was read, and of the paths `beside`; None where files do not tell.

        What begins with one of `without` is the work's own. Of an installed package its folder stands for all files.
        """
        if not self._is_known:
            return None
        own = (*without, f"{sysconfig.get_path('stdlib')}/", *_NO_FILES)
        paths = {_stand_in(path) for path in self._paths} - {os.path.abspath(path) for path in sys.path}  # noqa: PTH100
        read = (path for path in sorted({*paths, *beside}) if not path.startswith(own))
        return stamps_of(read, since_ns=self._started_ns)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes | os.PathLike) and not (isinstance(flags, int) and flags & _WRITING):
                self._paths.add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100
        elif event in ("os.listdir", "os.scandir"):
            if not isinstance(arguments[0], int):
                self._paths.add(os.path.abspath(os.fsdecode(arguments[0] or ".")))  # noqa: PTH100
        elif event in _BEYOND_FILES:
            self._is_known = False


def _stand_in(path: str) -> str:
    """Return the folder of an installed package for a file of it: an installer writes it anew."""
    before, packages, rest = path.partition(f"/{_PACKAGES}/")
    return f"{before}{packages}{rest.split('/', 1)[0]}" if packages else path
