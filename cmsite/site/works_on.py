"""Where an artifact works and where it fails, by reports of people and recorded runs: for the artifact's own page.

Made once before pages are, as `tried_views` are: a page that is made again alone finds plain texts here. Reports are
counted and never weighed; failures come first. Source: docs/recording.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.experience import Experience, ExperienceStatus
from cmsite.model.names import EXPERIENCE
from cmsite.results.experiences import read_experience
from cmsite.site.context import SiteContext
from cmsite.site.programs import program_key
from cmsite.site.recorded_runs import recorded_runs
from cmsite.site.seen import NOT_STATED, REPORTS, Seen
from cmsite.site.text import counted, shortened
from cmsite.site.view_rows import TypeSection, bounded

MAX_ROWS = 20
MAX_TEXT = 80  # Characters of each text.
_COUNT = 6  # Where a row has its count: behind the texts of `Seen.place`.


def works_on_sections(context: SiteContext) -> Mapping[ArtifactKey, tuple[TypeSection, ...]]:
    """Return a section for every artifact of the catalogue that was reported on or run, and for its copies.

    A `cfg` with runs has one that says for which artifacts they count.
    """
    found: dict[ArtifactKey, dict[str, Seen]] = defaultdict(dict)
    for key, artifact in context.catalog.artifacts.items():
        if key.automation == EXPERIENCE:
            report = read_experience(artifact).value
            target = program_key(context, report.reference, key.repository)
            if target is not None and report.status is not None:
                found[target].setdefault(artifact.uid or str(key), _seen(report))  # Copies of a report are one.
    runs = recorded_runs(context)
    for target, seen in runs.seen.items():
        found[target] |= seen
    sections: dict[ArtifactKey, tuple[TypeSection, ...]] = {}
    for key, reports in found.items():
        made = (_section(tuple(reports.values())),)
        for copy in (key, *context.catalog.origins.get(context.catalog.artifacts[key].identity, ())):
            sections.setdefault(copy, made)
    return sections_by_artifact(sections, runs.sections)


def sections_by_artifact(
    *several: Mapping[ArtifactKey, tuple[TypeSection, ...]],
) -> Mapping[ArtifactKey, tuple[TypeSection, ...]]:
    """Return the sections of several kinds under one key each, in the order of the arguments."""
    found: dict[ArtifactKey, tuple[TypeSection, ...]] = {}
    for sections in several:
        for key, items in sections.items():
            found[key] = (*found.get(key, ()), *items)
    return found


def _section(reports: Sequence[Seen]) -> TypeSection:
    groups: dict[tuple[str, ...], list[Seen]] = defaultdict(list)
    for report in reports:
        groups[report.place].append(report)
    rows = sorted((_row(place, items) for place, items in groups.items()), key=_order)
    failures = sum(report.fails for report in reports)
    newest = max(report.time for report in reports)
    total = _total(reports)
    short = f"{failures} of {total} failed" if failures else f"{total}, none failed"
    return TypeSection(
        title="Works on",
        anchor="works-on",
        template="sections/works_on.html",
        values={
            "line": f"{short}; the newest is of {shortened(newest, MAX_TEXT) or 'an unknown day'}",
            "short": short,
            "kind": "bad" if failures == len(reports) else "unsure" if failures else "good",
            "rows": bounded(rows, MAX_ROWS),
            "has_reports": any(report.origin == REPORTS for report in reports),
            "has_runs": any(report.origin != REPORTS for report in reports),
        },
    )


def _total(reports: Sequence[Seen]) -> str:
    """Return how many reports there are, and how many runs that benchmarks recorded."""
    runs = sum(report.origin != REPORTS for report in reports)
    parts = ((len(reports) - runs, "report"), (runs, "recorded run"))
    return " and ".join(counted(count, noun) for count, noun in parts if count)


def _seen(report: Experience) -> Seen:
    environment = dict(report.environment)
    system = environment.get("operating_system", "").partition(", kernel ")[0]
    versions = [f"{name} {version}" for name, version in report.versions]
    own = [report.version] if report.version else [f"sha256 {report.sha256[:12]}"] if report.sha256 else []
    return Seen(
        fails=report.status is ExperienceStatus.FAILS,
        system=shortened(system, MAX_TEXT) or NOT_STATED,
        architecture=shortened(environment.get("host_processor_architecture", ""), MAX_TEXT) or NOT_STATED,
        accelerator=_accelerator(environment),
        versions=shortened(", ".join([*own, *versions]), MAX_TEXT) or NOT_STATED,
        time=report.check_time,
        address=artifact_address(report.key),
    )


def _accelerator(environment: Mapping[str, str]) -> str:
    count, name = environment.get("accelerators_per_node", ""), environment.get("accelerator_model_name", "")
    if count == "0" or name.strip().upper() == "N/A":
        return "none"
    text = f"{count} × {name}" if count and name else name or (f"{count}, model not stated" if count else "")
    return shortened(text, MAX_TEXT) or NOT_STATED


def _row(place: tuple[str, ...], items: Iterable[Seen]) -> tuple[str, ...]:
    """Return a row of the table: the place, how many reports, the day of the newest and its address."""
    newest = max(items := list(items), key=lambda item: (item.time, item.address))
    return (*place, f"{len(items):,}", shortened(newest.time, MAX_TEXT) or "no date", newest.address)


def _order(row: tuple[str, ...]) -> tuple[bool, int, tuple[str, ...]]:
    return (row[0] != ExperienceStatus.FAILS.value, -int(row[_COUNT].replace(",", "")), row)
