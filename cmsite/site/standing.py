"""What the page of an artifact says of decisions about it: the notice at its head, and the marks of its versions."""

from collections.abc import Mapping
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.catalog.catalog import Catalog, Standing
from cmsite.index.layout import archive_path
from cmsite.index.records import Status, Version
from cmsite.model.artifact import ArtifactKey
from cmsite.site.context import Badge
from cmsite.site.text import date, size
from cmsite.site.ways import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The words at the head of a page; `kind` is `bad` or `unsure`, `way` leads to the successor, "" where none is known."""

    title: str
    reason: str
    kind: str
    successor: str = ""
    way: str = ""


def standing_notice(standing: Standing | None, way: Way, versions: tuple[Version, ...]) -> Notice | None:
    """Return the notice, None where nothing was decided that a reader must know before taking the artifact."""
    if standing is not None and standing.status is Status.QUARANTINED:
        words = f"The publisher does not hand this artifact out: {_sentence(standing.reason)}"
        return Notice(title="Quarantined.", reason=words, kind="bad")
    if standing is not None and standing.status is Status.DEPRECATED:
        key = standing.successor_key
        return Notice(
            title="Deprecated.",
            reason=_sentence(standing.reason),
            kind="unsure",
            successor=standing.successor,
            way=way.to(artifact_address(key)) if key is not None else "",
        )
    return _newest_notice(versions)


def with_standings(
    catalog: Catalog, badges: Mapping[ArtifactKey, tuple[Badge, ...]]
) -> Mapping[ArtifactKey, tuple[Badge, ...]]:
    """Return badges with one more, the first, for each artifact that was decided about: lists show them too."""
    found = dict(badges)
    for key, standing in catalog.standings.items():
        kind = "bad" if _is_quarantined(standing) else "unsure"
        badge = Badge(label="Status", value=standing.status.value, kind=kind)
        found[key] = (badge, *found.get(key, ()))
    return found


def newest_offered(versions: tuple[Version, ...]) -> Version | None:
    """Return the version that the name alone gets, None where there is none."""
    return next((version for version in reversed(versions) if version.is_offered), None)


def nothing_is_handed_out(standing: Standing | None, versions: tuple[Version, ...]) -> bool:
    """Return whether commands that get the artifact by its name would fail."""
    return _is_quarantined(standing) or (bool(versions) and newest_offered(versions) is None)


def version_row(way: Way, version: Version, standing: Standing | None) -> tuple[str, str, str, str, str, str, str, str]:
    """Return name, label, mark and its reason, date, way to the archive ("" without one), size and content digest."""
    if version.purged is not None or _is_quarantined(standing):
        archive = ""
    elif version.url is None:
        archive = way.to(archive_path(version.archive_sha256))
    else:
        archive = version.url if version.url.startswith(("http://", "https://")) else ""
    mark = "purged" if version.purged is not None else "yanked" if version.yanked is not None else ""
    return (
        f"r{version.revision}",
        version.label,
        mark,
        _reason(version),
        date(version.time_s),
        archive,
        size(version.size_bytes),
        version.tar_sha256,
    )


def _newest_notice(versions: tuple[Version, ...]) -> Notice | None:
    newest = versions[-1] if versions else None
    if newest is None or newest.is_offered:
        return None
    offered, reason = newest_offered(versions), _sentence(_reason(newest))
    if offered is None:
        words = f"The publisher took back every revision of this artifact, so its name gets nothing: {reason}"
        return Notice(title="Taken back.", reason=words, kind="bad")
    words = f"This page shows r{newest.revision}, the name gets r{offered.revision}: {reason}"
    return Notice(title=f"r{newest.revision} was taken back.", reason=words, kind="unsure")


def _is_quarantined(standing: Standing | None) -> bool:
    return standing is not None and standing.status is Status.QUARANTINED


def _reason(version: Version) -> str:
    return version.purged or version.yanked or ""


def _sentence(reason: str) -> str:
    r"""Return a reason with a full stop.

    >>> _sentence("it is slow"), _sentence("Why?"), _sentence("")
    ('it is slow.', 'Why?', 'no reason was given.')
    """
    reason = reason or "no reason was given"
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
