"""Hostile and damaged indexes before the find page's reader: refused in words, with bounds, and never half believed."""

import base64
import gzip
import hashlib
import json
import random
from typing import Any

import pytest

from tests.naive_search import Asked
from tests.naive_tree import Written, line, named, write_all, write_tree
from tests.page_scripts import run_scripts
from tests.random_records import some_records
from tests.test_page_search import asked_of_page

ROOT = "cm-index/v1/root.json"
OPEN = """
try {
  var index = await cmsiteSearch.open();
  var found = await index.search(cmsiteQuery.parse(given[0].words, given[0].chosen), given[1]);
  return { total: found.total, hits: found.hits.map(function (hit) { return hit && hit.record.alias; }) };
} catch (error) {
  return String(error.message);
}
"""


def outcome(files: dict[str, bytes], *words: str, shown: int = 10) -> Any:
    return run_scripts(files, OPEN, asked_of_page(Asked(words=list(words))), shown)


def records() -> list[dict[str, Any]]:
    return some_records(random.Random(1), 60)


def with_all(content: bytes) -> dict[str, bytes]:
    """Return an index whose only part of `all` unpacks to this."""
    index = Written()
    empty = {"bits": 0, "node_bits": 0, "nodes": named([None])}
    return index.root(count=1, all=[index.store(content)], records=empty, uids=empty).files


def with_root(**more: Any) -> dict[str, bytes]:
    files = write_all(records()).files
    return {**files, ROOT: line(json.loads(files[ROOT]) | more)}


def changed_leaf(change: Any) -> dict[str, bytes]:
    """Return an index whose one leaf of terms has lines that `change` made of the right ones."""
    index = write_tree(records(), least_common=1000, keys_a_leaf=10_000, chunk=1000)
    root = json.loads(index.files[ROOT])
    node = unpacked(index, root["terms"]["nodes"][0][1])
    terms = [json.loads(text) for text in gzip.decompress(blob(index, node["leaves"][0][1])).splitlines()]
    changed = change(terms)
    node["leaves"][0][1:] = [
        *index.store(b"".join(map(line, changed))),
        len(changed),
        min(2**53 - 1, sum(one["n"] for one in changed)),
    ]
    root["terms"]["nodes"][0][1:] = index.store(line(node))
    return {**index.files, ROOT: line(root)}


def changed_node(change: Any) -> dict[str, bytes]:
    index = write_tree(records(), least_common=1000, keys_a_leaf=20, leaves_a_node=10_000, chunk=1000)
    root = json.loads(index.files[ROOT])
    node = unpacked(index, root["terms"]["nodes"][0][1])
    change(node)
    root["terms"]["nodes"][0][1:] = index.store(line(node))
    return {**index.files, ROOT: line(root)}


def unpacked(index: Written, sha256: str) -> Any:
    return json.loads(gzip.decompress(blob(index, sha256)))


def blob(index: Written, sha256: str) -> bytes:
    return index.files[f"cm-index/v1/b/{sha256[:2]}/{sha256}.gz"]


def one_term(**more: Any) -> Any:
    def change(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [term | more if term["t"] == "coco" else term for term in terms]

    return change


RECORD = {"automation": "script", "alias": "coco", "repository": "team", "folder": "coco"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (line(RECORD)[:-1], "is cut off"),
        (b"\xef\xbb\xbf" + line(RECORD), "byte order mark"),
        (line(RECORD | {"rank": 1.5}), "not a whole one"),
        (line(RECORD | {"rank": -1}), "not a whole one"),
        (line(RECORD | {"rank": 2**53}), "above 2^53"),
        (line(RECORD | {"x": [9007199254740993]}), "above 2^53"),
        (b'{"x":' + b"9" * 5000 + b"}\n", "above 2^53"),
        (b'{"x":NaN}\n', "is not JSON"),
        (b'{"alias":"a","alias":"b"}\n', "holds a key twice"),
        (b'{"alias":"\\ud83d"}\n', "half of a surrogate pair"),
        (b"[" * 100_000 + b"]" * 100_000 + b"\n", "nested too deeply"),
        (b"\xff\n", "is not UTF-8"),
        (line(RECORD | {"tags": "coco"}), "`tags` is not what the format says"),
        (line(RECORD | {"alias": "x" * 5000}), "`alias` is not what the format says"),
        (line(RECORD | {"status": "fine"}), "`status` is not what the format says"),
        (line({"alias": "x"}), "`automation` is not what the format says"),
        (b"null\n", "a line that is no record"),
    ],
)
def test_case_83_lines_that_are_no_records(content: bytes, words: str) -> None:
    assert words in outcome(with_all(content), "coco")


