"""Sections of the types of artifacts: what they show of real metas, and that no meta can break them."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmsite.model.artifact import Artifact
from cmsite.results.experiment_files import MAX_BYTES, read_results
from cmsite.results.web_address import web_address
from cmsite.site.cells import MAX_ITEMS
from cmsite.site.context import SiteContext
from cmsite.site.details_view import MAX_ENTRIES
from cmsite.site.experiment_view import MAX_ROWS
from cmsite.site.kinds import KINDS, type_sections
from cmsite.site.previews import READERS, snippet
from cmsite.site.relations import relations_of
from cmsite.site.strips import MAX_SYSTEMS
from tests.catalog_factory import Tree, catalogue, context_of, page_of, script
from tests.test_results_pages import Reader

BASE = "../../../.."
HOSTILE = '<script>alert("1")</script>\u202e'
# Every key that a section looks at, with anything as its value.
KEYS = sorted(
    [
        "title",
        "name",
        "date",
        "date_open",
        "date_close",
        "prize",
        "points",
        "trophies",
        "url",
        "urls",
        "experiments",
        "challenges",
        "organization",
        "notes",
        "authors",
        "affiliations",
        "redirect",
        "customize",
        "deps",
        "run_deps",
        "compile_deps",
        "run_cmds",
        "run_vars",
        "soft_uoa",
        "soft_name",
        "actions",
        "badges",
        "doi",
        "files",
        "dataset_files",
        "desc_dataset_files",
        "desc",
        "source",
        "dataset_meta",
        "info",
        "tags",
        "paper",
        "claims",
        "metrics",
        "reproduction",
        "end_full_path",
        "version_from",
        "variations",
        "species",
        "ongoing",
    ]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(
    ["000000000000000a", "x,000000000000000a", "20230817", "https://a.org/b", HOSTILE, "a,b", ""]
)  # fmt: skip
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=25,
)
METAS = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), VALUES, max_size=8)


def shown(context: SiteContext, artifact: Artifact) -> str:
    """Return the sections of an artifact as HTML, elements nested rightly."""
    html = "".join(
        context.render(section.template, base=BASE, **section.values)
        for section in type_sections(context, artifact.key)
    )
    Reader(html)
    return html


@cache
def frames() -> SiteContext:
    """Return a context whose templates stay compiled."""
    return context_of(catalogue(), Tree())


def single(automation: str, extra: dict[str, Any], files: dict[str, bytes] | None = None, **fields: Any) -> str:
    """Return the sections of an artifact that is alone in its catalogue."""
    tree = Tree()
    artifact = tree.add(script("one", 10, files, automation=automation, extra=extra, **fields), files or {})
    catalog = catalogue(artifact)
    context = replace(
        frames(),
        catalog=catalog,
        read=tree.read,
        uids={artifact.uid: (artifact.key,)},
        names={(automation, "one"): (artifact.key,)},
        relations=relations_of(catalog),
    )
    return shown(context, artifact)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("automation", [*KINDS, "unknown"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(meta=METAS)
def test_any_meta_gives_sections_and_nothing_of_it_becomes_markup(automation: str, meta: dict[str, Any]) -> None:
    assert "<script" not in single(automation, meta)


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=60)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.lists(
        st.dictionaries(
            st.sampled_from(["Result", "Units", "SystemName", "Scenario", "inferred", "uid", "x", "url"]), VALUES
        ),
        max_size=6,
    ).map(lambda rows: json.dumps(rows).encode())
)
def test_any_result_file_gives_sections(content: bytes) -> None:
    assert "<script" not in single("experiment", {}, {"t/cm-result.json": content, "ckp-1.flat.json": content})


def test_a_file_that_is_no_result_is_named() -> None:
    html = single("experiment", {}, {"t/cm-result.json": b"[" * 100_000, "u/cm-result.json": b'[{"Result": 1}]'})
    assert "Not readable as results: t/cm-result.json" in html


def rows(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"SystemName": f"system {number % 30:02}", "Result": number + 0.5, "Result_Units": "Samples/s", "Scenario": "Offline", **fields}
        for number in range(count)
    ]  # fmt: skip


def experiment(*results: dict[str, Any]) -> str:
    return single("experiment", {}, {"2026-01-01/cm-result.json": json.dumps(results).encode()})


def test_an_experiment_shows_its_best_systems_and_first_rows_and_counts_the_others() -> None:
    html = experiment(*rows(100))
    assert "100 rows in" in html
    assert "Higher is better. 100 measured." in html
    assert html.count('role="img"') == MAX_SYSTEMS
    assert "and 15 more systems" in html
    assert "3 results from 29.5 to 89.5, median 59.5 Samples/s" in html
    assert f"and {100 - MAX_ROWS} more" in html
    assert words(html).index("system 29") < words(html).index("system 28")
    assert "Scenario" in html.partition("<figure")[0], "what all rows share stands above them"


def test_units_scenarios_and_inferred_rows_are_never_in_one_picture() -> None:
    latency = rows(3, Result_Units="Latency (ms)", Scenario="SingleStream")
    inferred = rows(9, inferred=1)
    html = experiment(*rows(5), *latency, *inferred)
    figure = html.partition("<figure")[2].partition("</figure>")[0]
    assert "Samples/s" in figure
    assert "Latency" not in figure
    assert "5 measured; 9 inferred ones are not drawn" in words(figure)
    assert "in 2 groups that may be compared within themselves" in html
    assert "(inferred)" in html
    assert "Lower is better" in experiment(*latency)
    assert "better" not in experiment(*rows(3, Result_Units="furlongs"))


def test_results_that_are_no_numbers_are_shown_and_not_drawn() -> None:
    html = experiment(
        *rows(2), {"SystemName": "odd", "Result": "None", "Result_Units": "Samples/s", "Scenario": "Offline"}
    )
    assert ">None Samples/s<" in html
    assert "odd" not in html.partition("<figure")[2].partition("</figure>")[0]


def test_rows_without_a_result_show_what_differs() -> None:
    html = experiment({"n": 1, "time_s": 0.1, "host": "a"}, {"n": 2, "time_s": 3.7e-05, "host": "a"})
    assert "<figure" not in html
    assert "time_s" in html
    assert "3.7e-05" in html
    assert "host" not in html


def test_a_large_file_is_read_to_the_limit() -> None:
    content = json.dumps(rows(30_000), indent=1).encode()
    assert len(content) > MAX_BYTES
    tree = Tree()
    files = {"t/cm-result.json": content}
    artifact = tree.add(script("one", 1, files, automation="experiment"), files)
    found = read_results(artifact, tree.read)
    assert found.is_cut
    assert 0 < len(found.rows) < 30_000
    assert found.rows == tuple(rows(len(found.rows)))
    assert "The rest is too large for a page" in shown(context_of(catalogue(artifact), tree), artifact)


def test_points_of_ck_are_rows() -> None:
    files = {
        f"ckp-{number}.flat.json": json.dumps(
            {"##characteristics#run#time#min": number, "##choices#flags": "-O3"}
        ).encode()
        for number in (1, 2)
    }
    html = single("experiment", {}, files)
    assert "2 rows in" in html
    assert "characteristics run time min" in html


def community() -> SiteContext:
    tree = Tree()
    challenge = script(
        "race", 1, automation="challenge", tags=("race", "v1"),
        extra={
            "title": "The race", "date_open": "20230704", "date_close": "2023-07-01", "prize_short": "$$$ , fame",
            "experiments": [{"tags": "mlperf,v1"}], "url": "https://example.org/race", "points": 3,
        },
    )  # fmt: skip
    extra = {
        "name": "Ann",
        "challenges": ["race,v1", "unheard-of"],
        "last_participation_date": "202309",
        "points": [{"point": 5, "desc": "a port"}, {"point": 1}],
        "urls": ["javascript:alert(1)"],
    }
    person = script("ann", 2, automation="contributor", name="Ann", extra=extra)
    result = script("mlperf-v1", 3, automation="experiment", tags=("mlperf", "v1"))
    other = script("mlperf-v2", 4, automation="experiment", tags=("mlperf", "v2"))
    copy = script("mlperf-v1", 3, automation="experiment", tags=("mlperf", "v1"), repo="zoo")
    return context_of(catalogue(*(tree.add(item, {}) for item in (challenge, person, result, other, copy))), tree)


def page(context: SiteContext, automation: str) -> str:
    number = next(index for index, key in enumerate(context.catalog.artifacts) if key.automation == automation)
    return page_of(context, number)


def test_a_challenge_shows_dates_prizes_experiments_and_who_took_part() -> None:
    html = page(community(), "challenge")
    assert "2023-07-01 (as written: before it opened)" in html
    assert "$$$, fame" in html
    assert html.count('href="../../../../a/team/experiment/mlperf-v1/"') == 1
    assert "mlperf-v2" not in html
    assert "zoo/experiment" not in html, "copies are named once"
    assert '<a href="../../../../a/team/contributor/ann/">Ann</a>' in html
    assert '<a href="https://example.org/race" rel="noopener nofollow">example.org/race</a>' in html


def test_a_contributor_shows_what_they_did() -> None:
    html = page(community(), "contributor")
    assert '<a href="../../../../a/team/challenge/race/">' in html
    assert "unheard-of" in html
    assert "2023-09" in html
    assert "6 (5 for a port)" in html
    assert 'href="javascript' not in html


def test_a_report_shows_authors_with_affiliations_and_where_it_is() -> None:
    meta = {
        "title": "On tuning",
        "date": "20231113",
        "redirect": "https://example.org/r",
        "affiliations": {"1": {"name": "Institute"}},
        "authors": [{"name": "Ann", "affiliation": "1", "url": "https://example.org/ann"}],
    }
    html = single("report", meta)
    assert '<a href="https://example.org/ann" rel="noopener nofollow">Ann (Institute)</a>' in html
    assert "2023-11-13" in html
    assert 'href="https://example.org/r"' in html


def test_packages_and_software_of_ck_lead_to_each_other_and_to_what_has_the_tags() -> None:
    tree = Tree()
    soft = script("compiler.gcc", 1, automation="soft", tags=("compiler", "gcc"), extra={"soft_name": "GCC"})
    package = script(
        "gcc-9", 2, automation="package",
        extra={
            "soft_uoa": f"{1:016x}",
            "customize": {"version": "9.1", "install_env": {"PACKAGE_URL": "https://example.org/gcc"}},
            "deps": {"cc": {"name": "C compiler", "tags": "compiler", "version_from": [4, 8]}},
        },
    )  # fmt: skip
    context = context_of(catalogue(tree.add(soft, {}), tree.add(package, {})), tree)
    html = shown(context, package)
    assert '<a href="../../../../a/team/soft/compiler.gcc/">compiler.gcc</a>' in html
    assert ">soft:compiler.gcc</a>" in html
    assert "from 4.8" in html
    assert html.count("PACKAGE_URL") == 1, "what the section shows is not repeated below it"
    assert '<a href="../../../../a/team/package/gcc-9/">gcc-9</a>' in shown(context, soft)


def test_an_automation_shows_its_actions_and_leads_to_its_artifacts() -> None:
    tree = Tree()
    module = b'''class CAutomation(Automation):
    def __init__(self, cmind, f):
        pass

    def _hidden(self, i):
        pass

    ############
    def run(self, i):
        """
        Run <b>it</b>

        (more)
        """

    def add(self, i):
        return 1
'''
    files = {"module.py": module}
    own = tree.add(script("data", 1, files, automation="automation"), files)
    context = context_of(catalogue(own, tree.add(script("wine", 2, automation="data"), {})), tree)
    html = shown(context, own)
    assert '<a href="../../../../automation/data/">1 artifact</a>' in html
    assert re.findall(r"<tr><td>(\w+)</td><td>([^<]*)</td></tr>", html) == [
        ("run", "Run &lt;b&gt;it&lt;/b&gt;"),
        ("add", ""),
    ]
    assert "describe it" in single("module", {"actions": {"describe": {"desc": "describe it"}}})


def test_a_data_set_shows_digests_first_rows_and_python_that_loads_it() -> None:
    files = {"a.csv": b"x,y\n1,<b>\n2,c\n", "README.md": b"# Data"}
    meta = {"source": "https://example.org/d", "files": [{"path": "a.csv", "rows": 2, "sha256": "ab"}]}
    html = single("data", meta, files, license="MIT")
    assert "1 file, 14 B" in html
    assert "sha256 ab" in html
    assert "&lt;b&gt;" in html
    assert "artifacts/data/one/a.csv" in words(html)
    assert "README.md" not in html


def test_python_that_loads_a_file_is_python_whatever_the_name() -> None:
    for suffix in READERS:
        found = snippet(f'it\'s "odd"\n\\x.{suffix}')
        assert found is not None
        compile(found[1], "snippet", "exec")
    assert snippet("a.txt") is None


def test_unknown_types_show_their_nested_keys() -> None:
    meta = {
        "plain": 1,
        "nested": {"a": {"b": HOSTILE, "link": "https://example.org/x"}},
        "table": [{"n": 1, "m": "x"}, {"n": 2, "m": "y"}],
        "uses": {"one": "one,000000000000000a", "gone": "gone,00000000000000ff"},
    }
    html = single("something", meta)
    assert "&lt;script&gt;" in html
    assert '<th scope="col">n</th>' in html
    assert '<a href="../../../../a/team/something/one/">one</a>' in html
    assert "gone,00000000000000ff" in html
    assert "plain" not in html


def test_nested_keys_are_bounded_and_what_is_left_out_is_counted() -> None:
    wide = single("x", {"a": {str(number): {"b": {"c": number}} for number in range(5000)}})
    assert wide.count("<dt>") <= MAX_ENTRIES
    assert re.search(r"4,?\d\d\d more in the metadata", wide)
    deep: Any = {"end": {"x": 1}}
    for _ in range(60):
        deep = {"down": deep, "beside": {"y": 2}}
    assert len(single("x", {"a": deep})) < 20_000
    long = single("x", {"a": {"b": list(range(1000)), "c": {}}})
    assert f"{1000 - MAX_ITEMS:,} more" in long


def test_only_plain_web_addresses_are_links() -> None:
    for odd in (
        "javascript:alert(1)",
        "https://",
        "//a.org",
        "https://a.org/ b",
        "https://user@a.org",
        'https://a.org/"x',
        "http://a.org/%zz",
        "ftp://a.org",
    ):
        assert web_address(odd) == "", odd
    for fine in ("https://a.org", "http://a.org:80/x?y=1#z", "HTTPS://a.org/%20"):
        assert web_address(fine) == fine


@pytest.mark.parametrize("automation", KINDS)
def test_every_kind_bounds_what_it_shows(automation: str) -> None:
    many = {f"key {number}": {"name": "x" * 50, "tags": "a,b"} for number in range(3000)}
    meta = dict.fromkeys(("deps", "run_deps", "run_cmds", "actions", "files", "customize", "variations"), many)
    meta |= {"challenges": [f"c{number}" for number in range(3000)], "urls": ["https://a.org/" + "x" * 90] * 3000}  # type: ignore[dict-item]
    assert len(single(automation, meta)) < 60_000
