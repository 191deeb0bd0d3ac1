"""registry.yml: what is read, and that every mistake names its place and what was meant."""

import pytest

from cmsite import settings
from cmsite.errors import ConfigurationError


def write(tmp_path, text):
    path = tmp_path / "registry.yml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_registry_yml_is_read(tmp_path):
    found = settings.load(
        write(
            tmp_path,
            """
title: My artifacts
base_url: https://example.org/catalogue
registry_id: 0f3c0f3c0f3c0f3c0f3c0f3c0f3c0f3c
contact: https://example.org/issues/new?title={reference}
sources:
  - folder: artifacts
  - {git: https://example.org/team/repo, ref: v2.3, name: team, bytes: link}
requires:
  - folder: ../base
rules:
  ignore: [{code: CM103, paths: ["script/old-*"], reason: "kept", until: 2027-01-01}]
archives: {max_bytes: 10}
""",
        )
    )
    assert (found.title, found.preview, found.base_url, found.max_archive_bytes) == (
        "My artifacts",
        False,
        "https://example.org/catalogue/",
        10,
    )
    assert [(spec.kind, spec.location, spec.name, spec.ref, spec.bytes) for spec in found.sources] == [
        ("folder", "artifacts", "", "", "publish"),
        ("git", "https://example.org/team/repo", "team", "v2.3", "link"),
    ]
    assert found.requires[0].location == "../base"
    assert found.rules.ignores[0].until == "2027-01-01"


def test_without_a_registry_id_one_is_derived_and_the_build_is_a_preview(tmp_path):
    path = write(tmp_path, "title: A\nsources: [{folder: a}]\n")
    first, second = settings.load(path), settings.load(path)
    assert first.preview
    assert first.registry_id == second.registry_id
    assert len(first.registry_id) == 32


MISTAKES = {
    "": "is empty",
    "- a\n": "must be a mapping with `title` and `sources`",
    "titel: A\n": "1:1: unknown key 'titel'; did you mean 'title'?",
    "title: A\nsources: folder\n": "2:1: must be a list such as",
    "title: A\nsources:\n  - foldr: a\n": "3:5: unknown key 'foldr'; did you mean 'folder'?",
    "title: A\nsources:\n  - {folder: a, git: b}\n": "must have exactly one of folder, git, archive, notebook, image, got folder, git",
    "title: A\nregistry_id: 5\n": "2:1: `registry_id` must be a text, got a number: put it in quotes",
    "title: A\nregistry_id: XYZ\n": "must be 32 hexadecimal digits",
    "title: A\nbase_url: ftp://x\n": "must be an http(s) address",
    "title: A\nsources:\n  - {archive: a.zip, sha256: abc}\n": "must be 64 hexadecimal digits",
    "title: [\n": "is not YAML",
    "title: A\ntitle: B\n": "stands twice",
    "title: A\nrules: {ignore: [{code: CM103}]}\n": "needs `reason:`",
    "sources: []\n": "needs `title:`",
    "title: A\nsources: [{folder: a, sha256: " + "0" * 64 + "}]\n": "says nothing of a folder",
    "title: A\nsources: [{folder: a, private: true}]\n": "cannot keep a source private",
    "title: A\nsources: [{folder: a, name: a/b}]\n": "must be one that can be a folder",
    "title: A\nsources: []\nrules: {ignore: [{code: CM103, reason: x, until: tomorrow}]}\n": "must be a day such as 2027-01-01",
    "title: A\nsources: []\nbase_url: 'http://[::1'\n": "must be an http(s) address",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_names_file_place_and_remedy(tmp_path, text):
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as error:
        settings.load(path)
    assert MISTAKES[text] in str(error.value)
    assert str(path) in str(error.value)
    assert error.value.exit_code == 2


def test_all_mistakes_are_reported_at_once(tmp_path):
    with pytest.raises(ConfigurationError) as error:
        settings.load(write(tmp_path, "titel: A\nbase_url: x\nsources: 1\n"))
    assert len(str(error.value).splitlines()) >= 3


def test_a_missing_registry_yml_says_how_to_write_one(tmp_path):
    with pytest.raises(ConfigurationError, match="there is no registry.yml here"):
        settings.load(tmp_path / "registry.yml")
