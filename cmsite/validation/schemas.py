"""The rules as plain JSON Schema 2020-12 for editors: one schema for each kind of meta, with nothing of ours in it.

An editor completes and checks a meta that begins with `# yaml-language-server: $schema=ADDRESS`. All rules for a kind
stand in one document without references to others. Where a rule reports unknown keys, the schema allows none but
those that are switched off on purpose. Source: DESIGN §5 ("schemas are published for editors"); docs/adr/0020.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cmsite.validation.rules import Rule

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = "schema"
ANY = "any"
"""Name of the schema for kinds of metas that have no rule of their own."""

_FORMATS = ("cm", "mlc", "ck")
_META_NAMES = {"cm": ("_cm.yaml", "_cm.json"), "mlc": ("meta.yaml", "meta.json")}
_SWITCHED_OFF: dict[str, Any] = {"^_": {}, "(1|_off|_disabled)$": {}}
_PARENTS = ("properties", "patternProperties", "$defs")  # Their keys are names, not keywords.


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorSchema:
    """One schema: `path` is its address below the site, such as `schema/mlc/script.json`."""

    path: str
    schema: dict[str, Any]

    @property
    def content(self) -> bytes:
        """Return the bytes of the file."""
        return (json.dumps(self.schema, ensure_ascii=False, indent=1) + "\n").encode()


def editor_schemas(rules: Iterable[Rule], base_url: str = "") -> Iterator[EditorSchema]:
    """Yield the schema of every format and automation that a rule names, and of every descriptor."""
    listed = tuple(rules)
    automations = sorted({name for rule in listed for name in rule.automations})
    for format_ in _FORMATS:
        for automation in (*automations, ANY):
            chosen = [rule for rule in listed if rule.applies_to(format_, automation)]
            if chosen and (automation == ANY or any(automation in rule.automations for rule in chosen)):
                yield _joined(f"{FOLDER}/{format_}/{automation}.json", chosen, base_url)
    for rule in listed:
        if rule.files:
            yield _joined(f"{FOLDER}/{rule.name}.json", [rule], base_url)


def editor_catalog(rules: Iterable[Rule], base_url: str) -> bytes:
    """Return the list of all schemas with the files they are for, as editors read it from JSON Schema Store.

    Source: https://json.schemastore.org/schema-catalog.json (`name`, `description`, `fileMatch`, `url`).
    """
    entries = []
    for schema in editor_schemas(rules, base_url):
        matches = _file_matches(schema.path, rules)
        if matches:
            title = str(schema.schema.get("title", schema.path))
            about = " ".join(str(schema.schema.get("description", title)).split())
            entries.append({"name": title, "description": about, "fileMatch": matches, "url": base_url + schema.path})
    catalog = {"$schema": "https://json.schemastore.org/schema-catalog.json", "version": 1, "schemas": entries}
    return (json.dumps(catalog, ensure_ascii=False, indent=1) + "\n").encode()


def _file_matches(path: str, rules: Iterable[Rule]) -> list[str]:
    """Return the patterns of the files that a schema is for; none where a format's files do not name their kind."""
    _, *steps = path.removesuffix(".json").split("/")
    if len(steps) == 1:
        # A repository's meta.yaml has the name of every meta of MLC.
        return [f"**/{name}" for rule in rules if rule.name == steps[0] for name in rule.files if name != "meta.yaml"]
    format_, automation = steps
    if automation == ANY or format_ not in _META_NAMES:
        return []
    return [f"**/{automation}/*/{name}" for name in _META_NAMES[format_]]


def _joined(path: str, rules: list[Rule], base_url: str) -> EditorSchema:
    last = next((rule for rule in reversed(rules) if rule.automations), rules[-1]).schema
    schema: dict[str, Any] = {"$schema": DIALECT}
    if base_url:
        schema["$id"] = base_url + path
    schema |= {key: last[key] for key in ("title", "description") if key in last}
    schema["type"] = "object"
    closed = [rule for rule in rules if rule.keys.reported]
    if closed:
        names = sorted({name for rule in rules for name in rule.keys.properties})
        schema["properties"] = {name: {} for name in names}
        schema["patternProperties"] = _SWITCHED_OFF
        schema["additionalProperties"] = False
    definitions: dict[str, Any] = {}
    parts = []
    for rule in rules:
        part = _plain(rule.schema, rule.name)
        definitions |= {f"{rule.name}.{name}": value for name, value in part.pop("$defs", {}).items()}
        parts.append({key: value for key, value in part.items() if key not in _HEAD and not _closes(rule, key)})
    schema["allOf"] = parts
    if definitions:
        schema["$defs"] = definitions
    return EditorSchema(path=path, schema=schema)


_HEAD = ("$schema", "$id", "title", "description")


def _closes(rule: Rule, key: str) -> bool:
    """Return whether a keyword of a rule's top level only keeps out unknown keys, which the whole schema does."""
    return rule.keys.reported and key == "additionalProperties"


def _plain(schema: Any, name: str, *, keywords: bool = True) -> Any:
    """Return a schema without keywords of ours; references lead to the definitions of this rule."""
    if isinstance(schema, list):
        return [_plain(item, name) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if not keywords:
        return {key: _plain(value, name) for key, value in schema.items()}
    plain = {
        key: _plain(value, name, keywords=key not in _PARENTS)
        for key, value in schema.items()
        if not key.startswith("x-") and key not in ("enum", "const", "default", "examples")
    }
    plain |= {key: schema[key] for key in ("enum", "const", "default", "examples") if key in schema}
    reference = plain.get("$ref")
    if isinstance(reference, str):
        plain["$ref"] = reference.replace("#/$defs/", f"#/$defs/{name}.", 1)
    if schema.get("x-unknown") == "report" and "additionalProperties" not in plain:
        plain["patternProperties"] = {**_SWITCHED_OFF, **plain.get("patternProperties", {})}
        plain["additionalProperties"] = False
    return plain
