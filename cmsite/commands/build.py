"""`cmsite build`: the site, the index and the archives of a catalogue in one folder."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmsite import parallel, settings
from cmsite.commands.progress_lines import shown_progress
from cmsite.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from cmsite.pipeline.build import Build
    from cmsite.site.material import RenderedDocs


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
    default=Path("site"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option(
    "--previous",
    default="",
    metavar="DIR|URL|none",
    help="The published site whose revisions go on; by default the one being overwritten.",
)
@click.option("--strict", is_flag=True, help="Exit 1 where anything was left out, or mkdocs warns of a page.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; by default one a processor.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what is wrong.")
def command(
    config: Path | None,
    site_dir: Path,
    previous: str,
    strict: bool,  # noqa: FBT001
    jobs: int | None,
    quiet: bool,  # noqa: FBT001
) -> None:
    """Build the site, the static index and the archives of a catalogue.

    What cannot be read is named and left out; the rest is built.
    """
    from cmsite.pipeline.build import build_site
    from cmsite.pipeline.past import find_past
    from cmsite.reporting.text import plural, printable

    read = settings.load(config or settings.default_path())
    with shown_progress(quiet=quiet) as progress:
        past = find_past(previous, site_dir)
        docs = parallel.Started(lambda: _render_docs(read))
        built = build_site(read, site_dir, docs.result, past, jobs=jobs, progress=progress)
    mkdocs = (f"mkdocs: {text}" for text in built.warnings)
    wrong = (*mkdocs, *built.broken_links, *map(_left_out, built.left_out))
    for line in wrong:
        click.echo(printable(line), err=True)
    if not quiet:
        _report(built, read, site_dir, wants_preview=previous == "none")
    if wrong and (strict or built.strict):
        click.echo(f"--strict: {plural(len(wrong), 'problem')} named above; everything else is built", err=True)
        sys.exit(1)


def _render_docs(read: settings.Settings) -> "RenderedDocs":
    from cmsite.site.material import render_docs

    return render_docs(read)


def _left_out(found: Diagnostic) -> str:
    where = f":{found.place.line}:{found.place.column}" if found.place else ""
    return f"left out: {found.repository}: {found.path}{where}: {found.message} ({found.code}); {found.hint}"


def _report(built: "Build", read: settings.Settings, site_dir: Path, *, wants_preview: bool) -> None:
    from cmsite.reporting.text import plural

    artifacts = plural(len(built.catalog.artifacts), "artifact")
    repositories = plural(len(built.catalog.repositories), "repository")
    generation = f"generation {built.gen}" if built.gen else "preview"
    click.echo(f"{site_dir}: {artifacts} in {repositories}, {plural(built.pages, 'page')}, index {generation}")
    errors, warnings = built.count(Severity.ERROR), built.count(Severity.WARNING)
    if errors or warnings:
        click.echo(
            f"{plural(errors, 'error')} and {plural(warnings, 'warning')} stand on the pages; "
            f"`cmsite validate {read.path}` lists them",
            err=True,
        )
    if not built.gen and not wants_preview:
        why = "registry.yml has no registry_id" if read.preview else "nothing was published before"
        click.echo(
            f"this index is a preview, since {why}: clients keep no state of it; give --previous DIR|URL to publish",
            err=True,
        )
