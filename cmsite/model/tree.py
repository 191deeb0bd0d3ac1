"""What every source becomes: named files with bytes, where they came from, and what was refused.

A tree does not know about artifacts; `cmsite.formats` reads trees, `cmsite.sources` makes them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One regular file of a tree.

    `path` is POSIX and relative to the tree's root; a symbolic link inside the tree appears as a file with the
    bytes of its target, and `link` says where it points (a path in the tree).
    """

    path: str
    size_bytes: int
    executable: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedEntry:
    """A name in a source that is no file of the tree, and why: `code` is a finding's code, `message` says the rest."""

    path: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The last commit that touched something: full hash and author time in seconds since 1970."""

    commit: str
    time_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a tree came from.

    `kind` is `folder`, `git` or `archive`; `location` is the address as it may be published (no credentials, and
    relative for local paths); `commit`/`time_s` are the head read (git); `sha256` the archive's digest;
    `file_url` is a template with `{commit}` and `{path}`, empty where no public page of a file is known.
    """

    kind: str
    location: str
    ref: str = ""
    commit: str = ""
    time_s: int = 0
    sha256: str = ""
    file_url: str = ""
    shallow: bool = False


class SourceTree(Protocol):
    """Named files with bytes.

    A tree may be shared with forked worker processes: `read` must work in each of them.
    """

    @property
    def label(self) -> str:
        """Return what the user called the source, for messages."""

    @property
    def provenance(self) -> Provenance:
        """Return where the tree came from."""

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """Return every regular file, sorted by the bytes of its path."""

    @property
    def refused(self) -> tuple[RefusedEntry, ...]:
        """Return names that were left out (links that lead out, devices, unsafe names), sorted by path."""

    def read(self, path: str) -> bytes:
        """Return the bytes of one entry.

        Raises `SourceError` where the file vanished or cannot be read.
        """

    def on_disk(self, path: str) -> Path | None:
        """Return the file on this machine that may be edited to change an entry; None where there is none."""

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        """Return the last commit below each folder (git with full history), or nothing for other sources."""
