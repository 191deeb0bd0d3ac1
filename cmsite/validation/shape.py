"""The shape of one meta: types, required keys, known keys, the form of its identity.

Returns problems with pointer and place; `run` makes findings of them.
"""

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import jsonschema_rs

from cmsite.diagnostics import Severity
from cmsite.documents import Document, Problem, join_pointer
from cmsite.model.names import AUTOMATION_UIDS, AUTOMATIONS, is_uid, normal_uid
from cmsite.validation.problems import problem
from cmsite.validation.rules import KeyTree, Rule, definition
from cmsite.validation.tags import check_tags

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
# Kinds of schema errors by what they are about.
_CLOSED = ("falseSchema", "additionalProperties", "unevaluatedProperties")
_WRITTEN = ("format", "pattern")
_COUNTED = ("minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems", "contains")
_CHOICES = ("anyOf", "oneOf", "oneOfNotValid", "oneOfMultipleValid")
_FORMS = {
    "cm-date": "a year, month or day that exists, as YYYY, YYYYMM or YYYYMMDD",
    "cm-day": "a day that exists, as YYYYMMDD",
}
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_ONLY_YAML = "\0"  # The key under which a value stands that JSON has no kind for.
_COMPARED = 100  # Characters of a key that can be meant for a known one.
_MOST_PROBLEMS = 200  # Of one rule in one meta.
_SHOWN = 60  # Characters of a value that a message quotes.
_SEVERITIES = {severity.word: severity for severity in Severity}
_ONCE = ("CM201", "CM204")  # One value fails one way: where a form and a pattern both do, the first is told.
_DISABLED_ENDS = ("_disabled", "_off", "1")


