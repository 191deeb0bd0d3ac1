"""One page before it is stamped, and the stamping: content in, `OutputFile` out.

Every renderer of the site ends here: it makes the content (HTML from a template), names the title, and gets a file.
"""

import re
from dataclasses import dataclass
from html import escape

from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.head import MachineFacts, head_of
from cmsite.site.shell import Section, Slot, base_of, stamp
from cmsite.site.site_data import Node, above_of, complete_address, page_data
from cmsite.site.view_rows import Link

# Signs that HTML does not allow, or that turn the direction of what follows: shown as a replacement sign.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HARMLESS = bytes(code for code in range(0x80) if not _UNSAFE.match(chr(code)))  # Those that are never in `_UNSAFE`.
DRAFT = '<p class="cm-draft" role="note"><strong>Draft, not to be published.</strong> This site holds records under embargo.</p>'
MAX_DESCRIPTION = 200  # Characters; search engines and link previews show no more.


@dataclass(frozen=True, slots=True, kw_only=True)
class TocEntry:
    """A line of a page's table of contents: plain text and an anchor without `#`."""

    title: str
    anchor: str
    children: tuple["TocEntry", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: `address` relative to the site's root with a trailing slash, `content` HTML with one `<h1 id="start">`.

    `title` and `description` are plain text; links in `content` are relative (`shell.base_of(address)` leads to the
    root). Without `toc` the page has no second column. `above` are the pages between home and this one, by default that
    of its section. To machines the page is a `kind` of schema.org and `about` something, unless `facts` say more.
    `feed` is the path of an Atom feed about the page. `moved_to` is the address to which the page leads on by itself;
    without `is_indexed` search engines leave it out.
    """

    address: str
    section: Section
    title: str
    description: str
    content: str
    toc: tuple[TocEntry, ...] = ()
    above: tuple[Link, ...] = ()
    kind: str = "CollectionPage"
    about: Node | None = None
    facts: MachineFacts | None = None
    feed: str = ""
    moved_to: str = ""
    is_indexed: bool = True


def stamp_page(context: SiteContext, page: Page) -> OutputFile:
    """Put a page into its frame."""
    shell = context.shells.at(page.section, page.address, toc=bool(page.toc))
    parts = {
        Slot.TITLE: _bytes(escape(page.title)),
        Slot.DESCRIPTION: _bytes(escape(page.description[:MAX_DESCRIPTION])),
        Slot.HEAD: _bytes(_head(context, page)),
        Slot.CONTENT: _bytes((DRAFT if context.drafts else "") + page.content),
        Slot.TOC: _bytes("".join(map(_toc_item, page.toc))),
    }
    return OutputFile(path=f"{page.address}index.html", content=stamp(shell, parts))


def _head(context: SiteContext, page: Page) -> str:
    if page.moved_to:
        way = escape(f"{base_of(page.address)}/{page.moved_to}")
        canonical = escape(complete_address(context, page.moved_to)) or way
        return f'<meta http-equiv="refresh" content="0; url={way}"><link rel="canonical" href="{canonical}">'
    if not page.is_indexed:
        return '<meta name="robots" content="noindex">'
    facts = page.facts or MachineFacts(
        graph=page_data(
            context,
            kind=page.kind,
            address=page.address,
            title=page.title,
            above=page.above or above_of(page.section, page.address),
            about=page.about,
        )
    )
    description = page.description[:MAX_DESCRIPTION]
    return head_of(
        context, address=page.address, title=page.title, description=description, facts=facts, feed=page.feed
    )


def _bytes(html: str) -> bytes:
    """Return the bytes of a part of a page, without the signs of `_UNSAFE`.

    Most parts hold none; what remains of one without its plain letters is short, and found out in a tenth of the time.
    """
    content = html.encode("utf-8", "replace")
    remains = content.translate(None, _HARMLESS)
    if not remains or not _UNSAFE.search(remains.decode("utf-8", "replace")):
        return content
    return _UNSAFE.sub("\ufffd", html).encode("utf-8", "replace")


def _toc_item(entry: TocEntry) -> str:
    """Return one line of the table of contents as Material marks it up."""
    title = escape(entry.title)
    children = "".join(map(_toc_item, entry.children))
    nested = f'<nav class="md-nav" aria-label="{title}"><ul class="md-nav__list">{children}</ul></nav>'
    return (
        f'<li class="md-nav__item"><a href="#{escape(entry.anchor)}" class="md-nav__link">'
        f'<span class="md-ellipsis">{title}</span></a>{nested if children else ""}</li>'
    )
