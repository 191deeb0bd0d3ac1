"""The files at the site's root that only machines read: `sitemap.xml`, `feed.xml`, `robots.txt`, `llms.txt`.

A file of the same name in `docs/` stands for ours. Nothing here reads a page: addresses come from what was rendered,
titles of hand-written pages from mkdocs. Source: https://www.robotstxt.org/, https://llmstxt.org/.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from cmsite.catalog.addresses import artifact_address
from cmsite.index.layout import ROOT_PATH
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.docs_links import DocsReference
from cmsite.site.facets import Facet, largest
from cmsite.site.feed import render_feed
from cmsite.site.head import FEED_PATH
from cmsite.site.site_data import complete_address
from cmsite.site.sitemap import SITEMAP_PATH, render_sitemap
from cmsite.site.text import counted, date

ROBOTS_PATH = "robots.txt"
LLMS_PATH = "llms.txt"
MACHINE_PATHS = (SITEMAP_PATH, FEED_PATH, ROBOTS_PATH, LLMS_PATH)
MAX_DOCS = 100  # Hand-written pages named in llms.txt; the sitemap has all.
MAX_FACETS = 30  # Automations, and repositories.
MAX_WORDS = 200  # Characters of a title or description in llms.txt.

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_DAY_LENGTH = len("2026-01-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsPage:
    """A hand-written page: `address` relative to the site's root, escaped as in a link, "" for the home page."""

    address: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandWritten:
    """What the project wrote itself: its pages in the order of the navigation, and which of `MACHINE_PATHS`.

    `references` are the pages' links to artifacts.
    """

    pages: tuple[DocsPage, ...] = ()
    machine_paths: frozenset[str] = frozenset()
    references: tuple[DocsReference, ...] = ()


NOTHING_WRITTEN = HandWritten()


def render_machine_pages(
    context: SiteContext, rendered: Iterable[str], written: HandWritten, *, summary: str = ""
) -> tuple[OutputFile, ...]:
    """Return the files; `rendered` are the paths of everything the catalogue rendered, `summary` says what it is."""
    days = page_days(context, rendered, written)
    base_url = context.catalog.base_url
    files = (
        *(render_sitemap(base_url, days) if base_url else ()),
        *render_feed(context),
        OutputFile(path=ROBOTS_PATH, content=_robots(context)),
        OutputFile(path=LLMS_PATH, content=_llms(context, written.pages, summary).encode("utf-8", "replace")),
    )
    return tuple(file for file in files if file.path not in written.machine_paths)


def page_days(context: SiteContext, rendered: Iterable[str], written: HandWritten) -> dict[str, str]:
    """Return the address of every page with the day it changed, "" where that is unknown."""
    index = "index.html"
    days = {"": ""}
    days.update((quote(path.removesuffix(index)), "") for path in rendered if path.endswith(f"/{index}"))
    days.update((page.address, "") for page in written.pages)
    for key, artifact in context.catalog.artifacts.items():
        address = artifact_address(key)
        if address in days and len(day := date(artifact.time_s)) == _DAY_LENGTH:
            days[address] = day
    return days


def _robots(context: SiteContext) -> bytes:
    sitemap = complete_address(context, SITEMAP_PATH)
    return ("User-agent: *\nAllow: /\n" + (f"\nSitemap: {sitemap}\n" if sitemap else "")).encode()


def _llms(context: SiteContext, pages: Iterable[DocsPage], summary: str) -> str:
    catalog, facets = context.catalog, context.facets
    totals = f"{counted(len(catalog.artifacts), 'artifact')} in {counted(len(catalog.repositories), 'repository', 'repositories')}"
    docs = (
        _item(context, page.address, page.title or page.address, page.description) for page in pages if page.address
    )
    sections = (
        ("Catalogue", _catalogue_items(context)),
        ("Documentation", list(docs)[:MAX_DOCS]),
        ("Automations", [_facet_item(context, facet) for facet in largest(facets.automations, MAX_FACETS)]),
        ("Repositories", [_facet_item(context, facet) for facet in facets.repositories[:MAX_FACETS]]),
        ("Data", _data_items(context)),
    )
    return "".join(
        (
            f"# {_words(catalog.title)}\n\n> {_words(summary) or 'A catalogue of artifacts in the formats CM, CK and MLC.'} {totals}.\n\n",
            _commands(context),
            *(f"## {title}\n\n{''.join(items)}\n" for title, items in sections if items),
        )
    )


def _commands(context: SiteContext) -> str:
    """Return how the catalogue is searched and pulled from."""
    address = complete_address(context, "") or "ADDRESS-OF-THIS-CATALOGUE"
    return (
        "Search and pull with the command `cmsite`; every byte is checked against the index.\n\n"
        f"- Search: `cmsite search WORDS --registry {address}`\n"
        f"- Pull one artifact: `cmsite pull AUTOMATION:NAME --registry {address}`\n"
        "- Every page of an artifact links its manifest, one JSON file with everything that is known about it"
        ' (`<link rel="alternate describedby" type="application/json">`).\n\n'
    )


def _catalogue_items(context: SiteContext) -> list[str]:
    return [
        _item(context, "automation/", "Artifacts", "all artifacts by automation"),
        _item(context, "find/", "Find", "search by words and facets; needs scripts, the command does not"),
        _item(context, "repository/", "Repositories", "where they come from"),
        _item(context, "tag/", "Tags", "all tags"),
        _item(context, "results/", "Results", "claims of papers beside reproduced values, with verdicts"),
        *(
            [_item(context, "results/experiments/", "Experiments", "all rows of all experiments")]
            if context.tables
            else ()
        ),
    ]


def _data_items(context: SiteContext) -> list[str]:
    items = [
        _item(context, ROOT_PATH, "Index", "the root of the static index that clients read, format cm-index/1"),
        _item(context, "results/claims.json", "Claims", "all claims and verdicts as JSON"),
    ]
    if context.has_feed:
        items.append(_item(context, FEED_PATH, "Changes", "new and changed artifacts as an Atom feed"))
    if context.catalog.base_url:
        items.append(_item(context, SITEMAP_PATH, "Sitemap", "the address of every page"))
    return items


def _facet_item(context: SiteContext, facet: Facet) -> str:
    return _item(context, facet.address, facet.name, counted(len(facet.keys), "artifact"))


def _item(context: SiteContext, address: str, title: str, notes: str = "") -> str:
    link = complete_address(context, address) or address
    return f"- [{_words(title)}]({link})" + (f": {_words(notes)}" if notes else "") + "\n"


def _words(text: str) -> str:
    r"""Return text on one line, of which no sign is Markdown or HTML.

    >>> _words("a [b](c)\n<i>d</i>")
    'a \\[b\\](c) \\<i\\>d\\</i\\>'
    """
    line = " ".join(text.split())[:MAX_WORDS]
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", _UNSAFE.sub("\ufffd", line))
