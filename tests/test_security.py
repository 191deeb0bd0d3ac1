"""The Content-Security-Policy: the theme's own scripts run, nothing else inline does, and a publisher hears of it."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from mkdocs.config import load_config

from cmsite.site.guard import PageGuard, pattern_of_scripts
from cmsite.site.security import inline_scripts, refused_in
from tests.chromium import Browser, chromium, wait
from tests.requirements import need
from tests.serving import served_by_nginx
from tests.site_kinds import bundled_site, pages_of_every_kind
from tests.test_site_material import MKDOCS, docs, project, run

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
NOTHING = re.compile("(?!)")
RICH = (
    MKDOCS.replace("  font: false", "  custom_dir: theme\n  features: [content.tabs.link, content.tooltips, announce.dismiss]")
    + "markdown_extensions: [tables, pymdownx.superfences, {pymdownx.tabbed: {alternate_style: true}}]\n"
)  # fmt: skip
TABS = '# Tabs\n\n=== "One"\n\n    First.\n\n=== "Two"\n\n    Second.\n\n[link](tabs.md "A tip")\n'

# Runs before every script of a page, and keeps what the policy refused.
WATCH = """
window.refusals = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refusals.push(event.effectiveDirective + " " + event.blockedURI + " " + event.sample);
});
"""


def digest(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def allowed(page: str) -> set[str]:
    (policy,) = POLICY.findall(page)
    return set(re.findall(r"'sha256-[^']*'", policy))


@pytest.fixture(scope="module")
def site() -> Path:
    return bundled_site()


def test_every_page_names_exactly_its_own_inline_scripts_before_the_first_of_them(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 100
    for path in pages:
        page = path.read_text("utf-8")
        assert allowed(page) == {digest(script) for script in inline_scripts(page)} != set(), path
        found = POLICY.search(page)
        assert found is not None
        assert found.start() < page.index("<script"), path
        assert page.index('charset="utf-8"') < found.start() < 1024, path
        assert "unsafe" not in found[1]
        assert (
            refused_in(page, pattern_of_scripts(f"<script>{script}</script>" for script in inline_scripts(page))) == ()
        )


def test_a_script_of_somebody_else_is_not_named_and_its_publisher_hears_where_it_stands(tmp_path: Path) -> None:
    mkdocs = MKDOCS.replace("  font: false", "  custom_dir: theme")
    folder = project(
        tmp_path,
        mkdocs=mkdocs,
        index="# Home\n\n<script>mine()</script>\n\n![far](https://elsewhere.example/x.png)\n",
        guide='# Guide\n\n<p style="color: red" onclick="mine()">x</p>\n\n<style>p {}</style>\n',
    )
    (folder / "theme").mkdir()
    (folder / "theme/main.html").write_text(
        '{% extends "base.html" %}{% block extrahead %}<script>theirs()</script>{% endblock %}'
    )
    built = run(folder, "cmsite", "build")
    assert built.returncode == 0, built.stderr
    for name in ("index.html", "guide/index.html", "404.html", "a/team/script/one/index.html", "tag/index.html"):
        page = (folder / "site" / name).read_text()
        assert digest("theirs()") not in allowed(page)
        assert digest("mine()") not in allowed(page)
    told = [line for line in built.stderr.splitlines() if "Content-Security-Policy" in line]
    for words in (
        "docs/index.md: inline script 'mine()' has no effect",
        "docs/index.md: file of another host 'https://elsewhere.example/x.png'",
        "docs/guide.md: style attribute '<p style=\"color: red\">'",
        "docs/guide.md: event attribute '<p onclick=\"mine()\">'",
        "docs/guide.md: style element '<style>'",
        "an override of the theme: inline script 'theirs()'",
    ):
        assert sum(words in line for line in told) == 1, (words, told)
    assert len(told) == 6
    assert all("mkdocs.yml" in line or "put a copy into docs/" in line for line in told)
    assert run(folder, "cmsite", "build", "--strict").returncode == 1


def test_tables_are_aligned_by_classes_in_both_commands(tmp_path: Path) -> None:
    mkdocs = MKDOCS + "markdown_extensions: [tables, attr_list]\n"
    table = '# Table\n\n| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 { .x } | 3 |\n\n`<td style="text-align: left;">`\n'
    folder = project(tmp_path, mkdocs=mkdocs, index="# Home\n", table=table)
    for command in (("cmsite", "build", "--site-dir", "site"), ("mkdocs", "build", "-q")):
        assert run(folder, *command).returncode == 0
        page = (folder / "site/table/index.html").read_text()
        assert re.findall(r"<t[hd] ([^>]*)>", page) == [
            'class="cm-left"', 'class="cm-center"', 'class="cm-right"',
            'class="cm-left"', 'class="x cm-center"', 'class="cm-right"',
        ]  # fmt: skip
        assert '&lt;td style="text-align: left;"&gt;' in page.replace("&quot;", '"')


def test_fonts_are_never_loaded_from_another_host(tmp_path: Path) -> None:
    folder = project(tmp_path, mkdocs=MKDOCS.replace("  font: false\n", ""), index="# Home\n")
    for page in docs(folder).values():
        assert "fonts.g" not in page


def test_mkdocs_serve_keeps_its_own_script_and_a_built_page_its_policy(tmp_path: Path) -> None:
    project(tmp_path, index="# Home\n")
    commands: tuple[tuple[Literal["serve", "build"], int], ...] = (("serve", 0), ("build", 1))
    for command, count in commands:
        config = load_config(str(tmp_path / "mkdocs.yml"))
        config.plugins.on_startup(command=command, dirty=False)
        config.plugins.on_config(config)
        page = config.plugins.on_post_template("<html><head></head></html>", template_name="404.html", config=config)
        assert page.count("Security-Policy") == count


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<script>a()</script>", "inline script"),
        ("<SCRIPT TYPE=module>a()</SCRIPT>", "inline script"),
        ('<script type="application/ld+json">{}</script>', ""),
        ('<script src="own.js"></script>', ""),
        ('<script src="//far.example/x.js"></script>', "file of another host"),
        ('<link rel="preconnect" href="https://far.example">', "file of another host"),
        ('<link rel="canonical" href="https://own.example/">', ""),
        ('<a href="https://far.example/">x</a>', ""),
        ('<video src="HTTPS://far.example/x.mp4"></video>', "file of another host"),
        ('<svg onload="a()"></svg>', "event attribute"),
        ('<p>style="x" onclick</p>', ""),
    ],
)
def test_what_a_policy_refuses_is_told_apart(html: str, what: str) -> None:
    assert [refused.what for refused in refused_in(html, NOTHING)] == ([what] if what else [])


def test_many_unclosed_scripts_take_no_quadratic_time() -> None:
    told: list[str] = []
    PageGuard(NOTHING, told.append).content("<script>a</script>" * 20_000 + "<p style='x'>" * 20_000, "docs/x.md")
    assert len(told) == 2


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as window:
        window.devtools("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        yield window


@pytest.mark.browser
@pytest.mark.server
def test_no_kind_of_page_breaks_its_policy_or_complains(site: Path, browser: Browser, tmp_path: Path) -> None:
    browser.forget()
    with served_by_nginx(need("nginx"), site, tmp_path) as address:
        for page in pages_of_every_kind(site):
            browser.open(address + page)
            assert browser.run("return [refusals, typeof __md_scope]") == [[], "object"], page
            assert browser.complaints() == [], page


@pytest.mark.browser
def test_from_a_folder_too(site: Path, browser: Browser) -> None:
    for page in pages_of_every_kind(site):
        if page == "404.html":  # A server shows it at any address, so that it names its files from the root.
            continue
        browser.open(f"{site.as_uri()}/{page}{'' if page.endswith('.html') else 'index.html'}")
        state = browser.run("return [refusals, typeof __md_scope, document.styleSheets.length > 2]")
        assert state == [[], "object", True], page


@pytest.mark.browser
@pytest.mark.server
def test_a_script_that_came_in_between_does_not_run(site: Path, browser: Browser, tmp_path: Path) -> None:
    page = (site / "index.html").read_text()
    attack = '<script>window.broken = 1</script><img src="x" onerror="window.broken = 1" alt=""><a href="javascript:window.broken=1" id="go">x</a>'
    (tmp_path / "index.html").write_text(page.replace("</h1>", f"</h1>{attack}", 1))
    for name in ("assets", "search"):
        (tmp_path / name).symlink_to(site / name)
    with served_by_nginx(need("nginx"), tmp_path, tmp_path) as address:
        browser.open(address)
        browser.run("document.getElementById('go').click()")
        wait(browser, "return refusals.map((one) => one.split(' ').slice(0, 2))", [
            ["script-src-elem", "inline"], ["script-src-attr", "inline"], ["script-src-elem", "inline"],
        ])  # fmt: skip
        assert browser.run("return [window.broken, typeof __md_scope]") == [None, "object"]


@pytest.mark.browser
@pytest.mark.server
def test_what_the_theme_does_by_script_still_works(site: Path, browser: Browser, tmp_path: Path) -> None:
    with served_by_nginx(need("nginx"), site, tmp_path) as address:
        browser.open(f"{address}a/cmsite-examples/script/reproduce-wine-classifiers/")
        scheme = "return document.body.getAttribute('data-md-color-scheme')"
        before = browser.run(scheme)
        browser.run("document.querySelector('[data-md-component=palette] label:not([hidden])').click()")
        kept = {"default": "slate", "slate": "default"}[before]
        wait(browser, scheme, kept)
        browser.open(f"{address}results/")
        assert browser.run(scheme) == kept
        browser.open(f"{address}a/cmsite-examples/script/reproduce-wine-classifiers/")
        browser.run("document.querySelector('.md-code__button[data-md-type=copy]').click()")
        wait(browser, "return document.querySelector('.md-dialog').textContent.trim()", "Copied to clipboard")
        assert browser.run("return refusals") == []
        browser.run("localStorage.clear()")


@pytest.mark.browser
@pytest.mark.server
def test_tabs_tooltips_and_banners_of_the_theme_work(browser: Browser, tmp_path: Path) -> None:
    folder = project(tmp_path / "project", mkdocs=RICH, index="# Home\n", tabs=TABS)
    (folder / "theme").mkdir()
    (folder / "theme/main.html").write_text('{% extends "base.html" %}{% block announce %}News{% endblock %}')
    assert run(folder, "cmsite", "build").returncode == 0
    with served_by_nginx(need("nginx"), folder / "site", tmp_path) as address:
        browser.open(f"{address}tabs/")
        browser.run("document.querySelectorAll('.tabbed-labels label')[1].click()")
        browser.open(f"{address}tabs/")
        wait(browser, "return document.querySelectorAll('.tabbed-set > input')[1].checked")
        x, y = browser.run(
            "const box = document.querySelector('a[title=\"A tip\"]').getBoundingClientRect(); return [box.x + 5, box.y + 5]"
        )
        browser.devtools("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        wait(browser, "return document.querySelector('.md-tooltip2')?.textContent.trim()", "A tip")
        browser.run("document.querySelector('.md-banner__button').click()")
        browser.open(f"{address}tabs/")
        wait(browser, "return document.querySelector('[data-md-component=announce]').hidden")
        assert browser.run("return refusals") == []
