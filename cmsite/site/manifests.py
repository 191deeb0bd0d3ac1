"""The manifest of an artifact from the catalogue and its page's view: `cmsite.index.manifest` writes it down."""

from collections.abc import Iterable, Iterator

from cmsite.catalog.catalog import Edge
from cmsite.index.manifest import MAX_NEEDS, MAX_TARGETS, Manifest, Need, emit_manifest
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.views import ArtifactView


def artifact_manifest(context: SiteContext, key: ArtifactKey, view: ArtifactView) -> OutputFile:
    """Return the manifest of one artifact; its page links it."""
    catalog, artifact = context.catalog, context.catalog.artifacts[key]
    edges = catalog.edges.get(key, ())
    return emit_manifest(
        Manifest(
            registry_id=catalog.registry_id,
            reference=view.reference,
            page=view.address,
            artifact=artifact,
            source=context.repositories[key.repository].provenance,
            description=view.description.text,
            is_derived=view.description.derived,
            needs=tuple(_needs(context, edges[:MAX_NEEDS])),
            needs_left_out=max(0, len(edges) - MAX_NEEDS),
            versions=catalog.versions.get(key, ()),
        )
    )


def _needs(context: SiteContext, edges: Iterable[Edge]) -> Iterator[Need]:
    for edge in edges:
        dependency, targets = edge.dependency, edge.targets
        yield Need(
            kind=dependency.kind,
            selection=dependency.text,
            resolution=edge.resolution.value,
            targets=tuple([_complete_reference(context, target) for target in targets[:MAX_TARGETS]]),
            targets_left_out=max(0, len(targets) - MAX_TARGETS),
            within=dependency.within,
            condition=dependency.condition,
        )


def _complete_reference(context: SiteContext, key: ArtifactKey) -> str:
    artifact = context.catalog.artifacts.get(key)
    return f"{key.repository}/{key.automation}:{artifact.display_name if artifact else key.folder}"
