"""Numbers out of a log by a regular expression, in bounded time. docs/adr/0013 says why in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

from cmsite.errors import SourceError, UsageError

DEADLINE_S = 20.0


def values_of(path: Path, pattern: str, *, deadline_s: float = DEADLINE_S) -> list[tuple[str, str]]:
    """Return (claim or "", text of the number) of each match, line by line in the order of the log.

    Raises `UsageError` where the pattern is none, matches nothing or takes too long, `SourceError` where the log cannot
    be read.
    """
    if not path.is_file():
        raise SourceError(f"--from-log {path}: there is no such file; give the path of the log")
    task = json.dumps({"path": str(path), "pattern": pattern})
    command = [sys.executable, "-m", "cmsite.records.matching"]
    try:
        done = subprocess.run(
            command, input=task, capture_output=True, text=True, encoding="utf-8", timeout=deadline_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"--pattern {pattern!r} had not ended after {deadline_s:g} s on {path}: nested repetitions such as (a+)+ may "
            "take for ever; write a simpler one, or give the numbers with --value"
        ) from None
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        raise SourceError(f"--from-log {path}: cannot be searched: {why[0]}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise UsageError(f"--pattern {pattern!r}: {answer['error']}")
    if not answer["values"]:
        raise UsageError(f"--pattern {pattern!r} matches no line of {path}; nothing was recorded")
    return [(claim, value) for claim, value in answer["values"]]
