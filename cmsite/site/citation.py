"""How to cite an artifact: one BibTeX entry made of what the meta and the repository say."""

import re

from cmsite.catalog.addresses import artifact_address
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact
from cmsite.site.context import SiteContext
from cmsite.site.text import date

_NOT_KEY = re.compile(r"[^A-Za-z0-9-]+")
_SPECIAL = re.compile(r"([#$%&_{}])")
_BREAKING = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
MAX_AUTHORS = 40


def bibtex(context: SiteContext, artifact: Artifact, version: Version | None) -> str:
    """Return a BibTeX entry; without a base address of the catalogue it points to the source."""
    key = artifact.key
    source = context.repositories[key.repository].provenance
    base_url = context.catalog.base_url
    url = f"{base_url.rstrip('/')}/{artifact_address(key)}" if base_url else source.location
    revision = f", revision r{version.revision}, sha256 {version.tar_sha256[:16]}" if version else ""
    fields = {
        "title": _escaped(artifact.name or f"{key.automation}: {artifact.display_name}"),
        "author": " and ".join(_escaped(author) for author in artifact.authors[:MAX_AUTHORS]),
        "year": date(artifact.time_s)[:4],
        "howpublished": _escaped(context.catalog.title),
        "url": url if url.startswith(("http://", "https://")) else "",
        "note": _escaped(f"{key.automation}:{artifact.display_name}, uid {artifact.uid or 'none'}{revision}"),
    }
    lines = "".join(f"  {name:<12} = {{{value}}},\n" for name, value in fields.items() if value)
    return (
        f"@misc{{{_NOT_KEY.sub('-', f'{key.automation}-{artifact.display_name}').strip('-') or 'artifact'},\n{lines}}}"
    )


def _escaped(text: str) -> str:
    r"""Return text as LaTeX prints it.

    >>> _escaped("a_b & c\\d")
    'a\\_b \\& c\\textbackslash{}d'
    """
    parts = re.split(r"([\\~^])", " ".join(text.split()))
    return "".join(_BREAKING.get(part) or _SPECIAL.sub(r"\\\1", part) for part in parts)
