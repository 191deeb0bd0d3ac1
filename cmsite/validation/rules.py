"""The rule language: JSON Schema 2020-12 written as YAML, one file a kind of meta.

A rule file is a plain JSON Schema plus one key, `x-cmsite`, which says where it applies:

    x-cmsite:
      applies: {formats: [cm, mlc], automations: [script]}   # or `files: [cmr.yaml]` for descriptors

An object schema that lists its `properties` and says `x-unknown: report` has keys that are known by name: others
become findings with "did you mean". With `x-unknown: similar` only those are reported that look like a known key.
A schema may say `x-severity: warning` (or `error`, `note`) of what it finds, or `x-code: CM206`: what fails there is
that kind of finding and not the one of its keyword, with `x-message` in words of its own. Beside the formats of JSON
Schema there are `cm-date` and `cm-day` (see `dates`). `x-source` says where a rule comes from.
A catalogue's own files add rules, make keys known by naming them, and with `x-cmsite: {replaces: [script]}` take the
place of others. Source: DESIGN §5; CONTRACT §5.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import jsonschema_rs

from cmsite import documents, resources
from cmsite.diagnostics import Severity
from cmsite.errors import ConfigurationError
from cmsite.validation.codes import CODES
from cmsite.validation.dates import is_date_or_dash, is_day

_FORMATS = {"cm-date": is_date_or_dash, "cm-day": is_day}


@dataclass(frozen=True, slots=True)
class KeyTree:
    """The names of keys that a schema knows, level by level.

    `reported` says whether others become findings, `similar` whether those that look like a known one do, `matters`
    whether anything at this level or below would ever be reported.
    """

    properties: dict[str, "KeyTree"] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], "KeyTree"], ...] = ()
    others: "KeyTree | None" = None
    items: "KeyTree | None" = None
    reported: bool = False
    similar: bool = False
    matters: bool = field(init=False)

    def __post_init__(self) -> None:
        below = [*self.properties.values(), *(tree for _, tree in self.patterns), self.others, self.items]
        found = self.reported or self.similar or any(tree is not None and tree.matters for tree in below)
        object.__setattr__(self, "matters", found)


_NO_KEYS = KeyTree()
_EMPTY: dict[str, Any] = {}
_MAX_KEY_DEPTH = 12  # Schemas may be recursive.


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file: where it applies, its schema, the compiled validator, the known keys and whether others matter."""

    name: str
    formats: tuple[str, ...]
    automations: tuple[str, ...]
    files: tuple[str, ...]
    schema: dict[str, Any]
    validator: Any
    keys: KeyTree
    reports_keys: bool
    replaces: tuple[str, ...] = ()

    def applies_to(self, format_: str, automation: str) -> bool:
        """Return whether a meta of this format and automation is checked by the rule."""
        return (
            not self.files
            and (not self.formats or format_ in self.formats)
            and (not self.automations or automation in self.automations)
        )


