"""One problem in a meta, with the severity of its code and its place."""

from cmsite.documents import Document, Problem
from cmsite.validation.codes import CODES


def problem(
    code: str, message: str, document: Document | None = None, pointer: str = "", hint: str = "", replacement: str = ""
) -> Problem:
    """Return a problem with its code's severity, placed where the pointer leads in the document."""
    return Problem(
        code=code,
        severity=CODES[code].severity,
        message=message,
        place=document.place(pointer) if document is not None else None,
        pointer=pointer,
        hint=hint,
        replacement=replacement,
    )
