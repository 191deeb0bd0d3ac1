"""A git repository at one commit as a source: objects are read, no work tree is made, nothing of it is run.

A repository on this machine is read in place; one elsewhere through a copy in the cache (`clones`).
Links are settled as in a folder (`links`). Source: DESIGN §4, CONTRACT §4 (tracked files).
"""

import difflib
import re
from pathlib import Path

from cmsite.errors import SourceError
from cmsite.member_names import shown
from cmsite.model.tree import Change, FileEntry, Provenance, RefusedEntry
from cmsite.sources import git_history
from cmsite.sources.clones import REMOTE_HEAD, fetched_clone
from cmsite.sources.entry_names import is_readable_name, refused_name
from cmsite.sources.git_address import GitAddress, parse_address, public_address
from cmsite.sources.git_command import GitFailedError, git_environment, run_git
from cmsite.sources.git_objects import ObjectReader
from cmsite.sources.limits import DEFAULT_LIMITS, SourceLimits
from cmsite.sources.links import settle_links

_REF = re.compile(r"(?![-/.^])(?!.*(?:\.\.|@\{|//|\.lock\Z))[^\x00-\x20\x7f:\\?*\[]+\Z")
_RESERVED_NAME = re.compile(r"(?:\A|/)(?:\.|\.\.|\.git|)(?:/|\Z)", re.IGNORECASE)
_LINK_MODE = b"120000"
_SUBMODULE_MODE = b"160000"
_EXECUTABLE_MODE = b"100755"


class GitTree:
    """The files of one commit; a `SourceTree`.

    `repository` is a path or an address; `ref` a branch, tag or commit, "" for the default branch (elsewhere) or what
    is checked out (here); `location` is how a path may be published, as written in registry.yml.
    Raises `SourceError` where there is no such repository or ref, git is missing, or the address is refused.
    """

    def __init__(
        self,
        repository: Path | str,
        ref: str = "",
        *,
        label: str,
        location: str = "",
        limits: SourceLimits = DEFAULT_LIMITS,
    ) -> None:
        if ref and not _REF.match(ref):
            raise SourceError(f"{label}: '{shown(ref)}' cannot be the name of a branch, tag or commit")
        self._label = label
        self._limits = limits
        address = parse_address(repository, label) if isinstance(repository, str) else None
        self.git_dir = fetched_clone(address, ref, label) if address else _git_dir(Path(repository), label)
        commit, time_s = _resolved(self.git_dir, ref or (REMOTE_HEAD if address else "HEAD"), ref, label)
        self._provenance = Provenance(
            kind="git",
            ref=ref,
            commit=commit,
            time_s=time_s,
            shallow=_ask(self.git_dir, "rev-parse", "--is-shallow-repository") == "true",
            **_published(address, self.git_dir, commit, location or _relative(str(repository))),
        )
        self._objects = ObjectReader(self.git_dir)
        self._list_entries(commit)

    @property
    def label(self) -> str:
        """Return what the user called the source, for messages."""
        return self._label

    @property
    def provenance(self) -> Provenance:
        """Return where the tree came from."""
        return self._provenance

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """Return every regular file, sorted by the bytes of its path."""
        return self._entries

    @property
    def refused(self) -> tuple[RefusedEntry, ...]:
        """Return names that were left out, sorted by path."""
        return self._refused

    def read(self, path: str) -> bytes:
        """Return the bytes of one entry.

        Raises `SourceError` where the path is no entry, the file is over the limit, or the repository lacks it.
        """
        entry = self._by_path.get(path)
        if entry is None:
            raise SourceError(f"{self._label}: '{shown(path)}' is not a file of this source")
        if entry.size_bytes > self._limits.file_bytes:
            raise SourceError(
                f"{self._label}: '{path}' has {entry.size_bytes} bytes, more than the limit of {self._limits.file_bytes}"
            )
        return self._read_object(self._object_ids[entry.link or entry.path], path)

    def on_disk(self, path: str) -> Path | None:
        """Return nothing: objects of git are never edited."""
        del path
        return None

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        """Return the last commit below each folder; nothing for a shallow clone, whose history is cut off."""
        if self._provenance.shallow:
            return {}
        return git_history.last_changes(self.git_dir, self._provenance.commit, folders)

    def close(self) -> None:
        """End the git child of this process; reading again starts another."""
        self._objects.close()
        self._objects = ObjectReader(self.git_dir)

    def _list_entries(self, commit: str) -> None:
        listing = _Listing()
        try:
            raw = run_git(["ls-tree", "-r", "-z", "-l", "--full-tree", commit], git_dir=self.git_dir)
        except GitFailedError as error:
            raise SourceError(f"{self._label}: git cannot list commit {commit}: {error}") from error
        for line in raw.split(b"\0"):
            if line:
                listing.add(line)
        if len(listing.object_ids) > self._limits.entries:
            raise SourceError(f"{self._label}: commit {commit} holds more than {self._limits.entries} files")
        links = {path: self._link_target(listing, path) for path in listing.links}
        settled = settle_links(listing.files, links, self._limits)
        self._object_ids = listing.object_ids
        self._entries = settled.entries
        self._by_path = {entry.path: entry for entry in settled.entries}
        self._refused = tuple(sorted((*listing.refused, *settled.refused), key=lambda finding: finding.path))

    def _link_target(self, listing: "_Listing", path: str) -> str:
        if listing.links[path] > self._limits.link_target_bytes:
            return "/"  # Longer than any path of a system: it leads nowhere inside.
        return self._read_object(listing.object_ids[path], path).decode("utf-8", "surrogateescape")

    def _read_object(self, object_id: str, path: str) -> bytes:
        try:
            return self._objects.read(object_id)
        except GitFailedError as error:
            raise SourceError(
                f"{self._label}: cannot read '{path}': {error}; check the repository with `git fsck`, "
                "or fetch what a partial clone left out with `git fetch --refetch`"
            ) from error


