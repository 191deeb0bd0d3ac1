"""The levels of each badge scheme, and which level of ACM's version 1.1 means the same; for display only.

ACM exchanged two words in August 2020: what version 1.0 calls "replicated" is "reproduced" in version 1.1, and the
other way round. A badge therefore keeps its scheme, and pages show both words.
NISO RP-31-2021 has no criteria for "reviewed": the issuer has. Its abbreviations are ORO, ORO-A, ROR, ROR-R and RER.
Source: ACM Artifact Review and Badging, versions 1.0 and 1.1; NISO RP-31-2021 (doi:10.3789/niso-rp-31-2021); IEEE Xplore, reproducibility badges;
USENIX artifact evaluation; CODECHECK.
"""

import difflib
import re
from dataclasses import dataclass

from cmsite.model.badges import BadgeScheme

SCHEME_NAMES = {
    BadgeScheme.ACM_1_0: "ACM 1.0",
    BadgeScheme.ACM_1_1: "ACM 1.1",
    BadgeScheme.NISO: "NISO RP-31-2021",
    BadgeScheme.IEEE: "IEEE",
    BadgeScheme.USENIX: "USENIX",
    BadgeScheme.CODECHECK: "CODECHECK",
}

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_VERSION = re.compile(r"-v?1-[01]\Z")  # "Results Reproduced v1.1", as ACM prints it.
_MAX_WORDS = 100  # Characters of a level that are looked at.

_AVAILABLE = "what the authors made is publicly archived"
_OPEN = "what the authors made is archived in public for good, under an open licence"
_ALL_OPEN = "all that the authors made is archived in public for good, under an open licence"
_REVIEWED = "what the authors made was reviewed, by criteria of the issuer's own"
_FUNCTIONAL = "others ran the authors' artifacts: documented, complete, exercisable"
_REUSABLE = "others ran the authors' artifacts and found them fit for reuse"
_SAME_ARTIFACTS = "others got the main results, with artifacts of the authors"
_OWN_ARTIFACTS = "others got the main results, without artifacts of the authors"
_CODECHECK = "a codechecker ran the workflow and got the listed files"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeLevel:
    """One level of a scheme.

    `name` is the issuer's; `acm_1_1` the name of the level of ACM 1.1 that means the same, or that is `nearest`; ""
    where none does. `others` are further spellings.
    """

    scheme: BadgeScheme
    level: str
    name: str
    meaning: str
    acm_1_1: str
    is_nearest: bool = False
    others: tuple[str, ...] = ()


def _levels() -> tuple[BadgeLevel, ...]:
    acm = {
        "available": ("Artifacts Available", _AVAILABLE, ()),
        "functional": ("Artifacts Evaluated – Functional", _FUNCTIONAL, ("artifacts-functional",)),
        "reusable": ("Artifacts Evaluated – Reusable", _REUSABLE, ("artifacts-reusable",)),
    }
    found = [
        BadgeLevel(scheme=scheme, level=level, name=name, meaning=meaning, acm_1_1=name, others=others)
        for scheme in (BadgeScheme.ACM_1_0, BadgeScheme.ACM_1_1)
        for level, (name, meaning, others) in acm.items()
    ]
    replicated, reproduced = "Results Replicated", "Results Reproduced"
    rows: tuple[tuple[BadgeScheme, str, str, str, str, bool, tuple[str, ...]], ...] = (
        (BadgeScheme.ACM_1_0, "replicated", replicated, _SAME_ARTIFACTS, reproduced, False, ()),
        (BadgeScheme.ACM_1_0, "reproduced", reproduced, _OWN_ARTIFACTS, replicated, False, ()),
        (BadgeScheme.ACM_1_1, "reproduced", reproduced, _SAME_ARTIFACTS, reproduced, False, ()),
        (BadgeScheme.ACM_1_1, "replicated", replicated, _OWN_ARTIFACTS, replicated, False, ()),
        (BadgeScheme.NISO, "open", "Open Research Objects", _OPEN, "Artifacts Available", True, ("oro",)),
        (BadgeScheme.NISO, "open-all", "Open Research Objects – All", _ALL_OPEN, "Artifacts Available", True, ("oro-a",)),
        (BadgeScheme.NISO, "reviewed", "Research Objects Reviewed", _REVIEWED, acm["functional"][0], True, ("ror",)),
        (BadgeScheme.NISO, "reproduced", reproduced, _SAME_ARTIFACTS, reproduced, False, ("ror-r",)),
        (BadgeScheme.NISO, "replicated", replicated, _OWN_ARTIFACTS, replicated, False, ("rer",)),
        (BadgeScheme.IEEE, "code-available", "Code Available", _AVAILABLE, "Artifacts Available", True, ("available",)),
        (BadgeScheme.IEEE, "code-reviewed", "Code Reviewed", _FUNCTIONAL, acm["functional"][0], True, ("reviewed",)),
        (BadgeScheme.IEEE, "code-reproducible", "Code Reproducible", _SAME_ARTIFACTS, reproduced, True, ("reproducible",)),
        (BadgeScheme.IEEE, "code-replicated", "Code Replicated", _OWN_ARTIFACTS, replicated, True, ("replicated",)),
        (BadgeScheme.IEEE, "datasets-available", "Datasets Available", _AVAILABLE, "Artifacts Available", True, ("dataset-available",)),
        (BadgeScheme.IEEE, "datasets-reviewed", "Datasets Reviewed", _FUNCTIONAL, acm["functional"][0], True, ("dataset-reviewed",)),
        (BadgeScheme.USENIX, "available", "Artifacts Available", _AVAILABLE, "Artifacts Available", True, ()),
        (BadgeScheme.USENIX, "functional", "Artifacts Functional", _FUNCTIONAL, acm["functional"][0], True, ("artifacts-evaluated-functional",)),
        (BadgeScheme.USENIX, "reproduced", reproduced, _SAME_ARTIFACTS, reproduced, True, ()),
        (BadgeScheme.CODECHECK, "certificate", "CODECHECK certificate", _CODECHECK, "", False, ("codechecked", "codecheck")),
    )  # fmt: skip
    found.extend(
        BadgeLevel(
            scheme=scheme, level=level, name=name, meaning=meaning, acm_1_1=same, is_nearest=nearest, others=others
        )
        for scheme, level, name, meaning, same, nearest, others in rows
    )
    return tuple(found)


