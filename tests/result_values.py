"""Small papers and reproductions for the tests of verdicts, tables and pages."""

from dataclasses import replace
from typing import Any

from cmsite.model.artifact import Artifact, ArtifactFile, ArtifactKey
from cmsite.model.names import AUTOMATION_UIDS
from cmsite.model.repository import Format
from cmsite.model.results import (
    Claim,
    ClaimKind,
    Comparator,
    Metric,
    Number,
    Reproduction,
    Run,
    RunStatus,
    Scale,
    Tolerance,
    ToleranceSource,
    ToleranceType,
)
from cmsite.results.literals import number_of

OURS = (("host_processor_model_name", "AMD EPYC"),)
THEIRS = (("host_processor_model_name", "National-Elliott 405"),)


def number(value: Any) -> Number | None:
    return None if value is None else number_of(value)


def metric(**changes: Any) -> Metric:
    return replace(Metric(id="accuracy", name="Accuracy", unit="u", lower_is_better=False), **changes)


PERCENT = metric(unit="%", scale=Scale.PERCENT, precision=1)
TIME = metric(id="time", unit="s", lower_is_better=True)
COUNT = metric(id="count", unit="", lower_is_better=None)


def tolerance(kind: str, value: Any = None, lower: Any = None, upper: Any = None) -> Tolerance:
    return Tolerance(
        type=ToleranceType(kind),
        value=number(value),
        lower=number(lower),
        upper=number(upper),
        source=ToleranceSource.EVALUATOR,
    )


def claim(value: Any = None, kind: str = "value", *, comparator: str = "", **changes: Any) -> Claim:
    made = Claim(
        id="C1",
        kind=ClaimKind(kind),
        value=number(value),
        comparator=Comparator(comparator) if comparator else None,
        lower=number(changes.pop("lower", None)),
        upper=number(changes.pop("upper", None)),
        hardware_dependent=changes.pop("hardware_dependent", False),
    )
    return replace(made, **changes)


def run(*samples: Any, **changes: Any) -> Run:
    made = Run(
        uid="0123456789abcdef",
        claims=("C1",),
        samples=tuple(number_of(sample) or Number(literal="?", value=None) for sample in samples),
        status=RunStatus.COMPLETED,
    )
    return replace(made, **changes)


def failed(error: str = "out of memory") -> Run:
    return run(status=RunStatus.FAILED, error=error)


def skipped() -> Run:
    return run(status=RunStatus.POTENTIAL, error="needs a licence")


def attempt(*runs: Run, **changes: Any) -> Reproduction:
    key = ArtifactKey(repository="team", automation="reproduction", folder="r")
    return replace(Reproduction(key=key, uid="1" * 16, alias="r", claims=("C1",), runs=runs), **changes)


def artifact(
    automation: str, folder: str, *, repository: str = "team", uid: str = "", files: tuple[str, ...] = (), **extra: Any
) -> Artifact:
    return Artifact(
        key=ArtifactKey(repository=repository, automation=automation, folder=folder),
        format=Format.CM,
        path=f"{automation}/{folder}",
        alias=folder,
        uid=uid,
        automation_uid=AUTOMATION_UIDS.get(automation, ""),
        meta_file=f"{automation}/{folder}/_cm.yaml",
        files=tuple(ArtifactFile(path=path, source=f"{automation}/{folder}/{path}", size_bytes=1) for path in files),
        extra=extra,
    )
