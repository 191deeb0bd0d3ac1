"""HTTP for a hostile world: own redirects, deadlines, size limits and retries over urllib3.

The transport knows nothing of the index. Resuming, conditional requests and parallel fetching are not its business yet.
Source: facts/index.md §4, cases 40-66; DESIGN §8.
"""

import hashlib
import io
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn
from urllib.parse import unquote, urlsplit, urlunsplit

from cmsite import __version__
from cmsite.client.fetching import Fetcher, MissingFileError, TransportLimits, shown
from cmsite.client.local_files import LocalFiles
from cmsite.client.redirects import NetworkOf, check_network, network_of_address, next_address
from cmsite.errors import IntegrityError, NetworkError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_CHUNK_BYTES = 256 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_TRY_AGAIN = (408, 429, 500, 502, 503, 504)
_GONE = (404, 410)
_SECONDS = re.compile(r"[0-9]{1,6}\Z")


class _TryAgainError(Exception):
    """A failure that may pass; `pause_s` is what the server asked for, None where it said nothing."""

    def __init__(self, error: NetworkError, pause_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause_s = pause_s


class Transport:
    """The `Fetcher` of one registry: HTTP, and files where the registry itself lies in a folder.

    `home` is the registry's address; credentials in it are sent to its own scheme, host and port only.
    """

    def __init__(
        self,
        home: str,
        *,
        limits: TransportLimits | None = None,
        pause: Callable[[float], None] = time.sleep,
        network_of: NetworkOf | None = None,
    ) -> None:
        self._home = home
        self._limits = limits or TransportLimits()
        self._pause = pause
        self._network_of = network_of or look_up_network
        self._files: Fetcher | None = LocalFiles() if urlsplit(home).scheme == "file" else None
        self._pools: dict[str, PoolManager] = {}

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        """Return the bytes at an address; see `Fetcher`."""
        if self._is_file(url) and self._files is not None:
            return self._files.fetch(url, max_bytes=max_bytes, expected_sha256=expected_sha256)
        body = io.BytesIO()
        encoding = self._download(url, body, max_bytes=max_bytes, has_digest=expected_sha256 is not None, fresh=fresh)
        data = body.getvalue()
        if encoding == "gzip" and (expected_sha256 is None or _sha256(data) != expected_sha256):
            data = _decoded(data, max_bytes, url)
        if expected_sha256 is not None:
            _check_digest(url, _sha256(data), expected_sha256, len(data))
        return data

    def fetch_to(self, url: str, path: Path, *, max_bytes: int, expected_sha256: str) -> None:
        """Write the bytes at an address to a file; see `Fetcher`."""
        if self._is_file(url) and self._files is not None:
            self._files.fetch_to(url, path, max_bytes=max_bytes, expected_sha256=expected_sha256)
            return
        with path.open("w+b") as body:
            self._download(url, body, max_bytes=max_bytes, has_digest=True, fresh=False)
            size_bytes = body.tell()
            body.seek(0)
            digest = hashlib.file_digest(body, "sha256").hexdigest()
        _check_digest(url, digest, expected_sha256, size_bytes)

    def _is_file(self, url: str) -> bool:
        """Return whether this is a file address that the registry may name; raises for one it may not."""
        scheme = urlsplit(url).scheme
        if scheme == "file" and self._files is not None:
            return True
        if scheme not in ("http", "https"):
            raise NetworkError(f"{shown(self._home)} names the address {shown(url)}; only http and https are fetched")
        return False

    def _download(self, url: str, body: BinaryIO, *, max_bytes: int, has_digest: bool, fresh: bool) -> str:
        """Write what the address holds to `body`, trying again where that may help; return its Content-Encoding."""
        check_network(url, home=self._home, network_of=self._network_of)
        too_large = IntegrityError if has_digest else NetworkError
        deadline = time.monotonic() + self._limits.deadline_s(max_bytes)
        for attempt in range(self._limits.attempts):
            body.seek(0)
            body.truncate()
            try:
                return self._exchange(
                    url, body, max_bytes=max_bytes, too_large=too_large, deadline=deadline, fresh=fresh
                )
            except _TryAgainError as failure:
                pause_s = self._pause_s(attempt, failure)
                if attempt + 1 == self._limits.attempts or time.monotonic() + pause_s >= deadline:
                    raise failure.error from failure.__cause__
                self._pause(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _pause_s(self, attempt: int, failure: _TryAgainError) -> float:
        asked = self._limits.backoff_s * 2**attempt if failure.pause_s is None else failure.pause_s
        return min(asked, self._limits.longest_pause_s)

    def _exchange(
        self,
        url: str,
        body: BinaryIO,
        *,
        max_bytes: int,
        too_large: type[IntegrityError | NetworkError],
        deadline: float,
        fresh: bool,
    ) -> str:
        """Ask once, following redirects, and write the answer to `body`."""
        chain: tuple[str, ...] = (url,)
        while True:
            response = self._request(chain[-1], deadline, fresh=fresh)
            try:
                location = response.headers.get("Location")
                if response.status in _REDIRECTS and location is not None:
                    step = next_address(
                        chain, location, home=self._home, limit=self._limits.redirects, network_of=self._network_of
                    )
                    chain = (*chain, step)
                    continue
                _check_status(response, chain[-1])
                _receive(response, chain[-1], body, max_bytes=max_bytes, too_large=too_large, deadline=deadline)
                return response.headers.get("Content-Encoding", "").strip().lower()
            finally:
                # A body that was read whole has given its connection back; any other connection is of no more use.
                response.close()

    def _request(self, url: str, deadline: float, *, fresh: bool) -> "BaseHTTPResponse":
        import urllib3

        remaining_s = deadline - time.monotonic()
        if remaining_s <= 0:
            raise _too_slow(url)
        timeout = urllib3.Timeout(
            connect=min(self._limits.connect_s, remaining_s), read=min(self._limits.stall_s, remaining_s)
        )
        address, headers = self._authorized(url)
        if fresh:
            headers["Cache-Control"] = "no-cache"
        try:
            return self._pool(address).request(
                "GET",
                address,
                headers=headers,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
                timeout=timeout,
            )
        except urllib3.exceptions.HTTPError as error:
            _raise_failure(url, error)

    def _authorized(self, url: str) -> tuple[str, dict[str, str]]:
        """Return the address without credentials and the headers, with the home's credentials at home only."""
        import urllib3

        headers = {"User-Agent": f"cmsite/{__version__}", "Accept-Encoding": "identity"}
        parts, home = urlsplit(url), urlsplit(self._home)
        if home.username is not None and _origin(url) == _origin(self._home):
            pair = f"{unquote(home.username)}:{unquote(home.password or '')}"
            headers |= urllib3.make_headers(basic_auth=pair)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, parts.query, "")), headers

    def _pool(self, url: str) -> "PoolManager":
        """Return the connections for an address, through a proxy where the environment names one."""
        from urllib.request import getproxies_environment, proxy_bypass

        import urllib3

        parts = urlsplit(url)
        proxy = getproxies_environment().get(parts.scheme, "")
        if proxy and proxy_bypass(parts.netloc):
            proxy = ""
        if proxy not in self._pools:
            self._pools[proxy] = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
        return self._pools[proxy]


