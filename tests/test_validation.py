"""Rules over metas in memory: each finding with its code, place and words; and what must not be found."""

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.declared import IgnoreSpec, RulesSpec
from cmsite.errors import ConfigurationError
from cmsite.model.tree import RefusedEntry
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.ingest import OpenedSource
from cmsite.pipeline.validate import validate_paths, validate_sources
from cmsite.settings import Settings, SourceSpec
from cmsite.validation.rules import bundled_rules, parse_rule
from tests.memory_tree import CMR, MemoryTree, script

SPEC = SourceSpec(kind="folder", location="memory")
UID = "0123456789abcdef"


def findings(files, *, with_files=None, **options):
    sources = [OpenedSource(spec=SPEC, tree=MemoryTree(files) if isinstance(files, dict) else files)]
    if with_files is not None:
        sources.append(OpenedSource(spec=SPEC, tree=MemoryTree(with_files), required=True))
    return validate_sources(tuple(sources), jobs=1, **options).findings


def one(files, code, **options):
    """Return the only finding with this code; fails where there is none or several."""
    found = [item for item in findings(files, **options) if item.code == code]
    assert len(found) == 1, [(item.code, item.message) for item in findings(files, **options)]
    return found[0]


def ignoring(ignore):
    return Settings(path=Path("registry.yml"), title="T", registry_id="0" * 32, rules=RulesSpec(ignores=(ignore,)))


def repository(**artifacts):
    return {"cmr.yaml": CMR, **{f"script/{name}/_cm.yaml": text for name, text in artifacts.items()}}


def test_a_clean_repository_has_no_findings():
    assert findings(repository(a=script("a", UID), b=script("b", "f" * 16, "use", "deps: [{tags: get}]\n"))) == ()


