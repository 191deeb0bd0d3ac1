"""A publisher's own templates and look: every template can be replaced, a broken one is named, the theme as usual."""

import json
import re
import shutil
from pathlib import Path

import pytest

from cmsite import resources
from tests.command_line import build_here as build
from tests.command_line import cmsite as run
from tests.memory_tree import script
from tests.requirements import CHECKOUT, once
from tests.test_build import catalogue
from tests.test_run_tables import run_of

OURS = CHECKOUT / "site_templates"
# overrides/ are templates of the theme: replaced by `theme.custom_dir` as all of its others.
TEMPLATES = sorted(
    name
    for name in (path.relative_to(OURS).as_posix() for path in OURS.rglob("*") if path.is_file())
    if not name.startswith(("assets/", "overrides/", "serve/"))
)
THEME_TEMPLATES = sorted(
    path.relative_to(OURS / "overrides").as_posix() for path in (OURS / "overrides").rglob("*") if path.is_file()
)
# What some template is for and the bundled catalogue does not have.
MORE = {
    "script/choosing": "uid: 00000000000000d1\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\n"
    "tags: [choosing]\ndefault_version: '1'\nversions: {'1': {}, '2': {}}\n",
    "contributor/ada": "uid: 00000000000000d2\nautomation_alias: contributor\nautomation_uid: 68eae17b590d4f8f\n"
    "name: Ada\norganization: Analytical Engines\n",
    "gadget/nested": "uid: 00000000000000d3\nautomation_alias: gadget\nautomation_uid: 00000000000000d4\n"
    "parts: {wheel: {teeth: 12}}\n",
    "repro.article/rain": "uid: 00000000000000d5\nautomation_alias: repro.article\nautomation_uid: b56ccd54ac2b15b9\n"
    "misc: {title: Rain, badge_acm_results_replicated: 'yes'}\n",
    "experiment/ranked": "uid: 00000000000000d7\nautomation_alias: experiment\nautomation_uid: a0a2d123ef064bcb\n",
    "cfg/bench": "uid: 00000000000000d6\nautomation_alias: cfg\nautomation_uid: 88dce9c160324c5d\n"
    "view_dimensions: [[input.device, Device]]\n",
    "gadget/moved": "uid: 00000000000000d8\nautomation_alias: gadget\nautomation_uid: 00000000000000d4\n",
    "gadget/leaked": "uid: 00000000000000d9\nautomation_alias: gadget\nautomation_uid: 00000000000000d4\n",
}
DECISIONS = """
- {action: rename, reference: "gadget:moved,00000000000000d8", to: "gadget:nested"}
- {action: purge, reference: "gadget:leaked,00000000000000d9", reason: "it held a password"}
"""
MEASURED = [
    {
        "uid": f"00000000000000{system}", "SystemName": system, "MlperfModel": "resnet", "Scenario": "Offline", "Division": "closed",
        "SystemType": "edge", "version": "v3.1", "Result": 5, "Result_Units": "Samples/s", "inferred": 0,
    }
    for system in ("e1", "e2", "e3")
]  # fmt: skip
MACRO = re.compile(r"\{%-?\s*macro\b.*?%\}", re.DOTALL)


def marker(name: str) -> str:
    return f"<!-- mine: {name} -->"


def marked(name: str) -> str:
    """Return the text of a template with a marker in what it renders."""
    text = (OURS / name).read_text("utf-8")
    assert "{% extends" not in text, "its text outside blocks would be dropped: put the marker into a block"
    return MACRO.sub(lambda found: found[0] + marker(name), text) + marker(name)


