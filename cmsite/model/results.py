"""What a paper claims, what somebody measured again, and what became of it: pure values, no arithmetic.

Numbers keep the spelling of their source beside an exact `Fraction`; `cmsite.results.reading` makes these values from
metas, `cmsite.results.verdicts` makes `judgements` of them.
Source: facts/results.md §1 (fields and where they come from), CONTRACT §9 and §11.
"""

import enum
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from cmsite.model.artifact import ArtifactKey
from cmsite.model.badges import Badge
from cmsite.model.claim_parts import RatioParts, Trend

Pairs = tuple[tuple[str, str], ...]
"""Free names and values in source order, as text; nested names are joined by a dot."""


class Scale(enum.Enum):
    """What differences and ratios of a metric mean."""

    RATIO = "ratio"
    INTERVAL = "interval"
    PERCENT = "percent"
    ORDINAL = "ordinal"


class ClaimKind(enum.Enum):
    """What a claim says about its metric."""

    VALUE = "value"
    RANGE = "range"
    BOUND = "bound"
    RATIO = "ratio"
    RANKING = "ranking"
    TREND = "trend"
    QUALITATIVE = "qualitative"


class Comparator(enum.Enum):
    """On which side of its value a claimed bound lies."""

    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"


class ToleranceType(enum.Enum):
    """How far a reproduced value may lie from the claimed one. Source: CONTRACT §11."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    BOUND = "bound"
    CI = "ci"
    NONE = "none"


class ToleranceSource(enum.Enum):
    """Who declared a tolerance."""

    AUTHOR = "author"
    VENUE = "venue"
    EVALUATOR = "evaluator"
    DEFAULT = "default"


class ReproductionType(enum.Enum):
    """Who repeated with whose artifacts. Source: ACM Artifact Review and Badging, version 1.1."""

    REPEATED = "repeated"
    REPRODUCED = "reproduced"
    REPLICATED = "replicated"


class ReproductionStatus(enum.Enum):
    """Whether somebody else checked the record."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    DISPUTED = "disputed"
    SUPERSEDED = "superseded"


class RunStatus(enum.Enum):
    """How a run ended. Source: schema.org ActionStatusType, as RO-Crate's Process Run uses it."""

    COMPLETED = "CompletedActionStatus"
    FAILED = "FailedActionStatus"
    POTENTIAL = "PotentialActionStatus"
    ACTIVE = "ActiveActionStatus"


