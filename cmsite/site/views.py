"""One artifact as its page shows it: every value a string or a tuple of strings, every list bounded.

`artifact_view` reads the catalogue and nothing else but the artifact's own files, so an equal view means an equal
page. Templates turn views into HTML and look nothing up. Source: DESIGN §6; CONTRACT §6.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cmsite.catalog.addresses import artifact_address, automation_address, repository_address, tag_address
from cmsite.catalog.catalog import Edge
from cmsite.errors import SourceError
from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Resolution
from cmsite.site.citation import bibtex
from cmsite.site.context import Badge, SiteContext
from cmsite.site.description import Description, describe
from cmsite.site.links import file_url
from cmsite.site.markdown import decode
from cmsite.site.shell import base_of
from cmsite.site.text import counted, date, plain, size
from cmsite.site.written import WrittenText, written_texts

MAX_TARGETS = 6  # Alternatives of one dependency that are named.
MAX_DEPENDENCIES = 200
MAX_USERS = 300
MAX_FILES = 500
MAX_VERSIONS = 50  # The newest.
MAX_FINDINGS = 100
MAX_TAGS = 60
MAX_VARIATIONS = 400
MAX_META_ROWS = 80
MAX_META_BYTES = 100_000  # Of the meta's source text.

FORMAT_NAMES = {"cm": "CM", "ck": "CK", "mlc": "MLC", "notebook": "Notebook", "image": "Image", "plain": "Plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words and where they lead: `address` relative to the site's root; "" is no link."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """The first of many rows; `left_out` is how many more there are."""

    rows: tuple[Any, ...] = ()
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.rows) + self.left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyRow:
    """A dependency: what selects it, what it resolves to (`state` says how), and when it applies."""

    selection: str
    kind: str
    state: str
    targets: Bounded
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file: `url` is its public page at the commit, "" where none is known."""

    path: str
    size: str
    url: str
    executable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A revision; `archive` is an address relative to the site's root, or a complete one, or "" without bytes."""

    name: str
    label: str
    tar_sha256: str
    archive_sha256: str
    archive: str
    is_complete: bool
    size: str
    date: str
    yanked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding of the checks at a place in a file."""

    severity: str
    code: str
    place: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaView:
    """The meta as rows, what is too deep for a row, and its source text (cut, where `is_cut`) in `language`."""

    file: str
    rows: tuple[tuple[str, str], ...]
    left_out: int
    nested: tuple[str, ...]
    source: str
    language: str
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactView:
    """Everything on the page of one artifact."""

    address: str
    base: str
    title: str
    reference: str
    uid: str
    uid_derived: bool
    description: Description
    automation: Link
    repository: Link
    badges: tuple[Badge, ...]
    tags: Bounded
    authors: tuple[str, ...]
    license: str
    texts: tuple[WrittenText, ...]
    dependencies: Bounded
    users: Bounded
    variations: Bounded
    files: Bounded
    total_size: str
    versions: Bounded
    findings: Bounded
    meta: MetaView
    provenance: tuple[tuple[str, Link], ...]
    origins: tuple[Link, ...]
    citation: str


def artifact_view(context: SiteContext, key: ArtifactKey) -> ArtifactView:
    """Return everything the page of one artifact shows."""
    catalog, artifact = context.catalog, context.catalog.artifacts[key]
    address = artifact_address(key)
    texts = written_texts(artifact, context.read)
    description = describe(artifact, next((text.text for text in texts if text.by_hand), ""))
    versions = catalog.versions.get(key, ())
    findings = catalog.findings.get(key, ())
    return ArtifactView(
        address=address,
        base=base_of(address),
        title=artifact.display_name,
        reference=reference(context, artifact),
        uid=artifact.uid,
        uid_derived=artifact.uid_derived,
        description=description,
        automation=Link(text=key.automation, address=automation_address(key.automation)),
        repository=Link(text=key.repository, address=repository_address(key.repository)),
        badges=(*_badges(context, artifact, len(findings)), *context.badges.get(key, ())),
        tags=_bounded(
            [Link(text=tag, address=tag_address(tag)) for tag in dict.fromkeys(artifact.tags) if tag], MAX_TAGS
        ),
        authors=artifact.authors,
        license=artifact.license,
        texts=texts,
        dependencies=_dependencies(context, catalog.edges.get(key, ())),
        users=_users(context, catalog.used_by.get(key, ())),
        variations=_bounded(artifact.variations, MAX_VARIATIONS),
        files=_files(context, artifact),
        total_size=size(sum(file.size_bytes for file in artifact.files)),
        versions=_bounded([_version_row(version) for version in reversed(versions)], MAX_VERSIONS),
        findings=_findings(context, key),
        meta=_meta(context, artifact),
        provenance=tuple(_provenance(context, artifact)),
        origins=tuple(
            artifact_link(context, other, with_repository=True)
            for other in catalog.origins.get(artifact.identity, ())[:MAX_USERS]
            if other != key
        ),
        citation=bibtex(context, artifact, versions[-1] if versions else None),
    )


def reference(context: SiteContext, artifact: Artifact) -> str:
    """Return what names this artifact and no other: with its repository where the name alone means another one.

    Source: CONTRACT §2 (copies of one uid: the first repository; different uids: ambiguous).
    """
    key, catalog = artifact.key, context.catalog
    name = f"{key.automation}:{artifact.display_name}"
    holders = context.names[key.automation, artifact.display_name]
    is_unique = all(catalog.artifacts[holder].identity == artifact.identity for holder in holders)
    return name if is_unique and holders[0] == key else f"{key.repository}/{name}"


def artifact_link(context: SiteContext, key: ArtifactKey, *, with_repository: bool = False) -> Link:
    """Return a link to the page of an artifact."""
    artifact = context.catalog.artifacts.get(key)
    name = artifact.display_name if artifact else key.folder
    text = f"{key.repository}/{key.automation}:{name}" if with_repository else name
    return Link(text=text, address=artifact_address(key) if artifact else "")


def _bounded(rows: Sequence[Any], limit: int) -> Bounded:
    return Bounded(rows=tuple(rows[:limit]), left_out=max(0, len(rows) - limit))


def _badges(context: SiteContext, artifact: Artifact, findings: int) -> Iterable[Badge]:
    yield Badge(label="Format", value=FORMAT_NAMES.get(artifact.format.value, artifact.format.value))
    if artifact.category:
        yield Badge(label="Category", value=plain(artifact.category))
    if artifact.version:
        yield Badge(label="Version", value=plain(artifact.version))
    if artifact.license:
        yield Badge(label="Licence", value=plain(artifact.license))
    yield Badge(label="Size", value=size(sum(file.size_bytes for file in artifact.files)))
    if findings:
        worst = max(finding.severity for finding in context.catalog.findings[artifact.key])
        kind = {"error": "bad", "warning": "unsure"}.get(worst.word, "plain")
        yield Badge(label="Checks", value=counted(findings, "finding"), kind=kind, address="#findings")


def _dependencies(context: SiteContext, edges: tuple[Edge, ...]) -> Bounded:
    """Return the dependencies, those that apply always first."""
    ordered = sorted(edges, key=lambda edge: bool(edge.dependency.within or edge.dependency.condition))
    return _bounded(
        [_dependency_row(context, edge) for edge in ordered[:MAX_DEPENDENCIES]] + ordered[MAX_DEPENDENCIES:],
        MAX_DEPENDENCIES,
    )


def _dependency_row(context: SiteContext, edge: Edge) -> DependencyRow:
    dependency = edge.dependency
    links = [artifact_link(context, target) for target in edge.targets[:MAX_TARGETS]]
    state = {
        Resolution.ALTERNATIVES: "any of",
        Resolution.DANGLING: "matches nothing",
        Resolution.UNKNOWN_VARIATION: "unknown variation",
        Resolution.UNRESOLVED_HERE: "not in this catalogue",
        Resolution.DYNAMIC: "chosen when it runs",
    }.get(edge.resolution, "")
    return DependencyRow(
        selection=plain(dependency.text),
        kind=dependency.kind,
        state=state,
        targets=Bounded(rows=tuple(links), left_out=max(0, len(edge.targets) - MAX_TARGETS)),
        when=plain("; ".join(words for words in (dependency.within, dependency.condition) if words)),
    )


def _users(context: SiteContext, edges: tuple[Edge, ...]) -> Bounded:
    """Return who needs the artifact, each once, in catalogue order."""
    keys = list(dict.fromkeys(edge.source for edge in edges))
    links = [artifact_link(context, key) for key in keys[:MAX_USERS]]
    return Bounded(rows=tuple(links), left_out=max(0, len(keys) - MAX_USERS))


def _files(context: SiteContext, artifact: Artifact) -> Bounded:
    rows = [
        FileRow(
            path=file.path,
            size=size(file.size_bytes),
            url=file_url(context, artifact, file.source),
            executable=file.executable,
        )
        for file in artifact.files[:MAX_FILES]
    ]
    return Bounded(rows=tuple(rows), left_out=max(0, len(artifact.files) - MAX_FILES))


def _version_row(version: Version) -> VersionRow:
    archive = archive_path(version.archive_sha256) if version.url is None else version.url
    return VersionRow(
        name=f"r{version.revision}",
        label=version.label,
        tar_sha256=version.tar_sha256,
        archive_sha256=version.archive_sha256,
        archive=archive if version.url is None or archive.startswith(("http://", "https://")) else "",
        is_complete=version.url is not None,
        size=size(version.size_bytes),
        date=date(version.time_s),
        yanked=version.yanked or "",
    )


def _findings(context: SiteContext, key: ArtifactKey) -> Bounded:
    findings = sorted(context.catalog.findings.get(key, ()), key=lambda finding: (-finding.severity, finding.sort_key))
    rows = [
        FindingRow(
            severity=finding.severity.word,
            code=finding.code,
            place=f"{finding.path}:{finding.place.line}" if finding.place else finding.path,
            message=finding.message,
            hint=finding.hint,
        )
        for finding in findings[:MAX_FINDINGS]
    ]
    return Bounded(rows=tuple(rows), left_out=max(0, len(findings) - MAX_FINDINGS))


def _meta(context: SiteContext, artifact: Artifact) -> MetaView:
    """Return the meta's keys that fit a table, and its source text."""
    rows = [(name, value) for name, value in _meta_rows(artifact.extra) if value]
    source = b""
    if artifact.meta_file:
        try:
            source = context.read(artifact, artifact.meta_file)
        except SourceError:
            source = b""
    return MetaView(
        file=artifact.meta_file.removeprefix(f"{artifact.path}/"),
        rows=tuple(rows[:MAX_META_ROWS]),
        left_out=max(0, len(rows) - MAX_META_ROWS),
        nested=tuple(_nested(artifact.extra))[:MAX_META_ROWS],
        source=decode(source[:MAX_META_BYTES])[0],
        language="json" if artifact.meta_file.endswith(".json") else "yaml",
        is_cut=len(source) > MAX_META_BYTES,
    )


