"""What the numbers of reproductions say about claims: values without arithmetic, which is in `cmsite.results`.

Source: CONTRACT §11; facts/results.md §2.
"""

import enum
from dataclasses import dataclass
from fractions import Fraction

from cmsite.model.results import Verdict


class Certainty(enum.Enum):
    """How sure the number of repetitions makes a verdict; it never replaces the verdict."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    SINGLE_RUN = "single run"
    TWO_RUNS = "two runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The values that count as reproduced; an end is None where the side is open to infinity.

    `lower_open` and `upper_open` say that the end itself does not count.
    """

    lower: Fraction | None = None
    upper: Fraction | None = None
    lower_open: bool = False
    upper_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place of an order that was found: a claim of a ranking, or one value of a trend's parameter.

    `value` is None where a run states an order without numbers. `relation` is how the place stands to the one before
    it: `>`, `<`, or `≈` where the two cannot be told apart; "" for the first.
    """

    name: str
    value: Fraction | None = None
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the numbers of one reproduction say about one claim.

    `reasons` are sentences, the one that decided first; `n` counts completed repetitions, `failed` failed runs;
    `difference` is reproduced − claimed in the claim's unit, `delta` the same over |claimed|: both None where they
    would mislead or cannot be had. `better` tells on which side of the claim the value lies, None where no side is
    better or there is no difference. `half_width` is half the 90 % t-interval of the mean (n ≥ 3) in the claim's
    unit. `same_hardware` is None where one side does not state it. `steps` is the order found for a ranking, best first,
    or along the parameter of a trend. `ratios` are the ratios of paired runs, in order; empty where the runs give the
    samples themselves. For rankings and trends `n` is the smallest number of repetitions of any step.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    certainty: Certainty | None = None
    reproduced: Fraction | None = None
    n: int = 0
    failed: int = 0
    difference: Fraction | None = None
    delta: Fraction | None = None
    better: bool | None = None
    half_width: float | None = None
    accepted: Interval | None = None
    same_hardware: bool | None = None
    steps: tuple[Step, ...] = ()
    ratios: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Several reproductions of one claim, or the claims of one paper, counted and never averaged.

    `reproduced` of `judged` were met; `worst` is the worst judged verdict, or where none was judged the one that came
    furthest; `beside` counts the verdicts that judge nothing, in order of precedence.
    """

    worst: Verdict
    reproduced: int = 0
    judged: int = 0
    beside: tuple[tuple[Verdict, int], ...] = ()
