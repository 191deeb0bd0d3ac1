"""Foreign checkers over every page of two whole sites: the Nu HTML checker, and lychee for links and their anchors.

Sites: the bundled catalogue, and the five corpora in one. Each checker is first shown to find what is wrong.
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.requirements import need
from tests.site_kinds import bundled_site, corpora_site, host_folder

# The corpora's site is checked whole: a minute for some 6,500 pages with 250,000 links.
SITES: dict[str, Callable[[], Path]] = {"bundled": bundled_site, "corpora": corpora_site}
TIMEOUT_S = 500.0
GOOD = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>t</title></head><body>{}</body></html>\n'


def html_errors(folder: Path) -> list[str]:
    """Return what the Nu HTML checker calls an error in the pages of a folder, the most frequent first."""
    command: list[str | Path] = [
        need("java"),
        "-Xss4m",
        "-jar",
        need("vnu"),
        "--errors-only",
        "--skip-non-html",
        "--format",
        "json",
        folder,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    messages = json.loads(done.stderr)["messages"]
    told = Counter(message["message"] for message in messages)
    first = {message["message"]: message["url"] for message in reversed(messages)}
    assert done.returncode == bool(messages), done.stderr[-2000:]
    return [f"{count} × {text} (first in {first[text]})" for text, count in told.most_common()]


def link_errors(folder: Path) -> tuple[int, list[str]]:
    """Return how many links inside the site lychee checked, anchors too, and which lead nowhere."""
    command: list[str | Path] = [
        need("lychee"), "--offline", "--include-fragments", "--index-files", "index.html", "--root-dir", host_folder(folder),
        "--no-progress", "--format", "json", "--config", os.devnull, folder,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=folder)
    report = json.loads(done.stdout)
    broken = [
        f"{Path(page).relative_to(folder)} → {link['url']}: {link['status']['text']}"
        for page, links in report["error_map"].items()
        for link in links
    ]
    assert report["timeouts"] == report["unknown"] == 0
    assert (done.returncode == 0) == (broken == []), done.stderr[-2000:]
    return report["successful"], broken


@pytest.mark.parametrize("name", SITES)
def test_every_page_is_valid_html(name: str) -> None:
    site = SITES[name]()
    assert html_errors(site) == []


@pytest.mark.parametrize("name", SITES)
def test_every_link_and_anchor_within_the_site_leads_somewhere(name: str) -> None:
    site = SITES[name]()
    checked, broken = link_errors(site)
    assert broken == []
    assert checked > 10 * sum(1 for _ in site.rglob("*.html"))


def test_the_checker_of_html_finds_an_error(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD.format("<p>x</p>"))
    assert html_errors(tmp_path) == []
    (tmp_path / "bad.html").write_text(GOOD.format('<p id="a">x</p><p id="a"><b>x</p>'))
    assert any("Duplicate ID" in error for error in html_errors(tmp_path))


def test_the_checker_of_links_finds_a_missing_page_file_and_anchor(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/index.html").write_text(GOOD.format('<p id="there">x</p><a href="../#here">x</a>'))
    good = '<p id="here">x</p><a href="x/">x</a><a href="x/#there">x</a><a href="#here">x</a><a href="https://far.example/">x</a>'
    (tmp_path / "index.html").write_text(GOOD.format(good))
    assert link_errors(tmp_path)[1] == []
    bad = '<a href="x/#gone">x</a><a href="#gone">x</a><a href="y/">x</a><img src="x.png" alt="">'
    (tmp_path / "index.html").write_text(GOOD.format(good + bad))
    assert len(link_errors(tmp_path)[1]) == 4
