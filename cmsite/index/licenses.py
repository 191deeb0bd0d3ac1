"""The licence and notice files of one repository as one content-addressed file, fetched once a repository.

Records name it by its digest. Source: CONTRACT §4 (licence files travel beside the archive).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Any

from cmsite.errors import IntegrityError
from cmsite.index.layout import blob_path
from cmsite.index.packing import pack, unpack
from cmsite.index.strict import Table, canonical, parse_json
from cmsite.outputs import OutputFile

SCHEMA = "cm-index-licenses/1"
MAX_LICENSES_BYTES = 8_000_000  # Unpacked; all licence texts of the largest corpus have 60 kB.


def emit_licenses(files: Iterable[tuple[str, bytes]]) -> tuple[str, OutputFile]:
    """Return the digest that records name and the file; `files` are (path in the repository, bytes) in any order."""
    document = {"schema": SCHEMA, "files": [_file_value(name, content) for name, content in sorted(files)]}
    packed = pack(canonical(document) + b"\n")
    sha256 = hashlib.sha256(packed).hexdigest()
    return sha256, OutputFile(path=blob_path(sha256), content=packed)


def parse_licenses(data: bytes, where: str) -> tuple[tuple[str, bytes], ...]:
    """Return the (path, bytes) pairs; paths are foreign and must be checked before they become files.

    Raises `IntegrityError` where the file is not what docs/index-format.md says.
    """
    table = Table(parse_json(unpack(data, where=where, max_bytes=MAX_LICENSES_BYTES * 2), where), where=where)
    if table.text("schema") != SCHEMA:
        raise table.wrong("schema", f'"{SCHEMA}"')
    return tuple((file.text("name"), _content(file)) for file in table.tables("files"))


def _file_value(name: str, content: bytes) -> dict[str, Any]:
    try:
        return {"name": name, "text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"name": name, "base64": base64.b64encode(content).decode("ascii")}


def _content(table: Table) -> bytes:
    if table.has("base64"):
        try:
            return base64.b64decode(table.long_text("base64", MAX_LICENSES_BYTES), validate=True)
        except (binascii.Error, ValueError) as error:
            raise IntegrityError(f"{table.where}: {table.below('base64')}: this is not base64 ({error})") from error
    return table.long_text("text", MAX_LICENSES_BYTES).encode("utf-8")
