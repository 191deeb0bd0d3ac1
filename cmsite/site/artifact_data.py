"""An artifact in the words of schema.org: plain values, which `cmsite.site.head` writes into its page.

Only facts: a key whose value is unknown is left out, and words that cmsite made up (a derived description) are no fact.
Every property belongs to the type that has it by schema.org's own vocabulary. Source: https://schema.org/.
"""

from collections.abc import Mapping

from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact
from cmsite.model.names import PAPER, REPRODUCTION
from cmsite.site.context import SiteContext
from cmsite.site.site_data import Node, catalog_node, complete_address, people, said
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
MAX_WORD = 200  # Characters of one keyword.


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
        "author": people(artifact.authors),
        "dateModified": date(artifact.time_s),
        "keywords": [tag[:MAX_WORD] for tag in dict.fromkeys(artifact.tags[:MAX_KEYWORDS]) if tag],
        "includedInDataCatalog" if kind == DATA else "isPartOf": catalog_node(context),
        **_of_type(context, artifact, kind),
    }
    is_withheld = newest is None or not newest.is_offered or not view.commands
    if newest is not None and not is_withheld and (file := _archive(context, newest)):
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
        case "ScholarlyArticle" | "Review":
            from cmsite.site import paper_data  # Which reads results: most pages need none.

            if kind == "ScholarlyArticle":
                return paper_data.article(artifact)
            return {"isBasedOn": source, **paper_data.review(context, artifact)}
        case "ProfilePage":
            return {"mainEntity": {"@type": "Person", "name": artifact.name or artifact.display_name}}
    return {"isBasedOn": source}


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
