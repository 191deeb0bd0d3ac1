"""Numbers and judgements in words: the same sentence on pages, in tables and in exports.

Rounding happens here and nowhere else: half to even, from exact values, never so far that a difference disappears.
Source: facts/results.md §2 (points or percent, arrow and word), §7 (no implicit direction).
"""

import math
from fractions import Fraction

from cmsite.model.judgements import Judgement, Summary
from cmsite.model.results import Claim, ClaimKind, Metric, Number, Tolerance, ToleranceType, Verdict
from cmsite.results.presets import Preset

SIGNIFICANT = 4
"""Digits a shown value has at least."""

ABSURD = 10**12
"""Multiples of the claimed value that are no longer written out as a percentage."""

PLAIN_EXPONENTS = range(-6, 15)
"""Powers of ten that are written out; others as 1.234e-9."""

_EXPLAINED = {
    Verdict.UNTESTED: "nobody has run it",
    Verdict.FAILED: "every run failed",
    Verdict.NOT_COMPARABLE: "something else was measured, or elsewhere",
    Verdict.CANNOT_TELL: "something needed is missing",
    Verdict.NO_TOLERANCE: "a difference is known, nothing says how large it may be",
    Verdict.REPRODUCED: "within the tolerance",
    Verdict.EXCEEDS: "outside the tolerance, on the better side",
    Verdict.NOT_REPRODUCED: "outside the tolerance",
}


def explained(verdict: Verdict) -> str:
    """Return in a few words what a verdict means."""
    return _EXPLAINED[verdict]


def decimal_text(value: Fraction, decimals: int) -> str:
    """Return a value with so many decimals, rounded half to even from the exact value.

    >>> decimal_text(Fraction("98.8764"), 1), decimal_text(Fraction("-0.004"), 2), decimal_text(Fraction(5, 2), 0)
    ('98.9', '0.00', '2')
    """
    scaled = round(value * 10**decimals)
    digits = str(abs(scaled)).rjust(decimals + 1, "0")
    sign = "−" if scaled < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


