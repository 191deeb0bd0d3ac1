"""The package as users get it: a wheel and an editable install, each in an empty environment, used from another folder."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, need, once, outside_environment

# What may fail to import without the extra `site`, and the libraries it may fail for.
SITE_ONLY = (
    *(f"cmsite.pipeline.{name}" for name in ("build", "recalled", "remember", "rendering")),
    *("cmsite.plugin", "cmsite.serving.watching", "cmsite.site", "cmsite.templates"),
)
SITE_LIBRARIES = {"comrak", "jinja2", "markdown", "markupsafe", "material", "mkdocs", "nh3", "pygments", "watchdog"}
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import cmsite
failed = {}
for module in pkgutil.walk_packages(cmsite.__path__, "cmsite.", onerror=lambda name: None):
    if module.name == "cmsite.__main__":
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        failed[module.name] = error.name
print(json.dumps(failed))
"""
IMPORT_CLIENT = """
import importlib, json, pkgutil, sys
import cmsite.client, cmsite.index
for package in (cmsite.client, cmsite.index):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
import cmsite.commands.registry, cmsite.commands.search, cmsite.commands.show
print(json.dumps(sorted(sys.modules)))
"""


def run(*command: str | Path, cwd: Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=outside_environment(), capture_output=True, text=True, check=False
    )
    assert not ok or result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result


def install(folder: Path, *arguments: str | Path) -> None:
    """Make an empty virtual environment in `folder` and install into it with pip."""
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", *arguments, cwd=folder)


def build_wheel(folder: Path) -> None:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, CHECKOUT, cwd=folder)


@pytest.fixture(scope="session")
def wheel() -> Path:
    need("index")
    (built,) = once("wheel", build_wheel).glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path) -> Path:
    """Return the `bin` folder of an environment that holds the wheel and its base dependencies only."""
    return once("installed-wheel", lambda made: install(made, wheel)) / "bin"


@pytest.fixture(scope="session")
def editable() -> Path:
    """Return the `bin` folder of an environment with an editable install."""
    need("index")
    return once("installed-editable", lambda made: install(made, "--editable", CHECKOUT)) / "bin"


def python(bin_folder: Path, source: str, cwd: Path) -> str:
    return run(bin_folder / "python", "-c", source, cwd=cwd).stdout


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_rules_templates_and_licence(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for source, place in (
        ("registry/rules", "cmsite/data/registry/rules"),
        ("site_templates", "cmsite/data/site_templates"),
    ):
        assert files_below(CHECKOUT / source), f"{source} is empty"
        assert {f"{place}/{name}" for name in files_below(CHECKOUT / source)} <= names
    assert "cmsite/py.typed" in names
    assert [name for name in names if name.endswith("/LICENSE")]
    assert not [name for name in names if name.split("/")[0] != "cmsite" and ".dist-info/" not in name]


def test_the_wheel_is_no_repository_of_cm(wheel: Path):
    # cmind registers any top-level package called cm* that holds one of these files.
    names = set(zipfile.ZipFile(wheel).namelist())
    assert not {"cmsite/cmr.yaml", "cmsite/cmr.json", "cmsite/repo/cmr.yaml", "cmsite/repo/cmr.json"} & names


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_the_command_works_from_another_folder(kind: str, request: pytest.FixtureRequest, tmp_path: Path):
    bin_folder = request.getfixturevalue(kind)
    version = python(bin_folder, "import cmsite; print(cmsite.__version__)", tmp_path).strip()
    assert version in run(bin_folder / "cmsite", "--version", cwd=tmp_path).stdout
    assert version in run(bin_folder / "python", "-m", "cmsite", "--version", cwd=tmp_path).stdout
    assert "CM1" in run(bin_folder / "cmsite", "rules", cwd=tmp_path).stdout


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_the_rules_and_templates_are_found(kind: str, request: pytest.FixtureRequest, tmp_path: Path):
    root = Path(
        python(request.getfixturevalue(kind), "from cmsite import resources; print(resources.root())", tmp_path).strip()
    )
    assert (root == CHECKOUT) == (kind == "editable")
    for folder in ("registry/rules", "site_templates"):
        assert files_below(root / folder) == files_below(CHECKOUT / folder)


def test_without_extras_only_the_site_is_missing(installed: Path, tmp_path: Path):
    failed = json.loads(python(installed, IMPORT_ALL, tmp_path))
    assert {name: missing for name, missing in failed.items() if not name.startswith(SITE_ONLY)} == {}
    assert set(failed.values()) <= SITE_LIBRARIES


def test_the_base_install_validates(installed: Path, tmp_path: Path):
    artifact = tmp_path / "repository" / "script" / "say-hello"
    artifact.mkdir(parents=True)
    (tmp_path / "repository" / "cmr.yaml").write_text("alias: hello\nuid: '00000000000000aa'\n", "utf-8")
    (artifact / "_cm.yaml").write_text("alias: say-hello\nuid: '00000000000000ab'\nuid: '00000000000000ac'\n", "utf-8")
    result = run(installed / "cmsite", "validate", "repository", "--format", "json", cwd=tmp_path, ok=False)
    report = json.loads(result.stdout)
    assert report["summary"]["artifacts"] == 1, result.stderr
    assert {"repository": "hello", "path": "script/say-hello/_cm.yaml", "line": 3} in [
        {key: found[key] for key in ("repository", "path", "line")} for found in report["findings"]
    ]


def test_the_client_loads_nothing_heavy(installed: Path, tmp_path: Path):
    loaded = {name.split(".")[0] for name in json.loads(python(installed, IMPORT_CLIENT, tmp_path))}
    assert loaded & (SITE_LIBRARIES | {"yaml", "jsonschema_rs", "requests"}) == set()


def test_a_missing_extra_is_named(installed: Path, tmp_path: Path):
    (tmp_path / "registry.yml").write_text("title: T\nsources: []\n", "utf-8")
    result = run(
        installed / "cmsite", "build", "--config", "registry.yml", "--site-dir", "site", cwd=tmp_path, ok=False
    )
    assert result.returncode == 2, result.stderr
    assert "pip install 'cmsite[site]'" in result.stderr
    assert "Traceback" not in result.stderr
