"""The records of real repositories, read and packed by the publisher's own code: what `bench/imitation.py` imitates."""

import tarfile
from pathlib import Path

from cmsite import parallel, settings
from cmsite.catalog.needs import published_dependencies
from cmsite.index.dependencies import emit_dependencies
from cmsite.index.records import Record
from cmsite.outputs import OutputFolder
from cmsite.pipeline.assemble import assemble
from cmsite.pipeline.ingest import Packing, ReadingWork, open_sources, read_artifacts, scan
from cmsite.pipeline.versions import records_of, with_versions
from cmsite.validation.rules import bundled_rules


def records_below(config: Path, scratch: Path) -> tuple[Record, ...]:
    """Return the records of the sources of a registry.yml; archives are written below `scratch`."""
    read = settings.load(config)
    scanned = scan(open_sources(read.sources, read.requires, read.base), bundled_rules())
    work = ReadingWork(
        scan=scanned,
        rules=bundled_rules(),
        registry_id=read.registry_id,
        packing=Packing(output=OutputFolder(scratch), previous={}, max_bytes=read.max_archive_bytes),
    )
    with parallel.collector_off():
        outcomes = read_artifacts(work, jobs=parallel.default_jobs())
        catalog = assemble(scanned, outcomes, title=read.title, registry_id=read.registry_id, base_url=read.base_url)
        packed = {
            one.artifact.key: one.packed for one in outcomes if one.artifact is not None and one.packed is not None
        }
        catalog = with_versions(catalog, packed, {})
        needs = {key: emit_dependencies(needed)[0] for key, needed in published_dependencies(catalog)}
        return records_of(catalog, {}, needs)


def corpora(archives: Path, folder: Path) -> Path:
    """Unpack the corpora into `folder`, and return a registry.yml of all of them."""
    for archive in sorted(archives.glob("*.tar.xz")):
        with tarfile.open(archive) as tar:
            tar.extractall(folder / archive.name.removesuffix(".tar.xz"), filter="data")
    sources = "".join(f"  - folder: {path}\n" for path in sorted(folder.glob("*/*")) if path.is_dir())
    if not sources:
        raise SystemExit(f"bench: no corpora in {archives}; set CMSITE_CORPUS, or name a registry.yml with --like")
    config = folder / "registry.yml"
    head = f"title: Corpora\nregistry_id: {'c' * 32}\nbase_url: https://example.org/corpora/\n"
    config.write_text(f"{head}sources:\n{sources}", "utf-8")
    return config
