"""What is pulled beside references: all artifacts with certain tags, and the automations of what is pulled.

Source: CONTRACT §2 (`pull --tags`), facts/formats.md §5 (what the clients need beside a script), facts/index.md §4,
case 91.
"""

from collections.abc import Sequence
from pathlib import Path

from cmsite.client.lock import Lock
from cmsite.client.naming import full_name, lasting_reference
from cmsite.client.pull import Sourced, sourced
from cmsite.client.query import Query, spelled
from cmsite.client.remote import RemoteRegistry
from cmsite.client.resolve import Resolved, newest, select
from cmsite.errors import NotFoundError, UsageError
from cmsite.index.records import Record, Status
from cmsite.model.names import AUTOMATION_UIDS, NamePair
from cmsite.model.reference import Reference

_AUTOMATION = "automation"
# What `cm run script` calls besides its own automation. Source: facts/formats.md §5.
_CALLED = {"script": ("cache", "utils")}


def select_by_tags(
    query: Query, *, registries: Sequence[RemoteRegistry], into: Path, limit: int
) -> tuple[tuple[Sourced, ...], tuple[str, ...]]:
    """Return every artifact that a query finds, and notes about those that cannot be had.

    A later registry gives nothing whose name an earlier one has.

    Raises `NotFoundError` where none is found, `UsageError` where more than `limit` are.
    """
    found: list[tuple[RemoteRegistry, Record]] = []
    notes: list[str] = []
    total = 0
    for position, registry in enumerate(registries):
        answer = registry.search(query, limit + 1)
        total += answer.total
        for hit in answer.hits:
            earlier = next((one for one in registries[:position] if _has_name(one, hit.record)), None)
            if earlier is not None:
                notes.append(f"{hit.record.name} of {registry.label} is left out: {earlier.label} has this name")
                total -= 1
            else:
                found.append((registry, hit.record))
    if len(found) > limit:
        raise UsageError(
            f"{total} artifacts{_shown(query)}, and at most {limit} are pulled at once; "
            f"name more tags, or allow them with --limit {total}"
        )
    wanted = []
    for registry, record in found:
        version = newest(record)
        why = "is quarantined by its publisher" if record.status is Status.QUARANTINED else ""
        why = why or ("has no published revision, or every one was taken back" if version is None else "")
        why = why or ("is published as a record only, without bytes" if version and version.url == "" else "")
        if why or version is None:
            notes.append(f"{full_name(record)} {why}; it is left out")
            continue
        said = (f"{full_name(record)} is deprecated by its publisher",) if record.status is Status.DEPRECATED else ()
        resolved = Resolved(record=record, version=version, notes=said)
        wanted.append(sourced(lasting_reference(record), registry, resolved, into=into, written=False))
    if not wanted:
        labels = ", ".join(registry.label for registry in registries)
        raise NotFoundError(
            f"there is no artifact{_shown(query)} in {labels}{'; ' + '; '.join(notes) if notes else ''}"
        )
    return tuple(wanted), tuple(notes)


def automations_of(wanted: Sequence[Sourced], *, lock: Lock, into: Path) -> tuple[tuple[Sourced, ...], tuple[str, ...]]:
    """Return the automations of what is pulled, from the same repositories, and notes about those that they lack.

    An automation that comes along already, or lies in the workspace, is not taken twice: the clients run one of a uid.
    """
    notes: list[str] = []
    added: dict[tuple[str, str], Sourced] = {}
    present = {item.choice.identity for item in wanted} | {artifact.identity for artifact in lock.artifacts}
    origins = {
        (item.choice.registry_id, item.choice.record.repository, item.choice.record.automation): item
        for item in wanted
        if item.choice.record.automation != _AUTOMATION
    }
    for item in origins.values():
        record = item.choice.record
        main = _automation(item, NamePair(alias=record.automation, uid=record.automation_uid), into)
        if main is None:
            notes.append(
                f"{record.repository} has no automation {record.automation} to bring along; without one, cm finds "
                f"its artifacts by `cm find {record.automation},{record.automation_uid} NAME --common`"
            )
        called = (_automation(item, NamePair(alias=name), into) for name in _CALLED.get(record.automation, ()))
        for one in (main, *called):
            if one is not None and one.choice.identity not in present:
                added.setdefault(one.choice.identity, one)
    return tuple(added.values()), tuple(notes)


def _automation(item: Sourced, name: NamePair, into: Path) -> Sourced | None:
    repository = item.choice.record.repository
    reference = Reference(
        text=f"{repository}/{_AUTOMATION}:{name.alias or name.uid}",
        automation=NamePair(alias=_AUTOMATION, uid=AUTOMATION_UIDS[_AUTOMATION]),
        name=name,
        repository=repository,
    )
    hits = item.registry.hits(reference)
    if not hits:
        return None
    resolved = select(reference, hits)
    return sourced(lasting_reference(resolved.record), item.registry, resolved, into=into, asked=False)


def _has_name(registry: RemoteRegistry, record: Record) -> bool:
    name = Reference(text=record.name, automation=NamePair(alias=record.automation), name=NamePair(alias=record.alias))
    return bool(registry.hits(name))


def _shown(query: Query) -> str:
    parts = [*map(spelled, query.keys), *(f"-{spelled(key)}" for key in query.excluded)]
    return f" with the tags {','.join(parts)}" if parts else ""
