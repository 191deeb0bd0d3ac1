"""The whole flow of `cmsite record` on one page: find, measure, describe, compose, show, write.

Nothing is written before everything is known; `confirm` is asked with all that will be public where the record is
anonymous. The clock and what draws uids are arguments.
"""

import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cmsite.errors import UsageError
from cmsite.model.artifact import Artifact
from cmsite.model.names import EXPERIENCE, REPRODUCTION
from cmsite.outputs import OutputFile
from cmsite.records import machine
from cmsite.records.adding import META, added, check_same, read_existing
from cmsite.records.anonymity import Anonymizer
from cmsite.records.composing import Record, experience_record, reproduction_record
from cmsite.records.execution import Execution
from cmsite.records.finding import open_places, repository_to_write
from cmsite.records.identity import this_identity
from cmsite.records.logs import Log, refuse_leaks
from cmsite.records.measuring import Measurement, measure
from cmsite.records.request import About, ExperienceRequest, ReproductionRequest
from cmsite.records.runs import Task, check_request, compute_minutes, measured, runs_of
from cmsite.records.writing import check_free, write_added, write_new
from cmsite.results.reading import read_paper

Confirm = Callable[[Record], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What comes from outside: the clock, what draws 16 hexadecimal digits, who is asked before an anonymous record."""

    now: Callable[[], datetime]
    draw_uid: Callable[[], str]
    confirm: Confirm
    config: Path | None = None

    @property
    def day(self) -> str:
        """Return the date of records, in UTC."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was done: the folder, the record, and the runs that failed."""

    folder: Path
    record: Record

    @property
    def failures(self) -> tuple[str, ...]:
        """Return the errors of the runs that failed, each once."""
        return tuple(dict.fromkeys(run["error"] for run in self.record.block.get("runs", ()) if "error" in run))


def record_reproduction(request: ReproductionRequest, world: World) -> Written:
    """Record a reproduction.

    Raises `CmsiteError` where something is refused; a command that fails is recorded as a failed run.
    """
    found = open_places(world.config, request.about.into).paper(request.paper)
    paper = read_paper(found.artifact).value
    check_request(request, paper)
    day = world.day
    existing = read_existing(request.about.add_to, REPRODUCTION) if request.about.add_to is not None else None
    agent = "anonymous" if request.about.is_anonymous else [{"name": name} for name in request.about.agents]
    if existing is not None:
        check_same(existing, paper.uid, agent, day)
    else:
        repository = repository_to_write(request.about.into, found)
        check_free(repository, REPRODUCTION, request.about.alias or f"{paper.alias}-{day}")
    anonymizer = Anonymizer(this_identity()) if request.about.is_anonymous else None
    command = _shown(request.trial.command, anonymizer)
    with tempfile.TemporaryDirectory(prefix="cmsite-record-") as folder:
        stem = (
            f"{paper.alias[:60]}-{world.now().astimezone(UTC):%H%M%S}-{world.draw_uid()[:4]}"
            if existing is not None
            else paper.alias[:60]
        )
        measurements = _measured(request, Path(folder), stem, anonymizer)
    task = Task(request=request, paper=paper, artifact=found.artifact)
    runs = [run for item in measurements for run in runs_of(task, item, command, world.draw_uid)]
    logs = [item.log for item in measurements if item.log is not None]
    record = reproduction_record(
        request if anonymizer is None else replace(request, about=_public(request.about, anonymizer)),
        paper,
        found.artifact,
        runs,
        logs,
        environment=_environment(request.about, measurements, anonymizer),
        day=day,
        compute_min=compute_minutes(_executions(measurements)),
        draw_uid=world.draw_uid,
    )
    record = _cleaned(record, anonymizer)
    _ask(record, anonymizer, world.confirm)
    if existing is None:
        return Written(folder=write_new(repository, record), record=record)
    claims = [name for name in request.claims if name not in existing.block.get("claims", ())]
    content = added(existing, {"claims": claims, "runs": record.block["runs"], "evidence": record.block["evidence"]})
    files = tuple(OutputFile(path=log.path, content=log.content) for log in record.logs)
    write_added(existing.folder, files, OutputFile(path=META, content=content), existing.content)
    return Written(folder=existing.folder, record=record)


def record_experience(request: ExperienceRequest, world: World) -> Written:
    """Record that an artifact works or fails here. Raises `CmsiteError` where something is refused."""
    found = open_places(world.config, request.about.into).artifact(request.artifact)
    artifact = found.artifact
    repository = repository_to_write(request.about.into, found)
    anonymizer = Anonymizer(this_identity()) if request.about.is_anonymous else None
    with tempfile.TemporaryDirectory(prefix="cmsite-record-") as folder:
        measurements = _measured(request, Path(folder), artifact.display_name[:60], anonymizer)
    runs = [_run(item, _shown(request.trial.command, anonymizer), world) for item in measurements if item.execution]
    failed = any(item.error for item in measurements)
    status = "fails" if failed else request.status or "works"
    about = request.about if anonymizer is None else _public(request.about, anonymizer)
    record = experience_record(
        replace(request, about=_free(about, artifact, status, world.day, repository)),
        artifact,
        found.tar_sha256,
        runs,
        [item.log for item in measurements if item.log is not None],
        status=status,
        environment=_environment(request.about, measurements, anonymizer),
        day=world.day,
        draw_uid=world.draw_uid,
    )
    record = _cleaned(record, anonymizer)
    check_free(repository, EXPERIENCE, record.meta["alias"])
    _ask(record, anonymizer, world.confirm)
    return Written(folder=write_new(repository, record), record=record)


def _measured(
    request: ReproductionRequest | ExperienceRequest, folder: Path, stem: str, anonymizer: Anonymizer | None
) -> tuple[Measurement, ...]:
    return measure(request.trial, folder, stem, anonymizer)


def _run(item: Measurement, command: str, world: World) -> dict[str, Any]:
    """Return the run of an experience."""
    assert item.execution is not None  # noqa: S101 - asked by the caller.
    ended = (
        {"actionStatus": "FailedActionStatus", "error": item.error}
        if item.error
        else {"actionStatus": "CompletedActionStatus"}
    )
    log = {"log": item.log.path} if item.log is not None else {}
    return {"uid": world.draw_uid(), **ended, **measured(item.execution, command), **log}


def _free(about: About, artifact: Artifact, status: str, day: str, repository: Path) -> About:
    """Return it with an alias that is free: one machine after the other reports on the same day."""
    if about.alias:
        return about
    name = f"{artifact.key.automation}-{artifact.display_name}-{status}-{day}"
    number = 1
    while (repository / EXPERIENCE / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return replace(about, alias=name if number == 1 else f"{name}-{number}")


def _executions(measurements: Sequence[Measurement]) -> list[Execution]:
    return [item.execution for item in measurements if item.execution is not None]


def _environment(about: About, measurements: Sequence[Measurement], anonymizer: Anonymizer | None) -> Mapping[str, Any]:
    """Return the machine, then what the command said of itself, then what the evaluator says."""
    found: dict[str, Any] = dict(machine.describe_machine())
    for item in measurements:
        found |= item.printed.environment if item.printed is not None else {}
    found |= about.environment
    if anonymizer is None:
        return found
    kept = machine.allowed(found)
    return {
        name: anonymizer.clean(str(value)).text if isinstance(value, str) else value for name, value in kept.items()
    }


def _shown(command: tuple[str, ...], anonymizer: Anonymizer | None) -> str:
    """Return the command as the record shows it."""
    text = shlex.join(command)
    return text if anonymizer is None else anonymizer.clean(text).text


def _public(about: About, anonymizer: Anonymizer) -> About:
    return replace(about, note=anonymizer.clean(about.note).text, program=anonymizer.clean(about.program).text)


def _cleaned(record: Record, anonymizer: Anonymizer | None) -> Record:
    """Return the record with names out of every text that came from a command: errors above all."""
    if anonymizer is None:
        return record
    for run in record.block.get("runs", ()):
        if "error" in run:
            run["error"] = anonymizer.clean(run["error"]).text
    return record


def _ask(record: Record, anonymizer: Anonymizer | None, confirm: Confirm) -> None:
    if anonymizer is None:
        return
    refuse_leaks("\n".join(_foreign(record.block)), "the record", anonymizer)
    if not confirm(record):
        raise UsageError("nothing was written")


def _foreign(block: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a record that were not written by cmsite or the paper."""
    yield from (str(value) for value in block["environment"].values())
    yield from (str(block[name]) for name in ("note",) if name in block)
    yield str(block.get("artifact", {}).get("reference", ""))
    for run in block.get("runs", ()):
        yield from (run[name] for name in ("error", "command") if name in run)


def replaced_in(logs: Sequence[Log]) -> str:
    """Return how often each sign was put in, in words; "" where nothing was."""
    total: dict[str, int] = {}
    for log in logs:
        for sign, count in log.replaced.items():
            total[sign] = total.get(sign, 0) + count
    return ", ".join(f"{count} × {sign}" for sign, count in sorted(total.items()))
