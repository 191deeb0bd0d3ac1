"""`cmsite cache dir|size|clean`: what the client keeps of what it fetched."""

from typing import Any

import click

from cmsite.commands.workspaces import JSON_OPTION

_SCHEMA = "cmsite-cache/1"


@click.group()
def command() -> None:
    """Show and clean the folder of fetched files; all of it may be deleted at any time."""


@command.command("dir")
@JSON_OPTION
def show_dir(as_json: bool) -> None:  # noqa: FBT001 - click's calling convention.
    """Print the folder (CMSITE_CACHE names another one)."""
    from cmsite.commands.terminal import print_json
    from cmsite.places import cache_folder

    folder = str(cache_folder())
    if as_json:
        print_json({"schema": _SCHEMA, "folder": folder})
    else:
        click.echo(folder)


@command.command("size")
@JSON_OPTION
def show_size(as_json: bool) -> None:  # noqa: FBT001 - click's calling convention.
    """Print how much is kept, and how much may be (CMSITE_CACHE_MAX sets that)."""
    from cmsite.client.cache_limits import configured_max_bytes, kept_files
    from cmsite.commands.terminal import print_json
    from cmsite.commands.workspaces import readable_size
    from cmsite.places import cache_folder
    from cmsite.reporting.text import plural

    folder, max_bytes = cache_folder(), configured_max_bytes()
    sizes = [file.size_bytes for file in kept_files(folder)]
    if as_json:
        print_json(
            {
                "schema": _SCHEMA,
                "folder": str(folder),
                "files": len(sizes),
                "bytes": sum(sizes),
                "max_bytes": max_bytes,
            }
        )
        return
    click.echo(
        f"{plural(len(sizes), 'file')}, {readable_size(sum(sizes))} of at most {readable_size(max_bytes)}, in {folder}"
    )


@command.command("clean")
@click.option("--older-than", default="", metavar="AGE", help="Only what was not used for so long: 12h, 30d, 8w.")
@JSON_OPTION
def clean(older_than: str, as_json: bool) -> None:  # noqa: FBT001
    """Delete fetched files; they are fetched again when needed."""
    from cmsite.client.cache_limits import delete, kept_files, parse_age
    from cmsite.commands.terminal import print_json
    from cmsite.commands.workspaces import readable_size
    from cmsite.places import cache_folder
    from cmsite.reporting.text import plural

    try:
        age_s = parse_age(older_than) if older_than else 0.0
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--older-than") from error
    folder = cache_folder()
    count, size_bytes = delete(kept_files(folder), _older_than(age_s) if older_than else lambda _file: True)
    if as_json:
        print_json({"schema": _SCHEMA, "folder": str(folder), "deleted_files": count, "deleted_bytes": size_bytes})
        return
    click.echo(f"deleted {plural(count, 'file')}, {readable_size(size_bytes)}, from {folder}")


def _older_than(age_s: float) -> Any:
    import time

    limit_s = time.time() - age_s
    return lambda file: file.used_s < limit_s
