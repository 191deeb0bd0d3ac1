"""MLPerf trees → rows: each expectation is written by hand from MLPerf's rules, not with the code it checks."""

import errno
import json
import os
import re
import tarfile

import pytest

from cmsite.errors import SourceError
from cmsite.pipeline.mlperf import read_results
from cmsite.results.mlperf.accuracy import parse_accuracy
from cmsite.results.mlperf.codes import MLPERF_CODES
from cmsite.results.mlperf.detail_log import parse_detail
from cmsite.results.mlperf.published import parse_rows
from cmsite.results.mlperf.values import MlperfLimits
from tests import mlperf_tree as tree

NOTICE = "Result not verified by MLCommons Association."


def codes(reading):
    return [item.code for item in reading.findings if item.code != "CM545"]


def only(reading):
    (row,) = reading.rows
    return row


def test_a_closed_offline_result_is_the_row_a_person_would_write(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    reading = read_results(tmp_path)
    row = dict(only(reading))
    assert len(row.pop("uid")) == 16
    assert row == {
        "Accuracy": 76.078,
        "Accuracy_Metric": "acc",
        "Accuracy_all": "acc: 76.078",
        "Availability": "available",
        "Division": "closed",
        "Location": "closed/Acme/results/box/resnet50/offline",
        "MlperfModel": "resnet",
        "Model": "resnet50",
        "Organization": "Acme",
        "Platform": "box",
        "Result": 1000.5,
        "Result_Units": "Samples/s",
        "Scenario": "Offline",
        "SystemName": "Acme Box 3000",
        "SystemType": "edge",
        "Units": "Samples/s",
        "accelerator_model_name": "Acme Accelerator",
        "accelerators_per_node": 8,
        "errors": 0,
        "framework": "AcmeRT 1.0",
        "has_power": False,
        "host_processor_core_count": "4 (big); 4 (LITTLE)",
        "host_processor_model_name": "Acme CPU",
        "host_processors_per_node": 2,
        "inferred": 0,
        "loadgen_version": "5.0.13 @ e618c314fc",
        "measured_scenario": "Offline",
        "notes": "Cooled",
        "notice": NOTICE,
        "number_of_nodes": 1,
        "operating_system": "Ubuntu 24.04",
        "result_mean_latency_ns": 2000000,
        "result_min_duration_met": True,
        "result_samples_per_second": 1000.5,
        "source": "closed/Acme/results/box/resnet50/offline/performance/run_1/mlperf_log_detail.txt",
        "status": "unverified",
        "test_datetime": "2025-02-12T19:25:40Z",
        "validity": "VALID",
        "version": "v5.0",
        "version_source": "loadgen_version",
    }
    (finding,) = reading.findings
    assert finding.code == "CM545"
    assert "--round" in finding.hint


@pytest.mark.parametrize(
    ("scenario", "values", "version", "result", "unit", "inferred"),
    [
        ("Server", tree.SERVER, "5.0.13", 900.25, "Queries/s", 0),
        ("Server", tree.SERVER, "4.0.2", 950.75, "Queries/s", 0),  # Scheduled samples counted before v4.1.
        ("SingleStream", tree.SINGLE_STREAM, "5.0.13", 0.304853, "Latency (ms)", 0),
        ("MultiStream", tree.SINGLE_STREAM, "5.0.13", 2.542984, "Latency (ms)", 1),  # 8 x 317873 ns.
        ("Offline", tree.SINGLE_STREAM, "5.0.13", 3396.5, "Samples/s", 1),
        (
            "Offline",
            {
                "effective_scenario": "MultiStream",
                "effective_samples_per_query": 8,
                "result_mean_query_latency_ns": 4e6,
            },
            "5.0.13",
            2000.0,  # 8 samples in 4 ms.
            "Samples/s",
            1,
        ),
        ("Interactive", tree.SERVER, "6.1.0", 900.25, "Queries/s", 0),  # The load generator knows no Interactive.
    ],
)
def test_the_number_of_each_scenario(tmp_path, scenario, values, version, result, unit, inferred):
    base = tree.point(tmp_path, "resnet50", scenario.lower(), tree.OFFLINE)
    tree.write(base, "performance/run_1/mlperf_log_detail.txt", tree.detail(values, version=version))
    (base / "performance/run_1/mlperf_log_summary.txt").unlink()
    row = only(read_results(tmp_path))
    assert (row["Result"], row["Result_Units"], row["inferred"]) == (pytest.approx(result, rel=1e-12), unit, inferred)
    assert row["measured_scenario"] == values["effective_scenario"]


def test_models_that_count_tokens_report_tokens(tmp_path):
    values = {"effective_scenario": "Offline", "result_samples_per_second": 1.5, "result_tokens_per_second": 3062.72}
    report = "{'rouge1': 44.4312, 'rouge2': '22.0352', 'rougeL': np.float64(28.6162), 'tokens_per_sample': 294.45}\n"
    tree.point(tmp_path, "llama2-70b-99", "Offline", values, accuracy=report)
    row = only(read_results(tmp_path))
    assert (row["Result"], row["Result_Units"]) == (3062.72, "Tokens/s")
    assert row["Accuracy_all"] == "ROUGE1: 44.4312  ROUGE2: 22.0352  ROUGEL: 28.6162  TOKENS_PER_SAMPLE: 294.45"
    assert row["Accuracy"] == 44.4312


SAMPLES = [
    ("02-13-2025 03:25:40.000", 900),  # At the begin: not inside.
    ("02-13-2025 03:26:00.000", 100),
    ("02-13-2025 03:27:00.500", 140),
    ("02-13-2025 03:28:00.500", -1),  # The meter's mark for no value.
    ("02-13-2025 03:36:00.000", 900),  # After the end.
]


def test_power_is_the_mean_between_begin_and_end(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, power=SAMPLES)
    tree.point(tmp_path, "resnet50", "singlestream", tree.SINGLE_STREAM, power=SAMPLES)
    tree.point(tmp_path, "resnet50", "multistream", tree.SINGLE_STREAM, power=SAMPLES)
    multi, offline, single = sorted(read_results(tmp_path).rows, key=lambda row: str(row["Scenario"]))
    assert (offline["Result_Power"], offline["Result_Power_Units"], offline["has_power"]) == (120.0, "Watts", True)
    # 120 W over 600 s are 72 kJ for 1,000 queries; a MultiStream query is eight of them.
    assert (single["Result_Power"], single["Result_Power_Units"]) == (72_000.0, "millijoules")
    assert multi["Result_Power"] == 8 * 72_000.0


def test_power_without_samples_is_a_finding_with_its_file(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, power=[("02-13-2025 03:40:00.000", 100), ("no", "x")])
    reading = read_results(tmp_path)
    assert "Result_Power" not in only(reading)
    found = [item for item in reading.findings if item.path.endswith("spl.txt")]
    assert [item.code for item in found] == ["CM541", "CM541"]
    assert found[1].place is not None
    assert found[1].place.line == 2


def test_an_invalid_run_is_kept_and_marked(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, validity="INVALID")
    reading = read_results(tmp_path)
    row = only(reading)
    assert (row["validity"], row["Result"]) == ("INVALID", 1000.5)
    (finding,) = [item for item in reading.findings if item.code == "CM543"]
    assert "minimum duration not met" in finding.message


def test_a_missing_accuracy_is_a_finding_and_the_row_stays(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, accuracy=None)
    reading = read_results(tmp_path)
    assert "Accuracy" not in only(reading)
    (finding,) = [item for item in reading.findings if item.code == "CM542"]
    assert finding.path == "closed/Acme/results/box/resnet50/offline/accuracy/accuracy.txt"


def test_a_tree_of_summaries_alone_still_gives_rows(tmp_path):
    base = tree.point(tmp_path, "resnet50", "server", tree.SERVER)
    (base / "performance/run_1/mlperf_log_detail.txt").unlink()
    reading = read_results(tmp_path, "v5.0")
    row = only(reading)
    assert (row["Result"], row["validity"], row["version"]) == (900.25, "VALID", "v5.0")
    assert row["source"].endswith("mlperf_log_summary.txt")
    assert codes(reading) == ["CM542"]


def test_an_open_result_of_a_renamed_model_is_mapped_by_its_submitter(tmp_path):
    tree.point(tmp_path, "tinynet", "offline", tree.OFFLINE, division="open")
    tree.write(tmp_path, "open/Acme/model_mapping.json", '{"tinynet": "resnet50"}')
    row = only(read_results(tmp_path))
    assert (row["Division"], row["Model"], row["MlperfModel"], row["Accuracy"]) == ("open", "tinynet", "resnet", 76.078)


def test_ids_come_from_the_summary_that_agrees_with_the_log(tmp_path):
    for model, scenario in (("resnet50", "offline"), ("retinanet", "offline")):
        tree.point(tmp_path, model, scenario, tree.OFFLINE, accuracy="accuracy=76.078%\nmAP=37.3%\n")
    base = "closed/Acme/results/box"
    tree.write(
        tmp_path,
        "summary_results.json",
        tree.published(
            [
                (f"{base}/resnet50/offline", 1000.5),
                (f"{base}/retinanet/offline", 2000.5),
                (f"{base}/bert-99/offline", 7.5),
                (f"{base}/resnet50/offline", 3000.5, {"ID": "5.0-0008"}),
            ]
        ),
    )
    reading = read_results(tmp_path)
    resnet, retinanet, bert = reading.rows
    assert (resnet["ID"], resnet["status"]) == ("5.0-0007", "published")
    assert "notice" not in resnet
    assert "version_source" not in resnet
    assert (retinanet["status"], "ID" in retinanet, retinanet["Result"]) == ("unverified", False, 1000.5)
    assert (bert["MlperfModel"], bert["Result"], bert["status"]) == ("bert-99", 7.5, "published")
    assert bert["source"] == "summary_results.json"
    assert codes(reading) == ["CM544", "CM544"]  # The second row of resnet50, and that of retinanet.


def test_a_published_row_keeps_every_key_under_the_names_of_cm(tmp_path):
    file = tree.write(tmp_path, "summary_results.json", tree.published([("open/Acme/results/box/resnet50/offline", 5)]))
    row = only(read_results(file))
    assert (row["Organization"], row["Division"], row["SystemType"]) == ("Acme", "open", "edge")
    assert (row["Model"], row["MlperfModel"], row["Result"], row["Units"]) == ("resnet50", "resnet", 5, "Samples/s")
    assert row["Unique ID (e.g. for Audit)"] == "edge/closed/Acme/box"
    assert (row["Accuracy"], row["Accuracy_Metric"], row["Accuracy_all"]) == (76.078, "acc", "acc: 76.078")
    assert row["url"].startswith("https://github.com/mlcommons/")
    assert row["ID"] == "5.0-0007"


@pytest.mark.parametrize(
    "text", ['{"a": {"Result": 1, "Scenario": "Offline"}}', '{"results": [{"Result": 1}]}', '[{"Result": 1}]']
)
def test_a_summary_may_be_a_list_or_a_mapping_of_rows(text):
    rows, problems = parse_rows("summary.json", text.encode(), 10)
    assert [row["Result"] for row in rows] == [1]
    assert rows[0]["status"] == "unverified"
    assert problems == ()


def test_the_checkers_csv_is_read(tmp_path):
    text = 'Organization,MlperfModel,Scenario,Result,Units,has_power,Accuracy,notes\nAcme,resnet,Offline,5.5,Samples/s,True,"acc: 76.1",""\n'
    row = only(read_results(tree.write(tmp_path, "summary.csv", text)))
    assert (row["Result"], row["Result_Units"], row["has_power"], row["Accuracy"]) == (5.5, "Samples/s", True, 76.1)


def test_the_same_tree_in_an_archive_gives_the_same_rows(tmp_path):
    folder = tmp_path / "tree"
    tree.point(folder, "resnet50", "offline", tree.OFFLINE)
    with tarfile.open(tmp_path / "tree.tar.gz", "w:gz") as archive:
        archive.add(folder, "submission")
    assert read_results(tmp_path / "tree.tar.gz").rows == read_results(folder).rows


@pytest.mark.parametrize("name", ["closed", "closed/Acme"])
def test_an_archive_of_one_division_keeps_its_folder(tmp_path, name):
    tree.point(tmp_path / "tree", "resnet50", "offline", tree.OFFLINE)
    with tarfile.open(tmp_path / "tree.tar", "w") as archive:
        archive.add(tmp_path / "tree" / name, name)
    row = only(read_results(tmp_path / "tree.tar"))
    assert (row["Division"], row["Organization"], row["Result"]) == ("closed", "Acme", 1000.5)


def test_the_folder_of_a_division_is_not_enough(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    with pytest.raises(SourceError, match="name the folder that holds it"):
        read_results(tmp_path / "closed")


@pytest.mark.parametrize(
    "path",
    [
        "closed/Acme/measurements/box/resnet50/offline/box_tensorrt_Offline.json",
        "closed/Acme/results/box/resnet50/offline/measurements.json",  # Since v6.0.
    ],
)
def test_types_of_weights_stand_in_the_settings_of_the_run(tmp_path, path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    tree.write(tmp_path, "closed/Acme/measurements/box/resnet50/offline/model-info.json", '{"weight_data_types": "x"}')
    assert "weight_data_types" not in only(read_results(tmp_path))
    tree.write(tmp_path, path, '{"weight_data_types": "int8"}')
    assert only(read_results(tmp_path))["weight_data_types"] == "int8"


def test_uids_depend_on_what_rows_say_only(tmp_path):
    first = only(read_results(_tree(tmp_path / "a", 1000.5)))
    assert first["uid"] == only(read_results(_tree(tmp_path / "b" / "deeper", 1000.5)))["uid"]
    assert first["uid"] != only(read_results(_tree(tmp_path / "c", 1000.25)))["uid"]


def _tree(root, result):
    tree.point(root, "resnet50", "offline", {**tree.OFFLINE, "result_samples_per_second": result})
    return root


def test_rows_of_a_cm_repository_are_read_as_they_are(tmp_path):
    tree.write(tmp_path, "cmr.yaml", "alias: x\nuid: '0123456789abcdef'\n")
    rows = [{"Result": 1.5, "Scenario": "Offline", "uid": "00ff00ff00ff00ff", "languge": "x"}] * 2
    tree.write(tmp_path, "experiment/e/2025/cm-result.json", json.dumps(rows))
    row = only(read_results(tmp_path))
    assert (row["uid"], row["languge"], row["status"]) == ("00ff00ff00ff00ff", "x", "unverified")
    assert row["source"] == "experiment/e/2025/cm-result.json"


# What hostile and damaged trees do.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\x00\xff" * 100, "does not begin with :::MLLOG"),
        (b":::ENDPTS {}\n", "log of endpoints"),
        (b"<html>not here</html>", "does not begin with :::MLLOG"),
    ],
)
def test_a_log_that_is_none_is_a_finding_and_the_summary_counts(tmp_path, content, expected):
    base = tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    tree.write(base, "performance/run_1/mlperf_log_detail.txt", content)
    reading = read_results(tmp_path)
    assert only(reading)["Result"] == 1000.5
    (finding,) = [item for item in reading.findings if item.code == "CM541"]
    assert expected in finding.message


def test_a_damaged_line_is_named_by_its_number(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, extra=(':::MLLOG {"key": "result_x", "value": ',))
    (finding,) = [item for item in read_results(tmp_path).findings if item.code == "CM541"]
    assert finding.place is not None
    assert finding.place.line == 12  # 8 entries of every log, 3 of the scenario, then this one.


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_never_reach_a_row(tmp_path, value):
    line = f':::MLLOG {{"key": "result_token_throughput", "value": {value}, "metadata": {{}}}}'
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, extra=(line,))
    reading = read_results(tmp_path)
    json.dumps(only(reading), allow_nan=False)
    assert codes(reading) == ["CM546"]


