"""Two numbers of comparable rows as points, with the Pareto front as a step line; geometry and words, no markup.

Rows that miss a value are counted, never drawn at 0. The table twin lists the front, best x first.
Source: facts/results.md §3 (step line, direction arrows, table twin), §7.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cmsite.results.fronts import pareto_front
from cmsite.site.strips import shown
from cmsite.site.text import counted

WIDTH, HEIGHT = 640, 240
LEFT, TOP, RIGHT, BOTTOM = 10, 10, 630, 230
MAX_DOTS = 400  # Of more every k-th in the order of the table is drawn, and those on the front always.
MAX_FRONT = 12  # Points that the table twin lists.


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an axis shows: `direction` in words, `arrow` points where values are better."""

    name: str
    lower_is_better: bool
    low: str = ""
    high: str = ""

    @property
    def direction(self) -> str:
        """Return which way is better."""
        return "lower is better" if self.lower_is_better else "higher is better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """A drawing: `dots`, `front` and `line` are paths; `steps` the front in words: name, x, y; `notes` what is not drawn."""

    x: Axis
    y: Axis
    dots: str
    front: str
    line: str
    steps: tuple[tuple[str, str, str], ...]
    more: int
    notes: tuple[str, ...]
    label: str


def scatter_of(
    names: Sequence[str],
    xs: Sequence[float | None],
    ys: Sequence[float | None],
    *,
    x: Axis,
    y: Axis,
) -> Scatter | None:
    """Return the drawing of points, None where fewer than two have both values or all are the same."""
    found = pareto_front(xs, ys, lower_x=x.lower_is_better, lower_y=y.lower_is_better)
    both = [
        (number, one, other)
        for number, (one, other) in enumerate(zip(xs, ys, strict=True))
        if one is not None and other is not None
    ]
    if len({(one, other) for _, one, other in both}) < 2:  # noqa: PLR2004 - one point is no comparison.
        return None
    across = _Scale([one for _, one, _ in both], LEFT, RIGHT)
    along = _Scale([other for _, _, other in both], BOTTOM, TOP)
    at = {number: f"{across.at(one)} {along.at(other)}" for number, one, other in both}
    front = set(found.points)
    step = -(-len(both) // MAX_DOTS)
    drawn = [number for place, (number, _, _) in enumerate(both) if place % step == 0 and number not in front]
    steps = [(names[number], shown(xs[number]), shown(ys[number])) for number in found.points]
    notes = (
        [f"{counted(found.left_out, 'measured row')} without {x.name} or result not drawn"] if found.left_out else []
    )
    if step > 1:
        notes.append(f"One of {step} points is drawn, the front whole")
    words = f"{counted(len(both), 'point')}, {len(front):,} of them on the Pareto front"
    return Scatter(
        x=Axis(name=x.name, lower_is_better=x.lower_is_better, low=shown(across.low), high=shown(across.high)),
        y=Axis(name=y.name, lower_is_better=y.lower_is_better, low=shown(along.low), high=shown(along.high)),
        dots="".join(f"M{at[number]}h0" for number in drawn),
        front="".join(f"M{at[number]}h0" for number in found.points),
        line=_steps([(across.at(xs[number] or 0.0), along.at(ys[number] or 0.0)) for number in found.points]),
        steps=tuple(steps[:MAX_FRONT]),
        more=max(0, len(steps) - MAX_FRONT),
        notes=tuple(notes),
        label=f"{y.name} over {x.name}: {words}",
    )


class _Scale:
    """Positions between the smallest and largest value."""

    def __init__(self, values: Sequence[float], start: int, stop: int) -> None:
        self.low, self.high = min(values), max(values)
        self._start, self._length = start, stop - start

    def at(self, value: float) -> str:
        spread = self.high - self.low
        share = (value - self.low) / spread if spread else 0.5
        return f"{self._start + share * self._length:.1f}"


def _steps(points: Sequence[tuple[str, str]]) -> str:
    """Return the line: what is better in y is reached only where x has become worse."""
    if not points:
        return ""
    (x, y), *others = dict.fromkeys(points)
    return f"M{x} {y}" + "".join(f"H{right}V{up}" for right, up in others)
