"""What a script says of its own variations: each rule, what must not be found, and the real client's opinion."""

import copy
import json
import random
import subprocess
import sys
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.parallel import collector_off
from cmsite.validation.dependency_names import DependencyNames, check_own_names
from cmsite.validation.input_choices import check_choices
from cmsite.validation.variation_names import VariationNames
from cmsite.validation.variation_uses import check_variation_uses
from cmsite.validation.variations import check_variations
from tests.memory_tree import CMR, script
from tests.requirements import CHECKOUT, need
from tests.test_validation import findings


def flaws(meta: dict[str, Any], whole: dict[str, Any] | None = None) -> list[Any]:
    whole = meta if whole is None else whole
    names = VariationNames(whole)
    checks = (check_variations(meta, names), check_variation_uses(meta, names), check_own_names(meta, whole))
    return [flaw for check in (*checks, check_choices(meta)) for flaw in check]


def found(text: str) -> list[tuple[str, str]]:
    return [(flaw.code, flaw.pointer) for flaw in flaws(yaml.safe_load(text))]


GROUPS = (
    "variations: {a: {group: g, default: true}, b: {group: g}, c: {group: h}, d: {}, 'n.#': {group: n}, 'a,d': {}}\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default_variations: {g: b, h: c, n: n.7}", []),
        ("default_variations: {g: c}", [("CM311", "/default_variations/g")]),
        ("default_variations: {x: c}", [("CM311", "/default_variations/x")]),
        ("default_variations: {g: x}", [("CM311", "/default_variations/g")]),
        ("default_variations: {n: n.}", [("CM311", "/default_variations/n")]),
        ("default_variations: {g: ''}", []),
        ("default_variations: [g]", []),
        ("versions: {'1.0': {default_variations: {x: a}}}", [("CM311", "/versions/1.0/default_variations/x")]),
        (
            "update_meta_if_env: [{default_variations: {x: a}}]",
            [("CM311", "/update_meta_if_env/0/default_variations/x")],
        ),
        ("default_variation: d", []),
        (
            "default_variation: n.7",
            [("CM310", "/default_variation")],
        ),  # Only the clients' other lookups know wildcards.
        ("default_variation: ''", []),
        ("invalid_variation_combinations: [[a, d], [b, c, n.7]]", []),
        ("invalid_variation_combinations: [[a, x]]", [("CM315", "/invalid_variation_combinations/0")]),
        ("valid_variation_combinations: [[a], [b, a]]", [("CM316", "/valid_variation_combinations/1")]),
        ("valid_variation_combinations: [[n.1, n.2]]", []),  # Values of one wildcard may stand together.
        ("variation_groups_order: [h, g, n]", []),
        ("variation_groups_order: [h, i]", [("CM320", "/variation_groups_order/1")]),
        ("tests: {run_inputs: [{variations_list: ['a,d', '_n.4', '-b']}]}", []),
        (
            "tests: {run_inputs: [{}, {variations_list: [a, 'a,x']}]}",
            [("CM323", "/tests/run_inputs/1/variations_list/1")],
        ),
    ],
)
def test_references_to_variations_of_the_script(text, expected):
    assert found(GROUPS + text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{base: [a, n.7, d]}", []),
        ("{base: [x]}", [("CM312", "/variations/z/base/0")]),
        ("{base: [a, _d]}", [("CM312", "/variations/z/base/1")]),
        ("{base: z}", []),  # No list: the rules of the shape say so.
        ("{base: [z]}", [("CM313", "/variations/z/base/0")]),
        ("{base: [a, b]}", [("CM314", "/variations/z/base")]),
        ("{alias: a, base: [b]}", [("CM314", "/variations/z/base")]),
        ("{group: g, base: [a]}", [("CM314", "/variations/z/base")]),
        ("{base: [n.1, n.2]}", []),
        ("{alias: d}", []),
        ("{alias: x}", [("CM317", "/variations/z/alias")]),
        ("{alias: n.7}", [("CM317", "/variations/z/alias")]),
        ("{alias: d, group: h}", [("CM317", "/variations/z/alias")]),
        ("{alias: d, default: true}", [("CM317", "/variations/z/alias")]),
        ("{default_variation: {g: a}}", [("CM319", "/variations/z/default_variation")]),
        ("{default_variation: a}", [("CM319", "/variations/z/default_variation")]),
        ("{default: true}", [("CM318", "/variations/z/default")]),
        ("{default: false}", []),
        ("{group: h, default: true}", []),
        ("{group: h, default: 'true,'}", []),
        ("{group: h, default: false}", []),
        ("{group: h, default: 'no'}", []),
        ("{group: g, default: true}", [("CM309", "/variations/z/default")]),
        ("{default_variations: {x: a}}", [("CM311", "/variations/z/default_variations/x")]),
        ("", []),
        ("[a]", []),
        ("{group: [g], base: {a: b}, alias: [], default: {}}", [("CM317", "/variations/z/alias")]),
    ],
)
def test_what_one_variation_says_of_others(body, expected):
    text = f"{GROUPS[:-2]}, z: {body}}}\n" if body else f"{GROUPS[:-2]}, z: }}\n"
    assert found(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a,c", []), ("c,n.#", []), ("c,n.7", []), ("a,x", "CM315"), ("a, c", "CM315"), ("a,", "CM315"), ("a,b", "CM316")],
)
def test_combinations_in_names(name, expected):
    text = f"{GROUPS[:-2]}, '{name}': {{}}}}\n"
    assert found(text) == ([(expected, f"/variations/{name}")] if expected else [])