def check_shape(document: Document, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Yield what the rules find in one parsed meta."""
    data = document.data
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        try:
            is_valid = rule.validator.is_valid(data)
        except ValueError:  # A key that is no text, a date, a number that keeps its spelling: YAML has more than JSON.
            data = _as_json(data)
            is_valid = rule.validator.is_valid(data)
        if not is_valid:
            yield from _most(document, _schema_problems(document, _as_json(data), rule, seen))
        if rule.reports_keys:
            yield from _most(document, _unknown_keys(document, rule.keys, document.data, ()))


def _most(document: Document, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the first problems, and one that says so where there are more: finding the place of each takes time."""
    for number, item in enumerate(problems):
        if number == _MOST_PROBLEMS:
            message = f"more than {_MOST_PROBLEMS} places of this meta are wrong like this; the others are not told"
            yield problem(item.code, message, document, "", "mend the first ones, and validate again")
            return
        yield item


def _schema_problems(document: Document, data: Any, rule: Rule, seen: set[tuple[str, str]]) -> Iterator[Problem]:
    for error in rule.validator.iter_errors(data):
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected:
            known = _known_keys(rule.schema, list(error.schema_path)[:-1])
            for key in unexpected:
                yield _unknown_key(document, str(key), known, join_pointer(*error.instance_path, key), code="CM214")
            continue
        code, message, pointer = _in_words(error, _nearest(rule.schema, error.schema_path, "format"))
        code = _nearest(rule.schema, error.schema_path, "x-code") or code
        if (code, pointer) in seen and code in _ONCE:
            continue
        seen.add((code, pointer))
        message = _nearest(rule.schema, error.schema_path, "x-message") or message
        hint = _missing_key(rule.schema, error) or _nearest(
            {**rule.schema, "description": None}, error.schema_path, "description"
        )
        found = problem(code, message, document, pointer, hint)
        severity = _SEVERITIES.get(_nearest(rule.schema, error.schema_path, "x-severity"))
        yield found if severity is None else replace(found, severity=severity)


def _in_words(error: jsonschema_rs.ValidationError, form: str = "") -> tuple[str, str, str]:
    """Return (code, message, pointer) of a schema error in a user's words; `form` is the format that is asked for."""
    kind: Any = error.kind  # Each kind has attributes of its own, which the stub does not tell apart.
    steps = list(error.instance_path)
    name, got = _name(steps), shown(error.instance)
    if kind.name == "required":
        code, message = "CM202", f"{name} lacks the key `{kind.property}`"
    elif kind.name == "type":
        code, message = "CM201", f"{name} must be {_any_of(kind.types)}, got {got}"
    elif kind.name == "enum":
        known = ", ".join(shown(item) for item in kind.options)
        code, message = "CM203", f"{name} must be one of {known}, got {got}{_near(error.instance, kind.options)}"
    elif kind.name == "const":
        code, message = "CM203", f"{name} must be {shown(kind.expected_value)}, got {got}"
    elif kind.name in _WRITTEN and form:
        code, message = "CM204", f"{name} must be {_FORMS.get(form, form)}, got {got}"
    elif kind.name in _CLOSED:
        code, message = "CM210", f"{name} is a key that is not known here"
    elif kind.name in _COUNTED:
        code, message = "CM205", f"{name}: {error.message[:200]}"
    elif kind.name in _CHOICES:
        code, message = "CM201", f"{name} has none of the forms that are allowed here, got {got}"
    else:
        code, message = "CM204", f"{name} has the wrong form: {error.message[:200]}"
    return code, message, join_pointer(*steps)


def _any_of(types: Iterable[str]) -> str:
    return " or ".join(_TYPES[item] for item in sorted(types, key=lambda item: (item == "null", item)))


def _near(value: Any, options: Iterable[Any]) -> str:
    """Return `; did you mean 'x'?` for the nearest of the words that are allowed, or nothing."""
    words = [option for option in options if isinstance(option, str)]
    near = difflib.get_close_matches(value[:100], words, n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


def _name(steps: list[str | int]) -> str:
    """Return what a message calls the value at these steps: `key`, entry 3 of `key`, or the meta."""
    if not steps:
        return "the meta"
    if isinstance(steps[-1], str):
        return f"`{steps[-1]}`"
    parent = next((f" of `{step}`" for step in reversed(steps) if isinstance(step, str)), "")
    return f"entry {steps[-1] + 1}{parent}"


def shown(value: Any) -> str:
    """Return a value as a message quotes it: short, and on one line."""
    if isinstance(value, dict):
        if _ONLY_YAML in value:
            return f"{value[_ONLY_YAML][:_SHOWN]}, which YAML reads as a date or bytes"
        return f"a mapping of {len(value)} keys"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    text = repr(getattr(value, "literal", value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _nearest(schema: Any, path: list[Any], key: str) -> str:
    """Return a text that stands nearest to the schema that failed: a rule's own words say what to write."""
    found = ""
    for step in (None, *path):
        if step is not None:
            schema = (
                schema[step] if isinstance(schema, list) else schema.get(step) if isinstance(schema, dict) else None
            )
        if isinstance(schema, dict) and isinstance(schema.get(key), str):
            found = schema[key]
    return found


def _missing_key(root: dict[str, Any], error: jsonschema_rs.ValidationError) -> str:
    """Return what a rule says of a key that is missing, "" where another thing is wrong or the rule says nothing."""
    kind: Any = error.kind
    if kind.name != "required":
        return ""
    schema: Any = root
    steps: list[Any] = list(error.schema_path)
    for step in steps[:-1]:
        if isinstance(schema, dict) and step == "$ref":
            schema = definition(root, str(schema["$ref"]))
        else:
            schema = (
                schema[step] if isinstance(schema, list) else schema.get(step, {}) if isinstance(schema, dict) else {}
            )
    known = schema.get("properties", {}).get(kind.property) if isinstance(schema, dict) else None
    meaning = known.get("description", "") if isinstance(known, dict) else ""
    return f"add `{kind.property}:`, {meaning}" if meaning else f"add `{kind.property}:`"


def _known_keys(schema: Any, path: list[Any]) -> tuple[str, ...]:
    for step in path:
        schema = schema[step] if isinstance(schema, list) else schema.get(step, {})
    return tuple(schema.get("properties", ()))


def _as_json(data: Any) -> Any:
    """Return data with what only YAML knows replaced by what JSON has for it."""
    if isinstance(data, dict):
        return {str(key): _as_json(value) for key, value in data.items()}
    if isinstance(data, list | tuple | set):
        return [_as_json(item) for item in data]
    if isinstance(data, bool | str) or data is None:
        return data
    if isinstance(data, int):
        return int(data)
    if isinstance(data, float):
        return float(data) if math.isfinite(data) else str(data)
    return {_ONLY_YAML: data.isoformat() if hasattr(data, "isoformat") else str(data)}


def _unknown_keys(document: Document, tree: KeyTree, data: Any, path: tuple[Any, ...]) -> Iterator[Problem]:
    if isinstance(data, list) and tree.items is not None:
        for number, item in enumerate(data):
            yield from _unknown_keys(document, tree.items, item, (*path, number))
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        known = tree.properties.get(key) or _of_pattern(tree, key)
        if known is not None:
            if known.matters and isinstance(value, dict | list):
                yield from _unknown_keys(document, known, value, (*path, key))
        elif tree.reported or (tree.similar and _kind_of(str(key), tuple(tree.properties))[0] != "CM211"):
            yield _unknown_key(document, str(key), tuple(tree.properties), join_pointer(*path, key))


def _of_pattern(tree: KeyTree, key: Any) -> KeyTree | None:
    for pattern, below in tree.patterns:
        if isinstance(key, str) and pattern.search(key):
            return below
    return tree.others


def _kind_of(key: str, known: tuple[str, ...]) -> tuple[str, str]:
    """Return what a key that is not known seems to be: (code, the known key that seems meant); CM211 where none does."""
    return _kind_of_short(key, known) if len(key) <= _COMPARED else ("CM211", "")


@lru_cache(maxsize=8192)
def _kind_of_short(key: str, known: tuple[str, ...]) -> tuple[str, str]:
    enabled = _enabled_form(key, known)
    if enabled:
        return "CM212", enabled
    if "env" in known and _VARIABLE.fullmatch(key):
        return "CM216", "env"
    near = difflib.get_close_matches(key.strip(), known, n=1, cutoff=0.8)
    return ("CM210", near[0]) if near else ("CM211", "")


def _unknown_key(document: Document, key: str, known: tuple[str, ...], pointer: str, *, code: str = "CM211") -> Problem:
    """Return the finding about a key that is not known: switched off, misspelt, or else `code`."""
    kind, meant = _kind_of(key, known)
    if kind == "CM212":
        message = f"key {key!r} is not read; {meant!r} would be"
        return problem("CM212", message, document, pointer, "remove the key if it is not needed")
    if kind == "CM216":
        message = f"key {key!r} looks like an environment variable, but stands outside of `env`: nothing reads it"
        return problem("CM216", message, document, pointer, "move it into `env` or `default_env`")
    if kind == "CM210":
        message = f"unknown key {key!r}; did you mean {meant!r}?"
        hint = f"write {meant!r}, or remove the key"
        return problem("CM210", message, document, pointer, hint, meant)
    if code == "CM214":
        return problem(code, f"key {key!r} is not allowed here", document, pointer, f"known keys: {', '.join(known)}")
    return problem(code, f"unknown key {key!r}: the clients ignore it", document, pointer)


def _enabled_form(key: str, known: tuple[str, ...]) -> str:
    for end in _DISABLED_ENDS:
        if key.endswith(end) and key.removesuffix(end) in known:
            return key.removesuffix(end)
    return key[1:] if key.startswith("_") and key[1:] in known else ""


def check_identity(document: Document, format_: str) -> Iterator[Problem]:
    """Yield what is wrong with uid, automation pair and tags of a CM or MLC meta.

    Source: facts/formats.md §1 (16 characters of [.a-f0-9]) and §5 (an unquoted number crashes the clients).
    """
    meta = document.data
    uid = meta.get("uid")
    if uid is None or uid == "":
        yield problem(
            "CM101",
            "the artifact has no uid",
            document,
            "/uid" if "uid" in meta else "",
            "add `uid:` with 16 hexadecimal digits in quotes",
        )
    elif isinstance(uid, int | float) and not isinstance(uid, bool):
        literal = getattr(uid, "literal", uid)
        yield problem("CM106", f"uid {literal} is a number in YAML", document, "/uid", f'write uid: "{literal}"')
    elif not is_uid(uid):
        yield problem(
            "CM102",
            f"uid {shown(uid)} does not have 16 hexadecimal digits",
            document,
            "/uid",
            "draw a new one; keep it for ever",
        )
    yield from _check_automation(document, meta, format_)
    yield from check_tags(document, meta.get("tags"))


def _check_automation(document: Document, meta: dict[str, Any], format_: str) -> Iterator[Problem]:
    alias, uid = meta.get("automation_alias"), meta.get("automation_uid")
    if not isinstance(uid, str) or not isinstance(alias, str) or format_ == "ck":
        return
    expected = AUTOMATIONS.get(normal_uid(uid))
    if expected is not None and expected != alias:
        yield problem(
            "CM107",
            f"automation_uid {uid} belongs to {expected!r}, not to {alias!r}",
            document,
            "/automation_uid",
            "correct one of the two",
        )
    elif expected is None and alias in AUTOMATION_UIDS:
        right = AUTOMATION_UIDS[alias]
        yield problem(
            "CM107",
            f"automation {alias!r} has the uid {right}, not {uid}",
            document,
            "/automation_uid",
            f"write {right}",
            right,
        )
