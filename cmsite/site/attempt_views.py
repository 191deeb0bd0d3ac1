"""One reproduction as pages show it: who, when, where it ran, every run, every file, how to run it again.

Every list and text is bounded by `Limits`, and says how much more there is.
Source: facts/results.md §3 (order of the reviewer's page).
"""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Paper, Reproduction, Run, RunStatus
from cmsite.site.badge_views import badge_views
from cmsite.site.claim_names import safe_name
from cmsite.site.context import SiteContext
from cmsite.site.environment_rows import Environment, environment_of
from cmsite.site.programs import program_key
from cmsite.site.result_rows import MAX_ID, FileView, all_evidence, evaluators, run_log, status_word, web_address
from cmsite.site.run_costs import costs_of
from cmsite.site.text import counted, shortened
from cmsite.site.view_rows import Bounded, Link, bounded
from cmsite.site.views import reference as artifact_reference

SHOWN_SAMPLES = 12
"""Samples of a run before the rest is folded."""

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
class Limits:
    """What a page shows of one reproduction: runs, samples of a run, entries of other lists, characters of a text."""

    runs: int
    samples: int
    entries: int
    characters: int


MAX_SAMPLES = 4000
"""Samples of all shown runs of one reproduction."""

OWN_PAGE = Limits(runs=100, samples=1000, entries=60, characters=600)
"""On the page of a paper."""

