"""By what the dashboard of claims is narrowed down and grouped: the values each row has of each facet.

Source: facts/results.md §3 (facets of the catalogue's dashboard).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cmsite.model.judgements import Judgement
from cmsite.model.results import Claim, Paper, Verdict
from cmsite.results.changes import STALENESS, staleness
from cmsite.results.comparability import HARDWARE_NAMES, NO_DEVICE, merged
from cmsite.results.table import ClaimRow
from cmsite.site.badge_views import badge_view

Values = tuple[str, ...]
MAX_VALUES = 20
"""Values of one facet that one row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A way to narrow down: `key` stands in addresses, `missing` is what a reader sees for the value "".

    `of` returns the values of a row and the newest date of the catalogue; `order` are the values in their own order,
    none where the most frequent come first.
    """

    key: str
    title: str
    missing: str
    of: Callable[[ClaimRow, datetime | None], Values]
    order: Values = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """How many of the rows have each value of a facet: (value as shown, rows), and how many values are left out."""

    title: str
    counts: tuple[tuple[str, int], ...]
    left_out: int


def hardware_of(row: ClaimRow) -> Values:
    """Return the processors and accelerators that the runs of a row name, each combination once."""
    attempt = row.reproduction
    if attempt is None:
        return ()
    environments = [
        merged(attempt.environment, run.environment) for run in attempt.completed_runs_of(row.claim.id)
    ] or [attempt.environment]
    found = []
    for environment in environments:
        named = dict(environment)
        devices = [named.get(name, "").strip() for name in HARDWARE_NAMES]
        found.append(" + ".join(device for device in devices if device.lower() not in NO_DEVICE))
    return tuple(dict.fromkeys(device for device in found if device))


def _evaluators(row: ClaimRow, _newest: datetime | None) -> Values:
    return tuple(dict.fromkeys(person.name for person in row.reproduction.agents)) if row.reproduction else ()


def _badges(row: ClaimRow, _newest: datetime | None) -> Values:
    """Return the badges that the paper and the record were given, in the words of their schemes."""
    given = (*row.paper.badges, *(row.reproduction.badges if row.reproduction else ()))
    return tuple(dict.fromkeys(f"{view.scheme}: {view.name}" for view in map(badge_view, given)))


FACETS: tuple[Facet, ...] = (
    Facet(
        key="verdict",
        title="Verdict",
        missing="no claims declared",
        of=lambda row, _: (row.judgement.verdict.value,),
        order=tuple(verdict.value for verdict in reversed(Verdict)),
    ),
    Facet(key="venue", title="Venue", missing="not stated", of=lambda row, _: (row.paper.venue,)),
    Facet(
        key="year",
        title="Year",
        missing="not stated",
        of=lambda row, _: (str(row.paper.year) if row.paper.year is not None else "",),
    ),
    Facet(key="badge", title="Badge", missing="none", of=_badges),
    Facet(key="metric", title="Metric", missing="none", of=lambda row, _: (row.claim.metric,)),
    Facet(key="evaluator", title="Evaluator", missing="nobody named", of=_evaluators),
    Facet(key="hardware", title="Hardware", missing="not stated", of=lambda row, _: hardware_of(row)),
    Facet(
        key="status",
        title="Record",
        missing="no record",
        of=lambda row, _: (row.reproduction.status.value if row.reproduction else "",),
    ),
    Facet(
        key="staleness",
        title="Staleness",
        missing="no claims declared",
        of=lambda row, newest: (staleness(row, newest),),
        order=STALENESS,
    ),
    Facet(key="paper", title="Paper", missing="no title", of=lambda row, _: (row.paper.title,)),
)
"""In the order in which a page shows them."""


OF_PAPERS = frozenset({"venue", "year", "badge", "paper"})
"""The keys of the facets that say something of a paper without claims."""


def bare_row(paper: Paper) -> ClaimRow:
    """Return the row that stands for a paper without claims: its claim has no name, and no export has it."""
    return ClaimRow(
        paper=paper,
        claim=Claim(id=""),
        metric=None,
        reproduction=None,
        judgement=Judgement(verdict=Verdict.UNTESTED),
    )


def values_of(facet: Facet, row: ClaimRow, newest: datetime | None) -> Values:
    """Return the values a row has of a facet, at least one: ("",) where it states none."""
    if not row.claim.id and facet.key not in OF_PAPERS:
        return ("",)
    return facet.of(row, newest)[:MAX_VALUES] or ("",)


def facet_counts(rows: Sequence[ClaimRow], newest: datetime | None, limit: int) -> tuple[FacetCount, ...]:
    """Return for each facet its values with the number of rows, as lists that need no script."""
    return tuple(_counted(facet, rows, newest, limit) for facet in FACETS)


def _counted(facet: Facet, rows: Iterable[ClaimRow], newest: datetime | None, limit: int) -> FacetCount:
    counts = Counter(value for row in rows for value in values_of(facet, row, newest))
    place = {value: number for number, value in enumerate(facet.order)}
    ordered = sorted(counts.items(), key=lambda item: (place.get(item[0], len(place)), -item[1], item[0]))
    return FacetCount(
        title=facet.title,
        counts=tuple((value or facet.missing, count) for value, count in ordered[:limit]),
        left_out=max(0, len(ordered) - limit),
    )
