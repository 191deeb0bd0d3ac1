"""The manifest of one artifact: everything that is known about it, as one JSON file for pages and tools.

No client needs it: resolving and pulling read records. A manifest is named by the digest of its bytes and says nothing
of the rest of the catalogue but what its own dependencies resolve to, so it changes only with its artifact.
Source: CONTRACT §7; docs/index-format.md has the fields, docs/manifest.schema.json checks them.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cmsite.index.dependencies import Need, need_value
from cmsite.index.layout import archive_path, manifest_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.model.tree import Provenance
from cmsite.outputs import OutputFile

SCHEMA = "cmsite-manifest/1"
MAX_FILES = 5_000  # An archive names all of its files; a manifest is read at a glance.
MAX_NEEDS = 1_000
MAX_TARGETS = 20  # Alternatives of one dependency.
MAX_VERSIONS = 200  # The newest.
MAX_WORDS = 1_000  # Tags, variations, authors.

# The canonical JSON of the index; made once, as that costs as much as writing a small manifest down.
_JSON = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What goes into a manifest.

    `reference` pulls the artifact from its registry; `page` is relative to the site's root; `description` is the line
    of its page, `is_derived` where nobody wrote it; `needs` are the first `MAX_NEEDS` and `needs_left_out` counts the
    others; `versions` are oldest first.
    """

    registry_id: str
    reference: str
    page: str
    artifact: Artifact
    source: Provenance
    description: str = ""
    is_derived: bool = False
    needs: Sequence[Need] = ()
    needs_left_out: int = 0
    versions: Sequence[Version] = ()


def emit_manifest(manifest: Manifest) -> OutputFile:
    """Return the manifest under the address that its bytes give it."""
    text = _JSON.encode(_values(manifest))
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    content = text.encode() + b"\n"
    return OutputFile(path=manifest_path(hashlib.sha256(content).hexdigest()), content=content)


def _values(manifest: Manifest) -> dict[str, Any]:
    artifact, key = manifest.artifact, manifest.artifact.key
    values = {
        "registry_id": manifest.registry_id,
        "reference": manifest.reference,
        "page": manifest.page,
        "repository": key.repository,
        "automation": key.automation,
        "automation_uid": artifact.automation_uid,
        "folder": key.folder,
        "alias": artifact.alias,
        "uid": artifact.uid,
        "uid_derived": artifact.uid_derived,
        "format": artifact.format.value,
        "name": artifact.name,
        "description": manifest.description,
        "description_derived": manifest.is_derived,
        "category": artifact.category,
        "version": artifact.version,
        "license": artifact.license,
        "authors": artifact.authors[:MAX_WORDS],
        "tags": artifact.tags[:MAX_WORDS],
        "variations": artifact.variations[:MAX_WORDS],
        "source": _source_value(manifest.source, artifact),
        "files": [_file_value(file) for file in artifact.files[:MAX_FILES]],
        "files_left_out": max(0, len(artifact.files) - MAX_FILES),
        "dependencies": [need_value(need) for need in manifest.needs],
        "dependencies_left_out": manifest.needs_left_out,
        "versions": [_version_value(version) for version in manifest.versions[-MAX_VERSIONS:]],
    }
    return {"schema": SCHEMA, **_said(values)}


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that say something; a missing key stands for its empty value."""
    return {key: value for key, value in values.items() if value}


def _source_value(source: Provenance, artifact: Artifact) -> dict[str, Any]:
    """Return where the artifact comes from: its own last commit, never the head of its repository (CONTRACT §6)."""
    return _said(
        {
            "kind": source.kind,
            "location": source.location,
            "sha256": source.sha256,
            "path": artifact.path,
            "meta_file": artifact.meta_file,
            "commit": artifact.commit,
            "time_s": artifact.time_s,
        }
    )


def _file_value(file: ArtifactFile) -> dict[str, Any]:
    if file.executable:
        return {"path": file.path, "size_bytes": file.size_bytes, "executable": True}
    return {"path": file.path, "size_bytes": file.size_bytes}


def _version_value(version: Version) -> dict[str, Any]:
    archive = archive_path(version.archive_sha256) if version.url is None else version.url
    values = _said(
        {
            "revision": version.revision,
            "label": version.label,
            "tar_sha256": version.tar_sha256,
            "archive_sha256": version.archive_sha256,
            "size_bytes": version.size_bytes,
            "time_s": version.time_s,
            "archive": archive,
        }
    )
    # An empty reason is a reason: only None says that a version is neither.
    marks = {"yanked": version.yanked, "purged": version.purged}
    return {**values, **{name: reason for name, reason in marks.items() if reason is not None}}
