"""What an answer of a server means: whole file, rest of a file, not there, try again, refused; and reading its body.

Source: RFC 9110 (§13.1.5 If-Range, §14.4 Content-Range, §10.2.3 Retry-After); facts/index.md §4, cases 40-63.
"""

import re
import time
from typing import TYPE_CHECKING, NoReturn

from cmsite.client.fetching import MissingFileError, Sink, Validators, shown
from cmsite.errors import IntegrityError, NetworkError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

OK, PARTIAL, NOT_MODIFIED, UNSATISFIABLE = 200, 206, 304, 416
REDIRECTS = (301, 302, 303, 307, 308)

_CHUNK_BYTES = 256 * 1024
_TRY_AGAIN = (408, 429, 500, 502, 503, 504)
_GONE = (404, 410)
_MAX_VALIDATOR_SIGNS = 512
# What urllib3 puts into its messages: objects and connections by their Python names, and addresses with a password.
_INTERNAL = r"<[^<>]*>|\S+object at 0x[0-9a-f]+|\b[A-Za-z]+\(host=[^()]*\)|\S*@\S*"
_SECONDS = re.compile(r"[0-9]{1,6}\Z")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15}|\*)\Z")


class TryAgainError(Exception):
    """A failure that may pass; `pause_s` is what the server asked for, None where it said nothing."""

    def __init__(self, error: NetworkError, pause_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause_s = pause_s


def check_whole(response: "BaseHTTPResponse", url: str, now_s: float) -> None:
    """Accept a whole file.

    Raises `MissingFileError`, `TryAgainError`, `NetworkError` for anything else.
    """
    status = response.status
    if status == OK and "Content-Range" not in response.headers:
        return
    if status in _GONE:
        raise MissingFileError(f"{shown(url)}: the server answered {status}, there is no such file")
    if status in _TRY_AGAIN:
        error = NetworkError(f"{shown(url)}: the server answered {status}, also after trying again; try later")
        raise TryAgainError(error, retry_after_s(response.headers.get("Retry-After", ""), now_s))
    if status in (401, 403):
        raise NetworkError(
            f"{shown(url)}: the server answered {status}, access is refused (some object stores say 403 for a missing "
            "file too); check the address and your permission"
        )
    part = " with a part of the file" if "Content-Range" in response.headers else ""
    raise NetworkError(f"{shown(url)}: expected the answer 200 with a whole file, got {status}{part}")


def continues(response: "BaseHTTPResponse", sink: Sink) -> bool:
    """Return whether this is the rest of what a sink holds: the right status, offset and validator."""
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if response.status != PARTIAL or found is None or int(found[1]) != sink.size_bytes:
        return False
    to_the_end = found[3] == "*" or int(found[2]) + 1 == int(found[3])
    return to_the_end and response.headers.get("ETag", sink.etag) == sink.etag


def is_odd_part(response: "BaseHTTPResponse") -> bool:
    """Return whether an answer to a question for a part is neither that part nor a clear word about the whole."""
    return response.status in (PARTIAL, UNSATISFIABLE) or "Content-Range" in response.headers


def strong_etag(response: "BaseHTTPResponse") -> str:
    """Return the validator that byte for byte equality may be concluded from, "" where there is none."""
    etag = _usable(response.headers.get("ETag", ""))
    return etag if etag.startswith('"') else ""


def validators_of(response: "BaseHTTPResponse") -> Validators:
    """Return what the server calls this state, weak validators too."""
    headers = response.headers
    return Validators(etag=_usable(headers.get("ETag", "")), last_modified=_usable(headers.get("Last-Modified", "")))


def _usable(text: str) -> str:
    """Return what may be sent back to the server as it is, else ""."""
    return text if text.isascii() and text.isprintable() and len(text) <= _MAX_VALIDATOR_SIGNS else ""


def retry_after_s(text: str, now_s: float) -> float | None:
    """Return how long a server asks to wait, in seconds or until a date; None where it says nothing that counts.

    >>> retry_after_s("120", 0), retry_after_s("Thu, 01 Jan 1970 00:01:00 GMT", 10), retry_after_s("soon", 0)
    (120.0, 50.0, None)
    """
    if _SECONDS.match(text):
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def receive(
    response: "BaseHTTPResponse",
    url: str,
    sink: Sink,
    *,
    max_bytes: int,
    too_large: type[IntegrityError | NetworkError],
    deadline: float,
) -> None:
    """Write the body to the sink, so that it never holds more than `max_bytes`, never beyond the deadline."""
    import urllib3

    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared[:20]) + sink.size_bytes > max_bytes:
        raise too_large(f"{shown(url)}: the server offers {declared[:20]} bytes, expected at most {max_bytes}; refused")
    read, write = response.read1, sink.write
    try:
        while chunk := read(_CHUNK_BYTES):
            if sink.size_bytes + len(chunk) > max_bytes:
                raise too_large(f"{shown(url)}: the server sends more than the {max_bytes} bytes expected; refused")
            write(chunk)
            if time.monotonic() > deadline:
                raise too_slow(url, sink.size_bytes)
    except urllib3.exceptions.HTTPError as error:
        if time.monotonic() >= deadline:
            raise too_slow(url, sink.size_bytes) from error
        raise_failure(url, error, sink.size_bytes, declared)


def raise_failure(url: str, error: Exception, received: int | None = None, declared: str = "") -> NoReturn:
    """Turn a failure of urllib3 into ours; all but a wrong certificate, a wrong address and no HTTP may pass."""
    import http.client

    import urllib3

    cause = error.args[-1] if error.args and isinstance(error.args[-1], Exception) else error
    if isinstance(error, urllib3.exceptions.SSLError):
        raise NetworkError(
            f"{shown(url)}: the server's certificate is not trusted or the encryption failed ({_reason(error)}); "
            "name an own authority's file with the variable CMSITE_CA"
        ) from error
    if isinstance(error, urllib3.exceptions.LocationValueError):
        raise NetworkError(f"{shown(url)}: this address cannot be asked ({_reason(error)})") from error
    if isinstance(cause, http.client.HTTPException) and not isinstance(
        cause, http.client.RemoteDisconnected | http.client.IncompleteRead
    ):
        raise NetworkError(f"{shown(url)}: the answer is no HTTP that can be read ({_reason(cause)})") from error
    if received is not None:
        of = f" of {declared[:20]}" if declared.isdecimal() else ""
        failure = NetworkError(f"{shown(url)}: the connection broke after {received}{of} bytes; try again")
    elif isinstance(error, urllib3.exceptions.ProxyError):
        failure = NetworkError(
            f"{shown(url)}: no answer through the proxy of the environment ({_reason(error)}); check http_proxy, "
            "https_proxy and no_proxy"
        )
    else:
        failure = NetworkError(f"{shown(url)}: no answer ({_reason(error)}); check the address and the network")
    raise TryAgainError(failure) from error


def too_slow(url: str, received: int | None = None) -> NetworkError:
    """Return the failure of a server that takes too long."""
    after = "" if received is None else f" after {received} bytes"
    return NetworkError(f"{shown(url)}: the server is too slow, given up{after}; try again later")


def unpacked(data: bytes, max_bytes: int, url: str) -> bytes:
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


def _reason(error: Exception) -> str:
    """Return an error of urllib3 in a line, without the objects, addresses and credentials it prints."""
    text = re.sub(_INTERNAL, "", str(error.__cause__ or error))
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in text.strip(" :")[:160])
    return plain or type(error).__name__
