"""The index: what is emitted is read again, equal catalogues give equal bytes, nothing published is lost."""

import gzip
import hashlib
import json
import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.errors import ConfigurationError, IntegrityError
from cmsite.index.emit import Before, emit_index
from cmsite.index.layout import MAX_ALL_PART_BYTES, ROOT_PATH, blob_path, leaf_number, node_bits, record_bits
from cmsite.index.licenses import emit_licenses, parse_licenses
from cmsite.index.lines import SEARCH_KEYS, emit_record, emit_searched, parse_record
from cmsite.index.packing import pack, unpack
from cmsite.index.read import checked, leaf_of, parse_leaf, parse_node, parse_uid_leaf, read_index
from cmsite.index.records import Record, Status
from cmsite.index.revise import carry_over, is_redirect, revise
from cmsite.index.root import emit_root, parse_root
from cmsite.index.strict import canonical, parse_json
from tests.index_values import REGISTRY_ID, digest, many, names, record, record_lists, records, site_of, version


def root_of(site: dict[str, bytes]):
    return parse_root(site[ROOT_PATH])


def found_in_tree(site: dict[str, bytes], name: str) -> tuple[Record, ...]:
    """Look a name up as the specification says, root, node, leaf; return all records of the leaf with this name."""
    tree = root_of(site).records
    number = leaf_of(name, tree)
    node = tree.nodes[tree.node_of(number)]
    if node is None:
        return ()
    leaf = parse_node(checked(site[blob_path(node.sha256)], node, "node"), tree, "node")[number % tree.leaves_a_node]
    if leaf is None:
        return ()
    found = parse_leaf(checked(site[blob_path(leaf.sha256)], leaf, "leaf"), tree, number, "leaf")
    return tuple(one for one in found if one.name == name)


@given(records)
def test_a_record_is_read_as_it_was_emitted(one: Record):
    line = emit_record(one)
    assert parse_record(parse_json(line, "line"), where="line", path="record") == one
    assert emit_record(parse_record(parse_json(line, "line"), where="line", path="record")) == line


@given(records, *(st.lists(names, max_size=3).map(tuple) for _ in range(4)))
def test_lines_are_canonical_json(one: Record, words, variations, authors, has):
    full = replace(one, words=words, variations=variations, authors=authors, has=has)
    values = json.loads(emit_record(full))
    assert emit_record(full) == canonical(values)
    assert parse_record(values, where="line", path="record") == full
    searched = {name: values.pop(name) for name in SEARCH_KEYS if name in values}
    assert emit_searched(full) == canonical(searched)
    assert emit_record(full, lean=True) == canonical(values)


@settings(deadline=None)
@given(record_lists)
def test_an_index_is_read_as_it_was_emitted(some: list[Record]):
    site = site_of(some)
    index = read_index(site.__getitem__)
    assert sorted(index.records, key=lambda one: one.key) == sorted(some, key=lambda one: one.key)
    for one in some:
        assert one in found_in_tree(site, one.name)


