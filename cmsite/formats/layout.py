"""Which folders of a tree are repositories, and which folders of those are artifacts.

A tree may hold several repositories, also one inside another; each file belongs to the innermost one.
Source: facts/formats.md §1 (CM: exactly two levels below the prefix), §2 (CK), §3 (MLC: three targets).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cmsite.model.artifact import ArtifactFile
from cmsite.model.repository import Format, Repository
from cmsite.model.tree import FileEntry

CM_DESCRIPTORS = ("cmr.yaml", "cmr.json")
CK_DESCRIPTOR = ".ckr.json"
MLC_DESCRIPTOR = "meta.yaml"
CM_METAS = ("_cm.yaml", "_cm.json")  # In the order in which CM loads them: JSON replaces keys of YAML.
MLC_METAS = ("meta.yaml", "meta.json")
MLC_TARGETS = ("script", "cache", "experiment", "automation")
CK_FOLDER = ".cm"

# Endings of what an extract of metas and results holds; anything else shows that a repository is whole.
_FEW_OTHERS = 200  # One file of another kind among so many was left there by chance.
_EXTRACTED = frozenset({"json", "yaml", "yml", "md", "txt", "csv", ""})
_LICENSE_STEMS = ("license", "licence", "copying", "notice", "copyright")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFolder:
    """A folder that holds the descriptor of a repository: its path in the tree and the descriptors' file names."""

    path: str
    descriptors: tuple[str, ...]

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the formats its descriptors announce."""
        names = self.descriptors
        formats = []
        if any(name in CM_DESCRIPTORS for name in names) or not names:
            formats.append(Format.CM)
        if MLC_DESCRIPTOR in names:
            formats.append(Format.MLC)
        if CK_DESCRIPTOR in names:
            formats.append(Format.CK)
        return tuple(formats)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFolder:
    """A folder that a client would take for an artifact.

    `path` is in the tree; `metas` are the file names of its metas, relative to it, in the order they are loaded.
    """

    repository: Repository
    format: Format
    automation: str
    folder: str
    path: str
    metas: tuple[str, ...]
    files: tuple[ArtifactFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayMeta:
    """A meta that no client sees (`reason` is `deep`), or a folder beside artifacts without one (`missing`)."""

    path: str
    reason: str


def find_repository_folders(entries: Iterable[FileEntry]) -> tuple[RepositoryFolder, ...]:
    """Return the folders with a descriptor, outermost first, then by path.

    A `meta.yaml` counts where folders named like MLC's targets stand beside it, or another descriptor.
    """
    named: dict[str, set[str]] = defaultdict(set)
    targets: set[str] = set()
    for entry in entries:
        parent, name = _split(entry.path)
        if name in CM_DESCRIPTORS or name in (CK_DESCRIPTOR, MLC_DESCRIPTOR):
            named[parent].add(name)
        if name in MLC_METAS:
            target = _split(parent)[0]
            root, leaf = _split(target)
            if leaf in MLC_TARGETS:
                targets.add(root)
    found = [
        RepositoryFolder(path=path, descriptors=tuple(sorted(names)))
        for path, names in named.items()
        if names != {MLC_DESCRIPTOR} or (path in targets and _split(_split(path)[0])[1] not in MLC_TARGETS)
    ]
    return tuple(sorted(found, key=lambda folder: (folder.path.count("/") + bool(folder.path), folder.path)))


class TreeLayout:
    """The files of one tree, each under the innermost of its repositories."""

    def __init__(self, entries: tuple[FileEntry, ...], repositories: tuple[Repository, ...]) -> None:
        """Assign every entry to a repository; entries outside all of them are in `outside`."""
        self.outside: list[FileEntry] = []
        self._files: dict[str, list[FileEntry]] = {repository.path: [] for repository in repositories}
        owners: dict[str, str | None] = {}
        for entry in entries:
            owner = self._owner(_split(entry.path)[0], owners)
            if owner is None:
                self.outside.append(entry)
            else:
                self._files[owner].append(entry)

    def _owner(self, folder: str, owners: dict[str, str | None]) -> str | None:
        if folder in owners:
            return owners[folder]
        if folder in self._files:
            owner: str | None = folder
        else:
            owner = self._owner(_split(folder)[0], owners) if folder else None
        owners[folder] = owner
        return owner

    def licenses(self, repository: Repository) -> tuple[str, ...]:
        """Return the licence and notice files at the repository's root, as paths in the tree."""
        depth = repository.path.count("/") + 1 if repository.path else 0
        return tuple(
            entry.path
            for entry in self._files[repository.path]
            if entry.path.count("/") == depth
            and _split(entry.path)[1].lower().split(".")[0].split("-")[0] in _LICENSE_STEMS
        )

    def has_licenses_above(self, repository: Repository) -> bool:
        """Return whether a folder above the repository, or a folder LICENSES (reuse.software), holds a licence."""
        above = {""}
        path = repository.path
        while path:
            path = path.rpartition("/")[0]
            above.add(path)
        reused = _join(repository.path, "LICENSES")
        entries = [*self.outside, *(entry for files in self._files.values() for entry in files)]
        return any(
            (parent in above and name.lower().split(".")[0].split("-")[0] in _LICENSE_STEMS) or parent == reused
            for parent, name in (_split(entry.path) for entry in entries)
        )

    def metas_only(self, repository: Repository) -> bool:
        """Return whether there is next to nothing but metas, results and texts, so that other files cannot be missed."""
        files = self._files[repository.path]
        others = sum(
            1
            for entry in files
            if not (
                entry.path.rpartition("/")[2].rpartition(".")[2].lower() in _EXTRACTED
                or "." not in entry.path.rpartition("/")[2]
                or f"/{CK_FOLDER}/" in f"/{entry.path}"
                or entry.path.endswith(CK_DESCRIPTOR)
            )
        )
        return others * _FEW_OTHERS < len(files) or not others

    def files(self, repository: Repository) -> tuple[FileEntry, ...]:
        """Return the files of a repository but those of repositories inside it."""
        return tuple(self._files[repository.path])

    def artifact_folders(self, repository: Repository) -> tuple[tuple[ArtifactFolder, ...], tuple[StrayMeta, ...]]:
        """Return the artifact folders of one repository, sorted by path, and metas that no client would see."""
        folders: dict[tuple[str, str, str], list[FileEntry]] = {}
        for prefix in repository.prefixes:
            base = _join(repository.path, prefix)
            skip = len(base) + 1 if base else 0
            for entry in self._files[repository.path]:
                if skip and not entry.path.startswith(base + "/"):
                    continue
                parts = entry.path[skip:].split("/", 2)
                if len(parts) == 3:  # noqa: PLR2004 - automation / artifact / file.
                    folders.setdefault((base, parts[0], parts[1]), []).append(entry)
        found: list[ArtifactFolder] = []
        stray: list[StrayMeta] = []
        for (base, automation, folder), files in sorted(folders.items()):
            path = _join(base, f"{automation}/{folder}")
            artifact = _artifact_folder(repository, automation, folder, path, files)
            if artifact is not None:
                found.append(artifact)
            stray.extend(_stray_metas(path, files, known=artifact is not None))
        automations = {(artifact.path.rsplit("/", 1)[0]) for artifact in found}
        return tuple(found), tuple(
            meta for meta in stray if meta.reason == "deep" or meta.path.rsplit("/", 1)[0] in automations
        )


