"""Dependencies → edges: which artifacts an entry means, and what it is when that is none or several.

Scope and words: CONTRACT §10. An entry resolves in its own repository, then in those that this one says it builds on,
then in the required ones; never across CM and MLC. The first of these scopes with a match decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cmsite.catalog.catalog import Edge
from cmsite.catalog.inheritance import inherited_variations, parse_base
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Dependency, Resolution
from cmsite.model.names import AUTOMATIONS, NO_NAME, NamePair
from cmsite.model.repository import Format, Repository

_TARGET = "script"  # What `deps` means wherever no automation is named.
_FLEX_TARGET = "flex.task"  # Where `deps` of CMX's flex automations are looked up by tags.


class DependencyResolver:
    """Resolves the dependencies of many artifacts; answers are kept, since most entries repeat."""

    def __init__(
        self, artifacts: Iterable[Artifact], repositories: tuple[Repository, ...], required: tuple[str, ...]
    ) -> None:
        """Index artifacts by repository, automation and tag; `required` are keys of repositories read only for this."""
        self._repositories = {repository.key: repository for repository in repositories}
        self._required = required
        self._by_key: dict[ArtifactKey, Artifact] = {}
        self._by_automation: dict[tuple[str, str], list[Artifact]] = defaultdict(list)
        self._by_tag: dict[tuple[str, str, str], list[ArtifactKey]] = defaultdict(list)
        self._by_name: dict[tuple[str, str, str], list[ArtifactKey]] = defaultdict(list)
        self._tags: dict[tuple[str, str], list[str]] = defaultdict(list)  # Filled when it is asked for.
        for artifact in artifacts:
            self._add(artifact)
        self._scopes: dict[str, tuple[tuple[str, ...], bool]] = {}
        self._answers: dict[tuple[object, ...], tuple[Resolution, tuple[ArtifactKey, ...]]] = {}

    def _add(self, artifact: Artifact) -> None:
        repository, automation = artifact.key.repository, artifact.key.automation
        self._by_key[artifact.key] = artifact
        self._by_automation[repository, automation].append(artifact)
        for tag in dict.fromkeys(artifact.tags):
            self._by_tag[repository, automation, tag].append(artifact.key)
        for name in {artifact.alias, artifact.uid} - {""}:
            self._by_name[repository, automation, name].append(artifact.key)

    def edges(self, artifact: Artifact) -> tuple[Edge, ...]:
        """Return one edge a dependency, in the order of the meta."""
        return tuple(self._edge(artifact, dependency) for dependency in artifact.dependencies)

    def base_of(self, artifact: Artifact) -> Artifact | None:
        """Return the artifact that `_base` names, or None where it is not there."""
        base = parse_base(artifact.base)
        if base is None:
            return None
        named = base.automation
        automation = AUTOMATIONS.get(named.uid) or named.alias or artifact.key.automation
        for repository in self._scope(artifact.key.repository)[0]:
            for key in self._named(repository, automation, base.artifact):
                return self._by_key[key]
        return None

    def is_complete(self, repository: str) -> bool:
        """Return whether every repository that this one says it builds on is at hand."""
        return self._scope(repository)[1]

    def in_scope(self, repository: str, automation: str) -> Iterator[Artifact]:
        """Yield the artifacts of an automation that dependencies of a repository may mean."""
        for key in self._scope(repository)[0]:
            yield from self._by_automation.get((key, automation), ())

    def tags_in_scope(self, repository: str, automation: str) -> dict[str, None]:
        """Return the tags that artifacts of an automation have, where dependencies of a repository are looked up."""
        if not self._tags:
            for place, other, tag in self._by_tag:
                self._tags[place, other].append(tag)
        scope = self._scope(repository)[0]
        return {tag: None for place in scope for tag in self._tags.get((place, automation), ())}

    def named_in_scope(self, repository: str, automation: str, name: str) -> Artifact | None:
        """Return the artifact of this alias or uid, or None."""
        for place in self._scope(repository)[0]:
            for key in self._by_name.get((place, automation, name), ()):
                return self._by_key[key]
        return None

    def variations_of(self, key: ArtifactKey) -> tuple[str, ...]:
        """Return the variations of an artifact and of its bases; none where it is not at hand."""
        artifact = self._by_key.get(key)
        if artifact is None:
            return ()
        return inherited_variations(artifact, self.base_of) if artifact.base else artifact.variations

    def holds(self, automation: str, tags: tuple[str, ...] = (), name: NamePair = NO_NAME) -> bool:
        """Return whether any repository at hand has an artifact with all these tags, or of this name, or at all."""
        for repository in self._repositories:
            if name != NO_NAME:
                if self._named(repository, automation, name):
                    return True
            elif not tags:
                if (repository, automation) in self._by_automation:
                    return True
            elif self._with_tags(repository, automation, tags):
                return True
        return False

    def _scope(self, repository: str) -> tuple[tuple[str, ...], bool]:
        """Return the repositories to look in, in order, and whether all that are declared are there."""
        known = self._scopes.get(repository)
        if known is not None:
            return known
        keys, complete = [repository], True
        for need in self._repositories[repository].needs:
            found = [
                other.key
                for other in self._repositories.values()
                if (need.uid and other.uid == need.uid) or (need.alias and other.alias == need.alias)
            ]
            keys.extend(found[:1])
            complete = complete and bool(found)
        keys.extend(self._required)
        scope = (tuple(dict.fromkeys(keys)), complete)
        self._scopes[repository] = scope
        return scope

    def _edge(self, artifact: Artifact, dependency: Dependency) -> Edge:
        automation = target_automation(artifact, dependency)
        family = artifact.format
        question = (
            artifact.key.repository,
            family,
            automation,
            dependency.tags,
            dependency.excluded,
            dependency.variations,
            dependency.target,
        )
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = self._resolve(artifact, automation, dependency)
        resolution, targets = answer
        if dependency.dynamic and resolution is Resolution.UNKNOWN_VARIATION:
            resolution = Resolution.DYNAMIC  # The environment may add the tags that are missing.
        return Edge(source=artifact.key, dependency=dependency, resolution=resolution, targets=targets)

    def _resolve(
        self, artifact: Artifact, automation: str, dependency: Dependency
    ) -> tuple[Resolution, tuple[ArtifactKey, ...]]:
        scope, complete = self._scope(artifact.key.repository)
        for repository in scope:
            hits = self._hits(repository, automation, artifact.format, dependency)
            if not hits:
                continue
            fitting = tuple(key for key in hits if self._has_variations(self._by_key[key], dependency.variations))
            if not fitting:
                return Resolution.UNKNOWN_VARIATION, hits
            return (Resolution.FOUND if len(fitting) == 1 else Resolution.ALTERNATIVES), fitting
        return (Resolution.DANGLING if complete else Resolution.UNRESOLVED_HERE), ()

    def _hits(
        self, repository: str, automation: str, family: Format, dependency: Dependency
    ) -> tuple[ArtifactKey, ...]:
        if dependency.target != NO_NAME:
            hits: Iterable[ArtifactKey] = self._named(repository, automation, dependency.target)
        else:
            hits = self._with_tags(repository, automation, dependency.tags)
        excluded = set(dependency.excluded)
        return tuple(
            key
            for key in hits
            if _same_family(self._by_key[key].format, family)
            and not (excluded and excluded.intersection(self._by_key[key].tags))
        )

    def _with_tags(self, repository: str, automation: str, tags: tuple[str, ...]) -> list[ArtifactKey]:
        lists = [self._by_tag.get((repository, automation, tag), []) for tag in tags]
        lists.sort(key=len)
        others = [set(keys) for keys in lists[1:]]
        return [key for key in (lists[0] if lists else []) if all(key in keys for keys in others)]

    def _named(self, repository: str, automation: str, name: NamePair) -> tuple[ArtifactKey, ...]:
        """Return the artifacts of this name; where both sides have a uid only uids count. Source: facts/formats.md §1."""
        for value in (name.uid, name.alias):
            if value and (found := self._by_name.get((repository, automation, value))):
                return tuple(found)
        return ()

    def _has_variations(self, artifact: Artifact, wanted: tuple[str, ...]) -> bool:
        if not wanted:
            return True
        known = inherited_variations(artifact, self.base_of) if artifact.base else artifact.variations
        wildcards = tuple(name[:-1] for name in known if name.endswith(".#"))
        return all(name in known or (bool(wildcards) and name.startswith(wildcards)) for name in wanted)


def used_by(edges: Mapping[ArtifactKey, tuple[Edge, ...]]) -> dict[ArtifactKey, tuple[ArtifactKey, ...]]:
    """Return who needs each artifact, each once, in catalogue order."""
    found: dict[ArtifactKey, dict[ArtifactKey, None]] = defaultdict(dict)
    for key, outgoing in edges.items():
        for edge in outgoing:
            if edge.resolution in (Resolution.FOUND, Resolution.ALTERNATIVES):
                for target in edge.targets:
                    found[target][key] = None
    return {key: tuple(users) for key, users in found.items()}


def target_automation(artifact: Artifact, dependency: Dependency) -> str:
    """Return the automation in which a dependency is looked up."""
    if dependency.automation.alias:
        return dependency.automation.alias
    automation = artifact.key.automation
    return _FLEX_TARGET if automation.startswith("flex.") else _TARGET


def _same_family(one: Format, other: Format) -> bool:
    return one is other