@pytest.mark.parametrize(
    ("part", "message", "hint"),
    [
        ("calibation", "'calibation'; did you mean 'calibration'?", "correct the name, or remove the combination"),
        ("dlrm-v2_", "'dlrm-v2_'", "there is 'dlrm-v2-99' or 'dlrm-v2-99.9': write the one that is meant, or "),
        ("rtx_a6000", "'rtx_a6000'", "there is 'rtx_6000_ada' or 'a6000': write the one"),
        ("int8", "'int8'", "there is 'uint8': write the one that is meant, or remove the combination"),
        ("gdrive", "'gdrive'", "add the variation 'gdrive', or remove the combination"),
        ("#", "'#'", "add the variation '#', or remove the combination"),
    ],
)
def test_a_combination_names_what_may_have_been_meant(part, message, hint):
    names = ["calibration", "dlrm-v2-99", "dlrm-v2-99.9", "rtx_6000_ada", "a6000", "uint8", "mlc"]
    meta = {"variations": dict.fromkeys([*names, f"mlc,{part}", f"mlc,calibration,{part}"])}
    first, second = flaws(meta)
    assert first.message == f"variation 'mlc,{part}' never applies: there is no variation {message}"
    assert first.hint.startswith(hint)
    assert second.hint == first.hint


def test_few_variations_are_all_named_where_none_is_like_the_part():
    (flaw,) = flaws({"variations": {"dbx": {}, "mlc": {}, "mlc,gdrive": {}}})
    assert flaw.hint == "there is 'dbx' or 'mlc': write the one that is meant, or remove the combination"


def test_a_circle_of_variations_is_reported_once_at_each_base():
    text = "variations: {a: {base: [b]}, b: {base: [d, c]}, c: {base: [a]}, d: {base: [a]}}\n"
    assert found(text) == [
        ("CM313", "/variations/a/base/0"),
        ("CM313", "/variations/b/base/0"),
        ("CM313", "/variations/d/base/0"),
    ]
    assert "'a' → " not in flaws(yaml.safe_load(text))[0].message
    assert "a → b → d → a" in flaws(yaml.safe_load(text))[0].message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ad: {x: {}}\ndeps: [{tags: a, names: [x]}]", []),
        ("ad: {x: {}}\nvariations: {v: {post_deps: [{tags: a, names: [x, y]}]}}", []),
        ("ad: {x: {}}\nprehook_deps: [{tags: a, names: y x}]", []),  # A text instead of a list: the clients search it.
        ("ad: {x-7: {}}\nvariations: {'v.#': {deps: [{tags: a, names: ['x-#']}]}}", []),
        ("ad: {x: {}}\ndocker: {deps: [{tags: a, names: [x]}]}", []),
        ("ad: {x: {}}\ndeps: [{tags: a, names: [y]}]", [("CM321", "/ad/x")]),
        ("variations: {v: {add_deps: {x: {}}}}", [("CM321", "/variations/v/add_deps/x")]),
        ("versions: {'1': {ad: {x: {}}}}", [("CM321", "/versions/1/ad/x")]),
        ("update_meta_if_env: [{}, {ad: {x: {}}}]", [("CM321", "/update_meta_if_env/1/ad/x")]),
        ("ad: [x]\nadr: {x: {}}", []),
    ],
)
def test_names_that_ad_changes(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{choices: [a, b], default: a}", False),
        ("{choices: [1, 2], default: '1'}", False),
        ("{choices: [a, b], default: ''}", False),
        ("{choices: [a, b]}", False),
        ("{choices: [], default: x}", False),
        ("{choices: [a, [b]], default: x}", False),
        ("{choices: a, default: x}", False),
        ("{choices: [a, b], default: x}", True),
        ("{choices: [yes, no], default: 'no'}", True),
        ("{choices: [yes, no], default: no}", False),
    ],
)
def test_defaults_among_choices(text, expected):
    assert found(f"input_description: {{x: {text}}}") == (
        [("CM329", "/input_description/x/default")] if expected else []
    )


