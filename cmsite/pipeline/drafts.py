"""Records under embargo: what a build without `--drafts` leaves out whole, and folders that never hold both.

Source: CONTRACT §13 (`build --drafts`); docs/adr/0014 says why a folder is one or the other.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cmsite.errors import ConfigurationError, OutputError
from cmsite.formats.layout import ArtifactFolder
from cmsite.index.layout import ROOT_PATH
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.pipeline.ingest import Outcome, Scan
from cmsite.pipeline.past import Past

# Written before anything else: a build that was killed has no root.json to say it.
DRAFTS_MARK = OutputFile(
    path=".cmsite-drafts", content=b"This site holds drafts that are not to be published. cmsite publish refuses it.\n"
)


def refuse_mixing(site_dir: Path, *, drafts: bool) -> None:
    """Raise `OutputError` where drafts would be written over a site without them, or the other way."""
    holds_drafts = (site_dir / DRAFTS_MARK.path).exists()
    if drafts and not holds_drafts and (site_dir / ROOT_PATH).exists():
        raise OutputError(
            f"{site_dir} holds a site without drafts, which may be published; name a folder for drafts with --site-dir"
        )
    if not drafts and holds_drafts:
        raise OutputError(
            f"{site_dir} holds drafts, and a build without them would leave some of their files; remove the folder, or "
            "name another with --site-dir"
        )


def without_withheld(scanned: Scan, outcomes: list[Outcome], past: Past) -> tuple[Scan, tuple[str, ...]]:
    """Return the scan without findings about what is withheld, and lines for who builds.

    Raises `ConfigurationError` where a file of another artifact is a link to one that is withheld: it would be
    published as a copy.
    """
    withheld = [folder for folder, outcome in zip(scanned.folders, outcomes, strict=True) if outcome.withheld]
    if not withheld:
        return scanned, ()
    for folder in withheld:
        refuse_links(scanned, folder, "is under embargo", "until the embargo ends")
    places = [(folder.repository.key, folder.path) for folder in withheld]
    kept = tuple(
        found for found in scanned.findings
        if not any(_is_inside(found.path, path) for repository, path in places if found.repository == repository)
    )  # fmt: skip
    return replace(scanned, findings=kept), tuple(_published_before(withheld, past))


def refuse_links(scanned: Scan, folder: ArtifactFolder, why: str, until: str) -> None:
    """Raise `ConfigurationError` where a file outside of a folder that is left out is a link into it."""
    for entry in scanned.sources[folder.repository.source].tree.entries:
        link = getattr(entry, "link", "")
        if link and _is_inside(link, folder.path) and not _is_inside(entry.path, folder.path):
            raise ConfigurationError(
                f"{entry.path} is a link to {link}, which {why}, and would be published as a copy of it; remove "
                f"the link {until}"
            )


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _published_before(withheld: Iterable[ArtifactFolder], past: Past) -> Iterable[str]:
    """Yield a line for each record that an earlier index has: an embargo comes too late for what is published."""
    known = past.versions()
    for folder in withheld:
        key = ArtifactKey(repository=folder.repository.key, automation=folder.automation, folder=folder.folder)
        if key in known:
            yield (
                f"{key} is under embargo now, but the earlier index has it: its record and archive stay; where that index "
                "was never published, remove the site folder and build again"
            )
