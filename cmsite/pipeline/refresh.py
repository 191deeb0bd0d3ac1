"""A build after which little changed: nothing, or the contents of files of a few artifacts.

What is written is what a whole build would write. Wherever that cannot be known from what is remembered (a name or a
dependency changed, a file came or went, a template, the configuration), `refresh` returns None before it has written
anything, and everything is built. Source: DESIGN §6; docs/performance.md.
"""

import gc
import posixpath
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmsite.errors import SourceError
from cmsite.pipeline.memory import Head, Memory, NeedsWholeCatalogueError, Report
from cmsite.stamps import Stamp, stamps_of

if TYPE_CHECKING:
    from cmsite.index.records import Record, Version
    from cmsite.model.artifact import Artifact
    from cmsite.outputs import OutputFile
    from cmsite.pipeline.ingest import Outcome, ReadingWork
    from cmsite.pipeline.recalled import Bundle, Recalled

MAX_CHANGED = 100  # Artifacts; with more, worker processes are faster.
# What a text may change of an artifact without changing anything but its own page and record.
_OWN = ("files", "summary", "summary_derived", "headings")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One artifact that was read again: its number, what is to be remembered of it, and its files."""

    number: int
    after: "Bundle"
    files: "tuple[OutputFile, ...]"


def refresh(memory: Memory, site_dir: Path) -> Report | None:
    """Bring the site up to date where few artifacts changed; None where everything has to be built."""
    gc.disable()  # It would walk what is loaded again and again, and this process ends soon.
    head = memory.head()
    changed = head.changes() if head is not None else None
    if head is None or changed is None:
        return None
    if not changed:
        return head.report
    return _Refresh(memory, head, site_dir).run(changed)


class _Refresh:
    """The steps of `refresh` where files changed."""

    def __init__(self, memory: Memory, head: Head, site_dir: Path) -> None:
        self.memory, self.head, self.site_dir = memory, head, site_dir

    def run(self, changed: list[tuple[str, str]]) -> Report | None:
        """Return what to report, None where everything has to be built."""
        from cmsite.pipeline.recalled import Recalled

        remembered = self.memory.artifacts(self.head.build)
        if remembered is None:
            return None
        stamps = stamps_of(f"{root}/{path}" for root, path in changed)
        recalled = Recalled(remembered)
        try:
            changes = self._changes(recalled, changed)
            index = self._index(recalled, changes)
        except (NeedsWholeCatalogueError, SourceError, FileNotFoundError):
            return None  # What vanished meanwhile is told by a build of everything.
        self.memory.forget()
        report = self._write(changes, index)
        self._remember(recalled, changes, report, {place: stamps["/".join(place)] for place in changed})
        return report

    def _owners(self, recalled: "Recalled", changed: list[tuple[str, str]]) -> list[int]:
        """Return the numbers of the artifacts that the files belong to."""
        sources = {root: number for number, root in enumerate(recalled.remembered.common["roots"]) if root}
        folders = recalled.remembered.lookups["folders"]
        numbers: dict[int, None] = {}
        certified = {
            (repository.source, file.source)
            for repository in recalled.remembered.common["all_repositories"]
            if repository.certificate is not None
            for file in repository.certificate.files
        }
        linked = [set(links.values()) for links in recalled.remembered.common["links"]]
        for root, path in changed:
            source, folder = sources[root], posixpath.dirname(path)
            if path in linked[source]:
                raise NeedsWholeCatalogueError(path)  # Other artifacts hold a copy of it.
            if (source, path) in certified:
                raise NeedsWholeCatalogueError(path)  # The repository's page shows its digest.
            while folder and (source, folder) not in folders:
                folder = posixpath.dirname(folder)
            if (source, folder) not in folders:
                raise NeedsWholeCatalogueError(path)
            numbers[folders[source, folder]] = None
        if len(numbers) > MAX_CHANGED:
            raise NeedsWholeCatalogueError("many artifacts")
        return list(numbers)

    def _changes(self, recalled: "Recalled", changed: list[tuple[str, str]]) -> list[_Change]:
        """Read the artifacts again and render their pages."""
        from cmsite.site.pages import render_artifact

        numbers = self._owners(recalled, changed)
        work, read = self._reading(recalled, numbers)
        afters = {number: self._read_again(recalled, work, number) for number in numbers}
        for number, after in afters.items():
            recalled.change(number, after)
        context = recalled.context(read)
        changes = []
        for number, after in afters.items():
            files = render_artifact(context, after.artifact.key)
            paths = tuple(file.path for file in files)
            if _pages(paths) != _pages(after.paths):
                raise NeedsWholeCatalogueError("images came or went")
            changes.append(_Change(number=number, after=replace(after, paths=paths), files=files))
        return changes

    def _read_again(self, recalled: "Recalled", work: "ReadingWork", number: int) -> "Bundle":
        """Return the artifact as it is now."""
        from cmsite.pipeline.ingest import read_one
        from cmsite.pipeline.versions import revised

        before = recalled.bundle(number)
        artifact = before.artifact
        repository = next(item for item in work.scan.repositories if item.key == artifact.key.repository)
        folder = before.folder_in(repository)
        tree = work.scan.sources[repository.source].tree
        sizes = {entry.path: entry.size_bytes for entry in tree.entries}
        files = tuple(replace(file, size_bytes=sizes[file.source]) for file in folder.files)
        outcome: Outcome = read_one(work, replace(folder, files=files))
        if outcome.artifact is None or outcome.packed is None or outcome.told != before.findings:
            raise NeedsWholeCatalogueError("other findings")
        if outcome.rows is not None:
            raise NeedsWholeCatalogueError("rows of experiments stand in tables")
        if _has_runs(artifact):
            raise NeedsWholeCatalogueError("its runs count for other artifacts")
        has_copies = artifact.identity in recalled.remembered.lookups["origins"]
        if has_copies or not _is_same_elsewhere(artifact, outcome.artifact):
            raise NeedsWholeCatalogueError("shown elsewhere")
        versions = revised(self._published(before), outcome.packed, outcome.artifact, repository)
        kept = (*before.folder[:-1], files)
        return replace(
            before, folder=kept, values={**before.values, "artifacts": outcome.artifact, "versions": versions}
        )

    def _reading(self, recalled: "Recalled", numbers: list[int]) -> "tuple[ReadingWork, Any]":
        """Return what `read_one` needs, with trees that hold the files of these artifacts."""
        from cmsite.model.tree import FileEntry
        from cmsite.outputs import OutputFolder
        from cmsite.pipeline.ingest import OpenedSource, Packing, ReadingWork, Scan
        from cmsite.pipeline.rule_files import rules_of
        from cmsite.sources.folder import KnownFiles

        common = recalled.remembered.common
        repositories = common["all_repositories"]
        source_of = {repository.key: repository.source for repository in repositories}
        entries: dict[int, list[FileEntry]] = {}
        for number in numbers:
            bundle = recalled.bundle(number)
            source = source_of[bundle.artifact.key.repository]
            root, links = Path(common["roots"][source]), common["links"][source]
            for file in bundle.folder[-1]:
                link = links.get(file.source, "")
                size = (root / (link or file.source)).stat().st_size
                entries.setdefault(source, []).append(
                    FileEntry(path=file.source, size_bytes=size, executable=file.executable, link=link)
                )
        trees = [
            KnownFiles(Path(root), entries.get(number, ()), label=label, location=location)
            for number, (root, (label, location)) in enumerate(zip(common["roots"], common["labels"], strict=True))
        ]
        scan = Scan(
            sources=tuple(
                OpenedSource(spec=spec, tree=tree, required=required)
                for (spec, required), tree in zip(common["specs"], trees, strict=True)
            ),
            repositories=repositories,
            folders=(),
            findings=(),
        )
        bundles = [recalled.bundle(number) for number in numbers]
        previous = {bundle.artifact.key: self._published(bundle) for bundle in bundles}
        packing = Packing(
            output=OutputFolder(self.site_dir),
            previous=previous,
            max_bytes=common["max_archive_bytes"],
            purges=common["purges"],
        )
        rules = rules_of(*common["rules"])
        work = ReadingWork(scan=scan, rules=rules, registry_id=common["registry_id"], packing=packing)
        return work, lambda artifact, path: trees[source_of[artifact.key.repository]].read(path)

    def _published(self, bundle: "Bundle") -> "tuple[Version, ...]":
        """Return the versions from which those of this build go on."""
        versions: tuple[Version, ...] = bundle.values["versions"] or ()
        return versions if self.memory.counts else ()

    def _index(self, recalled: "Recalled", changes: list[_Change]) -> "tuple[OutputFile, ...]":
        """Return the files of the index that change, root.json last."""
        from cmsite.index.layout import ROOT_PATH
        from cmsite.index.patch import IndexPatch
        from cmsite.index.root import parse_root

        common = recalled.remembered.common

        def read(path: str) -> bytes:
            return (self.site_dir / path).read_bytes()

        patch = IndexPatch(parse_root(read(ROOT_PATH), ROOT_PATH), read)
        for change in changes:
            record = _record(common, change.after)
            if not patch.change(lambda old, new=record: _needing(old, new), name=record.name, key=record.key):  # type: ignore[misc]
                raise NeedsWholeCatalogueError("other parts of the index")
        files = patch.files(created_s=common["created_s"], is_preview=common["is_preview"])
        if files is None:
            raise NeedsWholeCatalogueError("a new tree of terms")
        return files

    def _write(self, changes: list[_Change], index: "tuple[OutputFile, ...]") -> Report:
        """Write pages, then the index, root last."""
        from cmsite.index.root import parse_root
        from cmsite.outputs import OutputFolder
        from cmsite.publish.history import keep_root

        output = OutputFolder(self.site_dir)
        for change in changes:
            for file in change.files:
                output.write(file)
        for file in index[:-1]:
            output.write(file)
        if not output.holds(index[-1]):
            keep_root(output, index[-1].content, self.site_dir)
            output.write_atomically(index[-1])
        return replace(self.head.report, gen=parse_root(index[-1].content).gen)

    def _remember(
        self,
        recalled: "Recalled",
        changes: list[_Change],
        report: Report,
        stamps: dict[tuple[str, str], Stamp | None],
    ) -> None:
        from cmsite.pipeline.recalled import pack

        for (root, path), stamp in stamps.items():
            folder, name = posixpath.split(path)
            # What vanished meanwhile matches no stamp: the next build looks at everything.
            self.head.folders[root][f"{folder}/" if folder else ""][1][name] = stamp or (0, 0, 0, 0, 0)
        kept = recalled.remembered.changed | {change.number: pack(change.after) for change in changes}
        self.memory.keep_changed(self.head.build, kept)
        self.head.report = report
        self.head.outputs = stamps_of(self.head.outputs, own=True)
        self.memory.keep(self.head)


def _pages(paths: tuple[str, ...]) -> frozenset[str]:
    """Return the paths but that of the manifest, whose name is its content's."""
    return frozenset(path for path in paths if path.startswith("a/"))


