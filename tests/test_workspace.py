"""A workspace over time: locked pulls, newer pins, what is outdated, what is removed."""

import contextlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cmsite.client.lock import Lock, parse_lock
from cmsite.client.locked_pull import pull_locked
from cmsite.client.outdated import Mark, Outlook, outdated
from cmsite.client.planning import Action
from cmsite.client.pull import Pulled, pull
from cmsite.client.registries import add
from cmsite.client.relocking import Relocked, relock
from cmsite.client.removing import remove
from cmsite.client.verify import verify
from cmsite.client.workspace import Workspace
from cmsite.errors import CmsiteError, IntegrityError, NotFoundError, OutputError
from cmsite.index.layout import archive_path
from cmsite.index.records import Status
from cmsite.validation.client_metas import judge_meta
from tests.small_registry import SmallRegistry, cm_meta

UID = "1111111111111111"
OTHER_UID = "2222222222222222"
OTHER_ID = "f" * 32
FILES = {"_cm.yaml": cm_meta("detect", UID), "run.sh": b"echo 1\n", "deep/er/file": b"x"}
OTHER = {"_cm.yaml": cm_meta("other", OTHER_UID)}
NEWER = FILES | {"run.sh": b"echo 2\n"}


@pytest.fixture
def registry(tmp_path: Path) -> SmallRegistry:
    made = SmallRegistry(tmp_path / "site", licenses={"team": {"LICENSE": b"Do as you like.\n", "docs/NOTICE": b"n"}})
    made.add("detect", FILES, uid=UID, executable=("run.sh",))
    made.add("other", OTHER, uid=OTHER_UID)
    made.publish()
    return made


@pytest.fixture
def into(registry: SmallRegistry, tmp_path: Path) -> Path:
    """Return a workspace with both artifacts."""
    made = tmp_path / "work" / "artifacts"
    pull_into(made, registry, "script:detect", "script:other")
    return made


def pull_into(into: Path, registry: SmallRegistry, *references: str, force: bool = False) -> tuple[Pulled, ...]:
    return pull(
        references, registries=(registry.open(),), into=into, check=judge_meta, draw_uid=lambda: "0" * 16, force=force
    )


def pull_pinned(into: Path, *references: str, force: bool = False) -> dict[str, str]:
    pulled, removed, _ = pull_locked(references, into=into, check=judge_meta, draw_uid=lambda: "1" * 16, force=force)
    done = {item.choice.path: item.action.value for item in pulled}
    return done | {one.artifact.path: "removed" for one in removed}


def update(into: Path, *references: str) -> tuple[Relocked, ...]:
    return relock(references, workspace=Workspace(root=into), check=judge_meta, update=True)[0]


def take(into: Path, *references: str, force: bool = False) -> None:
    remove(references, workspace=Workspace(root=into), check=judge_meta, force=force)


def marks(into: Path) -> dict[str, tuple[str, ...]]:
    return {one.artifact.path: tuple(mark.value for mark in one.marks) for one in outlook(into)}


def outlook(into: Path) -> tuple[Outlook, ...]:
    return outdated(Workspace(root=into))[0]


def lock_of(into: Path) -> Lock:
    return parse_lock((into / "cmsite.lock").read_bytes())


def clean(into: Path) -> bool:
    return verify(Workspace(root=into)).differences == ()


