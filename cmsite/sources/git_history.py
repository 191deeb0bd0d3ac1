"""The last commit that touched each folder, in one pass over the history.

Merges are not asked for what they changed: a change is the commit's that made it.
Source: DESIGN §4 (commit and author date; a depth-1 clone would name HEAD for every path).
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from cmsite.model.tree import Change
from cmsite.sources.git_command import git_arguments, git_environment, no_git

_HEADER = b"/"  # No path of a git tree begins with it, so no file name can pass for a commit.


def last_changes(git_dir: Path, commit: str, folders: tuple[str, ...]) -> dict[str, Change]:
    """Return the newest commit below each folder ("" is the root); folders that no commit touched are left out.

    Ends as soon as every folder has one.
    """
    wanted = {folder.encode("utf-8", "surrogateescape") for folder in folders}
    found: dict[str, Change] = {}
    if not wanted:
        return found
    for change, path in _touched(git_dir, commit):
        for folder in _folders_above(path) & wanted:
            found[folder.decode("utf-8", "surrogateescape")] = change
            wanted.discard(folder)
        if not wanted:
            break
    return found


def _touched(git_dir: Path, commit: str) -> Iterator[tuple[Change, bytes]]:
    """Yield (commit, path of a file it touched), newest commits first."""
    change = Change(commit=commit, time_s=0)
    for record in _records(git_dir, commit):
        if record.startswith(_HEADER):
            name, time_s = record[1:].decode("ascii").split(" ")
            change = Change(commit=name, time_s=int(time_s))
        elif record:
            # A line feed stands between a commit and the first of its paths.
            yield change, record.removeprefix(b"\n")


def _records(git_dir: Path, commit: str) -> Iterator[bytes]:
    options = ["--date-order", "--no-renames", "--name-only", "--no-ext-diff", "--no-textconv", "--no-color", "-z"]
    arguments = ["log", *options, f"--format={_HEADER.decode()}%H %at", "--end-of-options", commit]
    try:
        child = subprocess.Popen(
            git_arguments(arguments, git_dir),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git_environment(),
        )
    except FileNotFoundError as error:
        raise no_git() from error
    with child:
        try:
            rest = b""
            while child.stdout is not None and (part := child.stdout.read(1 << 16)):
                *records, rest = (rest + part).split(b"\0")
                yield from records
            yield rest
        finally:
            child.kill()


def _folders_above(path: bytes) -> set[bytes]:
    folders = {b""}
    end = path.find(b"/")
    while end >= 0:
        folders.add(path[:end])
        end = path.find(b"/", end + 1)
    return folders
