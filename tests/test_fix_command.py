"""`cmsite validate --fix` and `--diff` as a user runs them."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cmsite.errors import OutputError
from cmsite.pipeline.fixing import FixPlan, MendedFile, write_files
from tests.command_line import cmsite
from tests.memory_tree import CMR

META = "alias: a  # the name\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\nuid: 6152538690744623\ntags: [b, a, b]\nclean_file: [x]\n"
AGAIN = "clear away what hinders, and run `cmsite validate --fix` again"
SAFE = META.replace("6152538690744623", '"6152538690744623"').replace("[b, a, b]", "[b, a]")


def run(*arguments: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return cmsite("validate", *arguments, cwd=cwd)


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    path = tmp_path / "mine" / "script" / "a" / "_cm.yaml"
    path.parent.mkdir(parents=True)
    (tmp_path / "mine" / "cmr.yaml").write_text(CMR)
    path.write_text(META)
    path.chmod(0o640)
    return path


def test_fix_writes_what_is_safe_and_reports_what_stays(meta: Path, tmp_path: Path) -> None:
    done = run("mine", "--fix", cwd=tmp_path)
    assert meta.read_text() == SAFE
    assert meta.stat().st_mode & 0o777 == 0o640
    assert done.returncode == 0
    assert "2 findings in 1 file mended: 1 CM106, 1 CM213\n" in done.stderr
    assert "CM210 unknown key 'clean_file'; did you mean 'clean_files'?" in done.stdout
    assert "CM106" not in done.stdout
    again = run("mine", "--fix", cwd=tmp_path)
    assert "nothing to mend\n" in again.stderr
    assert meta.read_text() == SAFE


def test_a_path_may_stand_behind_fix(meta: Path, tmp_path: Path) -> None:
    run("--fix", "mine", cwd=tmp_path)
    assert meta.read_text() == SAFE


def test_a_change_of_behaviour_is_written_only_where_its_code_is_named(meta: Path, tmp_path: Path) -> None:
    run("mine", "--fix", "CM210", cwd=tmp_path)
    assert meta.read_text() == META.replace("clean_file:", "clean_files:")
    run("mine", "--fix", "--fix", "cm210", cwd=tmp_path)
    assert meta.read_text() == SAFE.replace("clean_file:", "clean_files:")


def test_diff_is_a_patch_and_writes_nothing(meta: Path, tmp_path: Path) -> None:
    shown = run("mine", "--diff", "--fix", "--fix", "CM210", cwd=tmp_path)
    assert shown.returncode == 1
    assert meta.read_text() == META
    assert "would be mended: 1 CM106, 1 CM210, 1 CM213" in shown.stderr
    subprocess.run(["patch", "-p1"], input=shown.stdout, text=True, cwd=tmp_path, check=True, capture_output=True)
    assert meta.read_text() == SAFE.replace("clean_file:", "clean_files:")
    nothing = run("mine", "--diff", cwd=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (0, "")


def test_what_is_left_out_is_not_mended(meta: Path, tmp_path: Path) -> None:
    run("mine", "--fix", "--ignore", "CM213", cwd=tmp_path)
    assert meta.read_text() == META.replace("6152538690744623", '"6152538690744623"')


def test_an_archive_and_a_link_are_told_of_and_left(meta: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-cf", "mine.tar", "mine"], cwd=tmp_path, check=True)
    done = run("mine.tar", "--fix", cwd=tmp_path)
    assert "nothing to mend" in done.stderr
    assert "only files of folders are mended, not archives, links or what git holds" in done.stderr
    meta.rename(meta.parent / "real.yaml")
    meta.symlink_to("real.yaml")
    assert "only files of folders are mended" in run("mine", "--fix", cwd=tmp_path).stderr
    assert meta.read_text() == META


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix", "CM301"], "--fix CM301: no program can mend these findings safely; those that can be: CM008,"),
        (["--yes"], "--yes answers what --fix asks: name --fix too"),
        (["--diff", "--json"], "--diff prints a diff, not json"),
        (["--fix", "--write-baseline", "x"], "--fix mends findings and --write-baseline keeps them"),
        (["--fix", "CM210", "--select", "CM1"], "--fix CM210: --select or --ignore leaves these findings out"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(meta: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run("mine", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert meta.read_text() == META


@pytest.mark.parametrize(("answer", "text", "status"), [(b"n\n", META, 1), (b"y\n", SAFE, 0)])
def test_a_terminal_is_asked_before_anything_is_written(
    meta: Path, tmp_path: Path, answer: bytes, text: str, status: int
) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        command = [sys.executable, "-m", "cmsite", "validate", "mine", "--fix"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert f"{meta}: 1 CM106, 1 CM213\n" in done.stderr
    assert "Write 1 file? [y/N]" in done.stderr
    assert (meta.read_text(), done.returncode) == (text, status)


def test_files_that_cannot_be_written_are_told_apart_from_those_that_are(meta: Path, tmp_path: Path) -> None:
    large = meta.parent.parent / "b" / "_cm.yaml"
    large.parent.mkdir()
    text = META.replace("alias: a ", "alias: b ").replace("0744623", "0744624") + "# a long remark\n" * 2_000
    large.write_text(text)
    # A file system that refuses, for root too: no file may grow beyond this.
    program = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\nfrom cmsite.cli import main\nmain()\n"
    command = [sys.executable, "-B", "-c", program, "validate", "mine", "--fix"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 7
    assert done.stderr.splitlines() == [
        f"cmsite: error: 1 of 2 files to mend cannot be written, 1 is mended; {AGAIN}",
        f"  not written: {large}: File too large",
        f"  mended: {meta}",
    ]
    assert (meta.read_text(), large.read_text()) == (SAFE, text)
    assert [path.name for path in large.parent.iterdir()] == ["_cm.yaml"]


def test_a_file_that_changed_meanwhile_is_left_and_the_others_are_written(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("changed", "gone", "same")]
    files = [MendedFile(path=path, before=b"old", after=b"new", mended=()) for path in paths]
    paths[0].write_bytes(b"other")
    paths[2].write_bytes(b"old")
    with pytest.raises(OutputError) as caught:
        write_files(FixPlan(files=tuple(files)))
    assert str(caught.value).split("\n")[1:] == [
        f"  not written: {paths[0]}: it changed while it was checked",
        f"  not written: {paths[1]}: No such file or directory",
        f"  mended: {paths[2]}",
    ]
    assert str(caught.value).startswith("2 of 3 files to mend cannot be written, 1 is mended;")
    assert (paths[0].read_bytes(), paths[2].read_bytes()) == (b"other", b"new")
