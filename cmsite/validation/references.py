"""Rules across artifacts: duplicate identities, aliases and folders, dependencies; bases and circles beside.

Each yields a `ReferenceFinding` that names an artifact and a pointer; `run` finds the place in its meta.
"""

from collections import defaultdict
from collections.abc import Iterator

from cmsite.catalog.catalog import Catalog, Edge
from cmsite.catalog.dependencies import DependencyResolver, target_automation
from cmsite.model.artifact import Artifact
from cmsite.model.dependency import Resolution
from cmsite.validation.bases import check_bases
from cmsite.validation.circular_dependencies import check_circular_dependencies
from cmsite.validation.recursive_names import check_recursive_names
from cmsite.validation.reference_finding import ReferenceFinding, as_references
from cmsite.validation.script_rules import check_inheriting_script

_NAMED = 5  # How many names a message lists before it counts.


def check_references(catalog: Catalog, resolver: DependencyResolver) -> Iterator[ReferenceFinding]:
    """Yield what is wrong between the artifacts of a catalogue, repository by repository."""
    yield from _duplicates(catalog)
    for artifact in catalog.artifacts.values():
        yield from _alias(artifact)
        for edge in catalog.edges.get(artifact.key, ()):
            yield from _dependency(catalog, artifact, edge)
        if artifact.base:
            yield from as_references(artifact, check_inheriting_script(artifact, resolver.base_of))
    yield from check_recursive_names(catalog.artifacts.values(), resolver)
    yield from check_bases(catalog.artifacts.values(), resolver)
    yield from check_circular_dependencies(catalog.artifacts, catalog.edges)


def _duplicates(catalog: Catalog) -> Iterator[ReferenceFinding]:
    """Duplicates count within one repository: copies in several are origins of one artifact (CONTRACT §1)."""
    uids: dict[tuple[str, tuple[str, str]], list[Artifact]] = defaultdict(list)
    aliases: dict[tuple[str, str, str], list[Artifact]] = defaultdict(list)
    for artifact in catalog.artifacts.values():
        if artifact.uid and not artifact.uid_derived:
            uids[artifact.key.repository, artifact.identity].append(artifact)
        if artifact.alias:
            aliases[artifact.key.repository, artifact.key.automation, artifact.alias].append(artifact)
    for (_, identity), group in uids.items():
        yield from _same(group, "CM104", "/uid", f"uid {identity[1]}", "draw a new uid for the copy")
    for (_, _, alias), group in aliases.items():
        yield from _same(group, "CM105", "/alias", f"alias {alias!r}", "rename one, folder and alias")


def _same(group: list[Artifact], code: str, pointer: str, what: str, hint: str) -> Iterator[ReferenceFinding]:
    if len(group) < 2:  # noqa: PLR2004 - it takes two.
        return
    for artifact in group:
        others = ", ".join(other.path for other in group if other is not artifact)
        yield ReferenceFinding(
            code=code, artifact=artifact, pointer=pointer, message=f"{what} is also that of {others}", hint=hint
        )


def _alias(artifact: Artifact) -> Iterator[ReferenceFinding]:
    folder, alias = artifact.key.folder, artifact.alias
    if alias == folder or (not alias and artifact.uid == folder.lower()):
        return
    if alias:
        message = f"alias {alias!r} differs from the folder {folder!r}"
        yield ReferenceFinding(
            code="CM103",
            artifact=artifact,
            pointer="/alias",
            message=message,
            hint="make them equal: people look for the folder, clients for the alias",
        )
    elif not artifact.uid_derived:
        message = f"the alias is empty, but the folder {folder!r} is not the uid {artifact.uid}"
        yield ReferenceFinding(
            code="CM103", artifact=artifact, pointer="/alias", message=message, hint="write the alias"
        )


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
