"""The dashboard results/ in a real Chromium, from a folder (file://): its script narrows down, compares and saves."""

import csv
import io
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.chromium import DESKTOP, ENTER, PHONE, TAB, Browser, browser, chromium, wait, window
from tests.claims_catalogue import EVIL, Fact, write_claims
from tests.requirements import need, once
from tests.serving import served_by_nginx
from tests.site_kinds import bundled_site
from tests.test_accessibility import AXE, SETTLED, STOP, TOO_WIDE
from tests.test_badges import _repository as write_articles
from tests.test_build import build

__all__ = ["browser", "window"]  # Fixtures.
pytestmark = [pytest.mark.browser, pytest.mark.server]

WAIT_S = 90.0
SPACE = " "
FACETS = ("venue", "year", "metric", "hardware", "status", "staleness", "paper")  # One value a row each.
COUNT = "return document.getElementById('results-count').textContent"
READY = "var b = document.getElementById('results-board'); return Boolean(b) && !b.hidden && document.getElementById('results-lists').hidden"
CLAIMS = "return Array.from(document.querySelectorAll('#results-rows tbody th .cmr-id'), (e) => e.textContent)"
COMPARED = "return document.getElementById('results-compare').innerText"
# The real button, with the file caught instead of saved.
SAVED = """
var button = document.getElementById("results-" + arguments[0]), make = URL.createObjectURL, blob = null;
URL.createObjectURL = function (one) { blob = one; return "#"; };
HTMLAnchorElement.prototype.click = function () {};
button.click();
URL.createObjectURL = make;
delete HTMLAnchorElement.prototype.click;
return blob ? blob.text() : null;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A built catalogue, and what each of its rows is."""

    folder: Path
    facts: tuple[Fact, ...]

    @property
    def page(self) -> str:
        return (self.folder / "results/index.html").as_uri()

    @property
    def lines(self) -> list[list[str]]:
        """Return the rows of the whole export, without its header."""
        return list(csv.reader(io.StringIO((self.folder / "results/claims.csv").read_text("utf-8"), newline="")))[1:]


def made(name: str, papers: int, claims: int) -> Site:
    def make(folder: Path) -> None:
        found = write_claims(folder / "catalogue", papers, claims)
        result = build(folder / "catalogue/registry.yml", folder / "site")
        assert result.returncode == 0, result.stderr
        names = Fact.__dataclass_fields__
        (folder / "facts.json").write_text(
            json.dumps([{name: getattr(fact, name) for name in names} for fact in found])
        )

    folder = once(name, make)
    written = json.loads((folder / "facts.json").read_text())
    facts = tuple(Fact(**{**values, "evaluator": tuple(values["evaluator"])}) for values in written)
    return Site(folder=folder / "site", facts=facts)


@pytest.fixture(scope="module")
def site() -> Site:
    return made("many-claims", 20, 7)


@pytest.fixture
def new_window(tmp_path: Path) -> Iterator[Browser]:
    """Return a window of its own: in one with the history of many tests, going back led too far."""
    with chromium(tmp_path / "new-window") as browser:
        browser.view(DESKTOP)
        yield browser
        assert browser.complaints() == []


def show(browser: Browser, place: str, **asked: object) -> None:
    """Open the dashboard in a state and wait for its script."""
    query = urlencode(asked, doseq=True)
    browser.open(f"{place}?{query}" if query else place)
    wait(browser, READY)


def saved(browser: Browser, kind: str = "csv") -> str:
    text: str = browser.run(SAVED, kind)
    return text


def query(browser: Browser) -> str:
    text: str = browser.run("return location.search")
    return text


def tick(browser: Browser, choice: str) -> None:
    script = "Array.from(document.querySelectorAll('#results-board [data-choice]')).find((e) => e.dataset.choice === arguments[0]).click()"
    browser.run(script.replace("arguments[0]", json.dumps(choice)))


def choose(browser: Browser, name: str, value: str) -> None:
    script = "var e = document.getElementById('results-' + arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('change'))"
    browser.run(script, name, value)


def test_the_writer_of_the_catalogue_tells_its_rows(site: Site) -> None:
    assert len(site.facts) == len(site.lines) > 200
    assert [line[3] for line in site.lines] == [
        f"'{fact.metric}" if fact.metric[:1] in "=+-@" else fact.metric for fact in site.facts
    ]


