"""The runs of `cfg/benchmark-run-*` as a table: columns from `view_dimensions`, failures kept and marked."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.results.run_tables import MAX_FILE_BYTES, MAX_RUNS, RunState, RunTable, read_run_table
from tests.catalog_factory import Tree, article, catalogue, context_of, page_of, script
from tests.requirements import corpus_folder

# As mlcommons/ck has them beside cfg/benchmark-run-mlperf-inference-v3.1.
LAST = "cm-mlperf-inference-results-last"
DIMENSIONS = [
    ["input.device", "MLPerf device"],
    ["input.scenario", "MLPerf scenario"],
    [f"output.state.{LAST}.performance", "Got performance", "tick"],
    [f"output.state.{LAST}.power", "Got energy", "tick"],
]
META = {"uid": "7f094c244ebb4985", "compute_uid": "00000000000000c1", "date_time": "2024-02-20T15:25:03.786139", "functional": True, "reproduced": True, "support_docker": True}  # fmt: skip
INPUT = {"device": "cpu", "scenario": "Offline", "cmd": ["--x"], "adr": {"python": {"version_min": "3.8"}}}
OUTPUT = {"return": 0, "state": {LAST: {"performance": "0.809", "performance_valid": True}}}


def cfg(alias: str, number: int, files: dict[str, bytes], **fields: Any) -> Artifact:
    return script(alias, number, files, automation="cfg", **fields)


def run_of(uid: str = "7f094c244ebb4985", **parts: Any) -> dict[str, bytes]:
    """Return the files of one run; a part that is None is missing, bytes are taken as they are."""
    values = {"meta": {**META, "uid": uid}, "input": INPUT, "output": OUTPUT, **parts}
    return {
        f"run-{uid}-{part}.json": value if isinstance(value, bytes) else json.dumps(value).encode()
        for part, value in values.items()
        if value is not None
    }


def table(files: dict[str, bytes], dimensions: Any = None, sizes: dict[str, int] | None = None) -> RunTable | None:
    names = {"_cm.yaml": b"x", **files}
    owner = cfg("benchmark-run-x", 1, names, extra={"view_dimensions": DIMENSIONS if dimensions is None else dimensions})  # fmt: skip
    if sizes:
        owner = replace(owner, files=tuple(replace(file, size_bytes=sizes.get(file.path, file.size_bytes)) for file in owner.files))  # fmt: skip

    def read(_: Artifact, path: str) -> bytes:
        return names[path.rpartition("/")[2]]

    return read_run_table(owner, read)


def only(files: dict[str, bytes], **options: Any) -> Any:
    found = table(files, **options)
    assert found is not None
    (one,) = found.runs
    return one


def test_a_run_has_the_values_of_its_columns_and_what_its_record_states():
    one = only(run_of())
    assert one.values == ("cpu", "Offline", "0.809", "")
    assert (one.state, one.reason, one.problems) == (RunState.COMPLETED, "", ())
    assert (one.functional, one.reproduced, one.docker) == (True, True, True)
    assert (one.date, one.computer) == ("2024-02-20T15:25:03.786139", "00000000000000c1")


@pytest.mark.parametrize(
    ("parts", "state", "reason", "problems"),
    [
        ({"output": {"return": 1, "error": "out of memory"}}, "failed", "return code 1: out of memory", ()),
        ({"meta": {"functional": False}}, "failed", "stated as not functional", ()),
        ({"output": None, "meta": {}}, "not known", "there is no return code", ("output is missing",)),
        ({"output": None}, "completed", "as stated; there is no return code", ("output is missing",)),
        ({"output": b"{", "meta": {}}, "not known", "there is no return code", ("output is no JSON",)),
        ({"output": b"[" * 100_000, "meta": {}}, "not known", "there is no return code", ("output is no JSON",)),
        ({"output": b"[1]", "meta": {}}, "not known", "there is no return code", ("output must be a mapping, got a list",)),
        ({"input": b"\xff"}, "completed", "", ("input is no JSON",)),
        ({"meta": {"uid": "800fe1b33ca443da"}}, "completed", "", ("the meta's uid is 800fe1b33ca443da",)),
        ({"output": {"return": True}, "meta": {"functional": "no"}}, "failed", "stated as not functional", ()),
    ],
)  # fmt: skip
def test_what_failed_or_cannot_be_told_is_kept_with_its_reason(parts, state, reason, problems):
    one = only(run_of(**parts))
    assert (one.state.value, one.reason, one.problems) == (state, reason, problems)


def test_failures_stand_first_then_the_newest():
    runs = {
        **run_of("a1", meta={"date_time": "2024-01-01"}),
        **run_of("a2", meta={"date_time": "2024-03-01"}),
        **run_of("a3", meta={"date_time": "2023-01-01"}, output={"return": 2}),
        **run_of("a4", meta={}, output=None),
    }
    found = table(runs)
    assert found is not None
    assert [run.uid for run in found.runs] == ["a3", "a4", "a2", "a1"]


def test_numbers_keep_their_spelling_and_keys_may_hold_dots():
    dimensions = ["input.a.b.c", ["input.list", "List"], ["input.deep", ""], [5], [], "input.no"]
    one = only(run_of(input={"a.b": {"c": 1e-7}, "list": [1, "x", {}], "deep": {"x": 1}}), dimensions=dimensions)
    assert one.values == ("1e-07", "1, x, a mapping", "a mapping", "", "")


def test_a_cfg_without_runs_and_columns_is_no_table_and_limits_hold():
    assert table({}, dimensions="x") is None
    assert table({"run-x-meta.txt": b"", "sub-run-a-meta.json": b""}, dimensions=[]) is None
    empty = table({})
    assert empty is not None
    assert empty.runs == ()
    many: dict[str, bytes] = {}
    for number in range(MAX_RUNS + 3):
        many |= run_of(f"{number:05}", input=None, output=None)
    found = table(many)
    assert found is not None
    assert (len(found.runs), found.left_out) == (MAX_RUNS, 3)
    large = only(run_of(), sizes={"run-7f094c244ebb4985-output.json": MAX_FILE_BYTES + 1})
    assert large.problems == ("output has 1,000,001 bytes and was not read",)
    assert large.values[2] == ""


def test_a_file_that_vanished_is_a_problem_of_its_run():
    owner = cfg("x", 1, {"run-a-meta.json": b"{}"}, extra={"view_dimensions": DIMENSIONS})

    def gone(_: Artifact, path: str) -> bytes:
        raise SourceError(f"{path} vanished")

    found = read_run_table(owner, gone)
    assert found is not None
    assert "vanished" in found.runs[0].problems[0]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@given(_VALUES, st.dictionaries(st.sampled_from(["meta", "input", "output"]), _VALUES))
def test_nothing_in_a_meta_or_a_run_raises(dimensions: Any, parts: dict[str, Any]):
    found = table(run_of(**parts), dimensions=dimensions)
    assert found is not None
    assert all(len(run.values) == len(found.columns) for run in found.runs)


# --- Pages ------------------------------------------------------------------------------------------------------------


def page(files: dict[str, bytes], dimensions: Any = None) -> str:
    tree = Tree()
    computer = tree.add(cfg("my-computer", 0xC1, {}), {})
    owner = tree.add(cfg("bench", 1, files, extra={"view_dimensions": DIMENSIONS if dimensions is None else dimensions}), files)  # fmt: skip
    return article(page_of(context_of(catalogue(owner, computer), tree)))


def test_the_page_shows_the_runs_failures_first_and_leads_to_the_computer():
    shown = page({**run_of(), **run_of("bad", output={"return": 1, "error": "<b>no</b>"}), **run_of("odd", input=b"{")})
    assert "3 runs: 1 failed, 2 completed. 3 of them stated as reproduced; no number was compared here." in shown
    assert shown.index("✗ failed: return code 1: &lt;b&gt;no&lt;/b&gt;") < shown.index("✓ completed")
    assert ">my-computer</a>" in shown
    assert "input is no JSON" in shown
    assert "No run has a value of: Got energy." in shown
    assert "<b>no" not in shown


def test_a_table_without_runs_says_so_and_names_its_columns():
    shown = page({})
    assert (
        "No run is recorded here. A run would show: MLPerf device, MLPerf scenario, Got performance, Got energy."
        in shown
    )


def test_a_page_of_many_runs_stays_small_and_counts_the_rest():
    files: dict[str, bytes] = {}
    for number in range(200):
        files |= run_of(f"{number:016x}", input={"device": "x" * 200, "scenario": "y" * 200})
    shown = page(files)
    section = shown.partition('id="runs"')[2].partition("<h2")[0]
    assert len(section) < 14_000
    assert "more</p>" in section


@pytest.mark.corpus
def test_the_tables_of_the_corpora_have_columns_and_no_run_left():
    import yaml

    folder = corpus_folder("cm4mlops") / "cfg"
    found = {}
    for path in sorted(folder.glob("benchmark-run-*/_cm.yaml")):
        files = tuple(ArtifactFile(path=item.name, source=item.name, size_bytes=1) for item in path.parent.iterdir())
        owner = cfg(path.parent.name, 1, {}, extra=yaml.safe_load(path.read_bytes()))
        read = read_run_table(replace(owner, files=files), lambda _, name: (folder / name).read_bytes())
        assert read is not None
        found[path.parent.name] = (len(read.columns), len(read.runs))
    assert found == {
        "benchmark-run-mlperf-inference-v3.1": (10, 0),
        "benchmark-run-mlperf-inference-v4.0": (8, 0),
        "benchmark-run-mlperf-inference-v4.1": (8, 0),
    }
