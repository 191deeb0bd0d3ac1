"""The tables of mlcommons/cm4mlperf-results beside numbers that this test works out from the raw JSON by itself."""

import gzip
import json
from collections import Counter, defaultdict
from functools import cache
from typing import Any

import pytest

from cmsite.pipeline.assemble import assemble
from cmsite.pipeline.experiments import Experiments, experiments_of
from cmsite.pipeline.ingest import OpenedSource, ReadingWork, read_artifacts, scan
from cmsite.results.derived import METRICS, values_of
from cmsite.results.row_data import data_files, read_shard
from cmsite.results.row_marks import Mark
from cmsite.results.row_tables import RowTable
from cmsite.settings import SourceSpec
from cmsite.sources.opening import tree_of_path
from cmsite.validation.rules import bundled_rules
from tests.requirements import corpus_folder

pytestmark = pytest.mark.corpus

MAX_PAYLOAD = 1_000_000  # Bytes of all data scripts, as a web server sends them.


@cache
def raw() -> list[dict[str, Any]]:
    """Return all rows as they are written, in the order of their files."""
    files = sorted(corpus_folder("cm4mlperf-results").glob("experiment/*/*/cm-result.json"))
    return [found for path in files for found in json.loads(path.read_bytes())]


@cache
def distinct() -> list[dict[str, Any]]:
    """Return each row once; keys are told apart without the blanks around them."""
    rows: dict[str, dict[str, Any]] = {}
    for found in raw():
        clean = {key.strip(): value for key, value in found.items() if value not in ("", None)}
        rows.setdefault(json.dumps(clean, sort_keys=True), found)
    return list(rows.values())


@cache
def experiments() -> Experiments:
    folder = corpus_folder("cm4mlperf-results")
    opened = (OpenedSource(spec=SourceSpec(kind="folder", location=str(folder)), tree=tree_of_path(folder)),)
    scanned = scan(opened, bundled_rules())
    work = ReadingWork(scan=scanned, rules=bundled_rules(), registry_id="0" * 32, packing=None)
    outcomes = read_artifacts(work, jobs=2)
    return experiments_of(assemble(scanned, outcomes, title="", registry_id="0" * 32), outcomes)


def table(name: str) -> RowTable:
    return next(found for found in experiments().tables if found.name == name)


def test_every_row_is_read_and_each_stands_once() -> None:
    tables = experiments().tables
    assert [found.name for found in tables] == ["inference", "tiny", "training"]
    assert sum(found.rows.read for found in tables) == len(raw()) == 48_515
    assert sum(found.rows.uids for found in tables) == len({found["uid"] for found in raw()}) == 31_389
    assert sum(found.total for found in tables) == len(distinct())
    assert table("inference").rows.uids == 30_328


def test_uids_that_repeat_and_those_that_contradict_are_counted() -> None:
    contents: defaultdict[str, set[str]] = defaultdict(set)
    for found in distinct():
        contents[found["uid"]].add(json.dumps(found, sort_keys=True))
    repeated = Counter(found["uid"] for found in raw())
    conflicting = {uid for uid, found in contents.items() if len(found) > 1}
    assert sum(found.rows.conflicting_uids for found in experiments().tables) == len(conflicting) == 281
    assert sum(count > 1 for uid, count in repeated.items() if uid not in conflicting) == 15_929
    assert sum(found.counts[Mark.CONFLICT] for found in experiments().tables) == sum(
        len(contents[uid]) for uid in conflicting
    )


def test_marks_are_those_of_the_rows() -> None:
    rows = [found for found in distinct() if "MlperfModel" in found]
    counts = table("inference").counts
    assert counts[Mark.INFERRED] == sum(found.get("inferred") == 1 for found in rows)
    assert counts[Mark.NO_RESULT] == sum(found["Result"] is None for found in rows)
    assert sum(found["Result"] is None for found in raw()) == 1_245
    assert sum(found.get("inferred") == 1 for found in raw()) == 21_284
    fractions = [found for found in rows if isinstance(found["Accuracy"], float) and found["Accuracy"] <= 1]
    assert counts[Mark.FRACTION] == len(fractions)
    assert counts[Mark.UNIT_DIFFERS] == sum(found["Units"] != found["Result_Units"] for found in rows) == 0


def test_the_three_best_systems_per_watt_are_those_of_the_raw_rows() -> None:
    wanted = {"MlperfModel": "resnet", "Scenario": "Offline", "version": "v3.1", "Division": "closed", "inferred": 0}
    wanted |= {"Result_Units": "Samples/s", "Result_Power_Units": "Watts"}
    best: dict[str, float] = {}
    for found in raw():
        is_meant = wanted.items() <= found.items() and "datacenter" in found["SystemType"].split(",")
        if is_meant and found["Result"] and found.get("Result_Power"):
            value = found["Result"] / found["Result_Power"]
            best[found["SystemName"]] = max(best.get(found["SystemName"], 0.0), value)
    expected = sorted(best.items(), key=lambda item: -item[1])[:3]
    inference = table("inference")
    names = ("System", "Benchmark", "Scenario", "Version", "Division", "Unit", "System type", "Quality")
    texts = zip(*(inference.texts(name) for name in names), strict=True)
    shown: dict[str, float] = {}
    for (system, *group, kinds, quality), value in zip(texts, values_of(METRICS[0], inference), strict=True):
        is_meant = group == ["resnet", "Offline", "v3.1", "closed", "Samples/s"] and "datacenter" in kinds.split(",")
        if is_meant and value is not None and "inferred" not in quality:
            shown[system] = max(shown.get(system, 0.0), value)
    assert sorted(shown.items(), key=lambda item: -item[1])[:3] == expected
    assert len(expected) == 3


def test_the_data_scripts_hold_the_rows_and_weigh_less_than_a_megabyte() -> None:
    weight = 0
    for found in experiments().tables:
        files = data_files(found)
        assert len(files) == -(-found.total // 30_000)
        weight += sum(len(gzip.compress(file.content, 6, mtime=0)) for file in files)
        rows = [read_shard(file.content.decode())["rows"] for file in files]
        assert sum(rows) == found.total
    assert weight < MAX_PAYLOAD


def test_every_key_that_says_something_is_reachable() -> None:
    """Each value of each row stands in the table's row, under its own name or one that the docs give."""
    inference = table("inference")
    by_row: defaultdict[str, set[str]] = defaultdict(set)
    sources = inference.texts("Source")
    for column in inference.columns:
        for row, text in enumerate(column.texts()):
            if text:
                by_row[f"{sources[row]}"].add(text)
    for found in distinct()[::97]:
        if "MlperfModel" not in found:
            continue
        held = by_row[found["url"].replace(" ", "%20")]
        for key, value in found.items():
            if key in (
                "uid",
                "Location",
                "Accuracy_div_100",
                "Inference_per_Joule",
                "has_power",
                "SystemType",
                "Result_Power_Units",
            ) or value in (
                "",
                None,
                "N/A",
                "-",
            ):
                continue
            said = {str(value), str(value).replace(" ", "%20")} | (
                {str(float(value))} if isinstance(value, int) else set()
            )
            assert said & held, (key, value)


def test_findings_are_bounded_by_files() -> None:
    found = Counter((finding.code, finding.path) for finding in experiments().findings)
    assert max(found.values()) == 1 or {code for (code, _), count in found.items() if count > 1} <= {"CM517", "CM518"}
    codes = Counter(finding.code for finding in experiments().findings)
    assert {"CM511", "CM513", "CM516", "CM517", "CM518"} == set(codes)
