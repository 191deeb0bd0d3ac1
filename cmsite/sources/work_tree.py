"""The git work tree around a folder: its root, commit and public address, and what changed in it since a revision.

git is asked about names only; nothing of the repository is run (`git_command`). A revision is compared as a pull request
is: with the commit where its history and ours part, uncommitted and untracked files included.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cmsite.errors import SourceError, UsageError
from cmsite.member_names import shown
from cmsite.sources.git_address import public_address
from cmsite.sources.git_command import GitFailedError, run_git

_REVISION = re.compile(r"(?!-)(?!.*\.\.)[^\x00-\x20\x7f:]+\Z")


@dataclass(frozen=True, kw_only=True)
class WorkTree:
    """One work tree; `root` is its real path."""

    root: Path

    @cached_property
    def commit(self) -> str:
        """Return the commit that is checked out, "" before the first."""
        return self._asked("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    @cached_property
    def branch(self) -> str:
        """Return the branch that is checked out, "" for none."""
        return self._asked("symbolic-ref", "--quiet", "--short", "HEAD")

    @cached_property
    def address(self) -> str:
        """Return the public address of `origin` without user and password, "" where there is none."""
        found = public_address(self._asked("config", "--get", "remote.origin.url"))
        return found.public if found and "://" in found.public else ""

    @cached_property
    def tracked(self) -> frozenset[str]:
        """Return the paths of all tracked files."""
        return self._names("ls-files", "-z")

    @cached_property
    def untracked(self) -> frozenset[str]:
        """Return the paths of files that are neither tracked nor ignored by git."""
        return self._names("ls-files", "-z", "--others", "--exclude-standard")

    @cached_property
    def ignored(self) -> frozenset[str]:
        """Return the paths of files that git ignores; a folder that is ignored as a whole ends in "/"."""
        return self._names("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")

    def parting(self, revision: str) -> str:
        """Return the commit where the histories of a revision and of what is checked out part.

        Raises `UsageError` where the text names no commit, or nothing is known of a common history.
        """
        if not _REVISION.match(revision):
            raise UsageError(
                f"--changed-since: {shown(revision)!r} names no single commit; give a branch, tag or commit, "
                "such as origin/main"
            )
        there = self._asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if not there:
            raise UsageError(
                f"--changed-since: {self.root} knows no branch, tag or commit {revision!r}; {self._remedy(revision)}"
            )
        if not self.commit:
            raise UsageError(f"--changed-since: {self.root} has no commit yet, so nothing can be compared")
        found = self._asked("merge-base", "--end-of-options", there, self.commit)
        if not found:
            raise UsageError(
                f"--changed-since: what is checked out in {self.root} shares no history with {revision!r}; "
                f"{self._remedy('')}"
            )
        return found

    def changed(self, commit: str) -> frozenset[str]:
        """Return the paths of tracked files that differ from a commit, removed ones included."""
        arguments = ("--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=dirty")
        return self._names("diff", "--name-only", "-z", *arguments, commit, "--")

    def _remedy(self, revision: str) -> str:
        if self._asked("rev-parse", "--is-shallow-repository") == "true":
            return (
                "this clone is shallow: fetch its history with `git fetch --unshallow` (`fetch-depth: 0` in a workflow)"
            )
        return (
            f"fetch it with `git fetch origin {revision}`, or correct the name" if revision else "name another revision"
        )

    def _names(self, *arguments: str) -> frozenset[str]:
        try:
            listed = run_git(["-C", str(self.root), *arguments])
        except GitFailedError as error:
            raise SourceError(f"{self.root}: git cannot list files: {error}; check it with `git status`") from error
        return frozenset(name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name)

    def _asked(self, *arguments: str) -> str:
        try:
            return run_git(["-C", str(self.root), *arguments]).decode("utf-8", "surrogateescape").rstrip("\n")
        except GitFailedError:
            return ""


def work_tree_of(path: Path) -> WorkTree | None:
    """Return the work tree that a file or folder lies in, None outside of git and where there is no git."""
    folder = path if path.is_dir() else path.parent
    try:
        found = run_git(["-C", str(folder), "rev-parse", "--show-toplevel"])
    except (GitFailedError, SourceError):
        return None
    return WorkTree(root=Path(found.decode("utf-8", "surrogateescape").rstrip("\n")).resolve())
