"""What a build remembers for the next one: what it read, as stamps, and what each page was made of.

The memory lies in the cache folder of this machine, never in the site; it may be deleted at any time. It holds Python
objects, so it is read only where nobody else could have written it. Source: DESIGN §6; facts/performance.md §2.
"""

import hashlib
import marshal
import os
import pickle
import sys
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cmsite import __version__, places, resources
from cmsite.stamps import FolderStamps, Stamp, changed_files, is_unchanged

_FORMAT = 2
_LOCAL = ("", "none")  # Of --previous: the site itself, or nothing.
# What damaged bytes make marshal and pickle raise.
_UNREADABLE = (
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ImportError,
    pickle.UnpicklingError,
)
_HEAD = "head"
_LOOKUPS = "lookups"
_BUNDLES = "bundles"
_COMMON = "common"
_CHANGED = "changed"


class NeedsWholeCatalogueError(Exception):
    """A page asks for something that is not remembered, or more than a page changes: everything has to be built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build says when it ends.

    `problems` are complete lines; `is_strict` says that mkdocs.yml asks for none of them; `has_no_id` that registry.yml
    has no registry_id; `withheld` counts records under embargo.
    """

    artifacts: int
    repositories: int
    pages: int
    gen: int
    errors: int
    warnings: int
    problems: tuple[str, ...] = ()
    is_strict: bool = False
    has_no_id: bool = False
    withheld: int = 0


