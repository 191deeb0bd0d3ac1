"""Hostile repositories through the command: a finding or a clear error, bounded cost, and the other artifacts are checked."""

import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.memory_tree import CMR, script

GOOD = script("misnamed", "0" * 15 + "1")
META = script("bad", "0" * 15 + "2").encode()
BOMB = b'a: &a ["x","x","x","x","x","x","x","x","x"]\n' + b"".join(
    b"%c: &%c [%s]\n" % (98 + level, 98 + level, b",".join([b"*%c" % (97 + level)] * 9)) for level in range(12)
)
MERGES = b"z0: &z0 {a: 1}\n" + b"".join(b"z%d: &z%d {<<: [*z%d,*z%d]}\n" % (i, i, i - 1, i - 1) for i in range(1, 30))
MOST_BYTES = 200 * 2**20  # Of one process; a harmless run takes some 50 MB.
MOST_TIMES = 25  # As much processor time as a repository with nothing wrong.

# Name of the meta, its bytes, the kind of finding; "" where the clients read it too.
METAS: dict[str, tuple[str, bytes, str]] = {
    "aliases that multiply": ("_cm.yaml", META + BOMB, "CM002"),
    "merges that multiply": ("_cm.yaml", META + MERGES, "CM002"),
    "a merge of itself": ("_cm.yaml", META + b"x: &x {a: 1, <<: *x}\n", "CM002"),
    "a key of itself": ("_cm.yaml", META + b"? &a [*a]\n: 1\n", "CM002"),
    "a python object": ("_cm.yaml", META + b'x: !!python/object/apply:os.system ["true"]\n', "CM007"),
    "a list tagged as a text": ("_cm.yaml", META + b"? !!str [a]\n: 1\n", "CM007"),
    "deep json": ("_cm.json", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "CM003"),
    "deep yaml": ("_cm.yaml", META + b"x: " + b"[" * 100_000 + b"]" * 100_000, "CM002"),
    "deep lists in a line": ("_cm.yaml", b"- " * 100_000 + b"x", "CM002"),
    "deep and unclosed": ("_cm.yaml", META + b"x: " + b"{a: " * 100_000, "CM002"),
    "a long number": ("_cm.yaml", META + b"x: " + b"9" * 5_000, "CM002"),
    "a long number in json": ("_cm.json", b'{"uid": ' + b"9" * 5_000 + b"}", "CM003"),
    "a long number by sixties": ("_cm.yaml", META + b"x: " + b":".join([b"59"] * 5_000), "CM002"),
    "not a number": ("_cm.json", b'{"alias": "bad", "x": NaN, "y": -Infinity}', "CM101"),
    "a mark before yaml": ("_cm.yaml", b"\xef\xbb\xbf" + META, ""),
    "a mark before json": ("_cm.json", b'\xef\xbb\xbf{"alias": "bad"}', "CM008"),
    "line ends of windows": ("_cm.yaml", META.replace(b"\n", b"\r\n"), ""),
    "utf-16": ("_cm.yaml", META.decode().encode("utf-16"), "CM005"),
    "half characters in json": ("_cm.json", b'{"alias": "bad\\ud800", "tags": ["\\udfff"], "\\ud801": 1}', "CM101"),
    "half characters in yaml": ("_cm.yaml", META + b'"\\ud800": "\\udfff"\n', "CM002"),
    "half characters in bytes": ("_cm.yaml", META + b"x: \xed\xa0\x80\n", "CM005"),
    "a zero byte": ("_cm.yaml", META + b"x: a\0b\n", "CM002"),
    "a date that is none": ("_cm.yaml", META + b"x: 9999-99-99\n", "CM002"),
    "an alias of nothing": ("_cm.yaml", META + b"x: *nowhere\n", "CM002"),
    "two documents": ("_cm.yaml", META + b"---\n" + META, "CM002"),
    "many keys": ("_cm.yaml", META + b"".join(b"k%d: 1\n" % number for number in range(20_000)), "CM211"),
    "many wrong values": ("_cm.yaml", META + b"deps:\n" + b"- 1\n" * 20_000, "CM201"),
    "one key many times": ("_cm.yaml", META + b"k: 1\n" * 20_000, "CM004"),
}


