"""All rules across artifacts, each in a module of its own.

Each yields a `ReferenceFinding` that names an artifact and a pointer; `run` finds the place in its meta.
"""

from collections.abc import Iterator

from cmsite.catalog.catalog import Catalog
from cmsite.catalog.dependencies import DependencyResolver
from cmsite.validation.bases import check_bases
from cmsite.validation.challenges import check_challenges
from cmsite.validation.circular_dependencies import check_circular_dependencies
from cmsite.validation.identities import check_identities
from cmsite.validation.recursive_names import check_recursive_names
from cmsite.validation.reference_finding import ReferenceFinding, as_references
from cmsite.validation.script_rules import check_inheriting_script
from cmsite.validation.unsettled import NOTHING_UNREAD, SETTLED, Unread, Unsettled


def check_references(
    catalog: Catalog, resolver: DependencyResolver, unread: Unread = NOTHING_UNREAD
) -> Iterator[ReferenceFinding]:
    """Yield what is wrong between the artifacts of a catalogue, repository by repository."""
    unsettled = Unsettled(catalog, resolver, unread)
    yield from check_identities(catalog)
    for artifact in catalog.artifacts.values():
        for edge in catalog.edges.get(artifact.key, ()):
            if edge.resolution not in SETTLED:
                yield unsettled.finding(artifact, edge)
        if artifact.base:
            yield from as_references(artifact, check_inheriting_script(artifact, resolver.base_of))
    yield from check_recursive_names(catalog.artifacts.values(), resolver)
    yield from check_bases(catalog.artifacts.values(), resolver)
    yield from check_circular_dependencies(catalog.artifacts, catalog.edges)
    yield from check_challenges(catalog.artifacts.values(), resolver)
