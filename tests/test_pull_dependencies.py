"""`cmsite pull --with-deps` as a user runs it: the plan first, then everything or nothing, the lock, what is asked."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmsite.cli import cli
from cmsite.client.lock import parse_lock
from cmsite.commands import dependency_lines
from cmsite.errors import CmsiteError, IntegrityError, NetworkError, UsageError
from cmsite.index.dependencies import Dependencies, Need, VariationRule, emit_dependencies
from cmsite.outputs import OutputFolder
from tests.requirements import need as required
from tests.serving import served_by_nginx
from tests.small_registry import SmallRegistry, cm_meta

Run = Callable[..., Result]
NUMBERS = {
    name: number for number, name in enumerate(("app", "lib", "python", "gcc", "llvm", "cuda", "other"), start=1)
}


def need(*aliases: str, selection: str = "", **more: str) -> Need:
    resolution = {0: "dangling", 1: "found"}.get(len(aliases), "alternatives")
    return Need(
        "deps",
        selection or ",".join(aliases) or "no,thing",
        resolution,
        tuple(f"team/script:{alias}" for alias in aliases),
        **more,  # type: ignore[arg-type]
    )


def add(registry: SmallRegistry, name: str, *needs: Need, repository: str = "team", **more: object) -> None:
    uid = f"{NUMBERS.get(name, 99):016x}"
    registry.add(name, {"_cm.yaml": cm_meta(name, uid), "run.sh": b"echo\n"}, uid=uid, repository=repository)
    if needs:
        sha256, file = emit_dependencies(Dependencies(needs=needs, **more))  # type: ignore[arg-type]
        OutputFolder(registry.site).write(file)
        key = (repository, "script", name)
        registry.records[key] = replace(registry.records[key], dependencies=sha256)


@pytest.fixture
def registry(tmp_path: Path) -> SmallRegistry:
    made = SmallRegistry(tmp_path / "site")
    add(
        made,
        "app",
        need("lib", selection="get,lib,_fast"),
        need("gcc", "llvm", selection="get,compiler"),
        need("cuda", condition="if GPU is yes"),
        need(),
    )
    add(
        made,
        "lib",
        need("python"),
        need("cuda", within="variation slow"),
        need("other", within="variation fast"),
        variations=(VariationRule("slow", group="speed", is_default=True), VariationRule("fast", group="speed")),
    )
    add(made, "python", need("app"))
    for name in ("gcc", "llvm", "cuda", "other"):
        add(made, name)
    made.publish()
    return made


@pytest.fixture
def run(registry: SmallRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    CliRunner().invoke(cli, ["registry", "add", "team", str(registry.site)])
    return lambda *arguments, **more: CliRunner().invoke(cli, [*arguments], **more)


def failed(result: Result, kind: type[CmsiteError]) -> str:
    assert isinstance(result.exception, kind), result.output
    assert not Path("artifacts/script").exists()
    assert not Path("artifacts/cmsite.lock").exists()
    return str(result.exception)


def locked() -> dict[str, bool]:
    lock = parse_lock(Path("artifacts/cmsite.lock").read_bytes())
    return {artifact.folder: artifact.asked for artifact in lock.artifacts}


def test_the_plan_names_everything_before_a_byte_is_fetched(run: Run, registry: SmallRegistry) -> None:
    for archive in (registry.site / "artifacts").iterdir():
        archive.write_bytes(b"")
    done = run("pull", "script:app", "--with-deps")
    assert "plan: 4 artifacts" in done.stderr
    failed(done, IntegrityError)
    lines = done.stderr.splitlines()
    assert [line.split(" (")[0] for line in lines if line.startswith("  get ")] == [
        "  get team/script:app r1",
        "  get team/script:lib r1",
        "  get team/script:other r1",
        "  get team/script:python r1",
    ]
    assert "python of script:app → script:lib)" in done.stderr
    assert "left out, needed only sometimes: 1 dependency; --all-deps takes them" in lines
    assert "  cuda: script:cuda, for team/script:app, if GPU is yes" in lines
    assert "left out, several match, none chosen: 1 dependency; --choose TAGS=REF takes one" in lines
    assert "  get,compiler: script:gcc, script:llvm, for team/script:app" in lines
    assert "left out, matches nothing: 1 dependency" in lines
    assert "  no,thing, for team/script:app" in lines


def test_dependencies_are_pulled_and_locked_as_what_they_are(run: Run) -> None:
    done = run("pull", "script:app", "--with-deps")
    assert done.exit_code == 0, done.output
    assert locked() == {"app": True, "lib": False, "other": False, "python": False}
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["pulled"] * 4
    assert run("verify").exit_code == 0
    before = Path("artifacts/cmsite.lock").read_bytes()
    again = run("pull", "script:app", "--with-deps")
    assert [line.split()[0] for line in again.stdout.splitlines()] == ["unchanged"] * 4
    assert Path("artifacts/cmsite.lock").read_bytes() == before
    assert run("pull", "script:python").exit_code == 0
    assert locked()["python"] is True


def test_all_of_them_and_one_of_several_on_demand(run: Run) -> None:
    done = run("pull", "script:app", "--with-deps", "--all-deps", "--choose", "compiler,get=script:llvm")
    assert done.exit_code == 0, done.output
    assert set(locked()) == {"app", "lib", "python", "cuda", "other", "llvm"}
    # What lies here already satisfies an entry that several match.
    assert "several match" not in run("pull", "script:app", "--with-deps").stderr


@pytest.mark.parametrize(
    ("reference", "folders"),
    [("script:lib,_slow", {"cuda"}), ("script:lib", {"cuda"}), ("script:lib,_fast", {"other"})],
)
def test_a_variation_that_is_asked_for_opens_its_dependencies(
    run: Run, registry: SmallRegistry, reference: str, folders: set[str]
) -> None:
    add(registry, "python")
    registry.records["team", "script", "python"] = replace(
        registry.records["team", "script", "python"], dependencies=""
    )
    registry.publish()
    assert run("pull", reference, "--with-deps").exit_code == 0
    assert set(locked()) == {"lib", "python"} | folders


def test_json_gives_the_plan_too(run: Run) -> None:
    done = run("pull", "script:app", "--with-deps", "--json")
    (plan,) = json.loads(done.stdout)["dependencies"]
    assert [item["alias"] for item in plan["taken"]] == ["app", "lib", "other", "python"]
    assert plan["taken"][3] == {
        "repository": "team",
        "automation": "script",
        "alias": "python",
        "uid": f"{3:016x}",
        "revision": 1,
        "size_bytes": plan["taken"][3]["size_bytes"],
        "asked": False,
        "variations": [],
        "path": ["team/script:app", "team/script:lib", "team/script:python"],
        "reason": {"artifact": "team/script:lib", "kind": "deps", "selection": "python"},
    }
    assert [(item["why"], item["selection"]) for item in plan["left_out"]] == [
        ("needed only sometimes", "cuda"),
        ("only with variations, versions or containers that nobody asked for", "cuda"),
        ("several match, none chosen", "get,compiler"),
        ("matches nothing", "no,thing"),
    ]
    assert json.loads(run("pull", "script:app", "--json").stdout).get("dependencies") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--choose", "get,compiler=script:cuda"),
            "not among the artifacts that match: team/script:gcc, team/script:llvm",
        ),
        (
            ("--choose", "get,x=script:gcc"),
            "--choose get,x=script:gcc: no dependency with several matches has these tags",
        ),
        (("--choose", "gcc"), "expected TAGS=REF, for instance get,compiler=script:get-gcc"),
        (("--choose", "a=gcc"), "gcc: the automation is missing"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert message in failed(run("pull", "script:app", "--with-deps", *arguments), UsageError)


@pytest.mark.parametrize("option", [("--all-deps",), ("--choose", "a=script:b"), ("--yes",)])
def test_options_about_dependencies_need_them(run: Run, option: tuple[str, ...]) -> None:
    done = run("pull", "script:app", *option)
    assert (done.exit_code, f"{option[0]} is about dependencies: give --with-deps too" in done.stderr) == (2, True)


def test_on_a_terminal_it_asks_which_of_several_and_whether_to_go_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependency_lines, "is_terminal", lambda: True)
    done = run("pull", "script:app", "--with-deps", input="2\ny\n")
    assert done.exit_code == 0, done.output
    assert "get,compiler, needed by team/script:app, is one of:" in done.stderr
    assert "  2  team/script:llvm" in done.stderr
    assert "llvm" in locked()


def test_on_a_terminal_no_means_that_nothing_is_fetched(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependency_lines, "is_terminal", lambda: True)
    done = run("pull", "script:app", "--with-deps", input="0\nn\n")
    assert done.exit_code == 1
    assert "several match, none chosen" in done.stderr
    assert done.stderr.endswith("cmsite: nothing was pulled, as you answered No\n")
    assert not Path("artifacts/script").exists()
    assert run("pull", "script:app", "--with-deps", "--yes").exit_code == 0
    assert "gcc" not in locked()


def test_what_is_here_from_elsewhere_is_kept_with_a_note(run: Run, registry: SmallRegistry) -> None:
    uid = f"{NUMBERS['python']:016x}"
    registry.add("python", {"_cm.yaml": cm_meta("python", uid), "other": b"1"}, uid=uid, repository="copy")
    registry.publish()
    assert run("pull", "copy/script:python").exit_code == 0
    done = run("pull", "team/script:app", "--with-deps")
    assert done.exit_code == 0, done.output
    assert "team/script:python is here already, from copy/script:python" in done.stderr
    lock = parse_lock(Path("artifacts/cmsite.lock").read_bytes())
    assert {one.repository for one in lock.artifacts if one.folder == "python"} == {"copy"}


def test_an_exact_pin_that_was_asked_for_stays(run: Run, registry: SmallRegistry) -> None:
    assert run("pull", "script:other@r1").exit_code == 0
    uid = f"{NUMBERS['other']:016x}"
    registry.add("other", {"_cm.yaml": cm_meta("other", uid), "new": b"2"}, uid=uid)
    registry.publish()
    done = run("pull", "script:app", "--with-deps")
    assert "team/script:other stays at r1, as script:other@r1 asks" in done.stderr
    assert not Path("artifacts/script/other/new").exists()


def test_dependencies_of_an_older_revision_are_those_of_the_newest_and_it_says_so(
    run: Run, registry: SmallRegistry
) -> None:
    uid = f"{NUMBERS['app']:016x}"
    needed = registry.records["team", "script", "app"].dependencies
    registry.add("app", {"_cm.yaml": cm_meta("app", uid), "new": b"2"}, uid=uid)
    registry.records["team", "script", "app"] = replace(registry.records["team", "script", "app"], dependencies=needed)
    registry.publish()
    done = run("pull", "script:app@r1", "--with-deps")
    assert "the dependencies of team/script:app are those of its newest revision, r2, and not of r1" in done.stderr


def test_case_85_a_missing_file_of_dependencies_ends_the_pull_by_name(run: Run, registry: SmallRegistry) -> None:
    needed = registry.records["team", "script", "lib"].dependencies
    (registry.site / f"cm-index/v1/b/{needed[:2]}/{needed}.gz").unlink()
    assert needed in failed(run("pull", "script:app", "--with-deps"), NetworkError)


def test_case_86_a_dependency_whose_folder_is_no_name_refuses_the_whole_pull(run: Run, registry: SmallRegistry) -> None:
    add(registry, "app", need("evil"))
    add(registry, "evil")
    key = ("team", "script", "evil")
    registry.records[key] = replace(registry.records[key], folder="..")
    registry.publish()
    assert "cannot be a folder" in failed(run("pull", "script:app", "--with-deps"), IntegrityError)


def test_case_91_a_dependency_never_comes_from_another_registry(
    run: Run, registry: SmallRegistry, tmp_path: Path
) -> None:
    add(registry, "app", need("secret"))
    registry.publish()
    other = SmallRegistry(tmp_path / "other")
    add(other, "secret")
    other.publish()
    CliRunner().invoke(cli, ["registry", "add", "zzz", str(other.site)])
    done = run("pull", "script:app", "--with-deps")
    assert done.exit_code == 0, done.output
    assert "left out, its repository is not in this registry: 1 dependency" in done.stderr
    assert set(locked()) == {"app"}


def test_archives_are_fetched_together_over_http(run: Run, registry: SmallRegistry, tmp_path: Path) -> None:
    for number in range(40):
        add(registry, f"n{number}")
    add(registry, "app", *(need(f"n{number}") for number in range(40)))
    for number in range(40):
        key = ("team", "script", f"n{number}")
        registry.records[key] = replace(registry.records[key], uid=f"{1000 + number:016x}")
    registry.publish()
    with served_by_nginx(required("nginx"), registry.site, tmp_path) as address:
        done = run("pull", "script:app", "--with-deps", "--registry", address)
    assert done.exit_code == 0, done.output
    assert len(locked()) == 41


def test_show_prints_the_tree_of_what_would_come_along(run: Run) -> None:
    done = run("show", "script:app", "--deps")
    assert done.exit_code == 0, done.output
    tree = done.stdout.partition("\n\n")[2].splitlines()
    assert [line.split(" (")[0] for line in tree[:4]] == [
        "team/script:app r1",
        "  script:lib r1",
        "    script:other r1",
        "    script:python r1",
    ]
    assert tree[1].endswith(", get,lib,_fast)")
    assert "left out, several match, none chosen: 1 dependency; --choose TAGS=REF takes one" in tree
    (plan,) = [json.loads(run("show", "script:app", "--deps", "--json").stdout)["dependencies"]]
    assert [item["alias"] for item in plan["taken"]] == ["app", "lib", "other", "python"]
    assert "script:other" not in run("show", "script:app,_slow").stdout


def test_case_85_a_deep_tree_is_printed_without_recursion(run: Run, registry: SmallRegistry) -> None:
    registry.records.clear()
    for number in range(1500):
        add(registry, f"n{number}", need(f"n{number + 1}"))
        key = ("team", "script", f"n{number}")
        registry.records[key] = replace(registry.records[key], uid=f"{number:016x}")
    registry.publish()
    lines = run("show", "script:n0", "--deps").stdout.partition("\n\n")[2].splitlines()
    assert lines[1499].startswith(f"{'  ' * 20}script:n1499 r1")
    assert lines[1499].endswith("(level 1499)")
    assert lines[1500].startswith("left out, its repository is not in this registry: 1 dependency")


def test_case_92_foreign_selections_cannot_drive_the_terminal(run: Run, registry: SmallRegistry) -> None:
    add(registry, "app", need(selection="\x1b[31mred\x07\u202e"), need("lib", selection="\x1b]0;title\x07"))
    registry.publish()
    for arguments in (("pull", "script:app", "--with-deps"), ("show", "script:app", "--deps")):
        done = run(*arguments)
        assert done.exit_code == 0, done.output
        assert "red" in done.output
        assert not set("\x1b\x07\u202e") & set(done.output)
