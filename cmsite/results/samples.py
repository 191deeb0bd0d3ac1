"""Exact statistics of repetitions: mean and the other statistics a claim may declare, variance, interval.

Everything is a `Fraction` but the quantile of Student's t.
Source: facts/results.md §2.2 and §2.5; CONTRACT §11.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

FEWEST_FOR_INTERVAL = 3
"""Repetitions below which no interval is given. Source: facts/results.md §2.5."""


def mean(samples: Sequence[Fraction]) -> Fraction:
    """Return the arithmetic mean of at least one sample.

    The sum is taken over one common denominator: adding fractions one by one would reduce each partial sum.

    >>> mean([Fraction("0.1"), Fraction("0.2")])
    Fraction(3, 20)
    """
    common = math.lcm(*(sample.denominator for sample in samples))
    return Fraction(sum(sample.numerator * (common // sample.denominator) for sample in samples), common * len(samples))


def median(samples: Sequence[Fraction]) -> Fraction:
    """Return the middle sample, or the mean of the two in the middle.

    >>> median([Fraction(3), Fraction(1), Fraction(2), Fraction(10)])
    Fraction(5, 2)
    """
    return middle_of(sorted(samples))


def middle_of(ordered: Sequence[Fraction]) -> Fraction:
    """Return the middle of numbers that are in order of size."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


STATISTICS: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "mean": mean,
    "median": median,
    "minimum": min,
    "maximum": max,
}
"""The statistics a claim may declare; the one of the claim is used, never the best of several."""
