"""The index of a zip, read by our own parser that knows one meaning for each byte.

Two readers of one zip can see two archives where its records disagree, so every byte has to belong to exactly one
record: members from the first byte on without gap or overlap, then the central directory, then the end records to the
last byte; and each member says the same in both of its headers.
Source: PKWARE APPNOTE 6.3.10, 4.3 and 4.4; facts/index.md §4 (attacks 27, 29-35).
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from cmsite.archive_limits import ArchiveLimits
from cmsite.member_names import shown
from cmsite.sources.archive_members import Member
from cmsite.sources.extents import Extent, ExtentFault, ReadAt, chunks
from cmsite.sources.limits import DEFAULT_LIMITS
from cmsite.sources.zip_end import ZipFault, find_end
from cmsite.tar_reader import MemberKind

_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x2041  # Bits 0, 6 and 13: encryption, strong encryption, masked headers.
_DESCRIPTOR, _UTF8 = 0x0008, 0x0800
_SAME_FLAGS = _ENCRYPTED | _DESCRIPTOR | _UTF8
_UNIX_SYSTEMS = frozenset({3, 19})  # Unix and macOS: the upper half of the attributes is the mode.
_ZIP64_EXTRA, _UNICODE_PATH_EXTRA = 0x0001, 0x7075
_SATURATED = 0xFFFFFFFF
_MAX_DESCRIPTOR_BYTES = 24
_KINDS = {0: MemberKind.FILE, stat.S_IFREG: MemberKind.FILE, stat.S_IFLNK: MemberKind.SYMBOLIC_LINK}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Central:
    """One record of the central directory; `raw_name` as stored, `mode` 0 where no Unix system wrote it."""

    raw_name: bytes
    name: str
    flags: int
    method: int
    crc32: int
    stored_bytes: int
    size_bytes: int
    by_unix: bool
    mode: int
    offset: int


def zip_members(read: ReadAt, size_bytes: int, limits: ArchiveLimits) -> tuple[Member, ...]:
    """Return the members of a zip of this size, each checked against its local header, its length and its checksum.

    Raises `ZipFault` or `ExtentFault` where the archive lies, is cut off, encrypted, too large or packed by a method
    other than deflate.
    """
    end = find_end(read, size_bytes, limits.members)
    records = sorted(_central_records(read(end.offset, end.size_bytes), end.members), key=lambda record: record.offset)
    if (total := sum(record.size_bytes for record in records)) > (cap := limits.expanded_bytes(size_bytes)):
        raise ZipFault(f"the members expand to {total} bytes, at most {cap} are taken: a bomb")
    boundaries = [*(record.offset for record in records[1:]), end.offset]
    if records and records[0].offset:
        raise ZipFault(f"{records[0].offset} bytes before the first member belong to no member")
    if not records and end.offset:
        raise ZipFault(f"{end.offset} bytes before the central directory belong to no member")
    return tuple(_member(read, record, boundary) for record, boundary in zip(records, boundaries, strict=True))


def _central_records(directory: bytes, count: int) -> Iterator[_Central]:
    place = 0
    for number in range(1, count + 1):
        if len(directory) < place + _CENTRAL.size or not directory.startswith(b"PK\x01\x02", place):
            raise ZipFault(f"the central directory ends after {number - 1} of {count} members")
        record, place = _central_record(directory, place)
        yield record
    if place != len(directory):
        raise ZipFault(f"the central directory holds more than the {count} members its end record states")


def _central_record(directory: bytes, place: int) -> tuple[_Central, int]:
    fields = _CENTRAL.unpack_from(directory, place)
    made_by, flags, method, crc32 = fields[1], fields[3], fields[4], fields[7]
    stored, size, offset = fields[8], fields[9], fields[16]
    name_end = place + _CENTRAL.size + fields[10]
    extra_end = name_end + fields[11]
    end = extra_end + fields[12]
    raw_name = directory[place + _CENTRAL.size : name_end]
    extras = _extras(directory[name_end:extra_end], raw_name)
    by_unix = made_by >> 8 in _UNIX_SYSTEMS
    if end > len(directory) or fields[13] not in (0, 0xFFFF):
        raise ZipFault(f"{_named(raw_name)} has a damaged record in the central directory")
    size, stored, offset = _widened(extras, (size, stored, offset), raw_name)
    _require_readable(raw_name, flags, method, stored, size)
    return _Central(
        raw_name=raw_name,
        name=_decoded(raw_name, flags, extras, by_unix=by_unix),
        flags=flags,
        method=method,
        crc32=crc32,
        stored_bytes=stored,
        size_bytes=size,
        by_unix=by_unix,
        mode=fields[15] >> 16 if by_unix else 0,
        offset=offset,
    ), end


def _require_readable(raw_name: bytes, flags: int, method: int, stored: int, size: int) -> None:
    if flags & _ENCRYPTED:
        raise ZipFault(f"{_named(raw_name)} is encrypted; pack the archive without a password")
    if method not in (_STORED, _DEFLATED):
        raise ZipFault(f"{_named(raw_name)} is packed by method {method}; expected 0 (stored) or 8 (deflate)")
    if method == _STORED and stored != size:
        raise ZipFault(f"{_named(raw_name)} is stored in {stored} bytes, its length is stated as {size}")


def _member(read: ReadAt, record: _Central, boundary: int) -> Member:
    """Return a member after comparing it with its local header and reading it once."""
    extent = _extent(read, record, boundary)
    kind = _kind(record)
    if kind is MemberKind.SYMBOLIC_LINK and record.size_bytes > DEFAULT_LIMITS.link_target_bytes:
        raise ZipFault(f"{_named(record.raw_name)} is a symbolic link with a target of {record.size_bytes} bytes")
    try:
        target = b"".join(chunk for chunk in chunks(read, extent) if kind is MemberKind.SYMBOLIC_LINK)
    except ExtentFault as fault:
        raise ZipFault(f"{_named(record.raw_name)} {fault}") from fault
    return Member(
        name=record.name.rstrip("/") if kind is MemberKind.FOLDER and record.name.strip("/") else record.name,
        kind=kind,
        executable=bool(record.mode & 0o111),
        target=target.decode("utf-8", "surrogateescape"),
        extent=extent,
    )


def _kind(record: _Central) -> MemberKind:
    if record.name.endswith("/"):
        if record.size_bytes:
            raise ZipFault(f"{_named(record.raw_name)} is a folder that claims {record.size_bytes} bytes of data")
        return MemberKind.FOLDER
    return _KINDS.get(stat.S_IFMT(record.mode), MemberKind.OTHER)


def _extent(read: ReadAt, record: _Central, boundary: int) -> Extent:
    """Return where the data lies; it has to reach exactly to the next record."""
    header = read(record.offset, _LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise ZipFault(f"{_named(record.raw_name)} has no local header at byte {record.offset}")
    fields = _LOCAL.unpack(header)
    rest = read(record.offset + _LOCAL.size, fields[9] + fields[10])
    raw_name = rest[: fields[9]]
    extras = _extras(rest[fields[9] :], raw_name)
    _require_equal(record, raw_name, fields, extras)
    start = record.offset + _LOCAL.size + len(rest)
    _require_boundary(read, record, start + record.stored_bytes, boundary)
    return Extent(
        offset=start,
        stored_bytes=record.stored_bytes,
        size_bytes=record.size_bytes,
        deflated=record.method == _DEFLATED,
        crc32=record.crc32,
    )


def _require_equal(record: _Central, raw_name: bytes, fields: tuple[int, ...], extras: dict[int, bytes]) -> None:
    """Refuse a member whose two headers tell two stories."""
    flags, method, crc32 = fields[2], fields[3], fields[6]
    size, stored = _widened(extras, (fields[8], fields[7]), raw_name)
    stated = (
        ("checksum", crc32, record.crc32),
        ("stored size", stored, record.stored_bytes),
        ("size", size, record.size_bytes),
    )
    late = bool(record.flags & _DESCRIPTOR)  # Then the local header may leave these to the record after the data.
    for what, got, expected in (
        ("name", raw_name, record.raw_name),
        ("name", _decoded(raw_name, flags, extras, by_unix=record.by_unix), record.name),
        ("flags", flags & _SAME_FLAGS, record.flags & _SAME_FLAGS),
        ("method", method, record.method),
        *((what, got, expected) for what, got, expected in stated if not (late and got in (0, _SATURATED))),
    ):
        if got != expected:
            raise ZipFault(
                f"{_named(record.raw_name)} has the {what} {got!r} in its local header and {expected!r} in the central directory"
            )


def _require_boundary(read: ReadAt, record: _Central, data_end: int, boundary: int) -> None:
    """Refuse data that reaches into the next record, or bytes between them that are no data descriptor."""
    gap = boundary - data_end
    if gap < 0:
        raise ZipFault(f"{_named(record.raw_name)} overlaps what stands behind it by {-gap} bytes")
    if record.flags & _DESCRIPTOR:
        if gap > _MAX_DESCRIPTOR_BYTES or read(data_end, gap) not in _descriptors(record):
            raise ZipFault(f"{_named(record.raw_name)} has a data descriptor that does not match the central directory")
    elif gap:
        raise ZipFault(f"{gap} bytes behind {_named(record.raw_name)} belong to no member")


def _descriptors(record: _Central) -> tuple[bytes, ...]:
    """Return the forms a data descriptor may have: with or without signature, with sizes of 4 or 8 bytes."""
    values = (record.crc32, record.stored_bytes, record.size_bytes)
    forms = [struct.pack("<LQQ", *values)]
    if max(values) <= _SATURATED:
        forms.append(struct.pack("<LLL", *values))
    return tuple(signature + form for form in forms for signature in (b"", b"PK\x07\x08"))


def _extras(data: bytes, raw_name: bytes) -> dict[int, bytes]:
    """Return the extra fields by number; zero bytes at the end are padding."""
    found: dict[int, bytes] = {}
    place = 0
    while place < len(data):
        number, size = struct.unpack_from("<HH", data, place) if place + 4 <= len(data) else (0, 0)
        if number == size == 0 and not data[place:].strip(b"\0"):
            break
        place += 4 + size
        if place > len(data) or number in found:
            raise ZipFault(f"{_named(raw_name)} has damaged or repeated extra fields")
        found[number] = data[place - size : place]
    return found


def _widened(extras: dict[int, bytes], values: tuple[int, ...], raw_name: bytes) -> tuple[int, ...]:
    """Return sizes and offset, those that do not fit 32 bits from the zip64 field, which holds them in this order."""
    wide = extras.get(_ZIP64_EXTRA, b"")
    widened = []
    for value in values:
        if value == _SATURATED and _ZIP64_EXTRA in extras:
            if len(wide) < 8:  # noqa: PLR2004 - bytes of a 64-bit number.
                raise ZipFault(f"{_named(raw_name)} has a zip64 field that is too short")
            value, wide = int.from_bytes(wide[:8], "little"), wide[8:]  # noqa: PLW2901 - the wide value takes its place.
        widened.append(value)
    return tuple(widened)


def _decoded(raw_name: bytes, flags: int, extras: dict[int, bytes], *, by_unix: bool) -> str:
    """Return the name: UTF-8 where flagged or in the Unicode path field, else code page 437.

    Programs on Unix write names as they are there, often without the flag: what is UTF-8 is taken as that.
    """
    name = raw_name.decode("utf-8", "surrogateescape")
    if not flags & _UTF8 and not (by_unix and name.isprintable()):
        name = raw_name.decode("cp437")
    field = extras.get(_UNICODE_PATH_EXTRA)
    # Version 1, the checksum of the name it stands for, the name. A field for another name is to be left out of account.
    if field is None or field[:5] != b"\x01" + struct.pack("<L", zlib.crc32(raw_name)):
        return name
    unicode_name = field[5:].decode("utf-8", "surrogateescape")
    if flags & _UTF8 and unicode_name != name:
        raise ZipFault(f"{_named(raw_name)} has a second name, '{shown(unicode_name)}'")
    return unicode_name


def _named(raw_name: bytes) -> str:
    return f"member '{shown(raw_name.decode('utf-8', 'surrogateescape'))[:200]}'"
