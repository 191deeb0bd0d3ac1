"""Strategies for metas around the keys that rules know: right keys, wrong types at every depth, misspelt keys."""

import json
from typing import Any

from hypothesis import strategies as st

from cmsite.model.names import AUTOMATION_UIDS
from cmsite.validation.rules import Rule, bundled_rules

UIDS = ("0123456789abcdef", "fedcba9876543210", "6152538690744623", "5b4e0237da074764")
NAMES = ("a", "b", "get-gcc", "C3", "é", "x y")
TEXTS = (
    "", " ", "get", "get,gcc", "get,_fast", "-get", "_fast", "_path.#", "_path./x", "fast,slow", "script::a", "a::b::c", "*",
    "a,0123456789abcdef", "script:a", "2020-01-01", "20230101", "202313", "1.10", "https://example.org/x", "http://[", "10.1000/x",
    "${{ X }}", "<<<X>>>", "../x", "/etc/passwd", "run.sh", "MIT OR Apache-2.0", "mit", "C1", "m", "works", "acm-1.1", "reproduced",
    "relative", "value", "CompletedActionStatus", "\x1b[31m", "\u202e", "x" * 300, "null", "NaN", "~0/~1", "%", "s", "0.05",
)  # fmt: skip
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([10**40, -1, 2**63, 1.5, 1e308, float("nan"), float("inf")])
    | st.sampled_from(TEXTS)
    | st.text(max_size=8)
)
ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TEXTS) | st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
_MOST_KEYS = 6
_DEEPEST = 7


@st.composite
def meta_of(draw: st.DrawFn, rule: Rule) -> dict[str, Any]:
    """Return a meta of the known keys of a rule."""
    found = draw(_value(rule.schema, rule.schema, 0))
    return found if isinstance(found, dict) else {"tags": found}


@st.composite
def _value(draw: st.DrawFn, schema: Any, root: dict[str, Any], depth: int) -> Any:
    """Return a value that is about what a schema wants, or anything."""
    schema = _resolved(schema, root)
    if depth > _DEEPEST or not isinstance(schema, dict) or draw(st.integers(0, 9)) == 0:
        return draw(ANYTHING)
    if "enum" in schema and draw(st.booleans()):
        return draw(st.sampled_from(schema["enum"]))
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return draw(_value(draw(st.sampled_from(choices)), root, depth + 1))
    types = schema.get("type", [])
    kind = draw(st.sampled_from(types if isinstance(types, list) and types else [types or "object"]))
    if kind == "object" and (
        "properties" in schema or "additionalProperties" in schema or "patternProperties" in schema
    ):
        return draw(_mapping(schema, root, depth))
    if kind == "array":
        return draw(st.lists(_value(schema.get("items", {}), root, depth + 1), max_size=3))
    return draw(_SCALARS if depth else st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=2))


@st.composite
def _mapping(draw: st.DrawFn, schema: dict[str, Any], root: dict[str, Any], depth: int) -> dict[str, Any]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties")
    found = {}
    for name in draw(st.lists(st.sampled_from(sorted(known)), max_size=_MOST_KEYS, unique=True)) if known else ():
        spelled = draw(
            st.sampled_from([name] * 6 + [f"{name}1", f"_{name}", f"{name}_off", name.replace("_", "-"), name[:-1]])
        )
        found[spelled] = draw(_value(known[name], root, depth + 1))
    if isinstance(others, dict) or "patternProperties" in schema:
        below = others if isinstance(others, dict) else {}
        for name in draw(st.lists(st.sampled_from(NAMES) | st.sampled_from(TEXTS), max_size=3, unique=True)):
            found[name] = draw(_value(below, root, depth + 1))
    return found


def _resolved(schema: Any, root: dict[str, Any]) -> Any:
    for _ in range(_DEEPEST):
        if not (isinstance(schema, dict) and "$ref" in schema):
            return schema
        found: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found.get(step, {}) if isinstance(found, dict) else {}
        schema = found
    return {}


def _rules_of(format_: str, automation: str) -> list[Rule]:
    return [rule for rule in bundled_rules() if rule.applies_to(format_, automation)]


