"""Runs the examples of the rules: their files in a temporary folder, then the Python API or the command line there."""

import contextlib
import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmsite import settings
from cmsite.catalog.catalog import Catalog
from cmsite.cli import cli
from cmsite.diagnostics import Diagnostic
from cmsite.errors import CmsiteError
from cmsite.pipeline import build
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.mlperf import read_results
from cmsite.pipeline.source_lines import SourceLines
from cmsite.pipeline.validate import Validation, validate_paths, validate_settings
from cmsite.reporting.report import Report
from cmsite.reporting.text import TextView, findings_text, report_text
from cmsite.validation.examples import Example, ExampleFile, FileKind

Lines = Callable[[Report, TextView], Iterator[str]]

_GIT_NAME = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_GIT_WHO = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")


def write(example: Example, folder: Path, *, mended: bool) -> Path:
    """Write the bad or the mended repository below `folder`; return the new folder."""
    root = folder / ("good" if mended else "bad") / "example"
    root.mkdir(parents=True)
    for file in example.repository(mended=mended):
        _write(file, root / file.path)
    if example.git:
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Everything")):
            subprocess.run(("git", *_GIT_WHO, *command), cwd=root, env=os.environ | _GIT_NAME, check=True)
    return root


def _write(file: ExampleFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match file.kind:
        case FileKind.FILE:
            path.write_bytes(file.content)
        case FileKind.LINK:
            path.symlink_to(file.content.decode())
        case FileKind.FIFO:
            os.mkfifo(path)
        case FileKind.FOLDER:
            path.mkdir()
        case FileKind.ZIP:
            path.write_bytes(_zip(file.members))
        case FileKind.TAR:
            path.write_bytes(_tar(file.members))
        case FileKind.UNREADABLE:
            path.write_bytes(file.content)
            path.chmod(0)
        case FileKind.REMOVED:
            raise AssertionError(f"{file.path}: a removed file is no part of a repository")


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Let files without any permission be unreadable for the administrator too, as they are for everybody else."""
    original = os.access

    def access(path: str, mode: int) -> bool:
        return original(path, mode) and bool(Path(path).stat().st_mode & 0o777)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "access", access)
        yield


def _zip(members: tuple[ExampleFile, ...]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member in members:
            archive.writestr(zipfile.ZipInfo(member.path), member.content)
    return packed.getvalue()


def _tar(members: tuple[ExampleFile, ...]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for member in members:
            entry = tarfile.TarInfo(member.path)
            if member.kind is FileKind.LINK:
                entry.type, entry.linkname = tarfile.SYMTYPE, member.content.decode()
                archive.addfile(entry)
            else:
                entry.size = len(member.content)
                archive.addfile(entry, io.BytesIO(member.content))
    return packed.getvalue()


def through_api(example: Example) -> tuple[tuple[Diagnostic, ...], str]:
    """Return all findings in the current folder, and the report about the example's code, through the Python API."""
    if example.command == "mlperf":
        tree, *options = example.arguments
        found = read_results(Path(tree), dict(pairwise(options)).get("--round", "")).findings
        return tuple(found), "\n".join(_mlperf_line(item) for item in found if item.code == example.code)
    validation = _validate(example)
    chosen = [item for item in validation.findings if item.code == example.code]
    return validation.findings, _text(chosen, validation)


def through_build(example: Example) -> tuple[tuple[Diagnostic, ...], str, str]:
    """Build in the current folder; return all findings, the report about the code, and what the command prints of it.

    What a build alone finds stands on the pages and in no report, so it is taken where the build has it.
    """
    catalogs: list[Catalog] = []
    original = build._refuse_too_large

    def keep(catalog: Catalog) -> None:
        catalogs.append(catalog)
        original(catalog)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_refuse_too_large", keep)
        _, printed = through_cli(example)
    found = [item for items in catalogs[0].findings.values() for item in items]
    chosen = [item for item in found if item.code == example.code]
    report = "\n".join(
        findings_text(Report(findings=tuple(chosen), artifacts=0), TextView(source_line=SourceLines(()).line))
    )
    return tuple(found), report, printed


def _mlperf_line(item: Diagnostic) -> str:
    place = f":{item.place.line}" if item.place else ""
    hint = f"; {item.hint}" if item.hint else ""
    return f"{item.path or item.repository}{place}: {item.severity.word} {item.code} {item.message}{hint}"


def _validate(example: Example) -> Validation:
    arguments = list(example.arguments)
    required = []
    while "--with" in arguments:
        at = arguments.index("--with")
        required.append(settings.source_of_argument(arguments[at + 1]))
        del arguments[at : at + 2]
    paths = [Path(argument) for argument in arguments]
    if not paths:
        paths = [settings.default_path() if settings.default_path().is_file() else Path()]
    if paths[0].name.endswith(".yml"):
        return validate_settings(settings.load(paths[0]), required, jobs=1)
    return validate_paths(paths, required, jobs=1)


def _text(findings: list[Diagnostic], validation: Validation, lines: Lines = findings_text) -> str:
    view = TextView(source_line=SourceLines((validation.scan,)).line)
    report = Report(
        findings=tuple(findings), artifacts=validation.artifacts, left_out=validation.left_out, codes=all_codes()
    )
    return "\n".join(lines(report, view))


def through_cli(example: Example) -> tuple[int, str]:
    """Return the exit code and what the command line prints about the example's code in the current folder."""
    if example.command != "validate":
        exit_code, _, everything = _invoke(example.command, *example.arguments)
        return exit_code, "\n".join(line for line in everything.splitlines() if example.code in line)
    exit_code, stdout, everything = _invoke("validate", "--select", example.code, *example.arguments)
    assert everything == stdout
    return exit_code, stdout


def _invoke(*arguments: str) -> tuple[int, str, str]:
    """Return the exit code, standard output, and that and standard error together."""
    result = CliRunner().invoke(cli, arguments)
    if isinstance(result.exception, CmsiteError):
        return result.exception.exit_code, result.stdout, f"{result.output}\n{result.exception}"
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.output


def whole_output(example: Example) -> str:
    """Return what `cmsite validate --select` prints in the current folder: the report, then the sum."""
    validation = _validate(example)
    chosen = [item for item in validation.findings if item.code == example.code]
    return _text(chosen, validation, report_text) + "\n"
