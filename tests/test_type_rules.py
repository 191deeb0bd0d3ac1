"""The rules of every type of artifact: how they are written, and that they find all that `mlc` itself refuses."""

import copy
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite import documents
from cmsite.errors import ConfigurationError
from cmsite.validation.dates import is_before, is_date
from cmsite.validation.rules import bundled_rules, combined_rules, parse_rule
from cmsite.validation.shape import check_identity, check_shape
from cmsite.validation.values import check_values
from tests.requirements import corpus_folder, need

RULES = {rule.name: rule for rule in bundled_rules()}
FLEX = ("code", "compute", "dataset", "docker", "experiment", "model", "sys-tool", "task")
OTHERS = ("automation", "cache", "cfg", "challenge", "contributor", "data", "docker", "docs", "experiment", "project")
CM = (*OTHERS, "report", "script", "utils", *(f"flex.{name}" for name in FLEX))
CK = ("compiler", "dataset", "experiment", "os", "package", "person", "program", "repro.article", "soft")
CORE_KEYS = {"_base", "alias", "automation_alias", "automation_uid", "tags", "uid", "backup_data_uid"}
CORE_KEYS |= {"backup_module_uid", "backup_module_uoa", "control", "data_name"}


def rules_for(format_: str, automation: str) -> tuple[Any, ...]:
    return tuple(rule for rule in bundled_rules() if rule.applies_to(format_, automation))


def found(name: str, text: str, format_: str, automation: str) -> list[tuple[str, str]]:
    document = documents.parse(name, text.encode())
    problems = [*check_shape(document, rules_for(format_, automation)), *check_values(document, automation, format_)]
    return sorted((item.code, item.pointer) for item in problems)


@pytest.mark.parametrize("automation", CM)
def test_every_type_of_cm_has_rules_of_its_own(automation):
    assert [rule.name for rule in rules_for("cm", automation) if automation in rule.automations] == [automation]


@pytest.mark.parametrize("automation", CK)
def test_every_type_of_ck_has_rules_of_its_own(automation):
    assert [rule.name for rule in rules_for("ck", automation) if rule.automations] == [f"ck-{automation}"]


