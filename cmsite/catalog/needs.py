"""Edges → the dependencies of an artifact as its manifest and the index publish them. Pure.

Source: CONTRACT §10; what a choice of variations chooses besides: the script automation of CM and MLC.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cmsite.catalog.catalog import Catalog, Edge
from cmsite.formats.fields import spelled
from cmsite.index.dependencies import MAX_ENTRIES, MAX_ENTRY_TARGETS, Dependencies, Need, VariationRule
from cmsite.model.artifact import Artifact, ArtifactKey


def needs_of(
    edges: Iterable[Edge], reference: Callable[[ArtifactKey], str], *, max_targets: int = MAX_ENTRY_TARGETS
) -> Iterator[Need]:
    """Yield one entry an edge; `reference` names an artifact completely, at most `max_targets` are named an entry."""
    for edge in edges:
        dependency, targets = edge.dependency, edge.targets
        yield Need(
            kind=dependency.kind,
            selection=dependency.text,
            resolution=edge.resolution.value,
            targets=tuple([reference(target) for target in targets[:max_targets]]),
            targets_left_out=max(0, len(targets) - max_targets),
            within=dependency.within,
            condition=dependency.condition,
        )


def complete_reference(key: ArtifactKey, artifact: Artifact | None, *, is_unique: bool = True) -> str:
    """Return what names one artifact of a registry: with its uid where another of its repository has its name."""
    if artifact is None:
        return f"{key.repository}/{key.automation}:{key.folder}"
    name = artifact.display_name
    uid = "" if is_unique or not artifact.uid or artifact.uid == name else f",{artifact.uid}"
    return f"{key.repository}/{key.automation}:{name}{uid}"


def published_dependencies(catalog: Catalog) -> Iterator[tuple[ArtifactKey, Dependencies]]:
    """Yield what the index says of each artifact that needs something."""
    artifacts = catalog.artifacts
    holders = Counter((key.repository, key.automation, artifact.display_name) for key, artifact in artifacts.items())

    def reference(key: ArtifactKey) -> str:
        artifact = artifacts.get(key)
        name = artifact.display_name if artifact else key.folder
        return complete_reference(key, artifact, is_unique=holders[key.repository, key.automation, name] <= 1)

    for key, edges in catalog.edges.items():
        if edges:
            needs = tuple(needs_of(edges[:MAX_ENTRIES], reference))
            left_out = max(0, len(edges) - MAX_ENTRIES)
            yield key, _with_rules(Dependencies(needs=needs, left_out=left_out), artifacts[key].extra)


def _with_rules(dependencies: Dependencies, meta: Mapping[str, Any]) -> Dependencies:
    """Add how variations choose each other, where that decides about an entry."""
    if not any(need.within.startswith("variation ") for need in dependencies.needs):
        return dependencies
    variations = meta.get("variations")
    rules = (_rule(spelled(name), body) for name, body in _mapping(variations).items() if isinstance(body, dict))
    return Dependencies(
        needs=dependencies.needs,
        left_out=dependencies.left_out,
        variations=tuple(rule for rule in rules if rule != VariationRule(rule.name)),
        fills=_names(meta.get("default_variations")),
        fallback=spelled(meta.get("default_variation")),
    )


def _rule(name: str, body: dict[str, Any]) -> VariationRule:
    return VariationRule(
        name=name,
        base=_names(body.get("base")),
        group=spelled(body.get("group")),
        is_default="default" in body,  # Whatever its value: the clients ask no more, and one real meta says "true,".
        fills=_names(body.get("default_variations")),
        alias=spelled(body.get("alias")),
    )


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    """Return the names that a text, a list, or the values of a mapping hold."""
    items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return tuple(name for item in items if (name := spelled(item)))
