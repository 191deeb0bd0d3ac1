"""How many claims have each verdict, as tables of totals show it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.model.results import Verdict
from cmsite.site.result_rows import VerdictView, verdict_view


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCount:
    """How many claims have a verdict."""

    verdict: VerdictView
    count: int


def verdict_counts(verdicts: Iterable[Verdict]) -> tuple[VerdictCount, ...]:
    """Return how many claims have each verdict that stands among them, the judged ones first."""
    found = Counter(verdicts)
    order = sorted(Verdict, key=lambda verdict: not verdict.judged)
    return tuple(
        VerdictCount(verdict=verdict_view(verdict), count=found[verdict]) for verdict in order if found[verdict]
    )
