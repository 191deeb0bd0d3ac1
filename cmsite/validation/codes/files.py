"""Findings about files and folders: what cannot be read, published or found."""

from cmsite.diagnostics import FindingCode, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM401",
        severity=_E,
        title="unreadable file",
        advice="The file cannot be read, so it can be neither checked nor published.",
    ),
    FindingCode(
        code="CM402",
        severity=_W,
        title="README is not UTF-8",
        advice="The README is shown as Latin-1, so single letters may be wrong. Save it as UTF-8.",
    ),
    FindingCode(
        code="CM403",
        severity=_W,
        title="link leads out",
        advice="A symbolic link that leads out of the repository, nowhere, or in a circle is left out of pages and archives.",
    ),
    FindingCode(
        code="CM404",
        severity=_N,
        title="not a file",
        advice="A device, pipe, socket or submodule holds no bytes of this repository and is left out.",
    ),
    FindingCode(
        code="CM405",
        severity=_E,
        title="unsafe name",
        advice="A name that cannot be written on every system, or that could leave its folder, is left out.",
    ),
    FindingCode(
        code="CM406",
        severity=_W,
        title="folder without meta",
        advice="A folder beside artifacts has no meta, so no client sees it. Add one or move the folder.",
    ),
    FindingCode(
        code="CM407",
        severity=_N,
        title="meta too deep",
        advice="The clients look exactly two levels below the prefix; a deeper meta is a template or is lost.",
    ),
    FindingCode(
        code="CM408",
        severity=_E,
        title="artifact too large",
        advice="The archive would be larger than `archives.max_bytes`. Publish it with `bytes: link`, or move large files out.",
    ),
    FindingCode(
        code="CM409",
        severity=_E,
        title="no artifacts",
        advice="The source holds nothing that a CM, CK or MLC client would take for an artifact.",
    ),
    FindingCode(
        code="CM410",
        severity=_N,
        title="misleading ending",
        advice="The archive is of another form than its name says. It was read by its content; programs that go by the name fail.",
    ),
)
