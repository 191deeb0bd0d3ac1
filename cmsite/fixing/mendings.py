"""For each kind of finding that can be mended: the edits of the text, and what they mean for its data.

A mending says both, so that `mend` can hold one against the other.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cmsite.diagnostics import Diagnostic
from cmsite.documents import Document, Row, Span, split_pointer
from cmsite.fixing.edits import Edit

_NUMBER = re.compile(r"[-+.\w:]+\Z")
_TAG = re.compile(r"/tags/[0-9]+\Z")
_NOT_HERE = "it is not written in this file"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What mends findings: edits of the text, and the same change of the data, made in place."""

    findings: tuple[Diagnostic, ...]
    edits: tuple[Edit, ...]
    change: Callable[[Any], None]


class CannotMendError(Exception):
    """This finding cannot be mended here; the text says why, as the end of a sentence."""


def quote_number(document: Document, finding: Diagnostic) -> Mending:
    """Put a number that must be a text in quotes, as it is spelled."""
    span = _value(document, finding.pointer)
    literal = document.text[span.start : span.end]
    if not _NUMBER.match(literal):
        raise CannotMendError("the value is not a plain number")
    edit = Edit(start=span.start, end=span.end, text=f'"{literal}"')
    return Mending(findings=(finding,), edits=(edit,), change=_setting(finding.pointer, literal))


def quote_tag(document: Document, finding: Diagnostic) -> Mending:
    """Put a number among tags in quotes; other values of a wrong type need a person."""
    if not _TAG.search(finding.pointer):
        raise CannotMendError("only numbers among tags can be put in quotes safely")
    mending = quote_number(document, finding)
    literal = mending.edits[0].text.strip('"')
    *above, number = split_pointer(finding.pointer)
    before = _reached(document.data, above)[: int(number)]
    if any(str(getattr(tag, "literal", tag)) == literal for tag in before):
        raise CannotMendError(f"a tag {literal} stands there already: remove one")
    return mending


def replace_value(document: Document, finding: Diagnostic) -> Mending:
    """Write the text that the finding says is right, in the quotes that stand there, else in double ones."""
    if not finding.replacement:
        raise CannotMendError("nobody can tell what was meant")
    span = _value(document, finding.pointer)
    text = _quoted_like(document, span, finding.replacement)
    edit = Edit(start=span.start, end=span.end, text=text)
    return Mending(findings=(finding,), edits=(edit,), change=_setting(finding.pointer, finding.replacement))


def rename_key(document: Document, finding: Diagnostic) -> Mending:
    """Write the key that the finding says is right; refused where that key stands there already."""
    if not finding.replacement:
        raise CannotMendError("nobody can tell what was meant")
    *above, old = split_pointer(finding.pointer) or [""]
    parent = _reached(document.data, above)
    entry = document.spans().entry(finding.pointer)
    if entry is None or not isinstance(parent, dict) or old not in parent:
        raise CannotMendError(_NOT_HERE)
    if finding.replacement in parent:
        raise CannotMendError(f"there is a key {finding.replacement!r} already: merge the two")
    is_plain = document.text[entry.key.start] not in "\"'" and _PLAIN.match(finding.replacement)
    text = finding.replacement if is_plain else _quoted_like(document, entry.key, finding.replacement)
    edit = Edit(start=entry.key.start, end=entry.key.end, text=text)

    def change(data: Any) -> None:
        mapping = _reached(data, above)
        renamed = {finding.replacement if key == old else key: value for key, value in mapping.items()}
        mapping.clear()
        mapping.update(renamed)

    return Mending(findings=(finding,), edits=(edit,), change=change)


