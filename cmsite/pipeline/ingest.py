"""Sources → repositories and artifact folders → artifacts with their findings and archives.

The first half of the flow: `open_sources` and `scan` run once, `read_artifacts` in worker processes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from cmsite import parallel
from cmsite.archives import Member, pack_archive
from cmsite.catalog.join import with_uid, with_unique_keys
from cmsite.diagnostics import Diagnostic
from cmsite.documents import MAX_DOCUMENT_BYTES
from cmsite.errors import ConfigurationError, SourceError
from cmsite.formats.embargo import is_embargoed, speaks_of_embargo
from cmsite.formats.layout import ArtifactFolder, RepositoryFolder, TreeLayout, find_repository_folders
from cmsite.formats.reading import ArtifactReading, Read, read_artifact, read_descriptor
from cmsite.formats.summary import summarised
from cmsite.formats.written import written_texts
from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.certificates import CODECHECK_NAMES, Certificate
from cmsite.model.repository import Repository
from cmsite.model.tree import FileEntry, SourceTree
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.pipeline.purging import NOTHING_PURGED, Purges, purged_finding
from cmsite.progress import SILENT, Progress
from cmsite.results.ck_declared import check_declared_points
from cmsite.results.row_blocks import ExperimentRows, read_blocks
from cmsite.settings import SourceSpec
from cmsite.validation.file_names import without_unsafe_names
from cmsite.validation.licenses import check_license
from cmsite.validation.links import OpenLink, open_links
from cmsite.validation.problems import problem
from cmsite.validation.rules import Rule
from cmsite.validation.run import check_descriptor, check_reading, check_readme, check_refused, check_stray
from cmsite.validation.stored_files import check_stored_files

SUPPORTED_KINDS = ("folder", "git", "archive")
_KEPT = 64  # Files of one artifact whose bytes are kept while it is checked.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSource:
    """One source that is ready to be read; `required` ones are read for dependencies only."""

    spec: SourceSpec
    tree: SourceTree
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Everything that is known before a single meta is read; repositories are in the order of the sources."""

    sources: tuple[OpenedSource, ...]
    repositories: tuple[Repository, ...]
    folders: tuple[ArtifactFolder, ...]
    findings: tuple[Diagnostic, ...]

    @property
    def published(self) -> tuple[Repository, ...]:
        """Return the repositories of the catalogue."""
        return tuple(item for item in self.repositories if not self.sources[item.source].required)

    @property
    def required(self) -> tuple[Repository, ...]:
        """Return the repositories that are read for dependencies only."""
        return tuple(item for item in self.repositories if self.sources[item.source].required)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How archives are made: where they go, the last published versions, what was purged, and the size over which none is."""

    output: OutputFolder
    previous: dict[ArtifactKey, tuple[Version, ...]]
    max_bytes: int
    purges: Purges = NOTHING_PURGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What an artifact's bytes came to."""

    tar_sha256: str
    archive_sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One artifact folder after reading: no `artifact` where its meta could not be read, or it is `withheld` or `purged`.

    `rows` are those of the result files of an experiment, None where it has no such file; `open_links` those of its
    texts that its own folder does not answer.
    """

    artifact: Artifact | None
    findings: tuple[Diagnostic, ...]
    packed: Packed | None = None
    withheld: bool = False
    purged: bool = False
    rows: ExperimentRows | None = None
    open_links: tuple[OpenLink, ...] = ()

    @property
    def told(self) -> tuple[Diagnostic | OpenLink, ...]:
        """Return all that findings are made of: while it stays and no file comes or goes, so do they."""
        return (*self.findings, *self.open_links)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingWork:
    """What worker processes share while they read; with `drafts` nothing is withheld that is packed.

    Without `describes` artifacts get no summary and headings, which no rule looks at.
    """

    scan: Scan
    rules: tuple[Rule, ...]
    registry_id: str
    packing: Packing | None
    drafts: bool = False
    describes: bool = True


def open_sources(specs: Iterable[SourceSpec], required: Iterable[SourceSpec], base: Path) -> tuple[OpenedSource, ...]:
    """Open every source of registry.yml; raises `SourceError` or `ConfigurationError` for the first that fails."""
    from cmsite.sources.opening import open_source

    opened = []
    listed = [*((spec, False) for spec in specs), *((spec, True) for spec in required)]
    for number, (spec, is_required) in enumerate(listed, 1):
        if spec.kind not in SUPPORTED_KINDS:
            raise ConfigurationError(
                f"source `{spec.kind}: {spec.location}`: this version reads {', '.join(SUPPORTED_KINDS)}"
            )
        try:
            tree = open_source(spec, base)
        except SourceError as error:
            raise SourceError(f"source {number} (`{spec.kind}: {spec.location}`): {error}") from error
        opened.append(OpenedSource(spec=spec, tree=tree, required=is_required))
    return tuple(opened)


def scan(sources: tuple[OpenedSource, ...], rules: tuple[Rule, ...]) -> Scan:
    """Find the repositories and artifact folders of all sources."""
    repositories: list[Repository] = []
    findings: list[Diagnostic] = []
    for number, source in enumerate(sources):
        found, problems = _repositories_of(number, source, rules)
        repositories.extend(found)
        findings.extend(problems)
    unique = with_unique_keys(repositories)
    findings.extend(_renamed(repositories, unique))
    folders: list[ArtifactFolder] = []
    for number, source in enumerate(sources):
        mine = tuple(repository for repository in unique if repository.source == number)
        layout = TreeLayout(source.tree.entries, mine)
        for repository in mine:
            certificate, certified = _certificate(repository, layout.files(repository), source)
            findings.extend(certified)
            licensed = replace(
                repository,
                licenses=layout.licenses(repository),
                certificate=certificate,
                metas_only=layout.metas_only(repository),
            )
            unique = tuple(licensed if item is repository else item for item in unique)
            found_folders, stray = layout.artifact_folders(licensed)
            folders.extend(found_folders)
            findings.extend(check_stray(licensed, stray))
            has_license = bool(licensed.licenses) or layout.has_licenses_above(licensed)
            findings.extend(check_license(licensed, len(found_folders), has_file=has_license))
        findings.extend(check_refused(mine[0].key if mine else source.tree.label, source.tree.refused))
        if not any(folder.repository.source == number for folder in folders):
            nothing = problem(
                "CM409",
                "holds no artifact of CM, CK or MLC",
                hint="name the folder that holds cmr.yaml, .ckr.json or meta.yaml",
            )
            findings.append(nothing.in_file(mine[0].key if mine else source.tree.label, ""))
    return Scan(sources=sources, repositories=unique, folders=tuple(folders), findings=tuple(findings))


def _certificate(
    repository: Repository, entries: Sequence[FileEntry], source: OpenedSource
) -> tuple[Certificate | None, tuple[Diagnostic, ...]]:
    """Return what a codecheck.yml at the root of a repository says, and what is wrong with it."""
    names = [f"{repository.path}/{name}" if repository.path else name for name in CODECHECK_NAMES]
    found = next((entry for name in names for entry in entries if entry.path == name), None)
    if found is None or source.required:
        return None, ()
    from cmsite.results.certificates import files_below, read_certificate, with_digests

    files = files_below(((entry.path, entry.size_bytes) for entry in entries), repository.path)
    reading = read_certificate(repository.key, found.path, found.size_bytes, files, source.tree.read)
    if reading.certificate is None:
        return None, reading.findings
    return with_digests(reading.certificate, source.tree.read), reading.findings


def _repositories_of(
    number: int, source: OpenedSource, rules: tuple[Rule, ...]
) -> tuple[list[Repository], list[Diagnostic]]:
    tree, spec = source.tree, source.spec
    folders = find_repository_folders(tree.entries) or (RepositoryFolder(path="", descriptors=()),)
    sizes = {entry.path: entry.size_bytes for entry in tree.entries if entry.size_bytes > MAX_DOCUMENT_BYTES}
    repositories: list[Repository] = []
    findings: list[Diagnostic] = []
    for position, folder in enumerate(folders):
        repository, documents = read_descriptor(
            folder, tree.read, source=number, provenance=tree.provenance, sizes=sizes
        )
        name = (spec.name if position == 0 else "") or repository.alias or _last_name(spec.location)
        repository = replace(repository, key=name, publish_bytes=spec.bytes == "publish")
        repositories.append(repository)
        findings.extend(check_descriptor(repository, documents, rules))
        if not folder.descriptors:
            missing = problem(
                "CM110", "there is no cmr.yaml, .ckr.json or meta.yaml", hint="write cmr.yaml with alias and uid"
            )
            findings.append(missing.in_file(name, ""))
    return repositories, findings


def _last_name(location: str) -> str:
    name = location.rstrip("/").rsplit("/", 1)[-1]
    return (Path(location).resolve().name if name in (".", "..") else name) or "repository"


def _renamed(before: list[Repository], after: tuple[Repository, ...]) -> Iterable[Diagnostic]:
    for old, new in zip(before, after, strict=True):
        if old.key != new.key:
            message = f"repository {old.key!r} is there already; this one is called {new.key!r} in addresses"
            path = new.descriptors[0] if new.descriptors else new.path
            yield problem("CM108", message, hint="give the source a `name:` in registry.yml").in_file(new.key, path)


def read_artifacts(work: ReadingWork, *, jobs: int, progress: Progress = SILENT) -> list[Outcome]:
    """Read, check and pack every artifact folder, in the order of `scan.folders`."""
    numbers = range(len(work.scan.folders))
    chunks = parallel.map_chunks(_read_chunk, work, numbers, jobs=jobs, advance=progress.advance)
    return [outcome for chunk in chunks for outcome in chunk]


def _read_chunk(work: ReadingWork, numbers: Sequence[int]) -> list[Outcome]:
    return [read_one(work, work.scan.folders[number]) for number in numbers]


def read_one(work: ReadingWork, folder: ArtifactFolder) -> Outcome:
    """Read, check and pack one artifact folder."""
    source = work.scan.sources[folder.repository.source]
    pins = dict(source.spec.pins)
    # Metas and READMEs are looked at several times, and all files where they are packed; the memory ends with the artifact.
    read = lru_cache(maxsize=_KEPT if work.packing is None else None)(source.tree.read)
    reading = read_artifact(folder, read)
    if work.packing is not None and not work.drafts and _is_withheld(reading, folder, read):
        return Outcome(artifact=None, findings=(), withheld=True)
    findings = list(check_reading(reading, work.rules, is_pinned=folder.path in pins))
    findings.extend(_check_readmes(folder, read))
    if reading.artifact is None:
        return Outcome(artifact=None, findings=tuple(findings))
    artifact, unsafe = without_unsafe_names(with_uid(reading.artifact, work.registry_id, pins))
    findings.extend(unsafe)
    texts = written_texts(artifact, read)
    artifact = summarised(artifact, texts) if work.describes else artifact
    if any(file.path.endswith(CODECHECK_NAMES) for file in artifact.files):
        from cmsite.results.certificates import artifact_certificates

        for certified in artifact_certificates(artifact, read, digests=False):
            findings.extend(certified.findings)
    if not source.required:
        findings.extend(check_stored_files(artifact, read))
        findings.extend(check_declared_points(artifact, reading.documents, is_extract=folder.repository.metas_only))
    packed = None
    if work.packing is not None and not source.required:
        reason = work.packing.purges.of_artifact(artifact)
        if reason is None:
            packed, too_large = _pack(work.packing, artifact, read, publish=folder.repository.publish_bytes)
            findings.extend(too_large)
            reason = work.packing.purges.digests.get(packed.tar_sha256) if packed is not None else None
        if reason is not None:
            return Outcome(artifact=None, findings=(purged_finding(artifact, reason),), purged=True)
    rows = None
    if artifact.key.automation == "experiment" and not source.required:
        rows = read_blocks(artifact, lambda _, path: read(path))
    links = () if source.required else open_links(artifact, folder.repository.path, texts)
    return Outcome(artifact=artifact, findings=tuple(findings), packed=packed, rows=rows, open_links=links)


def _is_withheld(reading: ArtifactReading, folder: ArtifactFolder, read: Read) -> bool:
    if reading.artifact is not None:
        return is_embargoed(reading.artifact)
    return speaks_of_embargo((f"{folder.path}/{name}" for name in folder.metas), read)


def _check_readmes(folder: ArtifactFolder, read: Read) -> Iterable[Diagnostic]:
    for file in folder.files:
        if (
            "/" not in file.path
            and file.size_bytes <= MAX_DOCUMENT_BYTES  # Of a larger one CM425 tells.
            and file.path.lower().startswith("readme")
            and file.path.lower().endswith((".md", ".txt", "readme"))
        ):
            found = check_readme(folder.repository.key, file.source, read(file.source))
            if found is not None:
                yield found


def _pack(packing: Packing, artifact: Artifact, read: Read, *, publish: bool) -> tuple[Packed | None, list[Diagnostic]]:
    """Pack an artifact and write its archive, unless only its record or the same content is published already."""
    size = sum(file.size_bytes for file in artifact.files)
    if publish and size > packing.max_bytes:
        message = f"{size:,} bytes are more than archives.max_bytes ({packing.max_bytes:,})"
        found = problem(
            "CM408", message, hint="set `bytes: link` on the source, raise archives.max_bytes, or move large files out"
        )
        return None, [found.in_file(artifact.key.repository, artifact.path)]
    archive = pack_archive(
        Member(path=file.path, content=read(file.source), executable=file.executable) for file in artifact.files
    )
    is_published = any(
        version.tar_sha256 == archive.tar_sha256 and version.archive_sha256 != archive.sha256 and version.url is None
        for version in packing.previous.get(artifact.key, ())
    )
    if publish and not is_published and archive.tar_sha256 not in packing.purges.digests:
        packing.output.write(OutputFile(path=archive_path(archive.sha256), content=archive.content))
    packed = Packed(tar_sha256=archive.tar_sha256, archive_sha256=archive.sha256, size_bytes=len(archive.content))
    return packed, []


def with_changes(scan: Scan, artifacts: Iterable[Artifact]) -> list[Artifact]:
    """Add the last commit that touched each artifact's folder, where the source knows it."""
    by_source: dict[int, list[Artifact]] = {}
    source_of = {repository.key: repository.source for repository in scan.repositories}
    for artifact in artifacts:
        by_source.setdefault(source_of[artifact.key.repository], []).append(artifact)
    found = []
    for number, members in by_source.items():
        changes = scan.sources[number].tree.last_changes(tuple(artifact.path for artifact in members))
        for artifact in members:
            change = changes.get(artifact.path)
            found.append(replace(artifact, commit=change.commit, time_s=change.time_s) if change else artifact)
    return found
