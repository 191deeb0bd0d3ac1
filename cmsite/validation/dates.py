"""Dates as metas of CM write them: `2022`, `202309` or `20230915`, a year, month or day without hyphens.

They are the formats `cm-date` (any of the three, or `-`) and `cm-day` (a whole day) of the rule language.
Source: facts/formats.md §7 (three notations); the CM playground reads `date_open` as YYYYMMDD and compares numbers.
"""

import calendar

_YEARS = range(1900, 2200)


def is_date(text: str) -> bool:
    """Return whether a text is a year, a month or a day that exist.

    >>> [is_date(text) for text in ("2022", "202309", "20230915", "20230931", "2023-09-15", "soon")]
    [True, True, True, False, False, False]
    """
    if len(text) not in {4, 6, 8} or not (text.isascii() and text.isdigit()):
        return False
    year, month, day = int(text[:4]), int(text[4:6] or 1), int(text[6:8] or 1)
    return year in _YEARS and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]  # noqa: PLR2004


def is_date_or_dash(text: str) -> bool:
    """Return whether a text is a date, or the hyphen that contributors of CM write for "still taking part".

    >>> is_date_or_dash("-"), is_date_or_dash("2022"), is_date_or_dash("")
    (True, True, False)
    """
    return text == "-" or is_date(text)


def is_day(text: str) -> bool:
    """Return whether a text is a day that exists, as YYYYMMDD.

    >>> is_day("20240229"), is_day("20230229"), is_day("2022")
    (True, False, False)
    """
    return len(text) == len("YYYYMMDD") and is_date(text)


def is_before(first: object, second: object) -> bool:
    """Return whether both are dates and the first is over before the second begins; a year lasts until its end.

    >>> is_before("2021", "20210115"), is_before("202012", "20210115"), is_before("20210114", "20210115")
    (False, True, True)
    """
    if not (isinstance(first, str) and isinstance(second, str) and is_date(first) and is_date(second)):
        return False
    shared = min(len(first), len(second))
    return first[:shared] < second[:shared]