def test_names_that_objects_have_of_themselves_are_names() -> None:
    odd = [RECORD | {"alias": name, "folder": name} for name in ("__proto__", "constructor", "toString")]
    files = with_all(b"".join(map(line, odd)))
    for name in ("proto", "constructor", "tostring"):
        assert len(outcome(files, name)["hits"]) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"schema": "cm-index/2"}, "another format"),
        ({"all": {}}, "`all` is not a list"),
        ({"all": [["../../x", 1]]}, "names a file that is none"),
        ({"all": [["A" * 64, 1]]}, "names a file that is none"),
        ({"all": [["0" * 64, "1"]]}, "names a file that is none"),
        ({"all": [["0" * 64, 1]] * 5000}, "`all` is not a list"),
        ({"all": []}, "names nothing that can be searched"),
        ({"all": [], "terms": {"nodes": [["a", "0" * 64, 1]] * 65}}, "`terms` holds no nodes"),
        ({"records": {"bits": 40, "node_bits": 0, "nodes": named([None])}}, "is not a tree"),
        ({"uids": {"bits": 3, "node_bits": 2, "nodes": named([None])}}, "is not a tree"),
        ({"records": {"bits": 2, "node_bits": 3, "nodes": named([None] * 8)}}, "is not a tree"),
        ({"records": {"bits": 0, "node_bits": 0, "nodes": [None]}}, "does not name a digest and a size of each file"),
        (
            {"uids": {"bits": 0, "node_bits": 0, "nodes": {"sha256": "_", "sizes": [1]}}},
            "does not name a digest and a size",
        ),
        (
            {"uids": {"bits": 0, "node_bits": 0, "nodes": {"sha256": "A" * 40, "sizes": [1]}}},
            "does not name a digest and",
        ),
        ({"uids": {"bits": 0, "node_bits": 0, "nodes": named([["0" * 64, -1]])}}, "not a whole one from 0"),
        ({"uids": {"bits": 0, "node_bits": 0, "nodes": named([["0" * 64, "1"]])}}, "names a file that is none"),
    ],
)
def test_case_82_roots_that_cannot_be(more: dict[str, Any], words: str) -> None:
    assert words in outcome(with_root(**more), "coco")


def test_case_76_and_42_files_that_are_not_what_the_index_names() -> None:
    files = write_all(records()).files
    (path,) = (path for path in files if "/b/" in path and len(files[path]) == max(map(len, files.values())))
    packed = files[path]
    for wrong in (
        packed[:-1],
        packed + b"\0",
        b"",
        packed[:50] + bytes([packed[50] ^ 1]) + packed[51:],
        b"<html>404</html>",
    ):
        assert "is damaged: it has not the bytes that the index names" in outcome({**files, path: wrong}, "coco")
    assert "is not there (404), though the index names it" in outcome(
        {k: v for k, v in files.items() if k != path}, "coco"
    )


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (gzip.compress(bytes(65 * 2**20)), "larger than the format allows"),
        (gzip.compress(b"{}\n") * 2, "is not one member of gzip"),
        (gzip.compress(b"{}\n") + b"x", "is not one member of gzip"),
        (b"\x1f\x8b not gzip", "is not one member of gzip"),
    ],
    ids=["bomb", "two members", "more bytes", "no gzip"],
)
def test_case_16_bombs_and_what_is_not_one_member(packed: bytes, words: str) -> None:
    sha256, empty = hashlib.sha256(packed).hexdigest(), {"bits": 0, "node_bits": 0, "nodes": named([None])}
    index = Written(files={f"cm-index/v1/b/{sha256[:2]}/{sha256}.gz": packed})
    files = index.root(count=1, all=[[sha256, len(packed)]], records=empty, uids=empty).files
    assert words in outcome(files, "a")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda terms: terms[::-1], "holds other keys|do not rise"),
        (lambda terms: [*terms, terms[-1]], "do not rise"),
        (one_term(n=0, l=[0, 0, 0]), "not what the format says of a term"),
        (one_term(n=2**53 - 1), "not what the format says of a term"),
        (one_term(l=[1, 1]), "not what the format says of a term"),
        (one_term(l=[2**30, 0, 0], n=2**30), "not what the format says of a term"),
        (one_term(n=2**24, l=[2**24, 0, 0]), "too many for this page"),
        (one_term(n=2, l=[2, 0, 0], d="A" * 32), "has 32 characters, expected 64"),
        (one_term(n=1, l=[1, 0, 0], d="*" * 32), "is not base64"),
        (one_term(n=1, l=[1, 0, 0], d="AA==" * 8), "is not base64"),
        (one_term(c=[["0" * 64, 1, 1]]), "not what the format says of a term"),
    ],
)
def test_case_82_lists_that_cannot_be(change: Any, words: str) -> None:
    assert any(one in outcome(changed_leaf(change), "coco get") for one in words.split("|"))


