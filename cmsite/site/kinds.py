"""What the page of an artifact shows beyond what all artifacts have in common, by its automation.

A kind is a function from an artifact to sections; each names its template, which lies in `site_templates/sections/`.
An automation without a kind of its own shows the nested keys of its meta. Kinds are imported when an artifact of theirs
is shown: where one page is made again, most are not.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeAlias, cast

from cmsite.model.artifact import ArtifactKey
from cmsite.model.certificates import CODECHECK_NAMES
from cmsite.site.context import SiteContext
from cmsite.site.view_rows import TypeSection

Sections: TypeAlias = Callable[[SiteContext, ArtifactKey], tuple[TypeSection, ...]]

# Alias of an automation → its sections, as module below cmsite.site and function, in the order in which the page shows
# them.
KINDS: Mapping[str, tuple[str, str]] = {
    "script": ("script_view", "script_sections"),
    "experiment": ("experiment_view", "experiment_sections"),
    **dict.fromkeys(
        ("data", "dataset", "model", "flex.dataset", "flex.model", "mlperf.model"), ("data_view", "data_sections")
    ),
    "challenge": ("community_views", "challenge_sections"),
    "contributor": ("community_views", "contributor_sections"),
    "report": ("community_views", "report_sections"),
    "paper": ("claim_views", "paper_sections"),
    "reproduction": ("claim_views", "reproduction_sections"),
    "experience": ("experience_view", "experience_sections"),
    "automation": ("automation_view", "automation_sections"),
    "module": ("automation_view", "automation_sections"),
    "package": ("ck_views", "package_sections"),
    "soft": ("ck_views", "soft_sections"),
    "program": ("ck_views", "program_sections"),
    "person": ("ck_views", "person_sections"),
    "repro.article": ("article_view", "article_sections"),
    "cfg": ("cfg_view", "cfg_sections"),
}
_OTHERS = ("details_view", "details_sections")


def type_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the sections that an artifact has because of its type; none where the meta holds nothing more."""
    found = [*_imported(*KINDS.get(key.automation, _OTHERS))(context, key), *context.tried.get(key, ())]
    if any(file.path.endswith(CODECHECK_NAMES) for file in context.catalog.artifacts[key].files):
        found += _imported("certificate_views", "certificate_sections")(context, key)
    return tuple(found)


@cache
def _imported(module: str, function: str) -> Sections:
    return cast("Sections", getattr(importlib.import_module(f"cmsite.site.{module}"), function))
