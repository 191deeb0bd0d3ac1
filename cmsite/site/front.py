"""The front page: totals, ways in, newest changes, how to use the catalogue.

Without a hand-written `docs/index.md` it is the home page. With one, the hand-written page is home, and where it holds
the comment `<!-- cmsite:catalogue -->` the catalogue's part is put there.
"""

import shlex

from markupsafe import Markup

from cmsite.diagnostics import Severity
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.facets import Facet, largest
from cmsite.site.head import MachineFacts, head_of
from cmsite.site.highlight import code_block
from cmsite.site.page import Page, stamp_page
from cmsite.site.shell import Section
from cmsite.site.site_data import site_data
from cmsite.site.text import counted, date
from cmsite.site.views import artifact_link, reference

MARKER = b"<!-- cmsite:catalogue -->"
NEWEST = 8
MAX_CARDS = 24  # Automations, categories and repositories named.
MAX_TAGS = 50
MAX_EXAMPLES = 20  # Artifacts of which one is named in the commands.
_FORMATS = {
    "cm": "Collective Mind (CM)",
    "mlc": "MLCFlow (MLC)",
    "ck": "Collective Knowledge (CK)",
    "notebook": "Jupyter notebooks",
    "image": "container images",
    "plain": "plain folders",
}


def render_front(context: SiteContext) -> tuple[OutputFile, ...]:
    """Return the front page; nothing where a hand-written one has no place for the catalogue."""
    if context.home and MARKER not in context.home:
        return ()
    part = _part(context)
    if context.home:
        before, _, after = context.home.partition(MARKER)
        return (OutputFile(path="index.html", content=_with_head(context, before) + part.encode() + after),)
    catalog = context.catalog
    heading = context.render("lists/front.html", title=catalog.title, part=Markup(part))  # noqa: S704 - our template.
    page = Page(
        address="",
        section=Section.HOME,
        title=catalog.title,
        description=_description(context),
        content=heading,
        facts=MachineFacts(graph=site_data(context)),
    )
    return (stamp_page(context, page),)


def _description(context: SiteContext) -> str:
    return f"{context.catalog.title}: {counted(len(context.catalog.artifacts), 'artifact')}"


def _with_head(context: SiteContext, page: bytes) -> bytes:
    """Return the beginning of a hand-written home page with what machines read added to its head."""
    head, end, rest = page.partition(b"</head>")
    facts = MachineFacts(graph=site_data(context))
    ours = head_of(
        context,
        address="",
        title=context.catalog.title,
        description=_description(context),
        facts=facts,
        has_canonical=b'rel="canonical"' in head,  # The theme's, from mkdocs.yml.
        has_card=b'property="og:' in head,  # A plugin's, or that of an overridden template.
    )
    return head + (ours.encode("utf-8", "replace") if end else b"") + end + rest


def _part(context: SiteContext) -> str:
    facets = context.facets
    return context.render(
        "partials/front.html",
        base=".",
        about=_about(context),
        totals=_totals(context),
        shares=_shares(context),
        automations=_part_of(facets.automations),
        categories=_part_of(facets.categories),
        repositories=_part_of(facets.repositories),
        tags=largest(facets.tags, MAX_TAGS),
        newest=tuple(_change(context, key) for key in _newest(context)),
        commands=Markup(code_block(_commands(context), "bash", identity="first-commands")),  # noqa: S704
    )


def _part_of(facets: tuple[Facet, ...]) -> dict[str, object]:
    """Return the largest groups of a kind, and how many there are in all."""
    return {"shown": largest(facets, MAX_CARDS), "total": len(facets)}


def _about(context: SiteContext) -> dict[str, str]:
    """Return what the two sentences for a first visitor count."""
    formats = {item for repository in context.catalog.repositories for item in repository.formats}
    names = [spelled for name, spelled in _FORMATS.items() if name in {item.value for item in formats}]
    return {
        "artifacts": counted(len(context.catalog.artifacts), "artifact"),
        "repositories": counted(len(context.catalog.repositories), "repository", "repositories"),
        "formats": " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))),
    }


def _totals(context: SiteContext) -> tuple[tuple[str, str, str], ...]:
    """Return numbers, what they count, and where that is listed."""
    facets = context.facets
    papers = sum(len(facet.keys) for facet in facets.automations if facet.name == "paper")
    totals = (
        (len(context.catalog.artifacts), "artifact", "artifacts", "automation/"),
        (papers, "paper with claims", "papers with claims", "results/"),
        (len(facets.automations), "automation", "automations", "automation/"),
        (len(facets.categories), "category", "categories", "category/"),
        (len(context.catalog.repositories), "repository", "repositories", "repository/"),
        (len(facets.tags), "tag", "tags", "tag/"),
        (len(facets.authors), "author", "authors", "author/"),
        (len(facets.licenses), "licence", "licences", "license/"),
    )
    return tuple(
        (f"{number:,}", one if number == 1 else many, address) for number, one, many, address in totals if number
    )


def _shares(context: SiteContext) -> tuple[str, ...]:
    """Return how much of the catalogue is in good order, each number with what it is a part of."""
    artifacts, findings = context.catalog.artifacts, context.catalog.findings
    total = f"{len(artifacts):,}"
    if not artifacts:
        return ()
    sound = sum(all(found.severity is not Severity.ERROR for found in findings.get(key, ())) for key in artifacts)
    described = sum(not artifact.summary_derived for artifact in artifacts.values())
    published = sum(bool(context.catalog.versions.get(key)) for key in artifacts)
    shares = (
        (sound, "pass the checks without an error"),
        (described, "are described by a person"),
        (published, "can be pulled with a checksum"),
    )
    return tuple(f"{number:,} of {total} {words}" for number, words in shares if number)


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
        "repository": key.repository,
        "derived": artifact.summary_derived,
        "description": artifact.summary,
    }


def _commands(context: SiteContext) -> str:
    """Return the commands that a first visitor needs; without a base address the catalogue's is left to fill in."""
    address = context.catalog.base_url or "ADDRESS-OF-THIS-CATALOGUE"
    name = shlex.quote(_example(context) or "automation:alias")
    return f"cmsite registry add catalogue {address}\ncmsite search WORDS\ncmsite pull {name}\n"


def _example(context: SiteContext) -> str:
    """Return a reference to the artifact that most others need, a short one where there is; else to the first."""
    artifacts, used_by = context.catalog.artifacts, context.catalog.used_by
    used = sorted((key for key in used_by if key in artifacts), key=lambda key: (-len(used_by[key]), key))
    first = largest(context.facets.automations, 1)
    keys = used[:MAX_EXAMPLES] or [facet.keys[0] for facet in first]
    references = [reference(context, artifacts[key]) for key in keys]
    return min(references, key=lambda name: "/" in name, default="")
