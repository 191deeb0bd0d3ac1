"""`cmsite outdated`: each locked artifact beside what its registry says of it now. Nothing is changed.

Source: CONTRACT §3 (revisions order), §13; facts/index.md §4, cases 89 and 90.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from cmsite.client.lock import LockedArtifact
from cmsite.client.pinned import PinnedRegistries
from cmsite.client.remote import RemoteRegistry
from cmsite.client.resolve import newest
from cmsite.client.verify import require_lock
from cmsite.client.workspace import Workspace
from cmsite.index.records import Record, Status, Version


class Mark(enum.Enum):
    """What is to be said of a locked artifact; the value is the word that is printed and that `--fail-on` takes."""

    NEWER = "newer"  # There is a newer revision.
    YANKED = "yanked"  # The publisher took the locked revision back.
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"
    REMOVED = "removed"  # From its source; what was published stays.
    PURGED = "purged"  # The bytes of the locked revision are gone for ever.
    RENAMED = "renamed"
    CHANGED = "changed"  # The locked revision has other content now: a published one never has.
    UNKNOWN = "unknown"  # The registry does not have it at all.


_OF_STATUS = {
    Status.DEPRECATED: Mark.DEPRECATED,
    Status.QUARANTINED: Mark.QUARANTINED,
    Status.REMOVED: Mark.REMOVED,
    Status.PURGED: Mark.PURGED,
    Status.MOVED: Mark.RENAMED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One locked artifact, the newest revision that may be had (None: there is none), and what is to be said of it.

    `name` is what its registry calls it now; `reason` is the publisher's, why something was taken back.
    """

    artifact: LockedArtifact
    newest: Version | None = None
    marks: tuple[Mark, ...] = ()
    name: str = ""
    reason: str = ""


def outdated(
    workspace: Workspace, registries: Sequence[RemoteRegistry] = ()
) -> tuple[tuple[Outlook, ...], tuple[str, ...]]:
    """Return the outlook of every locked artifact in the order of paths, and notes of the registries.

    Raises `NotFoundError` where there is no lock, errors of fetching.
    """
    lock = require_lock(workspace)
    pins = PinnedRegistries(workspace, lock, registries)
    found = map(_outlook, lock.artifacts, pins.records(lock.artifacts))
    return tuple(found), pins.notes


def _outlook(artifact: LockedArtifact, records: tuple[Record, ...]) -> Outlook:
    if not records:
        return Outlook(artifact=artifact, marks=(Mark.UNKNOWN,))
    record = records[0]
    # A renamed artifact goes on under its new name, where its revisions are counted anew.
    current = next((one for one in records if one.status.is_listed), record)
    latest = newest(current)
    locked = next((version for version in record.versions if version.tar_sha256 == artifact.tar_sha256), None)
    said = {
        Mark.NEWER: latest is not None and _is_newer(latest, locked, artifact, same=current is record),
        Mark.YANKED: locked is not None and locked.yanked is not None,
        Mark.PURGED: locked is not None and locked.purged is not None,
        Mark.CHANGED: locked is None and record.status is not Status.PURGED,
        Mark.RENAMED: (current.automation, current.folder) != (artifact.automation, artifact.folder),
    }
    status = _OF_STATUS.get(record.status)
    marks = tuple(mark for mark in Mark if said.get(mark) or mark is status)
    reasons = (locked.yanked, locked.purged) if locked else ()
    return Outlook(
        artifact=artifact,
        newest=latest,
        marks=marks,
        name=f"{current.repository}/{current.name}",
        reason="; ".join(filter(None, (*reasons, record.reason))),
    )


def _is_newer(latest: Version, locked: Version | None, artifact: LockedArtifact, *, same: bool) -> bool:
    if not same:
        return latest.tar_sha256 != artifact.tar_sha256
    return latest.revision > (locked.revision if locked else artifact.revision)
