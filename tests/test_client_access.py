"""Offline, strict, clocks, and the copy of root.json that spares its transfer. Numbers: facts/index.md §4."""

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cmsite.client import registries
from cmsite.client.access import Offline, current_access, using
from cmsite.client.cache import Cache
from cmsite.client.fetching import TransportLimits
from cmsite.client.remote import RemoteRegistry
from cmsite.client.transport import Transport
from cmsite.client.trust import TrustStore
from cmsite.errors import ConfigurationError, IntegrityError, NetworkError
from cmsite.index.layout import ROOT_PATH, archive_path, blob_path
from cmsite.index.root import Root, emit_root, parse_root
from tests.hostile_server import HostileServer, answer, hostile_server, ranged
from tests.index_values import many, record, site_of, version

LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=2, backoff_s=0.01)
YEAR_S = 365 * 86_400
NOW_S = 1_800_000_000


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


@pytest.fixture
def open_it(world: HostileServer, tmp_path: Path) -> Callable[..., RemoteRegistry]:
    """Return a function that opens the server's registry as a new process of the same user would."""

    def act(**more) -> RemoteRegistry:
        transport = Offline(world.url) if more.pop("offline", False) else Transport(world.url, limits=LIMITS)
        cache, trust = Cache(tmp_path / "cache"), TrustStore(tmp_path / "config")
        return RemoteRegistry(world.url, transport=transport, cache=cache, trust=trust, **more)

    return act


def publish(world: HostileServer, records, *, etag: str = "", **changes) -> Root:
    site = site_of(records)
    root = replace(parse_root(site[ROOT_PATH]), **changes)
    world.files |= site | {ROOT_PATH: emit_root(root)}
    if etag:
        world.answers[ROOT_PATH] = ranged(world.files[ROOT_PATH], etag)
    return root


def test_a_warm_resolve_transfers_nothing(world: HostileServer, open_it):
    publish(world, many(2000), etag='"one"')
    open_it().resolve("script:artifact-7")
    world.asked.clear()
    world.headers.clear()
    assert open_it().resolve("script:artifact-7").record.alias == "artifact-7"
    assert world.asked == [ROOT_PATH]
    assert world.headers[0]["if-none-match"] == '"one"'


def test_case_61_no_condition_without_the_body(world: HostileServer, open_it, tmp_path: Path):
    root = publish(world, many(3), etag='"one"')
    open_it().records()
    (tmp_path / "cache" / "sha256" / root_digest(world)[:2] / root_digest(world)).write_bytes(b"poison")
    world.headers.clear()
    assert open_it().root.gen == root.gen
    assert "if-none-match" not in world.headers[0]
    shutil.rmtree(tmp_path / "cache")
    world.answers[ROOT_PATH] = answer(304)
    with pytest.raises(NetworkError, match="expected the answer 200 with a whole file, got 304"):
        open_it().records()


def root_digest(world: HostileServer) -> str:
    return parse_root(world.files[ROOT_PATH]).sha256


def test_case_66_a_held_root_is_judged_like_any_other(world: HostileServer, open_it, tmp_path: Path):
    publish(world, many(1), etag='"one"')
    open_it().records()
    shutil.copytree(tmp_path / "cache", tmp_path / "old")
    publish(world, many(2), etag='"two"', gen=2)
    open_it().records()
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "old").rename(tmp_path / "cache")
    world.answers[ROOT_PATH] = answer(304)
    with pytest.raises(IntegrityError, match="generation 1 was offered, generation 2 was seen before"):
        open_it().records()


# Expiry and clocks.


@pytest.mark.parametrize(("clock_s", "expired"), [(NOW_S - YEAR_S, False), (NOW_S, False), (NOW_S + YEAR_S, True)])
def test_case_67_78_expiry_by_a_clock_that_is_a_year_off(world: HostileServer, open_it, clock_s, expired):
    publish(world, many(2), created_s=NOW_S - 2 * YEAR_S, expires_s=NOW_S + 86_400)
    registry = open_it(now=lambda: clock_s)
    assert len(registry.records()) == 2
    assert [note for note in registry.notes if "generation 1 expired on 2027-01-16" in note] == registry.notes
    assert bool(registry.notes) == expired
    strict = open_it(now=lambda: clock_s, strict=True)
    if not expired:
        assert len(strict.records()) == 2
        return
    with pytest.raises(IntegrityError, match=r"expired on 2027-01-16 by this machine's clock \(2028-01-15\).*--strict"):
        strict.records()


def test_case_78_a_clock_a_year_behind_is_noticed(world: HostileServer, open_it):
    publish(world, many(2), created_s=NOW_S)
    registry = open_it(now=lambda: NOW_S - YEAR_S, strict=True)
    registry.records()
    assert "was made on 2027-01-15, after this machine's clock (2026-01-15); set the clock" in registry.notes[0]
    calm = open_it(now=lambda: NOW_S - 3600, strict=True)
    calm.records()
    assert calm.notes == []


