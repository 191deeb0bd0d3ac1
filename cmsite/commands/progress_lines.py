"""Progress on standard error: one line that is written over on a terminal, a plain line now and then elsewhere."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from cmsite.progress import SILENT, Progress

LIVE_S = 0.1  # Seconds between two states of the line on a terminal: more often would only flicker.
PLAIN_S = 3.0  # Seconds between two lines elsewhere, and before the first.
_RATE_S = 0.5  # Seconds of a stage before its rate means anything.
_CLEAR = "\r\x1b[K"

Clock = Callable[[], float]


@contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Yield what shows progress here: nothing if `quiet`; the line of a terminal is gone at the end."""
    if quiet:
        yield SILENT
        return
    lines = LiveLine() if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else PlainLines()
    try:
        yield lines
    finally:
        lines.clear()


class _Counted(Progress):
    """Counts; what shows it says when and how."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._name, self._done, self._total = "", 0, 0
        self._began = self._shown = clock()

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage."""
        self._name, self._done, self._total, self._began = name, 0, total, self._clock()

    def advance(self, count: int = 1) -> None:
        """Count on."""
        self._done += count

    def clear(self) -> None:
        """Take away what would not belong to the output."""

    def _is_due(self, interval_s: float) -> bool:
        now = self._clock()
        if now - self._shown < interval_s:
            return False
        self._shown = now
        return True

    def _text(self) -> str:
        if not self._total:
            return self._name
        taken_s = self._clock() - self._began
        rate = f", {self._done / taken_s:,.0f} a second" if self._done and taken_s >= _RATE_S else ""
        return f"{self._name}: {self._done:,} of {self._total:,}{rate}"


class LiveLine(_Counted):
    """One line of a terminal, written over."""

    _is_there = False

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage and show it at once: it may say nothing more for long."""
        super().stage(name, total)
        self._shown = self._clock()
        self._draw()

    def advance(self, count: int = 1) -> None:
        """Count on, and show it now and then."""
        super().advance(count)
        if self._is_due(LIVE_S):
            self._draw()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_there:
            click.echo(_CLEAR, nl=False, err=True, color=True)
            self._is_there = False

    def _draw(self) -> None:
        width = shutil.get_terminal_size().columns
        click.echo(f"{_CLEAR}{self._text()[: width - 1]}", nl=False, err=True, color=True)
        self._is_there = True


class PlainLines(_Counted):
    """A line every few seconds, for logs; short work has none."""

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage."""
        super().stage(name, total)
        self._print_if_due()

    def advance(self, count: int = 1) -> None:
        """Count on."""
        super().advance(count)
        self._print_if_due()

    def _print_if_due(self) -> None:
        if self._is_due(PLAIN_S):
            click.echo(self._text(), err=True)


class TimedStages(Progress):
    """Hands everything on, and keeps how long each stage took."""

    def __init__(self, shown: Progress, clock: Clock = time.perf_counter) -> None:
        self._shown, self._clock = shown, clock
        self._began: list[tuple[str, float]] = []

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage, which ends the one before."""
        self._began.append((name, self._clock()))
        self._shown.stage(name, total)

    def advance(self, count: int = 1) -> None:
        """Hand the count on."""
        self._shown.advance(count)

    def print(self) -> None:
        """Print the seconds of each stage up to now on standard error; nothing where none was begun."""
        ends = [*(began for _, began in self._began), self._clock()][1:]
        for (name, began), end in zip(self._began, ends, strict=True):
            click.echo(f"{end - began:7.2f} s {name}", err=True)
