"""`cmsite purge REF --reason TEXT`: remove leaked bytes for ever."""

import sys
from pathlib import Path

import click

from cmsite.commands.deciding import decide, deciding_options, reason_option
from cmsite.commands.terminal import is_terminal
from cmsite.errors import UsageError

_ADVICE = (
    "it cannot be undone.\n"
    "Remove it from the source too, its history included, publish the site, and change what leaked: "
    "who pulled it has it still"
)


@click.command()
@click.argument("reference", metavar="REF")
@reason_option
@click.option("--yes", is_flag=True, help="Ask nothing.")
@deciding_options
def command(reference: str, reason: str, yes: bool, config: Path | None, previous: str) -> None:  # noqa: FBT001
    """Remove the bytes of the artifact REF, or with @rN those of one revision, from what is published, for ever.

    A tombstone with the reason and the digests stays. Without a repository in REF, all copies are meant. The same
    content never comes back, from no source and no previous site. Asks before; where nobody can answer, --yes is needed.
    """
    from cmsite.pipeline.deciding import compose
    from cmsite.pipeline.decisions import Action

    decide(
        config,
        previous,
        lambda records, day: compose(Action.PURGE, reference, records, reason=reason, date=day),
        advice=_ADVICE,
        confirm=None if yes else _confirm,
    )


def _confirm(what: str) -> None:
    """Ask whether the bytes shall go; raises `UsageError` where nobody can answer."""
    if not is_terminal():
        raise UsageError(
            f"{what}: a purge cannot be undone, and nobody can be asked here; give --yes. Nothing was written"
        )
    if not click.confirm(f"{what}: remove these bytes for ever?", default=False, err=True):
        click.echo("purge: nothing was written", err=True)
        sys.exit(1)
