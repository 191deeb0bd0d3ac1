"""All papers and reproductions of a catalogue: one value for all copies of one uid, and who belongs to whom.

Source: CONTRACT §1 (origins), §9 (a reproduction names its paper as `alias,uid`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from cmsite.model.artifact import Artifact
from cmsite.model.names import ARTICLE, PAPER, REPRODUCTION
from cmsite.model.results import Paper, Reproduction
from cmsite.results.articles import read_article
from cmsite.results.reading import read_paper, read_reproduction

_Record = TypeVar("_Record", Paper, Reproduction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The papers and reproductions of a catalogue, in its order, each uid once."""

    papers: tuple[Paper, ...] = ()
    reproductions: tuple[Reproduction, ...] = ()


def gather(artifacts: Iterable[Artifact]) -> Results:
    """Read every paper and reproduction; artifacts come in the order of the catalogue.

    Papers are those of the automation `paper` and of CK's `repro.article`, whose papers declare no claims.
    """
    papers: list[Artifact] = []
    attempts: list[Artifact] = []
    for artifact in artifacts:
        if artifact.key.automation in (PAPER, ARTICLE):
            papers.append(artifact)
        elif artifact.key.automation == REPRODUCTION:
            attempts.append(artifact)
    return Results(
        papers=_merged(papers, paper_of), reproductions=_merged(attempts, lambda one: read_reproduction(one).value)
    )


def paper_of(artifact: Artifact) -> Paper:
    """Return the paper that an artifact of `paper` or `repro.article` is."""
    return read_article(artifact) if artifact.key.automation == ARTICLE else read_paper(artifact).value


def _merged(artifacts: Iterable[Artifact], read: Callable[[Artifact], _Record]) -> tuple[_Record, ...]:
    """Return one record a uid: the copy of the first repository, with the keys of the others as origins.

    A uid that stands twice in one repository is a defect that the validator reports; both are kept.
    """
    copies: dict[tuple[str, str, int], list[Artifact]] = defaultdict(list)
    seen: Counter[tuple[str, str, str]] = Counter()
    for artifact in artifacts:
        # Without a uid nothing is a copy: the number of the group makes each its own.
        place = (artifact.key.automation, artifact.uid, artifact.key.repository if artifact.uid else "")
        copies[artifact.key.automation, artifact.uid, seen[place]].append(artifact)
        seen[place] += 1
    return tuple(
        replace(read(group[0]), origins=tuple(artifact.key for artifact in group)) for group in copies.values()
    )


class PaperFinder:
    """Finds the paper that a reproduction names."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._by_uid: dict[str, Paper] = {}
        self._by_alias: dict[str, Paper] = {}
        self._by_place: dict[tuple[str, str], Paper] = {}
        for paper in papers:
            self._by_uid.setdefault(paper.uid, paper)
            self._by_alias.setdefault(paper.alias, paper)
            for key in paper.origins:
                self._by_place.setdefault((key.repository, paper.alias), paper)

    def find(self, reproduction: Reproduction) -> Paper | None:
        """Return the paper by its uid; without one by its alias, the reproduction's own repository first."""
        if reproduction.paper_uid:
            return self._by_uid.get(reproduction.paper_uid)
        if not reproduction.paper_alias:
            return None
        own = self._by_place.get((reproduction.key.repository, reproduction.paper_alias))
        return own or self._by_alias.get(reproduction.paper_alias)
