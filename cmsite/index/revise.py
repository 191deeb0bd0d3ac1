"""What a build adds to the published past: a revision where content changed, and records of artifacts that vanished.

Source: CONTRACT §3 (revisions, published bytes are reused, everything is kept for ever).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cmsite.index.records import Record, Status, Version


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

    Records that only `previous` has are kept as removed; a mere redirect is not kept. What the publisher decided is no
    business of the previous index: each build is told anew, so that a decision can be undone.
    """
    merged = {
        record.key: replace(record, status=Status.REMOVED, reason="", successor="", moved="")
        for record in previous
        if not is_redirect(record)
    }
    merged |= {record.key: record for record in current}
    return tuple(merged[key] for key in sorted(merged))


def is_redirect(record: Record) -> bool:
    """Return whether a record only leads on, and was never published itself."""
    return record.status is Status.MOVED and not record.versions


def marked(
    versions: tuple[Version, ...], *, yanked: Mapping[int, str], purged: Mapping[str, str]
) -> tuple[Version, ...]:
    """Return the versions as decisions leave them: `yanked` by revision, `purged` by content digest, to their reasons.

    A yank that nothing decides any more is undone; a purge never is.

    >>> (first,) = revise((), tar_sha256="a" * 64, archive_sha256="b" * 64, size_bytes=3)
    >>> (gone,) = marked((first,), yanked={1: "broken"}, purged={"a" * 64: "a key leaked"})
    >>> gone.yanked, gone.purged, gone.url, marked((gone,), yanked={}, purged={})[0].purged
    ('broken', 'a key leaked', '', 'a key leaked')
    """
    return tuple(
        _marked(version, yanked.get(version.revision), purged.get(version.tar_sha256, version.purged))
        for version in versions
    )


def _marked(version: Version, yanked: str | None, purged: str | None) -> Version:
    if (version.yanked, version.purged) == (yanked, purged):
        return version
    return replace(version, yanked=yanked, purged=purged, url=version.url if purged is None else "")