def add_uid(document: Document, finding: Diagnostic, uid: str) -> Mending:
    """Write a uid: where the key has no value behind it, else behind the alias, else before the first key."""
    spans, text = document.spans(), document.text
    entry = spans.entry("/uid")
    if entry is not None:
        start = entry.value.start if entry.value.end > entry.value.start else entry.key.end + 1
        blank = "" if text[start - 1 : start] in {" ", "\t"} else " "
        edits = (Edit(start=start, end=max(start, entry.value.end), text=f'{blank}"{uid}"'),)
        return Mending(findings=(finding,), edits=edits, change=_setting("/uid", uid))
    keys = spans.keys()
    if keys is None or not keys.spans:
        raise CannotMendError("there is no key beside which it could stand")
    first = keys.spans[0].start
    if keys.lines:
        line_end = "\r\n" if "\r\n" in text[:first] or text[first:].partition("\n")[0].endswith("\r") else "\n"
        alias = spans.entry("/alias")
        after = text.find("\n", alias.value.end) + 1 if alias is not None else 0
        start = after or first
        indent = text[text.rfind("\n", 0, first) + 1 : first] if after else ""
        added = f'{indent}uid: "{uid}"{line_end}'
    else:
        brace = text.rfind("{", 0, first) + 1
        start, added = first, f'"uid": "{uid}",{text[brace:first] or " "}'

    def change(data: Any) -> None:
        data["uid"] = uid

    return Mending(findings=(finding,), edits=(Edit(start=start, end=start, text=added),), change=change)


def remove_items(document: Document, findings: Sequence[Diagnostic]) -> Mending:
    """Remove items of one list; the others keep their order, comments on lines of their own stay."""
    pointer = findings[0].pointer.rpartition("/")[0]
    row = document.spans().items(pointer)
    if row is None:
        raise CannotMendError(_NOT_HERE)
    removed = {int(finding.pointer.rpartition("/")[2]): finding for finding in findings}
    if len(removed) >= len(row.spans):
        raise CannotMendError("nothing would be left of the list")
    edits = _lines_removed(document.text, row, removed) if row.lines else _in_brackets(document.text, row, removed)
    steps = split_pointer(pointer)

    def change(data: Any) -> None:
        items = _reached(data, steps)
        items[:] = [item for number, item in enumerate(items) if number not in removed]

    return Mending(findings=tuple(findings), edits=edits, change=change)


def _lines_removed(text: str, row: Row, removed: dict[int, Diagnostic]) -> tuple[Edit, ...]:
    """Remove whole lines: each item stands behind a dash of its own."""
    edits = []
    for number in sorted(removed):
        span = row.spans[number]
        start = text.rfind("\n", 0, span.start) + 1
        end = text.find("\n", span.end) + 1 or len(text)
        if not re.fullmatch(r"[ \t]*-[ \t]+", text[start : span.start]):
            raise CannotMendError("the item shares its line with something else")
        edits.append(Edit(start=start, end=end, text=""))
    return tuple(edits)


def _in_brackets(text: str, row: Row, removed: dict[int, Diagnostic]) -> tuple[Edit, ...]:
    """Remove items with the comma before or behind them."""
    edits, number, count = [], 0, len(row.spans)
    while number < count:
        end = number
        while end < count and end in removed:
            end += 1
        if end > number:
            at_end = end == count
            start = row.spans[number - 1].end if at_end else row.spans[number].start
            stop = row.spans[end - 1].end if at_end else row.spans[end].start
            edits.append(Edit(start=start, end=stop, text=""))
        number = end + 1
    _refuse_comments(text, row)
    return tuple(edits)


def _refuse_comments(text: str, row: Row) -> None:
    if any("#" in text[one.end : other.start] for one, other in pairwise(row.spans)):
        raise CannotMendError("comments stand between the items")


def _value(document: Document, pointer: str) -> Span:
    entry = document.spans().entry(pointer)
    if entry is not None:
        return entry.value
    above, _, last = pointer.rpartition("/")
    row = document.spans().items(above)
    if row is None or not last.isdecimal() or int(last) >= len(row.spans):
        raise CannotMendError(_NOT_HERE)
    return row.spans[int(last)]


def _quoted_like(document: Document, span: Span, new: str) -> str:
    old = document.text[span.start : span.end]
    if "\n" in old:
        raise CannotMendError("the text has several lines")
    if old.startswith("'") and "'" not in new:
        return f"'{new}'"
    return json.dumps(new, ensure_ascii=False)


def _setting(pointer: str, value: str) -> Callable[[Any], None]:
    *above, last = split_pointer(pointer)

    def change(data: Any) -> None:
        parent = _reached(data, above)
        parent[int(last) if isinstance(parent, list) else last] = value

    return change


def _reached(data: Any, steps: Sequence[str]) -> Any:
    try:
        for step in steps:
            data = data[int(step)] if isinstance(data, list) else data[step]
    except (KeyError, IndexError, TypeError, ValueError):
        raise CannotMendError(_NOT_HERE) from None
    return data
