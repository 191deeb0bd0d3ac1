"""Small pure spellings of values for readers: sizes, dates, counts, values of metas."""

from datetime import UTC, datetime
from typing import Any

MAX_VALUE = 300  # Characters of one value in a table.

_STEP = 1000  # Between units; kibibytes would not agree with what shops and file managers say.
_ROUNDS_UP = 999.95  # Shown with one digit, this is already the next unit.


def size(size_bytes: int) -> str:
    """Return a size in powers of 1000.

    >>> size(512), size(3_900), size(2_400_000)
    ('512 B', '3.9 kB', '2.4 MB')
    """
    if size_bytes < _STEP:
        return f"{size_bytes} B"
    value = float(size_bytes)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= _STEP
        if value < _ROUNDS_UP or unit == "TB":
            break
    return f"{value:.1f} {unit}"


def date(time_s: int) -> str:
    """Return a day in UTC, "" where the time is unknown.

    >>> date(1763683200), date(0)
    ('2025-11-21', '')
    """
    try:
        return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d") if time_s else ""
    except (OverflowError, OSError, ValueError):
        return ""


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "artifact"), counted(1200, "artifact"), counted(2, "repository", "repositories")
    ('1 artifact', '1,200 artifacts', '2 repositories')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shortened(text: str, limit: int) -> str:
    """Return a text of at most about `limit` characters that says how many were left out.

    >>> shortened("short", 10), shortened("x" * 5000, 3)
    ('short', 'xxx… (4,997 more characters)')
    """
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def plain(value: Any) -> str:
    """Return a value of a meta as one line of text, cut where it is long; nested ones by their number of entries.

    >>> plain(True), plain(None), plain(["a", 1]), plain({"a": {}})
    ('yes', '', 'a, 1', '1 entry')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() if not any(isinstance(item, list | dict) for item in value):
            return _cut(", ".join(plain(item) for item in value))
        case list() | dict():
            return counted(len(value), "entry", "entries")
    return _cut(str(getattr(value, "literal", value)))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
