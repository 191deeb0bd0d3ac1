"""`cmsite mlperf`: rows, comparisons within comparable groups only, exports, and the experiment artifact."""

import csv
import io
import json

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cmsite.cli import cli
from cmsite.commands import mlperf as command
from cmsite.errors import CmsiteError
from cmsite.pipeline.mlperf import read_results
from cmsite.results.mlperf.allowances import ALLOWANCES, DEFAULT
from cmsite.results.mlperf.comparing import FIELDS, Outcome, compare, terms_of
from cmsite.results.mlperf.exports import emit_csv
from cmsite.results.mlperf.reading import Reading
from cmsite.results.mlperf.values import Row
from tests import mlperf_tree as tree
from tests.requirements import corpus_folder

NOTICE = "Result not verified by MLCommons Association."
OFFLINE = "closed/Acme/results/box/resnet50/offline"


def run(*arguments):
    """Return the result of one call; an error of cmsite is left in `exception`."""
    return CliRunner().invoke(cli, ["mlperf", *map(str, arguments)], catch_exceptions=True)


def row(result=100.0, **changes):
    return {
        "MlperfModel": "resnet",
        "Scenario": "Offline",
        "version": "v5.0",
        "Division": "closed",
        "SystemType": "edge",
        "Result": result,
        "Result_Units": "Samples/s",
        "has_power": False,
        "inferred": 0,
        "SystemName": "box",
        **changes,
    }


def outcome(own, other, preset=DEFAULT):
    (found,) = compare([own], [other], ALLOWANCES[preset])
    return found


# Within a group: delta, direction, inside or outside.


@pytest.mark.parametrize(
    ("own", "other", "unit", "expected", "direction", "delta"),
    [
        (102.0, 100.0, "Samples/s", Outcome.INSIDE, "higher, better", 0.02),  # Exactly 2 % is inside.
        (102.01, 100.0, "Samples/s", Outcome.OUTSIDE_BETTER, "higher, better", 0.0201),
        (97.99, 100.0, "Samples/s", Outcome.OUTSIDE_WORSE, "lower, worse", -0.0201),
        (100.0, 100.0, "Samples/s", Outcome.INSIDE, "equal", 0.0),
        (1.05, 1.0, "Latency (ms)", Outcome.OUTSIDE_WORSE, "higher, worse", 0.05),
        (0.95, 1.0, "Latency (ms)", Outcome.OUTSIDE_BETTER, "lower, better", -0.05),
        (2.0, 1.0, "Furlongs", Outcome.OUTSIDE, "higher", 1.0),  # No direction is known, so no word for it.
        (-1.0, -2.0, "Samples/s", Outcome.OUTSIDE_BETTER, "higher, better", 0.5),  # Divided by |other|.
    ],
)
def test_a_difference_has_sign_word_and_side(own, other, unit, expected, direction, delta):
    found = outcome(row(own, Result_Units=unit), row(other, Result_Units=unit))
    assert (found.outcome, found.direction) == (expected, direction)
    assert found.delta is not None
    assert float(found.delta) == pytest.approx(delta, abs=1e-12)


def test_nothing_is_divided_by_zero():
    assert (outcome(row(1.0), row(0)).outcome, outcome(row(1.0), row(0)).delta) == (Outcome.CANNOT_TELL, None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": "v4.1"}, "round (v5.0 here, v4.1 there)"),
        ({"MlperfModel": "bert-99"}, "no row of resnet"),
        ({"Scenario": "Server"}, "scenario (Offline here, Server there)"),
        ({"Division": "open"}, "division (closed here, open there)"),
        ({"SystemType": "datacenter"}, "system type (edge here, datacenter there)"),
        ({"has_power": True}, "power (no here, yes there)"),
        ({"Result_Units": "Tokens/s"}, "unit (Samples/s here, Tokens/s there)"),
        ({"inferred": 1}, "inferred (no here, yes there)"),
    ],
)
def test_each_field_of_the_group_refuses_alone_and_says_so(changes, why):
    found = outcome(row(), row(**changes))
    assert found.outcome is Outcome.NOT_COMPARABLE
    assert found.delta is None
    assert why in found.reason


def test_accuracy_targets_are_different_benchmarks():
    found = outcome(row(MlperfModel="bert-99"), row(MlperfModel="bert-99.9"))
    assert found.outcome is Outcome.NOT_COMPARABLE


