"""Connections of urllib3 that go to judged addresses only and never outlive a deadline, whatever trickles in.

A read timeout alone lets a server that sends a byte now and then hold a client for ever, in the header too. Here each
read waits at most for what is left. Everything of urllib3 that is not a plain request stands here and in `transport`.
Source: facts/index.md §4, cases 44, 48, 52, 64.
"""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from cmsite.client.fetching import shown
from cmsite.errors import ConfigurationError

CONNECTIONS_A_HOST = 8  # As many as `threads.PARALLEL` asks for at once.

_Addresses = Callable[[str], tuple[str, ...]]


class Budget(threading.local):
    """How long reads of this thread may take: `stall_s` each, and none beyond `deadline` (of `time.monotonic`)."""

    deadline: float = float("inf")
    stall_s: float = 30.0

    def left_s(self) -> float:
        """Return how long the next read may wait.

        Raises `TimeoutError` where nothing is left.
        """
        left_s = self.deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the time for this fetch is up")
        return min(self.stall_s, left_s)


BUDGET = Budget()


class _Socket(socket.socket):
    """A socket that reads within the budget, and is closed when nobody holds it any more.

    urllib3 lets go of a connection unclosed where it cannot read a header.
    """

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(BUDGET.left_s())
        return super().recv_into(*arguments)

    def __del__(self, of_python: type[socket.socket] = socket.socket) -> None:
        super(of_python, self).close()  # Python's own class would wait for whoever still reads.


class _EncryptedSocket(ssl.SSLSocket):
    """An encrypted socket that reads within the budget."""

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(BUDGET.left_s())
        return super().recv_into(*arguments)

    def __del__(self, of_python: type[socket.socket] = socket.socket) -> None:
        super(of_python, self).close()  # Python's own class would wait for whoever still reads.


class Pools:
    """Open connections, kept for the next request; safe for several threads.

    `addresses` returns the judged addresses of a host; a proxy's are looked up by the system.
    """

    def __init__(self, addresses: _Addresses) -> None:
        self._direct = _connection_classes(addresses)
        self._to_proxy = _connection_classes(_system_addresses)
        self._pools: dict[tuple[str, str, int | None], urllib3.HTTPConnectionPool] = {}
        self._proxy_of: dict[tuple[str, str], str] = {}
        self._proxies: dict[str, urllib3.ProxyManager] = {}
        self._lock = threading.Lock()

    def get(self, url: str, headers: dict[str, str], connect_s: float) -> urllib3.BaseHTTPResponse:
        """Ask an address without credentials, and return the answer with its body unread; follows no redirect.

        Raises urllib3's errors, `ConfigurationError` for a proxy or an authority that cannot be used.
        """
        parts = urlsplit(url)
        timeout = urllib3.Timeout(connect=connect_s, read=BUDGET.left_s())
        more: dict[str, Any] = {"redirect": False, "retries": False, "timeout": timeout, "headers": headers}
        more |= {"preload_content": False, "decode_content": False}
        place = (parts.scheme, parts.netloc)
        if place not in self._proxy_of:
            self._proxy_of[place] = _proxy_for(*place)
        if proxy := self._proxy_of[place]:
            return self._proxy(proxy).request("GET", url, **more)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        return self._pool(parts.scheme, parts.hostname or "", parts.port).urlopen("GET", target, **more)

    def _pool(self, scheme: str, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
        key = (scheme, host, port)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._made(scheme, host, port)
            return self._pools[key]

    def _made(self, scheme: str, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
        plain, encrypted = self._direct
        bare = f"[{host}]" if ":" in host else host
        if scheme == "http":
            pool = urllib3.HTTPConnectionPool(bare, port, maxsize=CONNECTIONS_A_HOST)
            pool.ConnectionCls = plain
            return pool
        secure = urllib3.HTTPSConnectionPool(bare, port, maxsize=CONNECTIONS_A_HOST, ssl_context=_tls_context())
        secure.ConnectionCls = encrypted
        return secure

    def _proxy(self, proxy: str) -> urllib3.ProxyManager:
        with self._lock:
            if proxy not in self._proxies:
                self._proxies[proxy] = self._made_proxy(proxy)
            return self._proxies[proxy]

    def _made_proxy(self, proxy: str) -> urllib3.ProxyManager:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(
                f"the proxy {shown(proxy)} of the environment cannot be used: expected http://HOST:PORT or "
                "https://HOST:PORT; correct http_proxy, https_proxy or all_proxy, or name the host in no_proxy"
            )
        headers = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers = urllib3.make_headers(proxy_basic_auth=pair)
        address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))
        manager = urllib3.ProxyManager(
            address, proxy_headers=headers, maxsize=CONNECTIONS_A_HOST, ssl_context=_tls_context()
        )
        plain, encrypted = self._to_proxy
        manager.pool_classes_by_scheme = {
            "http": type("_Pool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_EncryptedPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": encrypted}),
        }
        return manager


