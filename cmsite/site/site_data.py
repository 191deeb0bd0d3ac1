"""The site and its lists in the words of schema.org: plain values, which `cmsite.site.head` writes into a page.

Source: https://schema.org/WebSite, /SearchAction, /DataCatalog, /CollectionPage, /BreadcrumbList.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from cmsite.site.context import SiteContext
from cmsite.site.shell import Section
from cmsite.site.view_rows import Link

Node: TypeAlias = dict[str, Any]
MAX_PEOPLE = 60  # Of one artifact or paper.

SECTION_ADDRESSES = {
    Section.ARTIFACTS: "automation/",
    Section.RESULTS: "results/",
    Section.REPOSITORIES: "repository/",
}
"""Where the entries of the navigation lead."""


def complete_address(context: SiteContext, address: str) -> str:
    """Return an address of the site with its host, "" where nobody said at what address the site will stand."""
    base_url = context.catalog.base_url
    return f"{base_url.rstrip('/')}/{address}" if base_url else ""


def said(values: Node) -> Node:
    """Return the values that are known."""
    return {key: value for key, value in values.items() if value}


def catalog_node(context: SiteContext) -> Node:
    """Return the catalogue as what everything in it is part of; its home page says more."""
    return {"@type": "DataCatalog", "name": context.catalog.title}


def site_data(context: SiteContext) -> tuple[Node, ...]:
    """Return what the site is, for its home page: a web site that can be searched, and a catalogue of data."""
    home = complete_address(context, "")
    site: Node = {"@type": "WebSite", "name": context.catalog.title, "url": home}
    if home:
        site["potentialAction"] = {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{home}find/?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        }
    return said(site), said({**catalog_node(context), "url": home, "identifier": context.catalog.registry_id})


def page_data(
    context: SiteContext, *, kind: str, address: str, title: str, above: Iterable[Link], about: Node | None = None
) -> tuple[Node, ...]:
    """Return what a page is, and the way to it from the home page where the site's address is known.

    `kind` is a type of schema.org, `about` what the page tells of; `above` are the pages between home and this one.
    """
    url = complete_address(context, address)
    page = said({"@type": kind, "name": title, "url": url, "isPartOf": catalog_node(context), "about": about})
    above = tuple(above)
    return (page, breadcrumbs(context, title=title, above=above)) if url and above else (page,)


def breadcrumbs(context: SiteContext, *, title: str, above: Iterable[Link]) -> Node:
    """Return the way to a page as the page shows it, but for the home page, which all ways begin with.

    The page itself is named without its address, as search engines want it and each page of an artifact pays for it.
    """
    items: list[Node] = [
        {"@type": "ListItem", "position": number, "name": link.text, "item": complete_address(context, link.address)}
        for number, link in enumerate(above, start=1)
    ]
    items.append({"@type": "ListItem", "position": len(items) + 1, "name": title})
    return {"@type": "BreadcrumbList", "itemListElement": items}


def above_of(section: Section, address: str) -> tuple[Link, ...]:
    """Return what stands above a page that says nothing else: the page of its section, unless it is that one."""
    found = SECTION_ADDRESSES.get(section, address)
    return () if found == address else (Link(text=section.value, address=found),)


def people(names: Iterable[str]) -> list[Node]:
    """Return persons of whom only the name is known."""
    return [{"@type": "Person", "name": name} for name in list(names)[:MAX_PEOPLE] if name]
