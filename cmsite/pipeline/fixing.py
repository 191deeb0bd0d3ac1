"""`cmsite validate --fix`: mended files, planned from the findings of a validation and written where they were read."""

import difflib
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cmsite.diagnostics import Diagnostic, Fix
from cmsite.errors import OutputError, SourceError, UsageError
from cmsite.fixing.mend import MENDED_CODES, mend
from cmsite.model.tree import SourceTree
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.ingest import Scan
from cmsite.reporting.report import plural

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedFile:
    """One file that would change: where it lies, its bytes before and after, and what is mended by that."""

    path: Path
    before: bytes
    after: bytes
    mended: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixPlan:
    """Every file that would change, in the order of reports, and the findings that stay, each with the reason."""

    files: tuple[MendedFile, ...] = ()
    left: tuple[tuple[Diagnostic, str], ...] = ()

    @property
    def mended(self) -> tuple[Diagnostic, ...]:
        """Return the findings that are mended by writing the files."""
        return tuple(finding for file in self.files for finding in file.mended)


def codes_to_fix(asked: Iterable[str]) -> frozenset[str]:
    """Return the codes that `--fix` means: "" all safe ones, else the code itself.

    Raises `UsageError` for a code that nothing mends.
    """
    codes: set[str] = set()
    for code in asked:
        if not code:
            codes.update(name for name in MENDED_CODES if all_codes()[name].fix is Fix.SAFE)
        elif code in MENDED_CODES:
            codes.add(code)
        else:
            known = ", ".join(sorted(MENDED_CODES))
            raise UsageError(f"--fix {code}: no program can mend these findings safely; those that can be: {known}")
    return frozenset(codes)


def plan_fixes(scans: Iterable[Scan], findings: Iterable[Diagnostic]) -> FixPlan:
    """Work out what the files of these findings become; nothing is written."""
    trees = {repository.key: scan.sources[repository.source].tree for scan in scans for repository in scan.repositories}
    by_file: dict[tuple[str, str], list[Diagnostic]] = {}
    for finding in findings:
        by_file.setdefault((finding.repository, finding.path), []).append(finding)
    files: dict[Path, MendedFile] = {}
    left: list[tuple[Diagnostic, str]] = []
    for (repository, path), group in by_file.items():
        file, refused = _planned(trees.get(repository), path, tuple(group))
        left.extend(refused)
        if file is not None:
            files.setdefault(file.path.absolute(), file)
    return FixPlan(files=tuple(files.values()), left=tuple(left))


def _planned(
    tree: SourceTree | None, path: str, findings: tuple[Diagnostic, ...]
) -> tuple[MendedFile | None, tuple[tuple[Diagnostic, str], ...]]:
    on_disk = tree.on_disk(path) if tree is not None else None
    if tree is None or on_disk is None:
        reason = "only files of folders are mended, not archives, links or what git holds"
        return None, tuple((finding, reason) for finding in findings)
    try:
        before = tree.read(path)
    except SourceError as error:
        return None, tuple((finding, str(error)) for finding in findings)
    result = mend(path, before, findings)
    if result.content == before:
        return None, result.left
    return MendedFile(path=on_disk, before=before, after=result.content, mended=result.mended), result.left


def write_files(plan: FixPlan) -> None:
    """Write every file at once or not at all, one after another; permissions stay.

    Raises `OutputError` where a file changed since it was read, or cannot be written: it names each such file with the
    reason, and those that are written.
    """
    refused = [(file, reason) for file in plan.files if (reason := _written(file))]
    if refused:
        raise OutputError("\n".join(_told_of_files(plan, refused)))


def _written(file: MendedFile) -> str:
    """Write a file; return why it stays as it is, "" where it is written."""
    try:
        unchanged = file.path.read_bytes() == file.before
        mode = stat.S_IMODE(file.path.stat().st_mode)
    except OSError as error:
        return error.strerror or str(error)
    if not unchanged:
        return "it changed while it was checked"
    output = OutputFile(path=file.path.name, content=file.after)
    try:
        OutputFolder(file.path.parent).write_atomically(output, mode=mode)
    except OutputError as error:
        cause = error.__cause__
        return (isinstance(cause, OSError) and cause.strerror) or str(error)
    return ""


def _told_of_files(plan: FixPlan, refused: list[tuple[MendedFile, str]]) -> Iterator[str]:
    stays = {id(file) for file, _ in refused}
    mended = [file for file in plan.files if id(file) not in stays]
    yield (
        f"{len(refused):,} of {plural(len(plan.files), 'file')} to mend cannot be written, {len(mended):,} "
        f"{'is' if len(mended) == 1 else 'are'} mended; clear away what hinders, and run `cmsite validate --fix` again"
    )
    yield from (f"  not written: {file.path}: {reason}" for file, reason in refused)
    yield from (f"  mended: {file.path}" for file in mended)


def diff_lines(file: MendedFile, base: Path) -> Iterator[str]:
    """Yield the lines of a unified diff, which `patch -p1` takes in the folder `base`; line ends stay on the lines."""
    before, after = (content.decode("utf-8", "replace") for content in (file.before, file.after))
    path = file.path.absolute()
    name = (path.relative_to(base) if path.is_relative_to(base) else path).as_posix().lstrip("/")
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), f"a/{name}", f"b/{name}")
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
