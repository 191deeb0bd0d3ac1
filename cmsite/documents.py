"""Bytes of a meta → data with positions, and what is wrong with them as values.

YAML is read as CM reads it (PyYAML's safe YAML 1.1), JSON as Python's `json`; both see duplicate keys. YAML is
composed by libyaml and constructed here, which is faster than the library's constructor and keeps the nodes, so a
place costs nothing; a place in JSON is found by scanning the text again, only when a finding needs it.
Hostile input ends in a `Problem`, in bounded time and memory: depth, aliases and size are limited.
Source: facts/formats.md §1, §5; facts/index.md §4 (83, 84); facts/performance.md §3.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from cmsite.diagnostics import Place, Severity

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML built without libyaml: slower, the same data.
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024  # The largest meta of the corpora has 0.2 MB.
MAX_DEPTH = 100  # Levels of nesting; the deepest meta of the corpora has 12.
MAX_NODES = 1_000_000  # Values after aliases are expanded.
_MAX_TABBED = 200_000  # Characters of a text with tabs that the slow scanner is asked about, some 0.3 s.
_SAFE_NESTING = (
    1_000  # Levels libyaml's composer surely survives: it recurses in C and ends the process at some 20,000.
)

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
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class SourceFloat(float):
    """A number whose source spelling differs from Python's: `.literal` keeps `1.10` beside 1.1."""

    literal: str


class SourceInt(int):
    """A whole number whose source spelling differs from Python's: `.literal` keeps `0x1F`, `017` or `12:30`."""

    literal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in one file: a finding that does not know yet whose file it is."""

    code: str
    severity: Severity
    message: str
    place: Place | None = None
    pointer: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One parsed file: `data` is None where it cannot be read, and then `problems` says why."""

    path: str
    text: str
    data: Any
    problems: tuple[Problem, ...] = ()
    root: yaml.Node | None = field(default=None, repr=False, compare=False)

    def place(self, pointer: str) -> Place | None:
        """Return where the value of an RFC 6901 pointer stands: at its key, else at itself; None where it is not.

        The nearest parent stands in for a value that is not there (a missing key).
        """
        steps = split_pointer(pointer)
        if self.root is not None:
            return _place_in_yaml(self.root, steps)
        return _place_in_json(self.text, steps)

    def line(self, number: int) -> str:
        """Return one line of the source, counted from 1, without its end; "" where there is none."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


def parse(path: str, content: bytes) -> Document:
    """Parse a meta; the ending `.json` of its path decides the language. Never raises on any bytes."""
    if len(content) > MAX_DOCUMENT_BYTES:
        return _refused(
            path,
            "",
            _error(
                "CM001", f"is {len(content):,} bytes, more than {MAX_DOCUMENT_BYTES:,}", "move data out of the meta"
            ),
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _refused(path, "", _not_utf8(content, error))
    if not text.strip("\ufeff \t\r\n"):
        return _refused(
            path, text, _error("CM006", "is empty", "write the meta, or remove the file", Place(line=1, column=1))
        )
    if path.endswith(".json"):
        return _parse_json(path, text)
    return _parse_yaml(path, text)


def split_pointer(pointer: str) -> list[str]:
    """Split an RFC 6901 pointer into its unescaped steps.

    >>> split_pointer("/deps/0/a~1b")
    ['deps', '0', 'a/b']
    """
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def join_pointer(*steps: object) -> str:
    """Return the RFC 6901 pointer of these steps.

    >>> join_pointer("deps", 0, "a/b")
    '/deps/0/a~1b'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _error(code: str, message: str, hint: str, place: Place | None = None, pointer: str = "") -> Problem:
    return Problem(code=code, severity=Severity.ERROR, message=message, place=place, pointer=pointer, hint=hint)


def _refused(path: str, text: str, problem: Problem) -> Document:
    return Document(path=path, text=text, data=None, problems=(problem,))


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> Problem:
    before = content[: error.start]
    line_start = before.rfind(b"\n") + 1
    place = Place(line=before.count(b"\n") + 1, column=len(before[line_start:].decode("utf-8", "replace")) + 1)
    if b"\0" in content[:1024] or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = "is not text in UTF-8 but binary or UTF-16"
    else:
        message = f"is not UTF-8: byte 0x{content[error.start]:02x}"
    return _error("CM005", message, "save the file as UTF-8: the clients stop at any other encoding", place)


# --- YAML ---------------------------------------------------------------------------------------------------------