def _artifact_folder(
    repository: Repository, automation: str, folder: str, path: str, files: list[FileEntry]
) -> ArtifactFolder | None:
    names = {entry.path[len(path) + 1 :] for entry in files}
    for format_, metas in _candidates(repository, automation):
        present = tuple(meta for meta in metas if meta in names)
        if present:
            return ArtifactFolder(
                repository=repository,
                format=format_,
                automation=automation,
                folder=folder,
                path=path,
                metas=present,
                files=tuple(
                    ArtifactFile(
                        path=entry.path[len(path) + 1 :],
                        source=entry.path,
                        size_bytes=entry.size_bytes,
                        executable=entry.executable,
                    )
                    for entry in files
                ),
            )
    return None


def _candidates(repository: Repository, automation: str) -> Iterator[tuple[Format, tuple[str, ...]]]:
    yield (Format.MLC if repository.formats == (Format.MLC,) and automation in MLC_TARGETS else Format.CM), CM_METAS
    if Format.MLC in repository.formats and automation in MLC_TARGETS:
        yield Format.MLC, MLC_METAS
    if Format.CK in repository.formats:
        yield Format.CK, (f"{CK_FOLDER}/meta.json", f"{CK_FOLDER}/info.json")


def _stray_metas(path: str, files: list[FileEntry], *, known: bool) -> Iterator[StrayMeta]:
    for entry in files:
        rest = entry.path[len(path) + 1 :]
        if "/" in rest and not entry.link and rest.rsplit("/", 1)[1] in CM_METAS:
            yield StrayMeta(path=entry.path, reason="deep")
    if not known and CK_FOLDER not in path.rsplit("/", 2)[-2:] and not _is_of_links(files):
        yield StrayMeta(path=path, reason="missing")


def _is_of_links(files: list[FileEntry]) -> bool:
    """Return whether a folder holds links to artifacts and texts about them only, such as `script/by-category`."""
    return any(entry.link for entry in files) and all(entry.link or entry.path.endswith(".md") for entry in files)


def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition("/")
    return parent, name


def _join(parent: str, child: str) -> str:
    child = child.strip("/")
    return f"{parent}/{child}" if parent and child else parent or child