CASES = {
    "CM002": (repository(a="a: [\n"), "script/a/_cm.yaml", 2, "is not YAML"),
    "CM004": (
        repository(a=script("a", UID, rest="env: {}\nenv: {}\n")),
        "script/a/_cm.yaml",
        7,
        "key 'env' stands twice, first in line 6",
    ),
    "CM005": (repository(a=b"\xff\xfea"), "script/a/_cm.yaml", 1, "is not text in UTF-8"),
    "CM006": (repository(a=""), "script/a/_cm.yaml", 1, "is empty"),
    "CM010": (repository(a="- a\n"), "script/a/_cm.yaml", 1, "must be a mapping"),
    "CM101": (repository(a=script("a", UID).replace(f"uid: '{UID}'\n", "", 1)), "script/a/_cm.yaml", 1, "has no uid"),
    "CM102": (repository(a=script("a", "abc")), "script/a/_cm.yaml", 2, "does not have 16 hexadecimal digits"),
    "CM103": (repository(a=script("b", UID)), "script/a/_cm.yaml", 1, "alias 'b' differs from the folder 'a'"),
    "CM106": (
        repository(a=script("a", UID).replace(f"'{UID}'", "6152538690744623")),
        "script/a/_cm.yaml",
        2,
        "uid 6152538690744623 is a number",
    ),
    "CM107": (
        repository(a=script("a", UID).replace("5b4e0237da074764", "a0a2d123ef064bcb")),
        "script/a/_cm.yaml",
        4,
        "belongs to 'experiment', not to 'script'",
    ),
    "CM109": (
        {"cmr.yaml": "alias: team\n", "script/a/_cm.yaml": script("a", UID)},
        "cmr.yaml",
        1,
        "lacks the key `uid`",
    ),
    "CM201": (
        repository(a=script("a", UID, rest="deps: {tags: x}\n")),
        "script/a/_cm.yaml",
        6,
        "`deps` must be a list, got a mapping of 1 keys",
    ),
    "CM202": (
        repository(a=f"uid: '{UID}'\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\n"),
        "script/a/_cm.yaml",
        1,
        "lacks the key `alias`",
    ),
    "CM210": (
        repository(a=script("a", UID, rest="variations:\n  x:\n    default-variations: {}\n")),
        "script/a/_cm.yaml",
        8,
        "did you mean 'default_variations'?",
    ),
    "CM211": (
        repository(a=script("a", UID, rest="my_own_thing: 1\n")),
        "script/a/_cm.yaml",
        6,
        "unknown key 'my_own_thing'",
    ),
    "CM212": (
        repository(a=script("a", UID, rest="deps: [{tags: get, version1: 2}]\n")),
        "script/a/_cm.yaml",
        6,
        "key 'version1' is not read; 'version' would be",
    ),
    "CM213": (repository(a=script("a", UID, tags="get, get")), "script/a/_cm.yaml", 5, "tag 'get' stands twice"),
    "CM214": (
        {
            "cmr.yaml": CMR,
            "paper/p/_cm.yaml": f"alias: p\nuid: '{UID}'\nautomation_alias: paper\nautomation_uid: 9911c86491d84b7e\ntags: [a]\n"
            "paper: {title: T, authors: [{name: A}], reference: 'https://example.org/p', venue: V, year: 2000}\n"
            "metrics: [{id: m, name: M, unit: s, lower_is_better: true, frobnicate: 1}]\nclaims: []\n",
        },
        "paper/p/_cm.yaml",
        7,
        "key 'frobnicate' is not allowed here",
    ),
    "CM301": (
        repository(a=script("a", UID, rest="deps:\n- tags: nothing,here\n")),
        "script/a/_cm.yaml",
        7,
        "no script has the tags 'nothing,here'",
    ),
    "CM302": (
        repository(a=script("a", UID, rest="deps: [{tags: 'get,_x'}]\n")),
        "script/a/_cm.yaml",
        6,
        "a has no variation _x",
    ),
    "CM303": (
        repository(
            a=script("a", UID), b=script("b", "e" * 16), c=script("c", "f" * 16, "use", "deps: [{tags: get}]\n")
        ),
        "script/c/_cm.yaml",
        6,
        "means any of a, b",
    ),
    "CM305": (
        repository(a=script("a", UID, rest="_base: 'script::nope'\n")),
        "script/a/_cm.yaml",
        6,
        "base 'script::nope' names no artifact",
    ),
    "CM402": (
        {**repository(a=script("a", UID)), "script/a/README.md": b"# A\nna\xefve"},
        "script/a/README.md",
        2,
        "byte 0xef is not UTF-8",
    ),
    "CM406": ({**repository(a=script("a", UID)), "script/b/run.sh": ""}, "script/b", None, "without a meta"),
    "CM407": (
        {**repository(a=script("a", UID)), "script/a/t/_cm.yaml": "x: 1"},
        "script/a/t/_cm.yaml",
        None,
        "two levels below",
    ),
    "CM409": ({"cmr.yaml": CMR}, "", None, "holds no artifact"),
}


@pytest.mark.parametrize("code", CASES)
def test_each_defect_is_found_at_its_place(code):
    files, path, line, message = CASES[code]
    found = one(files, code)
    assert (found.path, found.place.line if found.place else None) == (path, line)
    assert message in found.message


def test_a_duplicate_uid_names_the_other_artifact_in_both():
    files = repository(a=script("a", UID), b=script("b", UID))
    found = [(item.path, item.place.line, item.message) for item in findings(files) if item.code == "CM104"]
    assert found == [
        ("script/a/_cm.yaml", 2, f"uid {UID} is also that of script/b"),
        ("script/b/_cm.yaml", 2, f"uid {UID} is also that of script/a"),
    ]


