"""All papers and reproductions of a catalogue: one value for all copies of one uid, and who belongs to whom.

Source: CONTRACT §1 (origins), §9 (a reproduction names its paper as `alias,uid`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from cmsite.model.artifact import Artifact
from cmsite.model.names import PAPER, REPRODUCTION
from cmsite.model.results import Paper, Reproduction
from cmsite.results.reading import Reading, read_paper, read_reproduction

_Record = TypeVar("_Record", Paper, Reproduction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The papers and reproductions of a catalogue, in its order, each uid once."""

    papers: tuple[Paper, ...] = ()
    reproductions: tuple[Reproduction, ...] = ()


def gather(artifacts: Iterable[Artifact]) -> Results:
    """Read every paper and reproduction; artifacts come in the order of the catalogue."""
    chosen = [artifact for artifact in artifacts if artifact.key.automation in (PAPER, REPRODUCTION)]
    return Results(
        papers=_merged(chosen, PAPER, read_paper), reproductions=_merged(chosen, REPRODUCTION, read_reproduction)
    )


def _merged(
    artifacts: Iterable[Artifact], automation: str, read: Callable[[Artifact], Reading[_Record]]
) -> tuple[_Record, ...]:
    """Return one record a uid: the copy of the first repository, with the keys of the others as origins.

    A uid that stands twice in one repository is a defect that the validator reports; both are kept.
    """
    copies: dict[tuple[str, int], list[Artifact]] = defaultdict(list)
    seen: Counter[tuple[str, str]] = Counter()
    for artifact in artifacts:
        if artifact.key.automation == automation:
            # Without a uid nothing is a copy: the number of the group makes each its own.
            place = (artifact.uid, artifact.key.repository) if artifact.uid else ("", "")
            copies[artifact.uid, seen[place]].append(artifact)
            seen[place] += 1
    return tuple(
        replace(read(group[0]).value, origins=tuple(artifact.key for artifact in group)) for group in copies.values()
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