def test_a_system_of_two_types_is_comparable_with_either():
    assert outcome(row(SystemType="datacenter,edge"), row(SystemType="edge")).outcome is Outcome.INSIDE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"validity": "INVALID"}, "the run is INVALID"),
        ({"Result": None}, "no result"),
        ({"Result": "100"}, "no result"),
        ({"version": ""}, "give --round"),
        ({"SystemType": ""}, "system type not stated"),
    ],
)
def test_a_row_that_cannot_be_compared_says_why_and_is_not_compared_with(changes, why):
    found = outcome(row(**changes), row())
    assert found.outcome is Outcome.NOT_COMPARABLE
    assert why in found.reason
    assert outcome(row(), row(**changes)).outcome is Outcome.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("own", "other", "preset", "expected"),
    [
        (99.0, 100.0, "mlperf-accuracy-99", Outcome.INSIDE),
        (98.999, 100.0, "mlperf-accuracy-99", Outcome.OUTSIDE_WORSE),
        (150.0, 100.0, "mlperf-accuracy-99", Outcome.INSIDE),  # A lower bound only.
        (99.0, 100.0, "mlperf-accuracy-99.9", Outcome.OUTSIDE_WORSE),
    ],
)
def test_presets_of_accuracy_are_lower_bounds(own, other, preset, expected):
    metric = {"Accuracy_Metric": "acc"}
    assert outcome(row(Accuracy=own, **metric), row(Accuracy=other, **metric), preset).outcome is expected
    assert outcome(row(Accuracy=own, **metric), row(Accuracy=other), preset).outcome is Outcome.CANNOT_TELL


_VALUES = st.fixed_dictionaries(
    {
        "Result": st.floats(allow_nan=True, allow_infinity=True)
        | st.integers()
        | st.none()
        | st.sampled_from(["", "x", "5", "nan"]),
        "Division": st.sampled_from(["open", "closed", ""]),
        "version": st.sampled_from(["v5.0", "v4.1", ""]),
        "SystemType": st.sampled_from(["edge", "datacenter", "edge,datacenter", ""]),
        "inferred": st.sampled_from([0, 1, None]),
        "validity": st.sampled_from(["VALID", "INVALID", ""]),
    }
)


@given(own=st.lists(_VALUES, max_size=5), others=st.lists(_VALUES, max_size=5))
def test_whatever_rows_hold_only_equal_groups_are_compared(own, others):
    own, others = ([row(**item) for item in rows] for rows in (own, others))
    found = compare(own, others, ALLOWANCES[DEFAULT])
    assert {id(item.own) for item in found} == {id(item) for item in own}  # No own row is lost.
    for item in found:
        assert (item.other is None) == (item.outcome is Outcome.NOT_COMPARABLE)
        assert bool(item.reason) == (item.delta is None)
        if item.other is not None:
            mine, theirs = terms_of(item.own), terms_of(item.other)
            assert mine.shared == theirs.shared
            assert mine.system_types & theirs.system_types
            assert "INVALID" not in (item.own["validity"], item.other["validity"])


# The command.


@pytest.fixture
def own(tmp_path):
    root = tmp_path / "own"
    tree.point(root, "resnet50", "offline", tree.OFFLINE)
    tree.point(root, "resnet50", "server", tree.SERVER, validity="INVALID")
    return root


@pytest.fixture
def public(tmp_path):
    text = tree.published([(OFFLINE, 1100.0), ("open/Acme/results/box/resnet50/offline", 1000.0)])
    return tree.write(tmp_path, "public/summary_results.json", text)


def test_text_shows_rows_comparison_and_the_notice_once(own, public):
    result = run(own, "--compare", public)
    assert result.exit_code == 0
    assert result.stdout == (
        "closed · Acme · box · v5.0 (of loadgen) · edge\n"
        "  resnet  Offline  1,000.5  Samples/s  acc 76.078  VALID    unverified\n"
        "  resnet  Server    900.25  Queries/s  acc 76.078  INVALID  unverified\n"
        "\n"
        f"Compared with {public}\n"
        "resnet · Offline · closed · edge · v5.0 · Samples/s\n"
        "  Acme Box 3000 (unverified): 1,000.5\n"
        "    Acme Box 3000 (published as 5.0-0007)  1,100  −9.05 %  lower, worse  outside 2 %\n"
        "Not comparable\n"
        "  the run is INVALID\n"
        "    closed/Acme/results/box/resnet50/server\n"
        "1 outside, worse; 1 not comparable\n"
        "mlperf-performance, 2 %: MLPerf's audits call a performance that differs by more materially different.\n"
        "\n"
        f"{NOTICE}\n"
        "published means: listed with a result ID in a summary_results.json. Look the ID up at mlcommons.org before "
        "citing it.\n"
    )
    assert "warning CM543 the run is INVALID: minimum duration not met" in result.stderr


