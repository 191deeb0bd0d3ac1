"""An artifact in the words of schema.org: plain values, which `cmsite.site.head` writes into its page.

Only facts: a key whose value is unknown is left out, and words that cmsite made up (a derived description) are no fact.
Every property belongs to the type that has it by schema.org's own vocabulary. Source: https://schema.org/.
"""

import re
from collections.abc import Iterable, Mapping

from cmsite.catalog.addresses import artifact_address
from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.results import Paper, Person
from cmsite.results.reading import PAPER, REPRODUCTION, read_paper, read_reproduction
from cmsite.site.context import SiteContext
from cmsite.site.result_rows import web_address
from cmsite.site.site_data import Node, catalog_node, complete_address, said
from cmsite.site.text import date
from cmsite.site.views import ArtifactView

CODE = "SoftwareSourceCode"
DATA = "Dataset"
# Alias of an automation → type. What is not named here is a CreativeWork: schema.org has no word for it.
TYPES: Mapping[str, str] = {
    **dict.fromkeys(("automation", "code", "flex.code", "flex.docker", "docker", "lib", "module", "notebook"), CODE),
    **dict.fromkeys(("jnotebook", "nntest", "package", "program", "script", "soft", "utils"), CODE),
    **dict.fromkeys(("data", "dataset", "experiment", "flex.dataset", "flex.experiment", "result"), DATA),
    "contributor": "ProfilePage",
    "image": "SoftwareApplication",
    "report": "Report",
    PAPER: "ScholarlyArticle",
    REPRODUCTION: "Review",
}
MAX_KEYWORDS = 60
MAX_PEOPLE = 60
MAX_WORD = 200  # Characters of one keyword.

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]\Z")


def artifact_data(context: SiteContext, artifact: Artifact, view: ArtifactView) -> Node:
    """Return what an artifact is, for its page."""
    kind = TYPES.get(artifact.key.automation, "CreativeWork")
    versions = context.catalog.versions.get(artifact.key, ())
    newest = versions[-1] if versions else None
    name = artifact.name or artifact.display_name
    values: Node = {
        "@type": kind,
        "name": name,
        "alternateName": artifact.display_name if artifact.display_name != name else "",
        "description": "" if view.description.derived else view.description.text,
        "identifier": artifact.uid,
        "url": complete_address(context, view.address),
        "version": artifact.version or (newest.label or f"r{newest.revision}" if newest else ""),
        "license": _license(artifact.license),
        "author": _people(artifact.authors),
        "dateModified": date(artifact.time_s),
        "keywords": [tag[:MAX_WORD] for tag in dict.fromkeys(artifact.tags[:MAX_KEYWORDS]) if tag],
        "includedInDataCatalog" if kind == DATA else "isPartOf": catalog_node(context),
        **_of_type(context, artifact, kind),
    }
    if newest is not None and (file := _archive(context, newest)):
        # Only data sets have downloads by that name.
        values["distribution" if kind == DATA else "encoding"] = {
            "@type": "DataDownload" if kind == DATA else "MediaObject",
            **file,
        }
    return said(values)


def _of_type(context: SiteContext, artifact: Artifact, kind: str) -> Node:
    """Return the properties that only this type has; they win over those that all have."""
    location = context.repositories[artifact.key.repository].provenance.location
    source = location if location.startswith(("http://", "https://")) else ""
    match kind:
        case "SoftwareSourceCode":
            return {"codeRepository": source}
        case "ScholarlyArticle":
            return _paper(artifact)
        case "Review":
            return {"isBasedOn": source, **_review(context, artifact)}
        case "ProfilePage":
            return {"mainEntity": {"@type": "Person", "name": artifact.name or artifact.display_name}}
    return {"isBasedOn": source}


def _paper(artifact: Artifact) -> Node:
    paper = read_paper(artifact).value
    return {
        "name": paper.title,
        "headline": paper.title,
        "alternateName": artifact.display_name,
        "author": _persons(paper.authors) or _people(artifact.authors),
        "datePublished": str(paper.year) if paper.year else "",
        "sameAs": web_address(paper.reference),
        "publication": {"@type": "PublicationEvent", "name": paper.venue} if paper.venue else "",
    }


def _review(context: SiteContext, artifact: Artifact) -> Node:
    """Return what a reproduction found of its paper, in the words of its badge."""
    reproduction = read_reproduction(artifact).value
    found = "; ".join(f"{badge.label}: {badge.value}" for badge in context.badges.get(artifact.key, ()))
    return {
        "itemReviewed": _reviewed(context, reproduction.paper_alias, reproduction.paper_uid),
        "reviewBody": found,
        "author": _persons(reproduction.agents) or _people(artifact.authors),
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


def _archive(context: SiteContext, version: Version) -> Node:
    """Return the newest bytes as a download, {} where they are not published or nobody knows at what address."""
    if version.url is None:
        url = complete_address(context, archive_path(version.archive_sha256))
    else:
        url = version.url if version.url.startswith(("http://", "https://")) else ""
    if not url:
        return {}
    return said(
        {
            "contentUrl": url,
            "sha256": version.archive_sha256,
            "contentSize": f"{version.size_bytes} B",
        }
    )


def _license(text: str) -> Node | str:
    """Return a licence as an address where it is one, else by its name."""
    if not text or text.startswith(("http://", "https://")):
        return text
    return {"@type": "CreativeWork", "name": text}


def _people(names: Iterable[str]) -> list[Node]:
    return [{"@type": "Person", "name": name} for name in list(names)[:MAX_PEOPLE] if name]


def _persons(people: Iterable[Person]) -> list[Node]:
    return [
        said({"@type": "Person", "name": person.name, "sameAs": _orcid(person.orcid)})
        for person in list(people)[:MAX_PEOPLE]
        if person.name
    ]


def _orcid(text: str) -> str:
    number = text.rpartition("/")[2]
    return f"https://orcid.org/{number}" if _ORCID.match(number) else ""
