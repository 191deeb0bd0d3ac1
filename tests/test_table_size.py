"""Ten megabytes of rows, or of samples in one row: a build of bounded time and memory, and a page that still works."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cmsite.results.row_data import read_shard, shard_values
from tests.chromium import chromium, wait
from tests.requirements import CHECKOUT, need
from tests.serving import served_by_nginx
from tests.table_pages import click, count, open_table, shown_rows

ROWS = 20_000
MOST_MEMORY_BYTES = 400_000_000  # Source: the goal for tables of 31,389 rows.
TABLE = "results/experiments/other-large/"
# In a small process between: what a process held before it became another program counts for it.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""


def rows_of(number: int) -> list[dict[str, Any]]:
    """Return rows of 500 bytes, no two alike in any key but the unit."""
    draw = random.Random(number)
    return [
        {
            "System": f"system {row}",
            "Result": draw.random() * 1e6,
            "Units": "ms",
            "notes": "".join(draw.choices("abcdefghij ", k=400)),
            "run": row,
        }
        for row in range(number)
    ]


def built(folder: Path, rows: list[dict[str, Any]]) -> tuple[int, float, int]:
    """Build a catalogue of one experiment; return the bytes of its rows, the build's processor time and peak memory."""
    point = folder / "repository" / "experiment" / "large" / "point"
    point.mkdir(parents=True)
    (folder / "repository" / "cmr.yaml").write_text("alias: large\nuid: 0123456789abcdef\n")
    meta = {"alias": "large", "uid": "0123456789abcde0", "automation_alias": "experiment", "automation_uid": "a0a2d123ef064bcb"}  # fmt: skip
    (point.parent / "_cm.json").write_text(json.dumps(meta))
    written = (point / "cm-result.json").write_text(json.dumps(rows))
    text = f"title: Large\nregistry_id: {'e' * 32}\nsources:\n  - folder: {folder / 'repository'}\n"
    (folder / "registry.yml").write_text(text)
    command = [sys.executable, "-m", "cmsite", "build", "--config", str(folder / "registry.yml"), "--site-dir", str(folder / "site")]  # fmt: skip
    result = subprocess.run([sys.executable, "-c", MEASURE, *command], cwd=CHECKOUT, capture_output=True, check=True)
    code, time_s, memory_bytes = result.stdout.split()
    assert code == b"0"
    return written, float(time_s), int(memory_bytes)


@pytest.mark.browser
@pytest.mark.server
def test_ten_megabytes_of_rows_are_built_and_used(tmp_path: Path) -> None:
    _, quarter_s, _ = built(tmp_path / "quarter", rows_of(ROWS // 4))
    written, whole_s, memory_bytes = built(tmp_path / "whole", rows_of(ROWS))
    assert written > 9_900_000
    assert memory_bytes < MOST_MEMORY_BYTES
    # Less than linear, since a build of nothing takes time too; quadratic growth is beyond it.
    assert whole_s < 2.5 * quarter_s
    page = tmp_path / "whole" / "site" / TABLE
    assert len((page / "index.html").read_bytes()) < 60_000
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with (
        served_by_nginx(need("nginx"), tmp_path / "whole" / "site", scratch) as served,
        chromium(scratch) as browser,
    ):
        open_table(browser, served + TABLE)
        assert count(browser) == ROWS
        browser.run("document.querySelector(\"[data-held='sort Result']\").click()")
        rows = sorted(rows_of(ROWS), key=lambda row: row["Result"])
        assert [row["System"] for row in shown_rows(browser)] == [row["System"] for row in rows[:50]]
        click(browser, "Last")
        wait(browser, "return document.querySelectorAll('tr[data-row]').length", 50)
        assert shown_rows(browser)[-1]["System"] == rows[-1]["System"]
        assert [text for text in browser.complaints() if "favicon" not in text] == []


def test_ten_megabytes_of_samples_in_a_row_are_cut_and_say_so(tmp_path: Path) -> None:
    draw = random.Random(1)
    samples = [draw.random() for _ in range(550_000)]
    rows = [{"System": "one", "Result": 1, "Units": "ms", "samples": samples}, {"System": "two", "Result": 2, "Units": "ms"}]  # fmt: skip
    written, _, memory_bytes = built(tmp_path, rows)
    assert written > 10_000_000
    assert memory_bytes < MOST_MEMORY_BYTES
    page = tmp_path / "site" / TABLE
    assert len((page / "index.html").read_bytes()) < 60_000
    columns = {column["name"]: shard_values(column) for column in read_shard((page / "data-0.js").read_text())["columns"]}  # fmt: skip
    (said,) = (value for value in columns["samples"] if value is not None)
    assert said.startswith(json.dumps(samples[:20])[:-1])
    assert said.endswith("…")
    assert len(said) <= 1_001
