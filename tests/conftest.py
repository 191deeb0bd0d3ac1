"""Isolation of every test: no network but loopback, no file outside temporary folders, and a list of what was not run.

A test that leaks outside fails, even where the tested code swallowed the refusal.
"""

import ctypes
import ipaddress
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.requirements import CHECKOUT, NOT_RUN, OUTSIDE_VARIABLE, SHARED_VARIABLE

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("cmsite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cmsite")

_REAL_HOME = Path.home()
# Nothing listens on port 9, so that a program which obeys these reaches loopback only.
_NOWHERE = "http://127.0.0.1:9"
_WATCHED = tuple(
    _REAL_HOME / name
    for name in ("MLC", "CM", "CK", ".config/cmsite", ".cache/cmsite", ".local/share/cmsite", ".local/state/cmsite")
) + tuple(CHECKOUT / name for name in (".mlc-log.txt", "mlc-log.txt", "artifacts", "cmsite.lock", ".cmsite"))
_refused: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Make the shared folder in the first process, and isolate each process before anything is imported."""
    if not hasattr(config, "workerinput"):
        os.environ[OUTSIDE_VARIABLE] = json.dumps(dict(os.environ))
        os.environ[SHARED_VARIABLE] = tempfile.mkdtemp(prefix="cmsite-tests-")
    home = Path(tempfile.mkdtemp(prefix="home-", dir=os.environ[SHARED_VARIABLE]))
    os.environ.update(_isolated(home))
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    sys.addaudithook(_refuse_the_network)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the shared folder when the last process has ended."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[SHARED_VARIABLE], ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List every test that something was missing for, with what to do about it."""
    skipped = terminalreporter.stats.get("skipped", [])
    rows = sorted({(report.nodeid, _skip_reason(report)) for report in skipped if NOT_RUN in _skip_reason(report)})
    if not rows:
        return
    terminalreporter.section("NOT RUN")
    for nodeid, reason in rows:
        terminalreporter.line(f"{nodeid}: {reason.split(NOT_RUN, 1)[1]}")


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a home of its own, and fail it where it reached for the network or for the real home."""
    home = tmp_path_factory.mktemp("home")
    for name, value in _isolated(home).items():
        monkeypatch.setenv(name, value)
    before = _present()
    _refused.clear()
    yield home
    if _refused:
        pytest.fail(f"the test reached for the network: {', '.join(_refused)}; tests talk to 127.0.0.1 only")
    if leaked := _present() - before:
        pytest.fail(f"the test wrote outside its folders: {', '.join(sorted(map(str, leaked)))}; use tmp_path")


@pytest.fixture(autouse=True, scope="module")
def released(request: pytest.FixtureRequest) -> Iterator[None]:
    """Forget at its end what a module of tests keeps in functions under `@cache`: whole corpora, often.

    Linux is given the memory back, of which the allocator would keep gigabytes after a hostile input.
    """
    yield
    for value in vars(request.module).values():
        if getattr(value, "__module__", None) == request.module.__name__ and hasattr(value, "cache_clear"):
            value.cache_clear()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def _isolated(home: Path) -> dict[str, str]:
    """Return the variables that keep cmsite, cm, mlc, git and their kin inside `home` and on loopback."""
    folders = {
        "HOME": "",
        "XDG_CONFIG_HOME": ".config",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "CMSITE_CACHE": ".cache/cmsite",
        "CMSITE_CONFIG": ".config/cmsite",
        "CM_REPOS": "CM",
        "MLC_REPOS": "MLC/repos",
    }
    git = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
    }
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
    loopback = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost,::1")
    return {name: str(home / folder) for name, folder in folders.items()} | git | proxies | loopback


def _present() -> set[Path]:
    return {path for path in _WATCHED if path.exists()}


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop every connection and name look-up that would leave this machine; an audit hook sees those of C code too."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _is_loopback(host):
        _refused.append(str(host))
        raise ConnectionRefusedError(f"tests may not reach {host}: only loopback is allowed")


def _is_loopback(host: object) -> bool:
    """Return whether `host` stays on this machine; None is a local socket, "" and "localhost" are loopback."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


def _skip_reason(report: Any) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
