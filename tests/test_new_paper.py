"""`cmsite new paper DOI`: a valid artifact with claims to fill in; nothing is fetched and nothing written over."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.starter import MAX_ALIAS, address_of_reference, alias_of_reference, render_paper
from tests.command_line import cmsite as run

DOI = "10.1145/3229762.3229765"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "cmr.yaml").write_text(f"alias: mine\nuid: '{'c' * 16}'\n")
    return tmp_path


def meta(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "_cm.yaml").read_text("utf-8"))
    return found


def findings(repository: Path) -> list[tuple[str, str, str]]:
    done = run("validate", repository, "--json")
    return [(item["code"], item["severity"], item["pointer"]) for item in json.loads(done.stdout)["findings"]]


def test_the_paper_is_valid_but_for_what_is_to_be_written(repository: Path):
    done = run("new", "paper", DOI, cwd=repository)
    assert done.returncode == 0, done.stderr
    folder = repository / "paper" / "10.1145-3229762.3229765"
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "_cm.yaml"]
    found = meta(folder)
    assert found["paper"]["reference"] == f"https://doi.org/{DOI}"
    assert re.fullmatch("[0-9a-f]{16}", found["uid"])
    assert findings(repository) == [("CM524", "note", "/paper/title"), ("CM524", "note", "/claims/0/text")]
    assert f"Nothing was fetched from https://doi.org/{DOI}" in done.stdout
    assert "@" not in (folder / "_cm.yaml").read_text("utf-8")


def test_a_written_paper_has_no_finding_and_the_commented_keys_are_right(repository: Path):
    assert run("new", "paper", DOI, "--title", 'A *study*: "yes" & <no>', cwd=repository).returncode == 0
    path = next(repository.glob("paper/*/_cm.yaml"))
    text = path.read_text("utf-8").replace('  text: "TODO: ', '  text: "')
    path.write_text(text, "utf-8")
    assert findings(repository) == []
    assert meta(path.parent)["paper"]["title"] == 'A *study*: "yes" & <no>'
    assert r"# A \*study\*: " in (path.parent / "README.md").read_text("utf-8")
    # Everything that stands in comments is what the rules know: with the marks away it is a paper with a number.
    lines = [re.sub(r"^(\s*)# ?(?=(?:metrics|badges|- |  \w|authors|venue|year|kind|locator|metric|value|tolerance|main|hardware_dependent))", r"\1", line) for line in text.splitlines()]  # fmt: skip
    path.write_text("\n".join(line for line in lines if "kind: qualitative" not in line).replace("https://…", "https://a.org"), "utf-8")  # fmt: skip
    assert findings(repository) == []
    assert meta(path.parent)["claims"][0]["value"] == 98.9
    assert meta(path.parent)["badges"][0]["scheme"] == "acm-1.1"


def test_each_paper_draws_its_own_uid_and_the_alias_can_be_given(repository: Path):
    for alias in ("one", "two"):
        assert run("new", "paper", DOI, "--alias", alias, cwd=repository).returncode == 0
    assert meta(repository / "paper/one")["uid"] != meta(repository / "paper/two")["uid"]
    assert meta(repository / "paper/one")["alias"] == "one"


def test_into_names_the_repository_and_its_prefix_is_kept(tmp_path: Path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "cmr.yaml").write_text(f"alias: r\nuid: '{'c' * 16}'\nprefix: cm-repo\n")
    assert run("new", "paper", DOI, "--into", folder, cwd=tmp_path).returncode == 0
    assert (folder / "cm-repo/paper/10.1145-3229762.3229765/_cm.yaml").is_file()


def test_a_new_catalogue_takes_a_paper_and_builds(tmp_path: Path):
    assert run("new", "mine", cwd=tmp_path).returncode == 0
    assert run("new", "paper", DOI, cwd=tmp_path / "mine").returncode == 0
    assert (tmp_path / "mine/artifacts/paper/10.1145-3229762.3229765/README.md").is_file()
    assert not (tmp_path / "mine/paper").exists()
    built = run("build", "--strict", cwd=tmp_path / "mine")
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "mine/site/paper/10.1145-3229762.3229765/index.html").read_text("utf-8")
    assert "TODO: the title as printed" in page


def test_the_word_paper_alone_is_still_a_catalogue(tmp_path: Path):
    assert run("new", "paper", cwd=tmp_path).returncode == 0
    assert (tmp_path / "paper/registry.yml").is_file()


def test_what_is_there_is_never_written_over(repository: Path):
    (repository / "paper/10.1145-3229762.3229765").mkdir(parents=True)
    done = run("new", "paper", DOI, cwd=repository)
    assert done.returncode == 7
    assert "is there already, and nothing is written over; choose another name with --alias" in done.stderr
    (repository / "paper/dangling").symlink_to("nowhere")
    assert run("new", "paper", DOI, "--alias", "dangling", cwd=repository).returncode == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("paper", "a paper"), "'a paper' is neither a DOI nor a web address; write 10.1145/"),
        (("paper", "javascript:alert(1)"), "is neither a DOI nor a web address"),
        (("paper", DOI, "--alias", "../x"), "--alias must be 1 to 80 of a-z, 0-9"),
        (("paper", DOI, "--alias", "a" * 16), "and no uid; got"),
        (("paper", DOI, "--into", "nowhere"), "--into nowhere: there is no such folder"),
        (("paper", DOI, "--title", "a\nb"), "--title must be one line"),
        (("paper", DOI, "--base-url", "https://a.org"), "--base-url belongs to `cmsite new DIR`"),
        (("report", DOI), "write `cmsite new DIR` or `cmsite new paper DOI`"),
        (("mine", "--alias", "x"), "--into and --alias belong to `cmsite new paper DOI`"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(repository: Path, arguments: tuple[str, ...], message: str):
    done = run("new", *arguments, cwd=repository)
    assert done.returncode == 2
    assert message in done.stderr
    assert [path.name for path in repository.iterdir()] == ["cmr.yaml"]


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path):
    done = run("new", "paper", DOI, cwd=tmp_path)
    assert done.returncode == 2
    assert "this folder is no repository: it has no cmr.yaml; name one with --into DIR" in done.stderr


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        (DOI, f"https://doi.org/{DOI}"),
        (f"doi: {DOI}", f"https://doi.org/{DOI}"),
        (f"https://doi.org/{DOI}", f"https://doi.org/{DOI}"),
        (f"http://dx.doi.org/{DOI}", f"https://doi.org/{DOI}"),
        ("https://arxiv.org/abs/1801.08024", "https://arxiv.org/abs/1801.08024"),
        ("https://doi.org/nonsense", ""),
        ("10.1/x", ""),
        (f"{DOI} and more", ""),
        ("", ""),
    ],
)
def test_references_become_addresses(reference: str, address: str):
    assert address_of_reference(reference) == address


@settings(deadline=None)  # The first reads templates from the disk.
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_and_doi_give_a_meta_that_reads_back(title: str, end: str):
    title = "".join(letter for letter in title if letter.isprintable()) or "x"
    address = address_of_reference(f"10.1000/{end}") or "https://example.org/x"
    alias = alias_of_reference(address)
    assert re.fullmatch(rf"[a-z0-9_][a-z0-9._-]{{0,{MAX_ALIAS - 1}}}", alias)
    files = render_paper(folder="", alias=alias, title=title, reference=address, draw_hex=lambda digits: "0" * digits)
    (found,) = (yaml.safe_load(file.content) for file in files if file.path.endswith("_cm.yaml"))
    assert (found["paper"], found["alias"]) == ({"title": title, "reference": address}, alias)
