"""The dashboard of all claims without a browser: data, static pages, what is missing, the feed of verdicts."""

import json
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.model.results import Verdict
from cmsite.results.changes import STALENESS, moment, staleness, verdict_changes
from cmsite.results.exports import emit_csv, emit_json
from cmsite.results.gaps import Gap, find_gaps
from cmsite.results.gathering import gather
from cmsite.results.table import ClaimRow, claim_rows
from cmsite.site.claim_facets import FACETS, values_of
from cmsite.site.dashboards import render_dashboards
from cmsite.site.missing_pages import CASES_A_PAGE
from cmsite.site.paper_rows import PaperRows
from cmsite.site.results_page import PAPERS_A_PAGE, ROWS_A_PAGE, cut
from cmsite.site.verdict_feed import MAX_ENTRIES
from cmsite.site.view_rows import Link
from tests.result_values import artifact
from tests.test_machines import read_feed
from tests.test_results import PAPER_YAML, REPRODUCTION_YAML, bundled, meta, paper, reproduction
from tests.test_results_pages import EVIL, content, context, site

MAX_PAGE_BYTES = 400_000


def data_of(pages: dict[str, str]) -> dict[str, Any]:
    text = pages["results/data.js"]
    assert text.startswith("cmsiteResults(")
    assert text.endswith(");\n")
    found: dict[str, Any] = json.loads(text.removeprefix("cmsiteResults(").removesuffix(");\n"))
    return found


def rows_of(*artifacts: Any) -> tuple[ClaimRow, ...]:
    results = gather(artifacts)
    return claim_rows(results.papers, results.reproductions)


def words(page: str) -> str:
    return " ".join(content(page).text.split())


# --- Data -----------------------------------------------------------------------------------------------------------


def test_the_data_hold_every_row_and_the_exports_as_they_are_written() -> None:
    pages = site(*bundled())
    data, rows = data_of(pages), rows_of(*bundled())
    assert data["rows"] == len(rows) > 10
    fields = data["export"]["fields"]
    lines = [",".join(field["csv"][field["codes"][row]] for field in fields) for row in range(len(rows))]
    header = ",".join(field["name"] for field in fields)
    assert "\r\n".join([header, *lines, ""]).encode() == emit_csv(rows)
    claims = [
        {field["name"]: json.loads(field["json"][field["codes"][row]]) for field in fields} for row in range(len(rows))
    ]
    assert claims == json.loads(emit_json(rows))["claims"]


def test_each_row_has_a_value_of_every_facet() -> None:
    rows = rows_of(paper(), reproduction())
    data = data_of(site(paper(), reproduction()))
    assert [facet["key"] for facet in data["facets"]] == [facet.key for facet in FACETS]
    for facet, found in zip(FACETS, data["facets"], strict=True):
        for number, row in enumerate(rows):
            values = tuple(found["values"][value] for value in found["sets"][found["codes"][number]])
            assert values == values_of(facet, row, moment("2026-01-02"))


def test_rows_have_names_of_their_own_that_do_not_depend_on_their_place() -> None:
    def keys(*artifacts: Any) -> list[str]:
        column = next(column for column in data_of(site(*artifacts))["columns"] if column["name"] == "key")
        return [column["values"][code] for code in column["codes"]]

    alone = keys(paper(), reproduction())
    assert len(set(alone)) == len(alone)
    other = paper(folder="another", uid="d" * 16)
    assert set(alone) < set(keys(other, paper(), reproduction()))
    twins = keys(paper(), paper(folder="twin"))
    assert len(set(twins)) == len(twins) == 6


@pytest.mark.parametrize(
    "name", ["__proto__", "<img onerror>", "</script><script>alert(1)</script>", "\u2028", "constructor", 'a,b\n"c']
)
def test_odd_names_cannot_end_the_script(name: str) -> None:
    metas: dict[str, Any] = meta(PAPER_YAML)
    metas["metrics"][1]["id"] = metas["claims"][0]["metric"] = name
    metas["paper"]["venue"] = name
    pages = site(artifact("paper", "p", uid="a" * 16, **metas), reproduction())
    assert not {"<", "\u2028", "\u2029"} & set(pages["results/data.js"])
    facets = {facet["key"]: facet["values"] for facet in data_of(pages)["facets"]}
    assert name.strip() in [value.strip() for value in facets["venue"]]
    assert any(name.strip() == value.strip() for value in facets["metric"])
    assert name.strip()[:9] in unescape(pages["results/index.html"])
    assert not content(pages["results/index.html"]).all("img")


