"""`cmsite validate`: sources → findings; nothing is written."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cmsite import parallel
from cmsite.catalog.catalog import Catalog
from cmsite.declared import ALL_RULES, IgnoreSpec
from cmsite.diagnostics import Diagnostic, Severity
from cmsite.errors import SourceError
from cmsite.pipeline.assemble import assemble, with_findings
from cmsite.pipeline.decisions import decisions_path, read_decisions
from cmsite.pipeline.declarations import check_declarations, compatible_of
from cmsite.pipeline.experiments import experiments_of
from cmsite.pipeline.ingest import OpenedSource, ReadingWork, Scan, open_sources, read_artifacts, scan
from cmsite.pipeline.recalled_validation import Recall, recall_of
from cmsite.pipeline.rule_files import rule_paths, rules_of
from cmsite.progress import SILENT, Progress
from cmsite.settings import Settings, SourceSpec
from cmsite.sources.opening import tree_of_path
from cmsite.validation.rules import bundled_rules
from cmsite.validation.selecting import check_ignores, select_findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What was found: `findings` in the order of reports, `left_out` counts artifacts whose meta cannot be read.

    `ignored` are findings that registry.yml ignores, each with the entry that does so. `files` are the metas that were
    read and the descriptors of their repositories, as (repository key, path). What was known already has an empty
    `catalog`, and the trees of its `scan` hold only files with findings.
    """

    scan: Scan
    catalog: Catalog
    findings: tuple[Diagnostic, ...]
    artifacts: int
    left_out: int
    ignored: tuple[tuple[Diagnostic, IgnoreSpec], ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)


def validate_paths(
    paths: Iterable[Path],
    required: Iterable[SourceSpec],
    *,
    jobs: int | None = None,
    progress: Progress = SILENT,
    recalls: bool = False,
) -> Validation:
    """Validate folders and archives by their paths; `required` are read for dependencies only.

    With `recalls` what was found by the last run is returned where nothing changed since.
    Raises `SourceError` where a path cannot be read at all, or one of `required` holds no artifact.
    """
    paths, required = tuple(paths), tuple(required)
    if recalls:
        what = ("paths", [str(path) for path in paths], required)
        recall = recall_of(what, [*paths, *(Path(spec.location) for spec in required)])
        return _recalled(recall, lambda: validate_paths(paths, required, jobs=jobs, progress=progress), progress)
    progress.stage("reading sources")
    opened = []
    for path in paths:
        tree = tree_of_path(path)  # Says what is wrong with the path, so nothing may ask for its kind before.
        kind = "folder" if path.is_dir() else "archive"
        opened.append(OpenedSource(spec=SourceSpec(kind=kind, location=path.as_posix()), tree=tree))
    opened.extend(open_sources((), required, Path()))
    return validate_sources(tuple(opened), helping=required, jobs=jobs, progress=progress)


def validate_settings(
    settings: Settings,
    required: Iterable[SourceSpec] = (),
    *,
    opened: tuple[OpenedSource, ...] | None = None,
    jobs: int | None = None,
    progress: Progress = SILENT,
    recalls: bool = False,
) -> Validation:
    """Validate the sources of a registry.yml, or what is `opened` in their place; `recalls` as of `validate_paths`."""
    required = tuple(required)
    if recalls:
        what = ("settings", settings, required, today())
        specs = (*settings.sources, *settings.requires, *required)
        rules = rule_paths(settings.rules, settings.base.absolute())
        recall = recall_of(
            what,
            [settings.base / spec.location for spec in specs],
            [settings.path, decisions_path(settings.path), *rules],
        )
        return _recalled(recall, lambda: validate_settings(settings, required, jobs=jobs, progress=progress), progress)
    read_decisions(decisions_path(settings.path))  # Which is a configuration too: mistakes in it end a build.
    if opened is None:
        progress.stage("reading sources")
        opened = open_sources(settings.sources, (*settings.requires, *required), settings.base)
    return validate_sources(
        opened,
        helping=required,
        registry_id=settings.registry_id,
        declared=settings,
        jobs=jobs,
        progress=progress,
    )


def _recalled(recall: Recall | None, validate: Callable[[], Validation], progress: Progress) -> Validation:
    if recall is None:
        return validate()
    progress.stage("looking whether anything changed")
    known = recall.known()
    if isinstance(known, Validation):
        return known
    inputs, started_ns = recall.stamps(), time.time_ns()
    found = validate()
    recall.keep(found, inputs, started_ns)
    return found


def validate_sources(
    sources: tuple[OpenedSource, ...],
    *,
    helping: tuple[SourceSpec, ...] = (),
    registry_id: str = "0" * 32,
    declared: Settings | None = None,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> Validation:
    """Read and check everything; findings come in the order repository, path, place.

    `declared` is the registry.yml that chooses the rules and whose declarations are checked too, where there is one.
    Raises `SourceError` where one of `helping`, which somebody named for dependencies only, holds no artifact.
    """
    with parallel.collector_off():
        chosen = declared.rules if declared is not None else ALL_RULES
        rules = rules_of(chosen, declared.base) if declared is not None else bundled_rules()
        scanned = scan(sources, rules)
        _refuse_empty(scanned, helping)
        work = ReadingWork(scan=scanned, rules=rules, registry_id=registry_id, packing=None, describes=False)
        progress.stage("checking artifacts", len(scanned.folders))
        outcomes = read_artifacts(work, jobs=jobs or parallel.default_jobs(), progress=progress)
        catalog = assemble(scanned, outcomes, title="", registry_id=registry_id)
        rows = experiments_of(catalog, outcomes, compatible_of(declared))
        found = (*rows.findings, *(check_declarations(declared, rows.tables) if declared else ()))
        catalog = with_findings(catalog, found)
        selected = select_findings((found for items in catalog.findings.values() for found in items), chosen, today())
        shown = selected.shown
        if declared is not None:
            shown = (*shown, *check_ignores(declared.path.as_posix(), chosen, selected, today()))
        rank = {repository.key: number for number, repository in enumerate(scanned.repositories)}
        findings = sorted(shown, key=lambda finding: (rank.get(finding.repository, -1), finding.sort_key))
    return Validation(
        scan=scanned,
        catalog=catalog,
        findings=tuple(findings),
        artifacts=len(catalog.artifacts),
        left_out=sum(1 for outcome in outcomes if outcome.artifact is None),
        ignored=selected.ignored,
        files=_files(scanned, catalog),
    )


def _refuse_empty(scanned: Scan, helping: tuple[SourceSpec, ...]) -> None:
    filled = {folder.repository.source for folder in scanned.folders}
    for number, source in enumerate(scanned.sources):
        if source.required and source.spec in helping and number not in filled:
            raise SourceError(
                f"--with {source.spec.location}: holds no artifact of CM, CK or MLC, so no dependency is found in it; "
                "name the folder or archive that holds cmr.yaml, .ckr.json or meta.yaml"
            )


def _files(scanned: Scan, catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """Return the metas of all artifacts and the descriptors of their repositories."""
    found: dict[tuple[str, str], None] = {}
    for repository in scanned.published:
        found.update({(repository.key, path): None for path in repository.descriptors})
    for artifact in catalog.artifacts.values():
        found[artifact.key.repository, artifact.meta_file] = None
    return tuple(found)


def today() -> str:
    """Return the date by which ignores expire: the only clock that validation reads."""
    return time.strftime("%Y-%m-%d", time.gmtime())
