"""Every paper with its judged claims, and where its page is; read by the dashboards and by pages of artifacts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cmsite.catalog.addresses import paper_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.judgements import Summary
from cmsite.model.results import Paper, Reproduction, Verdict
from cmsite.results.gathering import PaperFinder, Results
from cmsite.results.table import ClaimRow, claim_rows, claim_summary, paper_summary


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRows:
    """A paper, where its page is, its rows in the order of its claims, and all reproductions that name it.

    A reproduction that mentions no claim of the paper is among `attempts` and has no row.
    """

    paper: Paper
    address: str
    rows: tuple[ClaimRow, ...]
    attempts: tuple[Reproduction, ...] = ()

    @property
    def summary(self) -> Summary:
        """Return the verdicts of its claims, counted."""
        return paper_summary(self.rows)

    @property
    def rows_by_claim(self) -> Mapping[str, tuple[ClaimRow, ...]]:
        """Return the rows of each claim, in the order of the claims."""
        found: defaultdict[str, list[ClaimRow]] = defaultdict(list)
        for row in self.rows:
            found[row.claim.id].append(row)
        return {claim: tuple(rows) for claim, rows in found.items()}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdict of each claim, the worst of its reproductions, in the order of the claims."""
        return tuple(claim_summary(rows).worst for rows in self.rows_by_claim.values())


def paper_rows(results: Results) -> tuple[PaperRows, ...]:
    """Return every paper with its rows and an address of its own.

    A second paper in a folder of the same name gets the beginning of its uid behind the name.
    """
    rows: dict[ArtifactKey, list[ClaimRow]] = defaultdict(list)
    for row in claim_rows(results.papers, results.reproductions):
        rows[row.paper.key].append(row)
    finder = PaperFinder(results.papers)
    attempts: dict[ArtifactKey, list[Reproduction]] = defaultdict(list)
    for attempt in results.reproductions:
        if paper := finder.find(attempt):
            attempts[paper.key].append(attempt)
    taken: set[str] = set()
    groups = []
    for paper in results.papers:
        address = paper_address(paper.key.folder)
        if address in taken:
            address = paper_address(f"{paper.key.folder}-{paper.uid[:8] or paper.key.repository}")
        taken.add(address)
        groups.append(
            PaperRows(paper=paper, address=address, rows=tuple(rows[paper.key]), attempts=tuple(attempts[paper.key]))
        )
    return tuple(groups)


def papers_by_artifact(groups: Iterable[PaperRows]) -> Mapping[ArtifactKey, PaperRows]:
    """Return each paper under the key of every copy of its artifact."""
    return {key: group for group in groups for key in group.paper.origins}


def papers_by_reproduction(groups: Iterable[PaperRows]) -> Mapping[ArtifactKey, PaperRows]:
    """Return under the key of every copy of a reproduction the paper that has rows of it."""
    return {
        key: group
        for group in groups
        for row in group.rows
        if row.reproduction is not None
        for key in row.reproduction.origins
    }
