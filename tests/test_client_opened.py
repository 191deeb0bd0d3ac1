"""What a process keeps of an index in memory: the same answers, each file read once, a bounded size."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cmsite.client.cache import Cache
from cmsite.client.opened import Opened
from cmsite.client.remote import RemoteRegistry
from cmsite.client.transport import Transport
from cmsite.errors import IntegrityError
from cmsite.index.layout import ROOT_PATH, blob_path
from cmsite.index.lines import emit_record
from cmsite.index.packing import pack
from cmsite.index.references import FileRef, files_value
from cmsite.index.root import emit_root, parse_root
from cmsite.index.strict import canonical
from tests.hostile_server import HostileServer, hostile_server
from tests.index_values import digest, many, record, site_of


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


def test_what_was_not_used_for_longest_makes_room():
    opened, read = Opened(max_signs=10), list[str]()

    def fresh(key: str) -> str:
        read.append(key)
        return key * 4

    def get(key: str) -> str:
        return opened.get(key, lambda: fresh(key), len)

    for key in "abaca":
        assert get(key) == key * 4
    assert read == ["a", "b", "c"]
    get("b")
    assert read == ["a", "b", "c", "b"]
    assert "c" not in opened


def test_a_value_larger_than_everything_is_not_held():
    opened = Opened(max_signs=3)
    assert opened.get("a", lambda: "long", len) == "long"
    assert "a" not in opened


@pytest.mark.parametrize("count", [20, 2000])
def test_many_look_ups_read_each_file_once(
    world: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
):
    world.files |= site_of(many(count))
    cache = Cache(tmp_path / "cache")
    read: list[str] = []
    real = cache.read

    def noted(sha256: str) -> bytes | None:
        read.append(sha256)
        return real(sha256)

    monkeypatch.setattr(cache, "read", noted)
    registry = RemoteRegistry(world.url, transport=Transport(world.url), cache=cache)
    for number in (*range(20), *range(20)):
        assert registry.resolve(f"script:artifact-{number}").record == record(f"artifact-{number}")
        assert registry.resolve(digest(f"artifact-{number}")[:16]).record == record(f"artifact-{number}")
    assert len(world.asked) == len(set(world.asked))
    (part,) = parse_root(world.files[ROOT_PATH]).all  # Asked for at each look-up: another process may have fetched it.
    assert {read.count(sha256) for sha256 in read if sha256 != part.sha256} <= {1}


def test_case_79_a_record_that_does_not_belong_to_its_leaf_is_refused(world: HostileServer, tmp_path: Path):
    world.files |= site_of(many(2000))
    put_into_every_leaf(world, emit_record(record("artifact-7", automation="data")))
    registry = RemoteRegistry(world.url, transport=Transport(world.url), cache=Cache(tmp_path / "cache"))
    with pytest.raises(IntegrityError, match=r"'data:artifact-7' belongs to leaf \d+, found in leaf \d+"):
        registry.resolve("script:artifact-7")


def put_into_every_leaf(world: HostileServer, line: bytes) -> None:
    """Replace all leaves of records by one with this line, digests and all."""

    def put(data: bytes) -> FileRef:
        reference = FileRef(sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
        world.files[blob_path(reference.sha256)] = data
        return reference

    root = parse_root(world.files[ROOT_PATH])
    leaf = put(pack(line + b"\n"))
    node = put(pack(canonical(files_value([leaf] * root.records.leaves_a_node))))
    changed = replace(root, records=replace(root.records, nodes=tuple(node for _ in root.records.nodes)))
    world.files[ROOT_PATH] = emit_root(changed)
