"""`cmsite cite REF`: a citation of one revision, with its digest."""

import click


@click.command()
@click.argument("reference", metavar="REF")
@click.option(
    "--format",
    "form",
    type=click.Choice(["bibtex", "cff"]),
    default="bibtex",
    show_default=True,
    help="A BibTeX entry, or a CITATION.cff.",
)
@click.option(
    "--registry", "selected", default=None, metavar="NAME|URL", help="A configured name, an address or a folder."
)
def command(reference: str, form: str, selected: str | None) -> None:
    """Print how to cite the artifact REF: its revision and digest, so that readers find the very same.

    Without a pin, the newest revision is cited.
    """
    from cmsite.client.citing import cite_bibtex, cite_cff
    from cmsite.client.registries import registries_for
    from cmsite.client.remote import resolve_in
    from cmsite.commands.terminal import print_notes, printable
    from cmsite.model.reference import parse_reference

    parsed = parse_reference(reference)
    registries = registries_for([parsed], selected)
    registry, resolved = resolve_in(registries, parsed)
    print_notes([*(note for known in registries for note in known.notes), *resolved.notes])
    text = cite_bibtex(resolved, registry.url) if form == "bibtex" else cite_cff(resolved, registry.url)
    for line in text.split("\n"):
        click.echo(printable(line))
