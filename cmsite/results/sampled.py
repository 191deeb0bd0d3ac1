"""The samples of runs with their statistics, each worked out once however many claims the runs are about.

A million samples of one run may be named by thousands of claims, alone or beside other runs: sums are kept for each
run and added up for several, and what is worked out of the same runs again is taken from where it was kept.
"""

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property, partial
from operator import is_
from typing import TypeVar

from cmsite.model.results import Run
from cmsite.results.quantiles import t_quantile_95
from cmsite.results.samples import FEWEST_FOR_INTERVAL, STATISTICS, middle_of

MAX_KEPT = 8
"""Groups of runs whose samples are kept with their first run."""

T = TypeVar("T")


class Samples:
    """Some exact numbers in order: values of their own, or the parts that they are made of."""

    def __init__(self, values: Sequence[Fraction] = (), parts: Sequence["Samples"] = ()) -> None:
        self._values = tuple(values)
        self._parts = tuple(parts)
        self.n = sum(len(part) for part in self._parts) if self._parts else len(self._values)

    @cached_property
    def values(self) -> tuple[Fraction, ...]:
        """Return them in their order."""
        return tuple(self) if self._parts else self._values

    def statistic(self, name: str) -> Fraction | None:
        """Return the statistic of a claim, one of `STATISTICS`; None for another one, and of no samples."""
        found: Fraction | None = getattr(self, name) if self.n and name in STATISTICS else None
        return found

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[Fraction]:
        if not self._parts:
            yield from self._values
        for part in self._parts:
            yield from part

    @cached_property
    def ordered(self) -> tuple[Fraction, ...]:
        """Return them by size."""
        if self._parts:
            return tuple(heapq.merge(*(part.ordered for part in self._parts)))
        return tuple(sorted(self._values))

    @cached_property
    def total(self) -> Fraction:
        """Return the sum, taken over one common denominator: adding fractions one by one would reduce each sum."""
        if self._parts:
            return sum((part.total for part in self._parts), start=Fraction(0))
        common = self._common
        return Fraction(sum(value.numerator * (common // value.denominator) for value in self._values), common)

    @cached_property
    def squares(self) -> Fraction:
        """Return the sum of the squares."""
        if self._parts:
            return sum((part.squares for part in self._parts), start=Fraction(0))
        common = self._common
        return Fraction(
            sum((value.numerator * (common // value.denominator)) ** 2 for value in self._values), common**2
        )

    @cached_property
    def _common(self) -> int:
        return math.lcm(*(value.denominator for value in self._values))

    @cached_property
    def mean(self) -> Fraction:
        """Return the arithmetic mean."""
        return self.total / self.n

    @cached_property
    def median(self) -> Fraction:
        """Return the middle one, or the mean of the two in the middle."""
        return middle_of(self.ordered)

    @cached_property
    def minimum(self) -> Fraction:
        """Return the smallest one."""
        return min(part.minimum for part in self._parts) if self._parts else min(self._values)

    @cached_property
    def maximum(self) -> Fraction:
        """Return the largest one."""
        return max(part.maximum for part in self._parts) if self._parts else max(self._values)

    @cached_property
    def squared_half_width(self) -> Fraction | None:
        """Return the square of half the 90 % t-interval of the mean; None for fewer than three samples.

        The square is exact up to the quantile, so that comparing it with a squared distance needs no root.
        """
        if self.n < FEWEST_FOR_INTERVAL:
            return None
        variance = (self.squares - self.n * self.mean**2) / (self.n - 1)
        return Fraction(t_quantile_95(self.n - 1)) ** 2 * variance / self.n


NONE = Samples()


def once(owner: Run, about: Sequence[object], what: str, make: Callable[[], T]) -> T:
    """Return what `make` gives for these very objects: worked out once, and kept with a run among them."""
    kept = owner.found.setdefault(what, [])
    for known, result in kept:
        if len(known) == len(about) and all(map(is_, known, about)):
            found: T = result
            return found
    made = make()
    del kept[: -MAX_KEPT + 1]
    kept.append((tuple(about), made))
    return made


def finite_samples(completed: Sequence[Run]) -> tuple[Samples, str]:
    """Return all samples of all completed runs; none, and the reason, where one is missing or not finite."""
    if not completed:
        return NONE, "a completed run has no sample"
    return once(completed[0], completed, "group", lambda: _joined(completed))


def _joined(completed: Sequence[Run]) -> tuple[Samples, str]:
    found = [once(run, (run,), "samples", partial(_of_run, run)) for run in completed]
    odd = next((odd for _, odd in found if odd), "")
    if odd or not all(len(samples) for samples, _ in found):
        return NONE, odd or "a completed run has no sample"
    return (found[0][0] if len(found) == 1 else Samples(parts=[samples for samples, _ in found])), ""


def _of_run(run: Run) -> tuple[Samples, str]:
    values = []
    for sample in run.samples:
        if sample.value is None:
            return NONE, f"a sample is no finite number: {sample.literal}"
        values.append(sample.value)
    return Samples(values), ""
