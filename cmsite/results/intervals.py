"""The values a claim with its tolerance accepts, and where a value or an interval lies against them.

Every tolerance becomes one interval: the claimed point or range, widened, or replaced by declared ends.
Source: CONTRACT §11 (relative, absolute, bound, ci); facts/results.md §2.3-2.5.
"""

from dataclasses import replace
from fractions import Fraction

from cmsite.model.judgements import Certainty, Interval
from cmsite.model.results import Claim, ClaimKind, Comparator, Metric, Number, Tolerance, ToleranceType, Verdict

NO_TOLERANCE = Tolerance()

Refusal = tuple[Verdict, str]
"""A verdict other than a judged one, and the sentence that says why."""


def claimed_interval(claim: Claim) -> Interval | Refusal:
    """Return what the claim itself says, before any tolerance: a point, a range or a half line."""
    if claim.kind is ClaimKind.RANGE:
        lower, upper = finite(claim.lower), finite(claim.upper)
        if lower is None or upper is None:
            return _cannot_tell("the claimed range lacks a lower or an upper number")
        if lower > upper:
            return _cannot_tell("the lower end of the claimed range lies above the upper one")
        return Interval(lower=lower, upper=upper)
    value = finite(claim.value)
    if value is None:
        return _cannot_tell(
            "the claim has no number"
            if claim.value is None
            else f"the claimed value {claim.value.literal} is no finite number"
        )
    if claim.kind is ClaimKind.BOUND:
        return (
            _half_line(value, claim.comparator)
            if claim.comparator
            else _cannot_tell("the claimed bound has no comparator")
        )
    return Interval(lower=value, upper=value)


def accepted_interval(claim: Claim, metric: Metric) -> Interval | Refusal:
    """Return the values that count as reproduced, or why there are none.

    >>> claim = Claim(id="C1", value=Number(literal="1", value=Fraction(1)), tolerance=Tolerance(
    ...     type=ToleranceType.RELATIVE, value=Number(literal="0.05", value=Fraction("0.05"))))
    >>> accepted = accepted_interval(claim, Metric(id="m"))
    >>> accepted.lower, accepted.upper
    (Fraction(19, 20), Fraction(21, 20))
    """
    tolerance = claim.tolerance or NO_TOLERANCE
    base = claimed_interval(claim)
    if not isinstance(base, Interval):
        return base
    if not tolerance.readable:
        return _cannot_tell("the tolerance cannot be read")
    if tolerance.type is ToleranceType.NONE:
        return _without_tolerance(claim, base)
    if tolerance.preset and tolerance.type is ToleranceType.BOUND:
        return _preset_bound(tolerance, base, metric)
    if tolerance.type in (ToleranceType.BOUND, ToleranceType.CI):
        return _declared_ends(tolerance, base, metric)
    return _widened(base, tolerance)


def _without_tolerance(claim: Claim, base: Interval) -> Interval | Refusal:
    """A range or bound carries its own allowance; a single value does not."""
    if claim.kind in (ClaimKind.RANGE, ClaimKind.BOUND):
        return base
    if base.lower == 0:
        return _cannot_tell("the claimed value is 0, which needs an absolute tolerance")
    return Verdict.NO_TOLERANCE, "no tolerance is declared, so the difference is shown and not judged"


def _widened(base: Interval, tolerance: Tolerance) -> Interval | Refusal:
    amount = finite(tolerance.value)
    if amount is None or amount < 0:
        return _cannot_tell("the tolerance has no number of 0 or more")
    relative = tolerance.type is ToleranceType.RELATIVE
    if relative and 0 in (base.lower, base.upper):
        return _cannot_tell("the claimed value is 0, which needs an absolute tolerance")
    # |r − c| / |c| ≤ t is |r − c| ≤ t·|c|, each end of a range being its own c.
    lower = None if base.lower is None else base.lower - (amount * abs(base.lower) if relative else amount)
    upper = None if base.upper is None else base.upper + (amount * abs(base.upper) if relative else amount)
    return replace(base, lower=lower, upper=upper)


