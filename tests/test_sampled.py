"""Samples that thousands of claims share are read and added up once; the sums of parts are those of the whole."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.model.artifact import ArtifactKey
from cmsite.model.claim_parts import RatioParts
from cmsite.model.results import Claim, Number, Paper, Run
from cmsite.results.quantiles import t_quantile_95
from cmsite.results.sampled import MAX_KEPT, Samples, finite_samples
from cmsite.results.samples import STATISTICS
from cmsite.results.table import claim_rows
from tests.result_values import attempt, claim, metric, run

_values = st.lists(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000), min_size=1, max_size=8)


@given(st.lists(_values, min_size=1, max_size=4))
def test_parts_give_what_the_whole_gives(parts: list[list[Fraction]]):
    whole = [value for part in parts for value in part]
    found = Samples(parts=[Samples(part) for part in parts])
    assert (list(found), list(found.values), len(found)) == (whole, whole, len(whole))
    assert list(found.ordered) == sorted(whole)
    for name, statistic in STATISTICS.items():
        assert found.statistic(name) == Samples(whole).statistic(name) == statistic(whole)
    n = len(whole)
    mean = sum(whole) / n
    variance = sum((value - mean) ** 2 for value in whole) / (n - 1) if n > 1 else Fraction(0)
    expected = None if n < 3 else Fraction(t_quantile_95(n - 1)) ** 2 * variance / n
    assert found.squared_half_width == Samples(whole).squared_half_width == expected
    assert found.statistic("best") is None


def test_runs_that_are_replaced_or_grouped_otherwise_are_not_mistaken():
    runs = [run(number, number + 1) for number in range(3 * MAX_KEPT)]
    for _ in range(2):
        for last in range(1, len(runs)):
            found, odd = finite_samples((runs[0], runs[last]))
            assert [int(value) for value in found] == [0, 1, last, last + 1]
            assert odd == ""
    assert all(len(kept) <= MAX_KEPT for kept in runs[0].found.values())
    assert finite_samples((runs[0], Run(uid="x")))[1] == "a completed run has no sample"
    assert finite_samples((runs[0], run(float("nan"))))[1] == "a sample is no finite number: nan"


class Watched(Fraction):
    """A number that counts how often anything is worked out with it."""

    reads = 0

    @property
    def numerator(self) -> int:
        Watched.reads += 1
        return super().numerator


class Counted(tuple[Number, ...]):
    """Samples that count how often they are gone through."""

    __slots__ = ()
    walks = 0

    def __iter__(self) -> Iterator[Number]:
        Counted.walks += 1
        return super().__iter__()


def _cost(claims: int, kind: str) -> tuple[int, int]:
    """Return how often numbers were read and lists gone through for some claims on one run of many samples."""
    names = [f"C{number}" for number in range(claims)]
    made: list[Claim] = [claim(50, id=name, statistic="median" if kind == "median" else "mean") for name in names]
    samples = Counted(Number(literal=str(number), value=Watched(number)) for number in range(101))
    shared = Run(uid="a" * 16, claims=tuple(names), samples=samples)
    runs = [shared]
    if kind == "beside others":
        runs += [
            Run(uid=f"{number:016x}", claims=(name,), samples=run(50).samples) for number, name in enumerate(names)
        ]
    if kind == "ratio":
        parts = RatioParts(of="over", over="under")
        made = [claim(1, id=name, kind="ratio", ratio=parts, metric="share") for name in names] + [
            claim(50, id="over", metric="accuracy"),
            claim(50, id="under", metric="accuracy"),
        ]
        runs = [
            Run(
                uid=letter * 16,
                claims=(name,),
                samples=Counted(Number(literal="1", value=Watched(1)) for _ in range(101)),
            )
            for letter, name in (("a", "over"), ("b", "under"))
        ]
    paper = Paper(
        key=ArtifactKey(repository="team", automation="paper", folder="p"), uid="2" * 16, alias="p", title="P",
        claims=tuple(made), metrics=(metric(), metric(id="share", unit="1")),
    )  # fmt: skip
    Watched.reads = Counted.walks = 0
    rows = claim_rows([paper], [attempt(*runs, paper_uid=paper.uid, claims=tuple(names))])
    assert all(row.judgement.n >= 101 for row in rows if row.claim.id.startswith("C"))
    return Watched.reads, Counted.walks


@pytest.mark.parametrize("kind", ["mean", "median", "beside others", "ratio"])
def test_samples_are_read_once_however_many_claims_share_them(kind: str):
    few, many = _cost(2, kind), _cost(60, kind)
    assert few[0] >= 101
    assert many[1] == few[1]
    assert many[0] - few[0] < 101  # Not even one more pass over the numbers.
