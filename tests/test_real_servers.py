"""The client against servers that people run: nginx, caddy with TLS, rclone over HTTP and S3. Numbers: facts/index.md §4.

Each serves the same registry with one archive large enough to be resumed.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from cmsite.client.cache import Cache
from cmsite.client.fetching import Fetcher, MissingFileError, Sink, TransportLimits, Validators
from cmsite.client.query import parse_query
from cmsite.client.remote import RemoteRegistry
from cmsite.client.transport import Transport
from cmsite.client.trust import TrustStore
from cmsite.errors import NetworkError
from cmsite.index.layout import ROOT_PATH, archive_path
from tests.certificates import authority, expired
from tests.index_values import many, record, site_of, version
from tests.requirements import need
from tests.serving import free_port, served_by_caddy, served_by_nginx, served_by_rclone

pytestmark = pytest.mark.server

ARCHIVE = os.urandom(1_500_000)
SHA256 = hashlib.sha256(ARCHIVE).hexdigest()
BIG = replace(version(), archive_sha256=SHA256, size_bytes=len(ARCHIVE))
LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=2, backoff_s=0.01)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with one bucket `bucket`, which holds the registry."""
    folder = tmp_path / "served" / "bucket"
    files = site_of([*many(400), record("big", versions=(BIG,))]) | {archive_path(SHA256): ARCHIVE}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@dataclass(frozen=True)
class Server:
    """Which way a server is started, and what it can do."""

    name: str
    says_unchanged: bool = True
    resumes: bool = True
    missing: str = "404"


NGINX, CADDY = Server("nginx"), Server("caddy")
RCLONE_HTTP = Server("rclone-http", resumes=False)
RCLONE_S3 = Server("rclone-s3", resumes=False)  # It answers a Range with 200 and the whole file.
SERVERS = [pytest.param(server, id=server.name) for server in (NGINX, CADDY, RCLONE_HTTP, RCLONE_S3)]


@contextmanager
def started(server: Server, site: Path, scratch: Path) -> Iterator[str]:
    if server is NGINX:
        with served_by_nginx(need("nginx"), site, scratch) as url:
            yield url
    elif server is CADDY:
        with served_by_caddy(need("caddy"), site, scratch) as url:
            yield url
    elif server is RCLONE_HTTP:
        with served_by_rclone(need("rclone"), site, scratch, "http") as url:
            yield url
    else:
        with served_by_rclone(need("rclone"), site.parent, scratch, "s3") as url:
            yield f"{url}bucket/"


class Counting:
    """A `Fetcher` that counts answers: how often nothing was sent again, and what was asked for."""

    def __init__(self, url: str) -> None:
        self.unchanged = 0
        self._real = Transport(url, limits=LIMITS)

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        return self._real.fetch(url, max_bytes=max_bytes, expected_sha256=expected_sha256, fresh=fresh)

    def fetch_changed(self, url: str, *, max_bytes: int, held: Validators | None, fresh: bool = False):
        answer = self._real.fetch_changed(url, max_bytes=max_bytes, held=held, fresh=fresh)
        self.unchanged += answer.data is None
        return answer

    def fetch_into(self, url: str, sink: Sink, *, max_bytes: int, expected_sha256: str) -> None:
        self._real.fetch_into(url, sink, max_bytes=max_bytes, expected_sha256=expected_sha256)


Open = Callable[[str], tuple[RemoteRegistry, Counting]]


@pytest.fixture
def open_it(tmp_path: Path) -> Open:
    """Return a function that opens a registry as a new process of the same user would."""

    def act(url: str) -> tuple[RemoteRegistry, Counting]:
        transport = Counting(url)
        cache, trust = Cache(tmp_path / "cache"), TrustStore(tmp_path / "config")
        return RemoteRegistry(url, transport=transport, cache=cache, trust=trust), transport

    return act


@pytest.mark.parametrize("server", SERVERS)
def test_a_registry_on_a_real_server(server: Server, site: Path, tmp_path: Path, open_it: Open):
    with started(server, site, tmp_path) as url:
        registry, _ = open_it(url)
        assert registry.resolve("script:artifact-399").record == record("artifact-399")
        assert len(registry.records()) == 401
        assert len(registry.search(parse_query(["artifact"])).hits) == 400
        assert registry.archive(registry.resolve("script:big").version).read_bytes() == ARCHIVE
        again, transport = open_it(url)
        assert again.resolve("script:big").record.alias == "big"
        assert transport.unchanged == int(server.says_unchanged)


@pytest.mark.parametrize("server", SERVERS)
def test_case_53_54_resuming_on_a_real_server(server: Server, site: Path, tmp_path: Path):
    """Whatever the server makes of Range, the bytes are right; where it can, only the rest is sent."""
    sent: list[int] = []

    class Stopped(Exception):  # noqa: N818 - a stand-in for a killed process.
        pass

    def watched(sink: Sink, *, stop: bool) -> Sink:
        real = sink.write

        def write(chunk: bytes) -> None:
            sent.append(len(chunk))
            real(chunk)
            if stop and sink.size_bytes > 500_000:
                raise Stopped

        sink.write = write  # type: ignore[method-assign]
        return sink

    def get(url: str, *, stop: bool) -> bytes:
        one: Fetcher = Transport(url, limits=LIMITS)
        return (
            Cache(tmp_path / "cache")
            .add(
                SHA256,
                lambda sink: one.fetch_into(
                    url + archive_path(SHA256), watched(sink, stop=stop), max_bytes=len(ARCHIVE), expected_sha256=SHA256
                ),
                size_bytes=len(ARCHIVE),
            )
            .read_bytes()
        )

    with started(server, site, tmp_path) as url:
        with pytest.raises(Stopped):
            get(url, stop=True)
        before = sum(sent)
        sent.clear()
        assert get(url, stop=False) == ARCHIVE
        assert sum(sent) == len(ARCHIVE) - (before if server.resumes else 0)


