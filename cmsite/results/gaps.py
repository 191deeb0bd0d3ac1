"""What the records of a catalogue lack: evidence that is not there or has no digest, claims that nobody tried.

Every kind of gap is counted against what could have had it, and each case is named. Nothing is asked over a network, so
whether an address elsewhere still answers is not known here; that nothing could prove what it answers, is.
Source: facts/results.md §3 (missing evidence and dead links).
"""

import enum
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Claim, ClaimKind, Paper, Reproduction, ToleranceType, Verdict
from cmsite.results.gathering import PaperFinder, Results
from cmsite.results.table import ClaimRow


class Gap(enum.Enum):
    """A kind of gap; the value is its name in addresses."""

    ABSENT_FILE = "absent-files"
    NO_DIGEST = "files-without-digest"
    ELSEWHERE = "addresses-without-digest"
    NO_PAPER = "reproductions-without-paper"
    NO_CLAIMS = "papers-without-claims"
    NO_TOLERANCE = "claims-without-tolerance"
    NEVER_TRIED = "claims-without-attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One case: the paper, the claim, the record and the file or address it is about, as far as it has them."""

    paper: Paper | None = None
    claim: Claim | None = None
    reproduction: Reproduction | None = None
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCount:
    """The cases of one kind, and of how many (`total`) things that could have the gap."""

    gap: Gap
    cases: tuple[Missing, ...]
    total: int


PathsOf = Callable[[ArtifactKey], Collection[str]]
"""Returns the paths of the files of an artifact, relative to its folder."""


def find_gaps(results: Results, rows: Iterable[ClaimRow], paths_of: PathsOf) -> tuple[GapCount, ...]:
    """Return every kind of gap with its cases, in the order of `Gap`; kinds without a case too.

    `rows` are in the order of `claim_rows`.
    """
    finder = PaperFinder(results.papers)
    papers = {id(attempt): finder.find(attempt) for attempt in results.reproductions}
    pieces = [
        (piece, Missing(paper=papers[id(attempt)], reproduction=attempt, name=piece.name))
        for attempt in results.reproductions
        for piece in _pieces(attempt, paths_of)
    ]
    files = [(piece, case) for piece, case in pieces if not piece.elsewhere]
    addresses = [(piece, case) for piece, case in pieces if piece.elsewhere]
    claims = [list(group) for _, group in groupby(rows, key=lambda row: (row.paper.key, row.claim.id))]
    needing = [group[0] for group in claims if group[0].claim.kind in (ClaimKind.VALUE, ClaimKind.RATIO)]
    found = {
        Gap.ABSENT_FILE: ([case for piece, case in files if not piece.there], len(files)),
        Gap.NO_DIGEST: ([case for piece, case in files if not piece.sha256], len(files)),
        Gap.ELSEWHERE: ([case for piece, case in addresses if not piece.sha256], len(addresses)),
        Gap.NO_PAPER: (
            [
                Missing(reproduction=attempt, name=attempt.paper_alias or attempt.paper_uid)
                for attempt in results.reproductions
                if papers[id(attempt)] is None
            ],
            len(results.reproductions),
        ),
        Gap.NO_CLAIMS: ([Missing(paper=paper) for paper in results.papers if not paper.claims], len(results.papers)),
        Gap.NO_TOLERANCE: ([case for row in needing for case in _without_tolerance(row)], len(needing)),
        Gap.NEVER_TRIED: ([case for group in claims for case in _never_tried(group)], len(claims)),
    }
    return tuple(GapCount(gap=gap, cases=tuple(found[gap][0]), total=found[gap][1]) for gap in Gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    name: str
    sha256: str
    elsewhere: bool
    there: bool


def _pieces(attempt: Reproduction, paths_of: PathsOf) -> Iterator[_Piece]:
    """Yield every piece of evidence, then every log that is none, each once."""
    paths = paths_of(attempt.key)
    named = set()
    for evidence in attempt.evidence:
        name = evidence.path or evidence.url
        named.add(name)
        if name:
            there = evidence.path in paths
            yield _Piece(name=name, sha256=evidence.sha256, elsewhere=not evidence.path, there=there)
    for log in dict.fromkeys(run.log for run in attempt.runs if run.log):
        if log not in named:
            yield _Piece(name=log, sha256="", elsewhere="://" in log, there=log in paths)


def _without_tolerance(row: ClaimRow) -> Iterator[Missing]:
    """Yield a claim of a single value that says not how far a new one may be away; ranges and bounds say it themselves."""
    tolerance = row.claim.tolerance
    if tolerance is None:
        yield Missing(paper=row.paper, claim=row.claim, note="none declared")
    elif not tolerance.readable:
        yield Missing(paper=row.paper, claim=row.claim, note="declared, and unreadable")
    elif tolerance.type is ToleranceType.NONE:
        yield Missing(paper=row.paper, claim=row.claim, note=tolerance.reason or "declared as none, without a reason")


def _never_tried(group: Iterable[ClaimRow]) -> Iterator[Missing]:
    """Yield a claim that all records leave untested and state no verdict of; why it was left out is said."""
    rows = list(group)
    if any(row.judgement.verdict is not Verdict.UNTESTED or row.stated is not None for row in rows):
        return
    reasons = dict.fromkeys(reason for row in rows for reason in row.judgement.reasons if row.reproduction)
    note = "left out: " + "; ".join(reasons) if reasons else rows[0].claim.not_reproducible_reason
    yield Missing(paper=rows[0].paper, claim=rows[0].claim, note=note)