class _Listing:
    """What `git ls-tree` printed, sorted into kinds; `links` maps a path to the length of its target."""

    def __init__(self) -> None:
        self.files: dict[str, FileEntry] = {}
        self.object_ids: dict[str, str] = {}
        self.links: dict[str, int] = {}
        self.refused: list[RefusedEntry] = []

    def add(self, line: bytes) -> None:
        """Sort in one line: `<mode> <type> <id> <size>` TAB `<path>`."""
        facts, _, name = line.partition(b"\t")
        mode, _, object_id, size = facts.split()
        path = name.decode("utf-8", "surrogateescape")
        if not is_readable_name(path):
            self.refused.append(refused_name(path))
        elif _RESERVED_NAME.search(path):
            self.refused.append(_reserved(path))
        elif mode == _SUBMODULE_MODE:
            self.refused.append(_submodule(path, object_id.decode("ascii")))
        elif not size.isdigit():
            self.refused.append(_missing(path, object_id.decode("ascii")))
        else:
            self.object_ids[path] = object_id.decode("ascii")
            if mode == _LINK_MODE:
                self.links[path] = int(size)
            else:
                self.files[path] = FileEntry(path=path, size_bytes=int(size), executable=mode == _EXECUTABLE_MODE)


def _git_dir(repository: Path, label: str) -> Path:
    """Return the git folder of exactly this folder, not of one above it."""
    if not repository.is_dir():
        raise SourceError(f"{label}: there is no folder {repository}; check the path")
    resolved = repository.resolve()
    environment = git_environment() | {"GIT_CEILING_DIRECTORIES": str(resolved.parent)}
    try:
        found = run_git(["-C", str(resolved), "rev-parse", "--absolute-git-dir"], environment=environment)
    except GitFailedError as error:
        above = next((folder for folder in resolved.parents if (folder / ".git").exists()), None)
        remedy = f"write `git: {above}` with `subfolder:`" if above else "write it as `folder:`"
        raise SourceError(f"{label}: {repository} is not a git repository ({error}); {remedy}") from error
    return Path(found.decode("utf-8", "surrogateescape").rstrip("\n"))


def _resolved(git_dir: Path, name: str, ref: str, label: str) -> tuple[str, int]:
    """Return commit and author time of a name; `SourceError` offers names that look like it."""
    try:
        commit = _ask(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except GitFailedError as error:
        if not ref:
            raise SourceError(
                f"{label}: this git repository has no commit yet; commit something, or name a `ref:`"
            ) from error
        raise SourceError(f"{label}: there is no branch, tag or commit '{ref}'; {_near_names(git_dir, ref)}") from error
    return commit, int(_ask(git_dir, "show", "--no-patch", "--format=%at", "--end-of-options", commit))


def _near_names(git_dir: Path, ref: str) -> str:
    listed = _ask(git_dir, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    names = listed.splitlines()
    near = difflib.get_close_matches(ref, names, n=5, cutoff=0.5)
    near += [name for name in names if name.endswith(f"/{ref}") and name not in near]
    return f"did you mean {', '.join(near)}?" if near else f"it has: {', '.join(names[:5]) or 'none'}"


def _published(address: GitAddress | None, git_dir: Path, commit: str, location: str) -> dict[str, str]:
    """Return location and file_url; a repository here speaks for its `origin` where that holds the commit too."""
    if address is None:
        address = _origin(git_dir, commit)
    if address is None:
        return {"location": location, "file_url": ""}
    return {"location": address.public, "file_url": address.file_url}


def _origin(git_dir: Path, commit: str) -> GitAddress | None:
    try:
        address = public_address(_ask(git_dir, "config", "--get", "remote.origin.url"))
        pushed = address and _ask(git_dir, "for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes/origin")
    except GitFailedError:
        return None
    return address if pushed else None


def _ask(git_dir: Path, *arguments: str) -> str:
    return run_git(arguments, git_dir=git_dir).decode("utf-8", "surrogateescape").rstrip("\n")


def _relative(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2] if path.startswith("/") else path


def _reserved(path: str) -> RefusedEntry:
    return RefusedEntry(
        path=path,
        code="CM405",
        message=f"the path '{path}' holds a name that no git would write to disk",
        hint="the repository was not made by git alone: find out how this name came in, and remove it",
    )


def _missing(path: str, object_id: str) -> RefusedEntry:
    return RefusedEntry(
        path=path,
        code="CM401",
        message=f"'{path}' cannot be read: the repository lacks its contents (object {object_id[:12]})",
        hint="check the repository with `git fsck`, or fetch what a partial clone left out with `git fetch --refetch`",
    )


def _submodule(path: str, commit: str) -> RefusedEntry:
    return RefusedEntry(
        path=path,
        code="CM404",
        message=f"'{path}' is a submodule (commit {commit[:12]}); submodules are not followed",
        hint="name the other repository as a source of its own",
    )
