"""The one `Artifact` every format is read into; it loses nothing.

Typed fields hold what all automations share; `extra` keeps every other key of the meta in source order and source
spelling. Where a value stands (line, column) is found again from its pointer by `cmsite.documents.Document.place`,
on the bytes of `meta_file`: findings are few, positions of every value of every meta would be most of the memory.
Source: CONTRACT §1, DESIGN §3.
"""

from dataclasses import dataclass, field
from typing import Any

from cmsite.model.dependency import Dependency
from cmsite.model.names import AUTOMATION_UIDS
from cmsite.model.repository import Format


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ArtifactKey:
    """What names an artifact within one registry: CONTRACT §1."""

    repository: str
    automation: str
    folder: str

    def __str__(self) -> str:
        return f"{self.repository}/{self.automation}:{self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFile:
    """One file of an artifact: `path` relative to its folder, `source` relative to the source tree."""

    path: str
    source: str
    size_bytes: int
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One artifact of one repository.

    `uid` and `automation_uid` are in normal form ("" where the meta has none and none is derived); `path` is the
    folder in the source tree; `meta_file` the meta's path in the source tree (the JSON one where both exist, as it
    wins), `meta_files` all of them; `base` is the raw `_base`; `license` and `time_s` are "" and 0 where unknown;
    `summary` is the one line that says what it is (never empty once read), `summary_derived` where nobody wrote it;
    `headings` are those of its texts.
    """

    key: ArtifactKey
    format: Format
    path: str
    alias: str
    uid: str
    automation_uid: str
    tags: tuple[str, ...] = ()
    uid_derived: bool = False
    name: str = ""
    description: str = ""
    category: str = ""
    version: str = ""
    license: str = ""
    authors: tuple[str, ...] = ()
    base: str = ""
    meta_file: str = ""
    meta_files: tuple[str, ...] = ()
    files: tuple[ArtifactFile, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    variations: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    commit: str = ""
    time_s: int = 0
    summary: str = ""
    summary_derived: bool = False
    headings: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """Return what makes copies in several repositories one artifact: (automation uid, uid)."""
        return (self.automation_uid or AUTOMATION_UIDS.get(self.key.automation, self.key.automation), self.uid)

    @property
    def display_name(self) -> str:
        """Return what a list or title calls the artifact; never empty."""
        return self.alias or self.uid or self.key.folder
