"""One artifact as a line of a list: the same everywhere, rendered once a process and put into every list it is in.

A line is rendered with a mark in place of the way to the site's root, which differs with the depth of the list: the
mark is what no escaped value can hold. So each of the lists of a tag costs a join, not a template.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.site.context import Badge, SiteContext
from cmsite.site.letters import title_of
from cmsite.site.paging import anchor_of

ROW_TAGS = 6  # Tags named in a row.
MAX_TAG = 60  # Characters of one of them.
_BASE = Markup("<~>")  # A constant; `<` never stands in an escaped value.


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a list shows of one artifact; `anchor` is its id there, the same in every list and every build."""

    name: str
    address: str
    anchor: str
    automation: str
    repository: str
    description: str
    derived: bool
    tags: tuple[str, ...]
    tags_left_out: int
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    """The rows below one letter; `title` and `anchor` are "" where a list is not cut by letters."""

    title: str
    anchor: str
    html: Markup


class RowBook:
    """The rendered rows of one context; made anew where the context is another one."""

    __slots__ = ("_context", "_html")

    def __init__(self) -> None:
        self._context: SiteContext | None = None
        self._html: dict[ArtifactKey, str] = {}

    def html_of(self, context: SiteContext, key: ArtifactKey) -> str:
        """Return the HTML of a row, with the mark in its addresses."""
        if self._context is not context:
            self._context, self._html = context, {}
        html = self._html.get(key)
        if html is None:
            html = self._html[key] = context.render("partials/row.html", base=_BASE, row=artifact_row(context, key))
        return html


_BOOK = RowBook()  # Of this process; workers are forked with an empty one.


def artifact_row(context: SiteContext, key: ArtifactKey) -> Row:
    """Return what a list shows of one artifact."""
    artifact = context.catalog.artifacts[key]
    address = artifact_address(key)
    tags = [tag for tag in artifact.tags if tag]
    return Row(
        name=artifact.display_name,
        address=address,
        anchor=address[2:-1],
        automation=key.automation,
        repository=key.repository,
        description=artifact.summary,
        derived=artifact.summary_derived,
        tags=tuple(tag if len(tag) <= MAX_TAG else f"{tag[: MAX_TAG - 1]}…" for tag in tags[:ROW_TAGS]),
        tags_left_out=max(0, len(tags) - ROW_TAGS),
        badges=context.badges.get(key, ()),
    )


def rows_html(context: SiteContext, keys: Iterable[ArtifactKey], base: str) -> Markup:
    """Return the rows of artifacts for a page from which `base` leads to the site's root."""
    html = "".join([_BOOK.html_of(context, key) for key in keys])
    return Markup(html.replace(_BASE, base))  # noqa: S704 - our template, with escaped values.


def row_groups(
    context: SiteContext, keys: Sequence[ArtifactKey], base: str, parts: Iterable[tuple[str, slice]]
) -> tuple[RowGroup, ...]:
    """Return the rows of one page of a list, below their letters where the list has some."""
    return tuple(
        RowGroup(
            title=title_of(letter) if letter else "",
            anchor=anchor_of(letter) if letter else "",
            html=rows_html(context, keys[part], base),
        )
        for letter, part in parts
    )
