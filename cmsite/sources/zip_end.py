"""Where the central directory of a zip lies: its end record, and the zip64 one.

Source: PKWARE APPNOTE 6.3.10, 4.3.14 to 4.3.16; facts/index.md §4 (attacks 31 and 33).
"""

import struct
from dataclasses import dataclass

from cmsite.sources.extents import ReadAt

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_SIGNATURE = b"PK\x05\x06"
_MAX_COMMENT_BYTES = 0xFFFF
_MAX_RECORD_BYTES = 1024  # of the central directory, on average: 46, the name, and extra fields of about 40.
_WIDE = {0xFFFF, 0xFFFFFFFF}


class ZipFault(Exception):  # noqa: N818 - it is a value for the caller's error, not an error of the user.
    """The zip lies, is cut off, or holds what cannot be read; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipEnd:
    """The central directory: `members` records in `size_bytes` from `offset`."""

    members: int
    size_bytes: int
    offset: int


def ends_as_zip(read: ReadAt, file_bytes: int) -> bool:
    """Return whether a reader of zips would find an end record whose comment reaches exactly to the end of the file."""
    return bool(_places(_tail(read, file_bytes)[1]))


def find_end(read: ReadAt, file_bytes: int, max_members: int) -> ZipEnd:
    """Return the central directory of a zip, which has to end where the end records begin.

    Raises `ZipFault` where there is none, or more than one reading of it.
    """
    start, tail = _tail(read, file_bytes)
    places = _places(tail)
    if not places:
        raise ZipFault("it has no end record at its end: it is cut off, or something was added")
    # Readers that search from either side, or that do not look at the comment's length, find the same record.
    if len(places) > 1 or tail.rfind(_SIGNATURE) != places[0]:
        raise ZipFault("it has two end records, so that two programs would see two archives")
    fields = _END.unpack_from(tail, places[0])
    end, records_at = _widened(read, start + places[0], fields)
    if any(fields[1:3]) and not {fields[1], fields[2]} <= _WIDE:
        raise ZipFault("it is one part of several; join them first")
    if end.members > max_members or end.size_bytes > max_members * _MAX_RECORD_BYTES:
        raise ZipFault(
            f"it has {end.members} members in {end.size_bytes} bytes; at most {max_members} members are taken"
        )
    if end.offset + end.size_bytes != records_at:
        raise ZipFault(
            f"its central directory should end at byte {end.offset + end.size_bytes} by its end record, got {records_at}"
        )
    return end


def _tail(read: ReadAt, file_bytes: int) -> tuple[int, bytes]:
    start = max(0, file_bytes - _END.size - _MAX_COMMENT_BYTES)
    return start, read(start, file_bytes - start)


def _places(tail: bytes) -> list[int]:
    """Return where end records stand whose comment reaches to the end."""
    found = []
    place = tail.find(_SIGNATURE)
    while place >= 0:
        if len(tail) - place >= _END.size and place + _END.size + _END.unpack_from(tail, place)[7] == len(tail):
            found.append(place)
        place = tail.find(_SIGNATURE, place + 1)
    return found


def _widened(read: ReadAt, place: int, fields: tuple[int, ...]) -> tuple[ZipEnd, int]:
    """Return the end record at `place`, with the values of the zip64 one where it exists, and where the two begin."""
    narrow = (fields[3], fields[4], fields[5], fields[6])
    locator = read(place - _LOCATOR_64.size, _LOCATOR_64.size) if place >= _LOCATOR_64.size else b""
    if not locator.startswith(b"PK\x06\x07"):
        if narrow[0] != narrow[1]:
            raise ZipFault("it is one part of several; join them first")
        return ZipEnd(members=narrow[1], size_bytes=narrow[2], offset=narrow[3]), place
    place_64 = _LOCATOR_64.unpack(locator)[2]
    record = read(place_64, _END_64.size)
    if len(record) < _END_64.size or not record.startswith(b"PK\x06\x06"):
        raise ZipFault(f"it has no zip64 end record at byte {place_64}, where it should be")
    wide = _END_64.unpack(record)
    if place_64 + 12 + wide[1] != place - _LOCATOR_64.size:
        raise ZipFault("its zip64 end record has a wrong length")
    if any(small != large and small not in _WIDE for small, large in zip(narrow, wide[6:10], strict=True)):
        raise ZipFault("its two end records disagree")
    return ZipEnd(members=wide[7], size_bytes=wide[8], offset=wide[9]), place_64
