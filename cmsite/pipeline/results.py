"""The papers and reproductions of sources, judged: what `cmsite results` prints, without building or checking the rest.

Only metas that can be a paper or reproduction are parsed, in this process. The rows are those of the site's pages.
Source: CONTRACT §9, §13.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cmsite.catalog.catalog import Catalog
from cmsite.catalog.join import join, with_uid
from cmsite.errors import CmsiteError
from cmsite.formats.embargo import is_embargoed
from cmsite.formats.layout import ArtifactFolder
from cmsite.formats.reading import read_artifact
from cmsite.model.artifact import Artifact
from cmsite.model.names import ARTICLE, AUTOMATION_UIDS, PAPER, REPRODUCTION
from cmsite.model.results import Paper, Reproduction
from cmsite.pipeline.assemble import without_taken_keys
from cmsite.pipeline.ingest import OpenedSource, Scan, open_sources, scan
from cmsite.results.gathering import PaperFinder, gather
from cmsite.results.table import ClaimRow, claim_rows
from cmsite.settings import Settings, SourceSpec
from cmsite.sources.opening import tree_of_path

_KINDS = (PAPER, ARTICLE, REPRODUCTION)
_SIGNS = tuple(sign.encode() for kind in _KINDS for sign in (kind, AUTOMATION_UIDS.get(kind, kind)))


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSources:
    """Rows in the order of the pages, what they were made of, and what could not be used, in sentences."""

    rows: tuple[ClaimRow, ...]
    papers: tuple[Paper, ...]
    reproductions: tuple[Reproduction, ...]
    notes: tuple[str, ...]


def results_of_settings(settings: Settings, *, drafts: bool = False) -> JudgedSources:
    """Judge what the sources of a registry.yml hold; with `drafts` also records under embargo.

    Raises `SourceError` where a source cannot be read at all.
    """
    return _judged(open_sources(settings.sources, (), settings.base), settings.registry_id, drafts=drafts)


def results_of_path(path: Path, *, drafts: bool = False) -> JudgedSources:
    """Judge what a folder or archive holds; raises `SourceError` where it cannot be read at all."""
    spec = SourceSpec(kind="folder" if path.is_dir() else "archive", location=path.as_posix())
    return _judged((OpenedSource(spec=spec, tree=tree_of_path(path)),), "0" * 32, drafts=drafts)


def _judged(sources: tuple[OpenedSource, ...], registry_id: str, *, drafts: bool) -> JudgedSources:
    scanned = scan(sources, ())
    artifacts, notes = _read(scanned, registry_id)
    shown = [artifact for artifact in artifacts if drafts or not is_embargoed(artifact)]
    if len(shown) < len(artifacts):  # By number alone: what the output of a CI job names is public.
        notes.append(f"left out, being under embargo: {len(artifacts) - len(shown)}; --drafts shows them")
    unique, taken = without_taken_keys(shown)
    catalog = _catalog(scanned, registry_id, unique)
    found = gather(catalog.artifacts.values())
    finder = PaperFinder(found.papers)
    lost = [item for item in found.reproductions if finder.find(item) is None]
    notes += [
        f"{source.tree.label} holds no artifact: name the folder in which paper/ and reproduction/ lie"
        for number, source in enumerate(scanned.sources)
        if not any(folder.repository.source == number for folder in scanned.folders)
    ]
    notes += [f"{item.repository}: {item.path}: {item.message}" for item in taken]
    notes += [
        f"{item.key.repository}: the paper of reproduction:{item.alias} is in none of these sources, "
        "so its runs are judged by nothing"
        for item in lost
    ]
    return JudgedSources(
        rows=claim_rows(found.papers, found.reproductions),
        papers=found.papers,
        reproductions=found.reproductions,
        notes=tuple(notes),
    )


def _catalog(scanned: Scan, registry_id: str, artifacts: Iterable[Artifact]) -> Catalog:
    return join(title="", registry_id=registry_id, repositories=scanned.published, artifacts=artifacts)[0]


def _read(scanned: Scan, registry_id: str) -> tuple[list[Artifact], list[str]]:
    """Return the papers and reproductions, and a sentence for each that cannot be read."""
    artifacts, notes = [], []
    for folder in scanned.folders:
        source = scanned.sources[folder.repository.source]
        read = cache(source.tree.read)
        try:
            contents = [read(f"{folder.path}/{name}") for name in folder.metas]
        except CmsiteError as error:
            notes.append(f"{folder.repository.key}: {folder.path}: {error}")
            continue
        if not _may_be_result(folder, contents):
            continue
        artifact = read_artifact(folder, read).artifact
        if artifact is None:
            if folder.automation in _KINDS:
                notes.append(
                    f"{folder.repository.key}: {folder.path}: its meta cannot be read, so it is left out; "
                    "`cmsite validate` says why"
                )
        elif artifact.key.automation in _KINDS:
            artifacts.append(with_uid(artifact, registry_id, dict(source.spec.pins)))
    return artifacts, notes


def _may_be_result(folder: ArtifactFolder, contents: Iterable[bytes]) -> bool:
    """Return whether a folder can be a paper or reproduction: by its place, or by a word or uid in its meta."""
    return folder.automation in _KINDS or any(sign in content.lower() for content in contents for sign in _SIGNS)
