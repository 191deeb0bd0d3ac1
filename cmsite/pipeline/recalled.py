"""What pages look up, kept for the next build: bundled an artifact at a time, and recalled when a page asks.

A recalled context answers what a page of one artifact asks, and refuses what only the whole catalogue can tell.
"""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from cmsite.catalog.catalog import Catalog
from cmsite.diagnostics import Diagnostic
from cmsite.formats.layout import ArtifactFolder
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.repository import Repository
from cmsite.pipeline.memory import NeedsWholeCatalogueError, RememberedArtifacts
from cmsite.site.context import ReadFile, SiteContext
from cmsite.validation.links import OpenLink

Key = TypeVar("Key")
Value = TypeVar("Value")

# Fields of a catalogue and of a context that map an artifact's key to something.
_OF_CATALOG = ("artifacts", "edges", "used_by", "findings", "versions", "standings")
_OF_CONTEXT = ("badges", "neighbours", "tried")
_PLAIN = ("title", "registry_id", "base_url", "contact", "repositories")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One artifact: its folder (without its repository), what reading found, its files in the site, and its values."""

    folder: tuple[Any, ...]
    findings: tuple[Diagnostic | OpenLink, ...]
    paths: tuple[str, ...]
    values: dict[str, Any]

    @property
    def artifact(self) -> Artifact:
        """Return the artifact as the catalogue had it."""
        artifact: Artifact = self.values["artifacts"]
        return artifact

    def folder_in(self, repository: Repository) -> ArtifactFolder:
        """Return the folder that was read."""
        names = ("format", "automation", "folder", "path", "metas", "files")
        return ArtifactFolder(repository=repository, **dict(zip(names, self.folder, strict=True)))


def bundler(
    readings: Mapping[ArtifactKey, tuple[ArtifactFolder, tuple[Diagnostic | OpenLink, ...]]],
) -> "partial[bytes]":
    """Return the function that bundles one artifact; `readings` has its folder and what reading it found."""
    return partial(_bundle, readings)


def _bundle(
    readings: Mapping[ArtifactKey, tuple[ArtifactFolder, tuple[Diagnostic | OpenLink, ...]]],
    context: SiteContext,
    key: ArtifactKey,
    paths: tuple[str, ...],
) -> bytes:
    folder, findings = readings[key]
    values = {name: getattr(context.catalog, name).get(key) for name in _OF_CATALOG}
    values |= {name: getattr(context, name).get(key) for name in _OF_CONTEXT}
    kept = (folder.format, folder.automation, folder.folder, folder.path, folder.metas, folder.files)
    return pack(Bundle(folder=kept, findings=findings, paths=paths, values=values))


def pack(bundle: Bundle) -> bytes:
    """Return a bundle as it is remembered."""
    return pickle.dumps((bundle.folder, bundle.findings, bundle.paths, bundle.values), protocol=5)


def lookups_of(context: SiteContext) -> dict[str, Any]:
    """Return what finds artifacts by something else than their key, as plain values and numbers."""
    numbers = {key: number for number, key in enumerate(context.catalog.artifacts)}
    return {
        "numbers": {(key.repository, key.automation, key.folder): number for key, number in numbers.items()},
        "folders": {place: numbers[key] for place, key in context.folders.items()},
        "names": {name: tuple(numbers[key] for key in keys) for name, keys in context.names.items()},
        "origins": {name: tuple(numbers[key] for key in keys) for name, keys in context.catalog.origins.items()},
    }


def common_of(context: SiteContext) -> dict[str, Any]:
    """Return what all pages share."""
    return {
        **{name: getattr(context.catalog, name) for name in _PLAIN},
        "shells": context.shells,
        "overrides": context.overrides,
        "has_feed": context.has_feed,
    }


class Recalled:
    """The artifacts of the last build; `change` puts others in their place."""

    def __init__(self, remembered: RememberedArtifacts) -> None:
        self.remembered = remembered
        self._keys = list(remembered.lookups["numbers"])
        self._bundles: dict[int, Bundle] = {}

    def number(self, key: ArtifactKey) -> int | None:
        """Return the place of an artifact in the catalogue, None where it has none."""
        found: int | None = self.remembered.lookups["numbers"].get((key.repository, key.automation, key.folder))
        return found

    def bundle(self, number: int) -> Bundle:
        """Return what is remembered of an artifact."""
        if number not in self._bundles:
            folder, findings, paths, values = self.remembered.bundle(number)
            self._bundles[number] = Bundle(folder=folder, findings=findings, paths=paths, values=values)
        return self._bundles[number]

    def change(self, number: int, bundle: Bundle) -> None:
        """Put another artifact in the place of one."""
        self._bundles[number] = bundle

    def context(self, read: ReadFile) -> SiteContext:
        """Return a context that looks up what is remembered."""
        common, lookups = self.remembered.common, self.remembered.lookups
        of_catalog: dict[str, Any] = {name: _OfArtifact(self, name) for name in _OF_CATALOG}
        catalog = Catalog(
            **{name: common[name] for name in _PLAIN},
            **of_catalog,
            origins=_Found(self._several, lookups["origins"]),
        )
        of_context: dict[str, Any] = {name: _OfArtifact(self, name) for name in _OF_CONTEXT}
        unknown: Any = _Unknown()
        return SiteContext(
            catalog=catalog,
            shells=common["shells"],
            read=read,
            overrides=common["overrides"],
            home=b"",
            repositories={repository.key: repository for repository in common["repositories"]},
            folders=_Found(self._one, lookups["folders"]),
            uids=unknown,
            names=_Found(self._several, lookups["names"]),
            facets=unknown,
            relations=unknown,
            uid_groups=(),
            has_feed=common["has_feed"],
            **of_context,
        )

    def _one(self, number: int) -> ArtifactKey:
        repository, automation, folder = self._keys[number]
        return ArtifactKey(repository=repository, automation=automation, folder=folder)

    def _several(self, numbers: tuple[int, ...]) -> tuple[ArtifactKey, ...]:
        return tuple(self._one(number) for number in numbers)


class _OfArtifact(Mapping[ArtifactKey, Any]):
    """One value of every artifact, read from its bundle when asked for."""

    def __init__(self, recalled: Recalled, name: str) -> None:
        self._recalled, self._name = recalled, name

    def __getitem__(self, key: ArtifactKey) -> Any:
        number = self._recalled.number(key)
        value = None if number is None else self._recalled.bundle(number).values[self._name]
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[ArtifactKey]:
        raise NeedsWholeCatalogueError(self._name)

    def __len__(self) -> int:
        raise NeedsWholeCatalogueError(self._name)


class _Found(Mapping[Key, Value], Generic[Key, Value]):
    """Keys of artifacts by something else; `make` turns what is remembered into keys."""

    def __init__(self, make: Any, known: Mapping[Key, Any]) -> None:
        self._make, self._known = make, known

    def __getitem__(self, key: Key) -> Value:
        value: Value = self._make(self._known[key])
        return value

    def __iter__(self) -> Iterator[Key]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class _Unknown:
    """Stands for what is not remembered."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NeedsWholeCatalogueError(name)

    def __getitem__(self, key: object) -> Any:
        raise NeedsWholeCatalogueError(str(key))