def test_case_82_chunks_that_do_not_add_up() -> None:
    def chunked(*chunks: Any) -> Any:
        def change(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [
                {"t": "coco", "n": 1500, "l": [1500, 0, 0], "c": list(chunks)} if term["t"] == "coco" else term
                for term in terms
            ]

        return change

    digest = "0" * 64
    assert "chunks of other lengths" in outcome(changed_leaf(chunked([digest, 1, 999], [digest, 1, 501])), "coco")
    told = [{"t": "coco", "n": 9, "l": [9, 0, 0], "c": [[digest, 1, 9]], "b": ["x"]}]
    assert "is not what the format says" in outcome(changed_leaf(lambda _terms: told), "coco")
    assert "fewer entries than it says" in outcome(changed_leaf(chunked([digest, 1, 1000])), "coco")
    assert "chunks of other lengths" in outcome(
        changed_leaf(chunked([digest, 1, 1000], [digest, 1, 500], [digest, 1, 0])), "coco"
    )


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("chunk", 0, "is no node"),
        ("chunk", 2**40, "is no node"),
        ("common", [["get", 1]] * 65, "is no node"),
        ("common", ["get"], "is no node"),
        ("leaves", [], "is no node"),
        ("enough", 0, "is no node"),
        ("leaves", [["a", "0" * 64, 1, 0, 1]], "says no number of keys"),
        ("leaves", [["a", "0" * 64, 1, 2, 1]], "says no number of keys"),
        ("leaves", [["b", "0" * 64, 1, 1, 1], ["a", "0" * 64, 1, 1, 1]], "do not rise"),
        ("leaves", [["b", "0" * 64, 1, 1, 1]], "begins with another key"),
    ],
)
def test_case_82_nodes_that_cannot_be(key: str, value: Any, words: str) -> None:
    assert words in outcome(changed_node(lambda node: node.__setitem__(key, value)), "coco")


def test_case_82_a_common_key_without_a_list() -> None:
    files = changed_node(lambda node: node.__setitem__("common", [["#nowhere", 2000]]))
    asked = asked_of_page(Asked(tags=["nowhere"]))
    assert "names #nowhere as common, and has no list of it" in run_scripts(files, OPEN, asked, 10)


