"""The tree of terms gives exactly the answers of looking at every document; tiny trees, so that all edges occur."""

import random
from collections.abc import Iterator

import pytest

from cmsite.client import term_lists, term_search
from cmsite.client.term_search import search_terms
from cmsite.index import terms as terms_module
from tests.memory_registry import index_files
from tests.search_oracle import Oracle, Rules
from tests.search_world import World

RULES = Rules(least_common=3, most_common=5, beginnings=3, enough=8, considered=6, few=2, few_by_place=6)


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
        yield World(chance, chance.choice((1, 3, 10, 40, 120)))


def compare(number: int, queries: int) -> None:
    for world in worlds(number):
        check(world, queries)
        for _ in range(3):
            world.change(world.chance.randint(1, 6))
            if world.records:
                world.publish()
                check(world, queries)


def test_the_tree_answers_as_looking_at_every_document_does() -> None:
    compare(12, 10)


@pytest.mark.slow
def test_the_tree_answers_as_looking_at_every_document_does_10_000_times() -> None:
    compare(100, 25)
