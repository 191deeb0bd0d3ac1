"""The rule language: JSON Schema 2020-12 written as YAML, one file a kind of meta.

A rule file is a plain JSON Schema plus one key, `x-cmsite`, which says where it applies:

    x-cmsite:
      applies: {formats: [cm, mlc], automations: [script]}   # or `files: [cmr.yaml]` for descriptors

An object schema that lists its `properties` and says `x-unknown: report` has keys that are known by name: others
become findings with "did you mean". Source: DESIGN §5.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jsonschema_rs

from cmsite import documents, resources
from cmsite.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class KeyTree:
    """The names of keys that a schema knows, level by level; `reported` says whether others become findings."""

    properties: dict[str, "KeyTree"] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], "KeyTree"], ...] = ()
    others: "KeyTree | None" = None
    items: "KeyTree | None" = None
    reported: bool = False

    @property
    def matters(self) -> bool:
        """Return whether anything at this level or below would ever be reported."""
        below = [*self.properties.values(), *(tree for _, tree in self.patterns), self.others, self.items]
        return self.reported or any(tree is not None and tree.matters for tree in below)


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
        validator = jsonschema_rs.Draft202012Validator(schema)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise ConfigurationError(f"{name}: is no JSON Schema 2020-12: {str(error).splitlines()[0]}") from error
    applies = _applies(schema, name)
    keys = _key_tree(schema, schema, 0)
    return Rule(
        name=name.removesuffix(".yaml"),
        formats=tuple(applies.get("formats", ())),
        automations=tuple(applies.get("automations", ())),
        files=tuple(applies.get("files", ())),
        schema=schema,
        validator=validator,
        keys=keys,
        reports_keys=keys.matters,
    )


def _applies(schema: dict[str, Any], name: str) -> dict[str, list[str]]:
    ours = schema.get("x-cmsite")
    applies = ours.get("applies") if isinstance(ours, dict) else None
    if not isinstance(applies, dict) or not all(isinstance(value, list) for value in applies.values()):
        raise ConfigurationError(
            f"{name}: needs `x-cmsite: {{applies: {{automations: [...]}}}}` to say which metas it checks"
        )
    return applies


def _key_tree(schema: Any, root: dict[str, Any], depth: int) -> KeyTree:
    """Follow `properties`, `patternProperties`, `additionalProperties`, `items` and local `$ref`s."""
    if isinstance(schema, dict) and "$ref" in schema and depth < 12:  # noqa: PLR2004 - schemas may be recursive.
        schema = _definition(root, str(schema["$ref"])) | {key: value for key, value in schema.items() if key != "$ref"}
    if not isinstance(schema, dict) or depth >= 12:  # noqa: PLR2004
        return KeyTree()
    others = schema.get("additionalProperties")
    return KeyTree(
        properties={name: _key_tree(child, root, depth + 1) for name, child in schema.get("properties", {}).items()},
        patterns=tuple(
            (re.compile(pattern), _key_tree(child, root, depth + 1))
            for pattern, child in schema.get("patternProperties", {}).items()
        ),
        others=_key_tree(others, root, depth + 1) if isinstance(others, dict) else None,
        items=_key_tree(schema["items"], root, depth + 1) if isinstance(schema.get("items"), dict) else None,
        reported=schema.get("x-unknown") == "report",
    )


def _definition(root: dict[str, Any], reference: str) -> dict[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


@cache
def bundled_rules() -> tuple[Rule, ...]:
    """Return cmsite's own rules, read once a process."""
    return tuple(parse_rule(name, content) for name, content in resources.rule_files())
