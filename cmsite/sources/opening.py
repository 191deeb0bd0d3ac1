"""What a line of registry.yml, or a path on the command line, becomes: a tree of named files.

Source: CONTRACT §5 (paths are relative to registry.yml), DESIGN §4.
"""

import difflib
import re
from pathlib import Path

from cmsite.errors import SourceError
from cmsite.model.tree import SourceTree
from cmsite.settings import SourceSpec
from cmsite.sources.folder import FolderTree
from cmsite.sources.git import GitTree
from cmsite.sources.git_address import parse_address
from cmsite.sources.selection import SelectedTree

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def open_source(spec: SourceSpec, base: Path) -> SourceTree:
    """Open one source; `base` is the folder of registry.yml.

    Raises `SourceError` where it cannot be read as a whole.
    """
    label = spec.name or _without_user(spec.location)
    tree = _open(spec, base, label)
    if spec.subfolder or spec.include or spec.exclude:
        return SelectedTree(tree, subfolder=spec.subfolder, include=spec.include, exclude=spec.exclude)
    return tree


def tree_of_path(path: Path, *, peel: bool = True) -> SourceTree:
    """Open a path of the command line: a folder (a git work tree too) as it lies there, or an archive file.

    Without `peel` a single folder at the top of an archive stays.
    Raises `SourceError` where there is nothing, or it is neither.
    """
    _require(path, str(path))
    if path.is_dir():
        return FolderTree(path, label=str(path), location=_publishable(str(path)))
    return _open_archive(path, str(path), "", _publishable(str(path)), peel=peel)


def _open(spec: SourceSpec, base: Path, label: str) -> SourceTree:
    if spec.kind == "git":
        return _open_git(spec, base, label)
    if spec.kind not in {"folder", "archive"}:
        raise SourceError(
            f"{label}: sources of kind '{spec.kind}' cannot be read by this version; use folder, git or archive"
        )
    if _URL.match(spec.location):
        raise SourceError(
            f"{label}: `{spec.kind}:` takes a path; download the file and name it, or use `git:` for a repository"
        )
    path = base / spec.location
    _require(path, label)
    if spec.kind == "folder":
        return FolderTree(path, label=label, location=_publishable(spec.location))
    if path.is_dir():
        raise SourceError(f"{label}: {path} is a folder, not an archive; write it as `folder: {spec.location}`")
    return _open_archive(path, label, spec.sha256, _publishable(spec.location))


def _open_archive(path: Path, label: str, sha256: str, location: str, *, peel: bool = True) -> SourceTree:
    from cmsite.sources.archive import ArchiveTree

    return ArchiveTree(path, label=label, sha256=sha256 or None, location=location, peel=peel)


def _open_git(spec: SourceSpec, base: Path, label: str) -> GitTree:
    if parse_address(spec.location, label):
        return GitTree(spec.location, spec.ref, label=label)
    path = base / spec.location
    _require(path, label)
    return GitTree(path, spec.ref, label=label, location=_publishable(spec.location))


def _require(path: Path, label: str) -> None:
    """Raise `SourceError` with names that look like it where there is nothing at the path."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        pass
    except OSError as error:  # A folder above may not be searched, links go in a circle, the name is too long.
        reason = error.strerror or error
        raise SourceError(
            f"{label}: cannot be reached: {reason}; check the path, and the permissions of the folders above it"
        ) from error
    else:
        return
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        beside = []
    near = difflib.get_close_matches(path.name, beside, n=3, cutoff=0.6)
    remedy = (
        f"did you mean {', '.join(near)}?" if near else "check the path (in registry.yml it is relative to that file)"
    )
    named = "" if label == str(path) else f"{label}: "
    raise SourceError(f"{named}there is nothing at {path}; {remedy}")


def _publishable(location: str) -> str:
    """Return a path as it may be published: relative, never where it lies on this machine.

    >>> _publishable("../team/repo"), _publishable("/home/me/repo/")
    ('../team/repo', 'repo')
    """
    return Path(location).name if Path(location).is_absolute() else location


def _without_user(location: str) -> str:
    """Return an address for messages: without user name and password.

    >>> _without_user("https://me:secret@example.org/team/repo")
    'https://example.org/team/repo'
    """
    return re.sub(r"(?<=://)[^/]*@", "", location)
