"""Lines held in blocks stand in order, and however many processes write an index, its bytes are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite import parallel
from cmsite.index import held, joining
from cmsite.index.emit import emit_index
from cmsite.index.held import Held
from cmsite.index.layout import IndexLimits
from cmsite.index.spreading import alone
from tests.index_values import REGISTRY_ID, by_path, record

strings = st.lists(
    st.tuples(st.sampled_from([b"12345678", b"12345679", b"0" * 8]), st.binary(max_size=5)).map(b"".join), max_size=40
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "_BLOCK_BITS", 2)
    monkeypatch.setattr(held, "_BLOCK", 4)


def held_of(some: list[bytes]) -> Held:
    found = Held()
    for string in some:
        found.append(string)
    found.sort()
    return found


def test_strings_stand_in_order_and_are_shortened_in_place():
    @given(strings)
    def check(some: list[bytes]) -> None:
        found = held_of(some)
        assert list(found) == sorted(some)
        assert [found[number] for number in range(len(found))] == sorted(some)
        assert found[1:3] == sorted(some)[1:3]
        assert found.size_bytes() == sum(map(len, some))
        found.shorten(lambda string: string[:8])
        assert list(found) == [string[:8] for string in sorted(some)]
        assert found.size_bytes() == 8 * len(some)

    check()


def test_an_index_has_the_same_bytes_however_many_processes_write_it_and_in_whatever_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = [
        record(
            f"get-thing-{number % 700}",
            repository=f"team-{number // 700}",
            tags=("thing", f"t{number % 7}"),
            rank=number // 700,
        )
        for number in range(1_500)
    ]
    limits = IndexLimits(all_bytes=1_000, chunk=64, least_common=100, leaf_bytes=500)

    def files(spread=alone) -> dict[str, bytes]:
        return by_path(emit_index(some, registry_id=REGISTRY_ID, limits=limits, spread=spread))

    by_one = files()
    assert len(by_one) > 100
    assert files(parallel.Spread(2)) == by_one
    monkeypatch.setattr(joining, "_LEAST_AT_ONCE", 100)
    monkeypatch.setattr(parallel, "_STREAMED", 200)
    for documents_a_part in (10, 333, 1_499):
        monkeypatch.setattr(joining, "_DOCUMENTS_A_PART", documents_a_part)
        assert files() == by_one
        assert files(parallel.Spread(2)) == by_one
