"""Pages and lists in worker processes, written as they are rendered; returns which paths were written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cmsite import parallel
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.progress import SILENT, Progress
from cmsite.site.context import SiteContext
from cmsite.site.lists import ListJob, list_jobs, render_list
from cmsite.site.pages import render_artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWork:
    """What worker processes share while they render."""

    context: SiteContext
    output: OutputFolder
    jobs: tuple[ArtifactKey | ListJob, ...]


def render_pages(context: SiteContext, output: OutputFolder, *, jobs: int, progress: Progress = SILENT) -> set[str]:
    """Render and write the pages of all artifacts and lists; return their paths."""
    work = PageWork(context=context, output=output, jobs=(*list_jobs(context), *context.catalog.artifacts))
    progress.stage("rendering pages", len(work.jobs))
    chunks = parallel.map_chunks(_render_chunk, work, range(len(work.jobs)), jobs=jobs, advance=progress.advance)
    return {path for chunk in chunks for path in chunk}


def _render_chunk(work: PageWork, numbers: Sequence[int]) -> list[str]:
    return [path for number in numbers for path in _written(work, work.jobs[number])]


def _written(work: PageWork, job: ArtifactKey | ListJob) -> Iterator[str]:
    files: tuple[OutputFile, ...]
    files = (
        render_artifact(work.context, job) if isinstance(job, ArtifactKey) else tuple(render_list(work.context, job))
    )
    for file in files:
        work.output.write(file)
        yield file.path
