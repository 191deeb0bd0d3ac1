"""`cmsite build`: sources → site, index and archives in one folder.

The order is that of safety: archives, pages, leaves of the index, root.json last. A reader sees the old catalogue or
the new one; a killed build leaves nothing to repair. Source: DESIGN §2; CONTRACT §7.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cmsite import parallel
from cmsite.catalog.catalog import Catalog
from cmsite.catalog.needs import published_dependencies
from cmsite.diagnostics import Severity
from cmsite.errors import ConfigurationError, OutputError
from cmsite.index.dependencies import emit_dependencies
from cmsite.index.emit import emit_index
from cmsite.index.layout import ROOT_PATH
from cmsite.index.licenses import emit_licenses
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.pipeline.assemble import Locator, assemble, with_findings
from cmsite.pipeline.decided import Decided, decide
from cmsite.pipeline.decisions import Decision, decisions_path, read_decisions
from cmsite.pipeline.declarations import compatible_of, own_metrics
from cmsite.pipeline.drafts import DRAFTS_MARK, refuse_links, refuse_mixing, without_withheld
from cmsite.pipeline.experiments import experiments_of
from cmsite.pipeline.ingest import Outcome, Packed, Packing, ReadingWork, Scan, open_sources, read_artifacts, scan
from cmsite.pipeline.memory import Memory, Report
from cmsite.pipeline.past import Past, published_paths
from cmsite.pipeline.purging import Purges, purges_of
from cmsite.pipeline.recalled import bundler
from cmsite.pipeline.remember import readings_of, remember, report_of
from cmsite.pipeline.rendering import render_site
from cmsite.pipeline.rule_files import rules_of, schema_files
from cmsite.pipeline.site_folder import MARK, refuse_folder_in_source, refuse_foreign_folder, remove_gone
from cmsite.pipeline.tombstones import sweep
from cmsite.pipeline.versions import differing_copies, records_of, with_versions
from cmsite.progress import SILENT, Progress
from cmsite.publish.history import keep_root
from cmsite.results.row_tables import RowTable
from cmsite.settings import Settings
from cmsite.site.context import SiteContext, make_context
from cmsite.site.dashboards import badges_of, render_dashboards
from cmsite.site.docs_links import link_docs
from cmsite.site.gone_pages import render_gone
from cmsite.site.machine_pages import render_machine_pages
from cmsite.site.standing import with_standings
from cmsite.site.table_pages import table_links
from cmsite.site.tried_views import tried_sections
from cmsite.site.works_on import sections_by_artifact, works_on_sections
from cmsite.validation.selecting import select_findings

if TYPE_CHECKING:
    from cmsite.site.material import RenderedDocs


def build_site(
    settings: Settings,
    site_dir: Path,
    docs: Callable[[], "RenderedDocs"],
    past: Past,
    *,
    jobs: int | None = None,
    progress: Progress = SILENT,
    memory: Memory | None = None,
) -> Report:
    """Read everything, then write everything below `site_dir`; `docs` returns the hand-written pages when asked.

    Afterwards `memory` holds what the next build needs to do less (`refresh`).
    Raises `SourceError`, `OutputError`, or `ConfigurationError`; findings do not stop a build.
    """
    with parallel.collector_off():
        return _build(settings, site_dir, docs, past, jobs or parallel.default_jobs(), progress, memory)


def _begun(settings: Settings, site_dir: Path, memory: Memory | None) -> OutputFolder:
    """Return the folder to write to, once nothing speaks against it; what was remembered of it holds no longer."""
    refuse_foreign_folder(site_dir)
    refuse_folder_in_source(settings, site_dir)
    refuse_mixing(site_dir, drafts=settings.drafts)
    if memory is not None:
        memory.forget()
    output = OutputFolder(site_dir)
    if settings.drafts:
        output.write(DRAFTS_MARK)
    return output


def _build(
    settings: Settings,
    site_dir: Path,
    docs: Callable[[], "RenderedDocs"],
    past: Past,
    jobs: int,
    progress: Progress,
    memory: Memory | None,
) -> Report:
    decisions = read_decisions(decisions_path(settings.path))
    purges = purges_of(decisions, past.records)
    output = _begun(settings, site_dir, memory)
    scanned, outcomes = _read(settings, past, purges, output, jobs, progress)
    scanned, embargoed = without_withheld(scanned, outcomes, past)
    catalog, tables = _catalog(settings, scanned, outcomes, past)
    catalog, decided = _decide(settings, decisions, purges, catalog, past)
    readings, left_out = readings_of(scanned, outcomes), (*embargoed, *_left_out(outcomes), *_lines(decided))
    withheld = sum(outcome.withheld for outcome in outcomes)
    del outcomes  # What was read stands in the catalogue.
    progress.stage("rendering hand-written pages")
    licenses, blobs = _licenses(scanned)
    rendered = docs()
    links = link_docs(rendered.files, rendered.home, rendered.written.references, catalog)
    rendered = replace(rendered, home=links.home)
    for file in links.files:
        output.write(file)
    context = _context(settings, catalog, scanned, rendered, tables)
    leaves = partial(_write_leaves, settings, context, decided, scanned, past, output, licenses, blobs)
    bundles = memory.bundles() if memory is not None else None
    with bundles or contextlib.nullcontext():
        made = render_site(
            context,
            output,
            leaves,
            jobs=jobs,
            progress=progress,
            bundle=bundler(readings) if bundles else None,
            keep=bundles.add if bundles else lambda _: None,
        )
    paths = _render_others(settings, context, rendered, output, made.paths)
    remove_gone(output, paths)
    assert made.root is not None  # noqa: S101 - the job of the index returns it.
    gen = _write_root(made.root, output, past)
    if purges.digests:
        sweep(site_dir, decided.records(records_of(catalog, {}, {}), past.records))
    _refuse_too_large(catalog)
    problems = (*(f"mkdocs: {text}" for text in rendered.warnings), *links.problems, *left_out)
    report = report_of(
        catalog, paths, gen=gen, problems=problems, is_strict=rendered.strict, has_no_id=settings.preview
    )
    report = replace(report, withheld=withheld)
    if memory is not None and bundles is not None:
        shared = {"licenses": licenses, "created_s": created_s(scanned), "purges": purges}
        remember(memory, settings, site_dir, scanned, rendered, context, bundles, report, shared)
    return report


def _read(
    settings: Settings, past: Past, purges: Purges, output: OutputFolder, jobs: int, progress: Progress
) -> tuple[Scan, list[Outcome]]:
    """Open, scan, check and pack all sources."""
    progress.stage("reading sources")
    opened = open_sources(settings.sources, settings.requires, settings.base)
    if not (output.root / MARK.path).exists():
        output.write(MARK)
    rules = rules_of(settings.rules, settings.base)
    scanned = scan(opened, rules)
    progress.stage("checking and packing artifacts", len(scanned.folders))
    packing = Packing(output=output, previous=past.versions(), max_bytes=settings.max_archive_bytes, purges=purges)
    work = ReadingWork(
        scan=scanned,
        rules=rules,
        registry_id=settings.registry_id,
        packing=packing,
        drafts=settings.drafts,
    )
    outcomes = read_artifacts(work, jobs=jobs, progress=progress)
    _refuse_links_to_purged(scanned, outcomes)
    return scanned, outcomes


def _left_out(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield a line for each artifact that could not be read."""
    for outcome in outcomes:
        for found in outcome.findings:
            if outcome.artifact is None and found.severity is Severity.ERROR:
                where = f":{found.place.line}:{found.place.column}" if found.place else ""
                yield f"left out: {found.repository}: {found.path}{where}: {found.message} ({found.code}); {found.hint}"


