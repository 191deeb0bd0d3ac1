"""Findings about what one artifact says of another: dependencies, variations, bases."""

from cmsite.diagnostics import FindingCode, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM301",
        severity=_W,
        title="dangling dependency",
        advice="No artifact has these tags, so the dependency fails when it runs.",
    ),
    FindingCode(
        code="CM302",
        severity=_W,
        title="unknown variation",
        advice="The artifact is there, but it has no such variation, so the dependency fails when it runs.",
    ),
    FindingCode(
        code="CM303",
        severity=_N,
        title="alternatives",
        advice="Several artifacts match. Often that is meant (`get,compiler`): the client asks or takes the first.",
    ),
    FindingCode(
        code="CM304",
        severity=_N,
        title="unresolved here",
        advice="Nothing matches here, but a repository this one builds on is not part of the registry. Name it under `requires:` or with --with.",
    ),
    FindingCode(
        code="CM305",
        severity=_W,
        title="unknown base",
        advice="`_base` names an artifact that is not there, so `cm` stops when it loads this one.",
    ),
)
