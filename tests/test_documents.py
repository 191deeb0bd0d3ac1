"""Metas to data with positions: the same data as the clients read, duplicates seen, hostile bytes survived."""

import copy
import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite import documents
from cmsite.diagnostics import Place
from cmsite.documents import MAX_DOCUMENT_BYTES, parse

_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
_DATA = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    ),
    min_size=1,
    max_size=5,
)

EXAMPLE = """\
alias: detect-os
uid: "863735b7db8c44fc"
tags: [get, os]
deps:
  - tags: detect,os
    enable_if_env:
      A: ['yes']
  - tags: get,python3
version: 1.10
"""


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 1, 1),
        ("/uid", 2, 1),
        ("/tags/1", 3, 13),
        ("/deps/0/enable_if_env/A", 7, 7),
        ("/deps/1/tags", 8, 5),
        ("/nowhere", 1, 1),
    ],
)
def test_a_place_in_yaml_is_that_of_the_key(pointer, line, column):
    assert parse("_cm.yaml", EXAMPLE.encode()).place(pointer) == Place(line=line, column=column)


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [("/a", 2, 3), ("/a/1/c", 3, 13), ("/a/1/c/1", 3, 22), ("/b~1c", 4, 3)],
)
def test_a_place_in_json_is_found_by_scanning(pointer, line, column):
    text = '{\n  "a": [{"x": "a, [b"},\n           {"c": [1, 2]}],\n  "b/c": "\\""\n}'
    assert parse("_cm.json", text.encode()).place(pointer) == Place(line=line, column=column)


def test_case_84_the_source_spelling_of_numbers_is_kept():
    data = parse("_cm.yaml", b"a: 1.10\nb: 0x1F\nc: 1.5\n").data
    assert (data["a"].literal, data["b"].literal, type(data["c"])) == ("1.10", "0x1F", float)


def test_case_84_yaml_is_read_as_version_1_1_like_the_clients_do():
    data = parse("_cm.yaml", b"on: yes\ntime: 12:30:45\nuid: 6152538690744623\n").data
    assert data == {True: True, "time": 45045, "uid": 6152538690744623}


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "a: 1\nb:\n  x: 1\n  x: 2\na: 3\n"), ("a.json", '{"a": 1, "b": {"x": 1,\n "x": 2},\n "a": 3}')],
)
def test_every_duplicate_key_is_seen_and_the_last_value_counts(name, text):
    document = parse(name, text.encode())
    assert document.data == {"a": 3, "b": {"x": 2}}
    found = sorted((problem.message.split(" stands")[0], problem.code) for problem in document.problems)
    assert [item[0] for item in found] == ["key 'a'", "key 'x'"]
    assert {problem.code for problem in document.problems} == {"CM004"}


def test_equal_keys_of_different_objects_in_json_are_no_duplicates():
    assert parse("a.json", b'{"a": [{"x": 1}, {"x": 2}], "b": {"x": 1}}').problems == ()


def test_the_values_of_a_duplicate_object_are_not_reported_again():
    assert len(parse("a.json", b'{"a": {"x": 1}, "a": {"x": 2}}').problems) == 1


def test_merge_keys_are_no_duplicates_and_own_keys_win():
    document = parse("a.yaml", b"base: &b {x: 1, y: 2}\nchild:\n  <<: *b\n  x: 3\n")
    assert document.data["child"] == {"x": 3, "y": 2}
    assert document.problems == ()


