"""Who and where we are, as far as a log could tell it: accounts, names, hosts, folders, hardware addresses.

Read from this machine only: environment, account database, host name, git's configuration, network interfaces. Names
are not looked up in the network.
"""

import contextlib
import os
import platform
import re
import socket
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import SourceError

_GIT_S = 60.0  # It takes a hundredth of a second where nothing else runs.
_USER_VARIABLES = ("USER", "LOGNAME", "USERNAME", "SUDO_USER", "LNAME")
_GIT_VARIABLES = ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL", "EMAIL")
_GIT_KEYS = ("user.name", "user.email", "author.name", "author.email", "committer.name", "committer.email")
_HOST_VARIABLES = ("HOSTNAME", "COMPUTERNAME", "HOST")
_NOBODY = frozenset(["localhost", "localhost.localdomain", "localdomain", "(none)", "unknown"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What must not become public; `folders` are (path, sign put in its place), `people` names of persons."""

    users: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()
    emails: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()


def this_identity() -> Identity:
    """Return the identity of who runs this; raises `SourceError` where git does not say what it knows of them."""
    git = [*_git_values(), *(os.environ.get(name, "") for name in _GIT_VARIABLES)]
    users, people = _account()
    homes = [str(Path.home()), os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")]
    homes += [os.path.realpath(home) for home in homes if home]
    here = [str(Path.cwd()), os.environ.get("PWD", "")]
    folders = [*((home, "<home>") for home in homes), *((folder, "<folder>") for folder in here)]
    return Identity(
        users=_distinct([*users, *(os.environ.get(name, "") for name in _USER_VARIABLES), *map(_last, homes[:1])]),
        people=_distinct([*people, *(text for text in git if "@" not in text)]),
        hosts=_distinct(_hosts()),
        folders=tuple(dict.fromkeys((folder.rstrip("/\\"), sign) for folder, sign in folders if len(folder) > 1)),
        emails=_distinct(text for text in git if "@" in text),
        macs=_distinct(_macs()),
    )


def git_user() -> str:
    """Return the name that git writes into commits, "" where none is set."""
    return next((text for text in _git_values(("user.name",)) if text.strip()), "").strip()


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text and text.strip()))


def _last(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def _account() -> tuple[list[str], list[str]]:
    """Return login names and full names of the account."""
    with contextlib.suppress(ImportError, KeyError, OSError):
        import pwd

        entry = pwd.getpwuid(os.getuid())
        return [entry.pw_name], [entry.pw_gecos.split(",")[0]]
    return [], []


def _hosts() -> Iterator[str]:
    names = [socket.gethostname(), platform.node(), *(os.environ.get(name, "") for name in _HOST_VARIABLES)]
    with contextlib.suppress(OSError, UnicodeDecodeError):
        names.append(Path("/etc/hostname").read_text("utf-8"))
    for name in names:
        full = name.strip().rstrip(".")
        for part in (full, full.split(".")[0]):
            if part and part.lower() not in _NOBODY:
                yield part


def _macs() -> Iterator[str]:
    with contextlib.suppress(OSError):
        for file in sorted(Path("/sys/class/net").glob("*/address")):
            digits = re.sub("[^0-9a-f]", "", file.read_text("ascii", "replace").lower())
            if len(digits) == 12 and digits.strip("0"):  # noqa: PLR2004 - an address of 48 bits; loopback has zeros.
                yield digits


def _git_values(keys: Iterable[str] = _GIT_KEYS) -> Iterator[str]:
    for key in keys:
        command = ["git", "config", "--get-all", key]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_GIT_S, check=False)
        except OSError:  # There is no git.
            return
        except subprocess.TimeoutExpired:
            raise SourceError(
                f"`{' '.join(command)}` had not ended after {_GIT_S:g} s, so nobody knows who you are, and what of that to hide: "
                "see what keeps git from answering, then try again"
            ) from None
        yield from done.stdout.decode("utf-8", "replace").splitlines()
