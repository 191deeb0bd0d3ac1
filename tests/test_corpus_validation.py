"""The defects that five real repositories hold, each at its line, with pinned counts (facts/formats.md §7)."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from cmsite.pipeline.validate import Validation, validate_paths
from tests.requirements import corpus_folder

pytestmark = pytest.mark.corpus


@cache
def validated(name: str) -> Validation:
    return validate_paths([corpus_folder(name)], (), jobs=1)


def places(name: str, code: str) -> list[tuple[str, int]]:
    found = [finding for finding in validated(name).findings if finding.code == code]
    return [(finding.path, finding.place.line if finding.place else 0) for finding in found]


COUNTS = {
    "cm4mlops": (
        347,
        {
            "CM004": 20,
            "CM103": 1,
            "CM104": 2,
            "CM201": 2,
            "CM208": 2,
            "CM210": 9,
            "CM212": 4,
            "CM213": 15,
            "CM216": 1,
            "CM301": 7,
            "CM302": 1,
            "CM303": 15,
            "CM311": 1,
            "CM312": 3,
            "CM313": 1,
            "CM315": 17,
            "CM318": 1,
            "CM319": 1,
            "CM320": 3,
            "CM321": 7,
            "CM322": 1,
            "CM407": 3,
            "CM423": 1,
        },
    ),
    "mlperf-automations": (
        371,
        {
            "CM103": 4,
            "CM104": 2,
            "CM206": 6,
            "CM208": 2,
            "CM210": 21,
            "CM211": 1,
            "CM212": 3,
            "CM213": 3,
            "CM216": 4,
            "CM301": 6,
            "CM302": 7,
            "CM303": 19,
            "CM311": 2,
            "CM312": 3,
            "CM313": 1,
            "CM315": 40,
            "CM318": 8,
            "CM319": 1,
            "CM320": 3,
            "CM321": 10,
            "CM322": 5,
            "CM323": 2,
            "CM329": 2,
        },
    ),
    "ck": (
        1224,
        {
            "CM004": 40,
            "CM103": 3,
            "CM104": 6,
            "CM201": 3,
            "CM206": 2,
            "CM207": 2,
            "CM208": 5,
            "CM210": 14,
            "CM212": 6,
            "CM213": 30,
            "CM216": 1,
            "CM301": 13,
            "CM302": 2,
            "CM303": 31,
            "CM304": 1,
            "CM311": 2,
            "CM312": 3,
            "CM313": 1,
            "CM315": 36,
            "CM318": 1,
            "CM319": 2,
            "CM320": 6,
            "CM321": 14,
            "CM322": 2,
            "CM325": 2,
            "CM407": 6,
            "CM423": 2,
        },
    ),
    "ck-mlops": (1354, {"CM210": 20, "CM212": 4}),
    "cm4mlperf-results": (
        651,
        {"CM215": 1, "CM511": 59, "CM513": 41, "CM516": 73, "CM517": 1, "CM518": 55},
    ),
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_counts_of_artifacts_and_findings_are_those_reviewed(name):
    result = validated(name)
    assert (result.artifacts, result.left_out) == (COUNTS[name][0], 0)
    assert dict(sorted(Counter(finding.code for finding in result.findings).items())) == COUNTS[name][1]


def test_the_duplicate_uid_is_found_in_both_scripts_of_both_repositories():
    for name in ("cm4mlops", "mlperf-automations"):
        found = [item for item in validated(name).findings if item.code == "CM104"]
        assert {item.severity.word for item in found} == {"error"}
        assert all("8d3cd46f54464810" in item.message for item in found)
        assert {Path(item.path).parent.name for item in found} == {
            "benchmark-any-mlperf-inference-implementation",
            "run-all-mlperf-models",
        }


def test_the_duplicate_keys_of_seven_scripts_of_cm4mlops_are_found():
    found = places("cm4mlops", "CM004")
    assert len({path for path, _ in found}) == 7
    assert ("script/app-mlperf-inference/_cm.yaml", 914) in found


def test_default_variations_is_found_in_ten_scripts_of_mlperf_automations():
    found = [
        item
        for item in validated("mlperf-automations").findings
        if item.code == "CM210" and "'default-variations'" in item.message
    ]
    assert len({item.path for item in found}) == 10
    assert all("did you mean 'default_variations'?" in item.message and item.place for item in found)


def test_the_dangling_dependencies_of_cm4mlops_stand_at_their_lines():
    assert places("cm4mlops", "CM301") == [
        ("script/app-loadgen-generic-python/_cm.yaml", 266),
        ("script/app-mlperf-inference-mlcommons-python/_cm.yaml", 367),
        ("script/benchmark-program/_cm.yaml", 38),
        ("script/get-dataset-coco2014/_cm.yaml", 54),
        ("script/get-go/_cm.yaml", 17),
        ("script/get-ml-model-bert-base-squad/_cm.yaml", 15),
        ("script/reproduce-ieee-acm-micro2023-paper-28/_cm.yaml", 15),
    ]
    assert places("cm4mlops", "CM302") == [("script/app-mlperf-inference-redhat/_cm.yaml", 246)]
    words = {item.code: item.severity.word for item in validated("cm4mlops").findings}
    assert (words["CM301"], words["CM302"], words["CM303"]) == ("warning", "warning", "note")


def test_every_finding_with_a_pointer_has_a_line():
    for name in COUNTS:
        assert [item for item in validated(name).findings if item.pointer and item.place is None] == []


def test_what_scripts_of_cm4mlops_say_wrongly_of_themselves_stands_at_its_line():
    assert places("cm4mlops", "CM312") == [
        ("script/get-mlperf-inference-src/_cm.yaml", 79),
        ("script/get-mlperf-inference-src/_cm.yaml", 80),
        ("script/get-mlperf-inference-src/_cm.yaml", 99),
    ]
    assert places("cm4mlops", "CM311") == [("script/get-dataset-openimages-calibration/_cm.yaml", 43)]
    assert places("cm4mlops", "CM313") == [("script/app-mlperf-inference/_cm.yaml", 907)]
    assert places("cm4mlops", "CM318") == [("script/get-ml-model-rgat/_cm.yaml", 42)]
    assert places("cm4mlops", "CM319") == [("script/app-mlperf-inference-nvidia/_cm.yaml", 1816)]
    assert places("cm4mlops", "CM322") == [("script/install-onednn-from-src/_cm.yaml", 54)]
    assert ("script/install-numactl-from-src/_cm.yaml", 56) in places("cm4mlops", "CM321")
    assert ("script/app-mlperf-inference-nvidia/_cm.yaml", 1155) in places("cm4mlops", "CM315")


def test_misspelt_parts_of_combinations_come_with_what_was_meant():
    messages = " ".join(item.message for item in validated("mlperf-automations").findings if item.code == "CM315")
    for near in ("'calibation'; did you mean 'calibration'?", "'r2-downlaoder'; did you mean 'r2-downloader'?", "'num-gpu.8'; did you mean 'num-gpus.8'?"):  # fmt: skip
        assert near in messages