@dataclass(slots=True, kw_only=True)
class Head:
    """What tells whether anything changed: small, and read by every build.

    `inputs` are all files but those of folder sources, which are in `folders` under the source's absolute root;
    `outputs` the files by which a site is known to be the one that was built.
    """

    build: str
    report: Report
    inputs: dict[str, Stamp | None]
    outputs: dict[str, Stamp | None]
    folders: dict[str, FolderStamps]

    def changes(self) -> list[tuple[str, str]] | None:
        """Return (root, path) of files of sources that changed; None where more than their contents did."""
        if not is_unchanged(self.inputs) or not is_unchanged(self.outputs):
            return None
        found: list[tuple[str, str]] = []
        for root, stamps in self.folders.items():
            changed = changed_files(root, stamps)
            if changed is None:
                return None
            found.extend((root, path) for path in changed)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The place of what builds of one site with the same options remember; `key` is all that must be equal.

    `counts` says that revisions go on from the site itself; else every build begins anew. `started_ns` is a time before
    anything was read: a file that changed since may have been read before.
    """

    folder: Path
    key: str
    counts: bool
    started_ns: int

    def head(self) -> Head | None:
        """Return what the last build remembered, None where nothing fits."""
        data = self._read(_HEAD)
        if data is None:
            return None
        try:
            form, key, build, report, inputs, outputs, folders = marshal.loads(data)  # noqa: S302 - nobody else can write it.
        except _UNREADABLE:
            return None
        if form != _FORMAT or key != self.key:
            return None
        return Head(
            build=build,
            report=Report(**report),
            inputs=inputs,
            outputs=outputs,
            folders=folders,
        )

    def keep(self, head: Head) -> None:
        """Remember what tells whether anything changed; the last file to be written."""
        report = {name: getattr(head.report, name) for name in Report.__slots__}
        values = (
            _FORMAT, self.key, head.build, report, head.inputs, head.outputs, head.folders
        )  # fmt: skip
        self._write(_HEAD, marshal.dumps(values))

    def bundles(self) -> "BundleWriter":
        """Return what keeps the bundles of a build while it renders."""
        return BundleWriter(self.folder / _BUNDLES)

    def keep_artifacts(
        self, build: str, common: Mapping[str, Any], lookups: Mapping[str, Any], bundles: "BundleWriter"
    ) -> None:
        """Remember what single artifacts can be built from: values of the whole build, and one bundle an artifact."""
        bundles.settle()
        offsets = bundles.offsets
        self._write(_LOOKUPS, marshal.dumps((build, dict(lookups), offsets)))
        self._write(_COMMON, pickle.dumps((build, dict(common)), protocol=5))
        self._write(_CHANGED, marshal.dumps((build, {})))

    def keep_changed(self, build: str, bundles: Mapping[int, bytes]) -> None:
        """Remember bundles that replace those of the last whole build."""
        self._write(_CHANGED, marshal.dumps((build, dict(bundles))))

    def artifacts(self, build: str) -> "RememberedArtifacts | None":
        """Return what `keep_artifacts` kept, None where it belongs to another build."""
        data = {name: self._read(name) for name in (_LOOKUPS, _COMMON, _CHANGED)}
        try:
            of_lookups, lookups, offsets = marshal.loads(data[_LOOKUPS] or b"")  # noqa: S302
            of_changed, changed = marshal.loads(data[_CHANGED] or b"")  # noqa: S302
            of_common, common = pickle.loads(data[_COMMON] or b"")  # noqa: S301 - nobody else can write it.
        except _UNREADABLE:
            return None
        if {of_lookups, of_changed, of_common} != {build}:
            return None
        return RememberedArtifacts(
            common=common, lookups=lookups, offsets=offsets, changed=changed, path=self.folder / _BUNDLES
        )

    def forget(self) -> None:
        """Remember nothing: the site is about to change."""
        (self.folder / _HEAD).unlink(missing_ok=True)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def _write(self, name: str, content: bytes) -> None:
        temporary = self.folder / f"{name}.{os.getpid()}"
        temporary.write_bytes(content)
        temporary.replace(self.folder / name)


class BundleWriter:
    """Writes bundles one after the other, beside those of the build before; `settle` puts them in their place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f"{path.name}.{os.getpid()}")
        self.offsets: list[tuple[int, int]] = []
        self._end = 0

    def __enter__(self) -> Self:
        self._stream = self._temporary.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, bundle: bytes) -> None:
        """Write the bundle of the next artifact."""
        self.offsets.append((self._end, len(bundle)))
        self._end += len(bundle)
        self._stream.write(bundle)

    def settle(self) -> None:
        """Replace the bundles of the build before."""
        self._temporary.replace(self._path)


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedArtifacts:
    """What single artifacts can be built from; bundles are read when asked for, those in `changed` are newer."""

    common: dict[str, Any]
    lookups: dict[str, Any]
    offsets: list[tuple[int, int]]
    changed: dict[int, bytes]
    path: Path

    def bundle(self, number: int) -> Any:
        """Return the values that were bundled for one artifact.

        Raises `NeedsWholeCatalogueError` where they cannot be read.
        """
        data = self.changed.get(number)
        try:
            if data is None:
                start, size = self.offsets[number]
                with self.path.open("rb") as stream:
                    stream.seek(start)
                    data = stream.read(size)
            return pickle.loads(data)  # noqa: S301 - nobody else can write it.
        except (OSError, *_UNREADABLE) as error:
            raise NeedsWholeCatalogueError(str(self.path)) from error


def memory_of(config: Path, site_dir: Path, previous: str) -> Memory | None:
    """Return the memory of builds with these options in this environment, None where there is no place for it.

    A site whose revisions go on from somewhere else has none.
    """
    if previous not in _LOCAL:
        return None
    site = str(site_dir.resolve())
    name = hashlib.sha256(f"{config.resolve()}\n{site}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    key = (__version__, sys.version, zlib.ZLIB_RUNTIME_VERSION, os.environ.get("SOURCE_DATE_EPOCH", ""), str(config))
    folder = places.own_folder(f"builds/{name}")
    if folder is None:
        return None
    return Memory(
        folder=folder,
        key=repr((*key, str(site_dir), previous, str(Path.cwd()))),
        counts=not previous,
        started_ns=time.time_ns(),
    )


def program_files() -> list[str]:
    """Return every file of cmsite that a build may depend on, with the folders that hold them."""
    package, root = Path(__file__).resolve().parent.parent, resources.root()
    found = []
    for top in (package, root / "registry" / "rules", root / "site_templates"):
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if name != "__pycache__"]
            found.extend([folder, *(f"{folder}/{name}" for name in files)])
    return found
