"""What was read → one catalogue with all findings, each at its place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from cmsite import documents
from cmsite.catalog.catalog import Catalog
from cmsite.catalog.join import join
from cmsite.declared import ALL_RULES, RulesSpec
from cmsite.diagnostics import Diagnostic, Place
from cmsite.documents import Document
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.pipeline.file_checks import check_across_files
from cmsite.pipeline.ingest import Outcome, Scan, with_changes
from cmsite.results.run import check_results
from cmsite.validation.codes import CODES
from cmsite.validation.run import check_catalog
from cmsite.validation.secrets import masked
from cmsite.validation.selecting import select_findings


class Locator:
    """Finds the place of a pointer by parsing a meta again; findings come file by file, so one document is kept."""

    def __init__(self, scan: Scan) -> None:
        self._trees = {repository.key: scan.sources[repository.source].tree for repository in scan.repositories}
        self._kept: tuple[tuple[str, str], Document] | None = None

    def place(self, repository: str, path: str, pointer: str) -> Place | None:
        """Return where a value stands in a meta of a repository."""
        if self._kept is None or self._kept[0] != (repository, path):
            self._kept = ((repository, path), documents.parse(path, self._trees[repository].read(path)))
        document = self._kept[1]
        return document.place(pointer) if document.data is not None else None

    def read(self, artifact: Artifact, path: str) -> bytes:
        """Return the bytes of a file in the tree an artifact came from."""
        return self._trees[artifact.key.repository].read(path)


def assemble(
    scan: Scan,
    outcomes: list[Outcome],
    *,
    title: str,
    registry_id: str,
    base_url: str = "",
    contact: str = "",
    rules: RulesSpec = ALL_RULES,
    today: str = "",
) -> Catalog:
    """Join the artifacts, check them against each other, and attach every finding that `rules` let through."""
    required = {repository.key for repository in scan.required}
    artifacts = with_changes(scan, (outcome.artifact for outcome in outcomes if outcome.artifact is not None))
    artifacts, taken = without_taken_keys(_side_by_side(artifacts))
    needed = [artifact for artifact in artifacts if artifact.key.repository in required]
    catalog, resolver = join(
        title=title,
        registry_id=registry_id,
        base_url=base_url,
        contact=contact,
        repositories=scan.published,
        artifacts=(artifact for artifact in artifacts if artifact.key.repository not in required),
        required=scan.required,
        required_artifacts=needed,
    )
    locator = Locator(scan)
    findings = [
        *scan.findings,
        *taken,
        *(found for outcome in outcomes for found in outcome.findings),
        *check_catalog(catalog, resolver, locator.place, _unread(scan, outcomes)),
        *check_results(catalog, locator.read, locator.place, needed),
        *check_across_files(scan, outcomes),
    ]
    findings = [_covered(found) for found in findings]
    shown = (found for found in select_findings(findings, rules, today).shown if found.repository not in required)
    return replace(catalog, findings=_by_artifact(catalog, shown))


def _covered(found: Diagnostic) -> Diagnostic:
    """Return a finding without the secrets that its message or hint may quote from a file."""
    message, hint = masked(found.message), masked(found.hint)
    return found if message == found.message and hint == found.hint else replace(found, message=message, hint=hint)


def _unread(scan: Scan, outcomes: list[Outcome]) -> dict[str, tuple[str, ...]]:
    """Return the folders whose metas cannot be read, by automation."""
    found: dict[str, tuple[str, ...]] = {}
    for folder, outcome in zip(scan.folders, outcomes, strict=True):
        if outcome.artifact is None and not outcome.withheld and not outcome.purged:
            found[folder.automation] = (*found.get(folder.automation, ()), folder.path)
    return found


def _side_by_side(artifacts: Iterable[Artifact]) -> list[Artifact]:
    """Return the artifacts with what pages of others look at (keys and names) in memory side by side.

    A worker that looks at an object copies the pages of memory around it, as looking counts references. Spread among
    all that was read, the names of 10,000 artifacts would make each worker copy nearly everything.
    """
    names: dict[str, str] = {}
    found = []
    for artifact in artifacts:
        key = artifact.key
        folder = _copy(key.folder)
        fresh = ArtifactKey(
            repository=names.setdefault(key.repository, key.repository),
            automation=names.setdefault(key.automation, key.automation),
            folder=folder,
        )
        alias = folder if artifact.alias == folder else _copy(artifact.alias)
        found.append(replace(artifact, key=fresh, alias=alias))
    return found


def _copy(text: str) -> str:
    return "".join(list(text))  # A slice or a `str()` would be the same object.


def without_taken_keys(artifacts: list[Artifact]) -> tuple[list[Artifact], list[Diagnostic]]:
    """Leave out artifacts that stand under a key already: two folders whose metas name one automation."""
    first: dict[ArtifactKey, Artifact] = {}
    findings = []
    for artifact in artifacts:
        if artifact.key not in first:
            first[artifact.key] = artifact
            continue
        findings.append(
            Diagnostic(
                code="CM105",
                severity=CODES["CM105"].severity,
                repository=artifact.key.repository,
                path=artifact.meta_file,
                message=f"{artifact.key.automation}:{artifact.key.folder} is also {first[artifact.key].path}; this one is left out",
                hint="correct automation_uid, or rename the folder",
            )
        )
    return list(first.values()), findings


def with_findings(catalog: Catalog, findings: Iterable[Diagnostic]) -> Catalog:
    """Add findings to those that the catalogue has."""
    known = (finding for items in catalog.findings.values() for finding in items)
    return replace(catalog, findings=_by_artifact(catalog, (*known, *findings)))


def _by_artifact(catalog: Catalog, findings: Iterable[Diagnostic]) -> dict[ArtifactKey | None, tuple[Diagnostic, ...]]:
    """Sort findings under the artifact whose folder holds the path, the rest under None."""
    folders = {(key.repository, artifact.path): key for key, artifact in catalog.artifacts.items()}
    found: dict[ArtifactKey | None, list[Diagnostic]] = defaultdict(list)
    for finding in findings:
        found[_owner(finding, folders)].append(finding)
    return {key: tuple(sorted(items, key=lambda item: item.sort_key)) for key, items in found.items()}


def _owner(finding: Diagnostic, folders: dict[tuple[str, str], ArtifactKey]) -> ArtifactKey | None:
    path = finding.path
    while path:
        key = folders.get((finding.repository, path))
        if key is not None:
            return key
        path = path.rpartition("/")[0]
    return None
