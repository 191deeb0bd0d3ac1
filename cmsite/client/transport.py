"""HTTP for a hostile world: own redirects, deadlines, size limits, retries and resuming over urllib3.

The transport knows nothing of the index, and keeps nothing but open connections and the addresses of hosts.
What an answer means stands in `answers`, what connections may do in `connections`, where a server may send us in
`redirects`. Source: facts/index.md §4, cases 40-66; DESIGN §8.
"""

import hashlib
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from cmsite import __version__
from cmsite.client.answers import (
    NOT_MODIFIED,
    REDIRECTS,
    TryAgainError,
    check_whole,
    continues,
    is_odd_part,
    raise_failure,
    receive,
    strong_etag,
    too_slow,
    unpacked,
    validators_of,
)
from cmsite.client.fetching import Answer, Fetcher, Sink, TransportLimits, Validators, shown
from cmsite.client.hosts import Hosts
from cmsite.client.local_files import LocalFiles
from cmsite.client.redirects import check_network, next_address
from cmsite.errors import IntegrityError, NetworkError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from cmsite.client.connections import Pools

USER_AGENT = f"cmsite/{__version__} (client of static registries of artifacts)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked of an address: how much may come, until when, what is too much, and further headers."""

    max_bytes: int
    deadline: float
    too_large: type[IntegrityError | NetworkError]
    headers: tuple[tuple[str, str], ...] = ()
    is_conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """What came beside the body."""

    encoding: str = ""
    validators: Validators = field(default_factory=Validators)
    is_unchanged: bool = False
    is_continued: bool = False


