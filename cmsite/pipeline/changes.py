"""`--changed-since`: the findings that a change is answerable for.

Everything is still read, since references cross files. Reported are the findings in files that changed, and those in
other files that the revision did not have: a dependency dangles because its target was removed. For these the files of
the revision are read from the objects of git and checked in the same way.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from cmsite.diagnostics import Diagnostic
from cmsite.errors import UsageError
from cmsite.model.tree import SourceTree
from cmsite.pipeline.ingest import OpenedSource
from cmsite.pipeline.validate import Validation, validate_settings, validate_sources
from cmsite.progress import SILENT, Progress
from cmsite.reporting.fingerprints import trait
from cmsite.settings import Settings
from cmsite.sources.file_paths import reported_path
from cmsite.sources.folder import FolderTree
from cmsite.sources.past_folder import PastFolder
from cmsite.sources.selection import SelectedTree
from cmsite.sources.work_tree import WorkTree, work_tree_of


def recent_findings(
    validation: Validation, settings: Settings | None, revision: str, *, progress: Progress = SILENT
) -> tuple[Diagnostic, ...]:
    """Return the findings of a validation that a change since `revision` is answerable for, in their order.

    `settings` is the registry.yml that was validated, if any. Raises `UsageError` where a folder lies outside of git, or
    the revision is unknown there.
    """
    past = _Past(revision)
    sources = tuple(past.source(source) for source in validation.scan.sources)
    if settings is not None and past.changed(settings.path.resolve()):
        return validation.findings  # Another registry.yml reads other sources, and judges them by other rules.
    progress.stage("reading the revision compared with")
    if settings is not None:
        before = validate_settings(settings, opened=sources, progress=progress)
    else:
        before = validate_sources(sources, progress=progress)
    trees = {item.key: validation.scan.sources[item.source].tree for item in validation.scan.repositories}
    left = Counter(trait(finding) for finding in before.findings)
    unsafe = _unsafe_folders(before)
    found = []
    for finding in validation.findings:
        known = trait(finding)
        is_new = left[known] <= 0 and (finding.repository, finding.path) not in unsafe
        left[known] -= 1
        tree = trees.get(finding.repository)
        path = reported_path(tree, finding.path) if tree is not None else Path(finding.path).resolve()
        if is_new if path is None else past.changed(path) or (is_new and past.holds(path)):
            found.append(finding)
    return tuple(found)


def _unsafe_folders(before: Validation) -> frozenset[tuple[str, str]]:
    """Return the folders above unsafe names (CM405): a folder on disk is reported once, in git each file below it is."""
    return frozenset(
        (finding.repository, str(parent))
        for finding in before.findings
        if finding.code == "CM405"
        for parent in PurePosixPath(finding.path).parents
    )


@dataclass(frozen=True, kw_only=True)
class _Since:
    """What changed in one work tree since the commit where the histories part."""

    tree: WorkTree
    commit: str

    @cached_property
    def changed(self) -> frozenset[str]:
        """Return the paths that differ, are new or are gone; a repository inside this one is one path."""
        untracked = (path.rstrip("/") for path in self.tree.untracked)
        return self.tree.changed(self.commit) | frozenset(untracked)


class _Past:
    """All work trees that sources lie in, as they were at a revision."""

    def __init__(self, revision: str) -> None:
        self._revision = revision
        self._known: dict[Path, _Since] = {}

    def source(self, source: OpenedSource) -> OpenedSource:
        """Return a source as it was; what comes from elsewhere, and archives, are as they are."""
        return replace(source, tree=self._tree(source))

    def changed(self, path: Path) -> bool:
        """Return whether a file, or a folder above it that is one to git, changed."""
        since, inner = self._inner(path)
        return since is not None and any(name in since.changed for name in _with_parents(inner))

    def holds(self, path: Path) -> bool:
        """Return whether a file or folder can be part of a change: not if git ignores it, or in an unchanged submodule."""
        since, inner = self._inner(path)
        if since is None:
            return True
        parents = _with_parents(inner)
        if since.tree.ignored and any(
            name in since.tree.ignored or f"{name}/" in since.tree.ignored for name in parents
        ):
            return False
        return not any(name in since.tree.tracked and (since.tree.root / name).is_dir() for name in parents)

    def _inner(self, path: Path) -> tuple[_Since | None, str]:
        for root, since in self._known.items():
            if path.is_relative_to(root):
                return since, path.relative_to(root).as_posix()
        return None, ""

    def _tree(self, source: OpenedSource) -> SourceTree:
        whole = source.tree.whole if isinstance(source.tree, SelectedTree) else source.tree
        if not isinstance(whole, FolderTree):
            return source.tree
        tree = work_tree_of(whole.root)
        if tree is None and not source.required:
            raise UsageError(
                f"--changed-since: {whole.root} is no git work tree, or git is not installed: validate a checkout, or "
                "leave the option out"
            )
        if tree is None or (source.required and tree.root not in self._known):
            return source.tree  # What is needed from another repository is the same before and after.
        if tree.root not in self._known:
            self._known[tree.root] = _Since(tree=tree, commit=tree.parting(self._revision))
        inner = whole.root.relative_to(tree.root).as_posix()
        past = PastFolder(
            tree.root,
            self._known[tree.root].commit,
            folder="" if inner == "." else inner,
            label=whole.label,
            location=whole.provenance.location,
        )
        spec = source.spec
        if not isinstance(source.tree, SelectedTree) or not past.entries:
            return past
        return SelectedTree(past, subfolder=spec.subfolder, include=spec.include, exclude=spec.exclude)


def _with_parents(path: str) -> list[str]:
    return [path, *(str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")]
