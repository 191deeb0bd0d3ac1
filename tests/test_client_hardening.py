"""Servers that trickle, flood and lie about names; encryption, proxies, threads. Numbers: facts/index.md §4."""

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmsite.client.fetching import TransportLimits, Validators, registry_address
from cmsite.client.hosts import Hosts
from cmsite.client.redirects import network_of_address, next_address
from cmsite.client.threads import PARALLEL, in_threads
from cmsite.client.transport import Transport
from cmsite.errors import CmsiteError, ConfigurationError, NetworkError
from tests.certificates import SelfSigned, authority, expired, served_with_tls
from tests.hostile_server import Handler, HostileServer, answer, hostile_server, in_turn, redirect
from tests.serving import free_port

BODY = b"the right bytes\n" * 100
SHA256 = hashlib.sha256(BODY).hexdigest()
LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=3, backoff_s=0.01, longest_pause_s=0.2)
HASTY = TransportLimits(
    connect_s=2, stall_s=0.5, total_s=1, attempts=3, backoff_s=0.01, longest_pause_s=0.2
)  # For servers that are slow on purpose.
PATIENCE_S = 120.0  # What ends by itself has ended by then, however busy the machine is.


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        server.files["file"] = BODY
        yield server


def fetch(url: str, path: str = "file", **more) -> bytes:
    return Transport(url, limits=more.pop("limits", LIMITS), **more).fetch(url + path, max_bytes=10_000)


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the proxy away that all other tests have in their environment."""
    monkeypatch.setenv("no_proxy", "*")


# Time and size of what is no body.


def dripping_header(handler: Handler) -> None:
    """Begin an answer and never come to the end of its header; no read ever times out."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.world.ended.wait(0.02):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def dripping_status(handler: Handler) -> None:
    while not handler.world.ended.wait(0.02):
        handler.wfile.write(b"H")
        handler.wfile.flush()


def flood_of_headers(handler: Handler) -> None:
    """Send 10 MB of header lines, and no end of them."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        handler.wfile.write(f"X-{number}: {'x' * 1000}\r\n".encode())


def one_long_header(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000)


@pytest.mark.parametrize("slow", [dripping_header, dripping_status])
def test_case_44_a_header_that_trickles_for_ever(world: HostileServer, slow):
    world.answers["file"] = slow
    start = time.monotonic()
    with pytest.raises(NetworkError, match="the server is too slow, given up; try again later"):
        fetch(world.url, limits=HASTY)
    assert time.monotonic() - start < PATIENCE_S
    assert world.count("file") == 1


@pytest.mark.parametrize("flood", [flood_of_headers, one_long_header])
def test_case_41_ten_megabytes_of_headers(world: HostileServer, flood):
    world.answers["file"] = flood
    with pytest.raises(NetworkError, match=r"the answer is no HTTP that can be read \(got more than"):
        fetch(world.url)
    assert world.count("file") == 1


def not_http(handler: Handler) -> None:
    handler.wfile.write(b"220 mail.example.org ESMTP\r\n")
    handler.close_connection = True


def test_a_server_that_speaks_no_http(world: HostileServer):
    world.answers["file"] = not_http
    with pytest.raises(NetworkError, match="the answer is no HTTP that can be read"):
        fetch(world.url)


def test_case_44_a_slow_redirect_chain_shares_one_deadline(world: HostileServer):
    def slow(to: str):
        def act(handler: Handler) -> None:
            handler.world.ended.wait(0.4)
            redirect(to)(handler)

        return act

    world.answers |= {"a": slow("b"), "b": slow("c"), "c": slow("d"), "d": slow("file")}
    with pytest.raises(NetworkError, match="the server is too slow"):
        fetch(world.url, "a", limits=TransportLimits(connect_s=2, stall_s=1, total_s=0.9, attempts=1))


def test_case_63_retry_after_as_a_date(world: HostileServer):
    pauses: list[float] = []
    now_s = 1_800_000_000
    dates = [formatdate(now_s + shift_s, usegmt=True) for shift_s in (7, -100, 10**9)]
    world.answers["file"] = in_turn(*(answer(503, Retry_After=date) for date in dates), answer(200, BODY))
    limits = TransportLimits(attempts=4, backoff_s=0.5, longest_pause_s=20)
    assert fetch(world.url, limits=limits, pause=pauses.append, now=lambda: now_s) == BODY
    assert pauses == [7, 0, 20]


def test_case_63_pauses_double(world: HostileServer):
    pauses: list[float] = []
    world.answers["file"] = answer(500)
    with pytest.raises(NetworkError, match="answered 500, also after trying again"):
        fetch(world.url, limits=TransportLimits(attempts=5, backoff_s=0.5, longest_pause_s=3), pause=pauses.append)
    assert pauses == [0.5, 1, 2, 3]


def test_the_client_says_who_it_is(world: HostileServer):
    fetch(world.url)
    agent = world.headers[0]["user-agent"]
    assert agent.startswith("cmsite/")
    assert "static registries" in agent
    assert "Mozilla" not in agent


# Names of hosts.


class Names:
    """A name service that changes its mind."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0],)


