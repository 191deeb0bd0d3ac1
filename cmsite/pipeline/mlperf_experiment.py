"""Writing MLPerf rows as an `experiment` artifact into a CM repository on this machine."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cmsite.documents import parse
from cmsite.errors import OutputError, UsageError
from cmsite.model.names import is_uid
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.results.mlperf.experiment import AUTOMATION, alias_of, experiment_files
from cmsite.results.mlperf.values import Row

_DESCRIPTORS = ("cmr.yaml", "meta.yaml")
_META = "_cm.yaml"


def write_experiment(rows: Sequence[Row], root: Path, *, alias: str, force: bool, draw_uid: Callable[[], str]) -> Path:
    """Write the rows below `root`, a CM repository or a new folder, and return the artifact's folder.

    A new folder becomes a repository. An artifact that is there is written over with `force` only, and keeps its uid.
    Raises `UsageError` where the folder is something else, `OutputError` where the artifact is there already.
    """
    alias = alias or alias_of(rows)
    folder = root / AUTOMATION / alias
    for part in (root, root / AUTOMATION, folder):
        if part.is_symlink() and part != root:
            raise OutputError(f"{part} is a link; remove it, so that nothing outside {root} is written")
    output = OutputFolder(root)
    descriptor = _descriptor(root, draw_uid)
    uid = _uid(folder, draw_uid, force=force)
    files = experiment_files(rows, alias=alias, uid=uid)
    for file in (*descriptor, *files[1:], files[0]):  # The meta last: without it the folder is no artifact.
        output.write_atomically(file)
    return folder


def _descriptor(root: Path, draw_uid: Callable[[], str]) -> tuple[OutputFile, ...]:
    if any((root / name).is_file() for name in _DESCRIPTORS):
        return ()
    if root.exists() and (not root.is_dir() or any(entry.name != ".git" for entry in root.iterdir())):
        raise UsageError(f"--into {root}: is no CM repository (there is no cmr.yaml); name one, or a new folder")
    text = f'alias: mlperf-results\nuid: "{draw_uid()}"\nname: "MLPerf results read by cmsite"\n'
    return (OutputFile(path="cmr.yaml", content=text.encode()),)


def _uid(folder: Path, draw_uid: Callable[[], str], *, force: bool) -> str:
    if not folder.exists():
        return draw_uid()
    if not force:
        raise OutputError(f"{folder} is there already; --force writes over it, --alias NAME takes another name")
    meta = folder / _META
    data = parse(_META, meta.read_bytes()).data if meta.is_file() else None
    uid = data.get("uid") if isinstance(data, dict) else None
    return uid if isinstance(uid, str) and is_uid(uid) else draw_uid()