class Transport:
    """The `Fetcher` of one registry: HTTP, and files where the registry itself lies in a folder.

    `home` is the registry's address; credentials in it are sent to its own scheme, host and port only. `now` is seconds
    since 1970, for dates that servers tell. Safe for several threads.
    """

    def __init__(
        self,
        home: str,
        *,
        limits: TransportLimits | None = None,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        hosts: Hosts | None = None,
    ) -> None:
        self._home = home
        self._limits = limits or TransportLimits()
        self._pause = pause
        self._now = now
        self._hosts = hosts or Hosts()
        self._files: Fetcher | None = LocalFiles() if urlsplit(home).scheme == "file" else None
        self._origin = _origin(home)
        self._opened: Pools | None = None
        self._lock = threading.Lock()

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        """Return the bytes at an address; see `Fetcher`."""
        if self._is_file(url) and self._files is not None:
            return self._files.fetch(url, max_bytes=max_bytes, expected_sha256=expected_sha256)
        memory = Memory()
        question = self._question(max_bytes, has_digest=expected_sha256 is not None, fresh=fresh)
        reply = self._download(url, memory, question)
        data = bytes(memory.data)
        if expected_sha256 is None:
            return unpacked(data, max_bytes, url) if reply.encoding == "gzip" else data
        found = hashlib.sha256(data).hexdigest()
        if reply.encoding == "gzip" and found != expected_sha256:
            data = unpacked(data, max_bytes, url)
            found = hashlib.sha256(data).hexdigest()
        _check_digest(url, found, expected_sha256, len(data))
        return data

    def fetch_changed(self, url: str, *, max_bytes: int, held: Validators | None, fresh: bool = False) -> Answer:
        """Return the bytes at an address unless they are those of `held`; see `Fetcher`."""
        if self._is_file(url) and self._files is not None:
            return self._files.fetch_changed(url, max_bytes=max_bytes, held=held)
        memory = Memory()
        question = self._question(max_bytes, has_digest=False, fresh=fresh)
        known = held or Validators()
        conditions = (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified))
        given = tuple((name, value) for name, value in conditions if value)
        question = replace(question, headers=question.headers + given, is_conditional=bool(given))
        reply = self._download(url, memory, question)
        if reply.is_unchanged:
            return Answer(data=None, validators=known)
        data = bytes(memory.data)
        data = unpacked(data, max_bytes, url) if reply.encoding == "gzip" else data
        return Answer(data=data, validators=reply.validators)

    def fetch_into(self, url: str, sink: Sink, *, max_bytes: int, expected_sha256: str) -> None:
        """Bring a file of this digest into a sink; see `Fetcher`."""
        if self._is_file(url) and self._files is not None:
            self._files.fetch_into(url, sink, max_bytes=max_bytes, expected_sha256=expected_sha256)
            return
        question = self._question(max_bytes, has_digest=True, fresh=False)
        try:
            reply = self._download(url, sink, question)
            if reply.is_continued and sink.sha256() != expected_sha256:
                # What lay in the cache, or the server's word that nothing changed, was wrong: again from the start.
                sink.begin()
                reply = self._download(url, sink, question)
            _check_digest(url, sink.sha256(), expected_sha256, sink.size_bytes, reply.encoding)
        except IntegrityError:
            sink.begin()
            raise

    def _question(self, max_bytes: int, *, has_digest: bool, fresh: bool) -> _Question:
        return _Question(
            max_bytes=max_bytes,
            deadline=time.monotonic() + self._limits.deadline_s(max_bytes),
            too_large=IntegrityError if has_digest else NetworkError,
            headers=(("Cache-Control", "no-cache"),) if fresh else (),
        )

    def _is_file(self, url: str) -> bool:
        """Return whether this is a file address that the registry may name; raises for one it may not."""
        try:
            parts = urlsplit(url)
            scheme, _ = parts.scheme, parts.port
        except ValueError as error:
            raise NetworkError(f"{shown(self._home)} names an address that cannot be read: {error}") from error
        if scheme == "file" and self._files is not None:
            return True
        if scheme not in ("http", "https"):
            raise NetworkError(f"{shown(self._home)} names the address {shown(url)}; only http and https are fetched")
        return False

    def _download(self, url: str, sink: Sink, question: _Question) -> _Reply:
        """Bring what the address holds into the sink, trying again where that may help."""
        for attempt in range(self._limits.attempts):
            try:
                return self._exchange(url, sink, question)
            except TryAgainError as failure:
                pause_s = self._pause_s(attempt, failure)
                if attempt + 1 == self._limits.attempts or time.monotonic() + pause_s >= question.deadline:
                    raise failure.error from failure.__cause__
                self._pause(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _pause_s(self, attempt: int, failure: TryAgainError) -> float:
        asked = self._limits.backoff_s * 2**attempt if failure.pause_s is None else failure.pause_s
        return min(asked, self._limits.longest_pause_s)

    def _exchange(self, url: str, sink: Sink, question: _Question) -> _Reply:
        """Ask once, following redirects, and bring the answer into the sink."""
        check_network(url, home=self._home, network_of=self._hosts.networks)
        chain: tuple[str, ...] = (url,)
        while True:
            resuming = bool(sink.etag) and sink.size_bytes > 0 and sink.source == shown(url)
            part = _part_headers(sink) if resuming else ()
            response = self._request(chain[-1], question, part)
            try:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location is not None:
                    chain = (*chain, self._next(chain, location))
                    continue
                if question.is_conditional and response.status == NOT_MODIFIED:
                    return _Reply(is_unchanged=True)
                if resuming and not continues(response, sink) and is_odd_part(response):
                    sink.begin()  # This server cannot go on where we stopped: ask for the whole.
                    continue
                return self._take(response, chain[-1], sink, question, source=shown(url))
            finally:
                # A body that was read whole has given its connection back; any other connection is of no more use.
                response.close()

    def _take(self, response: "BaseHTTPResponse", url: str, sink: Sink, question: _Question, *, source: str) -> _Reply:
        """Bring the body of an answer into the sink: the rest of what it holds, or the whole file."""
        is_continued = sink.size_bytes > 0 and bool(sink.etag) and continues(response, sink)
        if not is_continued:
            check_whole(response, url, self._now())
            sink.begin(source, strong_etag(response))
        receive(
            response,
            url,
            sink,
            max_bytes=question.max_bytes,
            too_large=question.too_large,
            deadline=question.deadline,
        )
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        return _Reply(encoding=encoding, validators=validators_of(response), is_continued=is_continued)

    def _next(self, chain: tuple[str, ...], location: str) -> str:
        return next_address(
            chain, location, home=self._home, limit=self._limits.redirects, network_of=self._hosts.networks
        )

    def _request(self, url: str, question: _Question, part: tuple[tuple[str, str], ...]) -> "BaseHTTPResponse":
        import urllib3

        from cmsite.client.connections import BUDGET

        BUDGET.deadline, BUDGET.stall_s = question.deadline, self._limits.stall_s
        remaining_s = question.deadline - time.monotonic()
        if remaining_s <= 0:
            raise too_slow(url)
        headers = self._headers | dict(question.headers) | dict(part)
        parts = urlsplit(url)
        if self._credentials and _origin(url) == self._origin:
            headers |= self._credentials
        address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
        try:
            return self._pools.get(address, headers, min(self._limits.connect_s, remaining_s))
        except (urllib3.exceptions.HTTPError, TimeoutError) as error:
            self._hosts.forget(parts.hostname or "")
            if time.monotonic() >= question.deadline:
                raise too_slow(url) from error
            raise_failure(url, error)

    @cached_property
    def _headers(self) -> dict[str, str]:
        return {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}

    @cached_property
    def _credentials(self) -> dict[str, str]:
        """Return the header with the home's user and password, nothing where its address has none."""
        parts = urlsplit(self._home)
        if parts.username is None:
            return {}
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}

    @property
    def _pools(self) -> "Pools":
        with self._lock:
            if self._opened is None:
                from cmsite.client.connections import Pools

                self._opened = Pools(self._hosts.addresses)
            return self._opened


class Memory:
    """A `Sink` in memory, for small files: nothing of it is ever continued."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.size_bytes = 0
        self.source = ""
        self.etag = ""

    def begin(self, source: str = "", etag: str = "") -> None:  # noqa: ARG002 - the interface of sinks.
        """Forget what is held."""
        self.data.clear()
        self.size_bytes = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.data += chunk
        self.size_bytes = len(self.data)

    def sha256(self) -> str:
        """Return the digest of all that is held."""
        return hashlib.sha256(self.data).hexdigest()


def _part_headers(sink: Sink) -> tuple[tuple[str, str], ...]:
    return (("Range", f"bytes={sink.size_bytes}-"), ("If-Range", sink.etag))


def _check_digest(url: str, found: str, expected: str, size_bytes: int, encoding: str = "") -> None:
    if found != expected:
        packed = (
            " (the server packed them once more, although asked not to)" if encoding not in ("", "identity") else ""
        )
        raise IntegrityError(
            f"{shown(url)}: {size_bytes} bytes with sha256 {found}{packed}, expected {expected}; damaged or tampered with"
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme))
