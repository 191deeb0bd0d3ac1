"""Where keys, values and items of lists begin and end in a document's text, for edits that keep all the rest.

A span counts characters of `Document.text`. Whoever edits parses the result again: nothing here says whether an edit
keeps the meaning.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import yaml

from cmsite.documents.json_text import json_events
from cmsite.documents.problem import split_pointer

_COLON = re.compile(r"\s*:\s*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a mapping with its value."""

    key: Span
    value: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The parts of a list or mapping in their order: items, or keys.

    With `lines` each stands on lines of its own (items behind a dash), else they stand in brackets.
    """

    spans: tuple[Span, ...]
    lines: bool


class Spans(Protocol):
    """The spans of one document; a pointer (RFC 6901) that leads nowhere gives None."""

    def entry(self, pointer: str) -> Entry | None:
        """Return the key and value at a pointer; of equal keys the last, which readers take."""

    def items(self, pointer: str) -> Row | None:
        """Return the items of the list at a pointer."""

    def keys(self) -> Row | None:
        """Return the keys of the document itself."""


class YamlSpans:
    """The spans of a composed YAML document."""

    def __init__(self, root: yaml.Node, text: str) -> None:
        self._root = root
        # libyaml does not count a byte order mark; the scanner in Python does.
        self._mark = 1 if text.startswith("\ufeff") and yaml.__with_libyaml__ else 0

    def entry(self, pointer: str) -> Entry | None:
        """Return the key and value at a pointer."""
        steps = split_pointer(pointer)
        parent = self._node(steps[:-1])
        if not isinstance(parent, yaml.MappingNode) or not steps:
            return None
        pairs = (pair for pair in reversed(parent.value) if str(pair[0].value) == steps[-1])
        return next((Entry(key=self._span(key), value=self._span(value)) for key, value in pairs), None)

    def items(self, pointer: str) -> Row | None:
        """Return the items of the list at a pointer."""
        node = self._node(split_pointer(pointer))
        if not isinstance(node, yaml.SequenceNode):
            return None
        return Row(spans=tuple(self._span(item) for item in node.value), lines=not node.flow_style)

    def keys(self) -> Row | None:
        """Return the keys of the document itself."""
        if not isinstance(self._root, yaml.MappingNode):
            return None
        return Row(spans=tuple(self._span(key) for key, _ in self._root.value), lines=not self._root.flow_style)

    def _node(self, steps: list[str]) -> yaml.Node | None:
        node: yaml.Node | None = self._root
        for step in steps:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in reversed(node.value) if str(key.value) == step), None)
            elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
                node = node.value[int(step)]
            else:
                return None
        return node

    def _span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        assert start is not None and end is not None, "the composer sets both marks"  # noqa: PT018, S101
        return Span(start=start.index + self._mark, end=end.index + self._mark)


class JsonSpans:
    """The spans of a valid JSON text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _offsets(self) -> dict[tuple[str, ...], int]:
        """Return path → offset of its key, or of the item of a list; of equal keys the last, with what lies below it."""
        return {path: offset for path, offset, _ in json_events(self._text)}

    def entry(self, pointer: str) -> Entry | None:
        """Return the key and value at a pointer."""
        start = self._offsets.get(tuple(split_pointer(pointer)))
        if start is None or self._text[start] != '"':
            return None
        key = self._value(start)
        colon = _COLON.match(self._text, key.end)
        return None if colon is None else Entry(key=key, value=self._value(colon.end()))

    def items(self, pointer: str) -> Row | None:
        """Return the items of the list at a pointer."""
        entry = self.entry(pointer)
        if entry is None or self._text[entry.value.start] != "[":
            return None
        path = tuple(split_pointer(pointer))
        count = len(json.loads(self._text[entry.value.start : entry.value.end]))
        return Row(spans=tuple(self._value(self._offsets[(*path, str(n))]) for n in range(count)), lines=False)

    def keys(self) -> Row | None:
        """Return the keys of the document itself."""
        starts = (offset for path, offset, is_key in json_events(self._text) if is_key and len(path) == 1)
        return Row(spans=tuple(self._value(start) for start in starts), lines=False)

    def _value(self, start: int) -> Span:
        return Span(start=start, end=_DECODER.raw_decode(self._text, start)[1])
