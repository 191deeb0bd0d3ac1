"""YAML text → data and nodes, exactly the data that PyYAML's safe loader gives, several times as fast.

libyaml composes; construction is here, so that duplicate keys are seen and aliases, depth and tags are limited.
"""

import operator
import re
import sys
from typing import Any

import yaml

from cmsite.diagnostics import Place
from cmsite.documents.problem import (
    MAX_DEPTH,
    Problem,
    RefusedDocumentError,
    SourceFloat,
    SourceInt,
    duplicate_key,
    error,
    first_line,
)

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML built without libyaml: slower, the same data.
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

MAX_NODES = 1_000_000  # Values after aliases are expanded.
_MAX_SHARED = 40  # Characters of a text that is kept once.
_MAX_TABBED = 200_000  # Characters of a text with tabs that the slow scanner is asked about, some 0.3 s.
# Levels libyaml's composer surely survives: it recurses in C and ends the process at some 20,000.
_SAFE_NESTING = 1_000

_STR = "tag:yaml.org,2002:str"
_SEQ = "tag:yaml.org,2002:seq"
_MAP = "tag:yaml.org,2002:map"
_MERGE = "tag:yaml.org,2002:merge"
_SCALARS = {
    "tag:yaml.org,2002:null": "construct_yaml_null",
    "tag:yaml.org,2002:bool": "construct_yaml_bool",
    "tag:yaml.org,2002:int": "construct_yaml_int",
    "tag:yaml.org,2002:float": "construct_yaml_float",
    "tag:yaml.org,2002:binary": "construct_yaml_binary",
    "tag:yaml.org,2002:timestamp": "construct_yaml_timestamp",
    "tag:yaml.org,2002:value": "construct_scalar",
}
_IMPLICIT: dict[str, list[tuple[str, re.Pattern[str]]]] = _BaseLoader.yaml_implicit_resolvers


class _Loader(_BaseLoader):
    """PyYAML's safe loader without path resolvers, which nobody uses and which cost a fifth of composing."""

    # Called for every node: functions in C that do nothing cost a third of methods that do nothing.
    descend_resolver = staticmethod(operator.is_)  # type: ignore[assignment]
    ascend_resolver = staticmethod(tuple)  # type: ignore[assignment]

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """Return the tag of an untagged value, as `yaml.resolver.BaseResolver` does without path resolvers."""
        if kind is yaml.ScalarNode:
            if implicit[0] and value[:1] in _IMPLICIT:
                for tag, pattern in _IMPLICIT[value[:1]]:
                    if pattern.match(value):
                        return str(tag)
            return _STR
        return _SEQ if kind is yaml.SequenceNode else _MAP


def parse_yaml(text: str, problems: list[Problem]) -> tuple[Any, yaml.Node]:
    """Return the data and the composed node of one YAML document; duplicate keys are added to `problems`.

    Raises `RefusedDocumentError` where the text cannot be read.
    """
    root = _composed(text)
    if root is None:
        hint = "write the meta, or remove the file"
        raise RefusedDocumentError(error("CM006", "holds no value", hint, Place(line=1, column=1)))
    return _Constructor(problems).construct(root, 0), root


def _composed(text: str) -> yaml.Node | None:
    try:
        _refuse_deep_nesting(text)
        _refuse_tabs(text)
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as failure:
        raise RefusedDocumentError(_yaml_error(failure)) from failure
    except (yaml.YAMLError, RecursionError, ValueError) as failure:
        deep = isinstance(failure, RecursionError)
        message = "is nested too deeply" if deep else f"is not YAML: {first_line(failure)}"
        hint = "rewrite the file as plain YAML text"
        raise RefusedDocumentError(error("CM002", message, hint, Place(line=1, column=1))) from failure