def test_json_is_one_document_with_the_notice_and_the_ids(own, public):
    document = json.loads(run(own, "--compare", public, "--json").stdout)
    assert (document["schema"], document["notice"]) == ("cmsite-mlperf/1", NOTICE)
    assert [item["status"] for item in document["rows"]] == ["unverified", "unverified"]
    assert document["preset"]["source"]
    first, second = document["comparisons"]
    assert (first["outcome"], first["other_ID"], first["other_status"]) == ("outside, worse", "5.0-0007", "published")
    assert first["delta"] == pytest.approx(1000.5 / 1100 - 1)
    assert (second["outcome"], second["delta"], second["other_uid"]) == ("not comparable", None, None)
    assert list(FIELDS) == [name for name in first if name in FIELDS]
    assert {item["code"] for item in document["findings"]} == {"CM543", "CM545"}


def test_csv_carries_the_notice_beside_each_score(own, public):
    rows = list(csv.DictReader(io.StringIO(run(own, "--format", "csv").stdout)))
    assert [(item["Result"], item["status"], item["notice"]) for item in rows] == [
        ("1000.5", "unverified", NOTICE),
        ("900.25", "unverified", NOTICE),
    ]
    compared = list(csv.DictReader(io.StringIO(run(own, "--compare", public, "--format", "csv").stdout)))
    assert [item["notice"] for item in compared] == [NOTICE, NOTICE]
    published = list(csv.DictReader(io.StringIO(run(public, "--format", "csv").stdout)))
    assert [(item["ID"], item["notice"]) for item in published] == [("5.0-0007", "")] * 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_of_the_csv_is_a_formula(start):
    evil = f"{start}cmd|' /C calc'!A0"
    rows: list[Row] = [{"SystemName": evil, evil: evil, "Result": -1.5, "status": "unverified", "notice": NOTICE}]
    header, line = list(csv.reader(io.StringIO(emit_csv(rows).decode(), newline="")))
    assert f"'{evil}" in header
    assert line.count(f"'{evil}") == 2
    assert "-1.5" in line
    assert not any(cell.startswith(start) for cell in (*header, *line) if cell != "-1.5")


def test_exit_codes_follow_findings_and_presets(own, public, tmp_path):
    assert run(own, "--fail-on", "warning").exit_code == 1
    assert run(own, "--compare", public, "--fail-outside").exit_code == 1
    assert run(public, "--compare", public, "--fail-outside").exit_code == 0
    tree.write(own, "closed/Acme/systems/box.json", "{")
    broken = run(own)
    assert broken.exit_code == 1
    assert "closed/Acme/systems/box.json:1: error CM541 is not JSON" in broken.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--round", "five"), "--round must be a round of MLPerf inference such as v5.0"),
        (("--alias", "../x", "--into", "d"), "--alias must be 1 to 80"),
        (("--fail-outside",), "--fail-outside needs --compare"),
        (("--alias", "x"), "--alias and --force need --into"),
        (("--compare", "nowhere"), "there is nothing at nowhere"),
        (("--compare", __file__), "it is neither zip nor tar"),
    ],
)
def test_wrong_calls_say_what_to_do(own, arguments, message):
    result = run(own, *arguments)
    assert isinstance(result.exception, CmsiteError)
    assert message in str(result.exception)


def test_terminal_escapes_of_foreign_names_are_shown_not_sent(tmp_path):
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE, description={"system_name": "a\x1b[31mb"})
    result = run(tmp_path, "--compare", tmp_path, "--fail-on", "error")
    assert "\x1b" not in result.stdout + result.stderr
    assert "a\\x1b[31mb" in result.stdout


def test_the_presets_of_the_help_are_those_there_are():
    assert set(command.PRESETS) == set(ALLOWANCES)
    assert command.PRESETS[0] == DEFAULT


# The artifact.


def test_the_artifact_passes_validation_and_gives_back_the_rows(own, tmp_path):
    repository = tmp_path / "repository"
    result = run(own, "--into", repository)
    assert result.exit_code == 0
    folder = repository / "experiment" / "mlperf-inference--v5.0--acme"
    meta = yaml.safe_load((folder / "_cm.yaml").read_text())
    assert (meta["automation_alias"], meta["automation_uid"]) == ("experiment", "a0a2d123ef064bcb")
    assert {"mlperf", "mlperf-inference", "v5.0", "edge", "closed", "resnet", "offline", "acme"} <= set(meta["tags"])
    rows = json.loads((folder / "2025-02-12.19-25-40.000000" / "cm-result.json").read_text())
    assert tuple(rows) == read_results(own).rows == read_results(repository).rows
    assert NOTICE in (folder / "README.md").read_text()
    checked = CliRunner().invoke(cli, ["validate", str(repository), "--json"])
    summary = json.loads(checked.stdout)["summary"]
    assert (summary["artifacts"], summary["errors"], summary["warnings"]) == (1, 0, 0)


