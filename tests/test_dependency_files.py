"""What the index says of dependencies: emitted and read again, bounded, right after every kind of build."""

import json
import shutil
from collections import Counter
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.errors import IntegrityError
from cmsite.index.dependencies import (
    MAX_ENTRIES,
    MAX_ENTRY_TARGETS,
    MAX_FILE_BYTES,
    NO_DEPENDENCIES,
    Dependencies,
    Need,
    VariationRule,
    emit_dependencies,
    parse_dependencies,
)
from cmsite.index.layout import ROOT_PATH, blob_path
from cmsite.index.lines import emit_record
from cmsite.index.packing import pack, unpack
from cmsite.index.read import read_index
from cmsite.index.root import parse_root
from cmsite.index.strict import canonical
from cmsite.model.dependency import Resolution
from tests.command_line import build_here as build
from tests.index_values import many, site_of, texts
from tests.requirements import CHECKOUT
from tests.site_kinds import corpora_site
from tests.test_build import catalogue, empty

SCHEMA = json.loads((CHECKOUT / "docs" / "dependencies.schema.json").read_text("utf-8"))
_NAMES = st.lists(texts, max_size=3).map(tuple)
needs = st.builds(
    Need,
    kind=texts,
    selection=texts,
    resolution=texts,
    targets=_NAMES,
    targets_left_out=st.integers(0, 9),
    within=texts,
    condition=texts,
)
rules = st.builds(
    VariationRule, name=texts, base=_NAMES, group=texts, is_default=st.booleans(), fills=_NAMES, alias=texts
)
files = st.builds(
    Dependencies,
    needs=st.lists(needs, max_size=4).map(tuple),
    left_out=st.integers(0, 9),
    variations=st.lists(rules, max_size=4).map(tuple),
    fills=_NAMES,
    fallback=texts,
)


def packed(document: object) -> bytes:
    return pack(canonical(document) + b"\n")


def test_the_schema_is_one_and_knows_every_key_and_limit():
    jsonschema_rs.meta.validate(SCHEMA)
    properties, parts = SCHEMA["properties"], SCHEMA["$defs"]
    _, file = emit_dependencies(
        Dependencies(
            needs=(Need("deps", "a", "found", ("team/script:a",), 1, "docker", "if A is b"),),
            left_out=1,
            variations=(VariationRule("a", ("b",), "g", is_default=True, fills=("c",), alias="d"),),
            fills=("a",),
            fallback="a",
        )
    )
    document = json.loads(unpack(file.content, where="a file"))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(document)
    assert set(document) == set(properties)
    assert set(document["dependencies"][0]) == set(parts["entry"]["properties"])
    assert set(document["variations"][0]) == set(parts["variation"]["properties"])
    assert properties["dependencies"]["maxItems"] == MAX_ENTRIES
    assert parts["entry"]["properties"]["targets"]["maxItems"] == MAX_ENTRY_TARGETS
    assert set(parts["entry"]["properties"]["resolution"]["enum"]) == {word.value for word in Resolution}


@given(files)
def test_dependencies_are_read_as_they_were_emitted(some: Dependencies):
    sha256, file = emit_dependencies(some)
    assert file.path == blob_path(sha256)
    assert parse_dependencies(file.content, "a file") == some


def test_what_is_too_long_is_cut_and_counted_before_a_reader_would_refuse_it():
    targets = ("x" * 5000, *(f"team/script:{number}" for number in range(MAX_ENTRY_TARGETS + 7)))
    large = Need("deps", "y" * 9999, "alternatives", targets, condition="\ud800")
    _, file = emit_dependencies(Dependencies(needs=(large,) * 3))
    read = parse_dependencies(file.content, "a file")
    assert (len(read.needs[0].targets), read.needs[0].targets_left_out) == (MAX_ENTRY_TARGETS, 8)
    assert read.needs[0].condition == "\ufffd"
    assert len(read.needs[0].selection) == 4096
    for need, kept in ((Need("deps", "a", "dangling"), MAX_ENTRIES), (large, 100)):
        _, file = emit_dependencies(Dependencies(needs=(need,) * (MAX_ENTRIES + 5), left_out=1))
        read = parse_dependencies(file.content, "a file")
        assert len(read.needs) >= kept
        assert len(read.needs) + read.left_out == MAX_ENTRIES + 6
        assert len(file.content) <= MAX_FILE_BYTES


