"""`cmsite serve`: the site on its author's machine, built again whenever a source changes; no server for the public."""

import contextlib
import functools
import secrets
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmsite import settings
from cmsite.errors import CmsiteError, UsageError
from cmsite.serving.server import SiteServer

if TYPE_CHECKING:
    from cmsite.serving.board import Board

DEFAULT_PORT = 8000
_SITE = Path("site")


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The registry.yml to build; by default registry/registry.yml, then registry.yml.",
)
@click.option(
    "--site-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A built site to serve as it stands; with --config, where to build.",
)
@click.option(
    "--port",
    type=click.IntRange(min=0, max=65535),
    default=DEFAULT_PORT,
    show_default=True,
    metavar="N",
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--no-reload", is_flag=True, help="Build once, watch nothing, and add nothing to pages.")
def command(config: Path | None, site_dir: Path | None, port: int, no_reload: bool) -> None:  # noqa: FBT001
    """Show the site on this machine until Ctrl-C.

    The catalogue is built into a folder of its own, and again whenever a source, page, template or setting changes;
    open pages follow. No versions are counted. Without a registry.yml here, or with --site-dir alone, a built site is
    served as it stands.
    """
    if config is None and (site_dir is not None or not settings.default_path().is_file()):
        _serve_as_it_stands(site_dir, port)
        return
    path = config or settings.default_path()
    settings.load(path)  # A catalogue that cannot be read at all is better said now than in a page.
    with _place(path, site_dir) as place:
        _serve_builds(path, place, port, reload=not no_reload)


def _serve_as_it_stands(named: Path | None, port: int) -> None:
    site_dir = named or _SITE
    if not (site_dir / "index.html").is_file():
        if named is not None:
            raise UsageError(f"{named} holds no built site: run `cmsite build --site-dir {named}` first")
        raise UsageError(
            f"there is no registry.yml here to build, and {site_dir} holds no built site: "
            "name one with --config or --site-dir, or begin a catalogue with `cmsite new DIR`"
        )
    ended = _ended()
    with _serving(SiteServer(site_dir, port)) as server:
        click.echo(f"{server.address}  (Ctrl-C ends)")
        _wait(ended)


def _serve_builds(config: Path, site_dir: Path, port: int, *, reload: bool) -> None:
    from cmsite.serving.board import Board
    from cmsite.serving.rebuilding import Rebuilder, build_command
    from cmsite.serving.watching import Watcher, watched_paths

    board = Board(secrets.token_hex(4))
    watcher: Watcher | None = None

    def follow() -> None:
        """Watch what registry.yml and mkdocs.yml name now; while they are broken, what they named before."""
        with contextlib.suppress(CmsiteError):
            if watcher is not None:
                watcher.follow(watched_paths(settings.load(config)))

    def command_of(first: bool) -> list[str]:  # noqa: FBT001
        return build_command(config, site_dir, quiet=not first)

    rebuilder = Rebuilder(command=command_of, board=board, say=_say, before=follow)
    with _serving(SiteServer(site_dir, port, board if reload else None), board) as server:
        if reload:
            watcher = Watcher(rebuilder.note, _say)
        builds = threading.Thread(target=_build_on, args=(rebuilder, server.address, reload), daemon=True)
        ended = _ended()
        builds.start()
        try:
            _wait(ended)
        finally:
            rebuilder.stop()
            if watcher is not None:
                watcher.close()


def _build_on(rebuilder: Any, address: str, reload: bool) -> None:  # noqa: FBT001
    """Build, say where the site is, and build on; the address comes when there is something to see."""
    rebuilder.build()
    click.echo(f"{address}  (Ctrl-C ends{'; built again whenever a file changes' if reload else ''})")
    if reload:
        rebuilder.run()


@contextlib.contextmanager
def _serving(server: SiteServer, board: "Board | None" = None) -> Iterator[SiteServer]:
    thread = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.1), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        if board is not None:
            board.close()
        server.shutdown()
        server.server_close()


def _ended() -> threading.Event:
    """Return what is set by Ctrl-C, and by the signals by which a terminal or a script ends a program."""
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    return ended


def _wait(ended: threading.Event) -> None:
    while not ended.wait(1.0):  # With a limit, since Windows does not interrupt a wait without.
        pass
    click.echo("")


@contextlib.contextmanager
def _place(config: Path, site_dir: Path | None) -> Iterator[Path]:
    """Yield the folder to build into, held against a second server; by default one of this catalogue's in the cache.

    Raises `UsageError` where each save would be counted as a version of what is published from there.
    """
    import hashlib

    from filelock import FileLock, Timeout

    from cmsite import places

    if site_dir is not None and _generation(site_dir):
        raise UsageError(
            f"{site_dir} holds a published index, and its versions would be lost: leave --site-dir away, "
            f"or `cmsite serve --site-dir {site_dir}` without --config to look at it as it stands"
        )
    name = hashlib.sha256(str(config.resolve()).encode()).hexdigest()[:16]
    place = site_dir or places.cache_folder() / "serve" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.with_name(f".{place.name}.lock"), timeout=0)
    try:
        with lock:
            yield place
    except Timeout as error:
        raise UsageError(
            f"another `cmsite serve` shows {config} already: use that one, or name a folder with --site-dir"
        ) from error


def _generation(site_dir: Path) -> int:
    """Return the generation of the index in a site, 0 where there is none or only a preview."""
    from cmsite.index.layout import ROOT_PATH
    from cmsite.index.root import parse_root

    path = site_dir / ROOT_PATH
    return parse_root(path.read_bytes(), str(path)).gen if path.is_file() else 0


def _say(line: str) -> None:
    click.echo(line, err=True)
