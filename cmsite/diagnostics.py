"""Findings about artifacts: values with a stable code, a severity and a place.

They are collected and reported, never raised. Codes are catalogued in `cmsite.validation.codes` and
`cmsite.results.codes`.
Source: DESIGN §5 and CONTRACT §13 (the fields of `cmsite-findings/1`).
"""

import enum
from dataclasses import dataclass


class Severity(enum.IntEnum):
    """How much a finding matters; comparable, `ERROR` is the largest."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """Return the word that reports print and `--fail-on` takes."""
        return self.name.lower()


class Fix(enum.Enum):
    """Whether a kind of finding can be mended by `cmsite validate --fix`."""

    NONE = "none"
    SAFE = "safe"
    """It means the same to every client afterwards, so `--fix` alone mends it."""
    ASKED = "asked"
    """It changes behaviour, so it is mended only where its code is named: `--fix CODE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCode:
    """One kind of finding, as `cmsite rules` lists and `cmsite explain` tells it.

    `advice` says why it matters and what to do; `source` names where the rule comes from; `fix` says whether
    `validate --fix` mends it.
    """

    code: str
    severity: Severity
    title: str
    advice: str
    source: str = ""
    fix: Fix = Fix.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point in a text file.

    `line` and `column` count from 1; columns count characters, not bytes.
    """

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    `repository` is the repository's key, `path` is POSIX and relative to the source's root, `pointer` is an
    RFC 6901 JSON pointer into the meta ("" is the whole file), `place` is None where the finding is about a whole
    file or folder, `hint` says what to do, `replacement` is the key or value that would be right where one is known.
    """

    code: str
    severity: Severity
    repository: str
    path: str
    message: str
    place: Place | None = None
    pointer: str = ""
    hint: str = ""
    replacement: str = ""

    @property
    def sort_key(self) -> tuple[str, str, int, int, str, str, str]:
        """Return the order of every report: by file, then place, then code."""
        place = self.place or Place(line=0, column=0)
        return (self.repository, self.path, place.line, place.column, self.code, self.pointer, self.message)
