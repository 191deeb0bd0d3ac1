"""How files of the index name other files: by the sha256 and the size of their stored bytes.

Source: docs/index-format.md, "Files" and "Trees".
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, NamedTuple

from cmsite.index.strict import Table, is_digest

_DIGEST_BYTES = 32


class FileRef(NamedTuple):
    """A content-addressed file: the sha256 and the size of its stored (packed) bytes; in JSON `[sha256, size]`."""

    sha256: str
    size_bytes: int


def file_value(file: FileRef | None) -> Any:
    """Return the JSON form of a file reference."""
    return None if file is None else [file.sha256, file.size_bytes]


def parse_file(value: Any, table: Table, key: str) -> FileRef | None:
    """Read a file reference; `table` and `key` say where it stands.

    Raises `IntegrityError` where it is neither null nor `[sha256, size]`.
    """
    if value is None:
        return None
    match value:
        case [str() as sha256, int() as size] if is_digest(sha256) and type(size) is int and size > 0:
            return FileRef(sha256=sha256, size_bytes=size)
        case _:
            raise table.wrong(key, "null or [sha256, size in bytes]", value)


def keyed_file(value: Any, table: Table, key: str) -> tuple[str, FileRef]:
    """Read the beginning of `[first key, sha256, size, ...]`; raises as `parse_file` does."""
    match value:
        case [str() as first, sha256, size, *_]:
            file = parse_file([sha256, size], table, key)
            assert file is not None  # noqa: S101 - it was no null.
            return first, file
        case _:
            raise table.wrong(key, "[first key, sha256, size in bytes]", value)


def files_value(files: Sequence[FileRef | None]) -> dict[str, Any]:
    """Return the JSON form of many file references, for which hexadecimal digits would take a third more.

    >>> files_value([None, FileRef(sha256="00" * 31 + "ff", size_bytes=7)])["sizes"]
    [0, 7]
    """
    digests = b"".join(bytes.fromhex(file.sha256) if file else bytes(_DIGEST_BYTES) for file in files)
    sizes = [file.size_bytes if file else 0 for file in files]
    return {"sha256": base64.b64encode(digests).decode("ascii"), "sizes": sizes}


def parse_files(table: Table, count: int) -> tuple[FileRef | None, ...]:
    """Read what `files_value` writes: exactly `count` references, None where there is no file.

    Raises `IntegrityError` where it holds others, or less than a digest and a size of each.
    """
    sizes = table.items("sizes", limit=count)
    if len(sizes) != count:
        raise table.wrong("sizes", f"a list of {count}")
    characters = 4 * -(-_DIGEST_BYTES * count // 3)
    text = table.long_text("sha256", characters)
    try:
        digests = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        digests = b""
    if len(digests) != _DIGEST_BYTES * count:
        raise table.wrong("sha256", f"{count} digests in {characters} characters of base64")
    hexadecimal = digests.hex()
    found: list[FileRef | None] = []
    for number, size in enumerate(sizes):
        if type(size) is not int or size < 0:
            raise table.wrong(f"sizes[{number}]", "a size in bytes, 0 for no file", size)
        sha256 = hexadecimal[2 * _DIGEST_BYTES * number : 2 * _DIGEST_BYTES * (number + 1)]
        found.append(FileRef(sha256=sha256, size_bytes=size) if size else None)
    return tuple(found)
