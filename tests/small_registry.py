"""A registry of a few artifacts, published to a folder as `cmsite build` would, for tests of pulling."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cmsite.archives import Member, pack_archive
from cmsite.client.registries import open_address
from cmsite.client.remote import RemoteRegistry
from cmsite.index.emit import emit_index
from cmsite.index.layout import ROOT_PATH, archive_path
from cmsite.index.licenses import emit_licenses
from cmsite.index.records import Record, Version
from cmsite.index.root import Root, parse_root
from cmsite.model.names import AUTOMATION_UIDS
from cmsite.outputs import OutputFile, OutputFolder

REGISTRY_ID = "0123456789abcdef0123456789abcdef"


def cm_meta(alias: str, uid: str, automation: str = "script", more: str = "") -> bytes:
    """Return a `_cm.yaml` as people write it."""
    return (
        f"alias: {alias}\nuid: '{uid}'\nautomation_alias: {automation}\n"
        f"automation_uid: {AUTOMATION_UIDS[automation]}\ntags: [test, {alias}]\n{more}"
    ).encode()


@dataclass
class SmallRegistry:
    """Artifacts by (repository, automation, folder); `publish` writes the site folder with the next generation."""

    site: Path
    licenses: dict[str, dict[str, bytes]] = field(default_factory=dict)
    records: dict[tuple[str, str, str], Record] = field(default_factory=dict)
    previous: Root | None = None
    registry_id: str = REGISTRY_ID
    is_preview: bool = False

    def add(
        self,
        folder: str,
        files: Mapping[str, bytes],
        *,
        uid: str,
        automation: str = "script",
        repository: str = "team",
        format_: str = "cm",
        executable: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
    ) -> Record:
        """Add an artifact, or the next revision of one."""
        archive = pack_archive(
            Member(path=path, content=content, executable=path in executable) for path, content in files.items()
        )
        self._write(OutputFile(path=archive_path(archive.sha256), content=archive.content))
        key = (repository, automation, folder)
        before = self.records.get(key)
        versions = before.versions if before else ()
        version = Version(
            revision=len(versions) + 1,
            tar_sha256=archive.tar_sha256,
            archive_sha256=archive.sha256,
            size_bytes=len(archive.content),
        )
        ranks = list(dict.fromkeys([*(name for name, _, _ in self.records), repository]))
        record = Record(
            automation=automation,
            automation_uid=AUTOMATION_UIDS.get(automation, ""),
            alias=folder,
            uid=uid,
            repository=repository,
            rank=ranks.index(repository),
            folder=folder,
            format=format_,
            tags=("test", folder, *tags),
            versions=(*versions, version),
        )
        self.records[key] = record
        return record

    def change(self, name: str, /, **changes: Any) -> None:
        """Change the record of a script of `team`, as its publisher's commands do."""
        record = replace(self.records.pop(("team", "script", name)), **changes)
        self.records[record.key] = record

    def publish(self) -> None:
        """Write index and licence files."""
        licensed = {}
        for repository, files in self.licenses.items():
            licensed[repository], blob = emit_licenses(files.items())
            self._write(blob)
        records = [replace(record, licenses=licensed.get(record.repository, "")) for record in self.records.values()]
        first = self.previous is None and not self.is_preview
        for file in emit_index(records, registry_id=self.registry_id, previous=self.previous, first=first):
            self._write(file)
        if self.is_preview:
            return
        self.previous = parse_root((self.site / ROOT_PATH).read_bytes(), "root.json")

    def open(self) -> RemoteRegistry:
        """Return the registry as a client sees it that starts now."""
        return open_address(self.site.as_uri())

    def _write(self, file: OutputFile) -> None:
        OutputFolder(self.site).write(file)