_ENTRY = {"kind": "deps", "selection": "a,b", "resolution": "found"}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"schema": "cm-index-dependencies/2"}, 'schema: expected "cm-index-dependencies/1"'),
        ({"dependencies": [_ENTRY | {"targets": ["x"] * 100_000}]}, "at most 200 items, not 100000"),
        ({"dependencies": [_ENTRY] * (MAX_ENTRIES + 1)}, "at most 10000 items, not 10001"),
        ({"dependencies": [{"kind": "deps"}]}, "dependencies[0].selection: expected a string"),
        ({"dependencies": [_ENTRY | {"targets": [7]}]}, "dependencies[0].targets[0]: expected a string"),
        ({"dependencies": [_ENTRY | {"targets_left_out": -1}]}, "targets_left_out: expected an integer"),
        ({"dependencies": [_ENTRY | {"within": "x" * 5000}]}, "within: expected a string of at most 4096"),
        ({"dependencies": {"a": 1}}, "dependencies: expected a list"),
        ({"variations": [{"name": "x", "default": 1}]}, "variations[0].default: expected true or false"),
        ({"fills": ["x"] * 1001}, "fills: expected a list of at most 1000 items"),
        ([], "expected an object"),
    ],
)
def test_a_hostile_file_of_dependencies_is_refused_with_the_place(document: object, why: str):
    if isinstance(document, dict):
        document = {"schema": "cm-index-dependencies/1"} | document
    with pytest.raises(IntegrityError) as raised:
        parse_dependencies(packed(document), "b/ab/abc.gz")
    assert str(raised.value).startswith("b/ab/abc.gz: ")
    assert why in str(raised.value)


def test_case_83_damage_bombs_and_nesting_are_refused():
    bomb = pack(b'{"schema":"cm-index-dependencies/1","fallback":"' + b"x" * 17_000_000 + b'"}\n')
    deep = pack(b'{"dependencies":' * 1 + b"[" * 200_000 + b"]" * 200_000 + b"}\n")
    twice = pack(b'{"schema":"cm-index-dependencies/1","schema":"x"}\n')
    for data in (bomb, deep, twice, bomb[:-9], b"", b"<html>"):
        with pytest.raises(IntegrityError):
            parse_dependencies(data, "a file")


def test_a_record_carries_one_digest():
    one, two = many(2)
    assert b"dependencies" not in emit_record(one)
    digest = "d" * 64
    from dataclasses import replace

    assert emit_record(replace(two, dependencies=digest)).count(digest.encode()) == 1


def test_a_leaf_of_a_million_artifacts_stays_near_nine_kilobytes():
    """With one digest in six records, as in the corpora where 590 of 3,947 artifacts need something."""
    import hashlib
    from dataclasses import replace

    some = [
        replace(one, dependencies=hashlib.sha256(one.name.encode()).hexdigest() if number % 6 == 0 else "")
        for number, one in enumerate(many(61))  # A million in 2**14 leaves.
    ]
    site = site_of(some)
    (leaf,) = [content for path, content in site.items() if "/b/" in path and _is_leaf(site, path)]
    assert len(leaf) < 9_500


def _is_leaf(site: dict[str, bytes], path: str) -> bool:
    root = parse_root(site[ROOT_PATH])
    return path == blob_path(root.all[0].sha256)


META = "alias: {0}\nuid: '{1:016x}'\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\ntags: [test, {0}]\n"


def meta(alias: str, number: int, more: str = "") -> str:
    return META.format(alias, number) + more


APP = """deps:
- tags: test,python,_venv
- tags: test,nothing
  enable_if_env: {A: [b]}
variations:
  fast:
    group: speed
    default: true
    base: [quick]
    deps: [{tags: "test,fast"}]
  quick: {}
  plain: {env: {A: b}}
"""


def small(folder: Path, app: str = APP) -> Path:
    return catalogue(
        folder,
        app=meta("app", 1, app),
        python=meta("python", 2, "variations: {venv: {}}\n"),
        fast=meta("fast", 3),
    )


def dependencies_in(site: Path) -> dict[str, Dependencies]:
    index = read_index(lambda path: (site / path).read_bytes())
    return {
        record.alias: parse_dependencies((site / blob_path(record.dependencies)).read_bytes(), record.alias)
        if record.dependencies
        else NO_DEPENDENCIES
        for record in index.records
    }


def test_a_build_writes_what_each_artifact_needs(tmp_path: Path):
    assert build(small(tmp_path), tmp_path / "site").returncode == 0
    found = dependencies_in(tmp_path / "site")
    assert {name for name, of in found.items() if of != NO_DEPENDENCIES} == {"app"}
    assert found["app"].needs == (
        Need("deps", "test,python,_venv", "found", ("team/script:python",)),
        Need("deps", "test,nothing", "dangling", condition="if A is b"),
        Need("deps", "test,fast", "found", ("team/script:fast",), within="variation fast"),
    )
    assert found["app"].variations == (VariationRule("fast", ("quick",), "speed", is_default=True),)


