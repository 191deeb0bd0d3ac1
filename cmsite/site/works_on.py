"""Where an artifact works and where it fails, by what people reported: for the artifact's own page.

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
from cmsite.site.text import counted, shortened
from cmsite.site.view_rows import TypeSection, bounded

MAX_ROWS = 20
MAX_TEXT = 80  # Characters of each text.
_NOT_STATED = "not stated"


def works_on_sections(context: SiteContext) -> Mapping[ArtifactKey, tuple[TypeSection, ...]]:
    """Return a section for every artifact of the catalogue that somebody reported on, and for its copies."""
    found: dict[ArtifactKey, dict[str, Experience]] = defaultdict(dict)
    for key, artifact in context.catalog.artifacts.items():
        if key.automation == EXPERIENCE:
            report = read_experience(artifact).value
            target = program_key(context, report.reference, key.repository)
            if target is not None and report.status is not None:
                found[target].setdefault(artifact.uid or str(key), report)  # Copies of a report are one.
    sections: dict[ArtifactKey, tuple[TypeSection, ...]] = {}
    for key, reports in found.items():
        made = (_section(tuple(reports.values())),)
        for copy in (key, *context.catalog.origins.get(context.catalog.artifacts[key].identity, ())):
            sections.setdefault(copy, made)
    return sections


def sections_by_artifact(
    *several: Mapping[ArtifactKey, tuple[TypeSection, ...]],
) -> Mapping[ArtifactKey, tuple[TypeSection, ...]]:
    """Return the sections of several kinds under one key each, in the order of the arguments."""
    found: dict[ArtifactKey, tuple[TypeSection, ...]] = {}
    for sections in several:
        for key, items in sections.items():
            found[key] = (*found.get(key, ()), *items)
    return found


def _section(reports: Sequence[Experience]) -> TypeSection:
    groups: dict[tuple[str, ...], list[Experience]] = defaultdict(list)
    for report in reports:
        groups[_place(report)].append(report)
    rows = sorted((_row(place, items) for place, items in groups.items()), key=_order)
    failures = sum(report.status is ExperienceStatus.FAILS for report in reports)
    newest = max(report.check_time for report in reports)
    short = (
        f"{failures} of {counted(len(reports), 'report')} failed"
        if failures
        else f"{counted(len(reports), 'report')}, none failed"
    )
    return TypeSection(
        title="Works on",
        anchor="works-on",
        template="sections/works_on.html",
        values={
            "line": f"{short}; the newest is of {shortened(newest, MAX_TEXT) or 'an unknown day'}",
            "short": short,
            "kind": "bad" if failures == len(reports) else "unsure" if failures else "good",
            "rows": bounded(rows, MAX_ROWS),
        },
    )


def _place(report: Experience) -> tuple[str, ...]:
    """Return (status, operating system, architecture, accelerator, versions)."""
    environment = dict(report.environment)
    system = environment.get("operating_system", "").partition(", kernel ")[0]
    versions = [f"{name} {version}" for name, version in report.versions]
    own = [report.version] if report.version else [f"sha256 {report.sha256[:12]}"] if report.sha256 else []
    assert report.status is not None  # noqa: S101 - those without one are no reports.
    return (
        report.status.value,
        shortened(system, MAX_TEXT) or _NOT_STATED,
        shortened(environment.get("host_processor_architecture", ""), MAX_TEXT) or _NOT_STATED,
        _accelerator(environment),
        shortened(", ".join([*own, *versions]), MAX_TEXT) or _NOT_STATED,
    )


def _accelerator(environment: Mapping[str, str]) -> str:
    count, name = environment.get("accelerators_per_node", ""), environment.get("accelerator_model_name", "")
    if count == "0" or name.strip().upper() == "N/A":
        return "none"
    text = f"{count} × {name}" if count and name else name or (f"{count}, model not stated" if count else "")
    return shortened(text, MAX_TEXT) or _NOT_STATED


def _row(place: tuple[str, ...], items: Iterable[Experience]) -> tuple[str, ...]:
    """Return a row of the table: the place, how many reports, the day of the newest and its address."""
    ordered = sorted(items, key=lambda item: (item.check_time, item.key))
    newest = ordered[-1]
    day = shortened(newest.check_time, MAX_TEXT) or "no date"
    return (*place, f"{len(ordered):,}", day, artifact_address(newest.key))


def _order(row: tuple[str, ...]) -> tuple[bool, int, tuple[str, ...]]:
    return (row[0] != ExperienceStatus.FAILS.value, -int(row[5].replace(",", "")), row)
