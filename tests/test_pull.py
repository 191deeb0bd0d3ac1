"""Pulling from a published folder: what lies on disk, what is refused, what a second pull does."""

import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmsite.cli import cli
from cmsite.client import applying
from cmsite.client.lock import Lock, parse_lock
from cmsite.client.planning import Action
from cmsite.client.pull import Pulled, pull
from cmsite.client.twins import twins
from cmsite.client.verify import Difference, verify
from cmsite.client.workspace import Workspace, find_workspace
from cmsite.errors import IntegrityError, NotFoundError, OutputError
from cmsite.index.layout import archive_path
from cmsite.validation.client_metas import judge_meta
from tests.small_registry import REGISTRY_ID, SmallRegistry, cm_meta

UID = "1111111111111111"
OTHER_UID = "2222222222222222"
WORKSPACE_UID = "00000000deadbeef"
FILES = {"_cm.yaml": cm_meta("detect", UID), "run.sh": b"#!/bin/sh\necho hello\n", "deep/er/file": b"x"}


@pytest.fixture
def registry(tmp_path: Path) -> SmallRegistry:
    made = SmallRegistry(tmp_path / "site", licenses={"team": {"LICENSE": b"Do as you like.\n", "docs/NOTICE": b"n"}})
    made.add("detect", FILES, uid=UID, executable=("run.sh",))
    made.publish()
    return made


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "work" / "artifacts"


def _pull(registry: SmallRegistry, into: Path, *references: str, force: bool = False) -> tuple[Pulled, ...]:
    return pull(
        references,
        registries=(registry.open(),),
        into=into,
        check=judge_meta,
        draw_uid=lambda: WORKSPACE_UID,
        force=force,
    )


def _state(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return every file with its bytes, mode and time of change: what "nothing changed" means."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "pulling.lock"
    }


def _lock(into: Path) -> Lock:
    return parse_lock((into / "cmsite.lock").read_bytes())


def test_what_a_pull_leaves_on_disk(registry: SmallRegistry, into: Path) -> None:
    (pulled,) = _pull(registry, into, "script:detect")
    assert (pulled.action, pulled.folder) == (Action.PULL, into / "script" / "detect")
    for path, content in FILES.items():
        assert (into / "script/detect" / path).read_bytes() == content
    assert (into / "script/detect/meta.yaml").read_bytes() == FILES["_cm.yaml"]
    assert os.access(into / "script/detect/run.sh", os.X_OK)
    assert not os.access(into / "script/detect/_cm.yaml", os.X_OK)
    assert (into / "cmr.yaml").read_bytes() == (into / "meta.yaml").read_bytes()
    assert f'uid: "{WORKSPACE_UID}"' in (into / "cmr.yaml").read_text()
    assert (into / ".cmsite/licenses/team/LICENSE").read_bytes() == b"Do as you like.\n"
    assert (into / ".cmsite/licenses/team/docs/NOTICE").read_bytes() == b"n"
    assert not (into / ".cmsite/incoming").exists()
    assert verify(Workspace(root=into)).differences == ()