class _Loader(_BaseLoader):
    """PyYAML's safe loader without path resolvers, which nobody uses and which cost a fifth of composing."""

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Do nothing: there are no path resolvers."""

    def ascend_resolver(self) -> None:
        """Do nothing: there are no path resolvers."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """Return the tag of an untagged value, as `yaml.resolver.BaseResolver` does without path resolvers."""
        if kind is yaml.ScalarNode:
            if implicit[0]:
                for tag, pattern in _IMPLICIT.get(value[:1], ()):
                    if pattern.match(value):
                        return str(tag)
            return _STR
        return _SEQ if kind is yaml.SequenceNode else _MAP


class _Limit(Exception):  # noqa: N818 - control flow inside this module, never seen outside.
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _parse_yaml(path: str, text: str) -> Document:
    try:
        _refuse_deep_nesting(text)
        _refuse_tabs(text)
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        return _refused(path, text, _yaml_error(error))
    except _Limit as limit:
        return _refused(path, text, limit.problem)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        what = "is nested too deeply" if isinstance(error, RecursionError) else f"is not YAML: {_first_line(error)}"
        return _refused(
            path, text, _error("CM002", what, "rewrite the file as plain YAML text", Place(line=1, column=1))
        )
    if root is None:
        return _refused(
            path, text, _error("CM006", "holds no value", "write the meta, or remove the file", Place(line=1, column=1))
        )
    constructor = _Constructor()
    try:
        data = constructor.construct(root, 0)
    except _Limit as limit:
        return Document(path=path, text=text, data=None, problems=(*constructor.problems, limit.problem))
    return Document(path=path, text=text, data=data, problems=tuple(constructor.problems), root=root)


def _refuse_deep_nesting(text: str) -> None:
    """Raise `_Limit` before the composer recurses too deeply.

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
                raise _Limit(
                    _error(
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


def _yaml_error(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(line=mark.line + 1, column=mark.column + 1) if mark else None
    hint = (
        "JSON indented by tabs is not YAML: use blanks"
        if "'\\t'" in str(error.problem)
        else "correct the syntax here or on the line above"
    )
    return _error("CM002", f"is not YAML: {error.problem or error.context}", hint, place)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


class _Constructor:
    """Builds data from composed nodes, as PyYAML's SafeConstructor does, and notes duplicate keys."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._safe = yaml.constructor.SafeConstructor()
        self._built: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()
        self._nodes = 0

    def construct(self, node: yaml.Node, depth: int) -> Any:
        """Return the data of a node; raises `_Limit` where a limit is passed."""
        if node.tag == _STR and type(node) is yaml.ScalarNode:
            self._nodes += 1
            return node.value
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
            raise _Limit(_error("CM002", what, "write the value out, flatter", _start(node)))
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
            raise _Limit(
                _error(
                    "CM002",
                    f"expands to more than {MAX_NODES:,} values",
                    "aliases multiply here: write the values out",
                    _start(node),
                )
            )

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        method = _SCALARS.get(node.tag)
        if method is None:
            raise _Limit(
                _error("CM007", f"has the tag {node.tag!r}, which no client reads", "remove the tag", _start(node))
            )
        try:
            value = getattr(self._safe, method)(node)
        except (ValueError, OverflowError, yaml.YAMLError) as error:
            raise _Limit(
                _error(
                    "CM002",
                    f"holds {node.value[:40]!r}, which is no value: {_first_line(error)}",
                    "put it in quotes",
                    _start(node),
                )
            ) from error
        if type(value) is float and repr(value) != node.value:
            value = SourceFloat(value)
            value.literal = node.value
        elif type(value) is int and str(value) != node.value:
            value = SourceInt(value)
            value.literal = node.value
        return value

    def _sequence(self, node: yaml.Node, depth: int) -> Any:
        if node.tag != _SEQ:
            return self._tagged(node)
        construct = self.construct
        return [construct(child, depth + 1) for child in node.value]

    def _mapping(self, node: yaml.Node, depth: int) -> Any:
        if node.tag != _MAP:
            return self._tagged(node)
        pairs = node.value
        if any(key.tag == _MERGE for key, _ in pairs):
            pairs = self._merged(node, depth)
        data: dict[Any, Any] = {}
        for key_node, value_node in pairs:
            key = key_node.value if key_node.tag == _STR else self._key(key_node, depth)
            if key in data:
                self._note_duplicate(key, key_node, node)
            data[key] = self.construct(value_node, depth + 1)
        return data

    def _key(self, node: yaml.Node, depth: int) -> Any:
        key = self.construct(node, depth + 1)
        if isinstance(key, list | dict | set):
            raise _Limit(_error("CM002", "has a list or mapping as a key", "use a text as the key", _start(node)))
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
                    raise _Limit(
                        _error("CM002", "merges (<<) something that is no mapping", "merge a mapping", _start(key))
                    )
                for pair in self._merged(mapping, depth + 1):
                    if pair[0].value not in taken:
                        taken.add(pair[0].value)
                        merged.append(pair)
        self._count(node, len(merged))
        return merged + own

    def _tagged(self, node: yaml.Node) -> Any:
        raise _Limit(
            _error("CM007", f"has the tag {node.tag!r}, which no client reads", "remove the tag", _start(node))
        )

    def _note_duplicate(self, key: Any, key_node: yaml.Node, node: yaml.Node) -> None:
        first = next(other for other, _ in node.value if other.value == key_node.value)
        self.problems.append(_duplicate(key, _start(first), _start(key_node)))


def _duplicate(key: object, first: Place, second: Place) -> Problem:
    return Problem(
        code="CM004",
        severity=Severity.WARNING,
        message=f"key {str(key)!r} stands twice, first in line {first.line}: the first value is lost",
        place=second,
        hint="merge the two, or remove one",
    )


def _start(node: yaml.Node | yaml.Event) -> Place:
    mark: Any = node.start_mark  # The composer always sets it; the type says it may be None.
    return Place(line=mark.line + 1, column=mark.column + 1)


def _place_in_yaml(node: yaml.Node, steps: list[str]) -> Place:
    place = _start(node)
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = None
            for key, value in node.value:  # The last of equal keys is the one that counts.
                if str(key.value) == step:
                    found = (key, value)
            if found is None:
                return place
            place, node = _start(found[0]), found[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
            node = node.value[int(step)]
            place = _start(node)
        else:
            return place
    return place


# --- JSON ---------------------------------------------------------------------------------------------------------


def _parse_json(path: str, text: str) -> Document:
    problems: list[Problem] = []
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(
            _error(
                "CM008",
                "begins with a byte order mark, at which the clients stop",
                "save the file without a BOM",
                Place(line=1, column=1),
            )
        )
    duplicates: list[str] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(pairs)
        if len(data) != len(pairs):
            duplicates.append("")
        return data

    try:
        data = json.loads(text, object_pairs_hook=build)
    except json.JSONDecodeError as error:
        place = Place(line=error.lineno, column=error.colno)
        return _refused(
            path, text, _error("CM003", f"is not JSON: {error.msg}", "correct the syntax here or just before", place)
        )
    except (RecursionError, ValueError) as error:
        what = "is nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        return _refused(
            path,
            text,
            _error(
                "CM003",
                f"is not JSON that clients can read: {what}",
                "flatten it, or write huge numbers as text",
                Place(line=1, column=1),
            ),
        )
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        return _refused(
            path,
            text,
            _error("CM003", f"is nested deeper than {MAX_DEPTH} levels", "flatten it", Place(line=1, column=1)),
        )
    if duplicates:
        problems.extend(_json_duplicates(text))
    if _LONE_SURROGATE.search(text) and (cleaned := _without_surrogates(data)) != data:
        data = cleaned
        problems.append(
            _error(
                "CM009",
                "holds half of a surrogate pair (\\ud800…), which is no character",
                "write the character itself",
            )
        )
    return Document(path=path, text=text, data=data, problems=tuple(problems))


def _depth(data: Any) -> int:
    depth, level = 0, [data]
    while level := [
        child
        for item in level
        if isinstance(item, dict | list)
        for child in (item.values() if isinstance(item, dict) else item)
    ]:
        depth += 1
    return depth


def _without_surrogates(data: Any) -> Any:
    if isinstance(data, str):
        return _SURROGATES.sub("\ufffd", data)
    if isinstance(data, list):
        return [_without_surrogates(item) for item in data]
    if isinstance(data, dict):
        return {_without_surrogates(key): _without_surrogates(value) for key, value in data.items()}
    return data


def _json_events(text: str) -> Iterator[tuple[tuple[str, ...], int, bool]]:
    """Yield (path, offset, is key) of every key and every list item, in the order of the text.

    The text is known to be valid JSON, so the scanner only counts brackets and commas.
    """
    path: list[str] = []
    kinds: list[str] = []
    counts: list[int] = []
    expect_key = False
    for token in _JSON_TOKEN.finditer(text):
        sign = token.group()
        if sign == ",":
            if kinds[-1] == "[":
                counts[-1] += 1
            expect_key = kinds[-1] == "{"
            continue
        if sign == ":":
            expect_key = False
            continue
        if sign in "}]":
            kinds.pop()
            counts.pop()
            path.pop()
            continue
        if expect_key:
            path[-1] = json.loads(sign)
            yield tuple(path), token.start(), True
            continue
        if kinds and kinds[-1] == "[":
            path[-1] = str(counts[-1])
            yield tuple(path), token.start(), False
        if sign in "{[":
            kinds.append(sign)
            counts.append(0)
            path.append("")
            expect_key = sign == "{"


def _json_duplicates(text: str) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], int] = {}
    for path, offset, is_key in _json_events(text):
        if is_key and path in seen:
            yield _duplicate(path[-1], _place_at(text, seen[path]), _place_at(text, offset))
        if not is_key or path in seen:  # A list item, or the value of a duplicate key, starts afresh.
            for key in [known for known in seen if known[: len(path)] == path]:
                del seen[key]
        if is_key:
            seen[path] = offset


def _place_in_json(text: str, steps: list[str]) -> Place | None:
    best, depth = 0, 0
    for path, offset, _ in _json_events(text):
        if len(path) >= depth and list(path) == steps[: len(path)]:
            best, depth = offset, len(path)
    return _place_at(text, best if depth else len(text) - len(text.lstrip()))


def _place_at(text: str, offset: int) -> Place:
    return Place(line=text.count("\n", 0, offset) + 1, column=offset - text.rfind("\n", 0, offset))
