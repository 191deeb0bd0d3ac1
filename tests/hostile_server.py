"""A server of ours on loopback that answers as told, right or wrong, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


@dataclass
class HostileServer:
    """`files` are served as they are; `answers` override them, by path."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def count(self, path: str) -> int:
        return self.asked.count(path)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: HostileServer

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        self.world.asked.append(path)
        self.world.headers.append({name.lower(): value for name, value in self.headers.items()})
        answer = self.world.answers.get(path)
        # The client hangs up on lies; that is what is tested.
        with suppress(ConnectionError):
            if answer is not None:
                answer(self)
            elif path in self.world.files:
                self.send(200, self.world.files[path])
            else:
                self.send(404, b"no such file")

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer; a header's underscores become hyphens, a value "" leaves it out."""
        self.send_response(status)
        values = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in values.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def hostile_server() -> Iterator[HostileServer]:
    world = HostileServer()
    handler = type("BoundHandler", (Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    world.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        world.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda handler: handler.send(status, body, **headers)


def redirect(to: str, status: int = 302) -> Answer:
    return answer(status, b"", Location=to)


def cut_off(body: bytes, at: int, **headers: str) -> Answer:
    """Promise the whole body, send its beginning, hang up."""

    def act(handler: Handler) -> None:
        handler.send(200, body[:at], Content_Length=str(len(body)), **headers)
        handler.close_connection = True

    return act


def partial(status: int, body: bytes, first: int, *, size: int | str = "", etag: str = "", **headers: str) -> Answer:
    """Answer with a part of a file that begins at `first`, as its Content-Range says."""
    span = f"bytes {first}-{first + len(body) - 1}/{size or first + len(body)}"
    return answer(status, body, Content_Range=span, ETag=etag, **headers)


def ranged(body: bytes, etag: str = '"one"') -> Answer:
    """Serve a file as RFC 9110 has it: Range, If-Range, If-None-Match."""

    def act(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            handler.send(304, ETag=etag)
            return
        asked = handler.headers.get("Range", "")
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if not asked or handler.headers.get("If-Range", etag) != etag:
            handler.send(200, body, ETag=etag)
        elif first >= len(body):
            handler.send(416, Content_Range=f"bytes */{len(body)}")
        else:
            partial(206, body[first:], first, etag=etag)(handler)

    return act


def endless(handler: Handler) -> None:
    """Never say how much, never stop."""
    handler.send(200, b"", Content_Length="", Connection="close")
    while not handler.world.ended.is_set():
        handler.wfile.write(b"x" * 65536)


def dripping(pause_s: float) -> Answer:
    """Send a byte at a time, slowly: no read ever times out."""

    def act(handler: Handler) -> None:
        handler.send(200, b"", Content_Length="5000")
        while not handler.world.ended.wait(pause_s):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    return act


def silent(handler: Handler) -> None:
    """Accept the question, never answer."""
    handler.world.ended.wait(30)
    handler.close_connection = True


def in_turn(*answers: Answer) -> Answer:
    """Answer differently each time, the last one for ever."""
    left = list(answers)

    def act(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return act