def files_of(root: Path) -> dict[str, bytes]:
    """Return every file that a person sees, with its bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in ("pulling.lock", "installed.lock")
    }


def checkout(into: Path) -> Path:
    """Return what a colleague has after `git clone`: the lock alone."""
    fresh = into.parent / "fresh" / "artifacts"
    fresh.mkdir(parents=True)
    shutil.copy(into / "cmsite.lock", fresh)
    # A registry in a folder stands in the lock relative to the workspace.
    text = (fresh / "cmsite.lock").read_text().replace('"../../site"', '"../../../site"')
    (fresh / "cmsite.lock").write_text(text)
    return fresh


def test_a_fresh_checkout_gets_exactly_what_the_lock_pins(registry: SmallRegistry, into: Path) -> None:
    registry.add("detect", NEWER, uid=UID)
    registry.publish()
    fresh = checkout(into)
    before = (fresh / "cmsite.lock").read_bytes()
    assert pull_pinned(fresh) == {"script/detect": "pulled", "script/other": "pulled"}
    assert (fresh / "cmsite.lock").read_bytes() == before
    assert clean(fresh)
    ours, theirs = files_of(into), files_of(fresh)
    for name in ("cmsite.lock", "cmr.yaml", "meta.yaml"):  # The uid of a workspace is its own.
        del ours[name], theirs[name]
    assert ours == theirs
    assert os.access(fresh / "script/detect/run.sh", os.X_OK)
    assert pull_pinned(fresh) == {"script/detect": "unchanged", "script/other": "unchanged"}


def test_a_locked_pull_of_one_reference_leaves_the_others(into: Path) -> None:
    fresh = checkout(into)
    assert pull_pinned(fresh, "script:detect") == {"script/detect": "pulled"}
    assert not (fresh / "script/other").exists()
    for reference, why in (
        ("script:new", "is not in the lock"),
        ("script:detect@r2", "is not in the lock, which has r1"),
    ):
        with pytest.raises(NotFoundError, match=why):
            pull_pinned(fresh, reference)
    with pytest.raises(NotFoundError, match=r"there is no cmsite\.lock"):
        pull_pinned(into.parent / "nothing")


def test_a_lock_that_is_ahead_is_caught_up_with(registry: SmallRegistry, into: Path) -> None:
    """As after `git pull`: the lock moved on, the artifacts are what this machine pulled before."""
    colleague = checkout(into)
    registry.add("detect", NEWER, uid=UID)
    registry.publish()
    assert [one.after.revision for one in update(colleague)] == [2, 1]
    text = (colleague / "cmsite.lock").read_text().replace('"../../../site"', '"../../site"')
    (into / "cmsite.lock").write_text(text)
    assert not clean(into)
    assert pull_pinned(into) == {"script/detect": "updated", "script/other": "unchanged"}
    assert (into / "script/detect/run.sh").read_bytes() == b"echo 2\n"
    assert clean(into)


def test_a_pull_of_something_else_forgets_nothing_of_what_lies_behind(registry: SmallRegistry, into: Path) -> None:
    registry.add("detect", NEWER, uid=UID)
    registry.add("third", {"_cm.yaml": cm_meta("third", "3" * 16)}, uid="3" * 16)
    registry.publish()
    update(into)
    pull_into(into, registry, "script:third")
    assert (into / "script/detect/run.sh").read_bytes() == FILES["run.sh"]
    take(into, "script:third")
    assert pull_pinned(into) == {"script/detect": "updated", "script/other": "unchanged"}
    assert clean(into)


def test_a_rename_that_was_killed_half_way_is_completed(registry: SmallRegistry, into: Path) -> None:
    """Both folders are there then, and both have the uid."""
    registry.change("detect", status=Status.MOVED, moved=f"team/script:sense,{UID}")
    registry.add("sense", NEWER, uid=UID)
    registry.publish()
    update(into, "script:detect")
    shutil.copytree(into / "script/detect", into.parent / "kept")
    installed = json.loads((into / ".cmsite/installed.lock").read_text())
    pull_pinned(into)
    after = json.loads((into / ".cmsite/installed.lock").read_text())
    after["artifacts"]["script/detect"] = installed["artifacts"]["script/detect"]
    (into / ".cmsite/installed.lock").write_text(json.dumps(after))
    (into.parent / "kept").rename(into / "script/detect")
    assert pull_pinned(into)["script/detect"] == "removed"
    assert clean(into)


def test_a_folder_under_the_name_of_the_lock_is_named(registry: SmallRegistry, into: Path) -> None:
    (into / "cmsite.lock").unlink()
    (into / "cmsite.lock").mkdir()
    for work in (verify, lambda workspace: take(workspace.root, "script:detect")):
        with pytest.raises(OutputError, match=r"cmsite.lock is a folder, and the lock is a file; move the folder away"):
            work(Workspace(root=into))
    with pytest.raises(OutputError, match="is a folder, and the lock is a file"):
        pull_into(into, registry, "script:detect")


def test_nothing_is_pulled_into_a_site(registry: SmallRegistry) -> None:
    before = files_of(registry.site)
    with pytest.raises(
        OutputError, match=r"is a site that `cmsite build` wrote, .* pull into another folder: --into DIR"
    ):
        pull_into(registry.site, registry, "script:detect")
    assert files_of(registry.site) == before


def test_removing_what_was_changed_says_how_to_go_on(into: Path) -> None:
    (into / "script/detect/run.sh").write_bytes(b"mine")
    with pytest.raises(OutputError) as caught:
        take(into, "script:detect")
    assert str(caught.value).endswith(
        "keep your changes elsewhere, and try again, or remove them with the artifact: --force"
    )
    take(into, "script:detect", force=True)
    assert not (into / "script/detect").exists()


def test_what_left_the_lock_leaves_the_disk(registry: SmallRegistry, into: Path) -> None:
    before = (into / "cmsite.lock").read_bytes()
    registry.add("third", {"_cm.yaml": cm_meta("third", "3" * 16)}, uid="3" * 16)
    registry.publish()
    pull_into(into, registry, "script:third")
    (into / "cmsite.lock").write_bytes(before)
    (into / "script/third/mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"script/third was changed since it was pulled \(script/third/mine.txt\)"):
        pull_pinned(into)
    (into / "script/third/mine.txt").unlink()
    assert pull_pinned(into)["script/third"] == "removed"
    assert not (into / "script/third").exists()
    assert clean(into)


@pytest.mark.parametrize("ahead", [False, True])
def test_local_changes_survive_a_locked_pull(registry: SmallRegistry, into: Path, *, ahead: bool) -> None:
    if ahead:
        registry.add("detect", NEWER, uid=UID)
        registry.publish()
        update(into)
    (into / "script/detect/run.sh").write_bytes(b"mine")
    before = files_of(into)
    with pytest.raises(OutputError, match="was changed since it was pulled"):
        pull_pinned(into)
    assert files_of(into) == before
    assert pull_pinned(into, force=True)["script/detect"] == "updated"
    assert clean(into)


def test_case_88_a_revision_with_other_content_is_refused(registry: SmallRegistry, into: Path) -> None:
    fresh = checkout(into)
    key = ("team", "script", "detect")
    stranger = registry.add("stranger", NEWER, uid="4" * 16).versions[0]
    registry.records[key] = replace(registry.records[key], versions=(stranger,))
    registry.publish()
    for act in (lambda: pull_pinned(into), lambda: pull_pinned(fresh), lambda: update(into)):
        before = files_of(into)
        with pytest.raises(IntegrityError, match=f"r1.*sha256:{stranger.tar_sha256}"):
            act()
        assert files_of(into) == before
    assert not (fresh / "script").exists()
    assert marks(into)["script/detect"] == ("changed",)


def test_a_preview_counts_anew_and_its_pins_move(registry: SmallRegistry, tmp_path: Path) -> None:
    preview = SmallRegistry(tmp_path / "preview", is_preview=True)
    preview.add("detect", FILES, uid=UID)
    preview.publish()
    into = tmp_path / "work" / "artifacts"
    pull_into(into, preview, "script:detect")
    preview.records.clear()
    preview.add("detect", NEWER, uid=UID)
    preview.publish()
    with pytest.raises(
        IntegrityError, match="it is a preview, which counts anew: `cmsite lock --update script/detect`"
    ):
        pull_pinned(into)
    assert [one.changed for one in update(into)] == [True]
    assert pull_pinned(into) == {"script/detect": "updated"}
    assert clean(into)


def test_case_42_an_archive_with_other_bytes_is_refused(registry: SmallRegistry, into: Path) -> None:
    fresh = checkout(into)
    version = registry.records["team", "script", "detect"].versions[0]
    archive = registry.site / archive_path(version.archive_sha256)
    archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    shutil.rmtree(os.environ["CMSITE_CACHE"])
    with pytest.raises(IntegrityError, match=version.archive_sha256):
        pull_pinned(fresh)
    assert not (fresh / "script").exists()


def test_a_lock_that_names_other_files_than_its_archive_is_refused(into: Path) -> None:
    fresh = checkout(into)
    data = json.loads((fresh / "cmsite.lock").read_text())
    data["artifacts"]["script/detect"]["files"]["run.sh"] = "0" * 64
    (fresh / "cmsite.lock").write_text(json.dumps(data))
    with pytest.raises(IntegrityError, match=r"`artifacts.script/detect.files.run.sh`"):
        pull_pinned(fresh)
    assert not (fresh / "script").exists()


def test_pinned_licences_come_as_they_were(registry: SmallRegistry, into: Path) -> None:
    fresh = checkout(into)
    registry.licenses["team"] = {"LICENSE": b"New terms.\n"}
    registry.publish()
    pull_pinned(fresh)
    assert (fresh / ".cmsite/licenses/team/LICENSE").read_bytes() == b"Do as you like.\n"
    assert clean(fresh)
    update(fresh, "script:detect")
    pull_pinned(fresh)
    assert (fresh / ".cmsite/licenses/team/LICENSE").read_bytes() == b"New terms.\n"
    assert clean(fresh)


def test_newer_pins_leave_artifacts_alone(registry: SmallRegistry, into: Path) -> None:
    registry.add("detect", NEWER, uid=UID)
    registry.add("other", OTHER | {"new": b"1"}, uid=OTHER_UID)
    registry.publish()
    before = files_of(into)
    assert [(one.after.folder, one.after.revision) for one in update(into, "script:detect")] == [("detect", 2)]
    after = files_of(into)
    assert {name for name in after if after[name] != before.get(name)} == {"cmsite.lock"}
    assert [artifact.revision for artifact in lock_of(into).artifacts] == [2, 1]
    assert [one.changed for one in update(into)] == [False, True]
    assert pull_pinned(into) == {"script/detect": "updated", "script/other": "updated"}
    assert clean(into)


def test_a_pin_in_the_reference_holds(registry: SmallRegistry, into: Path) -> None:
    pull_into(into, registry, "script:detect@r1")
    registry.add("detect", NEWER, uid=UID)
    registry.publish()
    assert not any(one.changed for one in update(into))
    assert marks(into)["script/detect"] == ("newer",)


def test_checking_a_lock_changes_only_its_order(registry: SmallRegistry, into: Path) -> None:
    before = (into / "cmsite.lock").read_bytes()
    data = json.loads(before)
    (into / "cmsite.lock").write_text(json.dumps(dict(reversed(data.items()))))
    relock(workspace=Workspace(root=into), check=judge_meta)
    assert (into / "cmsite.lock").read_bytes() == before


def test_case_87_a_name_that_means_another_uid_now_is_not_followed(registry: SmallRegistry, into: Path) -> None:
    registry.change("detect", status=Status.REMOVED)
    registry.add("detect", {"_cm.yaml": cm_meta("detect", "5" * 16)}, uid="5" * 16, repository="zoo")
    registry.publish()
    before = files_of(into)
    with pytest.raises(
        IntegrityError, match=f"script:detect meant team/script:detect .uid {UID}. and means zoo/.*5555"
    ):
        update(into)
    assert files_of(into) == before
    # A second artifact of the same name stands in the same folder.
    with pytest.raises(OutputError, match="has the folder script/detect"):
        pull_into(into, registry, "zoo/script:detect")


def test_case_87_a_uid_under_another_name_moves_with_its_lock(registry: SmallRegistry, into: Path) -> None:
    old = registry.records["team", "script", "detect"]
    registry.change("detect", status=Status.MOVED, moved=f"team/script:sense,{UID}")
    registry.add("sense", NEWER, uid=UID)
    registry.publish()
    assert marks(into)["script/detect"] == ("newer", "renamed")
    with pytest.raises(
        OutputError, match=r"has the same uid.*cmsite lock --update script/detect; cmsite pull --locked"
    ):
        pull_into(into, registry, "script:sense")
    (moved,) = update(into, "script:detect")
    assert (moved.before.path, moved.after.path) == ("script/detect", "script/sense")
    assert old.versions[0].tar_sha256 == moved.before.tar_sha256
    assert pull_pinned(into) == {"script/sense": "pulled", "script/other": "unchanged", "script/detect": "removed"}
    assert not (into / "script/detect").exists()
    assert clean(into)


def test_case_90_what_publishers_take_back(registry: SmallRegistry, into: Path) -> None:
    record = registry.records["team", "script", "detect"]
    registry.change("detect", versions=(replace(record.versions[0], yanked="broken"),))
    registry.change("other", status=Status.QUARANTINED, reason="malware")
    registry.publish()
    first, second = outlook(into)
    assert (first.marks, first.reason, first.newest) == ((Mark.YANKED,), "broken", None)
    assert (second.marks, second.reason) == ((Mark.QUARANTINED,), "malware")
    fresh = checkout(into)
    with pytest.raises(IntegrityError, match="quarantined"):
        pull_pinned(fresh)
    assert not (fresh / "script").exists()
    pulled, _, _ = pull_locked(["script:detect"], into=fresh, check=judge_meta, draw_uid=lambda: "1" * 16)
    assert pulled[0].action is Action.PULL
    assert "is yanked: broken" in pulled[0].notes[0]


def test_marks_of_what_is_gone(registry: SmallRegistry, into: Path) -> None:
    registry.change("detect", status=Status.DEPRECATED)
    del registry.records["team", "script", "other"]
    registry.publish()
    assert marks(into) == {"script/detect": ("deprecated",), "script/other": ("unknown",)}
    for act in (lambda: relock(workspace=Workspace(root=into), check=judge_meta), lambda: pull_pinned(into)):
        with pytest.raises(NotFoundError, match="no longer has team/script:other, which the lock pins"):
            act()


@pytest.fixture
def attacker(tmp_path: Path, registry: SmallRegistry) -> SmallRegistry:
    """Return a second registry that has the same names, and the very bytes of one artifact."""
    made = SmallRegistry(tmp_path / "attacker", registry_id=OTHER_ID)
    made.add("detect", FILES, uid=UID, executable=("run.sh",))
    made.add("other", OTHER | {"evil": b"1"}, uid=OTHER_UID)
    made.publish()
    return made


def test_case_91_the_first_registry_that_has_the_name_wins(
    registry: SmallRegistry, attacker: SmallRegistry, tmp_path: Path
) -> None:
    into = tmp_path / "two"
    attacker.add("only", {"_cm.yaml": cm_meta("only", "6" * 16)}, uid="6" * 16)
    attacker.publish()
    both = (registry.open(), attacker.open())
    names = ["script:other", "script:only"]
    pulled = pull(names, registries=both, into=into, check=judge_meta, draw_uid=lambda: "0" * 16)
    assert [item.choice.registry_id for item in pulled] == [registry.registry_id, OTHER_ID]
    assert [url for _, url in lock_of(into).registries] == ["../site", "../attacker"]
    assert not (into / "script/other/evil").exists()


def test_case_91_a_locked_artifact_comes_from_its_registry_only(
    registry: SmallRegistry, attacker: SmallRegistry, into: Path
) -> None:
    add("attacker", str(attacker.site))
    attacker.add("other", OTHER | {"evil": b"2"}, uid=OTHER_UID)
    attacker.publish()
    assert not any(one.changed for one in update(into))
    assert marks(into) == {"script/detect": (), "script/other": ()}
    fresh = checkout(into)
    with pytest.raises(
        IntegrityError, match=f"script/detect is locked to the registry {registry.registry_id}.*{OTHER_ID}"
    ):
        pull_locked(into=fresh, check=judge_meta, draw_uid=lambda: "1" * 16, registries=(attacker.open(),))
    # Another registry at the address of the lock.
    shutil.rmtree(registry.site)
    shutil.copytree(attacker.site, registry.site)
    for act in (lambda: pull_pinned(fresh), lambda: update(into), lambda: outlook(into)):
        with pytest.raises(IntegrityError, match=f"is {OTHER_ID} now"):
            act()
    assert not (fresh / "script").exists()


def test_case_91_a_registry_that_moved_is_found_by_its_id(registry: SmallRegistry, into: Path, tmp_path: Path) -> None:
    registry.site.rename(tmp_path / "moved")
    fresh = checkout(into)
    with pytest.raises(CmsiteError):
        pull_pinned(fresh)
    add("team", str(tmp_path / "moved"))
    assert pull_pinned(fresh) == {"script/detect": "pulled", "script/other": "pulled"}


def test_case_100_registries_that_share_bytes_share_no_names(
    registry: SmallRegistry, attacker: SmallRegistry, into: Path
) -> None:
    mine, theirs = registry.records["team", "script", "detect"], attacker.records["team", "script", "detect"]
    assert mine.versions[0].archive_sha256 == theirs.versions[0].archive_sha256
    # The cache has the bytes, which says nothing about who may name them.
    attacker.records.pop(("team", "script", "detect"))
    registry.change("detect", status=Status.QUARANTINED)
    registry.publish()
    fresh = checkout(into)
    with pytest.raises(IntegrityError, match="quarantined"):
        pull_pinned(fresh)
    before = lock_of(into)
    with pytest.raises(OutputError, match="cannot stand beside"):
        pull_into(into, attacker, "script:other")
    assert lock_of(into) == before


def test_verify_lists_artifacts_that_no_pull_wrote(into: Path) -> None:
    """The clients find them as any other; nothing is broken by them."""
    (into / "script/planted").mkdir()
    shutil.copy(into / "script/detect/_cm.yaml", into / "script/planted/_cm.yaml")
    (into / "script/no-artifact").mkdir()
    found = verify(Workspace(root=into))
    assert [(item.path, item.kind.value) for item in found.differences] == [("script/planted/", "extra")]
    assert found.is_intact


def test_removing_takes_the_artifact_and_what_only_it_needed(registry: SmallRegistry, into: Path) -> None:
    registry.licenses["zoo"] = {"sub/LICENSE": b"z"}
    registry.add(
        "wine", {"_cm.yaml": cm_meta("wine", "7" * 16, "data")}, uid="7" * 16, automation="data", repository="zoo"
    )
    registry.publish()
    before = files_of(into)
    pull_into(into, registry, "data:wine")
    assert (into / ".cmsite/licenses/zoo/sub/LICENSE").exists()
    take(into, "data:wine")
    assert files_of(into) == before
    assert not (into / "data").exists()
    assert not (into / ".cmsite/licenses/zoo").exists()
    take(into, f"script:{UID}", "script/other")
    assert sorted(files_of(into)) == ["cmr.yaml", "cmsite.lock", "meta.yaml"]
    assert (lock_of(into).artifacts, lock_of(into).registries, lock_of(into).licenses) == ((), (), ())
    assert clean(into)
    with pytest.raises(NotFoundError, match="script:detect is not in the lock"):
        take(into, "script:detect")


@pytest.mark.parametrize("change", ["edit", "extra"])
def test_removing_loses_no_local_changes(into: Path, change: str) -> None:
    (into / "script/detect" / ("run.sh" if change == "edit" else "mine.txt")).write_text("mine")
    before = files_of(into)
    with pytest.raises(OutputError, match="script/detect was changed since it was pulled"):
        take(into, "script:other", "script:detect")
    assert files_of(into) == before
    take(into, "script:detect", force=True)
    assert not (into / "script/detect").exists()
    assert clean(into)


def test_removing_what_another_builds_on_is_refused(registry: SmallRegistry, into: Path) -> None:
    base = "_base: 'script,5b4e0237da074764::detect'\n"
    registry.add("child", {"_cm.yaml": cm_meta("child", "8" * 16, more=base)}, uid="8" * 16)
    registry.publish()
    pull_into(into, registry, "script:child")
    with pytest.raises(OutputError, match="script/child builds on script/detect"):
        take(into, "script:detect")
    assert (into / "script/detect").exists()
    take(into, "script:detect", "script:child")
    assert clean(into)


def test_a_deleted_artifact_is_removed_from_the_lock(into: Path) -> None:
    shutil.rmtree(into / "script/detect")
    take(into, "script:detect")
    assert [artifact.folder for artifact in lock_of(into).artifacts] == ["other"]
    assert clean(into)


def test_case_36_removing_never_follows_a_link(into: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (into / "script/detect").rename(outside)
    (into / "script/detect").symlink_to(outside)
    for force in (False, True):
        with pytest.raises(OutputError, match="is a symbolic link"):
            take(into, "script:detect", force=force)
    assert (outside / "run.sh").exists()


@pytest.mark.parametrize(
    "place", [".cmsite", ".cmsite/licenses", ".cmsite/licenses/team", ".cmsite/licenses/team/docs"]
)
def test_case_36_folders_of_ours_are_never_links(
    registry: SmallRegistry, into: Path, tmp_path: Path, place: str
) -> None:
    """A workspace may come from a foreign checkout, in which git has made links."""
    outside = tmp_path / "outside"
    (into / place).rename(outside)
    (into / place).symlink_to(outside)
    for path in outside.rglob("NOTICE"):
        path.write_bytes(b"mine")
    before = files_of(outside)
    for act in (
        lambda: pull_into(into, registry, "script:detect"),
        lambda: pull_pinned(into),
        lambda: take(into, "script:detect", "script:other"),
    ):
        with pytest.raises(OutputError, match="is a symbolic link, which no pull makes"):
            act()
    assert files_of(outside) == before


@pytest.mark.parametrize(
    "name", ["..", "a/../../b", "a/b", "-rf", ".git", "CON", "a\\b", "c:d", "x" * 300, "a\x1b[2J", "name "]
)
def test_case_86_a_name_that_is_no_folder_is_refused(registry: SmallRegistry, tmp_path: Path, name: str) -> None:
    registry.add("plain", {"_cm.yaml": cm_meta("plain", "9" * 16)}, uid="9" * 16)
    registry.change("plain", folder=name)
    registry.publish()
    into = tmp_path / "new"
    with pytest.raises(CmsiteError) as raised:
        pull_into(into, registry, "script:plain")
    assert "\x1b" not in str(raised.value)
    assert not (into / "cmsite.lock").exists()
    assert not (tmp_path / "b").exists()


def _in_turn(number: int, into: Path, site: Path) -> None:
    registry = SmallRegistry(site)
    acts: tuple[Callable[[], object], ...] = (
        lambda: pull_into(into, registry, "script:detect", "script:other"),
        lambda: pull_pinned(into),
        lambda: update(into),
        lambda: take(into, "script:other"),
    )
    with contextlib.suppress(NotFoundError):  # Of removing what is not there any more, or not yet again.
        acts[number % len(acts)]()


def test_case_37_pulling_locking_and_removing_at_once(registry: SmallRegistry, into: Path) -> None:
    registry.add("detect", NEWER, uid=UID)
    registry.publish()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.starmap(_in_turn, [(number, into, registry.site) for number in range(16)], chunksize=1)
    pull_pinned(into)
    assert clean(into)
    assert set(pull_pinned(into).values()) == {"unchanged"}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"alias": "a\x1b[2J"}, "alias"),
        ({"alias": "x" * 4097}, "alias"),
        ({"repository": "a\nb"}, "repository"),
        ({"format": "\u202e"}, "format"),
    ],
)
def test_case_86_what_no_lock_can_hold_is_refused_before_anything_is_written(
    registry: SmallRegistry, into: Path, changes: dict[str, str], key: str
) -> None:
    registry.add("plain", {"_cm.yaml": cm_meta("plain", "9" * 16)}, uid="9" * 16)
    registry.change("plain", **changes)
    registry.publish()
    before = files_of(into)
    with pytest.raises(IntegrityError) as raised:
        pull_into(into, registry, "9" * 16)
    assert f".{key}`" in str(raised.value) or "4096" in str(raised.value)
    assert files_of(into) == before
    assert clean(into)


def test_licences_of_two_registries_with_one_name_of_a_repository(
    registry: SmallRegistry, attacker: SmallRegistry, tmp_path: Path
) -> None:
    attacker.licenses["team"] = {"LICENSE": b"Pay.\n"}
    attacker.add("only", {"_cm.yaml": cm_meta("only", "6" * 16)}, uid="6" * 16)
    attacker.publish()
    into = tmp_path / "two"
    both = (registry.open(), attacker.open())
    pull(["script:other", "script:only"], registries=both, into=into, check=judge_meta, draw_uid=lambda: "0" * 16)
    assert (into / ".cmsite/licenses/team/LICENSE").read_bytes() == b"Do as you like.\n"
    assert (into / f".cmsite/licenses/team-{OTHER_ID[:8]}/LICENSE").read_bytes() == b"Pay.\n"
    assert clean(into)
    take(into, "script:other")
    assert not (into / ".cmsite/licenses/team").exists()
    assert clean(into)


def test_case_99_a_poisoned_cache_is_not_installed(registry: SmallRegistry, into: Path) -> None:
    fresh = checkout(into)
    for file in Path(os.environ["CMSITE_CACHE"]).rglob("*"):
        if file.is_file():
            file.write_bytes(b"poison")
    pull_pinned(fresh)
    assert clean(fresh)


def test_case_39_a_workspace_that_cannot_be_written_stays_as_it_was(
    registry: SmallRegistry, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.add("detect", NEWER, uid=UID)
    registry.publish()
    before = files_of(into)
    calls: list[int] = []
    real: Callable[..., int] = os.write

    def full(handle: int, data: bytes) -> int:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match="No space left on device"):
        pull_into(into, registry, "script:detect")
    monkeypatch.undo()
    assert files_of(into) == before
