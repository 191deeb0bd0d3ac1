"""Tolerances that somebody has published: their name, what they allow, and whose they are.

A preset is filled in when a paper is read, so that everything behind it sees an ordinary tolerance; its name travels
along and is shown with it. Source: facts/results.md §2 (presets, always with their source).
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from cmsite.model.results import Number, Tolerance, ToleranceSource, ToleranceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A published allowance.

    `amount` is a share of the claimed value: the tolerance itself, or for `bound` how far the lower bound lies below the
    claimed value. `origin` says in a sentence whose it is.
    """

    name: str
    type: ToleranceType
    amount: str
    source: ToleranceSource
    origin: str


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="pets-2026",
            type=ToleranceType.RELATIVE,
            amount="0.05",
            source=ToleranceSource.VENUE,
            origin="The allowance of the artifact evaluation of PETS 2026.",
        ),
        Preset(
            name="mlperf-performance",
            type=ToleranceType.RELATIVE,
            amount="0.02",
            source=ToleranceSource.VENUE,
            origin="MLPerf's audits call a performance that differs by more materially different.",
        ),
        Preset(
            name="mlperf-accuracy-99",
            type=ToleranceType.BOUND,
            amount="0.01",
            source=ToleranceSource.VENUE,
            origin="MLPerf's accuracy target of 99 % of the reference, a lower bound.",
        ),
        Preset(
            name="mlperf-accuracy-99.9",
            type=ToleranceType.BOUND,
            amount="0.001",
            source=ToleranceSource.VENUE,
            origin="MLPerf's accuracy target of 99.9 % of the reference, a lower bound.",
        ),
        Preset(
            name="ck-replay",
            type=ToleranceType.RELATIVE,
            amount="0.08",
            source=ToleranceSource.DEFAULT,
            origin="What CK's replay of experiments allows.",
        ),
    )
}
"""Every preset by its name, in the order of the documentation."""


def preset_tolerance(preset: Preset, reference: Number | None, declared: Tolerance) -> Tolerance:
    """Return the tolerance of a preset for a claimed value or lower end; a source or reason that is declared stays.

    >>> tolerance = preset_tolerance(PRESETS["mlperf-accuracy-99"], Number(literal="76.46", value=Fraction("76.46")), Tolerance())
    >>> tolerance.lower.literal
    '75.6954'
    """
    share = Fraction(preset.amount)
    relative = preset.type is ToleranceType.RELATIVE
    base = reference.value if reference else None
    return replace(
        declared,
        type=preset.type,
        value=Number(literal=preset.amount, value=share) if relative else None,
        lower=None if relative or base is None else _exact(base - share * abs(base)),
        source=declared.source or preset.source,
        reason=declared.reason or preset.origin,
        preset=preset.name,
    )


def _exact(value: Fraction) -> Number:
    """Return a number whose spelling has every digit; the value has no factor but 2 and 5 in its denominator."""
    decimals = 0
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    digits = str(abs(int(value * 10**decimals))).rjust(decimals + 1, "0")
    whole = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return Number(literal=f"-{whole}" if value < 0 else whole, value=value)
