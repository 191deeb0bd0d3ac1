"""`cmsite record`: what somebody tried, as a record that can become a pull request."""

import secrets
import shlex
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite.commands.terminal import printable
from cmsite.errors import UsageError

if TYPE_CHECKING:
    from cmsite.records.composing import Record
    from cmsite.records.recorder import World, Written
    from cmsite.records.request import About, Trial

MAX_REPEAT = 1000
MAX_SHOWN_LINES = 40  # Of a log before it is written anonymously.


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("words", metavar="[REF] [-- COMMAND...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--paper", default="", metavar="REF", help="The paper whose claims were tried: alias, uid or alias,uid.")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="A claim that was tried, such as C1; may repeat.")
@click.option(
    "--value",
    "values",
    multiple=True,
    metavar="[ID=]NUMBER",
    help="A measured number, as printed; one for each repetition.",
)
@click.option(
    "--order", "orders", multiple=True, metavar="ID=A,B,…", help="For a ranking: the claims in the order found."
)
@click.option(
    "--unit", default="", metavar="UNIT", help="The unit of the numbers; refused where it is not the claim's."
)
@click.option("--from-log", "log", type=click.Path(path_type=Path), metavar="FILE", help="Keep this log as evidence.")
@click.option(
    "--pattern", default="", metavar="REGEX", help="Take the numbers from the log: group `value`, or the first."
)
@click.option(
    "--run", "runs", is_flag=True, help="Run COMMAND itself (no shell), measure it, read its last line of JSON."
)
@click.option("--repeat", type=click.IntRange(1, MAX_REPEAT), default=1, show_default=True, help="How often to run it.")
@click.option(
    "--timeout", type=click.FloatRange(0.1), metavar="SECONDS", help="Stop a run after this time: it has failed."
)
@click.option(
    "--key", "keys", multiple=True, metavar="ID=NAME", help="The name of a claim's numbers in the line of JSON."
)
@click.option("--seed", type=int, metavar="N", help="The seed of the random numbers.")
@click.option("--failed", default="", metavar="REASON", help="Record a failed run; its numbers need not be finite.")
@click.option("--verdict", "verdicts", multiple=True, metavar="ID=WORDS", help="What you conclude about a claim.")
@click.option("--not-attempted", "left", multiple=True, metavar="ID=REASON", help="A claim that you left out, and why.")
@click.option("--as-claimed", is_flag=True, help="Say that data, split and parameters were those of the claims.")
@click.option(
    "--artifact", "program", default="", metavar="REF", help="The program that was run, such as script:name,uid."
)
@click.option(
    "--type", "type_", type=click.Choice(["repeated", "reproduced", "replicated"]), default=None, help="By ACM's words."
)
@click.option("--independent/--not-independent", default=None, help="Whether no evaluator is an author of the paper.")
@click.option("--author-hardware/--other-hardware", default=None, help="Whether the authors' own machine was used.")
@click.option("--status", type=click.Choice(["works", "fails"]), default=None, help="How the artifact REF did here.")
@click.option("--version", "versions", multiple=True, metavar="NAME=VERSION", help="A version that REF was tried with.")
@click.option("--evaluator", "agents", multiple=True, metavar="NAME", help="Who tried it; by default git's user.name.")
@click.option(
    "--environment",
    "environment",
    multiple=True,
    metavar="NAME=VALUE",
    help="A field that the machine cannot tell, such as framework.",
)
@click.option("--note", default="", metavar="TEXT", help="What else a reader should know.")
@click.option(
    "--anonymous", is_flag=True, help="No name of a person, host, folder or address; shows what will be public."
)
@click.option("--embargo", is_flag=True, help="Built by `cmsite build --drafts` only, until the line is removed.")
@click.option("--yes", is_flag=True, help="Write an anonymous record without asking.")
@click.option(
    "--alias", default="", metavar="NAME", help="The record's name; by default made of the paper and the date."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The repository to write into; by default the one here.",
)
@click.option(
    "--add-to",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Add runs to this record of the same evaluator and date.",
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The registry.yml whose sources hold the paper."
)
def command(
    words: tuple[str, ...],
    paper: str,
    claims: tuple[str, ...],
    values: tuple[str, ...],
    orders: tuple[str, ...],
    unit: str,
    log: Path | None,
    pattern: str,
    runs: bool,  # noqa: FBT001
    repeat: int,
    timeout: float | None,
    keys: tuple[str, ...],
    seed: int | None,
    failed: str,
    verdicts: tuple[str, ...],
    left: tuple[str, ...],
    as_claimed: bool,  # noqa: FBT001
    program: str,
    type_: str | None,
    independent: bool | None,  # noqa: FBT001
    author_hardware: bool | None,  # noqa: FBT001
    status: str | None,
    versions: tuple[str, ...],
    agents: tuple[str, ...],
    environment: tuple[str, ...],
    note: str,
    anonymous: bool,  # noqa: FBT001
    embargo: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    alias: str,
    into: Path | None,
    add_to: Path | None,
    config: Path | None,
) -> None:
    """Record an attempt to reproduce claims of a paper, or that the artifact REF works or fails here.

    Writes reproduction/ALIAS/ or experience/ALIAS/ into a repository: the numbers, the machine, the logs with their
    sha256. A command that fails or is stopped is recorded as a failed run, and the exit code is 0, since the record is
    written.
    """
    from cmsite.records.recorder import record_experience, record_reproduction
    from cmsite.records.request import About, ExperienceRequest, ReproductionRequest, Trial

    reference, executed = _split(words, paper, runs=runs)
    trial = Trial(
        values=tuple(_value(text) for text in values), log=log, pattern=pattern, command=executed, repeat=repeat,
        timeout_s=timeout, keys=_pairs(keys, "--key"), unit=unit, seed=seed, failed=failed,
    )  # fmt: skip
    about = About(
        agents=() if anonymous else agents or _git_user(), is_anonymous=anonymous, is_embargoed=embargo,
        environment=_pairs(environment, "--environment"), note=note, alias=alias, into=into, add_to=add_to,
        program=program, type=type_ or "", independent=independent, author_hardware=author_hardware,
    )  # fmt: skip
    _check(trial, about, paper=paper, claims=claims, status=status, agents=agents)
    world = _world(config, yes=yes)
    if paper:
        wanted = ReproductionRequest(
            paper=paper, claims=claims, trial=trial, about=about, as_claimed=as_claimed,
            orders={name: tuple(text.split(",")) for name, text in _pairs(orders, "--order").items()},
            verdicts=_pairs(verdicts, "--verdict"), not_attempted=_pairs(left, "--not-attempted"),
        )  # fmt: skip
        _print(record_reproduction(wanted, world))
    else:
        experience = ExperienceRequest(
            artifact=reference, status=status or "", trial=trial, about=about, versions=_pairs(versions, "--version")
        )
        _print(record_experience(experience, world))


