"""mkdocs and Material: the same site by either command, hand-written pages, overrides and refusals."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cmsite import settings
from cmsite.errors import ConfigurationError
from cmsite.index.read import read_index
from cmsite.site.material import RESERVED, render_docs
from cmsite.site.mkdocs_yml import find_mkdocs_yml
from cmsite.site.shell import Section
from tests.memory_tree import CMR, script

REGISTRY = "title: Small\nregistry_id: 0123456789abcdef0123456789abcdef\nsources: [{folder: artifacts}]\n"
MKDOCS = "site_name: Small\ntheme:\n  name: material\n  font: false\nplugins: [search, cmsite]\n"
MARKER = "<!-- cmsite:catalogue -->"


def project(folder: Path, registry: str = REGISTRY, mkdocs: str = MKDOCS, **pages: str) -> Path:
    """Write a catalogue of one script with hand-written pages; `__` in a name stands for `/`."""
    files = {
        "registry.yml": registry,
        "artifacts/cmr.yaml": CMR,
        "artifacts/script/one/_cm.yaml": script("one", "0123456789abcdef"),
        "artifacts/script/one/README.md": "# one\n\nText with {{ braces }}.\n",
        **({"mkdocs.yml": mkdocs} if mkdocs else {}),
        **{f"docs/{name.replace('__', '/')}.md": text for name, text in pages.items()},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=os.environ, check=False)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def docs(folder: Path) -> dict[str, str]:
    rendered = render_docs(settings.load(folder / "registry.yml"))
    return {file.path: file.content.decode("utf-8", "replace") for file in rendered.files}


def test_mkdocs_build_and_cmsite_build_give_the_same_bytes(tmp_path: Path) -> None:
    folder = project(tmp_path, index=f"# Home\n\n{MARKER}\n\nAfter.\n", guide="# Guide\n")
    ours, theirs = run(folder, "cmsite", "build", "--site-dir", "a"), run(folder, "mkdocs", "build", "-q", "-d", "b")
    assert (ours.returncode, theirs.returncode) == (0, 0), ours.stderr + theirs.stderr
    first, second = tree(folder / "a"), tree(folder / "b")
    assert sorted(first) == sorted(second)
    assert [path for path in first if first[path] != second[path]] == []
    assert {
        "index.html",
        "guide/index.html",
        "a/team/script/one/index.html",
        "cm-index/v1/root.json",
        "404.html",
    } <= set(first)
    home = first["index.html"].decode()
    assert home.index("Home</h1>") < home.index('class="cm-totals"') < home.index("After.</p>")


def test_the_plugin_goes_on_counting_from_the_site_that_mkdocs_deletes(tmp_path: Path) -> None:
    folder = project(tmp_path, index="# Home\n")
    published = run(folder, "cmsite", "build", "--site-dir", "site", "--previous", _empty(tmp_path / "empty"))
    assert published.returncode == 0, published.stderr
    (folder / "artifacts/script/one/README.md").write_text("Changed.\n")
    for _ in range(2):
        again = run(folder, "mkdocs", "build", "-q")
        assert again.returncode == 0, again.stderr
    index = read_index(lambda path: (folder / "site" / path).read_bytes())
    assert index.root.gen == 2
    assert [version.revision for record in index.records for version in record.versions] == [1, 2]
    assert sorted(path.name for path in folder.iterdir() if "previous" in path.name) == []


HOOK = """
import subprocess, sys
from pathlib import Path
PROBE = "import sys; from pathlib import Path; from cmsite.publish.holding import held\\n" + (
    "with held(Path('site'), wait=False) as is_held: print(is_held)")
def on_page_content(html, **_):
    Path("seen").write_text(subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True).stdout)
    if Path("fail").exists():
        raise ValueError("as asked")
"""
TWICE = """
import contextlib
from pathlib import Path
from mkdocs.commands.build import build
from mkdocs.config import load_config
for outcome in ("failed", "built"):
    config = load_config()
    config.plugins.on_startup(command="build", dirty=False)
    with contextlib.suppress(ValueError):
        build(config)
    Path("fail").unlink(missing_ok=True)
    print(outcome, Path("site/index.html").exists())
