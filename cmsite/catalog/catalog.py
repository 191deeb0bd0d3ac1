"""The catalogue: every artifact of every repository, joined; renderers and the index read nothing else.

Source: CONTRACT §1 (keys, origins), §10 (edges).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cmsite.diagnostics import Diagnostic
from cmsite.index.records import Record, Status, Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Dependency, Resolution
from cmsite.model.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One dependency of one artifact and what it resolves to, the targets in catalogue order."""

    source: ArtifactKey
    dependency: Dependency
    resolution: Resolution
    targets: tuple[ArtifactKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the publisher decided about an artifact, and why.

    `successor` is a reference to what to use instead, `successor_key` names it where it is in the catalogue.
    """

    status: Status = Status.ACTIVE
    reason: str = ""
    successor: str = ""
    successor_key: ArtifactKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A name that an artifact had before: `key` is where its page was, `target` what it leads to."""

    name: str
    uid: str
    key: ArtifactKey
    target: ArtifactKey
    reference: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All that renderers, index and reports read.

    `repositories` are in the order of registry.yml; `artifacts` in the order (repository, automation, folder);
    `edges` and `used_by` (who needs an artifact) hold only artifacts that have some; `origins` maps (automation uid, uid) to the keys of
    all copies in catalogue order, only where there are several; `findings` are sorted, those of an artifact under
    its key, the others (descriptors, sources) under None; `versions` are oldest first and empty before archiving;
    `standings` has the artifacts about which something was decided, `moves` the old names, `tombstones` what was purged.
    """

    title: str
    registry_id: str
    base_url: str = ""
    contact: str = ""
    repositories: tuple[Repository, ...] = ()
    artifacts: Mapping[ArtifactKey, Artifact] = field(default_factory=dict)
    edges: Mapping[ArtifactKey, tuple[Edge, ...]] = field(default_factory=dict)
    used_by: Mapping[ArtifactKey, tuple[ArtifactKey, ...]] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], tuple[ArtifactKey, ...]] = field(default_factory=dict)
    findings: Mapping[ArtifactKey | None, tuple[Diagnostic, ...]] = field(default_factory=dict)
    versions: Mapping[ArtifactKey, tuple[Version, ...]] = field(default_factory=dict)
    standings: Mapping[ArtifactKey, Standing] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    tombstones: tuple[Record, ...] = ()

    def repository(self, key: str) -> Repository:
        """Return the repository of this key; `KeyError` where there is none (a bug, not an input)."""
        for repository in self.repositories:
            if repository.key == key:
                return repository
        raise KeyError(key)
