"""The life of a published artifact from the command line to the folder of the site. Numbers: facts/index.md §4."""

import json
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmsite.cli import cli
from cmsite.index.layout import archive_path
from cmsite.index.packing import unpack
from cmsite.index.records import Record
from cmsite.pipeline.decisions import read_decisions
from tests.memory_tree import script
from tests.published import EPOCH, publish_once
from tests.test_build import catalogue, index, root, run, tree

A, B, C = "a" * 16, "b" * 16, "c" * 16
LEAKED = "hunter2-is-what-leaked"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of three scripts in the current folder, published once."""
    publish_once("lifecycle-build", tmp_path, publish)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH["SOURCE_DATE_EPOCH"])
    return tmp_path


def publish(folder: Path) -> None:
    catalogue(folder, a=script("a", A), b=script("b", B), c=script("c", C))
    config = folder / "registry.yml"
    config.write_text(config.read_text("utf-8") + "base_url: https://example.org/catalogue/\n", "utf-8")
    (folder / "nothing").mkdir()
    build("--previous", "nothing")


def cmsite(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, [str(item) for item in arguments])
    found = getattr(done.exception, "exit_code", done.exit_code)
    assert found == code, (done.output, done.exception)
    return done


def build(*options: object, code: int = 0) -> Result:
    return cmsite("build", "--no-cache", *options, code=code)


def refused(code: int) -> str:
    """Return what a build says that ends with this exit code; in a process of its own, which it leaves behind."""
    done = run("build", "--no-cache")
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def record(alias: str, site: str = "site") -> Record:
    found: Record
    (found,) = (one for one in index(Path(site)).records if one.alias == alias)
    return found


def readme(alias: str, text: str) -> None:
    Path(f"artifacts/script/{alias}/README.md").write_text(text, "utf-8")


def holds(folder: Path, words: Iterable[str]) -> list[str]:
    """Return the files below a folder that hold one of the words, packed ones too."""
    found = []
    for path, content in tree(folder).items():
        plain = unpack(content, where=path) if path.endswith(".gz") else content
        if any(word.encode() in plain for word in words):
            found.append(path)
    return found


def page(address: str, site: str = "site") -> str:
    return (Path(site) / address / "index.html").read_text("utf-8")


def test_case_90_a_yank_holds_whatever_is_built(here: Path):
    readme("a", "# second\n")
    build()
    cmsite("yank", "script:a", "--reason", "wrong on ARM")
    build()
    assert [one.yanked for one in record("a").versions] == [None, "wrong on ARM"]
    build("--previous", "site", "--site-dir", "new")
    assert [one.yanked for one in record("a", "new").versions] == [None, "wrong on ARM"]
    readme("a", "# third\n")
    cmsite("build", "-q")
    readme("a", "# fourth, by the memory of the build before\n")
    cmsite("build", "-q")
    assert [one.yanked for one in record("a").versions] == [None, "wrong on ARM", None, None]
    before = tree(here / "site")
    build()
    assert tree(here / "site") == before
    (here / "decisions.yml").unlink()
    cmsite("build", "-q")  # What was remembered is of no use without the file.
    assert [one.yanked for one in record("a").versions] == [None] * 4


def test_the_page_says_what_was_decided_and_what_to_use():
    cmsite("deprecate", "script:a", "--reason", "it is slow", "--use", "script:b")
    cmsite("quarantine", "script:c", "--reason", "holds a virus")
    build()
    old, bad = page("a/team/script/a"), page("a/team/script/c")
    assert "<strong>Deprecated.</strong> it is slow." in old
    assert f'Use <a href="../b/">team/script:b,{B}</a> instead' in old
    assert "cmsite pull script:a" in old
    assert "<strong>Quarantined.</strong> The publisher does not hand this artifact out: holds a virus." in bad
    assert "cmsite pull" not in bad
    assert record("c").versions[0].archive_sha256 not in bad
    assert "Deprecated." not in page("a/team/script/b")
    listed = page("automation/script")
    for status in ("deprecated", "quarantined"):
        assert f'<span class="cm-badge__label">Status</span> <span>{status}</span>' in listed
    readme("a", "# changed, by the memory of the build before\n")
    cmsite("build", "-q")
    assert "<strong>Deprecated.</strong> it is slow." in page("a/team/script/a")
    assert record("a").reason == "it is slow"


def test_a_page_whose_newest_revision_was_taken_back_says_so():
    readme("a", "# second\n")
    build()
    cmsite("yank", "script:a", "--reason", "wrong on ARM")
    build()
    shown = page("a/team/script/a")
    assert "<strong>r2 was taken back.</strong> This page shows r2, the name gets r1: wrong on ARM." in shown
    assert "<strong>yanked</strong>: wrong on ARM" in shown
    first, second = record("a").versions
    commands = shown.partition("cm-tabs")[2].partition("</fieldset>")[0]
    assert first.archive_sha256 in commands
    assert second.archive_sha256 not in commands
    cmsite("yank", "script:a@r1", "--reason", "also wrong")
    build()
    assert "<strong>Taken back.</strong>" in page("a/team/script/a")
    assert "cmsite pull" not in page("a/team/script/a")


def test_a_purged_revision_is_gone_from_every_file_and_never_comes_back(here: Path):
    readme("a", f"# {LEAKED}\n\nThe password is {LEAKED}.\n")
    build()
    leaked = record("a").versions[-1]
    shutil.copytree("site", "published-before")
    readme("a", "# clean\n")
    build()
    cmsite("purge", "script:a@r2", "--reason", "a password leaked", "--yes")
    build()
    assert not (here / "site" / archive_path(leaked.archive_sha256)).exists()
    assert holds(here / "site", [LEAKED]) == []
    tombstone = record("a").versions[1]
    assert (tombstone.purged, tombstone.url, tombstone.tar_sha256) == ("a password leaked", "", leaked.tar_sha256)
    assert "<strong>purged</strong>: a password leaked" in page("a/team/script/a")
    refused = cmsite("show", "script:a@r2", "--registry", "site", code=4)
    assert "a password leaked" in str(refused.exception)
    assert cmsite("show", "script:a", "--registry", "site").output.count("r3") == 3
    # No earlier site brings it back.
    build("--previous", "published-before", "--site-dir", "again")
    assert holds(here / "again", [LEAKED]) == []
    assert not (here / "again" / archive_path(leaked.archive_sha256)).exists()
    # Nor does its source, whatever decisions.yml says by then.
    Path("decisions.yml").unlink()
    readme("a", f"# {LEAKED}\n\nThe password is {LEAKED}.\n")
    done = build("--strict", code=1)
    assert (
        "left out: team: script/a: script:a was purged (a password leaked), and the source still holds it"
        in done.stderr
    )
    assert holds(here / "site", [LEAKED]) == []
    assert [one.purged for one in record("a").versions] == [None, "a password leaked", None]


def test_a_purge_of_content_that_the_site_still_shows(here: Path):
    """The index of before still names it, the page, the image beside it and the manifest exist: all of it goes."""
    image = here / "artifacts/script/a/plot.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + LEAKED.encode())
    readme("a", f"# {LEAKED}\n\n![plot](plot.png)\n")
    build()
    assert holds(here / "site", [LEAKED]) != []
    digests = [one.archive_sha256 for one in record("a").versions]
    cmsite("purge", "script:a", "--reason", "a password leaked", "--yes")
    build()
    assert holds(here / "site", [LEAKED]) == []
    assert [one for one in digests if (here / "site" / archive_path(one)).exists()] == []
    gone = record("a")
    assert (gone.status.value, gone.reason, gone.tags, gone.description, gone.licenses) == (
        "purged", "a password leaked", (), "", "",
    )  # fmt: skip
    shown = page("a/team/script/a")
    assert "<strong>Purged.</strong>" in shown
    assert gone.versions[-1].tar_sha256 in shown
    assert '<meta name="robots" content="noindex">' in shown
    assert "script/a/" not in (here / "site/sitemap.xml").read_text("utf-8")
    assert cmsite("search", "a", "--registry", "site", "--automation", "script").output.count("script:a ") == 0
    assert "a password leaked" in cmsite("history", A, "--registry", "site").output
    manifests = [json.loads(path.read_bytes()) for path in (here / "site/cm-index/v1/manifest").glob("*.json")]
    assert {one["alias"] for one in manifests} == {"b", "c"}


def test_a_link_into_what_was_purged_is_refused(here: Path):
    readme("a", LEAKED)
    build()
    (here / "artifacts/script/b/README.md").unlink()
    (here / "artifacts/script/b/README.md").symlink_to("../a/README.md")
    cmsite("purge", "script:a", "--reason", "leaked", "--yes")
    said = refused(2)
    assert "script/b/README.md is a link to script/a/README.md, which was purged" in said


def test_a_renamed_artifact_leads_on_from_its_old_address(here: Path):
    Path("artifacts/script/a").rename("artifacts/script/new")
    meta = here / "artifacts/script/new/_cm.yaml"
    meta.write_text(meta.read_text("utf-8").replace("alias: a\n", "alias: new\n"), "utf-8")
    build()
    assert not (here / "site/a/team/script/a/index.html").exists()
    cmsite("rename", "script:a", "script:new", "--reason", "The name said nothing.")
    build()
    old = page("a/team/script/a")
    assert '<meta http-equiv="refresh" content="0; url=../../../../a/team/script/new/">' in old
    assert '<link rel="canonical" href="https://example.org/catalogue/a/team/script/new/">' in old
    assert re.search(
        rf'now <a href="../../../../a/team/script/new/">team/script:new,{A}</a>. The name said nothing.', old
    )
    sitemap = (here / "site/sitemap.xml").read_text("utf-8")
    assert "script/new/" in sitemap
    assert "script/a/" not in sitemap
    done = cmsite("show", "script:a", "--registry", "site")
    assert f"note: team/script:a,{A} was renamed to team/script:new,{A}" in done.stderr
    address = (here / "site/a/team/script/a/").as_uri()
    assert "script:new" in cmsite("show", address).output
    assert "this is what was published under its old name" in cmsite("show", "script:a@r1", "--registry", "site").stderr
    before, gen = tree(here / "site"), root(here / "site")["gen"]
    build()
    assert tree(here / "site") == before
    readme("new", "# changed, by the memory of the build before\n")
    cmsite("build", "-q")
    assert root(here / "site")["gen"] == int(str(gen)) + 1
    assert "refresh" in page("a/team/script/a")


def test_a_new_uid_has_the_list_of_uids_lead_on(here: Path):
    meta = here / "artifacts/script/a/_cm.yaml"
    meta.write_text(meta.read_text("utf-8").replace(A, "d" * 16), "utf-8")
    decision = f"- {{action: rename, reference: 'team/script:a,{A}', to: 'team/script:a,{'d' * 16}'}}\n"
    Path("decisions.yml").write_text(decision, "utf-8")
    build()
    assert f'<li id="{A}">' in page("uid/aa")
    assert "a/team/script/a/" in page("uid/aa")
    assert "refresh" not in page("a/team/script/a")
    assert "renamed to" in cmsite("show", A, "--registry", "site").stderr
    for text in ("# one\n", "# two\n"):  # The leaf holds two records of this name, and the right one changes.
        readme("a", text)
        cmsite("build", "-q")
    assert [len(one.versions) for one in index(Path("site")).records if one.alias == "a"] in ([0, 4], [4, 0])


def test_decisions_that_do_nothing_are_named_and_mistakes_end_the_build():
    text = "- {action: quarantine, reference: 'script:nowhere', reason: x}\n"
    Path("decisions.yml").write_text(text, "utf-8")
    done = build("--strict", code=1)
    assert "decisions.yml:1: quarantine script:nowhere: names nothing that is published (CM112)" in done.stderr
    before = tree(Path("site"))
    Path("decisions.yml").write_text("- {acton: quarantine}\n", "utf-8")
    said = refused(2)
    assert "unknown key 'acton'; did you mean 'action'?" in said
    assert tree(Path("site")) == before
    assert "unknown key 'acton'" in str(cmsite("validate", "registry.yml", code=2).exception)


def test_case_88_publisher_other_bytes_under_a_published_revision_end_the_build(here: Path):
    archive = here / "site" / archive_path(record("a").versions[0].archive_sha256)
    archive.write_bytes(b"other bytes")
    readme("a", "# second\n")
    said = refused(6)
    assert "the published bytes were changed, restore them" in said


def test_case_71_publisher_the_index_of_another_registry_is_no_previous_one(here: Path):
    config = here / "registry.yml"
    config.write_text(config.read_text("utf-8").replace("0123456789abcdef0123", "f" * 20), "utf-8")
    said = refused(6)
    assert "belongs to registry 0123456789abcdef" in said


def test_case_70_publisher_equal_inputs_give_one_root_and_others_the_next_generation(here: Path):
    cmsite("yank", "script:a", "--reason", "x")
    for site in ("one", "two"):
        build("--previous", "site", "--site-dir", site)
    roots = [(here / site / "cm-index/v1/root.json").read_bytes() for site in ("one", "two")]
    assert roots[0] == roots[1]
    build("--site-dir", "one")
    assert (here / "one/cm-index/v1/root.json").read_bytes() == roots[0]
    cmsite("yank", "script:b", "--reason", "x")
    build("--site-dir", "one")
    assert root(here / "one")["gen"] == 3


def test_commands_without_a_published_site_say_what_to_do(here: Path):
    shutil.rmtree("site")
    config = here / "registry.yml"
    config.write_text(config.read_text("utf-8").replace("base_url: https://example.org/catalogue/\n", ""), "utf-8")
    done = cmsite("yank", "script:a", "--reason", "x", code=2)
    assert "name the published site with --previous DIR|URL" in str(done.exception)
    done = cmsite("yank", "script:a", "--reason", "x", "--previous", "nothing", code=2)
    assert "holds no index yet" in str(done.exception)
    assert not Path("decisions.yml").exists()


def test_commands_are_idempotent_and_need_a_reason():
    cmsite("yank", "script:a", "--reason", "x")
    before = Path("decisions.yml").read_bytes()
    assert "says so already" in cmsite("yank", "script:a", "--reason", "y").stderr
    assert Path("decisions.yml").read_bytes() == before
    assert "date: 2026-09-21" in before.decode()
    assert "Missing option '--reason'" in cmsite("purge", "script:a", code=2).stderr
    cmsite("purge", "script:nothing", "--reason", "x", code=4)
    cmsite("yank", "script:a@r9", "--reason", "x", code=4)
    cmsite("quarantine", "script:a", "--reason", "a\nb", code=2)


def test_case_90_what_a_pull_gets_and_is_refused():
    readme("a", "# second\n")
    build()
    cmsite("yank", "script:a", "--reason", "wrong on ARM")
    cmsite("quarantine", "script:b", "--reason", "holds a virus")
    cmsite("purge", "script:c@r1", "--reason", "a key leaked", "--yes")
    readme("c", "# clean\n")
    build()

    def pulled(reference: str, code: int) -> tuple[str, str]:
        into = Path(f"into-{len(list(Path().glob('into-*')))}")
        done = run("pull", reference, "--registry", "site", "--into", into)
        assert done.returncode == code, done.stderr
        assert code == 0 or not (into / "script").exists()
        return done.stdout, done.stderr

    assert "script:a r1" in pulled("script:a", 0)[0]
    said, warned = pulled("script:a@r2", 0)
    assert "script:a r2" in said
    assert "r2 is yanked: wrong on ARM" in warned
    for pin in ("", "@r1", f"@sha256:{record('b').versions[0].tar_sha256}"):
        assert "not handed out: holds a virus" in pulled(f"script:b{pin}", 6)[1]
    assert "script:c r2" in pulled("script:c", 0)[0]
    assert "its bytes are gone for ever: a key leaked" in pulled("script:c@r1", 4)[1]


@pytest.mark.parametrize("answer", ["", "n\n", "y\n"])
def test_a_purge_asks_a_person_and_refuses_to_guess_where_nobody_is(
    here: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("cmsite.commands.purge.is_terminal", lambda: bool(answer))
    done = CliRunner().invoke(cli, ["purge", "team/script:a", "--reason", "leaked"], input=answer)
    assert (here / "decisions.yml").exists() == (answer == "y\n")
    if not answer:
        assert "nobody can be asked here; give --yes. Nothing was written" in str(done.exception)
    else:
        assert f"purge team/script:a,{A}: remove these bytes for ever? [y/N]" in done.stderr
        assert done.exit_code == (1 if answer == "n\n" else 0)
    if answer == "y\n":
        (entry,) = read_decisions(here / "decisions.yml")
        assert entry.reference.repository == "team"


@pytest.mark.parametrize("is_built", [False, True])
def test_what_is_purged_whole_cannot_be_renamed(here: Path, *, is_built: bool) -> None:
    cmsite("purge", "team/script:a", "--reason", "leaked", "--yes")
    if is_built:
        shutil.rmtree("artifacts/script/a")
        build()
    before = (here / "decisions.yml").read_bytes()
    refusal = str(cmsite("rename", "script:a", "script:new", code=2).exception)
    assert "is purged: a tombstone stays under its name and leads nowhere" in refusal
    assert (here / "decisions.yml").read_bytes() == before


def test_decisions_of_commands_at_once_are_all_written(here: Path) -> None:
    pairs = [("yank", "script:a"), ("deprecate", "script:b"), ("quarantine", "script:c"), ("deprecate", "script:a")]
    with ThreadPoolExecutor(len(pairs)) as together:
        done = list(together.map(lambda pair: run(*pair, "--reason", "x"), pairs))
    assert [one.returncode for one in done] == [0] * len(pairs), [one.stderr for one in done]
    found = [(entry.action.value, entry.reference.name.alias) for entry in read_decisions(here / "decisions.yml")]
    assert sorted(found) == sorted((action, name.partition(":")[2]) for action, name in pairs)
