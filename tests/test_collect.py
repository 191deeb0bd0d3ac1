"""`cmsite collect`: what no index of the kept time refers to goes, and nothing else ever.

Source: DESIGN §9; facts/index.md §2 and §4, case 77.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cmsite.cli import cli
from cmsite.index.emit import Before, emit_index
from cmsite.index.layout import BLOBS_FOLDER, ROOT_PATH, ROOTS_FOLDER, archive_path, blob_path, past_root_path
from cmsite.index.read import parse_node, read_index
from cmsite.index.records import Record
from cmsite.index.root import Root, parse_root
from cmsite.outputs import OutputFolder
from cmsite.publish.collection import find_garbage, remove_garbage
from cmsite.publish.history import keep_root
from cmsite.publish.holding import held
from tests.index_values import REGISTRY_ID, many
from tests.memory_tree import script
from tests.published import EPOCH, publish_once
from tests.test_build import catalogue, index, tree
from tests.test_large_past import LIMITS, reached

A, B = "a" * 16, "b" * 16
DAY_S = 86_400.0


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of two scripts in the current folder, published once."""
    publish_once("collect", tmp_path, publish)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH["SOURCE_DATE_EPOCH"])
    return tmp_path


def publish(folder: Path) -> None:
    catalogue(folder, a=script("a", A), b=script("b", B))
    Path("artifacts/LICENSE").write_text("Licence of before\n", "utf-8")
    Path("nothing").mkdir()
    cmsite("build", "--no-cache", "--previous", "nothing")


def cmsite(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, [str(item) for item in arguments])
    found = getattr(done.exception, "exit_code", done.exit_code)
    assert found == code, (done.output, done.exception)
    return done


def later(days: float, site: Path = Path("site")) -> None:
    """Make every file of a site older, as waiting does."""
    for path in site.rglob("*"):
        if path.is_file():
            found = path.stat()
            os.utime(path, (found.st_atime, found.st_mtime - days * DAY_S))


def change(text: str, *options: str) -> bytes:
    """Publish another revision of `a`; return the root."""
    Path("artifacts/script/a/README.md").write_text(text, "utf-8")
    cmsite("build", *options)
    return Path("site", ROOT_PATH).read_bytes()


def index_files(root: bytes, site: Path = Path("site")) -> set[str]:
    """Return the index files that a root refers to, all of them in the site; told by readers of their own."""
    files = {path: content for path, content in tree(site).items() if path.startswith("cm-index/")}
    found = reached(files | {ROOT_PATH: root}) - {ROOT_PATH}
    records = parse_root(root).records
    for node in filter(None, records.nodes):
        found.add(blob_path(node.sha256))
        leaves = parse_node(files[blob_path(node.sha256)], records, "node")
        found.update(blob_path(leaf.sha256) for leaf in leaves if leaf is not None)
    for record in read_index(lambda path: root if path == ROOT_PATH else files[path]).records:
        found.update(blob_path(digest) for digest in (record.licenses, record.dependencies) if digest)
    assert found <= set(files)
    return found


