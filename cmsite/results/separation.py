"""Which of several measured levels can be told apart, and which pairs stand otherwise than claimed.

Two levels are apart where their 90 % intervals do not overlap. Below three repetitions there is no interval; then
different values count as apart, and the certainty says how few there were.
Source: facts/results.md §2.6 (ties where intervals are inseparable), §7 (ranks finer than noise).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from cmsite.model.judgements import Certainty, Judgement, Step
from cmsite.model.results import Claim, Metric, Verdict
from cmsite.results.measuring import FEW, squared_of
from cmsite.results.sampled import Samples
from cmsite.results.samples import FEWEST_FOR_INTERVAL
from cmsite.results.wording import value_text

MAX_LEVELS = 100
"""Levels that are compared, each with each; more are no ranking that anybody measured."""

ROUNDING = 1e-9
"""Share of the largest number within which floats are not asked; their own error is a millionth of that."""

MAX_TOLD = 3
"""Pairs that are told one by one; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The value of one claim or of one step of a parameter; `squared` is its squared half width, None where unknown."""

    name: str
    value: Fraction
    squared: Fraction | None = None
    n: int = 1


Pair = tuple[Level, Level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Pairs in claimed order: those that stand the other way round, and those that cannot be told apart."""

    levels: tuple[Level, ...]
    wrong: tuple[Pair, ...]
    tied: tuple[Pair, ...]

    @property
    def fewest(self) -> int:
        """Return the smallest number of repetitions."""
        return min(level.n for level in self.levels)

    def certainty(self) -> Certainty | None:
        """Return how sure the repetitions make the outcome; None where they have no interval, being no means.

        One pair that is apart by its intervals and stands the wrong way round is enough to deny an order.
        """
        decisive = self.wrong or (self.levels,)
        n = max(min(level.n for level in pair) for pair in decisive)
        if n < FEWEST_FOR_INTERVAL:
            return FEW[n]
        if any(level.n >= FEWEST_FOR_INTERVAL and level.squared is None for level in self.levels):
            return None
        return Certainty.UNCERTAIN if self.tied and not self.wrong else Certainty.CERTAIN


def compare(levels: Sequence[Level], *, rising: bool) -> Comparison:
    """Compare every pair of levels in the order claimed: values rise along it, or fall."""
    wrong, tied = [], []
    rough = {id(level): _rough(level) for level in levels}
    for first, second in combinations(levels, 2):
        if not _apart(first, second, rough[id(first)], rough[id(second)]):
            tied.append((first, second))
        elif (second.value > first.value) is not rising:
            wrong.append((first, second))
    return Comparison(levels=tuple(levels), wrong=tuple(wrong), tied=tuple(tied))


def _rough(level: Level) -> tuple[float, float]:
    return float(level.value), math.sqrt(level.squared or 0)


def _apart(first: Level, second: Level, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Return whether two levels are apart: by floats where the answer cannot turn on their rounding, else exactly."""
    distance, halves = abs(one[0] - other[0]), one[1] + other[1]
    if abs(distance - halves) > ROUNDING * max(abs(one[0]), abs(other[0]), halves):
        return distance > halves
    return apart(first, second)


def apart(first: Level, second: Level) -> bool:
    """Return whether two intervals do not even touch; exact, as roots are never taken.

    >>> apart(Level(name="a", value=Fraction(1), squared=Fraction(1)), Level(name="b", value=Fraction(4), squared=Fraction(4)))
    False
    """
    left, right = first.squared or Fraction(0), second.squared or Fraction(0)
    # d > √a + √b is d² − a − b > 2·√(a·b), which needs the left side to be positive.
    rest = (first.value - second.value) ** 2 - left - right
    return rest > 0 and rest**2 > 4 * left * right


def told(pairs: Iterable[tuple[str, str]], sentence: Callable[[str, str], str]) -> tuple[str, ...]:
    """Return a sentence for each of the first pairs, and one that counts the others."""
    listed = tuple(pairs)
    more = len(listed) - MAX_TOLD
    rest = (f"and {more} more {'pair' if more == 1 else 'pairs'}",) if more > 0 else ()
    return (*(sentence(first, second) for first, second in listed[:MAX_TOLD]), *rest)


def level_of(claim: Claim, name: str, samples: Samples) -> Level:
    """Return the level of samples by the statistic of a claim, which must be a known one."""
    value = samples.statistic(claim.statistic)
    assert value is not None  # noqa: S101 - asked by the caller.
    return Level(name=name, value=value, squared=squared_of(claim, samples), n=len(samples))


def outcome(base: Judgement, found: Comparison) -> Judgement:
    """Return a judgement with the verdict and certainty of a comparison."""
    verdict = Verdict.NOT_REPRODUCED if found.wrong else Verdict.REPRODUCED
    return replace(base, verdict=verdict, certainty=found.certainty())


def steps_of(levels: Sequence[Level], better: str = "") -> tuple[Step, ...]:
    """Return levels as they stand one after the other; `better` is the sign for all that are apart."""
    steps = []
    for number, level in enumerate(levels):
        before = levels[number - 1] if number else None
        sign = better or (">" if before and level.value < before.value else "<")
        relation = "" if before is None else sign if apart(before, level) else "≈"
        steps.append(Step(name=level.name, value=level.value, relation=relation))
    return tuple(steps)


def ties_told(found: Comparison, what: str = "") -> tuple[str, ...]:
    """Return a sentence for each pair that cannot be told apart; `what` stands before their names."""
    kind = f"{what} " if what else ""
    few = {level.name for level in found.levels if level.squared is None}
    return told(
        ((first.name, second.name) for first, second in found.tied),
        lambda first, second: (
            f"{kind}{first} and {second} are equal"
            if {first, second} <= few
            else f"{kind}{first} and {second} cannot be told apart: their 90 % intervals overlap"
        ),
    )


def texts_of(found: Comparison, metric: Metric | None) -> dict[str, str]:
    """Return the value of each level as pages write it."""
    return {level.name: value_text(level.value, metric.precision if metric else None) for level in found.levels}
