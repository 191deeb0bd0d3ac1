"""Records under embargo: no build but that of --drafts holds a word of them."""

import gzip
import json
from pathlib import Path

import pytest

from cmsite.formats.embargo import is_embargoed
from tests.command_line import build_here as build
from tests.command_line import cmsite as run
from tests.result_values import artifact
from tests.test_record import PAPER, of_paper, only, repository

__all__ = ["repository"]  # A fixture.
HIDDEN = "zebrafish"
REGISTRY = "title: Team\nregistry_id: 00000000000000000000000000000abc\nsources: [{folder: repository}]\n"


@pytest.fixture
def config(repository: Path) -> Path:
    """Return the registry.yml of a catalogue with a paper and a record under embargo."""
    embargoed = (
        "--alias",
        f"{HIDDEN}-tried",
        "--embargo",
        "--note",
        f"the {HIDDEN} failed",
        "--environment",
        f"framework={HIDDEN}",
    )
    of_paper(repository, "--evaluator", "Quixote", "--claim", "C1", "--value", "12.3456", *embargoed)
    nested = only(repository) / "deep/er"
    nested.mkdir(parents=True)
    (nested / "_cm.yaml").write_text("alias: stray\n")  # A finding that names its path.
    path = repository.parent / "registry.yml"
    path.write_text(REGISTRY)
    (path.parent / "mkdocs.yml").write_text("site_name: Team\ntheme: {name: material}\nplugins: [search]\n")
    for name in ("index", "guide", "guide/more"):
        page = path.parent / f"docs/{name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"# {name}\n\nWritten by hand.\n")
    return path


def holding(folder: Path, words: tuple[str, ...]) -> list[str]:
    """Return the files whose path or content, unpacked where they are packed, holds one of the words."""
    found = []
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if content[:2] == b"\x1f\x8b":
            content += gzip.decompress(content)
        text = f"{path.relative_to(folder)}\n".encode() + content
        found += [f"{path.relative_to(folder)}: {word}" for word in words if word.encode() in text.lower()]
    return found


def secrets_of(repository: Path) -> tuple[str, ...]:
    text = (only(repository) / "_cm.yaml").read_text()
    uid = text.split('uid: "')[1][:16]
    return (HIDDEN, uid, "12.3456", "quixote")


def test_a_build_holds_no_word_of_them(config: Path, repository: Path):
    site = config.parent / "site"
    done = build(config, site, "--previous", "none")
    assert done.returncode == 0, done.stderr
    assert "left out: 1 record under embargo" in done.stderr
    assert holding(site, secrets_of(repository)) == []
    assert (site / "paper/fast-sort/index.html").is_file()
    again = build(config, site)  # From what the first remembers.
    assert holding(site, secrets_of(repository)) == []
    assert "left out: 1 record under embargo" in again.stderr


def test_with_drafts_all_is_built_and_marked(config: Path, repository: Path):
    done = run("build", "--config", config, "--drafts", cwd=config.parent)
    assert done.returncode == 0, done.stderr
    site = config.parent / "site-drafts"
    assert "must not be published" in done.stderr
    assert holding(site, (HIDDEN,)) != []
    root = json.loads((site / "cm-index/v1/root.json").read_text())
    assert (root["drafts"], root["gen"]) == (True, 0)
    pages = {path.relative_to(site).as_posix(): path.read_text() for path in site.rglob("*.html")}
    written = ("index.html", "404.html", "guide/index.html", "guide/more/index.html")
    assert {*written, "paper/fast-sort/index.html", f"a/team/reproduction/{HIDDEN}-tried/index.html"} <= set(pages)
    assert [path for path, text in pages.items() if text.count("Draft, not to be published.") != 1] == []


def test_the_dashboard_names_its_feed_to_readers_of_feeds(config: Path):
    drafts, site = config.parent / "drafts", config.parent / "site"
    named = '<link rel="alternate feed" type="application/atom+xml" title="Verdicts" href="../results/feed.xml">'
    assert build(config, drafts, "--drafts").returncode == 0
    assert named in (drafts / "results/index.html").read_text()
    assert build(config, site, "--previous", "none").returncode == 0  # Without the record there is no verdict.
    assert not (site / "results/feed.xml").exists()
    assert named not in (site / "results/index.html").read_text()


def test_without_drafts_no_page_calls_itself_one(config: Path):
    site = config.parent / "site"
    assert build(config, site, "--previous", "none").returncode == 0
    assert [path for path in site.rglob("*.html") if "Draft, not to be published." in path.read_text()] == []


def test_a_folder_holds_drafts_or_what_may_be_published(config: Path):
    site = config.parent / "site"
    assert build(config, site, "--previous", "none").returncode == 0
    refused = build(config, site, "--drafts")
    assert refused.returncode == 7
    assert "holds a site without drafts" in refused.stderr
    drafts = config.parent / "drafts"
    assert build(config, drafts, "--drafts").returncode == 0
    refused = build(config, config.parent / "third", "--previous", drafts)
    assert refused.returncode == 2
    assert "holds drafts, from which no build may go on" in refused.stderr
    assert holding(config.parent / "third", (HIDDEN,)) == []
    (drafts / "cm-index/v1/root.json").unlink()  # As after a build that was killed.
    refused = build(config, drafts)
    assert refused.returncode == 7
    assert "holds drafts" in refused.stderr
    assert "leave out --previous" in build(config, drafts, "--drafts", "--previous", site).stderr


def test_an_embargo_that_comes_late_is_said(config: Path, repository: Path):
    path = only(repository) / "_cm.yaml"
    embargoed = path.read_text()
    path.write_text(embargoed.replace("  embargo: true\n", ""))
    site = config.parent / "site"
    assert build(config, site).returncode == 0
    assert HIDDEN in (site / "paper/fast-sort/index.html").read_text()
    path.write_text(embargoed)
    done = build(config, site)
    assert "is under embargo now, but the earlier index has it" in done.stderr
    assert not (site / f"a/team/reproduction/{HIDDEN}-tried").exists()
    assert HIDDEN not in (site / "paper/fast-sort/index.html").read_text()


def test_an_unreadable_record_that_speaks_of_an_embargo_stays_out(config: Path, repository: Path):
    path = only(repository) / "_cm.yaml"
    path.write_text(path.read_text() + "oops: [\n")
    site = config.parent / "site"
    build(config, site, "--previous", "none")
    assert holding(site, (HIDDEN,)) == []


def test_a_link_to_an_embargoed_file_is_refused(config: Path, repository: Path):
    (repository / "paper/fast-sort/copy.md").symlink_to(only(repository) / "README.md")
    done = build(config, config.parent / "site", "--previous", "none")
    assert done.returncode == 2
    assert "which is under embargo" in done.stderr


@pytest.mark.parametrize(
    ("value", "held"), [(True, True), ("yes", True), ("until 2027", True), (0, True), (False, False), (None, False)]
)
def test_all_but_a_plain_no_is_an_embargo(value: object, *, held: bool):
    assert is_embargoed(artifact("reproduction", "r", reproduction={"embargo": value})) is held
    assert is_embargoed(artifact("script", "s", Embargo=value)) is held


def test_validate_checks_what_is_under_embargo(config: Path):
    done = run("validate", "--json", config)
    assert json.loads(done.stdout)["summary"]["artifacts"] == 2


def test_the_papers_text_is_what_this_file_thinks():
    assert HIDDEN not in PAPER
