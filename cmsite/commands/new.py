"""`cmsite new`: a folder with a catalogue that builds at once, or a paper with claims to fill in."""

import re
import secrets
import shlex
from pathlib import Path

import click

from cmsite.errors import OutputError, UsageError
from cmsite.settings import is_address

_MAX_NAMED = 5  # Files in the way that the message names.
_MAX_TITLE = 200  # Characters.


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("reference", metavar="[DOI]", required=False)
@click.option(
    "--title", default="", metavar="TEXT", help="What it is called; by default a catalogue is named after its folder."
)
@click.option("--base-url", default="", metavar="URL", help="The address at which the site will stand, if it is known.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The repository a paper goes into, a folder with cmr.yaml; by default this one, or artifacts/ in it.",
)
@click.option("--alias", default="", metavar="NAME", help="The name of a paper's folder; by default made of its DOI.")
def command(folder: Path, reference: str | None, title: str, base_url: str, into: Path | None, alias: str) -> None:
    """Begin a catalogue in the new folder DIR; `cmsite new paper DOI` begins a paper in a repository.

    A catalogue holds a registry.yml, an example artifact that runs, a front page, and a workflow that checks, builds
    and publishes it on GitHub Pages.

    A paper is an artifact paper/NAME with the DOI (or another web address) as its reference and a claim to fill in.
    Nothing is fetched: title and authors are written by hand.
    """
    if reference is None:
        if into is not None or alias:
            raise UsageError("--into and --alias belong to `cmsite new paper DOI`")
        _new_catalogue(folder, title, base_url)
        return
    if folder != Path("paper"):
        raise UsageError(
            f"got two arguments, {str(folder)!r} and {reference!r}; write `cmsite new DIR` or `cmsite new paper DOI`"
        )
    if base_url:
        raise UsageError("--base-url belongs to `cmsite new DIR`")
    from cmsite.commands.new_paper import new_paper

    new_paper(reference, title=_checked_title(title) if title else "", into=into, alias=alias)


def _new_catalogue(folder: Path, title: str, base_url: str) -> None:
    from cmsite.outputs import OutputFolder
    from cmsite.starter import render_starter

    name = folder.absolute().name
    title = _checked_title(title or _title_of(name))
    if base_url and not is_address(base_url):
        raise UsageError(f"--base-url must be an http(s) address without ? and #, got {base_url!r}")
    _refuse_what_is_there(folder)
    output = OutputFolder(folder)
    for file in render_starter(
        title=title, alias=_alias_of(name), base_url=base_url, draw_hex=lambda digits: secrets.token_hex(digits // 2)
    ):
        output.write(file)
    click.echo(
        f"{folder}: a catalogue of one artifact; README.md there says what is where. Next:\n\n"
        f"  cd {shlex.quote(str(folder))}\n"
        "  cmsite validate    # findings with file, line and remedy\n"
        "  cmsite serve       # the site on this machine, built again whenever a file changes\n\n"
        "Pushed to GitHub, .github/workflows/pages.yml publishes it (Settings, Pages, Source: GitHub Actions)."
    )


def _checked_title(title: str) -> str:
    """Return the title without outer blanks; a line break or control character would end a heading or a comment."""
    title = title.strip()
    if not title or not title.isprintable() or len(title) > _MAX_TITLE:
        raise UsageError(f"--title must be one line of 1 to {_MAX_TITLE} printable characters, got {title[:80]!r}")
    return title


def _title_of(name: str) -> str:
    """Return a title made of a folder's name.

    >>> _title_of("my-artifacts")
    'My artifacts'
    """
    words = re.sub(r"[-_.\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] or "My artifacts"


def _alias_of(name: str) -> str:
    """Return the alias of the repository: what the real clients and every address take without trouble.

    >>> _alias_of("My Artifacts 2")
    'my-artifacts-2'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "artifacts"


def _refuse_what_is_there(folder: Path) -> None:
    """Raise `OutputError` where the folder holds anything but a fresh `.git`."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(f"{folder} is no folder; name one that is new or empty")
    there = sorted(entry.name for entry in folder.iterdir() if entry.name != ".git") if folder.exists() else []
    if there:
        more = f" and {len(there) - _MAX_NAMED} more" if len(there) > _MAX_NAMED else ""
        raise OutputError(f"{folder} holds {', '.join(there[:_MAX_NAMED])}{more}; name a folder that is new or empty")
