"""A repository of artifacts: one descriptor (or two) at one folder of a source.

Source: facts/formats.md §1-3; CONTRACT §1 (the key).
"""

import enum
from dataclasses import dataclass, field
from typing import Any

from cmsite.model.certificates import Certificate
from cmsite.model.tree import Provenance


class Format(enum.Enum):
    """The formats artifacts are written in."""

    CM = "cm"
    CK = "ck"
    MLC = "mlc"
    NOTEBOOK = "notebook"
    IMAGE = "image"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryNeed:
    """Another repository that this one says it builds on (`deps` of cmr.yaml or meta.yaml)."""

    alias: str = ""
    uid: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository.

    `key` is unique in a registry; `path` is the descriptor's folder in the source tree ("" is the root); `prefixes`
    are the folders below it that hold automations; `descriptors` the descriptor files' paths in the tree;
    `description` is the whole descriptor with unknown keys; `licenses` the licence and notice files' paths in the tree;
    `certificate` what a codecheck.yml at its root says. `metas_only` says that its artifacts hold nothing beside metas,
    results and texts, as in an extract made for a catalogue: then no file can be missed.
    """

    key: str
    alias: str
    uid: str
    source: int
    path: str
    formats: tuple[Format, ...]
    provenance: Provenance
    version: str = ""
    prefixes: tuple[str, ...] = ("",)
    needs: tuple[RepositoryNeed, ...] = ()
    descriptors: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    certificate: Certificate | None = None
    publish_bytes: bool = True
    metas_only: bool = False
    description: dict[str, Any] = field(default_factory=dict)
