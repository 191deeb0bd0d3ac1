"""One reproduction as a paper's page shows it: who, when, where it ran, every run, every file, how to run it again.

Source: facts/results.md §3 (order of the reviewer's page).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.model.names import normal_uid, parse_pair
from cmsite.model.results import Claim, Pairs, Paper, Reproduction, Run, RunStatus
from cmsite.site.context import SiteContext
from cmsite.site.result_rows import FileView, all_evidence, evaluators, run_log, status_word
from cmsite.site.text import counted
from cmsite.site.view_rows import Link

SHOWN_SAMPLES = 12
"""Samples of a run before the rest is folded."""

MAX_SAMPLES = 1000
"""Samples of a run on a page; the meta has all of them."""

MAX_RUNS = 500
"""Runs of a reproduction on a page."""

_STATUS = {
    RunStatus.COMPLETED: ("✓", "completed", "good"),
    RunStatus.FAILED: ("!", "failed", "bad"),
    RunStatus.POTENTIAL: ("–", "skipped", "unsure"),
    RunStatus.ACTIVE: ("?", "not finished", "unsure"),
}
_TYPES = {
    "repeated": "repeated: same team, same artifacts",
    "reproduced": "reproduced: another team, the authors' artifacts",
    "replicated": "replicated: another team, its own artifacts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run; `samples` are shown, `folded` behind a fold, `left_out` in the meta only."""

    uid: str
    claims: str
    icon: str
    status: str
    kind: str
    metric: str
    unit: str
    samples: tuple[str, ...]
    folded: tuple[str, ...]
    left_out: int
    order: str
    inferred: bool
    facts: tuple[tuple[str, str], ...]
    command: str
    error: str
    note: str
    log: FileView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRow:
    """One property of the machines; `differs` where both sides state it and it is not the same."""

    name: str
    claimed: str
    reproduced: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One reproduction."""

    anchor: str
    title: str
    status: str
    artifact: Link
    facts: tuple[tuple[str, str], ...]
    environment: tuple[EnvironmentRow, ...]
    runs: tuple[RunView, ...]
    runs_left_out: int
    runs_line: str
    evidence: tuple[FileView, ...]
    not_attempted: tuple[tuple[str, str], ...]
    program: Link
    program_digest: str
    commands: tuple[str, ...]
    note: str


def attempt_view(context: SiteContext, paper: Paper, attempt: Reproduction) -> AttemptView:
    """Return one reproduction of a paper."""
    claims = [claim for claim in paper.claims if claim.id in attempt.mentioned]
    who = evaluators(attempt)
    return AttemptView(
        anchor=f"reproduction-{attempt.uid or attempt.alias}",
        title=f"{attempt.check_time} by {who}" if attempt.check_time else f"by {who}",
        status=status_word(attempt),
        artifact=Link(text=attempt.alias, address=artifact_address(attempt.key)),
        facts=tuple((name, value) for name, value in _facts(attempt) if value),
        environment=_environment(claims, attempt),
        runs=tuple(_run_view(context, attempt, run) for run in attempt.runs[:MAX_RUNS]),
        runs_left_out=max(0, len(attempt.runs) - MAX_RUNS),
        runs_line=_runs_line(attempt.runs),
        evidence=all_evidence(context, attempt),
        not_attempted=tuple((entry.claim, entry.reason) for entry in attempt.not_attempted),
        program=_program(context, attempt.artifact_reference),
        program_digest=attempt.artifact_sha256 or attempt.artifact_commit,
        commands=tuple(dict.fromkeys(run.command for run in attempt.runs if run.command)),
        note=attempt.note,
    )


def _facts(attempt: Reproduction) -> Iterator[tuple[str, str]]:
    """Yield who, when and how; what the record does not say is said to be missing where a reviewer asks for it."""
    yield (
        "Evaluators",
        ", ".join(f"{person.name} ({person.role})" if person.role else person.name for person in attempt.agents)
        or "not stated",
    )
    yield "Date", attempt.check_time or "not stated"
    yield "Kind", _TYPES[attempt.type.value] if attempt.type else ""
    yield "Independent of the authors", _said(attempt.independent)
    yield "On the authors' hardware", _said(attempt.author_hardware)
    yield "Status of the record", attempt.status.value
    yield "Time of people", f"{attempt.human_minutes.literal} min" if attempt.human_minutes else ""
    yield "Time of machines", f"{attempt.compute_minutes.literal} min" if attempt.compute_minutes else ""
    yield "Certificate", attempt.certificate


def _said(answer: bool | None) -> str:  # noqa: FBT001 - the answer is the value that is worded.
    return "not stated" if answer is None else "yes" if answer else "no"


def _environment(claims: Iterable[Claim], attempt: Reproduction) -> tuple[EnvironmentRow, ...]:
    """Return differences first, then what both sides share, then what one side states."""
    claimed: dict[str, dict[str, None]] = {}
    for claim in claims:
        for name, value in claim.environment:
            claimed.setdefault(name, {})[value] = None
    ours = dict(_all_environments(attempt))
    rows = []
    for name in dict.fromkeys((*claimed, *ours)):
        theirs, own = " / ".join(claimed.get(name, ())), ours.get(name, "")
        rows.append(
            EnvironmentRow(name=name, claimed=theirs, reproduced=own, differs=bool(theirs and own and theirs != own))
        )
    return tuple(sorted(rows, key=lambda row: (not row.differs, not (row.claimed and row.reproduced))))


def _all_environments(attempt: Reproduction) -> Pairs:
    """Return the reproduction's environment with what single runs state beside it."""
    values: dict[str, dict[str, None]] = {name: {value: None} for name, value in attempt.environment}
    for run in attempt.runs:
        for name, value in run.environment:
            values.setdefault(name, {})[value] = None
    return tuple((name, " / ".join(found)) for name, found in values.items())