SECTION = Limits(runs=6, samples=12, entries=12, characters=120)
"""On the page of an artifact, which has to stay small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run; `samples` are shown, `folded` behind a fold, `left_out` in the meta only; `costs` as `cost_names` say."""

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
    costs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainView:
    """How to run it again: the program, how to get it, its bytes, and what it costs; "" or "not recorded" if unknown."""

    program: Link
    pull: str
    facts: tuple[tuple[str, str], ...]
    commands: Bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One reproduction; `cost_names` are what some run says of its time, memory and end."""

    anchor: str
    title: str
    status: str
    artifact: Link
    facts: tuple[tuple[str, Link], ...]
    environment: Environment
    runs: Bounded
    runs_line: str
    cost_names: tuple[str, ...]
    evidence: Bounded
    not_attempted: Bounded
    again: AgainView
    badges: Bounded
    note: str


def attempt_view(context: SiteContext, paper: Paper, attempt: Reproduction, limits: Limits = OWN_PAGE) -> AttemptView:
    """Return one reproduction of a paper."""
    mentioned = frozenset(attempt.mentioned)
    who = shortened(evaluators(attempt), limits.characters)
    runs = _chosen(attempt.runs, limits.runs)
    costs = costs_of(runs)
    return AttemptView(
        anchor=f"reproduction-{attempt.uid or safe_name(attempt.alias)}",
        title=f"{shortened(attempt.check_time, MAX_ID)} by {who}" if attempt.check_time else f"by {who}",
        status=status_word(attempt),
        artifact=Link(text=shortened(attempt.alias, MAX_ID), address=artifact_address(attempt.key)),
        facts=tuple(
            (name, Link(text=shortened(value.text, limits.characters), address=value.address))
            for name, value in _facts(attempt)
            if value.text
        ),
        environment=environment_of(
            (claim for claim in paper.claims if claim.id in mentioned),
            attempt,
            limit=limits.entries,
            characters=limits.characters,
        ),
        runs=Bounded(
            rows=tuple(
                _run_view(context, attempt, run, limits, cost) for run, cost in zip(runs, costs.rows, strict=True)
            ),
            left_out=max(0, len(attempt.runs) - limits.runs),
        ),
        runs_line=_runs_line(attempt.runs),
        cost_names=costs.names,
        evidence=all_evidence(context, attempt, limits.entries),
        not_attempted=bounded(
            [(entry.claim, shortened(entry.reason, limits.characters)) for entry in attempt.not_attempted],
            limits.entries,
        ),
        again=_again(context, attempt, limits),
        badges=badge_views(attempt.badges, attempt.key),
        note=shortened(attempt.note, limits.characters),
    )


def _facts(attempt: Reproduction) -> Iterator[tuple[str, Link]]:
    """Yield who, when and how; what the record does not say is said to be missing where a reviewer asks for it."""
    people = ", ".join(f"{person.name} ({person.role})" if person.role else person.name for person in attempt.agents)
    yield "Evaluators", Link(text=people or "not stated")
    yield "Date", Link(text=attempt.check_time or "not stated")
    yield "Kind", Link(text=_TYPES[attempt.type.value] if attempt.type else "not stated")
    yield "Independent of the authors", Link(text=_said(attempt.independent))
    yield "On the authors' hardware", Link(text=_said(attempt.author_hardware))
    yield "Status of the record", Link(text=status_word(attempt))
    yield "Time of people", Link(text=f"{attempt.human_minutes.literal} min" if attempt.human_minutes else "")
    yield "Certificate", Link(text=attempt.certificate, address=web_address(attempt.certificate))
    yield "Report", Link(text=attempt.report, address=web_address(attempt.report))


def _said(answer: bool | None) -> str:  # noqa: FBT001 - the answer is the value that is worded.
    return "not stated" if answer is None else "yes" if answer else "no"


def _runs_line(runs: Iterable[Run]) -> str:
    counts = Counter(_STATUS[run.status][1] for run in runs)
    if not counts:
        return "no runs"
    return f"{counted(counts.total(), 'run')}: " + ", ".join(f"{count:,} {word}" for word, count in counts.items())


def _chosen(runs: Sequence[Run], limit: int) -> list[Run]:
    """Return the runs that are shown, in their order; where not all can be, those that did not complete come first."""
    if len(runs) <= limit:
        return list(runs)
    odd = [run for run in runs if run.status is not RunStatus.COMPLETED][: limit // 2]
    others = [run for run in runs if run.status is RunStatus.COMPLETED][: limit - len(odd)]
    return sorted((*odd, *others), key=lambda run: run.index)


def _run_view(context: SiteContext, attempt: Reproduction, run: Run, limits: Limits, costs: tuple[str, ...]) -> RunView:
    icon, word, kind = _STATUS[run.status]
    several = max(SHOWN_SAMPLES, MAX_SAMPLES // min(limits.runs, len(attempt.runs)))
    samples = tuple(sample.literal for sample in run.samples[: min(limits.samples, several)])
    facts = [(name, value) for name, value in _run_facts(run) if value]
    return RunView(
        uid=run.uid,
        claims=_listed(run.claims, limits),
        icon=icon,
        status=word,
        kind=kind,
        metric=shortened(run.metric, limits.characters // 4),
        unit="" if run.unit == "1" else shortened(run.unit, limits.characters // 8),
        samples=samples[:SHOWN_SAMPLES],
        folded=samples[SHOWN_SAMPLES:],
        left_out=len(run.samples) - len(samples),
        order=_listed(run.order, limits, " > "),
        inferred=run.inferred,
        facts=tuple(
            (shortened(name, limits.characters // 8), shortened(value, limits.characters // 4))
            for name, value in facts[: limits.entries // 4]
        ),
        command=shortened(run.command, limits.characters),
        error=shortened(run.error, limits.characters // 2),
        note=shortened(run.note, limits.characters // 2),
        log=run_log(context, attempt, run),
        costs=costs,
    )


def _listed(names: Sequence[str], limits: Limits, between: str = ", ") -> str:
    more = f"{between}{len(names) - limits.entries:,} more" if len(names) > limits.entries else ""
    return shortened(between.join(names[: limits.entries]), limits.characters) + more


def _run_facts(run: Run) -> Iterator[tuple[str, str]]:
    yield from run.parameters
    yield "seed", run.seed
    for name, values in run.compatible_with:
        yield name.replace(".", " "), " or ".join(values)
    yield "container", run.container_image
    yield "started", run.start_time
    yield "ended", run.end_time
    yield from run.environment


def _again(context: SiteContext, attempt: Reproduction, limits: Limits) -> AgainView:
    """Return how to run it again. Source: facts/results.md §3 (command, container digest, commit, time, disk)."""
    key = program_key(context, attempt.artifact_reference, attempt.key.repository)
    reference = attempt.artifact_reference
    images = dict.fromkeys(run.container_image for run in attempt.runs if run.container_image)
    commands = dict.fromkeys(run.command for run in attempt.runs if run.command)
    facts = (
        ("sha256 of the program", attempt.artifact_sha256),
        ("Commit", attempt.artifact_commit),
        ("Container image", _listed(tuple(images), limits) or "none recorded"),
        ("Time of machines", _machine_time(attempt) or "not recorded"),
        ("Disk", _disk(context, key) or "not recorded"),
    )
    if key is None:
        program = Link(text=shortened(reference, limits.characters), address=web_address(reference))
        pull = ""
    else:
        named = artifact_reference(context, context.catalog.artifacts[key])
        program, pull = Link(text=named, address=artifact_address(key)), f"cmsite pull {shlex.quote(named)}"
    return AgainView(
        program=program,
        pull=pull,
        facts=tuple((name, value) for name, value in facts if value),
        commands=bounded([shortened(command, 4 * limits.characters) for command in commands], limits.entries // 4),
    )


def _disk(context: SiteContext, key: ArtifactKey | None) -> str:
    """Return the disk that the meta of a script asks for, in megabytes."""
    asked = context.catalog.artifacts[key].extra.get("required_disk_space") if key else None
    is_number = isinstance(asked, int) and not isinstance(asked, bool) and 0 < asked < 2**53
    return f"{asked:,} MB, as the program's meta says" if is_number else ""


def _machine_time(attempt: Reproduction) -> str:
    """Return the minutes that the record states, else those between the first start and the last end of its runs."""
    if attempt.compute_minutes:
        return f"{attempt.compute_minutes.literal} min"
    try:
        starts = [datetime.fromisoformat(run.start_time) for run in attempt.runs if run.start_time]
        ends = [datetime.fromisoformat(run.end_time) for run in attempt.runs if run.end_time]
        seconds = (max(ends) - min(starts)).total_seconds() if starts and ends else -1.0
    except (ValueError, TypeError, OverflowError):  # No dates, or some with a time zone and some without.
        return ""
    return f"{seconds / 60:,.1f} min between the first start and the last end" if seconds >= 0 else ""
