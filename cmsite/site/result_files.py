"""The result files of an experiment → flat rows, read within a budget; never raises, whatever the files hold.

Holds: `cm-result.json` of CM (a list of flat mappings), `cmx-result-summary.json` of CMX, the points of CK
(`ckp-*.flat.json`, one row each). A large file is read to the limit, and the view says so.
Source: facts/results.md §1 (existing records), §4 (what real data holds).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.site.context import ReadFile

MAX_BYTES = 2_000_000  # Of all result files of one experiment that are parsed.
MAX_FILES = 60
MAX_FILE_BYTES = 50_000_000  # A larger file is not opened.

Row: TypeAlias = dict[str, Any]

_LISTS = ("cm-result.json", "cmx-result-summary.json")
_SEPARATOR = re.compile(r"[ \t\r\n,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRows:
    """The rows in the order of their files and lines; `files` are those they came from.

    `is_cut` where not everything was read; `problems` name files that are no result.
    """

    rows: tuple[Row, ...]
    files: tuple[ArtifactFile, ...]
    is_cut: bool = False
    problems: tuple[str, ...] = ()


def read_results(artifact: Artifact, read: ReadFile) -> ResultRows:
    """Read the result files of an experiment, the newest point first."""
    files = sorted((file for file in artifact.files if _is_result(file)), key=lambda file: file.path, reverse=True)
    rows: list[Row] = []
    problems, left, is_cut = [], MAX_BYTES, len(files) > MAX_FILES
    for file in files[:MAX_FILES]:
        if left <= 0 or file.size_bytes > MAX_FILE_BYTES:
            is_cut = True
            continue
        try:
            text = read(artifact, file.source)[:left].decode("utf-8-sig", "replace")
            rows.extend(_rows(text, is_whole=file.size_bytes <= left))
        except (SourceError, ValueError, RecursionError):
            problems.append(file.path)
        is_cut = is_cut or file.size_bytes > left
        left -= file.size_bytes
    return ResultRows(rows=tuple(rows), files=tuple(files), is_cut=is_cut, problems=tuple(problems))


def _is_result(file: ArtifactFile) -> bool:
    name = file.path.rpartition("/")[2]
    return name in _LISTS or (name.startswith("ckp-") and name.endswith(".flat.json"))


def _rows(text: str, *, is_whole: bool) -> Iterator[Row]:
    """Yield the rows of a file. Raises `ValueError` where it is no JSON, `RecursionError` where it is too deep."""
    if not is_whole:
        yield from (item for item in _beginning(text) if isinstance(item, dict))
        return
    data = json.loads(text)
    if isinstance(data, dict):
        results = data.get("results", data.get("summary"))
        data = results if isinstance(results, list) else [_without_marks(data)]
    yield from (item for item in data if isinstance(item, dict) and item) if isinstance(data, list) else ()


def _without_marks(point: Row) -> Row:
    """Return a point of CK with `##characteristics#run#time#min` spelled `characteristics run time min`."""
    return {
        " ".join(name.replace("#", " ").replace("@", " ").split()) if name.startswith("##") else name: value
        for name, value in point.items()
    }


def _beginning(text: str) -> Iterator[Any]:
    """Yield the items of a list whose end is cut off."""
    decoder, place = json.JSONDecoder(), text.find("[") + 1
    while place > 0:
        separator = _SEPARATOR.match(text, place)
        place = separator.end() if separator else place
        try:
            item, place = decoder.raw_decode(text, place)
        except ValueError:
            return
        yield item
