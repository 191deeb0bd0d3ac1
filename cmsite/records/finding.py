"""The paper or artifact that is meant, and the repository to write into.

Read are the sources of registry.yml where there is one, and the repository around the current folder: only the metas
of the automation that is asked for. Source: CONTRACT §2 (references), §5 (sources).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cmsite import settings
from cmsite.archives import Member, tar_bytes
from cmsite.catalog.join import with_uid
from cmsite.errors import AmbiguousError, NotFoundError, UsageError
from cmsite.formats.layout import CM_DESCRIPTORS, ArtifactFolder
from cmsite.formats.reading import read_artifact
from cmsite.model.artifact import Artifact
from cmsite.model.names import PAPER, is_safe_folder, is_uid
from cmsite.model.reference import Reference, near_names, parse_reference
from cmsite.pipeline.ingest import OpenedSource, Scan, open_sources, scan
from cmsite.settings import SourceSpec
from cmsite.sources.folder import FolderTree
from cmsite.sources.opening import tree_of_path
from cmsite.validation.rules import bundled_rules

MAX_HASHED_BYTES = 50_000_000  # Of an artifact whose content digest is taken.


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An artifact, and where its repository lies on this machine; `repository` is None where it lies nowhere."""

    artifact: Artifact
    repository: Path | None
    tar_sha256: str = ""


class Places:
    """What can be searched from here."""

    def __init__(self, scanned: Scan, registry_id: str) -> None:
        self.scanned = scanned
        self._registry_id = registry_id

    def paper(self, text: str) -> Found:
        """Return the paper that a reference names; a plain alias will do."""
        bare = text.rsplit(",", maxsplit=1)[-1].strip()
        plain = ":" not in text and "/" not in text and not is_uid(text.strip()) and not is_uid(bare)
        reference = parse_reference(f"{PAPER}:{text.strip()}" if plain else text)
        return self._one(reference, PAPER)

    def artifact(self, text: str) -> Found:
        """Return the artifact that a reference names."""
        reference = parse_reference(text)
        return self._one(reference, reference.automation_alias)

    def _one(self, reference: Reference, automation: str) -> Found:
        if reference.page is not None or reference.pin is not None:
            raise UsageError(
                f"{reference.text}: name the artifact as automation:name, as it lies here; `cmsite pull` gets one"
            )
        folders = [folder for folder in self.scanned.folders if not automation or folder.automation == automation]
        hits: list[tuple[Artifact, ArtifactFolder]] = []
        names = []
        for artifact, folder in self._read(folders, automation):
            names.append(f"{artifact.key.automation}:{artifact.display_name}")
            if _is_meant(artifact, reference):
                hits.append((artifact, folder))
        if not hits:
            where = ", ".join(repository.key for repository in self.scanned.repositories) or "no repository"
            near = near_names(reference.key or reference.text, names)
            raise NotFoundError(
                f"{reference.text} is not in what was read here: {where}; name a repository with --into, or a registry.yml with --config",
                near,
            )
        if len({artifact.identity for artifact, _ in hits}) > 1:
            listed = tuple(f"{artifact.key} ({artifact.uid})" for artifact, _ in hits)
            raise AmbiguousError(f"{reference.text} names {len(hits)} different artifacts; name one by its uid", listed)
        artifact, folder = hits[0]
        return Found(
            artifact=artifact, repository=self._folder_of(folder), tar_sha256=self._digest(artifact, folder)
        )  # fmt: skip

    def _read(self, folders: list[ArtifactFolder], automation: str) -> Iterator[tuple[Artifact, ArtifactFolder]]:
        for folder in folders:
            source = self.scanned.sources[folder.repository.source]
            artifact = read_artifact(folder, source.tree.read).artifact
            if artifact is not None and (not automation or artifact.key.automation == automation):
                yield with_uid(artifact, self._registry_id, dict(source.spec.pins)), folder

    def _folder_of(self, folder: ArtifactFolder) -> Path | None:
        tree = self.scanned.sources[folder.repository.source].tree
        return tree.root / folder.repository.path if isinstance(tree, FolderTree) else None

    def _digest(self, artifact: Artifact, folder: ArtifactFolder) -> str:
        """Return the content digest as the index has it, "" for an artifact too large to be read here."""
        if sum(file.size_bytes for file in artifact.files) > MAX_HASHED_BYTES:
            return ""
        import hashlib

        read = self.scanned.sources[folder.repository.source].tree.read
        members = (
            Member(path=file.path, content=read(file.source), executable=file.executable) for file in artifact.files
        )
        return hashlib.sha256(tar_bytes(members)).hexdigest()


