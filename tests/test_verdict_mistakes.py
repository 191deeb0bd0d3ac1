"""The mistakes others made with reproduced numbers (facts/results.md §7), each as a test that they are not made here."""

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction

import pytest

from cmsite.model.judgements import Certainty
from cmsite.model.results import Verdict
from cmsite.reporting.results_text import report_results
from cmsite.results.exports import emit_csv, emit_json
from cmsite.results.table import ClaimRow, claim_rows, claim_summary
from cmsite.results.verdicts import judge
from cmsite.results.wording import decimal_text, delta_text, direction_text, value_text
from tests.result_values import PERCENT, attempt, claim, metric, run, tolerance
from tests.test_results import PAPER_YAML, REPRODUCTION_YAML, findings, paper, reproduction, rows_of
from tests.test_verdict_parts import CLEAR, NEAR, ranked

RELATIVE = tolerance("relative", "0.08")
HIGHER = metric()
LOWER = metric(lower_is_better=True)
NAN = float("nan")


@pytest.mark.parametrize("sample", ["-2.17", "-1.83", "2", "-20", "0"])
def test_dividing_by_a_signed_claim(sample):
    # (r − c) / c ≤ t holds for every r above a negative c: CK's replay passed all of these.
    assert judge(claim(-2, tolerance=RELATIVE), HIGHER, attempt(run(sample))).verdict is not Verdict.REPRODUCED


def test_a_negative_claim_still_passes_within_its_tolerance():
    assert judge(claim(-2, tolerance=RELATIVE), HIGHER, attempt(run("-2.16"))).verdict is Verdict.REPRODUCED


@pytest.mark.parametrize("zero", [0, 0.0, "0.00", "-0"])
def test_dividing_by_a_claimed_zero(zero):
    judgement = judge(claim(zero, tolerance=RELATIVE), HIGHER, attempt(run(5)))
    assert (judgement.verdict, judgement.delta) == (Verdict.CANNOT_TELL, None)
    assert "absolute tolerance" in judgement.reasons[0]


@pytest.mark.parametrize("missing", [None, NAN, "n/a"])
def test_no_difference_of_0_percent_where_the_base_is_missing(missing):
    judgement = judge(claim(missing, tolerance=RELATIVE), HIGHER, attempt(run(5)))
    assert (judgement.verdict, judgement.difference, judgement.delta) == (Verdict.CANNOT_TELL, None, None)
    assert delta_text(claim(missing, tolerance=RELATIVE), HIGHER, judgement) == ""


def test_rounding_to_a_decimal_rounds_to_that_decimal():
    # Math.round(98.8764, 1) is 99.
    assert decimal_text(Fraction("98.8764"), 1) == "98.9"
    assert value_text(Fraction("98.8764"), 1) == "98.876"


def test_a_difference_is_never_rounded_away():
    judgement = judge(claim(100, tolerance=tolerance("relative", 0)), HIGHER, attempt(run("100.001")))
    assert judgement.verdict is Verdict.EXCEEDS
    assert delta_text(claim(100, tolerance=tolerance("relative", 0)), HIGHER, judgement).strip("+% ") != "0.00"


def test_no_direction_is_guessed():
    about, runs = claim(1, tolerance=RELATIVE), attempt(run(2))
    assert judge(about, HIGHER, runs).verdict is Verdict.EXCEEDS
    assert judge(about, LOWER, runs).verdict is Verdict.NOT_REPRODUCED
    neither = judge(about, metric(lower_is_better=None), runs)
    assert (neither.verdict, neither.better) == (Verdict.NOT_REPRODUCED, None)
    assert direction_text(neither) == "higher"


def test_the_worst_never_comes_first_in_a_ranking_of_times():
    best_first = ranked(*CLEAR, measure=LOWER, order="C B A")
    assert [step.name for step in best_first.steps] == ["C", "B", "A"]
    assert best_first.verdict is Verdict.REPRODUCED


def test_the_best_of_n_is_not_the_value():
    judgement = judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(8, 8, 10), run(8, 10)))
    assert (judgement.reproduced, judgement.n) == (Fraction("8.8"), 5)
    assert judgement.verdict is Verdict.NOT_REPRODUCED