def look_up_network(host: str) -> frozenset[str]:
    """Return the kinds of network a host's addresses lie in; nothing where its name is unknown here."""
    try:
        return frozenset({network_of_address(host)})
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(network_of_address(str(entry[4][0])) for entry in found)


def _check_status(response: "BaseHTTPResponse", url: str) -> None:
    """Accept a whole file; raise for anything else."""
    status = response.status
    if status == 200 and "Content-Range" not in response.headers:  # noqa: PLR2004 - OK of HTTP.
        return
    if status in _GONE:
        raise MissingFileError(f"{shown(url)}: the server answered {status}, there is no such file")
    if status in _TRY_AGAIN:
        error = NetworkError(f"{shown(url)}: the server answered {status}, also after trying again; try later")
        wait = response.headers.get("Retry-After", "")
        raise _TryAgainError(error, float(wait) if _SECONDS.match(wait) else None)
    if status in (401, 403):
        raise NetworkError(
            f"{shown(url)}: the server answered {status}, access is refused (some object stores say 403 for a missing "
            "file too); check the address and your permission"
        )
    part = " with a part of the file" if "Content-Range" in response.headers else ""
    raise NetworkError(f"{shown(url)}: expected the answer 200 with a whole file, got {status}{part}")


def _receive(
    response: "BaseHTTPResponse",
    url: str,
    body: BinaryIO,
    *,
    max_bytes: int,
    too_large: type[IntegrityError | NetworkError],
    deadline: float,
) -> None:
    """Write the body, never more than `max_bytes`, never beyond the deadline."""
    import urllib3

    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared[:20]) > max_bytes:
        raise too_large(f"{shown(url)}: the server offers {declared[:20]} bytes, expected at most {max_bytes}; refused")
    received = 0
    try:
        while chunk := response.read1(_CHUNK_BYTES):
            received += len(chunk)
            if received > max_bytes:
                raise too_large(f"{shown(url)}: the server sends more than the {max_bytes} bytes expected; refused")
            if time.monotonic() > deadline:
                raise _too_slow(url, received)
            body.write(chunk)
    except urllib3.exceptions.HTTPError as error:
        _raise_failure(url, error, received, declared)