def test_an_artifact_is_written_over_by_force_only_and_keeps_its_uid(own, tmp_path):
    repository = tmp_path / "repository"
    assert run(own, "--into", repository, "--alias", "mine").exit_code == 0
    meta = repository / "experiment/mine/_cm.yaml"
    before = yaml.safe_load(meta.read_text())["uid"]
    refused = run(own, "--into", repository, "--alias", "mine")
    assert "--force writes over it" in str(refused.exception)
    assert run(own, "--into", repository, "--alias", "mine", "--force").exit_code == 0
    assert yaml.safe_load(meta.read_text())["uid"] == before


def test_a_folder_that_is_no_repository_is_refused(own, tmp_path):
    tree.write(tmp_path, "other/thesis.tex", "x")
    refused = run(own, "--into", tmp_path / "other")
    assert "is no CM repository" in str(refused.exception)
    assert not (tmp_path / "other/experiment").exists()


def test_nothing_is_written_through_a_link(own, tmp_path):
    repository, outside = tmp_path / "repository", tmp_path / "outside"
    tree.write(repository, "cmr.yaml", "alias: x\n")
    outside.mkdir()
    (repository / "experiment").symlink_to(outside)
    refused = run(own, "--into", repository)
    assert "is a link" in str(refused.exception)
    assert list(outside.iterdir()) == []


def test_names_that_are_markup_stay_text_in_the_artifact(tmp_path):
    evil = "<script>alert(1)</script> | [x](javascript:y) `*_"
    tree.point(tmp_path / "own", "resnet50", "offline", tree.OFFLINE, description={"system_name": evil})
    assert run(tmp_path / "own", "--into", tmp_path / "repository").exit_code == 0
    readme = next((tmp_path / "repository").rglob("README.md")).read_text()
    assert "<script>" not in readme
    assert "[x](" not in readme


def test_a_reading_without_findings_is_quiet(public):
    assert read_results(public) == Reading(label=str(public), rows=read_results(public).rows)


def test_the_site_marks_each_own_score(own, tmp_path):
    tree.point(own, "resnet50", "offline", tree.SINGLE_STREAM, system="small")
    assert run(own, "--into", tmp_path / "repository", "--alias", "mine").exit_code == 0
    (tmp_path / "registry.yml").write_text("title: T\nsources: [{folder: repository, name: r}]\n")
    built = CliRunner().invoke(
        cli, ["build", "--config", str(tmp_path / "registry.yml"), "--site-dir", str(tmp_path / "site"), "--jobs", "1"]
    )
    assert built.exit_code == 0, built.stderr
    page = (tmp_path / "site/a/r/experiment/mine/index.html").read_text()
    for score in (
        "1,000.5 Samples/s (unverified)",
        "900.25 Queries/s (INVALID, unverified)",
        "3,396.5 Samples/s (inferred, unverified)",
    ):
        assert score in page
    assert NOTICE in page
    table = (tmp_path / "site/results/experiments/inference/index.html").read_text()
    assert NOTICE in table
    assert "unverified, invalid" in table


@pytest.mark.corpus
def test_rows_of_the_corpus_are_a_side_to_compare_with(tmp_path):
    """What is comparable with one row is counted again in plain Python from the JSON itself."""
    folder = corpus_folder("cm4mlperf-results")
    raw = [row for path in folder.rglob("cm-result.json") for row in json.loads(path.read_text())]
    assert len(raw) == 48_515
    distinct = {json.dumps(row, sort_keys=True) for row in raw}
    assert len(read_results(folder).rows) == len(distinct)
    expected = {
        json.dumps(row["Result"])
        for row in raw
        if row.get("MlperfModel") == "resnet"
        and row["version"] == "v3.0"
        and row["Scenario"] == "Offline"
        and row["Division"] == "closed"
        and "edge" in row["SystemType"].split(",")
        and row["Result_Units"] == "Samples/s"
        and not row["has_power"]
        and not row["inferred"]
        and row["Result"] is not None
    }
    assert len(expected) > 10
    tree.point(tmp_path, "resnet50", "offline", tree.OFFLINE)
    result = run(tmp_path, "--round", "v3.0", "--compare", folder, "--format", "csv", "-q")
    compared = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {item["other_value"] for item in compared} == expected
    for item in compared:
        delta = 1000.5 / float(item["other_value"]) - 1
        assert float(item["delta"]) == pytest.approx(delta, rel=1e-9, abs=1e-12)
        assert (item["outcome"] == "inside") == (abs(delta) <= 0.02)
        assert item["notice"] == NOTICE
