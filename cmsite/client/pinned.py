"""What a lock pins, found again in the registry that it names, and nowhere else.

A locked artifact comes from the registry with its id, whatever address serves that now; two registries that hold the
same bytes share bytes, not names. Source: facts/index.md §4, cases 88, 90, 91, 100.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cmsite.client.lock import Lock, LockedArtifact
from cmsite.client.moves import followed
from cmsite.client.pull import Sourced, sourced
from cmsite.client.registries import configured, open_registries
from cmsite.client.remote import RemoteRegistry
from cmsite.client.resolve import Resolved, select
from cmsite.client.workspace import Workspace
from cmsite.errors import AmbiguousError, IntegrityError, NotFoundError
from cmsite.index.records import Record, Status
from cmsite.model.names import NamePair
from cmsite.model.reference import Pin, Reference, near_names, parse_reference

_SHOWN_NAMES = 5  # Of a lock, in a message.

# (id, the address that the lock names) → registry.
Opener = Callable[[str, str], RemoteRegistry]


class PinnedRegistries:
    """The registries of a lock by their ids, each opened once.

    `given` are those the user named for this command: then no other is asked. Without them, a configured registry of
    the id is asked, else the address that the lock names.
    """

    def __init__(
        self, workspace: Workspace, lock: Lock, given: Sequence[RemoteRegistry] = (), opener: Opener | None = None
    ) -> None:
        self._addresses = dict(lock.registries)
        self._given = given
        self._opener = opener or (lambda registry_id, address: _opened(workspace.root, registry_id, address))
        self._open: dict[str, RemoteRegistry] = {}

    def pinned(self, artifacts: Sequence[LockedArtifact], into: Path) -> tuple[Sourced, ...]:
        """Return the artifacts as their registries have them; raises as `pin`."""
        found = zip(artifacts, self.records(artifacts), strict=True)
        return tuple(pin(artifact, self.of(artifact), hits, into) for artifact, hits in found)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what the registries had to say."""
        return tuple(note for registry in self._open.values() for note in registry.notes)

    def of(self, artifact: LockedArtifact) -> RemoteRegistry:
        """Return the registry of an artifact.

        Raises `IntegrityError` where another registry answers at its address, errors of fetching.
        """
        registry = self._open.get(artifact.registry)
        if registry is None:
            registry = self._open[artifact.registry] = self._found(artifact)
        return registry

    def records(self, artifacts: Sequence[LockedArtifact]) -> tuple[tuple[Record, ...], ...]:
        """Return for each artifact what `records_of` does; those of one registry are looked up together."""
        known: dict[str, dict[tuple[str, str, str], Record]] = {}
        for registry_id in dict.fromkeys(artifact.registry for artifact in artifacts):
            same = [artifact for artifact in artifacts if artifact.registry == registry_id]
            found = self.of(same[0]).named(f"{artifact.automation}:{artifact.alias}" for artifact in same)
            known[registry_id] = {record.key: record for record in found if record.status is not Status.MOVED}
        return tuple(self._records(artifact, known[artifact.registry]) for artifact in artifacts)

    def _records(self, artifact: LockedArtifact, known: Mapping[tuple[str, str, str], Record]) -> tuple[Record, ...]:
        record = known.get((artifact.repository, artifact.automation, artifact.folder))
        if record is not None and record.identity == artifact.identity:
            return (record,)
        return records_of(artifact, self.of(artifact))  # Renamed, or gone.

    def _found(self, artifact: LockedArtifact) -> RemoteRegistry:
        wanted = artifact.registry
        if self._given:
            same = next((registry for registry in self._given if registry.registry_id == wanted), None)
            if same is None:
                got = ", ".join(f"{registry.label} ({registry.registry_id})" for registry in self._given)
                raise IntegrityError(
                    f"{artifact.path} is locked to the registry {wanted}, and this is {got}; the same name in another "
                    "registry is another artifact; ask the registry of the lock, or pull into another folder"
                )
            return same
        registry = self._opener(wanted, self._addresses[wanted])
        if registry.registry_id != wanted:
            raise IntegrityError(
                f"{artifact.path} is locked to the registry {wanted}, but {registry.label} is {registry.registry_id} "
                "now; if its publisher confirms this, remove the artifact and pull it anew"
            )
        return registry


