"""The page find/, the box that leads to it and the 404 page, in a real Chromium before a real nginx."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import ENTER, ESCAPE, PHONE, TAB, Browser, browser, wait, window
from tests.memory_tree import CMR
from tests.requirements import CHECKOUT, need, once
from tests.serving import served_by_nginx
from tests.test_build import build
from tests.test_finding import cm4mlops_site

__all__ = ["browser", "window"]  # Fixtures.
EXPECTED = ("404 (Not Found)",)
pytestmark = [pytest.mark.browser, pytest.mark.server]

WAIT_S = 90.0
DOWN, UP, BACKSPACE = "\ue015", "\ue013", "\ue003"
COUNT = "return document.getElementById('find-count').textContent"
NAMES = "return Array.from(document.querySelectorAll('#find-list .cm-list__name'), function (link) { return link.textContent; })"
FOCUS = "var e = document.activeElement; return e.id || e.textContent"


@pytest.fixture(scope="module")
def site() -> Path:
    def make(folder: Path) -> None:
        assert build(CHECKOUT / "registry/registry.yml", folder / "site").returncode == 0

    return once("browser-site", make) / "site"


@pytest.fixture(scope="module")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_nginx(need("nginx"), site, tmp_path_factory.mktemp("find-nginx")) as address:
        yield address


def find(browser: Browser, address: str) -> None:
    """Open the page find/ at an address and wait until it has read the index."""
    browser.open(address)
    wait(
        browser,
        "return !document.getElementById('find').hidden && !document.getElementById('find-without').offsetHeight",
    )


def place(browser: Browser) -> str:
    text: str = browser.run("return location.pathname + location.search")
    return text


def click(browser: Browser, selector: str, text: str) -> None:
    script = "Array.from(document.querySelectorAll(arguments[0])).find(function (e) { return e.textContent === arguments[1]; }.bind(null)).click()"
    script = "var wanted = arguments[1]; " + script.replace("arguments[1]", "wanted")
    browser.run(script, selector, text)


def test_from_the_box_in_the_header_over_a_facet_to_an_artifact(browser: Browser, address: str) -> None:
    browser.open(address + "install/")
    browser.press("/")
    assert browser.run(FOCUS) == "cm-search-field"
    browser.press(*"wine", ENTER)
    wait(browser, "return location.pathname + location.search", "/find/?q=wine")
    wait(browser, "return document.querySelectorAll('#find-list .cm-list__name').length > 3")
    everything = browser.run(NAMES)
    assert everything[0] == "wine"
    count = browser.run(
        "return document.querySelector('[data-choice=\"automation=script\"]').nextElementSibling.textContent"
    )
    click(browser, ".cm-find__value", "script")
    assert place(browser) == "/find/?q=wine&automation=script"
    scripts = browser.run(NAMES)
    assert len(scripts) == int(count) < len(everything)
    assert "get-dataset-wine" in scripts
    click(browser, "#find-list a", "get-dataset-wine")
    wait(browser, "return location.pathname", "/a/cmsite-examples/script/get-dataset-wine/")
    assert browser.run("return document.querySelector('h1').textContent.trim()").startswith("get-dataset-wine")


def test_the_state_stands_in_the_address(browser: Browser, address: str) -> None:
    find(browser, address + "find/?q=wine&automation=script&tag=dataset&tag=-breast-cancer")
    found = browser.run(NAMES)
    assert found == ["get-dataset-wine"]
    chosen = "return Array.from(document.querySelectorAll('#find-chosen a'), function (a) { return a.textContent; })"
    assert browser.run(chosen) == ["Automation: script ✕", "tag: dataset ✕", "without: breast-cancer ✕"]
    browser.call("POST", "/refresh", {})
    wait(browser, NAMES, found)
    click(browser, "#find-chosen a", "Automation: script ✕")
    assert place(browser) == "/find/?q=wine&tag=dataset&tag=-breast-cancer"
    assert len(browser.run(NAMES)) > 1
    browser.step(-1)
    wait(browser, NAMES, found)
    assert place(browser) == "/find/?q=wine&automation=script&tag=dataset&tag=-breast-cancer"
    browser.step(1)
    wait(browser, "return location.search", "?q=wine&tag=dataset&tag=-breast-cancer")
    browser.press("/", *"data")
    wait(browser, "return location.search", "?q=data&tag=dataset&tag=-breast-cancer")
    browser.open(address + "install/")
    browser.step(-1)
    wait(
        browser,
        "return document.getElementById('find-words') && document.getElementById('find-words').value.trim()",
        "data",
    )


def test_a_choice_can_be_opened_as_any_link(browser: Browser, address: str) -> None:
    find(browser, address + "find/?q=wine")
    links = browser.run(
        "return Array.from(document.querySelectorAll('.cm-find__value, .cm-find__without'), function (a) { return a.href; })"
    )
    tag = browser.run("return document.querySelector('.cm-find__without').parentNode.firstChild.textContent")
    assert f"{address}find/?q=wine&automation=script" in links
    assert {f"{address}find/?q=wine&tag={tag}", f"{address}find/?q=wine&tag=-{tag}"} <= set(links)


def test_everything_by_keyboard(browser: Browser, address: str) -> None:
    find(browser, address + "find/")
    assert browser.run(FOCUS) == "find-words", "nothing is asked yet, so typing begins at once"
    everything = browser.run(COUNT)
    browser.press(*"get/dataset")
    assert browser.run("return document.getElementById('find-words').value") == "get/dataset", "`/` is typed in a field"
    stops = "return Array.from(document.querySelectorAll('#find-page-list a, #find-list a'), function (a) { return a.textContent; })"
    first, second = browser.run(stops)[:2]
    browser.press(DOWN)
    assert browser.run(FOCUS) == first
    browser.press(DOWN)
    assert browser.run(FOCUS) == second
    browser.press(UP, UP)
    assert browser.run(FOCUS) == "find-words"
    browser.press(ESCAPE)
    assert (browser.run(COUNT), place(browser)) == (everything, "/find/")
    browser.press(TAB, TAB)
    browser.press("s")
    assert browser.run(FOCUS) == "find-words"
    browser.press(*"wine", DOWN, ENTER)
    wait(browser, "return location.pathname !== '/find/'")


def test_a_facet_keeps_the_focus_and_a_screen_reader_hears_the_count(browser: Browser, address: str) -> None:
    find(browser, address + "find/?q=wine")
    assert browser.run("return document.getElementById('find-status').getAttribute('role')") == "status"
    browser.run("document.querySelector('[data-choice=\"tag=dataset\"]').focus()")
    browser.press(ENTER)
    wait(browser, "return document.getElementById('find-status').textContent", browser.run(COUNT))
    assert browser.run(
        "return document.getElementById('find').contains(document.activeElement) || document.activeElement.id"
    ) in {True, "find-words"}


def test_hand_written_pages_are_found_too(browser: Browser, address: str) -> None:
    find(browser, address + "find/?q=exit+codes")
    wait(browser, "return !document.getElementById('find-pages').hidden")
    shown = browser.run("return document.getElementById('find-page-list').textContent")
    assert shown.startswith("Exit codes")
    assert "<" not in shown
    browser.run("document.querySelector('#find-page-list a').click()")
    wait(browser, "return location.pathname !== '/find/' && document.body.textContent.includes('Exit codes')")


def test_without_javascript_the_box_leads_to_lists(browser: Browser, address: str) -> None:
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(address + "install/")
    shown = "return Array.from(document.querySelectorAll('#find-without a'), function (a) { return a.getAttribute('href'); })"
    form = "var f = document.querySelector('form.cm-search'); return [f.action, f.method, f.elements[0].name, f.offsetWidth > 100]"
    assert browser.run(form) == [address + "find/", "get", "q", True]
    browser.open(address + "find/?q=wine")
    assert {"../automation/", "../repository/", "../tag/", "../uid/"} <= set(browser.run(shown))
    assert browser.run(
        "return document.getElementById('find-without').offsetHeight > 0 && !document.getElementById('find').offsetHeight"
    )
    assert "needs JavaScript" in browser.run("return document.getElementById('find-why').textContent")
    browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("width", [320, PHONE[0]])
def test_at_phone_width_an_icon_leads_to_the_page(browser: Browser, address: str, width: int) -> None:
    browser.view((width, PHONE[1]))
    browser.open(address + "install/")
    assert browser.run(
        "return [document.querySelector('.cm-search').offsetWidth, document.querySelector('.cm-search__link').offsetWidth > 20]"
    ) == [0, True]
    browser.press("/")
    wait(browser, "return location.pathname", "/find/")
    find(browser, address + "find/?q=wine")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert len(browser.run(NAMES)) > 3
    click(browser, ".cm-find__value", "script")
    assert "get-dataset-wine" in browser.run(NAMES)


def test_from_a_folder_the_page_says_why_it_cannot_search(browser: Browser, site: Path) -> None:
    browser.open((site / "install/index.html").as_uri())
    browser.press("/", *"wine", ENTER)
    wait(browser, "return location.pathname.endsWith('/find/index.html') && location.search", "?q=wine")
    assert "opened from a folder" in browser.run("return document.getElementById('find-why').textContent")
    assert browser.run("return document.getElementById('find-without').offsetHeight > 0")


def test_a_server_that_unpacks_for_the_browser(browser: Browser, site: Path, tmp_path: Path) -> None:
    packed = "location ~ [.]gz$ { gzip off; default_type application/json; types {} add_header Content-Encoding gzip; }"
    with served_by_nginx(need("nginx"), site, tmp_path, more=packed) as address:
        find(browser, address + "find/?q=wine")
        assert browser.run(NAMES)[0] == "wine"


def test_a_damaged_index_is_told_and_the_lists_stay(browser: Browser, site: Path, tmp_path: Path) -> None:
    missing = "location /cm-index/v1/b/ { return 403; }"
    with served_by_nginx(need("nginx"), site, tmp_path, more=missing) as address:
        browser.open(address + "find/?q=wine")
        wait(browser, "return document.getElementById('find-why').textContent.includes('could not be read')")
        assert browser.run("return document.getElementById('find-without').offsetHeight > 0")
    assert any("403" in text for text in browser.complaints())


def test_a_wrong_address_offers_what_is_near(browser: Browser, address: str) -> None:
    for wrong in ("a/cmsite-examples/script/get-datset-wine/", "get-dataset-wine", "x/y/z/dataset_wine.html"):
        browser.open(address + wrong)
        wait(browser, "var box = document.getElementById('missing-near'); return !!box && !box.hidden")
        near = browser.run(
            "return Array.from(document.querySelectorAll('#missing-list a'), function (a) { return a.href; })"
        )
        assert near[0] == f"{address}a/cmsite-examples/script/get-dataset-wine/", wrong
    browser.run("document.getElementById('missing-words').form.requestSubmit()")
    wait(browser, "return location.pathname", "/find/")


def test_a_wrong_address_without_javascript_shows_lists_and_a_field(browser: Browser, address: str) -> None:
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(address + "a/no/such/thing/")
    links = browser.run("return Array.from(document.querySelectorAll('article a'), function (a) { return a.href; })")
    assert {address + name for name in ("automation/", "repository/", "tag/", "uid/")} <= set(links)
    assert browser.run("return document.querySelector('article form').action") == address + "find/"
    assert browser.run("return document.styleSheets.length > 2")
    browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


def test_what_a_meta_holds_stays_text(browser: Browser, tmp_path: Path) -> None:
    evil = '<img src=x onerror="document.title=1">'
    files = {
        "registry.yml": "title: Evil\nregistry_id: 0123456789abcdef0123456789abcdef\nsources: [{folder: artifacts}]\n",
        "artifacts/cmr.yaml": CMR,
        "artifacts/script/one/_cm.yaml": (
            f"alias: one\nuid: 0123456789abcdef\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\n"
            f"name: '{evil} one'\ntags: ['{evil}', '-dash', 'a&tag=b', 'javascript:alert(1)', '\u202eevil']\n"
        ),
        "docs/index.md": f"# Home `{evil}` page\n\nOne `{evil}` text.\n",
        "mkdocs.yml": "site_name: Evil\ntheme: {name: material, font: false}\nplugins: [cmsite]\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert build(tmp_path / "registry.yml", tmp_path / "site").returncode == 0
    with served_by_nginx(need("nginx"), tmp_path / "site", tmp_path) as address:
        find(browser, address + "find/?q=one")
        wait(browser, "return !document.getElementById('find-pages').hidden")
        assert browser.run("return [document.querySelectorAll('article img').length, document.title === '1']") == [
            0,
            False,
        ]
        assert evil in browser.run("return document.getElementById('find-list').textContent")
        assert evil in browser.run("return document.getElementById('find-page-list').textContent")
        click(browser, ".cm-find__value", "a&tag=b")
        assert place(browser) == "/find/?q=one&tag=a%26tag%3Db"
        assert len(browser.run(NAMES)) == 1
        click(browser, ".cm-find__value", evil)
        assert len(browser.run(NAMES)) == 1
        find(browser, place_with(address, "tag=javascript:alert(1)&automation=<script>&shown=1e9&q=" + "x" * 3000))
        assert "Nothing found" in browser.run(COUNT)


def place_with(address: str, query: str) -> str:
    return f"{address}find/?{query}"


@pytest.mark.corpus
def test_a_real_corpus(browser: Browser, tmp_path: Path) -> None:
    with served_by_nginx(need("nginx"), cm4mlops_site(), tmp_path) as address:
        find(browser, address + "find/?q=coco+dataset")
        assert browser.run(NAMES)[:2] == ["get-dataset-coco", "get-dataset-coco2014"]
        find(browser, address + "find/?q=cuda+nothing-like-this")
        assert "none has all of them" in browser.run(COUNT)
        find(browser, address + "find/?q=detct-oss")
        assert "detect-os" in browser.run("return document.getElementById('find-list').textContent")
        find(browser, address + "find/")
        assert browser.run(COUNT) == "346 artifacts"
        assert len(browser.run(NAMES)) == 30
        browser.run("document.getElementById('find-more').click()")
        assert (len(browser.run(NAMES)), place(browser)) == (90, "/find/?shown=90")
        for link in browser.run(
            "return Array.from(document.querySelectorAll('#find-list a'), function (a) { return a.pathname; })"
        ):
            assert (cm4mlops_site() / link.strip("/") / "index.html").is_file()
