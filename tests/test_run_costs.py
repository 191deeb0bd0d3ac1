"""Time, memory and exit code of runs: on the page of the paper in columns that some run has, and in runs.csv."""

import re
from pathlib import Path
from typing import Any

import pytest

from cmsite.results.reading import read_reproduction
from tests.chromium import PHONE, chromium
from tests.requirements import CHECKOUT
from tests.test_build import build
from tests.test_paper_pages import HERE, beside, changed, page, rows
from tests.test_results import REPRODUCTION_YAML, meta, paper

COSTS = {"wall_s": 48.793675, "processor_s": 0.0042, "peak_memory_bytes": 110_900_000, "exit_code": 3}


def runs(*costs: dict[str, Any]) -> list[dict[str, Any]]:
    (first, *_) = meta(REPRODUCTION_YAML)["reproduction"]["runs"]
    return [{**first, "uid": f"{number:016x}", **cost} for number, cost in enumerate(costs)]


def table(html: str) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the cells of the costs."""
    text = html.partition('class="cmr-facts cmr-runs')[2].partition("</table>")[0]
    heads = re.findall('<th scope="col">(.*?)</th>', text)
    cells = [re.findall('<td class="cmr-cost" data-label="(.*?)"><div>(.*?)</div>', row) for row in text.split("<tr>")]
    return heads[4:-1], [[f"{name}: {re.sub('<.*?>', '', value)}" for name, value in row] for row in cells[2:]]


def test_the_table_has_the_columns_that_some_run_has():
    heads, cells = table(page(paper(), changed(runs=runs(COSTS, {"wall_s": 4000}))))
    assert heads == ["Time", "Processor time", "Peak memory", "Exit code"]
    assert cells == [
        ["Time: 49 s", "Processor time: 4.2 ms", "Peak memory: 110.9 MB", "Exit code: 3"],
        ["Time: 66 min 40 s", "Processor time: not recorded", "Peak memory: not recorded", "Exit code: not recorded"],
    ]
    assert table(page(paper(), changed(runs=runs({"exit_code": 0}))))[0] == ["Exit code"]
    assert table(page(paper(), changed(runs=runs({})))) == ([], [[]])


def test_the_export_has_the_numbers_as_the_record_spells_them():
    one, other = rows(beside(paper(), changed(runs=runs(COSTS, {})))[f"{HERE}runs.csv"])
    assert {name: one[name] for name in COSTS} == {name: str(value) for name, value in COSTS.items()}
    assert {other[name] for name in COSTS} == {""}


@pytest.mark.parametrize(
    ("costs", "pointer", "words"),
    [
        ({"wall_s": "soon"}, "/reproduction/runs/0/wall_s", "wall_s is 'soon', which is no finite number"),
        ({"processor_s": float("nan")}, "/reproduction/runs/0/processor_s", "which is no finite number"),
        ({"peak_memory_bytes": -1}, "/reproduction/runs/0/peak_memory_bytes", "must be a whole number of 0 or more"),
        ({"exit_code": True}, "/reproduction/runs/0/exit_code", "must be a whole number such as 0"),
        ({"exit_code": 10**30}, "/reproduction/runs/0/exit_code", "must be a whole number such as 0"),
    ],
)
def test_what_is_no_cost_is_found_at_its_place_and_breaks_no_page(costs: dict[str, Any], pointer: str, words: str):
    record = changed(runs=runs(costs))
    (found,) = [finding for finding in read_reproduction(record).findings if finding.pointer == pointer]
    assert words in found.message
    assert "cmr-runs" in page(paper(), record)


@pytest.mark.browser
def test_the_columns_fit_a_phone_and_paper(tmp_path: Path):
    site = tmp_path / "site"
    assert build(CHECKOUT / "registry/registry.yml", site).returncode == 0
    with chromium(tmp_path) as browser:
        browser.view(PHONE)
        browser.open((site / "paper/aeberhard-1992-wine/index.html").as_uri())
        assert browser.run("return document.documentElement.scrollWidth") == PHONE[0]
        shown = browser.run(
            "const cell = document.querySelector('.cmr-runs--costs .cmr-cost');"
            "return [getComputedStyle(cell, '::before').content, cell.innerText.trim()]"
        )
        assert shown == ['"Time"', "49 s"]
        browser.view((718, 1000), medium="print")
        wide = browser.run(
            "return [...document.querySelectorAll('.cmr-runs--costs')].every(table =>"
            " table.scrollWidth <= table.parentElement.clientWidth + 1 && getComputedStyle(table).display === 'table')"
        )
        assert wide is True
