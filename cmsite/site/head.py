"""What the head of a page says to machines: its address, its card in other sites, its data, and where to read more.

Everything comes from the page itself and from facts of the catalogue that no build changes. A block of data is no
script: it is not run, and no text in it can end it. Addresses that must be complete stand there only where registry.yml
has a `base_url`. Source: https://ogp.me/, https://schema.org/, https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from cmsite.site.context import SiteContext
from cmsite.site.shell import base_of
from cmsite.site.site_data import complete_address

FEED_PATH = "feed.xml"
MAX_TITLE = 300  # Characters.

# What could end the block, or a line of a script where somebody copies it into one.
_ESCAPES = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What a page tells machines beyond its title and description.

    `graph` are nodes of JSON-LD in the words of schema.org; `manifest` is the path of the artifact's manifest, ""
    where the page is no artifact's: then it leads to the feed. `is_article` says that it is about one thing.
    """

    graph: tuple[Mapping[str, Any], ...] = ()
    manifest: str = ""
    is_article: bool = False


def head_of(
    context: SiteContext,
    *,
    address: str,
    title: str,
    description: str,
    facts: MachineFacts,
    has_canonical: bool = False,
    has_card: bool = False,
    feed: str = "",
) -> str:
    """Return the elements, without those that the head has already; `feed` is the path of a feed about the page."""
    url = complete_address(context, address)
    canonical = f'<link rel="canonical" href="{escape(url)}">' if url and not has_canonical else ""
    card = "" if has_card else "".join(_card(context, url, title, description, facts))
    return canonical + card + _alternate(context, address, facts, feed) + data_block(facts.graph)


def data_block(graph: Iterable[Mapping[str, Any]]) -> str:
    r"""Return nodes as one block of JSON-LD, "" where there are none.

    >>> data_block([{"@type": "Thing", "name": "</script><b>\u2028"}])
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"Thing","name":"\\u003c/script\\u003e\\u003cb\\u003e\\u2028"}</script>'
    """
    nodes = list(graph)
    if not nodes:
        return ""
    document = {"@context": "https://schema.org", **(nodes[0] if len(nodes) == 1 else {"@graph": nodes})}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for sign, escaped in _ESCAPES:
        text = text.replace(sign, escaped)
    return f'<script type="application/ld+json">{text}</script>'


def _card(context: SiteContext, url: str, title: str, description: str, facts: MachineFacts) -> Iterable[str]:
    """Yield what other sites and messengers show of a link to the page; without an image, as a site has none."""
    values = (
        ("og:title", title[:MAX_TITLE]),
        ("og:description", description),
        ("og:type", "article" if facts.is_article else "website"),
        ("og:url", url),
        ("og:site_name", context.catalog.title[:MAX_TITLE]),
    )
    for name, value in values:
        if value:
            yield f'<meta property="{name}" content="{escape(value)}">'
    yield '<meta name="twitter:card" content="summary">'


def _alternate(context: SiteContext, address: str, facts: MachineFacts, feed: str) -> str:
    """Return the link to the manifest or the feeds, one about the page first.

    Never `alternate` alone: Material's script takes each such link for the root of another language and asks for its
    sitemap on every page. To be removed once it asks for those with `hreflang` only.
    """
    base = base_of(address)
    if facts.manifest:
        return f'<link rel="alternate describedby" type="application/json" href="{base}/{facts.manifest}">'
    feeds = [(feed, "Verdicts")] * bool(feed) + [(FEED_PATH, "Changes")] * context.has_feed
    return "".join(
        f'<link rel="alternate feed" type="application/atom+xml" title="{title}" href="{base}/{path}">'
        for path, title in feeds
    )