# A process begins with the peak of the one that started it: a small one stands between it and this one of the tests.
_MEASURED = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss], file)
sys.exit(done.returncode)
"""


def repository(folder: Path) -> Path:
    """Return a repository of one artifact with a finding, and the folder of another that is yet empty."""
    for name in ("good", "bad"):
        (folder / "script" / name).mkdir(parents=True)
    (folder / "cmr.yaml").write_text(CMR)
    (folder / "script" / "good" / "_cm.yaml").write_text(GOOD)
    return folder


def validated(path: Path) -> tuple[dict[str, Any], float, int]:
    """Return the report on a path, processor seconds and peak bytes; the command may not end with a traceback."""
    words = [sys.executable, "-m", "cmsite", "validate", "--json", "--no-cache", str(path)]
    output, errors, costs = (path.parent / name for name in ("output.json", "errors.txt", "costs.json"))
    with output.open("wb") as out, errors.open("wb") as err:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(costs), *words], stdout=out, stderr=err, check=False
        )
    assert done.returncode in (0, 1), errors.read_text()
    assert "Traceback" not in errors.read_text()
    processor_s, peak_kib = json.loads(costs.read_text())
    return json.loads(output.read_bytes()), processor_s, peak_kib * 1024


def codes(report: dict[str, Any], part: str) -> set[str]:
    return {found["code"] for found in report["findings"] if part in found["path"]}


@pytest.fixture(scope="module")
def harmless_s(tmp_path_factory: pytest.TempPathFactory) -> float:
    folder = repository(tmp_path_factory.mktemp("harmless") / "team")
    (folder / "script" / "bad" / "_cm.yaml").write_bytes(META)
    return validated(folder)[1]


def check(path: Path, harmless_s: float, expected: str, part: str) -> None:
    report, processor_s, peak_bytes = validated(path)
    assert "CM103" in codes(report, "script/good"), "the other artifact is not checked"
    assert not expected or expected in codes(report, part)
    assert processor_s < MOST_TIMES * harmless_s
    assert peak_bytes < MOST_BYTES


@pytest.mark.parametrize("case", METAS)
def test_hostile_metas_become_findings(tmp_path, harmless_s, case):
    name, content, expected = METAS[case]
    folder = repository(tmp_path / "team")
    (folder / "script" / "bad" / name).write_bytes(content)
    check(folder, harmless_s, expected, "script/bad")


def _socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # The name of a socket is short.
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(before)


def _large(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(META)
        stream.truncate(200 * 2**20)


def _folder(path: Path) -> None:
    path.mkdir()
    (path.parent / "customize.py").write_text("")


KINDS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a fifo for a meta": ("script/bad/_cm.yaml", os.mkfifo, "CM404"),
    "a fifo for a readme": ("script/bad/README.md", os.mkfifo, "CM404"),
    "a fifo for a descriptor": ("cmr.yaml", os.mkfifo, "CM404"),
    "a socket for a meta": ("script/bad/_cm.yaml", _socket, "CM404"),
    "a link to itself": ("script/bad/_cm.yaml", lambda path: path.symlink_to("_cm.yaml"), "CM403"),
    "a link to a folder above": ("script/bad/up", lambda path: path.symlink_to("../.."), "CM403"),
    "a folder for a meta": ("script/bad/_cm.yaml", _folder, "CM406"),
    "a meta of 200 MB": ("script/bad/_cm.yaml", _large, "CM001"),
    "a readme of 200 MB": ("script/bad/README.md", _large, ""),
}


@pytest.mark.parametrize("case", KINDS)
def test_names_that_are_no_files_and_large_files(tmp_path, harmless_s, case):
    name, make, expected = KINDS[case]
    folder = repository(tmp_path / "team")
    if name != "script/bad/_cm.yaml":
        (folder / "script" / "bad" / "_cm.yaml").write_bytes(META)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    check(folder, harmless_s, expected, "script/bad" if name.startswith("script") else name)


def test_names_that_are_no_utf_8(tmp_path, harmless_s):
    folder = repository(tmp_path / "team")
    (folder / "script" / "bad" / "_cm.yaml").write_bytes(META)
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/script/bad/\xff.py")).write_text("")
    except OSError:
        pytest.skip("this file system refuses such names")
    check(folder, harmless_s, "CM405", "script/bad")


def test_an_archive_that_inflates(tmp_path, harmless_s):
    folder = repository(tmp_path / "team")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("cmr.yaml", "script/good/_cm.yaml"):
            archive.write(folder / name, f"team/{name}")
        archive.writestr("team/script/bad/_cm.yaml", bytes(200 * 2**20))
    check(bomb, harmless_s, "CM001", "script/bad")
