"""The pages of every type in the site of the five corpora, and data that a page says how to load, loaded."""

import html
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, need, once
from tests.serving import served_by_nginx
from tests.test_build import build, run
from tests.test_corpus_build import site  # noqa: F401 - the fixture that builds the five corpora.

SECTION = re.compile(r'<h2 id="([\w-]+)">')
COMMON = {
    "description", "dependencies", "used-by", "files", "versions", "findings", "metadata", "provenance", "cite",
}  # fmt: skip
# Automation → anchor of a section of its type → pages that have it. Sections of scripts have tests of their own.
PINNED = {
    "experiment": {"results": 641},
    "package": {"package": 558, "details": 555},
    "soft": {"software": 264, "details": 264},
    "contributor": {"contributor": 241},
    "program": {"program": 163, "details": 141},
    "module": {"automation": 134, "details": 83},
    "challenge": {"challenge": 126},
    "automation": {"automation": 60, "details": 6},
    "report": {"report": 15},
    "dataset": {"data-set": 18},
    "flex.dataset": {"data-set": 3, "details": 3},
    "flex.model": {"model": 6, "details": 7},
    "flex.task": {"details": 52},
    "os": {"details": 79},
    "sut": {"details": 10},
}
MAX_PAGE_BYTES = 110_000  # With the frame, which is the same on every page, and the source of the meta.


@pytest.mark.corpus
def test_every_type_has_its_sections_on_every_page(site: Path) -> None:  # noqa: F811 - the fixture.
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sizes = {}
    for folder in sorted((site / "a").glob("*/*/*")):
        text = (folder / "index.html").read_text("utf-8")
        automation = folder.parent.name
        if automation in PINNED:
            found[automation].update(set(SECTION.findall(text)) - COMMON)
            sizes[folder] = len(text)
    assert {name: dict(counts) for name, counts in found.items()} == PINNED
    assert max(sizes.values()) < MAX_PAGE_BYTES, max(sizes, key=lambda folder: sizes[folder])


@pytest.mark.corpus
def test_challenges_contributors_and_experiments_lead_to_each_other(site: Path) -> None:  # noqa: F811 - the fixture.
    def page(automation: str, name: str) -> str:
        (folder,) = (
            folder
            for folder in (site / "a").glob(f"mlcommons-c*/{automation}/{name}")
            if "-ck-" in str(folder) or automation == "experiment"
        )
        return (folder / "index.html").read_text("utf-8")

    challenge = page("challenge", "optimize-mlperf-inference-v3.0-2023")
    assert "All 89" in challenge
    assert re.search(r'/contributor/michael-goin-[0-9a-f]{8}/">Michael Goin</a>', challenge)
    contributor = page("contributor", "michael-goin-*")
    assert "/challenge/optimize-mlperf-inference-v3.0-2023/" in contributor
    experiment = page("experiment", "mlperf-inference--v4.0--datacenter--closed--speech-recognition--offline")
    assert "Higher is better. 26 measured." in experiment
    assert "191,355 Samples/s" in experiment


@pytest.mark.browser
def test_the_python_on_the_page_of_a_data_set_loads_what_was_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(folder: Path) -> None:
        assert build(CHECKOUT / "registry/registry.yml", folder / "site").returncode == 0

    made = once("browser-site", make) / "site"
    page = (made / "a/cmsite-examples/data/wine/index.html").read_text("utf-8")
    block = page.partition("To load the CSV file in Python")[2].partition("<code>")[2].partition("</code>")[0]
    code = html.unescape(re.sub(r"<[^>]+>", "", block))
    with served_by_nginx(need("nginx"), made, tmp_path) as address:
        pulled = run("pull", "data:wine", "--registry", address, "--into", tmp_path / "artifacts")
    assert pulled.returncode == 0, pulled.stderr
    monkeypatch.chdir(tmp_path)
    values: dict[str, list[dict[str, str]]] = {}
    exec(code, values)  # noqa: S102 - it is what the page tells its readers to run.
    assert len(values["rows"]) == 178
    assert values["rows"][0]["alcohol"] == "14.23"
