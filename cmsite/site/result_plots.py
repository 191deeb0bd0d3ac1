"""A small bar for one claim: what was claimed, what is accepted, every sample, the mean with its interval.

Geometry only, in the units of the drawing; the template writes the SVG and the style sheet colours it. The same is
said in words, which readers without the picture get.
Source: facts/results.md §3 (small bar), §7 (no image without a text).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from cmsite.model.judgements import Interval
from cmsite.results.intervals import claimed_interval
from cmsite.results.sampled import finite_samples
from cmsite.results.table import ClaimRow
from cmsite.results.wording import half_width_text, value_text

WIDTH = 240
"""Width of the drawing; its height is the template's."""

MAX_DOTS = 200
"""Samples drawn; of more every k-th in order of size is, the smallest and largest always."""

_MARGIN = Fraction(1, 12)
"""Share of the range that stays free on each side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the axis: left edge and width."""

    x: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPlot:
    """What the drawing of one claim holds; positions are texts with one decimal.

    `band` is what is accepted, `claimed` the position of the claimed value or of a bound, `whisker` the mean's
    interval, `label` says all of it in words.
    """

    band: Span | None
    claimed: tuple[str, ...]
    dots: tuple[str, ...]
    mean: str
    whisker: Span | None
    low: str
    high: str
    label: str


def claim_plot(row: ClaimRow, dots: int = MAX_DOTS) -> ClaimPlot | None:
    """Return the drawing of a claim that was compared with samples; None where there is nothing to compare.

    At most `dots` samples are drawn, and of those at one place one.
    """
    judgement = row.judgement
    claimed = claimed_interval(row.claim)
    if judgement.reproduced is None or judgement.difference is None or not isinstance(claimed, Interval):
        return None
    samples = _samples(row)
    half = None if judgement.half_width is None else Fraction(judgement.half_width)
    ends = tuple(dict.fromkeys(end for end in (claimed.lower, claimed.upper) if end is not None))
    shown = [*ends, *_edges(judgement.accepted), judgement.reproduced, *samples[:1], *samples[-1:]]
    if half is not None:
        shown += [judgement.reproduced - half, judgement.reproduced + half]
    axis = _Axis(min(shown), max(shown))
    return ClaimPlot(
        band=axis.band(judgement.accepted),
        claimed=tuple(axis.at(end) for end in ends),
        dots=tuple(dict.fromkeys(axis.at(sample) for sample in _thinned(samples, dots))),
        mean=axis.at(judgement.reproduced),
        whisker=axis.span(judgement.reproduced - half, judgement.reproduced + half) if half is not None else None,
        low=_text(row, axis.low),
        high=_text(row, axis.high),
        label=_label(row, samples),
    )


class _Axis:
    """Positions of values between the smallest and largest that are shown."""

    def __init__(self, low: Fraction, high: Fraction) -> None:
        spread = (high - low) or abs(low) or Fraction(1)
        self.low, self.high = low - spread * _MARGIN, high + spread * _MARGIN

    def place(self, value: Fraction) -> Fraction:
        return (value - self.low) / (self.high - self.low) * WIDTH

    def at(self, value: Fraction) -> str:
        return f"{float(self.place(value)):.1f}"

    def span(self, left: Fraction, right: Fraction) -> Span:
        return Span(x=self.at(left), width=f"{float(self.place(right) - self.place(left)):.1f}")

    def band(self, accepted: Interval | None) -> Span | None:
        """Return the accepted stretch; an open side reaches the edge of the drawing."""
        if accepted is None:
            return None
        left = self.low if accepted.lower is None else accepted.lower
        right = self.high if accepted.upper is None else accepted.upper
        return self.span(left, right)


def _samples(row: ClaimRow) -> Sequence[Fraction]:
    """Return the samples by size."""
    if row.judgement.ratios:
        return sorted(row.judgement.ratios)
    runs = row.reproduction.completed_runs_of(row.claim.id) if row.reproduction else ()
    return finite_samples(runs)[0].ordered


def _edges(accepted: Interval | None) -> list[Fraction]:
    return [end for end in (accepted.lower, accepted.upper) if end is not None] if accepted else []


def _thinned(samples: Sequence[Fraction], dots: int) -> Sequence[Fraction]:
    if len(samples) <= dots:
        return samples
    step = (len(samples) - 1) / (dots - 1)
    return [samples[round(number * step)] for number in range(dots)]


def _text(row: ClaimRow, value: Fraction) -> str:
    return value_text(value, row.metric.precision if row.metric else None)


def _label(row: ClaimRow, samples: Sequence[Fraction]) -> str:
    """Return the drawing in words."""
    judgement, accepted = row.judgement, row.judgement.accepted
    parts = []
    if accepted is not None:
        low = "" if accepted.lower is None else f"from {_text(row, accepted.lower)}"
        high = "" if accepted.upper is None else f"to {_text(row, accepted.upper)}"
        parts.append(" ".join(part for part in ("accepted", low, high) if part))
    if judgement.reproduced is not None:
        half = "" if judgement.half_width is None else f" plus or minus {half_width_text(judgement.half_width)}"
        parts.append(f"{row.claim.statistic} {_text(row, judgement.reproduced)}{half}")
    if samples:
        parts.append(f"{len(samples)} samples from {_text(row, samples[0])} to {_text(row, samples[-1])}")
    return "; ".join(parts)
