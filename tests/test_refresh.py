"""A build after few changes gives the bytes of a build of everything, and knows when it cannot."""

import os
import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.generate import write_catalogue
from cmsite.client.query import parse_query
from cmsite.client.registries import open_address
from cmsite.commands.build import command
from cmsite.index import emit
from cmsite.index.layout import ROOT_PATH, IndexLimits
from cmsite.index.root import parse_root
from cmsite.pipeline.memory import memory_of
from cmsite.pipeline.refresh import refresh
from cmsite.pipeline.remember import report_of

COUNT = 300  # Enough for several leaves of the index.
CLOCK_S = 0.05  # After which a file is old enough to be known by its time.
FEW = 40  # Enough where everything is built again, whatever the size.
THEME = "theme: {name: material, font: false}\n"


def make(folder: Path, count: int) -> Path:
    """Build a catalogue of synthetic artifacts and hand-written pages once, with its memory."""
    write_catalogue(folder, count)
    (folder / "docs").mkdir()
    (folder / "docs" / "guide.md").write_text("# Guide\n\nText.\n", "utf-8")
    (folder / "mkdocs.yml").write_text(f"site_name: Bench of {count}\n{THEME}", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CMSITE_CACHE", str(folder / "cache"))
        build(folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return make(tmp_path_factory.mktemp("refresh") / "catalogue", COUNT)


@pytest.fixture(scope="module")
def few_built(tmp_path_factory):
    return make(tmp_path_factory.mktemp("refresh") / "few", FEW)


@pytest.fixture
def catalogue(built, monkeypatch):
    """The catalogue before each test: whatever the test before changed is built and remembered."""
    monkeypatch.setenv("CMSITE_CACHE", str(built / "cache"))
    build(built)
    return built


@pytest.fixture
def few(few_built, monkeypatch):
    """A small catalogue before each test, as `catalogue`."""
    monkeypatch.setenv("CMSITE_CACHE", str(few_built / "cache"))
    build(few_built)
    return few_built


def build(folder: Path, *options: str, site: str = "site") -> str:
    config = ["--config", str(folder / "registry.yml"), "--site-dir", str(folder / site)]
    result = CliRunner().invoke(command, [*config, "--quiet", *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refreshed(folder: Path):
    memory = memory_of(folder / "registry.yml", folder / "site", "")
    assert memory is not None
    return refresh(memory, folder / "site")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def readme(folder: Path, number: int = 0) -> Path:
    return sorted((folder / "repository" / "script").glob("*/README.md"))[number]


def settle(path: Path) -> None:
    """Make a file old enough to be known by its time."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 1_000_000_000))


def test_nothing_is_done_where_nothing_changed(catalogue):
    before = {path: path.stat().st_mtime_ns for path in (catalogue / "site").rglob("*")}
    report = refreshed(catalogue)
    assert report is not None
    assert report.artifacts == len(list((catalogue / "repository").glob("*/*/_cm.yaml")))
    assert before == {path: path.stat().st_mtime_ns for path in (catalogue / "site").rglob("*")}


@pytest.mark.parametrize("numbers", [(0,), (3, 17, 40)])
def test_changed_texts_give_the_bytes_of_a_whole_build(catalogue, numbers):
    for number in numbers:
        path = readme(catalogue, number)
        path.write_text(
            path.read_text("utf-8") + f"\n\n## New {number}\n\nA *paragraph*.\n\n```bash\nls\n```\n", "utf-8"
        )
        settle(path)
    whole = catalogue / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    shutil.copytree(catalogue / "site", whole, copy_function=shutil.copy2)
    assert refreshed(catalogue) is not None
    build(catalogue, "--no-cache", site="whole")
    assert tree(catalogue / "site") == tree(whole)
    assert refreshed(catalogue) is not None  # Nothing is left to do.
    changed = readme(catalogue, numbers[0]).parent.name
    page = next((catalogue / "site" / "a").glob(f"*/script/{changed}/index.html")).read_text("utf-8")
    assert f"New {numbers[0]}" in page


def test_changed_texts_of_a_catalogue_with_a_tree_of_terms_change_its_delta(catalogue, monkeypatch):
    monkeypatch.setattr(emit, "IndexLimits", lambda: IndexLimits(all_bytes=1000))
    changed = readme(catalogue, 1)
    changed.write_text(f"{changed.read_text('utf-8')}\n## Folded\n", "utf-8")
    settle(changed)
    build(catalogue, "--no-cache", "--previous", "none")
    settle(changed)
    build(catalogue, "--previous", "")
    root = parse_root((catalogue / "site" / ROOT_PATH).read_bytes())
    assert (root.all, root.delta) == ((), None)
    changed.write_text(f"{changed.read_text('utf-8')}\n## Zebrafish\n", "utf-8")
    settle(changed)
    shutil.rmtree(catalogue / "whole", ignore_errors=True)
    shutil.copytree(catalogue / "site", catalogue / "whole", copy_function=shutil.copy2)
    assert refreshed(catalogue) is not None
    build(catalogue, "--no-cache", site="whole")
    assert tree(catalogue / "site") == tree(catalogue / "whole")
    after = parse_root((catalogue / "site" / ROOT_PATH).read_bytes())
    assert after.terms == root.terms
    assert after.delta is not None
    registry = open_address((catalogue / "site").as_uri() + "/")
    assert [hit.record.folder for hit in registry.search(parse_query(["zebrafish"])).hits] == [changed.parent.name]
    monkeypatch.undo()
    build(catalogue, "--no-cache", "--previous", "none")


def test_one_artifact_may_change_again_and_again(catalogue):
    path = readme(catalogue, 5)
    for number in range(4):
        path.write_text(path.read_text("utf-8") + f"\nLine {number}.\n", "utf-8")
        settle(path)
        assert refreshed(catalogue) is not None
    shutil.rmtree(catalogue / "whole", ignore_errors=True)
    shutil.copytree(catalogue / "site", catalogue / "whole", copy_function=shutil.copy2)
    build(catalogue, "--no-cache", site="whole")
    assert tree(catalogue / "site") == tree(catalogue / "whole")


def _change_meta(folder: Path) -> None:
    path = readme(folder).with_name("_cm.yaml")
    path.write_text(path.read_text("utf-8").replace("category:", "category: new"), "utf-8")


def _change_summary(folder: Path) -> None:
    path = readme(folder).with_name("_cm.yaml")
    path.write_text(path.read_text("utf-8").replace("name: ", "name: New "), "utf-8")


def _add_file(folder: Path) -> None:
    (readme(folder).parent / "more.txt").write_text("more", "utf-8")


def _remove_file(folder: Path) -> None:
    readme(folder, 1).unlink()


def _change_page(folder: Path) -> None:
    (folder / "docs" / "guide.md").write_text("# Guide\n\nOther text.\n", "utf-8")


def _add_page(folder: Path) -> None:
    (folder / "docs" / "more.md").write_text("# More\n", "utf-8")


def _change_theme(folder: Path) -> None:
    path = folder / "mkdocs.yml"
    path.write_text(path.read_text("utf-8").replace(THEME, "theme: {name: material, language: de}\n"), "utf-8")


def _change_settings(folder: Path) -> None:
    path = folder / "registry.yml"
    path.write_text(path.read_text("utf-8") + "contact: https://example.org/issues\n", "utf-8")


def _damage_site(folder: Path) -> None:
    (folder / "site" / "index.html").write_text("other", "utf-8")


def _change_what_is_linked(folder: Path) -> None:
    path = readme(folder, 11)
    (readme(folder, 12).parent / "copy.md").symlink_to(f"../{path.parent.name}/README.md")
    build(folder)
    path.write_text(path.read_text("utf-8") + "\nMore.\n", "utf-8")
    settle(path)


def _break_link(folder: Path) -> None:
    path = readme(folder, 3)
    path.write_text(path.read_text("utf-8") + "\nSee [another](../gone/README.md).\n", "utf-8")
    settle(path)


def _leak_secret(folder: Path) -> None:
    path = readme(folder, 4)
    path.write_text(
        path.read_text("utf-8") + "\n$2b$12$" + "Kq7vR1xZ8cN4tYw2LmB5aeHs9dJf3GuQ6oVpTi0EyXr7kWnCb1MzS\n", "utf-8"
    )
    settle(path)


def _make_executable(folder: Path) -> None:
    readme(folder, 2).chmod(0o755)


@pytest.mark.parametrize(
    "change",
    [
        _change_meta, _change_summary, _add_file, _remove_file, _change_page, _add_page, _change_theme, _change_settings,
        _damage_site, _make_executable, _change_what_is_linked, _break_link, _leak_secret,
    ],
)  # fmt: skip
def test_everything_is_built_where_more_than_texts_changed(few, change):
    change(few)
    assert refreshed(few) is None
    shutil.rmtree(few / "whole", ignore_errors=True)
    shutil.copytree(few / "site", few / "whole", copy_function=shutil.copy2)
    build(few)
    build(few, "--no-cache", site="whole")
    assert tree(few / "site") == tree(few / "whole")


READ_ONCE = {
    "registry.yml": "custom_dir: mine\nrules: {extends: [cm, own.yaml]}\n",
    "mkdocs.yml": THEME,
    "docs/guide.md": "# Guide\n",
    "mine/lists/facet.html": "<h1>List</h1>",
    "own.yaml": "x-cmsite: {applies: {automations: [script]}}\ntype: object\n",
}


@pytest.mark.parametrize("name", READ_ONCE)
def test_what_changes_while_it_is_built_is_built_again(tmp_path, monkeypatch, name):
    monkeypatch.setenv("CMSITE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "catalogue"
    write_catalogue(folder, 3)
    for path, text in READ_ONCE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("a", encoding="utf-8") as stream:
            stream.write(text)
    time.sleep(CLOCK_S)
    saved: list[str] = []

    def save_and_report(*given, **named):
        if not saved:
            saved.append(name)
            with (folder / name).open("a", encoding="utf-8") as stream:
                stream.write("\n")
            time.sleep(CLOCK_S)
        return report_of(*given, **named)

    monkeypatch.setattr("cmsite.pipeline.build.report_of", save_and_report)
    build(folder)
    assert (saved, refreshed(folder)) == ([name], None)
    build(folder)
    assert refreshed(folder) is not None


def test_a_changed_result_file_builds_the_tables_again(few):
    experiment = min((few / "repository" / "experiment").glob("*"))
    (experiment / "point").mkdir()
    result = experiment / "point" / "cm-result.json"
    result.write_text('[{"uid": "a", "time_s": 1.5}]', "utf-8")
    build(few)
    tables = few / "site" / "results" / "experiments"
    (data,) = tables.glob("*/data-0.js")
    assert "1.5" in data.read_text("utf-8")
    settle(result)
    build(few)
    for path, content in (
        (result, '[{"uid": "a", "time_s": 2.5}]'),
        (experiment / "README.md", "# New\n\nOther text.\n"),
    ):
        path.write_text(content, "utf-8")
        settle(path)
        assert refreshed(few) is None
    build(few)
    assert "2.5" in data.read_text("utf-8")
    shutil.rmtree(few / "whole", ignore_errors=True)
    shutil.copytree(few / "site", few / "whole", copy_function=shutil.copy2)
    build(few, "--no-cache", site="whole")
    assert tree(few / "site") == tree(few / "whole")


@pytest.mark.parametrize("name", ["head", "lookups", "bundles", "common", "changed"])
@pytest.mark.parametrize("content", [b"", b"\x00garbage", None])
def test_damaged_memory_is_no_memory(few, name, content):
    memory = memory_of(few / "registry.yml", few / "site", "")
    assert memory is not None
    if content is None:
        (memory.folder / name).unlink()
    else:
        (memory.folder / name).write_bytes(content)
    path = readme(few, 9)
    path.write_text(path.read_text("utf-8") + "\nMore.\n", "utf-8")
    settle(path)
    assert refreshed(few) is None
    build(few)


def test_memory_that_others_could_write_is_not_read(few):
    memory = memory_of(few / "registry.yml", few / "site", "")
    assert memory is not None
    memory.folder.chmod(0o777)
    assert memory_of(few / "registry.yml", few / "site", "") is None
    memory.folder.chmod(0o700)


def test_a_site_that_goes_on_from_elsewhere_has_no_memory(few):
    assert memory_of(few / "registry.yml", few / "site", "https://example.org/") is None
    assert memory_of(few / "registry.yml", few / "site", str(few)) is None


def test_the_page_of_a_reproduced_script_keeps_what_was_found_with_it(few):
    path = readme(few, 5)
    name = path.parent.name
    for kind, meta in (
        ("paper", "paper: {title: T}\nclaims: [{id: C1, text: It holds., kind: qualitative}]\n"),
        ("reproduction", f"reproduction: {{paper: p, claims: [C1], artifact: {{reference: 'script:{name}'}}}}\n"),
    ):
        folder = few / "repository" / kind / kind[0]
        folder.mkdir(parents=True)
        (folder / "_cm.yaml").write_text(f"alias: {kind[0]}\nautomation_alias: {kind}\n{meta}", "utf-8")
        for made in (folder / "_cm.yaml", folder, folder.parent):
            settle(made)
    settle(few / "repository")
    build(few)
    path.write_text(path.read_text("utf-8") + "\n\n## Later\n", "utf-8")
    settle(path)
    shutil.rmtree(few / "whole", ignore_errors=True)
    shutil.copytree(few / "site", few / "whole", copy_function=shutil.copy2)
    assert refreshed(few) is not None
    build(few, "--no-cache", site="whole")
    assert tree(few / "site") == tree(few / "whole")
    page = next((few / "site" / "a").glob(f"*/script/{name}/index.html")).read_text("utf-8")
    assert "1 reproduction of 1 paper ran this artifact" in page
    for kind in ("paper", "reproduction"):
        shutil.rmtree(few / "repository" / kind)


def test_decisions_are_built_whole_and_hold_in_what_is_made_again(few):
    """A change of decisions.yml builds everything; after it a changed text still gives the bytes of a whole build."""
    path, decisions = readme(few, 9), few / "decisions.yml"
    alias = path.parent.name
    decisions.write_text(
        f"- {{action: deprecate, reference: 'script:{alias}', reason: it is slow}}\n"
        f"- {{action: yank, reference: 'script:{alias}', revision: r1, reason: wrong}}\n",
        "utf-8",
    )
    settle(decisions)
    assert refreshed(few) is None
    build(few)
    path.write_text(path.read_text("utf-8") + "\nIt is still deprecated.\n", "utf-8")
    settle(path)
    shutil.rmtree(few / "whole", ignore_errors=True)
    shutil.copytree(few / "site", few / "whole", copy_function=shutil.copy2)
    assert refreshed(few) is not None
    build(few, "--no-cache", site="whole")
    assert tree(few / "site") == tree(few / "whole")
    assert "it is slow" in next((few / "site" / "a").glob(f"*/script/{alias}/index.html")).read_text("utf-8")
    decisions.unlink()
    assert refreshed(few) is None
