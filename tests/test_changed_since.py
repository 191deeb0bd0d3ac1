"""`--changed-since`: what a pull request is answerable for, in real git repositories."""

import json
import os
import subprocess

import pytest

from tests.memory_tree import CMR, script
from tests.test_cli_validate import run

OTHER = "fedcba9876543210"
THIRD = "00112233445566aa"
NAMES = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")


def git(folder, *arguments):
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *NAMES, "-c", "protocol.file.allow=always", *arguments],
        cwd=folder, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def commit(folder, **files):
    write(folder, {name.replace("__", "/") + "/_cm.yaml": text for name, text in files.items()})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Change")


@pytest.fixture
def team(tmp_path):
    """A repository with two defects, one in each script, where b depends on a."""
    folder = tmp_path / "team"
    folder.mkdir()
    git(folder, "init", "-q")
    write(folder, {"cmr.yaml": CMR})
    commit(
        folder,
        script__a=script("A", "0123456789abcdef", tags="get,a"),
        script__b=script("B", OTHER, rest="deps:\n- tags: get,a\n"),
    )
    git(folder, "checkout", "-qb", "work")
    return folder


def found(folder, revision="main", *options, cwd=None):
    done = run("validate", folder, "--changed-since", revision, "--json", *options, cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    document = json.loads(done.stdout)
    places = [(item["code"], item["path"]) for item in document["findings"]]
    return places, document["summary"].get("unchanged", 0)


def test_nothing_changed_is_nothing_found(team):
    assert found(team) == ([], 2)


def test_a_changed_file_answers_for_all_of_its_findings(team):
    commit(team, script__a=script("A", "0123456789abcdef", tags="get,a", rest="version: '2'\n"))
    assert found(team) == ([("CM103", "script/a/_cm.yaml")], 1)


@pytest.mark.parametrize("stage", ["untracked", "staged", "committed", "edited"])
def test_work_at_every_stage_counts(team, stage):
    if stage == "edited":
        write(team, {"script/a/_cm.yaml": script("A", "0123456789abcdef", tags="get,a") + "# edited\n"})
        assert found(team) == ([("CM103", "script/a/_cm.yaml")], 1)
        return
    write(team, {"script/c/_cm.yaml": script("C", THIRD)})
    if stage != "untracked":
        git(team, "add", "-A")
    if stage == "committed":
        git(team, "commit", "-qm", "New")
    assert found(team) == ([("CM103", "script/c/_cm.yaml")], 2)


def test_a_dependency_that_a_change_left_dangling_is_shown_where_nothing_changed(team):
    git(team, "rm", "-rq", "script/a")
    assert found(team) == ([("CM301", "script/b/_cm.yaml")], 1)


def test_what_moved_on_in_the_other_branch_is_not_held_against_this_one(team):
    git(team, "checkout", "-q", "main")
    commit(team, script__d=script("D", THIRD))
    git(team, "checkout", "-q", "work")
    assert found(team) == ([], 2)


def test_a_part_of_a_work_tree_and_any_working_directory(team):
    write(team, {"nested/cmr.yaml": CMR.replace("team", "nested").replace("1111", "2222")})
    commit(team, nested__script__n=script("N", THIRD))
    git(team, "checkout", "-qb", "more")
    commit(team, nested__script__m=script("M", "00112233445566bb"))
    assert found(team / "nested", "work") == ([("CM103", "script/m/_cm.yaml")], 1)
    assert found("nested", "work", cwd=team) == ([("CM103", "script/m/_cm.yaml")], 1)
    assert found(team / "nested", "main")[0] == [("CM103", "script/m/_cm.yaml"), ("CM103", "script/n/_cm.yaml")]


def test_a_registry_yml_and_its_own_changes(team):
    write(team, {"registry.yml": "title: T\nsources: [{folder: .}]\n"})
    commit(team)
    git(team, "checkout", "-qb", "more")
    assert found(team / "registry.yml", "work") == ([], 2)
    commit(team, script__b=script("B", OTHER))
    assert found(team / "registry.yml", "work") == ([("CM103", "script/b/_cm.yaml")], 1)
    write(team, {"registry.yml": "title: Other\nsources: [{folder: .}]\n"})
    assert len(found(team / "registry.yml", "work")[0]) == 2


def test_what_cmignore_left_out_is_left_out_of_the_past_too(team):
    write(team, {".cmignore": "script/hidden/\n"})
    commit(team, script__hidden=script("H", THIRD, tags="get,hidden"))
    commit(team, script__b=script("B", OTHER, rest="deps:\n- tags: get,hidden\n"))
    git(team, "checkout", "-qb", "more")
    assert found(team, "work") == ([], 3)


def test_what_git_ignores_is_part_of_no_change(team):
    write(team, {".gitignore": "built/\n"})
    commit(team)
    write(team, {"script/built/_cm.yaml": script("X", THIRD)})
    assert found(team)[0] == []


def test_submodules_answer_for_themselves_once_their_commit_changes(team):
    other = team.parent / "other"
    other.mkdir()
    git(other, "init", "-q")
    write(other, {"cmr.yaml": CMR.replace("team", "other")})
    commit(other, script__s=script("S", THIRD))
    git(team, "submodule", "--quiet", "add", str(other), "inner")
    assert ("CM103", "inner/script/s/_cm.yaml") in found(team)[0]
    git(team, "commit", "-qam", "Submodule")
    assert found(team, "HEAD")[0] == []


def test_unsafe_names_are_new_once(team):
    write(team, {"script/n\nl/_cm.yaml": script("X", THIRD)})
    assert found(team)[0] == [("CM405", "script/n\\nl")]
    commit(team)
    assert found(team)[0] == [("CM405", "script/n\\nl")]
    assert found(team, "HEAD")[0] == []


def test_a_revision_without_this_folder_makes_all_of_it_new(team):
    git(team, "checkout", "-q", "--orphan", "empty")
    git(team, "rm", "-rfq", ".")
    write(team, {"README.md": "x"})
    git(team, "add", "-A")
    git(team, "commit", "-qm", "Nothing")
    git(team, "merge", "-q", "--allow-unrelated-histories", "work", "-m", "Both")
    assert len(found(team, "empty~1")[0]) == 2


def test_baseline_and_exit_code_count_what_is_reported(team):
    baseline = team.parent / "baseline.json"
    run("validate", team, "--write-baseline", baseline)
    commit(team, script__a=script("A", "0123456789abcdef", tags="get,a,a"))
    done = run("validate", team, "--changed-since", "main", "--baseline", baseline, "--fail-on", "warning")
    assert done.returncode == 1
    assert "CM213" in done.stdout
    assert "CM103" not in done.stdout
    assert "2 in the baseline" in done.stdout
    assert run("validate", team, "--changed-since", "HEAD", "--fail-on", "warning").returncode == 0


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("--output=x", "names no single commit"),
        ("-h", "names no single commit"),
        ("main..work", "names no single commit"),
        ("HEAD:cmr.yaml", "names no single commit"),
        ("", "names no single commit"),
        ("a\nb", "names no single commit"),
        ("mian", "knows no branch, tag or commit 'mian'; fetch it with `git fetch origin mian`, or correct the name"),
    ],
)
def test_revisions_that_are_none_are_refused(team, revision, told):
    done = run("validate", team, f"--changed-since={revision}")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (team / "x").exists()