def test_case_67_an_expiry_beyond_all_calendars(world: HostileServer, open_it):
    publish(world, many(2), created_s=2**53 - 1, expires_s=2**53 - 1)
    registry = open_it(now=lambda: NOW_S)
    registry.records()
    assert "second 9007199254740991" in registry.notes[0]


@pytest.mark.parametrize("gen", [2**63, 2**53, -1, 10**400])
def test_case_69_a_generation_out_of_range(world: HostileServer, open_it, gen: int):
    publish(world, many(1))
    world.files[ROOT_PATH] = world.files[ROOT_PATH].replace(b'"gen":1,', f'"gen":{gen},'.encode())
    with pytest.raises(IntegrityError, match=r"root\.json"):
        open_it().records()


def test_case_69_the_last_generation_can_be_forgotten(world: HostileServer):
    publish(world, many(1), gen=2**53 - 1)
    registries.open_address(world.url).records()
    publish(world, many(1), gen=2)
    with pytest.raises(IntegrityError, match=rf"cmsite registry remove {world.url}"):
        registries.open_address(world.url).records()
    registries.remove(world.url)
    assert len(registries.open_address(world.url).records()) == 1


def test_case_68_a_leaf_of_another_generation_is_refused(world: HostileServer, open_it):
    old = publish(world, many(1))
    old_part = world.files[blob_path(old.all[0].sha256)]
    new = publish(world, many(2), gen=2)
    world.files[blob_path(new.all[0].sha256)] = old_part
    with pytest.raises(IntegrityError, match=new.all[0].sha256):
        open_it().records()


# Offline.


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which opening a socket is a failure of the test."""

    def refuse(*_arguments: object, **_named: object) -> None:
        pytest.fail("a socket was opened offline")

    def act() -> None:
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)

    return act


def test_offline_uses_what_was_fetched_and_opens_no_socket(world: HostileServer, open_it, no_sockets):
    content = b"packed"
    sha256 = digest_of(content)
    one = replace(version(), archive_sha256=sha256, size_bytes=len(content))
    publish(world, [record(versions=(one,)), *many(5)])
    world.files[archive_path(sha256)] = content
    online = open_it()
    online.archive(online.resolve("script:detect-os").version)
    asked = len(world.asked)
    no_sockets()
    registry = open_it(offline=True)
    assert registry.archive(registry.resolve("script:detect-os").version).read_bytes() == content
    assert len(world.asked) == asked
    with pytest.raises(NetworkError, match=r"artifacts/.* is not in the cache, and nothing is fetched offline; run .*"):
        registry.archive(version())


def digest_of(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def test_offline_without_a_copy_says_what_is_missing(world: HostileServer, open_it, no_sockets):
    publish(world, many(3))
    no_sockets()
    with pytest.raises(NetworkError, match=rf"{ROOT_PATH} is not in the cache.*once without --offline"):
        open_it(offline=True).records()


def test_a_server_that_fails_is_no_end_where_something_was_fetched_before(world: HostileServer, open_it):
    publish(world, many(3))
    world.answers[ROOT_PATH] = answer(500)
    with pytest.raises(NetworkError, match="answered 500.*try later$"):
        open_it().records()
    del world.answers[ROOT_PATH]
    open_it().records()
    world.answers[ROOT_PATH] = answer(500)
    with pytest.raises(NetworkError, match="answered 500.*; --offline uses what was fetched before$"):
        open_it().records()


def test_offline_with_a_root_but_without_its_leaves(world: HostileServer, open_it, no_sockets):
    publish(world, many(3))
    assert open_it().root.gen == 1
    no_sockets()
    with pytest.raises(NetworkError, match=r"/b/.* is not in the cache"):
        open_it(offline=True).records()


def test_offline_a_folder_is_read_as_always(tmp_path: Path, no_sockets):
    for path, content in site_of(many(3)).items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_bytes(content)
    no_sockets()
    with using(offline=True):
        (registry,) = registries.open_registries(str(tmp_path / "site"))
        assert len(registry.records()) == 3


def test_the_environment_chooses_for_every_command(world: HostileServer, monkeypatch: pytest.MonkeyPatch):
    publish(world, many(1), expires_s=1)
    assert not current_access().offline
    monkeypatch.setenv("CMSITE_STRICT", "yes")
    with pytest.raises(IntegrityError, match="expired on 1970-01-01"):
        registries.open_address(world.url).records()
    monkeypatch.setenv("CMSITE_OFFLINE", "1")
    with pytest.raises(NetworkError, match="offline"):
        registries.open_address(world.url).records()
    monkeypatch.setenv("CMSITE_OFFLINE", "perhaps")
    with pytest.raises(ConfigurationError, match="CMSITE_OFFLINE: expected 1 or 0, got 'perhaps'"):
        current_access()


def test_an_option_holds_until_its_command_ends():
    with using(offline=True):
        with using(strict=True):
            assert current_access().offline
            assert current_access().strict
        assert not current_access().strict
    assert not current_access().offline