@pytest.fixture(scope="module")
def pages() -> str:
    """Every page of the bundled catalogue and of what it lacks, built with a copy of every template."""

    def make(folder: Path) -> None:
        for name in TEMPLATES:
            path = folder / "mine" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(marked(name), "utf-8")
        for artifact, meta in MORE.items():
            (folder / "artifacts" / artifact).mkdir(parents=True)
            (folder / "artifacts" / artifact / "_cm.yaml").write_text(f"alias: {Path(artifact).name}\n{meta}", "utf-8")
        (folder / "artifacts/experiment/ranked/cm-result.json").write_text(json.dumps(MEASURED))
        (folder / "artifacts/cfg/bench/codecheck.yml").write_text("manifest: []\npaper: {title: Rain}\n")
        for name, content in run_of("00000000000000da", input={"automation": "script", "tags": "choosing"}).items():
            (folder / "artifacts/cfg/bench" / name).write_bytes(content)
        text = (CHECKOUT / "registry/registry.yml").read_text("utf-8")
        shutil.copytree(CHECKOUT / "registry/artifacts", folder / "artifacts", dirs_exist_ok=True)
        (folder / "registry.yml").write_text(f"{text}base_url: https://example.org/\ncustom_dir: mine\n", "utf-8")
        (folder / "published").mkdir()
        result = build(folder / "registry.yml", folder / "site", "--previous", str(folder / "published"))
        assert result.returncode == 0, result.stderr
        for name in ("moved", "leaked"):
            shutil.rmtree(folder / "artifacts/gadget" / name)
        (folder / "decisions.yml").write_text(DECISIONS, "utf-8")
        result = build(folder / "registry.yml", folder / "site")
        assert result.returncode == 0, result.stderr

    site = once("overridden-site", make) / "site"
    return "\n".join(
        path.read_text("utf-8", "replace")
        for path in sorted(site.rglob("*"))
        if path.suffix in (".html", ".xml", ".txt", ".atom", ".json") and path.is_file()
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_can_be_replaced(name: str, pages: str):
    assert marker(name) in pages


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "<p>\n{{ fasset.name }}</p>",
            "mine/lists/facet.html:2: 'fasset' is undefined (the line is: {{ fasset.name }}</p>)",
        ),
        ("{{ facet.nmae }}", "mine/lists/facet.html:1: 'cmsite.site.facets.Facet object' has no attribute 'nmae'"),
        ("<p>\n\n{% if %}", "mine/lists/facet.html:3: "),
        ("{{ facet.name | shout }}", "mine/lists/facet.html:1: No filter named 'shout'."),
        ("\n{{ facet.name + 1 }}", "mine/lists/facet.html:2: TypeError: "),
        ("\n{{ 1 / 0 }}", "mine/lists/facet.html:2: ZeroDivisionError: "),
        ("\n{% include 'none.html' %}", "mine/lists/facet.html:2: there is no template 'none.html'"),
        ("{% include 'lists/facet.html' %}", "mine/lists/facet.html:1: includes itself without end"),
        ("{% include 'own.html' %}", "mine/own.html:2: 'nothing' is undefined (the line is: {{ nothing }})"),
        (b"\xff\xfe", "template lists/facet.html: is not UTF-8; save it so"),
    ],
)
def test_a_template_that_fails_is_named_with_line_and_variable(tmp_path: Path, text: str | bytes, message: str):
    config = catalogue(tmp_path, a=script("a", "0123456789abcdef"))
    config.write_text(config.read_text() + "custom_dir: mine\n")
    (tmp_path / "mine/lists").mkdir(parents=True)
    (tmp_path / "mine/lists/facet.html").write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "mine/own.html").write_text("<p>\n{{ nothing }}\n")
    done = run("build", "--config", "registry.yml", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_custom_dir_that_is_not_there_is_named(tmp_path: Path):
    config = catalogue(tmp_path, a=script("a", "0123456789abcdef"))
    config.write_text(config.read_text() + "custom_dir: mine\n")
    done = run("build", "--config", "registry.yml", cwd=tmp_path)
    assert done.returncode == 2
    assert "custom_dir: mine is no folder; make it, or remove the key" in done.stderr


@pytest.mark.parametrize("plugin", ["[search]", "[search, cmsite]"])
def test_parts_of_the_theme_and_style_sheets_are_the_users_on_every_page(tmp_path: Path, plugin: str):
    catalogue(tmp_path, a=script("a", "0123456789abcdef"))
    (tmp_path / "docs/stylesheets").mkdir(parents=True)
    (tmp_path / "docs/index.md").write_text("# Home\n")
    (tmp_path / "docs/guide.md").write_text("# Guide\n")
    (tmp_path / "docs/stylesheets/own.css").write_text("h1 { color: teal }\n")
    (tmp_path / "theme/partials").mkdir(parents=True)
    (tmp_path / "theme/partials/footer.html").write_text("<footer>My own {{ config.site_name }}</footer>")
    for name in THEME_TEMPLATES:
        path = tmp_path / "theme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (OURS / "overrides" / name).read_text("utf-8")
        path.write_text(text.replace("{% block content %}", "{% block content %}" + marker(name)) + marker(name))
    (tmp_path / "theme/main.html").write_text(
        '{% extends "base.html" %}{% block announce %}My own announcement{% endblock %}'
    )
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Small\ntheme: {name: material, font: false, custom_dir: theme}\nextra_css: [stylesheets/own.css]\n"
        f"plugins: {plugin}\n"
    )
    done = run("build", "--config", "registry.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for page, up in (("index.html", ""), ("guide/index.html", "../"), ("a/team/script/a/index.html", "../../../../")):
        html = (tmp_path / "site" / page).read_text()
        assert "<footer>My own Small</footer>" in html
        assert "My own announcement" in html
        assert f'<link rel="stylesheet" href="{up}stylesheets/own.css">' in html
        assert marker("partials/search.html") in html
    assert marker("404.html") in (tmp_path / "site/404.html").read_text()
    assert (tmp_path / "site/stylesheets/own.css").is_file()


def test_the_example_in_the_documentation_works(tmp_path: Path):
    page = (CHECKOUT / "docs/site.md").read_text("utf-8")
    (example,) = re.findall(
        r"```html\n(<h1 id=\"start\">.*?)```", page.partition("## Your own templates")[2], re.DOTALL
    )
    config = catalogue(tmp_path, a=script("a", "0123456789abcdef"))
    config.write_text(config.read_text() + "custom_dir: mine\n")
    (tmp_path / "mine/lists").mkdir(parents=True)
    (tmp_path / "mine/lists/facet.html").write_text(example)
    assert build(config, tmp_path / "site").returncode == 0
    html = (tmp_path / "site/automation/script/index.html").read_text()
    assert '<li><a href="../../a/team/script/a/">a</a>' in html


def test_the_templates_tested_are_those_that_are_installed():
    assert (resources.root() / "site_templates").resolve() == OURS
    assert THEME_TEMPLATES == ["404.html", "partials/search.html"]
    assert len(TEMPLATES) > 15
