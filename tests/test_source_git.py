"""Git repositories as sources, with real repositories made by git: refs, links, history, remote copies, attacks."""

import multiprocessing
import os
import subprocess
import time
from pathlib import Path

import pytest

from cmsite.errors import SourceError
from cmsite.model.tree import Change
from cmsite.settings import SourceSpec
from cmsite.sources.git import GitTree
from cmsite.sources.git_address import GitAddress, parse_address
from cmsite.sources.git_command import git_environment
from cmsite.sources.limits import SourceLimits
from cmsite.sources.opening import open_source


class _Repository:
    """A real repository; every commit is a second later than the one before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock_s = 1_600_000_000
        root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, given: bytes = b"") -> str:
        time_s = f"{self.clock_s} +0200"
        environment = os.environ | {"GIT_AUTHOR_DATE": time_s, "GIT_COMMITTER_DATE": time_s}
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(command, env=environment, input=given, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def write(self, path: str, text: str = "text") -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, "utf-8")

    def commit(self, message: str = "change") -> str:
        self.clock_s += 1
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> _Repository:
    made = _Repository(tmp_path / "repo")
    made.write("script/a/_cm.yaml", "one")
    made.write("script/b/_cm.yaml", "two")
    made.write("README.md", "")
    made.commit()
    return made


def _tree(repository: _Repository, ref: str = "", **options: SourceLimits) -> GitTree:
    return GitTree(repository.root, ref, label="here", location="../repo", **options)


def _paths(tree: GitTree) -> list[str]:
    return [entry.path for entry in tree.entries]


def test_objects_are_read_not_the_work_tree(repository: _Repository) -> None:
    (repository.root / "script/a/_cm.yaml").write_text("changed, not committed")
    repository.write("untracked")
    repository.git("update-index", "--chmod=+x", "script/b/_cm.yaml")
    repository.git("commit", "--quiet", "-m", "mode")
    tree = _tree(repository)
    assert _paths(tree) == ["README.md", "script/a/_cm.yaml", "script/b/_cm.yaml"]
    assert tree.read("script/a/_cm.yaml") == b"one"
    assert tree.read("README.md") == b""
    assert [entry.executable for entry in tree.entries] == [False, False, True]
    assert [entry.size_bytes for entry in tree.entries] == [0, 3, 3]
    with pytest.raises(SourceError, match="is not a file of this source"):
        tree.read("untracked")


def test_branch_tag_commit_and_default(repository: _Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("tag", "-a", "v1", "-m", "annotated")
    repository.git("checkout", "--quiet", "-b", "feature/x")
    repository.write("new", "on the branch")
    second = repository.commit()
    repository.git("checkout", "--quiet", "main")
    for ref, commit in (
        ("", first),
        ("main", first),
        ("v1", first),
        ("feature/x", second),
        (second, second),
        (second[:10], second),
    ):
        provenance = _tree(repository, ref).provenance
        assert (provenance.commit, provenance.ref) == (commit, ref)
    assert _tree(repository, "feature/x").read("new") == b"on the branch"
    assert _tree(repository).provenance.time_s == 1_600_000_001
    assert (_tree(repository).provenance.kind, _tree(repository).provenance.location) == ("git", "../repo")


def test_a_bare_repository_and_a_linked_work_tree(repository: _Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    assert GitTree(tmp_path / "linked", label="x").read("script/a/_cm.yaml") == b"one"
    repository.git("clone", "--quiet", "--bare", str(repository.root), str(tmp_path / "bare.git"))
    assert GitTree(tmp_path / "bare.git", "main", label="x").read("script/b/_cm.yaml") == b"two"


def test_unknown_refs_name_what_looks_like_them(repository: _Repository) -> None:
    repository.git("tag", "v1.0")
    with pytest.raises(SourceError, match=r"here: there is no branch, tag or commit 'mian'; did you mean main\?"):
        _tree(repository, "mian")
    with pytest.raises(SourceError, match=r"there is no branch, tag or commit 'zzzz'; it has: main, v1\.0"):
        _tree(repository, "zzzz")


def test_what_is_no_repository(repository: _Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(SourceError, match="is not a git repository .*write it as `folder:`"):
        GitTree(tmp_path / "plain", label="x")
    with pytest.raises(SourceError, match="is not a git repository .*repo` with `subfolder:`"):
        GitTree(repository.root / "script", label="x")
    with pytest.raises(SourceError, match="there is no folder"):
        GitTree(tmp_path / "missing", label="x")
    empty = _Repository(tmp_path / "empty")
    with pytest.raises(SourceError, match="has no commit yet"):
        _tree(empty)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(SourceError, match="git is not installed"):
        _tree(repository)


def test_links_are_settled_by_name(repository: _Repository) -> None:
    for link, target in (
        ("script/a/same", "_cm.yaml"),
        ("copy", "script/b"),
        ("out", "../../etc/passwd"),
        ("absolute", "/etc/passwd"),
        ("dangling", "nowhere"),
        ("round", "."),
    ):
        (repository.root / link).symlink_to(target)
    repository.commit()
    tree = _tree(repository)
    assert tree.read("script/a/same") == b"one"
    assert tree.read("copy/_cm.yaml") == b"two"
    assert next(entry.link for entry in tree.entries if entry.path == "copy/_cm.yaml") == "script/b/_cm.yaml"
    assert {entry.path: entry.code for entry in tree.refused} == dict.fromkeys(
        ("absolute", "dangling", "out", "round"), "CM403"
    )


def test_case_93_submodules_and_odd_names_are_findings(repository: _Repository) -> None:
    head = repository.git("rev-parse", "HEAD")
    blob = repository.git("hash-object", "-w", "--stdin", given=b"x")
    lines = b"".join(
        [
            f"160000 commit {head}\tsub\0".encode(),
            f"100644 blob {blob}\t".encode() + b"latin-\xe9\0",
            f"100644 blob {blob}\tesc\x1b[2J\0".encode(),
            f"100644 blob {blob}\tfine\0".encode(),
        ]
    )
    tree_id = repository.git("mktree", "-z", given=lines)
    commit = repository.git("commit-tree", tree_id, "-m", "odd")
    tree = _tree(repository, commit)
    assert _paths(tree) == ["fine"]
    assert [(entry.path, entry.code) for entry in tree.refused] == [
        ("esc\\x1b[2J", "CM405"),
        ("latin-\\udce9", "CM405"),
        ("sub", "CM404"),
    ]
    assert all(entry.hint and entry.message.isprintable() for entry in tree.refused)


def test_a_crafted_tree_with_git_folders_and_parents_is_refused(repository: _Repository) -> None:
    blob = repository.git("hash-object", "-w", "--stdin", given=b"x")

    def raw_tree(name: str, mode: str, object_id: str) -> str:
        content = f"{mode} {name}".encode() + b"\0" + bytes.fromhex(object_id)
        return repository.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=content)

    for name in ("..", ".git", ".GIT"):
        inner = raw_tree("config", "100644", blob)
        commit = repository.git("commit-tree", raw_tree(name, "40000", inner), "-m", "crafted")
        tree = _tree(repository, commit)
        assert _paths(tree) == []
        assert [(entry.path, entry.code) for entry in tree.refused] == [(f"{name}/config", "CM405")]


def test_last_changes_in_one_pass(repository: _Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("script/b/new")
    side = repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.write("README.md", "text")
    readme = repository.commit()
    repository.clock_s += 1
    repository.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    repository.write("script/ä/file")
    last = repository.commit()
    tree = _tree(repository)
    changes = tree.last_changes(("", "script", "script/a", "script/b", "script/ä", "nothing"))
    assert {folder: change.commit for folder, change in changes.items()} == {
        "": last,
        "script": last,
        "script/a": first,
        "script/b": side,
        "script/ä": last,
    }
    assert changes["script/b"] == Change(commit=side, time_s=1_600_000_002)
    assert GitTree(repository.root, readme, label="x").last_changes(("script/b",))["script/b"].commit == first
    assert tree.last_changes(()) == {}


def test_a_shallow_clone_says_so_and_knows_no_changes(repository: _Repository, tmp_path: Path) -> None:
    repository.write("later")
    repository.commit()
    repository.git("clone", "--quiet", "--depth=1", repository.root.as_uri(), str(tmp_path / "shallow"))
    tree = GitTree(tmp_path / "shallow", label="x")
    assert tree.provenance.shallow
    assert tree.last_changes(("script/a",)) == {}
    assert not _tree(repository).provenance.shallow


_SHARED: list[GitTree] = []


def _read_in_worker(path: str) -> tuple[int, bytes]:
    time.sleep(0.05)
    return os.getpid(), _SHARED[0].read(path)


def test_a_tree_is_read_in_forked_workers(repository: _Repository) -> None:
    tree = _tree(repository)
    assert tree.read("script/a/_cm.yaml") == b"one"  # The parent's git child is running when the workers start.
    _SHARED[:] = [tree]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        answers = pool.map(_read_in_worker, ["script/a/_cm.yaml", "script/b/_cm.yaml"] * 4, chunksize=1)
    assert [content for _, content in answers] == [b"one", b"two"] * 4
    assert os.getpid() not in {process for process, _ in answers}
    assert tree.read("script/b/_cm.yaml") == b"two"
    tree.close()
    assert tree.read("script/b/_cm.yaml") == b"two"


def test_a_file_over_the_limit_and_a_missing_object(repository: _Repository) -> None:
    tree = _tree(repository, limits=SourceLimits(file_bytes=2))
    with pytest.raises(SourceError, match="has 3 bytes, more than the limit of 2"):
        tree.read("script/a/_cm.yaml")
    whole = _tree(repository)
    blob = repository.git("rev-parse", "HEAD:script/a/_cm.yaml")
    (repository.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(SourceError, match="cannot read 'script/a/_cm.yaml'.*git fsck"):
        whole.read("script/a/_cm.yaml")


def test_a_clone_from_elsewhere_is_cached_and_follows_its_source(repository: _Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.write("old-content", "only in the history")
    repository.commit()
    (repository.root / "old-content").unlink()
    repository.commit()
    old_blob = repository.git("rev-parse", "HEAD~1:old-content")
    url = repository.root.as_uri()
    first = GitTree(url, label="x")
    assert first.read("script/a/_cm.yaml") == b"one"
    assert first.provenance.location == "repo"
    assert str(tmp_path) not in str(first.provenance)
    assert len(first.last_changes(("script/a", "script/b"))) == 2
    # Contents of the history were left out: this is what makes a large repository bearable.
    present = subprocess.run(
        ["git", f"--git-dir={first.git_dir}", "cat-file", "-e", old_blob],
        capture_output=True,
        env=git_environment(),
        check=False,
    )
    assert present.returncode != 0
    repository.write("script/c/_cm.yaml", "three")
    newest = repository.commit()
    second = GitTree(url, label="x")
    assert (second.git_dir, second.provenance.commit) == (first.git_dir, newest)
    assert second.read("script/c/_cm.yaml") == b"three"
    assert first.read("script/b/_cm.yaml") == b"two"
    repository.git("checkout", "--quiet", "-b", "other")
    repository.git("branch", "--delete", "--force", "main")
    with pytest.raises(SourceError, match="no branch, tag or commit 'main'"):
        GitTree(url, "main", label="x")
    assert GitTree(url, "other", label="x").provenance.commit == newest


def test_a_commit_that_is_here_needs_no_server(repository: _Repository, tmp_path: Path) -> None:
    commit = repository.git("rev-parse", "HEAD")
    url = repository.root.as_uri()
    assert GitTree(url, commit, label="x").read("script/a/_cm.yaml") == b"one"
    repository.root.rename(tmp_path / "gone")
    assert GitTree(url, commit, label="x").read("script/a/_cm.yaml") == b"one"
    with pytest.raises(SourceError, match="git cannot fetch repo: .*check the address"):
        GitTree(url, "main", label="x")


def test_case_51_credentials_are_neither_printed_nor_stored(tmp_path: Path) -> None:
    secret = "hunter2"  # noqa: S105 - made up for this test.
    with pytest.raises(SourceError) as raised:
        open_source(SourceSpec(kind="git", location=f"https://me:{secret}@127.0.0.1:9/team/repo.git"), tmp_path)
    assert secret not in str(raised.value)
    assert "127.0.0.1:9/team/repo" in str(raised.value)
    stored = [path for path in Path(os.environ["CMSITE_CACHE"]).rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if secret.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "location",
    [
        "--upload-pack=touch ran",
        "-c core.x=y",
        "ext::sh -c 'touch ran'",
        "ext::sh%20-c%20touch%20ran",
        "fd::17",
        "http://example.org/repo",
        "git://example.org/repo",
        "ssh://-oProxyCommand=touch%20ran/x",
        "ssh://host/-x",
        "ssh://-x@host/y",
        "-oProxyCommand=touch@host:x",
        "host:-x",
        "user@-host:x",
        "https:///nohost",
        "https://host:port/x",
        "https://host/a\nb",
    ],
)
def test_case_93_injection_by_address_is_refused(
    tmp_path: Path, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="is refused"):
        open_source(SourceSpec(kind="git", location=location), tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "ref",
    ["--help", "-x", "a..b", "main:README.md", "HEAD@{1}", "a b", "a\nb", "^main", "main^{tree}", "x.lock", "/main"],
)
def test_case_93_injection_by_ref_is_refused(repository: _Repository, ref: str) -> None:
    with pytest.raises(SourceError, match="cannot be the name of|there is no branch"):
        _tree(repository, ref)


def test_case_93_a_hostile_repository_runs_nothing(repository: _Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "diff.external",
        "gpg.program",
        "core.editor",
        "remote.origin.uploadpack",
    ):
        repository.git("config", key, str(script))
    repository.git("config", "core.hooksPath", str(tmp_path))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "remote.origin.url", str(tmp_path))
    repository.git("config", "remote.origin.promisor", "true")
    repository.git("config", "core.repositoryFormatVersion", "1")
    repository.git("config", "extensions.partialClone", "origin")
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        script.with_name(hook).write_text(script.read_text())
        script.with_name(hook).chmod(0o755)
    ran.unlink(missing_ok=True)
    # A missing object makes a partial clone fetch it, through a program that its own configuration names.
    blob = repository.git("--no-pager", "-c", "core.fsmonitor=", "rev-parse", "HEAD:script/a/_cm.yaml")
    (repository.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    ran.unlink(missing_ok=True)
    tree = _tree(repository)
    assert [(entry.path, entry.code) for entry in tree.refused] == [("script/a/_cm.yaml", "CM401")]
    assert tree.read("script/b/_cm.yaml") == b"two"
    assert tree.last_changes(("script",))
    assert not ran.exists()


def test_the_surrounding_repository_is_not_taken(
    repository: _Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = _Repository(tmp_path / "other")
    other.write("wrong")
    other.commit()
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.root / ".git" / "objects"))
    tree = _tree(repository)
    assert _paths(tree) == ["README.md", "script/a/_cm.yaml", "script/b/_cm.yaml"]


@pytest.mark.parametrize(
    ("text", "public", "file_url"),
    [
        (
            "https://github.com/team/repo.git",
            "https://github.com/team/repo",
            "https://github.com/team/repo/blob/{commit}/{path}",
        ),
        (
            "git@github.com:team/repo.git",
            "https://github.com/team/repo",
            "https://github.com/team/repo/blob/{commit}/{path}",
        ),
        (
            "ssh://git@gitlab.com/a/b/c.git",
            "https://gitlab.com/a/b/c",
            "https://gitlab.com/a/b/c/-/blob/{commit}/{path}",
        ),
        (
            "https://u:p@codeberg.org/a/b/",
            "https://codeberg.org/a/b",
            "https://codeberg.org/a/b/src/commit/{commit}/{path}",
        ),
        ("https://u:p@example.org:8443/a/b?token=1#x", "https://example.org:8443/a/b", ""),
        ("me@example.org:a/b.git", "ssh://example.org/a/b", ""),
        ("https://github.com.evil.org/a/{b}", "https://github.com.evil.org/a/%7Bb%7D", ""),
        ("file:///srv/git/repo", "repo", ""),
    ],
)
def test_addresses_are_published_without_credentials(text: str, public: str, file_url: str) -> None:
    assert parse_address(text, "x") == GitAddress(url=text, public=public, file_url=file_url)


@pytest.mark.parametrize("path", ["repo", "../repo", "/srv/repo", "./a:b", "a/b:c"])
def test_paths_are_no_addresses(path: str) -> None:
    assert parse_address(path, "x") is None


def test_a_repository_here_speaks_for_its_origin_where_that_has_the_commit(repository: _Repository) -> None:
    repository.git("remote", "add", "origin", "https://me:secret@github.com/team/repo.git")
    assert _tree(repository).provenance.location == "../repo"
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    provenance = _tree(repository).provenance
    assert provenance.location == "https://github.com/team/repo"
    assert provenance.file_url == "https://github.com/team/repo/blob/{commit}/{path}"
    repository.write("local")
    repository.commit()
    assert _tree(repository).provenance.file_url == ""


def test_open_source_with_ref_and_subfolder(repository: _Repository, tmp_path: Path) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("remote", "add", "origin", "git@github.com:team/repo")
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    spec = SourceSpec(kind="git", location="repo", ref="main", subfolder="script", name="team")
    tree = open_source(spec, tmp_path)
    assert tree.label == "team"
    assert [entry.path for entry in tree.entries] == ["a/_cm.yaml", "b/_cm.yaml"]
    assert tree.read("b/_cm.yaml") == b"two"
    assert tree.last_changes(("a", "")) == {
        "a": Change(commit=first, time_s=1_600_000_001),
        "": Change(commit=first, time_s=1_600_000_001),
    }
    assert tree.provenance.file_url == "https://github.com/team/repo/blob/{commit}/script/{path}"
    with pytest.raises(SourceError, match=r"did you mean repo\?"):
        open_source(SourceSpec(kind="git", location="repos"), tmp_path)
