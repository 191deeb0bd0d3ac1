"""One artifact as its page shows it: every value a string or a tuple of strings, every list bounded.

`artifact_view` reads the catalogue and nothing else but the artifact's own files, so an equal view means an equal
page. Templates turn views into HTML and look nothing up. Source: DESIGN §6; CONTRACT §6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from cmsite.catalog.addresses import (
    artifact_address,
    author_address,
    automation_address,
    category_address,
    license_address,
    repository_address,
    tag_address,
)
from cmsite.catalog.catalog import Edge
from cmsite.formats.summary import Summary
from cmsite.formats.written import WrittenText, written_texts
from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Resolution
from cmsite.site.citation import bibtex
from cmsite.site.context import Badge, SiteContext
from cmsite.site.kinds import type_sections
from cmsite.site.links import file_url
from cmsite.site.meta_view import meta_view
from cmsite.site.shell import base_of
from cmsite.site.text import counted, date, plain, size
from cmsite.site.uids import uid_link
from cmsite.site.view_rows import (
    FORMAT_NAMES,
    Bounded,
    DependencyRow,
    FileRow,
    FindingRow,
    Link,
    MetaView,
    TypeSection,
    VersionRow,
    bounded,
)

MAX_TARGETS = 6  # Alternatives of one dependency that are named.
MAX_DEPENDENCIES = 200
MAX_USERS = 300
MAX_FILES = 500
MAX_VERSIONS = 50  # The newest.
MAX_FINDINGS = 100
MAX_TAGS = 60
MAX_AUTHORS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactView:
    """Everything on the page of one artifact."""

    address: str
    base: str
    title: str
    reference: str
    uid: Link
    uid_derived: bool
    description: Summary
    automation: Link
    repository: Link
    badges: tuple[Badge, ...]
    tags: Bounded
    authors: Bounded
    license: str
    texts: tuple[WrittenText, ...]
    dependencies: Bounded
    users: Bounded
    sections: tuple[TypeSection, ...]
    files: Bounded
    total_size: str
    versions: Bounded
    findings: Bounded
    meta: MetaView
    previous: Link
    following: Link
    provenance: tuple[tuple[str, Link], ...]
    origins: tuple[Link, ...]
    citation: str


def artifact_view(context: SiteContext, key: ArtifactKey) -> ArtifactView:
    """Return everything the page of one artifact shows."""
    catalog, artifact = context.catalog, context.catalog.artifacts[key]
    address = artifact_address(key)
    texts = written_texts(artifact, partial(context.read, artifact))
    versions = catalog.versions.get(key, ())
    findings = catalog.findings.get(key, ())
    return ArtifactView(
        address=address,
        base=base_of(address),
        title=artifact.display_name,
        reference=reference(context, artifact),
        uid=Link(text=artifact.uid, address=uid_link(artifact.uid) if artifact.uid else ""),
        uid_derived=artifact.uid_derived,
        description=Summary(text=artifact.summary, derived=artifact.summary_derived),
        automation=Link(text=key.automation, address=automation_address(key.automation)),
        repository=Link(text=key.repository, address=repository_address(key.repository)),
        badges=(*_badges(context, artifact, len(findings)), *context.badges.get(key, ())),
        tags=bounded(
            [Link(text=tag, address=tag_address(tag)) for tag in dict.fromkeys(artifact.tags) if tag], MAX_TAGS
        ),
        authors=bounded(
            [Link(text=author, address=author_address(author)) for author in artifact.authors], MAX_AUTHORS
        ),
        license=artifact.license,
        texts=texts,
        dependencies=_dependencies(context, catalog.edges.get(key, ())),
        users=_users(context, catalog.used_by.get(key, ())),
        sections=type_sections(context, key),
        files=_files(context, artifact),
        total_size=size(sum(file.size_bytes for file in artifact.files)),
        versions=bounded([_version_row(version) for version in reversed(versions)], MAX_VERSIONS),
        findings=_findings(context, key),
        meta=meta_view(context, artifact),
        previous=_neighbour(context, key, 0),
        following=_neighbour(context, key, 1),
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


def _neighbour(context: SiteContext, key: ArtifactKey, side: int) -> Link:
    """Return the artifact before (0) or behind (1) in the list of its automation in its repository; none at an end."""
    other = context.neighbours[key][side]
    return artifact_link(context, other) if other else Link(text="")


def _badges(context: SiteContext, artifact: Artifact, findings: int) -> Iterable[Badge]:
    yield Badge(label="Format", value=FORMAT_NAMES.get(artifact.format.value, artifact.format.value))
    if artifact.category:
        yield Badge(label="Category", value=plain(artifact.category), address=category_address(artifact.category))
    if artifact.version:
        yield Badge(label="Version", value=plain(artifact.version))
    if artifact.license:
        yield Badge(label="Licence", value=plain(artifact.license), address=license_address(artifact.license))
    yield Badge(label="Size", value=size(sum(file.size_bytes for file in artifact.files)))
    if findings:
        worst = max(finding.severity for finding in context.catalog.findings[artifact.key])
        kind = {"error": "bad", "warning": "unsure"}.get(worst.word, "plain")
        yield Badge(label="Checks", value=counted(findings, "finding"), kind=kind, address="#findings")


def _dependencies(context: SiteContext, edges: tuple[Edge, ...]) -> Bounded:
    """Return the dependencies, those that apply always first."""
    ordered = sorted(edges, key=lambda edge: bool(edge.dependency.within or edge.dependency.condition))
    return bounded(
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