def _has_runs(artifact: "Artifact") -> bool:
    """Return whether an artifact records runs, which the pages of what was run show."""
    if artifact.key.automation != "cfg":
        return False
    from cmsite.results.run_tables import has_runs

    return has_runs(artifact)


def _is_same_elsewhere(before: "Artifact", after: "Artifact") -> bool:
    """Return whether lists, other pages and results show the artifact as before."""
    from cmsite.model.names import EXPERIENCE, PAPER, REPRODUCTION

    if before.key.automation in (EXPERIENCE, PAPER, REPRODUCTION) or before.time_s or before.summary != after.summary:
        return False
    own: dict[str, Any] = {name: getattr(after, name) for name in _OWN}
    return replace(before, **own) == after


def _record(common: dict[str, Any], bundle: "Bundle") -> "Record":
    from cmsite.pipeline.versions import record_of

    repository = bundle.artifact.key.repository
    versions: tuple[Version, ...] = bundle.values["versions"]
    return record_of(
        bundle.artifact,
        rank=common["ranks"][repository],
        licenses=common["licenses"].get(repository, ""),
        dependencies="",
        versions=versions,
        was_tried=bool(bundle.values["tried"]),
        standing=bundle.values["standings"],
    )


def _needing(old: "Record", new: "Record") -> "Record":
    """Return the new record with what the old one needs: neither its dependencies nor what they mean elsewhere changed."""
    return replace(new, dependencies=old.dependencies)
