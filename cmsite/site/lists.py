"""Pages that list artifacts: the front page, indexes of automations, repositories and tags, and a list for each.

Long lists are cut into pages of a fixed size, so no page grows with the catalogue. `list_jobs` cuts the work into
parts that worker processes render with `render_list`. Source: DESIGN §6; CONTRACT §6.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.facets import Facet, largest
from cmsite.site.front import render_front
from cmsite.site.page import Page, stamp_page
from cmsite.site.shell import Section, base_of
from cmsite.site.text import counted, date
from cmsite.site.uids import INDEX_ADDRESS, UidGroup
from cmsite.site.view_rows import FORMAT_NAMES, Link
from cmsite.site.views import artifact_link

ROWS_A_PAGE = 200
TAGS_A_PAGE = 1000
MAX_COPIES = 100  # Artifacts named for one uid.
ROW_TAGS = 6  # Tags named in a row.
_SECTIONS = {"repository": Section.REPOSITORIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJob:
    """One part of the work: `kind` is a facet's kind or `uid` with its `position`, or `front` or `index`."""

    kind: str
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where a page stands among the pages of its list; addresses are relative to the site's root, "" is none."""

    number: int
    count: int
    previous: str
    following: str


def list_jobs(context: SiteContext) -> tuple[ListJob, ...]:
    """Return the parts, the largest first."""
    facets = context.facets
    return (
        ListJob(kind="front"),
        ListJob(kind="index"),
        *(ListJob(kind="automation", position=position) for position in range(len(facets.automations))),
        *(ListJob(kind="repository", position=position) for position in range(len(facets.repositories))),
        *(ListJob(kind="uid", position=position) for position in range(len(context.uid_groups))),
        *(ListJob(kind="tag", position=position) for position in range(len(facets.tags))),
    )


def render_lists(context: SiteContext) -> Iterator[OutputFile]:
    """Render every list in this process."""
    for job in list_jobs(context):
        yield from render_list(context, job)


def render_list(context: SiteContext, job: ListJob) -> tuple[OutputFile, ...]:
    """Render one part."""
    match job.kind:
        case "front":
            return render_front(context)
        case "index":
            return (_automations(context), _repositories(context), _uids(context), *_tags(context))
        case "automation":
            return tuple(_facet_pages(context, context.facets.automations[job.position]))
        case "repository":
            return tuple(_facet_pages(context, context.facets.repositories[job.position]))
        case "uid":
            return (_uid_list(context, context.uid_groups[job.position]),)
        case _:
            return tuple(_facet_pages(context, context.facets.tags[job.position]))


def _facet_pages(context: SiteContext, facet: Facet) -> Iterator[OutputFile]:
    """Yield the pages of one group, two hundred artifacts each."""
    count = max(1, -(-len(facet.keys) // ROWS_A_PAGE))
    for number in range(1, count + 1):
        keys = facet.keys[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]
        address = facet.address + page_name(number)
        pager = Pager(
            number=number,
            count=count,
            previous=facet.address + page_name(number - 1) if number > 1 else "",
            following=facet.address + page_name(number + 1) if number < count else "",
        )
        content = context.render(
            "lists/facet.html",
            base=base_of(address),
            facet=facet,
            total=counted(len(facet.keys), "artifact"),
            facts=_facts(context, facet),
            rows=tuple(artifact_row(context, key) for key in keys),
            pager=pager,
        )
        yield stamp_page(
            context,
            Page(
                address=address,
                section=_SECTIONS.get(facet.kind, Section.ARTIFACTS),
                title=f"{facet.kind.capitalize()} {facet.name}" + (f", page {number}" if number > 1 else ""),
                description=f"{counted(len(facet.keys), 'artifact')}: {facet.kind} {facet.name}",
                content=content,
            ),
        )


def page_name(number: int) -> str:
    """Return the last part of a paged address; the first page has none.

    >>> page_name(1), page_name(2)
    ('', '2/')
    """
    return f"{number}/" if number > 1 else ""


def artifact_row(context: SiteContext, key: ArtifactKey) -> dict[str, object]:
    """Return what a list shows of one artifact."""
    artifact = context.catalog.artifacts[key]
    return {
        "name": artifact.display_name,
        "address": artifact_address(key),
        "automation": key.automation,
        "repository": key.repository,
        "description": artifact.summary,
        "tags": tuple(tag for tag in artifact.tags if tag)[:ROW_TAGS],
    }


def _facts(context: SiteContext, facet: Facet) -> tuple[tuple[str, Link], ...]:
    """Return what is known about a repository beside its artifacts."""
    if facet.kind != "repository":
        return ()
    repository = context.repositories[facet.name]
    source = repository.provenance
    location = source.location if source.location.startswith(("http://", "https://")) else ""
    facts = (
        ("Source", Link(text=source.location, address=location)),
        ("Formats", Link(text=", ".join(FORMAT_NAMES.get(item.value, item.value) for item in repository.formats))),
        ("uid", Link(text=repository.uid)),
        ("Version", Link(text=repository.version)),
        ("Builds on", Link(text=", ".join(need.alias or need.url or need.uid for need in repository.needs))),
    )
    return tuple((name, link) for name, link in facts if link.text)


def _automations(context: SiteContext) -> OutputFile:
    address = "automation/"
    content = context.render(
        "lists/automations.html",
        base=base_of(address),
        automations=context.facets.automations,
        tags=largest(context.facets.tags, 60),
        total=counted(len(context.catalog.artifacts), "artifact"),
    )
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.ARTIFACTS,
            title="Artifacts",
            description=f"All artifacts of {context.catalog.title} by automation",
            content=content,
        ),
    )


