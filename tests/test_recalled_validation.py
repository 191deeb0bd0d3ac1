"""What the last validation found is said again only where nothing changed: warm and cold runs always agree."""

import os
import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmsite.cli import cli
from cmsite.pipeline import validate
from tests.memory_tree import CMR, script

OLD_S = 0.04  # After which a stamp is trusted.
NAMES = ("a", "b", "c")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("CMSITE_CACHE", str(folder))
    return folder


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["validate", "--json", *map(str, arguments)], catch_exceptions=False)
    return result.exit_code, result.stdout


def put(folder: Path, name: str, text: str) -> Path:
    place = folder / "script" / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "_cm.yaml").write_text(text)
    return place / "_cm.yaml"


def repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "cmr.yaml").write_text(CMR)
    for number, name in enumerate(NAMES):
        put(folder, name, script(name, f"{number + 1:016x}"))
    return folder


def refuse_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("everything was read again")

    monkeypatch.setattr(validate, "validate_sources", read)


def test_what_did_not_change_is_not_read_again(tmp_path, monkeypatch):
    folder = repository(tmp_path / "team")
    put(folder, "b", script("misnamed", "2" * 16))
    time.sleep(OLD_S)
    first = run(folder)
    assert "CM103" in first[1]
    texts = [CliRunner().invoke(cli, ["validate", str(folder), "--no-cache", *more]).stdout for more in ((), ("-v",))]
    refuse_to_read(monkeypatch)
    assert run(folder) == first
    assert CliRunner().invoke(cli, ["validate", str(folder)]).stdout == texts[0]
    assert CliRunner().invoke(cli, ["validate", str(folder), "-v"]).stdout.split("\n")[:4] == texts[1].split("\n")[:4]
    with pytest.raises(AssertionError, match="read again"):
        run(folder, "--no-cache")


def test_a_change_that_keeps_size_and_time_is_seen(tmp_path):
    folder = repository(tmp_path / "team")
    meta = put(folder, "b", script("b", "2" * 16))
    time.sleep(OLD_S)
    before, status = run(folder), meta.stat()
    meta.write_text(script("x", "2" * 16))
    os.utime(meta, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert meta.stat().st_size == status.st_size
    after = run(folder)
    assert "CM103" not in before[1]
    assert "CM103" in after[1]


def test_changes_faster_than_the_clock_are_seen(tmp_path):
    folder = repository(tmp_path / "team")
    for alias in "bxbxbxbxbx":
        put(folder, "b", script(alias, "2" * 16))
        assert ("CM103" in run(folder)[1]) == (alias == "x")


OPERATIONS = (
    "same size",
    "same time",
    "add",
    "remove",
    "rename",
    "descriptor",
    "rules",
    "with",
    "day",
    "ignored",
    "none",
)


def edit(folder: Path, operation: str, name: str, step: int) -> None:
    meta = folder / "script" / name / "_cm.yaml"
    if operation in {"same size", "same time"} and meta.exists():
        status, text = meta.stat(), meta.read_text()
        meta.write_text(text.replace(f"alias: {name}", "alias: z") if "alias: z" not in text else text.upper())
        if operation == "same time":
            os.utime(meta, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif operation == "add":
        put(folder, f"new-{step}", script(name, f"{step + 50:016x}"))
    elif operation == "remove":
        shutil.rmtree(meta.parent, ignore_errors=True)
    elif operation == "rename" and meta.exists():
        meta.parent.rename(meta.parent.with_name(f"renamed-{step}"))
    elif operation == "descriptor":
        (folder / "cmr.yaml").write_text(CMR + f"unheard_of_{step}: 1\n")
    elif operation == "ignored":
        (folder / ".cmignore").write_text(f"script/{name}\n")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.tuples(st.sampled_from(OPERATIONS), st.sampled_from(NAMES), st.booleans()), max_size=6))
def test_warm_and_cold_agree_after_any_edits(tmp_path, monkeypatch, steps):
    top = tmp_path / "work"
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir()
    folder, other = repository(top / "team"), repository(top / "other")
    put(folder, "a", script("a", "1" * 16) + "deps:\n- tags: only,elsewhere\n")
    put(other, "c", script("c", "7" * 16).replace("tags:", "tags:\n- only\n- elsewhere\n#"))
    config = top / "registry.yml"
    config.write_text(f"title: T\nregistry_id: {'a' * 32}\nsources:\n- folder: team\n")
    with_: list[object] = []
    for step, (operation, name, waits) in enumerate(steps):
        if waits:
            time.sleep(OLD_S)
        edit(folder, operation, name, step)
        if operation == "rules":
            ignore = "{code: CM103, reason: names of old, until: 2026-06-01}"
            config.write_text(config.read_text().split("rules:")[0] + f"rules:\n  ignore:\n  - {ignore}\n")
        elif operation == "with":
            with_ = [] if with_ else ["--with", other]
        elif operation == "day":
            monkeypatch.setattr(validate, "today", lambda day=step: f"2026-0{5 + day % 2 * 2}-01")
        for target in (folder, config):
            assert run(target, *with_) == run(target, *with_, "--no-cache")


@pytest.mark.parametrize("damage", ["cut", "garbled", "empty", "folder", "fifo", "link"])
def test_a_damaged_cache_is_no_error(tmp_path, cache, damage):
    folder = repository(tmp_path / "team")
    time.sleep(OLD_S)
    first = run(folder)
    kept = next((cache / "validations").iterdir())
    content = kept.read_bytes()
    kept.unlink()
    if damage == "folder":
        kept.mkdir()
    elif damage == "fifo":
        os.mkfifo(kept)
    elif damage == "link":
        kept.symlink_to("/dev/zero")
    else:
        damaged = {"cut": content[:-9], "garbled": content[:-9] + b"\0" * 9, "empty": b""}[damage]
        kept.write_bytes(damaged)
    assert run(folder) == first == run(folder)


def test_a_cache_folder_that_cannot_be_used_is_none(tmp_path, cache, monkeypatch):
    folder = repository(tmp_path / "team")
    time.sleep(OLD_S)
    (cache / "validations").mkdir(parents=True)
    (cache / "validations").chmod(0o777)
    first = run(folder)
    assert not list((cache / "validations").iterdir())  # Anybody could have written there.
    monkeypatch.setenv("CMSITE_CACHE", str(folder / "cmr.yaml"))
    assert run(folder) == first
    monkeypatch.setenv("CMSITE_CACHE", "/proc/nowhere")
    assert run(folder) == first


def test_old_validations_are_deleted(tmp_path, cache, monkeypatch):
    monkeypatch.setattr("cmsite.pipeline.recalled_validation._MAX_KEPT", 3)
    for number in range(6):
        folder = repository(tmp_path / f"team{number}")
        time.sleep(OLD_S)
        run(folder)
    assert len(list((cache / "validations").iterdir())) == 3
