"""Index files that lie: refused with the place of the lie, never a traceback. Numbers are those of facts/index.md §4."""

import gzip
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.errors import IntegrityError
from cmsite.index.layout import ROOT_PATH
from cmsite.index.licenses import parse_licenses
from cmsite.index.packing import pack, unpack
from cmsite.index.read import checked, parse_leaf, parse_node, parse_part, parse_uid_leaf, read_index
from cmsite.index.references import FileRef
from cmsite.index.root import Tree, parse_root
from cmsite.index.strict import canonical, parse_json
from tests.index_values import REGISTRY_ID, many, record, site_of

ONE_LEAF = Tree(bits=0, node_bits=0, nodes=(None,))
DIGEST = "a" * 64


def root_with(**changed: Any) -> bytes:
    document = json.loads(site_of([record()])[ROOT_PATH])
    for path, value in changed.items():
        table, _, key = path.rpartition("__")
        (document[table] if table else document)[key] = value
    return json.dumps(document).encode()


def leaf_with(**changed: Any) -> bytes:
    line = {"automation": "script", "alias": "a", "repository": "r", "folder": "a", "format": "cm"} | changed
    return pack(json.dumps(line).encode() + b"\n")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"schema": "cm-index/2"}, r'schema: expected "cm-index/1".*newer cmsite'),
        ({"schema": None}, r"schema: expected a string"),
        ({"registry_id": "X" * 32}, r"registry_id: expected 32"),
        ({"registry_id": "../../etc"}, r"registry_id: expected 32"),
        ({"gen": True}, r"gen: expected an integer.*got True"),
        ({"gen": -1}, r"gen: expected an integer from 0"),
        ({"gen": "1"}, r"gen: expected an integer"),
        ({"prev": "x"}, r"prev: expected a sha256"),
        ({"count": 2**60}, r"count: expected an integer.*61 bits"),
        ({"delta": {"nodes": []}}, r"delta: expected null or \[sha256, size in bytes\], got an object"),
        ({"delta": ["a" * 64, 5]}, r"delta: expected null, as there are no terms"),
        ({"terms": []}, r"terms: expected an object, got a list of 0"),
        ({"terms": {"count": 1, "nodes": [], "docs": None}}, r"terms.docs: expected \[sha256, size in bytes\]"),
        (
            {"terms": {"count": 1, "nodes": [["a", "a" * 64, 5], ["a", "b" * 64, 5]]}},
            r"terms.nodes\[1\]: expected keys that rise",
        ),
        ({"terms": {"count": 1, "nodes": [["a", "../x", 5]]}}, r"terms.nodes\[0\]: expected null or \[sha256"),
        ({"terms": {"count": -1, "nodes": [], "docs": ["a" * 64, 5]}}, r"terms.count: expected an integer"),
        ({"all": [None]}, r"all\[0\]: expected \[sha256, size"),
        ({"all": [["../../../etc/passwd", 3]]}, r"all\[0\]: expected null or \[sha256, size"),
        ({"all": [[DIGEST.upper(), 3]]}, r"all\[0\]"),
        ({"all": [[DIGEST, True]]}, r"all\[0\]"),
        ({"all": {}}, r"all: expected a list"),
        ({"bases": ["ok", 3]}, r"bases\[1\]: expected a string"),
        ({"records": []}, r"records: expected an object"),
    ],
)
def test_a_root_of_wrong_values(changed: dict[str, Any], message: str):
    with pytest.raises(IntegrityError, match=rf"root.json: {message}"):
        parse_root(root_with(**changed))


