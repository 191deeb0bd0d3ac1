"""An index with a tree of terms, written as simply as docs/index-format.md allows, with bounds small enough for tests.

Shares no code with the publisher; whole files are made with the standard library alone.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.naive_search import Doc, Json, Tree, docs_of, hash_of, listed, name

SEARCHED = ("words", "variations", "has")


@dataclass
class Written:
    """The files of an index by path, and what an oracle must know of its tree (None where it has `all`)."""

    files: dict[str, bytes] = field(default_factory=dict)
    tree: Tree | None = None

    def store(self, content: bytes) -> list[Any]:
        """Keep a packed file and return its [sha256, size]."""
        packed = gzip.compress(content, mtime=0)
        sha256 = hashlib.sha256(packed).hexdigest()
        self.files[f"cm-index/v1/b/{sha256[:2]}/{sha256}.gz"] = packed
        return [sha256, len(packed)]

    def root(self, **more: Any) -> "Written":
        """Write root.json with these values."""
        values = {
            "schema": "cm-index/1",
            "registry_id": "0" * 32,
            "gen": 1,
            "prev": None,
            "created": 0,
            "expires": None,
        }
        values |= {"zlib": "1", "bases": [], "all": [], "terms": None, "delta": None}
        self.files["cm-index/v1/root.json"] = line(values | more)
        return self


def write_all(records: Sequence[Json]) -> Written:
    """Return an index whose records are all in one file."""
    index = Written()
    trees = {"records": record_tree(index, records, 0, 0), "uids": uid_tree(index, records)}
    return index.root(count=len(records), all=[index.store(b"".join(map(line, records)))], **trees)


def write_tree(
    records: Sequence[Json],
    before: Sequence[Json] | None = None,
    *,
    chunk: int = 4,
    least_common: int = 6,
    keys_a_leaf: int = 9,
    leaves_a_node: int = 5,
    enough: int = 12,
    most: int = 6,
) -> Written:
    """Return an index with a tree of terms as of `before` (all of them unless given) and a delta of what changed."""
    old, now = docs_of(list(records if before is None else before)), docs_of(list(records))
    changed = changed_hashes(old, now)
    index = Written()
    keys = {key for doc in old for key in doc.keys}
    counts = {key: sum(key in doc.keys for doc in old) for key in keys}
    common = sorted((key for key in keys if counts[key] >= least_common), key=lambda key: (-counts[key], key))[:64]
    index.tree = Tree(docs=old, common=common, changed=changed, most=most, enough=enough)
    lines = [(key, line(term(index, key, index.tree, chunk)), counts[key]) for key in sorted(keys)]
    leaves = []
    for at in range(0, len(lines), keys_a_leaf):
        some = lines[at : at + keys_a_leaf]
        leaves.append(
            [
                some[0][0],
                *index.store(b"".join(text for _, text, _ in some)),
                len(some),
                sum(count for _, _, count in some),
            ]
        )
    nodes = []
    for at in range(0, len(leaves), leaves_a_node):
        below = leaves[at : at + leaves_a_node]
        node = {"chunk": chunk, "enough": enough, "common": [[key, counts[key]] for key in common], "leaves": below}
        nodes.append([below[0][0], *index.store(line(node))])
    return index.root(
        count=len(records),
        records=record_tree(index, records, 3, 1),
        uids=uid_tree(index, records),
        terms={"count": len(old), "nodes": nodes, "docs": index.store(b"")},
        delta=delta(index, now, changed) if changed else None,
    )


def term(index: Written, key: str, tree: Tree, chunk: int) -> Json:
    docs = listed(key, tree)
    value: Json = {"t": key, "n": len(docs), "l": [sum(doc.keys[key] == level for doc in docs) for level in (3, 2, 1)]}
    if len(docs) <= chunk:
        return value | {"d": columns(docs, key, tree.common)}
    parts = [docs[at : at + chunk] for at in range(0, len(docs), chunk)]
    if key in tree.common:
        value["b"] = [sum(other in doc.keys for doc in parts[0]) for other in tree.common]
    return value | {"c": [[*index.store(line({"d": columns(part, key, tree.common)})), len(part)] for part in parts]}


def columns(docs: list[Doc], _key: str, common: list[str]) -> str:
    rows = []
    for doc in docs:
        passive, words, letters, hashed, ordinal = doc.place
        mask = [0] * 16
        for slot, key in enumerate(common):
            mask[slot // 4] |= doc.keys.get(key, 0) << 2 * (slot % 4)
        rows.append([*hashed.to_bytes(4, "big"), *ordinal.to_bytes(2, "big"), passive << 7 | words, letters, *mask])
    return base64.b64encode(bytes(row[at] for at in range(24) for row in rows)).decode()


def changed_hashes(old: list[Doc], now: list[Doc]) -> set[int]:
    def seen(docs: list[Doc]) -> set[Any]:
        return {(doc.place, tuple(sorted(doc.keys.items()))) for doc in docs}

    return {place[-2] for place, _ in seen(old) ^ seen(now)}


def delta(index: Written, docs: list[Doc], changed: set[int]) -> list[Any]:
    lines = [line({"hashes": sorted(changed)})]
    for doc in docs:
        if any(hash_of(name(record)) in changed for record in doc.copies):
            lines.extend(line(record) for record in doc.copies)
    return index.store(b"".join(lines))


def record_tree(index: Written, records: Sequence[Json], bits: int, node_bits: int) -> Json:
    return tree_of(index, [(name(record), lean(record)) for record in records], bits, node_bits)


def uid_tree(index: Written, records: Sequence[Json]) -> Json:
    names: dict[str, set[str]] = {}
    for record in records:
        if record.get("uid"):
            names.setdefault(record["uid"].lower(), set()).add(name(record))
    return tree_of(index, [(uid, {"uid": uid, "names": sorted(some)}) for uid, some in names.items()], 1, 0)


def tree_of(index: Written, values: Sequence[tuple[str, Json]], bits: int, node_bits: int) -> Json:
    leaves: list[list[bytes]] = [[] for _ in range(2**bits)]
    for key, value in values:
        leaves[hash_of(key) >> (32 - bits) if bits else 0].append(line(value))
    stored = [index.store(b"".join(leaf)) if leaf else None for leaf in leaves]
    size = 2 ** (bits - node_bits)
    nodes = [stored[at : at + size] for at in range(0, len(stored), size)]
    return {
        "bits": bits,
        "node_bits": node_bits,
        "nodes": named([index.store(line(named(node))) if any(node) else None for node in nodes]),
    }


def named(files: Sequence[Any]) -> Json:
    digests = b"".join(bytes.fromhex(file[0]) if file else bytes(32) for file in files)
    return {"sha256": base64.b64encode(digests).decode(), "sizes": [file[1] if file else 0 for file in files]}


def lean(record: Json) -> Json:
    return {key: value for key, value in record.items() if key not in SEARCHED}


def line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
