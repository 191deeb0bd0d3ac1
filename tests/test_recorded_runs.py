"""Runs of `cfg/benchmark-run-*` count for the artifact that was run; those that name none are told of, with the reason."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.model.artifact import Artifact
from cmsite.results.run_starts import run_start
from cmsite.site.context import SiteContext
from cmsite.site.works_on import sections_by_artifact, works_on_sections
from tests.catalog_factory import Tree, article, catalogue, context_of, page_of, renamed, script
from tests.test_build import build
from tests.test_run_tables import cfg, run_of

# As mlcommons/ck recorded them beside cfg/benchmark-run-mlperf-inference-v3.1.
INPUT: dict[str, Any] = {
    "action": "run",
    "automation": "script",
    "tags": "run-mlperf-inference,_r4.0,_performance-only",
    "device": "qaic",
    "model": "bert-99.9",
    "backend": "glow",
    "host_os": "linux",
    "cmd": ["--tags=run-mlperf-inference,_r4.0,_performance-only"],
    "parsed_automation": [["script", "5b4e0237da074764"]],
}
DETECTED = {"CM_HOST_OS_FLAVOR": "ubuntu", "CM_HOST_OS_VERSION": "22.04", "CM_HOST_PLATFORM_FLAVOR": "aarch64"}


def runs(*inputs: Any, **parts: Any) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for number, given_input in enumerate(inputs):
        files |= run_of(f"{number:016x}", input=given_input, **parts)
    return files


def context(files: dict[str, bytes], *others: Artifact, alias: str = "bench") -> SiteContext:
    tree = Tree()
    made = [
        tree.add(cfg(alias, 1, files, extra={"view_dimensions": ["input.device"]}), files),
        tree.add(script("app", 2, tags=("run-mlperf-inference", "app")), {}),
        *(tree.add(other, {}) for other in others),
    ]
    found = context_of(catalogue(*made), tree)
    return replace(found, tried=sections_by_artifact(works_on_sections(found)))


def section(page: str, anchor: str) -> str:
    return page.partition(f'id="{anchor}"')[2].partition("<h2")[0]


def cells(text: str) -> list[list[str]]:
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall("<td.*?>(.*?)</td>", row)]
        for row in re.findall("<tr><td.*?</tr>", text)
    ]


def test_runs_count_for_the_script_whose_tags_they_name_by_machine_and_variation():
    cpu: dict[str, Any] = {**INPUT, "device": "cpu", "version": "4.1"}
    files = runs(INPUT, INPUT, cpu) | run_of(
        "bad", input=INPUT, output={"return": 1, "error": "no", "new_env": DETECTED}
    )
    found = context(files)
    shown = article(page_of(found, 1))
    assert cells(section(shown, "works-on")) == [
        ["fails", "ubuntu 22.04", "aarch64", "qaic", "_r4.0, _performance-only", "run in cfg:bench", "1", "2024-02-20T15:25:03"],
        ["works", "linux", "not stated", "qaic", "_r4.0, _performance-only", "run in cfg:bench", "2", "2024-02-20T15:25:03"],
        ["works", "linux", "not stated", "none", "4.1, _r4.0, _performance-only", "run in cfg:bench", "1", "2024-02-20T15:25:03"],
    ]  # fmt: skip
    assert "1 of 4 recorded runs failed" in shown
    assert "runs that benchmarks recorded, counted and not checked" in shown
    assert 'a/team/cfg/bench/#runs"' in shown
    counted = section(article(page_of(found, 0)), "what-was-run")
    assert cells(counted) == [["script with the tags run-mlperf-inference", "4 runs", "in its “Works on”"]]
    assert "a/team/script/app/" in counted


@pytest.mark.parametrize(
    ("given_input", "said"),
    [
        ({"device": "cpu"}, ["not recorded", "1 run", "nowhere: the input names no artifact"]),
        ({"automation": "script", "tags": "_r4.0"}, ["not recorded", "1 run", "nowhere: the input names no artifact"]),
        (
            {"automation": "script", "tags": "gone,x"},
            ["script with the tags gone,x", "1 run", "nowhere: no artifact has these tags here or where this repository says it builds on"],
        ),
        (
            {"automation": "script", "artifact": "<b>,00000000000000ff"},
            ["script:&lt;b&gt;,00000000000000ff", "1 run", "nowhere: no artifact of this catalogue has this name"],
        ),
        (
            {"automation": "script", "tags": "two"},
            ["script with the tags two", "1 run", "nowhere: other, third have these tags, and the runs do not say which it was"],
        ),
        ({"automation": "script", "tags": "two,-odd"}, ["script with the tags two and without odd", "1 run", "in its “Works on”"]),
        ({"automation": "script,5b4e0237da074764", "artifact": "app"}, ["script:app", "1 run", "in its “Works on”"]),
        ({"automation": "script", "artifact": "x,0000000000000002", "tags": "gone"}, ["script:x,0000000000000002", "1 run", "in its “Works on”"]),
    ],
)  # fmt: skip
def test_a_run_that_names_no_one_artifact_is_told_of_with_the_reason(given_input: Any, said: list[str]):
    found = context(runs(given_input), script("other", 3, tags=("two",)), script("third", 4, tags=("two", "odd")))
    assert cells(section(article(page_of(found, 0)), "what-was-run")) == [said]
    pages = [article(page_of(found, number)) for number in (1, 2, 3)]
    assert sum('id="works-on"' in page for page in pages) == ("Works on" in said[2])


def test_how_a_run_ended_must_be_known():
    found = context(runs(INPUT, output=None, meta={}))
    assert 'id="works-on"' not in page_of(found, 1)
    (row,) = cells(section(article(page_of(found, 0)), "what-was-run"))
    assert row == ["script with the tags run-mlperf-inference", "1 run", "nowhere: it is not known how they ended"]


def test_a_copied_cfg_counts_once_and_a_script_elsewhere_is_not_meant():
    files = runs(INPUT)
    copy = cfg("bench", 1, files, repo="other", extra={"view_dimensions": ["input.device"]})
    tree = Tree()
    mine = [
        tree.add(cfg("bench", 1, files, extra={"view_dimensions": ["input.device"]}), files),
        tree.add(script("app", 2, tags=("run-mlperf-inference",)), {}),
    ]
    found = works_on_sections(context_of(catalogue(*mine, tree.add(copy, files)), tree))
    assert found[mine[1].key][0].values["short"] == "1 recorded run, none failed"
    where = found[copy.key][0].values["rows"].rows[0][3]
    assert where.startswith("nowhere: no artifact has these tags here")


def test_many_kinds_of_runs_leave_both_pages_small():
    inputs = [{"automation": "script", "tags": f"{'t' * 300}{number}"} for number in range(100)]
    inputs += [{**INPUT, "device": f"{'d' * 300}{number}", "host_os": "o" * 300} for number in range(100)]
    found = context(runs(*inputs))
    for number, anchor in ((0, "what-was-run"), (1, "works-on")):
        text = section(article(page_of(found, number)), anchor)
        assert len(text) < 9_000
        assert "more" in text


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
_KEYS = st.sampled_from(["automation", "artifact", "tags", "device", "host_os", "version", "env", "new_env"])


@given(st.dictionaries(_KEYS, _VALUES, max_size=6), st.dictionaries(_KEYS, _VALUES, max_size=6))
def test_nothing_in_a_run_raises(given_input: dict[str, Any], output: dict[str, Any]):
    start = run_start(given_input, output)
    assert start.names_something or start.selection
    assert len(start.dependency.text) < 10_000


def test_a_changed_run_changes_the_page_of_what_it_ran(tmp_path: Path):
    """The page of a script shows the runs of a cfg elsewhere: a quick build must give what a whole one does."""
    folder = tmp_path / "repository"
    for name, text in {
        "cmr.yaml": "alias: team\nuid: 00000000000000aa\n",
        "script/app/_cm.yaml": 'alias: app\nuid: "aaaaaaaaaaaaaaa1"\nautomation_alias: script\nautomation_uid: "5b4e0237da074764"\ntags: [run-mlperf-inference]\n',
        "cfg/benchmark-run-x/_cm.yaml": 'alias: benchmark-run-x\nuid: "aaaaaaaaaaaaaaa2"\nautomation_alias: cfg\nautomation_uid: "88dce9c160324c5d"\ntags: [benchmark, run]\nview_dimensions: [input.device]\n',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name, content in runs(INPUT, meta={"date_time": "2024-02-20T15:25:03"}).items():
        (folder / "cfg/benchmark-run-x" / name).write_bytes(content)
    config, site = tmp_path / "registry.yml", tmp_path / "site"
    config.write_text(f"title: T\nregistry_id: {'a' * 32}\nsources: [{{folder: repository}}]\n")
    assert build(config, site).returncode == 0
    page = site / "a/team/script/app/index.html"
    assert "1 recorded run, none failed" in page.read_text("utf-8")
    changed = folder / f"cfg/benchmark-run-x/run-{0:016x}-output.json"
    changed.write_text(json.dumps({"return": 1, "error": "no"}))
    assert build(config, site).returncode == 0
    assert "1 of 1 recorded run failed" in page.read_text("utf-8")


def test_names_without_a_uid_are_no_wildcards():
    found = context(runs({"automation": "script", "artifact": ","}), renamed(script("other", 3)))
    assert cells(section(article(page_of(found, 0)), "what-was-run"))[0][0] == "not recorded"
