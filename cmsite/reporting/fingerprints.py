r"""What makes a finding the same one after lines moved: its code, file, pointer and message without what shifts. Pure.

Numbers within a pointer are positions in lists, and numbers within a message are mostly positions too, so both count for
nothing; where that makes two findings of a file equal, they are counted.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cmsite.diagnostics import Diagnostic

_STEP = re.compile(r"(?<=/)\d+(?=/|\Z)")
_NUMBER = re.compile(r"\b\d+\b")
_BLANKS = re.compile(r"\s+")


class Trait(NamedTuple):
    """What findings are compared by; several findings of a file may share it."""

    repository: str
    path: str
    code: str
    pointer: str
    message: str


def trait(finding: Diagnostic) -> Trait:
    """Return what a finding is compared by.

    >>> from cmsite.diagnostics import Severity
    >>> found = Diagnostic(code="CM201", severity=Severity.ERROR, repository="team", path="script/a/_cm.yaml",
    ...     message="entry 3 of `tags` must be a text, got 2024", pointer="/tags/2")
    >>> trait(found)[3:]
    ('/tags/*', 'entry # of `tags` must be a text, got #')
    """
    texts = (
        finding.repository,
        finding.path,
        finding.code,
        _STEP.sub("*", finding.pointer),
        _BLANKS.sub(" ", _NUMBER.sub("#", finding.message)).strip(),
    )
    # Half a character, which a meta may name, cannot be written to a file.
    return Trait(*(text if text.isascii() else text.encode("utf-8", "replace").decode() for text in texts))


def fingerprints(findings: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield a fingerprint for each finding in turn: 32 hexadecimal digits, `:`, and which of the equal ones it is."""
    seen: Counter[Trait] = Counter()
    for finding in findings:
        known = trait(finding)
        seen[known] += 1
        digest = hashlib.sha256("\0".join(known).encode()).hexdigest()[:32]
        yield f"{digest}:{seen[known]}"
