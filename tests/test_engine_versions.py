"""The bundled catalogue by other engines: the oldest and newest mkdocs-material that pyproject.toml accepts, and properdocs.

Each is installed from the package index into an environment of its own. Source: docs/adr/0010-engine.md.
"""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, need, once, outside_environment
from tests.test_packaging import install
from tests.test_site_material import MKDOCS, project, tree

pytestmark = pytest.mark.slow

EXTRA = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["site"]
ACCEPTED = next(one for one in EXTRA if one.startswith("mkdocs-material"))
OLDEST = re.sub(r">=([0-9.]+),.*", r"==\1", ACCEPTED)
# What pip is told beside cmsite itself; an older Material needs the libraries of its time.
ENGINES = {
    "oldest": (OLDEST, "mkdocs==1.6.1"),
    "newest": ("--upgrade", ACCEPTED),
    "properdocs": (ACCEPTED, "properdocs>=1.6.7,<2"),
}
SLOT = re.compile(r"cmsite-slot-[a-z]+-[0-9a-f]{8}")
# Replaces mkdocs by properdocs before anything imports it, as the command `properdocs` does.
BY_PROPERDOCS = "import properdocs.replacement; from cmsite.cli import main; main()"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> tuple[str, Path]:
    need("index")
    arguments = (*ENGINES[request.param], "--editable", f"{CHECKOUT}[site]")
    return request.param, once(f"engine-{request.param}", lambda made: install(made, *arguments)) / "bin"


def run(folder: Path, *command: str | Path) -> str:
    # mkdocs-material tells of mkdocs 2 in colours; that is no warning about the project.
    environment = {**outside_environment(), "NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stderr


def build(engine: tuple[str, Path], folder: Path, site: Path, *arguments: str | Path) -> str:
    name, programs = engine
    start = ("-c", BY_PROPERDOCS) if name == "properdocs" else ("-m", "cmsite")
    return run(folder, programs / "python", *start, "build", "--strict", "--site-dir", site, *arguments)


def test_the_bundled_catalogue_is_built(engine: tuple[str, Path], tmp_path: Path) -> None:
    build(engine, CHECKOUT, tmp_path / "site")
    pages = {path: page.decode() for path, page in tree(tmp_path / "site").items() if path.endswith(".html")}
    assert len(pages) > 100
    for path, page in pages.items():
        assert SLOT.search(page) is None, f"{path} holds a slot that nothing filled"
        assert page.rstrip().endswith("</html>"), path
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert page.count('http-equiv="Content-Security-Policy"') == 1, path
    generator = re.findall('name="generator" content="([^"]*)"', pages["index.html"])
    assert generator[0].endswith(OLDEST.replace("==", "-")) == (engine[0] == "oldest")
    assert ("ProperDocs" in generator[0]) == (engine[0] == "properdocs")
    artifact = pages["a/cmsite-examples/script/get-dataset-wine/index.html"]
    contents = artifact[artifact.index('data-md-component="toc"') : artifact.index('class="md-content"')]
    assert 'class="md-nav__link"><span class="md-ellipsis">Provenance' in contents
    assert re.search(r'<li class="md-tabs__item md-tabs__item--active">\s*<a href="../../../../automation/"', artifact)
    assert "<title>get-dataset-wine" in artifact
    assert 'href="../../../../assets/cmsite/cmsite.css"' in artifact


def test_its_own_command_gives_the_same_bytes(engine: tuple[str, Path], tmp_path: Path) -> None:
    name, programs = engine
    folder = project(tmp_path, mkdocs=MKDOCS, index="# Home\n\n<!-- cmsite:catalogue -->\n", guide="# Guide\n")
    build(engine, folder, folder / "a")
    command = "properdocs" if name == "properdocs" else "mkdocs"
    run(folder, programs / command, "build", "-q", "-f", "mkdocs.yml", "-d", "b")
    first, second = tree(folder / "a"), tree(folder / "b")
    assert sorted(first) == sorted(second)
    assert [path for path in first if first[path] != second[path]] == []
