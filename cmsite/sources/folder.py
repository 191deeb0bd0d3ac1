"""A folder on this machine as a source: all files but `.git` and what `.cmignore` names.

Nothing outside the folder is ever opened: links are followed by name only (`links`), and files are opened without
following. Listing stands in `scanning`. Source: DESIGN §4, CONTRACT §4.
"""

import marshal
from collections.abc import Iterable
from pathlib import Path

from cmsite.errors import SourceError
from cmsite.member_names import shown
from cmsite.model.tree import Change, FileEntry, Provenance, RefusedEntry
from cmsite.sources.limits import DEFAULT_LIMITS, SourceLimits
from cmsite.sources.links import settle_links
from cmsite.sources.regular_files import read_regular_file, reason_of
from cmsite.sources.scanning import FolderScan


class FolderTree:
    """The files below one folder, listed once when the tree is made; a `SourceTree`.

    `location` is the address as it may be published: relative, as written in registry.yml.
    `stamps` tell later whether anything changed: a `FolderStamps`, marshalled, since it is large and rarely read.
    Raises `SourceError` where the folder is missing, is no folder, or holds more than the limits allow.
    """

    def __init__(self, root: Path, *, label: str, location: str, limits: SourceLimits = DEFAULT_LIMITS) -> None:
        self.root = _checked_root(root, label)
        self._label = label
        self._limits = limits
        self._provenance = Provenance(kind="folder", location=location)
        scan = FolderScan(str(self.root), label, limits)
        scan.run()
        self.stamps = marshal.dumps(scan.stamps)
        settled = settle_links(scan.files, scan.links, limits)
        self._entries = settled.entries
        self._by_path = {entry.path: entry for entry in settled.entries}
        self._refused = tuple(sorted((*scan.refused, *settled.refused), key=lambda finding: finding.path))

    @property
    def label(self) -> str:
        """Return what the user called the source, for messages."""
        return self._label

    @property
    def provenance(self) -> Provenance:
        """Return where the tree came from."""
        return self._provenance

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """Return every regular file, sorted by the bytes of its path."""
        return self._entries

    @property
    def refused(self) -> tuple[RefusedEntry, ...]:
        """Return names that were left out, sorted by path."""
        return self._refused

    def read(self, path: str) -> bytes:
        """Return the bytes of one entry as they are now.

        Raises `SourceError` where the path is no entry, or the file vanished, is no regular file any more, cannot be
        read or grew over the limit.
        """
        entry = self._by_path.get(path)
        if entry is None:
            raise SourceError(f"{self._label}: '{shown(path)}' is not a file of this source")
        try:
            return read_regular_file(f"{self.root}/{entry.link or entry.path}", self._limits.file_bytes)
        except (OSError, ValueError) as error:
            raise SourceError(
                f"{self._label}: cannot read '{path}': {reason_of(error)}; check that the file is still there and readable"
            ) from error

    def on_disk(self, path: str) -> Path | None:
        """Return the file of an entry; None for a link, whose bytes stand elsewhere."""
        entry = self._by_path.get(path)
        return None if entry is None or entry.link else self.root / entry.path

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        """Return nothing: a folder has no history."""
        del folders
        return {}


class KnownFiles(FolderTree):
    """Files of a folder that are known already: only they can be read, and nothing is listed."""

    def __init__(self, root: Path, entries: Iterable[FileEntry], *, label: str, location: str) -> None:
        self.root = root
        self.stamps = b""
        self._label = label
        self._limits = DEFAULT_LIMITS
        self._provenance = Provenance(kind="folder", location=location)
        self._entries = tuple(entries)
        self._by_path = {entry.path: entry for entry in self._entries}
        self._refused = ()


def _checked_root(root: Path, label: str) -> Path:
    try:
        resolved = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise SourceError(f"{label}: there is no folder {root}; check the path") from error
    if not resolved.is_dir():
        raise SourceError(f"{label}: {root} is a file, not a folder; write it as `archive:` if it is one")
    return resolved
