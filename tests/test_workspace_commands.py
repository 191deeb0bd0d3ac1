"""`pull --tags`, `pull --locked`, `lock`, `outdated` and `remove` as a user runs them: output, messages, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmsite.cli import cli
from cmsite.errors import CmsiteError, NotFoundError, UsageError
from cmsite.index.records import Status
from cmsite.model.names import AUTOMATION_UIDS
from tests.small_registry import SmallRegistry, cm_meta

Run = Callable[..., Result]
_AUTOMATION = (
    b'{"alias": "script", "uid": "5b4e0237da074764", "automation_alias": "automation",'
    b' "automation_uid": "bbeb15d8f0a944a4", "tags": ["automation"]}'
)


@pytest.fixture
def registry(tmp_path: Path) -> SmallRegistry:
    made = SmallRegistry(tmp_path / "site")
    for number, name in enumerate(("one", "two", "three")):
        uid = str(number + 1) * 16
        tags = ("odd",) if number % 2 == 0 else ()
        made.add(name, {"_cm.yaml": cm_meta(name, uid), "run.sh": b"echo\n"}, uid=uid, tags=tags)
    made.publish()
    return made


@pytest.fixture
def run(registry: SmallRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    CliRunner().invoke(cli, ["registry", "add", "team", str(registry.site)])
    return lambda *arguments: CliRunner().invoke(cli, [*arguments])


def failed(result: Result, kind: type[CmsiteError]) -> str:
    assert isinstance(result.exception, kind), result.output
    return str(result.exception)


def test_pulling_by_tags_prints_its_plan_first(run: Run) -> None:
    done = run("pull", "--tags", "test,odd")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[0].startswith("plan: 2 artifacts, ")
    assert [line.split(" (")[0] for line in done.stderr.splitlines()[1:]] == [
        "  get team/script:one r1",
        "  get team/script:three r1",
    ]
    assert done.stdout.splitlines() == [
        "pulled team/script:one r1 in artifacts/script/one",
        "pulled team/script:three r1 in artifacts/script/three",
    ]
    assert [line.split()[0] for line in run("pull", "--tags", "test,-odd").stdout.splitlines()] == ["pulled"]
    again = run("pull", "--tags", "")
    assert [line.split()[0] for line in again.stdout.splitlines()] == ["unchanged"] * 3
    assert "  keep team/script:two r1" in again.stderr
    lock = json.loads(Path("artifacts/cmsite.lock").read_text())
    assert lock["artifacts"]["script/one"]["reference"] == f"team/script:one,{'1' * 16}"


def test_tags_keep_the_references_that_were_written(run: Run, registry: SmallRegistry) -> None:
    run("pull", "script:one@r1", "script:two")
    run("pull", "--tags", "test")

    def references() -> list[str]:
        lock = json.loads(Path("artifacts/cmsite.lock").read_text())["artifacts"]
        return [entry["reference"] for entry in lock.values()]

    assert references() == ["script:one@r1", f"team/script:three,{'3' * 16}", "script:two"]
    for number, name in ((1, "one"), (2, "two")):
        registry.add(name, {"_cm.yaml": cm_meta(name, str(number) * 16), "new": b"1"}, uid=str(number) * 16)
    registry.publish()
    run("pull", "--tags", "test")
    # The pin was given up, and the reference says so.
    assert references() == [f"team/script:one,{'1' * 16}", f"team/script:three,{'3' * 16}", "script:two"]


def test_several_tags_find_what_each_finds(run: Run) -> None:
    done = run("pull", "--tags", "test,two", "--tags", "odd", "script:one")
    assert done.exit_code == 0
    assert [line.split()[1] for line in done.stdout.splitlines()] == [
        "team/script:one",
        "team/script:two",
        "team/script:three",
    ]
    lock = json.loads(Path("artifacts/cmsite.lock").read_text())["artifacts"]
    assert lock["script/one"]["reference"] == "script:one"


def test_a_named_revision_comes_before_what_tags_find(run: Run, registry: SmallRegistry) -> None:
    registry.add("one", {"_cm.yaml": cm_meta("one", "1" * 16), "new": b"1"}, uid="1" * 16, tags=("odd",))
    registry.publish()
    done = run("pull", "script:one@r1", "--tags", "odd")
    assert done.stdout.splitlines()[0] == "pulled team/script:one r1 in artifacts/script/one"
    assert len(done.stdout.splitlines()) == 2


def test_pulling_by_tags_has_a_limit(run: Run) -> None:
    assert failed(run("pull", "--tags", "test", "--limit", "2"), UsageError) == (
        "3 artifacts with the tags test, and at most 2 are pulled at once; name more tags, or allow them with --limit 3"
    )
    assert not Path("artifacts").exists()
    assert run("pull", "--tags", "test", "--limit", "3").exit_code == 0


def test_tags_that_nothing_has(run: Run) -> None:
    assert "there is no artifact with the tags test,nothing in team" in failed(
        run("pull", "--tags", "test,nothing"), NotFoundError
    )
    assert "automation:data" in failed(run("pull", "--tags", "test", "--automation", "data"), NotFoundError)
    assert not Path("artifacts").exists()


def test_tags_leave_out_what_cannot_be_had(run: Run, registry: SmallRegistry) -> None:
    registry.change("two", status=Status.QUARANTINED)
    registry.change("three", versions=())
    registry.publish()
    done = run("pull", "--tags", "test")
    assert done.stdout == "pulled team/script:one r1 in artifacts/script/one\n"
    assert f"team/script:two,{'2' * 16} is quarantined by its publisher; it is left out" in done.stderr
    assert f"team/script:three,{'3' * 16} has no published revision" in done.stderr


def test_case_91_tags_of_a_later_registry_give_no_name_of_an_earlier_one(run: Run, tmp_path: Path) -> None:
    attacker = SmallRegistry(tmp_path / "attacker", registry_id="f" * 32)
    attacker.add("one", {"_cm.yaml": cm_meta("one", "e" * 16)}, uid="e" * 16, tags=("special",))
    attacker.add("four", {"_cm.yaml": cm_meta("four", "4" * 16)}, uid="4" * 16, tags=("special",))
    attacker.publish()
    run("registry", "add", "zoo", str(attacker.site))
    done = run("pull", "--tags", "special")
    assert done.stdout == "pulled team/script:four r1 in artifacts/script/four\n"
    assert "script:one of zoo is left out: team has this name" in done.stderr


def test_the_automation_comes_along(run: Run, registry: SmallRegistry) -> None:
    automation = {"_cm.json": _AUTOMATION, "module.py": b"pass\n"}
    registry.add("script", automation, uid=AUTOMATION_UIDS["script"], automation="automation")
    registry.add("data", {"_cm.yaml": cm_meta("data", "d" * 16, "data")}, uid="d" * 16, automation="data")
    registry.publish()
    done = run("pull", "script:one", "data:data", "--with-automation", "--json")
    assert [(item["automation"], item["alias"], item["asked"]) for item in json.loads(done.stdout)["artifacts"]] == [
        ("script", "one", True),
        ("data", "data", True),
        ("automation", "script", False),
    ]
    assert "team has no automation data to bring along" in done.stderr
    lock = json.loads(Path("artifacts/cmsite.lock").read_text())["artifacts"]
    assert {path: entry["asked"] for path, entry in lock.items()} == {
        "automation/script": False,
        "data/data": True,
        "script/one": True,
    }
    assert "comes along" in done.stderr
    assert "automation/script had come along with another artifact" in run("remove", "automation:script").stderr
    run("pull", "script:one", "--with-automation")
    # Asked for once, it stays asked for, whatever it comes along with later.
    run("pull", "automation:script")
    assert run("pull", "script:two", "--with-automation").exit_code == 0
    lock = json.loads(Path("artifacts/cmsite.lock").read_text())["artifacts"]
    assert (lock["automation/script"]["asked"], lock["automation/script"]["reference"]) == (True, "automation:script")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "name what to pull"),
        (("--locked", "--tags", "a"), "goes with none"),
        (("--locked", "--with-automation"), "goes with none"),
        (("script:one", "--automation", "script"), "narrows --tags"),
    ],
)
def test_what_makes_no_sense(run: Run, arguments: tuple[str, ...], why: str) -> None:
    done = run("pull", *arguments)
    assert (done.exit_code, why in done.stderr) == (2, True)


def test_the_life_of_a_workspace(run: Run, registry: SmallRegistry) -> None:
    run("pull", "--tags", "test")
    assert run("lock").stdout == "3 pinned, 0 changed\n"
    assert run("outdated").stdout == "3 pinned, all up to date\n"
    registry.add("one", {"_cm.yaml": cm_meta("one", "1" * 16), "run.sh": b"echo 2\n"}, uid="1" * 16)
    registry.publish()
    assert run("outdated").stdout == "team/script:one r1 → r2\n3 pinned, 1 to look at\n"
    assert [run("outdated", "--fail-on", mark).exit_code for mark in ("newer", "any", "yanked")] == [1, 1, 0]
    assert run("outdated", "--fail-on", "old").exit_code == 2
    listed = json.loads(run("outdated", "artifacts", "--json").stdout)
    assert listed["schema"] == "cmsite-outdated/1"
    assert [(row["alias"], row["marks"]) for row in listed["artifacts"]] == [
        ("one", ["newer"]),
        ("three", []),
        ("two", []),
    ]
    assert listed["artifacts"][0]["newest"]["revision"] == 2
    assert "add --update" in run("lock", "script:one").stderr
    updated = run("lock", "artifacts", "script:one", "--update")
    assert updated.stdout == "team/script:one r1 → r2\n1 pinned, 1 changed\n"
    ahead = run("verify")
    assert ahead.exit_code == 6
    assert "script/one is r1 as it was pulled, and the lock pins r2; `cmsite pull --locked` brings it" in ahead.stderr
    pulled = run("pull", "--locked")
    assert pulled.stdout.splitlines()[0] == "updated team/script:one r2 in artifacts/script/one"
    assert run("verify").exit_code == 0
    again = json.loads(run("lock", "--update", "--json").stdout)
    assert (again["pins"], again["changed"]) == (3, [])
    removed = run("remove", "script:one", "team/script:two")
    assert removed.stdout.splitlines() == [
        "removed team/script:one r2 from artifacts",
        "removed team/script:two r1 from artifacts",
    ]
    assert json.loads(run("remove", "script:three", "--json").stdout)["removed"][0]["folder"] == "script/three"
    assert "is not in the lock" in failed(run("remove", "script:three"), NotFoundError)
    assert run("verify").stdout == "0 artifacts, 0 files: intact\n"


@pytest.mark.parametrize("command", ["lock", "outdated", "verify", "remove x:y", "pull --locked"])
def test_without_a_lock(run: Run, command: str) -> None:
    assert "there is no cmsite.lock in artifacts" in failed(run(*command.split()), NotFoundError)
    assert not Path("artifacts").exists()
