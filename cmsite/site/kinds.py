"""What the page of an artifact shows beyond what all artifacts have in common, by its automation.

A kind is a function from an artifact to sections; each names its template, which lies in `site_templates/sections/`.
An automation without a kind of its own shows the nested keys of its meta.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cmsite.model.artifact import ArtifactKey
from cmsite.site.automation_view import automation_sections
from cmsite.site.ck_views import (
    article_sections,
    package_sections,
    person_sections,
    program_sections,
    soft_sections,
)
from cmsite.site.claim_views import paper_sections, reproduction_sections
from cmsite.site.community_views import challenge_sections, contributor_sections, report_sections
from cmsite.site.context import SiteContext
from cmsite.site.data_view import data_sections
from cmsite.site.details_view import details_sections
from cmsite.site.experiment_view import experiment_sections
from cmsite.site.script_view import script_sections
from cmsite.site.view_rows import TypeSection

Sections: TypeAlias = Callable[[SiteContext, ArtifactKey], tuple[TypeSection, ...]]

# Alias of an automation → its sections, in the order in which the page shows them.
KINDS: Mapping[str, Sections] = {
    "script": script_sections,
    "experiment": experiment_sections,
    **dict.fromkeys(("data", "dataset", "model", "flex.dataset", "flex.model", "mlperf.model"), data_sections),
    "challenge": challenge_sections,
    "contributor": contributor_sections,
    "report": report_sections,
    "paper": paper_sections,
    "reproduction": reproduction_sections,
    "automation": automation_sections,
    "module": automation_sections,
    "package": package_sections,
    "soft": soft_sections,
    "program": program_sections,
    "person": person_sections,
    "repro.article": article_sections,
}


def type_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the sections that an artifact has because of its type; none where the meta holds nothing more."""
    return KINDS.get(key.automation, details_sections)(context, key)
