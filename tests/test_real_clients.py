"""The released `cm` and `mlc` clients on a pulled folder: what one client wrote, both find, load and run.

Source: CONTRACT §8, facts/formats.md §5.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cmsite.client.pull import pull
from cmsite.validation.client_metas import judge_meta
from tests.requirements import need
from tests.small_registry import SmallRegistry, cm_meta

pytestmark = pytest.mark.real_clients

_RUN_SH = b'#!/bin/bash\necho "the pulled script runs"\n'
_MLC = {
    "meta.yaml": cm_meta("greet-mlc", "aaaaaaaaaaaaaaa1"),
    "run.sh": _RUN_SH,
}
# Tabs, which `mlc` takes in JSON only; and digits alone, which are safe as a uid in JSON.
_JSON = json.dumps(
    {
        "alias": "greet-json",
        "uid": "6152538690744623",
        "automation_alias": "script",
        "automation_uid": "5b4e0237da074764",
        "tags": ["test", "greet-json"],
    },
    indent="\t",
).encode()
_CK = {
    ".cm/info.json": json.dumps(
        {"backup_data_uid": "aaaaaaaaaaaaaaa4", "backup_module_uid": "1dc07ee0f4742028"}
    ).encode(),
    ".cm/meta.json": json.dumps({"tags": ["lib"]}).encode(),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Pull an artifact of each format into one folder."""
    registry = SmallRegistry(tmp_path / "site", licenses={"team": {"LICENSE": b"x"}})
    registry.add(
        "greet-cm", {"_cm.yaml": cm_meta("greet-cm", "aaaaaaaaaaaaaaa2"), "run.sh": _RUN_SH}, uid="aaaaaaaaaaaaaaa2"
    )
    registry.add("greet-mlc", _MLC, uid="aaaaaaaaaaaaaaa1", format_="mlc", executable=("run.sh",))
    registry.add("greet-json", {"_cm.json": _JSON}, uid="6152538690744623")
    registry.add(
        "wine", {"_cm.yaml": cm_meta("wine", "aaaaaaaaaaaaaaa3", "data")}, uid="aaaaaaaaaaaaaaa3", automation="data"
    )
    registry.add("lib-x", _CK, uid="aaaaaaaaaaaaaaa4", automation="package", format_="ck")
    registry.add("plain", {"_cm.yaml": b"alias: plain\nuid: 'aaaaaaaaaaaaaaa5'\n"}, uid="aaaaaaaaaaaaaaa5")
    # A twin of it would stop `mlc`: deps without a value are no list.
    registry.add("bare", {"_cm.yaml": cm_meta("bare", "aaaaaaaaaaaaaaa7", more="deps:\n")}, uid="aaaaaaaaaaaaaaa7")
    registry.publish()
    into = tmp_path / "artifacts"
    names = [f"{record.automation}:{record.folder}" for record in registry.records.values()]
    pull(names, registries=(registry.open(),), into=into, check=judge_meta, draw_uid=lambda: "00000000deadbeef")
    return into


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a client in a folder of its own and returns what it printed."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()

    def run(*command: str) -> str:
        program = need(command[0])
        environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            [str(program), *command[1:]],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, printed
        assert "Traceback" not in printed, printed
        return printed

    return run


@pytest.fixture
def cm(run: Callable[..., str], workspace: Path) -> Callable[..., str]:
    """Return `cm` with the pulled folder registered as its users do."""
    run("cm", "find", "repo")  # Makes the client's own folders.
    repos = Path(os.environ["CM_REPOS"]) / "repos.json"
    known = json.loads(repos.read_text()) if repos.exists() else []
    repos.write_text(json.dumps([*known, str(workspace)]))
    (repos.parent / "index.json").unlink(missing_ok=True)
    return lambda *arguments: run("cm", *arguments)


