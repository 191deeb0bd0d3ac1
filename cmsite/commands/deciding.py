"""What `yank`, `deprecate`, `quarantine`, `purge` and `rename` share: the published index, and writing the decision."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite import settings as settings_file
from cmsite.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from cmsite.index.records import Record
    from cmsite.pipeline.decisions import Decision

_SITE = Path("site")  # Where `cmsite build` writes by default.


def deciding_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that tell which catalogue is meant."""
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The registry.yml; by default registry/registry.yml, then registry.yml.",
    )
    previous = click.option(
        "--previous",
        default="",
        metavar="DIR|URL",
        help="The published site, in which names and revisions are looked up; by default the folder site, then the "
        "base_url of registry.yml.",
    )
    return config(previous(command))


def reason_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the reason, which everybody will read."""
    option: Any = click.option("--reason", required=True, metavar="TEXT", help="Why; it is published.")
    added: Callable[..., None] = option(command)
    return added


def decide(
    config: Path | None,
    previous: str,
    compose: "Callable[[tuple[Record, ...], str], Decision]",
    *,
    advice: str = "remove the entry to undo it",
    confirm: Callable[[str], None] | None = None,
) -> None:
    """Look names up, write the decision beside registry.yml, and say what happens next.

    `compose` gets the published records and the day; `confirm` gets what is decided, and ends the command or does not.
    Of two commands at once, one waits.
    """
    from cmsite.commands.terminal import printable
    from cmsite.outputs import OutputFile, OutputFolder
    from cmsite.pipeline.deciding import refuse_purged
    from cmsite.pipeline.decisions import FILE_NAME, Action, appended, decisions_path, read_decisions

    read = settings_file.load(config or settings_file.default_path())
    path = decisions_path(read.path)
    records = _published(previous, read.base_url)
    decision = compose(records, _day())
    if decision.action is Action.RENAME:
        refuse_purged(decision, read_decisions(path), records)
    what = _words(decision)
    if confirm is not None and _said_already(path, decision) is None:
        confirm(printable(what))
    with _alone(path):  # Nobody waits for an answer in here.
        same = _said_already(path, decision)
        if same is not None:
            click.echo(f"{path}:{same.place.line} says so already; nothing was written", err=True)
            return
        content = path.read_bytes() if path.is_file() else b""
        OutputFolder(path.parent.absolute()).write_atomically(
            OutputFile(path=FILE_NAME, content=appended(content, decision, path))
        )
    click.echo(printable(f"{path}: {what}"))
    click.echo(f"the next `cmsite build` does it; {advice}")


def _words(decision: "Decision") -> str:
    revision = f" r{decision.revision}" if decision.revision else ""
    to = f" → {decision.to.text}" if decision.to is not None else ""
    return f"{decision.action.value} {decision.reference.text}{revision}{to}"


def _said_already(path: Path, decision: "Decision") -> "Decision | None":
    """Return the entry that says the same, None where there is none."""
    from cmsite.pipeline.decisions import read_decisions

    return next((entry for entry in read_decisions(path) if entry.says_the_same(decision)), None)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the folder of decisions.yml: a second command would write over the entry of the first."""
    from cmsite.publish.holding import held

    with held(path.parent, wait=True):
        yield


def _published(previous: str, base_url: str) -> "tuple[Record, ...]":
    from cmsite.index.layout import ROOT_PATH
    from cmsite.pipeline.past import find_past

    place = previous or (str(_SITE) if (_SITE / ROOT_PATH).is_file() else base_url)
    if not place or place == "none":
        raise UsageError(
            f"there is no built site in {_SITE}, and registry.yml has no base_url: name the published site with --previous DIR|URL"
        )
    past = find_past(place, _SITE)
    if past.index is None:
        raise ConfigurationError(
            f"{place} holds no index yet: nothing was published about which anything could be decided"
        )
    return past.records


def _day() -> str:
    """Return the day of a decision: that of SOURCE_DATE_EPOCH, else today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not epoch.isdecimal():
        raise ConfigurationError(f"SOURCE_DATE_EPOCH must be whole seconds since 1970, got {epoch!r}")
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch) if epoch else None))
