"""CM, CK, MLC and several repositories in one tree → artifacts that lose nothing."""

import json

from cmsite.formats.layout import StrayMeta, TreeLayout, find_repository_folders
from cmsite.formats.reading import read_artifact, read_descriptor
from cmsite.model.dependency import Dependency
from cmsite.model.names import NamePair
from cmsite.model.repository import Format
from tests.memory_tree import CMR, MemoryTree, script


def read(files):
    """Return {(repository key, automation, folder): artifact} of a tree in memory, and the stray metas."""
    tree = MemoryTree(files)
    repositories = tuple(
        read_descriptor(folder, tree.read, source=0, provenance=tree.provenance)[0]
        for folder in find_repository_folders(tree.entries)
    )
    layout = TreeLayout(tree.entries, repositories)
    artifacts = {}
    stray: list[StrayMeta] = []
    for repository in repositories:
        folders, lost = layout.artifact_folders(repository)
        stray.extend(lost)
        for folder in folders:
            artifact = read_artifact(folder, tree.read).artifact
            artifacts[folder.repository.key, folder.automation, folder.folder] = artifact
    return artifacts, stray


def test_cm_artifacts_lie_two_levels_below_the_prefix():
    artifacts, stray = read(
        {
            "cmr.yaml": CMR + "prefix: repo\n",
            "repo/script/a/_cm.yaml": script("a", "a" * 16),
            "repo/script/a/src/main.c": "int main;",
            "repo/script/a/template/_cm.yaml": script("t", "b" * 16),
            "repo/script/nothing/run.sh": "",
            "script/outside/_cm.yaml": script("outside", "c" * 16),
            "repo/readme/x/y.md": "",
        }
    )
    assert list(artifacts) == [("team", "script", "a")]
    artifact = artifacts["team", "script", "a"]
    assert [file.path for file in artifact.files] == ["_cm.yaml", "src/main.c", "template/_cm.yaml"]
    assert [(meta.reason, meta.path) for meta in stray] == [
        ("deep", "repo/script/a/template/_cm.yaml"),
        ("missing", "repo/script/nothing"),
    ]


def test_json_replaces_whole_top_level_keys_of_yaml():
    artifacts, _ = read(
        {
            "cmr.yaml": CMR,
            "script/a/_cm.yaml": script("a", "a" * 16, rest="env: {A: 1, B: 2}\ncategory: Old\n"),
            "script/a/_cm.json": json.dumps({"env": {"A": 3}}),
        }
    )
    artifact = artifacts["team", "script", "a"]
    assert artifact.extra == {"env": {"A": 3}, "category": "Old"}
    assert artifact.meta_files == ("script/a/_cm.yaml", "script/a/_cm.json")


def test_unknown_keys_and_their_spelling_are_kept():
    artifacts, _ = read({"cmr.yaml": CMR, "script/a/_cm.yaml": script("a", "A" * 16, rest="zzz: {deep: [1.10]}\n")})
    artifact = artifacts["team", "script", "a"]
    assert artifact.extra["zzz"]["deep"][0].literal == "1.10"
    assert artifact.uid == "a" * 16


def test_mlc_has_its_targets_and_a_pulled_twin_is_one_artifact():
    files = {"meta.yaml": CMR, "script/a/meta.yaml": script("a", "a" * 16), "docs/b/meta.yaml": script("b", "b" * 16)}
    artifacts, _ = read(files)
    assert {key: artifact.format for key, artifact in artifacts.items()} == {("team", "script", "a"): Format.MLC}
    twins, _ = read({**files, "cmr.yaml": CMR, "script/a/_cm.yaml": script("a", "a" * 16)})
    assert {key: artifact.format for key, artifact in twins.items()} == {("team", "script", "a"): Format.CM}


def test_ck_takes_uid_and_module_from_info():
    artifacts, _ = read(
        {
            ".ckr.json": json.dumps(
                {"data_alias": "old", "data_uid": "1" * 16, "dict": {"url": "https://example.org"}}
            ),
            "soft/lib.a/.cm/meta.json": json.dumps({"tags": ["lib"], "customize": {"x": 1}}),
            "soft/lib.a/.cm/info.json": json.dumps(
                {
                    "backup_data_uid": "A" * 16,
                    "backup_module_uid": "5" * 16,
                    "backup_module_uoa": "soft",
                    "data_name": "Library A",
                }
            ),
            "soft/lib.a/customize.py": "",
            "soft/.cm/alias-a-lib.a": "aaaaaaaaaaaaaaaa",
        }
    )
    artifact = artifacts["old", "soft", "lib.a"]
    assert (artifact.format, artifact.uid, artifact.automation_uid, artifact.name) == (
        Format.CK,
        "a" * 16,
        "5" * 16,
        "Library A",
    )
    assert artifact.extra == {"customize": {"x": 1}, "tags": ["lib"], "info": {"data_name": "Library A"}}


def test_each_file_belongs_to_the_innermost_of_nested_repositories():
    artifacts, _ = read(
        {
            "cmr.yaml": CMR,
            "script/a/_cm.yaml": script("a", "a" * 16),
            "script/a/inner/cmr.yaml": CMR.replace("team", "inner"),
            "script/a/inner/script/b/_cm.yaml": script("b", "b" * 16),
        }
    )
    assert list(artifacts) == [("team", "script", "a"), ("inner", "script", "b")]
    assert [file.path for file in artifacts["team", "script", "a"].files] == ["_cm.yaml"]


def test_dependencies_are_read_wherever_the_clients_read_them():
    rest = """
deps:
- tags: get,python3,-old,_full
  names: [python]
  enable_if_env: {A: ['yes', 'on']}
docker: {deps: [{tags: get,docker}]}
variations:
  a: {prehook_deps: [{tags: x, update_tags_from_env: [B]}], docker: {deps: [{tags: y}]}}
  b:
versions: {'1.0': {deps: [{tags: z}]}}
post_deps: [{names: [only]}]
"""
    artifacts, _ = read({"cmr.yaml": CMR, "script/a/_cm.yaml": script("a", "a" * 16, rest=rest)})
    found = artifacts["team", "script", "a"].dependencies
    assert found[0] == Dependency(
        kind="deps",
        pointer="/deps/0/tags",
        tags=("get", "python3"),
        excluded=("old",),
        variations=("full",),
        condition="if A is yes or on",
    )
    assert [(item.within, item.pointer, item.dynamic) for item in found[1:]] == [
        ("docker", "/docker/deps/0/tags", False),
        ("variation a", "/variations/a/prehook_deps/0/tags", True),
        ("variation a, docker", "/variations/a/docker/deps/0/tags", False),
        ("version 1.0", "/versions/1.0/deps/0/tags", False),
    ]
    assert found[0].target == NamePair()


def test_a_meta_that_cannot_be_read_gives_no_artifact_and_says_why():
    tree = MemoryTree({"cmr.yaml": CMR, "script/a/_cm.yaml": "a: [", "script/b/_cm.yaml": "- 1\n"})
    repository, _ = read_descriptor(
        find_repository_folders(tree.entries)[0], tree.read, source=0, provenance=tree.provenance
    )
    folders, _ = TreeLayout(tree.entries, (repository,)).artifact_folders(repository)
    readings = [read_artifact(folder, tree.read) for folder in folders]
    assert [reading.artifact for reading in readings] == [None, None]
    assert [reading.documents[0].problems[0].code for reading in readings] == ["CM002", "CM010"]
