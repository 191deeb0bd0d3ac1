"""Runs and evidence are added to the meta of a record that is there, whoever edited it: as text, with all comments.

What is added is put behind the last entry of a list; then the text is read again, and it must hold the old data with
just these entries more. Where it does not, nothing is written and the message says what to do.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmsite import documents
from cmsite.documents import Document
from cmsite.errors import SourceError, UsageError
from cmsite.records.meta_text import emit_items, emit_list

META = "_cm.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A record that is there: its folder, its meta as bytes and as data, and the block of its automation."""

    folder: Path
    content: bytes
    data: Mapping[str, Any]
    automation: str

    @property
    def block(self) -> Mapping[str, Any]:
        """Return the part of the meta that bears the automation's name."""
        found: Mapping[str, Any] = self.data[self.automation]
        return found


def read_existing(folder: Path, automation: str) -> Existing:
    """Read the record to add to; raises `SourceError` or `UsageError` where it is none."""
    path = folder / META
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"--add-to {folder}: {META} cannot be read: {error.strerror}; name the folder of a record"
        ) from error
    document = documents.parse(META, content)
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get(automation), dict):
        raise UsageError(
            f"--add-to {folder}: {META} is no {automation} that can be read; `cmsite validate` says what is wrong"
        )
    return Existing(folder=folder, content=content, data=data, automation=automation)


def check_same(existing: Existing, paper_uid: str, agent: Any, day: str) -> None:
    """Raise `UsageError` where the record is of another paper, evaluator or date. Source: CONTRACT §9."""
    block = existing.block
    expected = (
        ("paper", str(block.get("paper", "")), paper_uid),
        ("check_time", str(block.get("check_time", "")), day),
    )
    for name, found, wanted in expected:
        if wanted not in found:
            raise UsageError(
                f"--add-to {existing.folder}: its {name} is {found!r}, this one's is {wanted!r}; write a record of its own"
            )
    if _names(block.get("agent")) != _names(agent):
        raise UsageError(
            f"--add-to {existing.folder}: its evaluators are {_names(block.get('agent'))}, here {_names(agent)}; write a record of its own"
        )


def _names(agent: Any) -> list[str]:
    entries = agent if isinstance(agent, list) else [agent]
    return [str(entry.get("name") if isinstance(entry, dict) else entry) for entry in entries]


def added(existing: Existing, additions: Mapping[str, Sequence[Any]]) -> bytes:
    """Return the meta with entries more in lists of its block: mappings (`runs`, `evidence`) or names (`claims`)."""
    document = documents.parse(META, existing.content)
    text = document.text
    wanted = {name: items for name, items in additions.items() if items}
    expected = {name: list(existing.block.get(name) or []) for name in wanted}
    for name, items in wanted.items():
        text = _inserted(documents.parse(META, text.encode()), existing, name, items)
        expected[name].extend(items)
    again = documents.parse(META, text.encode())
    block = again.data.get(existing.automation) if isinstance(again.data, dict) else None
    same = isinstance(block, dict) and {**existing.block, **expected} == _comparable(block, expected)
    others = isinstance(again.data, dict) and {**again.data, existing.automation: 0} == {
        **existing.data,
        existing.automation: 0,
    }
    if not same or not others or len(again.problems) > len(document.problems):
        raise UsageError(
            f"--add-to {existing.folder}: {META} is laid out in a way that cannot be added to as text; nothing was "
            "changed; write its lists one entry a line below the key, or record anew with --alias"
        )
    return text.encode()


def _comparable(block: dict[str, Any], expected: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return a block with the added entries in the form in which they were given: numbers were texts then."""
    found = dict(block)
    for name, items in expected.items():
        now = block.get(name)
        if isinstance(now, list) and len(now) == len(items):
            found[name] = [new if _spelled(new) == _spelled(old) else None for new, old in zip(items, now, strict=True)]
    return found


def _spelled(value: Any) -> Any:
    """Return data with every number as a float, so that `0.10` given and read are the same."""
    if isinstance(value, Mapping):
        return {str(key): _spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return str(value)


def _inserted(document: Document, existing: Existing, name: str, items: Sequence[Any]) -> str:
    """Return the text with entries behind the last one of a list."""
    lines = document.text.splitlines(keepends=True)
    known = existing.block.get(name) or []
    pointer = f"/{existing.automation}/{name}"
    if name not in existing.block:
        return _with_key(document, existing, lines, name, items)
    key = document.place(pointer)
    if key is None or not isinstance(known, list):
        return document.text  # Seen by the comparison that follows.
    if "[" in lines[key.line - 1]:
        return _in_one_line(lines, key.line - 1, known, items)
    last = document.place(f"{pointer}/{len(known) - 1}") if known else None
    if last is None:
        return document.text
    dash = lines[last.line - 1].find("-")
    end = _end(lines, last.line, dash)
    return "".join([*lines[:end], _listed(items, lines[last.line - 1][:dash]), *lines[end:]])


def _with_key(document: Document, existing: Existing, lines: list[str], name: str, items: Sequence[Any]) -> str:
    """Return the text with a new list behind the runs."""
    runs = existing.block.get("runs")
    key = document.place(f"/{existing.automation}/runs")
    last = document.place(f"/{existing.automation}/runs/{len(runs) - 1}") if isinstance(runs, list) and runs else None
    if key is None or last is None:
        return document.text
    indent = " " * (key.column - 1)
    end = _end(lines, last.line, lines[last.line - 1].find("-"))
    return "".join([*lines[:end], f"{indent}{name}:\n", _listed(items, indent), *lines[end:]])


def _end(lines: list[str], start: int, dash: int) -> int:
    """Return the number of lines up to the end of the entry that begins before `start`, without what only follows."""
    end = start
    while end < len(lines) and (not lines[end].strip() or _depth(lines[end]) > dash):
        end += 1
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1  # Blank lines and comments belong to what follows.
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    return end


def _listed(items: Sequence[Any], indent: str) -> str:
    if isinstance(items[0], Mapping):
        return emit_items(items, indent)
    return "".join(f"{indent}- {emit_list([item])[1:-1]}\n" for item in items)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _in_one_line(lines: list[str], number: int, known: Sequence[Any], items: Sequence[Any]) -> str:
    """Return the text with entries more in a list of one line, such as `claims: [C1, C2]` or `evidence: []`."""
    found = re.fullmatch(r"( *)([^\[]*)\[[^\]]*\](\s*(?:#.*)?\n?)", lines[number])
    if found and isinstance(items[0], Mapping) and not known:
        lines[number] = f"{found[1]}{found[2].rstrip()}{found[3].rstrip()}\n{_listed(items, found[1])}"
    elif found and not isinstance(items[0], Mapping):
        lines[number] = f"{found[1]}{found[2]}{emit_list([str(item) for item in (*known, *items)])}{found[3]}"
    return "".join(lines)
