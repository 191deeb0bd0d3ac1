"""What the page of an artifact shows beyond what all artifacts have in common, by its automation.

A kind is a function from an artifact to sections; each names its template, which lies in `site_templates/sections/`.
An automation without a kind of its own has a page all the same: text, files, metadata.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cmsite.model.artifact import ArtifactKey
from cmsite.site.context import SiteContext
from cmsite.site.script_view import script_sections
from cmsite.site.view_rows import TypeSection

Sections: TypeAlias = Callable[[SiteContext, ArtifactKey], tuple[TypeSection, ...]]

# Alias of an automation → its sections, in the order in which the page shows them.
_KINDS: Mapping[str, Sections] = {"script": script_sections}


def type_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the sections that an artifact has because of its type; none where the type has none."""
    kind = _KINDS.get(key.automation)
    return kind(context, key) if kind is not None else ()
