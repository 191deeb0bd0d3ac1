"""One record changed in a written index with a tree of terms gives the files of a whole build."""

import random
from dataclasses import replace

import pytest

from cmsite.index.emit import Before, emit_index
from cmsite.index.layout import ROOT_PATH
from cmsite.index.patch import IndexPatch
from cmsite.index.records import Record
from tests.index_values import REGISTRY_ID, many, version
from tests.search_world import TINY, World


def whole(world: World, records: list[Record]) -> dict[str, bytes]:
    """Return what a build of all records writes beside what is there."""
    before = Before(root=world.root, read=world.files.__getitem__)
    made = emit_index(records, registry_id=REGISTRY_ID, previous=world.root, before=before, limits=TINY)
    return {file.path: file.content for file in made if world.files.get(file.path) != file.content}


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_record_gives_the_files_of_a_whole_build(seed: int) -> None:
    chance = random.Random(seed)
    world = World(chance, 60)
    done = 0
    for _ in range(80):
        one = chance.choice(list(world.records.values()))
        new = replace(
            one, description=" ".join(world.some(("get", "coco", "new"), 3)), words=world.some(("ab", "x1"), 1)
        )
        if chance.random() < 0.3:
            new = replace(one, versions=(*one.versions, version(one.versions[-1].revision + 1, content="b")))
        others = [other for other in world.records.values() if other.uid and other.uid == one.uid]
        if len(others) > 1:
            continue  # Copies are looked at by the caller, who knows them.
        patch = IndexPatch(world.root, world.files.__getitem__)
        if not patch.change(lambda _, new=new: new, name=one.name, key=one.key):  # type: ignore[misc]
            continue
        files = patch.files(created_s=0, is_preview=False)
        assert files is not None
        world.records[one.key] = new
        expected = whole(world, list(world.records.values()))
        assert {file.path: file.content for file in files if world.files.get(file.path) != file.content} == expected
        assert len(expected) <= 4
        world.files |= expected
        done += 1
    assert done > 2


def test_a_change_that_is_taken_back_leaves_no_delta() -> None:
    world = World(random.Random(1), 1)
    world.records = {one.key: one for one in many(50)}
    world.anew()
    first = world.root
    one = next(iter(world.records.values()))
    for description in ("changed", one.description):
        patch = IndexPatch(world.root, world.files.__getitem__)
        changed = replace(one, description=description)
        assert patch.change(lambda _, new=changed: new, name=one.name, key=one.key)  # type: ignore[misc]
        world.files |= {file.path: file.content for file in patch.files(created_s=0, is_preview=False) or ()}
        assert (world.root.delta is None) == (description == one.description)
    assert world.root.terms == first.terms
    assert world.root.records == first.records


def test_a_delta_that_grew_too_large_is_folded() -> None:
    world = World(random.Random(1), 1, TINY._replace(delta_records=3))
    world.records = {one.key: one for one in many(30)}
    world.anew()
    terms = [world.root.terms]
    for number in range(5):
        key = list(world.records)[number]
        world.records[key] = replace(world.records[key], description=f"other {number}")
        world.publish()
        terms.append(world.root.terms)
    assert terms[0] == terms[1] == terms[3]
    assert terms[4] != terms[3]
    assert terms[5] == terms[4]


def test_what_a_damaged_or_missing_memory_would_tell_is_found_anew() -> None:
    world = World(random.Random(1), 40)
    terms = world.root.terms
    assert terms is not None
    path = f"cm-index/v1/b/{terms.docs.sha256[:2]}/{terms.docs.sha256}.gz"
    read = {**world.files, path: world.files[path][:-1]}.__getitem__
    records = [*world.records.values(), *many(3)]
    before = Before(root=world.root, read=read)
    *_, root = emit_index(records, registry_id=REGISTRY_ID, previous=world.root, before=before, limits=TINY)
    *_, fresh = emit_index(records, registry_id=REGISTRY_ID, previous=world.root, limits=TINY)
    assert root == fresh
    assert root.path == ROOT_PATH
