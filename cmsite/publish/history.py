"""Roots of earlier generations, kept beside the index, so that collection knows what their readers may still ask for.

A kept root is the root.json of before, byte by byte, under its digest. When it was replaced is the time of its file,
which no output holds. Source: facts/index.md §2 (leaves of every root younger than 14 days are kept); docs/adr/0021.
"""

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import IntegrityError
from cmsite.index.layout import ROOT_PATH, ROOTS_FOLDER, past_root_path
from cmsite.index.root import Root, parse_root
from cmsite.outputs import OutputFile, OutputFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRoot:
    """A root, and when the next one took its place, in seconds since 1970."""

    root: Root
    replaced_s: float


def keep_root(output: OutputFolder, new: bytes, published: Path) -> None:
    """Keep the root.json of the folder `published` in the output, before `new` takes its place there.

    A preview is not kept, as no client remembers it, and neither is a damaged one, which no client reads.
    """
    try:
        content = (published / ROOT_PATH).read_bytes()
        is_preview = parse_root(content, ROOT_PATH).is_preview
    except (FileNotFoundError, IntegrityError):
        return
    if content != new and not is_preview:
        path = past_root_path(hashlib.sha256(content).hexdigest())
        output.write_atomically(OutputFile(path=path, content=content))


def copy_roots(published: Path, output: OutputFolder) -> None:
    """Bring the kept roots of another folder to the output, with the times of their files."""
    for path in sorted((published / ROOTS_FOLDER).glob("*.json")):
        name = f"{ROOTS_FOLDER}/{path.name}"
        if not (output.root / name).exists():
            output.write_atomically(OutputFile(path=name, content=path.read_bytes()))
            with contextlib.suppress(OSError):  # It is younger then, and kept for longer.
                found = path.stat()
                os.utime(output.root / name, ns=(found.st_atime_ns, found.st_mtime_ns))


def kept_roots(site_dir: Path) -> dict[str, PastRoot]:
    """Return the kept roots by their digests; what is damaged counts as missing."""
    found = {}
    for path in sorted((site_dir / ROOTS_FOLDER).glob("*.json")):
        try:
            root = parse_root(path.read_bytes(), path.name)
        except (OSError, IntegrityError):
            continue
        if path.name == f"{root.sha256}.json":
            found[root.sha256] = PastRoot(root=root, replaced_s=path.stat().st_mtime)
    return found


def since(current: PastRoot, kept: dict[str, PastRoot], limit_s: float) -> tuple[list[str], bool]:
    """Return the digests of the roots that were in force after `limit_s`, and whether these are certainly all.

    `current` is the published root, with the time when it was published. The last one that is returned may be the first
    that was in force no more: it tells when the next one began.
    """
    needed: list[str] = []
    root, began_s = current.root, current.replaced_s
    while began_s > limit_s:
        if root.prev is None:
            return needed, not root.is_preview  # The first generation: before there were previews at most.
        past = kept.get(root.prev)
        if past is None or past.root.sha256 in needed:
            return needed, False
        needed.append(past.root.sha256)
        root, began_s = past.root, past.replaced_s
    return needed, True