def test_the_lock_names_every_file(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    (artifact,) = _lock(into).artifacts
    record = registry.records["team", "script", "detect"]
    assert artifact.tar_sha256 == record.versions[0].tar_sha256
    assert artifact.archive_sha256 == record.versions[0].archive_sha256
    assert {file.path: file.sha256 for file in artifact.files if not file.generated} == {
        path: hashlib.sha256(content).hexdigest() for path, content in FILES.items()
    }
    assert [file.path for file in artifact.files if file.generated] == ["meta.yaml"]
    # Nothing of this machine: a registry in a folder is named relative to the workspace.
    assert str(into.parent.parent) not in (into / "cmsite.lock").read_text()
    assert _lock(into).registries == ((REGISTRY_ID, "../../site"),)


def test_a_second_pull_changes_nothing(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    before = _state(into)
    (pulled,) = _pull(registry, into, "script:detect")
    assert pulled.action is Action.KEEP
    assert _state(into) == before


def test_another_reference_to_the_same_is_written_down(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    (pulled,) = _pull(registry, into, "team/script:detect@r1")
    assert pulled.action is Action.KEEP
    assert _lock(into).artifacts[0].reference == "team/script:detect@r1"


def test_a_second_pull_fetches_no_archive(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    shutil.rmtree(registry.site / "artifacts")
    shutil.rmtree(os.environ["CMSITE_CACHE"])
    assert _pull(registry, into, "script:detect")[0].action is Action.KEEP


def test_an_update_replaces_the_artifact_as_a_whole(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    registry.add("detect", {"_cm.yaml": FILES["_cm.yaml"], "new": b"2"}, uid=UID)
    registry.publish()
    (pulled,) = _pull(registry, into, "script:detect")
    assert (pulled.action, pulled.choice.version.revision) == (Action.UPDATE, 2)
    assert sorted(path.name for path in (into / "script/detect").iterdir()) == ["_cm.yaml", "meta.yaml", "new"]
    assert _lock(into).artifacts[0].revision == 2
    assert verify(Workspace(root=into)).differences == ()
    (back,) = _pull(registry, into, "script:detect@r1")
    assert back.action is Action.UPDATE
    assert (into / "script/detect/run.sh").is_file()


@pytest.mark.parametrize("change", ["edit", "delete", "link"])
def test_local_changes_are_kept(registry: SmallRegistry, into: Path, change: str) -> None:
    _pull(registry, into, "script:detect")
    script = into / "script/detect/run.sh"
    if change == "edit":
        script.write_bytes(b"mine")
    else:
        script.unlink()
    if change == "link":
        script.symlink_to("_cm.yaml")
    before = _state(into)
    with pytest.raises(
        OutputError, match=r"script/detect was changed since it was pulled \(script/detect/run.sh\).*--force"
    ):
        _pull(registry, into, "script:detect")
    registry.add("detect", {"_cm.yaml": FILES["_cm.yaml"]}, uid=UID)
    registry.publish()
    with pytest.raises(OutputError, match="was changed since it was pulled"):
        _pull(registry, into, "script:detect")
    assert _state(into) == before
    assert _pull(registry, into, "script:detect@r1", force=True)[0].action is Action.UPDATE
    assert script.read_bytes() == FILES["run.sh"]
    assert verify(Workspace(root=into)).is_intact


def test_files_beside_are_kept_and_stop_an_update(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    (into / "script/detect/result.txt").write_text("mine")
    assert _pull(registry, into, "script:detect")[0].action is Action.KEEP
    registry.add("detect", {"_cm.yaml": FILES["_cm.yaml"]}, uid=UID)
    registry.publish()
    with pytest.raises(OutputError, match=r"result\.txt"):
        _pull(registry, into, "script:detect")
    assert (into / "script/detect/result.txt").read_text() == "mine"


def test_a_deleted_artifact_comes_back(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    shutil.rmtree(into / "script/detect")
    assert _pull(registry, into, "script:detect")[0].action is Action.UPDATE
    assert verify(Workspace(root=into)).differences == ()


def test_a_deleted_licence_comes_back(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    before = (into / "cmsite.lock").read_bytes()
    (into / ".cmsite/licenses/team/LICENSE").unlink()
    _pull(registry, into, "script:detect")
    assert verify(Workspace(root=into)).differences == ()
    assert (into / "cmsite.lock").read_bytes() == before


def test_case_36_a_folder_that_no_pull_wrote_is_not_overwritten(registry: SmallRegistry, into: Path) -> None:
    mine = into / "script/detect/file"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(OutputError, match="is there already and not from a pull"):
        _pull(registry, into, "script:detect")
    assert mine.read_text() == "mine"
    _pull(registry, into, "script:detect", force=True)
    assert not mine.exists()


def test_a_foreign_repository_is_not_written_into(registry: SmallRegistry, into: Path) -> None:
    into.mkdir(parents=True)
    (into / "cmr.yaml").write_text("alias: mine\nuid: 'abcdefabcdefabcd'\n")
    with pytest.raises(OutputError, match="is a repository already .*--into"):
        _pull(registry, into, "script:detect")
    assert [path.name for path in into.iterdir()] == ["cmr.yaml"]


def test_equal_uid_and_case_folded_folder_are_refused(registry: SmallRegistry, into: Path) -> None:
    registry.add("Detect", {"_cm.yaml": cm_meta("Detect", OTHER_UID)}, uid=OTHER_UID)
    registry.add("again", {"_cm.yaml": cm_meta("again", UID)}, uid=UID, repository="zoo")
    registry.add("detect", FILES | {"more": b"1"}, uid=UID, repository="zoo")
    registry.publish()
    _pull(registry, into, "team/script:detect")
    before = _state(into)
    for reference, why in (
        ("script:Detect", "has the folder script/detect"),
        ("zoo/script:again", f"has the same uid {UID}"),
        ("zoo/script:detect", f"has the same uid {UID}"),
    ):
        with pytest.raises(OutputError, match=f"{why}.*--into DIR"):
            _pull(registry, into, reference)
    assert _state(into) == before
    with pytest.raises(OutputError, match="cannot stand beside"):
        _pull(registry, into.with_name("new"), "team/script:detect", "script:Detect")
    assert not (into.with_name("new") / "script").exists()


def test_the_same_bytes_from_another_origin_are_the_same(registry: SmallRegistry, into: Path) -> None:
    registry.add("detect", FILES, uid=UID, repository="zoo", executable=("run.sh",))
    registry.publish()
    (first,) = _pull(registry, into, "script:detect")
    (second,) = _pull(registry, into, "zoo/script:detect")
    assert (first.action, second.action) == (Action.PULL, Action.KEEP)
    assert "also in zoo" in first.notes[0]


def test_one_bad_artifact_of_several_leaves_nothing(registry: SmallRegistry, into: Path) -> None:
    registry.add("bad", {"_cm.yaml": b"alias: [unclosed"}, uid=OTHER_UID)
    registry.publish()
    with pytest.raises(IntegrityError, match=r"team/script:bad: _cm.yaml is not YAML.*line \d+, column "):
        _pull(registry, into, "script:detect", "script:bad")
    assert not (into / "script").exists()
    assert not (into / "cmsite.lock").exists()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("_cm.yaml", b"alias: x\nuid: 6152538690744623\n", "without quotes, which is a number"),
        ("_cm.yaml", b"alias: 12\nuid: '1111111111111111'\n", "without quotes, which is a number"),
        ("_cm.yaml", b"", "is empty"),
        ("_cm.yaml", b"# only a comment\n", "holds no value"),
        ("_cm.yaml", b"- a\n", "holds list instead of keys and values"),
        ("_cm.yaml", b"alias: caf\xe9\n", "is not "),
        ("_cm.json", b'\xef\xbb\xbf{"alias": "x"}', "byte order mark"),
        ("_cm.json", b"", "is empty"),
        ("_cm.json", b"{", "is not "),
        ("_cm.yaml", cm_meta("x", UID, more="_base: 7\n"), "has a `_base`"),
        ("meta.yaml", b"alias: x\nuid: '1111111111111111'\n", "lacks `automation_alias:` and `automation_uid:`"),
        ("meta.yaml", cm_meta("x", UID).replace(b"[test, x]", b"test"), "has `tags:` that is no list"),
        ("meta.yaml", cm_meta("x", UID, more="deps:\n"), "has `deps:` that is no list"),
        ("meta.yaml", cm_meta("x", UID, more="deps: [x]\n"), "has an entry 0 of `deps:`"),
        ("meta.yaml", cm_meta("x", UID, more="default_variation: a\nvariations: {b: {}}\n"), "default variation 'a'"),
        ("meta.yaml", b"\tx: 1\n", "is not "),
    ],
)
def test_metas_that_would_stop_a_client_are_refused(
    registry: SmallRegistry, into: Path, name: str, content: bytes, why: str
) -> None:
    registry.add("x", {name: content, "file": b"1"}, uid=OTHER_UID)
    registry.publish()
    with pytest.raises(IntegrityError, match="would stop every command of the real client") as raised:
        _pull(registry, into, "script:x")
    assert f"team/script:x: {name}" in str(raised.value)
    assert why in str(raised.value)
    assert not (into / "script").exists()


def test_a_twin_that_would_stop_its_client_is_left_out(registry: SmallRegistry, into: Path) -> None:
    registry.add("plain", {"_cm.yaml": b"alias: plain\nuid: '2222222222222222'\n"}, uid=OTHER_UID)
    registry.publish()
    (pulled,) = _pull(registry, into, "script:plain")
    assert [path.name for path in pulled.folder.iterdir()] == ["_cm.yaml"]
    assert "mlc will not see it" in pulled.notes[0]


def test_bases_must_be_there(registry: SmallRegistry, into: Path) -> None:
    automation = "script,5b4e0237da074764"
    registry.add(
        "child", {"_cm.yaml": cm_meta("child", OTHER_UID, more=f"_base: '{automation}::detect'\n")}, uid=OTHER_UID
    )
    registry.publish()
    with pytest.raises(IntegrityError, match=r"builds on .*::detect.*cmsite pull script:child script:detect"):
        _pull(registry, into, "script:child")
    _pull(registry, into, "script:child", "script:detect")
    assert _pull(registry, into.with_name("other"), "script:detect")
    _pull(registry, into.with_name("other"), "script:child")


def test_twins_keep_the_extension() -> None:
    assert twins(["_cm.json"]) == (("_cm.json", "meta.json"),)
    assert twins(["meta.yaml", "x"]) == (("meta.yaml", "_cm.yaml"),)
    assert twins(["meta.json"]) == (("meta.json", "_cm.json"),)
    assert twins(["_cm.yaml", "meta.yaml"]) == ()
    assert twins(["sub/_cm.yaml"]) == ()


def test_a_ck_artifact_gets_a_meta_for_cm(registry: SmallRegistry, into: Path) -> None:
    info = {
        "backup_data_uid": OTHER_UID,
        "backup_module_uid": "1dc07ee0f4742028",
        "cm_version": "x",
        "data_name": "Lib",
        "control": {"author": "A"},
    }
    meta = {"tags": ["lib", "x"], "customize": {"a": 1}}
    files = {".cm/info.json": json.dumps(info).encode(), ".cm/meta.json": json.dumps(meta).encode(), "install.sh": b"1"}
    registry.add("lib-x", files, uid=OTHER_UID, automation="package", format_="ck")
    registry.publish()
    (pulled,) = _pull(registry, into, "package:lib-x")
    made = json.loads((pulled.folder / "_cm.json").read_text())
    assert made == {
        "alias": "lib-x",
        "uid": OTHER_UID,
        "automation_alias": "package",
        "automation_uid": "1dc07ee0f4742028",
        "data_name": "Lib",
        "control": {"author": "A"},
        "tags": ["lib", "x"],
        "customize": {"a": 1},
    }
    assert sorted(path.name for path in pulled.folder.iterdir()) == [".cm", "_cm.json", "install.sh"]
    assert [file.path for file in _lock(into).artifacts[0].files if file.generated] == ["_cm.json"]


def test_not_found_offers_near_names_and_writes_nothing(registry: SmallRegistry, into: Path) -> None:
    with pytest.raises(NotFoundError) as raised:
        _pull(registry, into, "script:detekt")
    assert raised.value.near == ("script:detect",)
    assert not into.exists()


def test_an_archive_that_lies_leaves_nothing(registry: SmallRegistry, into: Path) -> None:
    version = registry.records["team", "script", "detect"].versions[0]
    path = registry.site / archive_path(version.archive_sha256)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=version.archive_sha256[:8]):
        _pull(registry, into, "script:detect")
    assert not (into / "script").exists()
    assert not (into / "cmsite.lock").exists()


def test_a_licence_name_cannot_lead_out(tmp_path: Path, into: Path) -> None:
    registry = SmallRegistry(tmp_path / "site", licenses={"team": {"../../../LICENSE": b"x"}})
    registry.add("detect", FILES, uid=UID)
    registry.publish()
    with pytest.raises(IntegrityError, match="a licence file cannot be written"):
        _pull(registry, into, "script:detect")
    assert not (into / "script").exists()


@pytest.mark.parametrize("place", ["script", "script/detect"])
def test_case_36_a_link_in_the_way_is_refused(registry: SmallRegistry, into: Path, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (into / place).parent.mkdir(parents=True)
    (into / place).symlink_to(outside, target_is_directory=True)
    for force in (False, True):
        with pytest.raises(OutputError, match="is a symbolic link"):
            _pull(registry, into, "script:detect", force=force)
    assert list(outside.iterdir()) == []


def _pull_in_process(site: Path, into: Path, reference: str) -> str:
    registry = SmallRegistry(site)
    return _pull(registry, into, reference)[0].action.value


def test_case_37_two_pulls_at_once(registry: SmallRegistry, into: Path) -> None:
    names = [f"s{number}" for number in range(6)]
    for number, name in enumerate(names):
        uid = f"{number:016x}"
        registry.add(name, {"_cm.yaml": cm_meta(name, uid)}, uid=uid)
    registry.publish()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        tasks = [(registry.site, into, f"script:{name}") for name in [*names, *names]]
        actions = pool.starmap(_pull_in_process, tasks, chunksize=1)
    assert sorted(actions) == ["pulled"] * 6 + ["unchanged"] * 6
    assert [artifact.folder for artifact in _lock(into).artifacts] == names
    assert verify(Workspace(root=into)).differences == ()


def _pull_and_die(site: Path, into: Path, name: str, call: int) -> None:
    """Pull in this process and end it without any cleaning up at the n-th call of a function of the flow."""
    original: Callable[..., object] = getattr(applying, name)
    calls = 0

    def dying(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            os._exit(9)
        return original(*arguments)

    setattr(applying, name, dying)
    _pull(SmallRegistry(site), into, "script:detect", "script:other")
    os._exit(0)


@pytest.mark.parametrize("name", ["install", "ensure_descriptors", "emit_lock"])
@pytest.mark.parametrize("call", [1, 2])
def test_case_38_a_killed_pull_is_completed_by_the_next(
    registry: SmallRegistry, into: Path, name: str, call: int
) -> None:
    registry.add("other", {"_cm.yaml": cm_meta("other", OTHER_UID)}, uid=OTHER_UID)
    registry.publish()
    child = multiprocessing.get_context("fork").Process(target=_pull_and_die, args=(registry.site, into, name, call))
    child.start()
    child.join()
    assert child.exitcode in ((9,) if (name, call) != ("ensure_descriptors", 2) else (0,))
    _pull(registry, into, "script:detect", "script:other")
    assert [artifact.folder for artifact in _lock(into).artifacts] == ["detect", "other"]
    assert verify(Workspace(root=into)).differences == ()
    assert not (into / ".cmsite/incoming").exists()


def test_case_38_a_pull_killed_in_an_update_is_completed(registry: SmallRegistry, into: Path) -> None:
    registry.add("other", {"_cm.yaml": cm_meta("other", OTHER_UID)}, uid=OTHER_UID)
    registry.publish()
    _pull(registry, into, "script:detect", "script:other")
    registry.add("detect", FILES | {"new": b"2"}, uid=UID)
    registry.publish()
    child = multiprocessing.get_context("fork").Process(
        target=_pull_and_die, args=(registry.site, into, "emit_lock", 2)
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    assert (into / "script/detect/new").exists()
    assert _lock(into).artifacts[0].revision == 1
    _pull(registry, into, "script:detect", "script:other")
    assert _lock(into).artifacts[0].revision == 2
    assert verify(Workspace(root=into)).differences == ()


def test_find_workspace(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert find_workspace(tmp_path / "a/b").root == tmp_path / "a/b" / "artifacts"
    (tmp_path / "a/cmsite.lock").write_text("{}")
    assert find_workspace(tmp_path / "a/b/c").root == tmp_path / "a"


def test_verify_tells_missing_changed_and_extra(registry: SmallRegistry, into: Path) -> None:
    _pull(registry, into, "script:detect")
    (into / "script/detect/_cm.yaml").write_text("changed")
    (into / "script/detect/deep/er/file").unlink()
    (into / "script/detect/extra").write_text("1")
    (into / ".cmsite/licenses/team/LICENSE").unlink()
    (into / "meta.yaml").unlink()
    found = verify(Workspace(root=into))
    assert [(difference.path, difference.kind) for difference in found.differences] == [
        (".cmsite/licenses/team/LICENSE", Difference.MISSING),
        ("meta.yaml", Difference.MISSING),
        ("script/detect/_cm.yaml", Difference.CHANGED),
        ("script/detect/deep/er/file", Difference.MISSING),
        ("script/detect/extra", Difference.EXTRA),
    ]
    assert not found.is_intact
    with pytest.raises(NotFoundError, match=r"there is no cmsite\.lock"):
        verify(Workspace(root=into / "nothing"))


def test_the_commands(registry: SmallRegistry, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    run = CliRunner().invoke
    site = str(registry.site)
    first = run(cli, ["pull", "script:detect", "--registry", site])
    assert (first.exit_code, first.stdout) == (0, "pulled team/script:detect r1 in artifacts/script/detect\n")
    again = run(cli, ["pull", "script:detect", "--registry", site, "--json"])
    document = json.loads(again.stdout)
    assert document["schema"] == "cmsite-pull/1"
    assert [(item["action"], item["alias"], item["revision"]) for item in document["artifacts"]] == [
        ("unchanged", "detect", 1)
    ]
    verified = run(cli, ["verify", "--json"])
    assert (verified.exit_code, json.loads(verified.stdout)["intact"]) == (0, True)
    Path("artifacts/script/detect/run.sh").write_text("changed")
    broken = run(cli, ["verify", "artifacts"])
    assert (broken.exit_code, "changed script/detect/run.sh" in broken.stdout) == (6, True)
    refused = run(cli, ["pull", "script:detect", "--registry", site])
    assert isinstance(refused.exception, OutputError)
    Path(os.fsdecode(b"artifacts/script/detect/latin-\xe9")).touch()
    assert "extra script/detect/latin-\\udce9" in run(cli, ["verify", "artifacts"]).stdout
    assert run(cli, ["verify", "artifacts", "--json"]).exit_code == 6
    forced = run(cli, ["pull", "script:detect", "--registry", site, "--force", "--into", "artifacts"])
    assert forced.stdout.startswith("updated team/script:detect r1")
