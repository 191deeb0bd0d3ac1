"""Time the pages of a catalogue alone: no reading, no index, no archives; and only writing the same bytes.

    python bench/pages.py registry.yml OUTPUT [--jobs 2] [--runs 5]

Prints one JSON object: seconds of each run for `highlighted`, `plain` (code without colours) and `writing` (the same
bytes to the same files, by as many processes), and the number of pages. Every run writes to a folder of its own.
"""

import argparse
import html
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cmsite import parallel, settings
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.pipeline.assemble import Locator, assemble
from cmsite.pipeline.ingest import ReadingWork, open_sources, read_artifacts, scan
from cmsite.pipeline.rendering import PageWork, render_chunk
from cmsite.site import highlight
from cmsite.site.context import SiteContext, make_context
from cmsite.site.dashboards import badges_of
from cmsite.site.material import render_docs
from cmsite.site.pages import render_artifact
from cmsite.validation.rules import bundled_rules


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--jobs", type=int, default=parallel.default_jobs())
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with parallel.collector_off():
        context = _context(options.config, options.jobs)
        files = [file for key in context.catalog.artifacts for file in render_artifact(context, key)]
        figures = {"pages": len(context.catalog.artifacts), "bytes": sum(len(file.content) for file in files)}
        coloured = highlight.highlight
        times: dict[str, list[float]] = {"highlighted": [], "plain": [], "writing": []}
        for run in range(options.runs + 1):  # The first warms up.
            for name, taken in times.items():
                folder = options.output / f"{name}-{run}"
                folder.mkdir(parents=True)
                highlight.highlight = _plain if name == "plain" else coloured
                start = time.perf_counter()
                if name == "writing":
                    _write(files, folder, options.jobs)
                else:
                    _render(context, folder, options.jobs)
                taken.append(time.perf_counter() - start)
    print(json.dumps(figures | {name: values[1:] for name, values in times.items()}))


def _context(config: Path, jobs: int) -> SiteContext:
    read = settings.load(config)
    docs = render_docs(read)
    scanned = scan(open_sources(read.sources, (), read.base), bundled_rules())
    work = ReadingWork(scan=scanned, rules=bundled_rules(), registry_id=read.registry_id, packing=None)
    outcomes = read_artifacts(work, jobs=jobs)
    catalog = assemble(scanned, outcomes, title=read.title, registry_id=read.registry_id, base_url=read.base_url)
    context = make_context(catalog=catalog, shells=docs.shells, read=Locator(scanned).read, home=docs.home)
    return replace(context, badges=badges_of(context))


def _render(context: SiteContext, folder: Path, jobs: int) -> None:
    artifacts = tuple(context.catalog.artifacts)
    work = PageWork(context=context, output=OutputFolder(folder), jobs=artifacts)
    for _ in parallel.map_chunks(render_chunk, work, range(len(artifacts)), jobs=jobs):
        pass


def _write(files: Sequence[OutputFile], folder: Path, jobs: int) -> None:
    work = (OutputFolder(folder), files)
    for _ in parallel.map_chunks(_write_chunk, work, range(len(files)), jobs=jobs):
        pass


def _write_chunk(work: tuple[OutputFolder, Sequence[OutputFile]], numbers: Sequence[int]) -> int:
    output, files = work
    return sum(output.write(files[number]) for number in numbers)


def _plain(code: str, language: str) -> str:
    del language
    return html.escape(code, quote=False)


if __name__ == "__main__":
    main()