def test_papers_without_claims_are_rows_behind_the_others_and_in_no_export() -> None:
    badge = {"scheme": "acm-1.0", "level": "results-replicated", "issuer": "ACM"}
    bare = artifact("paper", "bare", uid="d" * 16, paper={"title": "Bare", "venue": "V"}, badges=[badge])
    data = data_of(site(bare, paper(), reproduction()))
    assert (data["rows"], data["claims"]) == (4, 3)
    assert all(len(field["codes"]) == 3 for field in data["export"]["fields"])
    facets = {facet["key"]: facet for facet in data["facets"]}
    last = {
        key: [facet["values"][value] for value in facet["sets"][facet["codes"][3]]] for key, facet in facets.items()
    }
    assert last == {
        **{key: [""] for key in ("verdict", "metric", "evaluator", "hardware", "status", "staleness", "year")},
        "venue": ["V"],
        "paper": ["Bare"],
        "badge": [last["badge"][0]],
    }
    assert "Replicated" in last["badge"][0]


def test_a_catalogue_without_papers_has_no_script_and_no_data() -> None:
    pages = site(artifact("script", "x"))
    assert "results/data.js" not in pages
    assert "results.js" not in pages["results/index.html"]


# --- Static pages ---------------------------------------------------------------------------------------------------


def groups_of(sizes: list[int]) -> list[PaperRows]:
    row = rows_of(paper())[0]
    return [
        PaperRows(paper=row.paper, address=f"paper/{number}/", rows=(row,) * size) for number, size in enumerate(sizes)
    ]


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, 3 * ROWS_A_PAGE)), max_size=80))
def test_pages_hold_every_row_once_in_order_and_never_too_many(sizes: list[int]) -> None:
    pages = cut(groups_of(sizes))
    flat = [(one.paper, row) for page in pages for one in page for row in range(one.start, one.stop)]
    assert flat == [(number, row) for number, size in enumerate(sizes) for row in range(size)]
    assert [one.paper for page in pages for one in page if one.start == 0] == list(range(len(sizes)))
    for page in pages:
        assert 0 < len(page) <= PAPERS_A_PAGE
        assert sum(one.stop - one.start for one in page) <= ROWS_A_PAGE
    for page in pages:
        for one in page:
            assert one.first == sum(sizes[: one.paper])


def test_ten_thousand_claims_make_pages_of_bounded_size() -> None:
    many: dict[str, Any] = meta(PAPER_YAML)
    template = many["claims"][0]
    large = [{**template, "id": f"C{number}", "text": f"Statement {number}."} for number in range(5_000)]
    small = [{**template, "id": f"C{number}"} for number in range(10)]
    papers = [artifact("paper", "large", uid="e" * 16, **{**many, "claims": large})]
    papers += [
        artifact("paper", f"p{number:03}", uid=f"{number:016x}", **{**many, "claims": small}) for number in range(500)
    ]
    made: dict[str, str] = {}
    for file in render_dashboards(context(*papers)):
        if file.path.startswith("results/") and file.path.endswith(".html"):
            assert len(file.content) < MAX_PAGE_BYTES, file.path
            made[file.path] = file.content.decode()
        elif file.path == "results/data.js":
            assert len(file.content) < 600 * 10_000
    assert sum(page.count('<tr>\n<th scope="row"><span class="cmr-id">') for page in made.values()) == 10_000
    assert "10,000 claims of 501 papers" in made["results/index.html"]
    assert "large</a>, continued" in made["results/2/index.html"] or ", continued" in made["results/2/index.html"]
    assert f"results/missing/{Gap.NEVER_TRIED.value}/100/index.html" in made


def test_the_page_has_totals_counts_and_links_without_a_script() -> None:
    page = site(paper(), reproduction())["results/index.html"]
    text = words(page)
    for expected in ("data of 2026-01-02", "Rows by venue, year, metric", "J. Sort. 3", "Bob 2", "What is missing"):
        assert expected in text, expected
    links = {link["href"] for link in content(page).all("a")}
    assert {"../results/feed.xml", "../results/claims.csv", "../results/method/", "#missing"} <= links


def test_experiments_are_linked_where_there_are_some() -> None:
    assert 'id="experiments"' not in site(paper())["results/index.html"]
    files = render_dashboards(
        context(paper()), [Link(text="MLPerf <inference>", address="results/experiments/inference/")]
    )
    page = next(file.content.decode() for file in files if file.path == "results/index.html")
    assert '<a href="../results/experiments/inference/">MLPerf &lt;inference&gt;</a>' in page


# --- What is missing ------------------------------------------------------------------------------------------------


def gaps(*artifacts: Any) -> dict[Gap, tuple[list[str], int]]:
    paths = {item.key: {file.path for file in item.files} for item in artifacts}
    results = gather(artifacts)
    found = find_gaps(results, claim_rows(results.papers, results.reproductions), paths.__getitem__)
    assert [one.gap for one in found] == list(Gap)
    return {
        one.gap: (
            [
                case.name or (case.claim.id if case.claim else case.paper.title if case.paper else "")
                for case in one.cases
            ],
            one.total,
        )
        for one in found
    }