def _catalog(
    settings: Settings, scanned: Scan, outcomes: list[Outcome], past: Past
) -> tuple[Catalog, tuple[RowTable, ...]]:
    created = created_s(scanned)
    # An output knows no clock: ignores expire by the day of the sources, and never where that is unknown.
    day = time.strftime("%Y-%m-%d", time.gmtime(created)) if created else ""
    catalog = assemble(
        scanned,
        outcomes,
        title=settings.title,
        registry_id=settings.registry_id,
        base_url=settings.base_url,
        contact=settings.contact,
        rules=settings.rules,
        today=day,
    )
    catalog = with_versions(catalog, _packed(outcomes), past.versions())
    rows = experiments_of(catalog, outcomes, compatible_of(settings))
    findings = select_findings((*differing_copies(catalog), *rows.findings), settings.rules, day).shown
    return with_findings(catalog, findings), rows.tables


def _decide(
    settings: Settings, decisions: tuple[Decision, ...], purges: Purges, catalog: Catalog, past: Past
) -> tuple[Catalog, Decided]:
    """Return the catalogue as the decisions leave it, and what they come to."""
    decided = Decided(purges=purges)
    if decisions:
        decided = decide(
            decisions,
            purges,
            records_of(catalog, {}, {}),
            past.records,
            path=decisions_path(settings.path),
            was_published=past.index is not None,
        )
    return with_findings(decided.catalog(catalog, past.records), decided.findings), decided


def _lines(decided: Decided) -> Iterator[str]:
    """Yield a line for each decision that does nothing."""
    for found in decided.findings:
        where = f":{found.place.line}" if found.place else ""
        yield f"{found.path}{where}: {found.message} ({found.code}); {found.hint}"


def _refuse_links_to_purged(scanned: Scan, outcomes: Iterable[Outcome]) -> None:
    for folder, outcome in zip(scanned.folders, outcomes, strict=True):
        if outcome.purged:
            refuse_links(scanned, folder, "was purged", "to publish the others")


def _packed(outcomes: Iterable[Outcome]) -> dict[ArtifactKey, Packed]:
    return {
        outcome.artifact.key: outcome.packed
        for outcome in outcomes
        if outcome.artifact is not None and outcome.packed is not None
    }


