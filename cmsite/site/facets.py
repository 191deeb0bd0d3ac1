"""Groups of artifacts that have a page of their own: by automation, category, repository, tag, author and licence.

Computed once a build from the catalogue; renderers of lists only read them. Within every group artifacts are sorted by
name, so that a list may be cut into pages and jumped into by letter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cmsite.catalog.addresses import (
    author_address,
    automation_address,
    category_address,
    license_address,
    repository_address,
    tag_address,
)
from cmsite.catalog.catalog import Catalog
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.site.letters import order

MAX_TITLE = 200  # Characters.
KINDS = ("automation", "category", "repository", "tag", "author", "license")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One group: `kind` is one of `KINDS`; `keys` are sorted by the names of the artifacts."""

    kind: str
    name: str
    address: str
    keys: tuple[ArtifactKey, ...]

    @property
    def title(self) -> str:
        """Return the name as pages show it: cut where it is very long."""
        return self.name if len(self.name) <= MAX_TITLE else f"{self.name[: MAX_TITLE - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """All groups, each kind sorted by name, repositories in the order of registry.yml."""

    automations: tuple[Facet, ...]
    categories: tuple[Facet, ...]
    repositories: tuple[Facet, ...]
    tags: tuple[Facet, ...]
    authors: tuple[Facet, ...]
    licenses: tuple[Facet, ...]

    def of(self, kind: str) -> tuple[Facet, ...]:
        """Return the groups of one kind."""
        by_kind = (self.automations, self.categories, self.repositories, self.tags, self.authors, self.licenses)
        return dict(zip(KINDS, by_kind, strict=True))[kind]


def facets_of(catalog: Catalog) -> Facets:
    """Group the artifacts of a catalogue."""
    groups: dict[str, defaultdict[str, list[ArtifactKey]]] = {kind: defaultdict(list) for kind in KINDS}
    artifacts = catalog.artifacts
    for key in sorted(artifacts, key=lambda key: (*order(artifacts[key].display_name), key)):
        for kind, names in _NAMES.items():
            for name in names(artifacts[key]):
                groups[kind][name].append(key)
    repositories = tuple(
        _facet("repository", item.key, groups["repository"].get(item.key, ())) for item in catalog.repositories
    )
    return Facets(
        automations=_sorted("automation", groups),
        categories=_sorted("category", groups),
        repositories=repositories,
        tags=_sorted("tag", groups),
        authors=_sorted("author", groups),
        licenses=_sorted("license", groups),
    )


def neighbours_of(facets: Facets) -> dict[ArtifactKey, tuple[ArtifactKey | None, ArtifactKey | None]]:
    """Return what stands before and behind each artifact among those of its automation in its repository."""
    found: dict[ArtifactKey, tuple[ArtifactKey | None, ArtifactKey | None]] = {}
    for facet in facets.automations:
        lists: defaultdict[str, list[ArtifactKey]] = defaultdict(list)
        for key in facet.keys:
            lists[key.repository].append(key)
        for keys in lists.values():
            before, after = (None, *keys[:-1]), (*keys[1:], None)
            found.update(zip(keys, zip(before, after, strict=True), strict=True))
    return found


def largest(facets: Iterable[Facet], count: int) -> tuple[Facet, ...]:
    """Return the groups with most artifacts, equal ones in their own order."""
    return tuple(sorted(facets, key=lambda facet: -len(facet.keys))[:count])


_ADDRESSES: Mapping[str, Callable[[str], str]] = {
    "automation": automation_address,
    "category": category_address,
    "repository": repository_address,
    "tag": tag_address,
    "author": author_address,
    "license": license_address,
}
_NAMES: Mapping[str, Callable[[Artifact], Iterable[str]]] = {
    "automation": lambda artifact: (artifact.key.automation,),
    "category": lambda artifact: (artifact.category,) if artifact.category else (),
    "repository": lambda artifact: (artifact.key.repository,),
    "tag": lambda artifact: dict.fromkeys(filter(None, artifact.tags)),
    "author": lambda artifact: artifact.authors,
    "license": lambda artifact: (artifact.license,) if artifact.license else (),
}


def _sorted(kind: str, groups: Mapping[str, Mapping[str, list[ArtifactKey]]]) -> tuple[Facet, ...]:
    return tuple(_facet(kind, name, groups[kind][name]) for name in sorted(groups[kind], key=order))


def _facet(kind: str, name: str, keys: Iterable[ArtifactKey]) -> Facet:
    return Facet(kind=kind, name=name, address=_ADDRESSES[kind](name), keys=tuple(keys))
