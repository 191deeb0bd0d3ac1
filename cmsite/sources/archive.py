"""An archive as a source: zip or tar, the latter plain or compressed by gzip, xz, bzip2 or zstd.

What it is says its content, never its name. Nothing is unpacked: members are read where they lie, in the file itself
or, for a compressed tar, in an anonymous temporary file that is gone with the process. The whole archive is checked
when it is opened, so that a lie stops the build before it began.
Source: DESIGN §4; facts/index.md §4 (attacks 1-35).
"""

import weakref
from pathlib import Path

from cmsite.archive_limits import ArchiveLimits
from cmsite.decompression import DecompressionFault
from cmsite.errors import IntegrityError, OutputError, SourceError
from cmsite.member_names import shown
from cmsite.model.tree import Change, FileEntry, Provenance, RefusedEntry
from cmsite.sources.archive_file import ArchiveFault, ArchiveFile
from cmsite.sources.archive_members import Member, content_of
from cmsite.sources.extents import ExtentFault
from cmsite.sources.limits import DEFAULT_LIMITS
from cmsite.sources.zip_end import ZipFault
from cmsite.tar_reader import TarFault

_DEFAULT_LIMITS = ArchiveLimits()


class ArchiveTree:
    """The files of one archive, listed and checked once when the tree is made; a `SourceTree`.

    `sha256` is the digest the file must have; `location` is the address as it may be published, by default the
    file's name; without `peel` a single folder at the top stays. Reading works in forked processes: it goes by place, not by the position of the descriptor.

    Raises `SourceError` where the file cannot be read, is no archive, or lies; `IntegrityError` where its digest is
    not `sha256`; `OutputError` where there is no room for the temporary file.
    """

    def __init__(
        self,
        path: Path,
        *,
        label: str,
        sha256: str | None = None,
        location: str = "",
        limits: ArchiveLimits = _DEFAULT_LIMITS,
        peel: bool = True,
    ) -> None:
        self._label = label
        self.path = path
        self._name = path.name
        self._file = self._opened(path, limits)
        weakref.finalize(self, self._file.close)
        digest = self._checked_digest(sha256)
        self._content = content_of(self._members(), limits, peel=peel)
        self._refused = tuple(sorted((*self._ending_note(), *self._content.refused), key=lambda entry: entry.path))
        self._provenance = Provenance(kind="archive", location=location or path.name, sha256=digest)

    @property
    def label(self) -> str:
        """Return what the user called the source, for messages."""
        return self._label

    @property
    def provenance(self) -> Provenance:
        """Return where the tree came from."""
        return self._provenance

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """Return every regular file, sorted by the bytes of its path."""
        return self._content.entries

    @property
    def refused(self) -> tuple[RefusedEntry, ...]:
        """Return names that were left out, sorted by path."""
        return self._refused

    def read(self, path: str) -> bytes:
        """Return the bytes of one entry.

        Raises `SourceError` where the path is no entry, or the archive was changed since it was opened.
        """
        extent = self._content.extents.get(path)
        if extent is None:
            raise self._error(f"'{shown(path)}' is not a file of this archive")
        if extent.size_bytes > DEFAULT_LIMITS.file_bytes:
            raise self._error(
                f"'{path}' has {extent.size_bytes} bytes, at most {DEFAULT_LIMITS.file_bytes} are read; exclude it"
            )
        try:
            return self._file.content(extent)
        except (OSError, ExtentFault) as error:
            raise self._error(f"'{path}' {error}; check that the archive is still in its place") from error

    def on_disk(self, path: str) -> Path | None:
        """Return nothing: archives are never edited."""
        del path
        return None

    def last_changes(self, folders: tuple[str, ...]) -> dict[str, Change]:
        """Return nothing: an archive has no history."""
        del folders
        return {}

    def _error(self, what: str) -> SourceError:
        named = "" if Path(self._label).name == self._name else f"{self._name}: "
        return SourceError(f"{self._label}: {named}{what}")

    def _opened(self, path: Path, limits: ArchiveLimits) -> ArchiveFile:
        try:
            return ArchiveFile(path, limits)
        except OSError as error:
            raise self._error(f"cannot be opened: {error.strerror or error}; check the path and permissions") from error
        except ArchiveFault as fault:
            raise self._error(str(fault)) from fault

    def _checked_digest(self, expected: str | None) -> str:
        try:
            got = self._file.digest()
        except OSError as error:
            raise self._error(f"cannot be read: {error.strerror or error}") from error
        if expected is not None and got != expected.lower():
            raise IntegrityError(
                f"{self._label}: {self._name} has sha256:{got}, expected sha256:{expected}; "
                "fetch it again, or correct `sha256:` of the source"
            )
        return got

    def _members(self) -> tuple[Member, ...]:
        try:
            return self._file.members()
        except (ArchiveFault, DecompressionFault, TarFault, ZipFault) as fault:
            raise self._error(f"{fault}; fetch the archive again, or pack it anew") from fault
        except OSError as error:
            raise OutputError(
                f"{self._label}: cannot expand {self._name} to a temporary file: {error.strerror or error}; "
                "free some space, or set TMPDIR to a folder that has it"
            ) from error

    def _ending_note(self) -> tuple[RefusedEntry, ...]:
        if self._file.has_fitting_name(self._name):
            return ()
        what = f"'{shown(self._name)}' is {self._file.form} by its content, whatever its name says"
        return (
            RefusedEntry(path="", code="CM410", message=what, hint=f"rename it to end in {self._file.usual_ending()}"),
        )
