"""Downloads that stop and go on: what is kept, what a server may answer, and that the digest is of the whole."""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.client.cache import Cache
from cmsite.client.downloads import RESUMED_FROM_BYTES
from cmsite.client.fetching import Fetcher, TransportLimits, Validators
from cmsite.client.transport import Transport
from cmsite.errors import IntegrityError, NetworkError, OutputError
from tests.hostile_server import Answer, HostileServer, answer, cut_off, hostile_server, in_turn, partial, ranged

BODY = os.urandom(RESUMED_FROM_BYTES + 5)
SHA256 = hashlib.sha256(BODY).hexdigest()
AT = 700_000
ONCE = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=1)
OFTEN = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=3, backoff_s=0.01)


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def get(world: HostileServer, cache: Cache, *, limits: TransportLimits = ONCE, path: str = "file") -> bytes:
    """Bring the file into the cache as a process does that starts now."""
    one: Fetcher = Transport(world.url, limits=limits)
    return cache.add(
        SHA256,
        lambda sink: one.fetch_into(world.url + path, sink, max_bytes=len(BODY), expected_sha256=SHA256),
        size_bytes=len(BODY),
    ).read_bytes()


def interrupted(world: HostileServer, cache: Cache, *, etag: str = '"one"', at: int = AT) -> None:
    """Leave a beginning in the cache."""
    world.answers["file"] = cut_off(BODY, at, ETag=etag)
    with pytest.raises(NetworkError, match=rf"the connection broke after {at} of {len(BODY)} bytes"):
        get(world, cache)
    world.headers.clear()


def kept(cache: Cache) -> list[str]:
    """Return what lies among the beginnings, locks aside."""
    return sorted(path.name for path in (cache.root / "partial").iterdir() if path.suffix != ".lock")


def asked_ranges(world: HostileServer) -> list[str | None]:
    return [headers.get("range") for headers in world.headers]


