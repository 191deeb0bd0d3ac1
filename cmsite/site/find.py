"""The page `find/`: a field and what its scripts fill in from the index; without scripts, the lists.

The searching itself is site_templates/assets/find.js and the files it uses, over the client's own index files.
Source: CONTRACT §6, §12; docs/site.md, "Finding".
"""

import shlex

from markupsafe import Markup

from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.highlight import code_block
from cmsite.site.indexes import ways
from cmsite.site.page import Page, stamp_page
from cmsite.site.shell import Section, base_of
from cmsite.site.text import counted

ADDRESS = "find/"


def render_find(context: SiteContext) -> OutputFile:
    """Return the page that searches; it does not grow with the catalogue."""
    catalog = context.catalog
    registry = shlex.quote(catalog.base_url) if catalog.base_url else "ADDRESS"
    command = code_block(f"cmsite search WORDS --registry {registry}", "bash", identity="search-command")
    content = context.render(
        "lists/find.html",
        base=base_of(ADDRESS),
        ways=[way for way in ways(context) if way.address != "automation/"],
        total=counted(len(catalog.artifacts), "artifact"),
        command=Markup(command),  # noqa: S704 - code_block escapes.
    )
    return stamp_page(
        context,
        Page(
            address=ADDRESS,
            section=Section.ARTIFACTS,
            title="Find",
            description=f"Find artifacts and pages of {catalog.title} by words, automation, repository and tags",
            content=content,
        ),
    )
