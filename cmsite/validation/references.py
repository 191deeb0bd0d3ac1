"""Rules across artifacts: dependencies here; identities, bases, circles, names and challenges in modules beside.

Each yields a `ReferenceFinding` that names an artifact and a pointer; `run` finds the place in its meta.
"""

from collections.abc import Iterator

from cmsite.catalog.catalog import Catalog, Edge
from cmsite.catalog.dependencies import DependencyResolver, target_automation
from cmsite.model.artifact import Artifact
from cmsite.model.dependency import Resolution
from cmsite.validation.bases import check_bases
from cmsite.validation.challenges import check_challenges
from cmsite.validation.circular_dependencies import check_circular_dependencies
from cmsite.validation.identities import check_identities
from cmsite.validation.recursive_names import check_recursive_names
from cmsite.validation.reference_finding import ReferenceFinding, as_references
from cmsite.validation.script_rules import check_inheriting_script

_NAMED = 5  # How many names a message lists before it counts.


def check_references(catalog: Catalog, resolver: DependencyResolver) -> Iterator[ReferenceFinding]:
    """Yield what is wrong between the artifacts of a catalogue, repository by repository."""
    yield from check_identities(catalog)
    for artifact in catalog.artifacts.values():
        for edge in catalog.edges.get(artifact.key, ()):
            yield from _dependency(catalog, artifact, edge)
        if artifact.base:
            yield from as_references(artifact, check_inheriting_script(artifact, resolver.base_of))
    yield from check_recursive_names(catalog.artifacts.values(), resolver)
    yield from check_bases(catalog.artifacts.values(), resolver)
    yield from check_circular_dependencies(catalog.artifacts, catalog.edges)
    yield from check_challenges(catalog.artifacts.values(), resolver)


def _dependency(catalog: Catalog, artifact: Artifact, edge: Edge) -> Iterator[ReferenceFinding]:
    dependency = edge.dependency
    where = f"{dependency.kind}{f' of {dependency.within}' if dependency.within else ''}"
    names = ", ".join(_name(catalog, artifact, key) for key in edge.targets[:_NAMED])
    if len(edge.targets) > _NAMED:
        names += f" and {len(edge.targets) - _NAMED} more"
    if edge.resolution is Resolution.DANGLING:
        code, message = (
            "CM301",
            f"{where}: no {target_automation(artifact, dependency)} has the tags {dependency.text!r}",
        )
        hint = "correct the tags, or name the repository that has it: `requires:` in registry.yml or --with"
    elif edge.resolution is Resolution.UNKNOWN_VARIATION:
        wanted = ", ".join(f"_{name}" for name in dependency.variations)
        code, message = "CM302", f"{where}: {names} has no variation {wanted}"
        hint = "correct the variation, or add it to the artifact"
    elif edge.resolution is Resolution.ALTERNATIVES:
        code, message, hint = "CM303", f"{where}: {dependency.text!r} means any of {names}", ""
    elif edge.resolution is Resolution.UNRESOLVED_HERE:
        code, message = "CM304", f"{where}: {dependency.text!r} is in none of the repositories at hand"
        hint = "name the repository it builds on: `requires:` in registry.yml or --with"
    else:
        return
    yield ReferenceFinding(code=code, artifact=artifact, pointer=dependency.pointer, message=message, hint=hint)


def _name(catalog: Catalog, artifact: Artifact, key: object) -> str:
    target = catalog.artifacts.get(key)  # type: ignore[call-overload]
    name = target.display_name if target is not None else str(getattr(key, "folder", key))
    repository = getattr(key, "repository", "")
    return name if repository == artifact.key.repository else f"{repository}/{name}"
