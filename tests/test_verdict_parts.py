"""Claims made of others: rankings, ratios of paired runs, trends. Hand-worked cases, and properties for all numbers."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.model.artifact import ArtifactKey
from cmsite.model.claim_parts import Direction, RatioParts, Trend
from cmsite.model.judgements import Certainty, Judgement
from cmsite.model.results import Claim, Metric, Paper, Reproduction, Run, Verdict
from cmsite.results.sampled import finite_samples
from cmsite.results.separation import MAX_LEVELS, Level, apart, compare
from cmsite.results.verdicts import judge
from cmsite.results.wording import claimed_text, found_text
from tests.result_values import COUNT, OURS, THEIRS, TIME, attempt, claim, failed, metric, run, skipped, tolerance

HIGHER = metric()
LOWER = metric(lower_is_better=True)
PLAIN = metric(id="speed-up", unit="1")
RELATIVE = tolerance("relative", 0.05)
NAN = float("nan")


def paper(*claims: Claim, metrics: tuple[Metric, ...] = (HIGHER, TIME, PLAIN)) -> Paper:
    key = ArtifactKey(repository="team", automation="paper", folder="p")
    return Paper(key=key, uid="2" * 16, alias="p", title="P", claims=claims, metrics=metrics)


def of(name: str, *samples: Any, **changes: Any) -> Run:
    return run(*samples, claims=(name,), **changes)


# --- Rankings -----------------------------------------------------------------------------------------------------


def ranked(
    *runs: Run, measure: Metric = HIGHER, order: str = "A B C", members: str = "A B C", **changes: Any
) -> Judgement:
    made = tuple(replace(claim(1), id=name, metric=measure.id) for name in members.split())
    about = claim(None, "ranking", order=tuple(order.split()), **changes)
    return judge(about, None, attempt(*runs), paper(*made, about, metrics=(measure,)))


def stated(order: str) -> Run:
    return run(order=tuple(order.split()))


ABC = [of("A", 3), of("B", 2), of("C", 1)]
# Mean 10, 9.9, 9.8 with s = 0.1 and n = 3: half widths 0.1686, so only the ends are 0.2 < 0.3372 apart: all tied.
NEAR = [of("A", 9.7, 9.8, 9.9), of("B", 9.8, 9.9, 10), of("C", 9.9, 10, 10.1)]
CLEAR = [of("A", 9, 9.1, 9.2), of("B", 8, 8.1, 8.2), of("C", 7, 7.1, 7.2)]

# Each case: what it shows, runs, other arguments, verdict, certainty, order found.
RANKINGS: list[tuple[str, list[Run], dict[str, Any], str, str, str]] = [
    ("kept", ABC, {}, "reproduced", "single run", "A > B > C"),
    ("reversed", ABC, {"order": "C B A"}, "not reproduced", "single run", "A > B > C"),
    ("lower is better", ABC, {"measure": LOWER}, "not reproduced", "single run", "C > B > A"),
    ("lower is better, kept", ABC, {"measure": LOWER, "order": "C B A"}, "reproduced", "single run", "C > B > A"),
    ("one pair wrong", ABC, {"order": "A C B"}, "not reproduced", "single run", "A > B > C"),
    ("equal values are a tie", [of("A", 2), of("B", 2), of("C", 1)], {}, "reproduced", "single run", "A ≈ B > C"),
    ("a tie may stand either way", [of("A", 2), of("B", 2), of("C", 1)], {"order": "B A C"}, "reproduced", "single run", "B ≈ A > C"),
    ("clearly apart", CLEAR, {}, "reproduced", "certain", "A > B > C"),
    ("clearly the other way round", CLEAR, {"order": "B A C"}, "not reproduced", "certain", "A > B > C"),
    ("within noise, whatever the order", NEAR, {}, "reproduced", "uncertain", "C ≈ B ≈ A"),
    ("within noise, the other order", NEAR, {"order": "C B A"}, "reproduced", "uncertain", "C ≈ B ≈ A"),
    ("two repetitions have no interval", [of("A", 3, 3), of("B", 2, 2), of("C", 1, 1)], {}, "reproduced", "two runs", "A > B > C"),
    ("the fewest repetitions count", [of("A", 3, 3, 3), of("B", 2), of("C", 1, 1)], {}, "reproduced", "single run", "A > B > C"),
    ("all runs of a claim together", [of("A", 3), of("A", 1), of("B", 1.5), of("C", 1)], {}, "reproduced", "single run", "A > B > C"),
    ("the mean and not the best", [of("A", 1, 6), of("B", 5, 5), of("C", 1, 1)], {"order": "B A C"}, "reproduced", "two runs", "B > A > C"),
    ("negative values", [of("A", -1), of("B", -2), of("C", -3)], {}, "reproduced", "single run", "A > B > C"),
    ("zero", [of("A", 1), of("B", 0), of("C", -1)], {}, "reproduced", "single run", "A > B > C"),
    ("one failed run beside", [*ABC, failed()], {}, "reproduced", "single run", "A > B > C"),
    ("NaN", [of("A", 3), of("B", NAN), of("C", 1)], {}, "cannot tell", "single run", ""),
    ("text", [of("A", 3), of("B", "fast"), of("C", 1)], {}, "cannot tell", "single run", ""),
    ("no direction", [of("A", 3), of("B", 2), of("C", 1)], {"measure": COUNT}, "cannot tell", "single run", ""),
    ("one claim not run", ABC[:2], {}, "untested", "", ""),
    ("one claim failed", [*ABC[:2], replace(failed(), claims=("C",))], {}, "failed to run", "", ""),
    ("one claim skipped", [*ABC[:2], replace(skipped(), claims=("C",))], {}, "untested", "", ""),
    ("one in another unit", [*ABC[:2], of("C", 1, unit="v")], {}, "not comparable", "single run", ""),
    ("one of another metric", [*ABC[:2], of("C", 1, metric="time")], {}, "not comparable", "single run", ""),
    ("a name twice", ABC, {"order": "A B A"}, "cannot tell", "", ""),
    ("one name only", ABC, {"order": "A"}, "cannot tell", "", ""),
    ("a claim that the paper does not make", ABC, {"order": "A B X"}, "untested", "", ""),
    ("unknown statistic", ABC, {"statistic": "geomean"}, "cannot tell", "single run", ""),
    ("the declared median", [of("A", 1, 1, 10), of("B", 2, 2, 2), of("C", 0, 0, 0)], {"statistic": "median", "order": "B A C"}, "reproduced", "", "B > A > C"),
    ("the order of a run", [stated("A B C")], {}, "reproduced", "single run", "A > B > C"),
    ("another order of a run", [stated("A C B")], {}, "not reproduced", "single run", "A > C > B"),
    ("two runs agree", [stated("A B C"), stated("A B C")], {}, "reproduced", "two runs", "A > B > C"),
    ("three runs agree", [stated("A B C")] * 3, {}, "reproduced", "certain", "A > B > C"),
    ("three runs deny", [stated("B A C")] * 3, {}, "not reproduced", "certain", "B > A > C"),
    ("runs that disagree are a tie", [stated("A B C"), stated("B A C"), stated("A B C")], {}, "reproduced", "uncertain", "A ≈ B > C"),
    ("samples before a stated order", [*ABC, stated("C B A")], {}, "reproduced", "single run", "A > B > C"),
    ("a stated order that lacks one", [stated("A B")], {}, "cannot tell", "single run", ""),
    ("a stated order with a stranger", [stated("A B D")], {}, "cannot tell", "single run", ""),
    ("a run that states nothing", [run()], {}, "cannot tell", "single run", ""),
    ("a completed run without samples", [*ABC, of("B")], {}, "cannot tell", "single run", ""),
    ("an order whose run names its claims", [run(claims=("A", "B", "C", "C1"), order=("A", "B", "C"))], {}, "reproduced", "single run", "A > B > C"),
    ("only a failed run", [failed()], {}, "failed to run", "", ""),
    ("nothing", [], {}, "untested", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "arguments", "verdict", "sure", "order"),
    [case[1:] for case in RANKINGS],
    ids=[case[0] for case in RANKINGS],
)
def test_rankings_worked_by_hand(runs, arguments, verdict, sure, order):
    judgement = ranked(*runs, **arguments)
    assert judgement.verdict is Verdict(verdict)
    assert (judgement.certainty.value if judgement.certainty else "") == sure
    assert found_text(claim(None, "ranking"), HIGHER, judgement) == order


def test_a_ranking_gives_its_reasons_in_words():
    assert ranked(*ABC, order="A C B").reasons == ("B (2) came out better than C (1)",)
    assert ranked(*NEAR).reasons == (
        "A and B cannot be told apart: their 90 % intervals overlap",
        "A and C cannot be told apart: their 90 % intervals overlap",
        "B and C cannot be told apart: their 90 % intervals overlap",
    )
    assert ranked(of("A", 2), of("B", 2), of("C", 1)).reasons == ("A and B are equal",)
    assert ranked(stated("A B C"), stated("B A C")).reasons == (
        "the runs disagree about A and B, which counts as a tie",
        "by the order that the runs state",
    )
    assert ranked(*ABC, stated("C B A")).reasons == ("a run states another order than the samples give",)
    assert ranked(*ABC[:2]).reasons == ("no completed run of C",)
    assert "does not name exactly" in ranked(stated("A B")).reasons[0]
    many = "A B C D E"
    runs = [of(name, value) for value, name in enumerate(many.split())]
    assert ranked(*runs, order=many, members=many).reasons[-1] == "and 7 more pairs"


def test_a_ranking_of_times_needs_one_machine():
    elsewhere = of("C", 1, environment=THEIRS)
    made = tuple(replace(claim(1, hardware_dependent=None), id=name, metric="time") for name in "ABC")
    about = claim(None, "ranking", order=("C", "B", "A"))
    judged = [
        judge(about, None, attempt(*ABC[:2], last, environment=environment), paper(*made, about))
        for last, environment in ((ABC[2], OURS), (elsewhere, OURS), (ABC[2], ()))
    ]
    assert [item.verdict.value for item in judged] == ["reproduced", "not comparable", "cannot tell"]
    assert judged[1].reasons == ("the runs used different hardware, on which such numbers depend",)
    assert judged[2].reasons == ("hardware not stated",)


def test_a_ranking_across_metrics_and_one_that_is_bound_to_its_machine_are_refused():
    mixed = (replace(claim(1), id="A", metric="accuracy"), replace(claim(1), id="B", metric="time"))
    about = claim(None, "ranking", order=("A", "B"))
    refused = judge(about, None, attempt(*ABC[:2]), paper(*mixed, about))
    assert refused.verdict is Verdict.NOT_COMPARABLE
    assert refused.reasons == ("the metric differs: A is about accuracy, B about time",)
    runs = [of(name, value, environment=OURS) for name, value in (("A", 3), ("B", 2), ("C", 1))]
    assert ranked(*runs, hardware_dependent=True, environment=THEIRS).verdict is Verdict.NOT_COMPARABLE
    assert ranked(*runs, hardware_dependent=True).verdict is Verdict.CANNOT_TELL
    assert ranked(*runs, hardware_dependent=True, environment=OURS).verdict is Verdict.REPRODUCED


def test_a_ranking_of_too_many_claims_is_refused_quickly():
    names = " ".join(f"C{number}" for number in range(MAX_LEVELS + 1))
    runs = [of(name, 1) for name in names.split()]
    judgement = ranked(*runs, order=names, members=names)
    assert judgement.verdict is Verdict.CANNOT_TELL
    assert "at most 100 are compared" in judgement.reasons[0]


# --- Ratios -------------------------------------------------------------------------------------------------------


def divided(*runs: Run, value: Any = 2, measure: Metric = PLAIN, environment: Any = OURS, **changes: Any) -> Judgement:
    parts = changes.pop("parts", RatioParts(of="A", over="B"))
    made = tuple(replace(claim(1, hardware_dependent=None), id=name, metric="time") for name in "AB")
    changes = {"tolerance": RELATIVE, "hardware_dependent": None, "metric": measure.id, **changes}
    about = claim(value, "ratio", ratio=parts, **changes)
    whole = paper(*made, about, metrics=(HIGHER, TIME, PLAIN, measure))
    return judge(about, measure, attempt(*runs, environment=environment), whole)


# Each case: what it shows, runs, other arguments, verdict, reproduced value, n.
RATIOS: list[tuple[str, list[Run], dict[str, Any], str, Any, int]] = [
    ("one pair", [of("A", 4), of("B", 2)], {}, "reproduced", 2, 1),
    ("outside, better", [of("A", 5), of("B", 2)], {}, "exceeds", 2.5, 1),
    ("outside, worse", [of("A", 3), of("B", 2)], {}, "not reproduced", 1.5, 1),
    ("on the end", [of("A", 2.1), of("B", 1)], {}, "reproduced", 2.1, 1),
    ("repetition by repetition", [of("A", 4, 9), of("B", 2, 3)], {"value": 2.5}, "reproduced", 2.5, 2),
    ("not the ratio of the means", [of("A", 1, 3), of("B", 1, 1)], {"value": 2}, "reproduced", 2, 2),
    ("several runs of a side", [of("A", 4), of("A", 6), of("B", 2, 3)], {}, "reproduced", 2, 2),
    ("other numbers of repetitions: the means", [of("A", 4, 4, 4), of("B", 1, 3)], {}, "reproduced", 2, 1),
    ("two machines", [of("A", 4), of("B", 2), of("A", 8, environment=THEIRS), of("B", 4, environment=THEIRS)], {}, "reproduced", 2, 2),
    ("never across machines", [of("A", 4), of("B", 2, environment=THEIRS)], {}, "not comparable", None, 0),
    ("a run without a partner", [of("A", 4), of("B", 2), of("A", 90, environment=THEIRS)], {}, "reproduced", 2, 1),
    ("machine not stated", [of("A", 4), of("B", 2)], {"environment": ()}, "cannot tell", None, 0),
    ("the ratio itself is taken as it is", [run(2), of("A", 90), of("B", 2)], {}, "reproduced", 2, 1),
    ("a ratio's run that failed", [failed(), of("A", 4), of("B", 2)], {}, "reproduced", 2, 1),
    ("zero below", [of("A", 4), of("B", 0)], {}, "cannot tell", None, 0),
    ("zero above", [of("A", 0), of("B", 2)], {}, "not reproduced", 0, 1),
    ("means that cancel out below", [of("A", 4), of("B", -1, 1)], {}, "cannot tell", None, 0),
    ("negative", [of("A", -4), of("B", 2)], {"value": -2}, "reproduced", -2, 1),
    ("NaN above", [of("A", NAN), of("B", 2)], {}, "cannot tell", None, 0),
    ("completed without samples below", [of("A", 4), of("B")], {}, "cannot tell", None, 0),
    ("one side not run", [of("A", 4)], {}, "untested", None, 0),
    ("one side failed", [of("A", 4), replace(failed(), claims=("B",))], {}, "failed to run", None, 0),
    ("one side in another unit", [of("A", 4), of("B", 2, unit="ms")], {}, "not comparable", None, 0),
    ("claimed in percent", [of("A", 4), of("B", 2)], {"measure": metric(id="share", unit="%")}, "not comparable", None, 0),
    ("no tolerance", [of("A", 4), of("B", 2)], {"tolerance": None}, "no tolerance", 2, 1),
    ("claimed zero", [of("A", 4), of("B", 2)], {"value": 0}, "cannot tell", 2, 1),
    ("a name that means nothing", [of("A", 4), of("B", 2)], {"parts": RatioParts(of="A", over="X")}, "untested", None, 0),
    ("itself below", [of("A", 4), of("B", 2)], {"parts": RatioParts(of="A", over="C1")}, "untested", None, 0),
    (
        "metrics of the ratio's own runs",
        [run(4, metric="time", unit="s"), run(2, metric="accuracy", unit="u")],
        {"parts": RatioParts(of="time", over="accuracy"), "measure": metric(id="cost", unit="s/u")},
        "reproduced", 2, 1,
    ),
    (
        "different units are no plain number",
        [run(4, metric="time", unit="s"), run(2, metric="accuracy", unit="u")],
        {"parts": RatioParts(of="time", over="accuracy")},
        "not comparable", None, 0,
    ),
    ("a run that names the ratio too", [run(4, claims=("A", "C1")), run(2, claims=("B", "C1"))], {}, "reproduced", 2, 1),
    ("bound to its authors' machine", [of("A", 4), of("B", 2)], {"hardware_dependent": True, "environment": OURS}, "cannot tell", 2, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "arguments", "verdict", "value", "n"), [case[1:] for case in RATIOS], ids=[case[0] for case in RATIOS]
)
def test_ratios_worked_by_hand(runs, arguments, verdict, value, n):
    judgement = divided(*runs, **arguments)
    assert judgement.verdict is Verdict(verdict)
    assert judgement.reproduced == (None if value is None else Fraction(str(value)))
    assert judgement.n == n
    assert len(judgement.ratios) in (0, n)


def test_a_ratio_says_how_it_was_worked_out():
    assert divided(of("A", 4), of("B", 2)).reasons == ("worked out as A / B from runs on one machine",)
    unequal = divided(of("A", 4, 4, 4), of("B", 1, 3), of("A", 9, environment=THEIRS))
    assert unequal.reasons == (
        "worked out as A / B from runs on one machine",
        "A has 3 repetitions and B 2, so their means are divided",
        "runs without a partner on the same machine are left out: National-Elliott 405",
    )
    assert divided(of("A", 4), of("B", 2, environment=THEIRS)).reasons == ("A and B ran on no machine in common",)
    assert divided(of("A", 4)).reasons == ("no completed run of B",)
    assert divided(of("A", 4), of("B", 0)).reasons[0] == "a repetition of B is 0, by which nothing can be divided"
    assert divided(run(2)).reasons == ()


def test_the_interval_of_a_ratio_is_that_of_its_pairs():
    judgement = divided(of("A", 3.8, 4, 4.2), of("B", 2, 2, 2))
    # Ratios 1.9, 2.0, 2.1: s = 0.1, half width 2.919986 × 0.1 / √3 = 0.1686 > 0.1.
    assert judgement.half_width == pytest.approx(0.16858, abs=1e-5)
    assert judgement.certainty is Certainty.UNCERTAIN
    assert divided(of("A", 4, 4.01, 3.99), of("B", 2, 2, 2)).certainty is Certainty.CERTAIN


def test_without_the_paper_a_ratio_of_others_is_untested():
    about = claim(2, "ratio", ratio=RatioParts(of="A", over="B"), metric="speed-up", tolerance=RELATIVE)
    assert judge(about, PLAIN, attempt(of("A", 4), of("B", 2))).verdict is Verdict.UNTESTED
    assert judge(about, PLAIN, attempt(run(2))).verdict is Verdict.REPRODUCED


# --- Trends -------------------------------------------------------------------------------------------------------


def at(threads: Any, *samples: Any, **changes: Any) -> Run:
    return run(*samples, parameters=(("threads", str(threads)),), **changes)


def moving(*runs: Run, direction: str = "increasing", measure: Metric | None = HIGHER, **changes: Any) -> Judgement:
    environment = changes.pop("environment", ())
    trend = Trend(parameter="threads", direction=Direction(direction) if direction else None)
    about = claim(None, "trend", trend=trend, metric=measure.id if measure else "", **changes)
    return judge(about, measure, attempt(*runs, environment=environment))


UP = [at(1, 10), at(2, 20), at(4, 30)]
# Each case: what it shows, runs, other arguments, verdict, certainty, what was found.
TRENDS: list[tuple[str, list[Run], dict[str, Any], str, str, str]] = [
    ("rises", UP, {}, "reproduced", "single run", "1: 10 < 2: 20 < 4: 30"),
    ("rises where it should fall", UP, {"direction": "decreasing"}, "not reproduced", "single run", "1: 10 < 2: 20 < 4: 30"),
    ("monotone, rising", UP, {"direction": "monotone"}, "reproduced", "single run", "1: 10 < 2: 20 < 4: 30"),
    ("monotone, falling", [at(1, 3), at(2, 2)], {"direction": "monotone"}, "reproduced", "single run", "1: 3 > 2: 2"),
    ("up and down", [at(1, 1), at(2, 3), at(4, 2)], {"direction": "monotone"}, "not reproduced", "single run", "1: 1 < 2: 3 > 4: 2"),
    ("the runs in any order", UP[::-1], {}, "reproduced", "single run", "1: 10 < 2: 20 < 4: 30"),
    ("numbers, not texts", [at(10, 3), at(9, 2), at(2, 1)], {}, "reproduced", "single run", "2: 1 < 9: 2 < 10: 3"),
    ("2 and 2.0 are one", [at(1, 1), at(2, 2), at("2.0", 4)], {}, "reproduced", "single run", "1: 1 < 2: 3"),
    ("a flat step is a tie", [at(1, 1), at(2, 1), at(4, 2)], {}, "reproduced", "single run", "1: 1 ≈ 2: 1 < 4: 2"),
    ("flat altogether", [at(1, 1), at(2, 1), at(4, 1)], {}, "cannot tell", "single run", "1: 1 ≈ 2: 1 ≈ 4: 1"),
    ("clear", [at(1, 1, 1.1, 1.2), at(2, 2, 2.1, 2.2)], {}, "reproduced", "certain", "1: 1.1 < 2: 2.1"),
    ("a dip within noise", [at(1, 1, 2, 3), at(2, 0.9, 1.9, 2.9), at(4, 9, 10, 11)], {}, "reproduced", "uncertain", "1: 2 ≈ 2: 1.9 < 4: 10"),
    ("a dip beyond noise", [at(1, 1, 1, 1), at(2, 0.9, 0.9, 0.9), at(4, 9, 9, 9)], {}, "not reproduced", "certain", "1: 1 > 2: 0.9 < 4: 9"),
    ("negative parameters", [at(-2, 1), at(-1, 2)], {}, "reproduced", "single run", "-2: 1 < -1: 2"),
    ("no run states it", [run(1), run(2)], {}, "cannot tell", "", ""),
    ("one run does not state it", [*UP, run(1)], {}, "cannot tell", "single run", ""),
    ("a text", [at("few", 1), at("many", 2)], {}, "cannot tell", "", ""),
    ("one value only", [at(1, 1), at(1, 2)], {}, "cannot tell", "two runs", ""),
    ("NaN", [at(1, 1), at(2, NAN)], {}, "cannot tell", "single run", ""),
    ("other unit", [at(1, 1), at(2, 2, unit="v")], {}, "not comparable", "single run", ""),
    ("no direction declared", UP, {"direction": ""}, "cannot tell", "single run", ""),
    ("metric not declared", UP, {"measure": None}, "cannot tell", "single run", ""),
    ("failed at one place", [*UP, failed()], {}, "reproduced", "single run", "1: 10 < 2: 20 < 4: 30"),
    ("all failed", [failed()], {}, "failed to run", "", ""),
    ("nothing", [], {}, "untested", "", ""),
    ("times on one machine", UP, {"measure": TIME, "environment": OURS, "hardware_dependent": None}, "reproduced", "single run", "1: 10 < 2: 20 < 4: 30"),
    ("times on two", [*UP[:2], at(4, 30, environment=THEIRS)], {"measure": TIME, "environment": OURS, "hardware_dependent": None}, "not comparable", "single run", ""),
    ("times on no stated machine", UP, {"measure": TIME, "hardware_dependent": None}, "cannot tell", "single run", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "arguments", "verdict", "sure", "found"), [case[1:] for case in TRENDS], ids=[case[0] for case in TRENDS]
)
def test_trends_worked_by_hand(runs, arguments, verdict, sure, found):
    judgement = moving(*runs, **arguments)
    assert judgement.verdict is Verdict(verdict)
    assert found_text(claim(None, "trend"), HIGHER, judgement) == found
    assert (judgement.certainty.value if judgement.certainty else "") == sure


def test_a_trend_gives_its_reasons_in_words():
    assert moving(at(1, 1), at(2, 3), at(4, 2)).reasons == ("from threads 2 to 4 it goes from 3 to 2",)
    assert moving(at(1, 1), at(2, 1), at(4, 2)).reasons == ("threads 1 and 2 are equal",)
    assert moving(run(1)).reasons == ("no run states threads as a number: the evaluator judges the trend",)
    assert moving(*UP, run(1)).reasons == ("1 of 4 runs do not state threads as a number",)
    assert moving(at(1, 1), at(2, 1)).reasons == ("no two values can be told apart, so no trend is seen",)
    about = claim(None, "trend", trend=Trend(parameter="threads", direction=Direction.INCREASING))
    assert claimed_text(about) == "increasing with threads"


def test_a_trend_without_a_parameter_is_the_evaluators():
    judgement = judge(claim(None, "trend"), HIGHER, attempt(run(1)))
    assert judgement.verdict is Verdict.CANNOT_TELL
    assert "judged by the evaluator" in judgement.reasons[0]


def test_the_hand_worked_cases_are_many():
    from tests.test_verdicts import CASES

    assert len(CASES) + len(RANKINGS) + len(RATIOS) + len(TRENDS) >= 80


# --- Properties ---------------------------------------------------------------------------------------------------

decimals = st.decimals(min_value=-100, max_value=100, places=2, allow_nan=False, allow_infinity=False).map(str)
positive = st.decimals(min_value="0.01", max_value=100, places=2).map(str)
lists = st.lists(decimals, min_size=1, max_size=5)
threes = st.tuples(lists, lists, lists)


def ranking(samples: tuple[list[str], ...], measure: Metric = HIGHER, order: str = "A B C") -> Judgement:
    return ranked(
        *(of(name, *values) for name, values in zip("ABC", samples, strict=True)), measure=measure, order=order
    )


@given(threes, st.randoms())
def test_the_order_of_samples_changes_no_ranking(samples, random):
    shuffled = tuple(random.sample(values, len(values)) for values in samples)
    assert ranking(samples) == ranking(shuffled)


@given(threes, st.sampled_from(["0.001", "60", "1000000"]))
def test_another_scale_of_the_unit_changes_no_ranking(samples, factor):
    scaled = tuple([str(Fraction(value) * Fraction(factor)) for value in values] for values in samples)
    exact = tuple([_decimal(value) for value in values] for values in scaled)
    first, second = ranking(samples), ranking(exact)
    assert (first.verdict, first.certainty) == (second.verdict, second.certainty)
    assert [step.relation for step in first.steps] == [step.relation for step in second.steps]


def _decimal(text: str) -> str:
    value = Fraction(text)
    scaled = int(value * 10**8)
    assert Fraction(scaled, 10**8) == value
    return f"{scaled}e-8"


@given(threes)
def test_swapping_direction_and_order_of_a_ranking_changes_no_verdict(samples):
    first, second = ranking(samples), ranking(samples, LOWER, "C B A")
    assert (first.verdict, first.certainty) == (second.verdict, second.certainty)


@given(threes)
def test_negating_samples_and_swapping_direction_changes_no_ranking(samples):
    negative = tuple([value[1:] if value.startswith("-") else f"-{value}" for value in values] for values in samples)
    first, second = ranking(samples), ranking(negative, LOWER)
    assert (first.verdict, first.certainty) == (second.verdict, second.certainty)


@given(threes)
def test_a_ranking_and_its_reverse_are_never_both_denied_by_ties(samples):
    first, second = ranking(samples), ranking(samples, order="C B A")
    verdicts = {first.verdict, second.verdict}
    assert verdicts <= {Verdict.REPRODUCED, Verdict.NOT_REPRODUCED}
    tied = all(not apart(*pair) for pair in _pairs(samples))
    assert (verdicts == {Verdict.REPRODUCED}) == tied


def _pairs(samples: tuple[list[str], ...]) -> list[tuple[Level, Level]]:
    from itertools import combinations

    from cmsite.results.separation import level_of

    levels = [
        level_of(claim(1), name, finite_samples([run(*values)])[0]) for name, values in zip("ABC", samples, strict=True)
    ]
    return list(combinations(levels, 2))


@given(st.fractions(), st.fractions(), st.fractions(min_value=0), st.fractions(min_value=0))
def test_being_apart_is_what_floats_say_where_they_can(first, second, left, right):
    distance, halves = abs(float(first - second)), float(left) ** 0.5 + float(right) ** 0.5
    if abs(distance - halves) > 1e-6 * max(1.0, distance, halves):
        made = Level(name="a", value=first, squared=left), Level(name="b", value=second, squared=right)
        assert apart(*made) == (distance > halves) == apart(*made[::-1])


levels = st.builds(
    Level,
    name=st.just("x"),
    value=st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 3), Fraction(10) ** 120, 1 + Fraction(1, 10**40)])
    | st.fractions(),
    squared=st.none() | st.sampled_from([Fraction(0), Fraction(1, 9), Fraction(10) ** 240]) | st.fractions(min_value=0),
)


@given(levels, levels)
def test_comparing_roughly_first_changes_no_answer(first, second):
    assert bool(compare([first, second], rising=True).tied) is not apart(first, second)


def test_intervals_that_touch_are_not_apart():
    at_one, at_four = (
        Level(name="x", value=Fraction(value), squared=Fraction(root) ** 2, n=3) for value, root in ((1, 1), (4, 2))
    )
    assert not apart(at_one, at_four)
    assert apart(at_one, replace(at_four, value=Fraction(4) + Fraction(1, 10**30)))
    assert compare([at_one, at_four], rising=False).tied


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=6), positive, st.randoms())
def test_the_order_of_pairs_changes_no_ratio(pairs, value, random):
    shuffled = random.sample(pairs, len(pairs))
    results = [
        divided(of("A", *(above for above, _ in chosen)), of("B", *(below for _, below in chosen)), value=value)
        for chosen in (pairs, shuffled)
    ]
    first, second = (replace(result, ratios=()) for result in results)
    assert first == second


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=6), positive, st.sampled_from([1000, 60]))
def test_another_unit_of_both_sides_changes_no_ratio(pairs, value, factor):
    def judged(scale: int) -> Judgement:
        above, below = ([_decimal(str(Fraction(pair[side]) * scale)) for pair in pairs] for side in (0, 1))
        return divided(of("A", *above), of("B", *below), value=value)

    assert judged(1) == judged(factor)


@given(st.dictionaries(st.integers(1, 50), lists, min_size=2, max_size=5), st.randoms())
def test_the_order_of_runs_changes_no_trend_and_negation_turns_it(places, random):
    runs = [at(threads, *values) for threads, values in places.items()]
    shuffled = random.sample(runs, len(runs))
    assert moving(*runs) == moving(*shuffled)
    turned = [
        at(threads, *(str(-Fraction(value) * 100) + "e-2" for value in values)) for threads, values in places.items()
    ]
    first, second = moving(*runs), moving(*turned, direction="decreasing")
    assert (first.verdict, first.certainty) == (second.verdict, second.certainty)


def test_a_reproduction_of_nothing_is_untested_for_every_kind():
    for kind in ("ranking", "ratio", "trend"):
        assert judge(claim(None, kind), HIGHER, None).verdict is Verdict.UNTESTED
    empty: Reproduction = attempt()
    assert judge(claim(None, "ranking", order=("A", "B")), None, empty, paper()).verdict is Verdict.UNTESTED
