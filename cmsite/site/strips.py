"""Results of one system as a strip on an axis that several share, and numbers as pages show them.

Geometry only, in the units of the drawing; dots are single results, the bar ends at their median.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from cmsite.results.experiment_groups import number
from cmsite.site.text import plain

MAX_SYSTEMS = 15
MAX_DOTS = 10  # Of one system; of more every k-th in order of size is drawn, the smallest and largest always.
WIDTH = 240  # Of a strip, in its own units, between margins.
MARGIN = 4

_MANY = 10**6
_FEW = 10**-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One system: its results in words and as positions on the axis."""

    name: str
    count: int
    low: str
    middle: str
    high: str
    bar: str
    dots: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The largest group by system; `measured` and `inferred` count its rows, `left_out` its systems not shown."""

    caption: str
    direction: str
    unit: str
    strips: tuple[Strip, ...]
    left_out: int
    models: int
    measured: int
    inferred: int


def plot_of(
    systems: Mapping[str, list[float]],
    *,
    unit: str,
    lower_is_better: bool | None,
    caption: str,
    models: int,
    inferred: int,
) -> Plot | None:
    """Return the measured results of comparable rows by system, best median first; None where fewer than two are there."""
    measured = sum(map(len, systems.values()))
    if measured < 2 or not unit:  # noqa: PLR2004 - one result is no comparison.
        return None
    sign = 1 if lower_is_better else -1
    ordered = sorted(systems.items(), key=lambda item: (sign * median(item[1]), item[0]))[:MAX_SYSTEMS]
    low = min(0.0, *(min(amounts) for _, amounts in ordered))
    high = max(0.0, *(max(amounts) for _, amounts in ordered))
    spread = (high - low) or 1.0
    return Plot(
        caption=caption,
        direction={True: "lower is better", False: "higher is better", None: ""}[lower_is_better],
        unit=unit,
        strips=tuple(strip_of(name, amounts, low, spread, unit) for name, amounts in ordered),
        left_out=len(systems) - len(ordered),
        models=models,
        measured=measured,
        inferred=inferred,
    )


def shown(found: object) -> str:
    """Return a value as the table shows it: numbers rounded to six digits, with commas.

    >>> shown(124636), shown(92.56578502333763), shown(3.7e-05), shown("None")
    ('124,636', '92.5658', '3.7e-05', 'None')
    """
    amount = number(found)
    if amount is None:
        return plain(found)
    if isinstance(found, int):
        return f"{found:,}" if abs(found) < _MANY**3 else f"{amount:.6g}"
    if amount and not _FEW <= abs(amount) < _MANY:
        return f"{amount:,.0f}" if abs(amount) >= _MANY and abs(amount) < _MANY**2 else f"{amount:.6g}"
    rounded = f"{amount:.6g}"
    return f"{float(rounded):,}".removesuffix(".0")


def strip_of(name: str, amounts: list[float], low: float, spread: float, unit: str) -> Strip:
    """Return the strip of one system; the axis begins at `low` and is `spread` long."""
    ordered = sorted(amounts)
    middle = median(ordered)
    words = f"{shown(middle)} {unit}"
    if len(ordered) > 1:
        words = f"{len(ordered)} results from {shown(ordered[0])} to {shown(ordered[-1])}, median {words}"
    return Strip(
        name=name,
        count=len(ordered),
        low=shown(ordered[0]),
        middle=shown(middle),
        high=shown(ordered[-1]),
        bar=_at(middle, low, spread) if low >= 0 else "",
        dots="".join(f"M{_at(amount, low, spread, MARGIN)} 8h0" for amount in _thinned(ordered))
        if len(ordered) > 1 or low < 0
        else "",
        label=words,
    )


def _at(amount: float, low: float, spread: float, start: int = 0) -> str:
    return f"{start + (amount - low) / spread * WIDTH:.1f}"


def _thinned(amounts: list[float]) -> list[float]:
    if len(amounts) <= MAX_DOTS:
        return amounts
    step = (len(amounts) - 1) / (MAX_DOTS - 1)
    return [amounts[round(index * step)] for index in range(MAX_DOTS)]
