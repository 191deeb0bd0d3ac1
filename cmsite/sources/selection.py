"""A part of a tree: one folder of it, and what `include` and `exclude` leave of that. Pure.

Patterns are those of `.cmignore` (`globs`), relative to the chosen folder. `include` chooses artifacts, so what the
formats need to see a repository at all is kept beside them: files at the root and repository descriptors.
"""

from dataclasses import replace
from pathlib import Path

from cmsite.errors import SourceError
from cmsite.member_names import shown
from cmsite.model.tree import Change, FileEntry, Provenance, RefusedEntry, SourceTree
from cmsite.sources.globs import Pattern, names_path, parse_patterns

_DESCRIPTORS = frozenset({"cmr.yaml", "cmr.json", ".ckr.json"})


class SelectedTree:
    """The chosen part of another tree; a `SourceTree` whose paths begin at `subfolder`.

    Raises `SourceError` where the subfolder is not in the tree.
    """

    def __init__(
        self, tree: SourceTree, *, subfolder: str = "", include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
    ) -> None:
        self._tree = tree
        names = [name for name in subfolder.split("/") if name not in {"", "."}]
        if ".." in names:
            raise SourceError(f"{tree.label}: the subfolder '{shown(subfolder)}' leads out of the source")
        self._prefix = "".join(f"{name}/" for name in names)
        self._include = parse_patterns(include)
        self._exclude = parse_patterns(exclude)
        self._entries = tuple(replace(entry, path=path) for entry in tree.entries if (path := self._chosen(entry.path)))
        if self._prefix and not any(entry.path.startswith(self._prefix) for entry in tree.entries):
            raise SourceError(f"{tree.label}: there is no folder '{shown(subfolder)}' in it; {_folders_of(tree)}")
        self._paths = frozenset(entry.path for entry in self._entries)
        self._refused = tuple(replace(entry, path=path) for entry in tree.refused if (path := self._chosen(entry.path)))

    @property
    def whole(self) -> SourceTree:
        """Return the tree this is a part of."""
        return self._tree

    @property
    def prefix(self) -> str:
        """Return the chosen folder with a "/" behind it, "" for all."""
        return self._prefix

    @property
    def label(self) -> str:
        """Return what the user called the source, for messages."""
        return self._tree.label

    @property
    def provenance(self) -> Provenance:
        """Return where the tree came from; addresses of files lead into the chosen folder."""
        provenance = self._tree.provenance
        prefix = self._prefix.replace("{", "%7B").replace("}", "%7D")
        return replace(provenance, file_url=provenance.file_url.replace("{path}", f"{prefix}{{path}}"))

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """Return the chosen files, sorted by the bytes of their paths."""
        return self._entries

    @property
    def refused(self) -> tuple[RefusedEntry, ...]:
        """Return names that were left out of the chosen part for a reason the user should know."""
        return self._refused

    def read(self, path: str) -> bytes:
        """Return the bytes of one entry; raises `SourceError` where the path is none or cannot be read."""
        if path not in self._paths:
            raise SourceError(f"{self.label}: '{shown(path)}' is not a file of this source")
        return self._tree.read(self._prefix + path)

    def on_disk(self, path: str) -> Path | None:
        """Return the file that holds the bytes of an entry alone, None where there is none."""
        return self._tree.on_disk(self._prefix + path) if path in self._paths else None

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        """Return the last commit below each folder."""
        whole = {f"{self._prefix}{folder}".rstrip("/"): folder for folder in folders}
        return {whole[path]: change for path, change in self._tree.last_changes(tuple(whole)).items()}

    def _chosen(self, path: str) -> str:
        """Return the path in the chosen part, or nothing."""
        if not path.startswith(self._prefix):
            return ""
        inner = path[len(self._prefix) :]
        if self._exclude and names_path(self._exclude, inner):
            return ""
        return inner if not self._include or _kept(inner, self._include) else ""


def _kept(path: str, include: tuple[Pattern, ...]) -> bool:
    return "/" not in path or path.rpartition("/")[2] in _DESCRIPTORS or names_path(include, path)


def _folders_of(tree: SourceTree) -> str:
    folders = sorted({entry.path.partition("/")[0] for entry in tree.entries if "/" in entry.path})
    return f"it has: {', '.join(folders[:10])}" if folders else "it has no folders"
