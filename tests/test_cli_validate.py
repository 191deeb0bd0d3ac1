"""`cmsite validate`, `rules` and `explain` as a user runs them."""

import json
import subprocess
import sys

from click.testing import CliRunner

from cmsite.cli import cli
from tests.memory_tree import CMR, script

UID = "0123456789abcdef"


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "cmsite", *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False
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
    assert result.stderr == ""


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


def test_a_registry_yml_of_this_folder_is_the_default(tmp_path):
    repository(tmp_path / "artifacts", script("b", UID))
    (tmp_path / "registry.yml").write_text("title: T\nsources: [{folder: artifacts}]\n")
    assert "CM103" in run("validate", cwd=tmp_path).stdout


def test_errors_of_the_world_are_one_message_and_an_exit_code(tmp_path):
    missing = run("validate", tmp_path / "nowhere")
    assert (missing.returncode, missing.stdout) == (3, "")
    assert missing.stderr.startswith("cmsite: error:")
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
