"""Experience: recorded for any artifact, found by the real clients, counted on the artifact's page."""

import re
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT
from tests.test_build import build, run
from tests.test_bundled_catalogue import client
from tests.test_record import ADA, block_of, meta_of, of_paper, only, record, repository, script, warnings_of

__all__ = ["repository"]  # A fixture.
SCRIPT = 'alias: say\nuid: "aaaaaaaaaaaaaaa1"\nautomation_alias: script\nautomation_uid: "5b4e0237da074764"\ntags: [say]\nname: Say\n'


@pytest.fixture
def with_script(repository: Path) -> Path:
    (repository / "script/say").mkdir(parents=True)
    (repository / "script/say/_cm.yaml").write_text(SCRIPT)
    (repository / "script/say/README.md").write_text("# Say\n")
    (repository.parent / "registry.yml").write_text(
        f"title: T\nregistry_id: {'a' * 32}\nsources: [{{folder: repository}}]\n"
    )
    return repository


def page(site: Path, name: str = "script/say") -> str:
    return (site / f"a/team/{name}/index.html").read_text("utf-8")


def test_reports_are_counted_on_the_page_failures_first(with_script: Path):
    site = with_script.parent / "site"
    config = with_script.parent / "registry.yml"
    assert build(config, site).returncode == 0
    before = page(site)
    assert "no reports" in before
    assert 'id="works-on"' not in before
    assert "no reports" not in page(site, "paper/fast-sort")
    options = ("--environment", "operating_system=Some OS 1, kernel 5", "--version", "python=3.11")
    record(with_script, "script:say", "--status", "works", *ADA, *options)
    record(with_script, "script:say", "--status", "works", "--evaluator", "Bob", *options)
    record(
        with_script,
        "script:say,aaaaaaaaaaaaaaa1",
        *ADA,
        "--version",
        "python=3.12",
        *script(with_script, "raise SystemExit(3)"),
    )
    assert len(list((with_script / "experience").iterdir())) == 3
    assert warnings_of(with_script) == []
    assert build(config, site).returncode == 0
    text = page(site)
    section = text.partition('id="works-on"')[2].partition("<h2")[0]
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td>.*?<td class=\"cm-number\">(\d+)</td>", section)
    assert [(re.sub("<.*?>", "", status), count) for status, _, count in rows] == [("fails", "1"), ("works", "2")]
    assert rows[1][1] == "Some OS 1"
    assert "python 3.11" in section
    assert "1 of 3 reports failed" in text
    assert len(text) - len(before) < 6_000


def test_a_failed_command_is_a_report_of_failure(with_script: Path):
    printed = record(
        with_script, "script:say", "--status", "works", *ADA, *script(with_script, "raise SystemExit('no')")
    )
    assert "recorded as failed: exit code 1" in printed
    folder = only(with_script, "experience")
    block = block_of(folder)
    assert block["status"] == "fails"
    assert block["artifact"]["reference"] == "script:say,aaaaaaaaaaaaaaa1"
    assert re.fullmatch("[0-9a-f]{64}", block["artifact"]["sha256"])
    assert block["runs"][0]["error"] == "exit code 1"
    assert (folder / block["evidence"][0]["path"]).read_text() == "[standard error]\nno\n"
    assert meta_of(folder)["automation_uid"] == "d71102639c18c554"


def test_the_digest_is_that_of_the_index(with_script: Path):
    record(with_script, "script:say", "--status", "works", *ADA)
    site = with_script.parent / "site"
    build(with_script.parent / "registry.yml", site)
    assert block_of(only(with_script, "experience"))["artifact"]["sha256"] in page(site)


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("script:sya", "--status", "works"), "near: script:say", 4),
        (("script:say",), "say how it did with --status", 2),
        ((), "name what was tried", 2),
        (("script:say", "--status", "works", "--value", "1"), "belong to a paper", 2),
        (("script:say", "--run"), "--run needs a command", 2),
        (("say", "--status", "works"), "the automation is missing", 2),
    ],
)
def test_what_makes_no_sense_is_refused(with_script: Path, arguments: tuple[str, ...], words: str, code: int):
    done = run("record", *arguments, *ADA, cwd=with_script)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert not (with_script / "experience").exists()


def test_a_rebuild_of_what_changed_equals_a_whole_build(with_script: Path):
    config, site = (with_script.parent / name for name in ("registry.yml", "site"))
    record(with_script, "script:say", "--status", "works", *ADA)
    build(config, site)
    for change in ("script/say/README.md", "experience"):
        path = only(with_script, "experience") / "_cm.yaml" if change == "experience" else with_script / change
        text = path.read_text()
        path.write_text(text.replace("status: works", "status: fails") + "\n")
        build(config, site)
        quick = page(site)
        build(config, site, "--no-cache")
        assert page(site) == quick
    assert "<strong>fails</strong>" in page(site)


@pytest.mark.real_clients
def test_the_real_clients_find_what_is_recorded(with_script: Path, tmp_path: Path):
    of_paper(with_script, *ADA, "--claim", "C1", "--value", "99")
    record(with_script, "script:say", "--status", "works", *ADA)
    for name in ("experience", "reproduction", "paper"):
        folder = with_script / "automation" / name
        folder.mkdir(parents=True)
        for file in ("_cm.json", "module.py"):
            (folder / file).write_bytes((CHECKOUT / "registry/artifacts/automation" / name / file).read_bytes())
    client("cm", "init", "repo", folder=with_script)
    for name in ("experience", "reproduction"):
        printed = client("cm", "find", name, folder=with_script).split()
        assert [Path(line).name for line in printed] == [only(with_script, name).name]
        loaded = client("cm", "load", name, only(with_script, name).name, folder=with_script)
        assert meta_of(only(with_script, name))["uid"] in loaded


def test_the_walk_from_nothing_to_a_page(tmp_path: Path):
    folder = tmp_path / "mine"
    assert run("new", folder).returncode == 0
    done = run("record", "script:say-hello", "--status", "works", *ADA, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert run("validate", "--fail-on", "warning", cwd=folder).returncode == 0
    assert run("build", cwd=folder).returncode == 0
    (found,) = (folder / "site").glob("a/*/script/say-hello/index.html")
    assert 'id="works-on"' in found.read_text("utf-8")
