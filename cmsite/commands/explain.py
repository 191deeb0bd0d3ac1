"""`cmsite explain CODE`: what a finding means and what to do."""

import json
import shutil
from typing import TYPE_CHECKING

import click

from cmsite.commands.rules import print_rules, style
from cmsite.errors import NotFoundError

if TYPE_CHECKING:
    from cmsite.validation.examples import Example

_MIN_WIDTH = 40
_LONGEST = 80  # Characters of what is no code that a message repeats.


@click.command()
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(codes: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """Say why CODE (such as CM104) is reported and what to do, with a bad and a good example.

    The beginning of codes, such as CM3, lists those that begin so.
    """
    from cmsite.pipeline.codes import all_codes, family_of

    known = all_codes()
    found = [match for text in codes for match in _meant(text.upper(), text, tuple(known))]
    chosen = tuple(dict.fromkeys(found))
    if as_json:
        from cmsite.reporting.explanation import explanation_value

        values = [explanation_value(known[code], family_of(code), _example(code)) for code in chosen]
        click.echo(json.dumps({"schema": "cmsite-explanation/1", "rules": values}, ensure_ascii=False, indent=1))
    elif any(text.upper() not in known for text in codes):
        print_rules([known[code] for code in chosen])
    else:
        _print(chosen)


def _meant(code: str, text: str, known: tuple[str, ...]) -> list[str]:
    """Return the codes that begin so; raises `NotFoundError` with those that are near."""
    found = [item for item in known if item.startswith(code)] if code.startswith("CM") else []
    if not found:
        from cmsite.pipeline.codes import FAMILIES, all_codes
        from cmsite.reporting.near_codes import near_codes

        message = (
            f"no finding has the code {text[:_LONGEST]!r}; `cmsite rules` lists them, `cmsite explain CM3` a family"
        )
        raise NotFoundError(message, near_codes(text, all_codes(), FAMILIES))
    return found


def _example(code: str) -> "Example | None":
    from cmsite import resources
    from cmsite.validation.examples import parse_example

    content = resources.example_file(code)
    return parse_example(f"{code}.yaml", content) if content is not None else None


def _print(codes: tuple[str, ...]) -> None:
    from cmsite.pipeline.codes import all_codes
    from cmsite.reporting.explanation import WIDTH, explanation_lines

    width = max(_MIN_WIDTH, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))
    for number, code in enumerate(codes):
        if number:
            click.echo(f"\n{'─' * width}\n")
        for line in explanation_lines(all_codes()[code], _example(code), style, width):
            click.echo(line)
