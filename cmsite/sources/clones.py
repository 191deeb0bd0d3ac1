"""Copies of git repositories from elsewhere: fetched into the cache, with full history and without file contents.

The contents of the one commit that is read are fetched in one request afterwards. The address itself, which may hold
credentials, is never written to disk. Source: DESIGN §4 (`--filter=blob:none` with full history).
"""

import hashlib
import re
from pathlib import Path

from filelock import FileLock

from cmsite.errors import SourceError
from cmsite.places import cache_folder
from cmsite.sources.git_address import GitAddress
from cmsite.sources.git_command import REMOTE_PROTOCOLS, GitFailedError, git_environment, run_git

REMOTE_HEAD = "refs/cmsite/head"
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", f"+HEAD:{REMOTE_HEAD}")
_OPTIONS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def fetched_clone(address: GitAddress, ref: str, label: str) -> Path:
    """Bring the copy of a repository up to date and return its git folder.

    A full commit that is already here is not asked for again. Raises `SourceError` where the repository does not answer.
    """
    folder = cache_folder() / "git" / hashlib.sha256(address.url.encode("utf-8")).hexdigest()[:32]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not (folder / "HEAD").is_file():
                run_git(["init", "--quiet", "--bare", "--template=", str(folder)])
            if not (_COMMIT.match(ref) and _has_commit(folder, ref)):
                _fetch(folder, address, ref)
            _fetch_contents(folder, address, ref or REMOTE_HEAD)
    except GitFailedError as error:
        raise SourceError(
            f"{label}: git cannot fetch {address.public}: {error}; check the address, your access and the network"
        ) from error
    except OSError as error:
        raise SourceError(
            f"{label}: cannot write the cache {folder.parent}: {error.strerror}; set CMSITE_CACHE to a writable folder"
        ) from error
    return folder


def _fetch(folder: Path, address: GitAddress, ref: str) -> None:
    _run_fetch(folder, address, ["--prune", "--force", *_OPTIONS, "origin", *_REFSPECS])
    if _COMMIT.match(ref) and not _has_commit(folder, ref):
        # A commit outside all branches and tags; many servers hand it out by name.
        _run_fetch(folder, address, [*_OPTIONS, "origin", ref])


def _fetch_contents(folder: Path, address: GitAddress, tip: str) -> None:
    """Fetch the blobs of one commit that are not here yet, all at once; an unknown name is reported by the reader."""
    try:
        listed = run_git(
            ["rev-list", "--objects", "--no-object-names", "--missing=print", "--end-of-options", f"{tip}^{{tree}}"],
            git_dir=folder,
        )
    except GitFailedError:
        return
    missing = [line[1:] for line in listed.split(b"\n") if line.startswith(b"?")]
    if missing:
        _run_fetch(folder, address, [*_OPTIONS, "origin", "--stdin"], given=b"\n".join(missing) + b"\n")


def _run_fetch(folder: Path, address: GitAddress, arguments: list[str], given: bytes = b"") -> None:
    settings = {"remote.origin.url": address.url, "fetch.negotiationAlgorithm": "noop" if given else "default"}
    run_git(["fetch", *arguments], git_dir=folder, environment=git_environment(REMOTE_PROTOCOLS, settings), given=given)


def _has_commit(folder: Path, commit: str) -> bool:
    try:
        run_git(["cat-file", "-e", f"{commit}^{{commit}}"], git_dir=folder)
    except GitFailedError:
        return False
    return True
