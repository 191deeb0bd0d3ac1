"""CK `repro.article` → the one `Paper`: its title, authors, venue and badges as they are; it declares no claims.

Such records keep their fields in `misc`, and each badge as a key `badge_acm_…` that is `yes` or empty. They are older
than version 1.1 of ACM's badges, so their scheme is acm-1.0. Words in a list `badges` name no scheme and stay words.
Source: facts/results.md §1 (the 67 `repro.article` papers), facts/formats.md §2.
"""

import re
from typing import Any

from cmsite.model.artifact import Artifact
from cmsite.model.badges import Badge, BadgeScheme
from cmsite.model.results import Paper, Person
from cmsite.results.badge_schemes import level_of
from cmsite.results.badges import MAX_BADGES
from cmsite.results.fields import scalar_text
from cmsite.results.literals import clean

MAX_TEXT = 500  # Characters of one field.
MAX_PEOPLE = 200

_PREFIX = "badge_"
_YES = ("yes", "true", "1")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_LEVELS = {
    "badge_acm_artifact_available": "available",
    "badge_acm_artifact_functional": "functional",
    "badge_acm_artifact_reusable": "reusable",
    "badge_acm_results_replicated": "replicated",
    "badge_acm_results_reproduced": "reproduced",
}


def article_fields(artifact: Artifact) -> dict[Any, Any]:
    """Return the mapping that holds the fields of an article: `misc`, else the meta itself."""
    inner = artifact.extra.get("misc")
    return inner if isinstance(inner, dict) else artifact.extra


def read_article(artifact: Artifact) -> Paper:
    """Read an artifact of CK's `repro.article`; what has no text where one is expected is left out."""
    fields = article_fields(artifact)
    year = _text(fields, "year")
    return Paper(
        key=artifact.key,
        uid=artifact.uid,
        alias=artifact.display_name,
        title=_text(fields, "title") or artifact.name or artifact.display_name,
        authors=tuple(Person(name=name) for name in _people(fields.get("authors"))),
        reference=_text(fields, "paper_doi_url", "doi", "paper_pdf_url", "paper_url", "url"),
        venue=_text(fields, "where", "venue", "conference", "journal"),
        year=int(year) if _YEAR.match(year) else None,
        badges=article_badges(artifact),
        origins=(artifact.key,),
    )


def article_badges(artifact: Artifact) -> tuple[Badge, ...]:
    """Return the badges of an article in the order of the record."""
    fields = article_fields(artifact)
    evidence = _text(fields, "reproducibility_url")
    found = [
        _flagged(clean(str(name)), text, evidence)
        for name, value in fields.items()
        if str(name).startswith(_PREFIX) and (text := (scalar_text(value) or "").strip()).lower() in _YES
    ]
    found += [Badge(scheme=None, level="", text=text[:MAX_TEXT]) for text in _listed(fields.get("badges"))]
    return tuple(found[:MAX_BADGES])


def _flagged(name: str, value: str, evidence: str) -> Badge:
    level = level_of(BadgeScheme.ACM_1_0, _LEVELS.get(name, ""))
    return Badge(
        scheme=level.scheme if level else None,
        level=level.level if level else "",
        text=f"{name}: {value}"[:MAX_TEXT],
        evidence=evidence,
    )


def _listed(value: Any) -> list[str]:
    """Return the words of `badges`: a text, a list of texts or of mappings with `name`, a mapping of names to yes."""
    if isinstance(value, dict):
        return [clean(str(name)) for name, item in value.items() if (scalar_text(item) or "").lower() in _YES]
    items = value if isinstance(value, list) else [value]
    words = [scalar_text(item.get("name")) if isinstance(item, dict) else scalar_text(item) for item in items]
    return [word for word in words if word]


def _people(value: Any) -> list[str]:
    """Return names from a text with commas or a list of texts or of mappings with `name`."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    names = (scalar_text(item.get("name")) if isinstance(item, dict) else scalar_text(item) for item in items)
    return [name[:MAX_TEXT] for name in names if name][:MAX_PEOPLE]


def _text(fields: dict[Any, Any], *names: str) -> str:
    """Return the first text that is not empty."""
    return next((text[:MAX_TEXT] for name in names if (text := scalar_text(fields.get(name)))), "")
