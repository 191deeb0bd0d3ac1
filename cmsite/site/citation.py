"""How to cite an artifact: one BibTeX entry made of what the meta and the repository say."""

from cmsite.catalog.addresses import artifact_address
from cmsite.formats.bibtex import bibtex_entry, escaped
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact
from cmsite.site.context import SiteContext
from cmsite.site.text import date

MAX_AUTHORS = 40


def bibtex(context: SiteContext, artifact: Artifact, version: Version | None) -> str:
    """Return a BibTeX entry; without a base address of the catalogue it points to the source."""
    key = artifact.key
    source = context.repositories[key.repository].provenance
    base_url = context.catalog.base_url
    url = f"{base_url.rstrip('/')}/{artifact_address(key)}" if base_url else source.location
    revision = f", revision r{version.revision}, sha256 {version.tar_sha256[:16]}" if version else ""
    fields = {
        "title": escaped(artifact.name or f"{key.automation}: {artifact.display_name}"),
        "author": " and ".join(escaped(author) for author in artifact.authors[:MAX_AUTHORS]),
        "year": date(artifact.time_s)[:4],
        "howpublished": escaped(context.catalog.title),
        "url": url if url.startswith(("http://", "https://")) else "",
        "note": escaped(f"{key.automation}:{artifact.display_name}, uid {artifact.uid or 'none'}{revision}"),
    }
    return bibtex_entry(f"{key.automation}-{artifact.display_name}", fields)