def test_each_kind_of_gap_is_counted_against_what_could_have_it() -> None:
    evidence = """
  evidence:
  - {path: logs/a.log, sha256: SHA, bytes: 3}
  - {path: gone.csv, sha256: SHA}
  - {path: notes.txt}
  - {url: "https://example.org/a.tar", sha256: SHA}
  - {url: "https://example.org/b.tar"}
"""
    text = REPRODUCTION_YAML.partition("  evidence:")[0] + evidence.lstrip("\n")
    text = text.replace("samples: [1.01]", 'samples: [1.01], log: "https://example.org/c.log"')
    lost = reproduction(
        REPRODUCTION_YAML.replace("fast-sorting,aaaaaaaaaaaaaaaa", "other,ffffffffffffffff"),
        folder="lost",
        uid="c" * 16,
    )
    bare = artifact("paper", "bare", uid="d" * 16, paper={"title": "Bare"})
    loose = PAPER_YAML.replace("tolerance: {type: relative, value: 0.05, source: venue}", "main: false")
    found = gaps(paper(loose), bare, reproduction(text, files=("_cm.yaml", "logs/a.log", "notes.txt")), lost)
    assert found == {
        Gap.ABSENT_FILE: (["gone.csv"], 4),
        Gap.NO_DIGEST: (["notes.txt"], 4),
        Gap.ELSEWHERE: (["https://example.org/b.tar", "https://example.org/c.log"], 3),
        Gap.NO_PAPER: (["other"], 2),
        Gap.NO_CLAIMS: (["Bare"], 2),
        Gap.NO_TOLERANCE: (["C2"], 2),
        Gap.NEVER_TRIED: (["C3"], 3),
    }


def test_a_log_without_evidence_is_a_file_like_others_and_counts_once() -> None:
    text = REPRODUCTION_YAML.partition("  evidence:")[0]
    found = gaps(paper(), reproduction(text))
    assert found[Gap.NO_DIGEST] == (["logs/a.log"], 1)
    assert found[Gap.ABSENT_FILE] == ([], 1)
    assert gaps(paper(), reproduction(text, files=("_cm.yaml",)))[Gap.ABSENT_FILE] == (["logs/a.log"], 1)


def test_a_claim_with_a_stated_verdict_only_was_tried_and_one_left_out_was_not() -> None:
    stated = REPRODUCTION_YAML.replace("C2: reproduced}", "C2: reproduced, C3: reproduced}")
    assert gaps(paper(), reproduction(stated))[Gap.NEVER_TRIED] == ([], 3)
    page = site(paper(), reproduction())[f"results/missing/{Gap.NEVER_TRIED.value}/index.html"]
    assert "1 of 3 claims" in words(page)
    assert "C3 It is nice. left out: a matter of taste" in words(page)


def test_every_case_is_listed_and_every_count_leads_to_its_list() -> None:
    many = [paper(folder=f"p{number:03}", uid=f"{number:016x}") for number in range(CASES_A_PAGE)]
    pages = site(*many)
    address = f"results/missing/{Gap.NEVER_TRIED.value}/"
    rows = [text.count('<th scope="row">') for path, text in pages.items() if path.startswith(address)]
    assert sorted(rows) == [CASES_A_PAGE] * 3
    assert f'href="../{address}"' in pages["results/index.html"]
    assert f"results/missing/{Gap.NO_TOLERANCE.value}/index.html" not in pages
    assert "0 of 200 claims of a single value" in words(pages["results/index.html"])


def test_hostile_names_of_evidence_are_text() -> None:
    text = REPRODUCTION_YAML.replace("path: logs/a.log, sha256: SHA, bytes: 3", f'url: "javascript://{EVIL}"')
    page = site(paper(), reproduction(text))[f"results/missing/{Gap.ELSEWHERE.value}/index.html"]
    assert not content(page).all("img")
    assert EVIL in content(page).text
    assert all(not link["href"].startswith("javascript") for link in content(page).all("a"))


