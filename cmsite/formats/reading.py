"""One artifact folder → one `Artifact` and its parsed documents; one descriptor → one `Repository`.

Pure: bytes come by the `read` argument. What cannot be read becomes problems, never an exception.
Source: facts/formats.md §1-3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cmsite import documents
from cmsite.diagnostics import Severity
from cmsite.documents import Document, Problem
from cmsite.formats import ck, fields
from cmsite.formats.dependencies import parse_dependencies
from cmsite.formats.layout import ArtifactFolder, RepositoryFolder
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.names import AUTOMATION_UIDS, AUTOMATIONS, is_uid, normal_uid, parse_pair
from cmsite.model.repository import Format, Repository, RepositoryNeed
from cmsite.model.tree import Provenance

Read = Callable[[str], bytes]

CORE_KEYS = ("alias", "uid", "automation_alias", "automation_uid", "tags", "_base")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactReading:
    """What came of one folder: `artifact` is None where no meta could be read; `documents` are all of its metas."""

    folder: ArtifactFolder
    artifact: Artifact | None
    documents: tuple[Document, ...]


def read_artifact(folder: ArtifactFolder, read: Read) -> ArtifactReading:
    """Read the metas of one folder. JSON replaces whole top-level keys of YAML, as in CM."""
    sizes = {file.source: file.size_bytes for file in folder.files}
    paths = tuple(f"{folder.path}/{name}" for name in folder.metas)
    parsed = tuple(documents.parse_file(path, sizes.get(path, 0), read) for path in paths)
    parsed = tuple(_must_be_mapping(document) for document in parsed)
    if any(document.data is None for document in parsed):
        return ArtifactReading(folder=folder, artifact=None, documents=parsed)
    if folder.format is Format.CK:
        artifact = ck.artifact_of(folder, {document.path: document.data for document in parsed})
    else:
        meta: dict[str, Any] = {}
        for document in parsed:
            meta.update(document.data)
        artifact = _artifact_of(folder, meta)
    return ArtifactReading(folder=folder, artifact=artifact, documents=parsed)


def _must_be_mapping(document: Document) -> Document:
    if document.data is None or isinstance(document.data, dict):
        return document
    problem = Problem(
        code="CM010",
        severity=Severity.ERROR,
        message=f"must be a mapping of keys to values, got {type(document.data).__name__}",
        place=document.place(""),
        hint="write `alias:`, `uid:`, `tags:` … at the top level",
    )
    return Document(
        path=document.path, text=document.text, data=None, problems=(*document.problems, problem), root=document.root
    )


def _artifact_of(folder: ArtifactFolder, meta: dict[str, Any]) -> Artifact:
    uid = fields.spelled(meta.get("uid"))
    automation_uid = fields.spelled(meta.get("automation_uid"))
    automation_uid = (
        normal_uid(automation_uid) if is_uid(automation_uid) else AUTOMATION_UIDS.get(folder.automation, "")
    )
    return Artifact(
        key=ArtifactKey(
            repository=folder.repository.key,
            automation=AUTOMATIONS.get(automation_uid, folder.automation),
            folder=folder.folder,
        ),
        format=folder.format,
        path=folder.path,
        alias=fields.spelled(meta.get("alias")),
        uid=normal_uid(uid) if is_uid(uid) else "",
        automation_uid=automation_uid,
        tags=fields.tags(meta.get("tags")),
        name=fields.text(meta, "name", "title") or _paper_title(meta),
        description=fields.text(meta, "desc", "description"),
        category=fields.text(meta, "category"),
        version=fields.spelled(meta.get("version")),
        license=fields.text(meta, "license"),
        authors=fields.people(
            meta, "authors", "author", "developers", "author_and_developer", "authors_and_developers"
        ),
        base=fields.spelled(meta.get("_base")),
        meta_file=f"{folder.path}/{folder.metas[-1]}",
        meta_files=tuple(f"{folder.path}/{name}" for name in folder.metas),
        files=folder.files,
        dependencies=parse_dependencies(meta),
        variations=_variations(meta),
        extra={key: value for key, value in meta.items() if key not in CORE_KEYS},
    )


def _paper_title(meta: dict[str, Any]) -> str:
    paper = meta.get("paper")
    return fields.text(paper, "title") if isinstance(paper, dict) else ""


def _variations(meta: dict[str, Any]) -> tuple[str, ...]:
    variations = meta.get("variations")
    return tuple(fields.spelled(name) for name in variations) if isinstance(variations, dict) else ()


def read_descriptor(
    folder: RepositoryFolder, read: Read, *, source: int, provenance: Provenance, sizes: Mapping[str, int] | None = None
) -> tuple[Repository, tuple[Document, ...]]:
    """Read the descriptor files of a repository folder; the key is the alias, made unique later by the catalogue.

    `sizes` are bytes by path: a file that is too large is refused without being read.
    """
    paths = tuple(f"{folder.path}/{name}" if folder.path else name for name in folder.descriptors)
    sized = sizes or {}
    parsed = tuple(_must_be_mapping(documents.parse_file(path, sized.get(path, 0), read)) for path in paths)
    meta: dict[str, Any] = {}
    for document in parsed:
        data = document.data or {}
        for key, value in (ck.descriptor_of(data) if document.path.endswith(".ckr.json") else data).items():
            meta.setdefault(key, value)
    alias = fields.spelled(meta.get("alias")) or folder.path.rsplit("/", 1)[-1]
    uid = fields.spelled(meta.get("uid"))
    repository = Repository(
        key=alias,
        alias=alias,
        uid=normal_uid(uid) if is_uid(uid) else "",
        source=source,
        path=folder.path,
        formats=folder.formats,
        provenance=provenance,
        version=fields.spelled(meta.get("version")),
        prefixes=_prefixes(meta, folder),
        needs=_needs(meta),
        descriptors=paths,
        description=meta,
    )
    return repository, parsed


def _prefixes(meta: dict[str, Any], folder: RepositoryFolder) -> tuple[str, ...]:
    prefix = fields.spelled(meta.get("prefix")).strip("/")
    prefixes = [prefix, fields.spelled(meta.get("prefix_cmx")).strip("/")]
    if Format.CK in folder.formats:
        prefixes.append("")
    safe = [item for item in prefixes if ".." not in item.split("/")]
    return tuple(dict.fromkeys(item for item in safe if item or not prefix or Format.CK in folder.formats)) or ("",)


def _needs(meta: dict[str, Any]) -> tuple[RepositoryNeed, ...]:
    deps = meta.get("deps")
    found = []
    for entry in deps if isinstance(deps, list) else ():
        if isinstance(entry, dict) and not entry.get("conflict"):
            pair = parse_pair(fields.spelled(entry.get("alias")) or fields.spelled(entry.get("uid")))
            uid = fields.spelled(entry.get("uid")) or pair.uid
            found.append(RepositoryNeed(alias=pair.alias, uid=normal_uid(uid), url=fields.spelled(entry.get("url"))))
    return tuple(found)