def public_at_first(address: str) -> str:
    return "public" if address == "127.0.0.1" else network_of_address(address)


def test_case_48_the_address_that_was_judged_is_connected_to(world: HostileServer):
    names = Names("127.0.0.1", "127.0.0.99")
    one = Transport("http://registry.example/", limits=LIMITS, hosts=Hosts(names, public_at_first))
    url = world.url.replace("127.0.0.1", "registry.example")
    assert one.fetch(url + "file", max_bytes=10_000) == BODY
    assert one.fetch(url + "file", max_bytes=10_000) == BODY
    assert names.asked == ["registry.example"]
    assert world.headers[0]["host"].startswith("registry.example")


def test_case_48_a_name_that_moves_into_another_network_is_refused():
    names = Names("127.0.0.1", "127.0.0.99")
    one = Transport("http://registry.example/", limits=LIMITS, hosts=Hosts(names, public_at_first))
    with pytest.raises(NetworkError, match=r"first meant a public address and now means a loopback one.*DNS rebinding"):
        one.fetch(f"http://registry.example:{free_port()}/file", max_bytes=10_000)
    assert len(names.asked) == 2


def test_case_48_one_private_address_among_public_ones_is_refused(world: HostileServer):
    def look_up(host: str) -> tuple[str, ...]:
        return ("127.0.0.1", "10.0.0.1") if host == "both.example" else ("127.0.0.1",)

    world.answers["file"] = redirect("http://both.example/")
    with pytest.raises(NetworkError, match="both.example/, an address of a private network; refused"):
        fetch(world.url, hosts=Hosts(look_up, public_at_first))


def test_a_second_address_helps_where_the_first_refuses(world: HostileServer):
    hosts = Hosts(lambda _host: ("127.0.0.3", "127.0.0.1"))
    url = world.url.replace("127.0.0.1", "two.example")
    assert Transport(url, limits=LIMITS, hosts=hosts).fetch(url + "file", max_bytes=10_000) == BODY


@pytest.mark.parametrize("name", ["no-such-name.invalid", "a" * 70 + ".example", "xn--\u2603", ".."])
def test_a_name_that_nobody_knows(name: str):
    def look_up(host: str) -> tuple[str, ...]:
        host.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NetworkError, match=r"no answer|cannot be asked"):
        fetch(f"http://{name}/", hosts=Hosts(look_up))


# Encryption.


def test_case_64_an_own_authority_is_accepted_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made, path = authority(tmp_path)
    with served_with_tls(made.issue_cert("127.0.0.1")) as world:
        world.files["file"] = BODY
        with pytest.raises(NetworkError, match=r"certificate is not trusted .*unable to get local issuer.*CMSITE_CA"):
            fetch(world.url)
        with monkeypatch.context() as patch:
            patch.setenv("CMSITE_CA", str(path))
            assert fetch(world.url) == BODY
        with monkeypatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(path))
            assert fetch(world.url) == BODY
        assert world.count("file") == 2