def test_what_is_saved_is_what_an_independent_filter_passes(browser: Browser, site: Site) -> None:
    """A property over random states: facets, words, an unknown value; all by the address, all rows of the file."""
    draw = random.Random(20260102)
    header = (site.folder / "results/claims.csv").read_text("utf-8").splitlines()[0]
    claims = json.loads((site.folder / "results/claims.json").read_text("utf-8"))["claims"]
    sizes = set()
    for _ in range(40):
        asked: dict[str, list[str]] = {}
        for name in draw.sample(FACETS, draw.choice((0, 1, 1, 2, 3))):
            values = sorted({getattr(fact, name) for fact in site.facts})
            asked[name] = draw.sample(values, min(len(values), draw.choice((1, 2, 4))))
        if draw.random() < 0.4:
            asked["evaluator"] = draw.sample(["Ann", "Bob", "", "<b>Eve</b>", "+SUM(A1)"], 2)
        verdicts = sorted({claim["verdict"] for claim in claims})
        if draw.random() < 0.3:
            asked["verdict"] = [draw.choice(verdicts)]
        words = draw.choice(("", "", "small", "CLAIM 3:", "__proto__ value", "nothing like this"))
        passing = [
            number
            for number, fact in enumerate(site.facts)
            if all(getattr(fact, name) in values for name, values in asked.items() if name in FACETS)
            and ("evaluator" not in asked or set(fact.evaluator) & set(asked["evaluator"]))
            and ("verdict" not in asked or claims[number]["verdict"] in asked["verdict"])
            and all(
                word in f"{fact.text} {fact.metric} {fact.venue} {fact.hardware}".lower()
                for word in words.lower().split()
            )
        ]
        show(browser, site.page, **asked, **({"q": words} if words else {}))
        sizes.add(len(passing))
        if not passing:
            assert "No row" in browser.run(COUNT)
            continue
        assert browser.run(COUNT).startswith(f"{len(passing)} row"), asked
        rows = list(csv.reader(io.StringIO(saved(browser), newline="")))
        assert rows == [header.split(","), *(site.lines[number] for number in passing)], asked
        assert json.loads(saved(browser, "json"))["claims"] == [claims[number] for number in passing]
    assert len(sizes) > 15


def test_everything_saved_is_byte_for_byte_the_export_of_the_builder(browser: Browser, site: Site) -> None:
    show(browser, site.page)
    for kind in ("csv", "json"):
        assert saved(browser, kind).encode() == (site.folder / f"results/claims.{kind}").read_bytes()
    assert "\r\n" in saved(browser)
    assert "'=cmd" not in saved(browser), "a venue is no field of the export"


def test_the_button_saves_a_file(browser: Browser, site: Site, tmp_path: Path) -> None:
    browser.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    show(browser, site.page, metric="time")
    browser.run("document.getElementById('results-csv').click()")
    end = time.monotonic() + WAIT_S
    while list(tmp_path.glob("*.crdownload")) or not (tmp_path / "claims.csv").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    rows = list(csv.reader(io.StringIO((tmp_path / "claims.csv").read_text("utf-8"), newline="")))
    assert len(rows) == 1 + sum(fact.metric == "time" for fact in site.facts)
    assert {row[3] for row in rows[1:]} == {"time"}


def test_the_state_stands_in_the_address_and_comes_back(new_window: Browser, site: Site) -> None:
    browser = new_window
    show(browser, site.page)
    everything = browser.run(COUNT)
    tick(browser, "venue=ESA 2012")
    tick(browser, "venue=J. Sort.")
    choose(browser, "group", "venue")
    choose(browser, "sort", "difference")
    assert query(browser) == "?venue=ESA+2012&venue=J.+Sort.&group=venue&order=difference"
    state = [browser.run(COUNT), browser.run(CLAIMS)]
    assert state[0] != everything
    headings = "return Array.from(document.querySelectorAll('#results-rows h3'), (e) => e.textContent)"
    assert browser.run(headings) == ["ESA 2012"]
    browser.call("POST", "/refresh", {})
    wait(browser, READY)
    wait(browser, COUNT, state[0])
    wait(browser, CLAIMS, state[1])
    chosen = "return Array.from(document.querySelectorAll('#results-facets input:checked'), (e) => e.dataset.choice)"
    wait(browser, chosen, ["venue=ESA 2012", "venue=J. Sort."])
    tick(browser, "page Last")
    wait(browser, headings, ["J. Sort."])
    assert query(browser).endswith("&page=4")
    chosen_venues = "?venue=ESA+2012&venue=J.+Sort."
    for before in ("&group=venue&order=difference", "&group=venue", ""):
        browser.step(-1)
        wait(browser, "return location.search", chosen_venues + before)
    boxes = "return [document.getElementById('results-group').value, document.getElementById('results-sort').value]"
    wait(browser, boxes, ["paper", ""])
    browser.run("document.getElementById('results-words').focus()")
    browser.press(*"claim 3:")
    wait(browser, "return location.search", "?q=claim+3%3A&venue=ESA+2012&venue=J.+Sort.")
    tick(browser, "chosen everything")
    assert (browser.run(COUNT), query(browser)) == (everything, "")


