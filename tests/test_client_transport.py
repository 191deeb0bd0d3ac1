"""HTTP against a hostile server: every case ends in a clear refusal or the right bytes. Numbers: facts/index.md §4."""

import base64
import gzip
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmsite.client.downloads import arriving
from cmsite.client.fetching import MissingFileError, TransportLimits, has_credentials, registry_address, shown
from cmsite.client.hosts import Hosts
from cmsite.client.redirects import network_of_address, next_address
from cmsite.client.transport import Transport
from cmsite.errors import CmsiteError, IntegrityError, NetworkError, UsageError
from tests.hostile_server import (
    HostileServer,
    answer,
    cut_off,
    dripping,
    endless,
    hostile_server,
    in_turn,
    redirect,
    silent,
)

BODY = b"the right bytes\n" * 100
SHA256 = hashlib.sha256(BODY).hexdigest()
LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=3, backoff_s=0.01, longest_pause_s=0.2)
HASTY = TransportLimits(
    connect_s=2, stall_s=0.3, total_s=0.8, attempts=3, backoff_s=0.01, longest_pause_s=0.2
)  # For servers that are slow on purpose.
PATIENCE_S = 120.0  # What ends by itself has ended by then, however busy the machine is.


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        server.files["file"] = BODY
        yield server


def transport(world: HostileServer, **more) -> Transport:
    return Transport(world.url, limits=more.pop("limits", LIMITS), **more)


def fetch(world: HostileServer, path: str = "file", **more) -> bytes:
    one = transport(world, limits=more.pop("limits", LIMITS))
    return one.fetch(world.url + path, max_bytes=more.pop("max_bytes", 10_000), **more)


def bring(one: Transport, url: str, path: Path, *, max_bytes: int = 10_000, expected_sha256: str = SHA256) -> None:
    """Write what is at an address to a file."""
    with arriving(path.parent, path.parent / "partial", expected_sha256, 0) as sink:
        one.fetch_into(url, sink, max_bytes=max_bytes, expected_sha256=expected_sha256)
        sink.path.replace(path)


def test_the_right_bytes_arrive(world: HostileServer, tmp_path: Path):
    assert fetch(world, expected_sha256=SHA256) == BODY
    bring(transport(world), world.url + "file", tmp_path / "f", max_bytes=len(BODY))
    assert (tmp_path / "f").read_bytes() == BODY
    assert world.headers[0]["user-agent"].startswith("cmsite/")
    assert world.headers[0]["accept-encoding"] == "identity"


def test_one_connection_serves_many_files(world: HostileServer):
    one = transport(world)
    for _ in range(3):
        one.fetch(world.url + "file", max_bytes=10_000)
    (pool,) = one._pools._pools.values()
    assert (pool.num_connections, pool.num_requests) == (1, 3)


def test_case_40_short_body(world: HostileServer):
    world.answers["file"] = cut_off(BODY, 700)
    with pytest.raises(NetworkError, match=r"connection broke after 700 of 1600 bytes"):
        fetch(world, expected_sha256=SHA256)
    assert world.count("file") == LIMITS.attempts


def test_case_40_short_body_once_is_repaired(world: HostileServer, tmp_path: Path):
    world.answers["file"] = in_turn(cut_off(BODY, 700), answer(200, BODY))
    assert fetch(world, expected_sha256=SHA256) == BODY
    world.answers["file"] = in_turn(cut_off(BODY, 700), answer(200, BODY))
    bring(transport(world), world.url + "file", tmp_path / "f", max_bytes=len(BODY))
    assert (tmp_path / "f").read_bytes() == BODY


def test_case_41_endless_body(world: HostileServer, tmp_path: Path):
    world.answers["file"] = endless
    with pytest.raises(IntegrityError, match=r"sends more than the 1600 bytes expected"):
        fetch(world, max_bytes=1600, expected_sha256=SHA256)
    with pytest.raises(NetworkError, match=r"sends more than the 1600 bytes"):
        fetch(world, max_bytes=1600)
    with pytest.raises(IntegrityError, match=r"sends more than"):
        bring(transport(world), world.url + "file", tmp_path / "f", max_bytes=1600)
    assert list(tmp_path.iterdir()) == []


