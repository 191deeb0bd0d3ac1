"""The page find/ over a tree of terms, of 17,000 records, in a real Chromium before a real nginx."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmsite.client.query import parse_query
from cmsite.client.registries import open_address
from cmsite.index.emit import emit_index
from cmsite.index.records import Record
from cmsite.outputs import OutputFolder
from tests.chromium import PHONE, Browser, browser, wait, window
from tests.index_values import record
from tests.requirements import need, once
from tests.serving import served_by_nginx
from tests.test_accessibility import axe_findings
from tests.test_find_page import FOCUS, NAMES, click, find, place, site

__all__ = ["browser", "site", "window"]  # Fixtures.
EXPECTED = ("404 (Not Found)", "403 (Forbidden)")
pytestmark = [pytest.mark.browser, pytest.mark.server]

THINGS = ("dataset", "model", "coco", "imagenet", "python", "cuda", "onnx", "runtime", "compiler", "library", "loadgen")
RECORDS = 17_000  # A list of all of them is longer than what is considered, 16,384.
HINTS = "return Array.from(document.querySelectorAll('#find-list [data-choice^=near]'), function (a) { return a.textContent; })"
# Of artifacts alone, as pages are counted behind them.
COUNT = "return document.getElementById('find-count').textContent.replace(/ and \\d+ pages?/, '')"
REQUESTED = "Network.requestWillBeSent"


def some_records() -> Iterator[Record]:
    chance = random.Random(7)
    for number in range(RECORDS):
        first, second = chance.choice(THINGS), chance.choice(THINGS)
        yield record(
            f"get-{first}-{second}-{number:05d}",
            tags=("get", first, second, "rare") if number % 100 == 0 else ("get", first, second),
            repository="team" if number % 5 else "copy",
            rank=0 if number % 5 else 1,
            automation="script" if number % 3 else "data",
            description="",
            authors=("Ada King",) if number % 1000 == 0 else (),
            has=("results",) if number % 500 == 0 else (),
        )


@pytest.fixture(scope="module")
def index() -> Path:
    def make(folder: Path) -> None:
        output = OutputFolder(folder)
        for file in emit_index(some_records(), registry_id="e" * 32):
            output.write(file)

    return once("find-tree-index", make)


@pytest.fixture(scope="module")
def address(site: Path, index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    more = f"location /cm-index/ {{ root {index}; }}"
    with served_by_nginx(need("nginx"), site, tmp_path_factory.mktemp("find-tree-nginx"), more=more) as address:
        yield address


def settled(browser: Browser) -> None:
    wait(
        browser,
        "return !document.getElementById('find').hidden && !document.getElementById('find-artifacts').hasAttribute('aria-busy')",
    )


def files_asked_for(browser: Browser) -> list[str]:
    addresses = [event["request"]["url"] for event in browser.events(REQUESTED)]
    return [address for address in addresses if "/cm-index/" in address]


def open_quietly(browser: Browser, address: str) -> None:
    find(browser, address)
    settled(browser)


def test_ten_are_shown_and_more_are_fetched(browser: Browser, address: str, index: Path) -> None:
    open_quietly(browser, address + "find/?q=coco+cuda")
    expected = open_address(index.as_uri()).search(parse_query(["coco", "cuda"]), 20)
    names = [hit.record.alias for hit in expected.hits]
    assert browser.run(NAMES) == names[:10]
    assert browser.run(COUNT).startswith(f"{expected.total:,} artifacts")
    browser.run("document.getElementById('find-more').click()")
    wait(browser, NAMES, names)
    assert (place(browser), browser.run(FOCUS)) == ("/find/?q=coco+cuda&shown=20", names[10])


def test_a_facet_tells_its_number_without_further_files(browser: Browser, address: str) -> None:
    open_quietly(browser, address + "find/?q=coco")
    browser.forget()
    number = "return document.querySelector('[data-choice=\"automation=data\"]').nextElementSibling.textContent"
    expected = browser.run(number)
    assert files_asked_for(browser) == []
    click(browser, ".cm-find__value", "data")
    wait(browser, COUNT, f"{expected} artifacts")
    lists = {path for path in files_asked_for(browser) if "/b/" in path}
    assert len(lists) <= 11, "the leaf of the key and the leaves of ten records"


def test_typing_asks_for_each_file_once_and_for_few(browser: Browser, address: str) -> None:
    open_quietly(browser, address + "find/")
    browser.forget()
    browser.press(*"imagenet python")
    wait(browser, "return location.search", "?q=imagenet+python")
    settled(browser)
    wait(browser, COUNT, browser.run(COUNT))
    asked = files_asked_for(browser)
    assert len(asked) == len(set(asked))
    whole = len(asked)
    browser.forget()
    browser.press("\ue003", "\ue003", *"on")
    wait(browser, "return location.search", "?q=imagenet+python")
    settled(browser)
    assert len(files_asked_for(browser)) <= whole, "what was read is kept"


def test_where_lists_are_too_long_the_number_is_a_lower_bound(browser: Browser, address: str, index: Path) -> None:
    open_quietly(browser, address + "find/?q=get")
    expected = open_address(index.as_uri()).search(parse_query(["get"]), 10)
    assert not expected.total_is_exact
    assert browser.run(COUNT) == f"At least {expected.total:,} artifacts"
    assert browser.run(NAMES) == [hit.record.alias for hit in expected.hits]


def test_people_results_and_excluded_tags_among_the_words(browser: Browser, address: str) -> None:
    for query, number in (("author:ada", 17), ("has:results", 34), ("has:results author:king", 17)):
        open_quietly(browser, f"{address}find/?q={query}")
        assert browser.run(COUNT) == f"{number} artifacts", query
    open_quietly(browser, address + "find/?tag=rare")
    everything = int(browser.run(COUNT).split()[0])
    open_quietly(browser, address + "find/?q=-coco&tag=rare")
    without = int(browser.run(COUNT).split()[0])
    open_quietly(browser, address + "find/?q=repository:copy+automation:Script&tag=rare&tag=coco")
    assert 0 < everything - without < everything == 170
    open_quietly(browser, address + "find/?q=has:fun")
    assert browser.run(COUNT) == "has:fun is unknown; an artifact can have results: has:results."


def test_a_misspelt_word_has_hints_that_are_links(browser: Browser, address: str) -> None:
    open_quietly(browser, address + "find/?q=Imagenrt+python")
    assert browser.run(HINTS) == ["imagenet"]
    browser.run("document.querySelector('[data-choice=\"near imagenet\"]').click()")
    wait(browser, "return location.search", "?q=imagenet+python")
    settled(browser)
    assert browser.run(HINTS) == []
    assert len(browser.run(NAMES)) == 10


def test_hints_are_those_of_the_command(browser: Browser, address: str, index: Path) -> None:
    offered = {}
    for word in (*(f"{thing[:-2]}{thing[-1]}{thing[-2]}" for thing in THINGS), "0409x", "16x99", "zzz"):
        hints = list(open_address(index.as_uri()).search(parse_query([word]), 10).hints)
        open_quietly(browser, f"{address}find/?q={word}")
        assert browser.run(HINTS) == hints, word
        offered[word] = hints
    assert (offered["pythno"], offered["runtiem"], offered["zzz"]) == (["python"], ["runtime"], [])
    assert len(offered["0409x"]) == 3


def test_nothing_asked_offers_what_is_common(browser: Browser, address: str) -> None:
    open_quietly(browser, address + "find/")
    assert browser.run(COUNT) == "17,000 artifacts. Type a word, or choose from the lists."
    click(browser, ".cm-find__value", "data")
    wait(browser, "return document.querySelectorAll('#find-list .cm-list__name').length", 10)


def test_case_73_a_missing_file_is_told_and_the_page_goes_on(
    browser: Browser, site: Path, index: Path, tmp_path: Path
) -> None:
    more = f"location /cm-index/ {{ root {index}; }} location ~ ^/cm-index/v1/b/[0-7] {{ return 404; }}"
    with served_by_nginx(need("nginx"), site, tmp_path, more=more) as address:
        browser.open(address + "find/?q=coco")
        wait(browser, "return /is not there \\(404\\), though the index names it/.test(document.body.textContent)")
        browser.open("about:blank")  # What the page still asks for would be refused once the server has ended.


def test_a_wrong_address_offers_what_is_near_in_a_tree_too(browser: Browser, address: str) -> None:
    browser.open(address + "a/team/script/get-coco-cuda/")
    wait(browser, "var box = document.getElementById('missing-near'); return !!box && !box.hidden")
    near = browser.run(
        "return Array.from(document.querySelectorAll('#missing-list a'), function (a) { return a.textContent; })"
    )
    assert all({"get", "coco", "cuda"} <= set(name.split("-")) for name in near)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, *, dark: bool) -> None:
    axe = need("axe").read_text("utf-8")
    browser.open(address)
    browser.run("localStorage.clear()")  # The palette that was shown before.
    browser.open("about:blank")
    browser.view(PHONE, dark=dark)
    for query in ("q=Imagenrt+python", "q=coco&automation=data", "q=has:fun", ""):
        open_quietly(browser, f"{address}find/?{query}")
        assert axe_findings(browser, f"{address}find/?{query}", axe, dark=dark) == [], query


def test_at_phone_width_nothing_runs_over(browser: Browser, address: str) -> None:
    browser.view(PHONE)
    open_quietly(browser, address + "find/?q=coco+cuda")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
