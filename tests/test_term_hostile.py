"""Files of the tree of terms and the delta that are damaged, lie, or were cut: a clear refusal or the right answer."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.client import term_lists
from cmsite.client.query import Query
from cmsite.client.term_search import search_terms
from cmsite.errors import CmsiteError, IntegrityError, UsageError
from cmsite.index.emit import Before, emit_index
from cmsite.index.entries import emit_entries, parse_entries, row
from cmsite.index.layout import ROOT_PATH, blob_path
from cmsite.index.packing import packed_file, unpack
from cmsite.index.read import read_index
from cmsite.index.term_files import check_tree, parse_term_leaf, parse_term_node
from tests.index_values import REGISTRY_ID, many, record
from tests.memory_registry import index_files
from tests.search_world import TINY, World

QUERIES = (
    Query(words=("get",)),
    Query(words=("data", "x1")),
    Query(words=("a",), keys=("#coco",)),
    Query(keys=(":script",), excluded=("#get",)),
    Query(words=("detcet",)),
)


@pytest.fixture(scope="module")
def world() -> World:
    made = World(random.Random(3), 80)
    made.change(3)
    made.publish()
    assert made.root.delta is not None
    return made


def answers(files: dict[str, bytes]) -> list[Any]:
    found, _ = index_files(files)
    return [[hit.record.key for hit in search_terms(found, found.root.terms, query, 8).hits] for query in QUERIES]


def stored(files: dict[str, bytes], old: str, content: bytes) -> dict[str, bytes]:
    """Return the files with another content in the place of one, named rightly by all above it."""
    sha256, packed = packed_file(content)
    before = files[blob_path(old)]
    files = {**files, blob_path(sha256): packed}
    mark, new = f'"{old}",{len(before)}'.encode(), f'"{sha256}",{len(packed)}'.encode()
    for path, above in list(files.items()):
        plain = above if path == ROOT_PATH else unpack(above, where=path)
        if mark not in plain:
            continue
        if path == ROOT_PATH:
            files[path] = plain.replace(mark, new)
        else:
            files = stored(files, path[-67:-3], plain.replace(mark, new))
    return files


def first_node(world: World) -> str:
    assert world.root.terms is not None
    return world.root.terms.nodes[0].file.sha256


def leaves(world: World) -> list[str]:
    assert world.root.terms is not None
    nodes = [json.loads(unpack(world.files[blob_path(n.file.sha256)], where="")) for n in world.root.terms.nodes]
    return [leaf[1] for node in nodes for leaf in node["leaves"]]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_case_42_any_changed_byte_of_any_file_is_refused_or_harmless(world: World, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(path for path in world.reachable() if path != ROOT_PATH)))
    content = bytearray(world.files[path])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = answers({**world.files, path: bytes(content)})
    except IntegrityError as error:
        assert path[-20:] in str(error) or "sha256" in str(error)  # noqa: PT017 - either end is right.
    else:
        assert found == answers(world.files)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_case_82_any_changed_byte_below_right_digests_ends_in_an_answer_or_a_refusal(
    world: World, data: st.DataObject
) -> None:
    """What a publisher of lies could do: the digests are right, the content is not."""
    chosen = data.draw(st.sampled_from([first_node(world), *leaves(world)[:12], world.root.delta.sha256]))  # type: ignore[union-attr]
    content = bytearray(unpack(world.files[blob_path(chosen)], where=""))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        answers(stored(world.files, chosen, bytes(content)))
    except CmsiteError as error:
        assert str(error)  # noqa: PT017


def without(world: World, sha256: str) -> dict[str, bytes]:
    return {path: content for path, content in world.files.items() if path != blob_path(sha256)}


def test_case_62_an_empty_leaf_or_node_is_refused(world: World) -> None:
    for chosen, message in ((leaves(world)[0], "0 keys, its node says"), (first_node(world), "not the JSON expected")):
        with pytest.raises(IntegrityError, match=message):
            check(stored(world.files, chosen, b""))


def check(files: dict[str, bytes]) -> None:
    found, _ = index_files(files)
    assert found.root.terms is not None
    check_tree(found.root.terms, partial(map, files.__getitem__))
    search_terms(found, found.root.terms, Query(keys=(found.root.terms.nodes[0].first,)), 1)


def test_a_whole_tree_passes_its_check(world: World) -> None:
    check(world.files)


def changed_line(change: dict[str, Any]) -> Callable[[World], dict[str, bytes]]:
    def act(world: World) -> dict[str, bytes]:
        chosen = leaves(world)[0]
        first, *rest = unpack(world.files[blob_path(chosen)], where="").splitlines(keepends=True)
        line = json.dumps({**json.loads(first), **change}, ensure_ascii=False, sort_keys=True).encode()
        return stored(world.files, chosen, line + b"\n" + b"".join(rest))

    return act


def spoilt_entries(world: World) -> dict[str, bytes]:
    first = unpack(world.files[blob_path(leaves(world)[0])], where="").splitlines()[0]
    return changed_line({"d": "!" * 32 * json.loads(first)["n"], "c": None})(world)


def changed_node(change: dict[str, Any]) -> Callable[[World], dict[str, bytes]]:
    def act(world: World) -> dict[str, bytes]:
        chosen = first_node(world)
        value = {**json.loads(unpack(world.files[blob_path(chosen)], where="")), **change}
        return stored(world.files, chosen, json.dumps(value).encode() + b"\n")

    return act


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (changed_line({"n": 2**53}), r"n: expected an integer from 1 to 16777216, got an integer of 54 bits"),
        (changed_line({"n": 0}), r"n: expected an integer from 1"),
        (changed_line({"l": [1, 2]}), r"l: expected three integers from 0 to 16777216"),
        (changed_line({"l": [0, 0, -1]}), r"l: expected three integers"),
        (changed_line({"l": [9, 0, 0], "n": 8}), r"n: expected 9, the sum of l, got 8"),
        (changed_line({"d": "AAAA", "c": None}), r"4 characters of entries, expected 32 for 1|characters of entries"),
        (spoilt_entries, r"the entries are not base64"),
        (changed_line({"c": []}), r"c: expected chunks of 4 entries"),
        (changed_line({"c": [["a" * 64, 5, 2**40]]}), r"c\[0\]: expected \[sha256, size in bytes, entries\]"),
        (changed_line({"c": [["../../etc/passwd", 5, 1]]}), r"c\[0\]: expected null or \[sha256, size in bytes\]"),
        (changed_line({"b": [5]}), r"b: expected integers from 0 to 4"),
        (changed_line({"b": [True]}), r"b: expected integers from 0 to 4"),
        (changed_line({"t": "\uffff"}), r"begins with|do not rise"),
        (changed_node({"chunk": 0}), r"chunk: expected an integer from 1"),
        (changed_node({"chunk": 2**40}), r"chunk: expected an integer from 1 to 65536"),
        (changed_node({"leaves": []}), r"begins with \[\]"),
        (changed_node({"common": [["a", 5]] * 2}), r"common\[1\]: expected \[key, documents\], each key once"),
        (changed_node({"common": [["a", 5]] * 65}), r"common: expected a list of at most 64 items, not 65"),
        (
            changed_node({"leaves": [["#Coco", "a" * 64, 5, 0, 1]]}),
            r"leaves\[0\]: expected \[first key, sha256, size, keys, entries\]",
        ),
        (
            changed_node({"leaves": [["#Coco", "a" * 64, 5, 2, 1]]}),
            r"leaves\[0\]: expected \[first key, sha256, size, keys, entries\]",
        ),
        (changed_node({"enough": 0}), r"enough: expected an integer from 1"),
    ],
)
def test_case_82_inconsistent_counts_are_refused(
    world: World, lie: Callable[[World], dict[str, bytes]], message: str
) -> None:
    with pytest.raises(IntegrityError, match=message):
        check(lie(world))


def test_case_82_lists_of_huge_counts_are_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_lists, "MAX_ENTRIES", 20)
    with pytest.raises(
        UsageError, match=r"the lists of these words have \d+ entries, at most 20 are read; search for longer"
    ):
        answers(world.files)


def test_case_65_digests_of_nodes_and_chunks_are_checked_before_they_become_addresses(world: World) -> None:
    node = {"chunk": 4, "common": [], "enough": 1, "leaves": [["a", "../../../etc/passwd", 5, 1, 1]]}
    with pytest.raises(IntegrityError, match=r"leaves\[0\]: expected null or \[sha256"):
        parse_term_node(packed_file(json.dumps(node).encode())[1], "a", None, "node")


@pytest.mark.parametrize(
    "content",
    [
        b'{"t":' * 100_000,
        b'{"n":1,"n":1,"t":"a"}\n',
        b'{"n":NaN}\n',
        b'{"n":' + b"9" * 5000 + b"}\n",
        b"\xef\xbb\xbf{}\n",
    ],
)
def test_case_83_hostile_json_in_a_leaf(world: World, content: bytes) -> None:
    with pytest.raises(IntegrityError):
        check(stored(world.files, leaves(world)[0], content))


def test_case_69_a_delta_with_hashes_of_64_bits(world: World) -> None:
    assert world.root.delta is not None
    files = stored(world.files, world.root.delta.sha256, b'{"hashes":[9223372036854775808]}\n')
    with pytest.raises(IntegrityError, match=r"hashes\[0\]: expected integers of 32 bits that rise"):
        answers(files)


def test_case_79_a_list_that_its_records_contradict(world: World) -> None:
    """The records of other leaves do not make a listed document."""
    *made, _ = emit_index([record("other")], registry_id=REGISTRY_ID, limits=TINY)
    assert made
    files = dict(world.files)
    root = json.loads(files[ROOT_PATH])
    other = json.loads(
        next(iter(reversed(list(emit_index([record("other")], registry_id=REGISTRY_ID, limits=TINY))))).content
    )
    root["records"] = other["records"]
    files |= {file.path: file.content for file in made}
    files[ROOT_PATH] = json.dumps(root).encode()
    found, _ = index_files(files)
    answer = search_terms(found, found.root.terms, Query(words=("get",)), 5)
    assert answer.hits == ()
    assert answer.total > 0
    assert answer.notes == (
        "5 artifacts are left out: the index lists what its records do not hold; tell the publisher",
    )


def test_case_80_documents_of_one_hash_are_told_apart() -> None:
    """Equal names of different artifacts have one hash; each list names the one that it means."""
    some = [
        record("same", uid=f"{number:016x}", repository=f"team{number}", rank=number, tags=(f"t{number}",))
        for number in range(5)
    ]
    files = {file.path: file.content for file in emit_index(some, registry_id=REGISTRY_ID, limits=TINY)}
    found, _ = index_files(files)
    for number, one in enumerate(some):
        answer = search_terms(found, found.root.terms, Query(keys=(f"#t{number}",)), 5)
        assert [hit.record for hit in answer.hits] == [replace(one)]


def test_case_81_a_posting_without_a_record_is_a_note(world: World) -> None:
    term = {"d": emit_entries(row(5 << 48, 0)).decode(), "l": [1, 0, 0], "n": 1, "t": "#Coco"}
    leaf = json.dumps(term, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    sha256, packed = packed_file(leaf)
    node = {"chunk": 4, "common": [], "enough": 8, "leaves": [["#Coco", sha256, len(packed), 1, 1]]}
    node_sha256, node_packed = packed_file(json.dumps(node).encode() + b"\n")
    root = json.loads(world.files[ROOT_PATH])
    root["terms"]["nodes"], root["delta"] = [["#Coco", node_sha256, len(node_packed)]], None
    files = {
        **world.files,
        blob_path(sha256): packed,
        blob_path(node_sha256): node_packed,
        ROOT_PATH: json.dumps(root).encode(),
    }
    found, _ = index_files(files)
    answer = search_terms(found, found.root.terms, Query(keys=("#Coco",)), 5)
    assert (answer.hits, answer.total) == ((), 1)
    assert answer.notes == ("1 artifact is left out: the index lists what its records do not hold; tell the publisher",)


def test_case_76_a_cut_leaf_at_its_final_name_is_written_again(world: World) -> None:
    cut = leaves(world)[0]
    files = {**world.files, blob_path(cut): world.files[blob_path(cut)][:-3]}
    with pytest.raises(IntegrityError, match="expected"):
        check(files)
    records = list(world.records.values())
    again = {file.path: file.content for file in emit_index(records, registry_id=REGISTRY_ID, limits=TINY)}
    check({**files, **again})


def test_case_74_a_reader_sees_old_or_new_after_every_single_write() -> None:
    world = World(random.Random(9), 50)
    old_files, old = dict(world.files), answers(world.files)
    world.change(4)
    before = Before(root=world.root, read=old_files.__getitem__)
    made = list(
        emit_index(world.records.values(), registry_id=REGISTRY_ID, previous=world.root, before=before, limits=TINY)
    )
    assert made[-1].path == ROOT_PATH
    new = answers({**old_files, **{file.path: file.content for file in made}})
    site = dict(old_files)
    for file in made:
        assert answers(site) == old
        site[file.path] = file.content
    assert answers(site) == new
    assert len(read_index(site.__getitem__).records) == len(world.records)


def test_case_75_of_two_publishers_the_last_root_counts_and_both_trees_stay_whole() -> None:
    world = World(random.Random(9), 50)
    old = dict(world.files)
    site = dict(old)
    for seed in (1, 2):
        records = [*world.records.values(), record(f"publisher-{seed}")]
        before = Before(root=world.root, read=old.__getitem__)
        for file in emit_index(records, registry_id=REGISTRY_ID, previous=world.root, before=before, limits=TINY):
            site[file.path] = file.content
        found, _ = index_files(site)
        (hit,) = search_terms(found, found.root.terms, Query(words=("publisher",)), 5).hits
        assert hit.record.alias == f"publisher-{seed}"


def test_case_77_a_collection_under_a_reader_names_the_missing_file(world: World) -> None:
    with pytest.raises(CmsiteError, match="no such file"):
        answers(without(world, first_node(world)))


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**128 - 1)), max_size=20))
def test_entries_are_read_as_they_were_emitted(some: list[tuple[int, int]]) -> None:
    rows = [row(place, mask) for place, mask in some]
    text = emit_entries(b"".join(rows)).decode()
    assert len(text) == 32 * len(some)
    found = list(parse_entries(text, len(some), "here"))
    assert [one.place for one in found] == [place for place, _ in some]
    assert [[one.level(slot) for slot in range(64)] for one in found] == [
        [mask >> (2 * slot) & 3 for slot in range(64)] for _, mask in some
    ]


def test_a_leaf_holds_the_keys_that_its_node_says() -> None:
    files = {file.path: file.content for file in emit_index(many(20), registry_id=REGISTRY_ID, limits=TINY)}
    found, _ = index_files(files)
    assert found.root.terms is not None
    node = found.root.terms.nodes[0]
    parsed = parse_term_node(files[blob_path(node.file.sha256)], node.first, None, "node")
    leaf = parsed.leaves[0]
    with pytest.raises(IntegrityError, match="which belongs behind"):
        parse_term_leaf(files[blob_path(leaf.file.sha256)], leaf, parsed, leaf.first, "leaf")
