"""Metas → papers and reproductions → findings, rows and exports; hostile blocks included."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite import documents
from cmsite.catalog.catalog import Catalog
from cmsite.diagnostics import Place
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Format
from cmsite.model.results import RunStatus, ToleranceType, Verdict
from cmsite.results.codes import RESULT_CODES
from cmsite.results.exports import FIELDS, cell, emit_csv, emit_json
from cmsite.results.gathering import PaperFinder, gather
from cmsite.results.literals import MAX_EXPONENT, MAX_LITERAL, number_of
from cmsite.results.reading import read_paper, read_reproduction
from cmsite.results.run import check_results
from cmsite.results.table import ClaimRow, claim_rows, claim_summary, paper_summary
from cmsite.results.wording import delta_text, direction_text, summary_text, tolerance_text, value_text
from tests.requirements import CHECKOUT
from tests.result_values import artifact

PAPER_YAML = """
paper: {title: Fast sorting, authors: [{name: Ann}], reference: 10.1000/xyz, venue: J. Sort., year: 1999}
metrics:
- {id: time, name: Time, unit: s, scale: ratio, lower_is_better: true, precision: 2}
- {id: accuracy, name: Accuracy, unit: "%", scale: percent, lower_is_better: false, precision: 1}
claims:
- {id: C1, text: It is right., kind: value, metric: accuracy, value: 98.90, tolerance: {type: absolute, value: 0.05, source: author}, main: true, hardware_dependent: false, compatible_with: {dataset: {name: wine, split: [test, all]}}}
- {id: C2, text: It is fast., kind: value, metric: time, value: 1, tolerance: {type: relative, value: 0.05, source: venue}, environment: {host_processor_model_name: A}}
- {id: C3, text: It is nice., kind: qualitative}
"""
REPRODUCTION_YAML = """
reproduction:
  paper: "fast-sorting,aaaaaaaaaaaaaaaa"
  claims: [C1, C2]
  type: replicated
  agent: [{name: Bob, role: evaluator}]
  independent: true
  check_time: 2026-01-02
  environment: {host_processor_model_name: B, host_memory_capacity: 24 GiB}
  status: unverified
  runs:
  - {uid: "1111111111111111", claims: [C1], metric: accuracy, unit: "%", samples: [98.88, 98.92], actionStatus: CompletedActionStatus, compatible_with: {dataset: {split: test}}, log: logs/a.log, command: run a}
  - {uid: "2222222222222222", claims: [C1], actionStatus: FailedActionStatus, error: out of memory}
  - {uid: "3333333333333333", claims: [C2], metric: time, unit: s, samples: [1.01], actionStatus: CompletedActionStatus}
  verdict_stated: {C1: reproduced, C2: reproduced}
  not_attempted: [{claim: C3, reason: a matter of taste}]
  evidence: [{path: logs/a.log, sha256: SHA, bytes: 3}]