# --- Dates and the feed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        (" 2026-01-02T10:00:00+02:00 ", datetime(2026, 1, 2, 8, tzinfo=UTC)),
        ("2026-01-02T10:00:00Z", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("20260102", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026", None),
        ("", None),
        ("yesterday", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-02-30", None),
        ("\u0662\u0660\u0662\u0666-01-02", None),
    ],
)
def test_moments_are_those_of_iso_8601(text: str, found: datetime | None) -> None:
    assert moment(text) == found


def dated(day: str, number: int, value: str = "98.88, 98.92", **changes: str) -> Any:
    text = REPRODUCTION_YAML.replace("2026-01-02", json.dumps(day)).replace("98.88, 98.92", value)
    for name, new in changes.items():
        text = text.replace(f"{name}: unverified", f"{name}: {new}")
    return reproduction(text, folder=f"r{number}", uid=f"{number:016x}")


def test_staleness_is_told_from_the_newest_record() -> None:
    days = [
        "2026-01-31",
        "2026-01-01",
        "2025-12-31",
        "2025-01-31",
        "2025-01-30",
        "2023-02-01",
        "2023-01-31",
        "soon",
        "",
    ]
    rows = rows_of(paper(), *(dated(day, number) for number, day in enumerate(days)))
    newest = moment("2026-01-31")
    found = {
        row.reproduction.check_time: staleness(row, newest) for row in rows if row.reproduction and row.claim.id == "C1"
    }
    assert [STALENESS.index(found[day]) for day in days] == [0, 0, 1, 1, 2, 2, 3, 4, 4]
    assert staleness(rows_of(paper())[0], newest) == "never tried"


def test_a_change_is_a_record_whose_verdict_differs_from_the_one_before() -> None:
    records = [
        dated("2026-01-05", 1, "90"),
        dated("2026-01-01", 2),
        dated("2026-01-02", 3),
        dated("2026-01-06", 4, "99.9", status="superseded"),
        dated("no date", 5, "99.9"),
        dated("2026-01-07", 6),
    ]
    changes = [change for change in verdict_changes(rows_of(paper(), *records)) if change.row.claim.id == "C1"]
    assert [(change.time.day, change.before, change.row.judgement.verdict) for change in changes] == [
        (7, Verdict.NOT_REPRODUCED, Verdict.REPRODUCED),
        (5, Verdict.REPRODUCED, Verdict.NOT_REPRODUCED),
        (1, None, Verdict.REPRODUCED),
    ]


def feed_of(pages: dict[str, str]) -> Any:
    return read_feed(pages["results/feed.xml"].encode(), "https://example.org/results/feed.xml")


def test_the_feed_is_valid_atom_and_says_what_changed() -> None:
    feed = feed_of(site(paper(), dated("2026-01-01", 1), dated("2026-01-05T06:07:08Z", 2, "90")))
    first = feed.entries[0]
    assert first.title == "Changed: reproduced → not reproduced: C1 of Fast sorting"
    assert first.updated == feed.feed.updated == "2026-01-05T06:07:08Z"
    assert first.link == f"https://example.org/paper/fast-sorting/#C1-{2:016x}"
    assert first.summary == "It is right; claimed 98.90 %; reproduced 90.0 %, n = 1; record unverified"
    assert first.author == "Bob"
    assert [entry.title for entry in feed.entries[1:]] == [
        "New: reproduced: C1 of Fast sorting",
        "New: not comparable: C2 of Fast sorting",
    ]


def test_ids_of_the_feed_outlive_titles_and_other_records() -> None:
    before = feed_of(site(paper(), dated("2026-01-01", 1)))
    after = feed_of(
        site(
            paper(PAPER_YAML.replace("Fast sorting", "Slow sorting")),
            dated("2026-01-01", 1),
            dated("2026-02-01", 2, "90"),
        )
    )
    assert {entry.id for entry in before.entries} < {entry.id for entry in after.entries}


def test_the_feed_is_bounded_and_absent_without_dates() -> None:
    pages = site(*(item for number in range(60) for item in pair(number)))
    assert len(feed_of(pages).entries) == MAX_ENTRIES
    undated = site(paper(), dated("", 1))
    assert "results/feed.xml" not in undated
    assert "feed.xml" not in undated["results/index.html"]


def pair(number: int) -> tuple[Any, Any]:
    uid = f"{number + 1000:016x}"
    text = REPRODUCTION_YAML.replace("aaaaaaaaaaaaaaaa", uid)
    return paper(folder=f"p{number}", uid=uid), reproduction(text, folder=f"r{number}", uid=f"{number:016x}")


def test_a_hostile_record_leaves_the_feed_valid() -> None:
    text = REPRODUCTION_YAML.replace("name: Bob", f'name: "{EVIL}\\u0000\\u202e]]>"').replace(
        "2026-01-02", "0001-01-01"
    )
    feed = feed_of(site(paper(PAPER_YAML.replace("Fast sorting", EVIL)), reproduction(text)))
    assert feed.entries[0].updated == "0001-01-01T00:00:00Z"
    assert EVIL in unescape(feed.entries[0].title) or "<img" not in feed.entries[0].title


def test_two_renderings_give_the_same_bytes() -> None:
    assert site(*bundled()) == site(*bundled())
