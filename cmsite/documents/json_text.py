"""JSON text → data as Python's `json` gives it; duplicate keys and places are found by scanning the text again."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from cmsite.diagnostics import Place
from cmsite.documents.problem import MAX_DEPTH, Problem, RefusedDocumentError, duplicate_key, error, first_line

_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# Every escape, so that the `u` behind an escaped backslash is none; the half of a pair that stands alone has a name.
_HALF = "[0-9a-fA-F]{2}"
_ESCAPE = re.compile(
    rf"\\(?:u[dD][89abAB]{_HALF}\\u[dD][c-fC-F]{_HALF}|(?P<alone>u[dD][89a-fA-F]{_HALF})|.)", re.DOTALL
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\n")
_SCANS = 4  # A list of all places takes longer than a scan, and memory.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def parse_json(text: str, problems: list[Problem]) -> Any:
    """Return the data; duplicate keys and halves of characters are added to `problems`.

    Raises `RefusedDocumentError` where the text cannot be read.
    """
    data, has_duplicates = _loaded(text)
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        message = f"is nested deeper than {MAX_DEPTH} levels"
        raise RefusedDocumentError(error("CM003", message, "flatten it", Place(line=1, column=1)))
    if has_duplicates:
        problems.extend(_duplicates(text))
    if _LONE_SURROGATE.search(text) and (cleaned := _without_surrogates(data)) != data:
        data = cleaned
        message = "holds half of a surrogate pair (\\ud800…), which is no character"
        problems.append(error("CM009", message, "write the character itself", _place_at(text, _lone_surrogate(text))))
    return data


def _lone_surrogate(text: str) -> int:
    r"""Return where the first half of a character stands that has no other half.

    >>> _lone_surrogate(r'["\ud83d\ude80", "\\ud83d", "\ud83d"]')
    29
    """
    return next((found.start() for found in _ESCAPE.finditer(text) if found["alone"]), 0)


def _loaded(text: str) -> tuple[Any, bool]:
    has_duplicates = False

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_duplicates
        data = dict(pairs)
        has_duplicates = has_duplicates or len(data) != len(pairs)
        return data

    try:
        return json.loads(text, object_pairs_hook=build), has_duplicates
    except json.JSONDecodeError as failure:
        place = Place(line=failure.lineno, column=failure.colno)
        problem = error("CM003", f"is not JSON: {failure.msg}", "correct the syntax here or just before", place)
        raise RefusedDocumentError(problem) from failure
    except (RecursionError, ValueError) as failure:
        what = "is nested too deeply" if isinstance(failure, RecursionError) else first_line(failure)
        message = f"is not JSON that clients can read: {what}"
        hint = "flatten it, or write huge numbers as text"
        raise RefusedDocumentError(error("CM003", message, hint, Place(line=1, column=1))) from failure


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


def json_events(text: str) -> Iterator[tuple[tuple[str, ...], int, bool]]:
    """Yield (path, offset, is key) of every key and every list item, in the order of the text.

    The text is known to be valid JSON, so the scanner only counts brackets and commas.
    """
    path: list[str] = []
    kinds: list[str] = []
    counts: list[int] = []
    expect_key = False
    for token in _TOKEN.finditer(text):
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


def _duplicates(text: str) -> Iterator[Problem]:
    """Yield each key that stands twice in one object: `scopes` holds the keys of the objects that are open."""
    scopes: list[dict[str, int]] = []
    for path, offset, is_key in json_events(text):
        del scopes[len(path) :]
        while len(scopes) < len(path):
            scopes.append({})
        if is_key:
            seen = scopes[-1]
            if path[-1] in seen:
                yield duplicate_key(path[-1], _place_at(text, seen[path[-1]]), _place_at(text, offset))
            seen[path[-1]] = offset


class JsonPlaces:
    """Places in a valid JSON text; the text is scanned for each of the first few, then once for all others."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._asked = 0

    def place(self, steps: list[str]) -> Place:
        """Return where the steps lead, or where the last one that exists stands; of equal keys the last one."""
        self._asked += 1
        if self._asked <= _SCANS:
            best, depth = 0, 0
            for path, offset, _ in json_events(self._text):
                if len(path) >= depth and list(path) == steps[: len(path)]:
                    best, depth = offset, len(path)
            return _place_at(self._text, best if depth else self._begin)
        for depth in range(len(steps), 0, -1):
            found = self._offsets.get(tuple(steps[:depth]))
            if found is not None:
                return self._listed(found)
        return self._listed(self._begin)

    @property
    def _begin(self) -> int:
        return len(self._text) - len(self._text.lstrip())

    @cached_property
    def _offsets(self) -> dict[tuple[str, ...], int]:
        return {path: offset for path, offset, _ in json_events(self._text)}

    @cached_property
    def _lines(self) -> list[int]:
        """Return where each line begins."""
        return [0, *(match.end() for match in _LINE_END.finditer(self._text))]

    def _listed(self, offset: int) -> Place:
        line = bisect_right(self._lines, offset)
        return Place(line=line, column=offset - self._lines[line - 1] + 1)


def _place_at(text: str, offset: int) -> Place:
    return Place(line=text.count("\n", 0, offset) + 1, column=offset - text.rfind("\n", 0, offset))
