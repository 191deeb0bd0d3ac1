"""The isolation of the tests themselves: what leaks outside fails, and what is missing is listed or fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, corpus_folder, need, outside_environment


@pytest.fixture
def inner(tmp_path: Path):
    """Return a function that runs pytest on one test file in a folder of its own, with this very conftest."""

    def run(source: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "project"
        tests = folder / "tests"
        tests.mkdir(parents=True, exist_ok=True)
        for name in ("__init__.py", "conftest.py", "requirements.py"):
            (tests / name).write_text((CHECKOUT / "tests" / name).read_text("utf-8"), "utf-8")
        (tests / "test_inner.py").write_text(source, "utf-8")
        environment = (
            outside_environment()
            | {"HOME": str(tmp_path / "real-home"), "CMSITE_CORPUS": str(tmp_path / "no-corpus")}
            | variables
        )
        environment.pop("CI", None) if "CI" not in variables else None
        (tmp_path / "real-home").mkdir(exist_ok=True)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return run


def test_a_connection_outside_fails_even_when_swallowed(inner):
    result = inner(
        "import contextlib, socket\n"
        "def test_reach():\n"
        "    with contextlib.suppress(OSError):\n"
        "        socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "def test_look_up():\n"
        "    with contextlib.suppress(OSError):\n"
        "        socket.getaddrinfo('example.org', 80)\n"
    )
    assert result.returncode == 1, result.stdout
    assert "the test reached for the network: 192.0.2.1" in result.stdout
    assert "the test reached for the network: example.org" in result.stdout


def test_loopback_and_local_sockets_are_allowed(inner):
    result = inner(
        "import socket\n"
        "def test_loopback():\n"
        "    server = socket.create_server(('127.0.0.1', 0))\n"
        "    client = socket.create_connection(('localhost', server.getsockname()[1]))\n"
        "    client.close(); server.close()\n"
        "def test_local(tmp_path):\n"
        "    server = socket.socket(socket.AF_UNIX); server.bind(str(tmp_path / 's')); server.listen()\n"
        "    client = socket.socket(socket.AF_UNIX); client.connect(str(tmp_path / 's'))\n"
        "    client.close(); server.close()\n"
    )
    assert result.returncode == 0, result.stdout


def test_writing_into_the_real_home_fails(inner, tmp_path):
    result = inner(
        f"import pathlib\ndef test_leak():\n    pathlib.Path({str(tmp_path / 'real-home' / 'MLC')!r}).mkdir()\n"
    )
    assert result.returncode == 1, result.stdout
    assert "the test wrote outside its folders" in result.stdout


def test_every_test_has_a_home_of_its_own(isolated):
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "CMSITE_CACHE", "CMSITE_CONFIG", "CM_REPOS", "MLC_REPOS"):
        assert Path(os.environ[name]).is_relative_to(isolated)


def test_what_is_missing_is_listed_with_its_remedy(inner):
    result = inner(
        "from tests.requirements import corpus_folder\ndef test_big():\n    corpus_folder('cm4mlops')\n", "-n", "1"
    )
    assert result.returncode == 0, result.stdout
    section = result.stdout.split(" NOT RUN ", 1)[1]
    assert "tests/test_inner.py::test_big: corpus is missing; set CMSITE_CORPUS" in section


def test_what_is_missing_fails_under_ci(inner):
    result = inner("from tests.requirements import need\ndef test_big():\n    need('no-such-program')\n", CI="true")
    assert result.returncode == 1, result.stdout
    assert "under CI=true nothing may be left out" in result.stdout


def test_a_damaged_corpus_is_refused(inner, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "MANIFEST.json").write_text('{"mlcommons/x": {"archive": "mlcommons+x.tar.xz", "sha256": "00"}}', "utf-8")
    (corpus / "mlcommons+x.tar.xz").write_bytes(b"not an archive")
    source = "from tests.requirements import corpus_folder\ndef test_big():\n    corpus_folder('x')\n"
    result = inner(source, CMSITE_CORPUS=str(corpus))
    assert result.returncode == 1, result.stdout
    assert "MANIFEST.json says 00; fetch the corpus again" in result.stdout


@pytest.mark.corpus
def test_the_corpus_is_unpacked_once():
    first = corpus_folder("cm4mlops")
    assert (first / "cmr.yaml").is_file()
    stamp = (first / "cmr.yaml").stat().st_mtime_ns
    assert corpus_folder("mlcommons/cm4mlops") == first
    assert (first / "cmr.yaml").stat().st_mtime_ns == stamp
    assert need("corpus").is_dir()
