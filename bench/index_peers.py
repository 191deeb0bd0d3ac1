"""What other static registries would make a client fetch for the same artifacts: modelled, not run.

    python bench/index_peers.py RECORDS

Each model writes the files of the layout as its documentation describes them, with the fields that our records have, and
counts their bytes; zlib stands for every other compression. Prints one JSON object: for each peer, [requests, bytes] of
looking one name up, and of answering a search by word or tag completely.

* conda: CEP 16, one list of names with the digest of a shard each, one shard a name (msgpack, zstd).
* PyPI: the simple repository API (PEP 691), one page a name, and one of all names.
* Helm: one index.yaml with an entry a version, which servers send packed.
* cargo: the sparse index, one file a name; searching needs a server.
* cm: `cm pull repo` clones whole repositories, and searches what it cloned. The size of an artifact is that of its archive.
"""

import argparse
import json
import statistics
import zlib
from pathlib import Path
from typing import Any

from index_steps import read_records

from cmsite.index.records import Record


class Packed:
    """How many bytes a stream packs to."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(6)
        self.size_bytes = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size_bytes += len(self._compressor.compress(data))

    def total(self) -> int:
        """Return the size of all."""
        return self.size_bytes + len(self._compressor.flush())


def main() -> None:
    """Model everything in one pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path)
    print(json.dumps(modelled(parser.parse_args().records)))


def modelled(records: Path) -> dict[str, Any]:
    """Return the figures of every peer."""
    conda, simple, helm = Packed(), Packed(), Packed()
    shards: list[int] = []
    pages: list[int] = []
    repositories: dict[str, int] = {}
    for number, record in enumerate(read_records(records)):
        digest = bytes.fromhex(record.versions[-1].archive_sha256)
        conda.add(record.name.encode() + b"\xc4\x20" + digest)
        simple.add(b'{"name":"%b"},' % record.name.encode())
        helm.add(_yaml(record))
        size = sum(version.size_bytes for version in record.versions)
        repositories[record.repository] = repositories.get(record.repository, 0) + size
        if number % 100 == 0:  # Their mean is enough.
            shards.append(len(zlib.compress(_shard(record))))
            pages.append(len(zlib.compress(_page(record))))
    yaml = helm.total()
    count, names, shard, page = number + 1, conda.total(), round(statistics.mean(shards)), round(statistics.mean(pages))
    return {
        "conda": {"look up": [2, names + shard], "search": [1 + count, names + count * shard]},
        "PyPI": {"look up": [1, page], "search": [1 + count, simple.total() + count * page]},
        "Helm": {"look up": [1, yaml], "search": [1, yaml]},
        "cargo": {"look up": [2, page], "search": None},
        "cm pull repo": {
            "look up": [1, round(statistics.median(repositories.values()))],
            "search": [len(repositories), sum(repositories.values())],
        },
    }


def _shard(record: Record) -> bytes:
    """Return about what a shard holds; JSON stands for msgpack."""
    return json.dumps(_fields(record)).encode()


def _page(record: Record) -> bytes:
    files = [
        {
            "filename": f"{record.alias}-{version.revision}.tar.gz",
            "hashes": {"sha256": version.archive_sha256},
            "url": "",
        }
        for version in record.versions
    ]
    return json.dumps({"meta": {"api-version": "1.0"}, "name": record.name, "files": files}).encode()


def _yaml(record: Record) -> bytes:
    """Return the entry of a chart."""
    fields = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in _fields(record).items())
    return f"  {record.name}:\n  -\n{fields}".encode()


def _fields(record: Record) -> dict[str, Any]:
    version = record.versions[-1]
    return {
        "name": record.alias,
        "repository": record.repository,
        "keywords": record.tags,
        "description": record.description,
        "version": f"r{version.revision}",
        "digest": version.archive_sha256,
        "size": version.size_bytes,
        "created": version.time_s,
        "urls": [f"artifacts/{version.archive_sha256}.tar.gz"],
    }


if __name__ == "__main__":
    main()
