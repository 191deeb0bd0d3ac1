"""The badges of a paper as files beside its page, and what to copy to show them elsewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from cmsite.outputs import OutputFile
from cmsite.site.badge_svg import BadgePicture, claim_badge, emit_badge, paper_badge
from cmsite.site.claim_names import claim_names
from cmsite.site.context import SiteContext
from cmsite.site.paper_rows import PaperRows
from cmsite.site.site_data import complete_address

BADGE_NAME = "badge.svg"
MAX_BADGES = 500  # Claims with a file of their own.
MAX_SHOWN = 40  # Of them on the page.

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedView:
    """A badge: its file beside the page, its words, and the texts to copy."""

    name: str
    text: str
    markdown: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Badges:
    """The badges of a paper: `files` beside the page, `whole` that of the paper, `claims` those that are shown.

    `left_out` more have a file, `missing` claims have none.
    """

    files: tuple[OutputFile, ...]
    whole: EmbedView
    claims: tuple[EmbedView, ...]
    left_out: int
    missing: int


def badges_of_paper(context: SiteContext, group: PaperRows) -> Badges:
    """Return the badges of a paper and of its first claims."""
    title = group.paper.title
    whole = paper_badge(group)
    files = [OutputFile(path=group.address + BADGE_NAME, content=emit_badge(whole, title))]
    found = list(_claims(group, claim_names(group.rows_by_claim)))
    for name, badge in found:
        files.append(OutputFile(path=group.address + name, content=emit_badge(badge, title)))
    shown = tuple(_embed(context, group, name, badge) for name, badge in found[:MAX_SHOWN])
    return Badges(
        files=tuple(files),
        whole=_embed(context, group, BADGE_NAME, whole),
        claims=shown,
        left_out=len(found) - len(shown),
        missing=len(group.rows_by_claim) - len(found),
    )


def _claims(group: PaperRows, names: Mapping[str, str]) -> Iterator[tuple[str, BadgePicture]]:
    for claim, rows in list(group.rows_by_claim.items())[:MAX_BADGES]:
        yield f"{names[claim]}.svg", claim_badge(claim, rows)


def _embed(context: SiteContext, group: PaperRows, name: str, badge: BadgePicture) -> EmbedView:
    """Return what to copy; without a known address of the site the paths are those within it."""
    page = complete_address(context, group.address) or group.address
    picture, text = page + name, badge.text
    return EmbedView(
        name=name,
        text=text,
        markdown=f"[![{_MARKDOWN.sub(_escaped, text)}]({picture})]({page})",
        html=f'<a href="{escape(page)}"><img src="{escape(picture)}" alt="{escape(text)}" height="20"></a>',
    )


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[1]}"
