"""`--register cm|mlc [--shadow]`: before a pull the question whether it may be, after it the doing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cmsite.client.pull import Sourced

_Command = TypeVar("_Command", bound=Callable[..., Any])


def register_options(command: _Command) -> _Command:
    """Give a command `--register` and `--shadow`."""
    register = click.option(
        "--register",
        type=click.Choice(["cm", "mlc"]),
        multiple=True,
        help="Make the folder one of the repositories of the installed client; may be given twice.",
    )
    shadow = click.option(
        "--shadow", is_flag=True, help="With --register: even where another repository of the client has the same uid."
    )
    return register(shadow(command))


def ask_clients(clients: Sequence[str], root: Path, wanted: "Sequence[Sourced]", *, shadow: bool) -> tuple[str, ...]:
    """Return what is to be said of the copies that each client would run, before anything is fetched.

    Raises `UsageError` for a client that is not installed, `OutputError` where a uid is in two repositories,
    `NotFoundError` where nothing is wanted and there is no lock.
    """
    from cmsite.client.real_clients import Client, Identity
    from cmsite.client.registering import refuse_clashes, require_client
    from cmsite.client.verify import read_lock, require_lock
    from cmsite.client.workspace import Workspace
    from cmsite.validation.client_metas import names_in

    if not clients:
        return ()
    workspace = Workspace(root=root)
    lock = read_lock(workspace) if wanted else require_lock(workspace)
    present = {artifact.path: Identity.of(artifact) for artifact in lock.artifacts}
    for item in wanted:
        record = item.choice.record
        present[item.choice.path] = Identity(
            path=item.choice.path,
            uid=record.uid,
            automation=record.automation,
            automation_uid=record.automation_uid,
        )
    for name in clients:
        require_client(Client(name))
    found = (
        refuse_clashes(Client(name), workspace, tuple(present.values()), names_in, shadow=shadow) for name in clients
    )
    return tuple(note for notes in found for note in notes)


def tell_clients(clients: Sequence[str], root: Path, *, shadow: bool = False, changed: bool = True) -> None:
    """Register a workspace, make `cm` read one that it has already anew, and say where a client runs another copy.

    Nothing is done where nothing changed in the workspace and no client is named.
    """
    from cmsite.client.real_clients import Client
    from cmsite.client.registering import refresh, register, registered_clashes, told, unaccepted
    from cmsite.client.workspace import Workspace
    from cmsite.commands.terminal import print_notes
    from cmsite.validation.client_metas import names_in

    workspace = Workspace(root=root)
    for name in clients:
        new = register(Client(name), workspace, shadow=shadow)
        click.echo(f"{'registered' if new else 'already registered'} with {name}: {root.resolve()}", err=True)
    if not (clients or changed):
        return
    if "cm" not in clients:
        refresh(workspace)
    found = (clash for clashes in registered_clashes(workspace, names_in).values() for clash in clashes)
    print_notes(told(clash) for clash in unaccepted(workspace, found))
