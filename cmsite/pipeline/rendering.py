"""Pages, lists and the index in worker processes, written as they are made."""

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cmsite import parallel
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.progress import SILENT, Progress
from cmsite.site.context import SiteContext
from cmsite.site.lists import ListJob, list_jobs, render_list
from cmsite.site.pages import render_artifact
from cmsite.site.table_pages import TableJob, render_table, table_jobs

# Returns what is remembered of an artifact whose page has the given files.
Bundle = Callable[[SiteContext, ArtifactKey, tuple[str, ...]], bytes]


class Index(enum.Enum):
    """The job of writing the index: it looks at every artifact."""

    LEAVES = "leaves"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWork:
    """What worker processes share while they render; `leaves` writes the index and returns root.json."""

    context: SiteContext
    output: OutputFolder
    jobs: tuple[ArtifactKey | ListJob | TableJob | Index, ...]
    bundle: Bundle | None = None
    leaves: Callable[[], OutputFile] | None = None


@dataclass(slots=True, kw_only=True)
class Rendered:
    """The paths that were written, and root.json, which is not written yet."""

    paths: set[str] = field(default_factory=set)
    root: OutputFile | None = None


def render_site(
    context: SiteContext,
    output: OutputFolder,
    leaves: Callable[[], OutputFile],
    *,
    jobs: int,
    progress: Progress = SILENT,
    bundle: Bundle | None = None,
    keep: Callable[[bytes], None] = lambda _: None,
) -> Rendered:
    """Render and write the pages of all artifacts and lists, and the index but for root.json.

    `keep` gets what `bundle` makes of each artifact, in the order of the catalogue.
    """
    lists, artifacts = list_jobs(context), tuple(context.catalog.artifacts)
    middle = len(artifacts) // 2  # Lists and index each take much memory: not at the same time.
    every: tuple[ArtifactKey | ListJob | TableJob | Index, ...]
    every = (*lists, *table_jobs(context), *artifacts[:middle], Index.LEAVES, *artifacts[middle:])
    work = PageWork(context=context, output=output, jobs=every, bundle=bundle, leaves=leaves)
    rendered = Rendered()
    if artifacts:
        render_artifact(context, artifacts[0])  # So that templates and libraries are loaded once, not in every worker.
    progress.stage("rendering pages", len(work.jobs))
    numbers = range(len(work.jobs))
    for made in parallel.map_chunks(
        render_chunk, work, numbers, jobs=jobs, advance=progress.advance, together=len(lists)
    ):
        rendered.paths.update(made.paths)
        rendered.root = made.root or rendered.root
        for found in made.bundles:
            keep(found)
    return rendered


@dataclass(slots=True, kw_only=True)
class Chunk:
    """What one chunk of jobs came to."""

    paths: list[str] = field(default_factory=list)
    bundles: list[bytes] = field(default_factory=list)
    root: OutputFile | None = None


def render_chunk(work: PageWork, numbers: Sequence[int]) -> Chunk:
    """Do some of the jobs."""
    made = Chunk()
    for number in numbers:
        job = work.jobs[number]
        if isinstance(job, Index):
            made.root = work.leaves() if work.leaves is not None else None
            continue
        written = tuple(_written(work, job))
        made.paths.extend(written)
        if work.bundle is not None and isinstance(job, ArtifactKey):
            made.bundles.append(work.bundle(work.context, job, written))
    return made


def _written(work: PageWork, job: ArtifactKey | ListJob | TableJob) -> Iterator[str]:
    files: tuple[OutputFile, ...]
    match job:
        case ArtifactKey():
            files = render_artifact(work.context, job)
        case TableJob():
            files = render_table(work.context, job)
        case _:
            files = render_list(work.context, job)
    for file in files:
        work.output.write(file)
        yield file.path
