"""The site and its lists in the words of schema.org: plain values, which `cmsite.site.head` writes into a page.

Source: https://schema.org/WebSite, /SearchAction, /DataCatalog, /CollectionPage, /BreadcrumbList.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from cmsite.site.context import SiteContext
from cmsite.site.shell import Section

Node: TypeAlias = dict[str, Any]

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
    """Return the catalogue as what everything in it is part of."""
    return said({"@type": "DataCatalog", "name": context.catalog.title, "url": complete_address(context, "")})


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
    return said(site), {**catalog_node(context), "identifier": context.catalog.registry_id}


def list_data(context: SiteContext, *, address: str, section: Section, title: str) -> tuple[Node, ...]:
    """Return what a page of many things is, and the way to it from the home page where the site's address is known."""
    url = complete_address(context, address)
    page = said({"@type": "CollectionPage", "name": title, "url": url, "isPartOf": catalog_node(context)})
    return (page, breadcrumbs(context, address=address, section=section, title=title)) if url else (page,)


def breadcrumbs(context: SiteContext, *, address: str, section: Section, title: str) -> Node:
    """Return the way from the home page to a page through its section."""
    trail = [("", context.catalog.title)]
    if section in SECTION_ADDRESSES:
        trail.append((SECTION_ADDRESSES[section], section.value))
    if trail[-1][0] != address:
        trail.append((address, title))
    return {"@type": "BreadcrumbList", "itemListElement": list(_items(context, trail))}


def _items(context: SiteContext, trail: Iterable[tuple[str, str]]) -> Iterable[Node]:
    for number, (address, words) in enumerate(trail, start=1):
        yield {"@type": "ListItem", "position": number, "name": words, "item": complete_address(context, address)}
