"""The lines of source that reports quote, with secrets covered: a report is often public."""

import re
from collections.abc import Iterable
from pathlib import Path

from cmsite.diagnostics import Diagnostic
from cmsite.errors import SourceError
from cmsite.pipeline.ingest import Scan
from cmsite.validation.secrets import masked

_YAML_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # As its readers count lines (YAML 1.1 §4.2).


class SourceLines:
    """Reads the file of a finding again and returns its line; one file is kept, since findings come file by file."""

    def __init__(self, scans: Iterable[Scan]) -> None:
        self._trees = {
            repository.key: scan.sources[repository.source].tree for scan in scans for repository in scan.repositories
        }
        self._kept: tuple[tuple[str, str], list[str]] = (("", ""), [])

    def line(self, finding: Diagnostic) -> str:
        """Return the line, or "" where the file is gone or has no such line."""
        where = (finding.repository, finding.path)
        if self._kept[0] != where:
            self._kept = (where, self._lines(finding))
        number = finding.place.line if finding.place else 0
        return self._kept[1][number - 1] if 0 < number <= len(self._kept[1]) else ""

    def _lines(self, finding: Diagnostic) -> list[str]:
        tree = self._trees.get(finding.repository)
        try:
            if tree is None:  # registry.yml itself belongs to no repository.
                return [] if finding.repository else split_lines(finding.path, Path(finding.path).read_bytes())
            return split_lines(finding.path, tree.read(finding.path))
        except (SourceError, OSError):
            return []


def split_lines(path: str, content: bytes) -> list[str]:
    r"""Return the lines of a file as places count them: of YAML at its own line breaks, of all else at line feeds; secrets are covered.

    >>> split_lines("a.json", b'"x\xe2\x80\xa8y"\r\n2'), len(split_lines("a.yaml", b"x\xe2\x80\xa8y\n"))
    (['"x\u2028y"', '2'], 3)
    """
    text = masked(content.decode("utf-8", "replace").removeprefix("\ufeff"))
    if path.endswith((".yaml", ".yml")):
        return _YAML_BREAK.split(text)
    return [line.removesuffix("\r") for line in text.split("\n")]
