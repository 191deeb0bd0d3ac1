"""Which findings are reported: those that registry.yml selects and does not ignore.

Source: CONTRACT §5 (`rules:`): an ignore has a reason, and ends on a day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from cmsite.declared import IgnoreSpec, RulesSpec
from cmsite.diagnostics import Diagnostic
from cmsite.validation.problems import problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """Findings that are reported, and those that are ignored, each with the entry that does so."""

    shown: tuple[Diagnostic, ...]
    ignored: tuple[tuple[Diagnostic, IgnoreSpec], ...]


def select_findings(findings: Iterable[Diagnostic], rules: RulesSpec, today: str) -> Selected:
    """Sort findings; an ignore ends on its `until` date (YYYY-MM-DD), the first that fits counts."""
    active = tuple(ignore for ignore in rules.ignores if not _is_over(ignore, today))
    shown: list[Diagnostic] = []
    ignored: list[tuple[Diagnostic, IgnoreSpec]] = []
    for found in findings:
        if rules.select and not found.code.startswith(rules.select):
            continue
        by = next((ignore for ignore in active if _is_ignored(found, ignore)), None)
        if by is None:
            shown.append(found)
        else:
            ignored.append((found, by))
    return Selected(shown=tuple(shown), ignored=tuple(ignored))


def check_ignores(path: str, rules: RulesSpec, selected: Selected, today: str) -> Iterator[Diagnostic]:
    """Yield a finding for each entry of `rules.ignore` that is over, or that ignores nothing; `path` is registry.yml."""
    used = Counter(ignore for _, ignore in selected.ignored)
    for number, ignore in enumerate(rules.ignores):
        if _is_over(ignore, today):
            found = problem(
                "CM114",
                f"the ignore of {ignore.code} ended on {ignore.until}; its reason was: {ignore.reason}",
                hint="mend what it hid and remove it, or set a later day",
            )
        elif not used[ignore]:
            where = f" below {', '.join(ignore.paths)}" if ignore.paths else ""
            found = problem(
                "CM115",
                f"there is no {ignore.code}{where} that could be ignored",
                hint="remove the entry, or correct its code and paths (they begin at the root of the source)",
            )
        else:
            continue
        yield replace(found, place=ignore.place, pointer=f"/rules/ignore/{number}").in_file("", path)


def _is_over(ignore: IgnoreSpec, today: str) -> bool:
    return bool(ignore.until) and today >= ignore.until


def _is_ignored(found: Diagnostic, ignore: IgnoreSpec) -> bool:
    if found.code != ignore.code:
        return False
    return not ignore.paths or any(fnmatchcase(found.path, f"{pattern.rstrip('/')}*") for pattern in ignore.paths)
