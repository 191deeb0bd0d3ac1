"""Which rows of a paper its page shows where not all can be, and the bars that fit.

Source: facts/results.md §2.8 (the worst of several counts, so it is never among what is left out of a claim).
"""

from collections.abc import Sequence
from dataclasses import replace

from cmsite.results.table import ClaimRow, claim_summary
from cmsite.site.context import SiteContext
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_plots import MAX_DOTS
from cmsite.site.result_rows import RowView, row_view
from cmsite.site.view_rows import Bounded

MAX_ROWS = 150
MAX_ALL_DOTS = 6000  # Of all bars of a page.
MIN_DOTS = 20


def shown_rows(context: SiteContext, group: PaperRows) -> Bounded:
    """Return the rows of the claims table in the order of the claims; each claim has one before any has two."""
    claims = list(group.rows_by_claim.values())[:MAX_ROWS]
    each = max(1, MAX_ROWS // len(claims)) if claims else 0
    chosen = [row for rows in claims for row in _of_claim(rows, each)] if len(group.rows) > MAX_ROWS else group.rows
    dots = dots_of(len(chosen))
    seen: set[str] = set()
    return Bounded(
        rows=tuple(_once(row_view(context, row, with_plot=True, dots=dots), seen) for row in chosen),
        left_out=len(group.rows) - len(chosen),
    )


def dots_of(rows: int) -> int:
    """Return how many samples each of so many bars may show.

    >>> dots_of(1), dots_of(100), dots_of(1000)
    (200, 60, 20)
    """
    return max(MIN_DOTS, min(MAX_DOTS, MAX_ALL_DOTS // max(1, rows)))


def _of_claim(rows: Sequence[ClaimRow], limit: int) -> Sequence[ClaimRow]:
    """Return at most `limit` rows of one claim in their order: the newest with the worst verdict, and the newest."""
    if len(rows) <= limit:
        return rows
    worst = claim_summary(rows).worst
    numbers = range(len(rows))
    first = max(number for number in numbers if rows[number].judgement.verdict is worst)
    newest = [number for number in reversed(numbers) if number != first][: limit - 1]
    return [rows[number] for number in sorted((first, *newest))]


def _once(view: RowView, seen: set[str]) -> RowView:
    """Return the row without its anchor where another has it: two records of one uid, which the validator reports."""
    if view.anchor in seen:
        return replace(view, anchor="")
    seen.add(view.anchor)
    return view
