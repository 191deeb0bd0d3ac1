"""The arithmetic of verdicts: hand-worked cases, and properties that hold for all numbers."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cmsite.model.judgements import Certainty, Interval, Judgement
from cmsite.model.results import Metric, NotAttempted, Number, Verdict
from cmsite.results.comparability import depends_on_hardware, same_hardware
from cmsite.results.intervals import accepted_interval, certainty, side
from cmsite.results.quantiles import EXACT_DEGREES, central_probability, t_quantile_95
from cmsite.results.sampled import Samples
from cmsite.results.samples import mean, median
from cmsite.results.verdicts import contradicts, judge, summarise
from tests.result_values import (
    COUNT,
    OURS,
    PERCENT,
    THEIRS,
    TIME,
    attempt,
    claim,
    failed,
    metric,
    run,
    skipped,
    tolerance,
)

RELATIVE = tolerance("relative", 0.05)
HIGHER = metric()
LOWER = metric(lower_is_better=True)
NAN, INFINITY = float("nan"), float("inf")

# Each case: what it shows, claim, metric, runs, verdict. Worked out by hand from the rules of facts/results.md §2.
CASES = [
    # Relative tolerance.
    ("equal", claim(100, tolerance=RELATIVE), HIGHER, [run(100)], "reproduced"),
    ("on the upper end", claim(1, tolerance=RELATIVE), HIGHER, [run(1.05)], "reproduced"),
    ("on the lower end", claim(1, tolerance=RELATIVE), HIGHER, [run(0.95)], "reproduced"),
    ("just above, higher is better", claim(1, tolerance=RELATIVE), HIGHER, [run("1.0500001")], "exceeds"),
    ("just below, higher is better", claim(1, tolerance=RELATIVE), HIGHER, [run("0.9499999")], "not reproduced"),
    ("above, lower is better", claim(1, tolerance=RELATIVE), LOWER, [run(1.06)], "not reproduced"),
    ("below, lower is better", claim(1, tolerance=RELATIVE), LOWER, [run(0.94)], "exceeds"),
    ("above, no better side", claim(1, tolerance=RELATIVE), COUNT, [run(1.06)], "not reproduced"),
    ("below, no better side", claim(1, tolerance=RELATIVE), COUNT, [run(0.94)], "not reproduced"),
    ("negative claim, inside", claim(-2, tolerance=RELATIVE), HIGHER, [run(-2.1)], "reproduced"),
    ("negative claim, too low", claim(-2, tolerance=RELATIVE), HIGHER, [run(-2.2)], "not reproduced"),
    ("negative claim, too high", claim(-2, tolerance=RELATIVE), HIGHER, [run(-1.8)], "exceeds"),
    ("negative claim, other sign", claim(-2, tolerance=RELATIVE), HIGHER, [run(2)], "exceeds"),
    ("zero claim", claim(0, tolerance=RELATIVE), HIGHER, [run(0)], "cannot tell"),
    ("zero written as -0.0", claim(-0.0, tolerance=RELATIVE), HIGHER, [run(0)], "cannot tell"),
    ("no allowance at all, equal", claim(3, tolerance=tolerance("relative", 0)), HIGHER, [run(3)], "reproduced"),
    ("no allowance at all, more", claim(3, tolerance=tolerance("relative", 0)), HIGHER, [run(3.001)], "exceeds"),
    # Absolute tolerance, in the metric's unit: points for percentages.
    ("absolute, inside", claim(98.9, tolerance=tolerance("absolute", 0.05)), PERCENT, [run(98.8764)], "reproduced"),
    ("absolute, end", claim(98.9, tolerance=tolerance("absolute", 0.05)), PERCENT, [run(98.85)], "reproduced"),
    (
        "absolute, outside",
        claim(96.1, tolerance=tolerance("absolute", 0.05)),
        PERCENT,
        [run(95.5056)],
        "not reproduced",
    ),
    ("absolute, zero claim", claim(0, tolerance=tolerance("absolute", 0)), LOWER, [run(0)], "reproduced"),
    ("absolute, zero claim missed", claim(0, tolerance=tolerance("absolute", 0)), LOWER, [run(1)], "not reproduced"),
    (
        "half a point is not half a percent",
        claim(50, tolerance=tolerance("absolute", 0.5)),
        PERCENT,
        [run(50.4)],
        "reproduced",
    ),
    (
        "half a percent is not half a point",
        claim(50, tolerance=tolerance("relative", 0.005)),
        PERCENT,
        [run(50.4)],
        "exceeds",
    ),
    # Bounds, ranges, intervals.
    ("at least, equal", claim(1, "bound", comparator=">="), HIGHER, [run(1)], "reproduced"),
    ("above, equal", claim(1, "bound", comparator=">"), HIGHER, [run(1)], "not reproduced"),
    ("above, above", claim(1, "bound", comparator=">"), HIGHER, [run(1.0001)], "reproduced"),
    ("at most, less", claim(5, "bound", comparator="<="), LOWER, [run(4)], "reproduced"),
    ("below, equal", claim(5, "bound", comparator="<"), LOWER, [run(5)], "not reproduced"),
    ("at least, but lower is better", claim(5, "bound", comparator=">="), LOWER, [run(4)], "exceeds"),
    ("bound at 0", claim(0, "bound", comparator=">"), HIGHER, [run(0.1)], "reproduced"),
    ("bound without comparator", claim(1, "bound"), HIGHER, [run(2)], "cannot tell"),
    (
        "bound, own comparator kept",
        claim(1, "bound", comparator=">", tolerance=tolerance("bound", lower=1)),
        HIGHER,
        [run(1)],
        "not reproduced",
    ),
    ("bound, widened", claim(100, "bound", comparator=">=", tolerance=RELATIVE), HIGHER, [run(95)], "reproduced"),
    (
        "value with a lower bound",
        claim(76.46, tolerance=tolerance("bound", lower=75.6954)),
        HIGHER,
        [run(75.6954)],
        "reproduced",
    ),
    (
        "value below its lower bound",
        claim(76.46, tolerance=tolerance("bound", lower=75.6954)),
        HIGHER,
        [run(75.69)],
        "not reproduced",
    ),
    (
        "value far above its lower bound",
        claim(76.46, tolerance=tolerance("bound", lower=75.6954)),
        HIGHER,
        [run(99)],
        "reproduced",
    ),
    (
        "two-sided bound, above",
        claim(10, tolerance=tolerance("bound", lower=9, upper=11)),
        HIGHER,
        [run(12)],
        "exceeds",
    ),
    ("bound by direction", claim(10, tolerance=tolerance("bound")), HIGHER, [run(12)], "reproduced"),
    ("bound by direction, lower", claim(10, tolerance=tolerance("bound")), LOWER, [run(12)], "not reproduced"),
    ("bound without direction", claim(10, tolerance=tolerance("bound")), COUNT, [run(12)], "cannot tell"),
    ("range, on its end", claim(None, "range", lower=90, upper=95), HIGHER, [run(95)], "reproduced"),
    ("range, above", claim(None, "range", lower=90, upper=95), HIGHER, [run(95.1)], "exceeds"),
    ("range, below", claim(None, "range", lower=90, upper=95), HIGHER, [run(89.9)], "not reproduced"),
    ("range without an end", claim(None, "range", lower=90), HIGHER, [run(91)], "cannot tell"),
    ("range the wrong way round", claim(None, "range", lower=95, upper=90), HIGHER, [run(92)], "cannot tell"),
    (
        "confidence interval, inside",
        claim(5, tolerance=tolerance("ci", lower=4.8, upper=5.3)),
        HIGHER,
        [run(5.3)],
        "reproduced",
    ),
    (
        "confidence interval, outside",
        claim(5, tolerance=tolerance("ci", lower=4.8, upper=5.3)),
        HIGHER,
        [run(4.7)],
        "not reproduced",
    ),
    (
        "confidence interval, half of one",
        claim(5, tolerance=tolerance("ci", lower=4.8)),
        HIGHER,
        [run(5)],
        "cannot tell",
    ),
    # Nothing to compare, or nothing to compare with.
    ("no tolerance", claim(10), HIGHER, [run(10)], "no tolerance"),
    ("tolerance none", claim(10, tolerance=tolerance("none")), HIGHER, [run(10)], "no tolerance"),
    ("tolerance none, zero claim", claim(0, tolerance=tolerance("none")), HIGHER, [run(1)], "cannot tell"),
    ("tolerance unreadable", claim(10, tolerance=replace(RELATIVE, readable=False)), HIGHER, [run(10)], "cannot tell"),
    ("no claimed value", claim(None, tolerance=RELATIVE), HIGHER, [run(1)], "cannot tell"),
    ("claimed NaN", claim(NAN, tolerance=RELATIVE), HIGHER, [run(1)], "cannot tell"),
    ("claimed infinity", claim(INFINITY, tolerance=RELATIVE), HIGHER, [run(INFINITY)], "cannot tell"),
    ("claimed text", claim("fast", tolerance=RELATIVE), HIGHER, [run(1)], "cannot tell"),
    ("claimed text that is a number", claim("1.0", tolerance=RELATIVE), HIGHER, [run(1)], "reproduced"),
    ("sample NaN", claim(1, tolerance=RELATIVE), HIGHER, [run(1, NAN)], "cannot tell"),
    ("sample infinity", claim(1, tolerance=RELATIVE), HIGHER, [run(1, -INFINITY)], "cannot tell"),
    ("sample text", claim(1, tolerance=RELATIVE), HIGHER, [run("None")], "cannot tell"),
    ("sample nothing", claim(1, tolerance=RELATIVE), HIGHER, [run(1, None)], "cannot tell"),
    ("sample of absurd size", claim(1, tolerance=RELATIVE), HIGHER, [run("1e999999")], "cannot tell"),
    ("completed without samples", claim(1, tolerance=RELATIVE), HIGHER, [run()], "cannot tell"),
    ("metric not declared", claim(1, tolerance=RELATIVE), None, [run(1)], "cannot tell"),
    ("unknown statistic", claim(1, tolerance=RELATIVE, statistic="geomean"), HIGHER, [run(1)], "cannot tell"),
    ("qualitative", claim(None, "qualitative"), HIGHER, [run(1)], "cannot tell"),
    ("ranking", claim(None, "ranking"), HIGHER, [run(1)], "cannot tell"),
    ("trend", claim(None, "trend"), HIGHER, [run(1)], "cannot tell"),
    # Runs: all completed repetitions, never the best.
    ("mean of two runs", claim(10, tolerance=RELATIVE), HIGHER, [run(9), run(10.2)], "reproduced"),
    ("the best one would do", claim(10, tolerance=RELATIVE), HIGHER, [run(8, 9, 10)], "not reproduced"),
    ("the declared median", claim(10, tolerance=RELATIVE, statistic="median"), HIGHER, [run(1, 10, 10)], "reproduced"),
    ("the declared minimum", claim(1, tolerance=RELATIVE, statistic="minimum"), LOWER, [run(1, 10, 10)], "reproduced"),
    ("one run failed", claim(10, tolerance=RELATIVE), HIGHER, [run(10), failed()], "reproduced"),
    ("every run failed", claim(10, tolerance=RELATIVE), HIGHER, [failed(), failed()], "failed to run"),
    ("failed and skipped", claim(10, tolerance=RELATIVE), HIGHER, [failed(), skipped()], "failed to run"),
    ("skipped only", claim(10, tolerance=RELATIVE), HIGHER, [skipped()], "untested"),
    ("no run", claim(10, tolerance=RELATIVE), HIGHER, [], "untested"),
    ("a run of another claim", claim(10, tolerance=RELATIVE), HIGHER, [run(10, claims=("C2",))], "untested"),
    # A ratio is measured as such by its runs.
    ("ratio", claim(1.53, "ratio", tolerance=RELATIVE), HIGHER, [run(1.5)], "reproduced"),
    (
        "ratio of other metric",
        claim(1.53, "ratio", metric="ratio", tolerance=RELATIVE),
        metric(id="ratio"),
        [run(1.5, metric="time")],
        "not comparable",
    ),
    # Comparability.
    ("other unit", claim(10, tolerance=RELATIVE), HIGHER, [run(10, unit="v")], "not comparable"),
    ("percent and fraction", claim(98.9, tolerance=RELATIVE), PERCENT, [run(0.989, unit="1")], "not comparable"),
    ("same unit with blanks", claim(10, tolerance=RELATIVE), HIGHER, [run(10, unit=" u ")], "reproduced"),
    (
        "claim's unit is not its metric's",
        claim(10, unit="ms", tolerance=RELATIVE),
        HIGHER,
        [run(10, unit="ms")],
        "not comparable",
    ),
    (
        "other metric",
        claim(10, metric="accuracy", tolerance=RELATIVE),
        HIGHER,
        [run(10, metric="time")],
        "not comparable",
    ),
    (
        "one of two runs in other unit",
        claim(10, tolerance=RELATIVE),
        HIGHER,
        [run(10), run(10, unit="v")],
        "not comparable",
    ),
    (
        "other unit beats a missing number",
        claim(NAN, tolerance=RELATIVE),
        HIGHER,
        [run(10, unit="v")],
        "not comparable",
    ),
    (
        "other split",
        claim(10, compatible_with=(("dataset.split", ("test",)),), tolerance=RELATIVE),
        HIGHER,
        [run(10, compatible_with=(("dataset.split", ("train",)),))],
        "not comparable",
    ),
    (
        "declared compatible versions",
        claim(10, compatible_with=(("version", ("v3.0", "v3.1")),), tolerance=RELATIVE),
        HIGHER,
        [run(10, compatible_with=(("version", ("v3.1",)),))],
        "reproduced",
    ),
    (
        "split not stated by the run",
        claim(10, compatible_with=(("dataset.split", ("test",)),), tolerance=RELATIVE),
        HIGHER,
        [run(10)],
        "reproduced",
    ),
]


@pytest.mark.parametrize(
    ("claimed", "measure", "runs", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_hand_worked_cases(claimed, measure, runs, verdict):
    assert judge(claimed, measure, attempt(*runs)).verdict is Verdict(verdict)


def test_the_cases_show_every_verdict():
    assert {case[-1] for case in CASES} == {verdict.value for verdict in Verdict}


def test_floats_would_judge_the_end_of_the_tolerance_wrongly():
    assert abs(1.05 - 1) / 1 > 0.05
    assert judge(claim(1, tolerance=RELATIVE), HIGHER, attempt(run(1.05))).verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("dependent", "claimed", "ours", "verdict", "same"),
    [
        (True, OURS, OURS, "reproduced", True),
        (True, (("host_processor_model_name", " AMD EPYC "),), OURS, "reproduced", True),
        (True, THEIRS, OURS, "not comparable", False),
        (True, (), OURS, "cannot tell", None),
        (True, OURS, (), "cannot tell", None),
        (True, (), (), "cannot tell", None),
        (True, (*OURS, ("accelerator_model_name", "H100")), OURS, "cannot tell", None),
        (True, (*OURS, ("accelerator_model_name", "N/A")), OURS, "reproduced", True),
        (
            True,
            (*OURS, ("accelerator_model_name", "H100")),
            (*OURS, ("accelerator_model_name", "A100")),
            "not comparable",
            False,
        ),
        (False, THEIRS, OURS, "reproduced", False),
        (False, (), (), "reproduced", None),
        (None, THEIRS, OURS, "not comparable", False),
    ],
)
def test_hardware(dependent, claimed, ours, verdict, same):
    about = claim(10, hardware_dependent=dependent, environment=claimed, tolerance=RELATIVE)
    judgement = judge(about, TIME, attempt(run(10), environment=ours))
    assert (judgement.verdict, judgement.same_hardware) == (Verdict(verdict), same)
    if verdict == "cannot tell":
        assert judgement.reasons[0] == "hardware not stated"
    if dependent is False and same is False:
        assert "run on other hardware than the claim's" in judgement.reasons


def test_a_run_elsewhere_decides_over_the_reproduction():
    about = claim(10, hardware_dependent=True, environment=OURS, tolerance=RELATIVE)
    elsewhere = attempt(run(10), run(10, environment=THEIRS), environment=OURS)
    assert judge(about, TIME, elsewhere).verdict is Verdict.NOT_COMPARABLE
    assert same_hardware(about, elsewhere, elsewhere.runs[:1]) is True


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("s", True),
        ("ms", True),
        ("samples/s", True),
        ("tokens per second", True),
        ("J", True),
        ("Watts", True),
        ("%", False),
        ("comparisons", False),
        ("1", False),
        ("", False),
        ("cases", False),
    ],
)
def test_the_unit_decides_where_the_claim_says_nothing_about_hardware(unit, expected):
    assert depends_on_hardware(claim(1, hardware_dependent=None), metric(unit=unit)) is expected
    assert depends_on_hardware(claim(1, hardware_dependent=not expected), metric(unit=unit)) is not expected


def test_differences_are_exact_and_have_a_side():
    judgement = judge(claim("98.9", tolerance=tolerance("absolute", 0.05)), PERCENT, attempt(run("98.8764")))
    assert judgement.difference == Fraction("-0.0236")
    assert judgement.delta == Fraction("-0.0236") / Fraction("98.9")
    assert judgement.better is False
    negative = judge(claim(-2, tolerance=RELATIVE), HIGHER, attempt(run(-1)))
    assert (negative.difference, negative.delta, negative.better) == (Fraction(1), Fraction(1, 2), True)
    zero = judge(claim(0, tolerance=tolerance("absolute", 1)), LOWER, attempt(run(1)))
    assert (zero.difference, zero.delta, zero.better) == (Fraction(1), None, False)
    nobody = judge(claim(1, tolerance=RELATIVE), COUNT, attempt(run(2)))
    assert nobody.better is None


def test_ranges_and_bounds_measure_from_the_end_that_was_left():
    within = judge(claim(None, "range", lower=90, upper=95), HIGHER, attempt(run(92)))
    assert (within.difference, within.delta) == (Fraction(0), Fraction(0))
    above = judge(claim(None, "range", lower=90, upper=95), HIGHER, attempt(run(96)))
    assert (above.difference, above.delta) == (Fraction(1), Fraction(1, 95))
    bound = judge(claim(1, "bound", comparator=">"), HIGHER, attempt(run(1.5)))
    assert bound.difference == Fraction(1, 2)


def test_a_refused_comparison_has_no_difference_but_keeps_what_was_measured():
    judgement = judge(
        claim(188, hardware_dependent=True, environment=THEIRS, tolerance=RELATIVE),
        TIME,
        attempt(run(1), environment=OURS),
    )
    assert (judgement.verdict, judgement.difference, judgement.delta) == (Verdict.NOT_COMPARABLE, None, None)
    assert (judgement.reproduced, judgement.n) == (Fraction(1), 1)


def test_counts_and_reasons_of_failed_and_left_out_runs():
    judgement = judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(10, 11), failed(), skipped()))
    assert (judgement.n, judgement.failed) == (2, 1)
    assert judgement.reasons == ("1 of 3 runs failed and are not in the value",)
    assert judge(claim(10), HIGHER, attempt(failed("no memory"), failed("no memory"))).reasons == ("no memory",)
    left_out = attempt(not_attempted=(NotAttempted(claim="C1", reason="no data"),))
    assert judge(claim(10, not_reproducible_reason="never published"), HIGHER, left_out).reasons == (
        "no data",
        "never published",
    )
    assert judge(claim(10), HIGHER, None).verdict is Verdict.UNTESTED


@pytest.mark.parametrize(
    ("samples", "sure"),
    [
        ([10], Certainty.SINGLE_RUN),
        ([10, 10], Certainty.TWO_RUNS),
        ([10, 10, 10], Certainty.CERTAIN),
        # s = 0.1, n = 3: half width 2.919986 × 0.1 / √3 = 0.1686.
        ([9.9, 10, 10.1], Certainty.CERTAIN),
        ([10.3, 10.4, 10.5], Certainty.UNCERTAIN),  # 10.4 ± 0.1686 crosses 10.5.
        ([10.5, 10.6, 10.7], Certainty.UNCERTAIN),  # 10.6 ± 0.1686 crosses 10.5 from outside.
        ([10.6, 10.7, 10.8], Certainty.CERTAIN),  # 10.5314 lies above 10.5.
        ([0, 10, 20], Certainty.UNCERTAIN),
    ],
)
def test_certainty_by_hand(samples, sure):
    judgement = judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(*samples)))
    assert judgement.certainty is sure
    assert (judgement.half_width is None) == (len(samples) < 3)


def test_certainty_takes_all_runs_together_and_needs_the_mean():
    together = judge(claim(10, tolerance=RELATIVE), HIGHER, attempt(run(9.9), run(10), run(10.1)))
    assert together.half_width == pytest.approx(0.16858, abs=1e-5)
    assert judge(claim(10, tolerance=RELATIVE, statistic="median"), HIGHER, attempt(run(9, 10, 11))).certainty is None
    assert judge(claim(10), HIGHER, attempt(run(9.9, 10, 10.1))).certainty is None


def test_certainty_at_the_ends_of_open_and_closed_intervals():
    closed, half_open = Interval(lower=Fraction(9), upper=Fraction(11)), Interval(lower=Fraction(9), lower_open=True)
    assert certainty(Fraction(10), Fraction(1), closed) is Certainty.CERTAIN  # 9 to 11 lies inside 9 to 11.
    assert certainty(Fraction(10), Fraction(1), half_open) is Certainty.UNCERTAIN  # 9 itself does not count.
    assert certainty(Fraction(12), Fraction(1), closed) is Certainty.UNCERTAIN  # 11 counts as inside.
    assert certainty(Fraction(8), Fraction(1), half_open) is Certainty.CERTAIN  # 9 counts as outside.


# Student's t, 0.95 quantile, as every printed table has it.
PRINTED = {
    1: 6.314,
    2: 2.920,
    3: 2.353,
    4: 2.132,
    5: 2.015,
    6: 1.943,
    7: 1.895,
    8: 1.860,
    9: 1.833,
    10: 1.812,
    15: 1.753,
    20: 1.725,
    29: 1.699,
    30: 1.697,
    60: 1.671,
    120: 1.658,
    1_000_000: 1.645,
}


@pytest.mark.parametrize(("degrees", "quantile"), PRINTED.items())
def test_quantiles_are_the_printed_ones(degrees, quantile):
    assert round(t_quantile_95(degrees), 3) == quantile


def test_quantiles_agree_with_scipy():
    from scipy import stats

    for degrees in (*range(1, 60), 99, 100, EXACT_DEGREES, EXACT_DEGREES + 1, 1000, 99_999):
        assert t_quantile_95(degrees) == pytest.approx(stats.t.ppf(0.95, degrees), abs=1e-9)


def test_quantiles_solve_their_equation_and_fall():
    values = [t_quantile_95(degrees) for degrees in range(1, 500)]
    assert values == sorted(values, reverse=True)
    assert all(central_probability(t_quantile_95(n), n) == pytest.approx(0.9, abs=1e-12) for n in range(1, 60))
    with pytest.raises(ValueError, match="degrees of freedom"):
        t_quantile_95(0)


def test_samples():
    tenth = [Fraction("0.1")] * 10
    assert mean(tenth) == Fraction("0.1")
    assert median([Fraction(3), Fraction(1)]) == 2
    assert Samples(tenth[:2]).squared_half_width is None
    assert Samples(tenth).squared_half_width == 0


def test_stated_verdicts_contradict_only_what_the_numbers_decide():
    assert contradicts(Verdict.REPRODUCED, Verdict.NOT_REPRODUCED)
    assert contradicts(Verdict.REPRODUCED, Verdict.NOT_COMPARABLE)
    assert contradicts(Verdict.UNTESTED, Verdict.CANNOT_TELL)
    assert not contradicts(Verdict.REPRODUCED, Verdict.CANNOT_TELL)
    assert not contradicts(Verdict.NOT_REPRODUCED, Verdict.NO_TOLERANCE)
    assert not any(contradicts(verdict, verdict) for verdict in Verdict)


@pytest.mark.parametrize(
    ("words", "worst", "reproduced", "judged", "beside"),
    [
        ([], "untested", 0, 0, {}),
        (["reproduced", "reproduced"], "reproduced", 2, 2, {}),
        (["reproduced", "exceeds"], "exceeds", 1, 2, {}),
        (["exceeds", "not reproduced", "reproduced"], "not reproduced", 1, 3, {}),
        (["reproduced", "cannot tell", "untested"], "reproduced", 1, 1, {"untested": 1, "cannot tell": 1}),
        (["untested", "failed to run"], "failed to run", 0, 0, {"untested": 1, "failed to run": 1}),
    ],
)
def test_several_reproductions_are_counted_and_never_averaged(words, worst, reproduced, judged, beside):
    summary = summarise(map(Verdict, words))
    assert (summary.worst.value, summary.reproduced, summary.judged) == (worst, reproduced, judged)
    assert [(verdict.value, count) for verdict, count in summary.beside] == list(beside.items())


def test_the_words_stand_in_the_order_of_the_contract():
    assert [verdict.value for verdict in Verdict] == [
        "untested",
        "failed to run",
        "not comparable",
        "cannot tell",
        "no tolerance",
        "reproduced",
        "exceeds",
        "not reproduced",
    ]


# --- Properties ---------------------------------------------------------------------------------------------------

decimals = st.decimals(min_value=-1000, max_value=1000, places=3, allow_nan=False, allow_infinity=False).map(str)
sample_lists = st.lists(decimals, min_size=1, max_size=8)
amounts = st.decimals(min_value=0, max_value=2, places=3).map(str)


def judged(value: str, samples: list[str], allowed: str, measure: Metric = HIGHER, kind: str = "relative") -> Judgement:
    return judge(claim(value, tolerance=tolerance(kind, allowed)), measure, attempt(run(*samples)))


def scaled(text: str, factor: Fraction) -> Number:
    return Number(literal=text, value=Fraction(text) * factor)


@given(decimals, sample_lists, amounts, st.sampled_from([Fraction(1, 1000), Fraction(60), Fraction(10**9)]))
def test_another_scale_of_the_unit_changes_no_verdict(value, samples, allowed, factor):
    assume(float(value) != 0)
    small = judged(value, samples, allowed)
    times = [scaled(sample, factor) for sample in samples]
    large = judge(
        replace(claim(1, tolerance=tolerance("relative", allowed)), value=scaled(value, factor)),
        HIGHER,
        attempt(replace(run(), samples=tuple(times))),
    )
    assert (small.verdict, small.certainty, small.delta, small.better) == (
        large.verdict,
        large.certainty,
        large.delta,
        large.better,
    )


@given(decimals, sample_lists, amounts, st.randoms())
def test_the_order_of_samples_and_how_runs_split_them_change_nothing(value, samples, allowed, random):
    shuffled = samples[:]
    random.shuffle(shuffled)
    cut = random.randint(0, len(samples))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    about = claim(value, tolerance=tolerance("relative", allowed))
    assert judge(about, HIGHER, attempt(*(run(*part) for part in parts))) == judge(
        about, HIGHER, attempt(run(*samples))
    )


@given(decimals, sample_lists, amounts, st.sampled_from(["relative", "absolute"]))
def test_the_sign_of_everything_and_the_direction_swap_together(value, samples, allowed, kind):
    plain = judged(value, samples, allowed, HIGHER, kind)
    mirrored = judged(_negative(value), [_negative(sample) for sample in samples], allowed, LOWER, kind)
    assert (plain.verdict, plain.certainty, plain.better) == (mirrored.verdict, mirrored.certainty, mirrored.better)
    assert plain.difference is not None
    assert mirrored.difference == -plain.difference


def _negative(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}"


@given(decimals, sample_lists, amounts)
def test_swapping_the_direction_swaps_exceeds_and_not_reproduced_only(value, samples, allowed):
    swapped = {Verdict.EXCEEDS: Verdict.NOT_REPRODUCED, Verdict.NOT_REPRODUCED: Verdict.EXCEEDS}
    higher, lower = judged(value, samples, allowed, HIGHER), judged(value, samples, allowed, LOWER)
    assert lower.verdict is swapped.get(higher.verdict, higher.verdict)
    assert lower.certainty is higher.certainty
    neither = judged(value, samples, allowed, COUNT)
    assert neither.verdict is not Verdict.EXCEEDS
    assert neither.better is None


@given(decimals, sample_lists, amounts, st.sampled_from([HIGHER, LOWER, COUNT]))
def test_adding_a_sample_equal_to_the_mean_changes_no_verdict_and_never_makes_it_less_certain(
    value, samples, allowed, measure
):
    before = judged(value, samples, allowed, measure)
    assert before.reproduced is not None
    about = claim(value, tolerance=tolerance("relative", allowed))
    equal = replace(run(), samples=(Number(literal="mean", value=before.reproduced),))
    after = judge(about, measure, attempt(run(*samples), equal))
    assert (after.verdict, after.reproduced, after.delta, after.n) == (
        before.verdict,
        before.reproduced,
        before.delta,
        before.n + 1,
    )
    if before.certainty is Certainty.CERTAIN:
        assert after.certainty is Certainty.CERTAIN


@given(decimals, decimals, amounts, st.integers(1, 6))
def test_repeating_one_sample_changes_the_count_only(value, sample, allowed, times):
    once, often = judged(value, [sample], allowed), judged(value, [sample] * times, allowed)
    assert (once.verdict, once.reproduced, once.difference) == (often.verdict, often.reproduced, often.difference)
    assert often.n == times
    if times >= 3 and often.verdict.judged:
        assert often.half_width == 0


@given(decimals, amounts, amounts)
def test_a_wider_tolerance_never_loses_a_reproduction(value, first, second):
    narrow, wide = sorted((first, second), key=float)
    if judged(value, ["1"], narrow).verdict is Verdict.REPRODUCED:
        assert judged(value, ["1"], wide).verdict is Verdict.REPRODUCED


@given(decimals, sample_lists, amounts)
def test_a_failed_run_changes_the_count_and_never_the_value(value, samples, allowed):
    about = claim(value, tolerance=tolerance("relative", allowed))
    without, beside = (
        judge(about, HIGHER, attempt(run(*samples))),
        judge(about, HIGHER, attempt(run(*samples), failed())),
    )
    assert (beside.verdict, beside.reproduced, beside.certainty) == (
        without.verdict,
        without.reproduced,
        without.certainty,
    )
    assert (without.failed, beside.failed) == (0, 1)


@given(decimals, sample_lists, amounts)
def test_the_verdict_agrees_with_the_formula_of_the_contract(value, samples, allowed):
    exact, t = Fraction(value), Fraction(allowed)
    assume(exact != 0)
    r = sum(map(Fraction, samples), Fraction(0)) / len(samples)
    assert (judged(value, samples, allowed).verdict is Verdict.REPRODUCED) == (abs(r - exact) / abs(exact) <= t)


@given(decimals, decimals, amounts)
def test_a_value_is_on_one_side_of_what_is_accepted(value, measured, allowed):
    accepted = accepted_interval(claim(value, tolerance=tolerance("absolute", allowed)), HIGHER)
    assert isinstance(accepted, Interval)
    where = side(Fraction(measured), accepted)
    assert (where == 0) == (abs(Fraction(measured) - Fraction(value)) <= Fraction(allowed))
    assert where == 0 or (where > 0) == (Fraction(measured) > Fraction(value))
