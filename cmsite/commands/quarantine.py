"""`cmsite quarantine REF --reason TEXT`: refuse to hand out an artifact."""

from pathlib import Path

import click

from cmsite.commands.deciding import decide, deciding_options, reason_option


@click.command()
@click.argument("reference", metavar="REF")
@reason_option
@deciding_options
def command(reference: str, reason: str, config: Path | None, previous: str) -> None:
    """Refuse to hand out the artifact REF, whatever is pinned, until the entry is removed.

    Its bytes stay. Without a repository in REF, all copies are meant.
    """
    from cmsite.pipeline.deciding import compose
    from cmsite.pipeline.decisions import Action

    decide(
        config, previous, lambda records, day: compose(Action.QUARANTINE, reference, records, reason=reason, date=day)
    )
