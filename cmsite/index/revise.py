"""What a build adds to the published past: a revision where content changed, and records of artifacts that vanished.

Source: CONTRACT §3 (revisions, published bytes are reused, everything is kept for ever).
"""

from collections.abc import Iterable
from dataclasses import replace

from cmsite.index.records import Record, Status, Version

# What a publisher decided about an artifact; a build does not undo it.
_DECIDED = (Status.DEPRECATED, Status.QUARANTINED)


def revise(
    previous: tuple[Version, ...],
    *,
    tar_sha256: str,
    archive_sha256: str,
    size_bytes: int,
    label: str = "",
    time_s: int = 0,
    url: str | None = None,
) -> tuple[Version, ...]:
    """Return the versions after a build; the last one is the build's.

    The same content as the newest revision adds nothing. Content that an older revision had becomes a new revision
    with that one's published bytes, so that no second archive of equal content is written: the caller writes
    its archive only where the last version's `archive_sha256` is the one it handed in.

    >>> first = revise((), tar_sha256="a" * 64, archive_sha256="b" * 64, size_bytes=3)
    >>> first[0].revision, revise(first, tar_sha256="a" * 64, archive_sha256="c" * 64, size_bytes=4) == first
    (1, True)
    """
    if previous and previous[-1].tar_sha256 == tar_sha256:
        return previous
    version = Version(
        revision=previous[-1].revision + 1 if previous else 1,
        label=label,
        tar_sha256=tar_sha256,
        archive_sha256=archive_sha256,
        size_bytes=size_bytes,
        time_s=time_s,
        url=url,
    )
    same = next((old for old in reversed(previous) if old.tar_sha256 == tar_sha256 and old.url == url), None)
    if same is not None:
        version = replace(version, archive_sha256=same.archive_sha256, size_bytes=same.size_bytes)
    return (*previous, version)


def carry_over(current: Iterable[Record], previous: Iterable[Record]) -> tuple[Record, ...]:
    """Return the records to publish, sorted by (repository, automation, folder).

    Records that only `previous` has are kept as removed (a quarantined one stays quarantined); a record that both have
    keeps a status which the publisher decided.
    """
    before = {record.key: record for record in previous}
    merged: dict[tuple[str, str, str], Record] = {}
    for record in current:
        old = before.pop(record.key, None)
        decided = old is not None and old.status in _DECIDED and record.status is Status.ACTIVE
        merged[record.key] = replace(record, status=old.status) if old is not None and decided else record
    for key, record in before.items():
        merged[key] = record if record.status is Status.QUARANTINED else replace(record, status=Status.REMOVED)
    return tuple(merged[key] for key in sorted(merged))
