"""The find page's reader passes the committed test vectors of searching, in Node and in Chromium."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import Browser, chromium
from tests.page_scripts import run_scripts

FOLDER = Path(__file__).parent / "vectors" / "search"
ANSWERS = """
var index = await cmsiteSearch.open(), answers = [];
for (var at = 0; at < given[0].length; at += 1) {
  var query = given[0][at], found = await index.search({ words: query.words, keys: query.keys, excluded: query.excluded }, query.hits.length);
  answers.push({
    words: query.words, keys: query.keys, excluded: query.excluded,
    total: found.total, total_is_exact: found.isExact, missing: found.missing,
    hits: found.hits.map(function (hit) { return hit && [hit.record.repository, hit.record.automation, hit.record.folder]; })
  });
}
return answers;
"""
QUERIES = """
return given[0].map(function (one) {
  var tags = one.tags.split(",").map(function (tag) { return tag.trim(); }).filter(Boolean);
  var chosen = { automation: one.automation, repository: "", tag: [], without: [] };
  tags.forEach(function (tag) { if (tag[0] === "-") chosen.without.push(tag.slice(1)); else chosen.tag.push(tag); });
  var query = cmsiteQuery.parse(one.text, chosen);
  return { words: query.words, keys: query.keys.sort(), excluded: query.excluded };
});
"""


@pytest.fixture(scope="module", params=["node", pytest.param("chromium", marks=pytest.mark.browser)])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser | None]:
    if request.param == "node":
        yield None
    else:
        with chromium(tmp_path_factory.mktemp("vectors")) as browser:
            yield browser


def vector(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return value


@pytest.mark.parametrize("name", ["all", "tree", "delta"])
def test_the_page_passes_the_vectors(engine: Browser | None, name: str) -> None:
    value = vector(name)
    files = {path: base64.b64decode(content) for path, content in value["files"].items()}
    found = run_scripts(files, ANSWERS, value["queries"], browser=engine)
    for expected, answer in zip(value["queries"], found, strict=True):
        assert answer == expected


def test_the_page_reads_queries_as_the_vectors_say(engine: Browser | None) -> None:
    queries = vector("queries")["queries"]
    found = run_scripts({}, QUERIES, queries, browser=engine)
    for expected, answer in zip(queries, found, strict=True):
        assert answer == {
            "words": expected["words"],
            "keys": sorted(expected["keys"]),
            "excluded": expected["excluded"],
        }, expected["text"]
