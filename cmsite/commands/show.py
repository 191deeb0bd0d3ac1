"""`cmsite show REF`: what the index says about one artifact."""

from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.access_options import access_options

if TYPE_CHECKING:
    from cmsite.api import Registry, Resolved
    from cmsite.client.remote import RemoteRegistry
    from cmsite.index.records import Record, Version

SCHEMA = "cmsite-show/1"


@click.command()
@click.argument("reference")
@click.option(
    "--registry", "selected", default=None, metavar="NAME|URL", help="A configured name, an address or a folder."
)
@click.option("--deps", "with_deps", is_flag=True, help="Show what `cmsite pull --with-deps` would bring along.")
@access_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    reference: str,
    selected: str | None,
    with_deps: bool,  # noqa: FBT001 - click's calling convention.
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show the artifact REFERENCE: its repository, tags, versions and digests."""
    from cmsite import api
    from cmsite.commands.dependency_lines import left_out_lines, plan_value, tree_lines
    from cmsite.commands.terminal import print_json, print_notes, printable

    resolved = api.resolve(reference, registries=(api.Registry(selected),) if selected else None)
    print_notes(resolved.notes)
    plan = resolved.registry.dependencies(reference) if with_deps else None
    if as_json:
        dependencies = {"dependencies": plan_value(plan)} if plan is not None else {}
        print_json({**_document(resolved), **dependencies})
        return
    _print_text(resolved)
    if plan is not None:
        click.echo("")
        for line in (*tree_lines(plan), *left_out_lines([plan])):
            click.echo(printable(line))


def _document(resolved: "Resolved") -> dict[str, Any]:
    record = resolved.record
    return {
        "schema": SCHEMA,
        "registry": registry_value(resolved.registry),
        "automation": record.automation,
        "automation_uid": record.automation_uid,
        "alias": record.alias,
        "uid": record.uid,
        "repository": record.repository,
        "folder": record.folder,
        "format": record.format,
        "tags": list(record.tags),
        "description": record.description,
        "status": record.status.value,
        "reason": record.reason,
        "successor": record.successor,
        "moved": record.moved,
        "version": version_value(resolved.version),
        "versions": [version_value(version) for version in record.versions],
        "also_in": list(dict.fromkeys(other.repository for other in resolved.others)),
        "notes": list(resolved.notes),
    }


def registry_value(registry: "Registry | RemoteRegistry") -> dict[str, Any]:
    """Return what a document says of the registry it comes from."""
    return {"name": registry.name, "url": registry.url, "registry_id": registry.registry_id}


def standing(record: "Record") -> str:
    """Return the status with what the publisher says about it."""
    words = record.status.value
    if record.reason:
        words += f": {record.reason}"
    if record.successor:
        words += f"; use {record.successor}"
    return f"{words} to {record.moved}" if record.moved else words


def version_value(version: "Version") -> dict[str, Any]:
    """Return a version as documents have it."""
    return {
        "revision": f"r{version.revision}",
        "label": version.label,
        "tar_sha256": version.tar_sha256,
        "archive_sha256": version.archive_sha256,
        "size_bytes": version.size_bytes,
        "time_s": version.time_s,
        "url": version.url,
        "yanked": version.yanked,
        "purged": version.purged,
    }


def _marked(version: "Version") -> str:
    mark = "purged" if version.purged is not None else "yanked" if version.yanked is not None else ""
    return f"r{version.revision} ({mark})" if mark else f"r{version.revision}"


def _print_text(resolved: "Resolved") -> None:
    from cmsite.commands.terminal import printable

    record, version = resolved.record, resolved.version
    label = f" ({version.label})" if version.label else ""
    rows = (
        (record.name, record.uid),
        ("description", record.description),
        ("repository", record.repository),
        ("registry", resolved.registry.name or resolved.registry.url),
        ("tags", ", ".join(record.tags)),
        ("status", standing(record)),
        ("version", f"r{version.revision}{label}, {version.size_bytes} bytes"),
        ("content", f"sha256:{version.tar_sha256}"),
        ("archive", f"sha256:{version.archive_sha256}"),
        ("versions", ", ".join(_marked(known) for known in reversed(record.versions))),
        ("pull", f"cmsite pull {record.repository}/{record.name}@r{version.revision}"),
    )
    for title, text in rows:
        if text:
            click.echo(printable(f"{title:12} {text}"))
