"""Pages that lead to lists: all automations, categories, repositories, tags, authors, licences and uids.

Long ones are cut into pages; `~` keeps their numbers apart from tags and categories that are numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.facets import Facet, largest
from cmsite.site.letters import title_of
from cmsite.site.page import Page, stamp_page
from cmsite.site.paging import anchor_of, paging_of
from cmsite.site.shell import Section, base_of
from cmsite.site.text import counted, date
from cmsite.site.uids import INDEX_ADDRESS, UidGroup
from cmsite.site.view_rows import FORMAT_NAMES, Link
from cmsite.site.views import artifact_link

NAMES_A_PAGE = 1000
MAX_COPIES = 100  # Artifacts named for one uid.
MAX_CARDS = 60  # Names of each kind on the page of all artifacts.
INDEXES = ("automation", "repository", "uid", "category", "tag", "author", "license")
SECTIONS: Mapping[str, Section] = {
    "automation": Section.ARTIFACTS,
    "category": Section.ARTIFACTS,
    "repository": Section.REPOSITORIES,
    "tag": Section.ARTIFACTS,
    "author": Section.ARTIFACTS,
    "license": Section.ARTIFACTS,
}
_ABOVE = (Link(text="Artifacts", address="automation/"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How one kind of list is spoken of: `lead` follows the number of artifacts, `address` is that of its index."""

    one: str
    many: str
    title: str
    lead: str
    address: str


WORDS: Mapping[str, Words] = {
    "automation": Words(
        one="automation", many="automations", title="Artifacts", lead="of this automation", address="automation/"
    ),
    "category": Words(
        one="category", many="categories", title="Categories", lead="in this category", address="category/"
    ),
    "repository": Words(
        one="repository", many="repositories", title="Repositories", lead="in this repository", address="repository/"
    ),
    "tag": Words(one="tag", many="tags", title="Tags", lead="with this tag", address="tag/"),
    "author": Words(one="author", many="authors", title="Authors", lead="by this author", address="author/"),
    "license": Words(
        one="licence", many="licences", title="Licences", lead="whose metadata names this licence", address="license/"
    ),
}


def render_index(context: SiteContext, kind: str) -> tuple[OutputFile, ...]:
    """Render the pages that name all groups of one kind; none where there is no group of it."""
    match kind:
        case "automation":
            return (_artifacts(context),)
        case "repository":
            return (_repositories(context),)
        case "uid":
            return (_uids(context),)
        case _ if context.facets.of(kind) or kind == "tag":
            return tuple(_names(context, kind))
    return ()


def ways(context: SiteContext) -> tuple[Link, ...]:
    """Return the indexes that have something to show, as links with numbers."""
    kinds = [kind for kind in WORDS if context.facets.of(kind)]
    return tuple(
        Link(text=counted(len(context.facets.of(kind)), WORDS[kind].one, WORDS[kind].many), address=WORDS[kind].address)
        for kind in kinds
    )


def _artifacts(context: SiteContext) -> OutputFile:
    """Return the page of all artifacts, by automation; the largest categories and tags below."""
    address, facets = "automation/", context.facets
    content = context.render(
        "lists/automations.html",
        base=base_of(address),
        automations=facets.automations,
        categories=largest(facets.categories, MAX_CARDS),
        tags=largest(facets.tags, MAX_CARDS),
        all_categories=len(facets.categories) <= MAX_CARDS,
        ways=[way for way in ways(context) if way.address != address],
        total=counted(len(context.catalog.artifacts), "artifact"),
    )
    return _stamped(context, address, "Artifacts", f"All artifacts of {context.catalog.title} by automation", content)


def _repositories(context: SiteContext) -> OutputFile:
    address = "repository/"
    rows = tuple(repository_row(context, facet) for facet in context.facets.repositories)
    content = context.render(
        "lists/repositories.html",
        base=base_of(address),
        rows=rows,
        total=counted(len(rows), "repository", "repositories"),
        artifacts=counted(len(context.catalog.artifacts), "artifact"),
    )
    description = f"All repositories of {context.catalog.title}"
    return _stamped(context, address, "Repositories", description, content, Section.REPOSITORIES)


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
    content = context.render("lists/uids.html", base=base_of(INDEX_ADDRESS), above=_ABOVE, groups=context.uid_groups)
    return _stamped(context, INDEX_ADDRESS, "Find a uid", f"All uids of {context.catalog.title}", content)


def uid_list(context: SiteContext, group: UidGroup) -> OutputFile:
    """Return the list of all uids that begin alike, each with every artifact that has it."""
    rows = tuple(
        (uid, tuple(artifact_link(context, key, with_repository=True) for key in context.uids[uid][:MAX_COPIES]))
        for uid in group.uids
    )
    content = context.render(
        "lists/uid.html",
        base=base_of(group.address),
        above=(*_ABOVE, Link(text="uids", address=INDEX_ADDRESS)),
        prefix=group.prefix,
        rows=rows,
    )
    description = f"Artifacts whose uid begins with {group.prefix}"
    return _stamped(context, group.address, f"Uids {group.prefix}…", description, content)


def _names(context: SiteContext, kind: str) -> Iterator[OutputFile]:
    """Yield the pages that name all groups of one kind."""
    facets, words = context.facets.of(kind), WORDS[kind]
    paging = paging_of(
        facets,
        lambda facet: facet.name,
        size=NAMES_A_PAGE,
        address_of=lambda number: words.address if number == 1 else f"{words.address}~{number}/",
    )
    for number in range(1, paging.count + 1):
        address = paging.address_of(number)
        content = context.render(
            "lists/names.html",
            base=base_of(address),
            above=_ABOVE,
            title=words.title,
            total=counted(len(facets), words.one, words.many),
            groups=[
                {
                    "title": title_of(letter) if letter else "",
                    "anchor": anchor_of(letter) if letter else "",
                    "facets": facets[part],
                }
                for letter, part in paging.parts(number)
            ],
            pager=paging.pager(number),
        )
        title = words.title + (f", page {number}" if number > 1 else "")
        yield _stamped(context, address, title, f"All {words.many} of {context.catalog.title}", content)


def _stamped(
    context: SiteContext,
    address: str,
    title: str,
    description: str,
    content: str,
    section: Section = Section.ARTIFACTS,
) -> OutputFile:
    return stamp_page(
        context, Page(address=address, section=section, title=title, description=description, content=content)
    )
