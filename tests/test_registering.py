"""`--register` with the released `cm` and `mlc`: what they find and run after it, and what is refused before it.

Source: CONTRACT §8, facts/formats.md §5.
"""

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmsite.cli import cli
from cmsite.client.real_clients import Client, repositories
from cmsite.errors import CmsiteError, OutputError, UsageError
from tests.requirements import need
from tests.small_registry import SmallRegistry, cm_meta

pytestmark = pytest.mark.real_clients

Run = Callable[..., Result]
UID = "aaaaaaaaaaaaaaa1"
_SCRIPT = "script,5b4e0237da074764"


@pytest.fixture(autouse=True)
def clients_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = need("cm").parent
    need("mlc")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def registry(tmp_path: Path) -> SmallRegistry:
    made = SmallRegistry(tmp_path / "site")
    made.add("greet", files("greet", UID, "hello"), uid=UID, executable=("run.sh",))
    made.publish()
    return made


def files(name: str, uid: str, word: str) -> dict[str, bytes]:
    return {"_cm.yaml": cm_meta(name, uid), "run.sh": f'#!/bin/bash\necho "this says {word}"\n'.encode()}


@pytest.fixture
def run(registry: SmallRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    CliRunner().invoke(cli, ["registry", "add", "team", str(registry.site)])
    return lambda *arguments: CliRunner().invoke(cli, [*arguments])


def client(*command: str, code: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    printed = done.stdout + done.stderr
    assert done.returncode == code, printed
    return printed


def failed(result: Result, kind: type[CmsiteError]) -> str:
    assert isinstance(result.exception, kind), result.output
    return str(result.exception)


def foreign_repository(folder: Path, name: str = "theirs", word: str = "something else") -> Path:
    """Return somebody's repository with the same uid, for both clients."""
    place = folder / "script" / name
    place.mkdir(parents=True)
    for path, content in files(name, UID, word).items():
        (place / path).write_bytes(content)
    shutil.copy(place / "_cm.yaml", place / "meta.yaml")
    (place / "run.sh").chmod(0o755)
    for meta in ("cmr.yaml", "meta.yaml"):
        (folder / meta).write_text('alias: theirs\nuid: "bbbbbbbbbbbbbbb1"\ngit: false\n')
    return folder


def register_with_cm(folder: Path) -> None:
    client("cm", "find", "repo")
    listed = json.loads(Client.CM.repositories_file.read_text())
    Client.CM.repositories_file.write_text(json.dumps([*listed, str(folder)]))
    (Client.CM.state_folder / "index.json").unlink(missing_ok=True)


def test_cm_and_mlc_find_and_run_what_was_registered(run: Run, tmp_path: Path) -> None:
    done = run("pull", "script:greet", "--register", "cm", "--register", "mlc")
    root = (tmp_path / "cwd/artifacts").resolve()
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines()[:2] == [f"registered with cm: {root}", f"registered with mlc: {root}"]
    assert f"{root}/script/greet" in client("cm", "find", _SCRIPT, "greet", "--common")
    assert f"{root}/script/greet" in client("mlc", "find", "script", "greet")
    assert "this says hello" in client("mlc", "run", "script", "--tags=test,greet", "--quiet")
    assert run("verify").exit_code == 0
    assert sorted(path.name for path in root.parent.iterdir()) == [
        ".mlc-log.txt",
        "artifacts",
    ]  # The log of our own calls.
    again = run("pull", "--register", "cm", "--register", "mlc")
    assert again.stderr.splitlines() == [f"already registered with cm: {root}", f"already registered with mlc: {root}"]
    assert [len([path for path in repositories(one) if path == root]) for one in Client] == [1, 1]


def test_what_is_pulled_later_is_seen_by_both(run: Run, registry: SmallRegistry) -> None:
    run("pull", "script:greet", "--register", "cm", "--register", "mlc")
    client("cm", "find", _SCRIPT, "greet", "--common")  # Makes an index, in which a later artifact is missing.
    registry.add("later", files("later", "aaaaaaaaaaaaaaa2", "later"), uid="aaaaaaaaaaaaaaa2")
    registry.publish()
    assert run("pull", "script:later").exit_code == 0
    assert "script/later" in client("cm", "find", _SCRIPT, "--tags=test", "--common")
    assert "script/later" in client("mlc", "find", "script", "later")
    assert run("remove", "script:later").exit_code == 0
    assert "script/later" not in client("cm", "find", _SCRIPT, "--tags=test", "--common")
    assert "No script entry found" in client("mlc", "find", "script", "later")


@pytest.mark.parametrize("name", ["cm", "mlc"])
def test_a_uid_that_another_repository_has_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    theirs = foreign_repository(tmp_path / "theirs")
    if name == "cm":
        register_with_cm(theirs)
        would = f"cm runs {theirs}/script/theirs instead of script/greet (uid {UID})"
    else:
        client("mlc", "add", "repo", str(theirs))
        would = f"mlc runs script/greet of this folder (uid {UID}) instead of {theirs}/script/theirs"
    refused = run("pull", "script:greet", "--register", name)
    message = failed(refused, OutputError)
    assert would in message
    assert "--shadow" in message
    assert not Path("artifacts").exists()
    assert Path("artifacts").resolve() not in repositories(Client(name))
    shadowed = run("pull", "script:greet", "--register", name, "--shadow")
    assert shadowed.exit_code == 0
    assert would in shadowed.stderr
    # What was said is what they do.
    if name == "cm":
        assert f"{theirs}/script/theirs" in client("cm", "find", _SCRIPT, UID, "--common")
    else:
        assert "this says hello" in client("mlc", "run", "script", "--tags=test,greet", "--quiet")
    verified = run("verify", "--json")
    assert verified.exit_code == 0
    (clash,) = json.loads(verified.stdout)["clients"][name]
    assert (clash["path"], clash["uid"], clash["allowed"]) == ("script/greet", UID, True)
    assert (
        Path(clash["runs"]).resolve()
        == Path(theirs / "script/theirs" if name == "cm" else "artifacts/script/greet").resolve()
    )


def test_verify_asks_again_which_copy_runs(run: Run, tmp_path: Path) -> None:
    run("pull", "script:greet", "--register", "mlc")
    assert run("verify").exit_code == 0
    theirs = foreign_repository(tmp_path / "theirs", name="greet")
    client("mlc", "add", "repo", str(theirs))
    verified = run("verify")
    assert verified.exit_code == 6
    assert f"mlc runs {theirs}/script/greet instead of script/greet (uid {UID})" in verified.stdout
    assert "not intact" in verified.stdout
    assert "this says something else" in client("mlc", "run", "script", "--tags=test,greet", "--quiet")
    assert run("pull", "--register", "mlc", "--shadow").exit_code == 0
    assert "as --shadow allows" in run("verify").stdout


def test_a_copy_planted_in_the_workspace_is_seen(run: Run) -> None:
    run("pull", "script:greet", "--register", "mlc")
    shutil.copytree("artifacts/script/greet", "artifacts/script/zzz")
    client("mlc", "find", "script", "--tags=test,greet")
    verified = run("verify")
    assert "extra script/zzz/" in verified.stdout
    runs = "zzz" if "zzz" in client("mlc", "find", "script", "--tags=test,greet") else "greet"
    assert verified.exit_code == (6 if runs == "zzz" else 0)
    assert ("instead of script/greet" in verified.stdout) == (runs == "zzz")


_MODULE = b"""from cmind.automation import Automation


class CAutomation(Automation):
    def __init__(self, cmind, automation_file):
        super().__init__(cmind, automation_file)

    def greet(self, i):
        print("the automation greets " + i["artifact"])
        return {"return": 0}
"""


def test_an_automation_that_came_along_works_without_its_repository(run: Run, registry: SmallRegistry) -> None:
    uid = "ccccccccccccccc1"
    meta = {
        "alias": "thing",
        "uid": uid,
        "automation_alias": "automation",
        "automation_uid": "bbeb15d8f0a944a4",
        "tags": [],
    }
    own = {
        "alias": "mine",
        "uid": "ccccccccccccccc2",
        "automation_alias": "thing",
        "automation_uid": uid,
        "tags": ["a"],
    }
    registry.add(
        "thing", {"_cm.json": json.dumps(meta).encode(), "module.py": _MODULE}, uid=uid, automation="automation"
    )
    registry.add("mine", {"_cm.json": json.dumps(own).encode()}, uid="ccccccccccccccc2", automation="thing")
    registry.publish()
    run("pull", "thing:mine", "--register", "cm")
    client("cm", "greet", "thing", "mine", code=4)
    done = run("pull", "thing:mine", "--with-automation")
    assert done.exit_code == 0, done.output
    assert "artifacts/thing/mine" in client("cm", "find", "thing", "mine")
    assert "the automation greets mine" in client("cm", "greet", "thing", "mine")


def test_a_later_pull_says_where_another_copy_runs(run: Run, registry: SmallRegistry, tmp_path: Path) -> None:
    registry.add("first", files("first", "aaaaaaaaaaaaaaa3", "first"), uid="aaaaaaaaaaaaaaa3")
    registry.publish()
    run("pull", "script:first", "--register", "mlc")
    theirs = foreign_repository(tmp_path / "theirs")
    client("mlc", "add", "repo", str(theirs))
    later = run("pull", "script:greet")
    assert later.exit_code == 0
    assert f"mlc runs {theirs}/script/theirs instead of script/greet (uid {UID})" in later.stderr
    assert "mlc runs" not in run("pull", "script:greet").stderr
    assert run("verify").exit_code == 6


def own_automation(registry: SmallRegistry, name: str) -> str:
    """Publish an artifact with the uid of one of cm's own automations, which stand in no list of repositories."""
    spec = importlib.util.find_spec("cmind")
    assert spec is not None
    assert spec.origin is not None
    meta = (Path(spec.origin).parent / "repo/automation" / name / "_cm.json").read_bytes()
    uid = str(json.loads(meta)["uid"])
    registry.add(name, {"_cm.json": meta}, uid=uid, automation="automation")
    registry.publish()
    return uid


def test_a_uid_of_the_own_repository_of_cm_is_told(run: Run, registry: SmallRegistry) -> None:
    uid = own_automation(registry, "core")
    done = run("pull", "automation:core", "--register", "cm")
    assert done.exit_code == 0, done.output
    assert f"cmind/repo/automation/core instead of automation/core (uid {uid})" in done.stderr
    verified = run("verify")
    assert verified.exit_code == 6
    assert f"instead of automation/core (uid {uid})" in verified.stdout
    assert "cmind/repo/automation/core" in client("cm", "find", "automation,bbeb15d8f0a944a4", "core", "--common")


def test_what_would_stop_cm_at_every_command_is_not_registered(run: Run, registry: SmallRegistry) -> None:
    """Two automations called repo, and cm does not know which of them lists its repositories."""
    own_automation(registry, "repo")
    message = failed(run("pull", "automation:repo", "--register", "cm"), OutputError)
    assert "cm cannot work with artifacts, and it was not registered: `cm find repo` exits 2" in message
    assert Path("artifacts").resolve() not in repositories(Client.CM)
    assert "local" in client("cm", "find", "repo")


def test_a_copy_of_the_workspace_is_no_second_repository(run: Run) -> None:
    run("pull", "script:greet", "--register", "mlc", "--into", "one")
    shutil.copytree("one", "two")
    for arguments in (("--register", "mlc"), ("--register", "mlc", "--shadow")):
        message = failed(run("pull", "--into", "two", *arguments), OutputError)
        assert "one is a copy of the other" in message
    assert Path("one").resolve() in repositories(Client.MLC)


def test_a_client_that_is_not_installed(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = failed(run("pull", "script:greet", "--register", "cm"), UsageError)
    assert message == "cm is not installed, so nothing can be registered with it; pip install cmind"
    assert not Path("artifacts").exists()


def test_a_list_of_repositories_that_cannot_be_read_is_kept(run: Run) -> None:
    client("cm", "find", "repo")
    Client.CM.repositories_file.write_text("[broken")
    message = failed(run("pull", "script:greet", "--register", "cm"), OutputError)
    assert "cm" in message
    assert Client.CM.repositories_file.read_text() == "[broken"


def test_shadow_needs_a_client(run: Run) -> None:
    done = run("pull", "script:greet", "--shadow")
    assert (done.exit_code, "name the client" in done.stderr) == (2, True)
