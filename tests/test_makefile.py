"""The Makefile: what each target would do, and that environments are made once and again when pyproject.toml changes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT

TEXT = (CHECKOUT / "Makefile").read_text("utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the Makefile, and sentinels of finished environments newer than pyproject.toml."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    os.utime(tmp_path / "pyproject.toml", (1_000, 1_000))
    for second, name in enumerate((".site", ".dev", ".bench"), 2_000):
        (tmp_path / ".venv" / name).touch()
        os.utime(tmp_path / ".venv" / name, (second, second))
    return tmp_path


def make(checkout: Path, *arguments: str) -> str:
    """Return the commands that make would run."""
    # What a surrounding make was given must not reach this one.
    environment = {name: os.environ[name] for name in ("PATH", "HOME")}
    command = ["make", "--dry-run", *arguments]
    result = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("target", ["demo", "test", "test-all", "check", "bench"])
def test_a_finished_environment_is_not_made_again(checkout: Path, target: str):
    assert "-m venv" not in make(checkout, target)


@pytest.mark.parametrize("target", ["demo", "test", "test-all", "check", "bench"])
def test_a_change_of_the_project_makes_the_environment_again(checkout: Path, target: str):
    os.utime(checkout / "pyproject.toml", (9_000, 9_000))
    commands = make(checkout, target)
    assert "python3 -m venv --clear .venv" in commands
    assert ("--group dev" in commands) == (target != "demo")


def test_tables_are_measured_on_a_corpus_that_is_named(checkout: Path):
    corpus = checkout / "two words"
    corpus.mkdir()
    assert f"bench/tables.py '{corpus}' --runs 3" in make(checkout, "bench-tables", f"CORPUS={corpus}", "ARGS=--runs 3")
    missing = subprocess.run(
        ["make", "bench-tables", "CORPUS=/nowhere"], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert missing.returncode != 0
    assert "make bench-tables CORPUS=DIR" in missing.stderr


def test_only_slow_tests_are_left_out_of_make_test(checkout: Path):
    assert re.search(r"pytest -n 2 --dist worksteal -m 'not slow' *$", make(checkout, "test"), re.MULTILINE)
    assert re.search(r"pytest -n 2 --dist worksteal *$", make(checkout, "test-all"), re.MULTILINE)


def test_check_runs_every_gate(checkout: Path):
    gates = [line.split()[0].rpartition("/")[2] for line in make(checkout, "check").splitlines()]
    assert gates == ["ruff", "ruff", "mypy", "lint-imports", "python", "mkdocs"]


def test_only_servers_touches_the_system(checkout: Path):
    for target in ("demo", "test", "test-all", "check", "bench", "clean"):
        assert "apt-get" not in make(checkout, target)
    assert "apt-get install" in make(checkout, "servers")


def test_an_old_python_is_refused_with_the_remedy(checkout: Path):
    old = checkout / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    old.chmod(0o755)
    shutil.rmtree(checkout / ".venv")
    result = subprocess.run(
        ["make", "demo", f"PYTHON={old}"], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "cmsite needs Python >= 3.11; name one with: make PYTHON=" in result.stderr
    assert not (checkout / ".venv").exists()


def test_every_target_is_phony_and_explained():
    targets = set(re.findall(r"^([a-z-]+):", TEXT, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.+)$", TEXT, re.MULTILINE)[1].split())  # type: ignore[index]
    assert targets == phony
    helped = "\n".join(re.findall(r"@echo 'make .*", TEXT))
    assert [target for target in sorted(targets - {"help"}) if f"make {target}" not in helped] == []


def test_continuous_integration_is_strict_and_calls_make():
    script = CHECKOUT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "set -euo pipefail"
    assert "export CI=true" in lines
    assert lines[-2:] == ["make servers", "make test"]
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
