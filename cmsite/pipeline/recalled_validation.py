"""What a validation found, for the next one of the same files by the same rules: it need not read anything again.

Everything that was read is known by its stamp: all files of the sources, registry.yml and the rules it names, and cmsite
itself. Where one differs, everything is checked. What is kept lies in the cache folder of this machine and may be
deleted, damaged or out of reach: then it is as if nothing were known. Source: docs/adr/0011.
"""

import hashlib
import marshal
import os
import pickle
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cmsite import __version__, places
from cmsite.catalog.catalog import Catalog
from cmsite.pipeline.memory import program_files
from cmsite.sources.folder import FolderTree, KnownFiles
from cmsite.sources.regular_files import read_regular_file
from cmsite.stamps import Stamp, changed_files, is_settled, is_unchanged, stamps_of

_MARK = b"cmsite-validation/1\n"
_DIGEST_BYTES = 32
_MAX_BYTES = 64 * 1024 * 1024  # Of one validation; a larger one is not kept.
_MAX_KEPT = 50
_PACKAGES = ("yaml", "yaml._yaml", "jsonschema_rs")
_UNREADABLE_CODE = "CM401"  # Whether such a name can be read later, no stamp tells.


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The place of one validation: `key` is all that must be equal besides files, `inputs` are files beside the sources."""

    path: Path
    key: str
    inputs: tuple[str, ...]

    def known(self) -> Any:
        """Return the `Validation` that was kept, None where there is none or a file differs."""
        try:
            content = read_regular_file(str(self.path), _MAX_BYTES)
        except (OSError, ValueError):
            return None
        head = len(_MARK) + _DIGEST_BYTES
        body = memoryview(content)[head:]
        if content[:head] != _MARK + hashlib.sha256(body).digest():
            return None
        # Nobody else can write in the folder, and the digest is that of what was written.
        key, inputs, folders, validation = marshal.loads(body)  # noqa: S302
        if key != self.key or not is_unchanged(inputs):
            return None
        for root, stamps in folders.items():
            if changed_files(root, marshal.loads(stamps)) != []:  # noqa: S302
                return None
        return pickle.loads(validation)  # noqa: S301

    def keep(self, validation: Any, inputs: dict[str, Stamp | None], started_ns: int) -> None:
        """Keep a validation, whose `inputs` were looked at before it began at `started_ns`.

        Nothing is kept where a source cannot tell that it changed.
        """
        trees = [source.tree for source in validation.scan.sources]
        if any(type(tree) is not FolderTree or _has_unreadable(tree) for tree in trees):
            return
        folders = {str(tree.root): tree.stamps for tree in trees}
        empty = Catalog(title="", registry_id="")
        if not all(is_settled(marshal.loads(stamps), started_ns) for stamps in folders.values()):  # noqa: S302
            return
        pickled = pickle.dumps(replace(validation, scan=_light(validation), catalog=empty), protocol=5)
        body = marshal.dumps((self.key, inputs, folders, pickled))
        if len(body) > _MAX_BYTES - 100:
            return
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            temporary.write_bytes(b"".join((_MARK, hashlib.sha256(body).digest(), body)))
            temporary.replace(self.path)
            _forget_old(self.path.parent)
        except OSError:
            temporary.unlink(missing_ok=True)

    def stamps(self) -> dict[str, Stamp | None]:
        """Return the stamps of all that is read beside the sources."""
        packages = [spec.origin for name in _PACKAGES if (spec := find_spec(name)) and spec.origin]
        return stamps_of([*self.inputs, *packages, *program_files()])


def recall_of(what: object, roots: Iterable[Path], inputs: Iterable[Path] = ()) -> Recall | None:
    """Return the place of a validation, None where the cache folder is not one's own.

    `what` is validated, with a `repr` that tells everything but files; `roots` are its folders.
    """
    folder = places.own_folder("validations")
    if folder is None:
        return None
    real = [os.path.realpath(root) for root in roots]
    user = os.geteuid() if hasattr(os, "geteuid") else 0
    key = repr((__version__, sys.version, user, str(Path.cwd()), what, real))
    name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Recall(path=folder / name, key=key, inputs=tuple(str(path.absolute()) for path in inputs))


def _has_unreadable(tree: FolderTree) -> bool:
    return any(found.code == _UNREADABLE_CODE for found in tree.refused)


def _light(validation: Any) -> Any:
    """Return the scan with those files only that reports quote."""
    scan = validation.scan
    source_of = {repository.key: repository.source for repository in scan.repositories}
    quoted = {(source_of.get(found.repository), found.path) for found in validation.findings}
    sources = []
    for number, source in enumerate(scan.sources):
        tree = source.tree
        entries = [entry for entry in tree.entries if (number, entry.path) in quoted]
        known = KnownFiles(tree.root, entries, label=tree.label, location=tree.provenance.location)
        sources.append(replace(source, tree=known))
    return replace(scan, sources=tuple(sources), folders=(), findings=())


def _forget_old(folder: Path) -> None:
    """Delete all but the newest."""
    kept = sorted(folder.iterdir(), key=lambda path: path.lstat().st_mtime_ns, reverse=True)
    for path in kept[_MAX_KEPT:]:
        path.unlink(missing_ok=True)