def test_what_a_base_has_is_known_and_what_it_says_is_reported_there():
    base = "variations: {a: {group: g, default: true}}\ndeps: [{tags: base, names: [x]}]\n"
    child = "_base: script::base\nad: {x: {}}\ndefault_variations: {g: b}\nvariations: {b: {group: g, default: true, base: [a]}}\n"
    files = {
        "cmr.yaml": CMR,
        "script/base/_cm.yaml": script("base", "b" * 16, "base", base.replace("tags: base", "tags: other")),
        "script/child/_cm.yaml": script("child", "c" * 16, "child", child),
        "script/other/_cm.yaml": script("other", "d" * 16, "other"),
    }
    assert [(item.code, item.path, item.place.line) for item in findings(files) if item.code > "CM3"] == [
        ("CM309", "script/child/_cm.yaml", 9),
        ("CM314", "script/child/_cm.yaml", 9),
    ]
    files["script/child/_cm.yaml"] = script("child", "c" * 16, "child", child.replace("_base", "base_"))
    assert {"CM312", "CM321"} <= {item.code for item in findings(files)}


def test_the_place_is_in_the_file_that_wins():
    files = {
        "cmr.yaml": CMR,
        "script/a/_cm.yaml": script("a", "a" * 16, rest="default_variation: x\nvariations: {y: {}}\n"),
        "script/a/_cm.json": '{\n "variations": {\n  "y": {"alias": "z"}}}',
    }
    found_here = [(item.code, item.path, item.place.line) for item in findings(files) if item.code > "CM309"]
    assert found_here == [("CM317", "script/a/_cm.json", 3), ("CM310", "script/a/_cm.yaml", 6)]


def test_only_scripts_of_cm_and_mlc_have_variations():
    data = "alias: d\nuid: 'dddddddddddddddd'\nautomation_alias: data\nautomation_uid: 84d8ef6914bf4d78\ntags: [d]\ndefault_variation: x\n"
    assert [item.code for item in findings({"cmr.yaml": CMR, "data/d/_cm.yaml": data}) if item.code == "CM310"] == []


WORDS = st.sampled_from(["a", "b", "n.#", "n.7", "a,b", "g", "h", "", "_a", "x", "#", "."])
VALUES: Any = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, st.integers()), inner, max_size=4)
    ),
    max_leaves=12,
)
BODY_KEYS = ("base", "group", "default", "alias", "default_variations", "ad", "deps", "update_meta_if_env")
BODIES = st.one_of(VALUES, st.fixed_dictionaries({}, optional=dict.fromkeys(BODY_KEYS, VALUES)))
KEYS = ("default_variation", "default_variations", "valid_variation_combinations", "invalid_variation_combinations",
        "variation_groups_order", "tests", "versions", "deps", "ad", "adr", "docker", "input_description", "update_meta_if_env")  # fmt: skip
METAS = st.fixed_dictionaries(
    {"variations": st.one_of(VALUES, st.dictionaries(st.one_of(WORDS, st.none(), st.integers()), BODIES, max_size=6))},
    optional=dict.fromkeys(KEYS, VALUES),
)


