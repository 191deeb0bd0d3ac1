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
        title="symbolic link leads out",
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
    FindingCode(
        code="CM411",
        severity=_W,
        title="named file is absent",
        advice="The meta names a file that its folder does not hold, so the client stops when it needs it. Add the file, or correct the name.",
        source="https://github.com/mlcommons/mlperf-automations/blob/dev/automation/script/module.py",
    ),
    FindingCode(
        code="CM412",
        severity=_W,
        title="broken link",
        advice="A link or image of a text leads to no file of the repository, so readers get an error or a gap. Correct the path: it counts from the folder of the text.",
        source="https://spec.commonmark.org/0.31.2/#links",
    ),
    FindingCode(
        code="CM413",
        severity=_W,
        title="link in other letters",
        advice="The file is there with capital and small letters exchanged. The link works on macOS and Windows only; on Linux and on the web it is broken.",
        source="https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1",
    ),
    FindingCode(
        code="CM414",
        severity=_N,
        title="link leads out",
        advice="A link leads out of what was read, so nobody can tell whether it works, and it does not work where the artifact is published or pulled. Write the whole address.",
        source="https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4",
    ),
    FindingCode(
        code="CM421",
        severity=_E,
        title="private key",
        advice="Whoever reads the repository can act as the owner of this key. Withdraw it and make a new one; removing the file is not enough, since the history keeps it.",
        source="https://www.rfc-editor.org/rfc/rfc7468#section-10",
    ),
    FindingCode(
        code="CM422",
        severity=_E,
        title="access token",
        advice="Whoever reads the repository can use this token. Withdraw it where it was issued, then take a new one from the environment; the history keeps the old one.",
        source="https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns",
    ),
    FindingCode(
        code="CM423",
        severity=_W,
        title="password hash",
        advice="A password can be guessed from its hash by trying many on a fast machine. Change the password, and keep its hash out of what is published.",
        source="https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html",
    ),
    FindingCode(
        code="CM424",
        severity=_W,
        title="password in an address",
        advice="The address carries a name and password, which every log and every reader sees. Change the password, and write the address without it.",
        source="https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
    ),
    FindingCode(
        code="CM425",
        severity=_N,
        title="huge file",
        advice="Everybody who pulls the artifact or clones the repository fetches this file, in every version it ever had. Publish large data elsewhere and name it by address and digest.",
        source="https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github",
    ),
    FindingCode(
        code="CM426",
        severity=_N,
        title="content is elsewhere",
        advice="The file is a pointer of Git LFS and its content was not fetched, so the pointer is what would be published. Run `git lfs pull` before.",
        source="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md",
    ),
    FindingCode(
        code="CM427",
        severity=_N,
        title="files that programs left behind",
        advice="Compiled Python, thumbnails and temporary files are of no use to others and change the digest of the artifact. Remove them, and name them in .gitignore or .cmignore.",
        source="https://git-scm.com/docs/gitignore",
    ),
)
