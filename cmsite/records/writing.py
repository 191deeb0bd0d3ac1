"""A record goes to disk whole or not at all, and never over anything.

A new record is made beside its place and renamed. Adding to one writes its logs first and its meta last, atomically.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from cmsite.errors import OutputError, UsageError
from cmsite.model.names import is_safe_folder
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.records.composing import Record


def check_free(repository: Path, automation: str, alias: str) -> Path:
    """Return the folder of a record that is to be; raises `UsageError` or `OutputError` where it cannot be made."""
    if not is_safe_folder(alias):
        raise UsageError(f"{alias!r} cannot be the name of a folder everywhere; give another with --alias")
    target = repository / automation / alias
    if os.path.lexists(target):
        raise OutputError(
            f"{target} is there already, and nothing is written over it; add runs to it with --add-to {target}, or "
            "give another name with --alias"
        )
    return target


def write_new(repository: Path, record: Record) -> Path:
    """Write a new record; return its folder."""
    target = check_free(repository, record.automation, record.meta["alias"])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".cmsite-", dir=target.parent))
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check free space and permissions") from error
    try:
        temporary.chmod(0o755)
        output = OutputFolder(temporary)
        for file in record.files:
            output.write(file)
        os.rename(temporary, target)  # noqa: PTH104 - refuses a folder that came meanwhile and is not empty.
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check free space and permissions") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(temporary)
    return target


def write_added(folder: Path, logs: tuple[OutputFile, ...], meta: OutputFile, before: bytes) -> None:
    """Add logs to a record and replace its meta, which must still have the bytes that were read."""
    output = OutputFolder(folder)
    for log in logs:
        if os.path.lexists(folder / log.path):
            raise OutputError(
                f"{folder / log.path} is there already, and nothing is written over it; nothing was changed"
            )
    if (folder / meta.path).read_bytes() != before:
        raise OutputError(f"{folder / meta.path} changed meanwhile; nothing was changed, record again")
    for log in logs:
        output.write(log)
    output.write_atomically(meta)
