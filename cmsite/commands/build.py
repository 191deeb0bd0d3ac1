"""`cmsite build`: the site, the index and the archives of a catalogue in one folder."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite import settings
from cmsite.commands.progress_lines import shown_progress
from cmsite.errors import UsageError
from cmsite.progress import Progress

if TYPE_CHECKING:
    from cmsite.pipeline.memory import Memory, Report


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The registry.yml; by default registry/registry.yml, then registry.yml.",
)
@click.option(
    "--site-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to write; by default site, with --drafts site-drafts.",
)
@click.option(
    "--previous",
    default="",
    metavar="DIR|URL|none",
    help="The published site whose revisions go on; by default the one being overwritten.",
)
@click.option(
    "--drafts", is_flag=True, help="Build records under embargo too, into a folder that is not to be published."
)
@click.option("--strict", is_flag=True, help="Exit 1 where anything was left out, or mkdocs warns of a page.")
@click.option("--no-cache", is_flag=True, help="Build everything, whatever the last build remembers.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; by default one a processor.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what is wrong.")
def command(
    config: Path | None,
    site_dir: Path | None,
    previous: str,
    drafts: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
    no_cache: bool,  # noqa: FBT001
    jobs: int | None,
    quiet: bool,  # noqa: FBT001
) -> None:
    """Build the site, the static index and the archives of a catalogue.

    What cannot be read is named and left out; the rest is built.
    """
    from cmsite.pipeline.memory import memory_of
    from cmsite.pipeline.refresh import refresh
    from cmsite.publish.holding import held
    from cmsite.reporting.text import plural, printable

    path = config or settings.default_path()
    site_dir = site_dir or Path("site-drafts" if drafts else "site")
    if drafts and previous not in ("", "none"):
        raise UsageError("--drafts goes on from nothing: leave out --previous")
    memory = None if no_cache or drafts else memory_of(path, site_dir, previous)
    with held(site_dir, wait=True):
        report = refresh(memory, site_dir) if memory is not None else None
        if report is None:
            with shown_progress(quiet=quiet) as progress:
                report = _build(path, site_dir, "none" if drafts else previous, memory, jobs, progress, drafts=drafts)
    for line in report.problems:
        click.echo(printable(line), err=True)
    if not quiet:
        _print(report, path, site_dir, wants_preview=previous == "none" or drafts)
        _print_embargo(report, site_dir, drafts=drafts)
    if report.problems and (strict or report.is_strict):
        count = plural(len(report.problems), "problem")
        click.echo(f"--strict: {count} named above; everything else is built", err=True)
        sys.exit(1)


def _build(
    path: Path,
    site_dir: Path,
    previous: str,
    memory: "Memory | None",
    jobs: int | None,
    progress: Progress,
    *,
    drafts: bool,
) -> "Report":
    """Build everything."""
    from cmsite import parallel
    from cmsite.pipeline.build import build_site
    from cmsite.pipeline.hand_written import render_hand_written
    from cmsite.pipeline.past import find_past

    read = replace(settings.load(path), drafts=drafts)
    past = find_past(previous, site_dir)
    docs = parallel.Started(lambda: render_hand_written(read))
    try:
        return build_site(read, site_dir, docs.result, past, jobs=jobs, progress=progress, memory=memory)
    finally:
        docs.abandon()  # A build that ends before it asks for them leaves nothing behind.


def _print_embargo(report: "Report", site_dir: Path, *, drafts: bool) -> None:
    from cmsite.reporting.text import plural

    if drafts:
        click.echo(f"{site_dir} is a draft: it may hold records under embargo, and must not be published", err=True)
    elif report.withheld:
        count = plural(report.withheld, "record")
        click.echo(f"left out: {count} under embargo; `cmsite build --drafts` builds all in another folder", err=True)


def _print(report: "Report", path: Path, site_dir: Path, *, wants_preview: bool) -> None:
    from cmsite.reporting.text import plural

    artifacts, repositories = plural(report.artifacts, "artifact"), plural(report.repositories, "repository")
    generation = f"generation {report.gen}" if report.gen else "preview"
    click.echo(f"{site_dir}: {artifacts} in {repositories}, {plural(report.pages, 'page')}, index {generation}")
    if report.errors or report.warnings:
        click.echo(
            f"{plural(report.errors, 'error')} and {plural(report.warnings, 'warning')} stand on the pages; "
            f"`cmsite validate {path}` lists them",
            err=True,
        )
    if not report.gen and not wants_preview:
        why = "registry.yml has no registry_id" if report.has_no_id else "nothing was published before"
        click.echo(
            f"this index is a preview, since {why}: clients keep no state of it; give --previous DIR|URL to publish",
            err=True,
        )
