"""The members of a tar stream, read by our own small parser of ustar, pax and GNU headers.

Our own, because `tarfile` reads a pax header of any length into memory (facts/index.md §4, attack 13), takes negative
sizes (14), lets a pax size and a ustar size disagree (15), rebuilds sparse files of any claimed size (12), stops in
silence at a damaged header, and its extraction filters were passed by (5). This parser allocates no more than its
limit, knows one meaning for each header, and refuses the stream where two parsers could see two archives.
It opens no file and judges no name: that is `cmsite.member_names`.
Source: POSIX.1-2024, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
"""

import enum
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCK_BYTES = 512
CHUNK_BYTES = 64 * 1024

_MAGIC_PLACE = slice(257, 262)
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*\Z")
_PAX_LENGTH = re.compile(rb"([1-9][0-9]{0,8}) ")
_BASE_256 = 0x80


class TarFault(Exception):  # noqa: N818 - it is a value for the caller's error, not an error of the user.
    """The stream is no tar, is cut off, or lies; the text says which."""


class MemberKind(enum.Enum):
    """What a member is; everything that is none of the first four is a device, pipe or stranger."""

    FILE = "file"
    FOLDER = "folder"
    SYMBOLIC_LINK = "symbolic link"
    HARD_LINK = "hard link"
    OTHER = "device or pipe"


