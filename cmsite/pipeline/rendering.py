"""Pages and lists in worker processes, written as they are rendered."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cmsite import parallel
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.progress import SILENT, Progress
from cmsite.site.context import SiteContext
from cmsite.site.lists import ListJob, list_jobs, render_list
from cmsite.site.pages import render_artifact

# Returns what is remembered of an artifact whose page has the given files.
Bundle = Callable[[SiteContext, ArtifactKey, tuple[str, ...]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWork:
    """What worker processes share while they render."""

    context: SiteContext
    output: OutputFolder
    jobs: tuple[ArtifactKey | ListJob, ...]
    bundle: Bundle | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The paths that were written, and what is to be remembered of each artifact, in the order of the catalogue."""

    paths: frozenset[str]
    bundles: tuple[bytes, ...]


def render_pages(
    context: SiteContext, output: OutputFolder, *, jobs: int, progress: Progress = SILENT, bundle: Bundle | None = None
) -> Rendered:
    """Render and write the pages of all artifacts and lists."""
    work = PageWork(
        context=context, output=output, jobs=(*list_jobs(context), *context.catalog.artifacts), bundle=bundle
    )
    paths: set[str] = set()
    bundles: list[bytes] = []
    progress.stage("rendering pages", len(work.jobs))
    chunks = parallel.map_chunks(_render_chunk, work, range(len(work.jobs)), jobs=jobs, advance=progress.advance)
    for written, made in chunks:
        paths.update(written)
        bundles.extend(made)
    return Rendered(paths=frozenset(paths), bundles=tuple(bundles))


def _render_chunk(work: PageWork, numbers: Sequence[int]) -> tuple[list[str], list[bytes]]:
    paths: list[str] = []
    bundles: list[bytes] = []
    for number in numbers:
        job = work.jobs[number]
        written = tuple(_written(work, job))
        paths.extend(written)
        if work.bundle is not None and isinstance(job, ArtifactKey):
            bundles.append(work.bundle(work.context, job, written))
    return paths, bundles


def _written(work: PageWork, job: ArtifactKey | ListJob) -> Iterator[str]:
    files: tuple[OutputFile, ...]
    files = (
        render_artifact(work.context, job) if isinstance(job, ArtifactKey) else tuple(render_list(work.context, job))
    )
    for file in files:
        work.output.write(file)
        yield file.path
