"""What all readers of MLPerf files share: the flat row, numbers that are numbers, and limits with their units."""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float | bool | None
"""A value of a row: never NaN, never infinite, never nested."""

Row: TypeAlias = dict[str, Value]
"""One result, flat, under the names of mlcommons/cm4mlperf-results' `cm-result.json`; a missing value has no key."""

MAX_INTEGER_BITS = 256  # Seeds have 64; a longer integer is no measurement.


@dataclass(frozen=True, slots=True, kw_only=True)
class MlperfLimits:
    """How much of one tree is read.

    `results` counts folders of a scenario (mlcommons/inference_results_v4.0, the largest, has 11,720); `detail_bytes`
    is the largest detailed log read whole, of a larger one `detail_end_bytes` at each end; `summary_bytes` holds for
    a published summary (1.3 MB in v4.1); `text_bytes` for any other file. MLPerf accepts no file above 50 MB.
    """

    results: int = 50_000
    detail_bytes: int = 8 * 1024 * 1024
    detail_end_bytes: int = 2 * 1024 * 1024
    packed_log_bytes: int = 128 * 1024 * 1024
    text_bytes: int = 4 * 1024 * 1024
    power_bytes: int = 64 * 1024 * 1024
    rows: int = 200_000


DEFAULT_LIMITS = MlperfLimits()


def flat(value: Any) -> Value:
    """Return a value as a row may hold it: numbers that are no numbers and nested data become their text.

    >>> flat(float("nan")), flat([1, 2]), flat(1.5), flat(True)
    ('nan', '[1, 2]', 1.5, True)
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() <= MAX_INTEGER_BITS else f"an integer of {value.bit_length():,} bits"
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return value if isinstance(value, str) else str(value)[:MAX_TEXT]


MAX_TEXT = 2_000  # Characters of nested data that stand in a row as text.


def number(value: object) -> int | float | None:
    """Return a finite number; None for anything else, texts among them.

    >>> number(3), number("3"), number(True), number(float("inf"))
    (3, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return int(value) if value.bit_length() <= MAX_INTEGER_BITS else None
    return float(value) if math.isfinite(value) else None


def counted(value: Value) -> Value:
    """Return a count that a system description writes as text as a number, any other text as it stands.

    >>> counted("56"), counted(" 8 "), counted("4 (big); 4 (LITTLE)"), counted(2)
    (56, 8, '4 (big); 4 (LITTLE)', 2)
    """
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else value  # noqa: PLR2004 - digits of a count.