_KINDS = {
    b"0": MemberKind.FILE,
    b"\0": MemberKind.FILE,
    b"7": MemberKind.FILE,
    b"1": MemberKind.HARD_LINK,
    b"2": MemberKind.SYMBOLIC_LINK,
    b"3": MemberKind.OTHER,
    b"4": MemberKind.OTHER,
    b"5": MemberKind.FOLDER,
    b"6": MemberKind.OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TarMember:
    """One member: `name` and `target` as they stand there (invalid UTF-8 as surrogates), data at `offset`."""

    name: str
    kind: MemberKind
    size_bytes: int
    executable: bool
    target: str
    offset: int


def is_tar(start: bytes) -> bool:
    """Return whether a file that starts with these bytes (512 or more) is a tar, by magic number and checksum.

    >>> is_tar(bytes(512)), is_tar(b"PK")
    (False, False)
    """
    block = start[:BLOCK_BYTES]
    # Before ustar there was no magic number: the place of it is empty.
    return len(block) == BLOCK_BYTES and block[_MAGIC_PLACE] in (b"ustar", bytes(5)) and _checksum_holds(block)


class TarReader:
    """Reads one member after the other from `read(size)`, which may answer in pieces and ends with b"".

    `skip(size)` passes over bytes where the source can do so without reading. `plain` takes only what our own
    archives hold: regular files, and pax headers that say nothing but a path. `max_header_bytes` bounds an extended
    header, `max_members` the number of headers.
    """

    def __init__(
        self,
        read: Callable[[int], bytes],
        *,
        max_members: int,
        max_header_bytes: int,
        plain: bool,
        skip: Callable[[int], None] | None = None,
    ) -> None:
        self._source = read
        self._skip = skip
        self._max_members = max_members
        self._max_header_bytes = max_header_bytes
        self._plain = plain
        self._position = 0
        self._data_left = 0
        self._padding = 0
        self._headers = 0

    def members(self) -> Iterator[TarMember]:
        """Yield the members in order; the data of one can be read until the next is asked for.

        Raises `TarFault` where the stream lies.
        """
        while (block := self._next_header()) is not None:
            extended: dict[str, str] = {}
            while (key := block[156:157]) in b"xgLK":
                self._extend(extended, block, key)
                following = self._next_header()
                if following is None and not extended:
                    return
                if following is None:
                    raise TarFault(f"{self._where()} speaks of a member that is missing")
                block = following
            yield self._member(block, extended)

    def data(self) -> Iterator[bytes]:
        """Yield the bytes of the member given last."""
        while self._data_left:
            chunk = self._source(min(CHUNK_BYTES, self._data_left))
            if not chunk:
                raise TarFault(f"the tar is cut off inside {self._where()}")
            self._position += len(chunk)
            self._data_left -= len(chunk)
            yield chunk

    def _where(self) -> str:
        return f"member {self._headers} (at byte {self._position})"

    def _next_header(self) -> bytes | None:
        """Return the next header block, or None after the end mark."""
        self._pass_over(self._data_left + self._padding)
        self._data_left = self._padding = 0
        block = self._exactly(BLOCK_BYTES)
        if not block.strip(b"\0"):
            self._require_end()
            return None
        self._headers += 1
        if self._headers > self._max_members:
            raise TarFault(f"the tar has more than {self._max_members} members")
        if not _checksum_holds(block):
            raise TarFault(f"the header of {self._where()} does not match its checksum")
        if block[_MAGIC_PLACE] != b"ustar" and (self._plain or block[_MAGIC_PLACE].strip(b"\0")):
            raise TarFault(f"the header of {self._where()} is not ustar")
        return block

    def _require_end(self) -> None:
        """Refuse what stands behind the end mark: other parsers would read on there."""
        while chunk := self._source(CHUNK_BYTES):
            if chunk.strip(b"\0"):
                raise TarFault("something follows the end mark of the tar")

    def _exactly(self, size: int) -> bytes:
        pieces: list[bytes] = []
        left = size
        while left:
            piece = self._source(left)
            if not piece:
                raise TarFault(f"the tar is cut off after {self._position} bytes, before its end mark")
            pieces.append(piece)
            self._position += len(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _pass_over(self, size: int) -> None:
        if self._skip is not None:
            self._skip(size)
            self._position += size
            return
        while size:
            size -= len(self._exactly(min(CHUNK_BYTES, size)))

    def _extend(self, extended: dict[str, str], block: bytes, key: bytes) -> None:
        """Add what an extended header says about the member after it."""
        size = self._number(block[124:136], "size")
        if size > self._max_header_bytes:
            raise TarFault(
                f"{self._where()} is an extended header of {size} bytes; at most {self._max_header_bytes} are taken"
            )
        content = self._exactly(size)
        self._padding = -size % BLOCK_BYTES
        if key in b"LK":
            found = {"path" if key == b"L" else "linkpath": _text(content.split(b"\0", 1)[0])}
        else:
            found = self._pax_records(content)
        if self._plain and (key != b"x" or set(found) != {"path"}):
            raise TarFault(f"{self._where()} is an extended header that archives of artifacts do not have")
        if key == b"g":
            if {"path", "linkpath", "size"} & set(found):
                raise TarFault(f"{self._where()} gives one path or size to all members")
            return
        if twice := sorted(set(extended) & set(found)):
            raise TarFault(f"{self._where()} says {twice[0]} a second time about the same member")
        extended.update(found)

    def _pax_records(self, content: bytes) -> dict[str, str]:
        """Return the records of a pax header: each is `length SP key=value LF`, the length counting itself."""
        records: dict[str, str] = {}
        place = 0
        while place < len(content):
            match = _PAX_LENGTH.match(content, place)
            end = place + int(match[1]) if match else 0
            if match is None or end > len(content) or end <= match.end() or content[end - 1 : end] != b"\n":
                raise TarFault(f"{self._where()} is a damaged pax header")
            key, equals, value = content[match.end() : end - 1].partition(b"=")
            name = _text(key)
            if not equals or name in records:
                raise TarFault(f"{self._where()} is a pax header with a damaged or repeated record")
            if name.startswith("GNU.sparse."):
                raise TarFault(f"{self._where()} is sparse; pack the archive without --sparse")
            records[name] = _text(value)
            place = end
        return records

    def _member(self, block: bytes, extended: dict[str, str]) -> TarMember:
        size = self._number(block[124:136], "size")
        if "size" in extended and extended["size"] != str(size):
            raise TarFault(f"{self._where()} has {size} bytes in one header and {extended['size']!r} in another")
        name = extended.get("path") or _ustar_name(block)
        kind = self._kind(block, name)
        if kind is not MemberKind.FILE and size:
            raise TarFault(f"{self._where()} is a {kind.value} that claims {size} bytes of data")
        self._data_left, self._padding = size, -size % BLOCK_BYTES
        return TarMember(
            name=name.rstrip("/") if kind is MemberKind.FOLDER and name.strip("/") else name,
            kind=kind,
            size_bytes=size,
            executable=bool(self._number(block[100:108], "mode") & 0o111),
            target=extended.get("linkpath") or _text(block[157:257].split(b"\0", 1)[0]),
            offset=self._position,
        )

    def _kind(self, block: bytes, name: str) -> MemberKind:
        flag = block[156:157]
        kind = _KINDS.get(flag)
        if kind is None:
            what = "is sparse" if flag == b"S" else f"has the unknown type {flag!r}"
            raise TarFault(f"{self._where()} {what}; pack the archive with `tar --format=pax`")
        if flag == b"\0" and name.endswith("/"):
            kind = MemberKind.FOLDER  # As written before ustar.
        if self._plain and kind is not MemberKind.FILE:
            raise TarFault(f"{self._where()} is a {kind.value}; archives of artifacts hold regular files only")
        return kind

    def _number(self, field: bytes, what: str) -> int:
        """Return a number of a header: octal, or GNU's base 256; never negative."""
        if field[0] == _BASE_256:
            return int.from_bytes(field[1:])
        match = _OCTAL.match(field)
        if match is None:
            raise TarFault(f"the {what} of {self._where()} is negative or no number")
        return int(match[1] or b"0", 8)


def _checksum_holds(block: bytes) -> bool:
    match = _OCTAL.match(block[148:156])
    return match is not None and int(match[1] or b"0", 8) == sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")


def _ustar_name(block: bytes) -> str:
    name = _text(block[:100].split(b"\0", 1)[0])
    # GNU's older headers, whose magic ends in blanks, keep times where ustar keeps the prefix.
    prefix = _text(block[345:500].split(b"\0", 1)[0]) if block[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