def _declared_ends(tolerance: Tolerance, base: Interval, metric: Metric) -> Interval | Refusal:
    lower, upper = finite(tolerance.lower), finite(tolerance.upper)
    if any(end is not None and end.value is None for end in (tolerance.lower, tolerance.upper)):
        return _cannot_tell("an end of the tolerance is no finite number")
    if lower is not None and upper is not None and lower > upper:
        return _cannot_tell("the lower end of the tolerance lies above the upper one")
    if tolerance.type is ToleranceType.CI and (lower is None or upper is None):
        return _cannot_tell("the confidence interval lacks a lower or an upper end")
    if (lower, upper) == (base.lower, base.upper):
        return base  # The claim's own comparator says whether its end counts.
    if (lower, upper) != (None, None):
        return Interval(lower=lower, upper=upper)
    return _bound_by_direction(base, metric)


def _preset_bound(tolerance: Tolerance, base: Interval, metric: Metric) -> Interval | Refusal:
    """Return what a lower bound of the reference accepts; everything above it, however far."""
    lower = finite(tolerance.lower)
    if base.lower is None or lower is None:
        return _cannot_tell(f"{tolerance.preset} is a lower bound, and the claim has none")
    if base.lower == 0:
        return _cannot_tell("the claimed value is 0, which needs an absolute tolerance")
    if metric.lower_is_better:
        return _cannot_tell(f"{tolerance.preset} is a lower bound, and of {metric.id} less is better")
    return Interval(lower=lower)


def _bound_by_direction(base: Interval, metric: Metric) -> Interval | Refusal:
    """A bound without ends is the claimed value itself, on the worse side of the metric."""
    if base.lower is None or base.upper is None:
        return base
    if metric.lower_is_better is None:
        return _cannot_tell("the tolerance is a bound, and the metric does not say which side is better")
    return replace(base, lower=None) if metric.lower_is_better else replace(base, upper=None)


def _half_line(value: Fraction, comparator: Comparator) -> Interval:
    if comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
        return Interval(lower=value, lower_open=comparator is Comparator.ABOVE)
    return Interval(upper=value, upper_open=comparator is Comparator.BELOW)


def side(value: Fraction, interval: Interval) -> int:
    """Return −1 where the value lies below the interval, 0 inside, 1 above.

    >>> side(Fraction(1), Interval(lower=Fraction(1), lower_open=True))
    -1
    """
    if interval.lower is not None and (value < interval.lower or (interval.lower_open and value == interval.lower)):
        return -1
    if interval.upper is not None and (value > interval.upper or (interval.upper_open and value == interval.upper)):
        return 1
    return 0


def certainty(value: Fraction, squared_half_width: Fraction, interval: Interval) -> Certainty:
    """Return whether value ± half width lies wholly inside or wholly outside, else "uncertain".

    Distances are compared squared, so nothing is rounded.

    >>> certainty(Fraction(10), Fraction(1), Interval(lower=Fraction(9), upper=Fraction(11)))
    <Certainty.CERTAIN: 'certain'>
    """
    where = side(value, interval)
    lower_gap = _gap(value, interval.lower, squared_half_width, open_end=interval.lower_open == (where == 0))
    upper_gap = _gap(value, interval.upper, squared_half_width, open_end=interval.upper_open == (where == 0))
    clear = {-1: lower_gap, 1: upper_gap, 0: lower_gap and upper_gap}[where]
    return Certainty.CERTAIN if clear else Certainty.UNCERTAIN


def _gap(value: Fraction, end: Fraction | None, squared_half_width: Fraction, *, open_end: bool) -> bool:
    """Return whether the end is at least a half width away; `open_end` asks for more than that."""
    if end is None:
        return True
    squared = (value - end) ** 2
    return squared > squared_half_width if open_end else squared >= squared_half_width


def finite(number: Number | None) -> Fraction | None:
    """Return the exact value, None where there is no number or no finite one."""
    return None if number is None else number.value


def _cannot_tell(reason: str) -> Refusal:
    return Verdict.CANNOT_TELL, reason