@pytest.fixture
def mlc(run: Callable[..., str], workspace: Path) -> Callable[..., str]:
    """Return `mlc` with the pulled folder registered as its users do."""
    need("mlc")
    run("mlc", "add", "repo", str(workspace))
    return lambda *arguments: run("mlc", *arguments)


@pytest.mark.parametrize(
    ("automation", "alias"),
    [
        ("script,5b4e0237da074764", "greet-cm"),
        ("script,5b4e0237da074764", "greet-mlc"),
        ("script,5b4e0237da074764", "greet-json"),
        ("script,5b4e0237da074764", "aaaaaaaaaaaaaaa1"),
        ("script,5b4e0237da074764", "6152538690744623"),
        ("data,84d8ef6914bf4d78", "wine"),
        ("package,1dc07ee0f4742028", "lib-x"),
    ],
)
def test_cm_finds_every_format(cm: Callable[..., str], workspace: Path, automation: str, alias: str) -> None:
    found = cm("find", automation, alias, "--common").splitlines()
    folders = [line for line in found if line.startswith(str(workspace))]
    assert len(folders) == 1
    assert Path(folders[0]).parent.parent == workspace


def test_cm_finds_by_tags_and_knows_the_repository(cm: Callable[..., str], workspace: Path) -> None:
    assert f"{workspace}/script/greet-mlc" in cm("find", "script,5b4e0237da074764", "--tags=test,greet-mlc", "--common")
    assert str(workspace) in cm("find", "repo", "cmsite-00000000")


def test_cm_loads_an_mlc_artifact_and_a_ck_artifact(cm: Callable[..., str]) -> None:
    loaded = cm("load", "script,5b4e0237da074764", "greet-mlc", "--common")
    assert '"uid": "aaaaaaaaaaaaaaa1"' in loaded
    assert '"lib"' in cm("load", "*", "lib-x")


@pytest.mark.parametrize("alias", ["greet-cm", "greet-mlc", "greet-json"])
def test_mlc_finds_scripts_of_both_formats(mlc: Callable[..., str], workspace: Path, alias: str) -> None:
    assert f"{workspace}/script/{alias}" in mlc("find", "script", alias)
    assert f"{workspace}/script/{alias}" in mlc("find", "script", f"--tags=test,{alias}")


def test_what_mlc_cannot_read_does_not_stop_it(mlc: Callable[..., str], workspace: Path) -> None:
    for alias in ("plain", "bare"):
        assert str(workspace / "script" / alias) not in mlc("find", "script", alias)


def test_mlc_stops_at_what_is_left_out(run: Callable[..., str], workspace: Path) -> None:
    """The reason for leaving a twin out; where a release of mlc no longer stops, the check can go."""
    (workspace / "script/bare/meta.yaml").write_bytes((workspace / "script/bare/_cm.yaml").read_bytes())
    with pytest.raises(AssertionError, match="Meta validation"):
        run("mlc", "add", "repo", str(workspace))


def test_mlc_runs_a_pulled_cm_script(mlc: Callable[..., str]) -> None:
    assert "the pulled script runs" in mlc("run", "script", "--tags=test,greet-cm", "--quiet")


def test_pulling_again_is_seen_by_both(
    cm: Callable[..., str], mlc: Callable[..., str], workspace: Path, tmp_path: Path
) -> None:
    registry = SmallRegistry(tmp_path / "second")
    registry.add("later", {"_cm.yaml": cm_meta("later", "aaaaaaaaaaaaaaa6")}, uid="aaaaaaaaaaaaaaa6")
    registry.publish()
    descriptor = (workspace / "cmr.yaml").read_bytes()
    pull(["script:later"], registries=(registry.open(),), into=workspace, check=judge_meta, draw_uid=lambda: "f" * 16)
    assert (workspace / "cmr.yaml").read_bytes() == descriptor
    (Path(os.environ["CM_REPOS"]) / "index.json").unlink(missing_ok=True)
    assert "script/later" in cm("find", "script,5b4e0237da074764", "later", "--common")
    assert "script/later" in mlc("find", "script", "later")
