"""Which record and version a reference means, among the records that a registry has for it: pure.

Source: CONTRACT §2 (origins of one uid are no ambiguity), §3 (revisions, yanked, exact pins); facts/index.md §4,
cases 87-90.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cmsite.client.naming import full_name, spelled
from cmsite.errors import AmbiguousError, IntegrityError, NotFoundError
from cmsite.index.records import Record, Status, Version
from cmsite.index.revise import is_redirect
from cmsite.model.names import slug
from cmsite.model.reference import Pin, Reference

_NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a reference means: the record of the first repository, one of its versions, the other origins, and notes.

    Notes are sentences for the user: other origins, renamed, deprecated, yanked or removed.
    """

    record: Record
    version: Version
    others: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()


def matching(reference: Reference, records: Iterable[Record]) -> tuple[Record, ...]:
    """Return the records that a reference names, versions aside, in the order of registry.yml."""
    found = (record for record in records if _names(reference, record))
    return tuple(sorted(found, key=lambda record: (record.rank, record.key)))


def select(
    reference: Reference,
    hits: tuple[Record, ...],
    near: tuple[str, ...] = (),
    look_up: Callable[[Reference], tuple[Record, ...]] | None = None,
) -> Resolved:
    """Return what a reference means among `hits`, which are in the order of registry.yml.

    `look_up` finds all records of a name: candidates are spelled so that they mean one in the whole registry. Raises
    `NotFoundError` (with `near`), `AmbiguousError` where hits are different artifacts, `IntegrityError` for a
    quarantined one, and where two records have one origin.
    """
    living = _living(reference, hits, near)
    chosen, others = _first_origin(reference, living, look_up)
    if chosen.status is Status.QUARANTINED:
        raise IntegrityError(
            f"{reference.text}: {full_name(chosen)} is quarantined by its publisher and is not handed out: "
            f"{chosen.reason or _NO_REASON}"
        )
    version = _version(reference, chosen)
    return Resolved(record=chosen, version=version, others=others, notes=_notes(chosen, version, others))


def newest(record: Record) -> Version | None:
    """Return the newest version that is neither yanked nor purged."""
    return next((version for version in reversed(record.versions) if version.is_offered), None)


def meets(version: Version, pin: Pin) -> bool:
    """Return whether a version is one that a pin asks for."""
    if pin.revision:
        return version.revision == pin.revision
    if pin.sha256:
        return pin.sha256 in (version.tar_sha256, version.archive_sha256)
    return version.label == pin.label


def _names(reference: Reference, record: Record) -> bool:
    if reference.page is not None:
        page = reference.page
        return (slug(record.repository), slug(record.automation), slug(record.folder)) == (
            page.repository,
            page.automation,
            page.folder,
        )
    if reference.repository and reference.repository != record.repository:
        return False
    automation = reference.automation
    if (automation.alias or automation.uid) and not (
        (automation.uid and automation.uid == record.automation_uid)
        or (reference.automation_alias and reference.automation_alias == record.automation)
    ):
        return False
    # The uid decides where both are given, as it does for the clients.
    name = reference.name
    return name.uid == record.uid if name.uid else name.alias == record.alias


def _living(reference: Reference, hits: tuple[Record, ...], near: tuple[str, ...]) -> tuple[Record, ...]:
    """Return the hits that may be handed out: removed artifacts only by an exact pin, digests only where they stand."""
    if not hits:
        raise NotFoundError(f"{reference.text}: no artifact of this name", near)
    pin = reference.pin
    if pin is not None and pin.sha256:
        pinned = tuple(record for record in hits if any(meets(version, pin) for version in record.versions))
        if not pinned:
            raise NotFoundError(
                f"{reference.text}: no revision of {full_name(hits[0])} has this digest; {_offer(hits[0])}"
            )
        hits = pinned
    exact = pin is not None and pin.is_exact
    living = tuple(record for record in hits if record.status.is_listed)
    if all(record.status is Status.PURGED for record in hits):
        raise NotFoundError(
            f"{reference.text}: {full_name(hits[0])} was purged by its publisher, its bytes are gone for ever: "
            f"{hits[0].reason or _NO_REASON}"
        )
    if not living and not exact:
        raise NotFoundError(
            f"{reference.text}: {full_name(hits[0])} was removed from its source; its published revisions resolve by an "
            f"exact pin only; {_offer(hits[0])}"
        )
    return living or hits


