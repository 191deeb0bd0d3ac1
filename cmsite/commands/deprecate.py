"""`cmsite deprecate REF --reason TEXT [--use REF]`: advise against an artifact."""

from pathlib import Path

import click

from cmsite.commands.deciding import decide, deciding_options, reason_option


@click.command()
@click.argument("reference", metavar="REF")
@reason_option
@click.option("--use", default="", metavar="REF", help="What to use instead.")
@deciding_options
def command(reference: str, reason: str, use: str, config: Path | None, previous: str) -> None:
    """Advise against the artifact REF: it still resolves, with a note, the reason and what to use instead.

    Without a repository in REF, all copies are meant.
    """
    from cmsite.pipeline.deciding import compose
    from cmsite.pipeline.decisions import Action

    decide(
        config,
        previous,
        lambda records, day: compose(Action.DEPRECATE, reference, records, reason=reason, use=use, date=day),
    )
