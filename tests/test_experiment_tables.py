"""Tables of all experiments: which rows they hold in which order, what is marked, and that no row can break them."""

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmsite.outputs import OutputFile
from cmsite.results.derived import METRICS, Metric, metrics_of, mistakes, values_of
from cmsite.results.expressions import parse_expression
from cmsite.results.row_blocks import ExperimentRows, read_blocks
from cmsite.results.row_checks import check_files, check_rows
from cmsite.results.row_data import data_files, read_shard, shard_values
from cmsite.results.row_marks import Mark
from cmsite.results.row_merging import HeldBlock
from cmsite.results.row_tables import RowTable, names_alike, tables_of
from cmsite.site.context import SiteContext
from cmsite.site.table_pages import render_table, table_jobs
from tests.catalog_factory import Tree, catalogue, context_of, script
from tests.test_results_pages import Reader


def row(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a row of MLPerf inference; None leaves a key out."""
    values = {
        "uid": f"{number:016x}", "SystemName": f"System {number}", "MlperfModel": "resnet", "Model": "resnet50",
        "Scenario": "Offline", "Division": "closed", "SystemType": "datacenter", "version": "v3.1", "Result": 10.5 * number,
        "Result_Units": "Samples/s", "Units": "Samples/s", "Accuracy": 76.1, "Organization": "Team", "has_power": False,
        "accelerators_per_node": 2, "number_of_nodes": 2, "host_processor_core_count": 4, "host_processors_per_node": 2,
        "inferred": 0, "url": f"https://example.org/{number}",
    }  # fmt: skip
    return {key: value for key, value in {**values, **fields}.items() if value is not ...}


class Experiments:
    """Experiments of a catalogue whose files hold the given rows or bytes."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self.tree = Tree()
        self.found: list[tuple[Any, ExperimentRows]] = []
        for number, (alias, content) in enumerate(files.items()):
            data = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
            named = {"2026-01-01/cm-result.json": data}
            artifact = self.tree.add(script(alias, number, named, automation="experiment"), named)
            rows = read_blocks(artifact, self.tree.read)
            assert rows is not None
            self.found.append((artifact, rows))
        blocks = [HeldBlock(artifact=artifact, block=block) for artifact, rows in self.found for block in rows.blocks]
        self.tables = tables_of(blocks, lambda artifact, path: f"https://example.org/{artifact.commit}/{path}")

    @property
    def table(self) -> RowTable:
        (table,) = self.tables
        return table

    def context(self) -> SiteContext:
        return context_of(catalogue(*(artifact for artifact, _ in self.found)), self.tree, tables=self.tables)

    def files(self) -> dict[str, OutputFile]:
        context = self.context()
        return {file.path: file for job in table_jobs(context) for file in render_table(context, job)}


def read_data(file: OutputFile) -> dict[str, Any]:
    text = file.content.decode("ascii")
    assert "<" not in text
    return read_shard(text)


def decoded(table: RowTable) -> list[dict[str, Any]]:
    """Return the rows that the data scripts of a table hold."""
    rows: list[dict[str, Any]] = []
    for file in data_files(table):
        data = read_data(file)
        shard: list[dict[str, Any]] = [{} for _ in range(data["rows"])]
        for column in data["columns"]:
            assert column.get("values", []) == sorted(set(column.get("values", [])))
            for fields, value in zip(shard, shard_values(column), strict=True):
                if value is not None:
                    fields[column["name"]] = value
        rows.extend(shard)
    return rows


def test_a_row_that_repeats_is_one_and_one_that_contradicts_is_kept() -> None:
    table = Experiments({"one": [row(1), row(2)], "two": [row(2), row(1, Result=11)]}).table
    assert (table.rows.read, table.total, table.rows.uids, table.rows.conflicting_uids) == (4, 3, 2, 1)
    rows = {(found["uid"], found["Result"]): found for found in decoded(table)}
    assert [found["Marks"] for found in rows.values()] == [0, 2, 2]
    assert rows["0000000000000002", 21]["Experiments"] == "one, two"
    assert rows["0000000000000001", 11]["Quality"] == "conflict"
    assert rows["0000000000000001", 11]["Experiment"] == "a/team/experiment/two/"


def test_rows_without_a_uid_are_never_the_same() -> None:
    table = Experiments({"one": [row(1, uid=...), row(1, uid=...)], "two": [row(1, uid="")]}).table
    assert (table.total, table.rows.conflicting_uids) == (3, 0)


def test_true_is_not_one() -> None:
    table = Experiments({"one": [row(1, has_power=True)], "two": [row(1, has_power=1)]}).table
    assert table.counts[Mark.CONFLICT] == 2


def test_the_order_is_by_group_measured_better_uid() -> None:
    rows = [
        row(1, Result=5), row(2, Result=9, inferred=1), row(3, Result=7), row(4, Result=7), row(5, Result=None),
        row(6, Scenario="Server", Result=1), row(8, Result=3, Units="Latency (ms)", Result_Units="Latency (ms)"),
        row(7, Result=2, Units="Latency (ms)", Result_Units="Latency (ms)"),
    ]  # fmt: skip
    table = Experiments({"one": rows}).table
    assert [int(uid, 16) for uid in table.texts("uid")] == [7, 8, 3, 4, 1, 5, 2, 6]
    assert [found["uid"] for found in decoded(table)] == table.texts("uid")


def test_marks_tell_what_is_special() -> None:
    table = Experiments({
        "one": [
            row(1, inferred=1), row(2, host_processor_core_count="4 (big); 4 (LITTLE)"), row(3, Units="Queries/s"),
            row(4, Accuracy=0.76), row(5, Result=None), row(6, Result="fast"), row(7, Accuracy="None"), row(8),
        ]
    }).table  # fmt: skip
    marks = {int(uid, 16): mark for uid, mark in zip(table.texts("uid"), table.marks, strict=True)}
    assert marks == {1: 1, 2: 4, 3: 8, 4: 16, 5: 32, 6: 36, 7: 4, 8: 0}
    assert table.texts("Cores (text)")[table.texts("uid").index(f"{2:016x}")] == "4 (big); 4 (LITTLE)"
    assert table.texts("Result (text)").count("fast") == 1


def test_counts_of_0_empty_or_text_give_no_value_per_accelerator() -> None:
    counts = [0, "", "N/A", "(8,4)", -1, 1.5, None, 2]
    table = Experiments(
        {"one": [row(n, accelerators_per_node=count, Result=8) for n, count in enumerate(counts)]}
    ).table
    per_accelerator = next(metric for metric in METRICS if metric.name == "Performance per accelerator")
    values = dict(zip(table.texts("uid"), values_of(per_accelerator, table), strict=True))
    assert [values[f"{n:016x}"] for n in range(len(counts))] == [None] * 7 + [2.0]


def test_a_latency_has_no_value_per_accelerator_and_energy_none_per_watt() -> None:
    rows = [
        row(1, Units="Latency (ms)", Result_Units="Latency (ms)", Result_Power=3.0, Result_Power_Units="millijoules"),
        row(2, Result=100, Result_Power=50.0, Result_Power_Units="Watts"),
    ]
    table = Experiments({"one": rows}).table
    found = {metric.name: sorted(map(str, values_of(metric, table))) for metric in metrics_of(table)}
    assert found["Performance per watt"] == ["2.0", "None"]
    assert found["Performance per accelerator"] == ["25.0", "None"]
    assert found["Performance per core"] == ["6.25", "None"]


def findings_of(*rows: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = check_rows(Experiments({"one": list(rows)}).tables)
    return [(finding.code, finding.severity.name.lower(), finding.message) for finding in found]


def test_a_dice_score_beside_percents_of_other_benchmarks_is_no_finding() -> None:
    dice = [row(n, MlperfModel="3d-unet-99", Model="3d-unet-99", Accuracy=0.86) for n in (1, 2)]
    assert findings_of(*dice, row(3)) == []
    found = findings_of(*dice, row(3), row(4, Accuracy=0.761))
    assert [code for code, _, _ in found] == ["CM512"]
    assert found[0][2].startswith("1 row (line ")
    assert findings_of(row(3), row(4, Accuracy=0.1, Accuracy_div_100=0.001)) == []


def test_a_row_of_power_has_its_result() -> None:
    assert findings_of(row(1, Result=None, Result_Power=61.3), row(2)) == []
    for power in (..., None, "61", True, float("nan")):
        assert [code for code, _, _ in findings_of(row(1, Result=None, Result_Power=power), row(2))] == ["CM515"], power


def test_a_copy_that_lacks_a_value_is_a_note_and_one_that_contradicts_a_warning() -> None:
    found = findings_of(row(1, Inference_per_Joule=None), row(1, Inference_per_Joule=5.8))
    assert [(code, severity) for code, severity, _ in found] == [("CM511", "note")]
    assert found[0][2].endswith("is equal but for a value that one of them lacks: Inference_per_Joule")
    found = findings_of(row(1, Inference_per_Joule=5.7), row(1, Inference_per_Joule=5.8), row(1))
    assert [(code, severity) for code, severity, _ in found] == [("CM511", "warning")]
    both = findings_of(row(1, Inference_per_Joule=5.7), row(1), row(2), row(2, Result=3))
    assert sorted((code, severity) for code, severity, _ in both) == [("CM511", "note"), ("CM511", "warning")]


def test_findings_name_the_file_and_the_first_lines() -> None:
    experiments = Experiments({
        "one": [row(n, inferred=1) for n in range(9)], "two": b"[" * 100_000, "three": b'[{"Result": 1} x]',
        "four": [row(1), row(1, Result=3)], "five": [row(30, Organization="team"), row(31), row(32)],
    })  # fmt: skip
    found = {finding.code: finding for finding in (*check_rows(experiments.tables), *check_files(experiments.found))}
    assert found["CM516"].path == "experiment/one/2026-01-01/cm-result.json"
    assert found["CM516"].message.startswith("9 rows (lines 2, 24, 46 and 6 more) are inferred")
    assert found["CM516"].place is not None
    assert found["CM516"].place.line == 2
    assert "share the uid" in found["CM511"].message
    assert "'Team' (" in found["CM518"].message
    unread = [finding for finding in check_files(experiments.found) if finding.code == "CM510"]
    assert [finding.path.split("/")[1] for finding in unread] == ["two", "three"]
    assert ["nested too deeply" in unread[0].message, "comma" in unread[1].message] == [True, True]


def test_a_finding_about_texts_names_the_columns_of_its_file_only() -> None:
    experiments = Experiments({
        "one": [row(1, host_processor_core_count="4 (big); 4 (LITTLE)"), row(2, accelerators_per_node="two")],
        "two": [row(3, Result="fast"), row(4)],
    })  # fmt: skip
    said = [
        finding.message.partition("expected: ")[2]
        for finding in check_rows(experiments.tables)
        if finding.code == "CM513"
    ]
    assert said == ["Accelerators, Cores", "Result"]


def test_keys_with_blanks_count_as_those_without() -> None:
    table = Experiments(
        {"one": [{**row(1), "operating_system ": "Linux"}, {**row(2), "operating_system": "BSD"}]}
    ).table
    assert sorted(table.texts("Operating system")) == ["BSD", "Linux"]
    assert dict(table.rows.respelled) == {"operating_system ": "operating_system"}
    assert {finding.code for finding in check_rows([table])} == {"CM517"}


def test_every_key_that_says_something_is_a_column() -> None:
    table = Experiments({"one": [row(1, Other="x", Nothing="", More=[1, 2]), row(2, Other="y", Nothing=None)]}).table
    assert table.texts("Other") == ["y", "x"]
    assert table.column("Nothing") is None
    assert sorted(table.texts("More")) == ["", "[1, 2]"]
    assert table.column("MlperfModel") is None  # It is the column Benchmark.


def test_a_row_that_is_none_of_mlperfs_stands_in_the_table_of_its_repository() -> None:
    experiments = Experiments(
        {"one": [{"uid": "a", "time_s": 1.5}], "two": [row(1)], "three": [{"uid": "b", "time_s": 2}]}
    )
    assert [table.name for table in experiments.tables] == ["inference", "other-team"]
    assert experiments.tables[1].group == ("Experiments",)
    pages = experiments.files()
    assert "Result not verified" not in Reader(pages["results/experiments/other-team/index.html"].content.decode()).text
    assert (
        "Result not verified by MLCommons"
        in Reader(pages["results/experiments/inference/index.html"].content.decode()).text
    )


def about(page: str) -> dict[str, Any]:
    start = page.index('id="cm-table-about">') + len('id="cm-table-about">')
    block: dict[str, Any] = json.loads(page[start : page.index("</script>", start)])
    return block


def test_the_page_tells_its_script_what_it_needs() -> None:
    experiments = Experiments({"one": [row(n) for n in range(1, 71)]})
    page = experiments.files()["results/experiments/inference/index.html"].content.decode()
    block = about(page)
    assert (block["schema"], block["total"], block["shards"]) == ("cmsite-table-page/1", 70, ["data-0.js"])
    assert block["base"] == "../../.."
    assert [column["name"] for column in block["columns"]] == [column.name for column in experiments.table.columns]
    assert block["units"] == {"Samples/s": {"quantity": "throughput", "lower_is_better": False}}
    assert block["links"] == {"source": "Source", "commit": "Commit", "experiment": "Experiment"}
    assert page.count("<tr>") > 50
    assert "System 70" in page
    assert "System 20<" not in page, "the first 50 rows only"


HOSTILE = (
    "__proto__", "constructor", "<img onerror>", "</script><script>alert(1)</script>", "Marks", "Source", "Result (text)",
    "a]b", "", " ", "\u2028", "\ud800", "=1+1", "x" * 5000,
)  # fmt: skip


@cache
def hostile_files() -> dict[str, OutputFile]:
    values: list[Any] = [1, 2.5, "<b>", None, [{}], {"a": "<i>"}, True]
    rows = [row(n, **dict.fromkeys(HOSTILE, value)) for n, value in enumerate(values)]
    texts = [
        row(
            9,
            SystemName="<img src=x onerror=alert(1)>",
            Organization="</script>",
            url="javascript:alert(1)",
            MlperfModel="../../<b>",
        )
    ]
    raw = b'[{"uid": "n", "MlperfModel": "r", "Scenario": "s", "Result": NaN, "x": Infinity, "y": -Infinity, "z": 1e999, "w": 123456789012345678901}]'
    return Experiments({"one": rows, "two": texts, "three": raw}).files()


def test_hostile_rows_break_neither_page_nor_data() -> None:
    files = hostile_files()
    for path, file in files.items():
        if path.endswith(".html"):
            page = file.content.decode("utf-8", "surrogatepass")
            reader = Reader(page)
            assert not [image for image in reader.all("img") if "onerror" in image]
            assert not [link for link in reader.all("a") if link.get("href", "").startswith("javascript")]
            assert "alert(1)</script>" not in page
        else:
            read_data(file)
    data = next(read_data(file) for path, file in files.items() if path.endswith("data-0.js"))
    names = [column["name"] for column in data["columns"]]
    assert len(names) == len(set(names))
    assert {"__proto__", "<img onerror>", "Marks (key)"} <= set(names)
    for column in data["columns"]:
        assert all(value is None or isinstance(value, str) or math.isfinite(value) for value in shard_values(column))


def test_ten_thousand_keys_are_cut_and_counted() -> None:
    experiments = Experiments({"one": [{**row(1), **{f"key {number}": number for number in range(10_000)}}]})
    assert len(experiments.table.columns) < 1_000
    (finding,) = [finding for finding in check_files(experiments.found) if finding.code == "CM510"]
    assert "different keys are more than" in finding.message


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.one_of(st.sampled_from(sorted(row())), st.text(max_size=6)), JSON, max_size=6), max_size=6
    )
)
def test_any_rows_give_tables_whose_data_hold_every_row(rows: list[dict[str, Any]]) -> None:
    experiments = Experiments({"one": json.dumps(rows).encode()})
    assert sum(table.rows.read for table in experiments.tables) == sum(bool(found) for found in rows)
    for table in experiments.tables:
        assert len(decoded(table)) == table.total
        assert set(table.rows.kept_as) == set(range(table.total))
    list(check_rows(experiments.tables))


