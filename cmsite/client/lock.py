"""cmsite.lock: what was pulled, from where, and the digest of every file; `parse_lock` and `emit_lock` are a pair.

Goals of the format: one line a fact, sorted, so that a change of one artifact is a small diff; the same bytes for the
same artifacts whatever the order of pulling; nothing of this machine in it. It is read from foreign repositories too,
so its paths are checked before they become paths. Source: CONTRACT §8.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cmsite.errors import IntegrityError
from cmsite.member_names import check_member_name
from cmsite.model.names import is_safe_folder

SCHEMA = "cmsite-lock/1"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One file of a pulled artifact; `generated` ones (twins, metas of CK) are not in the archive."""

    path: str
    sha256: str
    generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedArtifact:
    """One pulled artifact; `files` are sorted by path, `registry` is the registry's id."""

    automation: str
    folder: str
    alias: str
    uid: str
    automation_uid: str
    repository: str
    registry: str
    reference: str
    format: str
    revision: int
    label: str
    tar_sha256: str
    archive_sha256: str
    size_bytes: int
    files: tuple[LockedFile, ...]

    @property
    def path(self) -> str:
        """Return the artifact's folder below the workspace."""
        return f"{self.automation}/{self.folder}"

    @property
    def identity(self) -> tuple[str, str]:
        """Return what `cmsite.index.records.Record.identity` says of the record it was pulled from."""
        if not self.uid:
            return (f"{self.repository}/{self.path}", "")
        return (self.automation_uid or self.automation, self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The whole lock.

    `registries` are (id, address), `licenses` (path below `.cmsite/licenses`, sha256), both sorted; `artifacts` are
    sorted by path.
    """

    registries: tuple[tuple[str, str], ...] = ()
    artifacts: tuple[LockedArtifact, ...] = ()
    licenses: tuple[tuple[str, str], ...] = ()

    def at(self, path: str) -> LockedArtifact | None:
        """Return the artifact of a folder, None where the lock has none."""
        return next((artifact for artifact in self.artifacts if artifact.path == path), None)


def emit_lock(lock: Lock) -> bytes:
    """Return the bytes of cmsite.lock."""
    document = {
        "schema": SCHEMA,
        "registries": dict(lock.registries),
        "licenses": dict(lock.licenses),
        "artifacts": {artifact.path: _emit_artifact(artifact) for artifact in lock.artifacts},
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def parse_lock(content: bytes, name: str = "cmsite.lock") -> Lock:
    """Read a lock.

    Raises `IntegrityError` where the bytes are no lock, with the key that is wrong.
    """
    try:
        data = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise IntegrityError(
            f"{name} is no lock ({error}); take it from your version control again, or remove it and pull anew"
        ) from error
    reader = _Reader(name)
    document = reader.mapping(data, "")
    if document.get("schema") != SCHEMA:
        raise reader.wrong("schema", f"'{SCHEMA}'", document.get("schema"))
    artifacts = reader.mapping(document.get("artifacts"), "artifacts")
    return Lock(
        registries=reader.pairs(document, "registries", _is_address),
        licenses=reader.pairs(document, "licenses", _is_file_digest),
        artifacts=tuple(reader.artifact(path, value) for path, value in sorted(artifacts.items())),
    )


def _emit_artifact(artifact: LockedArtifact) -> dict[str, Any]:
    return {
        "alias": artifact.alias,
        "archive_sha256": artifact.archive_sha256,
        "automation_uid": artifact.automation_uid,
        "files": {file.path: file.sha256 for file in artifact.files},
        "format": artifact.format,
        "generated": [file.path for file in artifact.files if file.generated],
        "label": artifact.label,
        "reference": artifact.reference,
        "registry": artifact.registry,
        "repository": artifact.repository,
        "revision": artifact.revision,
        "size_bytes": artifact.size_bytes,
        "tar_sha256": artifact.tar_sha256,
        "uid": artifact.uid,
    }


def _is_address(registry_id: str, address: str) -> bool:
    return registry_id.isprintable() and address.isprintable()


def _is_file_digest(path: str, value: str) -> bool:
    return check_member_name(path, writing=False) is None and _SHA256.match(value) is not None


class _Reader:
    """Typed getters that name the key in their errors."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, key: str, expected: str, got: object) -> IntegrityError:
        return IntegrityError(
            f"{self.name}: `{key}` must be {expected}, got {ascii(got)[:80]}; "
            "take the lock from your version control again, or remove it and pull anew"
        )

    def mapping(self, value: object, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(key or "(the whole file)", "an object", value)
        return value

    def text(self, data: dict[str, Any], key: str, where: str) -> str:
        value = data.get(key)
        if not isinstance(value, str):
            raise self.wrong(f"{where}.{key}", "a text", value)
        return value

    def digest(self, data: dict[str, Any], key: str, where: str) -> str:
        value = self.text(data, key, where)
        if not _SHA256.match(value):
            raise self.wrong(f"{where}.{key}", "64 hexadecimal digits", value)
        return value

    def number(self, data: dict[str, Any], key: str, where: str) -> int:
        value = data.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(f"{where}.{key}", "a whole number", value)
        return value

    def pairs(
        self, data: dict[str, Any], key: str, accepts: Callable[[str, str], bool], where: str = ""
    ) -> tuple[tuple[str, str], ...]:
        prefix = f"{where}.{key}" if where else key
        found = self.mapping(data.get(key), prefix)
        for name, value in found.items():
            if not isinstance(value, str) or not accepts(name, value):
                raise self.wrong(f"{prefix}.{name}", "a safe name with its value", value)
        return tuple(sorted(found.items()))

    def artifact(self, path: str, value: object) -> LockedArtifact:
        where = f"artifacts.{path}"
        data = self.mapping(value, where)
        automation, _, folder = path.partition("/")
        if not (is_safe_folder(automation) and is_safe_folder(folder)):
            raise self.wrong("artifacts", "named by automation/folder", path)
        generated = data.get("generated")
        if not isinstance(generated, list):
            raise self.wrong(f"{where}.generated", "a list", generated)
        files = self.pairs(data, "files", _is_file_digest, where)
        return LockedArtifact(
            automation=automation,
            folder=folder,
            alias=self.text(data, "alias", where),
            uid=self.text(data, "uid", where),
            automation_uid=self.text(data, "automation_uid", where),
            repository=self.text(data, "repository", where),
            registry=self.text(data, "registry", where),
            reference=self.text(data, "reference", where),
            format=self.text(data, "format", where),
            revision=self.number(data, "revision", where),
            label=self.text(data, "label", where),
            tar_sha256=self.digest(data, "tar_sha256", where),
            archive_sha256=self.digest(data, "archive_sha256", where),
            size_bytes=self.number(data, "size_bytes", where),
            files=tuple(LockedFile(path=name, sha256=digest, generated=name in generated) for name, digest in files),
        )
