"""Names by which a claim of a paper is linked: an anchor on the page, a file beside it.

Ids of claims are free texts; the names are one path segment of letters, digits, `.`, `_` and `-`, on every file
system, and depend on the claim's id alone wherever two ids do not differ by case only.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

MAX_NAME = 60  # Characters.

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?\Z")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_LIKE_MADE = re.compile(r"-[0-9a-f]{8}\Z")
# Files of ours beside the page, what servers answer for folders with, and devices of Windows.
_TAKEN = frozenset(
    {"badge", "index", "con", "aux", "nul", "prn"}
    | {f"{name}{digit}" for name in ("com", "lpt") for digit in range(10)}
)


def safe_name(claim: str) -> str:
    """Return the id of a claim where it can be a name, else its letters with 8 hexadecimal digits of its sha256.

    >>> safe_name("C1"), safe_name("Table 3"), safe_name("<img>"), safe_name("badge")
    ('C1', 'Table-3-2ee889ca', 'img-4f1078bf', 'badge-8805cdea')
    """
    if (
        _PLAIN.match(claim)
        and len(claim) <= MAX_NAME
        and claim.lower().split(".", 1)[0] not in _TAKEN
        and not _LIKE_MADE.search(claim)
    ):
        return claim
    return _made(claim)


def claim_names(claims: Iterable[str]) -> Mapping[str, str]:
    """Return the name of each claim of a paper; no two are the same, not even where case does not count.

    Of ids that differ by case only, the one in capitals keeps its name.

    >>> claim_names(["C1", "c1", "C2"])
    {'C1': 'C1', 'c1': 'c1-d0f631ca', 'C2': 'C2'}
    """
    ids = tuple(dict.fromkeys(claims))
    folded: dict[str, int] = {}
    for claim in ids:
        folded[claim.casefold()] = folded.get(claim.casefold(), 0) + 1
    names: dict[str, str] = {}
    taken: set[str] = set()
    for claim in ids:
        alone = folded[claim.casefold()] == 1 or claim == claim.upper()
        name = safe_name(claim) if alone else _made(claim)
        if name.casefold() in taken:  # Somebody looked for two ids whose digests begin alike.
            name = f"{name}{_digest(claim)[8:]}"
        taken.add(name.casefold())
        names[claim] = name
    return names


def _made(claim: str) -> str:
    letters = _NOT_PLAIN.sub("-", claim).strip("-._")[: MAX_NAME - 9].rstrip("-._")
    if letters.lower().split(".", 1)[0] in _TAKEN:
        letters = letters.replace(".", "-", 1)
    return f"{letters}-{_digest(claim)[:8]}" if letters else _digest(claim)[:8]


def _digest(claim: str) -> str:
    return hashlib.sha256(claim.encode("utf-8", "surrogatepass")).hexdigest()
