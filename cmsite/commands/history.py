"""`cmsite history REF`: every revision of an artifact, the withdrawn ones too, with what became of each."""

import time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cmsite.client.remote import RemoteRegistry
    from cmsite.index.records import Record, Version

SCHEMA = "cmsite-history/1"


@click.command()
@click.argument("reference", metavar="REF")
@click.option(
    "--registry", "selected", default=None, metavar="NAME|URL", help="A configured name, an address or a folder."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(reference: str, selected: str | None, as_json: bool) -> None:  # noqa: FBT001 - click's calling convention.
    """Show all revisions of the artifact REF, the newest first, with dates, labels, sizes, digests and marks.

    Artifacts that are quarantined, removed, renamed or purged have their history too.
    """
    from cmsite.client.past_records import history_in
    from cmsite.client.registries import registries_for
    from cmsite.commands.terminal import print_json, print_notes
    from cmsite.model.reference import parse_reference

    parsed = parse_reference(reference)
    registries = registries_for([parsed], selected)
    registry, records = history_in(registries, parsed)
    print_notes(note for known in registries for note in known.notes)
    if as_json:
        print_json(_document(registry, records))
        return
    for number, record in enumerate(records):
        if number:
            click.echo()
        _print_record(record)


def _document(registry: "RemoteRegistry", records: "tuple[Record, ...]") -> dict[str, Any]:
    from cmsite.commands.show import registry_value, version_value

    return {
        "schema": SCHEMA,
        "registry": registry_value(registry),
        "records": [
            {
                "automation": record.automation,
                "alias": record.alias,
                "uid": record.uid,
                "repository": record.repository,
                "status": record.status.value,
                "reason": record.reason,
                "successor": record.successor,
                "moved": record.moved,
                "versions": [version_value(version) for version in reversed(record.versions)],
            }
            for record in records
        ],
    }


def _print_record(record: "Record") -> None:
    from cmsite.commands.show import standing
    from cmsite.commands.terminal import printable

    click.echo(printable(f"{record.name}  {record.uid}  {record.repository}  {standing(record)}"))
    for version in reversed(record.versions):
        click.echo(printable("  ".join(part for part in _parts(version) if part)))
    if not record.versions:
        click.echo("no published revision")


def _parts(version: "Version") -> tuple[str, ...]:
    return (
        f"r{version.revision}",
        time.strftime("%Y-%m-%d", time.gmtime(version.time_s)) if 0 < version.time_s < _END_S else "no date",
        version.label,
        f"{version.size_bytes:,} bytes",
        f"sha256:{version.tar_sha256}",
        f"yanked: {version.yanked or 'no reason given'}" if version.yanked is not None else "",
        f"purged: {version.purged or 'no reason given'}" if version.purged is not None else "",
    )


_END_S = 253_402_300_800  # The year 10000, which a date of four digits cannot say.