def test_case_41_a_body_that_says_it_is_too_large_is_not_read(world: HostileServer):
    world.answers["file"] = answer(200, b"", Content_Length="9" * 30)
    with pytest.raises(IntegrityError, match=r"offers 9{20} bytes, expected at most 1600"):
        fetch(world, max_bytes=1600, expected_sha256=SHA256)


def test_case_42_right_size_and_wrong_hash(world: HostileServer, tmp_path: Path):
    world.files["file"] = BODY[:-1] + b"x"
    message = rf"file: 1600 bytes with sha256 .*, expected {SHA256}; damaged or tampered"
    with pytest.raises(IntegrityError, match=message):
        fetch(world, expected_sha256=SHA256)
    with pytest.raises(IntegrityError, match=message):
        bring(transport(world), world.url + "file", tmp_path / "f", max_bytes=1600)


@pytest.mark.parametrize("slow", [dripping(0.02), silent], ids=["a byte at a time", "silence"])
def test_case_44_a_server_that_takes_for_ever(world: HostileServer, slow):
    world.answers["file"] = slow
    start = time.monotonic()
    with pytest.raises(NetworkError, match=r"too slow, given up after \d+ bytes|no answer"):
        fetch(world, expected_sha256=SHA256, limits=HASTY)
    assert time.monotonic() - start < PATIENCE_S


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "javascript:x", "http://"]
)
def test_case_45_redirects_to_other_schemes(world: HostileServer, to: str):
    world.answers["file"] = redirect(to)
    with pytest.raises(NetworkError, match=r"redirects to .*refused"):
        fetch(world)
    assert world.asked == ["file"]


def test_case_46_https_never_becomes_http():
    with pytest.raises(NetworkError, match="gives up the encryption of https"):
        next_address(
            ("https://example.org/a",),
            "http://example.org/a",
            home="https://example.org/",
            limit=5,
            network_of=_nowhere,
        )


def _nowhere(_host: str) -> frozenset[str]:
    return frozenset()


def test_case_47_redirect_loops(world: HostileServer):
    world.answers |= {"a": redirect("/b"), "b": redirect("/a")}
    with pytest.raises(NetworkError, match=r"redirects to .*/a, where it came from: a loop"):
        fetch(world, "a")
    world.answers |= {f"s{number}": redirect(f"s{number + 1}") for number in range(20)}
    with pytest.raises(NetworkError, match=r"the 6th redirect; at most 5"):
        fetch(world, "s0")
    assert sum(path.startswith("s") for path in world.asked) == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_honest_redirects_are_followed(world: HostileServer, status: int):
    world.answers["old"] = redirect("../file", status)
    assert fetch(world, "old", expected_sha256=SHA256) == BODY


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://10.0.0.1/", "private"),
        ("http://192.168.1.1/", "private"),
        ("http://[::ffff:10.0.0.1]/", "private"),
        ("http://[fe80::1]/", "link-local"),
        ("http://0.0.0.0/", "reserved"),
        ("http://[fc00::1]/", "private"),
    ],
)
def test_case_48_redirects_into_networks_the_registry_is_not_in(world: HostileServer, to: str, kind: str):
    world.answers["file"] = redirect(to)
    with pytest.raises(NetworkError, match=rf"sends us to .* an address of a {kind} network; refused"):
        fetch(world)


def test_case_48_a_public_registry_may_not_reach_this_machine(world: HostileServer):
    def network_of(address: str) -> str:
        return "public" if address == "127.0.0.1" else network_of_address(address)

    world.answers["file"] = redirect("http://localhost:1/file")
    hosts = Hosts({"127.0.0.1": ("127.0.0.1",), "localhost": ("127.0.0.2",)}.__getitem__, network_of)
    with pytest.raises(NetworkError, match="an address of a loopback network; refused"):
        Transport(world.url, limits=LIMITS, hosts=hosts).fetch(world.url + "file", max_bytes=10_000)


def test_case_48_a_registry_on_this_machine_may_stay_there(world: HostileServer):
    world.answers["old"] = redirect(world.url.replace("127.0.0.1", "localhost") + "file")
    assert fetch(world, "old") == BODY


