"""`cmsite yank REF --reason TEXT`: take one revision back."""

from pathlib import Path

import click

from cmsite.commands.deciding import decide, deciding_options, reason_option


@click.command()
@click.argument("reference", metavar="REF")
@reason_option
@deciding_options
def command(reference: str, reason: str, config: Path | None, previous: str) -> None:
    """Take a revision of the artifact REF back: REF@r2, or the newest.

    Names and labels pass over it; an exact pin still gets it, with a warning and the reason.
    """
    from cmsite.pipeline.deciding import compose
    from cmsite.pipeline.decisions import Action

    decide(config, previous, lambda records, day: compose(Action.YANK, reference, records, reason=reason, date=day))