def test_a_folder_of_links_to_artifacts_needs_no_meta(tmp_path):
    for path, text in repository(a=script("a", UID)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    linked = tmp_path / "script" / "by-category" / "tools"
    linked.mkdir(parents=True)
    (linked / "a").symlink_to("../../a")
    (linked.parent / "README.md").write_text("# Scripts by category\n")
    assert [item.code for item in validate_paths([tmp_path], ()).findings] == []
    (linked.parent / "run.sh").write_text("echo run\n")
    assert [(item.code, item.path) for item in validate_paths([tmp_path], ()).findings] == [
        ("CM406", "script/by-category")
    ]


def test_capital_letters_are_no_finding_beside_the_same_tag_in_lower_case():
    found = [
        [item.pointer for item in findings(repository(a=f"{script('a', UID)}tags: {tags}\n")) if item.code == "CM208"]
        for tags in ("[g10, G10]", "[G10, g10]", "[G10, G11, g10]")
    ]
    assert found == [[], [], ["/tags/1"]]


def test_a_duplicate_alias_is_found_even_where_folders_differ():
    found = [
        item.message
        for item in findings(repository(a=script("x", UID), b=script("x", "f" * 16)))
        if item.code == "CM105"
    ]
    assert found == ["alias 'x' is also that of script/b", "alias 'x' is also that of script/a"]


def test_copies_in_several_repositories_are_no_duplicates():
    files = {
        "one/cmr.yaml": CMR,
        "one/script/a/_cm.yaml": script("a", UID),
        "two/cmr.yaml": CMR,
        "two/script/a/_cm.yaml": script("a", UID),
    }
    found = findings(files)
    assert [(item.code, item.repository) for item in found] == [("CM108", "team-2")]


def test_dependencies_resolve_in_required_repositories_too():
    mine = repository(a=script("a", UID, rest="deps: [{tags: base}]\n"))
    base = {"cmr.yaml": CMR.replace("team", "base"), "script/b/_cm.yaml": script("b", "f" * 16, "base")}
    assert one(mine, "CM301").severity.word == "warning"
    assert findings(mine, with_files=base) == ()


def test_a_declared_but_absent_repository_makes_it_a_note():
    files = repository(a=script("a", UID, rest="deps: [{tags: base}]\n"))
    files["cmr.yaml"] = CMR + "deps: [{alias: base, uid: '9999999999999999'}]\n"
    found = one(files, "CM304")
    assert found.severity.word == "note"
    assert [item.code for item in findings(files)] == ["CM304"]


def test_a_conflicting_repository_is_not_needed():
    files = repository(a=script("a", UID, rest="deps: [{tags: base}]\n"))
    files["cmr.yaml"] = CMR + "deps: [{alias: old, uid: '9999999999999999', conflict: true}]\n"
    assert one(files, "CM301")


def test_dependencies_never_cross_cm_and_mlc():
    files = {
        "cm/cmr.yaml": CMR,
        "cm/script/a/_cm.yaml": script("a", UID, rest="deps: [{tags: mlc-only}]\n"),
        "mlc/meta.yaml": CMR.replace("team", "mlc"),
        "mlc/script/b/meta.yaml": script("b", "f" * 16, "mlc-only"),
    }
    files["cm/cmr.yaml"] = CMR + "deps: [{alias: mlc}]\n"
    assert one(files, "CM301")


def test_variations_with_a_wildcard_and_of_a_base_are_known():
    files = repository(
        base=script("base", "b" * 16, "base", "variations: {'path.#': {}, fast: {}}\n"),
        child=script("child", "c" * 16, "child", "_base: 'script::base'\n"),
        user=script("user", "d" * 16, "user", "deps: [{tags: 'child,_fast,_path./x'}]\n"),
    )
    assert findings(files) == ()


def test_an_empty_alias_is_legal_in_a_folder_named_by_the_uid():
    files = {"cmr.yaml": CMR, f"script/{UID}/_cm.yaml": script("''", UID)}
    assert findings(files) == ()


def test_refused_names_of_a_source_become_findings():
    tree = MemoryTree(
        repository(a=script("a", UID)), refused=(RefusedEntry(path="link", code="CM403", message="leads out"),)
    )
    assert [(item.code, item.path, item.repository) for item in findings(tree)] == [("CM403", "link", "team")]


@pytest.mark.parametrize(
    "text",
    [
        "default_version: 2020-01-01",
        "name: 2020-01-01",
        "new_env_keys: [2020-01-01, 1.10, .nan]",
        "category: !!binary aGk=",
    ],
)
def test_values_that_only_yaml_knows_stop_nothing(text):
    assert {item.code for item in findings(repository(a=script("a", UID, rest=text + "\n")))} <= {"CM201"}


def test_two_folders_that_name_one_automation_are_an_error_and_the_first_stays():
    files = {**repository(x=script("x", UID)), "script2/x/_cm.yaml": script("x", "f" * 16)}
    found = one(files, "CM105")
    assert (found.path, found.message) == ("script2/x/_cm.yaml", "script:x is also script/x; this one is left out")


def test_names_that_no_client_could_write_are_reported():
    names = ("aux.c", "A.TXT", "a.txt", "x:y", ".git/hooks/post-checkout")
    files = {**repository(a=script("a", UID)), **{f"script/a/{name}": "" for name in names}}
    found = [(item.code, item.path.removeprefix("script/a/")) for item in findings(files)]
    assert found == [("CM405", ".git/hooks/post-checkout"), ("CM405", "a.txt"), ("CM405", "aux.c"), ("CM405", "x:y")]


def test_a_bad_artifact_never_stops_the_others():
    result = validate_sources(
        (OpenedSource(spec=SPEC, tree=MemoryTree(repository(a="a: [", b=script("b", UID)))),), jobs=1
    )
    assert (result.artifacts, result.left_out) == (1, 1)


def test_an_ignore_counts_below_its_paths_until_its_date():
    files = repository(a=script("b", UID))
    ignore = IgnoreSpec(code="CM103", reason="kept", paths=("script/a",))
    assert findings(files, declared=ignoring(ignore)) == ()
    assert one(files, "CM103", declared=ignoring(IgnoreSpec(code="CM103", reason="kept", paths=("other/",))))
    assert one(files, "CM103", declared=ignoring(IgnoreSpec(code="CM103", reason="kept", until="2020-01-01")))


def test_numbers_of_keys_do_not_stop_the_rules():
    assert one(repository(a=script("a", UID, rest="variations: {2012: {}}\ndeps: 5\n")), "CM201").pointer == "/deps"


def test_every_rule_file_has_a_title_a_description_and_says_where_it_applies():
    for rule in bundled_rules():
        assert rule.schema["title"]
        assert rule.schema["description"]
        assert rule.formats or rule.automations or rule.files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is not YAML"),
        ("- a", "must be a mapping"),
        ("type: nonsense", "is no JSON Schema"),
        ("type: object", "needs `x-cmsite"),
    ],
)
def test_a_rule_file_that_is_none_is_named(text, message):
    with pytest.raises(ConfigurationError, match="x.yaml") as error:
        parse_rule("x.yaml", text.encode())
    assert message in str(error.value)


def test_every_code_that_metas_can_cause_is_explained():
    codes = all_codes()
    for code in CASES:
        assert codes[code].title
        assert codes[code].advice.endswith((".", ")"))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "alias",
                "uid",
                "tags",
                "deps",
                "variations",
                "versions",
                "docker",
                "_base",
                "automation_uid",
                "name",
                "zzz",
            ]
        ),
        _VALUES,
    )
)
@settings(max_examples=100, deadline=None)
def test_no_meta_raises_and_checks_change_nothing(meta):
    import json

    tree = MemoryTree({"cmr.yaml": CMR, "script/a/_cm.json": json.dumps(meta)})
    before = copy.deepcopy(tree.files)
    first = validate_sources((OpenedSource(spec=SPEC, tree=tree),), jobs=1).findings
    assert first == validate_sources((OpenedSource(spec=SPEC, tree=tree),), jobs=1).findings
    assert tree.files == before
