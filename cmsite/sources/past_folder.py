"""A folder of a git work tree as it was at a commit, read from git's objects: the counterpart of `folder`.

Like a folder, and unlike a repository at a commit (`git`), it leaves out what `.cmignore` names, and has no history.
"""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from cmsite.model.tree import Change, FileEntry, Provenance, RefusedEntry
from cmsite.sources.git import GitTree
from cmsite.sources.globs import Pattern, last_verdict, parse_patterns
from cmsite.sources.scanning import IGNORE_FILE


class PastFolder:
    """The files that were below one folder of a work tree; a `SourceTree`, empty where the folder was not there.

    `root` is the work tree's, `folder` is relative to it and POSIX, "" for all of it.
    Raises `SourceError` where git cannot read the commit.
    """

    def __init__(self, root: Path, commit: str, *, folder: str, label: str, location: str) -> None:
        self._tree = GitTree(root, commit, label=label)
        self._prefix = f"{folder}/" if folder else ""
        self._provenance = Provenance(kind="folder", location=location)
        below = [replace(entry, path=path) for entry in self._tree.entries if (path := self._inner(entry.path))]
        self._ignored = self._patterns(below)
        self._verdicts: dict[str, bool] = {}
        self._entries = tuple(entry for entry in below if not self._is_left_out(entry.path))
        self._refused = tuple(
            replace(entry, path=path)
            for entry in self._tree.refused
            if (path := self._inner(entry.path)) and not self._is_left_out(path)
        )

    @property
    def label(self) -> str:
        """Return what the user called the source, for messages."""
        return self._tree.label

    @property
    def provenance(self) -> Provenance:
        """Return that this stands for a folder."""
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
        """Return the bytes of one entry; raises `SourceError` where the path is none or cannot be read."""
        return self._tree.read(self._prefix + path)

    def on_disk(self, path: str) -> Path | None:
        """Return nothing: the past is never edited."""
        del path
        return None

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        """Return nothing: a folder has no history."""
        del folders
        return {}

    def _inner(self, path: str) -> str:
        return path[len(self._prefix) :] if path.startswith(self._prefix) else ""

    def _patterns(self, entries: list[FileEntry]) -> dict[str, tuple[Pattern, ...]]:
        """Return folder → the patterns of its `.cmignore`."""
        found = {}
        for entry in entries:
            folder, _, name = entry.path.rpartition("/")
            if name == IGNORE_FILE:
                text = self.read(entry.path).decode("utf-8", "surrogateescape").removeprefix("\ufeff")
                found[folder] = parse_patterns(text.split("\n"))
        return found

    def _is_left_out(self, path: str) -> bool:
        if not self._ignored:
            return False
        parents = [str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."]
        return self._verdict(path, is_folder=False) or any(self._verdict(parent, is_folder=True) for parent in parents)

    def _verdict(self, path: str, *, is_folder: bool) -> bool:
        key = f"{path}/" if is_folder else path
        if key not in self._verdicts:
            verdict = False
            for parent in reversed(PurePosixPath(path).parents):
                folder = "" if str(parent) == "." else str(parent)
                if folder in self._ignored:
                    inner = path[len(folder) :].lstrip("/")
                    own = last_verdict(self._ignored[folder], inner, is_folder=is_folder)
                    verdict = verdict if own is None else own
            self._verdicts[key] = verdict
        return self._verdicts[key]
