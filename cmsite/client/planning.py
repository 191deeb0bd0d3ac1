"""What a pull will do, decided before a byte is fetched. Pure.

Source: CONTRACT §8 (a second artifact of equal uid or case-folded folder in one folder is refused), §2 (origins).
"""

import enum
from dataclasses import dataclass, replace

from cmsite.client.fetching import shown
from cmsite.client.lock import Lock, LockedArtifact
from cmsite.client.resolve import Resolved
from cmsite.errors import IntegrityError, OutputError
from cmsite.index.records import Record, Version
from cmsite.member_names import fold
from cmsite.model.names import is_safe_folder


class Action(enum.Enum):
    """What happens to one artifact; the value is the word that is printed."""

    PULL = "pulled"
    UPDATE = "updated"
    KEEP = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One reference with the artifact that answers it, and where from.

    `asked` is False for what comes along: dependencies, automations. `written` is False where nobody wrote the
    reference: it was made for what tags found.
    """

    reference: str
    registry_id: str
    registry_url: str
    record: Record
    version: Version
    asked: bool = True
    written: bool = True
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return the artifact's folder below the workspace."""
        return f"{self.record.automation}/{self.record.folder}"

    @property
    def origin(self) -> str:
        """Return the artifact with its repository, as messages name it."""
        return f"{self.record.repository}/{self.record.automation}:{self.record.folder}"

    @property
    def identity(self) -> tuple[str, str]:
        """Return what the real clients tell artifacts apart by: (automation, uid)."""
        return self.record.identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One artifact of the plan; `present` is what the lock says of it, None where it is new."""

    choice: Choice
    action: Action
    present: LockedArtifact | None = None


def chosen(
    reference: str,
    registry_id: str,
    registry_url: str,
    resolved: Resolved,
    *,
    asked: bool = True,
    written: bool = True,
) -> Choice:
    """Return the choice for one reference; `registry_url` is what the lock will say of the registry.

    Raises `IntegrityError` where a name of the record cannot be a folder.
    """
    choice = Choice(
        reference=shown(reference) if "://" in reference else reference,
        registry_id=registry_id,
        registry_url=registry_url,
        record=resolved.record,
        version=resolved.version,
        asked=asked,
        written=written,
        notes=resolved.notes,
    )
    if not (is_safe_folder(resolved.record.automation) and is_safe_folder(resolved.record.folder)):
        raise IntegrityError(f"{choice.origin!a}: the name cannot be a folder on every system; tell the publisher")
    return choice


def make_plan(choices: tuple[Choice, ...], lock: Lock) -> tuple[Step, ...]:
    """Return what to do, one step an artifact, in the order asked for.

    Raises `OutputError` where two artifacts cannot stand in one folder.
    """
    steps: dict[str, Step] = {}
    present = {artifact.path: artifact for artifact in lock.artifacts}
    neighbours = _Neighbours()
    for artifact in lock.artifacts:
        neighbours.add(artifact.path, artifact.identity, artifact.origin)
    for choice in choices:
        earlier = steps.get(choice.path)
        if earlier and _same_bytes(earlier.choice, choice):
            if choice.asked and not earlier.choice.asked:
                asked = replace(earlier.choice, asked=True, reference=choice.reference)
                steps[choice.path] = replace(earlier, choice=asked)
            continue
        if earlier and earlier.choice.identity == choice.identity and not choice.written:
            continue  # What a person named comes in the revision that was named.
        locked = present.get(choice.path)
        if earlier is None and locked is not None and _replaces(choice, locked):
            neighbours.remove(locked.path, locked.identity)
        neighbours.refuse(choice, lock)
        neighbours.add(choice.path, choice.identity, choice.origin)
        steps[choice.path] = _step(choice, locked)
    return tuple(steps.values())


class _Neighbours:
    """What stands in the workspace, by the two things that the clients and disks tell artifacts apart by."""

    def __init__(self) -> None:
        self._by_identity: dict[tuple[str, str], tuple[str, str]] = {}
        self._by_folder: dict[str, tuple[str, str]] = {}

    def add(self, path: str, identity: tuple[str, str], origin: str) -> None:
        self._by_identity[identity] = self._by_folder[fold(path)] = (path, origin)

    def remove(self, path: str, identity: tuple[str, str]) -> None:
        self._by_identity.pop(identity, None)
        self._by_folder.pop(fold(path), None)

    def refuse(self, choice: Choice, lock: Lock) -> None:
        """Raise `OutputError` where the artifact cannot stand beside what is there."""
        if twin := self._by_identity.get(choice.identity):
            (path, origin), why = twin, f"has the same uid {choice.record.uid}"
        elif twin := self._by_folder.get(fold(choice.path)):
            (path, origin), why = twin, f"has the folder {twin[0]}"
        else:
            return
        renamed = lock.at(path) is not None and origin.partition("/")[0] == choice.record.repository
        moving = f", or move it, where it was renamed: cmsite lock --update {path}; cmsite pull --locked"
        raise OutputError(
            f"{choice.origin} cannot stand beside {origin}, which {why}: the clients would take one for the other; "
            f"pull it into another folder: --into DIR{moving if renamed and 'uid' in why else ''}"
        )


def _step(choice: Choice, present: LockedArtifact | None) -> Step:
    if present is None:
        return Step(choice=choice, action=Action.PULL)
    same = present.tar_sha256 == choice.version.tar_sha256
    return Step(choice=choice, action=Action.KEEP if same else Action.UPDATE, present=present)


def _same_bytes(one: Choice, other: Choice) -> bool:
    return one.identity == other.identity and one.version.tar_sha256 == other.version.tar_sha256


def _replaces(choice: Choice, artifact: LockedArtifact) -> bool:
    """Return whether the locked artifact is the same one: of the same origin, or with the very same bytes."""
    same_origin = (artifact.registry, artifact.repository) == (choice.registry_id, choice.record.repository)
    same_bytes = artifact.tar_sha256 == choice.version.tar_sha256 and artifact.identity == choice.identity
    return artifact.path == choice.path and (same_origin or same_bytes)