def _context(
    settings: Settings, catalog: Catalog, scanned: Scan, docs: "RenderedDocs", tables: tuple[RowTable, ...]
) -> SiteContext:
    overrides = settings.base / settings.custom_dir if settings.custom_dir else None
    if overrides is not None and not overrides.is_dir():
        raise ConfigurationError(f"{settings.path}: custom_dir: {overrides} is no folder; make it, or remove the key")
    context = make_context(
        catalog=catalog,
        shells=docs.shells,
        read=Locator(scanned).read,
        overrides=overrides,
        home=docs.home,
        drafts=settings.drafts,
        tables=tables,
        metrics=own_metrics(settings, tables),
    )
    return replace(
        context,
        badges=with_standings(catalog, badges_of(context)),
        tried=sections_by_artifact(tried_sections(context), works_on_sections(context)),
    )


def _render_others(
    settings: Settings, context: SiteContext, docs: "RenderedDocs", output: OutputFolder, written: set[str]
) -> set[str]:
    """Write the dashboards, and what tells machines of all pages; return the paths of everything."""
    paths = set(written)
    for file in render_dashboards(context, table_links(context)):
        output.write(file)
        paths.add(file.path)
    for file in render_machine_pages(context, paths, docs.written, summary=settings.description):
        output.write(file)
        paths.add(file.path)
    # After the sitemap was made of `paths`: it names none of these.
    for file in (*render_gone(context), *schema_files(rules_of(settings.rules, settings.base), settings.base_url)):
        output.write(file)
        paths.add(file.path)
    return paths | docs.written.machine_paths


def _write_leaves(
    settings: Settings,
    context: SiteContext,
    decided: Decided,
    scanned: Scan,
    past: Past,
    output: OutputFolder,
    licenses: dict[str, str],
    blobs: list[OutputFile],
) -> OutputFile:
    """Write all files of the index but root.json, which is returned: it comes after everything that it promises."""
    dependencies: dict[ArtifactKey, str] = {}
    for key, needed in published_dependencies(context.catalog):
        dependencies[key], blob = emit_dependencies(needed)
        output.write(blob)
    for blob in blobs:
        output.write(blob)
    records = decided.records(records_of(context.catalog, licenses, dependencies, context.tried), past.records)
    past.restore(published_paths(records), output.root)
    past.keep_leaves(output.root)
    going_on = past.index is not None and not past.is_first and not settings.preview and not settings.drafts
    previous = past.index.root if past.index is not None and going_on else None
    files = emit_index(
        records,
        registry_id=settings.registry_id,
        previous=previous,
        # A tree of terms that goes on would keep the words of what is purged now.
        before=None if decided.purges.is_new_to(past.records) else past.searched(output.root),
        first=past.is_first and not settings.preview and not settings.drafts,
        created_s=created_s(scanned),
        drafts=settings.drafts,
    )
    for file in files:
        if file.path == ROOT_PATH:
            return file
        output.write(file)
    raise AssertionError("an index ends with its root")


def _write_root(root: OutputFile, output: OutputFolder, past: Past) -> int:
    """Write root.json, the one before kept for `cmsite collect`; return its generation."""
    from cmsite.index.root import parse_root

    if not output.holds(root):
        for published in dict.fromkeys((output.root, past.folder or output.root)):
            keep_root(output, root.content, published)
        output.write_atomically(root)
    return parse_root(root.content).gen


def _licenses(scanned: Scan) -> tuple[dict[str, str], list[OutputFile]]:
    """Return repository key → digest of its licence blob, and the blobs."""
    digests, blobs = {}, []
    for repository in scanned.published:
        if repository.licenses:
            tree = scanned.sources[repository.source].tree
            skip = len(repository.path) + 1 if repository.path else 0
            digest, blob = emit_licenses((path[skip:], tree.read(path)) for path in repository.licenses)
            digests[repository.key] = digest
            blobs.append(blob)
    return digests, blobs


def created_s(scanned: Scan) -> int:
    """Return the time written into root.json: SOURCE_DATE_EPOCH, else the newest source commit, else 0.

    Source: CONTRACT §7; https://reproducible-builds.org/specs/source-date-epoch/.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch:
        if not epoch.isdecimal():
            raise ConfigurationError(f"SOURCE_DATE_EPOCH must be whole seconds since 1970, got {epoch!r}")
        return int(epoch)
    return max((source.tree.provenance.time_s for source in scanned.sources), default=0)


def _refuse_too_large(catalog: Catalog) -> None:
    large = [found for items in catalog.findings.values() for found in items if found.code == "CM408"]
    if large:
        names = "\n".join(f"  - {found.repository}: {found.path}: {found.message} ({found.code})" for found in large)
        raise OutputError(
            f"everything else is built, but {len(large)} archives are too large:\n{names}\n{large[0].hint}"
        )
