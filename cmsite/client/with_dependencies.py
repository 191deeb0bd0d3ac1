"""What is pulled beside what was asked for: the dependencies, from the same registry and by one plan.

Source: CONTRACT §10, §8 (what stands in the workspace already is not replaced by a copy from elsewhere).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cmsite.client.dependencies import plan_dependencies, refuse_useless_choices
from cmsite.client.dependency_plan import Chosen, DependencyPlan, Wishes
from cmsite.client.dependency_source import DependencySource
from cmsite.client.lock import Lock, LockedArtifact
from cmsite.client.naming import lasting_reference
from cmsite.client.pull import Sourced, sourced
from cmsite.client.resolve import Resolved
from cmsite.errors import CmsiteError, UsageError
from cmsite.member_names import fold
from cmsite.model.reference import parse_reference

# Tags that several artifacts match → those to take, of which the first that matches is taken.
Choices = dict[frozenset[str], tuple[Chosen, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Along:
    """What comes along: `added` is to be pulled beside what was asked for, `plans` say why, one a registry."""

    added: tuple[Sourced, ...]
    plans: tuple[DependencyPlan, ...]
    notes: tuple[str, ...]


def dependencies_of(wanted: Sequence[Sourced], *, all_deps: bool, choices: Choices, lock: Lock, into: Path) -> Along:
    """Return the dependencies of what is pulled; `choices` name one artifact for tags that several match.

    Raises `UsageError` for a choice that chooses nothing; errors of the registries.
    """
    registries = {item.choice.registry_id: item.registry for item in wanted}
    added: list[Sourced] = []
    plans: list[DependencyPlan] = []
    notes: list[str] = []
    present = _Present(lock)
    for registry_id, registry in registries.items():
        asked = [item for item in wanted if item.choice.registry_id == registry_id]
        here = [artifact for artifact in lock.artifacts if artifact.registry == registry_id]
        wishes = Wishes(all_deps=all_deps, choices=choices, present=frozenset(_name(artifact) for artifact in here))
        uses = [
            (Resolved(record=item.choice.record, version=item.choice.version), variations_of(item.choice.reference))
            for item in asked
        ]
        plan = plan_dependencies(uses, DependencySource(registry), wishes)
        plans.append(plan)
        notes.extend(_older(asked))
        for taken in plan.taken:
            if taken.reason is not None:
                reference = lasting_reference(taken.resolved.record)
                item, note = present.beside(sourced(reference, registry, taken.resolved, into=into, asked=False))
                added.extend([item] if item is not None else [])
                notes.extend([note] if note else [])
    refuse_useless_choices(plans)
    return Along(added=tuple(added), plans=tuple(plans), notes=tuple(notes))


def parse_choices(texts: Sequence[str]) -> Choices:
    """Read `TAGS=REF` pairs: tags with commas, then the artifact to take where several have them.

    Raises `UsageError` for what is none.
    """
    choices: Choices = {}
    for text in texts:
        left, equals, right = text.partition("=")
        tags = frozenset(tag for part in left.split(",") if (tag := part.strip()) and not tag.startswith(("_", "-")))
        if not equals or not tags:
            raise UsageError(f"--choose {text}: expected TAGS=REF, for instance get,compiler=script:get-gcc")
        choices[tags] = (*choices.get(tags, ()), Chosen(f"--choose {text}", parse_reference(right)))
    return choices


def variations_of(reference: str) -> tuple[str, ...]:
    """Return the variations that a reference as it was written chooses, none for what is no reference."""
    try:
        return parse_reference(reference).variations
    except CmsiteError:
        return ()


class _Present:
    """What the lock says is here, by what a dependency may meet."""

    def __init__(self, lock: Lock) -> None:
        self._by_path = {artifact.path: artifact for artifact in lock.artifacts}
        self._by_identity = {artifact.identity: artifact for artifact in lock.artifacts}
        self._by_folder = {fold(artifact.path): artifact for artifact in lock.artifacts}

    def beside(self, item: Sourced) -> tuple[Sourced | None, str]:
        """Return what to pull for one dependency, and what to say; nothing takes the place of what is from elsewhere."""
        choice = item.choice
        present = self._by_path.get(choice.path)
        if present is not None:
            same_origin = (present.registry, present.repository) == (choice.registry_id, choice.record.repository)
            if same_origin or present.tar_sha256 == choice.version.tar_sha256:
                return _pinned(item, present)
        if other := self._by_identity.get(choice.identity):
            return None, f"{choice.origin} is here already, from {other.origin}; that one is kept"
        if other := self._by_folder.get(fold(choice.path)):
            return None, f"{choice.origin} is left out: its folder holds {other.origin}"
        return item, ""


def _pinned(item: Sourced, present: LockedArtifact) -> tuple[Sourced, str]:
    """Return the revision that somebody asked for by an exact pin, where one did; else the newest."""
    choice = item.choice
    try:
        is_pinned = present.asked and parse_reference(present.reference).pin is not None
    except CmsiteError:
        is_pinned = False
    version = next((one for one in choice.record.versions if one.tar_sha256 == present.tar_sha256), None)
    if not is_pinned or version is None or version == choice.version:
        return item, ""
    note = f"{choice.origin} stays at r{version.revision}, as {present.reference} asks"
    return replace(item, choice=replace(choice, version=version)), note


def _older(asked: Sequence[Sourced]) -> list[str]:
    """Say where an older revision was asked for: the index knows the dependencies of the newest one."""
    return [
        f"the dependencies of {item.choice.origin} are those of its newest revision, "
        f"r{item.choice.record.versions[-1].revision}, and not of r{item.choice.version.revision}"
        for item in asked
        if item.choice.version != item.choice.record.versions[-1]
    ]


def _name(artifact: LockedArtifact) -> str:
    return f"{artifact.repository}/{artifact.automation}:{artifact.alias}"
