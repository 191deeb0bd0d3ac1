"""One artifact as the index knows it.

A record holds what resolving, pulling and a search hit need, so that a cold pull is root, node, leaf, archive.
Source: CONTRACT §7 (fields), facts/index.md §2.
"""

import enum
from dataclasses import dataclass


class Status(enum.Enum):
    """Whether an artifact may be resolved.

    `DEPRECATED` resolves with a note; `QUARANTINED` is refused; `REMOVED` vanished from its source: not found by
    search, its published revisions resolve by an exact pin (`@rN`, `@sha256:`), as nothing published is lost; `MOVED`
    stands under the old name of a renamed artifact and leads to the new one; `PURGED` is a tombstone without bytes.
    """

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"
    REMOVED = "removed"
    MOVED = "moved"
    PURGED = "purged"

    @property
    def is_listed(self) -> bool:
        """Return whether searching finds the artifact, and its name alone resolves or says why not."""
        return self not in (Status.REMOVED, Status.MOVED, Status.PURGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published revision; once published its bytes never change.

    `revision` counts from 1; `label` is the version a meta or repository states ("" where none); `tar_sha256` is the
    content digest (of the uncompressed tar); `archive_sha256` and `size_bytes` are of the bytes served; `time_s` is
    in seconds since 1970 (0 unknown); `url` is None for `artifacts/<archive_sha256>.tar.gz` beside the index, ""
    where only the record is published; `yanked` is the reason, None while it is not yanked; `purged` is the reason why
    its bytes were removed for ever (`url` is "" then), None while they were not.
    """

    revision: int
    label: str = ""
    tar_sha256: str
    archive_sha256: str
    size_bytes: int
    time_s: int = 0
    url: str | None = None
    yanked: str | None = None
    purged: str | None = None

    @property
    def is_offered(self) -> bool:
        """Return whether a name without an exact pin may mean this revision."""
        return self.yanked is None and self.purged is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One origin of an artifact: (repository, automation, folder) with its newest version last.

    `alias` is the artifact's name (its folder where the meta has no alias); `rank` is the repository's place in
    registry.yml, by which origins of one uid are ordered; `licenses` is the sha256 of the repository's licence blob,
    "" where the repository has none; `dependencies` is that of the file of what its newest revision needs, "" where
    that is nothing. `reason` says why the publisher gave it its status, `successor` is the reference of what to use
    instead of a deprecated one, `moved` the reference of what a `MOVED` record leads to. `words` are those for searches
    that stand in no other field, `variations` are names, `has` what the artifact comes with ("results"); leaves do not
    hold these three. `authors` are people.
    """

    automation: str
    automation_uid: str
    alias: str
    uid: str
    repository: str
    rank: int
    folder: str
    format: str
    tags: tuple[str, ...] = ()
    description: str = ""
    status: Status = Status.ACTIVE
    reason: str = ""
    successor: str = ""
    moved: str = ""
    licenses: str = ""
    dependencies: str = ""
    versions: tuple[Version, ...] = ()
    words: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    has: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what names one origin within a registry: (repository, automation, folder), CONTRACT §1."""
        return (self.repository, self.automation, self.folder)

    @property
    def identity(self) -> tuple[str, str]:
        """Return what makes copies in several repositories one artifact; without a uid nothing is a copy."""
        if not self.uid:
            return ("/".join(self.key), "")
        return (self.automation_uid or self.automation, self.uid)

    @property
    def name(self) -> str:
        """Return `automation:alias`, the name whose hash finds the record."""
        return f"{self.automation}:{self.alias}"
