"""`cmsite search`: artifacts by words, tags and people, over the static index."""

from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options

if TYPE_CHECKING:
    from cmsite.client.search import Answer, Hit


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--tags", default="", metavar="a,b,-c,_d", help="Tags it must have, with - must not have; _ is a variation."
)
@click.option("--automation", default="", metavar="NAME", help="Only this kind of artifact, for instance script.")
@click.option("--repository", default="", metavar="NAME", help="Only artifacts of this repository.")
@click.option("--author", default="", metavar="NAME", help="Only artifacts of this person.")
@click.option("--has", default="", metavar="results", help="Only artifacts that come with reproduced results.")
@click.option(
    "--registry", "selected", default=None, metavar="NAME|URL", help="A configured name, an address or a folder."
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=None,
    help="How many to show.  [default: 50; 10 in a large registry, 5 in a very large one]",
)
@access_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    words: tuple[str, ...],
    tags: str,
    automation: str,
    repository: str,
    author: str,
    has: str,
    selected: str | None,
    limit: int | None,
    as_json: bool,  # noqa: FBT001 - click's calling convention.
) -> None:
    """Find artifacts whose name, tags or text hold all WORDS, or their beginnings.

    Where none holds all words, those that hold most of them are shown. A word may also be author:NAME,
    automation:NAME, repository:NAME or has:results.
    """
    from cmsite import api
    from cmsite.commands.terminal import print_json, print_notes

    answer = api.search(
        words,
        tags=tags,
        automation=automation,
        repository=repository,
        author=author,
        has=has,
        limit=limit,
        registries=(api.Registry(selected),) if selected else None,
    )
    print_notes(answer.notes)
    if answer.missing:
        click.echo(f"no artifact has all these words; those found lack {answer.missing} of them", err=True)
    if as_json:
        print_json(_document(answer))
        return
    for hit in answer:
        click.echo(_line(hit))
    _print_rest(answer)


def _document(answer: "Answer") -> dict[str, Any]:
    document: dict[str, Any] = {
        "schema": "cmsite-search/1",
        "total": answer.total,
        "results": [_row(hit) for hit in answer],
    }
    if not answer.total_is_exact:
        document["total_is_exact"] = False
    if answer.hints:
        document["hints"] = list(answer.hints)
    return document


def _print_rest(answer: "Answer") -> None:
    """Say what is not shown, or what to try where nothing was found."""
    total, shown = answer.total, len(answer.hits)
    least = "" if answer.total_is_exact else "at least "
    if answer.hints:
        click.echo(f"did you mean {' or '.join(answer.hints)}?", err=True)
    if not total and not answer.hints:
        click.echo("nothing found; try fewer words, or only their beginnings", err=True)
    elif total > shown:
        click.echo(f"{shown} of {least}{total} shown; --limit shows more", err=True)


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