def test_case_69_a_generation_of_two_to_the_63():
    with pytest.raises(
        IntegrityError, match=r"gen: expected an integer from 0 to 9007199254740991, got an integer of 64 bits"
    ):
        parse_root(root_with(gen=2**63))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"records__bits": 99}, r"records.bits: expected an integer from 0 to 24"),
        ({"records__bits": 3, "records__node_bits": 4}, r"records.node_bits: expected an integer from 0 to 3"),
        ({"records__bits": 3, "records__node_bits": 2}, r"records.nodes.sizes: expected a list of 4, got a list of 1"),
        ({"uids__bits": 24, "uids__node_bits": 24}, r"uids.nodes.sizes: expected a list of 16777216, got"),
        ({"records__nodes": [[DIGEST, 1]]}, r"records.nodes: expected an object, got a list of 1"),
        ({"records__nodes": {"sha256": "A" * 44}}, r"records.nodes.sizes: expected a list, got nothing"),
        (
            {"records__nodes": {"sha256": "A" * 44, "sizes": [1, 1]}},
            r"sizes: expected a list of at most 1 items, not 2",
        ),
        ({"records__nodes": {"sha256": "A" * 45, "sizes": [1]}}, r"sha256: expected a string of at most 44 characters"),
        (
            {"records__nodes": {"sha256": "A" * 43, "sizes": [1]}},
            r"sha256: expected 1 digests in 44 characters of base64",
        ),
        ({"records__nodes": {"sha256": "A" * 42 + "_=", "sizes": [1]}}, r"sha256: expected 1 digests"),
        ({"records__nodes": {"sha256": "A" * 42 + "é=", "sizes": [1]}}, r"sha256: expected 1 digests"),
        ({"records__nodes": {"sha256": "A" * 43 + "=", "sizes": [-1]}}, r"sizes\[0\]: expected a size in bytes"),
        ({"records__nodes": {"sha256": "A" * 43 + "=", "sizes": [True]}}, r"sizes\[0\]: expected a size in bytes"),
    ],
)
def test_case_82_inconsistent_bits(changed: dict[str, Any], message: str):
    with pytest.raises(IntegrityError, match=message):
        parse_root(root_with(**changed))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"gen": 1, "gen": 2}', "'gen' stands twice"),
        (b'{"gen": NaN}', "NaN is not an integer"),
        (b'{"gen": -Infinity}', "-Infinity is not an integer"),
        (b'{"gen": 1.0}', "1.0 is not an integer"),
        (b'{"gen": 1e999}', "1e999 is not an integer"),
        (b'{"gen": ' + b"9" * 5000 + b"}", "not the JSON expected"),
        (b'\xef\xbb\xbf{"gen": 1}', "byte order mark"),
        (b'{"gen": "\\ud800"}', "half of a surrogate pair"),
        (b'{"\\udfff": 1}', "half of a surrogate pair"),
        (b'{"gen": "\xff"}', "byte 9 is not UTF-8"),
        (b'{"gen": "\xed\xa0\x80"}', "is not UTF-8"),
        (b'{"gen": 1} x', "not the JSON expected"),
        (b"", "not the JSON expected"),
        (b"'gen'", "not the JSON expected"),
    ],
)
def test_case_83_hostile_json(document: bytes, message: str):
    with pytest.raises(IntegrityError, match=rf"^here: .*{message}"):
        parse_json(document, "here")


def test_case_83_a_whole_pair_of_surrogates_is_a_character():
    assert parse_json(b'"\\ud83d\\ude00"', "here") == "\U0001f600"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"alias": 3}, r"records\[0\].alias: expected a string.*got 3"),
        ({"alias": "x" * 5000}, r"records\[0\].alias: expected a string of at most 4096"),
        ({"folder": None}, r"records\[0\].folder: expected a string"),
        ({"tags": "a"}, r"records\[0\].tags: expected a list"),
        ({"tags": ["a", ["b"]]}, r"records\[0\].tags\[1\]: expected a string"),
        ({"status": "fine"}, r"records\[0\].status: expected one of active, deprecated"),
        ({"licenses": "../x"}, r"records\[0\].licenses: expected a sha256"),
        ({"versions": [3]}, r"records\[0\].versions\[0\]: expected an object, got 3"),
        ({"versions": [{"revision": 0}]}, r"records\[0\].versions\[0\].revision: expected an integer from 1"),
    ],
)
def test_a_record_of_wrong_values(changed: dict[str, Any], message: str):
    with pytest.raises(IntegrityError, match=rf"^b/leaf: {message}"):
        parse_leaf(leaf_with(**changed), ONE_LEAF, 0, "b/leaf")


@pytest.mark.parametrize(
    "wrong", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "../" + "0" * 61, "0" * 63 + "\n", None, 7]
)
def test_case_65_digests_are_checked_before_they_become_addresses(wrong: object):
    version = {"revision": 1, "tar_sha256": DIGEST, "archive_sha256": wrong}
    with pytest.raises(IntegrityError, match=r"records\[0\].versions\[0\].archive_sha256: expected a sha256"):
        parse_leaf(leaf_with(versions=[version]), ONE_LEAF, 0, "b/leaf")
    with pytest.raises(IntegrityError, match=r"all\[0\]: expected null or \[sha256"):
        parse_root(root_with(all=[[wrong, 3]]))


def test_revisions_that_do_not_rise():
    versions = [{"revision": number, "tar_sha256": DIGEST, "archive_sha256": DIGEST} for number in (2, 2)]
    with pytest.raises(IntegrityError, match=r"versions\[1\].revision: expected a revision above 2.*got 2"):
        parse_leaf(leaf_with(versions=versions), ONE_LEAF, 0, "b/leaf")


