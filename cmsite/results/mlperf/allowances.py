"""How far a result may be from another: the published presets, as they apply to rows instead of claims.

A preset that is a bound is about accuracy, and only a value below it is outside; any other is about the result, on
either side. Source: facts/results.md §2 (presets, always with their source).
"""

from dataclasses import dataclass
from fractions import Fraction

from cmsite.model.results import ToleranceType
from cmsite.results.presets import PRESETS, Preset

DEFAULT = "mlperf-performance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One preset for rows: `share` is the part of the other value, `of` the column compared: `Result` or `Accuracy`.

    With `is_lower_bound` only a value below `1 - share` of the other is outside. `origin` is a sentence.
    """

    name: str
    share: Fraction
    of: str
    origin: str
    is_lower_bound: bool

    @property
    def text(self) -> str:
        """Return the allowance in words.

        >>> ALLOWANCES["mlperf-performance"].text, ALLOWANCES["mlperf-accuracy-99.9"].text
        ('2 %', 'at least 99.9 %')
        """
        share = 1 - self.share if self.is_lower_bound else self.share
        words = f"{float(share * 100):g} %"
        return f"at least {words}" if self.is_lower_bound else words


def allowance_of(preset: Preset) -> Allowance:
    """Return a preset as it applies to rows."""
    is_bound = preset.type is ToleranceType.BOUND
    return Allowance(
        name=preset.name,
        share=Fraction(preset.amount),
        of="Accuracy" if is_bound else "Result",
        origin=preset.origin,
        is_lower_bound=is_bound,
    )


ALLOWANCES = {name: allowance_of(preset) for name, preset in PRESETS.items()}
