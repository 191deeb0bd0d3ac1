"""A registry asked for many names and files of dependencies at once: few requests, every byte checked."""

from dataclasses import replace
from pathlib import Path

import pytest

from cmsite.client.dependency_source import DependencySource
from cmsite.client.fetching import MissingFileError
from cmsite.client.registries import open_address
from cmsite.client.remote import RemoteRegistry
from cmsite.errors import CmsiteError, IntegrityError
from cmsite.index.dependencies import NO_DEPENDENCIES, Dependencies, Need, emit_dependencies
from cmsite.index.records import Record, Status
from cmsite.outputs import OutputFile
from tests.index_values import many, record, site_of


def published(folder: Path, *records: Record) -> RemoteRegistry:
    for path, content in site_of(records).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return open_address(folder.as_uri())


def add(folder: Path, file: OutputFile) -> None:
    (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
    (folder / file.path).write_bytes(file.content)


@pytest.mark.parametrize("count", [5, 1200])  # With `all` read as a whole, and through the tree.
def test_records_are_found_by_complete_references_in_their_repository(tmp_path: Path, count: int):
    copy = record("artifact-1", repository="copy", rank=1)
    source = DependencySource(published(tmp_path, *many(count), copy))
    names = ["team/script:artifact-0", "copy/script:artifact-1", "team/script:artifact-1", "team/script:nobody", "no"]
    found = source.records(names)
    assert {name: (one.repository, one.alias) for name, one in found.items()} == {
        "team/script:artifact-0": ("team", "artifact-0"),
        "team/script:artifact-1": ("team", "artifact-1"),
        "copy/script:artifact-1": ("copy", "artifact-1"),
    }


def test_two_of_one_name_need_the_uid_and_what_was_removed_gives_way(tmp_path: Path):
    records = (
        record("a", uid="1" * 16),
        record("a", uid="2" * 16, folder="a-2"),
        record("b", uid="3" * 16, folder="old", status=Status.REMOVED),
        record("b", uid="3" * 16),
        record("c,1234567890123456"),
    )
    source = DependencySource(published(tmp_path, *records))
    found = source.records(
        [f"team/script:a,{'2' * 16}", "team/script:a", "team/script:b", "team/script:c,1234567890123456"]
    )
    assert {name: one.folder for name, one in found.items()} == {
        f"team/script:a,{'2' * 16}": "a-2",
        "team/script:b": "b",
        "team/script:c,1234567890123456": "c,1234567890123456",
    }


def test_what_artifacts_need_is_read_in_their_order(tmp_path: Path):
    wanted = [Dependencies(needs=(Need("deps", f"tag-{number}", "dangling"),)) for number in range(20)]
    records = []
    for number, dependencies in enumerate(wanted):
        sha256, file = emit_dependencies(dependencies)
        add(tmp_path, file)
        records.append(replace(record(f"s{number}"), dependencies=sha256))
    source = DependencySource(published(tmp_path, *records))
    assert source.dependencies([*records, record("bare")]) == (*wanted, NO_DEPENDENCIES)


def test_case_76_a_file_of_dependencies_that_lies_is_refused(tmp_path: Path):
    sha256, file = emit_dependencies(Dependencies(needs=(Need("deps", "a", "dangling"),)))
    one = replace(record("one"), dependencies=sha256)
    registry = published(tmp_path, one)
    with pytest.raises(CmsiteError) as raised:
        registry.dependencies([one])
    assert isinstance(raised.value, MissingFileError) or "incomplete" in str(raised.value)
    add(tmp_path, replace(file, content=file.content[:-4] + b"xxxx"))
    with pytest.raises(IntegrityError):
        published(tmp_path, one).dependencies([one])
    add(tmp_path, replace(file, content=b""))
    with pytest.raises(IntegrityError):
        published(tmp_path, one).dependencies([one])


def test_the_cache_serves_what_was_read_before(tmp_path: Path):
    sha256, file = emit_dependencies(Dependencies(needs=(Need("deps", "a", "dangling"),)))
    add(tmp_path, file)
    one = replace(record("one"), dependencies=sha256)
    first = published(tmp_path, one).dependencies([one])
    (tmp_path / file.path).unlink()
    registry = open_address(tmp_path.as_uri())
    assert registry.dependencies([one]) == first
