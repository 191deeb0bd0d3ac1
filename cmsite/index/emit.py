"""Records to the files of the index; the order in which records come does not matter, root.json comes last.

It does not write them and does not decide revisions (`revise`). Source: facts/index.md §2, CONTRACT §7.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cmsite.errors import ConfigurationError, IntegrityError
from cmsite.index.layout import (
    MAX_ALL_PART_BYTES,
    ROOT_PATH,
    blob_path,
    key_digest,
    leaf_number,
    node_bits,
    record_bits,
    uid_bits,
)
from cmsite.index.lines import UidNames, emit_record, emit_uid, publishable
from cmsite.index.packing import pack
from cmsite.index.records import Record
from cmsite.index.root import FileRef, Root, Tree, emit_root, file_value, is_registry_id
from cmsite.index.strict import canonical
from cmsite.outputs import OutputFile

# (sha256 of the key, line) pairs in the order of the digests.
_Lines = list[tuple[bytes, bytes]]

# gzip never beats this on records, half of which are digests; a larger part is split without being packed first.
_BEST_RATIO = 8


def emit_index(
    records: Iterable[Record],
    *,
    registry_id: str,
    previous: Root | None = None,
    first: bool = False,
    created_s: int = 0,
    bases: tuple[str, ...] = (),
    drafts: bool = False,
) -> tuple[OutputFile, ...]:
    """Return every file of the index, root.json last.

    `previous` is the root being continued; where nothing but its counting would change, its bytes are returned again.
    Without it the build is a preview (gen 0), or with `first` the first generation of a registry (gen 1).

    Raises `ConfigurationError` for a registry_id that is none, `IntegrityError` where `previous` is another registry's.
    """
    if not is_registry_id(registry_id):
        raise ConfigurationError(
            f"registry_id is {registry_id!r}, expected 32 lower-case hexadecimal digits; `cmsite new` draws one"
        )
    published = sorted((publishable(record) for record in records), key=lambda record: record.key)
    files: dict[str, OutputFile] = {}
    lines = _record_lines(published, lean=False)
    lean = _record_lines(published, lean=True)
    uids = _uid_lines(published)
    root = Root(
        registry_id=registry_id,
        gen=1 if first else 0,
        prev=None,
        created_s=created_s,
        zlib=zlib.ZLIB_RUNTIME_VERSION,
        count=len(lines),
        bases=bases,
        records=_tree(lean, record_bits(len(lines)), files),
        uids=_tree(uids, uid_bits(len(uids)), files),
        all=tuple(_store(packed, files) for packed in _parts(lines, 0)),
        drafts=drafts,
    )
    if previous is not None:
        root = continued(root, previous)
    return (*files.values(), OutputFile(path=ROOT_PATH, content=emit_root(root)))


def continued(root: Root, previous: Root) -> Root:
    """Return the root that follows `previous`: the same one where the content is the same, else the next generation.

    Raises `IntegrityError` where they belong to different registries.
    """
    if previous.registry_id != root.registry_id:
        raise IntegrityError(
            f"the previous index belongs to registry {previous.registry_id}, this catalogue is {root.registry_id}; "
            "give the index of this registry with --previous, or correct registry_id in registry.yml"
        )
    same = replace(previous, records=root.records, uids=root.uids, all=root.all, count=root.count, bases=root.bases)
    if same == previous and hashlib.sha256(emit_root(previous)).hexdigest() == previous.sha256:
        return previous
    return replace(root, gen=previous.gen + 1, prev=previous.sha256)


def _record_lines(records: list[Record], *, lean: bool) -> _Lines:
    """Return the records' lines by the hash of their name; equal names stand in the order of (repository, folder)."""
    lines = [(key_digest(record.name), emit_record(record, lean=lean)) for record in records]
    lines.sort(key=lambda line: line[0])
    return lines


def _uid_lines(records: list[Record]) -> _Lines:
    names: dict[str, set[str]] = {}
    for record in records:
        if record.uid:
            names.setdefault(record.uid, set()).add(record.name)
    lines = [(key_digest(uid), emit_uid(UidNames(uid=uid, names=tuple(sorted(found))))) for uid, found in names.items()]
    lines.sort()
    return lines


def _tree(lines: _Lines, bits: int, files: dict[str, OutputFile]) -> Tree:
    """Store leaves and nodes in `files` and return the tree above them."""
    leaves: list[FileRef | None] = [None] * (1 << bits)
    for number, leaf in _by_leaf(lines, bits):
        leaves[number] = _store(pack(_joined(leaf)), files)
    bits_of_nodes = node_bits(bits)
    size = 1 << (bits - bits_of_nodes)
    nodes = tuple(_node(leaves[start : start + size], files) for start in range(0, len(leaves), size))
    return Tree(bits=bits, node_bits=bits_of_nodes, nodes=nodes)


def _by_leaf(lines: _Lines, bits: int) -> Iterator[tuple[int, _Lines]]:
    """Yield (number, lines) of each leaf that holds something, in order."""
    start = 0
    while start < len(lines):
        number = leaf_number(lines[start][0], bits)
        end = start
        while end < len(lines) and leaf_number(lines[end][0], bits) == number:
            end += 1
        yield number, lines[start:end]
        start = end


def _node(leaves: list[FileRef | None], files: dict[str, OutputFile]) -> FileRef | None:
    if not any(leaves):
        return None
    return _store(pack(canonical([file_value(leaf) for leaf in leaves]) + b"\n"), files)


def _parts(lines: _Lines, depth: int) -> Iterator[bytes]:
    """Yield the packed parts of `all` in the order of the hashes.

    A part over the limit is halved by the next bit of the hash: where one record changes, one part changes.
    """
    if not lines:
        return
    content = _joined(lines)
    if len(content) <= MAX_ALL_PART_BYTES * _BEST_RATIO:
        packed = pack(content)
        if len(packed) <= MAX_ALL_PART_BYTES or lines[0][0] == lines[-1][0]:
            yield packed
            return
    middle = next((at for at, (digest, _) in enumerate(lines) if _bit(digest, depth)), len(lines))
    yield from _parts(lines[:middle], depth + 1)
    yield from _parts(lines[middle:], depth + 1)


def _bit(digest: bytes, depth: int) -> int:
    return (digest[depth // 8] >> (7 - depth % 8)) & 1


def _joined(lines: _Lines) -> bytes:
    return b"".join(line + b"\n" for _, line in lines)


def _store(packed: bytes, files: dict[str, OutputFile]) -> FileRef:
    sha256 = hashlib.sha256(packed).hexdigest()
    path = blob_path(sha256)
    files[path] = OutputFile(path=path, content=packed)
    return FileRef(sha256=sha256, size_bytes=len(packed))