@pytest.mark.parametrize("server", SERVERS)
def test_a_file_that_a_real_server_lacks(server: Server, site: Path, tmp_path: Path):
    with started(server, site, tmp_path) as url, pytest.raises(MissingFileError, match=f"answered {server.missing}"):
        Transport(url, limits=LIMITS).fetch(url + "cm-index/v1/none", max_bytes=10)


def test_a_bucket_that_nobody_may_read(site: Path, tmp_path: Path):
    """Whatever status it has for that (rclone: 400), it is not taken for a file that is missing."""
    keys = ("--auth-key", "access,secret")
    with served_by_rclone(need("rclone"), site.parent, tmp_path, "s3", *keys) as url:
        with pytest.raises(NetworkError, match=r"answered 40[13], access is refused|whole file, got 400") as caught:
            Transport(url, limits=LIMITS).fetch(f"{url}bucket/{ROOT_PATH}", max_bytes=10_000_000)
        assert not isinstance(caught.value, MissingFileError)


def test_case_60_nginx_that_says_403_for_what_is_missing(site: Path, tmp_path: Path, open_it: Open):
    with (
        served_by_nginx(need("nginx"), site, tmp_path, more="location ~ /none { return 403; }") as url,
        pytest.raises(NetworkError, match="access is refused"),
    ):
        open_it(f"{url}none/")[0].records()


def test_case_51_basic_authentication_of_nginx(site: Path, tmp_path: Path, open_it: Open):
    (tmp_path / "users").write_text("ada:{PLAIN}se@cret\n")
    more = f"auth_basic catalogue; auth_basic_user_file {tmp_path / 'users'};"
    with served_by_nginx(need("nginx"), site, tmp_path, more=more) as url:
        with pytest.raises(NetworkError, match="answered 401, access is refused"):
            open_it(url)[0].records()
        registry, _ = open_it(url.replace("//", "//ada:se%40cret@"))
        assert len(registry.records()) == 401
        assert registry.url == url
        kept = [
            path for path in (*(tmp_path / "cache").rglob("*"), *(tmp_path / "config").rglob("*")) if path.is_file()
        ]
        assert kept
        assert [path for path in kept if b"se@cret" in path.read_bytes() or b"se%40cret" in path.read_bytes()] == []


def test_nginx_that_packs_gives_a_weak_etag_and_the_right_bytes(site: Path, tmp_path: Path, open_it: Open):
    with served_by_nginx(need("nginx"), site, tmp_path, more="gzip_min_length 1; gunzip off;") as url:
        registry, _ = open_it(url)
        assert len(registry.records()) == 401


# Encryption.


def test_case_64_caddy_with_an_own_authority(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_it: Open
):
    made, path = authority(tmp_path)
    with served_by_caddy(need("caddy"), site, tmp_path, tls=key_pair(made.issue_cert("127.0.0.1"), tmp_path)) as url:
        with pytest.raises(NetworkError, match="certificate is not trusted"):
            open_it(url)[0].records()
        monkeypatch.setenv("CMSITE_CA", str(path))
        assert len(open_it(url)[0].records()) == 401


def test_case_64_caddy_with_an_expired_certificate(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_it: Open
):
    made, path = authority(tmp_path)
    monkeypatch.setenv("CMSITE_CA", str(path))
    with (
        served_by_caddy(need("caddy"), site, tmp_path, tls=key_pair(expired(made), tmp_path)) as url,
        pytest.raises(NetworkError, match="has expired"),
    ):
        open_it(url)[0].records()


@contextmanager
def nginx_with_tls(certificate: trustme.LeafCert, site: Path, scratch: Path) -> Iterator[str]:
    port = free_port()
    chain, key = key_pair(certificate, scratch)
    more = f"listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};"
    with served_by_nginx(need("nginx"), site, scratch, more=more):
        yield f"https://localhost:{port}/"


@pytest.mark.parametrize(
    ("name", "message"), [("localhost", ""), ("example.org", r"Hostname mismatch.*not valid for 'localhost'")]
)
def test_case_64_nginx_with_an_own_authority(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_it: Open, name: str, message: str
):
    made, path = authority(tmp_path)
    monkeypatch.setenv("CMSITE_CA", str(path))
    with nginx_with_tls(made.issue_cert(name), site, tmp_path) as url:
        if not message:
            assert len(open_it(url)[0].records()) == 401
            return
        with pytest.raises(NetworkError, match=message):
            open_it(url)[0].records()


def key_pair(certificate: trustme.LeafCert, folder: Path) -> tuple[Path, Path]:
    """Return the files of a certificate and its key."""
    for name, blobs in (("chain.pem", certificate.cert_chain_pems), ("key.pem", [certificate.private_key_pem])):
        (folder / name).write_bytes(b"".join(blob.bytes() for blob in blobs))
    return folder / "chain.pem", folder / "key.pem"