def test_case_64_many_requests_of_one_process_shake_hands_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made, path = authority(tmp_path)
    monkeypatch.setenv("CMSITE_CA", str(path))
    with served_with_tls(made.issue_cert("127.0.0.1")) as world:
        world.files["file"] = BODY
        one = Transport(world.url, limits=LIMITS)
        for _ in range(5):
            one.fetch(world.url + "file", max_bytes=10_000)
        (pool,) = one._pools._pools.values()
        assert pool.num_connections == 1


@pytest.mark.parametrize("kind", ["self-signed", "unknown", "expired", "wrong name"])
def test_case_64_bad_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str):
    made, path = authority(tmp_path)
    kinds: dict[str, tuple[trustme.LeafCert | SelfSigned, str]] = {
        "self-signed": (SelfSigned(tmp_path), "self.signed certificate"),
        "unknown": (trustme.CA().issue_cert("127.0.0.1"), "unable to get local issuer"),
        "expired": (expired(made), "certificate has expired"),
        "wrong name": (made.issue_cert("example.org"), "IP address mismatch"),
    }
    certificate, message = kinds[kind]
    monkeypatch.setenv("CMSITE_CA", str(path))
    with served_with_tls(certificate) as world:
        world.files["file"] = BODY
        with pytest.raises(NetworkError, match=message):
            fetch(world.url)
        assert world.asked == []


def test_case_64_a_plain_server_at_an_https_address(world: HostileServer):
    with pytest.raises(NetworkError, match="the encryption failed"):
        fetch(world.url.replace("http:", "https:"))


def test_case_64_a_handshake_that_never_ends(world: HostileServer):
    listener = socket.create_server(("127.0.0.1", 0))
    start = time.monotonic()
    try:
        with pytest.raises(NetworkError, match=r"no answer|too slow"):
            fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/", limits=TransportLimits(connect_s=0.3, total_s=1))
    finally:
        listener.close()
    assert time.monotonic() - start < PATIENCE_S


@pytest.mark.parametrize("variable", ["CMSITE_CA", "SSL_CERT_FILE"])
def test_case_64_an_authority_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
):
    monkeypatch.setenv(variable, str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigurationError, match=rf"{variable}: .*gone\.pem"):
        fetch("https://127.0.0.1:1/")