def _raise_failure(url: str, error: Exception, received: int | None = None, declared: str = "") -> NoReturn:
    """Turn a failure of urllib3 into ours; all but a wrong certificate and a wrong address may pass."""
    import urllib3

    if isinstance(error, urllib3.exceptions.SSLError):
        raise NetworkError(
            f"{shown(url)}: the server's certificate is not trusted or the encryption failed ({_reason(error)}); "
            "name an own authority's file with the variable SSL_CERT_FILE"
        ) from error
    if isinstance(error, urllib3.exceptions.LocationValueError):
        raise NetworkError(f"{shown(url)}: this address cannot be asked ({_reason(error)})") from error
    if received is not None:
        of = f" of {declared[:20]}" if declared.isdecimal() else ""
        failure = NetworkError(f"{shown(url)}: the connection broke after {received}{of} bytes; try again")
    else:
        failure = NetworkError(f"{shown(url)}: no answer ({_reason(error)}); check the address and the network")
    raise _TryAgainError(failure) from error


def _reason(error: Exception) -> str:
    """Return an error of urllib3 in a line, without the objects and addresses it prints."""
    text = re.sub(r"<[^<>]*>|\S+object at 0x[0-9a-f]+", "", str(error.__cause__ or error))
    return text.strip(" :")[:160] or type(error).__name__


def _too_slow(url: str, received: int | None = None) -> NetworkError:
    after = "" if received is None else f" after {received} bytes"
    return NetworkError(f"{shown(url)}: the server is too slow, given up{after}; try again later")


def _decoded(data: bytes, max_bytes: int, url: str) -> bytes:
    """Return what a server packed although it was asked not to (case 58)."""
    import zlib

    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = decompressor.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise NetworkError(f"{shown(url)}: the server says it packed the body, but that is not gzip") from error
    if len(content) > max_bytes or not decompressor.eof:
        raise NetworkError(f"{shown(url)}: the packed body unpacks to more than {max_bytes} bytes, or is cut off")
    return content


def _check_digest(url: str, found: str, expected: str, size_bytes: int) -> None:
    if found != expected:
        raise IntegrityError(
            f"{shown(url)}: {size_bytes} bytes with sha256 {found}, expected {expected}; damaged or tampered with"
        )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme))
