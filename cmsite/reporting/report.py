"""What every format of a report is made of: findings, counts, and where their files lie. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cmsite.diagnostics import Diagnostic, FindingCode, Severity

SourceLine = Callable[[Diagnostic], str]
"""Finding → the line of its place, "" where there is none."""

ReportPath = Callable[[str, str], str]
"""(repository key, path in the source) → the path in the checkout that a report is about, with "/" between names.

A file outside of it has its absolute path or, where it came from elsewhere, an address.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run of `cmsite validate`.

    `findings` are those to report, in the order of reports; `artifacts` were checked, `left_out` of them could not be
    read. `known` findings are left out because the baseline holds them, `stale` entries of the baseline occur no more,
    `unchanged` findings are left out because they are older than the revision of --changed-since, `ignored` ones because
    registry.yml ignores them with a reason. `files` are the metas that were read, as (repository key, path). `codes` say
    what each code means.
    """

    findings: tuple[Diagnostic, ...]
    artifacts: int
    left_out: int = 0
    known: int = 0
    stale: int = 0
    unchanged: int = 0
    ignored: int = 0
    files: tuple[tuple[str, str], ...] = ()
    codes: Mapping[str, FindingCode] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)

    def title(self, code: str) -> str:
        """Return the title of a code, "" where it is unknown."""
        return self.codes[code].title if code in self.codes else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCount:
    """How often one code was found with one severity, and in how many files."""

    code: str
    severity: Severity
    findings: int
    files: int


def counts_by_code(findings: Iterable[Diagnostic]) -> tuple[CodeCount, ...]:
    """Return the counts: errors before warnings before notes, then the most frequent first."""
    found: Counter[tuple[str, Severity]] = Counter()
    files: dict[tuple[str, Severity], set[tuple[str, str]]] = {}
    for finding in findings:
        key = (finding.code, finding.severity)
        found[key] += 1
        files.setdefault(key, set()).add((finding.repository, finding.path))
    counts = (
        CodeCount(code=code, severity=severity, findings=count, files=len(files[code, severity]))
        for (code, severity), count in found.items()
    )
    return tuple(sorted(counts, key=lambda item: (-item.severity, -item.findings, item.code)))


def plural(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> plural(1, "repository"), plural(2_000, "repository"), plural(2, "file")
    ('1 repository', '2,000 repositories', '2 files')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"
