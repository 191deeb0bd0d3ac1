"""Artifacts of several repositories → one catalogue: unique keys, origins, edges; pure.

Source: CONTRACT §1 (repository keys, origins, derived uids) and §10 (edges).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from cmsite.catalog.catalog import Catalog, Edge
from cmsite.catalog.dependencies import DependencyResolver, used_by
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.names import derived_uid
from cmsite.model.repository import Repository


def with_unique_keys(repositories: Iterable[Repository]) -> tuple[Repository, ...]:
    """Give each repository a key of its own: a second equal one gets `-2`, a third `-3`.

    Source: CONTRACT §1.
    """
    taken: set[str] = set()
    found = []
    for repository in repositories:
        key, number = repository.key, 1
        while key in taken:
            number += 1
            key = f"{repository.key}-{number}"
        taken.add(key)
        found.append(repository if key == repository.key else replace(repository, key=key))
    return tuple(found)


def with_uid(artifact: Artifact, registry_id: str, pins: dict[str, str]) -> Artifact:
    """Give an artifact without a CM uid the one pinned in registry.yml, else the derived one: CONTRACT §1."""
    if artifact.uid:
        return artifact
    uid = pins.get(artifact.path) or derived_uid(
        registry_id, artifact.key.repository, artifact.key.automation, artifact.path
    )
    return replace(artifact, uid=uid, uid_derived=True)


def join(
    *,
    title: str,
    registry_id: str,
    repositories: tuple[Repository, ...],
    artifacts: Iterable[Artifact],
    required: tuple[Repository, ...] = (),
    required_artifacts: Iterable[Artifact] = (),
    base_url: str = "",
    contact: str = "",
) -> tuple[Catalog, DependencyResolver]:
    """Join what was read into a catalogue without findings and versions, and return it with its resolver.

    `required` repositories are looked into for dependencies only; they are no part of the catalogue.
    """
    rank = {repository.key: number for number, repository in enumerate(repositories)}
    ordered = sorted(artifacts, key=lambda item: (rank[item.key.repository], item.key.automation, item.key.folder))
    resolver = DependencyResolver(
        [*ordered, *required_artifacts], (*repositories, *required), tuple(repository.key for repository in required)
    )
    edges: dict[ArtifactKey, tuple[Edge, ...]] = {
        artifact.key: resolver.edges(artifact) for artifact in ordered if artifact.dependencies
    }
    catalog = Catalog(
        title=title,
        registry_id=registry_id,
        base_url=base_url,
        contact=contact,
        repositories=repositories,
        artifacts={artifact.key: artifact for artifact in ordered},
        edges=edges,
        used_by=used_by(edges),
        origins=_origins(ordered),
    )
    return catalog, resolver


def _origins(artifacts: list[Artifact]) -> dict[tuple[str, str], tuple[ArtifactKey, ...]]:
    """Return the identities that stand in more than one repository; twice in one repository is a finding instead."""
    keys: dict[tuple[str, str], list[ArtifactKey]] = defaultdict(list)
    for artifact in artifacts:
        if artifact.uid and not artifact.uid_derived:
            keys[artifact.identity].append(artifact.key)
    return {identity: tuple(found) for identity, found in keys.items() if len({key.repository for key in found}) > 1}