def _world(config: Path | None, *, yes: bool) -> "World":
    """Return the clock, what draws uids, and who is asked."""
    from cmsite.records.recorder import World

    return World(
        now=lambda: datetime.now(UTC),
        draw_uid=lambda: secrets.token_hex(8),
        confirm=lambda record: _is_wanted(record, yes=yes),
        config=config,
    )


def _split(words: tuple[str, ...], paper: str, *, runs: bool) -> tuple[str, tuple[str, ...]]:
    """Return the reference of an experience, "" for a paper's, and the command."""
    reference, executed = ("", words) if paper else (words[0] if words else "", words[1:])
    if not paper and not reference:
        raise UsageError("name what was tried: --paper REF --claim ID, or REF --status works|fails")
    if executed and not runs:
        raise UsageError(f"{shlex.join(executed)[:80]!r}: a command is run with --run -- COMMAND")
    if runs and not executed:
        raise UsageError("--run needs a command behind --, such as --run -- python reproduce.py")
    return reference, executed


def _check(
    trial: "Trial", about: "About", *, paper: str, claims: tuple[str, ...], status: str | None, agents: tuple[str, ...]
) -> None:
    """Refuse options that contradict each other."""
    if about.is_anonymous and agents:
        raise UsageError("--anonymous and --evaluator contradict each other")
    if not about.agents and not about.is_anonymous:
        raise UsageError("who tried it? give --evaluator NAME, set git's user.name, or say --anonymous")
    if trial.command and (trial.values or trial.log):
        raise UsageError("--run measures itself: leave out --value and --from-log")
    if trial.pattern and not trial.log and not trial.command:
        raise UsageError("--pattern needs --from-log FILE or --run -- COMMAND")
    if paper and not claims:
        raise UsageError("which claims were tried? name each with --claim, such as --claim C1")
    if paper and status:
        raise UsageError("--status is about an artifact, --paper about claims: record one after the other")
    if not paper and (claims or trial.values):
        raise UsageError("--claim and --value belong to a paper: name it with --paper REF")
    if not paper and not status and not trial.command:
        raise UsageError("say how it did with --status works or --status fails, or let it run with --run -- COMMAND")
    if not paper and about.add_to:
        raise UsageError("--add-to adds runs to a reproduction; an experience is one report each")


def _value(text: str) -> tuple[str, str]:
    """Return (claim or "", number)."""
    name, sign, number = text.partition("=")
    return (name.strip(), number.strip()) if sign else ("", text.strip())


def _pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise UsageError(f"{option} {text!r}: write NAME=VALUE")
        if name.strip() in found:
            raise UsageError(f"{option}: {name.strip()} is given twice")
        found[name.strip()] = value.strip()
    return found


def _git_user() -> tuple[str, ...]:
    from cmsite.records.identity import git_user

    name = git_user()
    return (name,) if name else ()


def _is_wanted(record: "Record", *, yes: bool) -> bool:
    """Show what will be public; return whether it may be written."""
    from cmsite.records.recorder import replaced_in

    click.echo(f"This will be public, in {record.folder}/:")
    for file in record.files:
        click.echo(f"--- {file.path} ({len(file.content):,} bytes)")
        lines = file.content.decode("utf-8", "replace").splitlines()
        shown = lines if file.path == "_cm.yaml" else lines[:MAX_SHOWN_LINES]
        for line in shown:
            click.echo(f"  {printable(line)[:500]}")
        if len(lines) > len(shown):
            click.echo(f"  … and {len(lines) - len(shown):,} lines more")
    if replaced := replaced_in(record.logs):
        click.echo(f"Replaced in logs: {replaced}")
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("nothing was written: this is no terminal to ask at; look at what is shown, then add --yes")
    return click.confirm("Write it?")


def _print(written: "Written") -> None:
    from cmsite.reporting.text import plural

    block = written.record.block
    count = plural(len(block.get("runs", ())), "run")
    click.echo(f"{written.folder}: {count}, {plural(len(written.record.logs), 'log')}")
    for error in written.failures:
        click.echo(f"  recorded as failed: {printable(error)}", err=True)
    click.echo("Next: `cmsite validate` checks it; commit the folder and open a pull request.")
