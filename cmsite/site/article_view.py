"""What the page of a CK `repro.article` shows: title, authors and links, its badges, and that it declares no claims.

Source: facts/results.md §1 (badges of `repro.article` as they are), facts/formats.md §2.
"""

from typing import Any

from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Paper
from cmsite.results.articles import article_fields, read_article
from cmsite.site.badge_views import badge_views
from cmsite.site.cells import Cell, cell, day, facts, texts
from cmsite.site.community_views import authors
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.result_rows import web_address
from cmsite.site.sheets import Sheet, section
from cmsite.site.text import plain, shortened
from cmsite.site.view_rows import Link, TypeSection

MAX_PEOPLE = 1_000  # Characters of the authors of one paper.

_LINKS = (
    ("Paper", ("paper_doi_url", "paper_pdf_url", "paper_url")),
    ("Artifact", ("artifact_doi_url", "artifact_sources_url", "artifact_url", "artifact", "repo_url")),
    ("Workflow", ("workflow_url",)),
    ("Results", ("results_url", "results_dashboard_url")),
    ("How it was evaluated", ("reproducibility_url", "unified_artifact_appendix")),
    ("Links", ("url", "urls", "website")),
)
_LINKED = frozenset(name for _, names in _LINKS for name in names)
# Other fields that the page shows in a place of their own.
_SHOWN = (
    "title", "authors", "affiliations", "badges", "doi", "where", "where_url", "venue", "conference", "journal", "date",
    "year", "workflow", "some_results_replicated",
)  # fmt: skip


def article_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the sections of a reproduced article; its badges stand first."""
    artifact = context.catalog.artifacts[key]
    fields, paper = article_fields(artifact), read_article(artifact)
    doi = plain(fields.get("doi")).removeprefix("https://doi.org/").removeprefix("doi:").strip()
    venue = paper.venue and cell(context, key, paper.venue)
    where = plain(fields.get("where_url"))
    rows: list[tuple[str, Cell]] = [
        ("Title", paper.title),
        ("Authors", authors(fields) or shortened(", ".join(person.name for person in paper.authors), MAX_PEOPLE)),
        ("DOI", cell(context, key, f"https://doi.org/{doi}") if doi.startswith("10.") else doi),
        ("Published", venue),
        ("About the venue", cell(context, key, where)),
        ("Date", day(fields.get("date") or fields.get("year"))),
        *((label, cell(context, key, _addresses(fields, names))) for label, names in _LINKS),
        ("Kind of workflow", plain(fields.get("workflow"))),
        ("Some results replicated", plain(fields.get("some_results_replicated"))),
    ]
    prefix = "" if fields is artifact.extra else "misc/"
    hidden = [f"{prefix}{name}" for name in (*_SHOWN, *_LINKED, *_badge_names(fields))]
    rest = details_sections(context, key, without=hidden)
    return (*_badges(context, key, paper), *section("Article", Sheet(facts=facts(rows))), *rest)


def _badge_names(fields: dict[Any, Any]) -> list[str]:
    return [name for name in map(str, fields) if name.startswith("badge_")]


def _addresses(fields: dict[Any, Any], names: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(text for name in names for text in texts(fields.get(name))))


def _badges(context: SiteContext, key: ArtifactKey, paper: Paper) -> tuple[TypeSection, ...]:
    group = context.relations.papers.get(key)
    values = {
        "badges": badge_views(paper.badges, key),
        "claims": bool(paper.claims),
        "page": Link(text="The paper's page", address=group.address if group else ""),
        "reference": Link(text=paper.reference, address=web_address(paper.reference)),
    }
    return (TypeSection(title="Badges", anchor="badges", template="sections/badges.html", values=values, first=True),)
