"""The spellings of Atom that all our feeds share. Source: RFC 4287, RFC 3339, XML 1.0."""

import re
from datetime import UTC, datetime
from html import escape

# What XML 1.0 cannot hold, and what turns the direction of the text around it.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    r"""Return a text as XML holds it.

    >>> xml_text("a < b \x00")
    'a &lt; b \ufffd'
    """
    return escape(_UNSAFE.sub("\ufffd", text))


def feed_time(time_s: int) -> str:
    """Return a moment as a feed writes it.

    >>> feed_time(1_700_000_000)
    '2023-11-14T22:13:20Z'
    """
    # Not strftime: it writes years before 1000 with fewer than four digits.
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
