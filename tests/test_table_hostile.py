"""Table pages against what an attacker writes into rows and addresses, and for everyone: axe, 320 pixels, paper, folders,
no scripts, data that cannot be read."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import DESKTOP, PHONE, Browser, browser, wait, window
from tests.requirements import need
from tests.serving import served_by_nginx
from tests.table_pages import (
    HOSTILE_COLUMNS,
    INFERENCE,
    STRANGE,
    click,
    compared,
    count,
    downloaded,
    experiments_site,
    hostile_rows,
    hostile_site,
    open_table,
    shown_rows,
    state,
)
from tests.test_accessibility import AXE, SETTLED, TOO_WIDE, axe_findings

__all__ = ["browser", "window"]  # Fixtures.
pytestmark = [pytest.mark.browser, pytest.mark.server]

STATUS = "return document.querySelector('p.cm-hidden[role=status]').textContent"
LEFT_OUT = "return document.querySelector('.cmt-tools .cm-note').textContent"
PLOTTED = {"f_Version": "=v3.1", "f_Division": "=closed", "x": "Watts", "y": "Result", "colour": "Scenario", "shape": "Submitter"}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site, page = hostile_site()
    with served_by_nginx(need("nginx"), site, tmp_path_factory.mktemp("hostile-table-nginx")) as served:
        yield served + page


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_nginx(need("nginx"), experiments_site(), tmp_path_factory.mktemp("table-nginx")) as served:
        yield served + INFERENCE


def test_hostile_columns_and_cells_are_text_and_nothing_else(browser: Browser, hostile: str, tmp_path: Path) -> None:
    names = ["System", "Result", *HOSTILE_COLUMNS]
    escaped = ",".join(name.replace("%", "%25").replace(",", "%2C") for name in names)
    open_table(browser, hostile, state(cols=escaped, sort="__proto__", dir="asc"))
    assert browser.run("return window.hacked") is None
    assert browser.run("return ({}).System === undefined && Object.keys(Object.prototype).length") == 0
    shown = shown_rows(browser)
    assert list(shown[0]) == ["Compare", *names, "Marks", "Links"]
    assert browser.run("return document.querySelectorAll('#cm-table :is(img, script, b)').length") == 0
    assert browser.run("return [...document.querySelectorAll('#cm-table a')].filter((a) => a.protocol === 'javascript:').length") == 0  # fmt: skip
    for name in HOSTILE_COLUMNS:
        browser.run("[...document.querySelectorAll('.cmt-sort')].find((one) => one.dataset.held === 'sort ' + arguments[0]).click()", name)  # fmt: skip
        assert len(shown_rows(browser)) == len(shown), name
        for plot in ("scatter", "bars", "versions", "fronts"):
            open_table(browser, hostile, state(cols=escaped, plot=plot, x=name, y="Result", colour=name, shape=name, f_Result=">1"))  # fmt: skip
            assert count(browser) > 0
        open_table(browser, hostile, state(cols=escaped))
    assert browser.run("return window.hacked") is None
    name = next(path.name for path in tmp_path.iterdir()) if any(tmp_path.iterdir()) else ""
    assert name == ""
    table = browser.run("return JSON.parse(document.getElementById('cm-table-about').textContent).table")
    text = downloaded(browser, "Export CSV", tmp_path, f"{table}.csv")
    head, *rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [one.lstrip("'") for one in head[: len(names)]] == names or set(names) <= {one.lstrip("'") for one in head}
    cells = {cell for row in rows for cell in row}
    assert not {cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r")}
    assert "'=1+1" in cells
    assert len(rows) == len(hostile_rows()) == count(browser)
    exported = json.loads(downloaded(browser, "Export JSON", tmp_path, f"{table}.json"))["rows"]
    assert all(set(HOSTILE_COLUMNS) <= set(row) for row in exported)
    assert {row["constructor"] for row in exported} <= {*(row["constructor"] for row in hostile_rows()), None} | {str(row["constructor"]) for row in hostile_rows()}  # fmt: skip


def test_a_state_made_by_an_attacker_is_left_out_and_named(browser: Browser, hostile: str) -> None:
    deep = "(" * 1000 + "1" + ")" * 1000
    cases = {
        "x=" + "a" * 10_000: "longer than 8,000 characters",
        state(sort="nothing"): "“sort”: there is no column “nothing”",
        state(f_nothing="1"): "“f.nothing”: there is no such column",
        state(page="99999999999999999999"): "“page”: expected the number of a page",
        state(page="-1"): "“page”: expected the number of a page",
        state(page="9999"): "There is no page 9,999; the last is ",
        state(derive="deep:" + deep): "“derive”: the expression cannot be read: it has 2,001 characters".replace(
            ",", ""
        ),
        state(derive="deep:" + "(" * 21 + "1" + ")" * 21): "more than 20 levels",
        state(derive="code:alert(1)"): "the expression cannot be read: expected a number",
        state(derive="System:1"): "there is a column “System” already",
        state(derive="text:[System] * 2"): "[System] is no column of numbers",
        state(cols="a,b,Result"): "“cols”: there is no column “a” (and 1 more)",
        state(compare="1,2"): "“compare”: “1” is the number of a row, which changes with the data",
        state(compare="r00000000000"): "“compare”: no row is called “r00000000000”: the data changed",
        state(compare="<img src=x onerror=window.hacked=1>"): "“compare”: expected the names of two rows, such as r",
        state(compare="__proto__,constructor"): "“compare”: expected the names of two rows",
        state(compare="," * 500): "“compare”: expected the names of two rows",
        state(plot="pie"): "“plot”: expected scatter or bars",
        state(hasOwnProperty="1", __proto__="2"): "“hasOwnProperty”: nothing of this page is called so",
        state(group="<img src=x onerror=window.hacked=1>"): "there is no comparable group",
        "%E0%A4%A=1&sort=%": "Left out",
        "&".join(f"k{number}=1" for number in range(600)): "and 596 more",
    }
    for parts, expected in cases.items():
        open_table(browser, hostile, parts)
        assert expected in browser.run(LEFT_OUT), parts[:100]
        assert expected in browser.run(STATUS), parts[:100]
        assert shown_rows(browser), parts[:100]
    assert browser.run("return window.hacked") is None
    open_table(browser, hostile, state(f_Result="abc"))
    assert "is no condition for numbers" in browser.run("return document.querySelector('.cm-tags .cmt-problem').textContent")  # fmt: skip
    assert browser.run("return document.querySelector('.cmt-filter[aria-invalid]').getAttribute('aria-label')") == "Filter Result"  # fmt: skip


def test_names_of_columns_survive_the_address(browser: Browser, hostile: str) -> None:
    escaped = STRANGE.replace("%", "%25").replace(",", "%2C")
    parts = state(cols=f"Result,{escaped}", sort=STRANGE, dir="desc")
    open_table(browser, hostile, parts)
    assert list(shown_rows(browser)[0]) == ["Compare", "Result", STRANGE, "Marks", "Links"]
    browser.run("[...document.querySelectorAll('.cmt-sort')][1].click()")
    again = browser.run("return location.hash.slice(1)")
    open_table(browser, hostile, again)
    assert list(shown_rows(browser)[0]) == ["Compare", "Result", STRANGE, "Marks", "Links"]


def test_data_that_cannot_be_read_leave_the_first_rows(browser: Browser, tmp_path: Path) -> None:
    site, page = hostile_site()
    copy = tmp_path / "copy"
    shutil.copytree(site, copy)
    folder = copy / page
    good = (folder / "data-0.js").read_text("utf-8")
    said = "return [...document.querySelectorAll('article > .cm-note')].map((one) => one.textContent).join()"
    cases = {
        good.replace("cmsite-table/1", "cmsite-table/2"): "expected the schema cmsite-table/1, got cmsite-table/2",
        good.replace('"shard":0', '"shard":7'): "its number is 7",
        good.replace('"rows":132', '"rows":131'): "has 132 of 131 rows",
        "": "expected 1 data files, got 0",
        None: "data-0.js could not be read",
    }
    with served_by_nginx(need("nginx"), copy, tmp_path) as served:
        for text, expected in cases.items():
            assert text != good
            if text is None:
                (folder / "data-0.js").unlink()
            else:
                (folder / "data-0.js").write_text(text, "utf-8")
            browser.open("about:blank")
            browser.devtools("Network.clearBrowserCache")
            browser.open(served + page)
            wait(browser, said.replace("join()", "join().includes(arguments[0] || 'The first rows stand below')"))
            assert expected in browser.run(said)
            assert browser.run("return document.querySelectorAll('#cm-table tbody tr').length") > 10
    browser.forget()  # The file that is missing on purpose.


def names_of_rows(browser: Browser, address: str) -> tuple[str, str]:
    """Return what an address calls two rows of a group, and two of different ones."""
    open_table(browser, address, state(**PLOTTED))
    near = compared(browser, 0, 1)
    open_table(browser, address, state(sort="Benchmark", dir="asc"))
    compared(browser, 0)
    click(browser, "Last")
    return near, compared(browser, 0)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("size", "dark"),
    [
        pytest.param(DESKTOP, False, id="desktop light"),
        pytest.param(PHONE, True, id="phone dark"),
        pytest.param(DESKTOP, True, id="desktop dark", marks=pytest.mark.slow),
        pytest.param(PHONE, False, id="phone light", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_in_any_state(browser: Browser, tmp_path: Path, size: tuple[int, int], dark: bool) -> None:  # noqa: FBT001
    axe = need("axe").read_text("utf-8")
    browser.view(size, dark=dark, prefers_reduced_motion="reduce")
    states = [
        "",
        state(**PLOTTED, plot="scatter", compare="NEAR", derive="Mine:[Result] * 2", cols="System,Result,Mine"),
        state(**PLOTTED, plot="fronts", inferred="1", compare="APART"),
        state(f_Benchmark="=resnet", f_Scenario="=Offline", plot="bars", f_Result=">x", sort="Result", dir="asc"),
        state(f_Benchmark="=resnet", plot="versions", colour="Submitter", nothing="1", f_System="no such system"),
    ]
    # A port of its own: the theme remembers the palette of an origin.
    with served_by_nginx(need("nginx"), experiments_site(), tmp_path) as served:
        near, apart = names_of_rows(browser, served + INFERENCE)
        for parts in (text.replace("NEAR", near).replace("APART", apart) for text in states):
            open_table(browser, served + INFERENCE, parts)
            if size == PHONE:
                click(browser, "Sort and filter" + (" (Result ▲)" if "sort=" in parts else ""))
            assert axe_findings(browser, f"{served}{INFERENCE}#{parts}", axe, dark=dark) == [], parts
        for button in ("Columns", "Derived metrics", "▾"):
            open_table(browser, served + INFERENCE)
            click(browser, button)
            browser.run(SETTLED)
            browser.devtools("Runtime.evaluate", expression=axe)
            assert browser.run(AXE) == [], button


@pytest.mark.corpus
@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(browser: Browser, address: str, width: int) -> None:
    browser.view((width, 700))
    near, _ = names_of_rows(browser, address)
    for parts in ("", state(**PLOTTED, plot="scatter"), state(plot="bars", f_Version="=v3.1"), state(**PLOTTED, plot="fronts", compare=near)):  # fmt: skip
        open_table(browser, address, parts)
        click(browser, "Sort and filter")
        browser.run(SETTLED)
        assert browser.run(TOO_WIDE) == [], parts
    click(browser, "Derived metrics")
    assert browser.run("const box = document.querySelector('dialog').getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth")  # fmt: skip


@pytest.mark.corpus
def test_paper_holds_the_rows_shown(browser: Browser, address: str) -> None:
    open_table(browser, address, state(**PLOTTED, plot="scatter", sort="Result", dir="desc"))
    browser.view(DESKTOP, medium="print")
    seen = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).length"
    assert browser.run(seen, "tr[data-row]") == 50
    assert browser.run(seen, ".cmt-svg") == 1
    assert browser.run(seen, "#cm-table :is(button.cmt-button, select, .cmt-filters input)") == 0


@pytest.mark.corpus
def test_without_scripts_there_are_rows_and_pictures(browser: Browser, address: str) -> None:
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(address)
    assert browser.run("return document.querySelectorAll('#cm-table tbody tr').length") == 50
    links = "return [...document.querySelectorAll('article a')].map((a) => a.href).filter((one) => one.endsWith('/inference/resnet/'))"
    browser.open(browser.run(links)[0])
    assert browser.run("return document.querySelectorAll('article svg').length") > 0
    assert browser.run("return document.querySelectorAll('article tbody tr').length") > 5


@pytest.mark.corpus
def test_everything_works_from_a_folder(browser: Browser, tmp_path: Path) -> None:
    address = (experiments_site() / INFERENCE / "index.html").as_uri()
    open_table(browser, address, state(f_Benchmark="=resnet", plot="scatter", sort="Result", dir="desc"))
    assert count(browser) > 100
    browser.run("document.querySelector(\"[data-held='sort Submitter']\").click()")
    assert "sort=Submitter" in browser.run("return location.hash")
    browser.step(-1)
    wait(browser, "return location.hash.includes('sort=Result')")
    rows = list(csv.DictReader(io.StringIO(downloaded(browser, "Export CSV", tmp_path, "inference.csv"))))
    assert len(rows) == count(browser)
