"""What a build writes for machines: the same by either command, never twice, kept where it was published."""

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command_line import build_here as build
from tests.memory_tree import script
from tests.test_build import UID, catalogue, tree
from tests.test_machines import Head, addresses, read_feed
from tests.test_site_material import MKDOCS, run

REGISTRY = (
    "title: Small\nregistry_id: 0123456789abcdef0123456789abcdef\ndescription: What it is.\n"
    "base_url: https://example.org/c/\nsources: [{git: artifacts, ref: main}]\n"
)
FOLDERS = REGISTRY.replace("{git: artifacts, ref: main}", "{folder: artifacts}")
FILES = ("feed.xml", "llms.txt", "robots.txt", "sitemap.xml")


def commit(repository: Path, day: str) -> None:
    environment = {**os.environ, "GIT_AUTHOR_DATE": f"{day}T00:00:00Z", "GIT_COMMITTER_DATE": f"{day}T00:00:00Z"}
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "x"]):
        names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *names, *arguments], cwd=repository, env=environment, check=True)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A catalogue of two scripts from git, with a home page and a guide written by hand."""
    path = catalogue(tmp_path, a=script("a", UID), b=script("b", "f" * 16))
    path.write_text(REGISTRY)
    commit(tmp_path / "artifacts", "2026-01-02")
    (tmp_path / "mkdocs.yml").write_text(MKDOCS)
    for name, text in {"index": "# Home\n\n<!-- cmsite:catalogue -->\n", "guide": "# The guide\n"}.items():
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / f"docs/{name}.md").write_text(text)
    return path


def manifests(site: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (site / "cm-index/v1/manifest").iterdir()}


def test_both_commands_write_the_same_files_for_machines(config: Path, tmp_path: Path) -> None:
    assert build(config, tmp_path / "one").returncode == 0
    theirs = run(tmp_path, "mkdocs", "build", "-q", "-d", "two")
    assert theirs.returncode == 0, theirs.stderr
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert {*FILES} <= set(one)
    assert sorted(one) == sorted(two)
    assert [path for path in one if one[path] != two[path]] == []
    found = dict(addresses(one["sitemap.xml"]))
    assert found["https://example.org/c/guide/"] == ""
    assert found["https://example.org/c/a/team/script/a/"] == "2026-01-02"
    assert not any("404" in address for address in found)
    assert len(read_feed(one["feed.xml"]).entries) == 2
    text = one["llms.txt"].decode()
    assert "> What it is. 2 artifacts in 1 repository." in text
    assert "- [The guide](https://example.org/c/guide/)" in text
    home = Head(one["index.html"].decode())
    assert [node["@type"] for node in home.graph()] == ["WebSite", "DataCatalog"]
    assert len([link for link in home.links if link.get("rel") == "canonical"]) == 1


def test_a_second_build_writes_none_of_them_again(config: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(config, site)
    before = {name: (site / name).stat().st_mtime_ns for name in FILES}, manifests(site)
    build(config, site)
    assert ({name: (site / name).stat().st_mtime_ns for name in FILES}, manifests(site)) == before


@pytest.mark.parametrize("command", ["cmsite", "mkdocs"])
def test_a_changed_artifact_gets_a_new_manifest_and_the_old_one_stays(
    config: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "nothing").mkdir()
    site = tmp_path / "site"
    build(config, site, "--previous", tmp_path / "nothing")
    before = manifests(site)
    assert len(before) == 2
    (tmp_path / "artifacts/script/a/README.md").write_text("Changed.\n")
    commit(tmp_path / "artifacts", "2026-03-04")
    again = build(config, site) if command == "cmsite" else run(tmp_path, "mkdocs", "build", "-q")
    assert again.returncode == 0, again.stderr
    assert set(before) < set(manifests(site))
    assert len(manifests(site)) == 3
    feed = read_feed((site / "feed.xml").read_bytes())
    assert feed.entries[0].title == "Changed: script:a r2"
    assert feed.feed.updated == "2026-03-04T00:00:00Z"


def test_files_written_by_hand_are_kept(config: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(config, site)
    for name in ("robots.txt", "llms.txt", "feed.xml"):
        (tmp_path / "docs" / name).write_text("mine\n")
    for _ in range(2):
        assert build(config, site).returncode == 0
        assert [(site / name).read_text() for name in ("robots.txt", "llms.txt", "feed.xml")] == ["mine\n"] * 3
    assert run(tmp_path, "mkdocs", "build", "-q", "-d", "two").returncode == 0
    assert tree(site) == tree(tmp_path / "two")


def test_what_a_site_has_no_more_is_removed(config: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(config, site)
    config.write_text(FOLDERS.replace("base_url: https://example.org/c/\n", ""))
    (site / "sitemap-7.xml").write_text("not ours: no build wrote it")
    assert build(config, site, "--previous", "none").returncode == 0
    assert [name for name in FILES if (site / name).exists()] == ["llms.txt", "robots.txt"]
    assert (site / "sitemap-7.xml").exists()
    assert "Sitemap" not in (site / "robots.txt").read_text()


def test_a_pull_needs_no_manifest(config: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(config, site)
    named = b"".join(gzip.decompress(path.read_bytes()) for path in (site / "cm-index/v1/b").rglob("*.gz"))
    named += (site / "cm-index/v1/root.json").read_bytes()
    assert not [name for name in manifests(site) if name.removesuffix(".json").encode() in named]
    shutil.rmtree(site / "cm-index/v1/manifest")
    pulled = run(tmp_path, "cmsite", "pull", "script:a", "--registry", site, "--into", tmp_path / "pulled")
    assert pulled.returncode == 0, pulled.stderr
