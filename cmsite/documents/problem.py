"""What documents are made of besides data: problems, pointers, numbers that keep their spelling, limits."""

from dataclasses import dataclass

from cmsite.diagnostics import Diagnostic, Place, Severity

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024  # The largest meta of the corpora has 0.2 MB.
MAX_DEPTH = 100  # Levels of nesting; the deepest meta of the corpora has 12.


class SourceFloat(float):
    """A number whose source spelling differs from Python's: `.literal` keeps `1.10` beside 1.1."""

    literal: str


class SourceInt(int):
    """A whole number whose source spelling differs from Python's: `.literal` keeps `0x1F`, `017` or `12:30`."""

    literal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in one file: a finding that does not know yet whose file it is."""

    code: str
    severity: Severity
    message: str
    place: Place | None = None
    pointer: str = ""
    hint: str = ""
    replacement: str = ""

    def in_file(self, repository: str, path: str) -> Diagnostic:
        """Return the finding that this is in a file of a repository."""
        return Diagnostic(
            code=self.code,
            severity=self.severity,
            repository=repository,
            path=path,
            message=self.message,
            place=self.place,
            pointer=self.pointer,
            hint=self.hint,
            replacement=self.replacement,
        )


class RefusedDocumentError(Exception):
    """A document cannot be read for the reason of `problem`; never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def error(code: str, message: str, hint: str, place: Place | None = None) -> Problem:
    """Return a problem that keeps a file from being read."""
    return Problem(code=code, severity=Severity.ERROR, message=message, place=place, hint=hint)


def duplicate_key(key: object, first: Place, second: Place) -> Problem:
    """Return the problem of a key that stands twice in one mapping."""
    return Problem(
        code="CM004",
        severity=Severity.WARNING,
        message=f"key {str(key)!r} stands twice, first in line {first.line}: the first value is lost",
        place=second,
        hint="merge the two, or remove one",
    )


def first_line(failure: Exception) -> str:
    """Return what an exception says, on one line."""
    return (str(failure).splitlines() or [type(failure).__name__])[0]


def split_pointer(pointer: str) -> list[str]:
    """Split an RFC 6901 pointer into its unescaped steps.

    >>> split_pointer("/deps/0/a~1b")
    ['deps', '0', 'a/b']
    """
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def join_pointer(*steps: object) -> str:
    """Return the RFC 6901 pointer of these steps.

    >>> join_pointer("deps", 0, "a/b")
    '/deps/0/a~1b'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