LEVELS = _levels()
_SPELLED = {
    (level.scheme, spelling): level
    for level in LEVELS
    for spelling in (level.level, _NOT_WORD.sub("-", level.name.lower()).strip("-"), *level.others)
}
_KNOWN = {(level.scheme, level.level): level for level in LEVELS}


def level_of(scheme: BadgeScheme, text: str) -> BadgeLevel | None:
    """Return the level that a text names in a scheme, by its id, its name or an abbreviation; None where it names none.

    >>> level_of(BadgeScheme.ACM_1_1, "Results Reproduced v1.1").level, level_of(BadgeScheme.NISO, "ROR-R").level
    ('reproduced', 'reproduced')
    >>> level_of(BadgeScheme.USENIX, "replicated") is None
    True
    """
    words = _NOT_WORD.sub("-", text[:_MAX_WORDS].lower()).strip("-")
    return _SPELLED.get((scheme, _VERSION.sub("", words)))


def level_named(scheme: BadgeScheme | None, level: str) -> BadgeLevel | None:
    """Return what is known about a level by its id."""
    return _KNOWN.get((scheme, level)) if scheme is not None else None


def levels_of(scheme: BadgeScheme) -> tuple[BadgeLevel, ...]:
    """Return the levels of a scheme, the lowest first."""
    return tuple(level for level in LEVELS if level.scheme is scheme)


def near_scheme(text: str) -> str:
    """Return the scheme that could be meant, "" where none is near.

    >>> near_scheme("ACM 1.1"), near_scheme("acm"), near_scheme("banana")
    ('acm-1.1', 'acm-1.1', '')
    """
    words = _NOT_WORD.sub("-", text[:_MAX_WORDS].lower()).strip("-")
    known = {_NOT_WORD.sub("-", scheme.value): scheme.value for scheme in BadgeScheme}
    known |= {"acm": "acm-1.1", "niso": "niso-rp-31-2021", "acm-1": "acm-1.1", "acm-v1-0": "acm-1.0"}
    near = difflib.get_close_matches(words, known, n=1, cutoff=0.7)
    return known[near[0]] if near else ""


def near_level(scheme: BadgeScheme, text: str) -> str:
    """Return the level of a scheme that could be meant, "" where none is near.

    >>> near_level(BadgeScheme.ACM_1_1, "reproducable"), near_level(BadgeScheme.CODECHECK, "gold")
    ('reproduced', '')
    """
    words = _NOT_WORD.sub("-", text[:_MAX_WORDS].lower()).strip("-")
    known = {spelling: level.level for (of, spelling), level in _SPELLED.items() if of is scheme}
    near = difflib.get_close_matches(words, known, n=1, cutoff=0.6)
    return known[near[0]] if near else ""
