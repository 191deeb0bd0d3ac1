"""What the pages of data sets and models show: where they come from, their files with digests, how to load them.

What CM calls a data set or model is most often a script that fetches it; its page is a script's. These are the
artifacts that hold the data themselves, or say on which host they lie.
Source: DESIGN §6; facts/formats.md §7 (flex.model and flex.dataset: author_and_developer, desc, deps).
"""

from collections.abc import Iterator
from typing import Any

from cmsite.model.artifact import Artifact, ArtifactFile, ArtifactKey
from cmsite.results.web_address import web_address
from cmsite.site.cells import Cell, Table, cell, facts, mapping, mappings, texts
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.links import file_url
from cmsite.site.previews import preview, snippet
from cmsite.site.sheets import Block, Sheet, code, section
from cmsite.site.text import counted, plain, size
from cmsite.site.view_rows import Link, TypeSection

MAX_FILES = 40
MAX_BLOCKS = 2  # Formats whose loading is shown.

_TITLES = {"flex.model": "Model", "model": "Model", "mlperf.model": "Model"}
_DIGESTS = ("sha256", "sha512", "sha1", "md5", "md5sum", "checksum")
_HUB = "https://huggingface.co/"


def data_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return source, licence, files, first rows, and how to load a data set or model."""
    artifact = context.catalog.artifacts[key]
    files = [file for file in artifact.files if _is_data(artifact, file)]
    declared = _declared(artifact.extra)
    sheet = Sheet(
        facts=facts(_facts(context, key, artifact, files)),
        tables=(_files(context, artifact, files, declared), *_previews(context, artifact, files)),
        blocks=tuple(_blocks(key, files)),
    )
    return (
        *section(_TITLES.get(key.automation, "Data set"), sheet),
        *details_sections(context, key, without=("files", "dataset_files", "desc_dataset_files")),
    )


def _is_data(artifact: Artifact, file: ArtifactFile) -> bool:
    """Return whether a file is data: no meta, no text about it, nothing that is run."""
    name = file.path.rpartition("/")[2].lower()
    described = file.source in artifact.meta_files or name.startswith(
        (".", "readme", "license", "licence", "copyright")
    )
    return not described and not file.path.startswith(".cm/") and not name.endswith((".py", ".sh", ".bat", ".md"))


def _facts(
    context: SiteContext, key: ArtifactKey, artifact: Artifact, files: list[ArtifactFile]
) -> Iterator[tuple[str, Cell]]:
    meta, place = artifact.extra, mapping(artifact.extra.get("desc"))
    if files:
        yield "Files", f"{counted(len(files), 'file')}, {size(sum(file.size_bytes for file in files))}"
    yield "Licence", plain(artifact.license)
    yield "Source", cell(context, key, meta.get("source") or meta.get("url"))
    if isinstance(repository := place.get("repo"), str):
        yield "Fetched from", _hub(artifact, repository)
    drive, file = plain(meta.get("rclone_drive")), plain(meta.get("rclone_filename"))
    if drive or file:
        yield "Fetched from", f"rclone: {drive}:{file}"
    yield "Model in MLPerf", plain(meta.get("mlperf_model_name"))
    yield "Trained on", cell(context, key, texts(mapping(meta.get("dataset_meta")).get("dataset_tags")))
    yield "Notes", cell(context, key, texts(meta.get("notes")))


def _hub(artifact: Artifact, repository: str) -> Cell:
    """Return the page of a repository on Hugging Face where tags or name say that it lies there."""
    kind = "datasets/" if artifact.key.automation == "flex.dataset" else ""
    is_there = not {"hf", "huggingface"}.isdisjoint(artifact.tags) or artifact.alias.endswith(("-hf", "_hf"))
    address = web_address(f"{_HUB}{kind}{repository}") if is_there else ""
    return (Link(text=f"Hugging Face: {repository[:200]}", address=address),) if address else repository[:200]


def _declared(meta: dict[str, Any]) -> dict[str, dict[Any, Any]]:
    """Return what the meta says about files, by path: a list of mappings, a mapping by path, or names as in CK."""
    files = meta.get("files")
    found = {plain(name): mapping(item) for name, item in mapping(files).items()}
    found.update({plain(item.get("path") or item.get("name")): item for item in mappings(files)})
    notes = mapping(meta.get("desc_dataset_files"))
    for name in [*texts(files), *texts(meta.get("dataset_files"))]:
        found.setdefault(name, {"description": mapping(notes.get(name)).get("name")})
    found.pop("", None)
    return found


def _files(
    context: SiteContext, artifact: Artifact, files: list[ArtifactFile], declared: dict[str, dict[Any, Any]]
) -> Table:
    """Return the files here and those that only the meta names, with what the meta says about each."""
    here = {file.path: file for file in files}
    names = [*here, *(name for name in declared if name not in here)]
    columns = ("File", "Size", "Rows", "Digest", "Description")
    rows = [_file(context, artifact, name, here.get(name), declared.get(name, {})) for name in names[:MAX_FILES]]
    # A column without any value says nothing.
    kept = [index for index in range(len(columns)) if index == 0 or any(row[index] for row in rows)]
    return Table(
        label="Files of the data",
        head=tuple(columns[index] for index in kept),
        rows=tuple(tuple(row[index] for index in kept) for row in rows) if len(kept) > 1 else (),
        numbers=tuple(place for place, index in enumerate(kept) if columns[index] in ("Size", "Rows")),
        left_out=max(0, len(names) - MAX_FILES),
        note="Digests are those that the metadata declares; cmsite verify checks the bytes of the archive."
        if any(row[3] for row in rows)
        else "",
    )


def _file(
    context: SiteContext, artifact: Artifact, name: str, file: ArtifactFile | None, said: dict[Any, Any]
) -> tuple[Cell, ...]:
    address = file_url(context, artifact, file.source) if file else ""
    digest = next((f"{kind} {plain(said[kind])}" for kind in _DIGESTS if said.get(kind)), "")
    return (
        (Link(text=name[:300], address=address),) if address else name[:300],
        size(file.size_bytes) if file else plain(said.get("size")),
        plain(said.get("rows")),
        digest,
        plain(said.get("description") or said.get("desc")),
    )


def _previews(context: SiteContext, artifact: Artifact, files: list[ArtifactFile]) -> Iterator[Table]:
    """Yield the first rows of the first table file."""
    for file in files[:MAX_FILES]:
        table = preview(artifact, file, context.read)
        if table is not None:
            yield table
            return


def _blocks(key: ArtifactKey, files: list[ArtifactFile]) -> Iterator[Block]:
    """Yield Python that loads the first file of each format; paths are those of a pull into the folder at hand."""
    seen: set[str] = set()
    for file in files[:MAX_FILES]:
        found = snippet(f"artifacts/{key.automation}/{key.folder}/{file.path}")
        if found is None or found[0].name in seen or len(seen) == MAX_BLOCKS:
            continue
        seen.add(found[0].name)
        needs = f" (needs {found[0].package})" if found[0].package else ""
        yield code(f"To load the {found[0].name} file in Python{needs}, after the pull:", found[1], "python")
