"""What the page of a script shows beside what every artifact's page does."""

from cmsite.model.artifact import ArtifactKey
from cmsite.site.context import SiteContext
from cmsite.site.view_rows import TypeSection, bounded

MAX_VARIATIONS = 400


def script_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the sections of a script."""
    variations = bounded(context.catalog.artifacts[key].variations, MAX_VARIATIONS)
    if not variations.rows:
        return ()
    return (
        TypeSection(
            title="Variations",
            anchor="variations",
            template="sections/variations.html",
            values={"variations": variations},
        ),
    )
