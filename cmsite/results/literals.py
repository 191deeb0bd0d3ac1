"""Numbers of metas, as exact as their source spells them.

Source: CONTRACT §11 (`Fraction` from the literals).
"""

import math
import re
from fractions import Fraction
from typing import Any

from cmsite.model.results import Number

MAX_EXPONENT = 120
"""Powers of ten beyond which a number is no measurement; squares of what remains still fit a float."""

MAX_LITERAL = 150
"""Characters of a number; with `MAX_EXPONENT` no difference of two numbers falls out of a float's range."""

_DECIMAL = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,6}))?\Z")


def number_of(value: Any) -> Number | None:
    """Return the number a meta's value is, None where it is none at all (a mapping, true, nothing).

    Text that spells a number is that number; other text, NaN, infinity and absurd magnitudes keep their spelling and
    have no value.

    >>> number_of(0.1).value, number_of("n/a").value, number_of(True)
    (Fraction(1, 10), None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        return _parsed(clean(value).strip())
    if isinstance(value, int):
        return _whole(value)
    return _floating(value)


def _whole(value: int) -> Number:
    if value.bit_length() > MAX_EXPONENT * 3:  # Printing a huge integer would be refused by Python itself.
        return Number(literal=f"an integer of {value.bit_length():,} bits", value=None)
    return Number(literal=str(getattr(value, "literal", value)), value=Fraction(value))


def _floating(value: float) -> Number:
    literal = str(getattr(value, "literal", repr(value)))
    if not math.isfinite(value):
        return Number(literal=literal[:MAX_LITERAL], value=None)
    exact = _parsed(literal.replace("_", ""))
    # YAML 1.1 also has numbers such as 1:30.5 (base 60), which the parser has already worked out.
    return Number(literal=literal, value=exact.value) if exact.value is not None else _parsed(repr(float(value)))


def _parsed(text: str) -> Number:
    """Return the number a text spells in decimal notation; its value is None where it spells none."""
    match = _DECIMAL.match(text) if len(text) <= MAX_LITERAL else None
    if match is None:
        return Number(literal=text[:MAX_LITERAL], value=None)
    if abs(int(match[3] or 0)) > MAX_EXPONENT:  # The power of ten is not worked out before this.
        return Number(literal=text, value=Fraction(0) if not match[2].strip("0.") else None)
    whole, _, decimals = match[2].partition(".")
    value = Fraction(int(f"{match[1]}{whole}{decimals}"), 10 ** len(decimals))
    if match[3]:
        value *= Fraction(10) ** int(match[3])
    if not match[3] and len(text) <= MAX_EXPONENT:  # Most numbers: so few digits have no absurd magnitude.
        return Number(literal=text, value=value)
    fits = value == 0 or Fraction(1, 10**MAX_EXPONENT) <= abs(value) <= 10**MAX_EXPONENT
    return Number(literal=text, value=value if fits else None)


def clean(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
