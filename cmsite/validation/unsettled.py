"""Findings about dependencies that do not lead to exactly one artifact, and what was probably meant; pure.

A repository most of whose dependencies match nothing builds on another one, whether it says so or not: eight public
ones build on cm4mlops, three of them say it. Their entries are notes, not warnings.
Source: CONTRACT §10 (which are notes), facts/formats.md §1 (tags).
"""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from cmsite.catalog.catalog import Catalog, Edge
from cmsite.catalog.dependencies import DependencyResolver, target_automation
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Dependency, Resolution
from cmsite.model.names import NO_NAME
from cmsite.validation.flaws import NearNames
from cmsite.validation.reference_finding import ReferenceFinding
from cmsite.validation.variation_names import VariationNames

Unread = Mapping[str, tuple[str, ...]]
"""Automation → paths of the folders of its artifacts whose metas cannot be read."""

NOTHING_UNREAD: Unread = MappingProxyType({})
SETTLED = frozenset({Resolution.FOUND, Resolution.DYNAMIC})

_FEWEST = 3  # Dependencies that match nothing, from which on a repository may build on another.
_NAMED = 5  # How many names a message lists before it counts.
_NAME_IT = "name the repository that has it: `requires:` in registry.yml or --with"


class Unsettled:
    """Says what is wrong with dependencies; keeps which tags and variations there are, since they are asked again."""

    def __init__(self, catalog: Catalog, resolver: DependencyResolver, unread: Unread = NOTHING_UNREAD) -> None:
        """Take the joined catalogue, what resolved its dependencies, and the folders whose metas cannot be read."""
        self._catalog, self._resolver, self._unread = catalog, resolver, unread
        self._near_tags: dict[tuple[str, str], tuple[dict[str, None], NearNames]] = {}
        self._variations: dict[ArtifactKey, VariationNames] = {}
        self._builds_on_another: frozenset[str] | None = None

    def finding(self, artifact: Artifact, edge: Edge) -> ReferenceFinding:
        """Return the finding about an edge of an artifact that is not settled."""
        dependency = edge.dependency
        where = f"{dependency.kind}{f' of {dependency.within}' if dependency.within else ''}"
        if edge.resolution is Resolution.DANGLING:
            code, message, hint = self._dangling(artifact, dependency)
        elif edge.resolution is Resolution.UNKNOWN_VARIATION:
            code, message = "CM302", f"{self._names(artifact, edge)} has no variation {self._unknown(edge)}"
            hint = "correct the variation, or add it to the artifact"
        elif edge.resolution is Resolution.ALTERNATIVES:
            code, message, hint = "CM303", f"{dependency.text!r} means any of {self._names(artifact, edge)}", ""
        else:
            code, message, hint = _not_at_hand(dependency)
        return ReferenceFinding(
            code=code, artifact=artifact, pointer=dependency.pointer, message=f"{where}: {message}", hint=hint
        )

    def _dangling(self, artifact: Artifact, dependency: Dependency) -> tuple[str, str, str]:
        automation = target_automation(artifact, dependency)
        if dependency.automation != NO_NAME and not self._resolver.holds(automation):
            return _not_at_hand(dependency)
        if automation in self._unread:
            first, more = self._unread[automation][0], len(self._unread[automation]) - 1
            names = f"{first} and {more} more" if more else first
            return "CM304", f"{dependency.text!r} may be {names}, which cannot be read", "mend that first"
        if artifact.key.repository in self._depending():
            text = f"{dependency.text!r} is in none of the repositories at hand, as most of what this one needs"
            return "CM304", text, "say in `deps:` of its descriptor what it builds on, and name that with --with"
        if dependency.target != NO_NAME:
            return "CM301", f"no {automation} is called {dependency.text!r}", f"correct the name, or {_NAME_IT}"
        message = f"no {automation} has the tags {dependency.text!r}"
        return "CM301", message + self._meant(artifact, automation, dependency), f"correct the tags, or {_NAME_IT}"

    def _depending(self) -> frozenset[str]:
        """Return the repositories most of whose dependencies match nothing."""
        if self._builds_on_another is None:
            entries: Counter[str] = Counter()
            dangling: Counter[str] = Counter()
            for key, edges in self._catalog.edges.items():
                entries[key.repository] += len(edges)
                dangling[key.repository] += sum(1 for edge in edges if edge.resolution is Resolution.DANGLING)
            self._builds_on_another = frozenset(
                repository
                for repository, number in dangling.items()
                if number >= _FEWEST and 2 * number > entries[repository]
            )
        return self._builds_on_another

    def _meant(self, artifact: Artifact, automation: str, dependency: Dependency) -> str:
        """Say which tag none has, and what it may stand for."""
        repository = artifact.key.repository
        if (repository, automation) not in self._near_tags:
            tags = self._resolver.tags_in_scope(repository, automation)
            self._near_tags[repository, automation] = (tags, NearNames(tags))
        tags, near = self._near_tags[repository, automation]
        unknown = next((tag for tag in dependency.tags if tag not in tags), None)
        if unknown is None:
            return ""
        named = self._resolver.named_in_scope(repository, automation, unknown)
        if named is not None:
            return f"; {unknown!r} is the name of one with the tags {','.join(named.tags)[:100]!r}"
        return f"; none has {unknown!r}{near.proposal(unknown)}"

    def _unknown(self, edge: Edge) -> str:
        """Return the variations that are not there: those of one target, all that are asked of several."""
        wanted = edge.dependency.variations
        if len(edge.targets) != 1:
            return ", ".join(f"_{name}" for name in wanted)
        key = edge.targets[0]
        if key not in self._variations:
            names = dict.fromkeys(self._resolver.variations_of(key))
            self._variations[key] = VariationNames({"variations": names})
        known = self._variations[key]
        missing = [name for name in wanted if not known.static(name)] or list(wanted)
        return ", ".join(f"_{name}{known.proposal(name)}" for name in missing)

    def _names(self, artifact: Artifact, edge: Edge) -> str:
        names = ", ".join(self._name(artifact, key) for key in edge.targets[:_NAMED])
        more = len(edge.targets) - _NAMED
        return f"{names} and {more} more" if more > 0 else names

    def _name(self, artifact: Artifact, key: ArtifactKey) -> str:
        target = self._catalog.artifacts.get(key)
        name = target.display_name if target is not None else key.folder
        return name if key.repository == artifact.key.repository else f"{key.repository}/{name}"


def _not_at_hand(dependency: Dependency) -> tuple[str, str, str]:
    hint = "name the repository it builds on: `requires:` in registry.yml or --with"
    return "CM304", f"{dependency.text!r} is in none of the repositories at hand", hint