def test_metrics_of_a_catalogue_that_name_nothing_are_told() -> None:
    table = Experiments({"one": [row(1)]}).table
    metric = Metric(name="x", expression=parse_expression("[Resutl] / [Nodes]"), tables=("inferense",))
    found = list(mistakes(metric, [table]))
    assert found == ["there is no table 'inferense'; did you mean 'inference'?"]
    metric = Metric(name="x", expression=parse_expression("[Resutl] / [Nodes]"))
    assert list(mistakes(metric, [table])) == ["there is no column of numbers 'Resutl'; did you mean 'Result'?"]


def test_names_alike() -> None:
    assert names_alike(["CTuning", "cTuning", "Krai", "cTuning"]) == (("CTuning", "cTuning"),)


def test_the_page_of_a_benchmark_keeps_groups_apart_and_draws_their_fronts() -> None:
    rows = [
        row(1, Result=10, Result_Power=5.0, Result_Power_Units="Watts", has_power=True, SystemType="edge,datacenter"),
        row(2, Result=20, Result_Power=9.0, Result_Power_Units="Watts", has_power=True),
        row(3, Result=15, Result_Power=9.5, Result_Power_Units="Watts", has_power=True),
        row(4, Result=99, inferred=1, Result_Power=1.0, Result_Power_Units="Watts", has_power=True),
        row(5, Result=30, has_power=True),
        row(6, Scenario="Server", Result=1000),
    ]
    page = Experiments({"one": rows}).files()["results/experiments/inference/resnet/index.html"].content.decode()
    reader = Reader(page)
    assert "6 rows, 5 of them measured, in 3 groups" in reader.text
    assert "1 measured row without Watts or result not drawn" in reader.text
    (drawing,) = [svg for svg in reader.all("svg") if "Pareto front" in svg.get("aria-label", "")]
    assert drawing["aria-label"] == "Samples/s over Watts: 3 points, 2 of them on the Pareto front"
    front = page[page.index('aria-label="The Pareto front"') : page.index("</figure>", page.index("The Pareto front"))]
    assert [f"System {number}<" in front for number in range(1, 7)] == [True, True, False, False, False, False]
    assert 'class="cm-scatter__line" d="M10.0 230.0H' in page
    assert "f.System+type=%3Dedge" in page


def test_fractions_beside_percents_are_not_on_one_axis() -> None:
    rows = [row(1, Accuracy=0.76), row(2, Accuracy=76.0), row(3, Accuracy=75.0)]
    page = Experiments({"one": rows}).files()["results/experiments/inference/resnet/index.html"].content.decode()
    assert "2 points" in page
    assert "1 measured row without Accuracy or result not drawn" in Reader(page).text
