"""The table of 30,000 experiment results in a real Chromium: what a reviewer does instead of opening a spreadsheet."""

import csv
import gzip
import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import DESKTOP, ENTER, ESCAPE, PHONE, TAB, Browser, browser, wait, window
from tests.requirements import corpus_folder, need
from tests.serving import served_by_nginx
from tests.table_pages import (
    INFERENCE,
    READY,
    choose,
    click,
    compared,
    count,
    downloaded,
    experiments_site,
    open_table,
    shown_rows,
    state,
)

__all__ = ["browser", "window"]  # Fixtures.
pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.corpus]

SPACE, LEFT, RIGHT = " ", "\ue012", "\ue014"
RESNET = {"f_Benchmark": "=resnet", "f_Version": "=v3.1", "f_Scenario": "=Offline", "f_Division": "=closed"}
STATUS = "return document.querySelector('p.cm-hidden[role=status]').textContent"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_nginx(need("nginx"), experiments_site(), tmp_path_factory.mktemp("table-nginx")) as served:
        yield served + INFERENCE


@pytest.fixture(scope="module")
def raw_rows() -> list[dict[str, Any]]:
    """Return the rows of the files as they are, each uid with equal content once."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(corpus_folder("cm4mlperf-results").glob("experiment/mlperf-inference*/*/cm-result.json")):
        for row in json.loads(path.read_text("utf-8")):
            found[json.dumps(row, sort_keys=True)] = row
    return list(found.values())


def best_per_watt(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the measured rows of ResNet offline datacenter v3.1 closed with power, the best per watt first."""
    wanted = {"MlperfModel": "resnet", "version": "v3.1", "Scenario": "Offline", "Division": "closed"}
    found = [
        row
        for row in rows
        if all(row[key] == value for key, value in wanted.items())
        and "datacenter" in row["SystemType"].split(",")
        and not row["inferred"]
        and row.get("Result_Power_Units") == "Watts"
        and row["Result_Units"] == "Samples/s"
    ]
    return sorted(found, key=lambda row: -row["Result"] / row["Result_Power"])


