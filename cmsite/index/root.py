"""root.json, the only file of the index that changes: what the catalogue is and the digests of everything below.

Source: facts/index.md §2, CONTRACT §7.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cmsite.errors import IntegrityError
from cmsite.index.layout import MAX_BITS
from cmsite.index.references import FileRef, file_value, files_value, keyed_file, parse_file, parse_files
from cmsite.index.strict import Table, canonical, parse_json

SCHEMA = "cm-index/1"
MAX_TERM_NODES = 64
MAX_ROOT_BYTES = 4_000_000  # A root of a million artifacts has about 8 kB.

_REGISTRY_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Leaves addressed by the top `bits` of a key's sha256, below 2**`node_bits` nodes.

    A node that holds nothing is None.
    """

    bits: int
    node_bits: int
    nodes: tuple[FileRef | None, ...]

    def node_of(self, leaf: int) -> int:
        """Return the node that holds a leaf."""
        return leaf >> (self.bits - self.node_bits)

    @property
    def leaves_a_node(self) -> int:
        """Return how many entries each node has."""
        return 1 << (self.bits - self.node_bits)


class TermNode(NamedTuple):
    """A node of the tree of terms: it holds the keys from `first` on, up to the first one of the next node."""

    first: str
    file: FileRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The tree of terms: `count` documents; `docs` is what the publisher remembers of them."""

    count: int
    nodes: tuple[TermNode, ...]
    docs: FileRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The content of root.json.

    `gen` counts published contents from 1, 0 is a preview; `prev` is the sha256 of the root before; `created_s` and
    `expires_s` are seconds since 1970; `zlib` is the version for which equal bytes are promised; `count` counts records;
    `drafts` says that records under embargo are among them, so that nothing may publish it; `bases` are addresses of mirrors; `all` lists the parts that together hold every record, nothing where searches read `terms` and `delta`; `sha256` is the digest of
    the bytes it was read from, "" for a root not yet written.
    """

    registry_id: str
    gen: int
    prev: str | None
    created_s: int
    zlib: str
    count: int
    records: Tree
    uids: Tree
    all: tuple[FileRef, ...]
    terms: Terms | None = None
    delta: FileRef | None = None
    bases: tuple[str, ...] = ()
    expires_s: int | None = None
    drafts: bool = False
    sha256: str = field(default="", compare=False)

    @property
    def is_preview(self) -> bool:
        """Return whether this was built without a previous index: its counting may restart, so nobody keeps state."""
        return self.gen == 0


def emit_root(root: Root) -> bytes:
    """Return the bytes of root.json, ended by a line feed."""
    document = {
        "schema": SCHEMA,
        "registry_id": root.registry_id,
        "gen": root.gen,
        "prev": root.prev,
        "created": root.created_s,
        "expires": root.expires_s,
        "zlib": root.zlib,
        "count": root.count,
        "bases": list(root.bases),
        "records": _tree_value(root.records),
        "uids": _tree_value(root.uids),
        "terms": _terms_value(root.terms),
        "delta": file_value(root.delta),
        "all": [file_value(part) for part in root.all],
    }
    if root.drafts:
        document["drafts"] = True
    return canonical(document) + b"\n"


def parse_root(data: bytes, where: str = "root.json") -> Root:
    """Read the bytes of root.json.

    Raises `IntegrityError` where they are not what docs/index-format.md says, naming the value.
    """
    if len(data) > MAX_ROOT_BYTES:
        raise IntegrityError(f"{where}: {len(data)} bytes, expected at most {MAX_ROOT_BYTES}")
    table = Table(parse_json(data, where), where=where)
    schema = table.text("schema")
    if schema != SCHEMA:
        raise table.wrong("schema", f'"{SCHEMA}" (another version may need a newer cmsite)')
    terms = _parse_terms(table)
    delta = parse_file(table.value("delta"), table, "delta")
    if delta is not None and terms is None:
        raise table.wrong("delta", "null, as there are no terms that it could change")
    return Root(
        registry_id=_registry_id(table),
        gen=table.integer("gen"),
        prev=table.optional_digest("prev"),
        created_s=table.integer("created"),
        expires_s=table.optional_integer("expires"),
        zlib=table.text("zlib"),
        count=table.integer("count"),
        bases=table.texts("bases", []),
        records=_parse_tree(table.table("records")),
        uids=_parse_tree(table.table("uids")),
        all=_parse_all(table),
        terms=terms,
        delta=delta,
        drafts=table.has("drafts"),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def is_registry_id(text: object) -> bool:
    """Return whether this is a registry's identity: 32 lower-case hexadecimal digits."""
    return isinstance(text, str) and _REGISTRY_ID.match(text) is not None


def _registry_id(table: Table) -> str:
    text = table.text("registry_id")
    if not is_registry_id(text):
        raise table.wrong("registry_id", "32 lower-case hexadecimal digits")
    return text


def _tree_value(tree: Tree) -> dict[str, Any]:
    return {"bits": tree.bits, "node_bits": tree.node_bits, "nodes": files_value(tree.nodes)}


def _parse_tree(table: Table) -> Tree:
    bits = table.integer("bits", high=MAX_BITS)
    bits_of_nodes = table.integer("node_bits", high=bits)
    nodes = parse_files(table.table("nodes"), 1 << bits_of_nodes)
    return Tree(bits=bits, node_bits=bits_of_nodes, nodes=nodes)


def _terms_value(terms: Terms | None) -> Any:
    if terms is None:
        return None
    nodes = [[node.first, *file_value(node.file)] for node in terms.nodes]
    return {"count": terms.count, "nodes": nodes, "docs": file_value(terms.docs)}


def _parse_terms(table: Table) -> Terms | None:
    if not table.has("terms"):
        return None
    below = table.table("terms")
    nodes: list[TermNode] = []
    for number, value in enumerate(below.items("nodes", limit=MAX_TERM_NODES)):
        key, file = keyed_file(value, below, f"nodes[{number}]")
        if nodes and nodes[-1].first >= key:
            raise below.wrong(f"nodes[{number}]", "keys that rise", value)
        nodes.append(TermNode(first=key, file=file))
    docs = parse_file(below.value("docs"), below, "docs")
    if docs is None:
        raise below.wrong("docs", "[sha256, size in bytes]")
    return Terms(count=below.integer("count"), nodes=tuple(nodes), docs=docs)


def _parse_all(table: Table) -> tuple[FileRef, ...]:
    files = []
    for number, value in enumerate(table.items("all")):
        file = parse_file(value, table, f"all[{number}]")
        if file is None:
            raise table.wrong(f"all[{number}]", "[sha256, size in bytes]", value)
        files.append(file)
    return tuple(files)
