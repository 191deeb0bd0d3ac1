"""What stays of purged content: a record without bytes; everything else is swept from the folder of the site.

Source: CONTRACT §3; docs/lifecycle.md.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from cmsite.errors import CmsiteError
from cmsite.index.layout import BLOBS_FOLDER, MANIFESTS_FOLDER, archive_path
from cmsite.index.packing import unpack
from cmsite.index.records import Record, Status


def tombstone(record: Record) -> Record:
    """Return what stays of a record that is not in the catalogue any more, where content of it was purged."""
    if not record.versions or all(version.purged is None for version in record.versions):
        return record
    if record.status is not Status.MOVED and all(version.purged is not None for version in record.versions):
        reason = record.reason or record.versions[-1].purged or ""
        record = replace(record, status=Status.PURGED, reason=reason, successor="")
    if record.status is Status.PURGED or record.versions[-1].purged is not None:
        return replace(
            record, tags=(), description="", licenses="", dependencies="", words=(), variations=(), authors=(), has=()
        )
    return record


def sweep(site_dir: Path, records: Iterable[Record]) -> None:
    """Remove archives of purged content, and index files and manifests of earlier builds that still offer it.

    `records` are those that the index of this build holds.
    """
    kept: set[str] = set()
    gone: set[str] = set()
    digests: set[str] = set()
    for record in records:
        for version in record.versions:
            (gone if version.purged is not None else kept).add(version.archive_sha256)
            if version.purged is not None:
                digests.add(version.tar_sha256)
    if not gone:
        return
    for sha256 in sorted(gone - kept):
        (site_dir / archive_path(sha256)).unlink(missing_ok=True)
    old = [*(site_dir / BLOBS_FOLDER).rglob("*.gz"), *(site_dir / MANIFESTS_FOLDER).glob("*.json")]
    for path in sorted(old):
        if _offers(path, digests):
            path.unlink(missing_ok=True)


def _offers(path: Path, digests: set[str]) -> bool:
    """Return whether a file of an earlier index names purged content without saying that it is purged."""
    return any(
        version.get("tar_sha256") in digests and version.get("purged") is None
        for line in _texts(path)
        if any(digest in line for digest in digests)
        for version in _versions(line)
    )


def _texts(path: Path) -> list[str]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = unpack(content, where=path.name)
        except CmsiteError:
            return []  # Damaged: it offers nothing, and no reader takes it.
    return content.decode("utf-8", "replace").splitlines()


def _versions(line: str) -> Iterator[dict[str, object]]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return
    versions = value.get("versions") if isinstance(value, dict) else None
    yield from (version for version in versions or () if isinstance(version, dict))
