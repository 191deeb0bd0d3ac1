"""The result files of an experiment → flat rows; never raises, whatever the files hold.

Holds: `cm-result.json` of CM (a list of flat mappings), `cmx-result-summary.json` of CMX, the points of CK
(`ckp-*.flat.json`, one row each). `read_results` reads within the budget of one page and says where it stopped;
`parse_rows` reads one file whole, with the line of each row.
Source: facts/results.md §1 (existing records), §4 (what real data holds).
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile

MAX_BYTES = 2_000_000  # Of all result files of one experiment that the page of it parses.
MAX_FILES = 60
MAX_FILE_BYTES = 50_000_000  # A larger file is not opened.

Row: TypeAlias = dict[str, Any]
ReadFile: TypeAlias = Callable[[Artifact, str], bytes]

_LISTS = ("cm-result.json", "cmx-result-summary.json")
_SEPARATOR = re.compile(r"[ \t\r\n,]+")
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRows:
    """The rows in the order of their files and lines; `files` are those they came from.

    `is_cut` where not everything was read; `problems` name files that are no result.
    """

    rows: tuple[Row, ...]
    files: tuple[ArtifactFile, ...]
    is_cut: bool = False
    problems: tuple[str, ...] = ()


def result_files(artifact: Artifact) -> tuple[ArtifactFile, ...]:
    """Return the result files of an experiment, the newest point first."""
    return tuple(
        sorted((file for file in artifact.files if _is_result(file)), key=lambda file: file.path, reverse=True)
    )


def read_results(artifact: Artifact, read: ReadFile) -> ResultRows:
    """Read the result files of an experiment within the budget of a page, the newest point first."""
    files = result_files(artifact)
    rows: list[Row] = []
    problems, left, is_cut = [], MAX_BYTES, len(files) > MAX_FILES
    for file in files[:MAX_FILES]:
        if left <= 0 or file.size_bytes > MAX_FILE_BYTES:
            is_cut = True
            continue
        try:
            text = read(artifact, file.source)[:left].decode("utf-8-sig", "replace")
            found = parse_rows(text) if file.size_bytes <= left else _beginning(text)
            rows.extend(row for _, row in found)
        except (SourceError, ValueError, RecursionError):
            problems.append(file.path)
        is_cut = is_cut or file.size_bytes > left
        left -= file.size_bytes
    return ResultRows(rows=tuple(rows), files=files, is_cut=is_cut, problems=tuple(problems))


def _is_result(file: ArtifactFile) -> bool:
    name = file.path.rpartition("/")[2]
    return name in _LISTS or (name.startswith("ckp-") and name.endswith(".flat.json"))


def parse_rows(text: str) -> Iterator[tuple[int, Row]]:
    """Yield the line of each row and the row; the line is 1 where the file is no list of rows.

    `NaN` and `Infinity`, which JSON does not have, become texts; empty rows and items that are no mappings are no rows.
    Raises `ValueError` where the text is no JSON, `RecursionError` where it is nested too deeply.
    """
    start = _behind_blanks(text, 0)
    if text[start : start + 1] == "[":
        for place, item in _items(text, start + 1):
            if isinstance(item, dict) and item:
                yield place, item
        return
    data = json.loads(text, parse_constant=str)
    if isinstance(data, dict):
        results = data.get("results", data.get("summary"))
        items = results if isinstance(results, list) else [_without_marks(data)]
        yield from ((1, item) for item in items if isinstance(item, dict) and item)


def _items(text: str, place: int) -> Iterator[tuple[int, Any]]:
    """Yield the line and value of each item of a list from behind its bracket; what follows the list is an error."""
    decode, line, seen = json.JSONDecoder(parse_constant=str).raw_decode, 1, 0
    is_first = True
    while True:
        place = _behind_blanks(text, place)
        if is_first and text[place : place + 1] == "]":
            break
        is_first = False
        line += text.count("\n", seen, place)
        seen = place
        item, place = decode(text, place)
        yield line, item
        place = _behind_blanks(text, place)
        if text[place : place + 1] == "]":
            break
        if text[place : place + 1] != ",":
            raise json.JSONDecodeError("a comma or ] is missing", text, place)
        place += 1
    end = _behind_blanks(text, place + 1)
    if end != len(text):
        raise json.JSONDecodeError("something follows the list", text, end)


def _behind_blanks(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _without_marks(point: Row) -> Row:
    """Return a point of CK with `##characteristics#run#time#min` spelled `characteristics run time min`."""
    return {
        " ".join(name.replace("#", " ").replace("@", " ").split()) if name.startswith("##") else name: value
        for name, value in point.items()
    }


def _beginning(text: str) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a list whose end is cut off; their lines are not counted."""
    decoder, place = json.JSONDecoder(parse_constant=str), text.find("[") + 1
    while place > 0:
        separator = _SEPARATOR.match(text, place)
        place = separator.end() if separator else place
        try:
            item, place = decoder.raw_decode(text, place)
        except ValueError:
            return
        if isinstance(item, dict):
            yield 1, item
