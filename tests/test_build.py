"""`cmsite build` as a publisher runs it: determinism, revisions, bad input, and what each build leaves on disk."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cmsite.index.layout import ROOT_PATH
from cmsite.index.read import read_index
from tests.command_line import build_here, cmsite
from tests.memory_tree import CMR, script
from tests.requirements import CHECKOUT, once

UID = "0123456789abcdef"
REGISTRY = "title: Small\nregistry_id: 0123456789abcdef0123456789abcdef\nsources: [{folder: artifacts}]\n"


def run(*arguments: object, cwd: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cmsite", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )


def build(config: Path, site: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Build in a process of its own: what is large, and what must not depend on the process."""
    result = run("build", "--config", config, "--site-dir", site, *arguments)
    assert "Traceback" not in result.stderr, result.stderr
    return result


def catalogue(folder: Path, **artifacts: str | bytes) -> Path:
    """Write a small catalogue, its files in random order, and return its registry.yml."""
    files: dict[str, str | bytes] = {
        "registry.yml": REGISTRY,
        "artifacts/cmr.yaml": CMR,
        "artifacts/LICENSE": "Free.\n",
    }
    for name, meta in artifacts.items():
        files[f"artifacts/script/{name}/_cm.yaml"] = meta
        files[f"artifacts/script/{name}/README.md"] = f"# {name}\n\nText of {name} with `code` and {{{{ braces }}}}.\n"
    names = list(files)
    random.shuffle(names)
    for name in names:
        content = files[name]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "registry.yml"


def empty(folder: Path) -> Path:
    """Return a place to publish to with nothing in it yet."""
    place = folder / "nothing-published"
    place.mkdir(exist_ok=True)
    return place


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def root(site: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((site / "cm-index/v1/root.json").read_bytes())
    return document


def index(site: Path):
    return read_index(lambda path: (site / path).read_bytes())


@pytest.fixture(scope="module")
def bundled() -> Path:
    """The bundled catalogue, built once in a run of the tests."""

    def make(folder: Path) -> None:
        result = build(CHECKOUT / "registry/registry.yml", folder / "site")
        assert result.returncode == 0, result.stderr

    return once("bundled-site", make) / "site"


def test_the_bundled_catalogue_has_a_page_and_an_archive_for_every_artifact(bundled):
    found = index(bundled)
    assert len(found.records) >= 15
    for record in found.records:
        page = bundled / "a" / record.repository / record.automation / record.folder / "index.html"
        assert page.is_file()
        assert (bundled / "artifacts" / f"{record.versions[-1].archive_sha256}.tar.gz").is_file()
    assert (bundled / "index.html").is_file()
    assert (bundled / "results/index.html").is_file()


def test_two_builds_give_identical_bytes_also_from_another_folder_and_order(tmp_path):
    metas = {name: script(name, f"{number:016x}", rest="deps: [{tags: get}]\n") for number, name in enumerate("abcdef")}
    first = catalogue(tmp_path / "one", **metas)
    second = catalogue(tmp_path / "elsewhere/two", **dict(reversed(metas.items())))
    assert build(first, tmp_path / "site1").returncode == 0
    assert build(second, tmp_path / "deep/er/site2", "--jobs", "1").returncode == 0
    one, two = tree(tmp_path / "site1"), tree(tmp_path / "deep/er/site2")
    assert sorted(one) == sorted(two)
    assert [path for path in one if one[path] != two[path]] == []


def test_a_build_over_itself_changes_no_byte_and_touches_no_page(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    site = tmp_path / "site"
    build_here(config, site)
    before = tree(site)
    stamps = {path: path.stat().st_mtime_ns for path in site.rglob("*.html")}
    build_here(config, site)
    assert tree(site) == before
    assert {path: path.stat().st_mtime_ns for path in (site / "a").rglob("*.html")}.items() <= stamps.items()


def test_a_changed_artifact_gets_a_revision_and_the_old_bytes_stay(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID), b=script("b", "f" * 16))
    site = tmp_path / "site"
    build_here(
        config, site, "--previous", empty(tmp_path)
    )  # A place to publish to, and nothing there yet: the first generation.
    assert root(site)["gen"] == 1
    old = {record.folder: record.versions for record in index(site).records}
    (tmp_path / "artifacts/script/a/README.md").write_text("# changed\n")
    build_here(config, site)
    new = {record.folder: record.versions for record in index(site).records}
    assert root(site)["gen"] == 2
    assert new["b"] == old["b"]
    assert new["a"][:1] == old["a"]
    assert [version.revision for version in new["a"]] == [1, 2]
    for version in new["a"]:
        assert (site / "artifacts" / f"{version.archive_sha256}.tar.gz").is_file()


def test_a_previous_site_elsewhere_gives_its_revisions_and_bytes(tmp_path):
    config = catalogue(tmp_path / "src", a=script("a", UID))
    build_here(config, tmp_path / "old", "--previous", empty(tmp_path))
    (tmp_path / "src/artifacts/script/a/README.md").write_text("# changed\n")
    assert build_here(config, tmp_path / "new", "--previous", tmp_path / "old").returncode == 0
    versions = index(tmp_path / "new").records[0].versions
    assert [version.revision for version in versions] == [1, 2]
    assert all((tmp_path / "new/artifacts" / f"{version.archive_sha256}.tar.gz").is_file() for version in versions)


def test_a_vanished_artifact_loses_its_pages_but_not_its_published_bytes(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID), b=script("b", "f" * 16))
    site = tmp_path / "site"
    build_here(config, site, "--previous", empty(tmp_path))
    archives = set((site / "artifacts").iterdir())
    shutil.rmtree(tmp_path / "artifacts/script/b")
    build_here(config, site)
    assert not (site / "a/team/script/b").exists()
    assert archives <= set((site / "artifacts").iterdir())
    assert {record.folder: record.status.value for record in index(site).records} == {"a": "active", "b": "removed"}


