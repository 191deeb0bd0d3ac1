"""Progress: one line on a terminal, gone at the end; lines now and then elsewhere; nothing where it is not wanted."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cmsite import parallel
from cmsite.commands.progress_lines import LIVE_S, PLAIN_S, LiveLine, PlainLines
from tests.memory_tree import script
from tests.test_build import catalogue, run


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def double(factor: int, numbers: Sequence[int]) -> list[int]:
    return [factor * number for number in numbers]


@pytest.mark.parametrize("jobs", [1, 2])
def test_chunks_tell_how_many_are_done_and_keep_their_order(jobs: int):
    told: list[int] = []
    numbers = list(range(1000))
    chunks = list(parallel.map_chunks(double, 2, numbers, jobs=jobs, advance=told.append))
    assert [number for chunk in chunks for number in chunk] == [2 * number for number in numbers]
    assert sum(told) == 1000
    assert len(told) == len(chunks) > 5


def test_the_line_of_a_terminal_is_written_over_ten_times_a_second_at_most(capsys: pytest.CaptureFixture[str]):
    clock = Clock()
    line = LiveLine(clock)
    line.stage("rendering pages", 2000)
    for _ in range(1000):
        clock.now += 0.001
        line.advance()
    line.clear()
    line.clear()
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    assert drawn[0] == ""
    assert drawn[1] == "rendering pages: 0 of 2,000"
    assert 5 <= len(drawn) - 2 <= 1.0 / LIVE_S + 1
    assert drawn[-2].endswith(" of 2,000, 1,000 a second")
    assert drawn[-1] == ""  # Cleared, once.


def test_a_narrow_terminal_gets_a_short_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "20")
    LiveLine(Clock()).stage("a stage with a very long name")
    assert capsys.readouterr().err == "\r\x1b[Ka stage with a very"


def test_elsewhere_a_line_comes_every_few_seconds_and_short_work_has_none(capsys: pytest.CaptureFixture[str]):
    clock = Clock()
    lines = PlainLines(clock)
    for _ in range(10):
        lines.stage("short")
        clock.now += PLAIN_S / 100
    assert capsys.readouterr().err == ""
    lines.stage("rendering pages", 100)
    for _ in range(100):
        clock.now += PLAIN_S / 10
        lines.advance()
    printed = capsys.readouterr().err.splitlines()
    assert 9 <= len(printed) <= 11
    assert all(line.startswith("rendering pages: ") and " of 100, " in line for line in printed)


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
@pytest.mark.parametrize("command", ["build", "validate"])
def test_on_a_real_terminal_the_line_is_gone_at_the_end(tmp_path: Path, command: str):
    import pty

    catalogue(tmp_path, **{f"s{number}": script(f"s{number}", f"{number:016x}") for number in range(1, 40)})
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    arguments = [sys.executable, "-m", "cmsite", command, *(["--quiet"] if command == "x" else [])]
    with subprocess.Popen(arguments, cwd=tmp_path, stderr=theirs, stdout=subprocess.PIPE, env=environment) as child:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so at the end.
                break
            if not piece:
                break
            seen += piece
        os.close(ours)
    assert child.returncode == 0
    assert b"\r\x1b[Kreading sources" in seen
    drawn = seen.decode().split("\r\x1b[K")
    assert "artifacts: " in seen.decode()
    assert "artifacts" not in drawn[-1]
    assert "pages: " not in drawn[-1]


def test_a_quiet_build_says_only_what_is_wrong(tmp_path: Path):
    catalogue(tmp_path, a=script("a", "0123456789abcdef"))
    first = run("build", "--previous", "none", cwd=tmp_path)
    assert first.returncode == 0
    assert "preview" not in first.stderr
    assert first.stdout.startswith("site: 1 artifact in 1 repository")
    quiet = run("build", "--quiet", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    broken = catalogue(tmp_path / "broken", a=script("a", "0123456789abcdef"), b="alias: [")
    named = run("build", "-q", "--config", broken, "--site-dir", "site2", cwd=tmp_path)
    assert (named.returncode, named.stdout) == (0, "")
    assert named.stderr.startswith("left out: ")
    strict = run("build", "-q", "--strict", "--config", broken, "--site-dir", "site2", cwd=tmp_path)
    assert strict.returncode == 1
    assert strict.stderr.endswith("--strict: 1 problem named above; everything else is built\n")
