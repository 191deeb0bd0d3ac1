"""`cmsite rules`: every kind of finding, a line each, family by family."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from cmsite.commands.validate_options import split_codes
from cmsite.diagnostics import FindingCode
from cmsite.errors import UsageError

_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "note": "blue",
    "heading": None,
    "path": "cyan",
    "hint": "cyan",
    "source": "bright_black",
}


@click.command()
@click.option(
    "--select",
    multiple=True,
    callback=split_codes,
    metavar="CODE",
    help="List only codes that begin so, such as CM3 or CM3,CM402; may repeat.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the rules for metas to DIR, as JSON Schema for editors.",
)
def command(select: tuple[str, ...], as_json: bool, schemas: Path | None) -> None:  # noqa: FBT001
    """List every kind of finding with its code and severity, and whether `validate --fix` mends it.

    With --schemas, the rules of the registry.yml of this folder are written, or those of cmsite where there is none.
    """
    from cmsite.pipeline.codes import all_codes, family_of

    if schemas is not None:
        _write_schemas(schemas)
        return

    for start in select:
        if not any(code.startswith(start) for code in all_codes()):
            raise UsageError(f"no finding has a code that begins with {start!r}; `cmsite rules` lists all")
    rules = [rule for code, rule in all_codes().items() if not select or code.startswith(select)]
    if as_json:
        from cmsite.reporting.explanation import rule_value

        rows = [rule_value(rule, family_of(rule.code)) for rule in rules]
        click.echo(json.dumps({"schema": "cmsite-rules/1", "rules": rows}, ensure_ascii=False, indent=1))
    else:
        print_rules(rules)


def _write_schemas(folder: Path) -> None:
    """Write the schemas as a site has them, without the name of a site in them."""
    from cmsite import settings
    from cmsite.outputs import OutputFolder
    from cmsite.pipeline.rule_files import rules_of, schema_files
    from cmsite.validation.rules import bundled_rules

    path = settings.default_path()
    declared = settings.load(path) if path.is_file() else None
    rules = rules_of(declared.rules, declared.base) if declared is not None else bundled_rules()
    output, count = OutputFolder(folder), 0
    for file in schema_files(rules, ""):
        output.write(file)
        count += 1
    click.echo(f"{count} schemas written below {folder}")


def print_rules(rules: Iterable[FindingCode]) -> None:
    """Print a line for each rule, under the names of the families."""
    from cmsite.pipeline.codes import FAMILIES, family_of
    from cmsite.reporting.explanation import rule_lines

    for line in rule_lines(rules, family_of, FAMILIES, style):
        click.echo(line)


def style(text: str, kind: str) -> str:
    """Return text in the colour of its kind; `click.echo` takes colours away where no terminal reads."""
    return click.style(text, fg=_COLOURS[kind], bold=kind == "heading")