def test_two_logs_of_different_runs_are_a_finding(tmp_path):
    base = tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    other = {**tree.OFFLINE, "result_samples_per_second": 1100.5}
    tree.write(base, "performance/run_1/mlperf_log_summary.txt", tree.summary(other, validity="INVALID"))
    reading = read_results(tmp_path)
    assert (only(reading)["Result"], only(reading)["validity"]) == (1000.5, "VALID")
    assert codes(reading) == ["CM544", "CM544"]


def test_of_a_long_log_the_ends_are_read(tmp_path):
    filler = ":::MLLOG " + json.dumps({"key": "query", "value": "x" * 1000, "metadata": {"is_error": True}})
    values = {**tree.OFFLINE, "result_samples_per_second": 1000.5}
    text = tree.detail({}).replace("result_validity", "generic")
    whole = text + "\n".join([filler] * 1000) + "\n" + tree.detail(values)
    base = tree.point(tmp_path, "resnet50", "offline", values)
    tree.write(base, "performance/run_1/mlperf_log_detail.txt", whole)
    limits = MlperfLimits(detail_bytes=100_000, detail_end_bytes=20_000)
    row = only(read_results(tmp_path, limits=limits))
    assert (row["Result"], row["loadgen_version"], row["validity"]) == (1000.5, "5.0.13 @ e618c314fc", "VALID")
    assert row["errors"] < 1000


