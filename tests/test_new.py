"""`cmsite new`: what it makes builds, runs and publishes itself, and it never writes over anything."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cmsite import settings
from tests.command_line import cmsite as run
from tests.hostile_server import hostile_server
from tests.requirements import CHECKOUT, need
from tests.serving import served_by_nginx
from tests.test_build import index, root
from tests.test_bundled_catalogue import client

TITLE = 'Ärzte: "50 % #1" & <more>'


def new(folder: Path, *arguments: str) -> Path:
    done = run("new", folder, *arguments)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new(tmp_path_factory.mktemp("new") / "my-artifacts")


def workflow(folder: Path) -> dict[str, Any]:
    text = (folder / ".github/workflows/pages.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - else YAML 1.1 takes the key `on` for true.
    return found


def steps(folder: Path, event: str) -> list[dict[str, Any]]:
    """Return the steps of the job `build` that run on an event."""
    found = []
    for step in workflow(folder)["jobs"]["build"]["steps"]:
        condition = step.get("if", "")
        assert condition in ("", "github.event_name == 'pull_request'", "github.event_name != 'pull_request'")
        if not condition or ("==" in condition) == (event == "pull_request"):
            found.append(step)
    return found


def play(folder: Path, event: str, address: str) -> None:
    """Run the commands of the workflow as its runner would, less the installation."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for step in steps(folder, event):
        if "run" in step and "pip install" not in step["run"]:
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]], cwd=folder, capture_output=True, text=True, check=False,
                env={**os.environ, "PATH": path, "ADDRESS": address},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr


def test_a_new_catalogue_has_no_finding_and_builds_strictly_with_both_commands(catalogue: Path, tmp_path: Path):
    validated = run("validate", cwd=catalogue)
    assert validated.stdout == "1 artifact checked: 0 errors, 0 warnings, 0 notes\n"
    built = run("build", "--strict", "--site-dir", tmp_path / "site", cwd=catalogue)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site/a/my-artifacts/script/say-hello/index.html").is_file()
    assert "My artifacts" in (tmp_path / "site/index.html").read_text("utf-8")
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "mkdocs")]
    assert subprocess.run(mkdocs, cwd=catalogue, check=False).returncode == 0
    page = Path("a/my-artifacts/script/say-hello/index.html")
    assert (tmp_path / "site" / page).read_bytes() == (tmp_path / "mkdocs" / page).read_bytes()


def test_every_identity_is_drawn_anew(catalogue: Path, tmp_path: Path):
    def identities(folder: Path) -> list[str]:
        found = []
        for path in ("registry.yml", "artifacts/cmr.yaml", "artifacts/script/say-hello/_cm.yaml"):
            data = yaml.safe_load((folder / path).read_text("utf-8"))
            found.append(data.get("registry_id") or data["uid"])
        return found

    ours, others = identities(catalogue), identities(new(tmp_path / "other"))
    assert [len(identity) for identity in ours] == [32, 16, 16]
    assert not set(ours) & set(others)


def test_title_and_address_come_back_as_they_were_given(tmp_path: Path):
    folder = new(tmp_path / "x", "--title", TITLE, "--base-url", "https://example.org/c")
    read = settings.load(folder / "registry.yml")
    assert (read.title, read.base_url, read.preview) == (TITLE, "https://example.org/c/", False)
    built = run("build", "--strict", cwd=folder)
    assert built.returncode == 0, built.stderr
    assert (
        'href="https://example.org/c/automation/script/"' in (folder / "site/automation/script/index.html").read_text()
    )


def test_no_gap_is_left_and_nothing_else_is_replaced(catalogue: Path):
    for path in catalogue.rglob("*"):
        if path.is_file() and "site" not in path.parts:
            assert re.findall(r"@[A-Z_]+@", path.read_text("utf-8")) == []
    assert "${{ steps.pages.outputs.base_url }}" in (catalogue / ".github/workflows/pages.yml").read_text("utf-8")


@pytest.mark.parametrize("name", ["-- odd 'name'", "Ünïcode", "...", "a b"])
def test_odd_names_of_folders_give_good_aliases(tmp_path: Path, name: str):
    folder = tmp_path / name
    done = run("new", "--", folder)
    assert done.returncode == 0, done.stderr
    assert f"cd {shlex.quote(str(folder))}\n" in done.stdout
    assert run("validate", cwd=folder).stdout.startswith("1 artifact checked: 0 errors, 0 warnings")


def test_a_folder_with_anything_in_it_is_refused_untouched(tmp_path: Path):
    for number in range(7):
        (tmp_path / f"file{number}").write_text("mine")
    done = run("new", tmp_path)
    assert done.returncode == 7
    assert "file0, file1, file2, file3, file4 and 2 more; name a folder that is new or empty" in done.stderr
    assert len(list(tmp_path.iterdir())) == 7
    done = run("new", tmp_path / "file0")
    assert (done.returncode, (tmp_path / "file0").read_text()) == (7, "mine")