@settings(deadline=None)
@given(record_lists, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(some: list[Record], order: random.Random):
    shuffled = list(some)
    order.shuffle(shuffled)
    assert list(emit_index(shuffled, registry_id=REGISTRY_ID)) == list(emit_index(some, registry_id=REGISTRY_ID))


def test_the_order_of_records_of_one_name_does_not_matter():
    some = [record(repository=name, folder=folder, rank=rank) for rank, name in enumerate("ba") for folder in "yx"]
    assert list(emit_index(some[::-1], registry_id=REGISTRY_ID)) == list(emit_index(some, registry_id=REGISTRY_ID))
    assert [one.key for one in read_index(site_of(some).__getitem__).records] == sorted(one.key for one in some)


@given(record_lists)
def test_a_root_is_read_as_it_was_emitted(some: list[Record]):
    root = root_of(site_of(some))
    assert parse_root(emit_root(root)) == root


def test_root_comes_last_and_every_file_has_the_name_of_its_bytes():
    *others, last = emit_index(many(700), registry_id=REGISTRY_ID)
    assert last.path == ROOT_PATH
    for file in others:
        sha256 = hashlib.sha256(file.content).hexdigest()
        assert file.path == f"cm-index/v1/b/{sha256[:2]}/{sha256}.gz"


def test_every_name_and_uid_of_a_larger_index_is_found_in_its_tree():
    some = many(1500)
    site = site_of(some)
    root = root_of(site)
    assert root.records.bits == 5
    assert root.records.node_bits == 2
    for one in some[::50]:
        assert found_in_tree(site, one.name) == (one,)
        assert one.name in names_of_uid(site, one.uid)
    assert found_in_tree(site, "script:nobody") == ()


def names_of_uid(site: dict[str, bytes], uid: str) -> tuple[str, ...]:
    tree = root_of(site).uids
    number = leaf_of(uid, tree)
    node = tree.nodes[tree.node_of(number)]
    assert node is not None
    leaf = parse_node(site[blob_path(node.sha256)], tree, "node")[number % tree.leaves_a_node]
    assert leaf is not None
    found = parse_uid_leaf(site[blob_path(leaf.sha256)], tree, number, "leaf")
    return next(one.names for one in found if one.uid == uid)


def test_one_change_rewrites_one_leaf_one_node_the_delta_and_the_root():
    some = many(3000)
    before = site_of(some)
    root = root_of(before)
    assert root.terms is not None
    old = Before(root=root, read=before.__getitem__)
    after = site_of([replace(some[0], description="changed"), *some[1:]], previous=root, before=old)
    assert len([path for path, content in after.items() if before.get(path) != content]) == 4
    assert root_of(after).terms == root.terms
    assert root_of(after).delta is not None


def test_a_new_revision_rewrites_one_leaf_one_node_and_the_root():
    some = many(3000)
    before = site_of(some)
    root = root_of(before)
    old = Before(root=root, read=before.__getitem__)
    changed = replace(some[0], versions=(*some[0].versions, version(2, content="new")))
    after = site_of([changed, *some[1:]], previous=root, before=old)
    assert len([path for path, content in after.items() if before.get(path) != content]) == 3
    assert root_of(after).delta is None


def test_all_is_there_as_long_as_it_has_at_most_256_kb():
    small, large = site_of(many(900)), site_of(many(3000))
    (part,) = root_of(small).all
    assert part.size_bytes <= MAX_ALL_PART_BYTES
    assert (root_of(small).terms, root_of(small).delta) == (None, None)
    assert root_of(large).all == ()
    assert root_of(large).terms is not None
    for site, count in ((small, 900), (large, 3000)):
        found = read_index(site.__getitem__).records
        assert sorted(one.key for one in found) == sorted(one.key for one in many(count))


def test_an_empty_index_is_an_index():
    site = site_of([])
    assert list(site) == [ROOT_PATH]
    assert read_index(site.__getitem__).records == ()
    assert found_in_tree(site, "script:any") == ()


def test_records_are_written_as_the_specification_says():
    one = record(description="é", versions=(version(), version(2, content="b", url="", yanked="leaked")))
    assert emit_record(one).decode() == (
        '{"alias":"detect-os","automation":"script","automation_uid":"5b4e0237da074764","description":"é",'
        '"folder":"detect-os","format":"cm","repository":"team","tags":["detect","detect-os"],'
        f'"uid":"{digest("detect-os")[:16]}","versions":[{{"archive_sha256":"{digest("archive content")}",'
        f'"revision":1,"size_bytes":7,"tar_sha256":"{digest("tar content")}"}},'
        f'{{"archive_sha256":"{digest("archive b")}","revision":2,"size_bytes":1,'
        f'"tar_sha256":"{digest("tar b")}","url":"","yanked":"leaked"}}]}}'
    )


def test_the_example_of_the_specification():
    tree_bits, nodes = 7, node_bits(7)
    assert nodes == 3
    number = leaf_number(bytes.fromhex(digest("script:detect-os")), tree_bits)
    assert (digest("script:detect-os")[:8], number, number >> 4, number % 16) == ("dc70e6b4", 110, 6, 14)


def test_root_has_the_keys_of_the_specification():
    document = json.loads(site_of(many(3), created_s=1700000000, bases=("https://mirror.example.org/",))[ROOT_PATH])
    nodes = {name: document[name].pop("nodes") for name in ("records", "uids")}
    assert [len(files["sizes"]) for files in nodes.values()] == [1, 1]
    (part,) = document.pop("all")
    assert document == {
        "schema": "cm-index/1",
        "registry_id": REGISTRY_ID,
        "gen": 1,
        "prev": None,
        "created": 1700000000,
        "expires": None,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "count": 3,
        "bases": ["https://mirror.example.org/"],
        "records": {"bits": 0, "node_bits": 0},
        "uids": {"bits": 0, "node_bits": 0},
        "terms": None,
        "delta": None,
    }
    assert len(part[0]) == 64


def test_generations():
    preview = root_of(site_of([record()], first=False))
    assert (preview.gen, preview.prev, preview.is_preview) == (0, None, True)
    first_site = site_of([record()], created_s=5)
    first = root_of(first_site)
    assert (first.gen, first.prev) == (1, None)
    # Another clock or commit without another content is no generation: the very bytes come again.
    assert site_of([record()], previous=first, created_s=9)[ROOT_PATH] == first_site[ROOT_PATH]
    second = root_of(site_of([record(), record("other")], previous=first, created_s=9))
    assert (second.gen, second.prev, second.created_s) == (2, first.sha256, 9)


def test_another_registry_is_not_continued():
    foreign = replace(root_of(site_of([record()])), registry_id="f" * 32)
    with pytest.raises(IntegrityError, match=r"previous index belongs to registry f{32}.*--previous"):
        emit_index([record()], registry_id=REGISTRY_ID, previous=foreign)


def test_a_registry_id_that_is_none_is_refused():
    with pytest.raises(ConfigurationError, match=r"registry_id is 'x', expected 32"):
        emit_index([], registry_id="x")


@pytest.mark.parametrize("count", [0, 1, 59, 60, 61, 10_000, 1_000_000])
def test_leaves_hold_at_most_60_records_on_average(count: int):
    bits = record_bits(count)
    assert count <= 60 << bits
    assert bits == 0 or count > 60 << (bits - 1)


def test_what_utf8_cannot_hold_and_long_descriptions_are_mended():
    odd = record("odd", tags=("\ud800x",), description="line\none " + "x" * 100)
    (read,) = read_index(site_of([odd]).__getitem__).records
    assert read.tags == ("\ufffdx",)
    assert read.description.startswith("line one xxx")
    assert len(read.description) == 80


@given(st.binary(max_size=2000))
def test_packing_is_gzip_and_without_time_or_system(data: bytes):
    packed = pack(data)
    assert gzip.decompress(packed) == data
    assert unpack(packed, where="here") == data
    assert packed[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def test_licences_travel_as_they_are():
    files = (("LICENSE", "Ää".encode()), ("NOTICE.latin1", b"\xe4\xff"), ("sub/COPYING", b""))
    sha256, file = emit_licenses(reversed(files))
    assert file.path == blob_path(sha256)
    assert parse_licenses(file.content, "licences") == files


def test_revisions_are_counted_when_content_changes():
    one = revise((), tar_sha256="a" * 64, archive_sha256="b" * 64, size_bytes=3, label="1.0", time_s=7)
    assert [(v.revision, v.label, v.time_s) for v in one] == [(1, "1.0", 7)]
    # The same content packed by another zlib: the published bytes stay.
    assert revise(one, tar_sha256="a" * 64, archive_sha256="c" * 64, size_bytes=4) == one
    two = revise(one, tar_sha256="d" * 64, archive_sha256="e" * 64, size_bytes=5)
    assert [v.revision for v in two] == [1, 2]
    assert two[0] == one[0]
    back = revise(two, tar_sha256="a" * 64, archive_sha256="f" * 64, size_bytes=6)
    assert (back[-1].revision, back[-1].archive_sha256, back[-1].size_bytes) == (3, "b" * 64, 3)


def test_vanished_artifacts_stay_as_removed():
    old = [record("stays"), record("goes"), record("bad", status=Status.QUARANTINED)]
    merged = {one.alias: one for one in carry_over([record("stays"), record("new")], old)}
    assert {alias: one.status for alias, one in merged.items()} == {
        "stays": Status.ACTIVE,
        "goes": Status.REMOVED,
        "bad": Status.REMOVED,
        "new": Status.ACTIVE,
    }
    assert merged["goes"].versions == old[1].versions


@pytest.mark.parametrize("status", [Status.DEPRECATED, Status.QUARANTINED])
def test_what_the_publisher_decided_is_no_business_of_the_previous_index(status: Status):
    (kept,) = carry_over([record(tags=("new",))], [record(status=status, reason="bad", successor="script:x")])
    assert (kept.status, kept.tags) == (Status.ACTIVE, ("new",))
    (gone,) = carry_over([], [record(status=status, reason="bad", successor="script:x")])
    assert (gone.status, gone.reason, gone.successor) == (Status.REMOVED, "", "")


def test_a_redirect_without_versions_is_not_carried_over():
    bare = record("old", status=Status.MOVED, moved="team/script:new", versions=())
    published = record("older", status=Status.MOVED, moved="team/script:new")
    (kept,) = carry_over([], [bare, published])
    assert (kept.alias, kept.status, kept.moved) == ("older", Status.REMOVED, "")


def test_an_artifact_that_comes_back_is_active_again():
    (back,) = carry_over([record()], [record(status=Status.REMOVED)])
    assert back.status is Status.ACTIVE


@given(record_lists, record_lists)
def test_carrying_over_loses_no_record(current: list[Record], previous: list[Record]):
    merged = carry_over(current, previous)
    kept = [one for one in previous if not is_redirect(one)]
    assert {one.key for one in merged} == {one.key for one in [*current, *kept]}
    assert list(merged) == sorted(merged, key=lambda one: one.key)
