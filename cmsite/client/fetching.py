"""What every transport offers, the limits all obey, and how addresses are shown: without credentials.

Source: facts/index.md §4, cases 40-64.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit, urlunsplit

from cmsite.errors import NetworkError, UsageError

SCHEMES = ("http", "https", "file")
_NO_HOST = frozenset(" !\"#$&'()*+,/;<=>?@\\^`{|}")  # Signs that no name of a host has.


class TransportLimits(NamedTuple):
    """How long and how often a transport tries.

    `stall_s` may pass without a byte; a whole fetch may take `total_s` plus the time its largest size takes at
    `slowest_bytes_per_s`, tries and pauses included; the pause before the n-th retry is `backoff_s` times 2**n, or what
    the server asks for, up to `longest_pause_s`.
    """

    connect_s: float = 10.0
    stall_s: float = 30.0
    total_s: float = 60.0
    slowest_bytes_per_s: int = 32_768
    redirects: int = 5
    attempts: int = 4
    backoff_s: float = 0.5
    longest_pause_s: float = 30.0

    def deadline_s(self, max_bytes: int) -> float:
        """Return how long a fetch of at most this size may take."""
        return self.total_s + max_bytes / self.slowest_bytes_per_s


class MissingFileError(NetworkError):
    """The server answered that it has no such file (404 or 410), or the folder lacks it."""


class Validators(NamedTuple):
    """What a server calls one state of a file: its `ETag` and `Last-Modified`, "" where it said nothing."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The bytes at an address, None where they are what the asker holds; and what the server calls this state."""

    data: bytes | None
    validators: Validators = field(default_factory=Validators)


class Sink(Protocol):
    """Takes the bytes of one file in order, and may hold its beginning from an earlier try.

    `size_bytes` are held already; `source` is the address they came from and `etag` the strong validator they were sent
    under, both "" where they cannot be continued.
    """

    size_bytes: int
    source: str
    etag: str

    def begin(self, source: str = "", etag: str = "") -> None:
        """Forget what is held; the whole file follows."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""

    def sha256(self) -> str:
        """Return the digest of all that is held."""


class Fetcher(Protocol):
    """Fetches files whose size is bounded and whose digest is usually known; safe for several threads."""

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        """Return the bytes at an address; `fresh` asks caches on the way not to answer.

        Raises `MissingFileError`, `NetworkError`, or `IntegrityError` where the digest or the size is another.
        """

    def fetch_changed(self, url: str, *, max_bytes: int, held: Validators | None, fresh: bool = False) -> Answer:
        """Return the bytes at an address unless they are still those that `held` came with; raises as `fetch` does.

        `held` is None unless the caller has those bytes.
        """

    def fetch_into(self, url: str, sink: Sink, *, max_bytes: int, expected_sha256: str) -> None:
        """Bring a file of this digest into a sink, going on where it stopped if the server can; raises as `fetch` does.

        After a failure the sink holds what arrived, after an `IntegrityError` nothing.
        """


def shown(url: str) -> str:
    """Return an address as it may be printed or stored in a message: no user, password, query or fragment.

    >>> shown("https://ada:secret@example.org/a?token=1")
    'https://example.org/a'
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an unreadable address"
    return urlunsplit((parts.scheme, host, parts.path, "", "")).encode("unicode_escape").decode("ascii")


def has_credentials(url: str) -> bool:
    """Return whether an address holds a user or password."""
    return "@" in urlsplit(url).netloc


def is_host(host: str | None) -> bool:
    """Return whether a part of an address may be the name of a host; others are not even looked up."""
    return bool(host) and (host or "").isprintable() and not any(sign in _NO_HOST for sign in host or "")


def registry_address(url: str) -> str:
    """Return the one form of a registry's address: the site's root with a trailing slash.

    The address of its root.json, index folder or front page is understood too.

    Raises `UsageError` for anything but http, https and file addresses.

    >>> registry_address("https://example.org/catalogue/cm-index/v1/root.json")
    'https://example.org/catalogue/'
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError as error:
        raise UsageError(
            f"the address of a registry cannot be read ({error}); give http://HOST/…, https://HOST/… or a folder"
        ) from error
    if parts.scheme.lower() not in SCHEMES or (parts.scheme.lower() != "file" and not is_host(parts.hostname)):
        raise UsageError(f"{shown(url)!r} is no address of a registry; give http://…, https://… or a folder")
    path = parts.path
    for ending in ("index.html", "root.json", "/"):
        path = path.removesuffix(ending)
    path = path.removesuffix("/cm-index/v1").removesuffix("/cm-index").rstrip("/")
    return urlunsplit((parts.scheme.lower(), parts.netloc, f"{path}/", "", ""))
