"""What is to be recorded, as the command line said it, and what refuses a single measurement. Nothing is read here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class RefusedMeasurementError(Exception):
    """Numbers that cannot stand for a claim: the run is recorded as failed, or the command line is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How numbers come about.

    `values` are (claim or "", text); `command` is run `repeat` times, each at most `timeout_s` seconds (None: no limit);
    `keys` map claims to names in the command's last line of JSON; `failed` says why there are no numbers.
    """

    values: tuple[tuple[str, str], ...] = ()
    log: Path | None = None
    pattern: str = ""
    command: tuple[str, ...] = ()
    repeat: int = 1
    timeout_s: float | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    seed: int | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who tried it and how the record is written.

    `agents` are names, none where anonymous; `into` is the repository to write to, None to look for it; `add_to` the
    folder of a record to add to; `environment` what the evaluator adds.
    """

    agents: tuple[str, ...] = ()
    is_anonymous: bool = False
    is_embargoed: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    alias: str = ""
    into: Path | None = None
    add_to: Path | None = None
    program: str = ""
    type: str = ""
    independent: bool | None = None
    author_hardware: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionRequest:
    """A reproduction: `orders` map ranking claims to the order found, `verdicts` claims to what the evaluator says.

    With `as_claimed` the evaluator says that data, split and parameters are those of the claim.
    """

    paper: str
    claims: tuple[str, ...]
    trial: Trial
    about: About
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    not_attempted: Mapping[str, str] = field(default_factory=dict)
    as_claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceRequest:
    """That an artifact works or fails; `status` is "" to take the command's word."""

    artifact: str
    status: str
    trial: Trial
    about: About
    versions: Mapping[str, str] = field(default_factory=dict)