def test_case_80_and_81_entries_without_a_record_are_left_out() -> None:
    def foreign(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
        def entries(term: dict[str, Any]) -> dict[str, Any]:
            raw = bytearray(base64.b64decode(term["d"]))
            raw[0] ^= 0xFF  # The hash of the first entry.
            return term | {"d": base64.b64encode(raw).decode()}

        return [entries(term) if term["t"] == "coco" else term for term in terms]

    right = outcome(changed_leaf(lambda terms: terms), "coco", shown=100)
    wrong = outcome(changed_leaf(foreign), "coco", shown=100)
    assert None not in right["hits"]
    assert wrong["hits"].count(None) == 1
    assert wrong["total"] >= right["total"]


def test_the_files_of_an_answer_are_read_once() -> None:
    index = write_tree(records(), least_common=8)
    script = """
        var index = await cmsiteSearch.open(), counts = [];
        for (var at = 0; at < 2; at += 1) {
          await index.search(cmsiteQuery.parse("coco", given[0].chosen), 5);
          counts.push(asked.length);
        }
        return [counts, new Set(asked).size];"""
    (first, again), different = run_scripts(index.files, script, asked_of_page(Asked()))
    assert first == again == different


def test_a_search_that_is_given_up_asks_for_nothing_more() -> None:
    index = write_tree(records(), least_common=8)
    script = """
        var index = await cmsiteSearch.open(), stop = new AbortController(), before = asked.length;
        var search = index.search(cmsiteQuery.parse("coco", given[0].chosen), 5, stop.signal).then(function () { return "found"; }, function (error) { return error.name; });
        stop.abort();
        var ended = await search, after = asked.length;
        var found = await index.search(cmsiteQuery.parse("coco", given[0].chosen), 5, new AbortController().signal);
        return [ended, after - before, found.total > 0, asked.length - new Set(asked).size];"""
    ended, files, again, twice = run_scripts(index.files, script, asked_of_page(Asked()))
    assert (ended, again) == ("AbortError", True)
    assert twice == 0, "what was on its way serves the search of the next letter"
    assert files <= 2, "nodes that were on their way; no leaf, chunk or record"


def test_a_newer_root_is_asked_for_where_a_file_is_gone() -> None:
    old, new = write_tree(records()[:-1], least_common=8), write_tree(records(), least_common=8)
    script = """
        var index = await cmsiteSearch.open();
        Object.keys(files).forEach(function (path) { delete files[path]; });
        Object.assign(files, given[1]);
        var found = await index.search(cmsiteQuery.parse("coco", given[0].chosen), 5);
        return [found.total, asked.filter(function (path) { return path.endsWith("root.json"); }).length];"""
    files = {path: base64.b64encode(content).decode() for path, content in new.files.items()}
    total, roots = run_scripts(old.files, script, asked_of_page(Asked()), files)
    assert (total > 0, roots) == (True, 2)


def test_case_86_text_is_compared_and_counted_by_code_points() -> None:
    names = [
        "\ud7ff",
        "\ue000",
        "\uffee",
        "\U0001f600",
        "\U0001d4b3y",
        "a",
        "aa",
        "Z",
        "",
        "ｚ",
        "\U0001d4b3",
        "é",
        "e\u0301",
    ]
    script = "return [given[0].slice().sort(cmsiteWords.compare), given[0].map(function (name) { return Array.from(cmsiteWords.cut(name.repeat(300))).length; })];"
    ordered, lengths = run_scripts({}, script, names)
    assert ordered == sorted(names) != sorted(names, key=lambda name: name.encode("utf-16-be"))
    assert lengths == [min(200, 300 * len(name)) for name in names]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "does not begin with its hashes|is not JSON"),
        (line({"hashes": "x"}), "does not begin with its hashes"),
        (line({"hashes": [2**32]}), "does not begin with its hashes"),
        (line({"hashes": [1]}) + line({"alias": "x"}), "`automation` is not what the format says"),
        (line({"hashes": [1]}) + line(RECORD)[:-1], "is cut off"),
    ],
)
def test_case_82_deltas_that_cannot_be(head: bytes, words: str) -> None:
    index = write_tree(records(), least_common=8)
    root = json.loads(index.files[ROOT]) | {"delta": index.store(head)}
    found = outcome({**index.files, ROOT: line(root)}, "coco")
    assert any(one in found for one in words.split("|"))


def test_a_delta_without_lines_takes_documents_away() -> None:
    index = write_tree(records(), least_common=1000)
    root = json.loads(index.files[ROOT])
    before = outcome(index.files, "coco", shown=100)
    assert index.tree is not None
    gone = {doc.hash for doc in index.tree.docs if "coco" in doc.keys}
    root["delta"] = index.store(line({"hashes": sorted(gone)}))
    after = outcome({**index.files, ROOT: line(root)}, "coco", shown=100)
    assert (before["total"] > 0, after) == (True, {"total": 0, "hits": []})


def test_words_of_very_many_documents_are_refused_in_words() -> None:
    found = outcome(changed_leaf(one_term(n=2**23, l=[2**23, 0, 0])), "coco get")
    assert "too many for this page; search for longer words" in found


def test_case_82_a_leaf_whose_lists_have_other_lengths_than_its_node_says() -> None:
    def lie(node: dict[str, Any]) -> None:
        for leaf in node["leaves"]:
            leaf[4] += 1

    assert "has lists of other lengths than the index says" in outcome(changed_node(lie), "coco")
