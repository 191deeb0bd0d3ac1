"""`cmsite new paper DOI`: an artifact of the automation `paper` with claims to fill in; nothing is fetched."""

import re
import secrets
import shlex
from pathlib import Path

import click

from cmsite import documents
from cmsite.errors import OutputError, UsageError
from cmsite.formats.layout import CM_DESCRIPTORS
from cmsite.model.names import PAPER, is_uid
from cmsite.outputs import OutputFolder
from cmsite.starter import MAX_ALIAS, address_of_reference, alias_of_reference, render_paper

_ALIAS = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{MAX_ALIAS - 1}}}\Z")
_TITLE = "TODO: the title as printed"
_STARTED = "artifacts"  # Where a catalogue of `cmsite new DIR` keeps its repository.


def new_paper(reference: str, *, title: str, into: Path | None, alias: str) -> None:
    """Write the artifact and say what to do next.

    Raises `UsageError` where an argument is none that can be used, `OutputError` where something is there already.
    """
    address = address_of_reference(reference)
    if not address:
        raise UsageError(
            f"{reference[:80]!r} is neither a DOI nor a web address; write 10.1145/3229762.3229765 or https://…"
        )
    if alias and (not _ALIAS.match(alias) or is_uid(alias)):
        raise UsageError(
            f"--alias must be 1 to {MAX_ALIAS} of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, and no"
            f" uid; got {alias[:80]!r}"
        )
    repository = _repository(into)
    prefix = _prefix(repository)
    name = alias or alias_of_reference(address)
    target = repository / prefix / PAPER / name
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target} is there already, and nothing is written over; choose another name with --alias")
    output = OutputFolder(repository)
    for file in render_paper(
        folder=prefix,
        alias=name,
        title=title or _TITLE,
        reference=address,
        draw_hex=lambda digits: secrets.token_hex(digits // 2),
    ):
        output.write(file)
    click.echo(
        f"{target}: a paper with one claim to fill in. Nothing was fetched from {address}. Next:\n\n"
        f"  1. write title, authors and claims into {shlex.quote(str(target / '_cm.yaml'))}\n"
        f"  2. cmsite validate {shlex.quote(str(repository))}"
    )


def _repository(into: Path | None) -> Path:
    """Return the folder of the repository; raises `UsageError` where none can be told."""
    if into is not None:
        if not into.is_dir():
            raise UsageError(f"--into {into}: there is no such folder; name a repository, a folder with cmr.yaml")
        return into
    for folder in (Path(), Path(_STARTED)):
        if any((folder / name).is_file() for name in CM_DESCRIPTORS):
            return folder
    raise UsageError("this folder is no repository: it has no cmr.yaml; name one with --into DIR")


def _prefix(repository: Path) -> str:
    """Return the folder of a repository below which its artifacts lie, as its cmr.yaml says."""
    for name in CM_DESCRIPTORS:
        if (repository / name).is_file():
            data = documents.parse(name, (repository / name).read_bytes()).data
            prefix = data.get("prefix") if isinstance(data, dict) else None
            prefix = prefix.strip("/") if isinstance(prefix, str) else ""
            return "" if ".." in prefix.split("/") else prefix
    return ""
