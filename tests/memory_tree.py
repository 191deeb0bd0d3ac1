"""A source tree in memory: the simplest real implementation of the protocol, for tests of what reads trees."""

from collections.abc import Mapping
from pathlib import Path

from cmsite.errors import SourceError
from cmsite.model.tree import Change, FileEntry, Provenance, RefusedEntry


class MemoryTree:
    def __init__(
        self,
        files: Mapping[str, str | bytes],
        refused: tuple[RefusedEntry, ...] = (),
        changes: Mapping[str, Change] | None = None,
    ) -> None:
        self.files = {
            path: content.encode() if isinstance(content, str) else content for path, content in files.items()
        }
        self.label = "memory"
        self.provenance = Provenance(kind="folder", location="memory")
        self.entries = tuple(
            FileEntry(path=path, size_bytes=len(self.files[path]), executable=path.endswith(".sh"))
            for path in sorted(self.files, key=lambda path: path.encode())
        )
        self.refused = refused
        self.changes = dict(changes or {})

    def read(self, path: str) -> bytes:
        try:
            return self.files[path]
        except KeyError:
            raise SourceError(f"memory: {path} is gone") from None

    def on_disk(self, path: str) -> Path | None:
        """Return nothing: there is no file."""
        del path
        return None

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        return {folder: self.changes[folder] for folder in folders if folder in self.changes}


CMR = "alias: team\nuid: '1111222233334444'\n"


def script(alias: str, uid: str, tags: str = "get", rest: str = "") -> str:
    return (
        f"alias: {alias}\nuid: '{uid}'\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\n"
        f"tags: [{tags}]\n{rest}"
    )
