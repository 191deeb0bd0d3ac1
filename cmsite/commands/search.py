"""`cmsite search`: artifacts by words, tags and people, over the static index."""

from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options

if TYPE_CHECKING:
    from cmsite.client.remote import RemoteRegistry
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
    from cmsite.client.query import parse_query
    from cmsite.client.registries import open_registries
    from cmsite.commands.terminal import print_json, print_notes

    query = parse_query(words, tags, automation, repository, author, has)
    registries = open_registries(selected)
    answers = [registry.search(query, _limit(registry, limit)) for registry in registries]
    print_notes(note for registry in registries for note in registry.notes)
    print_notes(note for answer in answers for note in answer.notes)
    found = [answer for answer in answers if answer.total]
    fewest = min((answer.missing for answer in found), default=0)
    answers = [answer for answer in found if answer.missing == fewest] or answers
    hits = [hit for answer in answers for hit in answer.hits]
    hits = hits[:limit] if limit is not None else hits
    if fewest:
        click.echo(f"no artifact has all {len(query.words)} words; these have most of them", err=True)
    if as_json:
        print_json(_document(answers, hits))
        return
    for hit in hits:
        click.echo(_line(hit))
    _print_rest(answers, len(hits))


def _limit(registry: "RemoteRegistry", limit: int | None) -> int:
    return registry.usual_limit if limit is None else limit


def _document(answers: "list[Answer]", hits: "list[Hit]") -> dict[str, Any]:
    document: dict[str, Any] = {
        "schema": "cmsite-search/1",
        "total": sum(answer.total for answer in answers),
        "results": [_row(hit) for hit in hits],
    }
    if not all(answer.total_is_exact for answer in answers):
        document["total_is_exact"] = False
    if hints := _hints(answers):
        document["hints"] = hints
    return document


def _print_rest(answers: "list[Answer]", shown: int) -> None:
    """Say what is not shown, or what to try where nothing was found."""
    total = sum(answer.total for answer in answers)
    least = "" if all(answer.total_is_exact for answer in answers) else "at least "
    if hints := _hints(answers):
        click.echo(f"did you mean {' or '.join(hints)}?", err=True)
    if not total and not hints:
        click.echo("nothing found; try fewer words, or only their beginnings", err=True)
    elif total > shown:
        click.echo(f"{shown} of {least}{total} shown; --limit shows more", err=True)


def _hints(answers: "list[Answer]") -> list[str]:
    return list(dict.fromkeys(hint for answer in answers for hint in answer.hints))


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
