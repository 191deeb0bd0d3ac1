"""What the page of a script shows beside what every artifact's page does."""

from cmsite.model.artifact import ArtifactKey
from cmsite.model.repository import Format
from cmsite.site.context import SiteContext
from cmsite.site.script_environment import environment_sections
from cmsite.site.script_runtime import runtime_section
from cmsite.site.script_variations import variation_sections
from cmsite.site.view_rows import TypeSection


def script_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the sections of a script: what one chooses, what goes in and out, what it does when it runs."""
    artifact = context.catalog.artifacts[key]
    if artifact.format is Format.CK:  # Its modules had other keys, and nothing runs them any more.
        return ()
    return (*variation_sections(artifact), *environment_sections(artifact), runtime_section(context, artifact))
