"""The verdicts of a paper in the words of schema.org: one `ClaimReview` a claim and reproduction.

A rating stands only where the numbers were judged; whoever measured them is the author of the review, and a claim that
nobody tried has none. Source: https://schema.org/ClaimReview, /Claim, /Rating.
"""

import re
from collections.abc import Iterator

from cmsite.catalog.addresses import artifact_address
from cmsite.model.results import Verdict
from cmsite.results.table import ClaimRow
from cmsite.results.wording import explained
from cmsite.site.context import SiteContext
from cmsite.site.paper_data import paper_node, persons
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import row_anchor
from cmsite.site.site_data import Node, complete_address, said
from cmsite.site.text import shortened

MAX_REVIEWS = 40  # On one page; the exports hold all rows.
MAX_TEXT = 300

# Higher is nearer to what was claimed: outside on the better side is a difference too.
RATINGS = {Verdict.NOT_REPRODUCED: 1, Verdict.EXCEEDS: 2, Verdict.REPRODUCED: 3}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def claim_reviews(context: SiteContext, group: PaperRows) -> Iterator[Node]:
    """Yield the reviews of the first claims that somebody tried, in the order of the page."""
    tried = (row for row in group.rows if row.reproduction is not None)
    for _, row in zip(range(MAX_REVIEWS), tried, strict=False):
        yield _review(context, group, row)


def _review(context: SiteContext, group: PaperRows, row: ClaimRow) -> Node:
    claim, verdict, attempt = row.claim, row.judgement.verdict, row.reproduction
    page = complete_address(context, group.address)
    text = shortened(claim.text or claim.id, MAX_TEXT)
    date = attempt.check_time if attempt else ""
    return said(
        {
            "@type": "ClaimReview",
            "url": f"{page}#{row_anchor(row)}" if page else "",
            "claimReviewed": text,
            "itemReviewed": said(
                {
                    "@type": "Claim",
                    "name": shortened(claim.id, MAX_TEXT),
                    "text": text,
                    "appearance": paper_node(context, group.paper),
                }
            ),
            "author": persons(attempt.agents) if attempt else [],
            "datePublished": date[:10] if _DAY.match(date) else "",
            "reviewBody": f"{verdict.value}: {explained(verdict)}",
            "reviewRating": _rating(verdict),
            "isBasedOn": complete_address(context, artifact_address(attempt.key)) if attempt else "",
        }
    )


def _rating(verdict: Verdict) -> Node:
    if verdict not in RATINGS:
        return {}
    return {
        "@type": "Rating",
        "ratingValue": RATINGS[verdict],
        "worstRating": min(RATINGS.values()),
        "bestRating": max(RATINGS.values()),
        "alternateName": verdict.value,
        "ratingExplanation": explained(verdict),
    }
