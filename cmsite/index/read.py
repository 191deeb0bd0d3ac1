"""Bytes of the index to records; every file is held against the reference that named it.

It fetches nothing: callers hand in bytes, or a function that returns them. Source: facts/index.md §2 and §4.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from cmsite.errors import IntegrityError
from cmsite.index.layout import FOLDER, ROOT_PATH, blob_path, key_digest, leaf_number
from cmsite.index.lines import UidNames, parse_record, parse_uid
from cmsite.index.packing import unpack
from cmsite.index.records import Record
from cmsite.index.references import FileRef, parse_files
from cmsite.index.root import Root, Tree, parse_root
from cmsite.index.strict import Table, parse_json, parse_lines, text_lines

# Of a line as `emit_record` writes it: no text of it can look like that of a key.
_NAME = re.compile(r'\{"alias":"([^"\\]*)",(?:"authors":\[[^]\\]*\],)?"automation":"([^"\\]*)"')

# The bytes at several paths, in their order.
ReadMany = Callable[[Sequence[str]], Iterable[bytes]]


class Index(NamedTuple):
    """A whole index: its root and every record, in the order of `all`, else of the leaves."""

    root: Root
    records: tuple[Record, ...]


def read_index(read: Callable[[str], bytes], read_many: ReadMany | None = None) -> Index:
    """Read a whole index: `all`, else every leaf; `read` returns the bytes at a path relative to the site's root.

    `read_many` does so for several paths, in their order. Raises `IntegrityError` where a file is not what root.json says;
    errors of `read` pass through.
    """
    root = parse_root(read(ROOT_PATH), ROOT_PATH)
    many = read_many or (lambda paths: map(read, paths))
    if root.all:
        records = [record for data, path in _checked(root.all, many) for record in parse_part(data, path)]
    else:
        records = list(_leaf_records(root.records, many))
    if len(records) != root.count:
        raise IntegrityError(
            f"{ROOT_PATH}: count: {root.count}, but the index holds {len(records)} records; it contradicts itself"
        )
    return Index(root=root, records=tuple(records))


def _leaf_records(tree: Tree, read_many: ReadMany) -> Iterator[Record]:
    nodes = [(number, node) for number, node in enumerate(tree.nodes) if node is not None]
    below = zip(nodes, _checked([node for _, node in nodes], read_many), strict=True)
    leaves = [
        (number * tree.leaves_a_node + position, leaf)
        for (number, _), (data, path) in below
        for position, leaf in enumerate(parse_node(data, tree, path))
        if leaf is not None
    ]
    texts: dict[str, str] = {}
    for (number, _), (data, path) in zip(leaves, _checked([leaf for _, leaf in leaves], read_many), strict=True):
        for record in parse_leaf(data, tree, number, path):
            yield _with_few_texts(record, texts)


def _with_few_texts(record: Record, texts: dict[str, str]) -> Record:
    """Return the record with texts that many records share held once, which saves a third of the memory of a whole index."""
    held = texts.setdefault
    return replace(
        record,
        automation=held(record.automation, record.automation),
        automation_uid=held(record.automation_uid, record.automation_uid),
        repository=held(record.repository, record.repository),
        format=held(record.format, record.format),
        licenses=held(record.licenses, record.licenses),
        tags=tuple(map(held, record.tags, record.tags)),
    )


def _checked(files: Sequence[FileRef], read_many: ReadMany) -> Iterator[tuple[bytes, str]]:
    """Yield the bytes and paths of files, each held against its reference."""
    paths = [blob_path(file.sha256) for file in files]
    for file, path, data in zip(files, paths, read_many(paths), strict=True):
        yield checked(data, file, path), path


def checked(data: bytes, file: FileRef, where: str) -> bytes:
    """Return `data` where it has the size and digest of `file`.

    Raises `IntegrityError` otherwise.
    """
    if len(data) != file.size_bytes:
        raise IntegrityError(f"{where}: {len(data)} bytes, expected {file.size_bytes}; damaged or tampered with")
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        raise IntegrityError(f"{where}: sha256 is {found}, expected {file.sha256}; damaged or tampered with")
    return data


def parse_part(data: bytes, where: str) -> tuple[Record, ...]:
    """Return the records of a packed part of `all`; raises `IntegrityError` where it is damaged."""
    return tuple(_records(data, where))


def part_lines(data: bytes, where: str) -> list[str]:
    """Return the lines of a packed part of `all` unread, for a search that reads only those that may match."""
    return text_lines(unpack(data, where=where), where)


def parse_line(line: str, where: str, number: int) -> Record:
    """Return the record of one line of `part_lines`, the lines counted from 0.

    Raises `IntegrityError` where it is none.
    """
    value = parse_json(line.encode("utf-8"), f"{where}: line {number + 1}")
    return parse_record(value, where=where, path=f"records[{number}]")


def parse_node(data: bytes, tree: Tree, where: str) -> tuple[FileRef | None, ...]:
    """Return the leaves a packed node names; None is an empty leaf.

    Raises `IntegrityError` where it is damaged or does not fit the tree.
    """
    return parse_files(Table(parse_json(unpack(data, where=where), where), where=where), tree.leaves_a_node)


def parse_leaf(data: bytes, tree: Tree, number: int, where: str) -> tuple[Record, ...]:
    """Return the records of a packed leaf.

    Raises `IntegrityError` where it is damaged or holds a record that belongs to another leaf.
    """
    records = parse_part(data, where)
    for position, record in enumerate(records):
        _check_leaf(record.name, tree, number, f"{where}: records[{position}]")
    return records


def parse_leaf_line(line: str, tree: Tree, number: int, where: str, position: int) -> Record:
    """Return the record of one line of a leaf, whose lines are counted from 0; raises as `parse_leaf` does."""
    record = parse_line(line, where, position)
    _check_leaf(record.name, tree, number, f"{where}: records[{position}]")
    return record


def has_name_hash(line: str, hashes: Collection[int]) -> bool:
    """Return whether the name of a record's line may have one of these hashes, from its text alone; only False is certain."""
    found = _NAME.match(line)
    if found is None:
        return True
    alias, automation = found.groups()
    return int.from_bytes(key_digest(f"{automation}:{alias}")[:4], "big") in hashes


def parse_uid_leaf(data: bytes, tree: Tree, number: int, where: str) -> tuple[UidNames, ...]:
    """Return the uids of a packed leaf; raises as `parse_leaf` does."""
    values = enumerate(parse_lines(unpack(data, where=where), where))
    uids = tuple(parse_uid(value, where=where, path=f"uids[{position}]") for position, value in values)
    for position, names in enumerate(uids):
        _check_leaf(names.uid, tree, number, f"{where}: uids[{position}]")
    return uids


def leaf_of(key: str, tree: Tree) -> int:
    """Return the leaf that holds a name (`automation:alias`) or a uid."""
    return leaf_number(key_digest(key), tree.bits)


def blob_name(path: str) -> str:
    """Return a path as messages show it, without the part that every file of the index shares."""
    return path.removeprefix(f"{FOLDER}/")


def _records(data: bytes, where: str) -> Iterator[Record]:
    for position, value in enumerate(parse_lines(unpack(data, where=where), where)):
        yield parse_record(value, where=where, path=f"records[{position}]")


def _check_leaf(key: str, tree: Tree, number: int, where: str) -> None:
    if leaf_of(key, tree) != number:
        raise IntegrityError(
            f"{where}: {ascii(key)[:80]} belongs to leaf {leaf_of(key, tree)}, found in leaf {number}; the index is wrong"
        )