def pin(artifact: LockedArtifact, registry: RemoteRegistry, hits: tuple[Record, ...], into: Path) -> Sourced:
    """Return the locked artifact as its registry has it, in one of the records `hits`: the very same content.

    Raises `NotFoundError` where the registry has it no more, `IntegrityError` where the revision has other content
    (case 88) or is quarantined (case 90).
    """
    if not hits:
        raise NotFoundError(
            f"{registry.label} no longer has {artifact.origin}, which the lock pins; `cmsite remove` it, "
            "or ask the publisher"
        )
    record, wanted = hits[0], artifact.tar_sha256
    if not any(version.tar_sha256 == wanted for version in record.versions):
        known = {version.revision: version.tar_sha256 for version in record.versions}
        now = known.get(artifact.revision)
        found = f"sha256:{now}" if now else "no longer published"
        advice = (
            f"it is a preview, which counts anew: `cmsite lock --update {artifact.path}` takes what it has now"
            if registry.root.is_preview
            else "a published revision never changes, so ask the publisher; if this is right, "
            f"`cmsite remove {artifact.path}` and pull it"
        )
        raise IntegrityError(
            f"{artifact.origin}: the lock pins r{artifact.revision} as sha256:{wanted}, in {registry.label} it is {found}; "
            f"nothing was changed; {advice}"
        )
    exact = replace(reference_to(artifact), pin=Pin(sha256=wanted))
    resolved = select(exact, (record,))
    named = replace(
        resolved.record,
        automation=artifact.automation,
        automation_uid=artifact.automation_uid,
        folder=artifact.folder,
        alias=artifact.alias,
        repository=artifact.repository,
    )
    pinned = Resolved(record=named, version=resolved.version, notes=resolved.notes)
    return sourced(artifact.reference, registry, pinned, into=into, asked=artifact.asked)


def records_of(artifact: LockedArtifact, registry: RemoteRegistry) -> tuple[Record, ...]:
    """Return the registry's records of a locked artifact: that of its folder first, then those of its uid."""
    reference = reference_to(artifact)
    hits = registry.hits(reference)
    same = [hit for hit in hits if (hit.automation, hit.folder) == (artifact.automation, artifact.folder)]
    _, further, _ = followed(reference, registry.hits) if hits else (None, (), ())
    return tuple(dict.fromkeys([*same, *hits, *further]))


def reference_to(artifact: LockedArtifact) -> Reference:
    """Return a reference to a locked artifact in its own repository."""
    return Reference(
        text=artifact.origin,
        automation=NamePair(alias=artifact.automation, uid=artifact.automation_uid),
        name=NamePair(alias=artifact.alias, uid=artifact.uid),
        repository=artifact.repository,
    )


def locked_by(reference: str, lock: Lock) -> LockedArtifact:
    """Return the artifact of the lock that a reference means.

    Raises `NotFoundError` where the lock has none, or another revision than the reference asks for; `AmbiguousError`.
    """
    exact = [artifact for artifact in lock.artifacts if reference in (artifact.reference, artifact.path)]
    parsed = None if exact else parse_reference(reference)
    hits = exact or [artifact for artifact in lock.artifacts if parsed is not None and _means(parsed, artifact)]
    if len(hits) > 1:
        raise AmbiguousError(
            f"{reference}: {len(hits)} artifacts of the lock have this name; name one of them",
            tuple(f"{artifact.origin}" for artifact in hits),
        )
    if not hits:
        names = [f"{artifact.automation}:{artifact.alias}" for artifact in lock.artifacts]
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        pinned = f"which pins {', '.join(names[:_SHOWN_NAMES])}{more}" if names else "which pins nothing"
        raise NotFoundError(f"{reference} is not in the lock, {pinned}", near_names(reference, names))
    (artifact,) = hits
    if parsed is not None and parsed.pin is not None and not _is_pinned(parsed.pin, artifact):
        raise NotFoundError(
            f"{reference} is not in the lock, which has r{artifact.revision} of it (sha256:{artifact.tar_sha256})"
        )
    return artifact


def _means(reference: Reference, artifact: LockedArtifact) -> bool:
    if reference.page is not None:
        return False  # Only by the very same address, since a lock knows no slugs.
    if reference.repository and reference.repository != artifact.repository:
        return False
    automation, name = reference.automation, reference.name
    if automation.uid and automation.uid != artifact.automation_uid:
        return False
    if reference.automation_alias and not automation.uid and reference.automation_alias != artifact.automation:
        return False
    return name.uid == artifact.uid if name.uid else name.alias in (artifact.alias, artifact.folder)


def _is_pinned(wanted: Pin, artifact: LockedArtifact) -> bool:
    if wanted.sha256:
        return wanted.sha256 in (artifact.tar_sha256, artifact.archive_sha256)
    return wanted.revision == artifact.revision if wanted.revision else wanted.label == artifact.label


def _opened(root: Path, registry_id: str, address: str) -> RemoteRegistry:
    """Open the configured registry of an id, else the address of the lock, relative to the workspace."""
    known = next((registry for registry in configured() if registry.registry_id == registry_id), None)
    url = address if "://" in address else (root.resolve() / address).resolve().as_uri()
    (registry,) = open_registries(known.name if known is not None else url)
    return registry
