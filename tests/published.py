"""Catalogues that many tests start from: published once in a run of the tests, and copied for each."""

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from tests.requirements import once

EPOCH = {"SOURCE_DATE_EPOCH": "1790000000"}


def publish_once(name: str, folder: Path, publish: Callable[[Path], None]) -> None:
    """Fill `folder` with what `publish` makes in an empty current folder; `name` is the name of it in the whole run."""

    def make(made: Path) -> None:
        with contextlib.chdir(made), mock.patch.dict(os.environ, EPOCH):
            publish(made)

    shutil.copytree(once(name, make), folder, dirs_exist_ok=True, symlinks=True)
