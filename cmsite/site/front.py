"""The front page: totals, ways in, newest changes, how to use the catalogue.

Without a hand-written `docs/index.md` it is the home page. With one, the hand-written page is home, and where it holds
the comment `<!-- cmsite:catalogue -->` the catalogue's part is put there.
"""

from markupsafe import Markup

from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.facets import largest
from cmsite.site.highlight import code_block
from cmsite.site.page import Page, stamp_page
from cmsite.site.shell import Section
from cmsite.site.text import counted, date
from cmsite.site.views import artifact_link

MARKER = b"<!-- cmsite:catalogue -->"
NEWEST = 10
MAX_ROWS = 50  # Automations and repositories named.
MAX_TAGS = 50


def render_front(context: SiteContext) -> tuple[OutputFile, ...]:
    """Return the front page; nothing where a hand-written one has no place for the catalogue."""
    if context.home and MARKER not in context.home:
        return ()
    part = _part(context)
    if context.home:
        before, _, after = context.home.partition(MARKER)
        return (OutputFile(path="index.html", content=before + part.encode() + after),)
    catalog = context.catalog
    heading = context.render("lists/front.html", title=catalog.title, part=Markup(part))  # noqa: S704 - our template.
    page = Page(
        address="",
        section=Section.HOME,
        title=catalog.title,
        description=f"{catalog.title}: {counted(len(catalog.artifacts), 'artifact')}",
        content=heading,
    )
    return (stamp_page(context, page),)


def _part(context: SiteContext) -> str:
    facets = context.facets
    example = largest(facets.automations, 1)[0].keys[0] if facets.automations else None
    return context.render(
        "partials/front.html",
        base=".",
        totals=_totals(context),
        automations=largest(facets.automations, MAX_ROWS),
        repositories=facets.repositories[:MAX_ROWS],
        tags=largest(facets.tags, MAX_TAGS),
        newest=tuple(_change(context, key) for key in _newest(context)),
        commands=Markup(code_block(_commands(context, example), "bash", identity="first-commands")),  # noqa: S704
    )


def _totals(context: SiteContext) -> tuple[tuple[str, str, str], ...]:
    """Return numbers, what they count, and where that is listed."""
    facets = context.facets
    papers = sum(len(facet.keys) for facet in facets.automations if facet.name == "paper")
    totals = (
        (len(context.catalog.artifacts), "artifact", "artifacts", "automation/"),
        (papers, "paper with claims", "papers with claims", "results/"),
        (len(facets.automations), "automation", "automations", "automation/"),
        (len(context.catalog.repositories), "repository", "repositories", "repository/"),
        (len(facets.tags), "tag", "tags", "tag/"),
    )
    return tuple(
        (f"{number:,}", one if number == 1 else many, address) for number, one, many, address in totals if number
    )


def _newest(context: SiteContext) -> list[ArtifactKey]:
    """Return the artifacts changed last; none where no source tells times."""
    artifacts = context.catalog.artifacts
    dated = [key for key, artifact in artifacts.items() if artifact.time_s]
    return sorted(dated, key=lambda key: -artifacts[key].time_s)[:NEWEST]


def _change(context: SiteContext, key: ArtifactKey) -> dict[str, object]:
    artifact = context.catalog.artifacts[key]
    return {
        "link": artifact_link(context, key),
        "automation": key.automation,
        "date": date(artifact.time_s),
        "description": artifact.summary,
    }


def _commands(context: SiteContext, example: ArtifactKey | None) -> str:
    """Return the commands that a first visitor needs; without a base address the catalogue's is left to fill in."""
    address = context.catalog.base_url or "ADDRESS-OF-THIS-CATALOGUE"
    artifact = context.catalog.artifacts[example] if example else None
    name = f"{artifact.key.automation}:{artifact.display_name}" if artifact else "automation:alias"
    return f"cmsite registry add catalogue {address}\ncmsite search WORDS\ncmsite pull {name}\n"