def test_case_46_an_encrypted_registry_sends_nobody_to_a_plain_one(
    world: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made, path = authority(tmp_path)
    monkeypatch.setenv("CMSITE_CA", str(path))
    with served_with_tls(made.issue_cert("127.0.0.1")) as secure:
        secure.answers["file"] = redirect(world.url + "file")
        with pytest.raises(NetworkError, match="gives up the encryption of https"):
            fetch(secure.url)
        assert world.asked == []


# Proxies.


@pytest.fixture
def proxy(_direct: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    """Give a proxy that answers itself, and that the environment names for http."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with hostile_server() as server:
        monkeypatch.setenv("http_proxy", server.url.replace("//", "//ada:se%40cret@"))
        yield server


def test_case_52_a_proxy_of_the_environment_is_used_with_its_credentials(proxy: HostileServer):
    proxy.files["http://registry.invalid/file"] = BODY
    hosts = Hosts(Names("127.0.0.1"))
    assert fetch("http://registry.invalid/", hosts=hosts) == BODY
    expected = "Basic " + base64.b64encode(b"ada:se@cret").decode()
    assert proxy.headers[0]["proxy-authorization"] == expected
    assert "authorization" not in proxy.headers[0]


@pytest.mark.parametrize("value", ["registry.invalid", ".invalid", "*", "127.0.0.1,registry.invalid"])
def test_case_52_no_proxy_is_obeyed(proxy: HostileServer, monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("no_proxy", value)
    hosts = Hosts(Names("127.0.0.1"))
    with pytest.raises(NetworkError, match="no answer"):
        fetch(f"http://registry.invalid:{free_port()}/", hosts=hosts)
    assert proxy.asked == []


def test_case_51_52_a_proxy_that_fails_is_named_without_its_password(
    proxy: HostileServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("http_proxy", f"http://ada:secret@127.0.0.1:{free_port()}/")
    with pytest.raises(NetworkError, match="no answer through the proxy of the environment") as caught:
        fetch("http://registry.invalid/", hosts=Hosts(Names("127.0.0.1")))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["socks5://ada:secret@127.0.0.1:1080", "file:///x", "http://"])
def test_case_52_a_proxy_of_another_kind_is_refused_clearly(
    proxy: HostileServer, monkeypatch: pytest.MonkeyPatch, value: str
):
    monkeypatch.setenv("http_proxy", value)
    with pytest.raises(ConfigurationError, match=r"cannot be used: expected http://HOST:PORT") as caught:
        fetch("http://registry.invalid/", hosts=Hosts(Names("127.0.0.1")))
    assert "secret" not in str(caught.value)


def test_case_52_all_proxy_serves_where_no_other_is_named(proxy: HostileServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("http_proxy")
    monkeypatch.setenv("all_proxy", proxy.url)
    proxy.files["http://registry.invalid/file"] = BODY
    assert fetch("http://registry.invalid/", hosts=Hosts(Names("127.0.0.1"))) == BODY


def test_case_52_a_netrc_is_not_read(world: HostileServer, isolated: Path):
    (isolated / ".netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (isolated / ".netrc").chmod(0o600)
    fetch(world.url)
    assert "authorization" not in world.headers[0]


def test_case_52_encryption_goes_through_a_proxy_untouched(
    proxy: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made, path = authority(tmp_path)
    monkeypatch.setenv("CMSITE_CA", str(path))
    with served_with_tls(made.issue_cert("registry.invalid")) as secure, tunnel(secure.url) as port:
        secure.files["file"] = BODY
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        assert fetch("https://registry.invalid/", hosts=Hosts(Names("127.0.0.1"))) == BODY


class tunnel:  # noqa: N801 - used as a function.
    """A proxy that connects every tunnel to one server."""

    def __init__(self, url: str) -> None:
        self.target = int(url.rstrip("/").rpartition(":")[2])
        self.listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self.serve, daemon=True).start()
        return int(self.listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def serve(self) -> None:
        client, _ = self.listener.accept()
        while not client.recv(65536).endswith(b"\r\n\r\n"):
            pass
        server = socket.create_connection(("127.0.0.1", self.target))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        finally:
            sink.close()


# Several at once.


def test_many_files_at_once_come_in_order_over_few_connections(world: HostileServer):
    lock, now, most, together = threading.Lock(), 0, 0, threading.Event()

    def slowly(number: int):
        def act(handler: Handler) -> None:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            if most > 1:
                together.set()
            together.wait(PATIENCE_S)
            time.sleep(0.02)
            with lock:
                now -= 1
            handler.send(200, str(number).encode())

        return act

    world.answers |= {f"f{number}": slowly(number) for number in range(40)}
    one = Transport(world.url, limits=LIMITS)
    got = in_threads(lambda number: one.fetch(f"{world.url}f{number}", max_bytes=10), range(40))
    assert got == tuple(str(number).encode() for number in range(40))
    assert 2 <= most <= PARALLEL
    (pool,) = one._pools._pools.values()
    assert pool.num_connections <= PARALLEL


def test_the_first_failure_in_order_is_raised_and_the_rest_is_left(monkeypatch: pytest.MonkeyPatch):
    begun: list[int] = []
    third, left = threading.Event(), threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if number == 2:
            assert third.wait(PATIENCE_S)
            raise NetworkError("the second")
        if number == 3:
            third.set()
            raise NetworkError("the third")
        if number > 2:  # Until the rest is left, which is as soon as somebody looked at the second.
            left.wait(2)
        return number

    shutdown = ThreadPoolExecutor.shutdown

    def leave(self: ThreadPoolExecutor, **how: bool) -> None:
        shutdown(self, **how)
        left.set()

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", leave)

    with pytest.raises(NetworkError, match="the second"):
        in_threads(work, range(200))
    assert len(begun) < 100


def test_one_item_needs_no_thread():
    assert in_threads(lambda _item: threading.current_thread(), ["one"]) == (threading.current_thread(),)
    assert in_threads(lambda item: item, []) == ()


# Addresses.


def _nobody(_host: str) -> tuple[str, ...]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


addresses = st.one_of(
    st.text(max_size=30),
    st.builds(
        "{}{}".format,
        st.sampled_from(["http://", "https://", "//", "file:", "http:", "HTTP://["]),
        st.text(max_size=30),
    ),
    st.builds("http://{}:{}/{}".format, st.text(max_size=8), st.integers(), st.text(max_size=8)),
)


@given(addresses)
def test_any_address_of_an_index_ends_in_a_clear_refusal(url: str):
    one = Transport("https://registry.example/", limits=TransportLimits(attempts=1), hosts=Hosts(_nobody))
    with pytest.raises(CmsiteError) as caught:
        one.fetch(url, max_bytes=10)
    assert str(caught.value).isprintable()


@given(addresses)
def test_any_redirect_is_followed_or_refused_clearly(location: str):
    chain = ("https://registry.example/a",)
    try:
        found = next_address(chain, location, home=chain[0], limit=5, network_of=lambda _host: frozenset())
    except CmsiteError as error:
        assert str(error).isprintable()  # noqa: PT017 - either end is right.
    else:
        assert found.startswith("https://")


@given(addresses)
def test_any_text_is_a_registry_or_a_clear_refusal(text: str):
    try:
        assert registry_address(text).endswith("/")
    except CmsiteError as error:
        assert "address" in str(error)  # noqa: PT017 - either end is right.


# Any bytes for an answer.

_HEADERS = [
    b"Content-Length: 5",
    b"Content-Length: -5",
    b"Content-Length: 5, 6",
    b"Content-Length: \xff",
    b"Content-Length: 99999999999999999999999",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Content-Encoding: gzip",
    b"Content-Encoding: \x00",
    b"Content-Range: bytes 0-4/5",
    b"Location: /file",
    b"Location: \xff\xfe",
    b"Location: http://[::1",
    b"Retry-After: 99999999999",
    b"ETag: \xe9\xe9",
    b"Connection: close",
    b": nothing",
    b"no colon",
    b" folded",
]
_STATUS = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 206 Part",
    b"HTTP/1.1 302 Found",
    b"HTTP/1.0 200",
    b"HTTP/1.1 99 x",
    b"HTTP/9 200",
]
_STATUS += [
    b"HTTP/1.1 429 Later",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
    b"HTTP/1.1 304 Same",
    b"\x16\x03\x01",
]
_BODY = [
    b"hello",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\nhello",
    b"-1\r\n",
    b"5\r\nhel",
    b"",
    b"5;" + b"x" * 70_000,
    b"\x1f\x8b\x08",
]
answers = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda status, headers, body: b"\r\n".join([status, *headers, b"", body]),
        st.sampled_from(_STATUS),
        st.lists(st.sampled_from(_HEADERS), max_size=4),
        st.one_of(st.sampled_from(_BODY), st.binary(max_size=50)),
    ),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(answers)
def test_any_bytes_for_an_answer_end_in_a_file_or_a_clear_refusal(raw_world: HostileServer, raw: bytes):
    def act(handler: Handler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    raw_world.answers["file"] = act
    limits = TransportLimits(connect_s=2, stall_s=0.5, total_s=2, attempts=2, backoff_s=0, longest_pause_s=0)
    for ask in (
        lambda one: one.fetch(raw_world.url + "file", max_bytes=10),
        lambda one: one.fetch_changed(raw_world.url + "file", max_bytes=10, held=Validators(etag='"x"')).data or b"",
    ):
        try:
            assert len(ask(Transport(raw_world.url, limits=limits))) <= 10
        except CmsiteError as error:
            assert str(error).isprintable()  # noqa: PT017 - either end is right.


@pytest.fixture(scope="module")
def raw_world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server
