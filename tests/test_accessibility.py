"""Every kind of page in a real browser: axe-core, keys alone, 320 pixels, paper, less motion, forced colours, no scripts,
no request to another host, and the weight of a first view."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.chromium import DESKTOP, ENTER, ESCAPE, PHONE, TAB, Browser, chromium
from tests.requirements import need
from tests.serving import served_by_nginx
from tests.site_kinds import bundled_site, corpora_site, host_folder, pages_of_every_kind

pytestmark = [pytest.mark.browser, pytest.mark.server]

SITES: dict[str, Callable[[], Path]] = {"bundled": bundled_site, "corpora": corpora_site}
VIEWS = {"desktop light": (DESKTOP, False), "desktop dark": (DESKTOP, True), "phone light": (PHONE, False), "phone dark": (PHONE, True)}  # fmt: skip
SCRIPT = "a/cmsite-examples/script/reproduce-wine-classifiers/"
# Not find/, where the focus begins in the field: tests/test_find_page.py walks it.
WALKED = ("", SCRIPT, "results/", "paper/wolberg-1995-wdbc/", "automation/script/", "install/", "tag/")
MAX_STOPS = 400
MAX_FIRST_VIEW = 350_000  # Bytes over the wire, compressed, with all files and headers.
# Two frames after everything is loaded, observers of sizes have run.
SETTLED = "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
AXE = """
return axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.target.join(" ")).slice(0, 5).join(" | ")))
"""
# What stands beyond the right edge and is not within something that scrolls or cuts.
TOO_WIDE = """
const edge = document.documentElement.clientWidth, found = [];
for (const element of document.querySelectorAll("body *")) {
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= edge + 1 || getComputedStyle(element).visibility === "hidden") continue;
  let parent = element.parentElement;
  while (parent && getComputedStyle(parent).overflowX === "visible" && getComputedStyle(parent).position !== "fixed") parent = parent.parentElement;
  if (!parent) found.push(element.tagName + "." + element.className);
}
if (document.documentElement.scrollWidth > edge) found.push("the page scrolls to " + document.documentElement.scrollWidth);
return found.slice(0, 5);
"""
# Where the focus is: what it is, whether it has a name, whether it and a ring around it can be seen.
STOP = """
const focus = document.activeElement;
if (focus === document.body) return null;
const label = focus.matches("[type=radio]") ? focus.nextElementSibling : null;  // The box itself is hidden, its words are not.
const shown = [focus, label].filter(Boolean);
const box = (label || focus).getBoundingClientRect();
const text = (focus.getAttribute("aria-label") || focus.textContent || focus.title || (focus.labels && focus.labels[0] || {}).textContent || "").trim();
if (!window.stops) { window.stops = new WeakSet(); }
const again = window.stops.has(focus); window.stops.add(focus);
return {
  what: focus.outerHTML.slice(0, 120), again, named: text !== "" || focus.matches("pre > code, .md-typeset__scrollwrap"),
  ring: shown.some((one) => getComputedStyle(one).outlineStyle !== "none" && parseFloat(getComputedStyle(one).outlineWidth) > 0)
    || (focus.ownerSVGElement !== undefined && parseFloat(getComputedStyle(focus.querySelector("rect") || focus).strokeWidth) >= 2),
  seen: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
  within: Boolean(focus.closest(".md-content")),
};
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_nginx(need("nginx"), bundled_site(), tmp_path_factory.mktemp("nginx")) as served:
        yield served


