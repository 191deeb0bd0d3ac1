"""Killed by -9 at any moment of a pull, of locking, of removing and of writing the cache: the next run succeeds.

A moment is a random delay, or exactly before the n-th thing that the run does to the file system, as the interpreter's
audit events name it. Source: facts/index.md §4, case 38; issue "killed at 200 random moments".
"""

import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cmsite.client.lock import parse_lock
from cmsite.client.locked_pull import pull_locked
from cmsite.client.pull import pull
from cmsite.client.relocking import relock
from cmsite.client.removing import remove
from cmsite.client.verify import verify
from cmsite.client.workspace import Workspace
from cmsite.errors import NotFoundError
from cmsite.validation.client_metas import judge_meta
from tests.small_registry import SmallRegistry, cm_meta

_CHANGES = frozenset({"open", "os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree"})
_NAMES = ("a", "b", "c")
_FORK = multiprocessing.get_context("fork")

Action = Callable[[Path, SmallRegistry], object]


def _files(name: str, revision: int) -> dict[str, bytes]:
    uid = f"{ord(name):016x}"
    meta = {"_cm.yaml": cm_meta(name, uid)}
    return meta | {f"deep/{number}/file": f"{name} {revision} {number}\n".encode() * 999 for number in range(4)}


def _registry(folder: Path) -> SmallRegistry:
    made = SmallRegistry(folder, licenses={"team": {"LICENSE": b"x", "docs/NOTICE": b"y"}})
    for name in _NAMES:
        made.add(name, _files(name, 1), uid=f"{ord(name):016x}")
    made.publish()
    return made


def _pull(into: Path, registry: SmallRegistry) -> None:
    names = [f"script:{name}" for name in _NAMES]
    pull(names, registries=(registry.open(),), into=into, check=judge_meta, draw_uid=lambda: "0" * 16)


def _pull_locked(into: Path, registry: SmallRegistry) -> None:
    pull_locked(into=into, check=judge_meta, draw_uid=lambda: "1" * 16, registries=(registry.open(),))


def _relock(into: Path, registry: SmallRegistry) -> None:
    relock(workspace=Workspace(root=into), check=judge_meta, registries=(registry.open(),), update=True)


def _lock_and_pull(into: Path, registry: SmallRegistry) -> None:
    _relock(into, registry)
    _pull_locked(into, registry)


def _remove(into: Path, registry: SmallRegistry) -> None:
    for name in _NAMES[:2]:
        try:
            remove([f"script:{name}"], workspace=Workspace(root=into), check=judge_meta)
        except NotFoundError:  # The killed run had come that far.
            continue


class Case:
    """A workspace before an action, as often as it is needed; `newer` says whether the registry has second revisions."""

    def __init__(self, folder: Path, action: Action, *, pulled: bool, newer: bool) -> None:
        self.folder = folder
        self.action = action
        self.registry = _registry(folder / "site")
        (folder / "before").mkdir()
        if pulled:
            _pull(folder / "before", self.registry)
        if newer:
            for name in _NAMES:
                self.registry.add(name, _files(name, 2), uid=f"{ord(name):016x}")
            self.registry.publish()

    def fresh(self) -> Path:
        """Return the workspace as it was, with an empty cache."""
        shutil.rmtree(os.environ["CMSITE_CACHE"], ignore_errors=True)
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        shutil.copytree(self.folder / "before", self.folder / "work")
        return self.folder / "work"

    def start(self, into: Path, die_at: int = 0, counted: Any = None) -> Any:
        child = _FORK.Process(target=_act, args=(self.action, into, self.registry, die_at, counted))
        child.start()
        return child

    def operations(self) -> int:
        """Return how many things the whole action does to the file system."""
        self.recovers(self.fresh())  # Imports what the action imports late: reading modules is none of its operations.
        counted = _FORK.Value("i", 0)
        child = self.start(self.fresh(), counted=counted)
        child.join()
        assert child.exitcode == 0
        assert counted.value > 20
        return int(counted.value)

    def recovers(self, into: Path) -> None:
        """The next run succeeds, and everything is as the lock says."""
        if (into / "cmsite.lock").exists():
            parse_lock((into / "cmsite.lock").read_bytes())
        self.action(into, self.registry)
        if self.action is _relock:
            _pull_locked(into, self.registry)
        assert verify(Workspace(root=into)).differences == ()
        assert not (into / ".cmsite/incoming").exists()
        left = [path for path in into.rglob("*") if path.name.startswith((".cmsite-", "old.", "removed."))]
        assert left == []


def _act(action: Action, into: Path, registry: SmallRegistry, die_at: int, counted: Any) -> None:
    """Run an action in a process of its own, and end it before its n-th operation as `kill -9` does."""
    seen = 0

    def watch(event: str, _arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in _CHANGES:
            seen += 1
            if seen == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    action(into, registry)
    if counted is not None:
        counted.value = seen
    os._exit(0)


_CASES: dict[str, tuple[Action, bool, bool]] = {
    "first pull": (_pull, False, False),
    "pull of newer revisions": (_pull, True, True),
    "locked pull": (_pull_locked, True, False),
    "lock": (_relock, True, True),
    "lock and locked pull": (_lock_and_pull, True, True),
    "remove": (_remove, True, False),
}


@pytest.fixture(params=list(_CASES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    action, pulled, newer = _CASES[request.param]
    made = Case(tmp_path, action, pulled=pulled, newer=newer)
    if action is _pull_locked:  # A checkout that has the lock alone.
        for path in (tmp_path / "before").iterdir():
            if path.name != "cmsite.lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return made


def _killed_before_operations(case: Case, moments: list[int]) -> None:
    killed = 0
    for moment in moments:
        into = case.fresh()
        child = case.start(into, die_at=moment)
        child.join()
        killed += child.exitcode == -signal.SIGKILL
        case.recovers(into)
    assert killed >= 0.9 * len(moments) - 1  # Random names, and so the number of tries, differ from run to run.


def _killed_after_delays(case: Case, count: int) -> None:
    began = time.monotonic()
    case.start(case.fresh()).join()
    whole_s = time.monotonic() - began
    draw = random.Random(count)
    killed = tries = 0
    while killed < count and tries < 20 * count:
        tries += 1
        into = case.fresh()
        child = case.start(into)
        time.sleep(draw.uniform(0, whole_s))
        child.kill()
        child.join()
        if child.exitcode == -signal.SIGKILL:
            killed += 1
        else:
            whole_s *= 0.8  # It is quicker by now than when it was measured.
        case.recovers(into)
    assert killed == count


def test_case_38_killed_before_some_operations(case: Case) -> None:
    last = case.operations()
    _killed_before_operations(case, random.Random(last).sample(range(1, last + 1), 4))


def test_case_38_killed_after_some_delays(case: Case) -> None:
    _killed_after_delays(case, 3)


@pytest.mark.slow
def test_case_38_killed_at_200_random_moments(case: Case) -> None:
    _killed_after_delays(case, 200 // len(_CASES) + 1)


@pytest.mark.slow
def test_case_38_killed_before_every_operation(case: Case) -> None:
    _killed_before_operations(case, list(range(1, case.operations() + 1)))