def test_two_artifacts_of_one_name_are_told_apart_by_their_uids(tmp_path: Path):
    config = small(tmp_path)
    (tmp_path / "artifacts/script/python-2").mkdir()
    (tmp_path / "artifacts/script/python-2/_cm.yaml").write_text(
        meta("python", 9, "variations: {venv: {}}\n"), encoding="utf-8"
    )
    assert build(config, tmp_path / "site").returncode == 0
    (need, *_) = dependencies_in(tmp_path / "site")["app"].needs
    assert need.targets == (f"team/script:python,{2:016x}", f"team/script:python,{9:016x}")
    (manifest,) = (
        document
        for path in (tmp_path / "site/cm-index/v1/manifest").glob("*.json")
        if (document := json.loads(path.read_bytes()))["folder"] == "app"
    )
    assert manifest["dependencies"][0]["targets"] == list(need.targets)


def test_the_file_of_a_removed_artifact_goes_on_to_another_folder(tmp_path: Path):
    config = small(tmp_path)
    assert build(config, tmp_path / "one", "--previous", empty(tmp_path)).returncode == 0
    before = dependencies_in(tmp_path / "one")["app"]
    shutil.rmtree(tmp_path / "artifacts/script/app")
    assert build(config, tmp_path / "two", "--previous", tmp_path / "one").returncode == 0
    assert dependencies_in(tmp_path / "two")["app"] == before


def test_a_build_of_what_changed_keeps_the_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import os

    from cmsite.pipeline.memory import memory_of
    from cmsite.pipeline.refresh import refresh

    monkeypatch.setenv("CMSITE_CACHE", str(tmp_path / "cache"))
    config = small(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):  # What was written just now is not known by its time.
        os.utime(path, (1_790_000_000, 1_790_000_000))
    assert build(config, tmp_path / "site").returncode == 0
    readme = tmp_path / "artifacts/script/app/README.md"
    readme.write_text(readme.read_text("utf-8") + "\n## More\n\nText.\n", "utf-8")
    status = readme.stat()
    os.utime(readme, ns=(status.st_atime_ns, status.st_mtime_ns - 1_000_000_000))
    memory = memory_of(config, tmp_path / "site", "")
    assert memory is not None
    assert refresh(memory, tmp_path / "site") is not None
    found = dependencies_in(tmp_path / "site")["app"]
    assert len(found.needs) == 3
    shutil.copytree(tmp_path / "site", tmp_path / "whole")
    assert build(config, tmp_path / "whole", "--no-cache").returncode == 0
    assert (tmp_path / "whole" / ROOT_PATH).read_bytes() == (tmp_path / "site" / ROOT_PATH).read_bytes()
    # A changed dependency is no change of a text: everything is built.
    meta_file = tmp_path / "artifacts/script/app/_cm.yaml"
    meta_file.write_text(meta_file.read_text("utf-8").replace("test,nothing", "test,fast"), "utf-8")
    os.utime(meta_file, ns=(status.st_atime_ns, status.st_mtime_ns - 1_000_000_000))
    memory = memory_of(config, tmp_path / "site", "")
    assert memory is not None
    assert refresh(memory, tmp_path / "site") is None
    assert build(config, tmp_path / "site").returncode == 0
    assert dependencies_in(tmp_path / "site")["app"].needs[1].resolution == "found"


@pytest.mark.corpus
def test_the_corpora_publish_the_dependencies_that_the_facts_count():
    """facts/formats.md §7: what dangles, what has several matches, in cm4mlops and mlperf-automations."""
    site = corpora_site()
    counts: Counter[tuple[str, str]] = Counter()
    schema = jsonschema_rs.Draft202012Validator(SCHEMA)
    largest = 0
    for record in read_index(lambda path: (site / path).read_bytes()).records:
        if not record.dependencies:
            continue
        data = (site / blob_path(record.dependencies)).read_bytes()
        largest = max(largest, len(data))
        found = parse_dependencies(data, record.alias)
        schema.validate(json.loads(unpack(data, where=record.alias)))
        assert found.left_out == 0
        for need in found.needs:
            assert need.targets_left_out == 0
            counts[record.repository, need.resolution] += 1
    assert {
        key: count for key, count in counts.items() if key[0] in ("mlcommons@cm4mlops", "mlcommons@mlperf-automations")
    } == {
        ("mlcommons@cm4mlops", "found"): 1944,
        ("mlcommons@cm4mlops", "alternatives"): 15,
        ("mlcommons@cm4mlops", "dangling"): 7,
        ("mlcommons@cm4mlops", "unknown variation"): 1,
        ("mlcommons@mlperf-automations", "found"): 2588,
        ("mlcommons@mlperf-automations", "alternatives"): 19,
        ("mlcommons@mlperf-automations", "dangling"): 6,
        ("mlcommons@mlperf-automations", "unknown variation"): 7,
        ("mlcommons@mlperf-automations", "dynamic"): 1,
    }
    assert largest < 8_000
