"""The lines of leaves: a record, and the names of a uid, to JSON and back; `parse_x(emit_x(value)) == value`.

A key whose value is the default of its type is left out, so that there is one spelling of each value and lines stay
short. Source: CONTRACT §7 (fields of a record).
"""

import re
from dataclasses import replace
from itertools import pairwise
from json.encoder import encode_basestring
from typing import NamedTuple

from cmsite.index.records import Record, Status, Version
from cmsite.index.strict import Table, canonical

MAX_DESCRIPTION_CHARACTERS = 80  # CONTRACT §7.

# What searches look at and leaves leave out.
SEARCH_KEYS = ("words", "variations", "has")

_SURROGATE = re.compile("[\ud800-\udfff]")


class UidNames(NamedTuple):
    """The names (`automation:alias`, sorted) of all records that have this uid."""

    uid: str
    names: tuple[str, ...]


def publishable(record: Record) -> Record:
    """Return the record as the index can hold it: no half surrogates, the description on one line of 80 characters."""
    if len(record.description) <= MAX_DESCRIPTION_CHARACTERS and _is_plain(record):
        return record
    return replace(
        record,
        automation=_characters(record.automation),
        alias=_characters(record.alias),
        uid=_characters(record.uid),
        repository=_characters(record.repository),
        folder=_characters(record.folder),
        tags=_all_characters(record.tags),
        description=shortened(_characters(record.description)),
        successor=_characters(record.successor),
        moved=_characters(record.moved),
        words=_all_characters(record.words),
        variations=_all_characters(record.variations),
        authors=_all_characters(record.authors),
        has=_all_characters(record.has),
    )


def shortened(text: str) -> str:
    r"""Return a description on one line, cut at `MAX_DESCRIPTION_CHARACTERS`.

    >>> shortened("Detects  the\noperating system")
    'Detects the operating system'
    """
    line = " ".join(text.split())
    if len(line) <= MAX_DESCRIPTION_CHARACTERS:
        return line
    return line[: MAX_DESCRIPTION_CHARACTERS - 1].rstrip() + "…"


def emit_record(record: Record, *, lean: bool = False) -> bytes:
    """Return a record's line without its line feed; a `lean` one, for leaves, without what only searches look at.

    The bytes are those of `canonical`; a million lines are written in a third of its time.
    """
    status = "" if record.status is Status.ACTIVE else record.status.value
    versions = ",".join(map(_version_text, record.versions))
    return _object(
        _text("alias", record.alias),
        _list("authors", record.authors),
        _text("automation", record.automation),
        _text("automation_uid", record.automation_uid),
        _text("dependencies", record.dependencies),
        _text("description", record.description),
        _text("folder", record.folder),
        _text("format", record.format),
        "" if lean else _list("has", record.has),
        _text("licenses", record.licenses),
        _text("moved", record.moved),
        _number("rank", record.rank),
        _text("reason", record.reason),
        _text("repository", record.repository),
        _text("status", status),
        _text("successor", record.successor),
        _list("tags", record.tags),
        _text("uid", record.uid),
        "" if lean else _list("variations", record.variations),
        f'"versions":[{versions}]' if versions else "",
        "" if lean else _list("words", record.words),
    ).encode("utf-8")


def emit_searched(record: Record) -> bytes:
    """Return an object of what only searches look at, the keys that `lean` leaves out."""
    return _object(*(_list(name, getattr(record, name)) for name in sorted(SEARCH_KEYS))).encode("utf-8")


def parse_record(value: object, *, where: str, path: str) -> Record:
    """Read a record.

    Raises `IntegrityError` with the value's path, for instance `records[3].versions[0].tar_sha256`.
    """
    table = Table(value, where=where, path=path)
    return Record(
        automation=table.text("automation"),
        automation_uid=table.text("automation_uid", ""),
        alias=table.text("alias"),
        uid=table.text("uid", ""),
        repository=table.text("repository"),
        rank=table.integer("rank", 0),
        folder=table.text("folder"),
        format=table.text("format"),
        tags=table.texts("tags", []),
        description=table.text("description", ""),
        status=_status(table),
        reason=table.text("reason", ""),
        successor=table.text("successor", ""),
        moved=table.text("moved", ""),
        licenses=table.optional_digest("licenses") or "",
        dependencies=table.optional_digest("dependencies") or "",
        versions=_versions(table),
        words=table.texts("words", []),
        variations=table.texts("variations", []),
        authors=table.texts("authors", []),
        has=table.texts("has", []),
    )


def emit_uid(names: UidNames) -> bytes:
    """Return a uid's line without its line feed."""
    return canonical({"uid": names.uid, "names": list(names.names)})


def parse_uid(value: object, *, where: str, path: str) -> UidNames:
    """Read the names of a uid; raises as `parse_record` does."""
    table = Table(value, where=where, path=path)
    return UidNames(uid=table.text("uid"), names=table.texts("names"))


def _version_text(version: Version) -> str:
    return _object(
        _text("archive_sha256", version.archive_sha256),
        _text("label", version.label),
        _optional("purged", version.purged),
        _number("revision", version.revision),
        _number("size_bytes", version.size_bytes),
        _text("tar_sha256", version.tar_sha256),
        _number("time_s", version.time_s),
        _optional("url", version.url),
        _optional("yanked", version.yanked),
    )


def _object(*members: str) -> str:
    return f"{{{','.join(filter(None, members))}}}"


def _text(key: str, value: str) -> str:
    return f'"{key}":{encode_basestring(value)}' if value else ""


def _optional(key: str, value: str | None) -> str:
    """Return a member where None and "" mean different things."""
    return "" if value is None else f'"{key}":{encode_basestring(value)}'


def _number(key: str, value: int) -> str:
    return f'"{key}":{value}' if value else ""


def _list(key: str, values: tuple[str, ...]) -> str:
    return f'"{key}":[{",".join(map(encode_basestring, values))}]' if values else ""


def _versions(table: Table) -> tuple[Version, ...]:
    """Read the versions; their revisions must rise, as the newest stands last."""
    versions = tuple(_version(item) for item in table.tables("versions", []))
    for number, (older, newer) in enumerate(pairwise(versions), start=1):
        if newer.revision <= older.revision:
            raise table.wrong(
                f"versions[{number}].revision", f"a revision above {older.revision}, the one before it", newer.revision
            )
    return versions


def _version(table: Table) -> Version:
    return Version(
        revision=table.integer("revision", low=1),
        label=table.text("label", ""),
        tar_sha256=table.digest("tar_sha256"),
        archive_sha256=table.digest("archive_sha256"),
        size_bytes=table.integer("size_bytes", 0),
        time_s=table.integer("time_s", 0),
        url=table.optional_text("url"),
        yanked=table.optional_text("yanked"),
        purged=table.optional_text("purged"),
    )


def _status(table: Table) -> Status:
    word = table.text("status", Status.ACTIVE.value)
    try:
        return Status(word)
    except ValueError:
        raise table.wrong("status", "one of " + ", ".join(status.value for status in Status)) from None


def _is_plain(record: Record) -> bool:
    """Return whether all texts are ASCII, and the description is on one line of single blanks."""
    texts = (
        record.automation,
        record.alias,
        record.uid,
        record.repository,
        record.folder,
        record.description,
        record.successor,
        record.moved,
        *record.tags,
        *record.words,
        *record.variations,
        *record.authors,
        *record.has,
    )
    return "".join(texts).isascii() and " ".join(record.description.split()) == record.description


def _characters(text: str) -> str:
    """Return text with each half of a surrogate pair replaced, as UTF-8 cannot hold it."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _all_characters(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_characters, texts))
