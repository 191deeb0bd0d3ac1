"""`cmsite rename OLD NEW`: lead from the old name of an artifact to the new one."""

from pathlib import Path

import click

from cmsite.commands.deciding import decide, deciding_options


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is published.")
@deciding_options
def command(old: str, new: str, reason: str, config: Path | None, previous: str) -> None:
    """Lead from the published name OLD (or uid, or repository) of an artifact to NEW.

    The source must have the new name: this writes down where the old one went.
    """
    from cmsite.pipeline.deciding import compose_rename

    decide(config, previous, lambda records, day: compose_rename(old, new, records, reason=reason, date=day))
