"""How far a result may be from another before it counts as different, and who says so.

Source: facts/results.md §2 (presets, always with their source).
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One allowance: `allowed` is a share of the other value.

    `of` is the column compared, `Result` or `Accuracy`; with `is_lower_bound` only a value below `1 - allowed` of the
    other is outside.
    """

    name: str
    allowed: Fraction
    of: str
    source: str
    is_lower_bound: bool = False

    @property
    def text(self) -> str:
        """Return the allowance in words.

        >>> PRESETS["mlperf-performance"].text, PRESETS["mlperf-accuracy-99.9"].text
        ('2 %', 'at least 99.9 %')
        """
        share = 1 - self.allowed if self.is_lower_bound else self.allowed
        words = f"{float(share * 100):g} %"
        return f"at least {words}" if self.is_lower_bound else words


DEFAULT = "mlperf-performance"

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name=DEFAULT,
            allowed=Fraction(2, 100),
            of="Result",
            source="MLPerf inference rules, audit: results further apart are materially different",
        ),
        Preset(
            name="mlperf-accuracy-99",
            allowed=Fraction(1, 100),
            of="Accuracy",
            is_lower_bound=True,
            source="MLPerf inference rules, accuracy target of 99 % of the reference",
        ),
        Preset(
            name="mlperf-accuracy-99.9",
            allowed=Fraction(1, 1000),
            of="Accuracy",
            is_lower_bound=True,
            source="MLPerf inference rules, accuracy target of 99.9 % of the reference",
        ),
        Preset(name="pets-2026", allowed=Fraction(5, 100), of="Result", source="PETS 2026 artifact review"),
        Preset(
            name="ck-replay", allowed=Fraction(8, 100), of="Result", source="replay of Collective Knowledge experiments"
        ),
    )
}
