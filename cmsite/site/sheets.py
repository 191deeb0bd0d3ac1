"""A section made of facts, lists of artifacts, tables and code: what most types of artifacts have to show.

`section` leaves out what is empty, and the whole section where nothing is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from cmsite.model.artifact import ArtifactKey
from cmsite.site.cells import Fact, Table, fitting_rows, link_to, one_of_each
from cmsite.site.context import SiteContext
from cmsite.site.highlight import code_block
from cmsite.site.view_rows import Link, TypeSection

MAX_LINKS = 80  # Of one list of artifacts.
MAX_CHARACTERS = 8_000  # Of its HTML.


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkList:
    """Artifacts under a heading of their own."""

    title: str
    anchor: str
    links: tuple[Link, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Code, with the words that stand before it; `html` is escaped."""

    words: str
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the section shows, in this order."""

    facts: tuple[Fact, ...] = ()
    lists: tuple[LinkList, ...] = ()
    tables: tuple[Table, ...] = ()
    blocks: tuple[Block, ...] = ()


def section(title: str, sheet: Sheet, *, first: bool = True) -> tuple[TypeSection, ...]:
    """Return the section of a sheet, none where it is empty; its anchor is its title's."""
    lists = tuple(item for item in sheet.lists if item.links)
    tables = tuple(item for item in sheet.tables if item.rows)
    if not (sheet.facts or lists or tables or sheet.blocks):
        return ()
    shown = Sheet(facts=sheet.facts, lists=lists, tables=tables, blocks=sheet.blocks)
    return (
        TypeSection(
            title=title,
            anchor=anchor_of(title),
            template="sections/sheet.html",
            values={"sheet": shown, "label": title},
            first=first,
        ),
    )


def anchor_of(title: str) -> str:
    """Return the anchor of one of our own titles.

    >>> anchor_of("How to load")
    'how-to-load'
    """
    return title.lower().replace(" ", "-")


def artifact_list(context: SiteContext, key: ArtifactKey, title: str, keys: Sequence[ArtifactKey]) -> LinkList:
    """Return the artifacts as a list, each uid once; copies in the repository of `key` come before others."""
    found = one_of_each(context, key, keys)
    links = tuple(link_to(context, other) for other in found[:MAX_LINKS])
    links = links[: fitting_rows([((link,),) for link in links], MAX_CHARACTERS)]
    return LinkList(title=title, anchor=anchor_of(title), links=links, left_out=len(found) - len(links))


def code(words: str, text: str, language: str) -> Block:
    """Return a block of code."""
    return Block(words=words, html=Markup(code_block(text, language)))  # noqa: S704 - code_block escapes.
