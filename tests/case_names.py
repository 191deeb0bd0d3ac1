"""The numbers of attacks and bad inputs (facts/index.md §4) as they stand in the names of tests."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

ALL_CASES = frozenset(range(1, 101))

_NUMBERS = re.compile(r"test_cases?_((?:and_|\d+(?:_|\Z))+)")


def case_numbers(name: str) -> frozenset[int]:
    """Return the cases that a test names; other numbers, such as those of answers of servers, are none.

    >>> sorted(case_numbers("test_case_53_54_resuming")), sorted(case_numbers("test_cases_70_and_88_x_99"))
    ([53, 54], [70, 88])
    >>> sorted(case_numbers("test_case_61_304_without_a_body")), sorted(case_numbers("test_casefold"))
    ([61], [])
    """
    match = _NUMBERS.match(name)
    return frozenset(int(number) for number in re.findall(r"\d+", match[1])) & ALL_CASES if match else frozenset()


def rows_of_its_cases(table: Iterable[Sequence[Any]], *arguments: str) -> Callable[[Any], Any]:
    """Give a test the rows of a table whose first column begins with one of the numbers in its name.

    The first column, such as `07-empty-name`, becomes the id, the others the arguments.
    """
    rows = list(table)

    def decorate(test: Any) -> Any:
        wanted = case_numbers(test.__name__)
        chosen = [pytest.param(*rest, id=name) for name, *rest in rows if int(name[:2]) in wanted]
        found = {int(str(row.id)[:2]) for row in chosen}
        assert found == wanted, f"{test.__name__}: no row of case {sorted(wanted - found)}"
        return pytest.mark.parametrize(arguments, chosen)(test)

    return decorate


def parameter_ids(tests: Iterable[object]) -> frozenset[str]:
    """Return the ids of all the rows that tests were given."""
    marks = [mark for test in tests for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    return frozenset(row.id for mark in marks for row in mark.args[1] if getattr(row, "id", None))
