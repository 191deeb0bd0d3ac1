"""The committed test vectors: the client passes them, and they say what looking at every document says."""

import base64
import json
from typing import Any

import pytest

from cmsite.client.query import Query, parse_query
from cmsite.client.term_search import search_terms
from cmsite.index.lines import parse_record
from cmsite.index.read import read_index
from tests.memory_registry import index_files
from tests.search_oracle import Oracle
from tests.search_vectors import FOLDER, RULES, SHOWN

INDEXES = ("all", "tree", "delta")


def vector(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return value


def query_of(asked: dict[str, Any]) -> Query:
    return Query(words=tuple(asked["words"]), keys=tuple(asked["keys"]), excluded=tuple(asked["excluded"]))


@pytest.mark.parametrize("name", INDEXES)
def test_the_client_passes_the_vectors(name: str) -> None:
    value = vector(name)
    files, _ = index_files({path: base64.b64decode(content) for path, content in value["files"].items()})
    assert (files.root.terms is None, files.root.delta is None) == {
        "all": (True, True), "tree": (False, True), "delta": (False, False),
    }[name]  # fmt: skip
    for asked in value["queries"]:
        answer = search_terms(files, files.root.terms, query_of(asked), SHOWN)
        assert [list(hit.record.key) for hit in answer.hits] == asked["hits"], asked
        assert (answer.total, answer.total_is_exact) == (asked["total"], asked["total_is_exact"]), asked
        assert not asked["hits"] or answer.missing == asked["missing"], asked


@pytest.mark.parametrize("name", INDEXES)
def test_the_vectors_say_what_looking_at_every_document_says(name: str) -> None:
    value = vector(name)
    folded, now = (
        [parse_record(one, where=name, path="record") for one in value[key]] for key in ("folded", "records")
    )
    oracle = Oracle(folded, now, RULES)
    for asked in value["queries"]:
        expected = oracle.answer(query_of(asked))
        assert [list(key) for key in expected.keys[:SHOWN]] == asked["hits"], asked
        assert (len(expected.keys), expected.is_exact) == (asked["total"], asked["total_is_exact"]), asked


@pytest.mark.parametrize("name", INDEXES)
def test_the_vectors_hold_whole_indexes(name: str) -> None:
    value = vector(name)
    files = {path: base64.b64decode(content) for path, content in value["files"].items()}
    found = {one.key for one in read_index(files.__getitem__).records}
    assert found == {(one["repository"], one["automation"], one["folder"]) for one in value["records"]}


def test_texts_become_queries_as_the_vectors_say() -> None:
    for asked in vector("queries")["queries"]:
        assert parse_query([asked["text"]], asked["tags"], asked["automation"]) == query_of(asked), asked
