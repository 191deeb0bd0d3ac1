"""Certificates of every kind for tests: an authority of ours, and servers that have one, none, an old or a foreign one."""

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import trustme

from tests.hostile_server import Handler, HostileServer


def authority(folder: Path) -> tuple[trustme.CA, Path]:
    """Return a new authority and the file of its certificate."""
    made = trustme.CA()
    path = folder / "authority.pem"
    made.cert_pem.write_to_path(str(path))
    return made, path


class SelfSigned:
    """A certificate that nobody else vouches for."""

    def __init__(self, folder: Path) -> None:
        self._made = trustme.CA()
        self._path = folder / "self-signed.pem"

    def configure_cert(self, context: ssl.SSLContext) -> None:
        """Let a server show it."""
        self._made.cert_pem.write_to_path(str(self._path))
        self._made.private_key_pem.write_to_path(str(self._path), append=True)
        context.load_cert_chain(self._path)


def expired(made: trustme.CA) -> trustme.LeafCert:
    """Return a certificate for 127.0.0.1 that was good until yesterday."""
    return made.issue_cert("127.0.0.1", not_after=dt.datetime.now(dt.UTC) - dt.timedelta(days=1))


@contextmanager
def served_with_tls(certificate: trustme.LeafCert | SelfSigned) -> Iterator[HostileServer]:
    """Give a hostile server that speaks TLS with this certificate."""
    world = HostileServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"world": world}))
    server.daemon_threads = True
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign] # Clients hang up; that is tested.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    world.url = f"https://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        world.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
