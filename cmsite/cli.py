"""The command line: subcommands are imported when they are used; errors become exit codes only here.

Exit codes: 0 ok, 1 findings, 2 usage or configuration, 3 source, 4 not found or ambiguous, 5 network, 6 integrity or
trust, 7 output. Source: CONTRACT §13.
"""

import atexit
import gc
import importlib
import os
import sys

import click

from cmsite import __version__
from cmsite.errors import AmbiguousError, CmsiteError, MissingExtraError, NotFoundError, OutputError

# Objects made before the collector looks for cycles: starting makes fewer, which all stay, and looking through them again
# and again takes a tenth of a search.
COLLECT_AFTER = 100_000

# Command → (module below cmsite.commands, one line of help); the help stands here so that listing imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("new", "Begin a catalogue that builds at once."),
    "validate": ("validate", "Check repositories, folders, archives or a registry.yml."),
    "rules": ("rules", "List every kind of finding."),
    "explain": ("explain", "Say what a finding means and what to do."),
    "build": ("build", "Build the site, the index and the archives."),
    "serve": ("serve", "Show the site on this machine, built again whenever a file changes."),
    "yank": ("yank", "Take a published revision back."),
    "deprecate": ("deprecate", "Advise against a published artifact, and say what to use instead."),
    "quarantine": ("quarantine", "Refuse to hand out a published artifact."),
    "purge": ("purge", "Remove leaked bytes from what is published, for ever."),
    "rename": ("rename", "Lead from an old name of an artifact to the new one."),
    "collect": ("collect", "Remove files of earlier indexes from a built site."),
    "registry": ("registry", "Add, list and remove registries to search and pull from."),
    "record": ("record", "Record a reproduction of a paper, or that an artifact works."),
    "search": ("search", "Find artifacts by words and tags."),
    "show": ("show", "Show one artifact of a registry."),
    "cite": ("cite", "Print how to cite an artifact, with its digest."),
    "history": ("history", "Show every revision of an artifact and what became of it."),
    "results": ("results", "Print claims, reproduced values and verdicts."),
    "pull": ("pull", "Get artifacts, every byte checked."),
    "lock": ("lock", "Check the pins of pulled artifacts, or take newer ones."),
    "outdated": ("outdated", "Compare pulled artifacts with what their registries have now."),
    "remove": ("remove", "Remove pulled artifacts."),
    "cache": ("cache", "Show and clean what was fetched."),
    "verify": ("verify", "Check pulled artifacts against their lock."),
    "mlperf": ("mlperf", "Show and compare the results of an MLPerf submission tree."),
}

# Extra that brings a package, for the message about a missing one.
_EXTRAS = {
    "jinja2": "site",
    "mkdocs": "site",
    "material": "site",
    "comrak": "site",
    "nh3": "site",
    "pygments": "site",
    "markupsafe": "site",
    "watchdog": "site",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature.
        """Return the commands in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cmsite.commands.{COMMANDS[cmd_name][0]}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"cmsite.commands.{COMMANDS[cmd_name][0]}.command is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one was meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else " `cmsite --help` lists the commands."
            ctx.fail(f"No such command '{args[0]}'.{meant}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cmsite", message="%(prog)s %(version)s")
def cli() -> None:
    """Validate, publish, search and pull artifacts in the formats of CM, CK and MLC."""


def main() -> None:
    """Run the command line; a failure of the world is one message and its exit code."""
    gc.set_threshold(COLLECT_AFTER)
    atexit.register(gc.freeze)  # Else the interpreter looks through everything once more before it ends.
    try:
        cli.main(prog_name="cmsite")
    except CmsiteError as error:
        _fail(error)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        _fail(MissingExtraError(extra, (error.name or "").split(".")[0]))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            _end_quietly()
        where = f"{error.filename}: " if error.filename else ""
        _fail(OutputError(f"{where}{error.strerror or error}; check the path, free space and permissions"))


def _end_quietly() -> None:
    """End where the reader of our output went away, as `| head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _fail(error: CmsiteError) -> None:
    from cmsite.reporting.text import printable

    lines = [printable(line) for line in str(error).split("\n")]  # Foreign names may hold terminal escapes.
    click.echo("cmsite: error: " + "\n".join(lines), err=True)
    if isinstance(error, NotFoundError) and error.near:
        click.echo(f"  near: {', '.join(error.near)}", err=True)
    if isinstance(error, AmbiguousError):
        for candidate in error.candidates:
            click.echo(f"  - {candidate}", err=True)
    sys.exit(error.exit_code)
