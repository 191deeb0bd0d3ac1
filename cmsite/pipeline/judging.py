"""From everything that was found to what is reported: chosen codes, less the baseline, less what is older.

Each step leaves out whole findings and says how many; none changes one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cmsite import __version__
from cmsite.diagnostics import Diagnostic, Severity
from cmsite.errors import UsageError
from cmsite.member_names import shown
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.validate import Validation
from cmsite.progress import SILENT, Progress
from cmsite.reporting.baseline import Baseline, compare
from cmsite.reporting.report import Report
from cmsite.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One validation, and the registry.yml it was of, if any."""

    validation: Validation
    settings: Settings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What shall be reported: `wants` chooses by code, `least` is the lowest severity."""

    wants: Callable[[str], bool] = lambda _: True
    baseline: Baseline | None = None
    changed_since: str | None = None
    least: Severity = Severity.NOTE


def judged(checked: Sequence[Checked], wishes: Wishes, progress: Progress = SILENT) -> Report:
    """Return the report.

    Raises `UsageError` where --changed-since cannot be followed, or two validations hold a repository of one name.
    """
    _refuse_equal_names(checked)
    findings = tuple(found for item in checked for found in item.validation.findings if wishes.wants(found.code))
    known = stale = unchanged = 0
    if wishes.baseline is not None:
        read = {repository.key for item in checked for repository in item.validation.scan.repositories} | {""}
        compared = compare(
            findings,
            wishes.baseline,
            __version__,
            lambda entry: entry.repository in read and wishes.wants(entry.code),
        )
        findings, known, stale = compared.new, compared.known, len(compared.stale)
    if wishes.changed_since is not None:
        recent = _recent(checked, wishes.changed_since, progress)
        unchanged = sum(1 for found in findings if found not in recent)
        findings = tuple(found for found in findings if found in recent)
    return Report(
        findings=tuple(found for found in findings if found.severity >= wishes.least),
        artifacts=sum(item.validation.artifacts for item in checked),
        left_out=sum(item.validation.left_out for item in checked),
        known=known,
        stale=stale,
        unchanged=unchanged,
        ignored=sum(1 for item in checked for found, _ in item.validation.ignored if wishes.wants(found.code)),
        files=tuple(dict.fromkeys(file for item in checked for file in item.validation.files)),
        codes=all_codes(),
    )


def _refuse_equal_names(checked: Sequence[Checked]) -> None:
    """Refuse what no report could tell apart: findings name their repository."""
    known: dict[str, Checked] = {}
    for item in checked:
        for repository in item.validation.scan.published:
            other = known.setdefault(repository.key, item)
            if other is not item:
                raise UsageError(
                    f"{_name(other)} and {_name(item)} both hold a repository {shown(repository.key)!r}: validate one after the other"
                )


def _name(item: Checked) -> str:
    return str(item.settings.path) if item.settings is not None else "the folders and archives"


def _recent(checked: Sequence[Checked], revision: str, progress: Progress) -> set[Diagnostic]:
    from cmsite.pipeline.changes import recent_findings

    return {
        found
        for item in checked
        for found in recent_findings(item.validation, item.settings, revision, progress=progress)
    }
