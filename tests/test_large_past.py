"""The previous index of a registry too large for `all`: read through its leaves, and its tree goes on where it is whole."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

import cmsite.pipeline.build as build_module
from cmsite.cli import cli as commands
from cmsite.errors import IntegrityError, NetworkError
from cmsite.index.emit import emit_index
from cmsite.index.layout import FOLDER, ROOT_PATH, IndexLimits, blob_path
from cmsite.index.packing import unpack
from cmsite.index.read import Index, parse_node, read_index
from cmsite.index.records import Record, Status
from cmsite.index.root import Root, parse_root
from cmsite.index.term_files import check_tree
from cmsite.pipeline.past import Past, find_past
from tests.hostile_server import HostileServer, answer, hostile_server
from tests.index_values import REGISTRY_ID, many
from tests.memory_tree import script
from tests.test_build import catalogue, tree

COUNT = 300
LIMITS = IndexLimits(all_bytes=0, delta_records=20, chunk=8, least_common=12)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    made = emit_index(many(COUNT), registry_id=REGISTRY_ID, first=True, limits=LIMITS)
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


def reached(files: Mapping[str, bytes]) -> set[str]:
    """Return the paths of all files of the index that its root reaches."""
    asked: set[str] = set()

    def read(path: str) -> bytes:
        asked.add(path)
        return files[path]

    root = read_index(read).root
    if root.terms is not None:
        check_tree(root.terms, partial(map, read))
    if root.delta is not None:
        read(blob_path(root.delta.sha256))
    asked.update(blob_path(node.sha256) for node in root.uids.nodes if node is not None)
    for node in filter(None, root.uids.nodes):
        leaves = parse_node(read(blob_path(node.sha256)), root.uids, "uids")
        asked.update(blob_path(leaf.sha256) for leaf in leaves if leaf is not None)
    assert asked <= set(files)
    return asked


def built(past: Past, output: Path, records: list[Record]) -> dict[str, bytes]:
    """Write the index that goes on from `past` as a build does; return all files of the output."""
    assert past.index is not None
    made = emit_index(
        records,
        registry_id=REGISTRY_ID,
        previous=past.index.root,
        before=past.searched(output),
        limits=LIMITS,
    )
    for file in made:
        (output / file.path).parent.mkdir(parents=True, exist_ok=True)
        (output / file.path).write_bytes(file.content)
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}


def one_changed() -> list[Record]:
    first, *others = many(COUNT)
    return [replace(first, description="Another text"), *others]


def test_records_are_read_through_leaves(folder: Path, server: HostileServer, tmp_path: Path) -> None:
    for previous in (str(folder), server.url):
        past = find_past(previous, tmp_path / "new")
        assert {record.key for record in past.records} == {record.key for record in many(COUNT)}


@pytest.mark.parametrize("place", ["folder", "address"])
def test_one_change_of_text_is_four_files_and_the_output_is_complete(
    folder: Path, server: HostileServer, files: dict[str, bytes], tmp_path: Path, place: str
) -> None:
    past = find_past(server.url if place == "address" else str(folder), tmp_path / "new")
    made = built(past, tmp_path / "new", one_changed())
    root = parse_root(made[ROOT_PATH])
    changed = {path for path, content in made.items() if files.get(path) != content}
    assert root.delta is not None
    assert {ROOT_PATH, blob_path(root.delta.sha256)} < changed
    records = {blob_path(node.sha256) for node in root.records.nodes if node is not None}
    assert len(changed & records) == 1
    assert len(changed) == 4
    assert reached(made) == set(made)


def test_nothing_of_the_tree_is_fetched_that_the_output_holds_whole(
    server: HostileServer, files: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "new"
    past = find_past(server.url, output)
    terms = parse_root(files[ROOT_PATH]).terms
    assert terms is not None
    node, docs = blob_path(terms.nodes[0].file.sha256), blob_path(terms.docs.sha256)
    built(past, output, one_changed())
    assert (server.count(node), server.count(docs)) == (1, 2)
    (output / node).write_bytes(b"cut")
    assert reached(built(past, output, one_changed()))
    assert (server.count(node), server.count(docs)) == (2, 3)


def test_of_an_address_nothing_of_the_tree_is_fetched_where_too_much_changed(
    server: HostileServer, files: dict[str, bytes], tmp_path: Path
) -> None:
    past = find_past(server.url, tmp_path / "new")
    others = [replace(one, description="Another text") for one in many(COUNT)]
    made = built(past, tmp_path / "new", others)
    terms = parse_root(files[ROOT_PATH]).terms
    assert terms is not None
    assert server.count(blob_path(terms.nodes[0].file.sha256)) == 0
    assert parse_root(made[ROOT_PATH]).delta is None
    assert reached(made) == set(made)


@pytest.mark.parametrize("place", ["folder", "address"])
@pytest.mark.parametrize("part", ["node", "leaf", "chunk", "docs"])
@pytest.mark.parametrize("damage", [b"cut", None])
def test_case_76_a_tree_with_a_cut_or_missing_file_is_made_anew(
    folder: Path, server: HostileServer, tmp_path: Path, part: str, damage: bytes | None, place: str
) -> None:
    path = parts_of(server.files)[part]
    if damage is None:
        del server.files[path]
        (folder / path).unlink()
    else:
        server.files[path] = damage
        (folder / path).write_bytes(damage)
    past = find_past(server.url if place == "address" else str(folder), tmp_path / "new")
    made = built(past, tmp_path / "new", one_changed())
    assert parse_root(made[ROOT_PATH]).delta is None
    assert parse_root(made[ROOT_PATH]).count == COUNT
    assert reached(made) <= set(made)


def test_a_server_that_fails_amid_the_tree_ends_the_build(server: HostileServer, tmp_path: Path) -> None:
    past = find_past(server.url, tmp_path / "new")
    server.answers[parts_of(server.files)["leaf"]] = answer(403, b"no")
    with pytest.raises(NetworkError, match="403"):
        built(past, tmp_path / "new", one_changed())


def parts_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the path of one file of each kind of the tree."""
    terms = parse_root(files[ROOT_PATH]).terms
    assert terms is not None
    node = blob_path(terms.nodes[0].file.sha256)
    leaves = json.loads(unpack(files[node], where=node))["leaves"]
    lines = [
        json.loads(line) for leaf in leaves for line in unpack(files[blob_path(leaf[1])], where="leaf").splitlines()
    ]
    chunk = next(line["c"][0][0] for line in lines if "c" in line)
    found = {"node": node, "leaf": blob_path(leaves[0][1]), "chunk": blob_path(chunk)}
    return {**found, "docs": blob_path(terms.docs.sha256)}


