"""A registry whose files vanish, are swapped, empty or packed twice; processes killed while they fetch.

Numbers: facts/index.md §4.
"""

import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from cmsite.client.cache import Cache
from cmsite.client.fetching import TransportLimits
from cmsite.client.remote import RemoteRegistry
from cmsite.client.transport import Transport
from cmsite.client.trust import TrustStore
from cmsite.errors import IntegrityError, NetworkError, NotFoundError
from cmsite.index.layout import ROOT_PATH, archive_path, blob_path
from cmsite.index.packing import pack
from cmsite.index.references import FileRef, files_value
from cmsite.index.root import emit_root, parse_root
from cmsite.index.strict import canonical
from tests.hostile_server import Handler, HostileServer, answer, hostile_server, in_turn, ranged
from tests.index_values import many, record, site_of, version

LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=2, backoff_s=0.01)
ARCHIVE = gzip.compress(os.urandom(3000))
SHA256 = hashlib.sha256(ARCHIVE).hexdigest()
ONE = replace(version(), archive_sha256=SHA256, size_bytes=len(ARCHIVE))


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


@pytest.fixture
def open_it(world: HostileServer, tmp_path: Path) -> Callable[..., RemoteRegistry]:
    def act(url: str = "", cache: str = "cache") -> RemoteRegistry:
        url = url or world.url
        store, trust = Cache(tmp_path / cache), TrustStore(tmp_path / "config")
        return RemoteRegistry(url, transport=Transport(url, limits=LIMITS), cache=store, trust=trust)

    return act


