"""Sites whose tables the tests of the scripts use, and what a visitor does on a table page."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.chromium import Browser, wait
from tests.requirements import corpus_folder, once
from tests.test_build import build

WAIT_S = 90.0
INFERENCE = "results/experiments/inference/"
READY = "return Boolean(document.querySelector('#cm-table.cmt'))"
# Columns and cells that an attacker would choose, and numbers that sort, missing ones among them.
STRANGE = "a,b%2C]&f.x=1"
HOSTILE_COLUMNS = ("__proto__", "constructor", "<img src=x onerror=window.hacked=1>", STRANGE, "toString", "result ü")
HOSTILE_CELLS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tcell", "</script><b>", '"q", "r"', "two\r\nlines", "<img src=x onerror=window.hacked=1>", "\u202eabc", "a")  # fmt: skip


def experiments_site() -> Path:
    """Return the site of mlcommons/cm4mlperf-results, built once in a run of the tests; nobody writes into it."""

    def make(folder: Path) -> None:
        _write_registry(folder, corpus_folder("cm4mlperf-results"))
        result = build(folder / "registry.yml", folder / "site")
        assert result.returncode == 0, result.stderr

    return once("experiments-site", make) / "site"


def hostile_rows() -> list[dict[str, Any]]:
    """Return rows of a catalogue that its author made to break the page."""
    return [
        {
            "System": f"{cell} {number}",
            "Result": (number * 7919) % 97 if number % 5 else None,
            "Units": "ms",
            "url": "javascript:window.hacked=1" if number % 2 else "https://example.org/row",
            **{name: cell if place % 2 else number + place for place, name in enumerate(HOSTILE_COLUMNS)},
        }
        for number, cell in enumerate(HOSTILE_CELLS * 12)
    ]


def hostile_site() -> tuple[Path, str]:
    """Return a built site and the address of its table of hostile rows."""

    def make(folder: Path) -> None:
        repository = folder / "repository"
        point = repository / "experiment" / "strange" / "2024-01-01"
        point.mkdir(parents=True)
        (repository / "cmr.yaml").write_text("alias: hostile\nuid: 0123456789abcdef\n")
        meta = {"alias": "strange", "uid": "0123456789abcde0", "automation_alias": "experiment", "automation_uid": "a0a2d123ef064bcb"}  # fmt: skip
        (point.parent / "_cm.json").write_text(json.dumps(meta))
        (point / "cm-result.json").write_text(json.dumps(hostile_rows()))
        _write_registry(folder, repository)
        result = build(folder / "registry.yml", folder / "site")
        assert result.returncode == 0, result.stderr

    site = once("hostile-experiments-site", make) / "site"
    (page,) = (page for page in site.glob("results/experiments/other*/index.html"))
    return site, page.relative_to(site).as_posix().removesuffix("index.html")


def _write_registry(folder: Path, source: Path) -> None:
    text = f"title: Experiments\nregistry_id: {'e' * 32}\nsources:\n  - folder: {source}\n"
    (folder / "registry.yml").write_text(text)


def state(**parts: str | list[str]) -> str:
    """Return the part of an address behind `#`; `f_System_type` is the filter of the column "System type"."""
    return urlencode([(_key(key), one) for key, value in parts.items() for one in ([value] if isinstance(value, str) else value)])  # fmt: skip


def _key(key: str) -> str:
    return f"f.{key[2:].replace('_', ' ')}" if key.startswith("f_") else key


def open_table(browser: Browser, address: str, hash_text: str = "") -> None:
    """Open a table page in a state and wait until its scripts have taken it over."""
    browser.open("about:blank")  # Another state of the open page would load nothing.
    browser.open(f"{address}#{hash_text}" if hash_text else address)
    wait(browser, READY)


def shown_rows(browser: Browser) -> list[dict[str, str]]:
    """Return the cells of the rows that the page shows, by the names of their columns."""
    found: list[list[list[str]]] = browser.run("""
        const names = [...document.querySelectorAll(".cmt-table:not(.cmt-compare, .cmt-twin) thead tr:first-child th")]
          .map((head) => (head.querySelector(".cmt-name") || head).textContent);
        return [...document.querySelectorAll("tr[data-row]")].map((row) =>
          [...row.children].map((cell, at) => [names[at], cell.textContent]));
    """)
    return [{name: text for name, text in row} for row in found]  # noqa: C416 - pairs came as lists.


def count(browser: Browser) -> int:
    """Return how many rows pass, as the page says it."""
    text: str = browser.run("return document.querySelector('.cmt-count').textContent")
    return int(text.split(" of ", maxsplit=1)[0].replace(",", ""))


def compared(browser: Browser, *places: int) -> str:
    """Choose the rows at some places of the page to compare; return what the address calls them."""
    for place in places:
        browser.run("document.querySelectorAll('tr[data-row] input')[arguments[0]].click()", place)
    names: str = browser.run("return new URLSearchParams(location.hash.slice(1)).get('compare')")
    return names


def click(browser: Browser, text: str, within: str = "#cm-table") -> None:
    """Press the button with a text."""
    assert browser.run(
        "const found = [...document.querySelectorAll(arguments[0] + ' button')].find((one) => one.textContent === arguments[1]);"
        "if (found) found.click(); return Boolean(found)",
        within,
        text,
    ), text


def choose(browser: Browser, label: str, value: str) -> None:
    """Choose a value in the list with a label; the text of an option begins with the value."""
    assert browser.run(
        """
        const found = [...document.querySelectorAll("#cm-table label")].find((one) => one.firstChild.textContent.trim() === arguments[0]);
        const select = found.querySelector("select");
        const option = [...select.options].find((one) => one.textContent === arguments[1] || one.textContent.startsWith(arguments[1] + " ("));
        if (!option) return false;
        select.value = option.value;
        select.dispatchEvent(new Event("change", {bubbles: true}));
        return true;
        """,
        label,
        value,
    ), (label, value)


def downloaded(browser: Browser, text: str, folder: Path, name: str) -> str:
    """Press a button of the export and return the text of the file that the browser saves."""
    browser.devtools("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    (folder / name).unlink(missing_ok=True)
    click(browser, text)
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if (folder / name).exists() and not list(folder.glob("*.crdownload")):
            return (folder / name).read_bytes().decode()
        time.sleep(0.05)
    raise AssertionError(f"{name} was not saved; there are {sorted(path.name for path in folder.iterdir())}")
