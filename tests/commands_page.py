"""Write docs/commands.md from the commands themselves; `--check` only says whether it is up to date.

It lies here and not in docs/, whose files all become part of the site. Run it as

    python -m tests.commands_page [--check]
"""

import sys
from collections.abc import Iterator

import click

from cmsite.cli import cli
from tests.requirements import CHECKOUT

PAGE = CHECKOUT / "docs" / "commands.md"
HEAD = """# Commands

Every command of `cmsite` with all its options, as `--help` prints them. Exit codes: 0 ok, 1 findings, 2 usage or
configuration, 3 source, 4 not found or ambiguous, 5 network, 6 integrity or trust, 7 output.

This page is written by `python -m tests.commands_page`.
"""
WIDTH = 100


def page() -> str:
    """Return the text of the page."""
    return HEAD + "".join(f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in _helps())


def _helps(
    command: click.Command = cli, parent: click.Context | None = None, name: str = "cmsite"
) -> Iterator[tuple[str, str]]:
    """Yield the full name and the help of a command and of all below it."""
    context = command.make_context(
        name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _helps(found, context, child)


def main(arguments: list[str]) -> str | None:
    """Write the page, or with `--check` return what is wrong with it; None is fine."""
    if "--check" not in arguments:
        PAGE.write_text(page(), "utf-8")
        return None
    current = PAGE.is_file() and PAGE.read_text("utf-8") == page()
    return None if current else "docs/commands.md is out of date: python -m tests.commands_page"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
