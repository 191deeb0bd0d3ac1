"""Own rows beside others, within comparable groups only; where nothing is comparable, the reason.

A difference is (own − other) / |other|, worked out from the literals. Rows that are INVALID or have no result take part
in nothing; inferred rows are compared with inferred ones only.
Source: facts/results.md §4 (comparable group), §2 (delta, presets); CONTRACT §11 (fractions from the literals).
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from cmsite.results.experiment_groups import is_inferred, system_types, text
from cmsite.results.literals import number_of
from cmsite.results.mlperf.allowances import Allowance
from cmsite.results.mlperf.layout import SCENARIOS
from cmsite.results.mlperf.values import Row
from cmsite.results.units import unit_of

MAX_COMPARISONS = 100_000

FIELDS = ("suite", "round", "benchmark", "scenario", "division", "power", "unit", "inferred")
"""What comparable rows share, in the order of words and exports; beside them at least one system type."""

_MISSING = "not stated"


class Outcome(enum.Enum):
    """What a comparison says."""

    INSIDE = "inside"
    OUTSIDE_BETTER = "outside, better"
    OUTSIDE_WORSE = "outside, worse"
    OUTSIDE = "outside"
    CANNOT_TELL = "cannot tell"
    NOT_COMPARABLE = "not comparable"

    @property
    def is_outside(self) -> bool:
        """Return whether the difference is larger than the preset allows."""
        return self in {Outcome.OUTSIDE, Outcome.OUTSIDE_BETTER, Outcome.OUTSIDE_WORSE}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a row may be compared under: `shared` by `FIELDS`, and the types of its system (a row may have two)."""

    shared: tuple[str, ...]
    system_types: frozenset[str]

    @property
    def text(self) -> str:
        """Return the group in words."""
        power = "with power" if self.shared[5] == "yes" else ""
        inferred = "inferred" if self.shared[7] == "yes" else ""
        parts = (
            *self.shared[2:5],
            ", ".join(sorted(self.system_types)),
            self.shared[1],
            self.shared[6],
            power,
            inferred,
        )
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One own row beside one other, or beside none.

    `quantity` is `Result` or `Accuracy` in `unit`; `delta` is None where there is none; `direction` says higher or
    lower, and better or worse where the unit has a better side; `reason` says why not where nothing can be said.
    """

    own: Row
    terms: Terms
    quantity: str
    outcome: Outcome
    other: Row | None = None
    unit: str = ""
    delta: Fraction | None = None
    direction: str = ""
    reason: str = ""


@dataclass(slots=True)
class _Others:
    """Other rows by what makes them comparable, and what was said already of groups without any."""

    by_shared: defaultdict[tuple[str, ...], list[tuple[Terms, Row]]] = field(default_factory=lambda: defaultdict(list))
    terms: set[Terms] = field(default_factory=set)
    nearest: dict[Terms, str] = field(default_factory=dict)


def terms_of(row: Row) -> Terms:
    """Return what a row may be compared under."""
    scenario = text(row, "Scenario").strip()
    version = text(row, "Version").strip().lower().removeprefix("v")
    shared = (
        suite_of(row),
        f"v{version}" if version else _MISSING,
        text(row, "Benchmark").strip() or _MISSING,
        SCENARIOS.get(scenario.lower(), scenario) or _MISSING,
        text(row, "Division").strip().lower() or _MISSING,
        "yes" if row.get("has_power") is True else "no",
        text(row, "Unit").strip() or _MISSING,
        "yes" if is_inferred(row) else "no",
    )
    return Terms(shared, frozenset(system_types(text(row, "System type").lower())) - {""})


def suite_of(row: Row) -> str:
    """Return the suite a row belongs to by the keys only its schema has. Source: facts/results.md §4."""
    if "MlperfModel" in row or "Scenario" in row:
        return "inference"
    if "median_throughput" in row or "__Organization" in row:
        return "tiny"
    return "training" if "_Result_Units" in row or "Model_ID" in row else "other"


def compare(own: Sequence[Row], others: Iterable[Row], preset: Allowance) -> tuple[Comparison, ...]:
    """Return every comparison, own rows in their order, the same system first and then by name.

    More than `MAX_COMPARISONS` are cut off after a row.
    """
    index = _index(others)
    found: list[Comparison] = []
    for row in own:
        found.extend(_of_row(row, index, preset))
        if len(found) >= MAX_COMPARISONS:
            break
    return tuple(found)


def _index(rows: Iterable[Row]) -> _Others:
    index = _Others()
    for row in rows:
        terms = terms_of(row)
        if unfit_reason(row, terms):
            continue
        index.terms.add(terms)
        index.by_shared[terms.shared].append((terms, row))
    return index


def unfit_reason(row: Row, terms: Terms) -> str:
    """Return why a row can be compared with nothing, "" where it can."""
    if row.get("validity") == "INVALID":
        return "the run is INVALID"
    result = number_of(row.get("Result")) if not isinstance(row.get("Result"), str) else None
    if result is None or result.value is None:
        return "the row has no result"
    missing = [name for name, value in zip(FIELDS, terms.shared, strict=True) if value == _MISSING]
    if missing:
        hint = "; give --round" if "round" in missing else ""
        return f"{', '.join(missing)} not stated{hint}"
    return "" if terms.system_types else "system type not stated"


def _of_row(row: Row, index: _Others, preset: Allowance) -> Iterable[Comparison]:
    terms = terms_of(row)
    reason = unfit_reason(row, terms)
    same = (
        []
        if reason
        else [other for kind, other in index.by_shared.get(terms.shared, ()) if kind.system_types & terms.system_types]
    )
    if not same:
        yield Comparison(
            own=row,
            terms=terms,
            quantity=preset.of,
            outcome=Outcome.NOT_COMPARABLE,
            reason=reason or _nearest(terms, index),
        )
        return
    for other in sorted(same, key=lambda item: _order(row, item)):
        yield judged(row, other, terms, preset)


def _order(own: Row, other: Row) -> tuple[object, ...]:
    """Return the place of another row: the same place, then the same system, then by name."""
    same_place = other.get("Location") != own.get("Location")
    same_system = other.get("SystemName") != own.get("SystemName")
    return (
        same_place,
        same_system,
        *(str(other.get(name, "")) for name in ("SystemName", "Platform", "Location", "uid")),
    )


def judged(own: Row, other: Row, terms: Terms, preset: Allowance) -> Comparison:
    """Return one comparison of two comparable rows."""
    unit = terms.shared[6] if preset.of == "Result" else _metric(own)
    mine, theirs = _fraction(own, preset.of), _fraction(other, preset.of)
    reason = ""
    if mine is None or theirs is None:
        reason = f"no {preset.of} that is a number {'here' if mine is None else 'there'}"
    elif preset.of == "Accuracy" and _metric(own) != _metric(other):
        reason = "another metric of accuracy, or one that is not named"
    elif theirs == 0:
        reason = "nothing can be divided by a result of 0"
    if reason or mine is None or theirs is None:
        return Comparison(own=own, other=other, terms=terms, quantity=preset.of, unit=unit, outcome=Outcome.CANNOT_TELL, reason=reason)  # fmt: skip
    delta = (mine - theirs) / abs(theirs)
    side = False if preset.of == "Accuracy" else known.lower_is_better if (known := unit_of(unit)) else None
    better = None if side is None or delta == 0 else (delta < 0) is side
    return Comparison(
        own=own,
        other=other,
        terms=terms,
        quantity=preset.of,
        unit=unit,
        outcome=_outcome(delta, preset, better=better),
        delta=delta,
        direction=_direction(delta, better=better),
    )


def _outcome(delta: Fraction, preset: Allowance, *, better: bool | None) -> Outcome:
    inside = delta >= -preset.share if preset.is_lower_bound else abs(delta) <= preset.share
    if inside:
        return Outcome.INSIDE
    if better is None:
        return Outcome.OUTSIDE
    return Outcome.OUTSIDE_BETTER if better else Outcome.OUTSIDE_WORSE


def _direction(delta: Fraction, *, better: bool | None) -> str:
    """Return the word of a difference.

    >>> _direction(Fraction(1, 10), better=True), _direction(Fraction(-1, 10), better=None)
    ('higher, better', 'lower')
    """
    if delta == 0:
        return "equal"
    word = "higher" if delta > 0 else "lower"
    return word if better is None else f"{word}, {'better' if better else 'worse'}"


def _nearest(terms: Terms, index: _Others) -> str:
    """Return how the group that is least different differs; each group is looked for once."""
    if terms not in index.nearest:
        index.nearest[terms] = _looked_for(terms, index)
    return index.nearest[terms]


def _looked_for(terms: Terms, index: _Others) -> str:
    candidates = [other for other in index.terms if other.shared[2] == terms.shared[2]]
    if not candidates:
        return f"there is no row of {terms.shared[2]} with a result there"
    differences = min((_differences(terms, other) for other in candidates), key=lambda found: (len(found), found))
    return f"the nearest rows differ in {'; '.join(differences)}"


def _differences(own: Terms, other: Terms) -> list[str]:
    found = [
        f"{name} ({mine} here, {theirs} there)"
        for name, mine, theirs in zip(FIELDS, own.shared, other.shared, strict=True)
        if mine != theirs
    ]
    if not own.system_types & other.system_types:
        here, there = (", ".join(sorted(types)) or _MISSING for types in (own.system_types, other.system_types))
        found.append(f"system type ({here} here, {there} there)")
    return found


def _fraction(row: Row, name: str) -> Fraction | None:
    value = row.get(name)
    found = number_of(value) if not isinstance(value, str) else None
    return found.value if found is not None else None


def _metric(row: Row) -> str:
    return text(row, "Accuracy in")
