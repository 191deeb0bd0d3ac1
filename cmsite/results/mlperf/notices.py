"""What must stand beside a score, and the words a row carries for it.

Source: MLCommons, MLPerf Results Messaging Guidelines: "unverified" next to each score that was not reviewed, and the
sentence `NOTICE`; a reviewed result is cited by its ID.
"""

import re

from cmsite.results.mlperf.values import Row

NOTICE = "Result not verified by MLCommons Association."

UNVERIFIED = "unverified"
PUBLISHED = "published"
"""The row stands in a summary with a result ID. Whether MLCommons published that summary no file can prove."""

PUBLISHED_NOTE = (
    "published means: listed with a result ID in a summary_results.json. "
    "Look the ID up at mlcommons.org before citing it."
)

_ID = re.compile(r"v?\d{1,3}\.\d{1,3}-\d{1,9}")


def is_result_id(value: object) -> bool:
    """Return whether a value has the form of a result ID.

    >>> is_result_id("4.1-0005"), is_result_id("v4.1-0005"), is_result_id("=1+1"), is_result_id(4.1)
    (True, True, False, False)
    """
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_published(row: Row) -> bool:
    """Return whether a row has a result ID of a summary."""
    return row.get("status") == PUBLISHED and is_result_id(row.get("ID"))


def with_status(row: Row, *, in_summary: bool) -> Row:
    """Return the row with its status and, where nobody reviewed it, the notice."""
    if in_summary and is_result_id(row.get("ID")):
        return {**{name: value for name, value in row.items() if name != "notice"}, "status": PUBLISHED}
    return {**row, "status": UNVERIFIED, "notice": NOTICE}
