"""`cmsite purge REF --reason TEXT`: remove leaked bytes for ever."""

from pathlib import Path

import click

from cmsite.commands.deciding import decide, deciding_options, reason_option

_ADVICE = (
    "it cannot be undone.\n"
    "Remove it from the source too, its history included, publish the site, and change what leaked: "
    "who pulled it has it still"
)


@click.command()
@click.argument("reference", metavar="REF")
@reason_option
@deciding_options
def command(reference: str, reason: str, config: Path | None, previous: str) -> None:
    """Remove the bytes of the artifact REF, or with @rN those of one revision, from what is published, for ever.

    A tombstone with the reason and the digests stays. Without a repository in REF, all copies are meant. The same
    content never comes back, from no source and no previous site.
    """
    from cmsite.pipeline.deciding import compose
    from cmsite.pipeline.decisions import Action

    decide(
        config,
        previous,
        lambda records, day: compose(Action.PURGE, reference, records, reason=reason, date=day),
        advice=_ADVICE,
    )
