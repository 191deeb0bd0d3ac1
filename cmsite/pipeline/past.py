"""The previous index: an input like any other, from which revisions and the generation go on.

Source: CONTRACT §7 (`--previous DIR|URL|none`; 404 means first, any other failure ends the build).
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import CmsiteError, ConfigurationError, IntegrityError, OutputError
from cmsite.index.layout import ROOT_PATH, archive_path, blob_path
from cmsite.index.read import Index, read_index
from cmsite.index.records import Record, Version
from cmsite.model.artifact import ArtifactKey

MAX_FETCHED_BYTES = 1 << 30  # No published file is larger; digests are checked by the reader of the index.


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was published before.

    `index` is None for a first build or a preview; `is_first` says that there is a place to publish to and nothing in
    it yet; `read` returns the bytes at a path of the old site.
    """

    index: Index | None = None
    is_first: bool = False
    read: Callable[[str], bytes] | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the old records."""
        return self.index.records if self.index is not None else ()

    def versions(self) -> dict[ArtifactKey, tuple[Version, ...]]:
        """Return the published versions of each origin."""
        return {
            ArtifactKey(
                repository=record.repository, automation=record.automation, folder=record.folder
            ): record.versions
            for record in self.records
        }

    def restore(self, paths: Iterable[str], output: Path) -> None:
        """Bring published files that the output lacks, byte by byte as they were.

        Raises `IntegrityError` where one is gone: a published revision never changes and never vanishes.
        """
        for path in sorted(paths):
            target = output / path
            if target.exists():
                continue
            if self.read is None:
                raise IntegrityError(f"{path} was published and is missing in {output}; give its site with --previous")
            try:
                content = self.read(path)
            except (OSError, CmsiteError) as error:
                raise IntegrityError(
                    f"{path} was published and is gone from the previous site ({error}); restore it there, or purge its revision"
                ) from error
            _write(target, content)


def find_past(previous: str, site_dir: Path) -> Past:
    """Read the previous index: `none`, a URL, a folder, or "" for the site folder being overwritten."""
    if previous == "none":
        return Past()
    if previous.startswith(("http://", "https://")):
        return _remote(previous)
    folder = Path(previous) if previous else site_dir
    if not (folder / ROOT_PATH).is_file():
        if previous and not folder.is_dir():
            raise ConfigurationError(
                f"--previous {previous}: there is no such folder; name a built site, its URL, or none"
            )
        return Past(is_first=bool(previous))

    def read(path: str) -> bytes:
        return (folder / path).read_bytes()

    return Past(index=read_index(read), read=read)


def _remote(url: str) -> Past:
    from cmsite.client.fetching import MissingFileError
    from cmsite.client.transport import Transport

    base = url.rstrip("/")
    transport = Transport(base)

    def read(path: str) -> bytes:
        return transport.fetch(f"{base}/{path}", max_bytes=MAX_FETCHED_BYTES)

    try:
        transport.fetch(f"{base}/{ROOT_PATH}", max_bytes=MAX_FETCHED_BYTES)
    except MissingFileError:
        return Past(is_first=True)
    return Past(index=read_index(read), read=read)


def published_paths(records: Iterable[Record]) -> set[str]:
    """Return the paths of all archives and licence files that records promise."""
    paths = set()
    for record in records:
        if record.licenses:
            paths.add(blob_path(record.licenses))
        paths.update(archive_path(version.archive_sha256) for version in record.versions if version.url is None)
    return paths


def save_published(site_dir: Path, cache: Path) -> None:
    """Keep what a site folder has published in a folder outside it, before something empties the site folder.

    Files are hard-linked where the file system can, else copied.
    """
    for name in ("cm-index", "artifacts"):
        source = site_dir / name
        target = cache / name
        shutil.rmtree(target, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".cmsite-{target.name}")
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check free space and permissions") from error