def _runs_line(runs: Iterable[Run]) -> str:
    counts: dict[str, int] = {}
    for run in runs:
        word = _STATUS[run.status][1]
        counts[word] = counts.get(word, 0) + 1
    total = sum(counts.values())
    return (
        f"{counted(total, 'run')}: " + ", ".join(f"{count} {word}" for word, count in counts.items())
        if total
        else "no runs"
    )


def _run_view(context: SiteContext, attempt: Reproduction, run: Run) -> RunView:
    icon, word, kind = _STATUS[run.status]
    samples = tuple(sample.literal for sample in run.samples[:MAX_SAMPLES])
    return RunView(
        uid=run.uid,
        claims=", ".join(run.claims),
        icon=icon,
        status=word,
        kind=kind,
        metric=run.metric,
        unit="" if run.unit == "1" else run.unit,
        samples=samples[:SHOWN_SAMPLES],
        folded=samples[SHOWN_SAMPLES:],
        left_out=max(0, len(run.samples) - MAX_SAMPLES),
        order=" > ".join(run.order),
        inferred=run.inferred,
        facts=tuple((name, value) for name, value in _run_facts(run) if value),
        command=run.command,
        error=run.error,
        note=run.note,
        log=run_log(context, attempt, run),
    )


def _run_facts(run: Run) -> Iterator[tuple[str, str]]:
    yield from run.parameters
    yield "seed", run.seed
    for name, values in run.compatible_with:
        yield name.replace(".", " "), " or ".join(values)
    yield "container", run.container_image
    yield "started", run.start_time
    yield "ended", run.end_time
    yield from run.environment


def _program(context: SiteContext, reference: str) -> Link:
    """Return the artifact that was run, with its page where the catalogue has it."""
    automation, _, name = reference.partition(":")
    pair = parse_pair(name)
    for key in context.uids.get(normal_uid(pair.uid), ()) if pair.uid else ():
        if key.automation == automation:
            return Link(text=f"{automation}:{pair.alias or pair.uid}", address=artifact_address(key))
    return Link(text=reference, address=reference if reference.startswith(("https://", "http://")) else "")
