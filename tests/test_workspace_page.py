"""The example of docs/workspace.md: each command is run, and prints what stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, need
from tests.site_kinds import bundled_site

PAGE = CHECKOUT / "docs" / "workspace.md"
pytestmark = pytest.mark.real_clients


def steps(page: Path = PAGE) -> list[tuple[str, list[str]]]:
    """Return (command, lines that it prints) of the console blocks of a page, in their order."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def fits(printed: str, pattern: str) -> bool:
    """Return whether a line is as the page says, where … stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), printed) is not None


def test_the_example_of_the_page_prints_what_it_says(tmp_path: Path) -> None:
    folder = need("cm").parent
    need("mlc")
    shim = tmp_path / "bin" / "cmsite"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m cmsite "$@"\n')
    shim.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    (here / "site").symlink_to(bundled_site())
    environment = os.environ | {"PATH": os.pathsep.join([str(shim.parent), str(folder), os.environ["PATH"]])}
    assert len(steps()) > 15
    for command, expected in steps():
        done = subprocess.run(
            ["bash", "-c", f"{{ {command}\n}} 2>&1"],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # The catalogue of the tests was never published; a published one has no such note.
        printed = [line for line in done.stdout.splitlines() if " is a preview: " not in line]
        assert len(printed) == len(expected), (command, done.stdout)
        for line, pattern in zip(printed, expected, strict=True):
            assert fits(line, pattern), (command, line, pattern)
