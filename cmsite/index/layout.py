"""Where the files of the index lie and how big its trees are: pure functions of digests and counts.

A tree has 2**bits leaves, addressed by the top bits of a key's sha256, below 2**node_bits nodes. The numbers are chosen
here by the publisher and stated in root.json; a reader takes them from there and never computes them.
Source: facts/index.md §2 (leaf of about 13 kB, cold resolve of at most 3 requests and 30 kB at a million artifacts).
"""

import hashlib
from typing import NamedTuple

from cmsite.index.strict import is_digest

FOLDER = "cm-index/v1"
ROOT_PATH = f"{FOLDER}/root.json"
ARCHIVES_FOLDER = "artifacts"
MANIFESTS_FOLDER = f"{FOLDER}/manifest"
BLOBS_FOLDER = f"{FOLDER}/b"
ROOTS_FOLDER = f"{FOLDER}/roots"

MAX_BITS = 24  # 16 million leaves; beyond, a reader would be made to allocate for nothing.
MAX_ALL_PART_BYTES = 256_000  # Packed size of one part of `all` (CONTRACT §7).


class IndexLimits(NamedTuple):
    """How an index is cut; readers take all of this from the files but `max_nodes`.

    `all` has at most `all_bytes`, a delta `delta_records` and `delta_bytes`. In the tree of terms `chunk` entries stand in
    a file of their own; a key of `least_common` documents may have a slot; `leaf_bytes` is what a leaf packs to at most,
    but for one key of many documents; a node has `leaves_a_node`, more where there would be over `max_nodes`. A word is
    looked up as the keys that begin with it until these have `enough` documents.
    """

    all_bytes: int = MAX_ALL_PART_BYTES
    delta_records: int = 1500
    delta_bytes: int = 400_000
    chunk: int = 16_384
    least_common: int = 1024
    enough: int = 1024
    leaf_bytes: int = 19_000
    leaves_a_node: int = 256
    max_nodes: int = 7  # Each costs every resolve 107 bytes of root.json.


_RECORDS_A_LEAF = 60  # At most, on average; a record packs to about 190 bytes, most of them digests.
_UIDS_A_LEAF = 300  # A uid with its names packs to about 45 bytes.


def blob_path(sha256: str) -> str:
    """Return where a content-addressed file lies, relative to the site's root.

    >>> blob_path("ab" * 32)[:16]
    'cm-index/v1/b/ab'
    """
    if not is_digest(sha256):
        raise ValueError(f"not a sha256: {sha256!r}")
    return f"{BLOBS_FOLDER}/{sha256[:2]}/{sha256}.gz"


def manifest_path(sha256: str) -> str:
    """Return where the manifest with these bytes lies, relative to the site's root.

    Its ending tells servers that serve no `Content-Type` of their own, and browsers, what it is.

    >>> manifest_path("ab" * 32)[:25]
    'cm-index/v1/manifest/abab'
    """
    if not is_digest(sha256):
        raise ValueError(f"not a sha256: {sha256!r}")
    return f"{MANIFESTS_FOLDER}/{sha256}.json"


def past_root_path(sha256: str) -> str:
    """Return where the root.json with these bytes lies once another one took its place."""
    if not is_digest(sha256):
        raise ValueError(f"not a sha256: {sha256!r}")
    return f"{ROOTS_FOLDER}/{sha256}.json"


def archive_path(archive_sha256: str) -> str:
    """Return where an archive without an address of its own lies, relative to the site's root."""
    if not is_digest(archive_sha256):
        raise ValueError(f"not a sha256: {archive_sha256!r}")
    return f"{ARCHIVES_FOLDER}/{archive_sha256}.tar.gz"


def key_digest(key: str) -> bytes:
    """Return the sha256 of a name or uid, whose top bits choose the leaf."""
    return hashlib.sha256(key.encode("utf-8")).digest()


def leaf_number(digest: bytes, bits: int) -> int:
    """Return the leaf a key belongs to.

    >>> leaf_number(bytes.fromhex("f0000000") + bytes(28), 2), leaf_number(bytes(32), 0)
    (3, 0)
    """
    return int.from_bytes(digest[:4], "big") >> (32 - bits)


def record_bits(count: int) -> int:
    """Return how many bits choose the leaf among `count` records.

    >>> record_bits(0), record_bits(60), record_bits(61), record_bits(1_000_000)
    (0, 0, 1, 15)
    """
    return _bits(count, _RECORDS_A_LEAF)


def uid_bits(count: int) -> int:
    """Return how many bits choose the leaf among `count` uid records."""
    return _bits(count, _UIDS_A_LEAF)


def node_bits(bits: int) -> int:
    """Return how many of the leaf's bits choose the node.

    Half of them, rounded down, less one for even numbers: an entry costs 48 bytes in root.json, which is not packed,
    and 36 in a node.

    >>> node_bits(0), node_bits(2), node_bits(13)
    (0, 0, 6)
    """
    return max(0, (bits - 1) // 2)


def uid_node_bits(bits: int) -> int:
    """Return how many of the bits of a uid's leaf choose the node: two less, as every look-up pays for root.json.

    >>> uid_node_bits(0), uid_node_bits(12)
    (0, 3)
    """
    return max(0, node_bits(bits) - 2)


def _bits(count: int, per_leaf: int) -> int:
    """Return the smallest number of bits whose leaves hold at most `per_leaf` of `count` on average."""
    return min(MAX_BITS, max(0, (count - 1) // per_leaf).bit_length())
