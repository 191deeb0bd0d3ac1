"""`codecheck.yml` → a certificate and findings; never raises, whatever the file holds.

A file of the manifest is looked for where the manifest says, from the folder of `codecheck.yml`, then in
`codecheck/outputs/`, where codecheckers keep copies. Nothing is fetched: what stands there is shown as stated.
Source: CODECHECK configuration file, version 1.0 (https://codecheck.org.uk/spec/config/1.0/).
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from cmsite import documents
from cmsite.diagnostics import Diagnostic, Place
from cmsite.documents import Document
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.model.certificates import CODECHECK_NAMES, Certificate, CheckedFile
from cmsite.results.codes import RESULT_CODES
from cmsite.results.fields import Block, Report, shown

MAX_BYTES = 1_000_000  # Of one codecheck.yml.
MAX_CERTIFICATES = 5  # Of one artifact.
MAX_FILES = 200  # Of one manifest.
MAX_HASHED = 64_000_000  # Bytes of all files of one manifest that are read for their digests.
MAX_PEOPLE = 100

_OUTPUTS = "codecheck/outputs/"
_NUMBER = re.compile(r"\d{4}-\d{3,4}\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\Z", re.ASCII)

Files = Mapping[str, tuple[str, int]]
"""Files by their path from the folder of `codecheck.yml` → (path in the source tree, bytes)."""

Read = Callable[[str], bytes]
"""Returns the bytes of a file by its path in the source tree; raises `SourceError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReading:
    """What came of one file; `certificate` is None where it could not be read at all."""

    certificate: Certificate | None
    findings: tuple[Diagnostic, ...] = ()


class _FileReport(Report):
    """Collects the findings about one file; all of its shape are CM522."""

    def __init__(self, repository: str, document: Document) -> None:
        self._repository, self._document = repository, document
        self._found = []

    def add(self, code: str, pointer: str, message: str, hint: str = "") -> None:
        code = code if code == "CM523" else "CM522"
        place = self._document.place(pointer) if self._document.data is not None else None
        self._found.append(_finding(self._repository, self._document.path, code, message, hint, pointer, place))


def certificate_files(artifact: Artifact) -> tuple[ArtifactFile, ...]:
    """Return the codecheck.yml files of an artifact, the outermost first."""
    found = [
        file
        for file in artifact.files
        if file.path.endswith(CODECHECK_NAMES) and file.path.rpartition("/")[2] in CODECHECK_NAMES
    ]
    return tuple(sorted(found, key=lambda file: (file.path.count("/"), file.path))[:MAX_CERTIFICATES])


def artifact_certificates(artifact: Artifact, read: Read, *, digests: bool) -> tuple[CertificateReading, ...]:
    """Read every codecheck.yml of an artifact; with `digests` the files of the manifests are read too."""
    readings = []
    for file in certificate_files(artifact):
        base = file.path.rpartition("/")[0]
        skip = len(base) + 1 if base else 0
        files = {
            other.path[skip:]: (other.source, other.size_bytes)
            for other in artifact.files
            if not skip or other.path.startswith(f"{base}/")
        }
        reading = read_certificate(artifact.key.repository, file.source, file.size_bytes, files, read)
        if digests and reading.certificate is not None:
            reading = replace(reading, certificate=with_digests(reading.certificate, read))
        readings.append(reading)
    return tuple(readings)


def read_certificate(repository: str, path: str, size_bytes: int, files: Files, read: Read) -> CertificateReading:
    """Read one codecheck.yml of a repository; `path` is the one in the source tree."""
    if size_bytes > MAX_BYTES:
        message = f"is {size_bytes:,} bytes; a codecheck.yml of more than {MAX_BYTES:,} is not read"
        return _refused(repository, path, message, "keep data out of it")
    try:
        document = documents.parse(path, read(path)[:MAX_BYTES])
    except SourceError as error:
        return _refused(repository, path, f"cannot be read: {error}", "make the file readable")
    if not isinstance(document.data, dict):
        problem = document.problems[0] if document.problems else None
        message = problem.message if problem else f"must be a mapping of keys to values, got {shown(document.data)}"
        hint = "https://codecheck.org.uk/spec/config/1.0/ says what stands in it"
        found = _finding(repository, path, "CM522", message, hint, "", problem.place if problem else None)
        return CertificateReading(certificate=None, findings=(found,))
    report = _FileReport(repository, document)
    read_with = tuple(
        _finding(repository, path, "CM522", item.message, item.hint, item.pointer, item.place)
        for item in document.problems
    )
    certificate = _certificate(path, Block(document.data, "", report), files)
    return CertificateReading(certificate=certificate, findings=(*read_with, *report.findings))


def _certificate(path: str, block: Block, files: Files) -> Certificate:
    paper = block.block("paper")
    if not block.has("manifest"):
        hint = "list the files that the workflow makes, each with `file:` and `comment:`"
        block.report.add("CM522", "", "manifest is missing", hint)
    listed = block.blocks("manifest")
    found = Certificate(
        path=path,
        version=block.text("version"),
        title=paper.text("title", required=True),
        authors=_people(paper, "authors"),
        reference=paper.text("reference"),
        checkers=_people(block, "codechecker"),
        report=block.text("report"),
        certificate=block.text("certificate"),
        check_time=block.text("check_time"),
        source=block.text("source"),
        repository=", ".join(block.texts("repository")),
        summary=block.text("summary"),
        files=tuple(_checked_file(item, files) for _, item in listed[:MAX_FILES]),
        left_out=max(0, len(listed) - MAX_FILES),
    )
    _check(found, block)
    return found


def _check(found: Certificate, block: Block) -> None:
    """Report what a finished check has to say; a file that its authors prepared needs none of it."""
    if found.is_checked:
        for key in ("codechecker", "report", "certificate", "check_time"):
            if not block.has(key):
                block.report.add("CM522", "", f"{key} is missing, though somebody checked", f"add `{key}:`")
    if found.certificate and not _NUMBER.match(found.certificate):
        message = f"certificate {shown(found.certificate)} is no number of the register"
        block.report.add("CM522", block.at("certificate"), message, "write year and number, such as 2020-008")
    if found.check_time and not _DATE.match(found.check_time):
        message = f"check_time {shown(found.check_time)} is no date"
        block.report.add("CM522", block.at("check_time"), message, 'write "2020-04-09 09:40:00"')
    if found.left_out:
        message = f"the manifest has {found.left_out + MAX_FILES:,} entries, the first {MAX_FILES} are shown"
        block.report.add("CM522", block.at("manifest"), message, "list what a reader should compare")


def _people(block: Block, key: str) -> tuple[tuple[str, str], ...]:
    """Return (name, ORCID) of people from a list of mappings with `name`, from one such mapping, or from names."""
    value = block.data.get(key)
    items = value if isinstance(value, list) else [] if value is None else [value]
    people = []
    for index, item in enumerate(items[:MAX_PEOPLE]):
        inner = Block(item if isinstance(item, dict) else {"name": item}, block.at(key, index), block.report)
        name = inner.text("name", required=True)
        if name:
            people.append((name, inner.text("ORCID") or inner.text("orcid")))
    return tuple(people)


def _checked_file(block: Block, files: Files) -> CheckedFile:
    path, comment = block.text("file", required=True), block.text("comment")
    if not path:
        return CheckedFile(path="(no file named)", comment=comment)
    if path.startswith("/") or "\\" in path or ".." in path.split("/") or re.match("[A-Za-z]:", path):
        message = f"{shown(path)} leads out of the folder of codecheck.yml"
        block.report.add("CM522", block.at("file"), message, "name a file by its path from there")
        return CheckedFile(path=path, comment=comment)
    path = path.removeprefix("./")
    name = path.rpartition("/")[2]
    for place in (path, _OUTPUTS + path, _OUTPUTS + name):
        if place in files:
            source, size_bytes = files[place]
            return CheckedFile(path=path, comment=comment, source=source, size_bytes=size_bytes)
    message = f"{shown(path)} of the manifest is neither beside codecheck.yml nor in {_OUTPUTS}"
    block.report.add("CM523", block.at("file"), message, "add the file, or correct its path")
    return CheckedFile(path=path, comment=comment)


def with_digests(certificate: Certificate, read: Read) -> Certificate:
    """Return the certificate with the sha256 of its files, in their order, until `MAX_HASHED` bytes are read."""
    left, files = MAX_HASHED, []
    for file in certificate.files:
        digest = ""
        if file.source and file.size_bytes is not None and file.size_bytes <= left:
            left -= file.size_bytes
            try:
                digest = hashlib.sha256(read(file.source)).hexdigest()
            except SourceError:
                digest = ""  # It vanished since the folder was listed; the page shows no digest.
        files.append(replace(file, sha256=digest))
    return replace(certificate, files=tuple(files))


def files_below(entries: Iterable[tuple[str, int]], folder: str) -> dict[str, tuple[str, int]]:
    """Return files of a source tree, as (path, bytes), by their path from a folder.

    >>> files_below([("a/b.csv", 3), ("c", 1)], "a")
    {'b.csv': ('a/b.csv', 3)}
    """
    skip = len(folder) + 1 if folder else 0
    return {path[skip:]: (path, size) for path, size in entries if not skip or path.startswith(f"{folder}/")}


def _refused(repository: str, path: str, message: str, hint: str) -> CertificateReading:
    return CertificateReading(certificate=None, findings=(_finding(repository, path, "CM522", message, hint),))


def _finding(
    repository: str, path: str, code: str, message: str, hint: str, pointer: str = "", place: Place | None = None
) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=RESULT_CODES[code].severity,
        repository=repository,
        path=path,
        message=message,
        pointer=pointer,
        hint=hint,
        place=place,
    )
