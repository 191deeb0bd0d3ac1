"""Every file of real indexes fits the JSON Schema that docs/index-format.md names for it, and what lies does not."""

import base64
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from cmsite.index.emit import emit_index
from cmsite.index.layout import ROOT_PATH, IndexLimits, blob_path
from cmsite.index.licenses import emit_licenses
from cmsite.index.packing import unpack
from tests.index_values import REGISTRY_ID, many
from tests.requirements import CHECKOUT
from tests.search_vectors import FOLDER
from tests.search_world import TINY, World

KINDS = ("root", "node", "record", "uid", "term-node", "term", "chunk", "delta", "licenses")


def schema(kind: str) -> Any:
    text = (CHECKOUT / "docs" / f"index-{kind}.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


SCHEMAS = {kind: schema(kind) for kind in KINDS}


def named_files(many: dict[str, Any]) -> Iterator[list[Any]]:
    digests = base64.b64decode(many["sha256"])
    for number, size in enumerate(many["sizes"]):
        if size:
            yield [digests[32 * number : 32 * number + 32].hex(), size]


def values(files: Mapping[str, bytes]) -> Iterator[tuple[str, Any]]:
    """Yield (kind, value) of every document and line that the root leads to."""

    def lines(file: list[Any]) -> list[Any]:
        content = unpack(files[blob_path(file[0])], where=file[0])
        return [json.loads(line) for line in content.splitlines()]

    root = json.loads(files[ROOT_PATH])
    yield "root", root
    for kind, tree in (("record", root["records"]), ("uid", root["uids"])):
        for node in named_files(tree["nodes"]):
            (leaves,) = lines(node)
            yield "node", leaves
            for leaf in named_files(leaves):
                yield from ((kind, line) for line in lines(leaf))
    for part in root["all"]:
        yield from (("record", line) for line in lines(part))
    for _, *above in (root["terms"] or {"nodes": []})["nodes"]:
        (node,) = lines(above)
        yield "term-node", node
        for _, sha256, size, *_ in node["leaves"]:
            for term in lines([sha256, size]):
                yield "term", term
                yield from (("chunk", value) for chunk in term.get("c", ()) for value in lines(chunk))
    if root["delta"]:
        head, *records = lines(root["delta"])
        yield "delta", head
        yield from (("record", line) for line in records)


def check(files: Mapping[str, bytes]) -> set[str]:
    kinds = set()
    for kind, value in values(files):
        kinds.add(kind)
        assert [str(error) for error in SCHEMAS[kind].iter_errors(value)] == [], kind
    return kinds


def test_a_tree_with_chunks_and_a_delta_fits() -> None:
    world = World(random.Random(4), 60)
    world.change(3)
    world.publish()
    assert check(world.files) == {"root", "node", "record", "uid", "term-node", "term", "chunk", "delta"}


@pytest.mark.parametrize("limits", [IndexLimits(), TINY])
@pytest.mark.parametrize("count", [0, 1, 200])
def test_indexes_of_any_size_fit(count: int, limits: IndexLimits) -> None:
    made = emit_index(many(count), registry_id=REGISTRY_ID, limits=limits)
    assert "root" in check({file.path: file.content for file in made})


@pytest.mark.parametrize("name", ["all", "tree", "delta"])
def test_the_vectors_fit(name: str) -> None:
    value = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    check({path: base64.b64decode(content) for path, content in value["files"].items()})


def test_licences_fit() -> None:
    sha256, file = emit_licenses([("LICENSE", b"text"), ("NOTICE", b"\xff")])
    assert SCHEMAS["licenses"].is_valid(json.loads(unpack(file.content, where=sha256)))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("root", {"delta": ["a" * 64, 5], "terms": None}),
        ("root", {"gen": -1}),
        ("root", {"all": [["../x", 5]]}),
        ("record", {"status": "odd"}),
        ("record", {"versions": [{"revision": 0}]}),
        ("uid", {"names": []}),
        ("term", {"d": "AAA"}),
        ("term", {"l": [1, 2]}),
        ("term", {"n": 0}),
        ("term", {"b": [-1]}),
        ("term-node", {"common": [["a", 1]] * 65}),
        ("chunk", {"d": "====" * 8}),
        ("delta", {"hashes": [2**32]}),
        ("node", None),
    ],
)
def test_what_lies_does_not_fit(kind: str, change: dict[str, Any] | None) -> None:
    world = World(random.Random(4), 60)
    world.change(3)
    world.publish()
    value = next(value for found, value in values(world.files) if found == kind)
    assert not SCHEMAS[kind].is_valid({**value, **change} if change is not None else [["x", 1]])