def test_case_49_credentials_stay_at_home(world: HostileServer):
    with hostile_server() as other:
        other.files["file"] = BODY
        home = world.url.replace("//", "//ada:se%40cret@")
        world.answers["old"] = redirect(other.url + "file")
        one = Transport(home, limits=LIMITS)
        assert one.fetch(home + "file", max_bytes=10_000) == BODY
        assert one.fetch(world.url + "old", max_bytes=10_000) == BODY
        expected = "Basic " + base64.b64encode(b"ada:se@cret").decode()
        assert [headers.get("authorization") for headers in world.headers] == [expected, expected]
        assert [headers.get("authorization") for headers in other.headers] == [None]


def test_case_51_credentials_are_never_printed(world: HostileServer):
    home = world.url.replace("//", "//ada:secret@")
    world.answers |= {"broken": answer(500), "old": redirect("ftp://ada:secret@127.0.0.1/")}
    for path in ("missing", "broken", "old", "file"):
        with pytest.raises(CmsiteError) as caught:
            Transport(home, limits=LIMITS).fetch(f"{home}{path}?token=secret", max_bytes=3)
        assert "secret" not in str(caught.value)
    assert shown("https://ada:secret@example.org/a?token=secret#x") == "https://example.org/a"
    assert has_credentials(home)
    assert not has_credentials(world.url)


def test_case_54_an_answer_with_a_part_of_the_file(world: HostileServer):
    world.answers["file"] = answer(200, BODY[:10], Content_Range="bytes 0-9/1600")
    with pytest.raises(NetworkError, match="expected the answer 200 with a whole file, got 200 with a part"):
        fetch(world)


@pytest.mark.parametrize("status", [204, 206, 304, 300, 418, 501])
def test_case_55_61_answers_that_are_no_file(world: HostileServer, status: int):
    world.answers["file"] = answer(status)
    with pytest.raises(NetworkError, match=rf"expected the answer 200 with a whole file, got {status}"):
        fetch(world)


def test_case_58_a_server_that_packs_although_asked_not_to(world: HostileServer):
    packed = gzip.compress(BODY)
    world.answers["file"] = answer(200, packed, Content_Encoding="gzip")
    assert fetch(world) == BODY
    assert fetch(world, expected_sha256=SHA256) == BODY
    # A packed file that the server calls packed stays as it is: its digest says so.
    assert fetch(world, expected_sha256=hashlib.sha256(packed).hexdigest()) == packed
    world.answers["file"] = answer(200, packed[:-4], Content_Encoding="gzip")
    with pytest.raises(NetworkError, match="cut off"):
        fetch(world)
    world.answers["file"] = answer(200, gzip.compress(b"\0" * 100_000), Content_Encoding="gzip")
    with pytest.raises(NetworkError, match="unpacks to more than 10000 bytes"):
        fetch(world)


@pytest.mark.parametrize("status", [401, 403])
def test_case_60_refused_or_missing_on_an_object_store(world: HostileServer, status: int):
    world.answers["file"] = answer(status)
    with pytest.raises(NetworkError, match=rf"answered {status}, access is refused") as caught:
        fetch(world)
    assert not isinstance(caught.value, MissingFileError)


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_file_is_told_apart(world: HostileServer, status: int):
    world.answers["file"] = answer(status)
    with pytest.raises(MissingFileError, match=rf"answered {status}, there is no such file"):
        fetch(world)
    assert world.count("file") == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_case_63_busy_servers_are_asked_again(world: HostileServer, status: int):
    world.answers["file"] = in_turn(answer(status), answer(status), answer(200, BODY))
    assert fetch(world) == BODY
    world.answers["file"] = answer(status)
    with pytest.raises(NetworkError, match=rf"answered {status}, also after trying again"):
        fetch(world)
    assert world.count("file") == 3 + LIMITS.attempts


def test_case_63_retry_after_is_obeyed_and_bounded(world: HostileServer):
    pauses: list[float] = []
    asked = in_turn(
        answer(429, Retry_After="1"),
        answer(503, Retry_After="999999"),
        answer(503, Retry_After="soon"),
        answer(200, BODY),
    )
    world.answers["file"] = asked
    patient = TransportLimits(attempts=5, backoff_s=0.5, longest_pause_s=20)
    assert Transport(world.url, limits=patient, pause=pauses.append).fetch(world.url + "file", max_bytes=10_000) == BODY
    assert pauses == [1, 20, 2]