def test_outside_of_git_is_a_clear_error(tmp_path):
    write(tmp_path, {"team/cmr.yaml": CMR, "team/script/a/_cm.yaml": script("A", OTHER)})
    done = run("validate", tmp_path / "team", "--changed-since", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no git work tree" in done.stderr


def test_a_shallow_clone_says_how_to_get_the_rest(team):
    commit(team, script__c=script("C", THIRD))
    git(team.parent, "clone", "-q", "--depth=1", "--branch=work", f"file://{team}", "shallow")
    git(team.parent / "shallow", "fetch", "-q", "--depth=1", "origin", "main:main")
    for revision in ("main", "main~1"):
        done = run("validate", team.parent / "shallow", "--changed-since", revision)
        assert done.returncode == 2
        assert "this clone is shallow: fetch its history with `git fetch --unshallow`" in done.stderr


def test_unrelated_histories_are_a_clear_error(team):
    git(team, "checkout", "-q", "--orphan", "other")
    git(team, "commit", "-qm", "Alone")
    done = run("validate", team, "--changed-since", "main")
    assert done.returncode == 2
    assert "shares no history with 'main'; name another revision" in done.stderr


def test_a_repository_without_a_commit_is_a_clear_error(tmp_path):
    write(tmp_path, {"cmr.yaml": CMR})
    git(tmp_path, "init", "-q")
    done = run("validate", tmp_path, "--changed-since", "HEAD")
    assert done.returncode == 2
    assert "knows no branch, tag or commit 'HEAD'" in done.stderr