HOSTILE = {
    "deep flow": ("a.yaml", b"[" * 200_000, "CM002"),
    "deep block": ("a.yaml", b"- " * 50_000 + b"x", "CM002"),
    "deep mapping": ("a.yaml", b"{a: " * 50_000, "CM002"),
    "deep json": ("a.json", b"[" * 200_000, "CM003"),
    "nested 500": ("a.json", b'{"a":' * 500 + b"1" + b"}" * 500, "CM003"),
    "alias bomb": (
        "a.yaml",
        b"a: &a [x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (i, i, b",".join([b"*%c" % (i - 1)] * 9)) for i in range(98, 118)),
        "CM002",
    ),
    "self reference": ("a.yaml", b"&a [*a]", "CM002"),
    "python object": ("a.yaml", b"a: !!python/object/apply:os.system [id]", "CM007"),
    "own tag": ("a.yaml", b"a: !secret x", "CM007"),
    "two documents": ("a.yaml", b"a: 1\n---\nb: 2\n", "CM002"),
    "list as key": ("a.yaml", b"? [a]\n: b", "CM002"),
    "tabs": ("a.yaml", b'{\n\t"a": 1\n}', "CM002"),
    "5000 digits": ("a.yaml", b"a: " + b"9" * 5000, "CM002"),
    "5000 digits json": ("a.json", b"9" * 5000, "CM003"),
    "impossible date": ("a.yaml", b"a: 2001-99-99", "CM002"),
    "utf-16": ("a.yaml", "a: 1".encode("utf-16"), "CM005"),
    "latin-1": ("a.yaml", b"a: \xe9", "CM005"),
    "binary": ("a.yaml", b"\x7fELF\x00\x01\xff\xfe", "CM005"),
    "nul": ("a.yaml", b"a: b\0c", "CM002"),
    "empty": ("a.yaml", b"", "CM006"),
    "only a comment": ("a.yaml", b"# nothing\n", "CM006"),
    "blank json": ("a.json", b" \n", "CM006"),
    "bom": ("a.json", b"\xef\xbb\xbf{}", "CM008"),
    "surrogate": ("a.json", b'{"a": "\\ud800"}', "CM009"),
    "huge": ("a.yaml", b"a" * (MAX_DOCUMENT_BYTES + 1), "CM001"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_case_83_84_hostile_bytes_become_one_clear_problem(case):
    name, content, code = HOSTILE[case]
    document = parse(name, content)
    assert [problem.code for problem in document.problems] == [code]
    assert document.problems[0].message
    assert document.problems[0].hint
    json.dumps(document.data)  # What is left of the data is plain and finite.


def test_the_place_of_a_wrong_byte_counts_characters():
    assert parse("a.yaml", "a: ä\nb: ".encode() + b"\xff").problems[0].place == Place(line=2, column=4)


@given(_DATA)
def test_json_is_read_back_as_written(data):
    document = parse("a.json", json.dumps(data).encode())
    assert document.data == data
    assert document.problems == ()


@given(_DATA)
@settings(max_examples=60)
def test_yaml_is_read_as_pyyaml_reads_it(data):
    text = yaml.safe_dump(data, allow_unicode=True)
    document = parse("a.yaml", text.encode("utf-8", "surrogatepass"))
    if not document.problems:
        assert document.data == yaml.safe_load(text)


@given(st.binary(max_size=200), st.sampled_from(["a.yaml", "a.json"]))
def test_no_bytes_raise(content, name):
    document = parse(name, content)
    assert (document.data is not None) or document.problems or content.strip() in (b"null", b"~", b"Null", b"NULL")


@given(_DATA)
@settings(max_examples=30)
def test_every_pointer_has_a_place_in_both_languages(data):
    for name, text in (("a.json", json.dumps(data, indent=1)), ("a.yaml", yaml.safe_dump(data, allow_unicode=True))):
        document = parse(name, text.encode("utf-8", "surrogatepass"))
        if document.data is not None:
            before = copy.deepcopy(document.data)
            assert document.place("/" + str(next(iter(data))).replace("~", "~0").replace("/", "~1")) is not None
            assert document.data == before


def test_a_collection_tagged_as_text_is_no_key():
    for text in (b"? !!str [a]\n: 1", b"!!str {a: 1}: 2", b"a:\n  ? !!str [b, [c]]\n  : 1\n"):
        document = parse("meta.yaml", text)
        assert document.data is None
        assert [found.code for found in document.problems] == ["CM007"]


_NESTED = st.recursive(
    st.integers() | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "/", "~"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(st.sampled_from(["a", "b", "0", "1", "/", "~"]), max_size=6), _NESTED)
def test_places_are_the_same_one_by_one_and_listed(steps, data):
    text = json.dumps({"a": data, "b": [data, {"a": data}]}, indent=1)
    pointer = documents.join_pointer(*steps)
    fresh = documents.parse("a.json", text.encode()).place(pointer)
    asked = documents.parse("a.json", text.encode())
    assert [asked.place(pointer) for _ in range(12)] == [fresh] * 12
    assert documents.parse("a.yaml", text.encode()).place(pointer) == fresh