def open_places(config: Path | None, into: Path | None) -> Places:
    """Open registry.yml (`config`, or the one of this folder) and the repository around `into` or the current folder.

    Raises `ConfigurationError`, `SourceError`, or `UsageError` where there is nothing to read.
    """
    path = config or settings.default_path()
    opened: tuple[OpenedSource, ...] = ()
    registry_id = "0" * 32
    if config is not None or path.is_file():
        read = settings.load(path)
        registry_id = read.registry_id
        opened = open_sources(read.sources, read.requires, read.base)
    roots = [source.tree.root.resolve() for source in opened if isinstance(source.tree, FolderTree)]
    nearest = nearest_repository(into or Path.cwd())
    if nearest is not None and not any(nearest.resolve().is_relative_to(root) for root in roots):
        spec = SourceSpec(kind="folder", location=nearest.as_posix())
        opened = (*opened, OpenedSource(spec=spec, tree=tree_of_path(nearest)))
    if not opened:
        raise UsageError(
            "there is neither a registry.yml nor a repository (cmr.yaml) here; go into one, or name one with --config "
            "FILE or --into DIR; `cmsite new DIR` begins one"
        )
    return Places(scan(opened, bundled_rules()), registry_id)


def nearest_repository(folder: Path) -> Path | None:
    """Return the nearest parent folder, or the folder itself, that holds a descriptor of CM; None without one."""
    start = folder.absolute()
    return next((place for place in (start, *start.parents) if _is_repository(place)), None)


def repository_to_write(about_into: Path | None, found: Found) -> Path:
    """Return the folder that holds the automations of the repository to write into.

    That is `--into`, else the repository around the current folder, else the one of the paper or artifact.
    """
    if about_into is not None:
        if not _is_repository(about_into):
            raise UsageError(
                f"--into {about_into} is no repository of CM: it holds no cmr.yaml; name one, or make it with `cmsite new`"
            )
        return _inside(about_into)
    repository = nearest_repository(Path.cwd()) or found.repository
    if repository is None or not _is_repository(repository):
        raise UsageError("there is no repository of CM to write into; name one with --into DIR")
    return _inside(repository)


def _inside(repository: Path) -> Path:
    """Return the folder below a repository that holds its automations (`prefix` of cmr.yaml)."""
    from cmsite import documents

    name = next(name for name in CM_DESCRIPTORS if (repository / name).is_file())
    data = documents.parse(name, (repository / name).read_bytes()).data
    prefix = data.get("prefix") if isinstance(data, dict) else None
    if not isinstance(prefix, str) or not prefix.strip("/"):
        return repository
    if not all(is_safe_folder(part) for part in prefix.strip("/").split("/")):
        raise UsageError(f"{repository / name}: `prefix: {prefix!r}` is no folder below it")
    return repository / prefix.strip("/")


def _is_repository(folder: Path) -> bool:
    return any((folder / name).is_file() for name in CM_DESCRIPTORS)


def _is_meant(artifact: Artifact, reference: Reference) -> bool:
    if reference.repository and artifact.key.repository != reference.repository:
        return False
    if reference.name.uid:
        return artifact.uid == reference.name.uid
    return reference.name.alias in (artifact.alias, artifact.key.folder)