@pytest.mark.parametrize(
    ("name", "view"),
    [
        *(("bundled", view) for view in VIEWS),
        ("corpora", "phone dark"),
        pytest.param("corpora", "desktop light", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_on_any_kind_of_page(browser: Browser, tmp_path: Path, name: str, view: str) -> None:
    axe, site = need("axe").read_text("utf-8"), SITES[name]()
    size, dark = VIEWS[view]
    pages = pages_of_every_kind(site)
    assert len(pages) >= 20
    with served_by_nginx(need("nginx"), host_folder(site), tmp_path) as served:
        browser.view(size, dark=dark, prefers_reduced_motion="reduce")
        found = {
            page: axe_findings(browser, f"{served}{site.relative_to(host_folder(site))}/{page}", axe, dark=dark)
            for page in pages
        }
    assert {page: findings for page, findings in found.items() if findings} == {}


def axe_findings(browser: Browser, address: str, axe: str, *, dark: bool) -> list[str]:
    browser.open(address)
    browser.run(SETTLED)
    assert browser.run("return document.body.dataset.mdColorScheme") == ("slate" if dark else "default")
    browser.devtools("Runtime.evaluate", expression=axe)
    found: list[str] = browser.run(AXE)
    return found


def test_axe_finds_what_is_wrong(browser: Browser, address: str) -> None:
    axe = need("axe").read_text("utf-8")
    browser.view()
    browser.open(address)
    browser.run("document.querySelector('article').insertAdjacentHTML('beforeend', '<img src=x><a href=y></a>')")
    browser.devtools("Runtime.evaluate", expression=axe)
    assert {"image-alt", "link-name"} <= {finding.split(":")[0] for finding in browser.run(AXE)}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_keys_alone_reach_everything_once_and_one_always_sees_where_one_is(
    browser: Browser, address: str, size: tuple[int, int]
) -> None:
    for page in WALKED:
        browser.view(size, prefers_reduced_motion="reduce")
        browser.open(address + page)
        stops: list[dict[str, Any]] = []
        while len(stops) < MAX_STOPS:
            browser.press(TAB)
            stop = browser.run(STOP)
            if stop is None or stop["again"]:  # Behind the last stop comes the window, then the first stop.
                break
            stops.append(stop)
        assert len(stops) < MAX_STOPS, page
        assert "md-skip" in stops[0]["what"], page
        for stop in stops:
            assert (stop["named"], stop["ring"], stop["seen"]) == (True, True, True), (page, stop)
        links = "return [...document.querySelectorAll('.md-content a[href]')].filter((a) => a.checkVisibility()).length"
        assert sum(stop["within"] and stop["what"].startswith("<a") for stop in stops) == browser.run(links), page


def test_the_first_key_leads_past_the_navigation(browser: Browser, address: str) -> None:
    browser.view()
    browser.open(address + SCRIPT)
    browser.press(TAB, ENTER, TAB)
    assert browser.run(STOP)["within"]


def test_keys_open_and_close_the_navigation_of_a_narrow_window(browser: Browser, address: str) -> None:
    browser.view(PHONE, prefers_reduced_motion="reduce")
    browser.open(address + SCRIPT)
    links = "return [...document.querySelectorAll('.md-sidebar--primary a')].filter((a) => a.checkVisibility({visibilityProperty: true})).length"
    assert browser.run(links) == 0
    browser.press(TAB, TAB)
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "false"
    browser.press(ENTER)
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "true"
    assert browser.run(links) > 3
    browser.press(ESCAPE)
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "false"
    assert browser.run(links) == 0


@pytest.mark.parametrize("name", SITES)
def test_nothing_is_wider_than_320_pixels(browser: Browser, tmp_path: Path, name: str) -> None:
    site = SITES[name]()
    browser.view((320, 640))
    with served_by_nginx(need("nginx"), host_folder(site), tmp_path) as served:
        for page in pages_of_every_kind(site):
            browser.open(f"{served}{site.relative_to(host_folder(site))}/{page}")
            assert browser.run(TOO_WIDE) == [], page
        browser.run(
            "document.querySelector('article').insertAdjacentHTML('beforeend', '<p>' + 'x'.repeat(99) + '</p><hr width=500>')"
        )
        assert browser.run(TOO_WIDE) != []


def test_on_paper_a_page_is_light_whole_and_without_navigation(browser: Browser, address: str) -> None:
    browser.view((720, 1000), dark=True, medium="print")
    shown = "return [...document.querySelectorAll('.md-header, .md-tabs, .md-sidebar, .md-footer, .md-code__nav')].filter((e) => e.checkVisibility()).length"
    cut = """return [...document.querySelectorAll('article *')].filter((e) => e.checkVisibility() && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1
      && !e.matches(".cm-hidden") && !["visible", "clip"].includes(getComputedStyle(e).overflowX)).map((e) => e.outerHTML.slice(0, 100))"""
    colours = "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('article')).color]"
    for page in pages_of_every_kind(bundled_site()):
        browser.open(address + page)
        browser.run(SETTLED)
        assert browser.run(shown) == 0, page
        assert browser.run(cut) == [], page
        assert browser.run(TOO_WIDE) == [], page
        ground, ink = browser.run(colours)
        assert ground == "rgb(255, 255, 255)", page
        assert max(map(float, ink.split("(")[1].rstrip(")").split(",")[:3])) < 110, (page, ink)
    browser.open(f"{address}install/")
    assert len(browser.devtools("Page.printToPDF")["data"]) > 10_000


def test_nothing_moves_for_those_who_ask_for_rest(browser: Browser, address: str) -> None:
    moving = """return [...document.querySelectorAll('*')].filter((e) => { const style = getComputedStyle(e);
      return style.animationName !== "none" || style.transitionDuration.split(",").some((time) => parseFloat(time) > 0); }).length"""
    browser.view(DESKTOP)
    browser.open(address + SCRIPT)
    assert browser.run(moving) > 0
    browser.view(DESKTOP, prefers_reduced_motion="reduce")
    assert browser.run(moving) == 0


def test_where_the_system_forces_colours_boxes_have_borders(browser: Browser, address: str) -> None:
    browser.view(DESKTOP, forced_colors="active")
    browser.open(address + SCRIPT)
    plain = "return [...document.querySelectorAll('.cm-badge, .cm-tag, article pre')].filter((e) => getComputedStyle(e).borderTopStyle === 'none').length"
    assert browser.run("return matchMedia('(forced-colors: active)').matches") is True
    assert browser.run(plain) == 0


def test_everything_is_read_without_scripts(browser: Browser, address: str) -> None:
    # Tools that only scripts can use are no reading.
    text = (
        "const words = (e) => e ? e.innerText.replace(/\\s+/g, ' ').trim().length : 0;"
        "return words(document.querySelector('article')) - words(document.querySelector('.cmt-tools'))"
    )
    useless = "return [...document.querySelectorAll('[data-md-component=palette], .md-top')].filter((e) => e.checkVisibility()).length"
    pages = [page for page in pages_of_every_kind(bundled_site()) if page not in ("find/", "404.html")]
    browser.view(PHONE)
    for page in pages:
        browser.open(address + page)
        with_scripts = browser.run(text)
        browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        try:
            browser.open(address + page)
            assert browser.run("return document.documentElement.className") == "no-js"
            assert browser.run(text) >= 0.95 * with_scripts > 0, page
            assert browser.run(useless) == 0, page
            assert browser.run(TOO_WIDE) == [], page
        finally:
            browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


def test_no_kind_of_page_asks_another_host(browser: Browser, address: str) -> None:
    browser.view()
    browser.forget()
    for page in pages_of_every_kind(bundled_site()):
        browser.open(address + page)
        browser.run("window.scrollTo(0, document.body.scrollHeight)")
    asked = [event["request"]["url"] for event in browser.events("Network.requestWillBeSent")]
    assert len(asked) > 50
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(address).netloc}


def test_the_first_view_of_an_artifact_weighs_little(browser: Browser, address: str) -> None:
    browser.view()
    browser.open("about:blank")
    browser.devtools("Network.clearBrowserCache")
    browser.forget()
    browser.open(address + SCRIPT)
    browser.run(SETTLED)
    weights = [event["encodedDataLength"] for event in browser.events("Network.loadingFinished")]
    assert len(weights) > 5
    assert sum(weights) <= MAX_FIRST_VIEW
