"""cmsite.lock: what was pulled, from where, and the digest of every file; `parse_lock` and `emit_lock` are a pair.

Goals of the format: one line a fact, sorted, so that a change of one artifact changes its lines only, and two branches
that each add an artifact merge; the same bytes for the same artifacts whatever the order of pulling; nothing of this
machine in it. It is read from foreign repositories too, so everything in it is checked. Source: CONTRACT §8.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cmsite.errors import IntegrityError
from cmsite.index.strict import MAX_INTEGER, is_digest, parse_json
from cmsite.member_names import NameRegister, check_member_name, fold
from cmsite.model.names import is_safe_folder

SCHEMA = "cmsite-lock/1"
# Of the file: 60 times a full pull of the largest public repository with its 1,354 artifacts.
MAX_LOCK_BYTES = 64_000_000
_MAX_TEXT_CHARACTERS = 4096
_REMEDY = "take the lock from your version control again, or remove it and pull anew"
_REGISTRY_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One file of a pulled artifact; `generated` ones (twins, metas of CK) are not in the archive."""

    path: str
    sha256: str
    generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedArtifact:
    """One pulled artifact; `files` are sorted by path, `registry` is the registry's id.

    `reference` is what was asked for; `asked` is False for what came along, as a dependency or an automation.
    """

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
    asked: bool = True

    @property
    def path(self) -> str:
        """Return the artifact's folder below the workspace."""
        return f"{self.automation}/{self.folder}"

    @property
    def origin(self) -> str:
        """Return the artifact with its repository, as messages name it."""
        return f"{self.repository}/{self.automation}:{self.folder}"

    @property
    def identity(self) -> tuple[str, str]:
        """Return what `cmsite.index.records.Record.identity` says of the record it was pulled from."""
        if not self.uid:
            return (f"{self.repository}/{self.path}", "")
        return (self.automation_uid or self.automation, self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedLicenses:
    """The licence files of one repository: (path, sha256), sorted, below `.cmsite/licenses/FOLDER`.

    `blob` is the digest under which the index publishes them together.
    """

    folder: str
    registry: str
    repository: str
    blob: str
    files: tuple[tuple[str, str], ...]

    @property
    def owner(self) -> tuple[str, str]:
        """Return the repository whose artifacts need them: (registry id, repository)."""
        return (self.registry, self.repository)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The whole lock.

    `registries` are (id, address), sorted; `artifacts` are sorted by path, `licenses` by folder.
    """

    registries: tuple[tuple[str, str], ...] = ()
    artifacts: tuple[LockedArtifact, ...] = ()
    licenses: tuple[LockedLicenses, ...] = ()

    def at(self, path: str) -> LockedArtifact | None:
        """Return the artifact of a folder, None where the lock has none."""
        return next((artifact for artifact in self.artifacts if artifact.path == path), None)

    def licenses_of(self, registry: str, repository: str) -> LockedLicenses | None:
        """Return the licence files of a repository, None where the lock has none."""
        return next((one for one in self.licenses if one.owner == (registry, repository)), None)


def make_lock(
    artifacts: Iterable[LockedArtifact], registries: Iterable[tuple[str, str]], licenses: Iterable[LockedLicenses]
) -> Lock:
    """Return a lock of these artifacts, sorted, with those registries and licences alone that they need."""
    kept = tuple(sorted(artifacts, key=lambda artifact: artifact.path))
    ids = {artifact.registry for artifact in kept}
    owners = {(artifact.registry, artifact.repository) for artifact in kept}
    return Lock(
        registries=tuple(sorted((name, url) for name, url in registries if name in ids)),
        artifacts=kept,
        licenses=tuple(sorted((one for one in licenses if one.owner in owners), key=lambda one: one.folder)),
    )


def emit_lock(lock: Lock) -> bytes:
    """Return the bytes of cmsite.lock."""
    document = {
        "schema": SCHEMA,
        # A mapping each, and not a text: the last line of an entry is then the same for all, so none of them changes
        # when another is added after it.
        "registries": {registry_id: {"url": url} for registry_id, url in lock.registries},
        "licenses": {
            one.folder: {
                "blob": one.blob,
                "files": dict(one.files),
                "registry": one.registry,
                "repository": one.repository,
            }
            for one in lock.licenses
        },
        "artifacts": {artifact.path: _emit_artifact(artifact) for artifact in lock.artifacts},
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def require_writable(lock: Lock) -> Lock:
    """Return the lock where it can be read again once it is written: what a registry says is foreign.

    Raises `IntegrityError` with the key that is wrong.
    """
    return parse_lock(emit_lock(lock), "cmsite.lock", remedy="nothing was written; tell the publisher")


def parse_lock(content: bytes, name: str = "cmsite.lock", *, remedy: str = _REMEDY, of_disk: bool = False) -> Lock:
    """Read a lock; `remedy` says what to do where it is none.

    One `of_disk` says what lies there, in which a killed run may have left two artifacts of one uid.

    Raises `IntegrityError` where the bytes are no lock, with the key that is wrong.
    """
    if len(content) > MAX_LOCK_BYTES:
        raise IntegrityError(f"{name} has {len(content)} bytes, a lock has at most {MAX_LOCK_BYTES}; {remedy}")
    if b"\n<<<<<<< " in content or content.startswith(b"<<<<<<< "):
        raise IntegrityError(
            f"{name} is no lock: it holds the marks of an unfinished merge (<<<<<<<); keep the lines of both sides, "
            "or one side of an artifact that both changed, then run `cmsite lock`"
        )
    try:
        data = parse_json(content, name)
    except IntegrityError as error:
        raise IntegrityError(f"{name} is no lock ({error}); {remedy}") from error
    return _Reader(name, remedy).lock(data, of_disk=of_disk)


def _emit_artifact(artifact: LockedArtifact) -> dict[str, Any]:
    return {
        "alias": artifact.alias,
        "archive_sha256": artifact.archive_sha256,
        "asked": artifact.asked,
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


_ARTIFACT_KEYS = frozenset(LockedArtifact.__dataclass_fields__) - {"automation", "folder"} | {"generated"}


class _Reader:
    """Typed getters that name the key in their errors."""

    def __init__(self, name: str, remedy: str) -> None:
        self.name = name
        self.remedy = remedy

    def lock(self, data: object, *, of_disk: bool) -> Lock:
        document = self.mapping(data, "")
        if document.get("schema") != SCHEMA:
            raise self.wrong("schema", f"'{SCHEMA}'", document.get("schema"))
        self.known(document, frozenset({"schema", "registries", "licenses", "artifacts"}), "")
        registries = self.mapping(document.get("registries"), "registries")
        licenses = self.mapping(document.get("licenses"), "licenses")
        artifacts = self.mapping(document.get("artifacts"), "artifacts")
        lock = Lock(
            registries=tuple(self.registry(name, value) for name, value in sorted(registries.items())),
            licenses=tuple(self.license(name, value) for name, value in sorted(licenses.items())),
            artifacts=tuple(self.artifact(path, value) for path, value in sorted(artifacts.items())),
        )
        if not of_disk:
            self.consistent(lock)
        return lock

    def wrong(self, key: str, expected: str, got: object) -> IntegrityError:
        shown = ascii(got)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}..."  # noqa: PLR2004 - what fits in a message.
        return IntegrityError(f"{self.name}: `{_short(key)}` must be {expected}, got {shown}; {self.remedy}")

    def mapping(self, value: object, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(key or "(the whole file)", "an object", value)
        return value

    def known(self, data: dict[str, Any], keys: frozenset[str], where: str) -> None:
        for key in data:
            if key not in keys:
                raise IntegrityError(
                    f"{self.name}: `{_short(f'{where}.{key}' if where else key)}` is unknown; "
                    "a newer cmsite may have written the lock: update cmsite"
                )

    def text(self, data: dict[str, Any], key: str, where: str, accepts: Callable[[str], bool] = str.isprintable) -> str:
        value = data.get(key)
        if not isinstance(value, str) or len(value) > _MAX_TEXT_CHARACTERS or not accepts(value):
            raise self.wrong(f"{where}.{key}", "a text of printable characters", value)
        return value

    def digest(self, data: dict[str, Any], key: str, where: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not is_digest(value):
            raise self.wrong(f"{where}.{key}", "64 hexadecimal digits", value)
        return value

    def number(self, data: dict[str, Any], key: str, where: str) -> int:
        value = data.get(key)
        if type(value) is not int or not 0 <= value <= MAX_INTEGER:
            raise self.wrong(f"{where}.{key}", "a whole number", value)
        return value

    def flag(self, data: dict[str, Any], key: str, where: str, *, default: bool) -> bool:
        value = data.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(f"{where}.{key}", "true or false", value)
        return value

    def files(self, data: dict[str, Any], where: str) -> tuple[tuple[str, str], ...]:
        """Return (path, sha256) of files that can be written together below one folder."""
        found = self.mapping(data.get("files"), f"{where}.files")
        register = NameRegister()
        for path, value in found.items():
            fault = check_member_name(path, writing=True) or register.add(path)
            if fault is not None:
                raise self.wrong(f"{where}.files.{path}", "a safe name with its digest", fault.message)
            if not isinstance(value, str) or not is_digest(value):
                raise self.wrong(f"{where}.files.{path}", "64 hexadecimal digits", value)
        return tuple(sorted(found.items()))

    def registry(self, registry_id: str, value: object) -> tuple[str, str]:
        if not _REGISTRY_ID.match(registry_id):
            raise self.wrong("registries", "named by ids of 32 hexadecimal digits", registry_id)
        data = self.mapping(value, f"registries.{registry_id}")
        self.known(data, frozenset({"url"}), f"registries.{registry_id}")
        url = self.text(data, "url", f"registries.{registry_id}")
        if not is_address(url):
            raise self.wrong(f"registries.{registry_id}.url", "an address of http or https, or a relative folder", url)
        return (registry_id, url)

    def license(self, folder: str, value: object) -> LockedLicenses:
        where = f"licenses.{folder}"
        if not is_safe_folder(folder):
            raise self.wrong("licenses", "named by safe folders", folder)
        data = self.mapping(value, where)
        self.known(data, frozenset({"blob", "files", "registry", "repository"}), where)
        return LockedLicenses(
            folder=folder,
            registry=self.text(data, "registry", where),
            repository=self.text(data, "repository", where),
            blob=self.digest(data, "blob", where),
            files=self.files(data, where),
        )

    def artifact(self, path: str, value: object) -> LockedArtifact:
        where = f"artifacts.{path}"
        automation, _, folder = path.partition("/")
        if not (is_safe_folder(automation) and is_safe_folder(folder)):
            raise self.wrong("artifacts", "named by automation/folder", path)
        data = self.mapping(value, where)
        self.known(data, _ARTIFACT_KEYS, where)
        files = self.files(data, where)
        generated = data.get("generated")
        if not isinstance(generated, list) or not all(name in dict(files) for name in map(str, generated)):
            raise self.wrong(f"{where}.generated", "a list of names that stand in `files`", generated)
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
            asked=self.flag(data, "asked", where, default=True),
        )

    def consistent(self, lock: Lock) -> None:
        """Refuse what no pull writes: an artifact of a registry that is not named, two that the clients would mix up."""
        ids = {registry_id for registry_id, _ in lock.registries}
        folders: dict[str, str] = {}
        identities: dict[tuple[str, str], str] = {}
        for artifact in lock.artifacts:
            where = f"artifacts.{artifact.path}"
            if artifact.registry not in ids:
                raise self.wrong(f"{where}.registry", "one of `registries`", artifact.registry)
            other = folders.setdefault(fold(artifact.path), artifact.path)
            if other != artifact.path:
                raise self.wrong(
                    where, f"another folder than that of {other}, whatever the case of letters", artifact.path
                )
            other = identities.setdefault(artifact.identity, artifact.path)
            if other != artifact.path:
                raise self.wrong(f"{where}.uid", f"another uid than that of {other}", artifact.uid)
        for one in lock.licenses:
            if one.registry not in ids:
                raise self.wrong(f"licenses.{one.folder}.registry", "one of `registries`", one.registry)


def is_address(text: str) -> bool:
    """Return whether a lock may name this as the place of a registry: http, https, or a folder by a relative path.

    >>> is_address("https://example.org/c/"), is_address("../site"), is_address("file:///etc"), is_address("/etc")
    (True, True, False, False)
    """
    if "://" in text:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    return bool(text) and not text.startswith(("/", "\\", "~", "-")) and ":" not in text.split("/", maxsplit=1)[0]


def _short(key: str) -> str:
    """Return a key as a message prints it: foreign, so bounded and without what a terminal obeys."""
    shown = key.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= 200 else f"{shown[:197]}..."  # noqa: PLR2004 - what fits in a message.