def test_case_63_no_pause_reaches_beyond_the_deadline(world: HostileServer):
    world.answers["file"] = answer(503, Retry_After="3600")
    limits = TransportLimits(total_s=600, longest_pause_s=3600)
    pauses: list[float] = []
    with pytest.raises(NetworkError, match="503"):
        Transport(world.url, limits=limits, pause=pauses.append).fetch(world.url + "file", max_bytes=10_000)
    assert pauses == []


def test_nobody_listens(world: HostileServer):
    from tests.serving import free_port

    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(NetworkError, match=rf"{url}file: no answer \(.*refused.*\); check the address"):
        Transport(url, limits=LIMITS).fetch(url + "file", max_bytes=10)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_a_registry_on_a_server_names_no_files(world: HostileServer, url: str):
    with pytest.raises(NetworkError, match="only http and https are fetched"):
        transport(world).fetch(url, max_bytes=10)


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999999/x", "http://127.0.0.1:port/x", "http://[::1/x"])
def test_addresses_of_an_index_that_cannot_be_read(world: HostileServer, url: str):
    with pytest.raises(NetworkError, match="names an address that cannot be read"):
        transport(world).fetch(url, max_bytes=10)


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:99999999/",
        "http://127.0.0.1:0x/",
        "http://[::1/",
        "http://a b/",
        "http://\x7f/",
        "http://x\x00/",
    ],
)
def test_case_45_redirects_to_addresses_that_are_none(world: HostileServer, to: str):
    world.answers["file"] = redirect(to)
    with pytest.raises(NetworkError):
        fetch(world)
    assert set(world.asked) == {"file"}


def test_an_index_may_not_name_addresses_of_foreign_networks(world: HostileServer):
    with pytest.raises(NetworkError, match="link-local network; refused"):
        transport(world).fetch("http://169.254.169.254/x", max_bytes=10)


def test_fresh_asks_caches_to_stand_aside(world: HostileServer):
    fetch(world)
    fetch(world, fresh=True)
    assert [headers.get("cache-control") for headers in world.headers] == [None, "no-cache"]


def test_files_of_a_folder(tmp_path: Path):
    (tmp_path / "my site").mkdir()
    (tmp_path / "my site" / "file").write_bytes(BODY)
    home = registry_address((tmp_path / "my site").as_uri())
    one = Transport(home)
    assert one.fetch(home + "file", max_bytes=1600, expected_sha256=SHA256) == BODY
    bring(one, home + "file", tmp_path / "copy", max_bytes=1600, expected_sha256=SHA256)
    assert (tmp_path / "copy").read_bytes() == BODY
    with pytest.raises(IntegrityError, match="1600 bytes, expected at most 3"):
        one.fetch(home + "file", max_bytes=3)
    with pytest.raises(IntegrityError, match="sha256 is"):
        one.fetch(home + "file", max_bytes=1600, expected_sha256="0" * 64)
    with pytest.raises(IntegrityError, match="sha256 is"):
        bring(one, home + "file", tmp_path / "copy", max_bytes=1600, expected_sha256="0" * 64)
    with pytest.raises(MissingFileError, match="there is no such file"):
        one.fetch(home + "nothing", max_bytes=3)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/c",
        "https://example.org/c/",
        "HTTPS://example.org/c/index.html",
        "https://example.org/c/cm-index/v1/root.json",
        "https://example.org/c/cm-index/",
        "https://example.org/c/?q=1#x",
    ],
)
def test_addresses_of_one_registry(text: str):
    assert registry_address(text) == "https://example.org/c/"


@pytest.mark.parametrize(
    "text",
    [
        "ftp://example.org/",
        "example.org",
        "http:///x",
        "http://[::1/",
        "git@example.org:x",
        "http://x:99999999/",
        "http://x:y/",
    ],
)
def test_addresses_of_no_registry(text: str):
    with pytest.raises(UsageError, match="address"):
        registry_address(text)
