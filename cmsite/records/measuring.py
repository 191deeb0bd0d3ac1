"""A trial is carried out: commands are run, or numbers taken from the command line or a log, with the logs to keep."""

from dataclasses import dataclass
from pathlib import Path

from cmsite.errors import UsageError
from cmsite.records.anonymity import Anonymizer
from cmsite.records.execution import Execution, execute
from cmsite.records.logs import Log, log_of, printed_log
from cmsite.records.metrics import Printed, last_document
from cmsite.records.patterns import values_of
from cmsite.records.request import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one execution, one log or one command line gave.

    `values` are (claim or "", text) where they were given or matched; `printed` is what a command printed last;
    `error` says why it failed, "" where it did not.
    """

    values: tuple[tuple[str, str], ...] = ()
    printed: Printed | None = None
    execution: Execution | None = None
    log: Log | None = None
    error: str = ""


def measure(trial: Trial, folder: Path, stem: str, anonymizer: Anonymizer | None) -> tuple[Measurement, ...]:
    """Carry out a trial; files of its own go to `folder`, logs are named after `stem`.

    Raises `UsageError` or `SourceError` where it cannot begin; a command that fails is a measurement.
    """
    if trial.command:
        return tuple(_executed(trial, folder, f"{stem}-{number}", anonymizer) for number in range(1, trial.repeat + 1))
    log = log_of(trial.log, _log_name(trial.log), anonymizer) if trial.log is not None else None
    values = trial.values
    if trial.pattern and trial.log is not None:
        values = (*values, *values_of(trial.log, trial.pattern))
    return (Measurement(values=values, log=log, error=trial.failed),)


def _executed(trial: Trial, folder: Path, name: str, anonymizer: Anonymizer | None) -> Measurement:
    number = int(name.rpartition("-")[2])
    execution = execute(trial.command, folder, number, timeout_s=trial.timeout_s)
    printed = last_document(execution.stdout)
    whole = printed_log(execution.stdout, execution.stderr, folder / f"{number}.log")
    log = log_of(whole, f"{name}.log", anonymizer)
    values: tuple[tuple[str, str], ...] = ()
    error = execution.error or trial.failed
    if trial.pattern and not error:
        try:
            values = tuple(values_of(whole, trial.pattern))
        except UsageError as refused:  # The run is over and stays on record.
            error = str(refused)
    return Measurement(values=values, printed=printed, execution=execution, log=log, error=error)


def _log_name(path: Path) -> str:
    """Return a file name that every file system takes, with the ending of the log.

    >>> _log_name(Path("a b/My run (2).txt"))
    'My-run-2.txt'
    """
    import re

    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", path.stem).strip("-.")[:60] or "log"
    ending = re.sub(r"[^A-Za-z0-9]+", "", path.suffix)[:10]
    return f"{stem}.{ending or 'log'}"