def _first_origin(
    reference: Reference, hits: tuple[Record, ...], look_up: Callable[[Reference], tuple[Record, ...]] | None
) -> tuple[Record, tuple[Record, ...]]:
    """Return the first of several copies of one artifact and the others; different artifacts are ambiguous.

    A digest tells even twins apart: those that have it hold the same bytes.
    """
    first = hits[0]
    _refuse_two_of_one_origin(reference, hits)
    strangers = [record for record in hits if record.identity != first.identity]
    twins = [record for record in hits[1:] if record.repository == first.repository]
    if twins and not strangers and reference.pin is not None and reference.pin.sha256:
        return first, tuple(record for record in hits[1:] if record.repository != first.repository)
    if strangers or twins:
        raise AmbiguousError(
            f"{reference.text}: {len(hits)} different artifacts have this name; name one of them",
            spelled(hits, lambda asked, among: meant(asked, look_up(asked) if look_up else among)),
        )
    return first, hits[1:]


def _refuse_two_of_one_origin(reference: Reference, hits: tuple[Record, ...]) -> None:
    """Raise `IntegrityError` where two hits are one origin: nothing could tell them apart."""
    known = set()
    for record in hits:
        if record.key in known and not is_redirect(record):
            raise IntegrityError(
                f"{reference.text}: the index has two records of {full_name(record)} in folder {record.folder!a}, "
                "expected one: it is damaged; tell its publisher"
            )
        if not is_redirect(record):
            known.add(record.key)


def meant(reference: Reference, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Return the records that a reference with its version names, those that are gone only where no other is left."""
    pin = reference.pin
    found = tuple(
        item
        for item in matching(reference, records)
        if pin is None or any(meets(version, pin) for version in item.versions)
    )
    return tuple(item for item in found if item.status.is_listed) or found


def _version(reference: Reference, record: Record) -> Version:
    if not record.versions:
        raise NotFoundError(f"{reference.text}: {full_name(record)} has no published revision; ask its publisher")
    pin = reference.pin
    if pin is None:
        version = newest(record)
        if version is None:
            raise NotFoundError(
                f"{reference.text}: every revision of {full_name(record)} is yanked "
                f"({_last_reason(record)}); an exact pin still gets one; {_offer(record)}"
                if any(version.purged is None for version in record.versions)
                else f"{reference.text}: every revision of {full_name(record)} was purged ({_last_reason(record)})"
            )
        return version
    found = [version for version in reversed(record.versions) if meets(version, pin)]
    kept = [version for version in found if version.purged is None]
    usable = [version for version in kept if pin.is_exact or version.yanked is None]
    if usable:
        return usable[0]
    if kept:
        raise NotFoundError(
            f"{reference.text}: {pin} is yanked ({kept[0].yanked or _NO_REASON}); pin r{kept[0].revision} to "
            "get it all the same"
        )
    if found:
        raise NotFoundError(
            f"{reference.text}: {pin} was purged by its publisher, its bytes are gone for ever: "
            f"{found[0].purged or _NO_REASON}; {_offer(record)}"
        )
    raise NotFoundError(f"{reference.text}: {full_name(record)} has no version {pin}; {_offer(record)}")


def _last_reason(record: Record) -> str:
    kept = [version for version in record.versions if version.purged is None]
    return (kept[-1].yanked if kept else record.versions[-1].purged) or _NO_REASON


def _offer(record: Record) -> str:
    """Return what versions there are, the newest ten."""
    words = [
        f"r{version.revision}{f' ({version.label})' if version.label else ''}"
        for version in reversed(record.versions)
        if version.purged is None
    ]
    more = f" and {len(words) - 10} older" if len(words) > 10 else ""  # noqa: PLR2004 - what fits in a message.
    return f"there are {', '.join(words[:10])}{more}" if words else "it has no published revision"


def _notes(record: Record, version: Version, others: tuple[Record, ...]) -> tuple[str, ...]:
    name = full_name(record)
    notes = []
    if others:
        repositories = ", ".join(dict.fromkeys(other.repository for other in others))
        notes.append(f"{record.name} is taken from {record.repository}; also in {repositories}")
    if record.status is Status.DEPRECATED:
        advice = f"; use {record.successor}" if record.successor else ""
        reason = f": {record.reason}" if record.reason else ""
        notes.append(f"{name} is deprecated by its publisher{reason}{advice}")
    if record.status is Status.MOVED:
        notes.append(f"{name} was renamed to {record.moved}; this is what was published under its old name")
    if record.status is Status.REMOVED:
        notes.append(f"{name} was removed from its source; this is what was published before")
    if version.yanked is not None:
        notes.append(f"{name} r{version.revision} is yanked: {version.yanked or _NO_REASON}")
    return tuple(notes)
