"""The lists of artifacts of one automation, category, repository, tag, author or licence, and the work they are.

Long lists are cut into pages of a fixed size, so no page grows with the catalogue. `list_jobs` cuts the work into
parts that worker processes render with `render_list`. Source: DESIGN §6; CONTRACT §6; docs/adr/0009.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cmsite.outputs import OutputFile
from cmsite.site.certificate_views import CertificateView, repository_certificates
from cmsite.site.context import SiteContext
from cmsite.site.facets import KINDS, Facet
from cmsite.site.find import render_find
from cmsite.site.front import render_front
from cmsite.site.indexes import INDEXES, SECTIONS, WORDS, render_index, uid_list
from cmsite.site.page import Page, stamp_page
from cmsite.site.paging import page_name, paging_of
from cmsite.site.rows import artifact_row, row_groups
from cmsite.site.shell import base_of
from cmsite.site.text import counted
from cmsite.site.view_rows import FORMAT_NAMES, Link

ROWS_A_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJob:
    """One part of the work: `kind` is a facet's kind or `uid` with its `position`, or `front`, `find` or `index`."""

    kind: str
    position: int = 0


def list_jobs(context: SiteContext) -> tuple[ListJob, ...]:
    """Return the parts, the largest first."""
    facets = context.facets
    return (
        ListJob(kind="front"),
        ListJob(kind="find"),
        *(ListJob(kind="index", position=position) for position in range(len(INDEXES))),
        *(ListJob(kind=kind, position=position) for kind in KINDS for position in range(len(facets.of(kind)))),
        *(ListJob(kind="uid", position=position) for position in range(len(context.uid_groups))),
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
        case "find":
            return (render_find(context),)
        case "index":
            return render_index(context, INDEXES[job.position])
        case "uid":
            return (uid_list(context, context.uid_groups[job.position]),)
        case kind:
            return tuple(_facet_pages(context, context.facets.of(kind)[job.position]))


def _facet_pages(context: SiteContext, facet: Facet) -> Iterator[OutputFile]:
    """Yield the pages of one group, two hundred artifacts each."""
    artifacts = context.catalog.artifacts
    paging = paging_of(
        facet.keys,
        lambda key: artifacts[key].display_name,
        size=ROWS_A_PAGE,
        address_of=lambda number: facet.address + page_name(number),
    )
    words, total = WORDS[facet.kind], counted(len(facet.keys), "artifact")
    for number in range(1, paging.count + 1):
        address = paging.address_of(number)
        base = base_of(address)
        content = context.render(
            "lists/facet.html",
            base=base,
            facet=facet,
            path=_path(facet),
            lead=f"{total} {words.lead}.",
            facts=_facts(context, facet) if number == 1 else (),
            certificates=_certificates(context, facet) if number == 1 else (),
            rows=_LazyRows(context, facet, paging.part(number)),
            groups=row_groups(context, facet.keys, base, paging.parts(number)),
            pager=paging.pager(number),
        )
        title = f"{words.one.capitalize()} {facet.title}" + (f", page {number}" if number > 1 else "")
        yield stamp_page(
            context,
            Page(
                address=address,
                section=SECTIONS[facet.kind],
                title=title,
                description=f"{total}: {words.one} {facet.title}",
                content=content,
                above=_path(facet),
            ),
        )


class _LazyRows:
    """The rows of a page as values, made only where a template of the user asks for them."""

    def __init__(self, context: SiteContext, facet: Facet, part: slice) -> None:
        self._context, self._facet, self._part = context, facet, part

    def __iter__(self) -> Iterator[object]:
        return (artifact_row(self._context, key) for key in self._facet.keys[self._part])


def _path(facet: Facet) -> tuple[Link, ...]:
    """Return the pages above a list."""
    words = WORDS[facet.kind]
    above = () if facet.kind in ("automation", "repository") else (Link(text="Artifacts", address="automation/"),)
    return (*above, Link(text=words.title, address=words.address))


def _certificates(context: SiteContext, facet: Facet) -> tuple[CertificateView, ...]:
    return repository_certificates(context, facet.name) if facet.kind == "repository" else ()


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
