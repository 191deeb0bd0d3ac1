"""The hook for pre-commit, run by pre-commit itself in a repository of somebody else; without a network."""

import json
import os
import re
import subprocess

import pytest

from tests.memory_tree import script
from tests.requirements import CHECKOUT, need
from tests.test_cli_validate import UID, git, repository

HOOKS = CHECKOUT / ".pre-commit-hooks.yaml"


@pytest.fixture
def team(tmp_path):
    """A repository whose pre-commit takes the hook from a git repository that holds our definition."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    git(hooks, "init", "-q")
    (hooks / HOOKS.name).write_text(HOOKS.read_text("utf-8"), "utf-8")
    git(hooks, "add", "-A")
    git(hooks, "commit", "-qm", "Hooks")
    git(hooks, "tag", "v1")
    folder = repository(tmp_path / "team", script("a", UID))
    git(folder, "init", "-q")
    # `language: system` takes the cmsite that is installed here; as it stands, pre-commit would install one.
    hook = {"id": "cmsite-validate", "language": "system", "args": ["--fail-on", "warning"]}
    config = {"repos": [{"repo": str(hooks), "rev": "v1", "hooks": [hook]}]}
    (folder / ".pre-commit-config.yaml").write_text(json.dumps(config))
    git(folder, "add", "-A")
    return folder


def committed(folder):
    programs = os.pathsep.join([str(need("cmsite").parent), os.environ["PATH"]])
    environment = os.environ | {"PRE_COMMIT_HOME": str(folder.parent / "cache"), "PATH": programs}
    return subprocess.run(
        [need("pre-commit"), "run"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_hook_passes_and_fails_as_validation_does(team):
    fine = committed(team)
    assert fine.returncode == 0, fine.stdout + fine.stderr
    assert re.search(r"^validate artifacts\.+Passed$", fine.stdout, re.MULTILINE)
    (team / "script" / "a" / "_cm.yaml").write_text(script("b", UID))
    git(team, "add", "-A")
    wrong = committed(team)
    assert wrong.returncode == 1
    assert "CM103 alias 'b' differs from the folder 'a'" in wrong.stdout


def test_the_definition_is_one_that_pre_commit_accepts():
    done = subprocess.run([need("pre-commit"), "validate-manifest", HOOKS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
