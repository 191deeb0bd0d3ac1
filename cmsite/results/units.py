"""What a unit measures and which direction is better: a table by the unit's name; an unknown unit has neither.

Source: facts/results.md §4 (direction and quantity come from a table by unit), §7 (no implicit direction); the units of
mlcommons/cm4mlperf-results.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A known unit: the quantity it measures, and whether less of it is better."""

    quantity: str
    lower_is_better: bool


_THROUGHPUT = Unit(quantity="throughput", lower_is_better=False)
_LATENCY = Unit(quantity="latency", lower_is_better=True)
_TIME = Unit(quantity="time", lower_is_better=True)
_POWER = Unit(quantity="power", lower_is_better=True)
_ENERGY = Unit(quantity="energy", lower_is_better=True)
_ACCURACY = Unit(quantity="accuracy", lower_is_better=False)

_UNITS: Mapping[str, Unit] = {
    **dict.fromkeys(("samples/s", "queries/s", "tokens/s", "tasks/s", "images/s", "inf./sec."), _THROUGHPUT),
    **dict.fromkeys(("latency (ms)", "latency (s)", "ms"), _LATENCY),
    **dict.fromkeys(("s", "seconds", "min.", "minutes"), _TIME),
    **dict.fromkeys(("watts", "w"), _POWER),
    **dict.fromkeys(("millijoules", "mj", "joules", "uj/inf."), _ENERGY),
    **dict.fromkeys(
        ("% classification", "% map", "box min ap", "auc", "mask-lm accuracy", "% win rate vs. checkpoint"), _ACCURACY
    ),
    "word error rate": Unit(quantity="error rate", lower_is_better=True),
}


def unit_of(text: str) -> Unit | None:
    """Return what is known of a unit, whatever its case; None for any other text.

    >>> unit_of("Samples/s").quantity, unit_of("Latency (ms)").lower_is_better, unit_of("furlongs")
    ('throughput', True, None)
    """
    return _UNITS.get(text.strip().lower()) if len(text) < 80 else None  # noqa: PLR2004 - no unit is longer.