class Verdict(enum.Enum):
    """What the numbers say; the order is the order of precedence. Source: CONTRACT §11."""

    UNTESTED = "untested"
    FAILED = "failed to run"
    NOT_COMPARABLE = "not comparable"
    CANNOT_TELL = "cannot tell"
    NO_TOLERANCE = "no tolerance"
    REPRODUCED = "reproduced"
    EXCEEDS = "exceeds"
    NOT_REPRODUCED = "not reproduced"

    @property
    def judged(self) -> bool:
        """Return whether the claim was measured against a tolerance."""
        return self in {Verdict.REPRODUCED, Verdict.EXCEEDS, Verdict.NOT_REPRODUCED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as its source spells it.

    `value` is exact; it is None for NaN, infinity, text, and magnitudes no measurement has.
    """

    literal: str
    value: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who wrote a paper or evaluated one."""

    name: str
    orcid: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is measured.

    `lower_is_better` is None where neither side is better; `precision` is the number of decimals the source prints,
    None where it is not said.
    """

    id: str
    name: str = ""
    unit: str = ""
    scale: Scale = Scale.RATIO
    lower_is_better: bool | None = None
    precision: int | None = None
    description: str = ""

    @property
    def is_percent(self) -> bool:
        """Return whether differences of values are percentage points."""
        return self.scale is Scale.PERCENT or self.unit == "%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """The allowance of a claim.

    `value` is a fraction of the claimed value (`relative`: 0.05 is 5 %) or an amount in the metric's unit
    (`absolute`); `lower` and `upper` are the ends of `bound` and `ci`, None for an open side. `source` is None where
    the meta names nobody. `readable` is False where a tolerance stands there that could not be read. `preset` names the
    published allowance that the other fields were filled from, "" where there is none.
    """

    type: ToleranceType = ToleranceType.NONE
    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    source: ToleranceSource | None = None
    reason: str = ""
    readable: bool = True
    preset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of a paper; `index` is its place in the meta's list, from 0.

    `value` holds the claimed value or bound, `lower` and `upper` a claimed range, `order` the claim ids of a ranking,
    best first; `ratio` and `trend` say what such a claim is computed from, None where it says nothing. `unit` is "" where the metric's holds. `hardware_dependent` is None where the meta says nothing: then
    the unit decides. `compatible_with` holds names such as `benchmark` or `dataset.split`, each with the values that
    may be compared. `statistic` is taken over all completed repetitions. `repetitions` and `dispersion` are the
    authors' own, None where not stated.
    """

    id: str
    index: int = 0
    text: str = ""
    locator: str = ""
    source: str = ""
    kind: ClaimKind = ClaimKind.VALUE
    metric: str = ""
    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    comparator: Comparator | None = None
    unit: str = ""
    order: tuple[str, ...] = ()
    ratio: RatioParts | None = None
    trend: Trend | None = None
    tolerance: Tolerance | None = None
    main: bool = False
    hardware_dependent: bool | None = None
    statistic: str = "mean"
    repetitions: int | None = None
    dispersion_type: str = ""
    dispersion: Number | None = None
    compatible_with: tuple[tuple[str, tuple[str, ...]], ...] = ()
    environment: Pairs = ()
    parameters: Pairs = ()
    not_reproducible_reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A publication with its claims.

    `key` is the first origin in the order of registry.yml, `origins` all of them; `reference` is a DOI or URL as the
    meta writes it; `year` is None where unknown.
    """

    key: ArtifactKey
    uid: str
    alias: str
    title: str
    authors: tuple[Person, ...] = ()
    reference: str = ""
    venue: str = ""
    year: int | None = None
    note: str = ""
    metrics: tuple[Metric, ...] = ()
    claims: tuple[Claim, ...] = ()
    badges: tuple[Badge, ...] = ()
    origins: tuple[ArtifactKey, ...] = ()
    _metrics: dict[str, Metric] = field(init=False, repr=False, compare=False, default_factory=dict)
    _claims: dict[str, Claim] = field(init=False, repr=False, compare=False, default_factory=dict)

    def metric(self, name: str) -> Metric | None:
        """Return the metric of this id, None where the paper declares none."""
        if not self._metrics:
            self._metrics.update((metric.id, metric) for metric in reversed(self.metrics))
        return self._metrics.get(name)

    def claim(self, name: str) -> Claim | None:
        """Return the claim of this id, None where the paper makes none."""
        if not self._claims:
            self._claims.update((claim.id, claim) for claim in reversed(self.claims))
        return self._claims.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file of the artifact (`path`) or something kept elsewhere (`url`) that backs a reproduction.

    `sha256` is "" and `size_bytes` None where the meta has none; `index` is the place in the meta's list, from 0.
    """

    path: str = ""
    url: str = ""
    index: int = 0
    sha256: str = ""
    size_bytes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution; `samples` are all its repetitions in order, `index` its place in the meta's list, from 0.

    `order` is the ranking found, best first; `inferred` samples were worked out and not measured.
    `start_time` and `end_time` are ISO 8601 as written; `environment` holds only what differs from the reproduction's.
    `wall_s` and `processor_s` are seconds, `peak_memory_bytes` the largest resident memory of one process; these and
    `exit_code` are None where the run does not say.
    """

    uid: str
    index: int = 0
    claims: tuple[str, ...] = ()
    metric: str = ""
    unit: str = ""
    samples: tuple[Number, ...] = ()
    order: tuple[str, ...] = ()
    inferred: bool = False
    seed: str = ""
    status: RunStatus = RunStatus.COMPLETED
    error: str = ""
    command: str = ""
    container_image: str = ""
    start_time: str = ""
    end_time: str = ""
    compatible_with: tuple[tuple[str, tuple[str, ...]], ...] = ()
    environment: Pairs = ()
    parameters: Pairs = ()
    log: str = ""
    note: str = ""
    wall_s: Number | None = None
    processor_s: Number | None = None
    peak_memory_bytes: int | None = None
    exit_code: int | None = None
    # What was worked out of it, kept with it so that thousands of claims share it; `cmsite.results.sampled` fills it.
    found: dict[str, list[Any]] = field(init=False, repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAttempted:
    """A claim an evaluator left out, and why."""

    claim: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What one evaluator did at one date.

    `paper_alias` and `paper_uid` name the paper as the meta does ("" where it names only the other);
    `artifact_reference`, `artifact_sha256` and `artifact_commit` say what was run; `stated` pairs claim ids with the
    evaluator's own verdict; `independent` and `author_hardware` are None where not said.
    """

    key: ArtifactKey
    uid: str
    alias: str
    paper_alias: str = ""
    paper_uid: str = ""
    claims: tuple[str, ...] = ()
    type: ReproductionType | None = None
    agents: tuple[Person, ...] = ()
    independent: bool | None = None
    author_hardware: bool | None = None
    check_time: str = ""
    artifact_reference: str = ""
    artifact_sha256: str = ""
    artifact_commit: str = ""
    report: str = ""
    certificate: str = ""
    environment: Pairs = ()
    status: ReproductionStatus = ReproductionStatus.UNVERIFIED
    human_minutes: Number | None = None
    compute_minutes: Number | None = None
    runs: tuple[Run, ...] = ()
    stated: tuple[tuple[str, Verdict], ...] = ()
    not_attempted: tuple[NotAttempted, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    badges: tuple[Badge, ...] = ()
    note: str = ""
    origins: tuple[ArtifactKey, ...] = ()
    _runs: dict[str, list[Run]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _stated: dict[str, Verdict] = field(init=False, repr=False, compare=False, default_factory=dict)

    def runs_of(self, claim: str) -> tuple[Run, ...]:
        """Return the runs that belong to a claim, in the order of the meta."""
        if not self._runs:  # Found once: a record may have thousands of claims and of runs.
            for run in self.runs:
                for name in dict.fromkeys(run.claims):
                    self._runs.setdefault(name, []).append(run)
        return tuple(self._runs.get(claim, ()))

    def completed_runs_of(self, claim: str) -> tuple[Run, ...]:
        """Return the runs of a claim that ran to their end; only their samples count."""
        return tuple(run for run in self.runs_of(claim) if run.status is RunStatus.COMPLETED)

    def stated_verdict(self, claim: str) -> Verdict | None:
        """Return the evaluator's own verdict, None where none is stated."""
        if not self._stated:
            self._stated.update(reversed(self.stated))
        return self._stated.get(claim)

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Return every claim id the record says something about, in first-seen order."""
        names = (
            *self.claims,
            *(name for run in self.runs for name in run.claims),
            *(entry.claim for entry in self.not_attempted),
            *(name for name, _ in self.stated),
        )
        return tuple(dict.fromkeys(names))
