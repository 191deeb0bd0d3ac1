"""Names and uids taken twice, in one repository and in several; challenges, contributors and what they name."""

import itertools
import time
import unicodedata

import pytest

from cmsite.catalog.dependencies import DependencyResolver
from cmsite.parallel import collector_off
from cmsite.pipeline.ingest import OpenedSource
from cmsite.pipeline.validate import validate_sources
from cmsite.validation.identities import folded
from cmsite.validation.references import check_references
from tests.memory_tree import CMR, MemoryTree, script
from tests.test_validation import SPEC, findings

A, B, C = "a" * 16, "b" * 16, "c" * 16
UIDS = {"data": "84d8ef6914bf4d78", "challenge": "3d84abd768f34e08", "contributor": "68eae17b590d4f8f", "experiment": "a0a2d123ef064bcb"}  # fmt: skip


def artifact(automation, alias, uid, rest="", tags="x"):
    return f"alias: {alias}\nuid: '{uid}'\nautomation_alias: {automation}\nautomation_uid: {UIDS[automation]}\ntags: [{tags}]\n{rest}"


def in_repositories(*repositories):
    """Return the findings over several repositories of one registry."""
    sources = tuple(OpenedSource(spec=SPEC, tree=MemoryTree(files)) for files in repositories)
    return validate_sources(sources, jobs=1).findings


def of(code, found):
    return [(item.path, item.place.line if item.place else None) for item in found if item.code == code]


def cmr(alias, uid):
    return f"alias: {alias}\nuid: '{uid}'\n"


def test_a_uid_in_two_automations_is_a_note_at_both_and_no_duplicate():
    files = {"cmr.yaml": CMR, "script/a/_cm.yaml": script("a", A), "data/b/_cm.yaml": artifact("data", "b", A)}
    found = findings(files)
    assert of("CM324", found) == [("data/b/_cm.yaml", 2), ("script/a/_cm.yaml", 2)]
    assert of("CM104", found) == []


def test_a_message_about_many_duplicates_stays_short():
    files = {"cmr.yaml": CMR} | {f"script/s{number:04}/_cm.yaml": script(f"s{number:04}", A) for number in range(300)}
    found = [item for item in findings(files) if item.code == "CM104"]
    assert len(found) == 300
    assert max(len(item.message) for item in found) < 200
    assert found[0].message.endswith("script/s0005 and 294 more")


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("get-CUDA", "get-cuda", True),
        ("Jos\u00e9", "Jose\u0301", True),
        ("STRA\u00dfE", "strasse", True),
        ("get-cuda", "get-cuda-2", False),
        ("\u0130x", "ix", False),
    ],
)
def test_folders_that_some_file_systems_take_for_one(one, other, collide):
    files = {"cmr.yaml": CMR, f"script/{one}/_cm.yaml": script(one, A), f"script/{other}/_cm.yaml": script(other, B)}
    assert len(of("CM327", findings(files))) == (2 if collide else 0)


def test_folding_is_what_composition_and_case_leave():
    for letters in itertools.product("aA\u00e9\u00c9\u0301s\u00df", repeat=3):
        text = "".join(letters)
        assert folded(text) == folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))
        assert folded(text) == folded(text.swapcase().swapcase())


def test_aliases_that_cm_takes_for_one_are_found_where_the_folders_differ():
    files = {
        "cmr.yaml": CMR,
        "script/one/_cm.yaml": script("Tool", A),
        "script/two/_cm.yaml": script("tool", B),
        "data/three/_cm.yaml": artifact("data", "TOOL", C),
    }
    found = findings(files)
    assert of("CM327", found) == [("script/one/_cm.yaml", 1), ("script/two/_cm.yaml", 1)]
    assert "`cm` compares aliases without regard to case" in next(item.hint for item in found if item.code == "CM327")


def test_another_name_in_another_repository_is_a_note_at_the_later_one():
    one = {
        "cmr.yaml": cmr("one", "1" * 16),
        "script/old/_cm.yaml": script("old", A),
        "script/b/_cm.yaml": script("b", B),
    }
    two = {
        "cmr.yaml": cmr("two", "2" * 16),
        "script/new/_cm.yaml": script("new", A),
        "script/b/_cm.yaml": script("b", B),
    }
    (found,) = [item for item in in_repositories(one, two) if item.code == "CM325"]
    assert (found.repository, found.path, found.place.line, found.severity.word) == (
        "two",
        "script/new/_cm.yaml",
        1,
        "note",
    )
    assert found.message == f"uid {A} is called 'old' in repository 'one'"


def test_the_same_duplicates_in_two_repositories_are_no_other_names():
    files = {"script/x/_cm.yaml": script("x", A), "script/y/_cm.yaml": script("y", A)}
    found = in_repositories({"cmr.yaml": cmr("one", "1" * 16), **files}, {"cmr.yaml": cmr("two", "2" * 16), **files})
    assert of("CM325", found) == []


def test_a_renamed_repository_keeps_its_uid_and_is_reported_at_it():
    one = {"cmr.yaml": cmr("team@cm", "1" * 16), "script/a/_cm.yaml": script("a", A)}
    two = {"cmr.yaml": cmr("team@scripts", "1" * 16), "script/b/_cm.yaml": script("b", B)}
    (found,) = in_repositories(one, two)
    assert (found.code, found.repository, found.path, found.place.line) == ("CM326", "team@scripts", "cmr.yaml", 2)
    assert of("CM326", in_repositories(one, one)) == []  # Its key is taken: that is another finding.
    assert of("CM326", in_repositories(one, {"script/b/_cm.yaml": script("b", B)})) == []


