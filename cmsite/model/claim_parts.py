"""What a claim is made of where it is no single number: the two sides of a ratio, the parameter of a trend.

Source: facts/results.md §1 (kinds of claims), §2.6 (what each compares).
"""

import enum
from dataclasses import dataclass


class Direction(enum.Enum):
    """Where a trend goes while its parameter grows."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    MONOTONE = "monotone"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioParts:
    """The claims, or metrics of the claim's own runs, whose ratio is claimed: `of` is divided by `over`."""

    of: str
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How the metric moves while a numeric parameter of the runs grows; `direction` is None where it cannot be read."""

    parameter: str
    direction: Direction | None = None
