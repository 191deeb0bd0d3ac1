"""What a `codecheck.yml` says: which paper was checked, by whom, when, and which files came out; pure values.

Source: CODECHECK configuration file, version 1.0 (https://codecheck.org.uk/spec/config/1.0/).
"""

from dataclasses import dataclass

CODECHECK_NAMES = ("codecheck.yml", "codecheck.yaml")
"""The file's name; the second is a common slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """One entry of the manifest.

    `path` is as the manifest writes it; `source` the file's path in the source tree, "" where it is not there, and then
    `size_bytes` is None; `sha256` is "" until the file is read, or where it is too large for that.
    """

    path: str
    comment: str = ""
    source: str = ""
    size_bytes: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One `codecheck.yml`, at `path` in its source tree; texts are as written, "" where not stated.

    People are (name, ORCID). `reference` is the paper's; `report` leads to the certificate's text; `certificate` is its number (`2020-008`);
    `left_out` counts entries of the manifest that are not among `files`.
    """

    path: str
    version: str = ""
    title: str = ""
    authors: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    checkers: tuple[tuple[str, str], ...] = ()
    report: str = ""
    certificate: str = ""
    check_time: str = ""
    source: str = ""
    repository: str = ""
    summary: str = ""
    files: tuple[CheckedFile, ...] = ()
    left_out: int = 0

    @property
    def is_checked(self) -> bool:
        """Return whether somebody checked: a file that its authors prepared names no codechecker and no certificate."""
        return bool(self.checkers or self.certificate or self.report)
