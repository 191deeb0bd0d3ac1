"""Groups of artifacts that have a page of their own: by automation, by repository, by tag; and totals.

Computed once a build from the catalogue; renderers of lists only read them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.catalog.addresses import automation_address, repository_address, tag_address
from cmsite.catalog.catalog import Catalog
from cmsite.model.artifact import ArtifactKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One group: `kind` is `automation`, `repository` or `tag`; `keys` are in catalogue order."""

    kind: str
    name: str
    address: str
    keys: tuple[ArtifactKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """All groups; automations and tags sorted by name, repositories in the order of registry.yml."""

    automations: tuple[Facet, ...]
    repositories: tuple[Facet, ...]
    tags: tuple[Facet, ...]


def facets_of(catalog: Catalog) -> Facets:
    """Group the artifacts of a catalogue."""
    automations: defaultdict[str, list[ArtifactKey]] = defaultdict(list)
    repositories: dict[str, list[ArtifactKey]] = {repository.key: [] for repository in catalog.repositories}
    tags: defaultdict[str, list[ArtifactKey]] = defaultdict(list)
    for key, artifact in catalog.artifacts.items():
        automations[key.automation].append(key)
        repositories[key.repository].append(key)
        for tag in dict.fromkeys(artifact.tags):
            tags[tag].append(key)
    tags.pop("", None)
    return Facets(
        automations=tuple(_facet("automation", name, automations[name]) for name in sorted(automations)),
        repositories=tuple(_facet("repository", name, keys) for name, keys in repositories.items()),
        tags=tuple(_facet("tag", name, tags[name]) for name in sorted(tags, key=lambda tag: (tag.casefold(), tag))),
    )


def largest(facets: Iterable[Facet], count: int) -> tuple[Facet, ...]:
    """Return the groups with most artifacts, equal ones in their own order."""
    return tuple(sorted(facets, key=lambda facet: -len(facet.keys))[:count])


_ADDRESSES = {"automation": automation_address, "repository": repository_address, "tag": tag_address}


def _facet(kind: str, name: str, keys: list[ArtifactKey]) -> Facet:
    return Facet(kind=kind, name=name, address=_ADDRESSES[kind](name), keys=tuple(keys))
