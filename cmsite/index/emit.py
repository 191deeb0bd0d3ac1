"""Records to the files of the index; the order in which records come does not matter, root.json comes last.

It does not write them and does not decide revisions (`revise`). Source: facts/index.md §2, CONTRACT §7.
"""

import hashlib
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from cmsite.errors import ConfigurationError, IntegrityError
from cmsite.index.catalogue import Documents, Lines, Ranges, changed_hashes
from cmsite.index.delta import emit_delta
from cmsite.index.layout import ROOT_PATH, IndexLimits, blob_path, node_bits, record_bits, uid_bits, uid_node_bits
from cmsite.index.packing import packed_file, unpack
from cmsite.index.read import checked
from cmsite.index.records import Record
from cmsite.index.references import FileRef, files_value
from cmsite.index.root import Root, Terms, Tree, emit_root, is_registry_id
from cmsite.index.spreading import Spread, alone
from cmsite.index.strict import canonical
from cmsite.index.terms import Stored, TermTree
from cmsite.outputs import OutputFile

_Files = Generator[OutputFile, None, None]

# gzip never beats this on records, half of which are digests; more is not packed to see whether it fits.
_BEST_RATIO = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The index whose tree of terms is kept as long as little changed; `read` returns the bytes at a path of its site.

    `keep` brings all files of the tree beside the new ones, once it is certain that it goes on; False where it cannot.
    """

    root: Root
    read: Callable[[str], bytes]
    keep: Callable[[], bool] = lambda: True


def emit_index(
    records: Iterable[Record],
    *,
    registry_id: str,
    previous: Root | None = None,
    before: Before | None = None,
    first: bool = False,
    created_s: int = 0,
    bases: tuple[str, ...] = (),
    drafts: bool = False,
    limits: IndexLimits | None = None,
    spread: Spread = alone,
) -> Iterator[OutputFile]:
    """Yield every file of the index that is not in `before`, root.json last.

    `previous` is the root being continued; where nothing but its counting would change, its bytes are returned again.
    Without it the build is a preview (gen 0), or with `first` the first generation of a registry (gen 1). The tree of
    terms of `before` goes on where it has one that can be kept. `spread` may do the work in several processes.

    Raises `ConfigurationError` for a registry_id that is none, `IntegrityError` where `previous` is another registry's.
    """
    if not is_registry_id(registry_id):
        raise ConfigurationError(
            f"registry_id is {registry_id!r}, expected 32 lower-case hexadecimal digits; `cmsite new` draws one"
        )
    if previous is not None:
        _refuse_foreign(previous, registry_id)
    root = Root(
        registry_id=registry_id,
        gen=1 if first else 0,
        prev=None,
        created_s=created_s,
        zlib=zlib.ZLIB_RUNTIME_VERSION,
        count=0,
        bases=bases,
        records=Tree(bits=0, node_bits=0, nodes=(None,)),
        uids=Tree(bits=0, node_bits=0, nodes=(None,)),
        all=(),
        drafts=drafts,
    )
    return _files(records, root, previous, before, limits or IndexLimits(), spread)


def continued(root: Root, previous: Root) -> Root:
    """Return the root that follows `previous`: the same one where the content is the same, else the next generation.

    Raises `IntegrityError` where they belong to different registries.
    """
    _refuse_foreign(previous, root.registry_id)
    same = replace(
        previous,
        records=root.records,
        uids=root.uids,
        all=root.all,
        terms=root.terms,
        delta=root.delta,
        count=root.count,
        bases=root.bases,
    )
    if same == previous and hashlib.sha256(emit_root(previous)).hexdigest() == previous.sha256:
        return previous
    return replace(root, gen=previous.gen + 1, prev=previous.sha256)


def _refuse_foreign(previous: Root, registry_id: str) -> None:
    if previous.registry_id != registry_id:
        raise IntegrityError(
            f"the previous index belongs to registry {previous.registry_id}, this catalogue is {registry_id}; "
            "give the index of this registry with --previous, or correct registry_id in registry.yml"
        )


def _files(
    records: Iterable[Record],
    root: Root,
    previous: Root | None,
    before: Before | None,
    limits: IndexLimits,
    spread: Spread,
) -> _Files:
    lines = Lines(records, spread)
    uid_tree = yield from _tree(lines.uid_leaves(uid_bits(lines.count_uids())), uid_node_bits, spread)
    record_tree = yield from _tree(lines.leaves(record_bits(len(lines))), node_bits, spread)
    root = replace(root, count=len(lines), records=record_tree, uids=uid_tree)
    everything = _everything(lines, limits)
    if everything is not None:
        yield everything.output
        root = replace(root, all=(everything.ref,))
    elif len(lines):
        lines.forget_versions()
        terms, delta = yield from _searched(lines, before, limits, spread)
        root = replace(root, terms=terms, delta=delta)
    if previous is not None:
        root = continued(root, previous)
    yield OutputFile(path=ROOT_PATH, content=emit_root(root))


def _tree(lines: Ranges, bits_for_nodes: Callable[[int], int], spread: Spread) -> Generator[OutputFile, None, Tree]:
    """Yield leaves and nodes, and return the tree above them."""
    bits = lines.bits
    leaves: list[FileRef | None] = [None] * (1 << bits)
    packed = chain.from_iterable(spread(_packed_leaves, lines, range(len(lines.numbers))))
    for number, (sha256, content) in zip(lines.numbers, packed, strict=True):
        stored = Stored.of(sha256, content)
        leaves[number] = stored.ref
        yield stored.output
    bits_of_nodes = bits_for_nodes(bits)
    size = 1 << (bits - bits_of_nodes)
    nodes: list[FileRef | None] = []
    for start in range(0, len(leaves), size):
        some = leaves[start : start + size]
        if not any(some):
            nodes.append(None)
            continue
        stored = Stored.of(*packed_file(canonical(files_value(some)) + b"\n"))
        nodes.append(stored.ref)
        yield stored.output
    return Tree(bits=bits, node_bits=bits_of_nodes, nodes=tuple(nodes))


def _packed_leaves(lines: Ranges, leaves: Sequence[int]) -> list[tuple[str, bytes]]:
    return [packed_file(lines.content(leaf)) for leaf in leaves]


def _everything(lines: Lines, limits: IndexLimits) -> Stored | None:
    """Return `all`, None where it would be too large."""
    content = lines.full(limits.all_bytes * _BEST_RATIO)
    if not content:
        return None
    stored = Stored.of(*packed_file(content))
    return stored if stored.ref.size_bytes <= limits.all_bytes else None


def _searched(
    lines: Lines, before: Before | None, limits: IndexLimits, spread: Spread
) -> Generator[OutputFile, None, tuple[Terms, FileRef | None]]:
    """Yield the files that searches read, and return how root.json names them: those before and a delta, or new ones."""
    documents = lines.documents()
    if before is not None and before.root.terms is not None:
        kept = _changes(lines, documents, before.root.terms, before.read, limits)
        if kept is not None and before.keep():
            delta = None
            for stored in kept:
                yield stored.output
                delta = stored.ref
            return before.root.terms, delta
    tree = TermTree(documents, limits, spread)
    yield from tree.files()
    assert tree.terms is not None  # noqa: S101 - set where all files were made.
    return tree.terms, None


def _changes(
    lines: Lines, documents: Documents, terms: Terms, read: Callable[[str], bytes], limits: IndexLimits
) -> list[Stored] | None:
    """Return the delta to a tree, nothing where nothing changed, None where too much did or the tree is damaged."""
    path = blob_path(terms.docs.sha256)
    try:
        old = unpack(checked(read(path), terms.docs, path), where=path)
    except IntegrityError:
        return None
    hashes = changed_hashes(old, bytes(documents.docs))
    if not hashes:
        return []
    if len(hashes) > limits.delta_records:
        return None
    changed = lines.changed(hashes)
    stored = Stored.of(*packed_file(emit_delta(hashes, changed)))
    fits = len(changed) <= limits.delta_records and stored.ref.size_bytes <= limits.delta_bytes
    return [stored] if fits else None