def test_a_single_run_is_called_so():
    assert judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(10))).certainty is Certainty.SINGLE_RUN


def test_ranks_are_no_finer_than_noise():
    for order in ("A B C", "C B A", "B A C"):
        judgement = ranked(*NEAR, order=order)
        assert (judgement.verdict, judgement.certainty) == (Verdict.REPRODUCED, Certainty.UNCERTAIN)
        assert any("cannot be told apart" in reason for reason in judgement.reasons)


def rows_of_attempts(*samples: object) -> tuple[ClaimRow, ...]:
    """Return the rows of claim C2, tried once for each sample on the claim's own machine."""
    attempts = [
        reproduction(
            REPRODUCTION_YAML.replace("[1.01]", f"[{sample}]").replace("model_name: B", "model_name: A"),
            folder=f"r{number}",
            uid=f"{number:016x}",
        )
        for number, sample in enumerate(samples, 1)
    ]
    return tuple(row for row in rows_of(paper(), *attempts) if row.claim.id == "C2")


@pytest.mark.parametrize(
    ("samples", "worst", "reproduced", "judged"),
    [
        ([1], "reproduced", 1, 1),
        ([1, 1.04], "reproduced", 2, 2),
        ([1, 2], "not reproduced", 1, 2),
        ([1, 0.5], "exceeds", 1, 2),
        ([0.5, 2, 1], "not reproduced", 1, 3),
        # The mean of the two would be on the claim.
        ([0.9, 1.1], "not reproduced", 0, 2),
        ([1, "n/a"], "reproduced", 1, 1),
        (["n/a"], "cannot tell", 0, 0),
    ],
)
def test_several_reproductions_are_never_averaged(samples, worst, reproduced, judged):
    rows = rows_of_attempts(*samples)
    assert len(rows) == len(samples)
    summary = claim_summary(rows)
    assert (summary.worst.value, summary.reproduced, summary.judged) == (worst, reproduced, judged)


def test_equal_runs_are_all_counted_and_none_is_merged():
    judgement = judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(10, 12), run(10, 12)))
    assert (judgement.n, judgement.reproduced) == (4, Fraction(11))


def test_what_is_missing_is_null_in_json_and_empty_in_csv():
    rows = rows_of_attempts("n/a")
    text = emit_json(rows).decode()
    (entry,) = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["claims"]
    assert (entry["reproduced"], entry["delta"]) == (None, None)
    assert '""' not in text
    (line,) = csv.DictReader(io.StringIO(emit_csv(rows).decode(), newline=""))
    assert (line["reproduced"], line["delta"]) == ("", "")


def test_cells_of_csv_are_quoted_and_run_nothing():
    evil = paper(
        PAPER_YAML.replace("id: time", 'id: "=1+1"').replace("metric: time", 'metric: "=1+1"'), folder='a,"b\n'
    )
    (line, *_) = [row for row in csv.DictReader(io.StringIO(emit_csv(rows_of(evil)).decode(), newline="")) if row["claim"] == "C2"]  # fmt: skip
    assert line["metric"] == "'=1+1"
    assert line["paper"] == 'a,"b\n'


def test_a_verdict_is_a_word_without_any_colour():
    text = "\n".join(report_results(rows_of_attempts(1, 2), lambda text, kind: text, None))
    assert "not reproduced" in text
    assert "\x1b" not in text


def test_a_sample_that_cannot_be_read_is_told_and_dropped_by_nobody():
    judgement = judge(claim(1, tolerance=RELATIVE), HIGHER, attempt(run(1, 1, "1,0")))
    assert (judgement.verdict, judgement.n, judgement.reproduced) == (Verdict.CANNOT_TELL, 3, None)
    assert judgement.reasons == ("a sample is no finite number: 1,0",)
    found = findings(paper(), reproduction(REPRODUCTION_YAML.replace("[1.01]", '[1.01, "1,0"]')))
    assert ("CM507", "/reproduction/runs/2/samples/1") in [(code, pointer) for code, pointer, _ in found]


