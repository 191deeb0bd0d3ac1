"""The two ends of a long file of a source: logs may have 100 MB of which the middle says nothing.

From a folder only the ends are read; a member of an archive or of git has to be unpacked whole.
"""

import os
from collections.abc import Callable

from cmsite.errors import SourceError
from cmsite.model.tree import SourceTree
from cmsite.sources.folder import FolderTree
from cmsite.sources.regular_files import open_regular_file, reason_of

Ends = tuple[bytes, bytes | None]


def ends_reader(tree: SourceTree, packed_limit_bytes: int) -> Callable[[str, int, int], Ends]:
    """Return what reads (path, bytes that are read whole, bytes of each end) as beginning and end.

    The end is None where the beginning is the whole file. What it returns raises `SourceError` where the file cannot
    be read, or would have to be unpacked and is larger than `packed_limit_bytes`.
    """
    entries = {entry.path: entry for entry in tree.entries}

    def read(path: str, whole_bytes: int, end_bytes: int) -> Ends:
        entry = entries.get(path)
        size = entry.size_bytes if entry is not None else 0
        if entry is None or size <= whole_bytes:
            return tree.read(path), None
        if isinstance(tree, FolderTree):
            return _of_folder(f"{tree.root}/{entry.link or path}", end_bytes)
        if size > packed_limit_bytes:
            raise SourceError(
                f"it has {size:,} bytes; in an archive at most {packed_limit_bytes:,} are read, so unpack the archive"
            )
        content = tree.read(path)
        return content[:end_bytes], content[-end_bytes:]

    return read


def _of_folder(path: str, end_bytes: int) -> Ends:
    try:
        handle, size = open_regular_file(path)
        try:
            return os.pread(handle, end_bytes, 0), os.pread(handle, end_bytes, max(0, size - end_bytes))
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot be read: {reason_of(error)}") from error