def test_orders_put_what_is_missing_last(browser: Browser, site: Site) -> None:
    claims = json.loads((site.folder / "results/claims.json").read_text("utf-8"))["claims"]
    for order, sign in (("difference", -1), ("verdict", 1)):
        show(browser, site.page, group="none", order=order)
        rows = json.loads(saved(browser, "json"))["claims"]
        assert len(rows) == len(claims)
        if order == "difference":
            found = [abs(row["delta"]) for row in rows if row["delta"] is not None]
            assert found == sorted(found, reverse=sign < 0)
            assert [row["delta"] is None for row in rows] == [False] * len(found) + [True] * (len(rows) - len(found))
        else:
            words = [row["verdict"] for row in rows]
            assert words[0] == "not reproduced"
            assert words[-1] == "untested"
            assert sum(one != two for one, two in pairwise(words)) == len(set(words)) - 1
    show(browser, site.page, group="none", order="newest", metric="time")
    dates = browser.run(
        "return Array.from(document.querySelectorAll('#results-rows td[data-label=By] .cm-more'), (e) => e.textContent)"
    )
    assert dates[0].startswith("2026-01-02")


def test_no_state_of_an_attacker_does_anything(browser: Browser, site: Site) -> None:
    show(
        browser,
        site.page,
        q="x" * 5000,
        venue=["no such venue", "__proto__", EVIL],
        group="constructor",
        order="__proto__",
        page="1e9",
        compare=["<script>", "__proto__", "x"],
        hasOwnProperty="1",
        **{"__proto__": "polluted", EVIL: EVIL},
    )
    assert "No row" in browser.run(COUNT)
    told = browser.run("return document.getElementById('results-ignored').textContent")
    assert "venue = no such venue" in told
    assert "group = constructor" in told
    assert "more" in told
    assert browser.run(
        "return [document.querySelectorAll('article img').length, document.title === '1', ({}).polluted || null]"
    ) == [0, False, None]
    assert browser.run("return document.getElementById('results-words').value.length") == 200
    show(browser, site.page, page="9999999")
    assert browser.run(CLAIMS)
    show(browser, site.page, page="0")
    assert "page = 0" in browser.run("return document.getElementById('results-ignored').textContent")


def test_odd_names_are_values_like_others(browser: Browser, site: Site) -> None:
    for name, value in (
        ("metric", "__proto__"),
        ("metric", "<img onerror>"),
        ("metric", "constructor"),
        ("venue", EVIL),
        ("venue", "__proto__"),
        ("venue", ""),
    ):
        show(browser, site.page)
        tick(browser, f"{name}={value}")
        assert browser.run(COUNT).startswith(f"{sum(getattr(fact, name) == value for fact in site.facts)} rows"), value
    assert browser.run("return document.querySelectorAll('article img').length") == 0


def test_counts_say_what_a_choice_would_leave(browser: Browser, site: Site) -> None:
    show(browser, site.page, venue="ESA 2012", year="1996")
    counts = "return Array.from(document.querySelectorAll('#results-facets input'), (e) => [e.dataset.choice, e.parentNode.lastChild.textContent])"
    found = dict(browser.run(counts))
    for year in {fact.year for fact in site.facts}:
        expected = sum(fact.venue == "ESA 2012" and fact.year == year for fact in site.facts)
        assert found.get(f"year={year}", "0") == str(expected)
    for metric in {fact.metric for fact in site.facts}:
        expected = sum(
            fact.venue == "ESA 2012" and fact.year == "1996" and fact.metric == metric for fact in site.facts
        )
        assert found.get(f"metric={metric}", "0") == str(expected)


