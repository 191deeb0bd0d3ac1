"""What one artifact needs, as one content-addressed file that its record names; `parse_` and `emit_` are a pair.

A client reads it to plan a pull and never reads a meta. Entries are those of the manifest. Where entries stand within
variations, the file also says which variations choose which others. Everything in it is foreign to the client.
Source: CONTRACT §10; docs/index-format.md has the fields.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from cmsite.index.layout import blob_path
from cmsite.index.packing import pack, unpack
from cmsite.index.strict import MAX_TEXT_CHARACTERS, Table, canonical, parse_json
from cmsite.outputs import OutputFile

SCHEMA = "cm-index-dependencies/1"
MAX_FILE_BYTES = 4_000_000  # Packed; the largest of the corpora, of 245 entries, has 4 kB.
MAX_UNPACKED_BYTES = 16_000_000
_ENTRIES_BYTES, _RULES_BYTES = 3_000_000, 900_000  # What a writer uses of it at most.
MAX_ENTRIES = 10_000
MAX_ENTRY_TARGETS = 200  # Alternatives of one dependency; 20 is the most in the corpora.
MAX_VARIATIONS = 10_000
MAX_NAMES = 1_000  # That one variation chooses.

_SURROGATE = re.compile("[\ud800-\udfff]")


class Need(NamedTuple):
    """One dependency: the list it stands in, what selects, how it resolved, and the complete references it means.

    Whoever writes it bounds how many `targets` are named; `targets_left_out` counts the others. `resolution` is a word
    of `cmsite.model.dependency.Resolution`. A tuple, since a catalogue has as many as 60,000.
    """

    kind: str
    selection: str
    resolution: str
    targets: tuple[str, ...] = ()
    targets_left_out: int = 0
    within: str = ""
    condition: str = ""


class VariationRule(NamedTuple):
    """What choosing one variation of a script chooses besides.

    `alias` is chosen with it where somebody names it, `base` in any case; of the variations of one `group` only one is chosen, the `is_default` one where nobody
    chose; `fills` are chosen where nothing of their group is.
    """

    name: str
    base: tuple[str, ...] = ()
    group: str = ""
    is_default: bool = False
    fills: tuple[str, ...] = ()
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """All that one artifact needs, in the order of its meta, and how its variations choose each other.

    `left_out` counts entries beyond `MAX_ENTRIES`; `fills` are variations chosen where nothing of their group is;
    `fallback` is the one chosen where no other is.
    """

    needs: tuple[Need, ...] = ()
    left_out: int = 0
    variations: tuple[VariationRule, ...] = ()
    fills: tuple[str, ...] = ()
    fallback: str = ""


NO_DEPENDENCIES = Dependencies()


def need_value(need: Need) -> dict[str, Any]:
    """Return a dependency as JSON, in manifests too; what says nothing is left out."""
    values: dict[str, Any] = {"kind": need.kind, "selection": need.selection, "resolution": need.resolution}
    if need.targets:
        values["targets"] = need.targets
    if need.targets_left_out:
        values["targets_left_out"] = need.targets_left_out
    if need.within:
        values["within"] = need.within
    if need.condition:
        values["condition"] = need.condition
    return values


def emit_dependencies(dependencies: Dependencies) -> tuple[str, OutputFile]:
    """Return the digest that the record names and the file."""
    entries = _within(_ENTRIES_BYTES, (need_value(_fitting(need)) for need in dependencies.needs[:MAX_ENTRIES]))
    values = {
        "dependencies": entries,
        "dependencies_left_out": dependencies.left_out + len(dependencies.needs) - len(entries),
        "variations": _within(_RULES_BYTES, (_rule_value(rule) for rule in dependencies.variations[:MAX_VARIATIONS])),
        "fills": [_cut(name) for name in dependencies.fills[:MAX_NAMES]],
        "fallback": _cut(dependencies.fallback),
    }
    packed = pack(canonical({"schema": SCHEMA} | {key: value for key, value in values.items() if value}) + b"\n")
    sha256 = hashlib.sha256(packed).hexdigest()
    return sha256, OutputFile(path=blob_path(sha256), content=packed)


def parse_dependencies(data: bytes, where: str) -> Dependencies:
    """Read the file; references in it are foreign: they name records and never become paths.

    Raises `IntegrityError` where it is not what docs/index-format.md says.
    """
    table = Table(parse_json(unpack(data, where=where, max_bytes=MAX_UNPACKED_BYTES), where), where=where)
    if table.text("schema") != SCHEMA:
        raise table.wrong("schema", f'"{SCHEMA}"')
    return Dependencies(
        needs=tuple(_need(item) for item in table.tables("dependencies", [], limit=MAX_ENTRIES)),
        left_out=table.integer("dependencies_left_out", 0),
        variations=tuple(_rule(item) for item in table.tables("variations", [], limit=MAX_VARIATIONS)),
        fills=table.texts("fills", [], limit=MAX_NAMES),
        fallback=table.text("fallback", ""),
    )


def _need(table: Table) -> Need:
    return Need(
        kind=table.text("kind"),
        selection=table.text("selection"),
        resolution=table.text("resolution"),
        targets=table.texts("targets", [], limit=MAX_ENTRY_TARGETS),
        targets_left_out=table.integer("targets_left_out", 0),
        within=table.text("within", ""),
        condition=table.text("condition", ""),
    )


def _rule(table: Table) -> VariationRule:
    return VariationRule(
        name=table.text("name"),
        base=table.texts("base", [], limit=MAX_NAMES),
        group=table.text("group", ""),
        is_default=table.flag("default"),
        fills=table.texts("fills", [], limit=MAX_NAMES),
        alias=table.text("alias", ""),
    )


def _rule_value(rule: VariationRule) -> dict[str, Any]:
    values = {
        "name": _cut(rule.name),
        "base": [_cut(name) for name in rule.base[:MAX_NAMES]],
        "group": _cut(rule.group),
        "default": rule.is_default,
        "fills": [_cut(name) for name in rule.fills[:MAX_NAMES]],
        "alias": _cut(rule.alias),
    }
    return {key: value for key, value in values.items() if value or key == "name"}


def _fitting(need: Need) -> Need:
    """Return an entry that a strict reader takes: what cannot name a record is counted instead."""
    named = [target for target in need.targets if _cut(target) == target][:MAX_ENTRY_TARGETS]
    return Need(
        kind=_cut(need.kind),
        selection=_cut(need.selection),
        resolution=need.resolution,
        targets=tuple(named),
        targets_left_out=need.targets_left_out + len(need.targets) - len(named),
        within=_cut(need.within),
        condition=_cut(need.condition),
    )


def _within(budget_bytes: int, values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first values that fit, so that no meta makes a file that readers refuse."""
    kept = []
    for value in values:
        budget_bytes -= len(canonical(value)) + 1
        if budget_bytes < 0:
            break
        kept.append(value)
    return kept


def _cut(text: str) -> str:
    if len(text) > MAX_TEXT_CHARACTERS:
        text = f"{text[: MAX_TEXT_CHARACTERS - 1]}…"
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
