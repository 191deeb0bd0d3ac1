"""CODECHECK certificates as the pages of artifacts and repositories show them, as stated: nothing is looked up.

Source: CODECHECK configuration file, version 1.0; facts/results.md §1.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.certificates import Certificate, CheckedFile
from cmsite.results.certificates import artifact_certificates
from cmsite.results.web_address import web_address
from cmsite.site.cells import Cell, Fact, day, facts
from cmsite.site.context import SiteContext
from cmsite.site.links import file_url
from cmsite.site.result_rows import web_address as reference_address
from cmsite.site.text import size
from cmsite.site.view_rows import Link, TypeSection

MAX_FILES = 40
"""Files of one certificate on a page."""

MAX_CERTIFICATES = 2
"""Certificates of one artifact on its page."""

MAX_CHARACTERS = 6_000  # Of the files' HTML; a page stays within 40 kB.
MAX_PEOPLE = 20
MAX_NAME = 120
MAX_TEXT = 600
_ROW = 150  # Characters around the cells of a row.
_REGISTER = "https://codecheck.org.uk/register/certs/"


AddressOf = Callable[[str], str]
"""Leads to a file by its path in the source tree, "" where it has no public address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """One certificate; `line` says in a sentence who checked and when; `files` are (path, comment, size, sha256)."""

    file: str
    line: str
    facts: tuple[Fact, ...]
    files: tuple[tuple[Link, str, str, str], ...]
    left_out: int
    missing: int


def certificate_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the section of the certificates of an artifact, none where no codecheck.yml can be read."""
    artifact = context.catalog.artifacts[key]
    readings = artifact_certificates(artifact, partial(context.read, artifact), digests=True)
    found = [reading.certificate for reading in readings if reading.certificate is not None]
    if not found:
        return ()
    views = tuple(
        certificate_view(one, partial(_file_address, context, artifact), artifact.path)
        for one in found[:MAX_CERTIFICATES]
    )
    return (
        TypeSection(
            title="CODECHECK",
            anchor="codecheck",
            template="sections/certificate.html",
            values={"certificates": views, "left_out": len(found) - len(views)},
            first=True,
        ),
    )


def repository_certificates(context: SiteContext, name: str) -> tuple[CertificateView, ...]:
    """Return the certificate at the root of a repository."""
    repository = context.repositories[name]
    found = repository.certificate
    return () if found is None else (certificate_view(found, lambda _: "", repository.path),)


def certificate_view(certificate: Certificate, address: AddressOf, folder: str) -> CertificateView:
    """Return one certificate; `address` leads to a file by its path in the source tree, `folder` is left out of names."""
    rows = [_file_row(file, address) for file in certificate.files[:MAX_FILES]]
    shown = rows[: _fitting(rows)]
    return CertificateView(
        file=certificate.path.removeprefix(f"{folder}/") if folder else certificate.path,
        line=_line(certificate),
        facts=facts((name, cell) for name, cell in _facts(certificate) if cell),
        files=tuple(shown),
        left_out=len(certificate.files) - len(shown) + certificate.left_out,
        missing=sum(not file.source for file in certificate.files),
    )


def _fitting(rows: Sequence[tuple[Link, str, str, str]]) -> int:
    """Return how many of the first rows fit on the page."""
    used = 0
    for number, (link, comment, amount, digest) in enumerate(rows):
        used += _ROW + len(link.text) + len(link.address) + len(comment) + len(amount) + len(digest)
        if used > MAX_CHARACTERS and number:
            return number
    return len(rows)


def _line(certificate: Certificate) -> str:
    if not certificate.is_checked:
        return "Prepared by its authors for a check: no codechecker, report or certificate is named yet."
    who = _names(certificate.checkers) or "somebody who is not named"
    when = day(certificate.check_time) or "at a time that is not stated"
    return f"Checked by {who}, {when}, as codecheck.yml states; nothing was looked up."


def _facts(certificate: Certificate) -> Iterator[tuple[str, Cell]]:
    yield "Paper", certificate.title[:MAX_TEXT]
    yield "Authors", _names(certificate.authors)[:MAX_TEXT]
    yield "Reference", _link(certificate.reference)
    if certificate.is_checked:
        yield "Codechecker", tuple(_person(*person) for person in certificate.checkers[:MAX_PEOPLE]) or "not stated"
        yield "Check time", certificate.check_time[:MAX_TEXT] or "not stated"
        yield "Report", _link(certificate.report) or "not stated"
        yield "Certificate", _number(certificate.certificate) or "not stated"
    yield "Summary", certificate.summary[:MAX_TEXT]
    yield "Repository", _link(certificate.repository)
    yield "Source", _link(certificate.source)
    yield "Specification", _link(certificate.version)


def _names(people: Sequence[tuple[str, str]]) -> str:
    return ", ".join(name for name, _ in people)


def _person(name: str, orcid: str) -> Link:
    address = web_address(f"https://orcid.org/{orcid.rpartition('/')[2]}") if orcid else ""
    return Link(text=name[:MAX_NAME], address=address)


def _number(text: str) -> Cell:
    return (Link(text=text[:MAX_TEXT], address=web_address(f"{_REGISTER}{text}/")),) if text else ""


def _link(text: str) -> Cell:
    if not text:
        return ""
    address = web_address(reference_address(text))
    return (Link(text=text[:MAX_TEXT], address=address),) if address else text[:MAX_TEXT]


def _file_row(file: CheckedFile, address: AddressOf) -> tuple[Link, str, str, str]:
    link = Link(text=file.path[:MAX_TEXT], address=address(file.source) if file.source else "")
    if file.size_bytes is None:
        return link, file.comment[:MAX_TEXT], "not here", ""
    return link, file.comment[:MAX_TEXT], size(file.size_bytes), file.sha256


def _file_address(context: SiteContext, artifact: Artifact, source: str) -> str:
    return file_url(context, artifact, source)