def test_a_long_log_in_an_archive_has_a_limit_of_its_own(tmp_path):
    base = tree.point(tmp_path / "tree", "resnet50", "offline", tree.OFFLINE)
    log = base / "performance/run_1/mlperf_log_detail.txt"
    log.write_text(log.read_text() * 20)
    with tarfile.open(tmp_path / "tree.tar", "w") as archive:
        archive.add(tmp_path / "tree", ".")
    size = log.stat().st_size
    enough = MlperfLimits(detail_bytes=1000, detail_end_bytes=size // 4, packed_log_bytes=size)
    assert only(read_results(tmp_path / "tree.tar", limits=enough))["loadgen_version"] == "5.0.13 @ e618c314fc"
    small = MlperfLimits(detail_bytes=1000, detail_end_bytes=500, packed_log_bytes=size - 1)
    reading = read_results(tmp_path / "tree.tar", limits=small)
    assert only(reading)["Result"] == 1000.5  # Of the summary.
    (finding,) = [item for item in reading.findings if item.code == "CM541"]
    assert "unpack the archive" in finding.message


def test_an_error_in_the_log_is_counted(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, error="Loadgen built with uncommitted changes!")
    assert only(read_results(tmp_path))["errors"] == 1


def test_links_that_lead_out_of_the_tree_are_refused(tmp_path):
    secret = tree.write(tmp_path, "secret.txt", "accuracy=99.9%\n")
    base = tree.point(tmp_path / "tree", "resnet50", "offline", tree.OFFLINE, accuracy=None)
    (base / "accuracy").mkdir()
    (base / "accuracy/accuracy.txt").symlink_to(secret)
    reading = read_results(tmp_path / "tree")
    assert "Accuracy" not in only(reading)
    assert any(item.code.startswith("CM4") and item.path.endswith("accuracy.txt") for item in reading.findings)


def test_a_file_nobody_may_read_is_a_finding(tmp_path, monkeypatch):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    opened = os.open

    def refuse(
        path, *arguments, **options
    ):  # Permissions would not do: root, as whom tests often run, reads everything.
        if os.fspath(path).endswith("accuracy/accuracy.txt"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    (found,) = [item for item in read_results(tmp_path).findings if "Permission denied" in item.message]
    assert found.path.endswith("accuracy/accuracy.txt")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "is not JSON"),
        (b"[]", "must hold a mapping"),
        (b"[" * 100_000, "nested"),
        (b'{"system_name": "\xff"}', "UTF-8"),
        (b'{"a": ' + b"9" * 5000 + b"}", "JSON"),
    ],
)
def test_a_hostile_system_description_is_a_finding_with_its_path(tmp_path, content, expected):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    tree.write(tmp_path, "closed/Acme/systems/box.json", content)
    reading = read_results(tmp_path)
    assert only(reading)["Result"] == 1000.5
    found = [item for item in reading.findings if item.path == "closed/Acme/systems/box.json"]
    assert found
    assert expected in found[0].message


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{", b"\xff", b'[{"Result": "x"}]', b"[[[[]]]]", b"null", b'"x"'])
def test_a_damaged_summary_never_raises_and_says_why(content):
    rows, problems = parse_rows("summary_results.json", content, 10)
    assert problems
    assert all(row.get("status") == "unverified" for row in rows)


def test_too_many_rows_or_results_stop_with_a_word(tmp_path):
    rows, problems = parse_rows("x.json", b'[{"Result": 1}, {"Result": 2}, {"Result": 3}]', 2)
    assert len(rows) == 2
    assert "more than 2 rows" in problems[0].message
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    tree.point(tmp_path, "resnet50", "server", tree.SERVER)
    with pytest.raises(SourceError, match="at most 1 are read"):
        read_results(tmp_path, limits=MlperfLimits(results=1))


def test_a_folder_without_results_says_what_was_expected(tmp_path):
    tree.write(tmp_path, "training/result_0.txt", "x")
    with pytest.raises(SourceError, match="expected closed/, open/ or network/"):
        read_results(tmp_path)


OTHER_SUITES = {
    "training": ("Acme/results/8xAcme-80GB/bert/result_0.txt", "Acme/results/8xAcme-80GB/unet3d/result_12.txt"),
    "tiny": (
        "closed/Acme/results/BOARD_RT/ad/performance/results.txt",
        "closed/Acme/results/BOARD_RT/ad/energy/log.txt",
    ),
    "mobile": (
        "closed/Acme/results/phone/mosaic/SingleStream/log_performance/mlperf_log_summary.txt",
        "closed/Acme/results/SD8/object_detection-accuracy/mlperf_log_detail.txt",
    ),
}


@pytest.mark.parametrize("suite", OTHER_SUITES)
def test_a_tree_of_another_suite_is_called_so(tmp_path, suite):
    files = OTHER_SUITES[suite]
    for name in (*files, "README.md", f"{files[0].partition('/results/')[0]}/systems/box.json"):
        tree.write(tmp_path, name, "x")
    words = rf"is a submission tree of MLPerf {suite} \(2 files of results, such as {re.escape(min(files))}\), which is not read"
    with pytest.raises(SourceError, match=words) as refused:
        read_results(tmp_path)
    assert "expected closed/, open/ or network/" in str(refused.value)
    assert f"the tools of MLPerf {suite}" in str(refused.value)


def test_results_of_inference_beside_those_of_another_suite_are_read(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    tree.write(tmp_path, OTHER_SUITES["training"][0], "x")
    assert only(read_results(tmp_path))["Scenario"] == "Offline"


def test_json_that_holds_no_results_is_refused(tmp_path):
    for text in ('{"name": "package", "version": "1.0"}', '[{"a": 1}]'):
        with pytest.raises(SourceError, match="none of its 1 rows has a Result"):
            read_results(tree.write(tmp_path, "package.json", text))


def test_files_above_the_limit_are_findings(tmp_path):
    base = tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    tree.write(base, "accuracy/accuracy.txt", "x" * 5000)
    reading = read_results(tmp_path, limits=MlperfLimits(text_bytes=4000))
    assert "Accuracy" not in only(reading)
    assert codes(reading) == ["CM541"]


@pytest.mark.parametrize(
    ("metric", "line", "value"),
    [
        ("acc", "accuracy=76.078%, good=38039, total=50000", "76.078"),
        ("acc", '{"accuracy": 72.838}', "72.838"),
        ("mAP", "mAP=37.356%", "37.356"),
        ("mAP", "{'Pedestrian': [57.7], 'Total': 54.247453827643064}", "54.247453827643064"),
        ("F1", '{"exact_match": 83.8, "f1": 90.8832407068292}', "90.8832407068292"),
        ("DICE", "Accuracy: mean = 0.86236, kidney = 0.9350, tumor = 0.7897", "0.86236"),
        ("AUC", "AUC=80.185%, accuracy=81.1%, good=1, total=2", "80.185"),
        ("WER", "Word Error Rate: 7.45225%, accuracy=92.54775%", "92.54775"),
        ("CLIP_SCORE", "Accuracy Results: {'FID_SCORE': '23.5', 'CLIP_SCORE': '31.2'}", "31.2"),
    ],
)
def test_accuracy_as_each_benchmark_prints_it(metric, line, value):
    accuracy, problems = parse_accuracy(f"noise\n{line}\nhash=ABCDEF0123\n".encode(), (metric,))
    assert accuracy.metrics == ((metric, value),)
    assert accuracy.digest == "abcdef0123"
    assert problems == ()


def test_a_key_that_stands_twice_keeps_its_first_value():
    log, _ = parse_detail((tree.detail({"result_x": 1}) + tree.detail({"result_x": 2})).encode())
    assert log.values["result_x"] == 1


def test_codes_are_sorted_and_say_what_to_do():
    assert list(MLPERF_CODES) == sorted(MLPERF_CODES)
    assert all(code.code == name and code.advice.endswith(".") for name, code in MLPERF_CODES.items())
