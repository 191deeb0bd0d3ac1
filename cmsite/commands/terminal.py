"""What the commands of the client print: foreign text made harmless, notes and JSON.

Foreign names may hold terminal escapes and signs that turn the direction of writing. Source: facts/index.md §4, case 92.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

import click


def printable(text: str) -> str:
    r"""Return foreign text for a terminal: what is not printable becomes a replacement sign.

    >>> printable("a\x1b[31mb")
    'a�[31mb'
    """
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def is_terminal() -> bool:
    """Return whether somebody can read a question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def print_json(document: dict[str, Any]) -> None:
    """Print the one JSON document of a command on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def print_notes(notes: Iterable[str]) -> None:
    """Print notes on standard error, each once."""
    for note in dict.fromkeys(notes):
        click.echo(f"cmsite: note: {printable(note)}", err=True)