def test_an_interrupted_download_goes_on_where_it_stopped(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    assert kept(cache) == [SHA256, f"{SHA256}.json"]
    world.answers["file"] = ranged(BODY)
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [f"bytes={AT}-"]
    assert world.headers[0]["if-range"] == '"one"'
    assert kept(cache) == []
    assert cache.file(SHA256) is not None


def test_a_break_is_mended_within_one_download(world: HostileServer, cache: Cache):
    world.answers["file"] = in_turn(cut_off(BODY, AT, ETag='"one"'), ranged(BODY))
    assert get(world, cache, limits=OFTEN) == BODY
    assert asked_ranges(world) == [None, f"bytes={AT}-"]


@pytest.mark.parametrize("etag", ["", 'W/"one"', "bare", '"' + "x" * 600 + '"'])
def test_without_a_strong_validator_everything_comes_again(world: HostileServer, cache: Cache, etag: str):
    interrupted(world, cache, etag=etag)
    world.answers["file"] = ranged(BODY)
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [None]


def test_a_beginning_from_another_address_is_not_continued(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    world.answers["mirror"] = ranged(BODY)
    assert get(world, cache, path="mirror") == BODY
    assert asked_ranges(world) == [None]


def test_credentials_do_not_stand_beside_a_beginning(world: HostileServer, cache: Cache):
    world.answers["file"] = cut_off(BODY, AT, ETag='"one"')
    home = world.url.replace("//", "//ada:secret@")
    with pytest.raises(NetworkError):
        cache.add(
            SHA256,
            lambda sink: Transport(home, limits=ONCE).fetch_into(
                f"{home}file?token=secret", sink, max_bytes=len(BODY), expected_sha256=SHA256
            ),
            size_bytes=len(BODY),
        )
    for path in cache.root.rglob("*"):
        assert path.is_dir() or b"secret" not in path.read_bytes()


def test_case_53_a_range_answered_with_the_whole_file(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    world.answers["file"] = answer(200, BODY, ETag='"one"')
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [f"bytes={AT}-"]


def odd_once(odd: Answer) -> Answer:
    return in_turn(odd, ranged(BODY))


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(partial(200, BODY[AT:], AT, etag='"one"'), id="case_54_200_with_content_range"),
        pytest.param(partial(206, BODY[AT - 9 :], AT - 9, etag='"one"'), id="case_55_another_offset"),
        pytest.param(partial(206, BODY[AT:-5], AT, size=len(BODY), etag='"one"'), id="case_55_not_to_the_end"),
        pytest.param(answer(206, BODY[AT:], ETag='"one"'), id="case_55_no_content_range"),
        pytest.param(answer(206, BODY[AT:], Content_Range="bytes x-y/z"), id="case_55_content_range_of_nonsense"),
        pytest.param(answer(416, Content_Range=f"bytes */{AT}"), id="case_56_416"),
        pytest.param(
            partial(206, b"x" * (len(BODY) - AT), AT, etag='"two"'), id="case_57_changed_in_spite_of_if_range"
        ),
    ],
)
def test_case_54_55_56_57_odd_answers_to_a_range(world: HostileServer, cache: Cache, odd: Answer):
    interrupted(world, cache)
    world.answers["file"] = odd_once(odd)
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [f"bytes={AT}-", None]


def test_case_55_a_part_that_nobody_asked_for_is_refused(world: HostileServer, cache: Cache):
    world.answers["file"] = partial(206, BODY, 0, etag='"one"')
    with pytest.raises(NetworkError, match="expected the answer 200 with a whole file, got 206 with a part"):
        get(world, cache)


def test_case_56_a_beginning_as_long_as_the_file_asks_for_nothing(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    (cache.root / "partial" / SHA256).write_bytes(BODY)
    assert get(world, cache) == BODY
    assert world.headers == []


def test_case_57_an_object_that_changed_during_a_resume_comes_whole(world: HostileServer, cache: Cache):
    interrupted(world, cache, etag='"old"')
    world.answers["file"] = ranged(BODY, '"new"')
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [f"bytes={AT}-"]


def test_case_57_a_beginning_of_other_bytes_costs_a_second_download(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    path = cache.root / "partial" / SHA256
    path.write_bytes(b"x" * path.stat().st_size)
    world.answers["file"] = ranged(BODY)
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [f"bytes={AT}-", None]


def test_case_57_other_bytes_in_the_end_are_refused_and_not_kept(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    world.answers["file"] = ranged(b"x" * len(BODY))
    with pytest.raises(IntegrityError, match=f"expected {SHA256}; damaged or tampered with"):
        get(world, cache)
    assert kept(cache) == []
    assert cache.file(SHA256) is None


@pytest.mark.parametrize(
    "note", [b"", b"[]", b"\xff", b'{"source": 1, "etag": 2}', json.dumps({"source": "x"}).encode()]
)
def test_a_damaged_note_costs_the_beginning_only(world: HostileServer, cache: Cache, note: bytes):
    interrupted(world, cache)
    (cache.root / "partial" / f"{SHA256}.json").write_bytes(note)
    world.answers["file"] = ranged(BODY)
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [None]


def test_case_37_two_downloads_of_one_file_at_once(world: HostileServer, cache: Cache):
    interrupted(world, cache)
    world.answers["file"] = ranged(BODY)
    other: list[bytes] = []

    def meanwhile(sink) -> None:
        if not other:
            other.append(b"")
            other[0] = get(world, cache)
        Transport(world.url, limits=ONCE).fetch_into(
            world.url + "file", sink, max_bytes=len(BODY), expected_sha256=SHA256
        )

    assert cache.add(SHA256, meanwhile, size_bytes=len(BODY)).read_bytes() == BODY
    assert other == [BODY]
    assert asked_ranges(world) == [None, f"bytes={AT}-"]  # The second one had no part in the beginning.


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_locks_fail_everybody_begins_anew(
    world: HostileServer, cache: Cache, monkeypatch: pytest.MonkeyPatch, number: int
):
    import fcntl

    def refuse(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    world.answers["file"] = cut_off(BODY, AT, ETag='"one"')
    with pytest.raises(NetworkError, match="connection broke"):
        get(world, cache)
    world.headers.clear()
    world.answers["file"] = ranged(BODY)
    assert get(world, cache) == BODY
    assert asked_ranges(world) == [None]


def test_case_39_a_full_disk_is_said_clearly(world: HostileServer, cache: Cache, monkeypatch: pytest.MonkeyPatch):
    world.answers["file"] = ranged(BODY)
    real: Callable[..., int] = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) > 10_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match=r"cannot write the cache .*: No space left on device; free some space"):
        get(world, cache)


@given(st.integers(min_value=1, max_value=len(BODY) - 1), st.integers(min_value=0, max_value=len(BODY) - 1))
def test_any_byte_flipped_in_a_beginning_is_found(tmp_path_factory: pytest.TempPathFactory, at: int, flipped: int):
    cache = Cache(tmp_path_factory.mktemp("cache"))
    beginning = bytearray(BODY[:at])
    beginning[flipped % at] ^= 0xFF
    (cache.root / "partial").mkdir(parents=True)
    (cache.root / "partial" / SHA256).write_bytes(beginning)
    with hostile_server() as world:
        note = {"source": f"{world.url}file", "etag": '"one"'}
        (cache.root / "partial" / f"{SHA256}.json").write_text(json.dumps(note))
        world.answers["file"] = ranged(BODY)
        assert get(world, cache) == BODY


# Conditional questions for the one file that changes.


def ask(world: HostileServer, held: Validators | None) -> bytes | None:
    return Transport(world.url, limits=ONCE).fetch_changed(world.url + "file", max_bytes=len(BODY), held=held).data


def test_what_is_held_is_not_sent_again(world: HostileServer):
    world.answers["file"] = ranged(BODY)
    first = Transport(world.url, limits=ONCE).fetch_changed(world.url + "file", max_bytes=len(BODY), held=None)
    assert (first.data, first.validators.etag) == (BODY, '"one"')
    assert ask(world, first.validators) is None
    assert world.headers[1]["if-none-match"] == '"one"'
    world.answers["file"] = ranged(BODY, '"two"')
    assert ask(world, first.validators) == BODY


def test_a_date_serves_where_there_is_no_etag(world: HostileServer):
    day = "Sat, 21 Nov 2026 10:00:00 GMT"
    world.answers["file"] = in_turn(answer(200, BODY, Last_Modified=day), answer(304))
    first = Transport(world.url, limits=ONCE).fetch_changed(world.url + "file", max_bytes=len(BODY), held=None)
    assert ask(world, first.validators) is None
    assert world.headers[1]["if-modified-since"] == day


@pytest.mark.parametrize("held", [None, Validators()])
def test_case_61_304_where_nothing_is_held(world: HostileServer, held: Validators | None):
    world.answers["file"] = answer(304)
    with pytest.raises(NetworkError, match="expected the answer 200 with a whole file, got 304"):
        ask(world, held)


@pytest.mark.parametrize("etag", ['"a\nX: y"', '"é"', '"' + "x" * 600 + '"'])
def test_a_validator_that_cannot_be_sent_back_is_not(world: HostileServer, etag: str):
    world.answers["file"] = answer(200, BODY, ETag=etag.replace("\n", "\t").encode("utf-8").decode("latin-1"))
    first = Transport(world.url, limits=ONCE).fetch_changed(world.url + "file", max_bytes=len(BODY), held=None)
    assert first.validators == Validators()
