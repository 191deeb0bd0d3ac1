"""`cmsite search`: artifacts by words and tags, over the static index."""

from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options

if TYPE_CHECKING:
    from cmsite.client.search import Hit

DEFAULT_LIMIT = 50


@click.command()
@click.argument("words", nargs=-1)
@click.option("--tags", default="", metavar="a,b,-c", help="Tags it must have, and with - must not have.")
@click.option("--automation", default="", metavar="NAME", help="Only this kind of artifact, for instance script.")
@click.option(
    "--registry", "selected", default=None, metavar="NAME|URL", help="A configured name, an address or a folder."
)
@click.option("--limit", type=click.IntRange(min=0), default=DEFAULT_LIMIT, show_default=True, help="How many to show.")
@access_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    words: tuple[str, ...],
    tags: str,
    automation: str,
    selected: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001 - click's calling convention.
) -> None:
    """Find artifacts whose name, tags or description hold all WORDS, or their beginnings.

    Where none holds all words, those that hold most of them are shown.
    """
    from cmsite.client.registries import open_registries
    from cmsite.client.search import parse_query
    from cmsite.commands.terminal import print_json, print_notes

    query = parse_query(words, tags, automation)
    registries = open_registries(selected)
    hits = [hit for registry in registries for hit in registry.search(query)]
    print_notes(note for registry in registries for note in registry.notes)
    fewest = min((hit.missing for hit in hits), default=0)
    hits = [hit for hit in hits if hit.missing == fewest]
    if fewest:
        click.echo(f"no artifact has all {len(query.words)} words; these have most of them", err=True)
    if as_json:
        print_json({"schema": "cmsite-search/1", "total": len(hits), "results": [_row(hit) for hit in hits[:limit]]})
        return
    for hit in hits[:limit]:
        click.echo(_line(hit))
    if not hits:
        click.echo("nothing found; try fewer words, or only their beginnings", err=True)
    elif len(hits) > limit:
        click.echo(f"{limit} of {len(hits)} shown; --limit shows more", err=True)


def _row(hit: "Hit") -> dict[str, Any]:
    from cmsite.client.resolve import newest

    record, version = hit.record, newest(hit.record)
    return {
        "automation": record.automation,
        "alias": record.alias,
        "uid": record.uid,
        "repository": record.repository,
        "tags": list(record.tags),
        "description": record.description,
        "version": f"r{version.revision}" if version else "",
        "status": record.status.value,
    }


def _line(hit: "Hit") -> str:
    from cmsite.commands.terminal import printable

    record = hit.record
    also = sorted({other.repository for other in hit.others} - {record.repository})
    marks = [record.status.value] if record.status.value != "active" else []
    marks += [f"also in {', '.join(also)}"] if also else []
    rest = f"  ({'; '.join(marks)})" if marks else ""
    described = f"  {record.description}" if record.description else ""
    return printable(f"{record.name}  {record.uid}  {record.repository}{described}{rest}")
