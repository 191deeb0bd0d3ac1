"""The find page's own reader of the index gives the answers of a naive search: over `all`, and over a tree with a delta."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from tests.naive_search import Asked, Json, search
from tests.naive_tree import Written, write_all, write_tree
from tests.page_scripts import run_scripts
from tests.random_records import some_query, some_records

SEARCH = """
var index = await cmsiteIndex.open("default"), answers = [], whole = null;
if (index.all.length) whole = cmsiteScan.open((await Promise.all(index.all.map(function (file) { return cmsiteIndex.read(file, cmsiteRecords.lines); }))).flat());
for (var at = 0; at < given[0].length; at += 1) {
  var one = given[0][at];
  var query = cmsiteQuery.parse(one.words, one.chosen);
  var found = whole ? cmsiteScan.search(whole, query) : await cmsiteTreeSearch.search(index, query, null, given[1]);
  var hits = await found.shown(0, 1e6, null);
  answers.push({ hits: hits.map(function (hit) { return hit && [hit.record.repository, hit.record.automation, hit.record.folder]; }),
    total: found.total, exact: found.isExact, missing: found.missing });
}
return answers;
"""


def asked_of_page(asked: Asked) -> Json:
    words = [
        *asked.words,
        *(f"author:{word}" for word in asked.author.split()),
        *(["has:results"] if asked.has else []),
    ]
    chosen = {
        "automation": asked.automation,
        "repository": asked.repository,
        "tag": asked.tags,
        "without": asked.excluded,
    }
    return {"words": " ".join(words), "chosen": chosen}


def answers(index: Written, queries: Sequence[Asked], most: int | None = None) -> Any:
    return run_scripts(index.files, SEARCH, [asked_of_page(one) for one in queries], most)


@pytest.mark.parametrize("seed", range(12))
def test_all_is_searched_as_by_hand(seed: int) -> None:
    chance = random.Random(seed)
    records = some_records(chance, chance.choice((0, 1, 20, 80)))
    queries = [Asked(), *(some_query(chance) for _ in range(60))]
    for query, answer in zip(queries, answers(write_all(records), queries), strict=True):
        assert answer == search(query, records), query


@pytest.mark.parametrize("seed", range(12))
def test_a_tree_is_searched_as_by_hand(seed: int) -> None:
    chance = random.Random(seed)
    before = some_records(chance, chance.choice((1, 20, 90)))
    gone = set(chance.sample(range(len(before)), len(before) // 10))
    records = [record for at, record in enumerate(before) if at not in gone]
    records = list(
        {
            (one["repository"], one["automation"], one["folder"]): one for one in (*records, *some_records(chance, 5))
        }.values()
    )
    index = write_tree(records, before, chunk=chance.choice((1, 4, 100)), least_common=chance.choice((3, 8, 1000)))
    assert index.tree is not None
    queries = [Asked(), *(some_query(chance) for _ in range(60))]
    for query, answer in zip(queries, answers(index, queries, index.tree.most), strict=True):
        assert answer == search(query, records, index.tree), query