def test_without_any_previous_a_build_is_a_preview(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    result = build_here(config, tmp_path / "site")
    assert root(tmp_path / "site")["gen"] == 0
    assert "preview" in result.stderr + result.stdout


def test_signs_that_html_does_not_allow_are_replaced_on_pages(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID, rest='name: "x\\e[31m\\u202Ey"\n'))
    build_here(config, tmp_path / "site")
    page = (tmp_path / "site/a/team/script/a/index.html").read_text("utf-8")
    assert "x\ufffd[31m\ufffdy" in page
    assert not set("\x1b\u202e") & set(page)


def test_bytes_link_publishes_records_without_bytes(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    config.write_text(REGISTRY.replace("{folder: artifacts}", "{folder: artifacts, bytes: link}"))
    build_here(config, tmp_path / "site")
    (record,) = index(tmp_path / "site").records
    assert not (tmp_path / "site/artifacts").exists()
    assert [version.url for version in record.versions] == [""]
    pulled = cmsite("pull", "script:a", "--registry", tmp_path / "site", "--into", tmp_path / "pulled")
    assert pulled.returncode in {4, 5, 6}
    assert "record" in pulled.stderr


BAD: dict[str, tuple[str | bytes, str]] = {
    "broken yaml": ("a: [\n", "script/bad/_cm.yaml:2"),
    "broken json as yaml": ("{'a': ]", "script/bad/_cm.yaml:1"),
    "binary": (b"\x7fELF\xff\xfe\0", "script/bad/_cm.yaml:1"),
    "empty": ("", "script/bad/_cm.yaml:1"),
    "a list": ("- a\n", "script/bad/_cm.yaml:1"),
}


@pytest.mark.parametrize("case", BAD)
def test_one_bad_artifact_is_named_and_the_others_are_built(tmp_path: Path, case: str) -> None:
    meta, where = BAD[case]
    config = catalogue(tmp_path, good=script("good", UID), bad=meta)
    result = build_here(config, tmp_path / "site")
    assert result.returncode == 0
    assert (tmp_path / "site/a/team/script/good/index.html").is_file()
    assert not (tmp_path / "site/a/team/script/bad").exists()
    assert "left out" in result.stderr
    assert where in result.stderr
    strict = build_here(config, tmp_path / "strict", "--strict")
    assert strict.returncode == 1


def test_a_readme_in_latin_1_a_link_out_and_a_folder_without_meta_do_not_stop_a_build(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    (tmp_path / "artifacts/script/a/README.md").write_bytes(b"# Caf\xe9\n")
    (tmp_path / "artifacts/script/a/out").symlink_to("/etc/passwd")
    (tmp_path / "artifacts/script/empty").mkdir()
    (tmp_path / "artifacts/script/empty/run.sh").write_text("echo\n")
    assert build_here(config, tmp_path / "site").returncode == 0
    page = (tmp_path / "site/a/team/script/a/index.html").read_text("utf-8")
    assert "Caf\u00e9" in page
    assert "root:" not in page
    for code in ("CM402", "CM403"):
        assert code in page


WORLD = {
    "missing registry.yml": (None, 2, "there is no registry.yml here"),
    "empty registry.yml": ("", 2, "is empty"),
    "a source that does not exist": ("title: A\nsources: [{folder: artifact}]\n", 3, "did you mean artifacts?"),
    "no sources": ("title: A\n", 2, "sources"),
    "an archive that is none": ("title: A\nsources: [{archive: registry.yml}]\n", 3, "registry.yml"),
    "no git repository": ("title: A\nsources: [{git: artifacts}]\n", 3, "artifacts"),
}


@pytest.mark.parametrize("case", WORLD)
def test_what_cannot_be_built_says_why_with_the_right_exit_code(tmp_path, case):
    text, code, message = WORLD[case]
    config = catalogue(tmp_path, a=script("a", UID))
    config.unlink()
    if text is not None:
        config.write_text(text)
    result = build_here(config, tmp_path / "site")
    assert (result.returncode, message in result.stderr) == (code, True), result.stderr
    assert not (tmp_path / "site/cm-index").exists()


def test_an_artifact_over_the_limit_ends_the_build_by_name_after_everything_else(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID), big=script("big", "f" * 16))
    config.write_text(REGISTRY + "archives: {max_bytes: 2000}\n")
    (tmp_path / "artifacts/script/big/data.bin").write_bytes(b"x" * 3000)
    result = build_here(config, tmp_path / "site")
    assert result.returncode == 7
    assert "script/big" in result.stderr
    assert (tmp_path / "site/a/team/script/a/index.html").is_file()


def test_a_folder_that_cmsite_did_not_build_is_never_cleared(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    mine = tmp_path / "project/results/precious.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("1,2\n")
    result = build_here(config, tmp_path / "project")
    assert result.returncode == 7
    assert "results/" in result.stderr
    assert mine.read_text() == "1,2\n"


def test_a_file_that_cmsite_did_not_write_is_never_removed(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    build_here(config, tmp_path / "site")
    mine = tmp_path / "site/results/2024/paper.pdf"
    mine.parent.mkdir()
    mine.write_text("x")
    assert build_here(config, tmp_path / "site").returncode == 0
    assert mine.read_text() == "x"


def test_a_build_never_writes_through_a_link(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/404.html").symlink_to(victim)
    assert build_here(config, tmp_path / "site").returncode == 7
    assert victim.read_text() == "mine"
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked/.cmsite-site").symlink_to(victim)
    assert build_here(config, tmp_path / "marked").returncode == 7
    assert victim.read_text() == "mine"
    (tmp_path / "other").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/a").symlink_to(tmp_path / "other")
    assert build_here(config, tmp_path / "linked").returncode == 7
    assert list((tmp_path / "other").iterdir()) == []


def test_published_bytes_that_were_changed_are_not_carried_on(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    site = tmp_path / "site"
    build_here(config, site, "--previous", empty(tmp_path))
    (tmp_path / "artifacts/script/a/README.md").write_text("# changed\n")
    for archive in (site / "artifacts").iterdir():
        archive.write_text("x")
    for place in (site, tmp_path / "new"):
        result = build_here(config, place, "--previous", site)
        assert (result.returncode, "published bytes were changed" in result.stderr) == (6, True)


@pytest.mark.parametrize(
    "spoil",
    [lambda text: text[:-9], lambda text: text.replace('"nodes":{', '"nodes":[],"n":{')],
    ids=["cut off", "another format"],
)
def test_a_damaged_previous_index_says_what_to_do(tmp_path, spoil):
    config = catalogue(tmp_path, a=script("a", "0123456789abcdef"))
    site = tmp_path / "site"
    build_here(config, site, "--previous", empty(tmp_path))
    path = site / ROOT_PATH
    path.write_text(spoil(path.read_text()))
    result = build_here(config, site)
    assert result.returncode == 6
    assert f"{site}: {ROOT_PATH}: " in result.stderr
    assert "restore it, or name the site of before with --previous (`--previous none` builds a preview" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_previous_that_is_no_site_is_refused_and_a_preview_can_be_published(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    site = tmp_path / "site"
    assert build_here(config, site, "--previous", tmp_path / "artifacts").returncode == 2
    build_here(config, site)
    build_here(config, site, "--previous", site)
    assert root(site)["gen"] == 1
    shutil.rmtree(site / "cm-index/v1/b")
    assert build_here(config, site).returncode == 6


def test_a_site_inside_its_own_source_is_refused(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID))
    result = build_here(config, tmp_path / "artifacts/site")
    assert (result.returncode, "lies in the source" in result.stderr) == (2, True)


def test_a_git_source_links_the_last_commit_that_touched_the_artifact(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID), b=script("b", "f" * 16))
    repository = tmp_path / "artifacts"

    def git(*arguments: str) -> str:
        environment = {
            **os.environ,
            "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
            "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
        }
        done = subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
            cwd=repository, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")
    first = git("rev-parse", "HEAD")
    (repository / "script/b/README.md").write_text("# b\n")
    git("commit", "-qam", "second")
    config.write_text(REGISTRY.replace("{folder: artifacts}", "{git: artifacts, ref: main}"))
    assert build_here(config, tmp_path / "site").returncode == 0
    assert first[:10] in (tmp_path / "site/a/team/script/a/index.html").read_text("utf-8")
    assert root(tmp_path / "site")["created"]
    (record, _) = sorted(index(tmp_path / "site").records, key=lambda item: item.folder)
    assert record.versions[0].time_s == 1767323045


def test_an_archive_source_gives_the_same_artifacts_as_its_folder(tmp_path):
    config = catalogue(tmp_path, a=script("a", UID), b=script("b", "f" * 16))
    build_here(config, tmp_path / "folder")
    shutil.make_archive(str(tmp_path / "artifacts"), "gztar", tmp_path, "artifacts")
    config.write_text(REGISTRY.replace("folder: artifacts", "archive: artifacts.tar.gz"))
    assert build_here(config, tmp_path / "archive").returncode == 0
    found = [
        {
            (record.repository, record.folder): record.versions[-1].tar_sha256
            for record in index(tmp_path / name).records
        }
        for name in ("folder", "archive")
    ]
    assert found[0] == found[1]
