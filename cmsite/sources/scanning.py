"""Listing a folder: every name below it becomes a file, a link to settle later, or a finding.

Only names and their status are looked at here; no file is opened but `.cmignore` (patterns: `globs`).
"""

import os
import stat
import time
from dataclasses import dataclass

from cmsite.errors import SourceError
from cmsite.model.tree import FileEntry, RefusedEntry
from cmsite.sources.entry_names import is_readable_name, refused_name
from cmsite.sources.globs import Pattern, last_verdict, parse_patterns
from cmsite.sources.limits import SourceLimits
from cmsite.sources.regular_files import read_regular_file, reason_of
from cmsite.stamps import FolderStamps, Stamp, stamp

IGNORE_FILE = ".cmignore"
_GIT = ".git"  # A folder, or a file in a linked work tree.
_WORLD_READABLE = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
_SPECIAL = (
    (stat.S_ISFIFO, "a fifo"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)

_Entry = os.DirEntry[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The patterns of one `.cmignore`; `prefix` is its folder with a trailing slash, "" at the root."""

    prefix: str
    patterns: tuple[Pattern, ...]


class FolderScan:
    """The listing of one folder: `files` by path, `links` with the targets they state, and what was `refused`.

    `stamps` are those of all folders and of all names that are not ignored.
    """

    def __init__(self, root: str, label: str, limits: SourceLimits) -> None:
        self.root = root
        self.label = label
        self.limits = limits
        self.files: dict[str, FileEntry] = {}
        self.links: dict[str, str] = {}
        self.refused: list[RefusedEntry] = []
        self.stamps: FolderStamps = {}
        self._started_ns = time.time_ns()
        self._pending: list[tuple[str, tuple[_Rules, ...]]] = [("", ())]

    def run(self) -> None:
        """List everything.

        Raises `SourceError` where the root or a `.cmignore` cannot be read, or there are more files than the limit.
        """
        while self._pending:
            self._list(*self._pending.pop())
            if len(self.files) + len(self.links) > self.limits.entries:
                raise SourceError(
                    f"{self.label}: {self.root} holds more than {self.limits.entries} files; leave some out with {IGNORE_FILE}"
                )

    def _list(self, prefix: str, rules: tuple[_Rules, ...]) -> None:
        try:
            own = stamp(os.lstat(f"{self.root}/{prefix}"), self._started_ns)
            with os.scandir(f"{self.root}/{prefix}") as listing:
                found = list(listing)
        except OSError as error:
            if not prefix:
                raise SourceError(
                    f"{self.label}: cannot list {self.root}: {reason_of(error)}; check its permissions"
                ) from error
            self.refused.append(_unreadable(prefix.rstrip("/"), error))
            return
        stamps: dict[str, Stamp] = {}
        self.stamps[prefix] = (own, stamps)
        if any(entry.name == IGNORE_FILE for entry in found):
            rules = (*rules, _Rules(prefix=prefix, patterns=self._read_patterns(prefix)))
        for entry in found:
            path = prefix + entry.name
            if entry.name == IGNORE_FILE:
                stamps[entry.name] = stamp(entry.stat(follow_symlinks=False), self._started_ns)
            if entry.name.lower() != _GIT and not (rules and _is_ignored(path, entry, rules)):
                self._sort_in(entry, path, rules, stamps)

    def _sort_in(self, entry: _Entry, path: str, rules: tuple[_Rules, ...], stamps: dict[str, Stamp]) -> None:
        if not is_readable_name(entry.name):
            self.refused.append(refused_name(path))
            return
        try:
            if entry.is_dir(follow_symlinks=False):
                self._pending.append((f"{path}/", rules))
                return
            stamps[entry.name] = stamp(entry.stat(follow_symlinks=False), self._started_ns)
            if entry.is_symlink():
                self.links[path] = self._stated_target(os.readlink(entry.path), path)  # noqa: PTH115 - pathlib would normalise the text.
            else:
                self._add_file(entry, path)
        except FileNotFoundError:
            return  # The file vanished between listing and looking: it is not part of the source.
        except OSError as error:
            self.refused.append(_unreadable(path, error))

    def _add_file(self, entry: _Entry, path: str) -> None:
        status = entry.stat(follow_symlinks=False)
        mode = status.st_mode
        if not stat.S_ISREG(mode):
            self.refused.append(_special(path, mode))
        elif mode & _WORLD_READABLE != _WORLD_READABLE and not os.access(entry.path, os.R_OK):
            raise PermissionError(13, "permission denied")
        else:
            self.files[path] = FileEntry(path=path, size_bytes=status.st_size, executable=bool(mode & stat.S_IXUSR))

    def _stated_target(self, target: str, link: str) -> str:
        """Return an absolute target below the root as one relative to the link; any other as it stands."""
        if target.startswith(f"{self.root}/"):
            return "../" * link.count("/") + target[len(self.root) + 1 :]
        return target

    def _read_patterns(self, prefix: str) -> tuple[Pattern, ...]:
        """Read one `.cmignore`.

        It is no finding but an error when that fails: going on would publish what the owner wanted left out.
        """
        try:
            content = read_regular_file(f"{self.root}/{prefix}{IGNORE_FILE}", self.limits.ignore_file_bytes)
        except (OSError, ValueError) as error:
            raise SourceError(
                f"{self.label}: cannot read {prefix}{IGNORE_FILE}: {reason_of(error)}; "
                "make it a readable regular file, so that what it names stays out"
            ) from error
        return parse_patterns(content.decode("utf-8", "surrogateescape").removeprefix("\ufeff").split("\n"))


def _is_ignored(path: str, entry: _Entry, rules: tuple[_Rules, ...]) -> bool:
    verdict = False
    is_folder = entry.is_dir(follow_symlinks=False)
    for rule in rules:
        own = last_verdict(rule.patterns, path[len(rule.prefix) :], is_folder=is_folder)
        verdict = verdict if own is None else own
    return verdict


def _unreadable(path: str, error: OSError) -> RefusedEntry:
    return RefusedEntry(
        path=path,
        code="CM401",
        message=f"'{path}' cannot be read: {reason_of(error)}",
        hint=f"make it readable, or name it in {IGNORE_FILE}",
    )


def _special(path: str, mode: int) -> RefusedEntry:
    kind = next((word for is_kind, word in _SPECIAL if is_kind(mode)), "no regular file")
    return RefusedEntry(
        path=path,
        code="CM404",
        message=f"'{path}' is {kind}; only regular files can be published",
        hint=f"remove it, or name it in {IGNORE_FILE}",
    )