def _refuse_deep_nesting(text: str) -> None:
    """Raise `RefusedDocumentError` before the composer recurses too deeply.

    A level costs a bracket, or at least half a column of a line; only a text with very many is counted by its events.
    """
    brackets = text.count("[") + text.count("{")
    if brackets < _SAFE_NESTING and max(map(len, text.split("\n"))) < _SAFE_NESTING:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _SAFE_NESTING:
                raise RefusedDocumentError(
                    error(
                        "CM002",
                        f"is nested deeper than {MAX_DEPTH} levels",
                        "write the value out, flatter",
                        _start(event),
                    )
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refuse_tabs(text: str) -> None:
    """Raise `yaml.YAMLError` for tabs that the clients refuse: they read with PyYAML's own scanner, not with libyaml.

    Source: facts/formats.md §5 (tab-indented JSON under the name meta.yaml crashes `mlc`).
    """
    if "\t" in text and len(text) <= _MAX_TABBED:
        for _ in yaml.scan(text, Loader=yaml.SafeLoader):
            pass


def _yaml_error(failure: yaml.MarkedYAMLError) -> Problem:
    mark = failure.problem_mark or failure.context_mark
    place = Place(line=mark.line + 1, column=mark.column + 1) if mark else None
    tabbed = "'\\t'" in str(failure.problem)
    hint = "indent by blanks: tabs are not YAML" if tabbed else "correct the syntax here or on the line above"
    return error("CM002", f"is not YAML: {failure.problem or failure.context}", hint, place)


def _shared(text: str) -> str:
    """Return the one object of a short text: metas repeat the same keys, tags and names."""
    return sys.intern(text) if len(text) <= _MAX_SHARED else text


class _Constructor:
    """Builds data from composed nodes, as PyYAML's SafeConstructor does, and notes duplicate keys."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self._safe = yaml.constructor.SafeConstructor()
        self._built: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()
        self._nodes = 0

    def construct(self, node: yaml.Node, depth: int) -> Any:
        """Return the data of a node; raises `RefusedDocumentError` where a limit is passed."""
        if node.tag == _STR and type(node) is yaml.ScalarNode:
            self._nodes += 1
            return _shared(node.value)
        if type(node) is yaml.ScalarNode:
            self._nodes += 1
            return self._scalar(node)
        known = self._built.get(id(node))
        if known is not None:
            data, size = known
            self._count(node, size)
            return data
        if id(node) in self._open or depth > MAX_DEPTH:
            what = "refers to itself" if id(node) in self._open else f"is nested deeper than {MAX_DEPTH} levels"
            raise RefusedDocumentError(error("CM002", what, "write the value out, flatter", _start(node)))
        self._open.add(id(node))
        before = self._nodes
        self._count(node, 1)
        data = self._mapping(node, depth) if type(node) is yaml.MappingNode else self._sequence(node, depth)
        self._open.discard(id(node))
        self._built[id(node)] = (data, self._nodes - before)
        return data

    def _count(self, node: yaml.Node, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            raise RefusedDocumentError(
                error(
                    "CM002",
                    f"expands to more than {MAX_NODES:,} values",
                    "aliases multiply here: write the values out",
                    _start(node),
                )
            )

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        method = _SCALARS.get(node.tag)
        if method is None:
            raise RefusedDocumentError(_foreign_tag(node))
        try:
            value = getattr(self._safe, method)(node)
            spelled = str(value) if type(value) is int else ""  # More than 4,300 digits have no text: 59:59:59:….
        except (ValueError, OverflowError, yaml.YAMLError) as failure:
            raise RefusedDocumentError(
                error(
                    "CM002",
                    f"holds {node.value[:40]!r}, which is no value: {first_line(failure)}",
                    "put it in quotes",
                    _start(node),
                )
            ) from failure
        if type(value) is float and repr(value) != node.value:
            value = SourceFloat(value)
            value.literal = node.value
        elif type(value) is int and spelled != node.value:
            value = SourceInt(value)
            value.literal = node.value
        return value

    def _sequence(self, node: yaml.Node, depth: int) -> Any:
        if node.tag != _SEQ:
            return self._tagged(node)
        construct = self.construct
        below = depth + 1
        found = []
        for child in node.value:
            if child.tag == _STR and type(child) is yaml.ScalarNode:
                self._nodes += 1
                text = child.value
                found.append(sys.intern(text) if len(text) <= _MAX_SHARED else text)
            else:
                found.append(construct(child, below))
        return found

    def _mapping(self, node: yaml.Node, depth: int) -> Any:
        if node.tag != _MAP:
            return self._tagged(node)
        pairs = node.value
        for key_node, _ in pairs:
            if key_node.tag == _MERGE:
                pairs = self._merged(node, depth)
                break
        data: dict[Any, Any] = {}
        construct = self.construct
        below = depth + 1
        for key_node, value_node in pairs:
            if key_node.tag == _STR and type(key_node) is yaml.ScalarNode:
                text = key_node.value
                key = sys.intern(text) if len(text) <= _MAX_SHARED else text
            else:
                key = self._key(key_node, depth)
            if key in data:
                self._note_duplicate(key, key_node, node)
            if value_node.tag == _STR and type(value_node) is yaml.ScalarNode:
                self._nodes += 1
                text = value_node.value
                data[key] = sys.intern(text) if len(text) <= _MAX_SHARED else text
            else:
                data[key] = construct(value_node, below)
        return data

    def _key(self, node: yaml.Node, depth: int) -> Any:
        key = self.construct(node, depth + 1)
        if isinstance(key, list | dict | set):
            raise RefusedDocumentError(
                error("CM002", "has a list or mapping as a key", "use a text as the key", _start(node))
            )
        return key

    def _merged(self, node: yaml.Node, depth: int) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return the pairs with `<<` replaced: merged pairs first, so that own keys win, without being duplicates."""
        own = [(key, value) for key, value in node.value if key.tag != _MERGE]
        taken = {key.value for key, _ in own}
        merged: list[tuple[yaml.Node, yaml.Node]] = []
        for key, value in node.value:
            if key.tag != _MERGE:
                continue
            for mapping in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(mapping, yaml.MappingNode) or depth > MAX_DEPTH:
                    raise RefusedDocumentError(
                        error("CM002", "merges (<<) something that is no mapping", "merge a mapping", _start(key))
                    )
                for pair in self._merged(mapping, depth + 1):
                    if pair[0].value not in taken:
                        taken.add(pair[0].value)
                        merged.append(pair)
        self._count(node, len(merged))
        return merged + own

    def _tagged(self, node: yaml.Node) -> Any:
        raise RefusedDocumentError(_foreign_tag(node))

    def _note_duplicate(self, key: Any, key_node: yaml.Node, node: yaml.Node) -> None:
        first = next(other for other, _ in node.value if other.value == key_node.value)
        self.problems.append(duplicate_key(key, _start(first), _start(key_node)))


def _foreign_tag(node: yaml.Node) -> Problem:
    written = node.tag.replace("tag:yaml.org,2002:", "!!", 1)
    return error("CM007", f"has the tag {written!r}, which no client reads", "write the value itself", _start(node))


def _start(node: yaml.Node | yaml.Event) -> Place:
    mark: Any = node.start_mark  # The composer always sets it; the type says it may be None.
    return Place(line=mark.line + 1, column=mark.column + 1)


class YamlPlaces:
    """Places in a composed document; keys of each mapping are listed once, so that many findings cost no more each."""

    def __init__(self, root: yaml.Node) -> None:
        self._root = root
        self._pairs: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}

    def place(self, steps: list[str]) -> Place:
        """Return where the steps lead, or where the last one that exists stands; of equal keys the last one."""
        node = self._root
        place = _start(node)
        for step in steps:
            if isinstance(node, yaml.MappingNode):
                pairs = self._pairs.get(id(node))
                if pairs is None:
                    pairs = self._pairs[id(node)] = {str(key.value): (key, value) for key, value in node.value}
                if step not in pairs:
                    return place
                key, node = pairs[step]
                place = _start(key)
            elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
                node = node.value[int(step)]
                place = _start(node)
            else:
                return place
        return place