"""


def test_the_plugin_holds_the_site_while_it_builds_and_lets_go_where_that_fails(tmp_path: Path) -> None:
    folder = project(tmp_path, mkdocs=MKDOCS + "hooks: [hook.py]\n", index="# Home\n")
    (folder / "hook.py").write_text(HOOK)
    (folder / "fail").touch()
    command = [sys.executable, "-c", TWICE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=os.environ, timeout=300, check=False)
    assert done.stdout.splitlines() == ["failed False", "built True"], done.stderr
    assert (folder / "seen").read_text() == "False\n"


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_catalogue_without_mkdocs_yml_has_a_home_page_of_its_own(tmp_path: Path) -> None:
    folder = project(tmp_path, mkdocs="")
    rendered = render_docs(settings.load(folder / "registry.yml"))
    assert rendered.home == b""
    assert "index.html" not in {file.path for file in rendered.files}
    result = run(folder, "cmsite", "build")
    assert result.returncode == 0, result.stderr
    home = (folder / "site/index.html").read_text()
    assert '<h1 id="start">Small</h1>' in home
    assert 'class="cm-totals"' in home
    assert "fonts.googleapis" not in home


def test_a_hand_written_home_without_the_marker_stays_as_it_is(tmp_path: Path) -> None:
    folder = project(tmp_path, index="# Home by hand\n")
    page = docs(folder)["index.html"]
    assert "Home by hand" in page
    assert "cm-totals" not in page


def test_mkdocs_yml_stands_above_a_folder_named_registry(tmp_path: Path) -> None:
    folder = project(tmp_path / "registry", mkdocs="")
    (tmp_path / "mkdocs.yml").write_text(MKDOCS)
    assert find_mkdocs_yml(settings.load(folder / "registry.yml")) == tmp_path / "mkdocs.yml"


def test_an_override_of_the_theme_holds_on_every_page(tmp_path: Path) -> None:
    mkdocs = MKDOCS.replace("  font: false", "  font: false\n  custom_dir: theme")
    folder = project(tmp_path, mkdocs=mkdocs, index="# Home\n")
    (folder / "theme").mkdir()
    (folder / "theme/main.html").write_text(
        '{% extends "base.html" %}{% block announce %}Mine everywhere{% endblock %}'
    )
    result = run(folder, "cmsite", "build")
    assert result.returncode == 0, result.stderr
    for page in ("index.html", "a/team/script/one/index.html", "tag/index.html"):
        assert "Mine everywhere" in (folder / "site" / page).read_text(), page


def test_the_navigation_is_the_same_for_one_artifact_and_for_many(tmp_path: Path) -> None:
    page = docs(project(tmp_path, index="# Home\n", guide="# Guide\n"))["guide/index.html"]
    tabs = re.findall(r'class="md-nav__link">\s*<span class="md-ellipsis">\s*([^<]*?)\s*</span>', page)
    assert tabs[:4] == ["Home", *(section.value for section in Section if section is not Section.HOME)]


def test_nothing_says_when_it_was_built(tmp_path: Path) -> None:
    files = docs(project(tmp_path, index="# Home\n"))
    assert not any(name.startswith("sitemap") for name in files)


@pytest.mark.parametrize("name", sorted(RESERVED - {"artifacts"}))
def test_a_page_in_a_folder_of_the_catalogue_is_refused(tmp_path: Path, name: str) -> None:
    folder = project(tmp_path, index="# Home\n", **{f"{name}__x": "# X\n"})
    with pytest.raises(ConfigurationError, match=f"docs/{name}/x.md would stand at {name}/.*rename it"):
        docs(folder)


@pytest.mark.parametrize(
    ("registry", "mkdocs", "message"),
    [
        (REGISTRY, MKDOCS.replace("Small", "Large"), "site_name: 'Large' and .*registry.yml says 'Small'"),
        (REGISTRY, MKDOCS + "site_url: https://example.org/\n", "site_url: 'https://example.org/' and .* says ''"),
        (
            REGISTRY,
            MKDOCS.replace("name: material\n  font: false", "name: mkdocs"),
            "theme must be material, got 'mkdocs'",
        ),
        (REGISTRY, "site_name: [", "mkdocs.yml: "),
        (REGISTRY, MKDOCS + "nonsense: {}\nplugins: [none-such]\n", "mkdocs.yml: "),
    ],
)
def test_a_configuration_that_contradicts_itself_is_refused(
    tmp_path: Path, registry: str, mkdocs: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        docs(project(tmp_path, registry=registry, mkdocs=mkdocs, index="# Home\n"))


def test_mkdocs_reports_a_refusal_without_a_traceback(tmp_path: Path) -> None:
    folder = project(tmp_path, registry="title: Small\nsorces: []\n", index="# Home\n")
    result = run(folder, "mkdocs", "build", "-q")
    assert result.returncode != 0
    assert "did you mean 'sources'" in result.stderr
    assert "Traceback" not in result.stderr


def test_strict_names_what_mkdocs_warns_of_and_builds_the_rest(tmp_path: Path) -> None:
    folder = project(tmp_path, index="[gone](gone.md)\n", other="[away](away.md)\n")
    plain = run(folder, "cmsite", "build")
    assert plain.returncode == 0
    strict = run(folder, "cmsite", "build", "--strict", "--site-dir", "strict")
    assert strict.returncode == 1
    for result in (plain, strict):
        lines = [line for line in result.stderr.splitlines() if line.startswith("mkdocs: ")]
        assert len(lines) == 2
        assert "index.md" in lines[0]
        assert "gone.md" in lines[0]
    assert "--strict: 2 problems named above; everything else is built" in strict.stderr
    assert (folder / "strict/index.html").is_file()


def test_strict_in_mkdocs_yml_means_the_same(tmp_path: Path) -> None:
    folder = project(tmp_path, index="[gone](gone.md)\n")
    (folder / "mkdocs.yml").write_text((folder / "mkdocs.yml").read_text() + "strict: true\n")
    result = run(folder, "cmsite", "build")
    assert result.returncode == 1
    assert "gone.md" in result.stderr


@pytest.mark.parametrize("plugins", ["[cmsite]", "[search, cmsite]", "[cmsite, search]", "[search]"])
def test_every_page_has_the_box_and_none_starts_the_search_of_material(tmp_path: Path, plugins: str) -> None:
    folder = project(
        tmp_path, mkdocs=MKDOCS.replace("[search, cmsite]", plugins), index="# Home\n", guide__page="# P\n"
    )
    assert run(folder, "cmsite", "build", "--site-dir", "site").returncode == 0
    pages = {"": "", "guide/page/": "../../", "a/team/script/one/": "../../../../", "find/": "../"}
    for page, base in pages.items():
        html = (folder / f"site/{page}index.html").read_text("utf-8")
        assert len(re.findall(rf'<form class="cm-search"[^>]* action="{re.escape(base)}find/" method="get"', html)) == 1
        assert 'name="search"' not in html
        assert 'data-md-component="search' not in html
    assert "/find/" in (folder / "site/404.html").read_text("utf-8")
    assert "guide/page/" in (folder / "site/search/search_index.json").read_text("utf-8")


def test_mkdocs_build_indexes_hand_written_pages_without_being_told(tmp_path: Path) -> None:
    folder = project(tmp_path, mkdocs=MKDOCS.replace("[search, cmsite]", "[cmsite]"), index="# Home\n", guide="# G\n")
    ours, theirs = run(folder, "cmsite", "build", "--site-dir", "a"), run(folder, "mkdocs", "build", "-q", "-d", "b")
    assert (ours.returncode, theirs.returncode) == (0, 0), ours.stderr + theirs.stderr
    assert tree(folder / "a") == tree(folder / "b")
    assert "guide/" in (folder / "b/search/search_index.json").read_text("utf-8")


def test_overrides_of_the_project_stand_before_ours(tmp_path: Path) -> None:
    mkdocs = MKDOCS.replace("font: false", "font: false\n  custom_dir: over")
    folder = project(tmp_path, mkdocs=mkdocs, index="# Home\n")
    (folder / "over/partials").mkdir(parents=True)
    (folder / "over/partials/search.html").write_text("<p>their own box</p>")
    (folder / "over/404.html").write_text("<p>their own page</p>")
    files = docs(folder)
    assert "their own box" in files["index.html"]
    assert files["404.html"] == "<p>their own page</p>"
