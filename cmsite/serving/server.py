"""Serves a site on this machine as any web server would, and adds what reloads the page when a build is done.

What is added stands in no file of the site. Only this machine is answered: a page elsewhere whose name was made to lead
here (DNS rebinding) is refused by the name it asks for.
"""

import errno
import json
import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from cmsite import resources
from cmsite.errors import UsageError
from cmsite.serving.board import Board
from cmsite.serving.files import Redirect, content_type, find

HOST = "127.0.0.1"
OWN_FOLDER = "/__cmsite__/"
_OWN_FILES = ("livereload.js", "livereload.css")
_OUR_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?\Z", re.IGNORECASE)
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")
_ALIVE_S = 15.0  # Seconds of silence after which a page is told that the server is still there.
_IDLE_S = 60.0  # Seconds after which an idle connection is closed.
_CHUNK = 1 << 16
_NOT_BUILT = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not built yet</title></head>'
    b"<body><h1>Not built yet</h1><p>This page comes by itself when the build is done.</p></body></html>"
)


class SiteServer(ThreadingHTTPServer):
    """Serves the folder `root`; with a `board` its pages reload when a build is done.

    Raises `UsageError` where the port cannot be opened.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, root: Path, port: int, board: Board | None = None) -> None:
        self.root, self.board = root, board
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror})"
            raise UsageError(f"port {port} {reason}: choose another with --port, or --port 0 for a free one") from error

    @property
    def address(self) -> str:
        """Return the address of the front page."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away; anything else is a bug and keeps its traceback."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    server: SiteServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name.
        """Say nothing: a line for each request would hide what the builds say."""

    def do_GET(self) -> None:
        """Answer with a page, a file, or what a page asks of the server itself."""
        host = self.headers.get("Host", "localhost")
        if not _OUR_NAMES.match(host):
            self._send(HTTPStatus.FORBIDDEN, b"Only names of this machine are answered.\n", "text/plain")
        elif self.server.board is not None and self.path.startswith(OWN_FOLDER):
            self._answer_own(self.path.removeprefix(OWN_FOLDER).partition("?")[0], self.server.board)
        else:
            self._answer(find(self.server.root, self.path))

    do_HEAD = do_GET  # noqa: N815 - the base class's name; no body is written then.

    def _answer(self, found: Path | Redirect | None) -> None:
        if isinstance(found, Redirect):
            self._send(HTTPStatus.MOVED_PERMANENTLY, b"", "text/plain", Location=found.location)
        elif found is None:
            self._answer_missing()
        elif found.suffix == ".html":
            self._send(HTTPStatus.OK, self._with_script(found.read_bytes()), content_type(found))
        else:
            with found.open("rb") as stream:
                self._send_file(found, stream)

    def _answer_missing(self) -> None:
        page = self.server.root / "404.html"
        if self.server.board is not None and not (self.server.root / "index.html").is_file():
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, self._with_script(_NOT_BUILT), "text/html; charset=utf-8")
        elif page.is_file():
            self._send(HTTPStatus.NOT_FOUND, self._with_script(page.read_bytes()), content_type(page))
        else:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such page.\n", "text/plain")

    def _answer_own(self, name: str, board: Board) -> None:
        if name == "events":
            self._tell(board)
        elif name in _OWN_FILES:
            path = resources.root() / "site_templates" / "serve" / name
            self._send(HTTPStatus.OK, path.read_bytes(), content_type(path))
        else:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such page.\n", "text/plain")

    def _with_script(self, page: bytes) -> bytes:
        """Return the page with our script before the end of its body; a file, since pages allow no inline script."""
        if self.server.board is None:
            return page
        build = self.server.board.state.build
        script = f'<script src="{OWN_FOLDER}livereload.js" data-build="{build}" defer></script>'.encode()
        place = page.rfind(b"</body>")
        return page + script if place < 0 else page[:place] + script + page[place:]

    def _tell(self, board: Board) -> None:
        """Tell a page of each new state until it goes away.

        Source: https://html.spec.whatwg.org/multipage/server-sent-events.html.
        """
        self.close_connection = True
        self._head(HTTPStatus.OK, "text/event-stream", Connection="close")
        if self.command == "HEAD":
            return
        number = -1
        while True:
            try:
                state = board.wait(number, _ALIVE_S)
            except EOFError:
                return
            if state is None:
                self.wfile.write(b": still here\n\n")
                continue
            number = state.number
            told = {"build": state.build, "stage": state.stage.value, "message": state.message}
            self.wfile.write(b"data: " + json.dumps(told).encode() + b"\n\n")

    def _send_file(self, path: Path, stream: BinaryIO) -> None:
        """Send a file, or the part of it that was asked for; one that the browser has is not sent again."""
        import os

        status = os.fstat(stream.fileno())
        size, tag = status.st_size, f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        if tag in self.headers.get("If-None-Match", ""):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        part = _part(self.headers.get("Range", ""), size) if self.headers.get("If-Range", tag) == tag else None
        if part is None:
            start, end, headers = 0, size, {}
            answer = HTTPStatus.OK
        else:
            start, end = part
            if start >= end:
                self._send(
                    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", "text/plain", Content_Range=f"bytes */{size}"
                )
                return
            headers = {"Content_Range": f"bytes {start}-{end - 1}/{size}"}
            answer = HTTPStatus.PARTIAL_CONTENT
        self._head(
            answer, content_type(path), Content_Length=str(end - start), ETag=tag, Accept_Ranges="bytes", **headers
        )
        if self.command != "HEAD":
            stream.seek(start)
            self._copy(stream, end - start)

    def _copy(self, stream: BinaryIO, size: int) -> None:
        while size and (chunk := stream.read(min(size, _CHUNK))):
            self.wfile.write(chunk)
            size -= len(chunk)
        if size:  # A build made the file shorter meanwhile: the connection cannot be used for another answer.
            self.close_connection = True

    def _send(self, status: HTTPStatus, content: bytes, type_: str, **headers: str) -> None:
        self._head(status, type_, Content_Length=str(len(content)), **headers)
        if self.command != "HEAD":
            self.wfile.write(content)

    def _head(self, status: HTTPStatus, type_: str, **headers: str) -> None:
        """Send status and headers; the browser is to ask again each time, for a build may have changed anything."""
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """Return start and end of one range of bytes, None for all; equal ones where nothing is there.

    >>> _part("bytes=2-3", 10), _part("bytes=-4", 10), _part("bytes=8-", 10), _part("bytes=10-", 10), _part("", 10)
    ((2, 4), (6, 10), (8, 10), (10, 10), None)
    """
    found = _RANGE.match(asked)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    start, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    return (start, end) if start < end else (size, size)
