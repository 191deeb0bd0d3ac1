"""The previous index: an input like any other, from which revisions and the generation go on.

Source: CONTRACT §7 (`--previous DIR|URL|none`; 404 means first, any other failure ends the build).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cmsite.errors import CmsiteError, ConfigurationError, IntegrityError, OutputError
from cmsite.index.emit import Before
from cmsite.index.layout import BLOBS_FOLDER, MANIFESTS_FOLDER, ROOT_PATH, archive_path, blob_path
from cmsite.index.read import Index, ReadMany, read_index
from cmsite.index.records import Record, Version
from cmsite.index.revise import is_redirect
from cmsite.index.term_files import check_tree
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFolder
from cmsite.parallel import collector_off
from cmsite.publish.history import copy_roots

FETCHED_AT_ONCE = 256  # Files, before they are looked at.
MAX_FETCHED_BYTES = 1 << 30  # No published file is larger; digests are checked by the reader of the index.


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was published before.

    `index` is None for a first build or a preview; `is_first` says that there is a place to publish to and nothing in
    it yet, or only a preview; `folder` is where it lies, None for an address; `read` returns the bytes at a path of the old site,
    `read_many` those at several, with `IntegrityError` for one that is gone.
    """

    index: Index | None = None
    is_first: bool = False
    folder: Path | None = None
    read: Callable[[str], bytes] | None = None
    read_many: Callable[[Sequence[str]], Iterable[bytes]] | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the old records."""
        return self.index.records if self.index is not None else ()

    def versions(self) -> dict[ArtifactKey, tuple[Version, ...]]:
        """Return the published versions of each origin; raises `IntegrityError` where the index has two records of one."""
        found: dict[ArtifactKey, tuple[Version, ...]] = {}
        for record in self.records:
            if is_redirect(record):
                continue
            key = ArtifactKey(repository=record.repository, automation=record.automation, folder=record.folder)
            if key in found:
                raise IntegrityError(
                    f"{self.folder or 'the previous site'}: two records of {record.repository}/{record.automation} in folder "
                    f"{record.folder!a}, expected one: the index is damaged and revisions would be lost; restore the "
                    "published site, or name one of before with --previous"
                )
            found[key] = record.versions
        return found

    def restore(self, paths: Iterable[str], output: Path) -> None:
        """Bring published files that the output lacks, byte by byte as they were.

        Raises `IntegrityError` where one is gone: a published revision never changes and never vanishes.
        """
        for path in sorted(paths):
            target = output / path
            if target.exists():
                _check(target.read_bytes(), path, output)
                continue
            if self.read is None:
                raise IntegrityError(f"{path} was published and is missing in {output}; give its site with --previous")
            try:
                content = self.read(path)
            except CmsiteError as error:
                raise IntegrityError(
                    f"{path} was published and is gone from the previous site ({error}); restore it there"
                ) from error
            _check(content, path, self.folder or "the previous site")
            _write(target, content)

    def searched(self, output: Path) -> Before | None:
        """Return the index whose tree of terms may go on in the output; None where it has none.

        Its files are brought there where it does. A tree of which a file is gone or damaged does not.
        """
        if self.index is None or self.index.root.terms is None or self.read_many is None:
            return None
        terms, read_many = self.index.root.terms, self.read_many

        def keep() -> bool:
            try:
                check_tree(terms, lambda paths: _brought(paths, output, read_many))
            except IntegrityError:
                return False
            return True

        return Before(root=self.index.root, read=lambda path: next(iter(read_many([path]))), keep=keep)

    def keep_leaves(self, output: Path) -> None:
        """Keep leaves, manifests and roots of the old index beside the new ones, for readers that still hold the old root."""
        if self.folder is None or self.folder.resolve() == output.resolve():
            return
        manifests = (self.folder / MANIFESTS_FOLDER).glob("*.json")
        for leaf in sorted([*(self.folder / BLOBS_FOLDER).rglob("*.gz"), *manifests]):
            target = output / leaf.relative_to(self.folder)
            if not target.exists():
                _write(target, leaf.read_bytes())
        copy_roots(self.folder, OutputFolder(output))


def _brought(
    paths: Sequence[str], output: Path, read_many: Callable[[Sequence[str]], Iterable[bytes]]
) -> Iterator[bytes]:
    """Yield published files; those that the output lacks are written there once they are what their name promises."""
    for start in range(0, len(paths), FETCHED_AT_ONCE):
        some = paths[start : start + FETCHED_AT_ONCE]
        held = {path: _held(output, path) for path in some}
        lacking = [path for path, content in held.items() if content is None]
        for path, content in zip(lacking, read_many(lacking), strict=True):
            _check(content, path, "the previous site")
            _write(output / path, content)
            held[path] = content
        yield from (found for path in some if (found := held[path]) is not None)


def _held(output: Path, path: str) -> bytes | None:
    """Return a file of the output, None where it is not there as it was published."""
    try:
        content = (output / path).read_bytes()
        _check(content, path, output)
    except (OSError, IntegrityError):
        return None
    return content


def _check(content: bytes, path: str, where: object) -> None:
    """Raise `IntegrityError` where published bytes are not those that their name promises."""
    expected = path.rsplit("/", 1)[-1].split(".", 1)[0]
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise IntegrityError(f"{where}: {path}: sha256 is {found}; the published bytes were changed, restore them")


def find_past(previous: str, site_dir: Path) -> Past:
    """Read the previous index: `none`, a URL, a folder, or "" for the site folder being overwritten."""
    if previous == "none":
        return Past()
    if previous.startswith(("http://", "https://")):
        return _remote(previous)
    folder = Path(previous) if previous else site_dir
    if not (folder / ROOT_PATH).is_file():
        if previous and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigurationError(
                f"--previous {previous}: there is no {ROOT_PATH}; name a built site, its URL, none, or an empty folder for the first build"
            )
        return Past(is_first=bool(previous))

    def read(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise IntegrityError(f"{path} cannot be read: {error.strerror}") from error

    index = _index(read, None, str(folder))
    return Past(
        index=index,
        is_first=bool(previous) and index.root.gen == 0,
        folder=folder,
        read=read,
        read_many=partial(map, read),
    )


def _remote(url: str) -> Past:
    from cmsite.client.fetching import MissingFileError
    from cmsite.client.threads import in_threads
    from cmsite.client.transport import Transport

    base = url.rstrip("/")
    try:
        transport = Transport(base)
    except ValueError as error:
        raise ConfigurationError(f"--previous {url}: this is no address: {error}") from error

    def read(path: str) -> bytes:
        # A cache on the way may hold the root from before the last publication, and its revisions would be counted twice.
        return transport.fetch(f"{base}/{path}", max_bytes=MAX_FETCHED_BYTES, fresh=path == ROOT_PATH)

    def read_blob(path: str) -> bytes:
        try:
            return read(path)
        except MissingFileError as error:
            raise IntegrityError(f"{path} is gone from the previous site ({error}); restore it there") from error

    def read_many(paths: Sequence[str]) -> Iterator[bytes]:
        for start in range(0, len(paths), FETCHED_AT_ONCE):
            yield from in_threads(read_blob, paths[start : start + FETCHED_AT_ONCE])

    try:
        read(ROOT_PATH)
    except MissingFileError:
        return Past(is_first=True)
    index = _index(read, read_many, url)
    return Past(index=index, is_first=index.root.gen == 0, read=read, read_many=read_many)


def _index(read: Callable[[str], bytes], read_many: ReadMany | None, where: str) -> Index:
    """Return the index that is read.

    Raises `ConfigurationError` for drafts, whose records would go on into what is published; `IntegrityError` for a
    damaged one.
    """
    try:
        with collector_off():
            index = read_index(read, read_many)
    except IntegrityError as error:
        raise IntegrityError(
            f"{where}: {error}; revisions are counted on from this index: restore it, or name the site of before with "
            "--previous (`--previous none` builds a preview without revisions)"
        ) from error
    if index.root.drafts:
        raise ConfigurationError(
            f"{where} holds drafts, from which no build may go on; name the published site with --previous, or an empty folder"
        )
    return index


def published_paths(records: Iterable[Record]) -> set[str]:
    """Return the paths of all archives, licence files and files of dependencies that records promise."""
    paths: set[str] = set()
    for record in records:
        paths.update(blob_path(digest) for digest in (record.licenses, record.dependencies) if digest)
        paths.update(archive_path(version.archive_sha256) for version in record.versions if version.url is None)
    return paths


def _write(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".cmsite-{target.name}")
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check free space and permissions") from error
