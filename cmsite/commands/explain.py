"""`cmsite explain CODE`: what a finding means and what to do."""

import click

from cmsite.errors import NotFoundError


@click.command()
@click.argument("code")
def command(code: str) -> None:
    """Say why CODE (such as CM104) is reported and what to do."""
    from cmsite.pipeline.codes import all_codes

    codes = all_codes()
    found = codes.get(code.upper())
    if found is None:
        near = tuple(known for known in codes if known[:3] == code.upper()[:3])[:5]
        raise NotFoundError(f"no finding has the code {code!r}; `cmsite rules` lists them", near)
    click.echo(f"{found.code} {found.title} ({found.severity.word})\n\n{found.advice}")
    if found.source:
        click.echo(f"\nSource: {found.source}")
