"""Every attack and bad input of facts/index.md §4 has a test with its number, or a reason why it has none yet."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.case_names import ALL_CASES, case_numbers

# Cases of which no part of the program can be the victim yet. Whoever builds that part takes its numbers out here.
NOT_YET = {
    72: "signed indexes: the extra `sign` does not exist yet",
    94: "no artifact is fetched from an OCI registry yet",
    95: "no artifact is fetched from an OCI registry yet",
    96: "no artifact is fetched from an OCI registry yet",
    97: "no artifact is fetched from an OCI registry yet",
}


def test_every_case_has_a_test_or_a_reason() -> None:
    tested = {number for name in _test_names() for number in case_numbers(name)}
    assert sorted(ALL_CASES - tested - set(NOT_YET)) == []
    assert sorted(tested & set(NOT_YET)) == []


def _test_names() -> Iterator[str]:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                yield node.name
