"""The example of docs/lifecycle.md: each command is run, and prints what stands there."""

import os
import subprocess
import sys
from pathlib import Path

from tests.requirements import CHECKOUT
from tests.test_workspace_page import fits, steps

PAGE = CHECKOUT / "docs" / "lifecycle.md"


def test_the_example_of_the_page_prints_what_it_says(tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "cmsite"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m cmsite "$@"\n')
    shim.chmod(0o755)
    environment = os.environ | {"PATH": os.pathsep.join([str(shim.parent), os.environ["PATH"]])}

    def run(command: str, folder: Path) -> str:
        return subprocess.run(
            ["bash", "-c", f"{{ {command}\n}} 2>&1"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    run("cmsite new team", tmp_path)
    (tmp_path / "team" / "published").mkdir()
    assert len(steps(PAGE)) > 15
    for command, expected in steps(PAGE):
        printed = run(command, tmp_path / "team").splitlines()
        assert len(printed) == len(expected), (command, printed)
        for line, pattern in zip(printed, expected, strict=True):
            assert fits(line.strip(), pattern), (command, line, pattern)