def collect(*options: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(cmsite("collect", "--json", *options).stdout)
    assert document["schema"] == "cmsite-collect/1"
    return document


@pytest.mark.parametrize("options", [("--no-cache",), ()], ids=["whole builds", "builds by memory"])
def test_files_go_two_weeks_after_the_last_index_that_refers_to_them(here: Path, options: tuple[str, ...]) -> None:
    cmsite("build", *options)
    first = Path("site", ROOT_PATH).read_bytes()
    later(20)
    second = change("# second\n", *options)
    assert collect()["removed"] == []
    later(10)
    third = change("# third\n", *options)
    assert collect()["removed"] == []
    later(10)
    fourth = change("# fourth\n", *options)
    only_first = index_files(first) - index_files(second) - index_files(third) - index_files(fourth)
    before = tree(Path("site"))
    removed = collect()["removed"]
    assert {path for path in removed if path.startswith("cm-index/v1/b/")} == only_first
    assert not any("/manifest/" in path for path in removed)  # The page changed within the kept time.
    assert not any(path.startswith("artifacts/") for path in removed)
    assert tree(Path("site")) == {path: content for path, content in before.items() if path not in removed}
    # The first root tells when the second one began; it goes once the third one tells as much.
    later(10)
    removed = collect()["removed"]
    assert past_root_path(parse_root(first).sha256) in removed
    for root in (third, fourth):
        assert index_files(root)
    later(10)
    assert len([path for path in collect()["removed"] if "/manifest/" in path]) == 3
    assert index_files(fourth) == {path for path in tree(Path("site")) if path.startswith(BLOBS_FOLDER)}


def test_every_revision_still_pulls_searches_answer_alike_and_locks_of_before_find_their_licence(here: Path) -> None:
    cmsite("pull", "script:a", "--registry", "site", "--into", "locked")
    licence = tree(Path("locked/.cmsite/licenses"))
    Path("artifacts/LICENSE").write_text("Another licence\n", "utf-8")
    for text in ("# second words\n", "# third words\n", "# fourth words\n"):
        later(20)
        change(text)
    shutil.rmtree("artifacts/script/b")
    cmsite("build", "--no-cache")
    later(20)
    questions = [("words",), ("second",), ("--tags", "get"), ("script",), ("fourth", "--automation", "script")]
    answers = [cmsite("search", *asked, "--registry", "site", "--json").stdout for asked in questions]
    assert collect()["files"] > 5
    assert [cmsite("search", *asked, "--registry", "site", "--json").stdout for asked in questions] == answers
    for name in ("script:a@r1", "script:a@r2", "script:a@r3", "script:a@r4", "script:b@r1"):
        into = f"pulled-{name[-3:]}-{name[7]}"
        cmsite("pull", name, "--registry", "site", "--into", into)
        cmsite("verify", into)
    for path in ("locked/script", "locked/.cmsite"):
        shutil.rmtree(path)
    shutil.rmtree(os.environ["CMSITE_CACHE"], ignore_errors=True)
    cmsite("pull", "--locked", "--into", "locked", "--registry", "site")
    assert tree(Path("locked/.cmsite/licenses")) == licence
    cmsite("build", "--no-cache")
    assert [cmsite("search", *asked, "--registry", "site", "--json").stdout for asked in questions] == answers


def test_a_dry_run_names_what_would_go_and_removes_nothing(here: Path) -> None:
    change("# second\n")
    later(20)
    before = tree(Path("site"))
    shown = cmsite("collect", "--dry-run").stdout.splitlines()
    assert tree(Path("site")) == before
    done = cmsite("collect").stdout
    assert done.startswith("site: removed ")
    assert shown[-1] == done.strip().replace("removed", "would remove")
    assert set(shown[:-1]) == set(before) - set(tree(Path("site")))
    assert "removed 0 files" in cmsite("collect").stdout


def test_without_kept_roots_nothing_goes_until_the_root_is_old(here: Path) -> None:
    change("# second\n")
    change("# third\n")
    shutil.rmtree("site/cm-index/v1/roots")
    later(20)
    change("# fourth\n")
    found = cmsite("collect")
    assert "removed 0 files" in found.output
    assert "does not tell every index of the last 14d" in found.stderr
    later(20)
    assert collect()["files"] > 3


def test_files_of_a_preview_stay_while_its_root_is_young(here: Path) -> None:
    cmsite("build", "--no-cache", "--site-dir", "seen", "--previous", "none")
    Path("artifacts/script/a/README.md").write_text("# other\n", "utf-8")
    later(20, Path("seen"))
    cmsite("build", "--no-cache", "--site-dir", "seen", "--previous", "none")
    assert collect("seen")["files"] == 0
    assert not Path("seen", ROOTS_FOLDER).exists()
    later(20, Path("seen"))
    assert any(path.startswith("artifacts/") for path in collect("seen")["removed"])
    assert index(Path("seen"))


def test_a_damaged_root_is_replaced_and_not_kept(here: Path) -> None:
    shutil.copytree("site", "new")
    Path("new", ROOT_PATH).write_bytes(b"{}")
    Path("artifacts/script/a/README.md").write_text("# second\n", "utf-8")
    cmsite("build", "--no-cache", "--previous", "site", "--site-dir", "new")
    assert [path.stem for path in Path("new", ROOTS_FOLDER).iterdir()] == [
        parse_root(Path("site", ROOT_PATH).read_bytes()).sha256
    ]


def test_another_folder_gets_the_kept_roots_with_their_times(here: Path) -> None:
    change("# second\n")
    later(20)
    Path("artifacts/script/a/README.md").write_text("# third\n", "utf-8")
    cmsite("build", "--no-cache", "--previous", "site", "--site-dir", "new")
    cmsite("build", "--no-cache")
    old, new = (sorted(Path(name, ROOTS_FOLDER).iterdir()) for name in ("site", "new"))
    assert [path.name for path in old] == [path.name for path in new]
    assert len(old) == 2
    assert sorted(round((time.time() - path.stat().st_mtime) / DAY_S) for path in new) == [0, 20]


def test_purged_archives_go_at_once_and_leftovers_of_killed_builds_later(here: Path) -> None:
    change("# leaked\n")
    first = next(record for record in index(Path("site")).records if record.alias == "a").versions[0]
    content = Path("site", archive_path(first.archive_sha256)).read_bytes()
    cmsite("purge", "script:a@r1", "--reason", "leaked", "--yes")
    cmsite("build", "--no-cache")
    Path("site", archive_path(first.archive_sha256)).write_bytes(content)  # Brought back by a copy of the site.
    Path("site/cm-index/v1/.cmsite-tmp").write_bytes(b"somebody's")
    Path("site/artifacts/.cmsite-tmp").write_bytes(b"half")
    Path("site/artifacts/notes.txt").write_text("of a person", "utf-8")
    assert collect()["removed"] == [archive_path(first.archive_sha256)]
    later(20)
    assert "artifacts/.cmsite-tmp" in collect()["removed"]
    assert Path("site/artifacts/notes.txt").exists()


@pytest.mark.parametrize("case", ["no site", "damaged", "link", "age", "held"])
def test_what_cannot_be_collected_says_why_and_stays(here: Path, case: str) -> None:
    change("# second\n")
    later(20)
    if case == "no site":
        assert "there is no cm-index/v1/root.json" in str(cmsite("collect", "artifacts", code=2).exception)
        return
    if case == "damaged":
        for path in index_files(Path("site", ROOT_PATH).read_bytes()):
            Path("site", path).write_bytes(b"x")
    if case == "link":
        Path("site/artifacts").rename("elsewhere")
        Path("site/artifacts").symlink_to(here / "elsewhere")
    before = tree(Path("site"))
    if case == "damaged":
        assert "damaged or tampered with" in str(cmsite("collect", code=6).exception)
    elif case == "link":
        assert "is a link" in str(cmsite("collect", code=7).exception)
    elif case == "age":
        assert "is no span of time" in cmsite("collect", "--older-than", "soon", code=2).output
    else:
        with held(Path("site"), wait=False) as is_held:
            assert is_held
            assert "another collection works in it" in str(cmsite("collect", code=7).exception)
    assert tree(Path("site")) == before


def _publish(site: Path, records: list[Record]) -> bytes:
    """Write the next index of a site with a tree of terms, and keep the root before, as builds do."""
    output = OutputFolder(site)
    path = site / ROOT_PATH
    previous: Root | None = parse_root(path.read_bytes()) if path.exists() else None

    def read(name: str) -> bytes:
        return (site / name).read_bytes()

    before = Before(root=previous, read=read) if previous else None
    made = emit_index(
        records, registry_id=REGISTRY_ID, previous=previous, before=before, first=previous is None, limits=LIMITS
    )
    for file in made:
        if file.path == ROOT_PATH:
            keep_root(output, file.content, site)
            if not output.holds(file):
                output.write_atomically(file)
        else:
            output.write(file)
    return path.read_bytes()


@pytest.mark.parametrize("seed", range(4))
def test_case_77_readers_of_any_root_of_the_kept_time_find_every_file(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    site, all_records = tmp_path / "site", many(80)
    in_force: list[tuple[bytes, float]] = []  # Roots, and the days since they were replaced.
    root = b""
    for _ in range(14):
        records = draw.sample(all_records, draw.choice((60, 79, 80)))
        new = _publish(site, records)
        if root and new != root:
            in_force.append((root, 0.0))
        root = new
        days = draw.choice((0.0, 1.0, 5.0, 12.0, 16.0))
        later(days, site)
        in_force = [(one, ago + days) for one, ago in in_force]
        garbage = find_garbage(site, time.time() - 14 * DAY_S)
        remove_garbage(site, garbage)
        for one in (root, *(one for one, ago in in_force if ago < 14)):
            index_files(one, site)  # Fails where a file is gone.
        assert not find_garbage(site, time.time() - 14 * DAY_S).paths
    later(15, site)
    remove_garbage(site, find_garbage(site, time.time() - 14 * DAY_S))
    assert {path for path in tree(site) if path.startswith(BLOBS_FOLDER)} == index_files(root, site)


def _killed_at(site: Path, die_at: int) -> int:
    """Collect in a process of its own that ends before its n-th removal; return its exit code."""

    def work() -> None:
        seen = 0

        def watch(event: str, _arguments: tuple[Any, ...]) -> None:
            nonlocal seen
            if event == "os.remove":
                seen += 1
                if seen == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        remove_garbage(site, find_garbage(site, time.time() - 14 * DAY_S))
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def test_case_38_a_killed_collection_leaves_a_whole_catalogue_and_the_next_one_ends_it(here: Path) -> None:
    for text in ("# second\n", "# third\n", "# fourth\n"):
        change(text)
        later(9)
    shutil.copytree("site", "before", copy_function=shutil.copy2)
    whole = find_garbage(Path("site"), time.time() - 14 * DAY_S)
    assert len(whole.paths) >= 3
    remove_garbage(Path("site"), whole)
    expected = tree(Path("site"))
    for die_at in range(1, len(whole.paths) + 1):
        shutil.rmtree("site")
        shutil.copytree("before", "site", copy_function=shutil.copy2)
        assert _killed_at(Path("site"), die_at) == -signal.SIGKILL
        read_index(lambda path: Path("site", path).read_bytes())
        assert set(expected) < set(tree(Path("site")))
        assert _killed_at(Path("site"), 0) == 0
        assert tree(Path("site")) == expected
