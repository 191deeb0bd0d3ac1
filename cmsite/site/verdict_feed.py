"""`results/feed.xml`: new and changed verdicts as an Atom feed.

An entry is a record that gave a claim its first verdict or another one than the record before; it has the record's own
date, so the feed needs no clock. Ids are made of what never changes: registry, paper, claim and record.
Source: RFC 4287; facts/results.md §3.
"""

import uuid
from html import escape
from urllib.parse import quote

from cmsite.outputs import OutputFile
from cmsite.results.changes import VerdictChange, verdict_changes
from cmsite.results.wording import claimed_text, value_text
from cmsite.site.atom import feed_time, xml_text
from cmsite.site.context import SiteContext
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import row_anchor
from cmsite.site.site_data import complete_address

VERDICT_FEED_PATH = "results/feed.xml"
MAX_ENTRIES = 100
MAX_AUTHORS = 20


def render_verdict_feed(context: SiteContext) -> tuple[OutputFile, ...]:
    """Return the feed, nothing where no record has a date."""
    groups = context.relations.groups
    changes = verdict_changes(row for group in groups for row in group.rows)[:MAX_ENTRIES]
    if not changes:
        return ()
    registry = uuid.UUID(hex=context.catalog.registry_id)
    home, own = complete_address(context, "results/"), complete_address(context, VERDICT_FEED_PATH)
    places = {group.paper.key: group for group in groups}
    title = f"{context.catalog.title}: verdicts"
    parts = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
        f"<id>{uuid.uuid5(registry, 'verdicts').urn}</id>\n<title>{xml_text(title)}</title>\n",
        f"<updated>{_time(changes[0])}</updated>\n<author><name>{xml_text(context.catalog.title)}</name></author>\n",
        f'<link rel="alternate" type="text/html" href="{escape(home or "./")}"/>\n',
        f'<link rel="self" type="application/atom+xml" href="{escape(own)}"/>\n' if own else "",
        *(_entry(context, registry, change, places[change.row.paper.key]) for change in changes),
        "</feed>\n",
    )
    return (OutputFile(path=VERDICT_FEED_PATH, content="".join(parts).encode()),)


def _entry(context: SiteContext, registry: uuid.UUID, change: VerdictChange, group: PaperRows) -> str:
    row, verdict = change.row, change.row.judgement.verdict.value
    paper, claim = row.paper, row.claim
    attempt = row.reproduction.uid or str(row.reproduction.key) if row.reproduction else ""
    # A tuple's own spelling keeps apart what a joining sign would not.
    name = repr((paper.uid or str(paper.key), claim.id, attempt))
    page = complete_address(context, group.address) or f"../{group.address}"
    anchor = f"#{quote(row_anchor(row))}"
    what = f"New: {verdict}" if change.before is None else f"Changed: {change.before.value} → {verdict}"
    return (
        f"<entry>\n<id>{uuid.uuid5(registry, name.encode('utf-8', 'replace').decode()).urn}</id>\n"
        f"<title>{xml_text(f'{what}: {claim.id} of {paper.title}')}</title>\n"
        f"<updated>{_time(change)}</updated>\n"
        f'<link rel="alternate" type="text/html" href="{escape(page + anchor)}"/>\n'
        f"{_authors(change)}"
        f'<category term="{xml_text(verdict)}"/>\n'
        f"<summary>{xml_text(_summary(change))}</summary>\n</entry>\n"
    )


def _summary(change: VerdictChange) -> str:
    """Return what was claimed and what came out, and whether anybody checked the record."""
    row = change.row
    unit = row.claim.unit or (row.metric.unit if row.metric else "")
    unit = "" if unit == "1" else f" {unit}"
    parts = [row.claim.text.rstrip(".")]
    if claimed := claimed_text(row.claim):
        parts.append(f"claimed {claimed}{unit}")
    if row.judgement.reproduced is not None:
        value = value_text(row.judgement.reproduced, row.metric.precision if row.metric else None)
        parts.append(f"reproduced {value}{unit}, n = {row.judgement.n}")
    if row.reproduction is not None:
        parts.append(f"record {row.reproduction.status.value}")
    return "; ".join(part for part in parts if part)


def _authors(change: VerdictChange) -> str:
    people = change.row.reproduction.agents if change.row.reproduction else ()
    names = [person.name for person in people if person.name.strip()][:MAX_AUTHORS]
    return "".join(f"<author><name>{xml_text(name)}</name></author>\n" for name in names)


def _time(change: VerdictChange) -> str:
    return feed_time(int(change.time.timestamp()))
