"""Wall time and memory of a command.

Memory is the peak of the sum of PSS over the process tree, sampled every 50 ms: what the command really took, shared
pages counted once. Sampling costs time on few cores, so a run is either timed or sampled.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SAMPLE_EVERY_S = 0.05
WATCH_EVERY_S = 0.5  # Of a long run that is timed too: adding up the pages of a large process takes long.


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A command to measure; `prepare` runs before each run and outside of the time."""

    command: Sequence[str | Path]
    folder: Path
    variables: Mapping[str, str]
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured: all wall times in seconds, and the peak memory in bytes (0 where not sampled)."""

    times_s: tuple[float, ...]
    peak_bytes: int = 0

    @property
    def median_s(self) -> float:
        """Return the median of the wall times."""
        return statistics.median(self.times_s)


def program(name: str) -> Path:
    """Return where a program lies, those of this environment first; ends the bench where it is missing."""
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise SystemExit(f"bench: {name} is missing; `make servers` installs it")
    return Path(found)


def measure(work: Work, runs: int, *, warm_up: bool = True, memory: bool = True) -> Figure:
    """Run once to warm up, which is also the run whose memory is sampled, and then `runs` times for the time."""
    peak_bytes = 0
    if warm_up or memory:
        work.prepare()
        peak_bytes = _run_sampled(work) if memory else int(_run_timed(work) < 0)
    times_s = []
    for _ in range(runs):
        work.prepare()
        times_s.append(_run_timed(work))
    return Figure(times_s=tuple(times_s), peak_bytes=peak_bytes)


def measure_alternating(works: Sequence[Work], runs: int) -> tuple[Figure, ...]:
    """Time several short commands in turns, so that a slow moment of the machine meets all of them."""
    for work in works:
        _run_timed(work)
    times_s: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for place, work in enumerate(works):
            work.prepare()
            times_s[place].append(_run_timed(work))
    return tuple(Figure(times_s=tuple(row)) for row in times_s)


def run_watched(work: Work) -> tuple[float, int, bytes]:
    """Return the wall time of one run in seconds, its peak memory in bytes, and what it printed."""
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = _start(work, errors, output)
        peak_bytes = _watched(process, WATCH_EVERY_S)
        time_s = time.perf_counter() - start
        _finish(work, process, errors)
        output.seek(0)
        return time_s, peak_bytes, output.read()


def peak_of(process: subprocess.Popen[bytes]) -> int:
    """Return the peak memory in bytes of a process and its descendants, which may end with 1 as 0."""
    peak_bytes = _watched(process, SAMPLE_EVERY_S)
    if process.wait() not in (0, 1):
        raise SystemExit(f"bench: {process.args} exited with {process.returncode}")
    return peak_bytes


def _start(work: Work, errors: IO[bytes], output: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    command = [str(word) for word in work.command]
    environment = os.environ | work.variables
    return subprocess.Popen(command, cwd=work.folder, env=environment, stdout=output, stderr=errors)


def _finish(work: Work, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    if process.wait():
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace")[-2000:]
        raise SystemExit(f"bench: {' '.join(map(str, work.command))} exited with {process.returncode}:\n{text}")


def _run_timed(work: Work) -> float:
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = _start(work, errors)
        process.wait()
        time_s = time.perf_counter() - start
        _finish(work, process, errors)
    return time_s


def _run_sampled(work: Work) -> int:
    """Return the peak memory."""
    with tempfile.TemporaryFile() as errors:
        process = _start(work, errors)
        peak_bytes = _watched(process, SAMPLE_EVERY_S)
        _finish(work, process, errors)
    return peak_bytes


def _watched(process: subprocess.Popen[bytes], every_s: float) -> int:
    """Return the peak memory of a process and its descendants until it ends."""
    peak_bytes = 0
    while process.poll() is None:
        peak_bytes = max(peak_bytes, sum(map(_pss_bytes, _tree(process.pid))))
        time.sleep(every_s)
    return peak_bytes


def _tree(root: int) -> list[int]:
    """Return the process and all its descendants, found by the parent that each process names."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text("ascii", "replace")
            except OSError:
                continue
            # The name of the program stands in brackets and may hold blanks; the parent is the second word after it.
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _pss_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