def test_a_fresh_clone_of_an_empty_repository_is_taken(tmp_path: Path):
    subprocess.run(["git", "init", "--quiet", tmp_path / "clone"], check=True)
    new(tmp_path / "clone")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--title", "two\nlines"), "--title must be one line"),
        (("--title", " "), "--title must be one line"),
        (("--title", "x" * 201), "--title must be one line of 1 to 200"),
        (("--base-url", "example.org"), "--base-url must be an http(s) address"),
    ],
)
def test_bad_options_are_refused_before_anything_is_written(tmp_path: Path, arguments: tuple[str, ...], message: str):
    done = run("new", tmp_path / "x", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "x").exists()


def test_the_workflow_is_one_that_github_takes(catalogue: Path):
    checker = need("check-jsonschema")
    path = catalogue / ".github/workflows/pages.yml"
    command = [str(checker), "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(path.read_text("utf-8").replace("runs-on:", "run-on:"))  # The checker can say no.
    broken = subprocess.run(command, capture_output=True, text=True, check=False)
    path.write_text(path.read_text("utf-8").replace("run-on:", "runs-on:"))
    assert broken.returncode == 1


def test_the_workflow_asks_for_what_pages_needs_and_no_more(catalogue: Path):
    found = workflow(catalogue)
    assert found["permissions"] == {}
    assert found["jobs"]["build"]["permissions"] == {"contents": "read", "pages": "read"}
    assert found["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert found["jobs"]["publish"]["if"].startswith("github.event_name != 'pull_request'")
    assert found["jobs"]["build"]["steps"][0]["with"]["fetch-depth"] == "0"
    uses = [step["uses"] for step in steps(catalogue, "pull_request") if "uses" in step]
    assert uses == ["actions/checkout@v7", "actions/setup-python@v7"]
    commands = " ".join(step.get("run", "") for step in steps(catalogue, "pull_request"))
    assert "--previous none" in commands


@pytest.mark.server
def test_the_workflow_counts_on_from_the_published_site_in_a_fresh_clone(tmp_path: Path):
    nginx = need("nginx")
    folder, published = new(tmp_path / "first"), tmp_path / "published"
    published.mkdir()
    with served_by_nginx(nginx, published, tmp_path) as address:
        play(folder, "push", address)  # Nothing is there yet: 404.
        assert root(folder / "site")["gen"] == 1
        (folder / "site").rename(published / "now")
        (folder / "artifacts/script/say-hello/README.md").write_text("# Say hello\n\nChanged.\n")
        play(folder, "push", f"{address}now")
        assert root(folder / "site")["gen"] == 2
        (record,) = index(folder / "site").records
        assert [version.revision for version in record.versions] == [1, 2]
        assert all((folder / f"site/artifacts/{v.archive_sha256}.tar.gz").is_file() for v in record.versions)
        play(folder, "pull_request", "")


def test_a_cache_on_the_way_is_asked_for_the_newest_index(tmp_path: Path):
    with hostile_server() as server:
        done = run("build", "--previous", server.url, cwd=new(tmp_path / "x"))
        assert done.returncode == 0, done.stderr
    asked = dict(zip(server.asked, server.headers, strict=True))
    assert asked["cm-index/v1/root.json"]["cache-control"] == "no-cache"


def test_the_workflow_fails_where_the_published_site_does_not_answer(tmp_path: Path):
    folder = new(tmp_path / "x")
    done = run("build", "--strict", "--previous", "http://127.0.0.1:9/", cwd=folder)
    assert done.returncode == 5, done.stderr


@pytest.mark.real_clients
def test_every_command_of_the_readme_does_what_it_says(tmp_path: Path):
    folder = new(tmp_path / "x")
    readme = (folder / "README.md").read_text("utf-8")
    commands = [
        line.partition("#")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
        for line in block.splitlines()
    ]
    assert "cmsite serve" in commands  # Which ends at Ctrl-C only: tests/test_serve.py.
    printed = ""
    for command in commands:
        if command.startswith("python -m pip") or command == "cmsite serve":
            continue
        program, *arguments = shlex.split(command)
        printed = client(program, *arguments, folder=folder)
    assert printed.splitlines()[-1] == "Hello, world!"
    client("cm", "init", "repo", folder=folder / "pulled")
    found = client("cm", "find", "script,5b4e0237da074764", "--common", folder=folder / "pulled")
    assert Path(found.strip()).name == "say-hello"
    ignored = {f"/{name}/" for name in ("site", "pulled")} | {".mlc-log.txt"}
    assert ignored <= set((folder / ".gitignore").read_text("utf-8").splitlines())
    (uid_command,) = re.findall(r'`python -c "(.+?)"`', readme)
    drawn = subprocess.run([sys.executable, "-c", uid_command], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch("[0-9a-f]{16}", drawn.strip())


def test_the_wheel_takes_every_file_along():
    import tomllib

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["starter"] == "cmsite/data/starter"
    assert all(path.suffix == ".in" for path in (CHECKOUT / "starter").rglob("*") if path.is_file())