def test_a_build_with_its_own_address_changes_four_files_of_the_index(
    server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole command, as a publisher's CI runs it from a fresh clone."""
    monkeypatch.setattr(build_module, "emit_index", partial(emit_index, limits=LIMITS))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    artifacts = {f"s{number}": script(f"s{number}", f"{number:016x}") for number in range(13)}
    config = catalogue(tmp_path, **artifacts)
    (tmp_path / "nothing").mkdir()
    cli("build", "--no-cache", "--config", config, "--previous", tmp_path / "nothing", "--site-dir", tmp_path / "one")
    server.files.clear()
    server.files.update(tree(tmp_path / "one"))
    meta = next(tmp_path.rglob("s3/_cm.*"))
    meta.write_text(meta.read_text("utf-8").replace("[get]", "[get, changed]"), "utf-8")
    cli("build", "--no-cache", "--config", config, "--previous", server.url, "--site-dir", tmp_path / "two")
    new = index_files(tree(tmp_path / "two"))
    assert reached(new) <= set(new)
    old = index_files(server.files)
    assert set(parts_of(old).values()) <= set(new)
    changed = {path for path in reached(new) if old.get(path) != new[path]}
    root = parse_root(new[ROOT_PATH])
    assert root.delta is not None
    assert len(changed) <= 4
    assert {ROOT_PATH, blob_path(root.delta.sha256)} <= changed


def index_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith(FOLDER)}


def cli(*arguments: object) -> None:
    done = CliRunner().invoke(commands, [str(item) for item in arguments])
    assert done.exit_code == 0, (done.output, done.exception)


def test_an_index_with_two_records_of_one_origin_is_refused_as_no_revision_may_be_lost(tmp_path: Path) -> None:
    first, *others = many(3)
    renamed = replace(first, alias="other", status=Status.MOVED, moved="team/script:artifact-0", versions=())
    allowed = Past(index=Index(root=root_of([first, renamed, *others]), records=(first, renamed, *others)))
    assert len(allowed.versions()) == 3
    twice = replace(first, alias="other", description="Another text")
    files = {file.path: file.content for file in emit_index([first, twice, *others], registry_id=REGISTRY_ID)}
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    with pytest.raises(IntegrityError, match=r"two records of team/script in folder 'artifact-0', expected one"):
        find_past(str(tmp_path), tmp_path / "new").versions()


def root_of(records: list[Record]) -> Root:
    *_, root = emit_index(records, registry_id=REGISTRY_ID)
    return parse_root(root.content)