def value_text(value: Fraction, precision: int | None = None, significant: int = SIGNIFICANT) -> str:
    """Return a measured value: two decimals more than the source prints, and at least so many significant digits.

    >>> value_text(Fraction("0.00063842"), 6), value_text(Fraction("150829.93"), 0), value_text(Fraction(1, 3))
    ('0.00063842', '150829.93', '0.3333')
    """
    exponent = _exponent(value)
    if exponent not in PLAIN_EXPONENTS:
        return f"{float(value):.{significant - 1}e}".replace("-", "−")
    printed = precision or 0
    decimals = max(0 if precision is None else precision + 2, significant - 1 - exponent)
    whole, _, digits = decimal_text(value, decimals).partition(".")
    kept = digits[:printed] + digits[printed:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def _exponent(value: Fraction) -> int:
    """Return the power of ten of the first digit, 0 for 0."""
    return math.floor(math.log10(abs(float(value)))) if value else 0


def half_width_text(half_width: float) -> str:
    """Return half an interval with two significant digits.

    >>> half_width_text(0.08123), half_width_text(0.0), half_width_text(1234.6)
    ('0.081', '0', '1235')
    """
    if half_width == 0:
        return "0"
    value = Fraction(half_width)
    exponent = _exponent(value)
    if exponent not in PLAIN_EXPONENTS:
        return f"{half_width:.1e}".replace("-", "−")
    return decimal_text(value, max(0, 1 - exponent))


def signed_text(value: Fraction, text: str) -> str:
    """Return the text with a + where the value is above 0."""
    return f"+{text}" if value > 0 else text


def claimed_text(claim: Claim) -> str:
    """Return the claimed value as the source spells it, without its unit; "" where a claim has no number.

    A ranking is told by its claims, best first, a trend by its direction and parameter.
    """
    if claim.kind is ClaimKind.RANGE:
        ends = [end.literal if end else "?" for end in (claim.lower, claim.upper)]
        return " to ".join(ends)
    if claim.kind is ClaimKind.TREND and claim.trend and claim.trend.direction:
        return f"{claim.trend.direction.value} with {claim.trend.parameter}"
    if claim.value is None:
        return " > ".join(claim.order) if claim.kind is ClaimKind.RANKING else ""
    if claim.kind is ClaimKind.BOUND and claim.comparator:
        return f"{claim.comparator.value} {claim.value.literal}"
    return claim.value.literal


def found_text(claim: Claim, metric: Metric | None, judgement: Judgement) -> str:
    """Return the order that was found: claims best first, or values along a parameter; "" where there is none.

    >>> from cmsite.model.judgements import Step
    >>> steps = (Step(name="1", value=Fraction(2)), Step(name="4", value=Fraction(7), relation="<"))
    >>> found_text(Claim(id="C1", kind=ClaimKind.TREND), None, Judgement(verdict=Verdict.REPRODUCED, steps=steps))
    '1: 2 < 4: 7'
    """
    precision = metric.precision if metric else None
    trend = claim.kind is ClaimKind.TREND
    text = ""
    for step in judgement.steps:
        # A ranking's > means better, which beside values could be read as larger.
        value = "" if step.value is None or not trend else f": {value_text(step.value, precision)}"
        text += f" {step.relation} {step.name}{value}" if step.relation else f"{step.name}{value}"
    return text


def tolerance_text(tolerance: Tolerance | None, metric: Metric | None) -> str:
    """Return a tolerance in words.

    >>> tolerance_text(Tolerance(type=ToleranceType.RELATIVE, value=Number(literal="0.05", value=Fraction("0.05"))), None)
    '± 5 %'
    """
    text = _allowance_text(tolerance, metric)
    return f"{text} ({tolerance.preset})" if tolerance and tolerance.preset else text


def preset_text(preset: Preset) -> str:
    """Return what a published allowance accepts, in words.

    >>> from cmsite.results.presets import PRESETS
    >>> [preset_text(preset) for preset in PRESETS.values()][1:3]
    ['± 2 % of the claimed value', 'at least 99 % of the claimed value']
    """
    share = Fraction(preset.amount)
    text = f"± {_percent(share)} %" if preset.type is ToleranceType.RELATIVE else f"at least {_percent(1 - share)} %"
    return f"{text} of the claimed value"


def _allowance_text(tolerance: Tolerance | None, metric: Metric | None) -> str:
    if tolerance is None or tolerance.type is ToleranceType.NONE:
        return "none" if tolerance is None or tolerance.readable else "unreadable"
    value = tolerance.value
    if tolerance.type is ToleranceType.RELATIVE and value and value.value is not None:
        return f"± {_percent(value.value)} %"
    if tolerance.type is ToleranceType.ABSOLUTE and value:
        unit = "points" if metric and metric.is_percent else metric.unit if metric and metric.unit != "1" else ""
        return f"± {value.literal} {unit}".rstrip()
    kind = "confidence interval " if tolerance.type is ToleranceType.CI else ""
    return kind + _ends_text(tolerance.lower, tolerance.upper)


def _ends_text(lower: Number | None, upper: Number | None) -> str:
    if lower and upper:
        return f"{lower.literal} to {upper.literal}"
    if lower or upper:
        return f"at least {lower.literal}" if lower else f"at most {upper.literal}" if upper else ""
    return "the claimed bound"


def _percent(value: Fraction) -> str:
    """Return a fraction times 100 in full where that is short, else with four significant digits."""
    text = decimal_text(value * 100, 6)
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_points(claim: Claim, metric: Metric | None) -> bool:
    """Return whether the claim's difference is told in its unit, not as a share of the claimed value.

    Absolute tolerances and percentages are: 0.5 points of accuracy and 0.5 % of an accuracy are different things.
    """
    relative = claim.tolerance is not None and claim.tolerance.type is ToleranceType.RELATIVE
    if relative:
        return False
    absolute = claim.tolerance is not None and claim.tolerance.type is ToleranceType.ABSOLUTE
    return absolute or (metric is not None and metric.is_percent)


def delta_text(claim: Claim, metric: Metric | None, judgement: Judgement) -> str:
    """Return the difference with its sign and unit; "" where there is none to tell."""
    if judgement.difference is None:
        return ""
    if in_points(claim, metric) or judgement.delta is None:
        unit = "points" if metric and metric.is_percent else claim.unit or (metric.unit if metric else "")
        text = value_text(judgement.difference, metric.precision if metric else None, significant=2)
        return f"{signed_text(judgement.difference, text)} {'' if unit == '1' else unit}".rstrip()
    if abs(judgement.delta) >= ABSURD:
        return f"{signed_text(judgement.delta, value_text(judgement.delta * 100))} %"
    decimals = 2 if abs(judgement.delta) >= Fraction(1, 10_000) or judgement.delta == 0 else 4
    return f"{signed_text(judgement.delta, decimal_text(judgement.delta * 100, decimals))} %"


def direction_text(judgement: Judgement) -> str:
    """Return "higher", "lower" or "equal", with "better" or "worse" where the metric has a better side."""
    if judgement.difference is None:
        return ""
    if judgement.difference == 0:
        return "equal"
    word = "higher" if judgement.difference > 0 else "lower"
    return word if judgement.better is None else f"{word}, {'better' if judgement.better else 'worse'}"


def summary_text(summary: Summary, noun: str = "reproductions") -> str:
    """Return a summary with its denominators.

    >>> summary_text(Summary(worst=Verdict.EXCEEDS, reproduced=1, judged=2, beside=((Verdict.UNTESTED, 1),)), "claims")
    '1 of 2 judged claims reproduced; beside them 1 untested'
    """
    singular = noun.removesuffix("s") if summary.judged == 1 else noun
    judged = (
        f"{summary.reproduced} of {summary.judged} judged {singular} reproduced"
        if summary.judged
        else f"no {noun} judged"
    )
    beside = ", ".join(f"{count} {verdict.value}" for verdict, count in summary.beside)
    return f"{judged}; beside them {beside}" if beside else judged
