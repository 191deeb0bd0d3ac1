"""The configurations that docs/ci.md offers are ones that GitHub, GitLab and pre-commit accept, and their commands run."""

import re
import shlex
import subprocess

import pytest
import yaml
from click.testing import CliRunner

from cmsite.cli import cli
from tests.requirements import CHECKOUT, need

PAGE = (CHECKOUT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def kind(block):
    if "jobs:" in block:
        return "vendor.github-workflows"
    return "pre-commit" if block.startswith("repos:") else "vendor.gitlab-ci"


def test_every_kind_is_there():
    assert {kind(block) for block in BLOCKS} == {"vendor.github-workflows", "vendor.gitlab-ci", "pre-commit"}


@pytest.mark.parametrize("block", BLOCKS, ids=kind)
def test_configurations_are_accepted(block, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(block, "utf-8")
    if kind(block) == "pre-commit":
        command = [need("pre-commit"), "validate-config", file]
    else:
        command = [need("check-jsonschema"), "--builtin-schema", kind(block), file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("line", sorted(set(re.findall(r"cmsite validate [^\n`#]*(?=[\n`#])", PAGE))))
def test_options_are_known(line):
    words = [word for word in shlex.split(line.split("  ")[0])[1:] if word != "."]
    options = [word for word in words if word.startswith("-")]
    shown = CliRunner().invoke(cli, ["validate", "--help"]).output
    assert [option for option in options if option not in shown] == []


def test_hooks_of_the_page_and_of_the_project_say_the_same():
    (page,) = [yaml.safe_load(block) for block in BLOCKS if kind(block) == "pre-commit"]
    (ours,) = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    hook = page["repos"][0]["hooks"][0]
    for key in ("id", "name", "language", "always_run", "pass_filenames"):
        assert hook[key] == ours[key]
    assert hook["entry"] == " ".join([ours["entry"], *ours["args"]])
