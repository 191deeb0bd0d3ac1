"""The manifest of an artifact: its schema, its address, and that it belongs to nothing but its artifact."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from cmsite.index.manifest import MAX_FILES, MAX_TARGETS
from cmsite.index.records import Version
from cmsite.model.artifact import ArtifactFile
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.pages import render_artifact
from tests.catalog_factory import Tree, catalogue, context_of, needs, renamed, script
from tests.requirements import CHECKOUT
from tests.test_site_pages import VERSION, rich

SCHEMA = json.loads((CHECKOUT / "docs" / "manifest.schema.json").read_text("utf-8"))


def manifest_of(context: SiteContext, number: int = 0) -> tuple[OutputFile, dict[str, Any]]:
    page, file, *_ = render_artifact(context, list(context.catalog.artifacts)[number])
    assert file.path.encode() in page.content
    document = json.loads(file.content)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(document)
    return file, document


def small(**fields: Any) -> SiteContext:
    tree = Tree()
    artifact = tree.add(script(fields.pop("alias", "one"), 1, folder="one", **fields), {})
    return context_of(catalogue(artifact, versions={artifact.key: (VERSION,)}), tree)


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


def test_every_artifact_has_a_manifest_named_by_its_bytes_and_linked_by_its_page() -> None:
    context = rich()
    for number in range(len(context.catalog.artifacts)):
        file, document = manifest_of(context, number)
        assert file.path == f"cm-index/v1/manifest/{hashlib.sha256(file.content).hexdigest()}.json"
        assert (
            file.content
            == json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        )


def test_a_manifest_holds_what_the_page_shows() -> None:
    _, document = manifest_of(rich(), 1)
    assert document["reference"] == "script:one"
    assert document["page"] == "a/team/script/one/"
    assert document["authors"] == ["Ann <a>", "Bob"]
    assert {"path": "run.sh", "size_bytes": 5} in document["files"]
    assert document["versions"][0]["archive"] == f"artifacts/{'b' * 64}.tar.gz"
    assert document["source"]["location"] == "https://example.org/team.git"
    assert [need["resolution"] for need in document["dependencies"]] == ["found", "alternatives", "dangling"]
    assert document["dependencies"][0]["targets"] == ["team/script:two"]
    assert document["dependencies"][1]["within"] == "variation fast"


@pytest.mark.parametrize(
    ("url", "archive"),
    [(None, f"artifacts/{'b' * 64}.tar.gz"), ("", None), ("https://example.org/x", "https://example.org/x")],
)
def test_a_version_says_where_its_bytes_are(url: str | None, archive: str | None) -> None:
    context = small()
    (key,) = context.catalog.artifacts
    changed = replace(context.catalog, versions={key: (replace(VERSION, url=url, yanked=""),)})
    (version,) = manifest_of(replace(context, catalog=changed))[1]["versions"]
    assert (version.get("archive"), version["yanked"]) == (archive, "")


def test_long_lists_are_cut_and_counted() -> None:
    tree = Tree()
    files = tuple(ArtifactFile(path=f"f{number}", source=f"f{number}", size_bytes=0) for number in range(MAX_FILES + 3))
    one = renamed(tree.add(script("one", 1), {}), files=files, tags=tuple(map(str, range(2000))))
    others = [tree.add(script(f"s{number}", number + 2), {}) for number in range(MAX_TARGETS + 5)]
    versions = {one.key: tuple(replace(VERSION, revision=number + 1) for number in range(300))}
    edges = (needs(one, *others), *(needs(one) for _ in range(1500)))
    context = context_of(catalogue(one, *others, edges=edges, versions=versions), tree)
    _, document = manifest_of(context)
    assert (len(document["files"]), document["files_left_out"]) == (MAX_FILES, 3)
    assert (len(document["dependencies"][0]["targets"]), document["dependencies"][0]["targets_left_out"]) == (
        MAX_TARGETS,
        5,
    )
    assert (len(document["dependencies"]), document["dependencies_left_out"]) == (1000, 501)
    assert [document["versions"][0]["revision"], len(document["versions"]), len(document["tags"])] == [101, 200, 1000]


def test_a_manifest_changes_with_its_artifact_only() -> None:
    tree = Tree()
    one, two = (tree.add(script(name, number), {}) for number, name in enumerate(("one", "two"), start=1))
    alone = context_of(catalogue(one), tree)
    beside = context_of(catalogue(one, two, title="Another", base_url="https://example.org/"), tree)
    assert manifest_of(alone)[0] == manifest_of(beside)[0]
    assert manifest_of(alone)[0] != manifest_of(context_of(catalogue(renamed(one, tags=("other",))), tree))[0]


@pytest.mark.parametrize("evil", ["\ud800", "\x00\x1b[31m\u202e", "</script>", '"\\', "名前" * 200])
def test_hostile_texts_are_json_like_any_other(evil: str) -> None:
    _, document = manifest_of(small(name=evil, tags=(evil,), authors=(evil,), license=evil, category=evil, alias=evil))
    assert document["tags"] == [evil.replace("\ud800", "\ufffd")]


def test_versions_without_anything_published_are_missing() -> None:
    context = context_of(catalogue(Tree().add(script("one", 1), {})), _readable())
    assert "versions" not in manifest_of(context)[1]


def _readable() -> Tree:
    tree = Tree()
    tree.add(script("one", 1), {})
    return tree


def test_a_version_of_the_index_has_every_key_that_a_manifest_names() -> None:
    named = set(SCHEMA["properties"]["versions"]["items"]["properties"]) - {"archive"}
    assert named | {"url"} == set(Version.__dataclass_fields__)
