"""Findings about files that only the names of a whole source can tell."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from cmsite.diagnostics import Diagnostic
from cmsite.model.repository import Repository
from cmsite.pipeline.ingest import Outcome, Scan
from cmsite.validation.links import OpenLink, TreeNames, check_links
from cmsite.validation.portable_names import check_names
from cmsite.validation.readmes import check_readmes


def check_across_files(scan: Scan, outcomes: Sequence[Outcome]) -> Iterator[Diagnostic]:
    """Yield the findings about links that leave the folder of their artifact, names, and READMEs, source by source."""
    yield from check_readmes((item.artifact for item in outcomes if item.artifact is not None), scan.published)
    source_of = {repository.key: repository.source for repository in scan.repositories}
    links: dict[int, list[OpenLink]] = defaultdict(list)
    for outcome in outcomes:
        for link in outcome.open_links:
            links[source_of[link.repository]].append(link)
    for number, source in enumerate(scan.sources):
        if source.required:
            continue
        names = TreeNames(entry.path for entry in source.tree.entries)
        yield from check_links(links[number], names, frozenset(entry.path for entry in source.tree.refused))
        artifacts = frozenset(folder.path for folder in scan.folders if folder.repository.source == number)
        mine = [repository for repository in scan.repositories if repository.source == number]
        yield from check_names(names, artifacts, _finder(mine, source.tree.label))


def _finder(repositories: Iterable[Repository], label: str) -> Callable[[str], str]:
    """Return what finds the key of the innermost repository that holds a path, else of the first of its source."""
    by_path = {repository.path: repository.key for repository in repositories}
    default = next(iter(by_path.values()), label)

    def find(path: str) -> str:
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in by_path:
                return by_path[folder]
        return default

    return find