def parse_rule(name: str, content: bytes) -> Rule:
    """Parse one rule file; raises `ConfigurationError` for a file that is no rule, naming it and the reason."""
    document = documents.parse(name, content)
    if not isinstance(document.data, dict):
        why = document.problems[0].message if document.problems else "must be a mapping"
        raise ConfigurationError(f"{name}: {why}; a rule file is a JSON Schema written as YAML")
    schema = document.data
    try:
        validator = jsonschema_rs.Draft202012Validator(
            schema, formats=_FORMATS, validate_formats=True, retriever=_refuse_elsewhere
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise ConfigurationError(f"{name}: is no JSON Schema 2020-12: {str(error).splitlines()[0]}") from error
    applies = _applies(schema, name)
    _check_own_words(schema, name)
    replaces = schema["x-cmsite"].get("replaces", [])
    if not isinstance(replaces, list):
        raise ConfigurationError(f"{name}: `x-cmsite: replaces` must be a list of rules, such as [script]")
    keys = _KeyTrees(schema).tree(schema)
    return Rule(
        name=PurePosixPath(name).stem,
        formats=tuple(applies.get("formats", ())),
        automations=tuple(applies.get("automations", ())),
        files=tuple(applies.get("files", ())),
        schema=schema,
        validator=validator,
        keys=keys,
        reports_keys=keys.matters,
        replaces=tuple(map(str, replaces)),
    )


def combined_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules as they work together: without those that a later one replaces, and with each other's keys known.

    Raises `ConfigurationError` where a rule replaces one that is not there.
    """
    kept: list[Rule] = []
    for rule in rules:
        for name in rule.replaces:
            if not any(other.name == name for other in kept):
                raise ConfigurationError(
                    f"rule {rule.name!r} replaces {name!r}, which is none of the rules before it: "
                    f"{', '.join(other.name for other in kept) or 'there are none'}"
                )
        kept = [*(other for other in kept if other.name not in rule.replaces), rule]
    return tuple(replace(rule, keys=_with_keys_of(rule, kept)) if rule.reports_keys else rule for rule in kept)


def _with_keys_of(rule: Rule, others: Iterable[Rule]) -> KeyTree:
    """Return the known keys of a rule with those that rules for the same metas name."""
    keys = rule.keys
    for other in others:
        together = (
            other is not rule
            and set(other.files) == set(rule.files)
            and _meet(other.formats, rule.formats)
            and _meet(other.automations, rule.automations)
        )
        if together:
            keys = _merged(keys, other.keys)
    return keys


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _merged(one: KeyTree | None, other: KeyTree | None) -> KeyTree:
    if one is None or other is None:
        return one or other or KeyTree()
    names = dict.fromkeys((*one.properties, *other.properties))
    return KeyTree(
        properties={name: _merged(one.properties.get(name), other.properties.get(name)) for name in names},
        patterns=(*one.patterns, *other.patterns),
        others=_merged(one.others, other.others) if one.others or other.others else None,
        items=_merged(one.items, other.items) if one.items or other.items else None,
        reported=one.reported,
        similar=one.similar,
    )


def _refuse_elsewhere(address: str) -> Any:
    raise ValueError(
        f"`$ref: {address}` leads out of the file; rules are never fetched: copy the definition to `$defs`"
    )


def _check_own_words(schema: Any, name: str) -> None:
    words = [severity.word for severity in Severity]
    level = [schema]
    while level:
        item = level.pop()
        if isinstance(item, dict) and item.get("x-severity", words[0]) not in words:
            raise ConfigurationError(f"{name}: `x-severity` must be error, warning or note, got {item['x-severity']!r}")
        if isinstance(item, dict) and "x-code" in item and str(item["x-code"]) not in CODES:
            raise ConfigurationError(
                f"{name}: `x-code` must be one of the codes that `cmsite rules` lists, got {item['x-code']!r}"
            )
        level.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())


def _applies(schema: dict[str, Any], name: str) -> dict[str, list[str]]:
    ours = schema.get("x-cmsite")
    applies = ours.get("applies") if isinstance(ours, dict) else None
    if not isinstance(applies, dict) or not all(isinstance(value, list) for value in applies.values()):
        raise ConfigurationError(
            f"{name}: needs `x-cmsite: {{applies: {{automations: [...]}}}}` to say which metas it checks"
        )
    return applies


class _KeyTrees:
    """Makes the key trees of one schema; what many places refer to is made once for each depth."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._made: dict[tuple[int, int], KeyTree] = {}

    def tree(self, schema: Any, depth: int = 0) -> KeyTree:
        """Follow `properties`, `patternProperties`, `additionalProperties`, `items` and local `$ref`s."""
        if not isinstance(schema, dict) or depth >= _MAX_KEY_DEPTH:
            return _NO_KEYS
        if "$ref" in schema:
            more = {key: value for key, value in schema.items() if key != "$ref"}
            target = definition(self._root, str(schema["$ref"]))
            if more:
                return self._new(target | more, depth)
            schema = target
        known = self._made.get((id(schema), depth))
        if known is None:
            known = self._made[id(schema), depth] = self._new(schema, depth)
        return known

    def _new(self, schema: dict[str, Any], depth: int) -> KeyTree:
        below = depth + 1
        others = schema.get("additionalProperties")
        return KeyTree(
            properties={name: self.tree(child, below) for name, child in schema.get("properties", {}).items()},
            patterns=tuple(
                (re.compile(pattern), self.tree(child, below))
                for pattern, child in schema.get("patternProperties", {}).items()
            ),
            others=self.tree(others, below) if isinstance(others, dict) else None,
            items=self.tree(schema["items"], below) if isinstance(schema.get("items"), dict) else None,
            reported=schema.get("x-unknown") == "report",
            similar=schema.get("x-unknown") == "similar",
        )


def definition(root: dict[str, Any], reference: str) -> dict[str, Any]:
    """Return what a local `$ref` of a schema stands for, nothing where it leads nowhere."""
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step, _EMPTY) if isinstance(found, dict) else _EMPTY
    return found if isinstance(found, dict) else _EMPTY


@cache
def bundled_rules() -> tuple[Rule, ...]:
    """Return cmsite's own rules, read once a process."""
    return tuple(parse_rule(name, content) for name, content in resources.rule_files())
