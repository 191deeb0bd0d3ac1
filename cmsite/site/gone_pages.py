"""Pages at addresses where an artifact was: one that leads to its new name, and a tombstone of what was purged.

Neither stands in the sitemap. A redirect needs no script and no server: `meta refresh` and a link. Where a living page
has the address now, it keeps it. Source: CONTRACT §3, §6; https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh.
"""

from collections.abc import Iterator

from cmsite.catalog.addresses import artifact_address
from cmsite.catalog.catalog import Move
from cmsite.index.records import Record
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, stamp_page
from cmsite.site.shell import Section, base_of
from cmsite.site.text import counted, date, size
from cmsite.site.view_rows import Link, bounded

MAX_VERSIONS = 200  # The newest.


def render_gone(context: SiteContext) -> Iterator[OutputFile]:
    """Yield a page for each old name and each purged artifact, the first one where two had an address."""
    taken = {artifact_address(key) for key in context.catalog.artifacts}
    for move in context.catalog.moves:
        if (address := artifact_address(move.key)) not in taken:
            taken.add(address)
            yield _redirect(context, move, address)
    for record in context.catalog.tombstones:
        key = ArtifactKey(repository=record.repository, automation=record.automation, folder=record.folder)
        if (address := artifact_address(key)) not in taken:
            taken.add(address)
            yield _tombstone(context, record, address)


def _redirect(context: SiteContext, move: Move, address: str) -> OutputFile:
    target = artifact_address(move.target)
    content = context.render(
        "pages/moved.html", base=base_of(address), move=move, target=Link(text=move.reference, address=target)
    )
    description = f"{move.name} was renamed to {move.reference}"
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.ARTIFACTS,
            title=move.name,
            description=description,
            content=content,
            moved_to=target,
        ),
    )


def _tombstone(context: SiteContext, record: Record, address: str) -> OutputFile:
    rows = [
        (f"r{version.revision}", version.label, date(version.time_s), size(version.size_bytes), version.tar_sha256)
        for version in reversed(record.versions)
    ]
    content = context.render(
        "pages/purged.html",
        base=base_of(address),
        record=record,
        count=counted(len(rows), "revision"),
        versions=bounded(rows, MAX_VERSIONS),
        dated=any(version.time_s for version in record.versions),
    )
    description = f"{record.name} was purged by its publisher"
    return stamp_page(
        context,
        Page(
            address=address,
            section=Section.ARTIFACTS,
            title=record.name,
            description=description,
            content=content,
            is_indexed=False,
        ),
    )
