"""Values of metas as cells of tables and rows of facts: words, and where they lead.

A cell is a text, or a tuple of links where some part of it leads somewhere. An address in a meta is linked only where it is a plain
web address; a uid, `alias,uid` or `automation:name` of the catalogue leads to the artifact's page. Never raises,
whatever the value. Source: facts/formats.md §1, §7 (references; dates in three notations).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import UID_LENGTH, is_uid, normal_uid
from cmsite.results.web_address import web_address
from cmsite.site.context import SiteContext
from cmsite.site.text import plain
from cmsite.site.view_rows import Link

MAX_ITEMS = 12  # Of a list that one cell shows.
MAX_FACTS = 60  # Rows of facts of a section.
MAX_TEXT = 600  # Characters of one value.

_CELL_MARKUP = 18  # Characters around a cell.
_LINK_MARKUP = 40  # Around a link, with the way to the root.

Cell: TypeAlias = str | tuple[Link, ...]

_DAY = re.compile(r"(\d{4})-?(?:(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row of a section: a name and its value."""

    name: str
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: every row has as many cells as `head`; `numbers` are the columns set to the right.

    `left_out` counts rows that are not shown; `note` stands under the table.
    """

    label: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...] = ()
    left_out: int = 0
    note: str = ""


def fitting_rows(rows: Sequence[tuple[Cell, ...]], characters: int) -> int:
    """Return how many of the first rows fit into so many characters of HTML, at least one.

    >>> fitting_rows([("a" * 40, "b" * 40)] * 9, 250)
    2
    """
    used = 0
    for number, row in enumerate(rows):
        for item in row:
            used += _CELL_MARKUP + (
                len(item)
                if isinstance(item, str)
                else sum(_LINK_MARKUP + len(link.text) + len(link.address) for link in item)
            )
        if used > characters and number:
            return number
    return len(rows)


def day(value: Any) -> str:
    """Return a date of any notation as ISO 8601 writes it, other texts as they are.

    >>> day("20230817"), day("202309"), day(2022), day("soon")
    ('2023-08-17', '2023-09', '2022', 'soon')
    """
    text = plain(value)
    found = _DAY.match(text)
    return "-".join(part for part in found.groups() if part) if found else text


def cell(context: SiteContext, key: ArtifactKey, value: Any) -> Cell:
    """Return a value as the page of the artifact `key` shows it: lists item by item, addresses and uids as links."""
    if not isinstance(value, list):
        return _item(context, key, value)
    found = [_item(context, key, item) for item in value[:MAX_ITEMS]]
    if len(value) > MAX_ITEMS:
        found.append(f"{len(value) - MAX_ITEMS:,} more")
    return joined(found)


def joined(cells: Iterable[Cell]) -> Cell:
    """Return several cells as one; empty ones are left out."""
    found = [item for item in cells if item]
    if all(isinstance(item, str) for item in found):
        return ", ".join(map(str, found))
    return tuple(link for item in found for link in ((Link(text=item),) if isinstance(item, str) else item))


def _item(context: SiteContext, key: ArtifactKey, value: Any) -> Cell:
    """Return one value; a mapping as `name: value` pairs on one line."""
    if isinstance(value, dict):
        pairs = (f"{plain(name)}: {plain(item)}" for name, item in list(value.items())[:MAX_ITEMS])
        return "; ".join(pairs)[:MAX_TEXT]
    if not isinstance(value, str):
        return plain(value)
    text = " ".join(value[: MAX_TEXT * 2].split())
    if text.startswith("http") and (address := web_address(text)):
        return (Link(text=text.removeprefix("https://").removeprefix("http://"), address=address),)
    link = reference_link(context, key, text)
    return (link,) if link.address else link.text


def reference_link(context: SiteContext, key: ArtifactKey, text: str) -> Link:
    """Return a link to what a text names by its uid (alone, `alias,uid`, or `automation:uid`), else the text alone."""
    uid = text[-UID_LENGTH:]
    if is_uid(uid) and text[-UID_LENGTH - 1 : -UID_LENGTH] in ("", ",", ":", " "):
        name, is_typed = text[: -UID_LENGTH - 1].rstrip(", "), text[-UID_LENGTH - 1 : -UID_LENGTH] == ":"
        found = nearest(key, context.uids.get(normal_uid(uid), ()))
        if found is not None:
            own = context.catalog.artifacts[found].display_name
            shown = f"{name}:{own}" if is_typed else name or own
            return Link(text=shown[:MAX_TEXT], address=artifact_address(found))
    return Link(text=text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…")


def named_link(context: SiteContext, key: ArtifactKey, automation: str, text: str) -> Link:
    """Return a link to the artifact of an automation that a text names by alias or uid, else the text alone."""
    found = nearest(key, context.names.get((automation, text), ()))
    return Link(text=text, address=artifact_address(found)) if found is not None else reference_link(context, key, text)


def nearest(key: ArtifactKey, keys: Sequence[ArtifactKey]) -> ArtifactKey | None:
    """Return the copy in the repository of `key`, else the first in catalogue order, else None."""
    if not keys:
        return None
    return next((found for found in keys if found.repository == key.repository), keys[0])


def one_of_each(context: SiteContext, key: ArtifactKey, keys: Iterable[ArtifactKey]) -> tuple[ArtifactKey, ...]:
    """Return each artifact once, in the order of the first copies: the copy in the repository of `key` where it has one."""
    found: dict[tuple[str, str], ArtifactKey] = {}
    for other in keys:
        artifact = context.catalog.artifacts[other]
        identity = artifact.identity if artifact.uid else (str(other), "")
        if identity not in found or (other.repository == key.repository != found[identity].repository):
            found[identity] = other
    return tuple(found.values())


def link_to(context: SiteContext, key: ArtifactKey) -> Link:
    """Return a link to an artifact of the catalogue, by its name."""
    artifact = context.catalog.artifacts[key]
    return Link(text=artifact.name or artifact.display_name, address=artifact_address(key))


def facts(rows: Iterable[tuple[str, Cell]]) -> tuple[Fact, ...]:
    """Return the rows that have a value."""
    return tuple(Fact(name=name, cell=value) for name, value in rows if value)[:MAX_FACTS]


def texts(value: Any) -> list[str]:
    """Return the texts of a value: a text alone, or those of a list; anything else is left out."""
    items = value if isinstance(value, list) else [value]
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def mapping(value: Any) -> dict[Any, Any]:
    """Return a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[Any, Any]]:
    """Return the mappings of a list; anything else is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
