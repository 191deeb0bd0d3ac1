"""Versions of a benchmark that a catalogue declares compatible: their rows belong to one comparable group.

Nothing is compatible of itself: somebody has to say so, and pages name who. Where a table has rows of declared versions,
the column `COMPATIBLE` takes the place of the version among what rows of a group share; the version itself stays.
Source: facts/results.md §4 (comparable group: version, unless declared compatible).
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

COMPATIBLE = "Compatible versions"
HELP = "The version, or all versions that are declared compatible with it"


class Columns(Protocol):
    """What is looked at of a table."""

    @property
    def name(self) -> str:
        """Return its name."""

    def texts(self, name: str) -> list[str]:
        """Return the text of a column in each row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compatible:
    """One declaration; `by` says who declares it, `benchmarks` and `tables` which are meant, all where they are empty."""

    versions: tuple[str, ...]
    by: str
    benchmarks: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def is_for(self, table: str) -> bool:
        """Return whether a table is meant."""
        return not self.tables or table in self.tables

    @property
    def sentence(self) -> str:
        """Return the declaration in words.

        >>> Compatible(versions=("v3.0", "v3.1"), by="Team", benchmarks=("resnet",)).sentence
        'Versions v3.0 and v3.1 of resnet are declared compatible by Team: their rows are in one group.'
        """
        of = f" of {_listed(self.benchmarks)}" if self.benchmarks else ""
        return (
            f"Versions {_listed(self.versions)}{of} are declared compatible by {self.by}: their rows are in one group."
        )


def shared_version(declared: Iterable[Compatible], benchmark: str, version: str) -> str:
    """Return the versions whose rows are compared with those of a version, as one text; its own where there are none.

    >>> shared_version([Compatible(versions=("v3.0", "v3.1"), by="Team")], "resnet", "v3.1")
    'v3.0 = v3.1'
    """
    for item in declared:
        if version in item.versions and (not item.benchmarks or benchmark in item.benchmarks):
            return " = ".join(item.versions)
    return version


def shared_versions(declared: Sequence[Compatible], benchmarks: Sequence[str], versions: Sequence[str]) -> list[str]:
    """Return `shared_version` of each row."""
    pairs = set(zip(benchmarks, versions, strict=True))
    known: Mapping[tuple[str, str], str] = {pair: shared_version(declared, *pair) for pair in pairs}
    return [known[pair] for pair in zip(benchmarks, versions, strict=True)]


def mistakes(place: int, declared: Sequence[Compatible], tables: Iterable[Columns]) -> Iterator[str]:
    """Yield what keeps the declaration at a place among all from meaning anything."""
    own = declared[place]
    found = {table.name: table for table in tables}
    for name in own.tables:
        if name not in found:
            yield f"there is no table {name!r}{_near(name, found)}"
    meant = [table for table in found.values() if own.is_for(table.name)]
    if len(set(own.versions)) < len(own.versions) or len(own.versions) <= 1:
        yield "`versions` must name at least two different versions"
    for column, names in (("Version", own.versions), ("Benchmark", own.benchmarks)):
        known = {text for table in meant for text in table.texts(column)} - {""}
        for name in names if meant else ():
            if name not in known:
                yield f"no row has the {column.lower()} {name!r}{_near(name, known)}"
    for other in declared[:place]:
        same = [version for version in own.versions if version in other.versions]
        if same and _overlap(own.benchmarks, other.benchmarks) and _overlap(own.tables, other.tables):
            yield f"{_listed(same)} stands in an earlier declaration too; write one list of all that are compatible"


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
