"""`feed.xml`: the newest revisions of all artifacts as an Atom feed.

A revision has the time of its source, so a feed needs no clock; where no source tells times there is none. Ids are made
of what never changes, the registry, the artifact's uid and the revision, so that a reader shows each once. Links are
relative where the site's address is unknown, which Atom allows. Source: RFC 4287.
"""

import heapq
import uuid
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from cmsite.catalog.addresses import artifact_address
from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.atom import feed_time, xml_text
from cmsite.site.context import SiteContext, is_announced
from cmsite.site.head import FEED_PATH
from cmsite.site.site_data import complete_address

MAX_ENTRIES = 100
MAX_AUTHORS = 20


class Change(NamedTuple):
    """One revision of one artifact; ordered by time. A tuple, since a catalogue has one for each revision."""

    time_s: int
    key: ArtifactKey
    revision: int


def render_feed(context: SiteContext) -> tuple[OutputFile, ...]:
    """Return the feed, nothing where no time of a change is known."""
    changes = newest_changes(context)
    if not changes:
        return ()
    registry = uuid.UUID(hex=context.catalog.registry_id)
    home, own = complete_address(context, ""), complete_address(context, FEED_PATH)
    parts = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
        f"<id>{registry.urn}</id>\n<title>{xml_text(context.catalog.title)}</title>\n",
        f"<updated>{feed_time(changes[0].time_s)}</updated>\n<author><name>{xml_text(context.catalog.title)}</name></author>\n",
        f'<link rel="alternate" type="text/html" href="{escape(home or "./")}"/>\n',
        f'<link rel="self" type="application/atom+xml" href="{escape(own)}"/>\n' if own else "",
        *(_entry(context, registry, change) for change in changes),
        "</feed>\n",
    )
    return (OutputFile(path=FEED_PATH, content="".join(parts).encode()),)


def newest_changes(context: SiteContext) -> list[Change]:
    """Return the newest revisions whose time is known, the newest first; artifacts that are gone have none."""
    return heapq.nlargest(MAX_ENTRIES, _changes(context))


def _changes(context: SiteContext) -> Iterator[Change]:
    for key, versions in context.catalog.versions.items():
        for version in versions:
            if is_announced(version):
                yield Change(version.time_s, key, version.revision)


def _entry(context: SiteContext, registry: uuid.UUID, change: Change) -> str:
    key = change.key
    artifact = context.catalog.artifacts[key]
    version = next(item for item in context.catalog.versions[key] if item.revision == change.revision)
    # Copies of one uid in several repositories are entries of their own.
    name = f"{key.repository}\n{artifact.uid or f'{key.automation}/{key.folder}'}\nr{change.revision}"
    page = complete_address(context, artifact_address(key)) or artifact_address(key)
    what = "New" if change.revision == 1 else "Changed"
    return (
        f"<entry>\n<id>{uuid.uuid5(registry, name.encode('utf-8', 'replace').decode()).urn}</id>\n"
        f"<title>{xml_text(f'{what}: {key.automation}:{artifact.display_name} r{change.revision}')}</title>\n"
        f"<updated>{feed_time(change.time_s)}</updated>\n"
        f'<link rel="alternate" type="text/html" href="{escape(page)}"/>\n'
        f"{_enclosure(context, version)}{_authors(artifact)}"
        f'<category term="{xml_text(key.automation)}"/>\n'
        f"<summary>{xml_text(artifact.summary)}</summary>\n</entry>\n"
    )


def _enclosure(context: SiteContext, version: Version) -> str:
    """Return the link to the revision's bytes, "" where they are not published."""
    if version.url is None:
        path = archive_path(version.archive_sha256)
        address = complete_address(context, path) or path
    else:
        address = version.url if version.url.startswith(("http://", "https://")) else ""
    if not address:
        return ""
    return f'<link rel="enclosure" type="application/gzip" length="{version.size_bytes}" href="{escape(address)}"/>\n'


def _authors(artifact: Artifact) -> str:
    return "".join(
        f"<author><name>{xml_text(name)}</name></author>\n" for name in artifact.authors[:MAX_AUTHORS] if name
    )
