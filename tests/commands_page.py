"""Write docs/commands.md from the commands themselves; `--check` only says whether it is up to date.

python docs/generate_commands.py [--check]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cmsite.cli import COMMANDS, cli

PAGE = Path(__file__).resolve().parent / "commands.md"
HEAD = """# Commands

Every command of `cmsite` with all its options, as `--help` prints them. Exit codes: 0 ok, 1 findings, 2 usage or
configuration, 3 source, 4 not found or ambiguous, 5 network, 6 integrity or trust, 7 output.

This page is written by `python docs/generate_commands.py`.
"""
WIDTH = 100


def page() -> str:
    """Return the text of the page."""
    return HEAD + "".join(f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in _helps())


def _helps() -> Iterator[tuple[str, str]]:
    """Yield each command's full name and help, subcommands after their group."""
    with click.Context(cli, info_name="cmsite") as root:
        yield "cmsite", cli.get_help(_context(cli, root, "cmsite"))
        for name in COMMANDS:
            command = cli.get_command(root, name)
            if command is not None:
                yield from _helps_of(command, root, name)


def _helps_of(command: click.Command, parent: click.Context, name: str) -> Iterator[tuple[str, str]]:
    context = _context(command, parent, name)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _helps_of(found, context, child)


def _context(command: click.Command, parent: click.Context, name: str) -> click.Context:
    above = None if command is parent.command else parent
    return click.Context(command, info_name=name, parent=above, terminal_width=WIDTH, max_content_width=WIDTH)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text("utf-8") != page() and f"{PAGE.name} is out of date: python docs/generate_commands.py")
    PAGE.write_text(page(), "utf-8")
