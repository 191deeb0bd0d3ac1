"""What the pages of challenges, contributors and reports show: the fields of their own, and who belongs to whom.

No status is computed from dates: a page knows no clock, and the same inputs give the same bytes.
Source: facts/formats.md §7 (the fields seen, dates in three notations, a close before the open).
"""

from collections.abc import Iterator
from typing import Any

from cmsite.model.artifact import ArtifactKey
from cmsite.results.web_address import web_address
from cmsite.site.cells import Cell, cell, day, facts, link_to, mapping, mappings, one_of_each, texts
from cmsite.site.context import SiteContext
from cmsite.site.sheets import LinkList, Sheet, artifact_list, section
from cmsite.site.text import plain
from cmsite.site.view_rows import Link, TypeSection

MAX_ENTRIES = 20  # Selections, people or prizes of one artifact.

_CHALLENGE_LINKS = (
    ("url", "Website"),
    ("urls", "Websites"),
    ("dashboard_url", "Dashboard"),
    ("report_url", "Report"),
    ("digital_library_url", "Proceedings"),
    ("source", "Source"),
)


def challenge_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return dates, prizes and links of a challenge, its experiments, and who took part."""
    meta = context.catalog.artifacts[key].extra
    sheet = Sheet(
        facts=facts(_challenge_facts(context, key, meta)),
        lists=(
            *_experiments(context, key, meta),
            artifact_list(context, key, "Contributors", context.relations.participants.get(key, ())),
        ),
    )
    return section("Challenge", sheet)


def _challenge_facts(context: SiteContext, key: ArtifactKey, meta: dict[str, Any]) -> Iterator[tuple[str, Cell]]:
    opened, closes = day(meta.get("date_open")), day(meta.get("date_close"))
    if meta.get("under_preparation"):
        yield "State", "under preparation"
    yield "Opened", opened
    # Dates of one precision compare as texts; anything else is no date.
    earlier = len(opened) == len(closes) and "" < closes < opened
    yield "Closes", f"{closes} (as written: before it opened)" if earlier else closes
    if meta.get("date_close_extension"):
        yield "Extension", "may be extended"
    yield "Organisers", cell(context, key, meta.get("organizers") or meta.get("organisers"))
    yield "Points", plain(meta.get("points"))
    yield "Trophies", plain(meta.get("trophies"))
    prizes = dict.fromkeys(texts(meta.get("prize")) + texts(meta.get("prize_short")))
    yield "Prize", "; ".join(" ".join(prize.split()).replace(" ,", ",") for prize in prizes)[:600]
    for name, label in _CHALLENGE_LINKS:
        yield label, cell(context, key, meta.get(name))
    yield "Tags of reproduced papers", cell(context, key, texts(meta.get("reproduced_papers_tags")))
    yield "Notes", cell(context, key, texts(meta.get("notes")) + texts(meta.get("dashboard_note")))


def _experiments(context: SiteContext, key: ArtifactKey, meta: dict[str, Any]) -> Iterator[LinkList]:
    """Yield the experiments that a challenge names, or selects by tags, one list."""
    found: dict[ArtifactKey, None] = {}
    for entry in mappings(meta.get("experiments"))[:MAX_ENTRIES]:
        tags, name = entry.get("tags"), entry.get("name")
        if isinstance(tags, str):
            found.update(dict.fromkeys(context.relations.selector.select("experiment", tags)))
        if isinstance(name, str):
            found.update(dict.fromkeys(context.names.get(("experiment", name), ())))
    yield artifact_list(context, key, "Experiments", tuple(found))


def contributor_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return who a contributor is, and what they did."""
    meta = context.catalog.artifacts[key].extra
    sheet = Sheet(facts=facts(_contributor_facts(context, key, meta)), lists=tuple(_challenges(context, key, meta)))
    return section("Contributor", sheet)


def _contributor_facts(context: SiteContext, key: ArtifactKey, meta: dict[str, Any]) -> Iterator[tuple[str, Cell]]:
    yield "Name", plain(meta.get("name"))
    yield "Organisation", cell(context, key, meta.get("organization") or meta.get("organisation"))
    yield "Last took part", day(meta.get("last_participation_date"))
    yield "Points", _points(meta.get("points"))
    trophies = [item.get("url") for item in mappings(meta.get("trophies"))]
    yield "Trophies", cell(context, key, trophies)
    yield "Links", cell(context, key, texts(meta.get("urls")) + texts(meta.get("url")))
    yield "Works on", cell(context, key, texts(meta.get("ongoing")))


def _points(value: Any) -> str:
    """Return the sum of the points, and what those with a description were for.

    >>> _points([{"point": 5, "desc": "a port"}, {"point": 1}])
    '6 (5 for a port)'
    """
    entries = mappings(value)
    numbers = [entry.get("point") for entry in entries]
    total = sum(number for number in numbers if isinstance(number, int) and abs(number) < 10**9)
    described = "; ".join(
        f"{plain(entry.get('point'))} for {plain(entry.get('desc'))}"
        for entry in entries[:MAX_ENTRIES]
        if entry.get("desc")
    )
    return "" if not entries else f"{total:,} ({described})" if described else f"{total:,}"


def _challenges(context: SiteContext, key: ArtifactKey, meta: dict[str, Any]) -> Iterator[LinkList]:
    """Yield the challenges that a contributor took part in; an entry that selects none here is named all the same."""
    links: dict[Link, None] = {}
    for entry in texts(meta.get("challenges"))[:MAX_ENTRIES]:
        found = context.relations.selector.select("challenge", entry)
        named = one_of_each(context, key, found or context.names.get(("challenge", entry), ()))[:MAX_ENTRIES]
        links.update(dict.fromkeys([link_to(context, other) for other in named] or [Link(text=entry[:200])]))
    yield LinkList(title="Challenges", anchor="challenges", links=tuple(links))


def report_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return title, date, authors with their affiliations, and where a report is to be read."""
    meta = context.catalog.artifacts[key].extra
    rows: list[tuple[str, Cell]] = [
        ("Title", plain(meta.get("title"))),
        ("Date", day(meta.get("date"))),
        ("Authors", authors(meta)),
        (
            "Read it at",
            cell(context, key, texts(meta.get("redirect")) + texts(meta.get("url")) + texts(meta.get("urls"))),
        ),
    ]
    return section("Report", Sheet(facts=facts(rows)))


def authors(meta: dict[str, Any]) -> Cell:
    """Return people with their affiliations; a person's `affiliation` may name keys of `affiliations`, as in CK."""
    known = mapping(meta.get("affiliations"))
    found = []
    for person in mappings(meta.get("authors"))[:MAX_ENTRIES]:
        places = [
            plain(mapping(known.get(part.strip())).get("name")) or part.strip()
            for part in plain(person.get("affiliation")).split(",")
        ]
        where = ", ".join(place for place in places if place)
        name = plain(person.get("name"))
        if name:
            found.append(
                Link(text=f"{name} ({where})" if where else name, address=web_address(plain(person.get("url"))))
            )
    return tuple(found) or (", ".join(texts(meta.get("authors")))[:600])
