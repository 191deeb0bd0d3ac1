"""The points of CK with the features beside them: one row a point, nothing lost, whatever the files hold."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.model.artifact import Artifact
from cmsite.results.ck_points import read_points
from cmsite.results.experiment_files import MAX_BYTES, ResultRows
from tests.catalog_factory import Tree, article, catalogue, context_of, page_of, script

FLAT = {"##characteristics#run#execution_time#min": 1.5, "##characteristics#run#execution_time#max": 2}
FEATURES = {"##choices#compiler": "gcc 9", "##features#cpu": "Cortex-A7", "##characteristics#run#execution_time#min": 9}


def points(files: dict[str, Any]) -> ResultRows | None:
    contents = {
        name: value if isinstance(value, bytes) else json.dumps(value).encode() for name, value in files.items()
    }
    owner = script("e", 1, contents, automation="experiment")

    def read(_: Artifact, path: str) -> bytes:
        return contents[path.rpartition("/")[2]]

    return read_points(owner, read)


def test_a_point_has_its_features_as_columns_and_no_value_is_replaced():
    found = points({"ckp-a.flat.json": FLAT, "ckp-a.features_flat.json": FEATURES, "ckp-b.flat.json": FLAT})
    assert found is not None
    assert [file.path for file in found.files] == ["ckp-b.flat.json", "ckp-a.flat.json", "ckp-a.features_flat.json"]
    own = {"characteristics run execution_time min": 1.5, "characteristics run execution_time max": 2}
    assert found.rows == (
        own,
        {**own, "choices compiler": "gcc 9", "features cpu": "Cortex-A7", "features characteristics run execution_time min": 9},
    )  # fmt: skip


def test_without_features_there_is_nothing_to_join():
    assert points({"ckp-a.flat.json": FLAT}) is None
    assert points({"ckp-a.features_flat.json": FEATURES}) is None


@pytest.mark.parametrize("features", [b"{", b"[" * 100_000, b"\xff", b"", b"5"])
def test_features_that_cannot_be_read_are_named_and_the_point_stays(features: bytes):
    found = points({"ckp-a.flat.json": FLAT, "ckp-a.features_flat.json": features})
    assert found is not None
    assert len(found.rows) == 1
    assert found.problems == (() if features == b"5" else ("ckp-a.features_flat.json",))


def test_what_is_too_large_is_cut_aloud():
    found = points({"ckp-a.flat.json": FLAT, "ckp-a.features_flat.json": b" " * (MAX_BYTES + 1)})
    assert found is not None
    assert (len(found.rows), found.is_cut) == (1, True)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(_VALUES, _VALUES)
def test_nothing_raises(flat: Any, features: Any):
    assert points({"ckp-a.flat.json": flat, "ckp-a.features_flat.json": features}) is not None


def test_the_page_of_an_experiment_shows_both():
    names = [("a", 1.5, "gcc 9"), ("b", 2.5, "gcc 8")]
    files = {f"ckp-{name}.flat.json": json.dumps({"##characteristics#time": time}).encode() for name, time, _ in names}
    files |= {
        f"ckp-{name}.features_flat.json": json.dumps({"##choices#compiler": cc}).encode() for name, _, cc in names
    }
    tree = Tree()
    shown = article(
        page_of(context_of(catalogue(tree.add(script("e", 1, files, automation="experiment"), files)), tree))
    )
    assert '<th scope="col">choices compiler</th>' in shown
    assert "gcc 8</td>" in shown
    assert "2.5</td>" in shown
