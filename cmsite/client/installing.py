"""Making one artifact ready beside its place, and putting it there in one step.

An archive is unpacked below `.cmsite/incoming`, gets its twins, is checked, and only then renamed; a refusal or a
killed pull leaves the artifact's folder as it was. Source: CONTRACT §8, facts/index.md §4 (cases 36 to 38).
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cmsite.client.lock import LockedArtifact, LockedFile
from cmsite.client.planning import Choice
from cmsite.client.store import unpack
from cmsite.client.swapping import exchange, exists, place
from cmsite.client.twins import CK_INFO, CK_META, CM_METAS, MLC_METAS, cm_meta_of_ck, is_ck, twins
from cmsite.errors import IntegrityError, OutputError


class MetaVerdict(Protocol):
    """What a client would make of one meta: `stops` says why it stops (""), `base` names the artifact it builds on."""

    @property
    def stops(self) -> str:
        """Return why a real client would stop at this meta, "" where it would not."""

    @property
    def base(self) -> str:
        """Return the `_base` of the meta, "" where it has none."""


# (name of the meta, its bytes, the artifact's automation) → verdict. Injected: reading metas needs YAML.
MetaCheck = Callable[[str, bytes, str], MetaVerdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One artifact, unpacked and checked below `staged`, with what the lock will say of it."""

    choice: Choice
    staged: Path
    locked: LockedArtifact
    bases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def prepare(choice: Choice, archive: Path, staged: Path, check: MetaCheck) -> Prepared:
    """Unpack an archive to `staged`, add its twins and check every meta.

    A twin that would stop its client is left out, with a note: the client then does not see the artifact and goes on.
    Raises `IntegrityError` where an original meta would stop a real client, or the archive is not what the index says.
    """
    version = choice.version
    unpacked = unpack(archive, staged, tar_sha256=version.tar_sha256, archive_sha256=version.archive_sha256)
    files = [LockedFile(path=file.path, sha256=file.sha256) for file in unpacked]
    names = {file.path for file in files}
    bases = _check_originals(choice, staged, names, check)
    generated, notes = _write_generated(choice, staged, names, check)
    return Prepared(
        choice=choice,
        staged=staged,
        locked=_locked(choice, (*files, *generated)),
        bases=bases,
        notes=notes,
    )


def install(prepared: Prepared, root: Path) -> None:
    """Put a prepared artifact in its place in one step; what stood there is then where the new one was prepared.

    Raises `OutputError` where the file system refuses, or a link stands in the way.
    """
    target = root / prepared.choice.path
    refuse_links(root, prepared.choice.path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _opened(prepared.staged.parent) as source_fd, _opened(target.parent) as parent_fd:
            put = exchange if exists(parent_fd, target.name) else place
            put(source_fd, prepared.staged.name, parent_fd, target.name)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check free space and permissions") from error


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Open a folder without following a link: one that is swapped in meanwhile changes nothing."""
    handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0))
    try:
        yield handle
    finally:
        os.close(handle)


def refuse_links(root: Path, path: str) -> None:
    """Raise `OutputError` where the artifact's folder, or the one above it, is a link: it would lead elsewhere."""
    for folder in (root / path, (root / path).parent):
        if folder.is_symlink():
            raise OutputError(f"{folder} is a symbolic link; remove it, or pull into another folder: --into DIR")


def _check_originals(choice: Choice, staged: Path, names: set[str], check: MetaCheck) -> tuple[str, ...]:
    bases = []
    for name in (*CM_METAS, *MLC_METAS):
        if name not in names:
            continue
        verdict = check(name, (staged / name).read_bytes(), choice.record.automation)
        if verdict.stops:
            raise IntegrityError(
                f"{choice.origin}: {name} {verdict.stops}, and would stop every command of the real client; "
                "nothing was written; tell the publisher"
            )
        if verdict.base:
            bases.append(verdict.base)
    return tuple(bases)


def _write_generated(
    choice: Choice, staged: Path, names: set[str], check: MetaCheck
) -> tuple[list[LockedFile], tuple[str, ...]]:
    generated, notes = [], []
    for name, content in _generated(choice, staged, names):
        verdict = check(name, content, choice.record.automation)
        if verdict.stops:
            client = "cm" if name in CM_METAS else "mlc"
            notes.append(
                f"{choice.origin}: {client} will not see it: the same meta as {name} {verdict.stops}, which would stop {client}"
            )
            continue
        (staged / name).write_bytes(content)
        generated.append(LockedFile(path=name, sha256=hashlib.sha256(content).hexdigest(), generated=True))
    return generated, tuple(notes)


def _generated(choice: Choice, staged: Path, names: set[str]) -> list[tuple[str, bytes]]:
    if is_ck(names):
        files = {name: (staged / name).read_bytes() for name in (CK_META, CK_INFO) if name in names}
        return [(CM_METAS[1], cm_meta_of_ck(choice.record, files))]
    return [(twin, (staged / name).read_bytes()) for name, twin in twins(names)]


def _locked(choice: Choice, files: tuple[LockedFile, ...]) -> LockedArtifact:
    record, version = choice.record, choice.version
    return LockedArtifact(
        automation=record.automation,
        folder=record.folder,
        alias=record.alias,
        uid=record.uid,
        automation_uid=record.automation_uid,
        repository=record.repository,
        registry=choice.registry_id,
        reference=choice.reference,
        format=record.format,
        revision=version.revision,
        label=version.label,
        tar_sha256=version.tar_sha256,
        archive_sha256=version.archive_sha256,
        size_bytes=version.size_bytes,
        files=tuple(sorted(files, key=lambda file: file.path)),
        asked=choice.asked,
    )
