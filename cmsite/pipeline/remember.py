"""At the end of a build: what the next one needs to know to do less. `refresh` reads it."""

import marshal
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmsite.catalog.catalog import Catalog
from cmsite.diagnostics import Diagnostic
from cmsite.formats.layout import ArtifactFolder
from cmsite.index.layout import ROOT_PATH
from cmsite.model.artifact import ArtifactKey
from cmsite.pipeline.decisions import decisions_path
from cmsite.pipeline.ingest import Outcome, Scan
from cmsite.pipeline.memory import BundleWriter, Head, Memory, Report, program_files
from cmsite.pipeline.recalled import common_of, lookups_of
from cmsite.pipeline.rule_files import rule_paths
from cmsite.pipeline.site_folder import MARK
from cmsite.settings import Settings
from cmsite.site.context import SiteContext
from cmsite.sources.folder import FolderTree
from cmsite.stamps import FolderStamps, Stamp, stamps_of
from cmsite.validation.links import OpenLink

if TYPE_CHECKING:
    from cmsite.site.material import RenderedDocs

# Packages whose code makes bytes of a page.
_PACKAGES = ("comrak", "jinja2", "markupsafe", "nh3", "pygments", "yaml")


def readings_of(
    scanned: Scan, outcomes: list[Outcome]
) -> dict[ArtifactKey, tuple[ArtifactFolder, tuple[Diagnostic | OpenLink, ...]]]:
    """Return the folder of each artifact and what reading it found."""
    return {
        outcome.artifact.key: (folder, outcome.told)
        for folder, outcome in zip(scanned.folders, outcomes, strict=True)
        if outcome.artifact is not None
    }


def remember(
    memory: Memory,
    settings: Settings,
    site_dir: Path,
    scanned: Scan,
    docs: "RenderedDocs",
    context: SiteContext,
    bundles: BundleWriter,
    report: Report,
    shared: Mapping[str, Any],
) -> None:
    """Keep what was read and made, and `shared` values; nothing where a source cannot tell whether it changed."""
    if docs.inputs is None or any(type(source.tree) is not FolderTree for source in scanned.sources):
        return
    trees = [source.tree for source in scanned.sources if isinstance(source.tree, FolderTree)]
    build = uuid.uuid4().hex
    memory.keep_artifacts(
        build,
        {
            **common_of(context),
            **shared,
            "all_repositories": scanned.repositories,
            "roots": [str(tree.root) for tree in trees],
            "labels": [(tree.label, tree.provenance.location) for tree in trees],
            "links": [{entry.path: entry.link for entry in tree.entries if entry.link} for tree in trees],
            "specs": [(source.spec, source.required) for source in scanned.sources],
            "rules": (settings.rules, settings.base.absolute()),
            "max_archive_bytes": settings.max_archive_bytes,
            "ranks": {repository.key: rank for rank, repository in enumerate(context.catalog.repositories)},
            "is_preview": settings.preview or not memory.counts,
        },
        lookups_of(context),
        bundles,
    )
    folders: dict[str, FolderStamps] = {
        str(tree.root): marshal.loads(tree.stamps)  # noqa: S302 - made by this process.
        for tree in trees
    }
    memory.keep(
        Head(
            build=build,
            report=report,
            inputs={**docs.inputs, **_inputs(settings, memory.started_ns)},
            outputs=stamps_of((f"{site_dir}/{name}" for name in (ROOT_PATH, MARK.path, "index.html")), own=True),
            folders=folders,
        )
    )


def _inputs(settings: Settings, since_ns: int) -> dict[str, Stamp | None]:
    """Return the stamps of everything but the sources and the hand-written pages."""
    from importlib.util import find_spec

    packages = [spec.origin for name in _PACKAGES if (spec := find_spec(name)) and spec.origin]
    overrides = []
    if settings.custom_dir:
        for folder, _, files in os.walk(settings.base / settings.custom_dir):
            overrides.extend([folder, *(f"{folder}/{name}" for name in files)])
    rules = rule_paths(settings.rules, settings.base.absolute())
    own = (settings.path.resolve(), decisions_path(settings.path).absolute(), *rules)
    return stamps_of([*map(str, own), *packages, *program_files(), *overrides], since_ns=since_ns)


def report_of(
    catalog: Catalog, paths: Iterable[str], *, gen: int, problems: tuple[str, ...], is_strict: bool, has_no_id: bool
) -> Report:
    """Return what the build says of itself."""
    words = [found.severity.word for items in catalog.findings.values() for found in items]
    return Report(
        artifacts=len(catalog.artifacts),
        repositories=len(catalog.repositories),
        pages=sum(path.endswith(".html") for path in paths),
        gen=gen,
        errors=words.count("error"),
        warnings=words.count("warning"),
        problems=problems,
        is_strict=is_strict,
        has_no_id=has_no_id,
    )
