"""Badges that a publisher, committee or codechecker gave a paper or its artifacts: what is stated, never computed.

No number mints a badge, and a badge proves no claim. Levels and the crosswalk between schemes stand in
`cmsite.results.badge_schemes`. Source: facts/results.md §1 (badge), §2.9.
"""

import enum
from dataclasses import dataclass


class BadgeScheme(enum.Enum):
    """Whose words a badge is written in."""

    ACM_1_0 = "acm-1.0"
    ACM_1_1 = "acm-1.1"
    NISO = "niso-rp-31-2021"
    IEEE = "ieee"
    USENIX = "usenix"
    CODECHECK = "codecheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """One badge as a record states it.

    `scheme` is None and `level` "" where the words are those of no known scheme; `text` is what the record says, in its
    own spelling. `issuer`, `issued` (a date as written) and `evidence` (an address or a file of the artifact) are ""
    where not stated. `self_asserted` where the record says that the authors gave it to themselves.
    """

    scheme: BadgeScheme | None
    level: str
    text: str
    issuer: str = ""
    issued: str = ""
    evidence: str = ""
    self_asserted: bool = False
