"""Real servers on loopback for tests: started on a free port, waited for, stopped by their process id."""

import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tests.requirements import SHARED_VARIABLE, shared_folder

START_S = 90.0  # nginx answers within a tenth of a second; a busy machine may take far longer.
_PORTS = range(20_000, 32_000)  # Linux gives out those from 32,768, other systems those from 49,152.


@contextmanager
def served_by_nginx(nginx: Path, folder: Path, scratch: Path, *, more: str = "") -> Iterator[str]:
    """Serve a folder with nginx and its own 404 page; yields its address with a trailing slash.

    `more` are further lines of the server's configuration.
    """
    port = free_port()
    prefix = scratch / f"nginx-{port}"
    prefix.mkdir()
    temporary = "\n".join(
        f"    {name}_temp_path {prefix}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = f"""
daemon off;
master_process off;
pid {prefix}/nginx.pid;
error_log {prefix}/error.log;
events {{}}
http {{
    types {{
        text/html html; text/css css; text/javascript js; text/plain txt; text/xml xml; application/json json;
        image/svg+xml svg; image/png png; application/gzip gz;
    }}
    default_type application/octet-stream;
    charset utf-8;
    gzip on;
    gzip_types text/css text/javascript text/plain text/xml application/json image/svg+xml;
    access_log {prefix}/access.log;
{temporary}
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        error_page 404 /404.html;
        {more}
    }}
}}
"""
    (prefix / "nginx.conf").write_text(configuration)
    command = [str(nginx), "-p", f"{prefix}/", "-c", f"{prefix}/nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


@contextmanager
def served_by_caddy(caddy: Path, folder: Path, scratch: Path, *, tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serve a folder with caddy, by TLS where `tls` names the files of a certificate and its key."""
    port = free_port()
    scheme, line = ("https", f"tls {tls[0]} {tls[1]}") if tls else ("http", "")
    (scratch / "Caddyfile").write_text(
        f"{{\n admin off\n auto_https off\n persist_config off\n}}\n"
        f"{scheme}://127.0.0.1:{port} {{\n bind 127.0.0.1\n {line}\n root * {folder}\n file_server\n}}\n"
    )
    command = [str(caddy), "run", "--config", str(scratch / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(command, port, scratch / "caddy.log"):
        yield f"{scheme}://127.0.0.1:{port}/"


@contextmanager
def served_by_rclone(rclone: Path, folder: Path, scratch: Path, kind: str, *more: str) -> Iterator[str]:
    """Serve a folder with rclone: `kind` is http, webdav or s3, where each folder below is a bucket."""
    port = free_port()
    command = [
        str(rclone),
        "serve",
        kind,
        "--addr",
        f"127.0.0.1:{port}",
        "--config",
        str(scratch / "rclone.conf"),
        *more,
    ]
    with _running([*command, str(folder)], port, scratch / "rclone.log"):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """Run a server until the block ends; what it says goes to a file."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            wait_for(port, process)
            yield
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {log.read_text('utf-8', 'replace')[-2000:]}") from error
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on; within a run of the tests no other one is given the same.

    It lies below those that systems choose by themselves, so that no connection of anybody takes it meanwhile.
    """
    if SHARED_VARIABLE not in os.environ:  # A benchmark, which is alone.
        return next(filter(_is_free, random.sample(_PORTS, len(_PORTS))))
    last = shared_folder() / "port"
    with FileLock(f"{last}.lock"):
        begin = int(last.read_text()) + 1 if last.exists() else random.choice(_PORTS)
        port: int = next(filter(_is_free, (*range(begin, _PORTS.stop), *_PORTS)))
        last.write_text(str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # As servers do: old connections do not count.
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when something accepts connections; fail where the process ended or takes too long."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once: {process.stderr.read() if process.stderr else b''!r}")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the server did not start")
