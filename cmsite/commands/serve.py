"""`cmsite serve`: a built site on this machine, for its author to look at; no server for the public."""

import errno
import functools
import http.server
from http import HTTPStatus
from pathlib import Path

import click

from cmsite.errors import UsageError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


@click.command()
@click.option(
    "--site-dir",
    type=click.Path(path_type=Path),
    default=Path("site"),
    show_default=True,
    metavar="DIR",
    help="The site that `cmsite build` made.",
)
@click.option(
    "--port",
    type=click.IntRange(min=0, max=65535),
    default=DEFAULT_PORT,
    show_default=True,
    metavar="N",
    help="Port on 127.0.0.1; 0 takes a free one.",
)
def command(site_dir: Path, port: int) -> None:
    """Serve a built site on this machine until Ctrl-C.

    Pages and archives are served as they stand, so a build in another terminal shows at once.
    """
    if not (site_dir / "index.html").is_file():
        raise UsageError(f"{site_dir} holds no built site: run `cmsite build --site-dir {site_dir}` first")
    with _server(site_dir, port) as server:
        click.echo(f"http://{HOST}:{server.server_address[1]}/  (Ctrl-C ends)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each request, and the site's own page where there is none."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name.
        """Say nothing."""

    def end_headers(self) -> None:
        """Let the browser ask again each time: the next build may have changed anything."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send the site's 404 page."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _server(site_dir: Path, port: int) -> http.server.ThreadingHTTPServer:
    handler = functools.partial(_Handler, directory=str(site_dir))
    try:
        return http.server.ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror})"
        raise UsageError(f"port {port} {reason}: choose another with --port, or --port 0 for a free one") from error