def properties(schema: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return every property that a schema describes, conditions apart."""
    listed: list[tuple[str, Any]] = []
    if isinstance(schema, dict):
        for name, child in schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ():
            listed.append((f"{path}/{name}", child))
        for key, child in schema.items():
            if key not in {"if", "then", "x-cmsite"}:
                listed.extend(properties(child, f"{path}/{key}"))
    elif isinstance(schema, list):
        for child in schema:
            listed.extend(properties(child, path))
    return listed


@pytest.mark.parametrize("name", sorted(set(RULES) - {"script_mlc"}))
def test_every_key_has_a_title_and_says_what_it_means(name):
    unclear = [
        path
        for path, schema in properties(RULES[name].schema)
        if not (schema == {} and path.rsplit("/", 1)[-1] in CORE_KEYS)
        and not ("title" in schema and "description" in schema)
    ]
    assert unclear == []


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_file_of_rules_says_where_it_comes_from(name):
    sources = RULES[name].schema["x-source"]
    for source in [sources] if isinstance(sources, str) else sources:
        assert source.startswith(("https://", "docs/"))


def test_a_code_that_a_rule_names_must_exist():
    text = "x-cmsite: {applies: {automations: [a]}}\nproperties: {b: {type: string, x-code: CM999}}\n"
    with pytest.raises(ConfigurationError, match="CM999"):
        parse_rule("own.yaml", text.encode())


@pytest.mark.parametrize(
    "definitions",
    ["a: {$ref: '#/$defs/a'}", "a: {$ref: '#/$defs/b'}, b: {$ref: '#/$defs/a', properties: {c: {$ref: '#/$defs/b'}}}"],
)
def test_definitions_that_lead_back_to_themselves_end(definitions):
    text = f"x-cmsite: {{applies: {{automations: [a]}}}}\n$defs: {{{definitions}}}\nproperties: {{b: {{$ref: '#/$defs/a'}}}}\n"
    assert parse_rule("own.yaml", text.encode()).keys.properties


def test_keys_that_a_catalogue_makes_known_are_not_taken_for_misspelt_ones():
    own = "x-cmsite: {applies: {formats: [cm], automations: [report]}}\nproperties: {titel: {type: string}}\n"
    rules = tuple(rule for rule in combined_rules([*bundled_rules(), parse_rule("own.yaml", own.encode())]))
    document = documents.parse("_cm.yaml", b"titel: Bericht\ndatee: x\n")
    chosen = tuple(rule for rule in rules if rule.applies_to("cm", "report") and rule.name == "report")
    assert [item.pointer for item in check_shape(document, chosen)] == ["/datee"]


CHALLENGE = 'title: A\ndate_open: "20240201"\n'
CASES = [
    ("cm", "challenge", CHALLENGE, []),
    ("cm", "challenge", CHALLENGE.replace("20240201", "20240231"), [("CM204", "/date_open")]),
    ("cm", "challenge", CHALLENGE.replace('"20240201"', "20240201"), [("CM201", "/date_open")]),
    ("cm", "challenge", CHALLENGE.replace("20240201", "2024"), [("CM204", "/date_open")]),
    ("cm", "challenge", CHALLENGE + 'date_close: "20240101"\n', [("CM207", "/date_close")]),
    ("cm", "challenge", CHALLENGE + "experiments: [{tag: x}]\n", [("CM210", "/experiments/0/tag")]),
    ("cm", "challenge", CHALLENGE + "url: here\n", [("CM204", "/url")]),
    ("cm", "challenge", CHALLENGE + '_date_close: "20240301"\n', [("CM212", "/_date_close")]),
    ("cm", "contributor", 'last_participation_date: "202309"\n', []),
    ("cm", "contributor", 'last_participation_date: "-"\n', []),
    ("cm", "contributor", 'last_participation_date: "202313"\n', [("CM204", "/last_participation_date")]),
    ("cm", "contributor", "points: [{desc: x}]\n", [("CM202", "/points/0")]),
    ("cm", "report", "redirect: [x]\n", [("CM201", "/redirect")]),
    ("cm", "experiment", "own_key: 1\ntitel: x\n", [("CM210", "/titel")]),
    ("cm", "flex.task", "deps: [{tag: x}]\n", [("CM210", "/deps/0/tag")]),
    ("cm", "flex.sys-tool", "desc: {match_group: one}\n", [("CM201", "/desc/match_group")]),
    ("cm", "cfg", "anything: 1\nbench_uid: x\n", [("CM204", "/bench_uid")]),
    ("cm", "script", "deps: [{tags: a, version: 3.10}]\n", [("CM218", "/deps/0/version")]),
    ("mlc", "script", "deps: [{tags: a, version: 3.10}]\n", [("CM201", "/deps/0/version")]),
    ("mlc", "script", "deps: [{tags: a, version_max: 3.10}]\n", [("CM218", "/deps/0/version_max")]),
    ("mlc", "script", "deps: [{tags: a, version_max: 3.9}]\n", []),
    ("mlc", "script", "variations: {a: {default_version: 5.2}}\n", []),
    ("cm", "script", "deps: [{tags: a, version: 2020-01-01}]\n", [("CM201", "/deps/0/version")]),
    ("cm", "script", "variations: {a: {env: {}, b: {}}, b: {}}\n", [("CM211", "/variations/a/b"), ("CM217", "/variations/a/b")]),
    ("cm", "script", "versions: {'1': {CM_A_B: x}}\n", [("CM216", "/versions/1/CM_A_B")]),
    ("cm", "script", "update_meta_if_env: [{enable_if_env: {A: [x], adr: {b: {}}}}]\n", [("CM206", "/update_meta_if_env/0/enable_if_env/adr")]),
    ("ck", "package", '{"check_exit_status": true}', [("CM203", "/check_exit_status")]),
    ("ck", "package", '{"soft_uoa": "x", "soft_uoa#": "y"}', []),
    ("ck", "program", '{"run_deps": {"a": {"skip-installed": {}}}}', [("CM210", "/run_deps/a/skip-installed")]),
    ("ck", "soft", '{"deps": {"a": {"version_from": "3.5"}}}', [("CM201", "/deps/a/version_from")]),
    ("ck", "repro.article", '{"misc": {"badge_acm_artifact_available": "maybe"}}', [("CM203", "/misc/badge_acm_artifact_available")]),
]  # fmt: skip


@pytest.mark.parametrize(("format_", "automation", "text", "expected"), CASES)
def test_each_defect_of_a_type_is_found_where_it_stands(format_, automation, text, expected):
    name = "meta.json" if format_ == "ck" else "_cm.yaml"
    core = {"CM202"} if expected != [("CM202", "/points/0")] else set()
    listed = [item for item in found(name, text, format_, automation) if item[0] not in core or item[1]]
    assert [item for item in listed if item != ("CM202", "")] == expected


@given(st.integers(1901, 2100), st.integers(1, 12), st.integers(1, 28))
def test_a_date_is_before_a_later_one_and_never_before_itself(year, month, day):
    whole, months, years = f"{year}{month:02}{day:02}", f"{year}{month:02}", str(year)
    assert all(is_date(text) for text in (whole, months, years))
    assert is_before(str(year - 1), whole)
    assert not any(is_before(text, whole) for text in (whole, months, years, f"{year + 1}"))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=5,
)
_KINDS = [("cm", name) for name in CM] + [("mlc", "script")] + [("ck", name) for name in CK]


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(_KINDS))
def test_no_value_makes_a_rule_raise_or_changes_the_meta(data, kind):
    format_, automation = kind
    rules = rules_for(format_, automation)
    keys = sorted({key for rule in rules for key in rule.schema.get("properties", {})})
    nested = st.dictionaries(
        st.sampled_from(["tags", "env", "deps", "adr", "version", "default", "name"]), _VALUES, max_size=3
    )
    value = _VALUES | nested | st.lists(nested, max_size=2) | st.dictionaries(st.text(max_size=3), nested, max_size=2)
    meta = data.draw(st.dictionaries(st.sampled_from(keys), value, max_size=4))
    document = documents.Document(path="_cm.yaml", text="", data=meta, problems=(), root=None)
    before = copy.deepcopy(meta)
    for _ in range(2):
        list(check_shape(document, rules))
        list(check_values(document, automation, format_))
        if format_ != "ck":
            list(check_identity(document, format_))
    assert repr(meta) == repr(before)


# --- what `mlc` refuses ------------------------------------------------------------------------------------------------

_OF_MLC = """import json, sys, yaml
from mlc.meta_schema import validate_meta
print("ANSWER", json.dumps([validate_meta(yaml.load(text, yaml.CSafeLoader)) for text in json.load(sys.stdin)]))
"""
# Keys that `mlc lint script` calls unknown, although real scripts hold them and the automation `script` reads them.
_KNOWN_HERE = ("'min_mlc_version'", "'extra_sys_deps'")
_WRONG = (5, 1.5, True, None, "text", ["x"], {"a": "b"})


def refused_by_mlc(texts: list[str], folder: Path) -> list[tuple[list[str], list[str]]]:
    """Return the errors and warnings of `mlc lint script` for each meta, by its own check in a process of its own."""
    need("mlc")
    environment = {**os.environ, "HOME": str(folder), "MLC_REPOS": str(folder / "repos")}
    command = [sys.executable, "-c", _OF_MLC]
    done = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, env=environment, cwd=folder, check=True
    )
    answer = next(line for line in done.stdout.splitlines() if line.startswith("ANSWER "))
    return [(errors, warnings) for errors, warnings in json.loads(answer.removeprefix("ANSWER "))]


@cache
def real_metas() -> tuple[dict[str, Any], ...]:
    """Return real scripts of MLC of a middle size that hold as many kinds of keys as twenty can."""
    folder = corpus_folder("mlperf-automations") / "script"
    paths = (path for path in sorted(folder.glob("*/meta.yaml")) if path.stat().st_size < 6_000)
    metas = [yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for path in paths]
    chosen: list[dict[str, Any]] = []
    seen: set[str] = set()
    for meta in sorted(metas, key=lambda item: -len(item)):
        if not set(meta) <= seen and len(chosen) < 20:
            chosen.append(meta)
            seen |= set(meta)
    return tuple(chosen)


def places_of(meta: Any, path: tuple[Any, ...] = (), depth: int = 0) -> list[tuple[Any, ...]]:
    """Return the places of a meta whose values are to be spoilt, four levels deep, the first two of each list."""
    items = meta.items() if isinstance(meta, dict) else enumerate(meta[:2]) if isinstance(meta, list) else ()
    return [
        place
        for key, value in items
        for place in ((*path, key), *(places_of(value, (*path, key), depth + 1) if depth < 4 else ()))
    ]


def spoilt(meta: dict[str, Any]) -> list[dict[str, Any]]:
    """Return copies of a meta, each with one value of another kind, a misspelt key, or without a core key."""
    copies = []
    for number, place in enumerate(places_of(meta)):
        broken = copy.deepcopy(meta)
        inner: Any = broken
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = _WRONG[number % len(_WRONG)]
        copies.append(broken)
    extra = {"mlc_compat": [{"min_version": " "}, 5], "apptainer": {"run": "no", "mounts": 5}, "remote_run": 5}
    copies.extend({**meta, key: value} for key, value in extra.items())
    copies.extend({other: value for other, value in meta.items() if other != key} for key in ("alias", "uid"))
    copies.append(
        {
            **meta,
            "MLC_SOME_VARIABLE": "x",
            "default_variation": "nowhere",
            "variations": {"deps": {}, "a": {"b": 1}, "b": 5},
        }
    )
    return copies


@pytest.mark.corpus
@pytest.mark.slow
def test_whatever_mlc_lint_finds_in_spoilt_metas_is_found_here(tmp_path: Path):
    texts = [
        yaml.dump(broken, Dumper=yaml.CSafeDumper, sort_keys=False) for meta in real_metas() for broken in spoilt(meta)
    ]
    answers = refused_by_mlc(texts, tmp_path)
    rules = rules_for("mlc", "script")
    missed = []
    refused = 0
    for text, (errors, listed_warnings) in zip(texts, answers, strict=True):
        document = documents.parse("meta.yaml", text.encode())
        listed = [
            *check_shape(document, rules),
            *check_values(document, "script", "mlc"),
            *check_identity(document, "mlc"),
        ]
        codes = {item.code for item in listed}
        wrong = [error for error in errors if "not found in variations" not in error]  # A rule about references: CM3.
        refused += bool(wrong)
        if wrong and not any(item.severity.word == "error" for item in listed):
            missed.append((wrong, sorted(codes)))
        warnings = [warning for warning in listed_warnings if not any(key in warning for key in _KNOWN_HERE)]
        if warnings and not codes:
            missed.append((warnings, []))
    assert refused > 500
    assert missed == []
