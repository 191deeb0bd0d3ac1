"""What docs/existing-results.md says of records that lie in repositories already: its examples, and the corpora."""

import json
import re
from typing import Any

import pytest

from cmsite import documents
from cmsite.model.badges import BadgeScheme
from cmsite.results.articles import read_article
from cmsite.results.badge_schemes import levels_of
from cmsite.results.badges import read_badges
from cmsite.results.certificates import read_certificate
from cmsite.results.experiment_files import parse_rows
from cmsite.results.fields import Block, Report
from tests.requirements import CHECKOUT, corpus_folder
from tests.result_values import artifact

PAGE = (CHECKOUT / "docs/existing-results.md").read_text("utf-8")
PAPERS = (CHECKOUT / "docs/papers.md").read_text("utf-8")


def block(page: str, language: str, word: str) -> str:
    """Return the first block of code in a language that holds a word."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return next(text for text in found if word in text)


def data(text: str) -> dict[Any, Any]:
    found = documents.parse("x.yaml", text.encode()).data
    assert isinstance(found, dict)
    return found


def test_the_rows_of_the_examples_are_read_as_the_page_says():
    ((_, row),) = parse_rows(block(PAGE, "json", "Platform"))
    assert (row["Result"], row["Units"]) == (12.5, "Samples/s")
    ((_, point),) = parse_rows(block(PAGE, "json", "##characteristics"))
    assert point == {"characteristics run time min": 1.5}


@pytest.mark.parametrize("key", ["results", "summary"])
def test_a_cmx_summary_is_a_list_or_a_mapping_that_holds_one(key: str):
    rows = [{"a": 1}, {"a": 2}]
    assert [row for _, row in parse_rows(json.dumps({key: rows}))] == rows
    assert [row for _, row in parse_rows(json.dumps(rows))] == rows


def test_the_example_of_an_article_has_two_badges_of_acm_1_0():
    paper = read_article(artifact("repro.article", "x", uid="a" * 16, **json.loads(block(PAGE, "json", "misc"))))
    assert [(badge.scheme, badge.level) for badge in paper.badges] == [
        (BadgeScheme.ACM_1_0, "available"),
        (BadgeScheme.ACM_1_0, "replicated"),
    ]
    assert ([person.name for person in paper.authors], paper.venue) == (["Ann Author", "Bob Builder"], "Conference'18")


def test_the_example_of_a_codecheck_has_no_finding():
    text = block(PAGE, "yaml", "codechecker").encode()
    reading = read_certificate("r", "codecheck.yml", len(text), {"fig-rain.pdf": ("fig-rain.pdf", 9)}, lambda _: text)
    assert reading.findings == ()
    assert reading.certificate is not None
    assert reading.certificate.is_checked


def test_the_example_of_badges_has_no_finding():
    report = Report(artifact("paper", "x"))
    badges = read_badges(Block(data(block(PAPERS, "yaml", "badges:")), "", report))
    assert report.findings == ()
    assert [badge.self_asserted for badge in badges] == [False, True]


def test_the_page_lists_every_level_of_every_scheme():
    for scheme in BadgeScheme:
        (row,) = re.findall(rf"^\| `{re.escape(scheme.value)}`.*$", PAGE, re.MULTILINE)
        assert {level.level for level in levels_of(scheme)} == set(re.findall(r"`([a-z-]+)`", row.partition("|")[2].partition("|")[2]))  # fmt: skip


@pytest.mark.corpus
def test_every_row_of_the_results_of_mlperf_is_read():
    """Counts: facts/results.md §4."""
    rows, uids = 0, set()
    for path in sorted(corpus_folder("cm4mlperf-results").glob("experiment/*/*/cm-result.json")):
        for _, row in parse_rows(path.read_text("utf-8")):
            rows += 1
            uids.add(row.get("uid"))
    assert (rows, len(uids)) == (48_515, 31_389)
