"""When verdicts were found and when they changed, told by the dates of the records: a build knows no clock.

Source: facts/results.md §3 (feed of new and changed verdicts, staleness).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Reproduction, Verdict
from cmsite.results.table import ClaimRow

NEVER_TRIED, NO_DATE = "never tried", "no date"
_AGES = (
    (timedelta(days=30), "within 30 days of the newest record"),
    (timedelta(days=365), "up to a year older"),
    (timedelta(days=3 * 365), "1 to 3 years older"),
)
_OLDER = "more than 3 years older"

STALENESS = (*(words for _, words in _AGES), _OLDER, NO_DATE, NEVER_TRIED)
"""Every answer of `staleness`, the freshest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    """A record that gave a claim its first verdict (`before` is None) or another one than the record before."""

    time: datetime
    row: ClaimRow
    before: Verdict | None


def moment(text: str) -> datetime | None:
    """Return the moment that a day or time in ISO 8601 names, in UTC where it names no zone; None where it names none.

    >>> moment("2026-11-21").isoformat(), moment("last week"), moment("0001-01-01T00:00:00+12:00")
    ('2026-11-21T00:00:00+00:00', None, None)
    """
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def newest_moment(reproductions: Iterable[Reproduction]) -> datetime | None:
    """Return the date of the data: that of the newest record, None where no record has one."""
    return max((found for attempt in reproductions if (found := moment(attempt.check_time))), default=None)


def staleness(row: ClaimRow, newest: datetime | None) -> str:
    """Return how much older than the newest record of the catalogue a row's record is, in words."""
    if row.reproduction is None:
        return NEVER_TRIED
    found = moment(row.reproduction.check_time)
    if found is None or newest is None:
        return NO_DATE
    return next((words for limit, words in _AGES if newest - found <= limit), _OLDER)


def verdict_changes(rows: Iterable[ClaimRow]) -> tuple[VerdictChange, ...]:
    """Return the records by which claims got a verdict or another one, the newest first.

    A record without a readable date has no place in time, a superseded one does not count, and one that left a claim
    out changes nothing.
    """
    records: dict[tuple[ArtifactKey, str], list[tuple[datetime, str, ClaimRow]]] = defaultdict(list)
    for row in rows:
        attempt = row.reproduction
        time = moment(attempt.check_time) if attempt is not None else None
        if attempt is None or time is None or not row.counts or row.judgement.verdict is Verdict.UNTESTED:
            continue
        records[row.paper.key, row.claim.id].append((time, attempt.uid or str(attempt.key), row))
    changes = []
    for dated in records.values():
        before: Verdict | None = None
        for time, _, row in sorted(dated, key=lambda record: record[:2]):
            if row.judgement.verdict is not before:
                changes.append(VerdictChange(time=time, row=row, before=before))
            before = row.judgement.verdict
    return tuple(sorted(changes, key=_newest_first))


def _newest_first(change: VerdictChange) -> tuple[float, str, str, str]:
    uid = change.row.reproduction.uid if change.row.reproduction else ""
    return (-change.time.timestamp(), str(change.row.paper.key), change.row.claim.id, uid)
