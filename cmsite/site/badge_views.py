"""Badges as pages show them: the words of their scheme, who gave them, and what ACM's version 1.1 calls the same.

`partials/badges.html` has the macros `badge_list` and `badge_words` that turn them into HTML.
Source: facts/results.md §1 (the crosswalk is for display only).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.badges import Badge, BadgeScheme
from cmsite.results.badge_schemes import SCHEME_NAMES, level_named
from cmsite.results.web_address import web_address
from cmsite.site.cells import day
from cmsite.site.result_rows import web_address as reference_address
from cmsite.site.text import shortened
from cmsite.site.view_rows import Bounded, Link

MAX_SHOWN = 20
"""Badges of one list on a page; each takes about half a kilobyte."""

MAX_CHARACTERS = 6_000  # Of their texts; a page stays within 40 kB.
MAX_TEXT = 200  # Of one text.


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeView:
    """One badge.

    `scheme` names the scheme, "Badge" where it is unknown; `name` is the level in the scheme's words; `also` says what
    ACM 1.1 calls the same, "" where there is nothing to say; `issued_by` is never empty; `text` is the raw text of the
    record; `evidence` leads out of the site or to the artifact's files.
    """

    scheme: str
    name: str
    also: str
    meaning: str
    issued_by: str
    issued: str
    evidence: Link
    text: str
    self_asserted: bool
    is_known: bool


def badge_views(badges: Iterable[Badge], key: ArtifactKey | None = None) -> Bounded:
    """Return badges as pages show them, in their order; `key` is the artifact that evidence files belong to."""
    views = [badge_view(badge, key) for badge in badges]
    shown = views[: _fitting(views)]
    return Bounded(rows=tuple(shown), left_out=len(views) - len(shown))


def _fitting(views: list[BadgeView]) -> int:
    """Return how many of the first badges a page has room for, at least one."""
    used = 0
    for number, view in enumerate(views[:MAX_SHOWN]):
        used += len(view.name) + len(view.issued_by) + len(view.text) + len(view.issued)
        used += len(view.evidence.text) + len(view.evidence.address)
        if used > MAX_CHARACTERS and number:
            return number
    return min(len(views), MAX_SHOWN)


def badge_view(badge: Badge, key: ArtifactKey | None = None) -> BadgeView:
    """Return one badge as pages show it."""
    level = level_named(badge.scheme, badge.level)
    return BadgeView(
        scheme=SCHEME_NAMES[level.scheme] if level else "Badge",
        name=level.name if level else shortened(badge.text, MAX_TEXT),
        also=_also(badge),
        meaning=level.meaning if level else "in the record's own words, which are no level of a known scheme",
        issued_by=_issued_by(badge),
        issued=shortened(day(badge.issued), MAX_TEXT),
        evidence=_evidence(badge.evidence, key),
        text=shortened(badge.text, MAX_TEXT),
        self_asserted=badge.self_asserted,
        is_known=level is not None,
    )


def _also(badge: Badge) -> str:
    """Return what ACM 1.1 calls the same, where it is another word or another scheme."""
    level = level_named(badge.scheme, badge.level)
    if level is None or badge.scheme is BadgeScheme.ACM_1_1:
        return ""
    if not level.acm_1_1:
        return "no level of ACM 1.1 means the same"
    if badge.scheme is BadgeScheme.ACM_1_0 and level.acm_1_1 == level.name:
        return ""
    return f"{'nearest to' if level.is_nearest else 'called'} “{level.acm_1_1}” in ACM 1.1"


def _issued_by(badge: Badge) -> str:
    issuer = shortened(badge.issuer, MAX_TEXT)
    if badge.self_asserted:
        return f"self-asserted, naming {issuer}" if issuer else "self-asserted by the authors"
    return f"issued by {issuer}" if issuer else "issuer not stated"


def _evidence(text: str, key: ArtifactKey | None) -> Link:
    address = web_address(reference_address(text))
    if text and not address and key is not None and "://" not in text:
        address = f"{artifact_address(key)}#files"
    return Link(text=shortened(text, MAX_TEXT), address=address)