def _repositories(context: SiteContext) -> OutputFile:
    address = "repository/"
    rows = tuple(repository_row(context, facet) for facet in context.facets.repositories)
    content = context.render("lists/repositories.html", base=base_of(address), rows=rows)
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.REPOSITORIES,
            title="Repositories",
            description=f"All repositories of {context.catalog.title}",
            content=content,
        ),
    )


def repository_row(context: SiteContext, facet: Facet) -> dict[str, object]:
    """Return what a table shows of one repository."""
    repository = context.repositories[facet.name]
    return {
        "name": facet.name,
        "address": facet.address,
        "formats": ", ".join(FORMAT_NAMES.get(item.value, item.value) for item in repository.formats),
        "count": len(facet.keys),
        "source": repository.provenance.location,
        "date": date(repository.provenance.time_s),
    }


def _uids(context: SiteContext) -> OutputFile:
    """Return the page that finds a uid: by a form where scripts run, else by its first digits."""
    content = context.render("lists/uids.html", base=base_of(INDEX_ADDRESS), groups=context.uid_groups)
    return stamp_page(
        context,
        Page(
            address=INDEX_ADDRESS,
            section=Section.ARTIFACTS,
            title="Find a uid",
            description=f"All uids of {context.catalog.title}",
            content=content,
        ),
    )


def _uid_list(context: SiteContext, group: UidGroup) -> OutputFile:
    """Return the list of all uids that begin alike, each with every artifact that has it."""
    rows = tuple(
        (uid, tuple(artifact_link(context, key, with_repository=True) for key in context.uids[uid][:MAX_COPIES]))
        for uid in group.uids
    )
    content = context.render("lists/uid.html", base=base_of(group.address), prefix=group.prefix, rows=rows)
    return stamp_page(
        context,
        Page(
            address=group.address,
            section=Section.ARTIFACTS,
            title=f"Uids {group.prefix}…",
            description=f"Artifacts whose uid begins with {group.prefix}",
            content=content,
        ),
    )


def _tags(context: SiteContext) -> Iterator[OutputFile]:
    """Yield the pages that name all tags; `~` keeps their numbers apart from tags that are numbers."""
    tags = context.facets.tags
    count = max(1, -(-len(tags) // TAGS_A_PAGE))
    for number in range(1, count + 1):
        address = _tags_address(number)
        content = context.render(
            "lists/tags.html",
            base=base_of(address),
            tags=tags[(number - 1) * TAGS_A_PAGE : number * TAGS_A_PAGE],
            total=counted(len(tags), "tag"),
            pager=Pager(
                number=number,
                count=count,
                previous=_tags_address(number - 1) if number > 1 else "",
                following=_tags_address(number + 1) if number < count else "",
            ),
        )
        yield stamp_page(
            context,
            Page(
                address=address,
                section=Section.ARTIFACTS,
                title="Tags" + (f", page {number}" if number > 1 else ""),
                description=f"All tags of {context.catalog.title}",
                content=content,
            ),
        )


def _tags_address(number: int) -> str:
    return "tag/" if number == 1 else f"tag/~{number}/"
