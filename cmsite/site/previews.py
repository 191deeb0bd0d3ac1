"""The first rows of a small table file, and how a file of a known format is read in Python.

Only the beginning of a file is parsed; whatever it holds, nothing is raised. Formats go by the file's ending.
"""

import csv
from dataclasses import dataclass
from itertools import islice

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.site.cells import Table
from cmsite.site.context import ReadFile

MAX_FILE_BYTES = 5_000_000  # A larger file is not opened.
MAX_BYTES = 32_000  # Of a file that is opened.
MAX_ROWS = 6
MAX_COLUMNS = 10
MAX_CELL = 60  # Characters.

_DELIMITERS = {"csv": ",", "tsv": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a format is read: its name, the package it needs ("" for Python's own), lines with `{path}` in them."""

    name: str
    package: str
    lines: tuple[str, ...]


_OPEN_TEXT = 'with open({path}, encoding="utf-8") as file:'
_OPEN_TABLE = 'with open({path}, newline="", encoding="utf-8") as file:'
READERS = {
    "csv": Reader(
        name="CSV", package="", lines=("import csv", "", _OPEN_TABLE, "    rows = list(csv.DictReader(file))")
    ),
    "tsv": Reader(
        name="TSV",
        package="",
        lines=("import csv", "", _OPEN_TABLE, '    rows = list(csv.DictReader(file, delimiter="\\t"))'),
    ),
    "json": Reader(name="JSON", package="", lines=("import json", "", _OPEN_TEXT, "    data = json.load(file)")),
    "jsonl": Reader(
        name="JSON Lines",
        package="",
        lines=("import json", "", _OPEN_TEXT, "    rows = [json.loads(line) for line in file]"),
    ),
    "parquet": Reader(
        name="Parquet", package="pandas and pyarrow", lines=("import pandas", "", "table = pandas.read_parquet({path})")
    ),
    "npy": Reader(name="NumPy", package="numpy", lines=("import numpy", "", "array = numpy.load({path})")),
    "npz": Reader(name="NumPy", package="numpy", lines=("import numpy", "", "arrays = numpy.load({path})")),
    "onnx": Reader(name="ONNX", package="onnx", lines=("import onnx", "", "model = onnx.load({path})")),
    "safetensors": Reader(
        name="safetensors",
        package="safetensors and numpy",
        lines=("from safetensors.numpy import load_file", "", "tensors = load_file({path})"),
    ),
    "pt": Reader(
        name="PyTorch", package="torch", lines=("import torch", "", "data = torch.load({path}, weights_only=True)")
    ),
    "pth": Reader(
        name="PyTorch", package="torch", lines=("import torch", "", "data = torch.load({path}, weights_only=True)")
    ),
}


def ending(path: str) -> str:
    """Return the ending of a file's name in lower case, without its point."""
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def snippet(path: str) -> tuple[Reader, str] | None:
    r"""Return how a file is read, and the Python that does it; None for a format nothing is known about.

    >>> print(snippet("artifacts/data/x/a.json")[1])
    import json
    <BLANKLINE>
    with open('artifacts/data/x/a.json', encoding="utf-8") as file:
        data = json.load(file)
    """
    reader = READERS.get(ending(path))
    if reader is None:
        return None
    return reader, "\n".join(line.replace("{path}", repr(path)) for line in reader.lines)


def preview(artifact: Artifact, file: ArtifactFile, read: ReadFile) -> Table | None:
    """Return the first rows of a CSV or TSV file; None for any other, and for one that cannot be read."""
    delimiter = _DELIMITERS.get(ending(file.path))
    if delimiter is None or file.size_bytes > MAX_FILE_BYTES:
        return None
    try:
        content = read(artifact, file.source)[:MAX_BYTES]
        lines = content.decode("utf-8-sig", "replace").splitlines(keepends=True)
        if file.size_bytes > MAX_BYTES:
            del lines[-1:]  # It may be cut in the middle.
        rows = list(islice(csv.reader(lines, delimiter=delimiter), MAX_ROWS + 1))
    except (SourceError, csv.Error):
        return None
    return _table(file.path, [row for row in rows if row])


def _table(path: str, rows: list[list[str]]) -> Table | None:
    if len(rows) < 2:  # noqa: PLR2004 - names of columns alone are no preview.
        return None
    head, *body = rows
    columns = min(len(head), MAX_COLUMNS)
    more = f"; the first {columns} of {len(head):,} columns" if len(head) > columns else ""
    return Table(
        label=f"{path}: the first rows{more}",
        head=tuple(
            name.strip()[:MAX_CELL] or f"column {number}" for number, name in enumerate(head[:columns], start=1)
        ),
        rows=tuple(tuple(cell[:MAX_CELL] for cell in (row + [""] * columns)[:columns]) for row in body),
        numbers=tuple(index for index in range(columns) if all(_is_number(row, index) for row in body)),
    )


def _is_number(row: list[str], index: int) -> bool:
    try:
        float(row[index])
    except (ValueError, IndexError):
        return False
    return True
