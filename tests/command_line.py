"""The command line called within the process of the tests: what it prints and its exit code, without starting Python.

What only a process shows (encodings, terminals, signals, what is imported) is tested with one.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from cmsite.cli import main


def cmsite(*arguments: object, cwd: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Call `cmsite` with these arguments, in `cwd` and with further variables; its own bugs are raised here."""
    words = ["cmsite", *map(str, arguments)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment))
        stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
        stack.enter_context(mock.patch.object(sys, "argv", words))
        out, err, _ = stack.enter_context(CliRunner().isolation())
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
        texts = [stream.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(words, code, *texts)


def build_here(config: Path, site: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Call `cmsite build` for a catalogue and the folder of its site."""
    return cmsite("build", "--config", config, "--site-dir", site, *arguments)