_LINES = (
    b"[x](y.md) ![z](../q.png)", b"[x]: <run.sh>", b"[x][", b"](../../../../etc/passwd#a?b)", b'<img src="cut', b"```", b"[a](http://[)",
    b"-----BEGIN RSA PRIVATE KEY-----", b"token = ghp_" + b"a" * 36, b"https://ann:tiger@example.org/", b"# \xff\xfe", b"[x](%ff%00.md)",
    b"[x](" + b"(" * 500, b"\x00",
)  # fmt: skip
_DEPS = st.lists(
    st.fixed_dictionaries({"tags": st.sampled_from(TEXTS)}, optional={"names": ANYTHING, "enable_if_env": ANYTHING})
    | ANYTHING,
    max_size=3,
)
_VARIATIONS = st.dictionaries(
    st.sampled_from(["fast", "slow", "path.#", "x"]),
    st.fixed_dictionaries({}, optional={"deps": _DEPS, "group": ANYTHING, "default": ANYTHING, "base": ANYTHING})
    | ANYTHING,
    max_size=3,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from(TEXTS) | _SCALARS
            for name in ("uid", "Model", "Scenario", "Result", "Accuracy", "Units", "Result_Units", "inferred", "Submitter", " Model")
        },
    )
    | ANYTHING,
    max_size=4,
)  # fmt: skip


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, bytes]:
    """Return path → content of a small repository of CM, MLC or CK, with whatever a hostile author writes."""
    format_ = draw(st.sampled_from(["cm", "cm", "mlc", "ck"]))
    descriptor = {"cm": "cmr.json", "mlc": "meta.yaml", "ck": ".ckr.json"}[format_]
    described = draw(meta_of(next(rule for rule in bundled_rules() if rule.files)))
    files = {descriptor: _text({"alias": "team", "uid": UIDS[1], **draw(st.sampled_from([{}, described]))})}
    for automation in draw(
        st.lists(st.sampled_from([*AUTOMATION_UIDS, "script", "paper", "own"]), min_size=1, max_size=3)
    ):
        for folder in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)):
            files |= draw(_artifact(format_, automation, folder))
    return files


@st.composite
def _artifact(draw: st.DrawFn, format_: str, automation: str, folder: str) -> dict[str, bytes]:
    meta: dict[str, Any] = {}
    for rule in _rules_of(format_, automation):
        meta |= draw(meta_of(rule))
    if automation == "script" and draw(st.booleans()):
        meta |= {"deps": draw(_DEPS), "variations": draw(_VARIATIONS)}
    if draw(st.integers(0, 9)):
        meta |= {"alias": draw(st.sampled_from([folder, *NAMES])), "uid": draw(st.sampled_from(UIDS))}
        meta |= {"automation_alias": automation, "automation_uid": AUTOMATION_UIDS.get(automation, UIDS[0])}
        meta.setdefault("tags", ["get", draw(st.sampled_from(TEXTS))])
    path = f"{automation}/{folder}"
    files = {
        f"{path}/README.md": draw(
            st.binary(max_size=20) | st.lists(st.sampled_from(_LINES), max_size=4).map(b"\n".join)
        )
    }
    if format_ == "ck":
        info = {
            "backup_data_uid": draw(st.sampled_from(UIDS)),
            "backup_module_uoa": automation,
            **draw(st.sampled_from([{}, meta])),
        }
        files |= {
            f"{path}/.cm/meta.json": _text(meta),
            f"{path}/.cm/info.json": _text(info),
            f"{path}/.cm/desc.json": _text(meta),
        }
    else:
        name = "meta" if format_ == "mlc" else "_cm"
        files[f"{path}/{name}.{draw(st.sampled_from(['json', 'yaml']))}"] = _text(meta)
    if automation == "experiment":
        files[f"{path}/2026-01-01/cm-result.json"] = _text(draw(ROWS))
    if draw(st.integers(0, 4)) == 0:
        files[f"{path}/codecheck.yml"] = _text(draw(ANYTHING))
    return files


def _text(value: Any) -> bytes:
    """Return a value as JSON, which is YAML too."""
    return json.dumps(value).encode()
