"""The runs of `cfg/benchmark-run-*` as uses of the artifacts that they ran, and what each `cfg` shows of that.

A run counts for an artifact where it says how it ended and names one artifact of the catalogue: by alias or uid, or by
tags that only one has, looked up as a dependency of the `cfg` would be. Every other run is told of on the page of the
`cfg`, with the reason. Source: facts/results.md §1; CONTRACT §10.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cmsite.catalog.addresses import artifact_address
from cmsite.catalog.dependencies import DependencyResolver
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Resolution
from cmsite.model.names import NO_NAME
from cmsite.results.run_starts import RunStart
from cmsite.results.run_tables import RunState, RunTable, TableRun, has_runs, read_run_table
from cmsite.site.context import SiteContext
from cmsite.site.programs import program_key
from cmsite.site.seen import NOT_STATED, Seen
from cmsite.site.text import counted, shortened
from cmsite.site.view_rows import TypeSection, bounded

MAX_ROWS = 20
MAX_TEXT = 80  # Characters of each text.
MAX_SHOWN = 3  # Alternatives that are named.


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRuns:
    """What the runs of a catalogue say: uses by artifact, then by (cfg, run), and a section for the page of each cfg."""

    seen: Mapping[ArtifactKey, Mapping[str, Seen]]
    sections: Mapping[ArtifactKey, tuple[TypeSection, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What a run ran: `key` None where that is not one artifact of the catalogue, and then `reason` says why."""

    words: str
    key: ArtifactKey | None = None
    reason: str = ""


def recorded_runs(context: SiteContext) -> RecordedRuns:
    """Return what all runs of all `cfg` of the catalogue say."""
    owners = [item for key, item in context.catalog.artifacts.items() if key.automation == "cfg" and has_runs(item)]
    seen: dict[ArtifactKey, dict[str, Seen]] = defaultdict(dict)
    sections: dict[ArtifactKey, tuple[TypeSection, ...]] = {}
    finder = _Finder(context) if owners else None
    for owner in owners:
        table = read_run_table(owner, context.read)
        if table is None or finder is None:
            continue
        counts: dict[tuple[_Target, str], int] = defaultdict(int)
        for run in table.runs:
            target = finder.find(owner, run.start)
            if target.key is not None and run.state is not RunState.UNKNOWN:
                seen[target.key].setdefault(f"{owner.uid or owner.key}:{run.uid}", _seen(owner, run))
                counts[target, "in its “Works on”"] += 1
            else:
                counts[target, f"nowhere: {target.reason or 'it is not known how they ended'}"] += 1
        sections[owner.key] = (_section(table, counts),)
    return RecordedRuns(seen=seen, sections=sections)


class _Finder:
    """Finds what runs ran; answers are kept, since most runs of a `cfg` ran the same."""

    def __init__(self, context: SiteContext) -> None:
        catalog = context.catalog
        self._context = context
        self._resolver = DependencyResolver(catalog.artifacts.values(), catalog.repositories, ())
        self._answers: dict[tuple[ArtifactKey, object], _Target] = {}

    def find(self, owner: Artifact, start: RunStart) -> _Target:
        """Return what a run of a `cfg` ran."""
        question = (owner.key, start.dependency)
        if question not in self._answers:
            self._answers[question] = self._found(owner, start)
        return self._answers[question]

    def _found(self, owner: Artifact, start: RunStart) -> _Target:
        if not start.names_something:
            return _Target(words="not recorded", reason="the input names no artifact")
        words = shortened(start.selection, MAX_TEXT)
        if start.name != NO_NAME:
            key = program_key(self._context, start.selection, owner.key.repository)
            reason = "no artifact of this catalogue has this name"
            return _Target(words=words, key=key, reason="" if key else reason)
        (edge,) = self._resolver.edges(replace(owner, dependencies=(start.dependency,)))
        if edge.resolution is Resolution.FOUND:
            return _Target(words=words, key=edge.targets[0])
        names = [self._context.catalog.artifacts[key].display_name for key in edge.targets]
        if names:
            more = f" and {len(names) - MAX_SHOWN:,} more" if len(names) > MAX_SHOWN else ""
            said = shortened(", ".join(names[:MAX_SHOWN]), MAX_TEXT)
            return _Target(words=words, reason=f"{said}{more} have these tags, and the runs do not say which it was")
        return _Target(words=words, reason="no artifact has these tags here or where this repository says it builds on")


def _seen(owner: Artifact, run: TableRun) -> Seen:
    start = run.start
    variations = ", ".join(f"_{name}" for name in start.variations)
    return Seen(
        fails=run.state is RunState.FAILED,
        system=shortened(start.system, MAX_TEXT) or NOT_STATED,
        architecture=shortened(start.architecture, MAX_TEXT) or NOT_STATED,
        accelerator="none" if start.device.lower() == "cpu" else shortened(start.device, MAX_TEXT) or NOT_STATED,
        versions=shortened(", ".join(part for part in (start.version, variations) if part), MAX_TEXT) or NOT_STATED,
        time=run.date.partition(".")[0],
        address=f"{artifact_address(owner.key)}#runs",
        origin=f"run in cfg:{shortened(owner.display_name, MAX_TEXT)}",
    )


def _section(table: RunTable, counts: Mapping[tuple[_Target, str], int]) -> TypeSection:
    """Return what a `cfg` shows of what its runs ran: those that count first, then by how many there are."""
    ordered = sorted(counts.items(), key=lambda item: (item[0][0].key is None, -item[1], item[0][0].words, item[0][1]))
    rows = [
        (target.words, artifact_address(target.key) if target.key else "", counted(count, "run"), where)
        for (target, where), count in ordered
    ]
    values = {"rows": bounded(rows, MAX_ROWS), "left_out": counted(table.left_out, "run") if table.left_out else ""}
    return TypeSection(title="What was run", anchor="what-was-run", template="sections/runs_count.html", values=values)