def test_a_reviewer_finds_the_best_per_watt_compares_and_exports(
    browser: Browser, address: str, raw_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    open_table(browser, address)
    for name, value in {
        "Benchmark": "resnet", "Version": "v3.1", "Scenario": "Offline", "Division": "closed", "System type": "datacenter",
        "Unit": "Samples/s", "Power": "with power",
    }.items():  # fmt: skip
        choose(browser, name, value)
    comparable = "return document.querySelector('.cmt-comparable').textContent"
    assert browser.run(comparable) == "All of them are of one comparable group."
    click(browser, "Derived metrics")
    browser.run("document.querySelector('dialog .cmt-metric input').click()")
    click(browser, "Close", "dialog")
    browser.run("document.querySelector(\"[data-held='sort Performance per watt']\").click()")
    expected = best_per_watt(raw_rows)
    assert len(expected) >= 3
    top = shown_rows(browser)[:3]
    assert [row["System"] for row in top] == [row["SystemName"] for row in expected[:3]]
    for row, raw in zip(top, expected, strict=False):
        ratio = raw["Result"] / raw["Result_Power"]
        number, unit = row["Performance per watt"].split(" ", 1)
        assert float(number.replace(",", "")) == pytest.approx(ratio, rel=1e-5)
        assert unit == "Samples/s/W"

    for place in range(2):
        browser.run("document.querySelectorAll('tr[data-row] input')[arguments[0]].click()", place)
    cells = browser.run(
        "return [...document.querySelectorAll('.cmt-compare tbody tr')].map((row) => [...row.children].map((one) => one.textContent))"
    )
    compared = {cell[0]: cell[1:] for cell in cells}
    assert compared["Result"][:2] == [f"{raw['Result']!r} Samples/s".replace(".0 ", " ") for raw in expected[:2]]
    assert "Benchmark" not in compared  # Equal in both.

    for name, text in (("inference.csv", "Export CSV"), ("inference.json", "Export JSON")):
        saved = downloaded(browser, text, tmp_path, name)
        rows = list(csv.DictReader(io.StringIO(saved))) if name.endswith("csv") else json.loads(saved)["rows"]
        assert [row["System"] for row in rows] == [raw["SystemName"] for raw in expected]
        for row, raw in zip(rows, expected, strict=True):
            assert float(row["Result"]) == raw["Result"]
            assert float(row["Performance per watt"]) == raw["Result"] / raw["Result_Power"]
            assert row["Unit"] == "Samples/s"
            assert row["Performance per watt (unit)"] == "Samples/s/W"
            assert row["Notice"] == "Result not verified by MLCommons Association."


def test_counts_filters_and_order_agree_with_the_files(
    browser: Browser, address: str, raw_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    open_table(browser, address)
    measured = [row for row in raw_rows if not row["inferred"]]
    assert count(browser) == len(measured)
    cases: list[tuple[dict[str, str | list[str]], list[dict[str, Any]]]] = [
        ({"inferred": "1"}, raw_rows),
        ({"f_Result": ">1000"}, [row for row in measured if _number(row["Result"], 1000)]),
        ({"f_Result": "10..20"}, [row for row in measured if _number(row["Result"], 10, least=True) and row["Result"] <= 20]),
        ({"f_Result": "="}, [row for row in measured if row["Result"] is None]),
        ({"f_Scenario": "line"}, [row for row in measured if "line" in row["Scenario"].lower()]),
        ({"f_Scenario": ["=Offline", "=Server"]}, [row for row in measured if row["Scenario"] in ("Offline", "Server")]),
        ({"f_System_type": "=edge"}, [row for row in measured if "edge" in row["SystemType"].split(",")]),
        ({"f_Submitter": "!nvidia", "f_Version": "=v4.0"}, [row for row in measured if "nvidia" not in row["Organization"].lower() and row["version"] == "v4.0"]),
    ]  # fmt: skip
    for parts, expected in cases:
        open_table(browser, address, state(**parts))
        assert count(browser) == len(expected), parts
    open_table(
        browser,
        address,
        state(f_Division="=closed", f_Version="=v4.0", sort="Result", dir="desc", cols="System,Result"),
    )
    rows = list(csv.DictReader(io.StringIO(downloaded(browser, "Export CSV", tmp_path, "inference.csv"))))
    expected = [row for row in measured if row["Division"] == "closed" and row["version"] == "v4.0"]
    pairs = sorted((row["SystemName"], row["Result"] or 0) for row in expected)
    assert sorted((row["System"], float(row["Result"] or 0)) for row in rows) == pairs
    values = [float(row["Result"]) for row in rows if row["Result"]]
    assert values == sorted(values, reverse=True)
    assert all(not row["Result"] for row in rows[len(values) :])  # Missing ones stand last.


def _number(value: object, low: float, *, least: bool = False) -> bool:
    return isinstance(value, int | float) and (value >= low if least else value > low)


def test_what_is_exported_is_what_is_shown(browser: Browser, address: str, tmp_path: Path) -> None:
    parts = state(
        **RESNET,
        sort="System",
        dir="asc",
        cols="System,Accuracy,Result,Mine",
        derive="Mine:([Result] - 1) * 2 / [Nodes]",
    )
    open_table(browser, address, parts)
    shown: list[dict[str, str]] = []
    pages = int(browser.run("return document.querySelector('.cmt-pager span').textContent").rsplit(" ", 1)[1])
    for _ in range(pages):
        shown += shown_rows(browser)
        if len(shown) < count(browser):
            click(browser, "Next")
    rows = list(csv.DictReader(io.StringIO(downloaded(browser, "Export CSV", tmp_path, "inference.csv"))))
    assert list(rows[0]) == ["System", "Accuracy", "Accuracy in", "Result", "Unit", "Mine", "Marks", "Notice"] or list(
        rows[0]
    ) == ["System", "Accuracy", "Result", "Unit", "Mine", "Marks", "Notice"]
    assert len(rows) == len(shown) == count(browser)
    for exported, row in zip(rows, shown, strict=True):
        assert exported["System"] == row["System"]
        assert exported["Marks"] == row["Marks"].replace("◌ ", "")
        number = row["Mine"].replace(",", "")
        assert (float(number) if number else None) == (
            pytest.approx(float(exported["Mine"]), rel=1e-5) if exported["Mine"] else None
        )


def reach(browser: Browser, held: str, most: int = 200) -> None:
    """Press Tab until the focus is on the part of the table that is called so."""
    for _ in range(most):
        browser.press(TAB)
        if browser.run("return document.activeElement.dataset.held || document.activeElement.textContent") == held:
            return
    raise AssertionError(f"no key reaches {held}")


def test_keys_alone_sort_filter_choose_columns_page_and_plot(browser: Browser, address: str) -> None:
    open_table(browser, address)
    reach(browser, "Columns")
    browser.press(ENTER)
    wait(browser, "return document.querySelector('dialog').open")
    for _ in range(60):
        browser.press(TAB)
        if browser.run("return document.activeElement.closest('label').textContent.trim().startsWith('Nodes')"):
            break
    browser.press(SPACE)
    browser.press(ESCAPE)
    wait(browser, "return document.querySelector('dialog') === null")
    assert browser.run("return document.activeElement.textContent") == "Columns"  # Where the dialog was opened.
    assert "Nodes" in shown_rows(browser)[0]
    reach(browser, "sort Submitter")
    browser.press(ENTER)
    heads = "return [...document.querySelectorAll('th[aria-sort]:not([aria-sort=none])')].map((one) => one.querySelector('.cmt-name').textContent + ' ' + one.getAttribute('aria-sort'))"
    assert browser.run(heads) == ["Submitter ascending"]
    browser.press(ENTER)
    assert browser.run(heads) == ["Submitter descending"]
    assert browser.run("return document.activeElement.dataset.held") == "sort Submitter"
    reach(browser, "filter Result")
    browser.press(*">1000", ENTER)
    assert all(float(row["Result"].split()[0].replace(",", "")) > 1000 for row in shown_rows(browser))
    assert browser.run("return document.activeElement.dataset.held") == "filter Result"
    first = shown_rows(browser)
    reach(browser, "page Next", 400)
    browser.press(ENTER)
    assert shown_rows(browser) != first
    assert "page 2 of" in browser.run(STATUS)
    assert "sorted by Submitter, descending" in browser.run(STATUS)


def test_the_state_is_restored_on_load_and_by_back_and_forward(browser: Browser, address: str) -> None:
    parts = state(
        **RESNET,
        sort="Result",
        dir="desc",
        cols="System,Result,Mine",
        plot="scatter",
        x="Nodes",
        y="Result",
        colour="Submitter",
        derive="Mine:[Result] * 2",
    )
    open_table(browser, address, parts)
    rows, notes = shown_rows(browser), "return document.querySelector('.cmt-notes').textContent"
    assert rows
    assert list(rows[0]) == ["Compare", "System", "Result", "Mine", "Marks", "Links"]
    said = browser.run(notes)
    browser.call("POST", "/refresh", {})
    wait(browser, READY)
    assert (shown_rows(browser), browser.run(notes)) == (rows, said)
    choose(browser, "Scenario", "any")
    assert count(browser) > len(rows)
    click(browser, "Reset")
    assert browser.run("return location.hash") == ""
    browser.step(-1)
    wait(browser, "return new URLSearchParams(location.hash.slice(1)).get('f.Benchmark')", "=resnet")
    browser.step(-1)
    wait(browser, "return new URLSearchParams(location.hash.slice(1)).get('f.Scenario')", "=Offline")
    assert shown_rows(browser) == rows
    browser.step(1)
    wait(browser, "return new URLSearchParams(location.hash.slice(1)).get('f.Scenario')", None)
    assert count(browser) > len(rows)


def test_rows_of_different_groups_are_not_compared(browser: Browser, address: str) -> None:
    open_table(
        browser,
        address,
        state(
            f_Benchmark=["=resnet", "=retinanet"], f_Version="=v3.1", f_Division="=closed", sort="Benchmark", dir="asc"
        ),
    )
    compared(browser, 0)
    click(browser, "Last")
    names = compared(browser, 0)
    open_table(browser, address, state(compare=names))
    refused = browser.run("return document.querySelector('.cmt-refused').textContent")
    assert refused.startswith("These two rows are not comparable")
    assert "Benchmark: resnet and retinanet" in refused
    assert browser.run("return document.querySelector('.cmt-compare')") is None


def test_results_are_seen_without_scrolling(browser: Browser, address: str) -> None:
    open_table(browser, address, state(f_Benchmark="=resnet", inferred="1"))
    ends = browser.run("""
        const box = document.querySelector(".cmt-scroll").getBoundingClientRect();
        const heads = [...document.querySelectorAll(".cmt-sort")].filter((one) => one.getBoundingClientRect().right <= box.right);
        return heads.map((one) => one.dataset.held.slice(5));
    """)
    assert ends[:3] == ["System", "Result", "Unit"]
    assert {"Submitter", "Accelerator", "Benchmark", "Scenario", "Division"} <= set(ends)


def test_on_a_phone_each_row_is_a_card_that_says_what_its_values_are(browser: Browser, address: str) -> None:
    open_table(browser, address, state(f_Benchmark="=resnet"))
    assert browser.run("return [...document.querySelectorAll('.cmt-opener')].filter((one) => one.checkVisibility()).length") == 0  # fmt: skip
    wide = shown_rows(browser)
    browser.view(PHONE)
    wait(browser, "return document.querySelector('.cmt-cards') !== null")
    assert browser.run("const box = document.querySelector('.cmt-scroll'); return box.scrollWidth - box.clientWidth") == 0  # fmt: skip
    cards = browser.run("""
        return [...document.querySelectorAll("tr[data-row]")].map((row) => Object.fromEntries([
          ["System", row.querySelector("th").textContent],
          ...[...row.querySelectorAll("td[data-label]")].map((cell) => [cell.dataset.label, cell.textContent])]));
    """)
    assert cards == [{name: text for name, text in row.items() if name not in {"Compare", "Links"}} for row in wide]
    shown = browser.run("return getComputedStyle(document.querySelector('td[data-label=Result]'), '::before').content")
    assert shown == '"Result"'
    roles = browser.run("return [...new Set([...document.querySelectorAll('.cmt-cards, .cmt-cards *')].map((one) => one.getAttribute('role')))].sort()")  # fmt: skip
    assert {"cell", "columnheader", "row", "rowgroup", "rowheader", "table"} <= set(roles)
    reach(browser, "Sort and filter")
    browser.press(ENTER)
    beside = browser.run("""
        const seen = (query) => [...document.querySelectorAll(query)].filter((one) => one.checkVisibility());
        const filters = seen(".cmt-filters input"), middle = (one) => { const box = one.getBoundingClientRect(); return box.top + box.height / 2; };
        return seen(".cmt-cards thead th").map((head) =>
          [head.querySelector(".cmt-name").textContent, filters.find((one) => Math.abs(middle(one) - middle(head)) < 12).getAttribute("aria-label")]);
    """)
    assert len(beside) >= 9
    assert all(label == f"Filter {name}" for name, label in beside)
    reach(browser, "sort Result")
    browser.press(ENTER)
    assert browser.run("return document.querySelector('.cmt-opener').textContent") == "Sort and filter (Result ▼)"
    reach(browser, "filter Submitter")
    browser.press(*"nvidia", ENTER)
    assert {row["Submitter"] for row in shown_rows(browser)} == {"NVIDIA"}
    browser.view(DESKTOP)
    wait(browser, "return document.querySelector('.cmt-cards') === null")
    assert browser.run("return document.querySelectorAll('td[data-label]').length") == 0
    assert list(shown_rows(browser)[0])[:3] == ["Compare", "System", "Result"]


def test_pictures_say_what_they_mix_and_what_they_leave_out(browser: Browser, address: str) -> None:
    notes = "return [...document.querySelectorAll('.cmt-notes li')].map((one) => one.textContent).join(' ')"
    open_table(browser, address, state(plot="scatter", x="Watts", y="Result"))
    said = browser.run(notes)
    assert "left out, not taken as zero." in said
    assert "Different units on one axis: Result is in " in said
    assert "Only rows of the same group may be compared." in said
    open_table(
        browser,
        address,
        state(**RESNET, f_System_type="=datacenter", f_Power="=with power", plot="fronts", x="Watts", y="Result"),
    )
    said = browser.run(notes)
    assert "none misses Watts or Result." in said
    assert "Different" not in said
    assert browser.run("return document.querySelectorAll('.cmt-front').length") == 1
    assert browser.run("return document.querySelectorAll('.cmt-arrow').length") == 2
    path = browser.run("return document.querySelector('.cmt-front').getAttribute('d')")
    corners = [tuple(map(float, pair.split())) for pair in path.removeprefix("M").split("L")]
    assert all(one[0] == two[0] or one[1] == two[1] for one, two in itertools.pairwise(corners))  # Steps.
    twin = browser.run(
        "return [...document.querySelectorAll('.cmt-twin tbody tr')].map((row) => row.children[1].textContent)"
    )
    watts = [float(text.replace(",", "")) for text in twin]
    assert watts == sorted(watts)
    for kind in ("bars", "versions"):
        open_table(
            browser, address, state(f_Benchmark="=resnet", f_Scenario="=Offline", f_Unit="=Samples/s", plot=kind)
        )
        assert browser.run("return document.querySelectorAll('.cmt-svg path, .cmt-svg rect').length") > 2, kind


def test_systems_not_on_sale_are_ranked_on_demand(
    browser: Browser, address: str, raw_rows: list[dict[str, Any]]
) -> None:
    kinds: dict[str, set[str]] = {}
    for row in raw_rows:
        if (
            row["version"] == "v3.1"
            and row["Division"] == "closed"
            and not row["inferred"]
            and row["accelerators_per_node"]
        ):
            kinds.setdefault(row["SystemName"], set()).add(row["Availability"])
    system = min(name for name, found in kinds.items() if found == {"preview"})
    notes = "return [...document.querySelectorAll('.cmt-notes li')].map((one) => one.textContent).join(' ')"
    ranked = "return document.querySelectorAll('.cmt-twin tbody tr').length"
    parts = {"f_System": f"={system}", "f_Version": "=v3.1", "f_Division": "=closed", "plot": "fronts", "x": "Accelerators", "y": "Result", "xbetter": "lower"}  # fmt: skip
    open_table(browser, address, state(**parts))
    assert "(preview, RDI, research) are in no front; filter by Availability to rank them." in browser.run(notes)
    assert browser.run(ranked) == 0
    open_table(browser, address, state(**parts, f_Availability="=preview"))
    assert "filter by Availability" not in browser.run(notes)
    assert browser.run(ranked) > 0


def test_keys_go_through_the_points_of_a_picture(browser: Browser, address: str) -> None:
    open_table(
        browser,
        address,
        state(
            **RESNET,
            f_System_type="=datacenter",
            f_Power="=with power",
            plot="scatter",
            x="Watts",
            y="Result",
            cols="System,Watts",
        ),
    )
    browser.run("document.querySelector('.cmt-canvas').focus()")
    readout = "return document.querySelector('.cmt-readout').textContent"
    said = []
    for _ in shown_rows(browser):
        browser.press(RIGHT)
        said.append(browser.run(readout))
    systems = sorted((float(row["Watts"].replace(",", "")), row["System"]) for row in shown_rows(browser))
    assert [text.split(": ")[0] for text in said] == [system for _, system in systems]  # From left to right.
    assert "Watts" in said[0]
    browser.press(ENTER)
    assert systems[-1][1] in browser.run("return document.querySelector('[aria-label=Comparison]').textContent")
    browser.press(LEFT)  # The picture stands, and one goes on from the same point.
    assert browser.run(readout).startswith(systems[-2][1])
    browser.press(ENTER)
    assert browser.run("return document.querySelectorAll('.cmt-compare').length") == 1


def test_inferred_rows_come_on_demand_and_are_marked_by_shape_and_word(browser: Browser, address: str) -> None:
    open_table(
        browser, address, state(f_Version="=v3.1", f_Scenario="=Offline", plot="scatter", x="Accuracy", y="Result")
    )
    assert all("inferred" not in row["Marks"] for row in shown_rows(browser))
    assert "inferred rows are not among them" in browser.run("return document.querySelector('.cmt-count').textContent")
    assert browser.run("return document.querySelector('.cmt-points--ring')") is None
    browser.run(
        "[...document.querySelectorAll('label')].find((one) => one.textContent.includes('Inferred rows')).click()"
    )
    assert browser.run("return document.querySelector('.cmt-points--ring') !== null")
    assert "inferred" in browser.run("return document.querySelector('.cmt-legend').textContent")
    open_table(browser, address, state(f_Inferred="1", inferred="1"))
    assert all("◌ inferred" in row["Marks"] for row in shown_rows(browser))


def test_a_row_links_to_source_commit_and_experiment(browser: Browser, address: str) -> None:
    open_table(browser, address, state(**RESNET))
    links = browser.run(
        "return [...document.querySelector('tr[data-row] .cmt-links').children].map((one) => [one.textContent, one.href])"
    )
    found = dict(links)
    assert found["source"].startswith("https://github.com/mlcommons/")
    assert "/a/" in found["experiment"]
    browser.open(found["experiment"])
    assert browser.run("return document.querySelector('h1').textContent").startswith("mlperf-inference")


def test_all_pages_and_data_of_the_tables_weigh_less_than_a_megabyte() -> None:
    folder = experiments_site() / "results" / "experiments"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 30
    assert sum(len(gzip.compress(path.read_bytes(), 6, mtime=0)) for path in files) < 1_000_000
