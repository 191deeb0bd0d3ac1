"""Running git so that a hostile repository or address cannot make it run anything else.

The surrounding environment's repository (a hook sets `GIT_DIR`) is left out, hooks and prompts are off, replaced
objects are not followed, and only named protocols may be spoken: `ext::` never. Source: facts/index.md §4, case 93.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from cmsite.errors import SourceError

REMOTE_PROTOCOLS = "https:ssh:file"
NO_PROTOCOL = "none"

# Of `git rev-parse --local-env-vars`: what would point git at another repository than the one named.
_LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
        "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
    }
)  # fmt: skip

_SAFE_OPTIONS = (
    "--no-pager",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "log.showSignature=false",
    "-c", "log.showRoot=true",
    "-c", "safe.directory=*",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "fetch.recurseSubmodules=false",
    "-c", "http.lowSpeedLimit=1000",
    "-c", "http.lowSpeedTime=60",
)  # fmt: skip

_CREDENTIALS = re.compile(r"//[^/@\s]+@")


class GitFailedError(Exception):
    """git ended with an error; the text is its own words without credentials."""


def git_arguments(arguments: Sequence[str], git_dir: Path | None = None) -> list[str]:
    """Return the command line of one git command on one repository."""
    where = [f"--git-dir={git_dir}"] if git_dir else []
    return ["git", *_SAFE_OPTIONS, *where, *arguments]


def git_environment(protocols: str = NO_PROTOCOL, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a git command.

    `protocols` are the ones it may speak, separated by colons; `settings` are passed as configuration without showing
    in the list of running programs.
    """
    environment = {name: value for name, value in os.environ.items() if not _is_local(name)}
    environment |= {
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_NO_LAZY_FETCH": "1" if protocols == NO_PROTOCOL else "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    for number, (key, value) in enumerate((settings or {}).items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    environment["GIT_CONFIG_COUNT"] = str(len(settings or {}))
    return environment


def run_git(
    arguments: Sequence[str],
    *,
    git_dir: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: bytes = b"",
) -> bytes:
    """Run one git command to its end and return what it printed.

    Raises `GitFailedError` where git ends with an error, `SourceError` where there is no git.
    """
    try:
        done = subprocess.run(
            git_arguments(arguments, git_dir),
            input=given,
            capture_output=True,
            env=environment or git_environment(),
            check=False,
        )
    except FileNotFoundError as error:
        raise no_git() from error
    if done.returncode != 0:
        raise GitFailedError(without_credentials(done.stderr.decode("utf-8", "replace")))
    return done.stdout


def no_git() -> SourceError:
    """Return the error for a machine without git."""
    return SourceError(
        "git is not installed or not on PATH, and a source needs it; install git (for instance `apt-get install git`)"
    )


def without_credentials(text: str) -> str:
    """Return git's words in one line, without user names and passwords of addresses.

    >>> without_credentials("fatal: unable to access 'https://me:secret@host/x/'")
    "unable to access 'https://host/x/'"
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("hint:")]
    plain = "; ".join(re.sub(r"^(fatal|error|warning): ", "", line) for line in lines)
    return _CREDENTIALS.sub("//", "".join(sign if sign.isprintable() else " " for sign in plain))


def _is_local(name: str) -> bool:
    return name in _LOCAL_VARIABLES or name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_TRACE"))
