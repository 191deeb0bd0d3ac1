"""Folders as sources: what is listed, what is left out, and that nothing outside is ever read."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cmsite.errors import SourceError
from cmsite.model.tree import FileEntry, RefusedEntry
from cmsite.settings import SourceSpec
from cmsite.sources.folder import FolderTree
from cmsite.sources.globs import names_path, parse_pattern, parse_patterns
from cmsite.sources.limits import SourceLimits
from cmsite.sources.links import settle_links
from cmsite.sources.opening import open_source, tree_of_path


def _write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        _write_file(root / name.replace("__", "/"), text)
    return root


def _write_file(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _tree(root: Path, limits: SourceLimits | None = None) -> FolderTree:
    return FolderTree(root, label="here", location="here", limits=limits or SourceLimits())


def _paths(tree: FolderTree) -> list[str]:
    return [entry.path for entry in tree.entries]


def _refused(tree: FolderTree) -> dict[str, str]:
    return {entry.path: entry.code for entry in tree.refused}


def test_files_are_sorted_by_bytes_with_size_and_mode(tmp_path: Path) -> None:
    for name in ("b", "a/é", "a/z", "a-b", "A", "empty"):
        _write_file(tmp_path / name, "" if name == "empty" else "text")
    (tmp_path / "b").chmod(0o755)
    tree = _tree(tmp_path)
    assert _paths(tree) == ["A", "a-b", "a/z", "a/é", "b", "empty"]
    assert _paths(tree) == sorted(_paths(tree), key=str.encode)
    assert tree.entries[4] == FileEntry(path="b", size_bytes=4, executable=True)
    assert tree.read("empty") == b""
    assert tree.read("a/é") == b"text"
    assert tree.last_changes(("a",)) == {}
    assert (tree.provenance.kind, tree.provenance.location) == ("folder", "here")


def test_git_folders_and_files_are_skipped_at_every_level(tmp_path: Path) -> None:
    _write(tmp_path, a="1", sub__b="2")
    for name in (".git/config", "sub/.git/config", "linked/.git", "linked/c", ".github/x"):
        _write_file(tmp_path / name, "x")
    assert _paths(_tree(tmp_path)) == [".github/x", "a", "linked/c", "sub/b"]


def test_a_link_to_a_file_inside_appears_as_its_bytes(tmp_path: Path) -> None:
    _write(tmp_path, real__file="content")
    (tmp_path / "real" / "file").chmod(0o755)
    (tmp_path / "link").symlink_to("real/file")
    (tmp_path / "absolute").symlink_to(tmp_path / "real" / "file")
    (tmp_path / "real" / "chain").symlink_to("../link")
    tree = _tree(tmp_path)
    assert _refused(tree) == {}
    by_path = {entry.path: entry for entry in tree.entries}
    for name in ("link", "absolute", "real/chain"):
        assert by_path[name] == FileEntry(path=name, size_bytes=7, executable=True, link="real/file")
        assert tree.read(name) == b"content"


def test_a_link_to_a_folder_inside_is_expanded_as_copies(tmp_path: Path) -> None:
    _write(tmp_path, real__a="1", real__deep__b="2", realm="not below")
    (tmp_path / "copy").symlink_to("real")
    (tmp_path / "real" / "out-of-folder").symlink_to("../realm")
    tree = _tree(tmp_path)
    assert [path for path in _paths(tree) if path.startswith("copy/")] == [
        "copy/a",
        "copy/deep/b",
        "copy/out-of-folder",
    ]
    assert tree.read("copy/deep/b") == b"2"
    assert tree.read("copy/out-of-folder") == b"not below"


@pytest.mark.parametrize("target", ["../outside/text", "/etc/passwd", "a/../../outside/text", ".."])
def test_a_link_out_is_refused_and_never_read(tmp_path: Path, target: str) -> None:
    _write(tmp_path, outside__text="1", root__a__file="1")
    (tmp_path / "root" / "link").symlink_to(target)
    tree = _tree(tmp_path / "root")
    assert _paths(tree) == ["a/file"]
    (refused,) = tree.refused
    assert (refused.path, refused.code) == ("link", "CM403")
    assert f"points to '{target}', which leads out of the source" in refused.message
    assert refused.hint
    with pytest.raises(SourceError, match="'link' is not a file of this source"):
        tree.read("link")


def test_a_link_that_steps_out_and_in_again_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, root__file="1")
    (tmp_path / "root" / "link").symlink_to("../root/file")
    assert _refused(_tree(tmp_path / "root")) == {"link": "CM403"}


def test_dangling_and_circular_links_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, a__file="1", left__out="1")
    _write_file(tmp_path / ".cmignore", "left/\n")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "to-ignored").symlink_to("left/out")
    (tmp_path / "through-a-file").symlink_to("a/file/below")
    tree = _tree(tmp_path)
    assert set(_refused(tree).values()) == {"CM403"}
    assert list(_refused(tree)) == ["dangling", "one", "through-a-file", "to-ignored", "two"]
    assert "circle" in next(entry.message for entry in tree.refused if entry.path == "one")


def test_a_folder_that_links_to_itself_or_its_parents_ends(tmp_path: Path) -> None:
    _write(tmp_path, a__b__file="1")
    (tmp_path / "root").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "a" / "b" / "again").symlink_to("../../a")
    assert _paths(_tree(tmp_path)) == ["a/b/file"]
    assert _refused(_tree(tmp_path)) == {"a/b/again": "CM403", "a/up": "CM403", "root": "CM403"}


def test_two_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    _write(tmp_path, a__one="1", b__two="2")
    (tmp_path / "a" / "x").symlink_to("../b")
    (tmp_path / "b" / "y").symlink_to("../a")
    tree = _tree(tmp_path)
    assert _paths(tree) == ["a/one", "a/x/two", "b/two", "b/y/one"]
    assert _refused(tree) == {"a/x/y": "CM403", "b/y/x": "CM403"}


def test_links_that_double_with_each_level_are_stopped() -> None:
    files = {"d40/file": FileEntry(path="d40/file", size_bytes=1)}
    links = {f"d{level}/{name}": f"../d{level + 1}" for level in range(40) for name in "ab"}
    started = time.process_time()
    settled = settle_links(files, links, SourceLimits(link_steps=1000))
    assert time.process_time() - started < 5
    assert "limit of copies by links" in settled.refused[0].message
    assert settled.entries


def test_special_files_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, file="1")
    os.mkfifo(tmp_path / "fifo")
    tree = _tree(tmp_path)
    assert _paths(tree) == ["file"]
    assert _refused(tree) == {"fifo": "CM404"}
    assert "a fifo" in tree.refused[0].message


def test_names_that_cannot_be_shown_are_refused(tmp_path: Path) -> None:
    names = [b"latin-\xe9", b"esc\x1b[2J", b"line\nfeed", "rtl\u202etxt".encode(), b"fine"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"1")
    tree = _tree(tmp_path)
    assert _paths(tree) == ["fine"]
    assert _refused(tree) == dict.fromkeys(["esc\\x1b[2J", "latin-\\udce9", "line\\nfeed", "rtl\\u202etxt"], "CM405")
    for entry in tree.refused:
        entry.message.encode("utf-8")
        assert entry.message.isprintable()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_unreadable_files_and_folders_are_findings() -> None:
    # Root may read everything, so another user looks; pytest's own folder is closed to that user.
    root = Path(tempfile.mkdtemp(prefix="cmsite-unreadable-"))
    try:
        _write(root, closed__file="1", hidden="1", open="1")
        root.chmod(0o755)
        (root / "hidden").chmod(0o000)
        (root / "closed").chmod(0o000)
        program = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from cmsite.sources.folder import FolderTree\n"
            "if os.geteuid() == 0:\n"
            "    os.setgid(65534); os.setuid(65534)\n"
            "tree = FolderTree(Path(sys.argv[1]), label='x', location='x')\n"
            "print([entry.path for entry in tree.entries], [(entry.path, entry.code) for entry in tree.refused])\n"
        )
        done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "['open'] [('closed', 'CM401'), ('hidden', 'CM401')]"
    finally:
        (root / "closed").chmod(0o755)
        shutil.rmtree(root)


def test_reading_is_bounded_and_never_follows(tmp_path: Path) -> None:
    _write(tmp_path, root__file="small", root__other="1", text="1")
    tree = _tree(tmp_path / "root", SourceLimits(file_bytes=10))
    (tmp_path / "root" / "file").write_text("x" * 11)
    with pytest.raises(SourceError, match="larger than the limit of 10 bytes"):
        tree.read("file")
    (tmp_path / "root" / "file").write_text("x" * 10)
    assert tree.read("file") == b"x" * 10
    (tmp_path / "root" / "file").unlink()
    with pytest.raises(SourceError, match="check that the file is still there"):
        tree.read("file")
    (tmp_path / "root" / "file").symlink_to("../text")
    with pytest.raises(SourceError, match="cannot read 'file'"):
        tree.read("file")
    (tmp_path / "root" / "other").unlink()
    os.mkfifo(tmp_path / "root" / "other")
    with pytest.raises(SourceError, match="not a regular file"):
        tree.read("other")
    for path in ("../text", "nothing", "", "/etc/passwd"):
        with pytest.raises(SourceError, match="is not a file of this source"):
            tree.read(path)


def _read_in_worker(path: str) -> bytes:
    return _SHARED[0].read(path)


_SHARED: list[FolderTree] = []


def test_a_tree_is_read_in_forked_workers(tmp_path: Path) -> None:
    _write(tmp_path, a="1", b="2")
    _SHARED[:] = [_tree(tmp_path)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_read_in_worker, ["a", "b"]) == [b"1", b"2"]


def test_cmignore_at_the_root_and_below(tmp_path: Path) -> None:
    for name in (
        "a.log",
        "keep.log",
        "build/x",
        "sub/build",
        "sub/deep/b.tmp",
        "sub/c.tmp",
        "sub/only",
        "only",
        "sub/d.log",
    ):
        _write_file(tmp_path / name, "x")
    _write_file(tmp_path / ".cmignore", "# comment\n\n*.log\n!keep.log\nbuild/\n")
    _write_file(tmp_path / "sub" / ".cmignore", "*.tmp\n/only\n!d.log\n")
    assert _paths(_tree(tmp_path)) == [".cmignore", "keep.log", "only", "sub/.cmignore", "sub/build", "sub/d.log"]


def test_a_cmignore_that_cannot_be_read_stops_the_source(tmp_path: Path) -> None:
    _write(tmp_path, rules="file\n", file="1")
    (tmp_path / ".cmignore").symlink_to("rules")
    with pytest.raises(SourceError, match="cannot read .cmignore: .*make it a readable regular file"):
        _tree(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.log", "a/b/c.log", True),
        ("/*.log", "a/c.log", False),
        ("/*.log", "c.log", True),
        ("a/*.log", "a/c.log", True),
        ("a/*.log", "a/b/c.log", False),
        ("a/*.log", "x/a/c.log", False),
        ("a/**/c.log", "a/c.log", True),
        ("a/**/c.log", "a/b/d/c.log", True),
        ("**/c", "x/y/c", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("build/", "build/out", True),
        ("build/", "x/build/out", True),
        ("b?ild", "build", True),
        ("[ab]x", "bx", True),
        ("[!ab]x", "bx", False),
        ("\\#x", "#x", True),
        ("\\!x", "!x", True),
        ("x*y*z", "xaaybbz", True),
        ("x*y*z", "xaaybb", False),
        ("a.b", "aXb", False),
    ],
)
def test_patterns(pattern: str, path: str, *, matches: bool) -> None:
    assert names_path(parse_patterns([pattern]), path) is matches


def test_patterns_that_say_nothing_and_hostile_ones() -> None:
    assert [parse_pattern(line) for line in ("", "  ", "# x", "/", "!")] == [None] * 5
    started = time.process_time()
    assert not names_path(parse_patterns(["*a" * 60 + "b", "**/" * 60 + "b"]), "a" * 250 + "/a" * 200)
    assert time.process_time() - started < 2


def test_twenty_thousand_files_are_listed_in_well_under_a_second(tmp_path: Path) -> None:
    for folder in range(200):
        parent = tmp_path / "script" / f"s{folder}"
        parent.mkdir(parents=True)
        for name in range(100):
            (parent / f"f{name}").touch()
    started = time.process_time()
    tree = _tree(tmp_path)
    # Generous: the machine may be busy; an algorithm that is not linear needs minutes.
    assert time.process_time() - started < 5
    assert len(tree.entries) == 20_000


def test_too_many_files_is_an_error(tmp_path: Path) -> None:
    _write(tmp_path, a="1", b="2", c="3")
    with pytest.raises(SourceError, match="more than 2 files"):
        _tree(tmp_path, SourceLimits(entries=2))


def test_open_source_of_a_folder(tmp_path: Path) -> None:
    _write(tmp_path, artifacts__script__x__file="1", file="1")
    tree = open_source(SourceSpec(kind="folder", location="artifacts"), tmp_path)
    assert [entry.path for entry in tree.entries] == ["script/x/file"]
    assert tree.provenance.location == "artifacts"
    assert tree_of_path(tmp_path / "artifacts").entries == tree.entries
    assert str(tmp_path) not in tree_of_path(tmp_path / "artifacts").provenance.location
    with pytest.raises(SourceError, match="did you mean artifacts?"):
        open_source(SourceSpec(kind="folder", location="artefacts"), tmp_path)
    with pytest.raises(SourceError, match="is a file, not a folder"):
        open_source(SourceSpec(kind="folder", location="file"), tmp_path)
    with pytest.raises(SourceError, match=f"^there is nothing at {tmp_path / 'nothing'};"):
        tree_of_path(tmp_path / "nothing")
    with pytest.raises(SourceError, match="cannot be reached: File name too long; check the path"):
        tree_of_path(tmp_path / ("n" * 300))
    with pytest.raises(SourceError, match="cannot be read by this version"):
        open_source(SourceSpec(kind="image", location="file"), tmp_path)


def test_subfolder_include_and_exclude(tmp_path: Path) -> None:
    for name in (
        "repo/cmr.yaml",
        "repo/LICENSE",
        "repo/script/a/f",
        "repo/script/b/f",
        "repo/data/c/f",
        "repo/x/cmr.yaml",
        "other",
    ):
        _write_file(tmp_path / "src" / name, name)
    (tmp_path / "src" / "repo" / "script" / "a" / "out").symlink_to("/etc/passwd")

    def paths(**options: tuple[str, ...]) -> list[str]:
        spec = SourceSpec(kind="folder", location="src", subfolder="repo", **options)  # type: ignore[arg-type]
        return [entry.path for entry in open_source(spec, tmp_path).entries]

    everything = ["LICENSE", "cmr.yaml", "data/c/f", "script/a/f", "script/b/f", "x/cmr.yaml"]
    assert paths() == everything
    assert paths(include=("script/*",)) == ["LICENSE", "cmr.yaml", "script/a/f", "script/b/f", "x/cmr.yaml"]
    assert paths(include=("script/*",), exclude=("script/b", "x/")) == ["LICENSE", "cmr.yaml", "script/a/f"]
    tree = open_source(SourceSpec(kind="folder", location="src", subfolder="repo/", exclude=("data",)), tmp_path)
    assert tree.read("script/a/f") == b"repo/script/a/f"
    assert [(entry.path, entry.code) for entry in tree.refused] == [("script/a/out", "CM403")]
    for path in ("data/c/f", "../other", "other"):
        with pytest.raises(SourceError, match="is not a file of this source"):
            tree.read(path)
    with pytest.raises(SourceError, match="there is no folder 'nope' in it; it has: repo"):
        open_source(SourceSpec(kind="folder", location="src", subfolder="nope"), tmp_path)
    with pytest.raises(SourceError, match="leads out of the source"):
        open_source(SourceSpec(kind="folder", location="src", subfolder="../src"), tmp_path)


def test_findings_are_values_sorted_by_path(tmp_path: Path) -> None:
    for name in ("z", "a"):
        (tmp_path / name).symlink_to("/nowhere")
    os.mkfifo(tmp_path / "m")
    tree = _tree(tmp_path)
    assert [entry.path for entry in tree.refused] == ["a", "m", "z"]
    assert all(isinstance(entry, RefusedEntry) and entry.hint for entry in tree.refused)