"""
LOG = b"ok\n"


def meta(text: str) -> dict[str, Any]:
    document = documents.parse("_cm.yaml", text.replace("SHA", hashlib.sha256(LOG).hexdigest()).encode())
    assert not document.problems
    assert isinstance(document.data, dict)
    return document.data


def paper(text: str = PAPER_YAML, **changes: Any) -> Artifact:
    names = {"folder": "fast-sorting", "uid": "a" * 16, **changes}
    return artifact("paper", **names, **meta(text))


def reproduction(text: str = REPRODUCTION_YAML, **changes: Any) -> Artifact:
    names = {"folder": "fast-sorting-2026", "uid": "b" * 16, "files": ("_cm.yaml", "logs/a.log"), **changes}
    return artifact("reproduction", **names, **meta(text))


def catalog(*artifacts: Artifact) -> Catalog:
    return Catalog(title="t", registry_id="0" * 32, artifacts={item.key: item for item in artifacts})


def findings(*artifacts: Artifact, files: dict[str, bytes] | None = None) -> list[tuple[str, str, str]]:
    contents = {"logs/a.log": LOG} if files is None else files

    def read(owner: Artifact, path: str) -> bytes:
        try:
            return contents[path.removeprefix(f"{owner.path}/")]
        except KeyError:
            raise SourceError(f"{path} is gone") from None

    def place(_repository: str, _path: str, _pointer: str) -> Place:
        return Place(line=7, column=1)

    found = list(check_results(catalog(*artifacts), read, place))
    assert all(item.place == Place(line=7, column=1) for item in found)
    assert all(item.severity is RESULT_CODES[item.code].severity for item in found)
    return [(item.code, item.pointer, item.message) for item in found]


def rows_of(*artifacts: Artifact) -> tuple[ClaimRow, ...]:
    results = gather(artifacts)
    return claim_rows(results.papers, results.reproductions)


# --- Reading ------------------------------------------------------------------------------------------------------


def test_a_paper_is_read_with_the_spelling_of_its_numbers():
    reading = read_paper(paper())
    assert reading.findings == ()
    claim = reading.value.claims[0]
    assert claim.value is not None
    assert (claim.value.literal, claim.value.value) == ("98.90", Fraction("98.9"))
    assert claim.compatible_with == (("dataset.name", ("wine",)), ("dataset.split", ("test", "all")))
    assert claim.tolerance is not None
    assert claim.tolerance.type is ToleranceType.ABSOLUTE
    assert [metric.lower_is_better for metric in reading.value.metrics] == [True, False]
    assert (reading.value.year, reading.value.authors[0].name) == (1999, "Ann")


def test_a_reproduction_is_read_whole():
    reading = read_reproduction(reproduction())
    assert reading.findings == ()
    value = reading.value
    assert (value.paper_alias, value.paper_uid, value.check_time) == ("fast-sorting", "a" * 16, "2026-01-02")
    assert [run.status for run in value.runs] == [RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.COMPLETED]
    assert value.mentioned == ("C1", "C2", "C3")
    assert value.stated_verdict("C2") is Verdict.REPRODUCED
    assert value.environment[0] == ("host_processor_model_name", "B")


@pytest.mark.parametrize(
    ("value", "literal", "exact"),
    [
        (1, "1", Fraction(1)),
        (0.1, "0.1", Fraction("0.1")),
        ("98.90", "98.90", Fraction("98.9")),
        (" 1e5 ", "1e5", Fraction(100000)),
        ("+.5", "+.5", Fraction("0.5")),
        (float("nan"), "nan", None),
        (float("-inf"), "-inf", None),
        ("None", "None", None),
        ("1/3", "1/3", None),
        ("1_000", "1_000", None),
        ("٣", "٣", Fraction(3)),
        ("", "", None),
        ("1e999999", "1e999999", None),
        ("0e999999", "0e999999", Fraction(0)),
        ("1" * 500, "1" * MAX_LITERAL, None),
        (f"0.{'0' * 130}1", f"0.{'0' * 130}1", None),
        (f"1e{MAX_EXPONENT + 1}", f"1e{MAX_EXPONENT + 1}", None),
    ],
)
def test_numbers_are_exact_or_have_no_value(value, literal, exact):
    number = number_of(value)
    assert number is not None
    assert (number.literal, number.value) == (literal, exact)


@pytest.mark.parametrize("value", [None, True, [], {}, object()])
def test_what_is_no_number_at_all(value):
    assert number_of(value) is None


def test_an_integer_of_a_million_digits_is_kept_out():
    number = number_of(10**5000)
    assert number is not None
    assert number.value is None
    assert "bits" in number.literal


def test_yaml_spellings_of_floats_are_exact():
    read = meta("a: 1.050\nb: 1_000.5\nc: 1:30.5\nd: 6.02e+23\ne: .inf\n")
    values = [number_of(read[key]) for key in "abcde"]
    assert [number.value if number else None for number in values] == [
        Fraction("1.05"),
        Fraction("1000.5"),
        Fraction("90.5"),
        Fraction("6.02e23"),
        None,
    ]


def with_claim(text: str) -> Artifact:
    head, _, _ = PAPER_YAML.partition("claims:")
    return paper(f"{head}claims:\n- {{id: C1, kind: value, metric: time, {text}}}\n")


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("value: [1], tolerance: {type: none, reason: r}", "CM501", "/claims/0/value"),
        ("value: .nan, tolerance: {type: none, reason: r}", "CM507", "/claims/0/value"),
        ("value: 1, tolerance: {type: none, reason: r}, main: perhaps", "CM501", "/claims/0/main"),
        ("value: 1, tolerance: {type: none, reason: r}, statistic: best", "CM507", "/claims/0/statistic"),
        ("value: 1, tolerance: 5", "CM501", "/claims/0/tolerance"),
        ("value: 1, tolerance: {type: wide}", "CM501", "/claims/0/tolerance/type"),
        ("value: 1, tolerance: {type: relative}", "CM507", "/claims/0/tolerance"),
        ("value: 1, tolerance: {type: relative, value: -1}", "CM507", "/claims/0/tolerance"),
        ("value: 1, tolerance: {type: relative, value: 5}", "CM508", "/claims/0/tolerance/value"),
        ("value: 1, tolerance: {type: ci, lower: 1}", "CM507", "/claims/0/tolerance"),
        ("value: 1, tolerance: {type: ci, lower: 2, upper: 1}", "CM507", "/claims/0/tolerance"),
        ("value: 1, tolerance: {type: bound, value: 1}", "CM507", "/claims/0/tolerance"),
        ("value: 1", "CM505", "/claims/0"),
        ("value: 1, tolerance: {type: none}", "CM505", "/claims/0"),
        ("value: 1, unit: ms, tolerance: {type: none, reason: r}", "CM507", "/claims/0/unit"),
        ("value: 1, order: [C9], tolerance: {type: none, reason: r}", "CM502", "/claims/0/order/0"),
        ("value: 1, order: [C1, C1], tolerance: {type: none, reason: r}", "CM507", "/claims/0/order"),
        ("value: 1, ratio: 5, tolerance: {type: none, reason: r}", "CM501", "/claims/0/ratio"),
        ("value: 1, ratio: {of: time}, tolerance: {type: none, reason: r}", "CM501", "/claims/0/ratio/over"),
        ("value: 1, ratio: {of: tmie, over: time}, tolerance: {type: none, reason: r}", "CM502", "/claims/0/ratio/of"),
        ("value: 1, ratio: {of: time, over: C1}, tolerance: {type: none, reason: r}", "CM502", "/claims/0/ratio/over"),
        ("value: 1, trend: [up], tolerance: {type: none, reason: r}", "CM501", "/claims/0/trend"),
        ("value: 1, trend: {parameter: p}, tolerance: {type: none, reason: r}", "CM501", "/claims/0/trend/direction"),
        (
            "value: 1, trend: {parameter: p, direction: up}, tolerance: {type: none, reason: r}",
            "CM501",
            "/claims/0/trend/direction",
        ),
        (
            "value: 1, trend: {direction: increasing}, tolerance: {type: none, reason: r}",
            "CM501",
            "/claims/0/trend/parameter",
        ),
        ("value: 1, tolerance: {preset: pets}", "CM501", "/claims/0/tolerance/preset"),
    ],
)
def test_each_mistake_of_a_claim_is_found_where_it_stands(text, code, pointer):
    # CM501 is left to the rules of the format in CM metas, so another format shows it.
    broken = replace(with_claim(text), format=Format.MLC)
    assert [(found, where) for found, where, _ in findings(broken) if found == code] == [(code, pointer)]
    assert rows_of(broken)[0].judgement.verdict is Verdict.UNTESTED


def test_a_correct_pair_has_only_the_contradiction_that_is_there():
    # C2 ran on another processor, and its unit says that it depends on it.
    assert findings(paper(), reproduction()) == [
        (
            "CM504",
            "/reproduction/verdict_stated/C2",
            "C2 is stated as 'reproduced', the numbers say 'not comparable': the hardware differs, and the claim holds for its authors' hardware only",
        )
    ]


def test_shape_is_reported_by_the_rules_of_cm_alone():
    broken = with_claim("value: [1], tolerance: {type: none, reason: r}")
    assert findings(broken) == []
    assert [code for code, _, _ in findings(replace(broken, format=Format.MLC))] == ["CM501"]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("claims: [C1, C2]", "claims: [C1, C2, C7]", "CM502", "'C7' is no claim"),
        ("metric: time", "metric: tmie", "CM502", "'tmie', which is no metric"),
        ("claims: [C2], metric", "claims: [C8], metric", "CM502", "'C8' is no claim"),
        ("aaaaaaaaaaaaaaaa", "cccccccccccccccc", "CM506", "in none of the repositories"),
        ("samples: [1.01]", "samples: [1.01, n/a]", "CM507", "sample 2 is 'n/a'"),
        ("C2: reproduced", "C2: not comparable", "", ""),
        ("log: logs/a.log", "log: logs/b.log", "CM503", "logs/b.log is not in the artifact's folder"),
        ("path: logs/a.log", "path: ../a.log", "CM503", "is not in the artifact's folder"),
        ("bytes: 3", "bytes: 4", "CM503", "has 3 bytes, 4 were recorded"),
    ],
)
def test_each_mistake_of_a_reproduction_is_found(old, new, code, words):
    assert old in REPRODUCTION_YAML
    text = REPRODUCTION_YAML.replace(old, new).replace("C2: reproduced", "C2: not comparable")
    found = findings(paper(), reproduction(text))
    # Without its run, C2 is untested, which its stated verdict then contradicts.
    consequence = ["CM504"] if "C8" in new else []
    assert [item[0] for item in found] == ([code] if code else []) + consequence
    assert words in "".join(item[2] for item in found)


def test_changed_and_vanished_evidence_is_found():
    assert "sha256" in findings(paper(), reproduction(), files={"logs/a.log": b"no\n"})[-1][2]
    assert "cannot be read" in findings(paper(), reproduction(), files={})[-1][2]


def test_a_second_claim_of_the_same_id_is_reported_and_not_used():
    twice = paper(PAPER_YAML + "- {id: C1, kind: value, metric: time, value: 7}\n")
    assert [(code, where) for code, where, _ in findings(twice)] == [("CM507", "/claims/3/id")]
    assert len(read_paper(twice).value.claims) == 3


def test_many_bad_samples_are_counted_and_not_listed():
    text = REPRODUCTION_YAML.replace("samples: [1.01]", f"samples: [{', '.join(['x'] * 5000)}]")
    found = [message for code, _, message in findings(paper(), reproduction(text)) if code == "CM507"]
    assert len(found) == 6
    assert found[-1] == "4,995 more samples are no finite numbers"


def test_the_codes_are_told_in_full():
    assert list(RESULT_CODES) == sorted(RESULT_CODES)
    assert all(code.code == name and code.title and code.advice.endswith(".") for name, code in RESULT_CODES.items())


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800")
names = st.sampled_from(
    [
        "paper",
        "metrics",
        "claims",
        "reproduction",
        "id",
        "kind",
        "metric",
        "value",
        "tolerance",
        "type",
        "runs",
        "samples",
        "actionStatus",
        "verdict_stated",
        "evidence",
        "path",
        "sha256",
        "bytes",
        "compatible_with",
        "environment",
        "unit",
        "order",
        "lower",
        "upper",
        "source",
        "preset",
        "ratio",
        "of",
        "over",
        "trend",
        "parameter",
        "direction",
        "agent",
        "C1",
    ]
)
hostile = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=5) | st.integers(), inner, max_size=6)
    ),
    max_leaves=12,
)
blocks = st.dictionaries(names, hostile, max_size=6)


@settings(max_examples=60)
@given(blocks, blocks)
def test_no_block_makes_reading_judging_or_exporting_fail(first, second):
    papers = artifact("paper", "p", uid="a" * 16, **first)
    attempts = artifact("reproduction", "r", uid="b" * 16, **{**second, "reproduction": {"paper": "p", **second}})
    for item in (papers, attempts):
        assert all(isinstance(found, tuple) for found in findings(item))
    rows = rows_of(papers, attempts)
    assert json.loads(emit_json(rows))["schema"] == "cmsite-results/1"
    emit_csv(rows)


@settings(max_examples=60)
@given(
    st.dictionaries(names, hostile, max_size=6),
    st.dictionaries(names, hostile, max_size=6),
    hostile,
    st.sampled_from(["value", "range", "bound", "ratio", "ranking", "trend", "qualitative"]),
)
def test_no_claim_or_run_makes_judging_fail(claim, run, tolerance, kind):
    parts = {
        "order": ["A", "B"],
        "ratio": {"of": "A", "over": "B"},
        "trend": {"parameter": "p", "direction": "monotone"},
    }
    about = {"id": "C1", "kind": kind, "metric": "m", "value": 1, "tolerance": tolerance, **parts, **claim}
    others = [{"id": name, "kind": "value", "metric": "m", "value": 1} for name in ("A", "B")]
    metrics = [{"id": "m", "lower_is_better": False}]
    papers = artifact("paper", "p", uid="a" * 16, paper={"title": "t"}, metrics=metrics, claims=[about, *others])
    ran = {"claims": ["C1", "A", "B"], "samples": [1, 2, 3], "actionStatus": "CompletedActionStatus", **run}
    attempt = artifact("reproduction", "r", uid="b" * 16, reproduction={"paper": "p", "claims": ["C1"], "runs": [ran]})
    rows = rows_of(papers, attempt)
    assert all(row.judgement.verdict in Verdict for row in rows)
    assert json.loads(emit_json(rows))
    emit_csv(rows)


extremes = st.sampled_from(
    ["0", "1", "-1", f"1e{MAX_EXPONENT}", f"-1e-{MAX_EXPONENT}", "1." + "0" * 140 + "1", "9" * 120, "-0.5"]
)


@given(extremes, st.lists(extremes, min_size=1, max_size=5), extremes, st.sampled_from(["relative", "absolute"]))
def test_numbers_at_the_limits_are_told_in_words_and_exported(value, samples, allowed, kind):
    about = {"id": "C1", "kind": "value", "metric": "m", "value": value, "tolerance": {"type": kind, "value": allowed}}
    papers = artifact("paper", "p", uid="a" * 16, paper={"title": "t"}, metrics=[{"id": "m"}], claims=[about])
    ran = {"claims": ["C1"], "samples": samples, "actionStatus": "CompletedActionStatus"}
    attempt = artifact("reproduction", "r", uid="b" * 16, reproduction={"paper": "p", "claims": ["C1"], "runs": [ran]})
    (row,) = rows_of(papers, attempt)
    assert row.judgement.reproduced is not None
    assert value_text(row.judgement.reproduced)
    assert len(delta_text(row.claim, row.metric, row.judgement)) < 40
    assert json.loads(emit_json([row]))["claims"][0]["n"] == len(samples)


# --- Gathering ----------------------------------------------------------------------------------------------------


def test_copies_in_several_repositories_are_one_paper_and_one_reproduction():
    copies = (paper(), reproduction(), paper(repository="other"), reproduction(repository="other"))
    results = gather(copies)
    assert [[key.repository for key in item.origins] for item in results.papers] == [["team", "other"]]
    assert [[key.repository for key in item.origins] for item in results.reproductions] == [["team", "other"]]
    assert len(rows_of(*copies)) == len(rows_of(*copies[:2])) == 3


def test_a_uid_twice_in_one_repository_hides_nothing():
    results = gather((paper(), paper(folder="copy"), paper(folder="x", uid=""), paper(folder="y", uid="")))
    assert [item.key.folder for item in results.papers] == ["fast-sorting", "copy", "x", "y"]


def test_a_paper_named_by_alias_is_looked_for_at_home_first():
    results = gather((paper(), paper(repository="other", uid="d" * 16)))
    text = REPRODUCTION_YAML.replace(",aaaaaaaaaaaaaaaa", "")
    finder = PaperFinder(results.papers)
    for repository in ("team", "other", "third"):
        found = finder.find(read_reproduction(reproduction(text, repository=repository)).value)
        assert found is not None
        assert found.key.repository == (repository if repository != "third" else "team")
    assert finder.find(read_reproduction(reproduction(text.replace("fast-sorting", "gone"))).value) is None


# --- Table and exports --------------------------------------------------------------------------------------------


def test_every_claim_has_a_row_and_the_order_is_fixed():
    later = reproduction(REPRODUCTION_YAML.replace("2026-01-02", "2026-03-04"), folder="later", uid="c" * 16)
    rows = rows_of(paper(), later, reproduction())
    assert [(row.claim.id, row.reproduction.uid[0] if row.reproduction else "") for row in rows] == [
        ("C1", "b"),
        ("C1", "c"),
        ("C2", "b"),
        ("C2", "c"),
        ("C3", "b"),
        ("C3", "c"),
    ]
    assert rows == rows_of(paper(), reproduction(), later)
    assert [row.reproduction for row in rows_of(paper())] == [None] * 3


def test_the_verdicts_of_the_example():
    rows = rows_of(paper(), reproduction())
    assert [row.judgement.verdict.value for row in rows] == ["reproduced", "not comparable", "untested"]
    first = rows[0]
    assert (first.judgement.reproduced, first.judgement.n, first.judgement.failed) == (Fraction("98.9"), 2, 1)
    assert [row.contradicted for row in rows] == [False, True, False]
    assert (
        summary_text(paper_summary(rows), "claims")
        == "1 of 1 judged claim reproduced; beside them 1 untested, 1 not comparable"
    )


def test_a_superseded_record_is_shown_and_not_counted():
    text = REPRODUCTION_YAML.replace("98.88, 98.92", "90").replace("unverified", "superseded")
    rows = [
        row
        for row in rows_of(paper(), reproduction(), reproduction(text, folder="o", uid="0" * 16))
        if row.claim.id == "C1"
    ]
    assert [row.judgement.verdict.value for row in rows] == ["not reproduced", "reproduced"]
    assert claim_summary(rows).worst is Verdict.REPRODUCED
    assert claim_summary(rows[:1]).worst is Verdict.NOT_REPRODUCED


def test_the_json_export_has_the_fields_of_the_contract():
    document = json.loads(emit_json(rows_of(paper(), reproduction())))
    assert document["schema"] == "cmsite-results/1"
    assert list(document["claims"][0]) == list(FIELDS)
    assert document["claims"][0] == {
        "paper": "fast-sorting",
        "paper_uid": "a" * 16,
        "claim": "C1",
        "metric": "accuracy",
        "unit": "%",
        "claimed": 98.9,
        "reproduced": 98.9,
        "n": 2,
        "delta": 0,
        "tolerance": {"type": "absolute", "value": 0.05},
        "tolerance_source": "author",
        "verdict": "reproduced",
        "certainty": "two runs",
        "stated": "reproduced",
        "reproduction_uid": "b" * 16,
        "same_hardware": None,
    }
    assert document["claims"][1]["delta"] is None
    assert b"NaN" not in emit_json(rows_of(paper(), reproduction()))


def test_the_csv_export_holds_the_same_rows_and_runs_nothing():
    evil = PAPER_YAML.replace("id: accuracy", 'id: "=cmd()"').replace("metric: accuracy", 'metric: "=cmd()"')
    text = REPRODUCTION_YAML.replace("metric: accuracy", 'metric: "=cmd()"').replace("98.88, 98.92", "98.88, 98.90")
    rows = rows_of(paper(evil, folder='a,"b'), reproduction(text))
    table = list(csv.DictReader(io.StringIO(emit_csv(rows).decode(), newline="")))
    assert table[0]["metric"] == "'=cmd()"
    assert table[0]["paper"] == 'a,"b'
    assert float(table[0]["delta"]) < 0
    assert table[0]["tolerance"] == "absolute value=0.05"
    assert len(table) == len(rows)
    assert emit_csv(()).decode() == ",".join(FIELDS) + "\r\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(text):
    assert cell(text) == f"'{text}"
    assert cell(-1.5) == "-1.5"


# --- Words --------------------------------------------------------------------------------------------------------


def test_points_and_percent_are_told_apart():
    rows = rows_of(
        paper(), reproduction(REPRODUCTION_YAML.replace("98.88, 98.92", "99.9").replace("name: B", "name: A"))
    )
    accuracy, time = rows[0], rows[1]
    assert delta_text(accuracy.claim, accuracy.metric, accuracy.judgement) == "+1.0 points"
    assert direction_text(accuracy.judgement) == "higher, better"
    assert tolerance_text(accuracy.claim.tolerance, accuracy.metric) == "± 0.05 points"
    assert delta_text(time.claim, time.metric, time.judgement) == "+1.00 %"
    assert direction_text(time.judgement) == "higher, worse"
    assert tolerance_text(time.claim.tolerance, time.metric) == "± 5 %"


@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 4))
def test_a_shown_value_is_near_the_exact_one(value, precision):
    shown = Fraction(value_text(value, precision).replace("−", "-"))
    assert abs(shown - value) <= Fraction(1, 2) * Fraction(1, 10 ** (precision + 2))


# --- The bundled catalogue ----------------------------------------------------------------------------------------


def bundled() -> list[Artifact]:
    found = []
    for automation in ("paper", "reproduction"):
        for folder in sorted((CHECKOUT / "registry" / "artifacts" / automation).iterdir()):
            data = documents.parse("_cm.yaml", (folder / "_cm.yaml").read_bytes()).data
            files = tuple(path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
            extra = {key: value for key, value in data.items() if key in ("paper", "metrics", "claims", "reproduction")}
            found.append(artifact(automation, folder.name, uid=data["uid"], files=files, **extra))
    return found


def test_the_bundled_papers_are_judged_as_their_evaluators_did():
    rows = rows_of(*bundled())
    assert len({row.paper.uid for row in rows}) >= 3
    assert [(row.paper.alias, row.claim.id) for row in rows if row.contradicted] == []
    stated = {
        (row.stated, row.judgement.verdict)
        for row in rows
        if row.stated and row.judgement.verdict is not Verdict.CANNOT_TELL
    }
    assert all(theirs is ours for theirs, ours in stated)
    words = {row.judgement.verdict for row in rows}
    assert {
        Verdict.REPRODUCED,
        Verdict.NOT_REPRODUCED,
        Verdict.NOT_COMPARABLE,
        Verdict.NO_TOLERANCE,
        Verdict.UNTESTED,
    } <= words


def test_the_bundled_records_have_no_finding():
    artifacts = bundled()

    def read(owner: Artifact, path: str) -> bytes:
        return (CHECKOUT / "registry" / "artifacts" / path).read_bytes()

    assert list(check_results(catalog(*artifacts), read, lambda *_: None)) == []
