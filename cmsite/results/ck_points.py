"""The points of a CK experiment with the features beside them: `ckp-X.flat.json` and `ckp-X.features_flat.json`, one row a point.

The characteristics of a point and its features (what was chosen, on what it ran) are columns of one row; a feature
whose name is taken keeps its value under `features NAME`. A point whose features are missing or unreadable is a row
without them, and the file is named. Pure, never raises. Source: facts/results.md §1 (existing records).
"""

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.results.experiment_files import (
    MAX_BYTES,
    MAX_FILES,
    ReadFile,
    ResultRows,
    Row,
    parse_rows,
    result_files,
)

_FLAT, _FEATURES = ".flat.json", ".features_flat.json"
_PREFIX = "features "


def read_points(artifact: Artifact, read: ReadFile) -> ResultRows | None:
    """Read the points of an experiment, the last name first; None where no file of features lies beside them."""
    by_path = {file.path: file for file in artifact.files}
    files = result_files(artifact)
    features = {
        file.path: found
        for file in files
        if file.path.endswith(_FLAT) and (found := by_path.get(file.path.removesuffix(_FLAT) + _FEATURES))
    }
    if not features:
        return None
    rows: list[Row] = []
    problems: list[str] = []
    reader = _Reader(artifact, read, problems)
    for file in files[:MAX_FILES]:
        points = reader.rows(file)
        beside = features.get(file.path)
        chosen = reader.rows(beside) if beside is not None and points else []
        rows.extend(_joined(row, chosen[0] if chosen else {}) for row in points)
    return ResultRows(
        rows=tuple(rows),
        files=(*files, *features.values()),
        is_cut=reader.is_cut or len(files) > MAX_FILES,
        problems=tuple(problems),
    )


class _Reader:
    """Parses files until the page has had its share; a file beyond that is cut, one that is no result a problem."""

    def __init__(self, artifact: Artifact, read: ReadFile, problems: list[str]) -> None:
        self._artifact, self._read, self._problems = artifact, read, problems
        self._left = MAX_BYTES
        self.is_cut = False

    def rows(self, file: ArtifactFile) -> list[Row]:
        """Return the rows of a file."""
        if file.size_bytes > self._left:
            self.is_cut = True
            return []
        self._left -= file.size_bytes
        try:
            text = self._read(self._artifact, file.source).decode("utf-8-sig", "replace")
            return [row for _, row in parse_rows(text)]
        except (SourceError, ValueError, RecursionError):
            self._problems.append(file.path)
            return []


def _joined(row: Row, features: Row) -> Row:
    """Return a point with its features behind its own values.

    >>> _joined({"time": 1}, {"cpu": "x", "time": 2})
    {'time': 1, 'cpu': 'x', 'features time': 2}
    """
    return row | {name if name not in row else f"{_PREFIX}{name}": value for name, value in features.items()}