def test_two_records_of_a_paper_are_compared_by_what_differs(browser: Browser, site: Site) -> None:
    show(browser, site.page, q="claim 2:", paper="Paper 1")
    boxes = "return Array.from(document.querySelectorAll('#results-rows [data-choice^=\"compare \"]'), (e) => e.dataset.choice)"
    first, second = browser.run(boxes)
    tick(browser, first)
    assert "C2 of Paper 1" in browser.run(COMPARED)
    assert "Tick another row" in browser.run(COMPARED)
    tick(browser, second)
    text = browser.run(COMPARED)
    assert "may be compared" in text
    assert "Reproduced" in text
    assert "Other claims of the paper" in text
    assert "Claimed\t" not in text, "what is equal is left out"
    raw = [
        claim["reproduced"]
        for claim in json.loads((site.folder / "results/claims.json").read_text())["claims"]
        if claim["paper"] == "p00001" and claim["claim"] == "C2"
    ]
    assert all(str(value) in text for value in raw), (raw, text)
    browser.call("POST", "/refresh", {})
    wait(browser, READY)
    assert browser.run(COMPARED) == text
    tick(browser, "compare nothing")
    assert browser.run("return document.getElementById('results-compare').hidden")
    assert "compare" not in query(browser)


def key_of(browser: Browser, site: Site, **asked: object) -> str:
    """Return the name of the first row of a state."""
    show(browser, site.page, **asked)
    choice: str = browser.run(
        "return document.querySelector('#results-rows [data-choice^=\"compare \"]').dataset.choice"
    )
    return choice.removeprefix("compare ")


def test_claims_of_two_papers_are_compared_only_where_they_measure_the_same(browser: Browser, site: Site) -> None:
    time_of_one = key_of(browser, site, paper="Paper 1", metric="time")
    time_of_two = key_of(browser, site, paper="Paper 2", metric="time")
    accuracy = key_of(browser, site, paper="Paper 2", metric="accuracy")
    show(browser, site.page, compare=[time_of_one, time_of_two])
    text = browser.run(COMPARED)
    assert "hardware" in text, "times hold for one hardware"
    show(browser, site.page, compare=[time_of_one, accuracy])
    text = browser.run(COMPARED)
    assert "not compared: the metric differs: 'time' and 'accuracy'" in text
    assert "Reproduced" not in text
    assert "About" in text


def test_keys_alone_narrow_down_and_compare(browser: Browser, site: Site) -> None:
    show(browser, site.page)
    browser.run("document.getElementById('results-words').focus()")
    browser.press(*"paper 1", TAB, TAB, TAB)
    assert browser.run("return document.activeElement.textContent").startswith("Verdict")
    browser.press(ENTER, TAB)
    name = browser.run("return document.activeElement.dataset.choice")
    assert name.startswith("verdict=")
    before = browser.run(COUNT)
    browser.press(SPACE)
    assert browser.run("return [document.activeElement.dataset.choice, document.activeElement.checked]") == [name, True]
    assert browser.run(COUNT) != before
    assert name.replace(" ", "+") in query(browser)
    wait(browser, "return document.getElementById('results-status').textContent", browser.run(COUNT))
    stops = []
    for _ in range(200):
        browser.press(TAB)
        stop = browser.run(STOP)
        if stop is None or stop["again"]:
            break
        if stop["within"]:
            stops.append(stop)
            assert (stop["named"], stop["ring"], stop["seen"]) == (True, True, True), stop
        if 'data-choice="compare ' in stop["what"]:
            browser.press(SPACE)
            assert browser.run("return document.activeElement.dataset.choice").startswith("compare ")
            break
    assert "Tick another row" in browser.run(COMPARED)
    assert len(stops) > 8


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, (320, 640)])
def test_axe_finds_nothing_in_any_state(
    browser: Browser, site: Site, tmp_path: Path, size: tuple[int, int], palette: str
) -> None:
    axe = need("axe").read_text("utf-8")
    keys = [key_of(browser, site, paper=paper, metric="accuracy") for paper in ("Paper 1", "Paper 2")]
    browser.view(size, dark=palette == "dark", prefers_reduced_motion="reduce")
    with served_by_nginx(need("nginx"), site.folder, tmp_path) as address:
        for asked in (
            {},
            {"venue": EVIL, "group": "venue"},
            {"compare": keys, "group": "none"},
            {"q": "nothing at all"},
        ):
            show(browser, f"{address}results/", **asked)
            browser.run("document.querySelectorAll('.cmr-facet').forEach((box) => { box.open = true; })")
            browser.run(SETTLED)
            browser.devtools("Runtime.evaluate", expression=axe)
            assert browser.run(AXE) == [], asked
            assert browser.run(TOO_WIDE) == [], asked


