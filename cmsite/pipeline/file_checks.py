"""Findings about files that only the names of a whole source can tell."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.pipeline.ingest import Outcome, Scan
from cmsite.validation.links import OpenLink, TreeNames, check_links


def check_across_files(scan: Scan, outcomes: Iterable[Outcome]) -> Iterator[Diagnostic]:
    """Yield the findings about links of texts that leave the folder of their artifact, source by source."""
    source_of = {repository.key: repository.source for repository in scan.repositories}
    links: dict[int, list[OpenLink]] = defaultdict(list)
    for outcome in outcomes:
        for link in outcome.open_links:
            links[source_of[link.repository]].append(link)
    for number, items in sorted(links.items()):
        tree = scan.sources[number].tree
        names = TreeNames(entry.path for entry in tree.entries)
        yield from check_links(items, names, frozenset(entry.path for entry in tree.refused))
