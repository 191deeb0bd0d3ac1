"""Papers and reproductions in the words of schema.org, for their pages and for those that are about them."""

import re
from collections.abc import Iterable

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.names import PAPER
from cmsite.model.results import Paper, Person
from cmsite.results.reading import read_paper, read_reproduction
from cmsite.site.context import SiteContext
from cmsite.site.result_rows import web_address
from cmsite.site.site_data import MAX_PEOPLE, Node, complete_address, people, said

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]\Z")


def article(artifact: Artifact) -> Node:
    """Return what the paper of an artifact is, beyond what every artifact is."""
    paper = read_paper(artifact).value
    return {
        "name": paper.title,
        "headline": paper.title,
        "alternateName": artifact.display_name,
        "author": persons(paper.authors) or people(artifact.authors),
        "datePublished": str(paper.year) if paper.year else "",
        "sameAs": web_address(paper.reference),
        "publication": {"@type": "PublicationEvent", "name": paper.venue} if paper.venue else "",
    }


def review(context: SiteContext, artifact: Artifact) -> Node:
    """Return what a reproduction found of its paper, in the words of its badge."""
    reproduction = read_reproduction(artifact).value
    found = "; ".join(f"{badge.label}: {badge.value}" for badge in context.badges.get(artifact.key, ()))
    return {
        "itemReviewed": _reviewed(context, reproduction.paper_alias, reproduction.paper_uid),
        "reviewBody": found,
        "author": persons(reproduction.agents) or people(artifact.authors),
        "datePublished": reproduction.check_time[:10] if _DAY.match(reproduction.check_time) else "",
    }


def _reviewed(context: SiteContext, alias: str, uid: str) -> Node:
    """Return the paper a reproduction names: with its title and page where the catalogue has it, {} where none."""
    keys: Iterable[ArtifactKey] = context.uids.get(uid, ()) if uid else context.names.get((PAPER, alias), ())
    key = next((key for key in keys if key.automation == PAPER), None)
    if key is None:
        return {"@type": "ScholarlyArticle", "name": alias or uid} if alias or uid else {}
    return paper_node(context, read_paper(context.catalog.artifacts[key]).value)


def paper_node(context: SiteContext, paper: Paper) -> Node:
    """Return a paper of the catalogue as what another page is about."""
    return said(
        {
            "@type": "ScholarlyArticle",
            "name": paper.title,
            "identifier": paper.uid,
            "url": complete_address(context, artifact_address(paper.key)),
            "sameAs": web_address(paper.reference),
        }
    )


def persons(people: Iterable[Person]) -> list[Node]:
    """Return persons with their ORCID where it is one; those without a name are left out."""
    return [
        said({"@type": "Person", "name": person.name, "sameAs": orcid(person.orcid)})
        for person in list(people)[:MAX_PEOPLE]
        if person.name
    ]


def orcid(text: str) -> str:
    """Return the address of an ORCID, "" where the text is none."""
    number = text.rpartition("/")[2]
    return f"https://orcid.org/{number}" if _ORCID.match(number) else ""
