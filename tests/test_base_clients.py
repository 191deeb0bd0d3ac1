"""`_base` as the real `cm` takes it: it stops at what is reported as an error, and loads what is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmsite.pipeline.validate import validate_paths
from tests.requirements import need

pytestmark = pytest.mark.real_clients

_DATA = "84d8ef6914bf4d78"
_MODULE = """from cmind.automation import Automation


class CAutomation(Automation):
    def __init__(self, cmind, automation_file):
        super().__init__(cmind, __file__)
"""


def chain(length: int) -> dict[str, str]:
    """Return artifacts of which each builds on the next, `length` bases one after the other."""
    return {f"n{number}": f"data::n{number + 1}" for number in range(length)} | {f"n{length}": ""}


def write(folder: Path, bases: dict[str, str]) -> None:
    files = {
        "cmr.yaml": "alias: bases\nuid: '1111222233334444'\ngit: true\n",
        "automation/data/_cm.json": json.dumps(
            {
                "alias": "data",
                "uid": _DATA,
                "automation_alias": "automation",
                "automation_uid": "bbeb15d8f0a944a4",
                "tags": ["automation"],
            }
        ),
        "automation/data/module.py": _MODULE,
    }
    for number, (name, base) in enumerate(bases.items()):
        meta = f"alias: {name}\nuid: 'aaaaaaaaaaaaaa{number:02}'\nautomation_alias: data\nautomation_uid: {_DATA}\ntags: [x]\n"
        files[f"data/{name}/_cm.yaml"] = meta + (f"_base: '{base}'\n" if base else "")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def loads(folder: Path, name: str) -> bool:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [str(need("cm")), "load", f"data,{_DATA}", name],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("bases", "name", "code"),
    [
        (chain(11), "n0", ""),
        (chain(12), "n0", "CM307"),
        ({"a": "data::b", "b": f"data,{_DATA}::a"}, "a", "CM306"),
        ({"a": "data::a"}, "a", "CM306"),
        ({"a": "b", "b": ""}, "a", ""),
        ({"a": f"{_DATA}::b", "b": ""}, "a", ""),
        ({"a": "data::aaaaaaaaaaaaaa01", "b": ""}, "a", ""),
        ({"a": "data::c", "b": ""}, "a", "CM305"),
    ],
)  # fmt: skip
def test_cm_stops_at_bases_that_are_errors(bases: dict[str, str], name: str, code: str, tmp_path: Path) -> None:
    folder = tmp_path / "bases"
    write(folder, bases)
    (folder / "LICENSE").write_text("Do as you like.\n")
    found = validate_paths([folder], (), jobs=1).findings
    assert {item.code for item in found} == ({code} if code else set())
    subprocess.run([str(need("cm")), "init", "repo"], cwd=folder, capture_output=True, check=False)
    assert loads(folder, name) is (code == "")