def _is_nested(value: Any) -> bool:
    """Return whether a value is too deep for a row of a table."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(item, list | dict) for item in items)


def _meta_rows(extra: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield each key with its value; a mapping of plain values yields a row for each of its keys."""
    for name, value in extra.items():
        if _is_nested(value):
            continue
        if isinstance(value, dict):
            for key, item in value.items():
                yield f"{name}.{key}"[:200], plain(item)
        else:
            yield str(name)[:200], plain(value)


def _nested(extra: dict[str, Any]) -> Iterable[str]:
    """Yield the keys that only the source text shows, with the number of their entries."""
    for name, value in extra.items():
        if _is_nested(value):
            yield f"{str(name)[:200]} ({len(value)})"


def _provenance(context: SiteContext, artifact: Artifact) -> Iterable[tuple[str, Link]]:
    """Yield what is known about where the artifact comes from, as name and value."""
    source = context.repositories[artifact.key.repository].provenance
    yield "Repository", Link(text=artifact.key.repository, address=repository_address(artifact.key.repository))
    yield {"git": "Git", "archive": "Archive"}.get(source.kind, "Folder"), _web_link(source.location)
    yield (
        "Path",
        Link(
            text=artifact.path or "/",
            address=file_url(context, artifact, artifact.meta_file) if artifact.meta_file else "",
        ),
    )
    if artifact.commit:
        yield "Last commit", Link(text=artifact.commit)
    if source.sha256:
        yield "Archive sha256", Link(text=source.sha256)
    if artifact.time_s:
        yield "Changed", Link(text=date(artifact.time_s))


def _web_link(location: str) -> Link:
    return Link(text=location, address=location if location.startswith(("http://", "https://")) else "")