def test_case_79_a_record_that_does_not_hash_to_its_leaf():
    tree = Tree(bits=7, node_bits=0, nodes=(None,))
    detect_os = leaf_with(alias="detect-os")
    assert parse_leaf(detect_os, tree, 110, "b/leaf")[0].alias == "detect-os"
    with pytest.raises(IntegrityError, match=r"records\[0\]: 'script:detect-os' belongs to leaf 110, found in leaf 3"):
        parse_leaf(detect_os, tree, 3, "b/leaf")
    uid = pack(canonical({"uid": "5b4e0237da074764", "names": []}) + b"\n")
    with pytest.raises(IntegrityError, match=r"uids\[0\]: '5b4e0237da074764' belongs to leaf"):
        parse_uid_leaf(uid, tree, 127, "b/leaf")


@pytest.mark.parametrize(
    "leaves", [[], [None, None], {}, "x", *({"sha256": "", "sizes": [0] * n} for n in (0, 1, 2, 3))]
)
def test_a_node_that_does_not_fit_its_tree(leaves: object):
    tree = Tree(bits=1, node_bits=0, nodes=(None,))
    with pytest.raises(IntegrityError, match="b/node: .*: expected"):
        parse_node(pack(canonical(leaves)), tree, "b/node")


def test_case_76_a_cut_file_at_its_final_name():
    site = site_of(many(5))
    for path in site:
        if path != ROOT_PATH:
            whole, site[path] = site[path], site[path][:-1]
            if path.endswith(f"{parse_root(site[ROOT_PATH]).all[0].sha256}.gz"):
                with pytest.raises(IntegrityError, match=rf"{path}: {len(whole) - 1} bytes, expected {len(whole)}"):
                    read_index(site.__getitem__)
            site[path] = whole
    assert len(read_index(site.__getitem__).records) == 5


def test_same_size_and_other_bytes():
    with pytest.raises(IntegrityError, match=r"x: sha256 is .*, expected a{64}; damaged or tampered"):
        checked(b"abc", FileRef(sha256=DIGEST, size_bytes=3), "x")


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (b"", "ends early"),
        (b"<html>", "not intact gzip"),
        (pack(b"abc")[:-1], "ends early"),
        (pack(b"abc")[:-8] + b"\0" * 8, "not intact gzip"),
        (pack(b"abc") + b"x", "1 bytes follow"),
        (pack(b"abc") + pack(b"def"), "bytes follow"),
        (gzip.compress(b"\0" * 1_001, mtime=0), "more than the 1000 bytes allowed"),
    ],
)
def test_gzip_that_lies(packed: bytes, message: str):
    with pytest.raises(IntegrityError, match=rf"^here: .*{message}"):
        unpack(packed, where="here", max_bytes=1_000)


def test_lines_that_are_cut():
    with pytest.raises(IntegrityError, match="last line is not ended"):
        parse_part(pack(b'{"alias": "a"}'), "b/part")
    with pytest.raises(IntegrityError, match=r"b/part: line 1: .*not the JSON"):
        parse_part(pack(b"\n"), "b/part")


def test_a_root_that_counts_wrongly():
    site = site_of(many(2))
    site[ROOT_PATH] = site[ROOT_PATH].replace(b'"count":2', b'"count":3')
    with pytest.raises(IntegrityError, match="count: 3, but the index holds 2 records"):
        read_index(site.__getitem__)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"schema": "x", "files": []}, "schema"),
        ({"schema": "cm-index-licenses/1", "files": [{"name": "L"}]}, r"files\[0\].text: expected a string"),
        ({"schema": "cm-index-licenses/1", "files": [{"name": "L", "base64": "%"}]}, r"files\[0\].base64: this is not"),
    ],
)
def test_licences_that_lie(document: object, message: str):
    with pytest.raises(IntegrityError, match=message):
        parse_licenses(pack(canonical(document)), "licences")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.data())
@settings(max_examples=200)
def test_any_value_anywhere_in_a_root_is_read_or_refused(data: st.DataObject):
    document = json.loads(site_of([record()])[ROOT_PATH])
    table = data.draw(st.sampled_from([document, document["records"], document["uids"]]))
    table[data.draw(st.sampled_from(sorted(table)))] = data.draw(json_values)
    try:
        assert parse_root(json.dumps(document).encode()).registry_id == REGISTRY_ID
    except IntegrityError as error:
        assert str(error).startswith("root.json: ")  # noqa: PT017 - either end is right.


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_of_a_packed_file_is_refused(at: int, change: int):
    packed = bytearray(pack(b'{"alias":"a"}\n' * 3))
    ref = FileRef(sha256=hashlib.sha256(packed).hexdigest(), size_bytes=len(packed))
    packed[at % len(packed)] ^= change
    with pytest.raises(IntegrityError):
        checked(bytes(packed), ref, "x")
