"""One artifact as its page shows it: every value a string or a tuple of strings, every list bounded.

`artifact_view` reads the catalogue and nothing else but the artifact's own files, so an equal view means an equal
page. Templates turn views into HTML and look nothing up. Source: DESIGN §6; CONTRACT §6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

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
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.names import UNTRIED
from cmsite.site.citation import bibtex
from cmsite.site.context import Badge, SiteContext
from cmsite.site.dependency_view import DependencyTable, dependency_tables, targets_of
from cmsite.site.get_commands import CommandSet, command_sets
from cmsite.site.kinds import type_sections
from cmsite.site.links import contact_address, file_url
from cmsite.site.meta_view import meta_view
from cmsite.site.neighbourhood import MAX_NODES, Neighbour, Side, neighbourhood
from cmsite.site.standing import Notice, newest_offered, nothing_is_handed_out, standing_notice, version_row
from cmsite.site.text import counted, date, plain, size
from cmsite.site.uids import uid_link
from cmsite.site.view_rows import (
    FORMAT_NAMES,
    Bounded,
    FindingRow,
    Link,
    MetaView,
    TypeSection,
    bounded,
    fitting,
)
from cmsite.site.ways import Way

# Everything together stays within 40 kB of HTML beyond the texts: issue 3.
MAX_USERS = 120
MAX_FILES = 60
MAX_VERSIONS = 10  # The newest.
MAX_FINDINGS = 5
MAX_ORIGINS = 20
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
    standing: Notice | None
    automation: Link
    repository: Link
    badges: tuple[tuple[str, str, str, str], ...]
    tags: Bounded
    authors: Bounded
    license: str
    texts: tuple[WrittenText, ...]
    commands: tuple[CommandSet, ...]
    graph: Markup
    dependencies: tuple[DependencyTable, ...]
    users: Bounded
    sections: tuple[TypeSection, ...]
    files: Bounded
    total_size: str
    versions: Bounded
    dated: bool
    findings: Bounded
    meta: MetaView
    previous: tuple[str, str]
    following: tuple[str, str]
    provenance: tuple[tuple[str, str, str], ...]
    contact: str
    origins: tuple[tuple[str, str, str], ...]
    citation: str


def artifact_view(context: SiteContext, key: ArtifactKey) -> ArtifactView:
    """Return everything the page of one artifact shows."""
    catalog, artifact = context.catalog, context.catalog.artifacts[key]
    address = artifact_address(key)
    way, named = Way(address), reference(context, artifact)
    edges, users = catalog.edges.get(key, ()), catalog.used_by.get(key, ())
    sections = type_sections(context, key)
    texts = written_texts(artifact, partial(context.read, artifact))
    versions = catalog.versions.get(key, ())
    findings = catalog.findings.get(key, ())
    standing, offered = catalog.standings.get(key), newest_offered(versions)
    is_withheld = nothing_is_handed_out(standing, versions)
    return ArtifactView(
        address=address,
        base=way.base,
        title=artifact.display_name,
        reference=named,
        uid=Link(text=artifact.uid, address=uid_link(artifact.uid) if artifact.uid else ""),
        uid_derived=artifact.uid_derived,
        description=Summary(text=artifact.summary, derived=artifact.summary_derived),
        standing=standing_notice(standing, way, versions),
        automation=Link(text=key.automation, address=automation_address(key.automation)),
        repository=Link(text=key.repository, address=repository_address(key.repository)),
        badges=tuple(
            (badge.kind, badge.label, badge.value, way.to(badge.address) if badge.address else "")
            for badge in (*_badges(context, artifact, len(findings), len(users)), *context.badges.get(key, ()))
        ),
        tags=_tags(way, artifact),
        authors=_authors(way, artifact),
        license=artifact.license,
        texts=texts,
        commands=() if is_withheld else command_sets(context, artifact, named, offered),
        graph=_graph(context, way, artifact, edges, users),
        dependencies=dependency_tables(context, way, edges),
        users=_users(context, way, users),
        sections=sections,
        files=_files(context, artifact),
        total_size=size(sum(file.size_bytes for file in artifact.files)),
        versions=bounded([version_row(way, version, standing) for version in reversed(versions)], MAX_VERSIONS),
        dated=any(version.time_s for version in versions),
        findings=_findings(context, key),
        meta=meta_view(context, artifact, {name for section in sections for name in section.covers}),
        previous=_beside(context, way, key, 0),
        following=_beside(context, way, key, 1),
        provenance=tuple(
            (name, link.text, way.to(link.address) if link.address else "")
            for name, link in _provenance(context, artifact)
        ),
        contact=contact_address(context.catalog.contact, named),
        origins=_origins(context, way, artifact),
        citation=bibtex(context, artifact, offered),
    )


def _tags(way: Way, artifact: Artifact) -> Bounded:
    links = [(tag, way.to(tag_address(tag))) for tag in dict.fromkeys(artifact.tags) if tag]
    return fitting(links, MAX_TAGS, 3_000, markup=35)


def _authors(way: Way, artifact: Artifact) -> Bounded:
    """Return what stands before each author, the name and its link."""
    links = [
        (", " if number else "", author, way.to(author_address(author)))
        for number, author in enumerate(artifact.authors)
    ]
    return bounded(links, MAX_AUTHORS)


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


def _beside(context: SiteContext, way: Way, key: ArtifactKey, side: int) -> tuple[str, str]:
    """Return the artifact before (0) or behind (1) in the list of its automation in its repository as (name, way)."""
    other = context.neighbours[key][side]
    return _named(context, way, other) if other else ("", "")


def _badges(context: SiteContext, artifact: Artifact, findings: int, users: int) -> Iterable[Badge]:
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
    else:
        yield Badge(label="Checks", value="passed", kind="good")
    if artifact.time_s:
        yield Badge(label="Changed", value=date(artifact.time_s), address="#provenance")
    yield from _report_badge(context, artifact.key)
    if users:
        yield Badge(label="Used by", value=f"{users:,}", address="#used-by")


def _report_badge(context: SiteContext, key: ArtifactKey) -> Iterable[Badge]:
    """Yield whether people reported that the artifact works, where that can be said of it."""
    section = next((item for item in context.tried.get(key, ()) if item.anchor == "works-on"), None)
    if section is not None:
        yield Badge(label="Works on", value=section.values["short"], kind=section.values["kind"], address="#works-on")
    elif key.automation not in UNTRIED:
        yield Badge(label="Works on", value="no reports")


def _users(context: SiteContext, way: Way, users: tuple[ArtifactKey, ...]) -> Bounded:
    """Return who needs the artifact as (name, way), in catalogue order."""
    if not users:
        return Bounded()
    shown = fitting([_named(context, way, user) for user in users[:MAX_USERS]], MAX_USERS, 3_200, markup=25)
    return Bounded(rows=shown.rows, left_out=len(users) - len(shown.rows))


def _origins(context: SiteContext, way: Way, artifact: Artifact) -> tuple[tuple[str, str, str], ...]:
    """Return the other copies of the artifact as (comma, name, way)."""
    copies = context.catalog.origins.get(artifact.identity, ())
    links = (artifact_link(context, key, with_repository=True) for key in copies[:MAX_ORIGINS] if key != artifact.key)
    return tuple((", " if number else "", link.text, way.to(link.address)) for number, link in enumerate(links))


def _named(context: SiteContext, way: Way, key: ArtifactKey) -> tuple[str, str]:
    """Return the name of another artifact and the way to its page, "" where it is not in the catalogue."""
    artifact = context.catalog.artifacts.get(key)
    return (artifact.display_name, way.to(artifact_address(key))) if artifact else (key.folder, "")


def _graph(
    context: SiteContext, way: Way, artifact: Artifact, edges: tuple[Edge, ...], users: tuple[ArtifactKey, ...]
) -> Markup:
    """Return the picture of the neighbours; the lists beside it are its text."""
    if not edges and not users:
        return Markup()
    needs = targets_of(edges)
    left = tuple(
        Neighbour(name=name, way=address, always=always)
        for target, always in needs[:MAX_NODES]
        for name, address in (_named(context, way, target),)
    )
    right = tuple(
        Neighbour(name=name, way=address)
        for name, address in (_named(context, way, user) for user in users[:MAX_NODES])
    )
    svg = neighbourhood(
        artifact.display_name,
        Side(neighbours=left, count=len(needs), anchor="#dependencies"),
        Side(neighbours=right, count=len(users), anchor="#used-by"),
    )
    return Markup(svg)  # noqa: S704 - neighbourhood escapes.


def _files(context: SiteContext, artifact: Artifact) -> Bounded:
    rows = [
        (file.path, file_url(context, artifact, file.source), size(file.size_bytes), file.executable)
        for file in artifact.files[:MAX_FILES]
    ]
    shown = fitting(rows, MAX_FILES, 3_200, markup=60)
    return Bounded(rows=shown.rows, left_out=len(artifact.files) - len(shown.rows))


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
