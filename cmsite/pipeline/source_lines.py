"""The lines of source that reports quote."""

from collections.abc import Iterable
from pathlib import Path

from cmsite.diagnostics import Diagnostic
from cmsite.errors import SourceError
from cmsite.pipeline.ingest import Scan


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
                return [] if finding.repository else Path(finding.path).read_text("utf-8", "replace").splitlines()
            return tree.read(finding.path).decode("utf-8", "replace").splitlines()
        except (SourceError, OSError):
            return []
