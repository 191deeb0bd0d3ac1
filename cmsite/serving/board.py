"""How the build stands: one value, written by the thread that builds and read by every open page."""

import enum
import threading
from dataclasses import dataclass


class Stage(enum.Enum):
    """What the last build came to; the value is what the page's script reads."""

    BUILDING = "building"
    BUILT = "built"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`number` counts changes of the state; `build` names the last build that succeeded; `message` says why one failed."""

    number: int
    build: str
    stage: Stage
    message: str = ""


class Board:
    """Holds the state and wakes those who wait for the next.

    `run` tells one run of the server from another, so that a page left open knows when the server was started anew.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._builds = 0
        self._changed = threading.Condition()
        self._state = State(number=0, build=f"{run}-0", stage=Stage.BUILDING)
        self._closed = False

    @property
    def state(self) -> State:
        """Return how things stand now."""
        with self._changed:
            return self._state

    def post(self, stage: Stage, message: str = "") -> None:
        """Change the state; a finished build gets a name of its own."""
        with self._changed:
            self._builds += stage is Stage.BUILT
            build = f"{self._run}-{self._builds}"
            self._state = State(number=self._state.number + 1, build=build, stage=stage, message=message)
            self._changed.notify_all()

    def wait(self, number: int, timeout_s: float) -> State | None:
        """Return the state once it is another than `number`, None after the time; raises `EOFError` at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._state.number != number, timeout_s)
            if self._closed:
                raise EOFError
            return self._state if self._state.number != number else None

    def close(self) -> None:
        """Let everybody who waits go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
