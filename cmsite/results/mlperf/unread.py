"""Submission trees of MLPerf's other suites, told from the names of their files: they are not read, but named.

Source: the layouts of mlcommons/training_results_v4.0, tiny_results_v1.1, mobile_results_v2.1 and mobile_results_v5.0.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_RESULTS = r"(?:.*/)?results/"
_SUITES = (
    ("training", re.compile(_RESULTS + r"[^/]+/[^/]+/results?_[0-9]{1,3}\.txt")),
    ("mobile", re.compile(_RESULTS + r"(?:[^/]+/){1,3}(?:log_|[^/]+-)(?:performance|accuracy)/mlperf_log_[a-z]+\.(?:txt|json)")),
    ("tiny", re.compile(_RESULTS + r"[^/]+/[^/]+/(?:performance|accuracy|energy)/[^/]+\.txt")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSuite:
    """A suite whose results a tree holds: how many files say so, and the first of them."""

    name: str
    count: int
    example: str


def other_suite_of(paths: Iterable[str]) -> OtherSuite | None:
    """Return the suite that most files of a tree belong to; None where none does.

    >>> other_suite_of(["Acme/results/box/bert/result_1.txt", "README.md"]).name
    'training'
    """
    listed = sorted(paths)
    found = [(name, [path for path in listed if layout.fullmatch(path)]) for name, layout in _SUITES]
    name, files = max(found, key=lambda suite: len(suite[1]))
    return OtherSuite(name=name, count=len(files), example=files[0]) if files else None