def files_of(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def put(world: HostileServer, data: bytes) -> FileRef:
    reference = FileRef(sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
    world.files[blob_path(reference.sha256)] = data
    return reference


# What the server makes of an archive.


def test_case_58_an_archive_that_is_called_packed_is_taken_as_it_is(world: HostileServer, open_it):
    world.files |= site_of([record(versions=(ONE,))])
    world.answers[archive_path(SHA256)] = answer(200, ARCHIVE, Content_Encoding="gzip")
    assert open_it().archive(ONE).read_bytes() == ARCHIVE


def test_case_58_an_archive_that_is_packed_twice_is_refused(world: HostileServer, open_it, tmp_path: Path):
    world.files |= site_of([record(versions=(ONE,))])
    twice = gzip.compress(ARCHIVE)
    world.answers[archive_path(SHA256)] = answer(200, twice, Content_Encoding="gzip")
    larger = replace(ONE, size_bytes=len(twice))
    with pytest.raises(IntegrityError, match=r"the server packed them once more, although asked not to\), expected"):
        open_it().archive(larger)
    assert twice not in files_of(tmp_path / "cache")


def test_case_59_a_page_in_the_place_of_an_archive_is_refused_and_not_kept(
    world: HostileServer, open_it, tmp_path: Path
):
    world.files |= site_of([record(versions=(ONE,))])
    page = b"<!doctype html><title>Not found</title>"
    world.answers[archive_path(SHA256)] = answer(200, page, Content_Type="text/html")
    with pytest.raises(IntegrityError, match=rf"39 bytes with sha256 .*, expected {SHA256}"):
        open_it().archive(ONE)
    assert page not in files_of(tmp_path / "cache")
    del world.answers[archive_path(SHA256)]
    world.files[archive_path(SHA256)] = ARCHIVE
    assert open_it().archive(ONE).read_bytes() == ARCHIVE


def test_case_60_a_leaf_that_is_refused_is_no_missing_one(world: HostileServer, open_it):
    world.files |= site_of(many(3))
    world.answers[blob_path(parse_root(world.files[ROOT_PATH]).all[0].sha256)] = answer(403)
    with pytest.raises(NetworkError, match="answered 403, access is refused"):
        open_it().records()
    assert world.count(ROOT_PATH) == 1


# What the index says.


def test_case_62_an_empty_shard_holds_nothing(world: HostileServer, open_it):
    world.files |= site_of(many(2000))
    root = parse_root(world.files[ROOT_PATH])
    empty = put(world, pack(b""))
    node = put(world, pack(canonical(files_value([empty] * root.records.leaves_a_node))))
    nodes = tuple(node if number % 2 else None for number in range(len(root.records.nodes)))
    bare = replace(root, records=replace(root.records, nodes=nodes))
    world.files[ROOT_PATH] = emit_root(bare)
    for number in range(5):
        with pytest.raises(NotFoundError):
            open_it(cache=f"cache-{number}").resolve(f"script:artifact-{number}")


@pytest.mark.parametrize("name", ["../../../etc/passwd", "A" * 64, "0" * 63 + "g", "0" * 65, "", "0" * 64 + "\n"])
def test_case_65_a_digest_that_is_none_never_becomes_an_address(world: HostileServer, open_it, name: str):
    world.files |= site_of(many(3))
    document = json.loads(world.files[ROOT_PATH])
    document["all"] = [[name, 10]]
    world.files[ROOT_PATH] = json.dumps(document).encode()
    with pytest.raises(IntegrityError, match=r"root\.json: all\[0\]"):
        open_it().records()
    assert world.asked == [ROOT_PATH]


def test_case_76_a_cut_leaf_at_its_final_name_is_refused_until_it_is_whole(
    world: HostileServer, open_it, tmp_path: Path
):
    world.files |= site_of(many(3))
    path = blob_path(parse_root(world.files[ROOT_PATH]).all[0].sha256)
    whole = world.files[path]
    world.files[path] = whole[:-9]
    with pytest.raises(IntegrityError, match="damaged or tampered with"):
        open_it().records()
    assert whole[:-9] not in files_of(tmp_path / "cache")
    world.files[path] = whole
    assert len(open_it().records()) == 3


def test_case_77_leaves_that_are_collected_under_a_reader(world: HostileServer, open_it):
    """The publisher replaces everything between the node and the leaf of a look-up."""
    old = site_of(many(2000))
    first = parse_root(old[ROOT_PATH])
    new = site_of([*many(2000), record("one-more")], previous=first)
    world.files |= old
    for reference in first.records.nodes:
        if reference:
            world.answers[blob_path(reference.sha256)] = _collecting(world, old[blob_path(reference.sha256)], new)
    assert open_it().resolve("script:artifact-7").record.alias == "artifact-7"
    assert world.count(ROOT_PATH) == 2


def _collecting(world: HostileServer, content: bytes, new: dict[str, bytes]) -> Callable[[Handler], None]:
    def act(handler: Handler) -> None:
        world.files.clear()
        world.files.update(new)
        world.answers.clear()
        handler.send(200, content)

    return act


def test_case_73_a_cache_on_the_way_that_holds_the_old_root_is_passed_by(world: HostileServer, open_it):
    old = site_of(many(3))
    new = site_of(many(4), previous=parse_root(old[ROOT_PATH]))
    world.files |= new

    def stale(handler: Handler) -> None:
        fresh = handler.headers.get("Cache-Control") == "no-cache"
        handler.send(200, (new if fresh else old)[ROOT_PATH])

    world.answers[ROOT_PATH] = stale
    assert len(open_it().records()) == 4


def test_case_100_a_second_registry_takes_the_bytes_of_the_first(world: HostileServer, open_it):
    with hostile_server() as other:
        for one in (world, other):
            one.files |= site_of([record(versions=(ONE,))])
        world.files[archive_path(SHA256)] = ARCHIVE
        assert open_it().archive(ONE).read_bytes() == ARCHIVE
        assert open_it(other.url).archive(ONE).read_bytes() == ARCHIVE
        assert archive_path(SHA256) not in other.asked
        other.files |= site_of([record("else")])
        with pytest.raises(NotFoundError):
            open_it(other.url).resolve("script:detect-os")


def test_several_archives_come_in_order_and_once(world: HostileServer, open_it):
    contents = [os.urandom(100 + number) for number in range(30)]
    versions = [
        replace(version(), archive_sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
        for content in contents
    ]
    world.files |= site_of(many(3)) | {
        archive_path(one.archive_sha256): content for one, content in zip(versions, contents, strict=True)
    }
    paths = open_it().archives(versions)
    assert [path.read_bytes() for path in paths] == contents
    assert sorted(world.asked) == sorted([ROOT_PATH, *(archive_path(one.archive_sha256) for one in versions)])


def test_one_of_several_archives_that_fails_is_the_failure(world: HostileServer, open_it):
    world.files |= site_of(many(3)) | {archive_path(SHA256): ARCHIVE}
    missing = version(content="missing")
    with pytest.raises(NetworkError, match=missing.archive_sha256):
        open_it().archives([ONE, missing, ONE])


# Killed.

_FETCH = """
import sys
from pathlib import Path
from cmsite.client.cache import Cache
from cmsite.client.transport import Transport
url, folder, sha256, size = sys.argv[1:]
Cache(Path(folder)).add(
    sha256,
    lambda sink: Transport(url).fetch_into(url, sink, max_bytes=int(size), expected_sha256=sha256),
    size_bytes=int(size),
)
print("whole")
"""


class SlowFile(io.BufferedIOBase):
    """Writes in small parts with pauses, so that there is something to interrupt."""

    def __init__(self, real: BinaryIO | io.BufferedIOBase) -> None:
        self.real = real

    def write(self, data) -> int:
        for start in range(0, len(data), 65536):
            self.real.write(data[start : start + 65536])
            time.sleep(0.001)
        return len(data)

    def flush(self) -> None:
        self.real.flush()


@pytest.mark.parametrize("size_bytes", [200_000, 4_000_000], ids=["small", "resumed"])
def test_case_38_a_fetch_killed_at_random_moments_leaves_nothing_wrong(
    world: HostileServer, tmp_path: Path, size_bytes: int
):
    body = os.urandom(size_bytes)
    sha256 = hashlib.sha256(body).hexdigest()
    serve = ranged(body)

    def slowly(handler: Handler) -> None:
        handler.wfile = SlowFile(handler.wfile)
        serve(handler)

    world.answers["file"] = slowly
    command = [sys.executable, "-c", _FETCH, f"{world.url}file", str(tmp_path / "cache"), sha256, str(size_bytes)]
    for moment in range(6):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        asked = len(world.asked)
        while process.poll() is None and len(world.asked) == asked:
            time.sleep(0.002)
        time.sleep(0.004 * moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        cached = Cache(tmp_path / "cache").file(sha256)
        assert cached is None or cached.read_bytes() == body
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "whole\n", done.stderr
    cached = Cache(tmp_path / "cache").file(sha256)
    assert cached is not None
    assert cached.read_bytes() == body


def test_case_63_a_server_that_is_busy_at_first_costs_a_pause(world: HostileServer, open_it):
    world.files |= site_of(many(3))
    root = world.files[ROOT_PATH]
    world.answers[ROOT_PATH] = in_turn(answer(429, Retry_After="0"), answer(200, root))
    assert len(open_it().records()) == 3