def world(**challenge):
    entries = "".join(f"{key}: {value}\n" for key, value in challenge.items())
    return {
        "cmr.yaml": CMR,
        "challenge/c/_cm.yaml": artifact("challenge", "c", A, entries, tags="ae, micro2023"),
        "experiment/e/_cm.yaml": artifact("experiment", "e", B, tags="mlperf, v4.0"),
    }


@pytest.mark.parametrize(
    ("entry", "is_there"),
    [
        ("{tags: 'mlperf,v4.0'}", True),
        ("{tags: 'mlperf, v4.0'}", True),
        ("{name: e}", True),
        (f"{{name: '{B}'}}", True),
        ("{tags: mlperf, name: nothing}", True),  # The playground looks at the tags first.
        ("{title: none}", True),
        ("x", True),  # No mapping: the rules of the shape say so.
        ("{tags: 'mlperf,v4.1'}", False),
        ("{name: f}", False),
    ],
)
def test_experiments_of_a_challenge(entry, is_there):
    found = [item for item in findings(world(experiments=f"[{entry}]")) if item.code == "CM328"]
    assert [item.severity.word for item in found] == ([] if is_there else ["note"])
    assert all(item.place.line == 6 and item.pointer.startswith("/experiments/0/") for item in found)


@pytest.mark.parametrize(
    ("entry", "is_there"),
    [("c", True), (A, True), ("ae", True), ("'ae,micro2023'", True), ("'ae,micro2024'", False), ("d", False)],
)
def test_challenges_of_a_contributor(entry, is_there):
    for key in ("challenges", "ongoing"):
        person = artifact("contributor", "p", C, f"{key}: [{entry}]\n")
        found = [item for item in findings({**world(), "contributor/p/_cm.yaml": person}) if item.code == "CM328"]
        assert [item.pointer for item in found] == ([] if is_there else [f"/{key}/0"])


def test_nothing_is_said_of_challenges_and_experiments_where_none_are_at_hand():
    files = world(experiments="[{tags: none}]")
    del files["experiment/e/_cm.yaml"]
    person = artifact("contributor", "p", C, "challenges: [none]\n")
    assert of("CM328", findings(files)) == []
    assert of("CM328", findings({"cmr.yaml": CMR, "contributor/p/_cm.yaml": person})) == []


def test_experiments_of_a_repository_that_is_named_with_count():
    files = world(experiments="[{tags: 'other,v1'}]")
    with_files = {
        "cmr.yaml": cmr("results", "9" * 16),
        "experiment/o/_cm.yaml": artifact("experiment", "o", C, tags="other, v1"),
    }
    assert of("CM328", findings(files)) == [("challenge/c/_cm.yaml", 6)]
    assert of("CM328", findings(files, with_files=with_files)) == []


def test_names_that_adr_changes_may_be_those_of_any_script_at_hand():
    user = script("a", A, "a", "adr: {x: {version: '1'}, y: {}, z-disabled: {}}\n")
    other = script("b", B, "b", "variations: {v: {deps: [{tags: a, names: [x]}]}}\n")
    files = {"cmr.yaml": CMR, "script/a/_cm.yaml": user, "script/b/_cm.yaml": other}
    assert [(item.pointer, item.place.line) for item in findings(files) if item.code == "CM322"] == [("/adr/y", 6)]
    more = {
        "cmr.yaml": cmr("more", "9" * 16),
        "script/c/_cm.yaml": script("c", C, "c", "deps: [{tags: c, names: [y], skip_if_env: {A: [b]}}]\n"),
    }
    assert of("CM322", findings(files, with_files=more)) == []
    absent = {**files, "cmr.yaml": CMR + "deps: [{alias: absent, uid: '8888888888888888'}]\n"}
    assert of("CM322", findings(absent)) == []


def test_a_value_of_adr_that_is_no_mapping_is_told_once():
    extra = "variations: {v: {adr: {CM_X: text, CM_Y: , z: {tags: _t}}}}\n"
    files = {"cmr.yaml": CMR, "script/a/_cm.yaml": script("a", A, "a", extra)}
    told = [(item.code, item.pointer) for item in findings(files) if item.code in ("CM206", "CM322")]
    below = "/variations/v/adr"
    assert told == [("CM206", f"{below}/CM_X"), ("CM206", f"{below}/CM_Y"), ("CM322", f"{below}/z")]


def test_ten_times_the_artifacts_with_one_uid_take_about_ten_times_as_long():
    def seconds(length):
        files = {"cmr.yaml": CMR} | {
            f"script/S{number:05}/_cm.yaml": script(f"s{number:05}", A) for number in range(length)
        }
        catalog = validate_sources((OpenedSource(spec=SPEC, tree=MemoryTree(files)),), jobs=1).catalog
        resolver = DependencyResolver(catalog.artifacts.values(), catalog.repositories, ())
        with collector_off():
            start = time.process_time()
            assert sum(1 for _ in check_references(catalog, resolver)) == 2 * length
            return time.process_time() - start

    assert seconds(4_000) < 30 * max(seconds(400), seconds(400))  # 100 times, were it quadratic.


def test_nothing_is_said_of_challenges_where_a_repository_that_is_built_on_is_absent():
    files = world(experiments="[{tags: none}]")
    files["cmr.yaml"] = CMR + "deps: [{alias: absent, uid: '8888888888888888'}]\n"
    assert of("CM328", findings(files)) == []
