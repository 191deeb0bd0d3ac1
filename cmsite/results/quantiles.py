"""Student's t: the quantile that a 90 % interval of a mean needs.

The distribution function is the finite sum for whole degrees of freedom; beyond `EXACT_DEGREES` the normal quantile
is corrected, which is exact to more digits than any interval is printed with.
Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3, 26.7.4 and 26.7.5.
"""

import math
from functools import cache

EXACT_DEGREES = 400
"""Largest degrees of freedom for which the finite sum is solved; the correction is then off by less than 1e-9."""

NORMAL_95 = 1.6448536269514722
"""The 0.95 quantile of the normal distribution, to the precision of a float."""


@cache
def t_quantile_95(degrees: int) -> float:
    """Return the 0.95 quantile of Student's t: 5 % lie above it, and 90 % between it and its negative.

    Raises `ValueError` for degrees of freedom below 1.

    >>> round(t_quantile_95(2), 6), round(t_quantile_95(4), 6), round(t_quantile_95(120), 6)
    (2.919986, 2.131847, 1.657651)
    """
    if degrees < 1:
        raise ValueError(f"degrees of freedom must be 1 or more, got {degrees}")
    if degrees > EXACT_DEGREES:
        return _corrected_normal(degrees)
    low, high = 0.0, 8.0  # The largest quantile, of one degree, is 6.31.
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if central_probability(middle, degrees) < 0.9 else (low, middle)  # noqa: PLR2004
    return high


def central_probability(t: float, degrees: int) -> float:
    """Return the probability between −t and t, A(t|ν), for whole degrees of freedom.

    >>> round(central_probability(1.0, 1), 12)
    0.5
    """
    angle = math.atan(t / math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = degrees % 2
    # 26.7.3 (odd) and 26.7.4 (even): the factor grows by 2/3, 4/5, ... or by 1/2, 3/4, ...
    term = math.cos(angle) if odd else 1.0
    total = term if degrees > 1 else 0.0
    for numerator in range(2 if odd else 1, degrees - 2, 2):
        term *= square * numerator / (numerator + 1)
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def _corrected_normal(degrees: int) -> float:
    """Return the normal quantile with the four corrections of 26.7.5."""
    x = NORMAL_95
    corrections = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + math.fsum(correction / float(degrees) ** power for power, correction in enumerate(corrections, start=1))
