"""`cmsite collect`: remove files of a built site that no index of the kept time refers to.

Published revisions stay for ever, and so do licence files, by which a lock pins what a revision was licensed by.
root.json is not touched, and no file that something refers to: whenever a run is killed, the catalogue is whole.
Source: DESIGN §9; docs/adr/0021.
"""

import math
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import ConfigurationError, IntegrityError, OutputError
from cmsite.index.layout import (
    ARCHIVES_FOLDER,
    BLOBS_FOLDER,
    FOLDER,
    MANIFESTS_FOLDER,
    ROOT_PATH,
    ROOTS_FOLDER,
    past_root_path,
)
from cmsite.index.licenses import MAX_LICENSES_BYTES, SCHEMA
from cmsite.index.packing import unpack
from cmsite.index.reach import Reach
from cmsite.index.root import parse_root
from cmsite.index.strict import parse_json
from cmsite.outputs import TEMPORARY_PREFIX
from cmsite.publish.history import PastRoot, kept_roots, since

_FOLDERS = (ARCHIVES_FOLDER, BLOBS_FOLDER, MANIFESTS_FOLDER, ROOTS_FOLDER)
_OURS = re.compile(rf"[0-9a-f]{{64}}\.(?:gz|json|tar\.gz)\Z|{re.escape(TEMPORARY_PREFIX)}")
_LICENSES_END = f'"schema":"{SCHEMA}"}}\n'.encode()
_MANIFEST = re.compile(rb"/manifest/([0-9a-f]{64})\.json")
_PAGES = (".html", ".json", ".jsonld", ".txt", ".xml")
_MARK = ".cmsite-site"  # Lists the pages, so its time is that of the last page that came or went.


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What may go: `paths` relative to the site's root, in the order of removal; `size_bytes` of all.

    `generations` counts the earlier ones whose files stay; `is_certain` is False where it is not known which generations the kept time has, so that next to nothing may go.
    """

    paths: tuple[str, ...]
    size_bytes: int
    generations: int
    is_certain: bool


def find_garbage(site_dir: Path, limit_s: float) -> Garbage:
    """Return what no index that was in force after `limit_s` (seconds since 1970) refers to.

    Raises `ConfigurationError` where there is no index, `OutputError` for links, `IntegrityError` where the index is damaged.
    """
    current = _current(site_dir)
    kept = {sha256: past for sha256, past in kept_roots(site_dir).items() if sha256 != current.root.sha256}
    needed, is_certain = since(current, kept, limit_s)
    needed += [sha256 for sha256, past in kept.items() if past.replaced_s > limit_s and sha256 not in needed]
    reach = Reach(lambda path: _read(site_dir, path))
    reach.follow(current.root)
    purged = reach.purged - reach.paths
    old = [(path, found) for path, found in _files(site_dir) if found.st_mtime <= limit_s or path in purged]
    manifests: set[str] = set()
    if is_certain:
        for sha256 in needed:
            reach.paths.add(past_root_path(sha256))
            if kept[sha256].replaced_s > limit_s:
                reach.follow(kept[sha256].root, is_whole=False)
        manifests = _manifests(site_dir, limit_s)
    gone = [
        (path, found.st_size)
        for path, found in old
        if path in purged
        or _is_temporary(path)
        or (is_certain and path not in reach.paths and path not in manifests and not _is_licenses(site_dir, path))
    ]
    # Roots go last: until then the next run still knows what they tell.
    gone.sort(key=lambda item: (item[0].startswith(f"{ROOTS_FOLDER}/"), item[0]))
    return Garbage(
        paths=tuple(path for path, _ in gone),
        size_bytes=sum(size for _, size in gone),
        generations=sum(kept[sha256].replaced_s > limit_s for sha256 in needed),
        is_certain=is_certain,
    )


def remove_garbage(site_dir: Path, garbage: Garbage) -> None:
    """Remove the files; raises `OutputError` where the file system refuses."""
    for path in garbage.paths:
        try:
            (site_dir / path).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot remove {site_dir / path}: {error.strerror}; check its permissions") from error


def _current(site_dir: Path) -> PastRoot:
    path = site_dir / ROOT_PATH
    if not path.is_file():
        raise ConfigurationError(f"{site_dir}: there is no {ROOT_PATH}; name the folder of a built site")
    for name in (FOLDER.split("/")[0], FOLDER, *_FOLDERS):
        if (site_dir / name).is_symlink():
            raise OutputError(f"{site_dir / name} is a link, which no build makes, and nothing behind it is removed")
    found = path.stat()
    return PastRoot(root=parse_root(path.read_bytes(), str(path)), replaced_s=found.st_mtime)


def _files(site_dir: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files that builds name by their digests, and what killed builds left beside them."""
    for top in _FOLDERS:
        for folder, folders, names in os.walk(site_dir / top):
            folders.sort()
            for name in sorted(names):
                found = os.lstat(f"{folder}/{name}")
                if _OURS.match(name) and stat.S_ISREG(found.st_mode):
                    yield Path(folder, name).relative_to(site_dir).as_posix(), found


def _manifests(site_dir: Path, limit_s: float) -> set[str]:
    """Return the manifests that a page names, or named after `limit_s` as far as the times of pages tell."""
    named = {
        f"{MANIFESTS_FOLDER}/{digest.decode()}.json"
        for path in _pages(site_dir)
        for digest in _MANIFEST.findall(path.read_bytes())
    }
    changed_s = _time(site_dir / _MARK, math.inf)
    for path in sorted((site_dir / MANIFESTS_FOLDER).glob("*.json")):
        name = f"{MANIFESTS_FOLDER}/{path.name}"
        if name not in named:
            page = _page_of(path)
            written_s = _time(site_dir / page / "index.html", changed_s) if page else changed_s
            if written_s > limit_s:
                named.add(name)
    return named


def _pages(site_dir: Path) -> Iterator[Path]:
    ours = {site_dir / FOLDER.split("/")[0], site_dir / ARCHIVES_FOLDER}
    for folder, folders, names in os.walk(site_dir):
        folders[:] = [name for name in folders if Path(folder, name) not in ours]
        yield from (Path(folder, name) for name in names if name.endswith(_PAGES) and Path(folder, name).is_file())


def _page_of(manifest: Path) -> str:
    """Return the address of the page that a manifest is of, "" where it does not say it."""
    try:
        value = parse_json(manifest.read_bytes(), manifest.name)
    except IntegrityError:
        return ""
    page = value.get("page") if isinstance(value, dict) else None
    return page if isinstance(page, str) and ".." not in page.split("/") and not page.startswith("/") else ""


def _time(path: Path, otherwise: float) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return otherwise


def _is_temporary(path: str) -> bool:
    return path.rpartition("/")[2].startswith(TEMPORARY_PREFIX)


def _is_licenses(site_dir: Path, path: str) -> bool:
    """Return whether a file holds licences, whoever refers to it."""
    if not path.startswith(f"{BLOBS_FOLDER}/"):
        return False
    try:
        return unpack(_read(site_dir, path), where=path, max_bytes=2 * MAX_LICENSES_BYTES).endswith(_LICENSES_END)
    except IntegrityError:  # Larger than licences may be, or damaged: no reader takes it.
        return False


def _read(site_dir: Path, path: str) -> bytes:
    try:
        return (site_dir / path).read_bytes()
    except OSError as error:
        raise IntegrityError(
            f"{site_dir}: {path} cannot be read: {error.strerror}; nothing was removed, restore the site or build it again"
        ) from error
