"""Links of hand-written pages to artifacts, by either command: found, missing, ambiguous, with their lines."""

import re
from pathlib import Path

import pytest

from cmsite.site.docs_links import references_in
from tests.memory_tree import script
from tests.test_site_material import MKDOCS, project, run, tree

UID = "0123456789abcdef"
TWO = """title: Small
registry_id: 0123456789abcdef0123456789abcdef
sources: [{folder: artifacts}, {folder: others}]
"""
HOME = "# Home\n\nBegin with [one](cmsite:script:one).\n\n<!-- cmsite:catalogue -->\n"


def links(html: str, text: str = "one") -> list[str]:
    return re.findall(rf"<a(?: href=\"([^\"]*)\")?>{text}</a>", html)


def built(folder: Path, *pages: str) -> tuple[list[str], str]:
    """Build and return the pages and what was said about them."""
    result = run(folder, "cmsite", "build")
    assert result.returncode == 0, result.stderr
    return [(folder / "site" / page).read_text("utf-8") for page in pages], result.stderr


def two_repositories(folder: Path, other_uid: str, **pages: str) -> Path:
    project(folder, TWO, **pages)
    for name, content in {
        "cmr.yaml": "alias: guests\nuid: '5555222233334444'\n",
        "script/one/_cm.yaml": script("one", other_uid),
    }.items():
        (folder / "others" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "others" / name).write_text(content)
    return folder


def test_both_commands_make_the_same_links(tmp_path: Path) -> None:
    deep = "# Deep\n\n[one](cmsite:script:one) and `cmsite:script:one` and [one](cmsite:script:one 'title').\n"
    folder = project(tmp_path, index=HOME, guide="# Guide\n\n[one](cmsite:script:one)\n", part__deep=deep)
    ours, theirs = run(folder, "cmsite", "build", "--site-dir", "a"), run(folder, "mkdocs", "build", "-q", "-d", "b")
    assert (ours.returncode, theirs.returncode) == (0, 0), ours.stderr + theirs.stderr
    assert "cmsite:" not in ours.stderr + theirs.stderr
    first, second = tree(folder / "a"), tree(folder / "b")
    assert [path for path in first | second if first.get(path) != second.get(path)] == []
    assert links(first["index.html"].decode()) == ["./a/team/script/one/"]
    assert links(first["guide/index.html"].decode()) == ["../a/team/script/one/"]
    html = first["part/deep/index.html"].decode()
    assert html.count('href="../../a/team/script/one/"') == 2
    assert "<code>cmsite:script:one</code>" in html


@pytest.mark.parametrize(
    "target",
    ["script:one", "team/script:one", UID, f"one,{UID}", f"script:one,{UID}", "script:one,_fast", "team/" + UID],
)
def test_every_form_of_a_reference_leads_to_the_page(tmp_path: Path, target: str) -> None:
    (page,), said = built(project(tmp_path, index=f"# Home\n\n[one](cmsite:{target})\n"), "index.html")
    assert links(page) == ["./a/team/script/one/"]
    assert "docs/index.md" not in said


def test_a_revision_leads_to_the_versions(tmp_path: Path) -> None:
    folder = project(tmp_path, index="# H\n\n[one](cmsite:script:one@r1)\n\n[two](cmsite:script:one@r7)\n")
    (page,), said = built(folder, "index.html")
    assert links(page) == ["./a/team/script/one/#versions"]
    assert links(page, "two") == [""]
    assert "docs/index.md:5: cmsite:script:one@r7: script:one has no version r7; there are r1" in said


def test_what_is_not_found_is_named_with_its_line_and_near_names(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Home\n---\n# Home\n\n[good](cmsite:script:one)\n[one](cmsite:script:onee)\n\n[bad](cmsite:tag:x)\n"
    )
    folder = project(tmp_path, index=text)
    (page,), said = built(folder, "index.html")
    assert "docs/index.md:7: cmsite:script:onee: no artifact of this name; did you mean cmsite:script:one?" in said
    assert "docs/index.md:9: cmsite:tag:x: no artifact of this name" in said
    assert (links(page), links(page, "good")) == ([""], ["./a/team/script/one/"])
    assert "cmsite:script" not in page
    strict = run(folder, "cmsite", "build", "--strict")
    assert strict.returncode == 1
    assert "2 problems named above" in strict.stderr
    theirs = run(folder, "mkdocs", "build", "-d", "b")
    assert theirs.returncode == 0
    assert "docs/index.md:7: cmsite:script:onee" in theirs.stderr
    assert (folder / "b/index.html").read_text("utf-8") == page
    assert run(folder, "mkdocs", "build", "--strict", "-d", "b").returncode == 1


def test_a_reference_that_is_none_says_how_one_looks(tmp_path: Path) -> None:
    _, said = built(project(tmp_path, index="# H\n\n[a](cmsite:)\n\n[b](cmsite:one)\n\n[c](cmsite:https://x.org/)\n"))
    for line in (3, 5, 7):
        assert re.search(rf"docs/index\.md:{line}: cmsite:\S*: .*script:detect-os", said), said


def test_a_copy_leads_to_the_first_repository_and_a_stranger_is_ambiguous(tmp_path: Path) -> None:
    text = "# H\n\n[one](cmsite:script:one)\n[two](cmsite:guests/script:one)\n"
    (page,), said = built(two_repositories(tmp_path / "copies", UID, index=text), "index.html")
    assert "docs/index.md" not in said
    assert (links(page), links(page, "two")) == (["./a/team/script/one/"], ["./a/guests/script/one/"])
    (page,), said = built(two_repositories(tmp_path / "strangers", "fedcba9876543210", index=text), "index.html")
    assert "docs/index.md:3: cmsite:script:one: 2 different artifacts have this name; write one of" in said
    assert "cmsite:team/script:one, cmsite:guests/script:one" in said
    assert (links(page), links(page, "two")) == ([""], ["./a/guests/script/one/"])


def test_pages_without_directories_link_from_their_own_folder(tmp_path: Path) -> None:
    mkdocs = MKDOCS + "use_directory_urls: false\n"
    folder = project(tmp_path, mkdocs=mkdocs, index="# H\n", part__deep="# D\n\n[one](cmsite:script:one)\n")
    (page,), _ = built(folder, "part/deep.html")
    assert links(page) == ["../a/team/script/one/"]


def test_many_links_take_linear_time() -> None:
    text = "\n".join(f"[a](cmsite:script:n{number})" for number in range(20_000))
    html = text.replace("[a](", '<a href="').replace(")", '">a</a>')
    found = references_in(html, text, path="index.html", source="docs/index.md")
    assert [reference.line for reference in found] == list(range(1, 20_001))
    assert references_in("<a href='cmsite:" * 20_000, "cmsite:" * 20_000, path="p", source="s") == ()