@settings(max_examples=300, deadline=None)
@given(METAS, METAS)
def test_any_values_raise_nothing_and_stay_as_they_are(meta, base):
    before = repr((meta, base))
    for flaw in [*flaws(meta), *flaws(meta, {**base, **meta})]:
        assert flaw.pointer.startswith("/")
        assert flaw.message
        assert flaw.hint
    assert repr((meta, base)) == before


def test_many_patterns_make_every_name_known_in_bounded_time():
    assert "x" in DependencyNames(texts=[f"t{number}" for number in range(1_001)])
    assert "x" not in DependencyNames(texts=[f"t{number}" for number in range(1_000)])


def random_meta(chance: random.Random) -> dict[str, Any]:
    names = "abcdef"
    variations: dict[str, dict[str, Any]] = {name: {} for name in names}
    for name in names:
        body = variations[name]
        if chance.random() < 0.6:
            body["group"] = chance.choice("gh")
            if chance.random() < 0.25:
                body["default"] = True
        elif chance.random() < 0.2:
            body["alias"] = chance.choice(f"{names}x")
        if chance.random() < 0.35:
            body["base"] = chance.sample(f"{names}x", chance.choice([1, 1, 2]))
    meta: dict[str, Any] = {"variations": variations}
    if chance.random() < 0.1:
        meta["default_variation"] = chance.choice(f"{names}x")
    if chance.random() < 0.3:
        meta["default_variations"] = {chance.choice("ghi"): chance.choice(f"{names}x")}
    return meta


@pytest.mark.real_clients
def test_the_real_client_refuses_what_is_reported_and_nothing_else(tmp_path):
    """Every variation of random scripts alone, and none: what the rules call refused is refused, what is clean works."""
    need("mlc")
    chance = random.Random(6)
    metas = [random_meta(chance) for _ in range(1_500)]
    questions = [(meta, named) for meta in metas for named in ([], *([name] for name in meta["variations"]))]
    asked = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests" / "variation_oracle.py")],
        input=json.dumps(questions), cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = json.loads(asked.stdout.splitlines()[-1])
    clean = broken = 0
    for (meta, named), real in zip(questions, answers, strict=True):
        reported = flaws(copy.deepcopy(meta))
        codes = {flaw.code for flaw in reported}
        at = {flaw.pointer.split("/")[2] for flaw in reported if flaw.code in {"CM312", "CM314", "CM317"}}
        if codes & {"CM309", "CM310"} or at.intersection(named):
            broken += 1
            assert real is None, (meta, named, codes)
        elif codes <= {"CM313", "CM318"} and not _fills_what_bases_take(meta):
            clean += 1
            assert real is not None, (meta, named, codes)
    assert clean > 300
    assert broken > 1_000


def _fills_what_bases_take(meta: dict[str, Any]) -> bool:
    """A group filled by `default_variations` before a base of the same group comes along: refused, as a use may be."""
    return "default_variations" in meta


def test_a_name_of_a_million_letters_does_not_fill_the_report():
    rest = f"default_variation: {'x' * 1_000_000}\nvariations: {{a: {{base: ['{'y' * 1_000_000}']}}}}\n"
    found_here = list(findings({"cmr.yaml": CMR, "script/a/_cm.yaml": script("a", "a" * 16, rest=rest)}))
    assert [item.code for item in found_here] == ["CM310", "CM312"]
    assert all(len(item.message) <= 500 for item in found_here)


def test_ten_times_the_variations_take_about_ten_times_as_long():
    makers = (
        lambda length: {"variations": {f"v{n}": {"base": [f"v{(n + 1) % length}"]} for n in range(length)}},
        lambda length: {"variations": {f"v{n}": {"group": "g", "default": True} for n in range(length)}},
        lambda length: {"variations": {f"v{n},w{n}": {"base": [f"x{n}"]} for n in range(length)}},
        lambda length: {
            "ad": {f"x{n}": {} for n in range(length)},
            "deps": [{"tags": "a", "names": [f"y{n}"]} for n in range(length)],
        },
    )
    for make in makers:
        small, large = make(2_000), make(20_000)
        assert _seconds(large) < 30 * _seconds(small)  # 100 times, were it quadratic.


def _seconds(meta: dict[str, Any]) -> float:
    with collector_off():
        start = time.process_time()
        assert flaws(meta)
        return time.process_time() - start
