"""A command, run without a shell and measured: how it ended, wall and processor time, peak memory, what it printed.

Standard output and standard error go to files, so a process that stays behind holds nothing up, and a torrent ends at
a limit. The command has its own process group, which is stopped as a whole. Source: RO-Crate Process Run (startTime,
endTime, actionStatus, error); getrusage(2).
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MAX_OUTPUT_BYTES = 1_000_000_000  # Of standard output and error together: then the command is stopped.
GRACE_S = 3.0  # Between asking a command to end and ending it.
_LOOK_S = 0.2  # Between two looks at the size of what was printed.


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution.

    `error` is "" where it ended with exit code 0; `exit_code` is None where it was stopped, killed or never began.
    `start` and `end` are ISO 8601 in UTC. `wall_s` and `processor_s` are seconds, `peak_memory_bytes` the largest
    resident set of any one of its processes; 0 where it never began.
    """

    command: tuple[str, ...]
    start: str
    end: str
    wall_s: float
    processor_s: float
    peak_memory_bytes: int
    exit_code: int | None
    error: str
    stdout: Path
    stderr: Path


def execute(command: tuple[str, ...], folder: Path, number: int, *, timeout_s: float | None) -> Execution:
    """Run a command here; what it prints goes to two new files in `folder`, named by `number`."""
    stdout, stderr = folder / f"{number}.stdout", folder / f"{number}.stderr"
    begin, clock = datetime.now(UTC), time.monotonic()
    with stdout.open("wb") as out, stderr.open("wb") as err:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, shell=False
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            return Execution(
                command=command, start=stamp(begin), end=stamp(datetime.now(UTC)), wall_s=0.0, processor_s=0.0,
                peak_memory_bytes=0, exit_code=None, error=f"the command could not be started: {why}",
                stdout=stdout, stderr=stderr,
            )  # fmt: skip
        waiting = _Waiting(process.pid)
        stopped = waiting.until((stdout, stderr), timeout_s)
    process.returncode = waiting.status  # So that Popen knows that it has ended.
    return Execution(
        command=command,
        start=stamp(begin),
        end=stamp(datetime.now(UTC)),
        wall_s=round(waiting.ended - clock, 6),
        processor_s=round(waiting.processor_s, 6),
        peak_memory_bytes=waiting.peak_memory_bytes,
        exit_code=waiting.status if waiting.status >= 0 and not stopped else None,
        error=stopped or _error(waiting.status),
        stdout=stdout,
        stderr=stderr,
    )


def stamp(moment: datetime) -> str:
    """Return a time as records write it.

    >>> stamp(datetime(2026, 11, 21, 4, 3, 51, tzinfo=UTC))
    '2026-11-21T04:03:51Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Waiting:
    """Waits for a process in a thread, which alone can wait both without looking again and again and with a limit."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status = 0
        self.processor_s, self.peak_memory_bytes, self.ended = 0.0, 0, time.monotonic()
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        _, status, usage = os.wait4(self.pid, 0)
        self.ended = time.monotonic()
        self.status = os.waitstatus_to_exitcode(status)
        self.processor_s = usage.ru_utime + usage.ru_stime
        self.peak_memory_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # Linux counts in KiB.

    def until(self, outputs: tuple[Path, ...], timeout_s: float | None) -> str:
        """Return why the process was stopped, "" where it ended by itself."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            while self._thread.is_alive():
                left = _LOOK_S if end is None else min(_LOOK_S, max(0.0, end - time.monotonic()))
                self._thread.join(left)
                if not self._thread.is_alive():
                    return ""
                if sum(path.stat().st_size for path in outputs) > MAX_OUTPUT_BYTES:
                    return self._stop(f"stopped after it had printed more than {MAX_OUTPUT_BYTES:,} bytes")
                if end is not None and time.monotonic() >= end:
                    return self._stop(f"stopped after the {timeout_s:g} s of --timeout")
        except BaseException:
            self._stop("")
            raise
        return ""

    def _stop(self, why: str) -> str:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
            self._thread.join(GRACE_S)
        return why


def _error(status: int) -> str:
    if status >= 0:
        return f"exit code {status}" if status else ""
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = str(-status)
    return f"killed by signal {name}"