def test_the_order_of_the_output_does_not_depend_on_that_of_the_input():
    attempts = [reproduction(folder=name, uid=uid * 16) for name, uid in (("x", "3"), ("y", "1"), ("z", "2"))]
    exports = {emit_json(rows_of(paper(), *order)) for order in (attempts, attempts[::-1], attempts[1:] + attempts[:1])}
    assert len(exports) == 1


def test_a_percentage_and_a_fraction_are_never_compared():
    # 0.989 is 98.9 %, and also 0.989 %: MLPerf's results hold 2,417 rows of fractions beside percentages.
    about = claim(98.9, unit="%", tolerance=RELATIVE)
    assert judge(about, PERCENT, attempt(run("0.989", unit="1"))).verdict is Verdict.NOT_COMPARABLE


CONTRADICTIONS = [
    # samples of C2, stated, whether the two contradict each other
    ("1", "reproduced", False),
    ("1", "not reproduced", True),
    ("1", "exceeds", True),
    ("1", "untested", True),
    ("2", "not reproduced", False),
    ("2", "reproduced", True),
    ("0.5", "exceeds", False),
    ("0.5", "reproduced", True),
    ("n/a", "reproduced", False),
    ("n/a", "cannot tell", False),
    ("n/a", "untested", True),
]


@pytest.mark.parametrize(("sample", "stated", "contradicted"), CONTRADICTIONS)
def test_a_stated_verdict_stands_beside_the_numbers_and_never_replaces_them(sample, stated, contradicted):
    text = REPRODUCTION_YAML.replace("[1.01]", f"[{sample}]").replace("model_name: B", "model_name: A")
    attempted = reproduction(text.replace("C2: reproduced", f"C2: {stated}"))
    (row,) = [row for row in rows_of(paper(), attempted) if row.claim.id == "C2"]
    (honest,) = rows_of_attempts(sample)
    assert row.judgement == honest.judgement
    assert row.stated is Verdict(stated)
    assert row.contradicted is contradicted
    assert ("CM504" in [code for code, _, _ in findings(paper(), attempted)]) is contradicted


def test_a_ranking_that_the_numbers_deny_contradicts_its_evaluator():
    text = PAPER_YAML + (
        "- {id: C4, text: second, kind: value, metric: accuracy, value: 90, tolerance: {type: none, reason: r}}\n"
        "- {id: C5, text: order, kind: ranking, order: [C4, C1]}\n"
    )
    run_of_c4 = '  - {uid: "4444444444444444", claims: [C4], metric: accuracy, unit: "%", samples: [90], actionStatus: CompletedActionStatus, compatible_with: {dataset: {split: test}}}\n'
    attempted = reproduction(
        REPRODUCTION_YAML.replace("  verdict_stated: {", run_of_c4 + "  verdict_stated: {C5: reproduced, ")
    )
    found = [message for code, _, message in findings(paper(text), attempted) if code == "CM504"]
    assert found[0] == (
        "C5 is stated as 'reproduced', the numbers say 'not reproduced': C1 (98.9) came out better than C4 (90.0)"
    )
    (row,) = [row for row in rows_of(paper(text), attempted) if row.claim.id == "C5"]
    assert json.loads(emit_json([row]))["claims"][0]["claimed"] == "C4 > C1"
    assert json.loads(emit_json([row]))["claims"][0]["reproduced"] == "C1 > C4"


def test_a_badge_or_status_changes_no_verdict():
    verdicts = {
        tuple(
            row.judgement.verdict
            for row in rows_of(paper(), reproduction(REPRODUCTION_YAML.replace("unverified", status)))
        )
        for status in ("unverified", "verified", "disputed", "superseded")
    }
    assert len(verdicts) == 1


def test_nobody_mints_a_reproduction_by_leaving_out_a_failed_run():
    few = judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(10), replace(run(), samples=())))
    assert few.verdict is Verdict.CANNOT_TELL
    assert few.reasons == ("a completed run has no sample",)


def test_no_reproduction_is_untested_and_not_reproduced_by_default():
    (row,) = claim_rows([_paper_with_one_claim()], [])
    assert row.judgement.verdict is Verdict.UNTESTED


def _paper_with_one_claim():
    from tests.test_verdict_parts import paper as made

    return made(claim(1, tolerance=RELATIVE))
