"""What runs cost and how their commands ended, as columns of a table: only those that some run has.

Source: registry/rules/reproduction.yaml (`wall_s`, `processor_s`, `peak_memory_bytes`, `exit_code`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cmsite.model.results import Number, Run
from cmsite.site.text import shortened, size

MAX_TEXT = 30  # Characters of a number that is none.
_MINUTE_S, _HOUR_S = 60, 3600
_LONGEST_S = 10**10  # Three hundred years: what is longer is no time of a run.
_ROUNDED_S = 10  # From here on, tenths of a second say nothing.


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """`names` are the columns; a row a run has as many texts, "" where the run does not say."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def costs_of(runs: Sequence[Run]) -> Costs:
    """Return the costs of runs, in their order."""
    columns = {name: [text_of(run) for run in runs] for name, text_of in _COLUMNS.items()}
    used = {name: texts for name, texts in columns.items() if any(texts)}
    return Costs(names=tuple(used), rows=tuple(zip(*used.values(), strict=True)) if used else ((),) * len(runs))


def seconds(number: Number | None) -> str:
    """Return a time as people read it, as it stands where it is no time.

    >>> from fractions import Fraction
    >>> [seconds(Number(literal="", value=Fraction(text))) for text in ("0.0042", "1.25", "48.79", "4000", "100000")]
    ['4.2 ms', '1.2 s', '49 s', '66 min 40 s', '27 h 46 min']
    """
    if number is None:
        return ""
    if number.value is None or not 0 <= number.value < _LONGEST_S:
        return shortened(number.literal, MAX_TEXT)
    value = float(number.value)
    if value < 1:
        return f"{value * 1000:.3g} ms" if value else "0 s"
    if value < 2 * _MINUTE_S:
        return f"{value:.1f} s" if value < _ROUNDED_S else f"{value:.0f} s"
    whole = round(value)
    if whole < 2 * _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    return f"{whole // _HOUR_S:,} h {whole % _HOUR_S // _MINUTE_S} min"


def _memory(run: Run) -> str:
    return "" if run.peak_memory_bytes is None else size(run.peak_memory_bytes)


_COLUMNS: dict[str, Callable[[Run], str]] = {
    "Time": lambda run: seconds(run.wall_s),
    "Processor time": lambda run: seconds(run.processor_s),
    "Peak memory": _memory,
    "Exit code": lambda run: "" if run.exit_code is None else str(run.exit_code),
}