def test_without_javascript_claims_verdicts_and_gaps_are_read(browser: Browser, site: Site) -> None:
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.view(PHONE)
        browser.open(site.page)
        text = browser.run("return document.querySelector('article').innerText")
        assert browser.run("return !document.getElementById('results-board').offsetHeight")
        assert browser.run("return document.querySelectorAll('#results-lists tbody tr').length") == 100
        for expected in ("Claims by verdict", "What is missing", "Claims nobody tried", "Paper 0", "Next →"):
            assert expected in text, expected
        assert browser.run(TOO_WIDE) == []
    finally:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


def test_the_bundled_papers_on_a_server(browser: Browser, tmp_path: Path) -> None:
    with served_by_nginx(need("nginx"), bundled_site(), tmp_path) as address:
        show(browser, f"{address}results/")
        assert "in 4 papers" in browser.run(COUNT)
        for kind in ("csv", "json"):
            assert saved(browser, kind).encode() == (bundled_site() / f"results/claims.{kind}").read_bytes()
        for link in browser.run("return Array.from(document.querySelectorAll('#results-rows a'), (a) => a.pathname)"):
            assert (bundled_site() / link.strip("/") / "index.html").is_file(), link


def test_papers_without_claims_are_found_by_their_badges(browser: Browser, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    write_articles(articles)
    registry = f"title: Articles\nregistry_id: '{'0' * 32}'\nsources: [{{folder: articles}}]\n"
    (tmp_path / "registry.yml").write_text(registry)
    assert build(tmp_path / "registry.yml", tmp_path / "site").returncode == 0
    page = (tmp_path / "site/results/index.html").as_uri()
    show(browser, page)
    assert browser.run(COUNT) == "67 papers without claims."
    replicated = browser.run(
        "return Array.from(document.querySelectorAll('#results-facets input'), (e) => e.dataset.choice)"
        ".find((choice) => choice.startsWith('badge=') && choice.includes('Replicated'))"
    )
    tick(browser, replicated)
    assert browser.run(COUNT) == "50 papers without claims."
    assert "No claims declared" in browser.run("return document.getElementById('results-rows').textContent")
    assert browser.run("return document.getElementById('results-csv').disabled")
    hidden = "return Array.from(document.querySelectorAll('.cmr-facet'), (e) => e.hidden && e.firstChild.firstChild.textContent).filter(Boolean)"
    assert "Metric" in browser.run(hidden), "a facet that says nothing of any row is not shown"
    tick(browser, f"chosen {replicated.replace('badge=', 'Badge: ')}")
    show(browser, page, group="none", badge=replicated.removeprefix("badge="))
    assert browser.run(COUNT) == "50 papers without claims."
    assert browser.run("return document.querySelectorAll('#results-rows tbody tr').length") == 25


@pytest.mark.slow
def test_ten_thousand_claims_stay_quick_and_small(browser: Browser, tmp_path: Path) -> None:
    large = made("ten-thousand-claims", 400, 18)
    assert len(large.facts) > 10_000
    show(browser, large.page)
    assert browser.run("return document.querySelectorAll('#results-board *').length") < 3000
    once_more = "var t = performance.now(); document.getElementById('results-words').value = 'small'; document.getElementById('results-words').dispatchEvent(new Event('input')); return performance.now() - t"
    print(f"{len(large.facts)} rows filtered and shown in {browser.run(once_more):.0f} ms")  # noqa: T201 - a figure, not a test.
    rows = list(csv.reader(io.StringIO(saved(browser), newline="")))
    assert len(rows) == 1 + len(large.facts)
    show(browser, large.page, metric="time", group="hardware", order="difference")
    assert len(list(csv.reader(io.StringIO(saved(browser), newline="")))) == 1 + sum(
        fact.metric == "time" for fact in large.facts
    )
