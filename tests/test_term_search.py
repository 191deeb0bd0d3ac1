"""The tree of terms gives exactly the answers of looking at every document; tiny trees, so that all edges occur."""

import random
from collections.abc import Iterator, Sequence

import pytest

from cmsite.client import term_lists, term_search
from cmsite.client.index_files import IndexFiles
from cmsite.client.query import Query
from cmsite.client.term_search import search_terms
from cmsite.index import terms as terms_module
from cmsite.index.references import FileRef
from tests.index_values import record
from tests.memory_registry import index_files
from tests.search_oracle import Oracle, Rules
from tests.search_world import TINY, UIDS, World

RULES = Rules(least_common=3, most_common=5, beginnings=3, enough=8, considered=6, few=2, few_by_place=6)
BEGINNINGS = TINY._replace(chunk=RULES.considered)  # What is considered first is one chunk, as it is in earnest.


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_lists, "MAX_BEGINNINGS", RULES.beginnings)
    monkeypatch.setattr(term_search, "MAX_CONSIDERED", RULES.considered)
    monkeypatch.setattr(term_search, "FEW", RULES.few)
    monkeypatch.setattr(term_search, "FEW_BY_PLACE", RULES.few_by_place)
    monkeypatch.setattr(terms_module, "MAX_COMMON", RULES.most_common)


def check(world: World, queries: int) -> None:
    oracle = Oracle(world.folded, world.records.values(), RULES)
    files, _ = index_files(world.files)
    for _ in range(queries):
        query = world.query()
        expected = oracle.answer(query)
        answer = search_terms(files, files.root.terms, query, None)
        got = [hit.record.key for hit in answer.hits]
        assert (got, answer.total) == (expected.keys, len(expected.keys)), query
        assert answer.total_is_exact == expected.is_exact, query
        assert not got or answer.missing == expected.missing, query
        assert not answer.notes or not query.words, answer.notes


def worlds(count: int) -> Iterator[World]:
    for seed in range(count):
        chance = random.Random(seed)
        yield World(chance, chance.choice((1, 3, 10, 40, 120)), BEGINNINGS if seed % 2 else TINY)


def compare(number: int, queries: int) -> None:
    for world in worlds(number):
        check(world, queries)
        for _ in range(3):
            world.change(world.chance.randint(1, 6))
            if world.records:
                world.publish()
                check(world, queries)


def noted_rounds(files: IndexFiles, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list in which the number of files of each round will stand."""
    rounds: list[int] = []
    once = files.fetch_many

    def fetch(some: Sequence[FileRef]) -> tuple[bytes, ...]:
        rounds.extend([len(some)] if some else [])
        return once(some)

    monkeypatch.setattr(files, "fetch_many", fetch)
    return rounds


def test_where_a_beginning_cannot_do_the_whole_list_is_read_in_the_same_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """`coco` and `x1` are common, and only the last of those that have one of them, by place, have both."""
    tags = [("coco",)] * 12 + [("x1",)] * 12 + [("coco", "x1")] * 2
    world = World(random.Random(1), 1, BEGINNINGS)
    made = (
        record("-".join(["a"] * (1 + number // 6)), uid=UIDS[number], folder=f"f{number}", tags=some)
        for number, some in enumerate(tags)
    )
    world.records = {one.key: one for one in made}
    monkeypatch.setattr(terms_module, "MAX_COMMON", 20)
    world = world.anew()
    query = Query(keys=("#coco", "#x1"))
    found, asked = [], []
    for is_told in (True, False):
        if not is_told:
            monkeypatch.setattr(term_search._Search, "_is_too_little", lambda *_: False)
        files, fetched = index_files(world.files)
        rounds = noted_rounds(files, monkeypatch)
        found.append([hit.record.key for hit in search_terms(files, files.root.terms, query, None).hits])
        asked.append((len(rounds), len(fetched.asked)))
    assert len(found[0]) == 2
    assert found[0] == found[1]
    assert asked[0] == (asked[1][0] - 1, asked[1][1]), "a round less, for the same files"


def test_the_tree_answers_as_looking_at_every_document_does() -> None:
    compare(12, 10)


@pytest.mark.slow
def test_the_tree_answers_as_looking_at_every_document_does_10_000_times() -> None:
    compare(100, 25)
