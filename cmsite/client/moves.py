"""From the old name of a renamed artifact to the new one: pure, over a function that looks names up.

Source: CONTRACT §2, §3; docs/index-format.md, "Resolving".
"""

from collections.abc import Callable

from cmsite.client.naming import full_name
from cmsite.client.resolve import meets
from cmsite.errors import AmbiguousError, IntegrityError, NotFoundError, UsageError
from cmsite.index.records import Record, Status
from cmsite.model.reference import Reference, parse_reference

MAX_HOPS = 5  # An artifact that was renamed more often has entries that can be joined.


def followed(
    reference: Reference, look_up: Callable[[Reference], tuple[Record, ...]]
) -> tuple[Reference, tuple[Record, ...], tuple[str, ...]]:
    """Return the reference after all renames, the records it names, and a note for each rename.

    Raises `IntegrityError` for a loop or a chain of more than `MAX_HOPS`, `NotFoundError` where a rename leads to
    nothing, `AmbiguousError` where one name was given up for several.
    """
    hits, passed = look_up(reference), [full_name_of(reference)]
    notes: list[str] = []
    while (moved := _redirect(reference, hits)) is not None:
        if len(notes) == MAX_HOPS:
            raise IntegrityError(
                f"{reference.text}: renamed more than {MAX_HOPS} times in a row ({' → '.join(passed)} → …); "
                "ask the publisher to join the entries"
            )
        old, reference = reference, _target(moved, reference)
        if full_name_of(reference) in passed:
            raise IntegrityError(
                f"{old.text}: its renames lead in a circle ({' → '.join([*passed, full_name_of(reference)])}); "
                "the index is wrong, tell its publisher"
            )
        passed.append(full_name_of(reference))
        notes.append(f"{full_name(moved)} was renamed to {moved.moved}")
        hits = look_up(reference)
        if not hits:
            raise NotFoundError(f"{old.text}: was renamed to {moved.moved}, which this registry does not have")
    return reference, hits, tuple(notes)


def full_name_of(reference: Reference) -> str:
    """Return what a reference says of a name, its version aside."""
    parts = (reference.repository, reference.automation_alias, reference.name.alias, reference.name.uid)
    return "{}/{}:{},{}".format(*parts).strip("/:,")


def _redirect(reference: Reference, hits: tuple[Record, ...]) -> Record | None:
    """Return the record to follow: none where something living has the name, or a pin means what was published before."""
    if any(record.status.is_listed for record in hits):
        return None
    moved = [record for record in hits if record.status is Status.MOVED]
    if not moved:
        return None
    pin = reference.pin
    if pin is not None and any(meets(version, pin) for record in hits for version in record.versions):
        return None
    if pin is not None and pin.revision and moved[0].versions:
        return None  # Revisions of the old name are counted apart from those of the new one.
    targets = {_target(record, reference).name.uid or record.moved for record in moved}
    if len(targets) > 1:
        raise AmbiguousError(
            f"{reference.text}: this name was given up for {len(targets)} different artifacts; name one of them",
            tuple(sorted({record.moved for record in moved})),
        )
    return moved[0]


def _target(moved: Record, reference: Reference) -> Reference:
    """Return what a moved record leads to, with the version that was asked for."""
    try:
        target = parse_reference(moved.moved)
    except UsageError as error:
        raise IntegrityError(
            f"{reference.text}: was renamed, but to what is no reference: {error}; the index is wrong"
        ) from error
    if target.page is not None or target.pin is not None:
        raise IntegrityError(f"{reference.text}: was renamed to {moved.moved!a}, expected a name; the index is wrong")
    pin = reference.pin
    text = f"{moved.moved}@{pin}" if pin is not None else moved.moved
    return Reference(
        text=text,
        automation=target.automation,
        name=target.name,
        repository=target.repository,
        pin=pin,
        variations=reference.variations,
    )
