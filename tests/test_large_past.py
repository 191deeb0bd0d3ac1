"""The previous index of a registry too large for `all`: read through its leaves, and its tree goes on where it is whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmsite.index.emit import emit_index
from cmsite.index.layout import ROOT_PATH, IndexLimits, blob_path
from cmsite.index.root import parse_root
from cmsite.pipeline.past import find_past
from tests.hostile_server import HostileServer, hostile_server
from tests.index_values import REGISTRY_ID, many

COUNT = 700


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    limits = IndexLimits(all_bytes=0)
    made = emit_index(many(COUNT), registry_id=REGISTRY_ID, first=True, limits=limits)
    return {file.path: file.content for file in made}


@pytest.fixture
def folder(files: dict[str, bytes], tmp_path: Path) -> Path:
    for path, content in files.items():
        (tmp_path / "old" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "old" / path).write_bytes(content)
    return tmp_path / "old"


@pytest.fixture
def server(files: dict[str, bytes]) -> Iterator[HostileServer]:
    with hostile_server() as world:
        world.files.update(files)
        yield world


def test_a_folder_is_read_through_its_leaves_and_its_tree_goes_on(folder: Path, tmp_path: Path) -> None:
    past = find_past(str(folder), tmp_path / "new")
    assert {record.key for record in past.records} == {record.key for record in many(COUNT)}
    before = past.searched()
    assert before is not None
    assert before.root.terms is not None


def test_an_address_is_read_through_its_leaves_and_its_tree_is_made_anew(
    server: HostileServer, files: dict[str, bytes], tmp_path: Path
) -> None:
    past = find_past(server.url, tmp_path / "new")
    assert {record.key for record in past.records} == {record.key for record in many(COUNT)}
    assert past.searched() is None
    terms = parse_root(files[ROOT_PATH]).terms
    assert terms is not None
    assert server.count(blob_path(terms.nodes[0].file.sha256)) == 0


@pytest.mark.parametrize("damage", [b"", b"cut"])
def test_case_76_a_tree_with_a_cut_file_is_made_anew(folder: Path, tmp_path: Path, damage: bytes) -> None:
    terms = parse_root((folder / ROOT_PATH).read_bytes()).terms
    assert terms is not None
    (folder / blob_path(terms.nodes[0].file.sha256)).write_bytes(damage)
    past = find_past(str(folder), tmp_path / "new")
    assert len(past.records) == COUNT
    assert past.searched() is None
