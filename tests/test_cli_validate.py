"""`cmsite validate`, `rules` and `explain` as a user runs them."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cmsite.cli import cli
from tests.command_line import cmsite
from tests.memory_tree import CMR, script

UID = "0123456789abcdef"


run = cmsite


def in_a_process(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "cmsite", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def repository(folder, text):
    (folder / "script" / "a").mkdir(parents=True)
    (folder / "cmr.yaml").write_text(CMR)
    (folder / "script" / "a" / "_cm.yaml").write_text(text)
    return folder


def test_text_shows_line_caret_and_hint(tmp_path):
    result = run("validate", repository(tmp_path, script("b", UID)), "--fail-on", "warning")
    assert result.returncode == 1
    assert result.stdout == (
        "team: script/a/_cm.yaml\n"
        "       1:1 warning CM103 alias 'b' differs from the folder 'a'\n"
        "           | alias: b\n"
        "           | ^\n"
        "           = make them equal: people look for the folder, clients for the alias\n"
        "\n"
        "1 artifact checked: 0 errors, 1 warning, 0 notes\n"
    )
    assert "cmsite:" not in result.stderr  # Progress may stand there where a machine is slow.


def test_json_is_one_document_of_the_published_form(tmp_path):
    result = run("validate", repository(tmp_path, script("b", UID)), "--json")
    assert result.returncode == 0
    document = json.loads(result.stdout)
    assert document["schema"] == "cmsite-findings/1"
    assert document["summary"] == {"artifacts": 1, "errors": 0, "warnings": 1, "notes": 0, "by_code": {"CM103": 1}}
    assert document["findings"][0]["line"] == 1
    assert list(document["findings"][0]) == [
        "code",
        "severity",
        "repository",
        "path",
        "line",
        "column",
        "pointer",
        "message",
        "hint",
    ]


def test_select_ignore_quiet_and_statistics(tmp_path):
    folder = repository(tmp_path, script("b", UID, rest="my_own: 1\n"))
    assert "CM211" not in run("validate", folder, "--quiet").stdout
    assert "CM211" not in run("validate", folder, "--ignore", "CM21").stdout
    assert "CM103" not in run("validate", folder, "--select", "CM2").stdout
    assert run("validate", folder, "--statistics").stdout.splitlines() == [
        "      1 warning CM103 alias differs from folder (1 file)",
        "      1 note    CM211 unknown key (1 file)",
        "",
        "1 artifact checked: 0 errors, 1 warning, 1 note",
    ]
    counts = json.loads(run("validate", folder, "--statistics", "--json").stdout)
    assert [item["code"] for item in counts["codes"]] == ["CM103", "CM211"]
    assert run("validate", folder, "--select", "XX").returncode == 2
    one, both = (
        run("validate", folder, *options).stdout
        for options in (("--select", "cm2, CM103"), ("--select", "CM2", "--select", "CM103"))
    )
    assert one == both
    assert "CM103" in one
    assert "names no code" in run("validate", folder, "--ignore", "CM2,").stderr


def test_a_registry_yml_of_this_folder_is_the_default(tmp_path):
    repository(tmp_path / "artifacts", script("b", UID))
    (tmp_path / "registry.yml").write_text("title: T\nsources: [{folder: artifacts}]\n")
    assert "CM103" in run("validate", cwd=tmp_path).stdout


def test_errors_of_the_world_are_one_message_and_an_exit_code(tmp_path):
    missing = in_a_process("validate", tmp_path / "nowhere")
    assert (missing.returncode, missing.stdout) == (3, "")
    assert missing.stderr.splitlines()[-1].startswith("cmsite: error:")  # Slow machines tell progress before.
    assert "Traceback" not in missing.stderr
    (tmp_path / "registry.yml").write_text("titel: x\n")
    assert run("validate", tmp_path / "registry.yml").returncode == 2


def test_a_misspelt_command_is_guessed():
    result = CliRunner().invoke(cli, ["valdate"])
    assert result.exit_code == 2
    assert "Did you mean 'validate'?" in result.output


def test_case_92_terminal_escapes_of_a_meta_are_shown_not_sent(tmp_path):
    result = run("validate", repository(tmp_path, script('"b\\e[31mred"', UID)))
    assert "\x1b" not in result.stdout
    assert "\\x1b[31mred" in result.stdout


def test_rules_and_explain():
    rules = CliRunner().invoke(cli, ["rules"])
    assert "CM104 error   duplicate uid" in rules.output
    explained = CliRunner().invoke(cli, ["explain", "cm104"])
    assert explained.output.startswith("CM104 duplicate uid (error)\n")
    assert run("explain", "CM199").returncode == 4


def test_help_and_version_import_nothing_heavy():
    code = "import sys; sys.argv = ['cmsite', '--version']\nimport cmsite.cli\ntry:\n    cmsite.cli.main()\nexcept SystemExit:\n    pass\nprint(sorted({'yaml', 'jinja2', 'mkdocs', 'jsonschema_rs', 'urllib3'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[1] == "[]"


def git(folder, *arguments):
    names = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


def test_sarif_of_a_checkout_says_where_it_is_about_and_the_log_has_the_text(tmp_path):
    repository(tmp_path / "artifacts", script("b", UID))
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "https://user:hunter2@github.com/team/repo.git")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    done = run("validate", "artifacts", "--format", "sarif", "--output", "out/results.sarif", cwd=tmp_path)
    assert done.returncode == 0
    assert "CM103 alias 'b' differs" in done.stdout
    text = (tmp_path / "out" / "results.sarif").read_text("utf-8")
    assert "hunter2" not in text
    (told,) = json.loads(text)["runs"]
    (source,) = told["versionControlProvenance"]
    assert source["repositoryUri"] == "https://github.com/team/repo"
    assert source["branch"] == "main"
    assert len(source["revisionId"]) == 40
    place = told["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "artifacts/script/a/_cm.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 1, "startColumn": 1, "endColumn": 6}
    inside = run("validate", ".", "--format", "sarif", cwd=tmp_path / "artifacts")
    assert json.loads(inside.stdout)["runs"][0]["results"] == told["results"]


def test_github_writes_commands_and_the_summary_of_the_step(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    repository(tmp_path / "artifacts", script("b", UID))
    done = run("validate", "artifacts", "--format", "github", cwd=tmp_path)
    assert done.stdout.startswith("::warning file=artifacts/script/a/_cm.yaml,line=1,col=1,title=CM103 ")
    assert "| CM103 | warning |" in (tmp_path / "summary.md").read_text()


def test_text_in_the_log_of_a_workflow_is_no_command(tmp_path, monkeypatch):
    folder = repository(tmp_path, script("b", UID, rest='my_own: "##[error]x"\n'))
    (folder / "cmr.yaml").write_text(CMR.replace("team", '"::error::x"'))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    text = run("validate", folder, "--verbose").stdout
    assert text.startswith(": :error::x: script/a/_cm.yaml\n")
    assert '"## [error]x"' in text
    assert not re.search(r"^\s*::|##\[", text, re.MULTILINE)


def test_junit_counts_files_that_pass(tmp_path):
    folder = repository(tmp_path, script("b", UID))
    done = run("validate", folder, "--format", "junit", "--fail-on", "warning", cwd=tmp_path)
    assert done.returncode == 1
    assert '<testsuites name="cmsite validate" tests="2" failures="1" errors="0">' in done.stdout
    assert '<testcase name="cmr.yaml" classname="team"/>' in done.stdout


def test_an_archive_is_reported_below_its_own_path(tmp_path):
    folder = repository(tmp_path / "team", script("b", UID))
    shutil.make_archive(str(tmp_path / "release"), "zip", folder)
    done = run("validate", "release.zip", "--format", "github", cwd=tmp_path)
    assert done.stdout.startswith("::warning file=release.zip/script/a/_cm.yaml,line=1,")


def test_output_goes_into_files_and_pipes_and_never_half(tmp_path):
    folder = repository(tmp_path / "team", script("b", UID))
    for name, option in (("a.txt", "text"), ("a.json", "json")):
        done = run("validate", folder, "--format", option, "--output", tmp_path / name)
        assert done.stdout.endswith("1 artifact checked: 0 errors, 1 warning, 0 notes\n")
        assert done.stderr.endswith(f"{tmp_path / name}: {option} report written\n")
        again = run("validate", folder, "--format", option, "--output", tmp_path / name, "--quiet")
        assert again.stderr == ""
    assert (tmp_path / "a.txt").read_text() == done.stdout
    assert json.loads((tmp_path / "a.json").read_text())["summary"]["warnings"] == 1
    into_pipe = in_a_process("validate", folder, "--json", "--output", "/dev/stdout")
    assert "report written" not in into_pipe.stderr
    assert into_pipe.stdout.startswith('{\n "schema": "cmsite-findings/1"')
    refused = run("validate", folder, "--json", "--output", tmp_path)
    assert (refused.returncode, refused.stdout) == (7, "")
    assert "is a folder; name a file to write" in refused.stderr
    assert not list(tmp_path.glob(".cmsite-*"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--quiet", "--verbose"), "--quiet and --verbose contradict each other"),
        (("--json", "--format", "sarif"), "--json and --format sarif: name one"),
        (("--statistics", "--format", "junit"), "--statistics counts in text and json, not in junit"),
        (("--format", "github", "-o", "x"), "--format github speaks to the log of a workflow"),
        (("--write-baseline", "x", "--changed-since", "y"), "--write-baseline needs all findings"),
        (("--select", "CM301", "--ignore", "CM3"), "--ignore leaves out everything that --select names"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused(options, told):
    done = run("validate", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize("options", [("n" * 300,), (".", "--with", "n" * 300)])
def test_a_path_that_cannot_be_reached_is_a_source_that_cannot_be_read(tmp_path, options):
    repository(tmp_path, script("b", UID))
    done = run("validate", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "cannot be reached: File name too long; check the path" in done.stderr


def test_ignored_findings_are_counted(tmp_path):
    repository(tmp_path / "artifacts", script("b", UID))
    (tmp_path / "registry.yml").write_text(
        "title: T\nsources: [{folder: artifacts}]\nrules: {ignore: [{code: CM103, reason: old}]}\n"
    )
    assert run("validate", "--select", "CM103", cwd=tmp_path).stdout.endswith("0 notes, 1 ignored\n")
    assert json.loads(run("validate", "--json", cwd=tmp_path).stdout)["summary"]["ignored"] == 1


def test_repositories_of_one_name_in_two_registries_are_refused(tmp_path):
    repository(tmp_path / "artifacts", script("b", UID))
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text("title: T\nsources: [{folder: artifacts}]\n")
    done = run("validate", "a.yml", "b.yml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "a.yml and b.yml both hold a repository 'team': validate one after the other" in done.stderr


def test_a_repository_to_look_in_that_holds_no_artifact_is_an_error(tmp_path):
    mine = repository(tmp_path / "team", script("a", UID, "a", "deps: [{tags: x}]\n"))
    empty = tmp_path / "empty"
    (empty / "docs").mkdir(parents=True)
    (empty / "docs" / "README.md").write_text("# Nothing\n")
    told = (
        f"cmsite: error: --with {empty}: holds no artifact of CM, CK or MLC, so no dependency is found in it; name the"
    )
    for arguments in ((), ("--write-baseline", tmp_path / "b.json"), ("--quiet", "--json")):
        done = run("validate", mine, "--with", empty, *arguments)
        assert (done.returncode, done.stdout) == (3, "")
        assert told in done.stderr
    assert not (tmp_path / "b.json").exists()
    more = tmp_path / "more"
    repository(more, script("x", "fedcba9876543210", "x"))
    (more / "cmr.yaml").write_text(CMR.replace("team", "more"))
    assert run("validate", mine, "--with", more, "--with", empty).returncode == 3
    assert "CM301" not in run("validate", mine, "--with", more).stdout
    assert "CM301" in run("validate", mine).stdout
