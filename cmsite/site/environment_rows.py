"""Where a reproduction ran beside where its paper's numbers come from: differences first, then all.

Source: facts/results.md §1 (MLPerf's field names), §3 (differences of environment first).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.model.results import Claim, Pairs, Reproduction
from cmsite.site.text import counted, shortened

MAX_VALUES = 6  # Different values of one property, of the runs or claims that state it.


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRow:
    """One property of the machines; `differs` where both sides state it and it is not the same."""

    name: str
    claimed: str
    reproduced: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The properties of both sides: `line` counts the differences, `claimed` says whether the paper states any."""

    rows: tuple[EnvironmentRow, ...]
    left_out: int
    line: str
    claimed: bool


def environment_of(claims: Iterable[Claim], attempt: Reproduction, *, limit: int, characters: int) -> Environment:
    """Return differences first, then what both sides share, then what one side states; at most `limit` rows."""
    theirs = _joined(pair for claim in claims for pair in claim.environment)
    ours = _joined((*attempt.environment, *(pair for run in attempt.runs for pair in run.environment)))
    rows = [
        EnvironmentRow(
            name=shortened(name, characters),
            claimed=shortened(theirs.get(name, ""), characters),
            reproduced=shortened(ours.get(name, ""), characters),
            differs=name in theirs and name in ours and _plain(theirs[name]) != _plain(ours[name]),
        )
        for name in dict.fromkeys((*theirs, *ours))
    ]
    rows.sort(key=lambda row: (not row.differs, not (row.claimed and row.reproduced)))
    return Environment(
        rows=tuple(rows[:limit]), left_out=max(0, len(rows) - limit), line=_line(rows), claimed=bool(theirs)
    )


def _line(rows: Iterable[EnvironmentRow]) -> str:
    found = tuple(rows)
    both = [row for row in found if row.claimed and row.reproduced]
    if not both:
        claimed, reproduced = any(row.claimed for row in found), any(row.reproduced for row in found)
        if claimed and reproduced:
            return "no property is stated on both sides"
        return "the paper states no environment" if reproduced else "the record states no environment"
    differing = sum(row.differs for row in both)
    return f"{differing:,} of {counted(len(both), 'property', 'properties')} stated on both sides differ"


def _joined(pairs: Iterable[tuple[str, str]] | Pairs) -> dict[str, str]:
    """Return each property with its different values; of very many the first, and how many more."""
    values: dict[str, dict[str, None]] = {}
    for name, value in pairs:
        values.setdefault(name, {})[value] = None
    return {
        name: " / ".join(list(found)[:MAX_VALUES])
        + (f" / {len(found) - MAX_VALUES:,} more values" if len(found) > MAX_VALUES else "")
        for name, found in values.items()
    }


def _plain(text: str) -> str:
    return " ".join(text.split())
