"""Keys, origins and edges of a joined catalogue, whatever the order it was read in."""

import random

from cmsite.catalog.addresses import artifact_address
from cmsite.catalog.join import join, with_uid, with_unique_keys
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Dependency, Resolution
from cmsite.model.names import derived_uid, is_safe_folder, parse_pair, slug
from cmsite.model.repository import Format, Repository
from cmsite.model.tree import Provenance


def repository(key, source=0):
    return Repository(
        key=key,
        alias=key,
        uid="",
        source=source,
        path="",
        formats=(Format.CM,),
        provenance=Provenance(kind="folder", location="x"),
    )


def artifact(repository_key, folder, *, uid="", tags=(), wants=()):
    return Artifact(
        key=ArtifactKey(repository=repository_key, automation="script", folder=folder),
        format=Format.CM,
        path=f"script/{folder}",
        alias=folder,
        uid=uid,
        automation_uid="5b4e0237da074764",
        tags=tags,
        dependencies=tuple(
            Dependency(kind="deps", pointer=f"/deps/{n}/tags", tags=tags) for n, tags in enumerate(wants)
        ),
    )


def test_a_second_equal_repository_key_gets_a_number():
    keys = [
        item.key for item in with_unique_keys([repository("a"), repository("a"), repository("a-2"), repository("a")])
    ]
    assert keys == ["a", "a-2", "a-2-2", "a-3"]


def test_the_catalogue_does_not_depend_on_the_order_of_artifacts():
    artifacts = [
        artifact("a", f"s{n}", uid=f"{n:016x}", tags=("get", f"t{n % 3}"), wants=(("get", "t1"),)) for n in range(12)
    ]
    catalogs = []
    for seed in range(3):
        shuffled = artifacts[:]
        random.Random(seed).shuffle(shuffled)
        catalogs.append(join(title="t", registry_id="0" * 32, repositories=(repository("a"),), artifacts=shuffled)[0])
    assert catalogs[0] == catalogs[1] == catalogs[2]
    assert list(catalogs[0].artifacts) == list(catalogs[1].artifacts)


def test_edges_and_used_by_are_two_sides_of_one_thing():
    artifacts = [
        artifact("a", "python", tags=("get", "python")),
        artifact("a", "app", wants=(("get", "python"), ("none",))),
    ]
    catalog, _ = join(title="t", registry_id="0" * 32, repositories=(repository("a"),), artifacts=artifacts)
    app, python = (ArtifactKey(repository="a", automation="script", folder=name) for name in ("app", "python"))
    assert [(edge.resolution, edge.targets) for edge in catalog.edges[app]] == [
        (Resolution.FOUND, (python,)),
        (Resolution.DANGLING, ()),
    ]
    assert catalog.used_by[python] == (app,)


def test_origins_are_copies_in_several_repositories_in_the_order_of_the_registry():
    repositories = (repository("b"), repository("a", 1))
    artifacts = [artifact("a", "x", uid="1" * 16), artifact("b", "x", uid="1" * 16), artifact("a", "y", uid="2" * 16)]
    catalog, _ = join(title="t", registry_id="0" * 32, repositories=repositories, artifacts=artifacts)
    assert [[key.repository for key in keys] for keys in catalog.origins.values()] == [["b", "a"]]


def test_a_missing_uid_is_derived_from_registry_repository_and_path_or_pinned():
    bare = artifact("a", "x")
    derived = with_uid(bare, "0" * 32, {})
    assert (derived.uid, derived.uid_derived) == (derived_uid("0" * 32, "a", "script", "script/x"), True)
    assert with_uid(bare, "0" * 32, {"script/x": "f" * 16}).uid == "f" * 16


def test_slugs_of_names_that_differ_never_meet():
    names = [
        "detect-os",
        "Detect-OS",
        "detect os",
        "con",
        "CON",
        "index",
        "a" * 81,
        "\u00e9\u00e9",
        "..",
        "-",
        "nul.txt",
        "mlcommons@ck",
        "",
    ]
    slugs = [slug(name) for name in names]
    assert len({item.lower() for item in slugs}) == len(names)
    assert all(is_safe_folder(item) or item.startswith("-") for item in slugs)
    assert max(len(item.encode()) for item in slugs) <= 80
    assert slugs[0] == "detect-os"


def test_addresses_are_those_of_the_contract():
    key = ArtifactKey(repository="team", automation="script", folder="detect-os")
    assert artifact_address(key) == "a/team/script/detect-os/"


def test_pairs_are_read_in_both_orders():
    pair = parse_pair("script,5b4e0237da074764")
    assert pair == parse_pair("5B4E0237da074764,script")
    assert (parse_pair("script").alias, parse_pair("5b4e0237da074764").uid) == ("script", "5b4e0237da074764")
