"""Registering a workspace with the installed `cm` and `mlc`, so that they find and run what was pulled.

The clients' own commands are used where they have one that does nothing else. Source: facts/formats.md §5, seen with
cmind 4.2.0 and mlcflow 1.3.8.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cmsite.client.real_clients import Clash, Client, Identity, MetaNames, clashes, is_registered, repositories
from cmsite.client.state_files import replace_file
from cmsite.client.verify import read_lock
from cmsite.client.workspace import DESCRIPTORS, Workspace
from cmsite.errors import OutputError, UsageError

_SCHEMA = "cmsite-clients/1"
_PACKAGES = {Client.CM: "cmind", Client.MLC: "mlcflow"}
_TIMEOUT_S = 600.0  # mlc reads every script's meta anew: 15 s for 370 of them on two busy cores.
_UID = re.compile(r"^[\"']?uid[\"']?\s*:\s*[\"']?([.a-fA-F0-9]{16})", re.MULTILINE)


def require_client(client: Client) -> str:
    """Return the client's program.

    Raises `UsageError` where it is not installed.
    """
    program = shutil.which(client.value)
    if program is None:
        raise UsageError(
            f"{client.value} is not installed, so nothing can be registered with it; pip install {_PACKAGES[client]}"
        )
    return program


def refuse_clashes(
    client: Client, workspace: Workspace, artifacts: Sequence[Identity], names: MetaNames, *, shadow: bool
) -> tuple[str, ...]:
    """Return what is to be said of uids that another registered repository has, too.

    Raises `OutputError` unless `shadow`, and always where another folder is registered as the very same repository.
    """
    _refuse_same_repository(client, workspace)
    found = clashes(client, workspace.root, artifacts, names)
    if found and not shadow:
        listed = "; ".join(map(told, found[:5])) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")  # noqa: PLR2004
        raise OutputError(
            f"{client.value} has {len(found)} of these uids in other repositories, too, and would take one copy "
            f"without a word: {listed}; nothing was changed. Unregister the other repository, pull into a folder that is not registered, or accept this "
            "with --shadow"
        )
    return tuple(map(told, found))


def told(clash: Clash) -> str:
    """Return which copy a client runs, as a sentence without its end."""
    client = clash.client.value
    if clash.is_shadowed:
        return f"{client} runs {clash.other} instead of {clash.path} (uid {clash.uid})"
    return f"{client} runs {clash.path} of this folder (uid {clash.uid}) instead of {clash.other}"


def register(client: Client, workspace: Workspace, *, shadow: bool = False) -> bool:
    """Make the workspace one of the client's repositories and its index fresh; return whether it was not before.

    Raises `UsageError` where the client is not installed, `OutputError` where it refuses.
    """
    program = require_client(client)
    new = not is_registered(client, workspace.root)
    if client is Client.CM:
        _register_with_cm(program, workspace)
    elif new:
        _run(program, "add", "repo", os.fspath(workspace.root.resolve()))
    if not is_registered(client, workspace.root):
        raise OutputError(
            f"{client.value} does not list {workspace.root} in {client.repositories_file}; register it by hand"
        )
    if shadow:
        _accept(workspace, client)
    return new


def _register_with_cm(program: str, workspace: Workspace) -> None:
    """Append the workspace to the list of `cm`, which is put back where `cm` then fails at every command."""
    _run(program, "find", "repo")  # Makes the client's own folders.
    before, listed = Client.CM.repositories_file.read_bytes(), _listed(Client.CM)
    if not is_registered(Client.CM, workspace.root):
        content = json.dumps([*listed, os.fspath(workspace.root.resolve())], indent=2) + "\n"
        replace_file(Client.CM.repositories_file, content.encode("utf-8"))
    refresh(workspace)
    try:
        _run(program, "find", "repo")
    except OutputError as error:
        refresh(workspace)
        replace_file(Client.CM.repositories_file, before)
        raise OutputError(
            f"cm cannot work with {workspace.root}, and it was not registered: {error}; remove what it stops at, "
            "or pull it into another folder"
        ) from error


def refresh(workspace: Workspace) -> None:
    """Make `cm` read a registered workspace anew: with its old index, new artifacts are partly invisible to it."""
    if is_registered(Client.CM, workspace.root):
        with contextlib.suppress(OSError):  # Without an index, or where it is not ours to delete.
            (Client.CM.state_folder / "index.json").unlink()


def registered_clashes(workspace: Workspace, names: MetaNames) -> dict[Client, tuple[Clash, ...]]:
    """Return the clashes of each client that has the workspace registered."""
    known = [client for client in Client if is_registered(client, workspace.root)]
    artifacts = [Identity.of(artifact) for artifact in read_lock(workspace).artifacts] if known else []
    return {client: clashes(client, workspace.root, artifacts, names) for client in known}


def unaccepted(workspace: Workspace, found: Iterable[Clash]) -> tuple[Clash, ...]:
    """Return those clashes in which the other copy runs and nobody said --shadow."""
    accepted = _accepted(workspace)
    return tuple(clash for clash in found if clash.is_shadowed and clash.client.value not in accepted)


def _refuse_same_repository(client: Client, workspace: Workspace) -> None:
    """Raise `OutputError` for a copy of the workspace: mlc would unregister the other without a word."""
    uid = _uid_of(workspace.root)
    for other in repositories(client):
        if uid and _uid_of(other) == uid and os.path.realpath(other) != os.path.realpath(workspace.root):
            raise OutputError(
                f"{client.value} has {other} registered as the repository {uid}, which {workspace.root} is, too "
                "(one is a copy of the other); unregister that, or delete cmr.yaml and meta.yaml here and pull again"
            )


def _uid_of(root: Path) -> str:
    for name in DESCRIPTORS:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if found := _UID.search((root / name).read_text("utf-8")):
                return found[1].lower()
    return ""


def _listed(client: Client) -> list[str]:
    """Return repos.json as it is.

    Raises `OutputError` where it cannot be read: a new one would forget the repositories of its owner.
    """
    try:
        listed = json.loads(client.repositories_file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise OutputError(
            f"cannot read {client.repositories_file}: {error}; mend it, then register the workspace again"
        ) from error
    if not isinstance(listed, list) or not all(isinstance(path, str) for path in listed):
        raise OutputError(f"{client.repositories_file} is no list of paths; mend it, then register the workspace again")
    return listed


def _run(program: str, *arguments: str) -> None:
    """Run a command of a client in an empty folder, where it may leave its log.

    Raises `OutputError` where it fails, with the last lines it printed.
    """
    command = f"{Path(program).name} {' '.join(arguments)}"
    with tempfile.TemporaryDirectory(prefix="cmsite-") as folder:
        try:
            done = subprocess.run(
                [program, *arguments],
                cwd=folder,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                check=False,
                timeout=_TIMEOUT_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutputError(f"`{command}` failed: {error}; try it by hand") from error
    if done.returncode:
        printed = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()
        raise OutputError(f"`{command}` exits {done.returncode}: {' / '.join(printed[-3:])}; try it by hand")


def _state_file(workspace: Workspace) -> Path:
    return workspace.own_folder / "clients.json"


def _accepted(workspace: Workspace) -> frozenset[str]:
    """Return the clients for which the user said --shadow."""
    try:
        data: Any = json.loads(_state_file(workspace).read_bytes())
    except (OSError, ValueError, RecursionError):
        return frozenset()
    shadow = data.get("shadow") if isinstance(data, dict) and data.get("schema") == _SCHEMA else None
    return frozenset(word for word in shadow if isinstance(word, str)) if isinstance(shadow, list) else frozenset()


def _accept(workspace: Workspace, client: Client) -> None:
    document = {"schema": _SCHEMA, "shadow": sorted({*_accepted(workspace), client.value})}
    replace_file(_state_file(workspace), (json.dumps(document, indent=1) + "\n").encode("utf-8"))
