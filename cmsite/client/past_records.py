"""The records of a name whatever became of them: for a history, which hides nothing."""

from collections.abc import Sequence

from cmsite.client.moves import followed
from cmsite.client.naming import spelled
from cmsite.client.remote import RemoteRegistry
from cmsite.client.resolve import meant
from cmsite.errors import AmbiguousError, NotFoundError
from cmsite.index.records import Record, Status
from cmsite.model.reference import Reference, without_label


def history_in(registries: Sequence[RemoteRegistry], reference: Reference) -> tuple[RemoteRegistry, tuple[Record, ...]]:
    """Return the first registry that has the name, and its records: all origins, and behind a renamed one the new one.

    A version in the reference does not count. Raises `NotFoundError`, `AmbiguousError` where the name means different
    artifacts, and as `moves.followed` does.
    """
    near: list[str] = []
    for registry in registries:
        found = _records(registry, _without_pin(reference))
        if not found and (other := without_label(reference)) is not None:
            found = _records(registry, other)
        if found:
            return registry, found
        near.extend(registry.near(reference))
    labels = ", ".join(registry.label for registry in registries)
    raise NotFoundError(f"{reference.text}: no such artifact in {labels}", tuple(dict.fromkeys(near)))


def _records(registry: RemoteRegistry, reference: Reference) -> tuple[Record, ...]:
    hits = registry.hits(reference)
    living = tuple(record for record in hits if record.status is not Status.MOVED) or hits
    if len({record.identity for record in living}) > 1:
        raise AmbiguousError(
            f"{reference.text}: {len(living)} different artifacts have this name; name one of them",
            spelled(living, lambda asked, _: meant(asked, registry.hits(asked))),
        )
    _, new, _ = followed(reference, registry.hits)
    return (*living, *(record for record in new if record not in living and record.status.is_listed))


def _without_pin(reference: Reference) -> Reference:
    return Reference(
        text=reference.text,
        automation=reference.automation,
        name=reference.name,
        repository=reference.repository,
        site=reference.site,
        page=reference.page,
    )
