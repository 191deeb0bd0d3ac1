"""What is wrong or special with a row, as bits of one number: kept and marked, never averaged or dropped.

Source: facts/results.md §4, §7.
"""

import enum
from collections.abc import Iterable, Sequence

from cmsite.results.row_blocks import Value


class Mark(enum.IntFlag):
    """One bit a mark; `title` is how pages name it."""

    INFERRED = 1
    CONFLICT = 2
    TEXT_NUMBER = 4
    UNIT_DIFFERS = 8
    FRACTION = 16
    NO_RESULT = 32
    UNVERIFIED = 64
    INVALID = 128
    SPELLING = 256

    @property
    def title(self) -> str:
        """Return the words that pages and data use."""
        return (self.name or "").lower().replace("_", " ")


UNRANKED = Mark.INFERRED | Mark.INVALID
"""The marks of rows that take part in no ranking or front."""

MEANINGS: dict[Mark, str] = {
    Mark.INFERRED: "worked out from another row instead of measured; takes part in no ranking or front",
    Mark.CONFLICT: "another row has the same uid and says something else; all of them are kept",
    Mark.TEXT_NUMBER: "a text stands where a number is expected, such as a core count of '4 (big); 4 (LITTLE)'",
    Mark.UNIT_DIFFERS: "the row names two different units for its result",
    Mark.FRACTION: "the accuracy is 1 or less where others of the column are percents; nothing is converted",
    Mark.NO_RESULT: "the row has no result, or none that is a number",
    Mark.UNVERIFIED: "the row says that MLCommons Association has not verified its result",
    Mark.SPELLING: "a value looks like another spelling of a more frequent one of its column; both are kept apart",
    Mark.INVALID: "the load generator says that the run did not meet its constraints; takes part in no ranking or front",
}


def words(marks: int) -> tuple[str, ...]:
    """Return the marks of a row in words.

    >>> words(3)
    ('inferred', 'conflict')
    """
    return tuple(mark.title for mark in Mark if marks & mark)


def fractions(accuracies: Sequence[float | None], kinds: Sequence[str]) -> set[int]:
    """Return the rows whose accuracy is a fraction where others of the same unit are more than 1.

    >>> fractions([0.76, 76.1, 0.8], ["", "", "AUC"])
    {0}
    """
    has_percents = {
        kind for accuracy, kind in zip(accuracies, kinds, strict=True) if accuracy is not None and accuracy > 1
    }
    return {
        row
        for row, (accuracy, kind) in enumerate(zip(accuracies, kinds, strict=True))
        if accuracy is not None and 0 <= accuracy <= 1 and kind in has_percents
    }


def marks_of(
    total: int,
    *,
    inferred: Iterable[float | None],
    conflicts: Iterable[int],
    text_numbers: Iterable[int],
    units: Iterable[tuple[Value, Value]],
    fractions: Iterable[int],
    results: Iterable[float | None],
    statuses: Iterable[Value] = (),
    validities: Iterable[Value] = (),
    misspelled: Iterable[int] = (),
) -> list[int]:
    """Return the marks of each row; `units` are the two that a row may name."""
    marks = [0] * total
    found: tuple[tuple[Mark, Iterable[int]], ...] = (
        (Mark.INFERRED, (row for row, value in enumerate(inferred) if value)),
        (Mark.NO_RESULT, (row for row, value in enumerate(results) if value is None)),
        (Mark.UNIT_DIFFERS, (row for row, (one, other) in enumerate(units) if one and other and one != other)),
        (Mark.CONFLICT, conflicts),
        (Mark.TEXT_NUMBER, text_numbers),
        (Mark.FRACTION, fractions),
        (Mark.UNVERIFIED, (row for row, status in enumerate(statuses) if status == "unverified")),
        (Mark.SPELLING, misspelled),
        (Mark.INVALID, (row for row, validity in enumerate(validities) if validity == "INVALID")),
    )
    for mark, rows in found:
        for row in rows:
            marks[row] |= mark.value
    return marks