def _connection_classes(addresses: _Addresses) -> tuple[type[HTTPConnection], type[HTTPSConnection]]:
    """Return the classes of connections that ask `addresses` where a host lies."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, addresses)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, addresses)

    return Plain, Encrypted


def _connected(connection: HTTPConnection, addresses: _Addresses) -> socket.socket:
    """Return a socket connected to the first address of the host that answers."""
    host = connection.host.strip("[]")
    try:
        found = addresses(host)
    except (socket.gaierror, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise urllib3.exceptions.NameResolutionError(host, connection, reason) from error
    failure: OSError = OSError("this name has no address")
    for address in found:
        try:
            return _socket_to(address, connection)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise urllib3.exceptions.ConnectTimeoutError(connection, f"{host} accepts no connection in time") from failure
    raise urllib3.exceptions.NewConnectionError(connection, str(failure)) from failure


def _socket_to(address: str, connection: HTTPConnection) -> socket.socket:
    # As bytes, for text would load the tables of international names.
    found = socket.getaddrinfo(
        address.encode("ascii"), connection.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )
    family, kind, protocol, _, place = found[0]
    made = _Socket(family, kind, protocol)
    try:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timeout = connection.timeout
        made.settimeout(min(timeout, BUDGET.left_s()) if isinstance(timeout, int | float) else BUDGET.left_s())
        made.connect(place)
    except BaseException:
        made.close()
        raise
    return made


def _system_addresses(host: str) -> tuple[str, ...]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _proxy_for(scheme: str, netloc: str) -> str:
    """Return the proxy that the environment names for an address, "" for none.

    Source: the variables http_proxy, https_proxy, all_proxy and no_proxy, in either case, as curl reads them.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return ""
    from urllib.request import getproxies_environment, proxy_bypass

    proxies = getproxies_environment()
    proxy = proxies.get(scheme) or proxies.get("all", "")
    return "" if not proxy or proxy_bypass(netloc) else proxy


def _tls_context() -> ssl.SSLContext:
    """Return what certificates are judged by: the system's authorities (or SSL_CERT_FILE), and those of CMSITE_CA."""
    return _made_context(*(os.environ.get(name, "") for name in ("CMSITE_CA", "SSL_CERT_FILE", "SSL_CERT_DIR")))


@cache
def _made_context(own: str, cert_file: str, _cert_dir: str) -> ssl.SSLContext:
    if cert_file and not os.path.isfile(cert_file):  # noqa: PTH113 - OpenSSL itself would trust nobody, in silence.
        raise ConfigurationError(
            f"SSL_CERT_FILE: there is no file {cert_file}; name a file of certificates, or unset it"
        )
    context = ssl.create_default_context()
    context.sslsocket_class = _EncryptedSocket
    if own:
        try:
            context.load_verify_locations(cafile=own)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"CMSITE_CA: {own} cannot be used ({error.strerror or error}); name a file of certificates in PEM form"
            ) from error
    return context
