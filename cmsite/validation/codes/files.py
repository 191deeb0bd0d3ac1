"""Findings about files and folders: what cannot be read, published or found."""

from cmsite.diagnostics import FindingCode, Severity
from cmsite.validation.codes.sources import WINDOWS_NAMES, both, cm, mlc

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM401",
        severity=_E,
        title="unreadable file",
        advice="The file cannot be read, so it can be neither checked nor published.",
        source="docs/publishing.md (what an archive holds)",
    ),
    FindingCode(
        code="CM402",
        severity=_W,
        title="README is not UTF-8",
        advice="The README is shown as Latin-1, so single letters may be wrong. Save it as UTF-8.",
        source="https://www.rfc-editor.org/rfc/rfc3629",
    ),
    FindingCode(
        code="CM403",
        severity=_W,
        title="link leads out",
        advice="A symbolic link that leads out of the repository, nowhere, or in a circle is left out of pages and archives.",
        source="https://cwe.mitre.org/data/definitions/59.html",
    ),
    FindingCode(
        code="CM404",
        severity=_N,
        title="not a file",
        advice="A device, pipe, socket or submodule holds no bytes of this repository and is left out.",
        source=both(
            "https://git-scm.com/docs/gitsubmodules",
            "https://www.gnu.org/software/tar/manual/html_node/Standard.html (types of members)",
        ),
    ),
    FindingCode(
        code="CM405",
        severity=_E,
        title="unsafe name",
        advice="A name that cannot be written on every system, or that could leave its folder, is left out.",
        source=both(WINDOWS_NAMES, "https://cwe.mitre.org/data/definitions/22.html"),
    ),
    FindingCode(
        code="CM406",
        severity=_W,
        title="folder without meta",
        advice="A folder beside artifacts has no meta, so no client sees it. Add one or move the folder.",
        source=both(
            cm("automation.py", "search: a folder without _cm is passed over"), mlc("index.py", "_index_single_repo")
        ),
    ),
    FindingCode(
        code="CM407",
        severity=_N,
        title="meta too deep",
        advice="The clients look exactly two levels below the prefix; a deeper meta is a template or is lost.",
        source=both(cm("automation.py", "search: automation, then artifact"), mlc("index.py", "_index_single_repo")),
    ),
    FindingCode(
        code="CM408",
        severity=_E,
        title="artifact too large",
        advice="The archive would be larger than `archives.max_bytes`. Publish it with `bytes: link`, or move large files out.",
        source="docs/publishing.md",
    ),
    FindingCode(
        code="CM409",
        severity=_E,
        title="no artifacts",
        advice="The source holds nothing that a CM, CK or MLC client would take for an artifact.",
        source=both(cm("automation.py", "search"), mlc("index.py", "_index_single_repo")),
    ),
    FindingCode(
        code="CM410",
        severity=_N,
        title="misleading ending",
        advice="The archive is of another form than its name says. It was read by its content; programs that go by the name fail.",
        source=both(
            "https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1 (gzip)",
            "https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (zip)",
        ),
    ),
)
