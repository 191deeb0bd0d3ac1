"""Where the files of findings lie in the checkout that a report is about."""

from collections.abc import Iterable
from pathlib import Path

from cmsite.model.tree import SourceTree
from cmsite.pipeline.ingest import Scan
from cmsite.sources.file_paths import reported_path


class ReportPaths:
    """Paths relative to `root`, the real path of the checkout's root or of the working directory."""

    def __init__(self, scans: Iterable[Scan], root: Path) -> None:
        self._root = root
        self._trees: dict[str, SourceTree] = {
            repository.key: scan.sources[repository.source].tree for scan in scans for repository in scan.repositories
        }

    def path(self, repository: str, path: str) -> str:
        """Return a path in the checkout; outside of it an absolute path, or an address for what came from elsewhere."""
        tree = self._trees.get(repository)
        # A path of registry.yml itself is one of the command line.
        found = reported_path(tree, path) if tree is not None else Path(path).resolve()
        if found is None and tree is not None:
            template = tree.provenance.file_url
            if template:
                return template.replace("{commit}", tree.provenance.commit).replace("{path}", path)
            return f"{tree.provenance.location}/{path}"
        if found is None:
            return path
        return found.relative_to(self._root).as_posix() if found.is_relative_to(self._root) else found.as_posix()
