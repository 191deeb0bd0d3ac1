"""Archives and the previous index → the versions and records of this build; pure.

Source: CONTRACT §3 (revisions), §7 (fields of a record).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from cmsite.catalog.catalog import Catalog, Standing
from cmsite.diagnostics import Diagnostic
from cmsite.formats.prose import cut
from cmsite.index.documents import RESULTS
from cmsite.index.records import Record, Version
from cmsite.index.revise import revise
from cmsite.index.words import split_words
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.names import PAPER
from cmsite.model.repository import Repository
from cmsite.pipeline.ingest import Packed
from cmsite.validation.codes import CODES

MAX_DESCRIPTION = 80  # Characters of a description in a record: CONTRACT §7.
MAX_WORDS, MAX_WORD = 64, 40  # Words that a record has for searches alone, and characters of one.
MAX_AUTHORS = 100  # Of a record, which every look-up of a neighbour reads too; pages and manifests name more.
_UNDECIDED = Standing()


def with_versions(
    catalog: Catalog, packed: Mapping[ArtifactKey, Packed], previous: Mapping[ArtifactKey, tuple[Version, ...]]
) -> Catalog:
    """Add the versions of every artifact, the previous ones first."""
    repositories = {repository.key: repository for repository in catalog.repositories}
    versions: dict[ArtifactKey, tuple[Version, ...]] = {}
    for key, artifact in catalog.artifacts.items():
        old = previous.get(key, ())
        made = packed.get(key)
        if made is None:
            if old:
                versions[key] = old
            continue
        versions[key] = revised(old, made, artifact, repositories[key.repository])
    return replace(catalog, versions=versions)


def revised(
    previous: tuple[Version, ...], made: Packed, artifact: Artifact, repository: Repository
) -> tuple[Version, ...]:
    """Return the versions of an artifact after what was packed of it."""
    return revise(
        previous,
        tar_sha256=made.tar_sha256,
        archive_sha256=made.archive_sha256,
        size_bytes=made.size_bytes,
        label=artifact.version or repository.version,
        time_s=artifact.time_s,
        url=None if repository.publish_bytes else "",
    )


def differing_copies(catalog: Catalog) -> Iterator[Diagnostic]:
    """Yield a note at every origin whose newest bytes differ from those of the first origin.

    Source: CONTRACT §1.
    """
    for keys in catalog.origins.values():
        first = catalog.versions.get(keys[0], ())
        for key in keys[1:]:
            newest = catalog.versions.get(key, ())
            if first and newest and first[-1].tar_sha256 != newest[-1].tar_sha256:
                yield Diagnostic(
                    code="CM111",
                    severity=CODES["CM111"].severity,
                    repository=key.repository,
                    path=catalog.artifacts[key].path,
                    message=f"{keys[0].repository} holds other bytes under this uid",
                    hint="where both are meant to be one artifact, publish one of them",
                )


def records_of(
    catalog: Catalog,
    licenses: Mapping[str, str],
    dependencies: Mapping[ArtifactKey, str],
    tried: Collection[ArtifactKey] = (),
) -> tuple[Record, ...]:
    """Return one record an origin.

    `licenses` maps a repository's key to the digest of its licence blob, `dependencies` an artifact's to that of what it
    needs; `tried` are the artifacts that somebody ran again and published results of.
    """
    rank = {repository.key: number for number, repository in enumerate(catalog.repositories)}
    return tuple(
        record_of(
            artifact,
            rank=rank[key.repository],
            licenses=licenses.get(key.repository, ""),
            dependencies=dependencies.get(key, ""),
            versions=catalog.versions.get(key, ()),
            was_tried=key in tried,
            standing=catalog.standings.get(key),
        )
        for key, artifact in catalog.artifacts.items()
    )


def record_of(
    artifact: Artifact,
    *,
    rank: int,
    licenses: str,
    dependencies: str,
    versions: tuple[Version, ...],
    was_tried: bool = False,
    standing: Standing | None = None,
) -> Record:
    """Return the record of one origin; `rank` is its repository's place, the others as `records_of` says."""
    key, standing = artifact.key, standing or _UNDECIDED
    description = short_description(artifact)
    has_results = was_tried or (key.automation == PAPER and bool(artifact.extra.get("claims")))
    return Record(
        automation=key.automation,
        automation_uid=artifact.automation_uid,
        alias=artifact.display_name,
        uid=artifact.uid,
        repository=key.repository,
        rank=rank,
        folder=key.folder,
        format=artifact.format.value,
        tags=artifact.tags,
        description=description,
        status=standing.status,
        reason=standing.reason,
        successor=standing.successor,
        licenses=licenses,
        dependencies=dependencies,
        versions=versions,
        words=_words(artifact, description),
        variations=artifact.variations,
        authors=artifact.authors[:MAX_AUTHORS],
        has=(RESULTS,) if has_results else (),
    )


def _words(artifact: Artifact, description: str) -> tuple[str, ...]:
    """Return the words of the title and the headings that no other field of the record has."""
    known = {
        word
        for text in (artifact.display_name, description, artifact.key.automation, *artifact.tags)
        for word in split_words(text)
    }
    found = (word[:MAX_WORD] for text in (artifact.name, *artifact.headings) for word in split_words(text))
    return tuple(sorted(islice(dict.fromkeys(word for word in found if word not in known), MAX_WORDS)))


def short_description(artifact: Artifact) -> str:
    """Return the description of a search hit: its summary in at most `MAX_DESCRIPTION` characters, cut at a word."""
    return cut(artifact.summary, MAX_DESCRIPTION)
