"""`cmsite registry add|list|remove`: which registries are asked, in their order."""

import click

from cmsite.commands.access_options import access_options


@click.group()
def command() -> None:
    """Add, list and remove registries to search and pull from."""


@command.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--fingerprint", default="", metavar="sha256:…", help="The digest root.json must have, told by its publisher."
)
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    metavar="acme-",
    help="Names that begin so (alias, or automation:alias) come from this registry only; may be given several times.",
)
@access_options
def add_registry(name: str, url: str, fingerprint: str, prefixes: tuple[str, ...]) -> None:
    """Check the registry at URL (or in a folder) and save it as NAME."""
    from cmsite.client.registries import add
    from cmsite.commands.terminal import print_notes

    saved, remote = add(name, url, fingerprint, prefixes)
    print_notes(remote.notes)
    root = remote.root
    click.echo(
        f"{saved.name}: {root.count} artifact records of registry {root.registry_id}, generation {root.gen}, "
        f"fingerprint sha256:{root.sha256}"
    )
    if saved.prefixes:
        click.echo(f"names that begin with {' or '.join(saved.prefixes)} come from {saved.name} only")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_registries(as_json: bool) -> None:  # noqa: FBT001 - click's calling convention.
    """List the configured registries in the order in which they are asked."""
    from cmsite.client.registries import HOW_TO_ADD, SCHEMA, configured, registry_row
    from cmsite.commands.terminal import print_json, printable

    registries = configured()
    if as_json:
        rows = [registry_row(known) for known in registries]
        print_json({"schema": SCHEMA, "registries": rows})
        return
    if not registries:
        click.echo(f"no registry is configured; {HOW_TO_ADD}", err=True)
    for known in registries:
        bound = f"  only {' '.join(known.prefixes)}" if known.prefixes else ""
        click.echo(printable(f"{known.name}  {known.url}  {known.registry_id}{bound}"))


@command.command("remove")
@click.argument("name")
def remove_registry(name: str) -> None:
    """Remove the registry NAME and forget its state; with an address, only forget."""
    from cmsite.client.registries import remove

    removed = remove(name)
    click.echo(f"{removed.name} is removed" if removed else "forgotten; its next answer is trusted anew", err=True)
