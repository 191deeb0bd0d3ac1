"""`cmsite registry`, `search` and `show` as a user runs them: output, messages, exit codes, what they import."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmsite.index.records import Status
from tests.index_values import REGISTRY_ID, digest, record, site_of, version

HEAVY = ("yaml", "jinja2", "mkdocs", "jsonschema_rs", "markdown", "comrak", "nh3", "cmsite.documents")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    records = [
        record("detect-os", description="Detects the system", versions=(version(label="1.0"), version(2, content="b"))),
        record("detect-os", repository="copy", rank=1),
        record("detect-cpu", status=Status.DEPRECATED),
        record("evil\x1b[31m", description="turns \u202e and \x07"),
        record("two", uid="1" * 16),
        record("two", uid="2" * 16, repository="copy", rank=1),
        record("bad", status=Status.QUARANTINED),
    ]
    for path, content in site_of(records).items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_bytes(content)
    return tmp_path / "site"


def cmsite(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "cmsite", *arguments], capture_output=True, text=True, check=False)


def test_search_prints_a_line_a_hit(site: Path):
    done = cmsite("search", "detect", "--registry", str(site))
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        f"script:detect-os  {digest('detect-os')[:16]}  team  Detects the system  (also in copy)",
        f"script:detect-cpu  {digest('detect-cpu')[:16]}  team  About detect-cpu  (deprecated)",
    ]


def test_search_as_json(site: Path):
    done = cmsite("search", "detect-os", "--json", "--registry", str(site))
    assert json.loads(done.stdout) == {
        "schema": "cmsite-search/1",
        "total": 1,
        "results": [
            {
                "automation": "script",
                "alias": "detect-os",
                "uid": digest("detect-os")[:16],
                "repository": "team",
                "tags": ["detect", "detect-os"],
                "description": "Detects the system",
                "version": "r2",
                "status": "active",
            }
        ],
    }


def test_search_limits_what_it_shows(site: Path):
    done = cmsite("search", "--limit", "1", "--registry", str(site))
    assert len(done.stdout.splitlines()) == 1
    assert "1 of 6 shown" in done.stderr
    done = cmsite("search", "--limit", "1", "--json", "--registry", str(site))
    assert (json.loads(done.stdout)["total"], len(json.loads(done.stdout)["results"])) == (6, 1)


def test_search_where_nothing_has_all_words_shows_what_has_most(site: Path):
    done = cmsite("search", "detect", "system", "nowhere", "--registry", str(site))
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["script:detect-os"]
    assert "no artifact has all these words; those found lack 1 of them" in done.stderr


def test_search_that_finds_nothing(site: Path):
    done = cmsite("search", "nowhere", "--registry", str(site))
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing found" in done.stderr


def test_a_misspelt_word_has_a_hint(site: Path):
    assert "did you mean detect?" in cmsite("search", "detcet", "--registry", str(site)).stderr
    assert "did you mean" not in cmsite("search", "detect", "--registry", str(site)).stderr


def test_case_92_foreign_text_cannot_drive_the_terminal(site: Path):
    for arguments in (("search", "evil"), ("show", digest("evil\x1b[31m")[:16])):
        done = cmsite(*arguments, "--registry", str(site))
        assert "evil\ufffd[31m" in done.stdout, done.stderr
        assert not set("\x1b\x07\u202e") & set(done.stdout + done.stderr)


def test_show(site: Path):
    done = cmsite("show", "script:detect-os@1.0", "--registry", str(site))
    assert done.returncode == 0
    assert "r1 (1.0)" in done.stdout
    assert digest("tar content") in done.stdout
    assert "cmsite: note: script:detect-os is taken from team; also in copy" in done.stderr


def test_show_as_json(site: Path):
    done = cmsite("show", "script:detect-os", "--json", "--registry", str(site))
    document = json.loads(done.stdout)
    assert document["schema"] == "cmsite-show/1"
    assert document["registry"]["registry_id"] == REGISTRY_ID
    assert document["version"]["revision"] == "r2"
    assert [known["revision"] for known in document["versions"]] == ["r1", "r2"]
    assert document["also_in"] == ["copy"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "script:detectos"), 4, "near: script:detect-os"),
        (("show", "script:two"), 4, f"  - copy/script:two,{'2' * 16}"),
        (("show", "script:bad"), 6, "quarantined"),
        (("show", "detect-os"), 2, "the automation is missing"),
        (("search", "--", "--"), 2, "holds no letter or digit"),
    ],
)
def test_exit_codes(site: Path, arguments: tuple[str, ...], code: int, message: str):
    command, *rest = arguments
    done = cmsite(command, "--registry", str(site), *rest)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("cmsite: error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_registry():
    for arguments in (("search", "x"), ("show", "script:x")):
        done = cmsite(*arguments)
        assert done.returncode == 2
        assert "no registry is configured; add one with `cmsite registry add NAME URL`" in done.stderr
    assert json.loads(cmsite("registry", "list", "--json").stdout) == {
        "schema": "cmsite-registries/1",
        "registries": [],
    }


def test_registries_by_name(site: Path):
    added = cmsite("registry", "add", "mine", str(site))
    assert added.returncode == 0
    assert REGISTRY_ID in added.stdout
    (row,) = json.loads(cmsite("registry", "list", "--json").stdout)["registries"]
    assert row == {"name": "mine", "url": site.as_uri() + "/", "registry_id": REGISTRY_ID}
    assert "mine" in cmsite("registry", "list").stdout
    assert "detect-os" in cmsite("search", "os").stdout
    assert cmsite("show", "script:detect-os", "--registry", "mine").returncode == 0
    assert cmsite("registry", "remove", "mine").returncode == 0
    assert cmsite("registry", "remove", "mine").returncode == 4


def test_reading_commands_import_nothing_heavy(site: Path):
    program = (
        "import sys; from cmsite.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        f"print([name for name in {(*HEAVY, 'urllib3')!r} if name in sys.modules], file=sys.stderr)"
    )
    selected = ["--registry", str(site)]
    for arguments in (["search", "os", *selected], ["show", "team/script:detect-os", *selected], ["registry", "list"]):
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "error"}
        )
        assert done.stderr.splitlines()[-1] == "[]", done.stderr
