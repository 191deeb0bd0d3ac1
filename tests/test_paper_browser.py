"""The page of a paper in a real Chromium: on paper, without JavaScript, on the narrowest phone, by keyboard, its badges."""

import base64
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import ENTER, TAB, Browser, chromium
from tests.requirements import need
from tests.serving import served_by_nginx
from tests.site_kinds import bundled_site

pytestmark = [pytest.mark.browser, pytest.mark.server]

PAPER = "paper/wild-2012-dual-pivot-quicksort/"
A4_INCHES = (8.27, 11.69)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_nginx(need("nginx"), bundled_site(), tmp_path_factory.mktemp("nginx")) as served:
        yield served


def test_a_printed_page_has_everything_of_the_review_and_nothing_of_the_screen(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    browser.view(dark=True)
    browser.open(address + PAPER)
    shown = browser.run(
        "return [...document.querySelectorAll('.cmr-claims .cmr-verdict')].map((one) => one.innerText.split(' ').slice(1).join(' '))"
    )
    digests = browser.run("return [...document.querySelectorAll('.cmr-digest')].map((one) => one.textContent)")
    width, height = A4_INCHES
    printed = browser.devtools("Page.printToPDF", paperWidth=width, paperHeight=height, preferCSSPageSize=False)
    file = tmp_path / "page.pdf"
    file.write_bytes(base64.b64decode(printed["data"]))
    text = subprocess.run([need("pdftotext"), "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    raw = subprocess.run([need("pdftotext"), "-raw", file, "-"], capture_output=True, text=True, check=True).stdout
    words, whole = " ".join(raw.split()), "".join(raw.split())
    assert text.count("\f") <= 2 + 3 * text.count("How to run it again")
    assert shown
    assert digests
    assert all(verdict in words for verdict in shown)
    assert all(digest in whole for digest in digests)
    for part in (
        "Claims",
        "Environment",
        "Who, when, how",
        "Runs",
        "Logs and other evidence",
        "How to run it again",
        "History and disputes",
        "Cite and export",
    ):
        assert part in words
    assert "The formula leaves out a term" in words  # What is folded on a screen.
    assert "https://doi.org/10.1007/978-3-642-33090-2_71" in whole
    for part in ("Search", "Embed", "Home", "Made with"):
        assert part not in words.split("Claims")[0] + words.split("Cite and export")[1]


def test_claims_are_a_table_on_paper_and_nothing_is_wider_than_the_sheet(browser: Browser, address: str) -> None:
    browser.view((718, 1000), medium="print")
    browser.open(address + PAPER)
    assert browser.run("return getComputedStyle(document.querySelector('.cmr-claims tbody tr')).display") == "table-row"
    assert browser.run("return document.documentElement.scrollWidth") <= 718


def test_without_javascript_everything_can_be_read(browser: Browser, address: str) -> None:
    browser.view()
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.devtools("Page.navigate", url=address + PAPER)
        browser.devtools("Page.navigate", url=address + PAPER + "?again")
        root = browser.devtools("DOM.getDocument")["root"]["nodeId"]
        html = browser.devtools("DOM.getOuterHTML", nodeId=root)["outerHTML"]
    finally:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)
    assert 'class="no-js"' in html
    for part in ("✓</span> reproduced", "150829.93", "672bf354", "cmsite pull script:", "badge.svg"):
        assert part in html


def test_on_the_narrowest_phone_nothing_is_cut(browser: Browser, address: str) -> None:
    for dark in (False, True):
        browser.view((320, 640), dark=dark)
        browser.open(address + PAPER)
        assert browser.run("return document.documentElement.scrollWidth") == 320
        assert browser.run("return getComputedStyle(document.querySelector('.cmr-runs td')).display") == "grid"
        cut = "return [...document.querySelectorAll('.cmr-wrap tbody :is(td, th)')].filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1).length"
        assert browser.run(cut) == 0


def test_keys_unfold_the_reason_of_a_tolerance(browser: Browser, address: str) -> None:
    browser.view()
    browser.open(address + PAPER)
    browser.run("document.querySelector('.cmr-claims a').focus()")
    for _ in range(10):
        if browser.run("return document.activeElement.tagName") == "SUMMARY":
            break
        browser.press(TAB)
    browser.press(ENTER)
    assert browser.run("return document.activeElement.parentElement.open")


def test_badges_show_as_pictures_and_a_link_to_a_claim_leads_to_its_row(browser: Browser, address: str) -> None:
    browser.view()
    browser.forget()
    browser.open(address + PAPER)
    browser.run(
        "document.querySelector('.cmr-embed details').open = true; window.scrollTo(0, document.body.scrollHeight)"
    )
    loaded = "return Promise.all([...document.querySelectorAll('.cmr-embed img')].map((one) => one.decode().then(() => one.naturalHeight)))"
    assert set(browser.run(loaded)) == {20}
    assert browser.complaints() == []
    anchor = browser.run("return document.querySelector('.cmr-claims tbody th').id")
    browser.open(f"{address}{PAPER}#{anchor}")
    assert browser.run("return document.querySelector(':target').textContent").startswith("C1")
    browser.open(f"{address}{PAPER}C1.svg")
    assert re.match(
        "C1: reproduced.*, unverified", browser.run("return document.documentElement.getAttribute('aria-label')")
    )
