"""The manifest of an artifact from the catalogue and its page's view: `cmsite.index.manifest` writes it down."""

from cmsite.catalog.needs import complete_reference, needs_of
from cmsite.index.manifest import MAX_NEEDS, MAX_TARGETS, Manifest, emit_manifest
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.views import ArtifactView


def artifact_manifest(context: SiteContext, key: ArtifactKey, view: ArtifactView) -> OutputFile:
    """Return the manifest of one artifact; its page links it."""
    catalog, artifact = context.catalog, context.catalog.artifacts[key]
    edges = catalog.edges.get(key, ())

    def reference(target: ArtifactKey) -> str:
        found = catalog.artifacts.get(target)
        holders = context.names.get((target.automation, found.display_name), ()) if found else ()
        is_unique = sum(holder.repository == target.repository for holder in holders) <= 1
        return complete_reference(target, found, is_unique=is_unique)

    return emit_manifest(
        Manifest(
            registry_id=catalog.registry_id,
            reference=view.reference,
            page=view.address,
            artifact=artifact,
            source=context.repositories[key.repository].provenance,
            description=view.description.text,
            is_derived=view.description.derived,
            needs=tuple(needs_of(edges[:MAX_NEEDS], reference, max_targets=MAX_TARGETS)),
            needs_left_out=max(0, len(edges) - MAX_NEEDS),
            versions=catalog.versions.get(key, ()),
        )
    )
