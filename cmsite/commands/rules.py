"""`cmsite rules`: every kind of finding, a line each."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> None:  # noqa: FBT001
    """List every kind of finding with its code and severity."""
    from cmsite.pipeline.codes import all_codes

    codes = all_codes().values()
    if as_json:
        rows = [
            {"code": code.code, "severity": code.severity.word, "title": code.title, "advice": code.advice}
            for code in codes
        ]
        click.echo(json.dumps({"schema": "cmsite-rules/1", "rules": rows}, ensure_ascii=False, indent=1))
        return
    for code in codes:
        click.echo(f"{code.code} {code.severity.word:7} {code.title}")
