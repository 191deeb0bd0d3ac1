"""Published allowances: what each accepts, how it is shown, and what is said about one that does not exist."""

from typing import Any

import pytest

from cmsite import documents
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Format
from cmsite.model.results import ToleranceType, Verdict
from cmsite.results.presets import PRESETS
from cmsite.results.reading import read_paper
from cmsite.results.table import ClaimRow, claim_rows, record
from cmsite.results.verdicts import judge
from cmsite.results.wording import tolerance_text
from cmsite.validation.rules import bundled_rules
from cmsite.validation.shape import check_shape
from tests.requirements import CHECKOUT
from tests.result_values import artifact, attempt, metric, run


def paper(tolerance: str, claimed: str = "kind: value, value: 76.46", **changes: Any) -> Artifact:
    text = (
        "paper: {title: T, reference: 10.1000/x}\n"
        "metrics: [{id: accuracy, name: A, unit: u, lower_is_better: false}, {id: errors, name: E, unit: u, lower_is_better: true}]\n"
        f"claims: [{{id: C1, text: t, metric: accuracy, {claimed}, hardware_dependent: false, tolerance: {tolerance}}}]\n"
    )
    document = documents.parse("_cm.yaml", text.encode())
    assert isinstance(document.data, dict)
    return artifact("paper", "p", uid="2" * 16, **{**document.data, **changes})


def verdict_of(tolerance: str, sample: Any, claimed: str = "kind: value, value: 76.46") -> str:
    found = read_paper(paper(tolerance, claimed)).value
    return judge(found.claims[0], found.metrics[0], attempt(run(sample)), found).verdict.value


@pytest.mark.parametrize(
    ("name", "claimed", "sample", "verdict"),
    [
        ("pets-2026", 100, 105, "reproduced"),
        ("pets-2026", 100, 95, "reproduced"),
        ("pets-2026", 100, "105.0001", "exceeds"),
        ("pets-2026", 100, "94.9999", "not reproduced"),
        ("pets-2026", 0, 0, "cannot tell"),
        ("pets-2026", -100, -106, "not reproduced"),
        ("mlperf-performance", 50, 51, "reproduced"),
        ("mlperf-performance", 50, 49, "reproduced"),
        ("mlperf-performance", 50, "48.999", "not reproduced"),
        ("mlperf-performance", 50, "51.001", "exceeds"),
        ("mlperf-accuracy-99", 76.46, 75.6954, "reproduced"),
        ("mlperf-accuracy-99", 76.46, 75.6953, "not reproduced"),
        ("mlperf-accuracy-99", 76.46, 99.9, "reproduced"),
        ("mlperf-accuracy-99", 0, 1, "cannot tell"),
        ("mlperf-accuracy-99", -2, "-2.02", "reproduced"),
        ("mlperf-accuracy-99", -2, "-2.03", "not reproduced"),
        ("mlperf-accuracy-99.9", 76.46, 76.38354, "reproduced"),
        ("mlperf-accuracy-99.9", 76.46, 76.38353, "not reproduced"),
        ("ck-replay", 25, 27, "reproduced"),
        ("ck-replay", 25, 23, "reproduced"),
        ("ck-replay", 25, "22.99", "not reproduced"),
    ],
)
def test_what_each_preset_accepts(name, claimed, sample, verdict):
    assert verdict_of(f"{{preset: {name}}}", sample, f"kind: value, value: {claimed}") == verdict


def test_the_accuracy_presets_are_lower_bounds_of_ranges_too_and_of_nothing_that_falls():
    bound = "{preset: mlperf-accuracy-99}"
    assert verdict_of(bound, "89.1", "kind: range, lower: 90, upper: 95") == "reproduced"
    assert verdict_of(bound, "89", "kind: range, lower: 90, upper: 95") == "not reproduced"
    assert verdict_of(bound, 1, "kind: bound, comparator: '<=', value: 90") == "cannot tell"
    found = read_paper(paper(bound)).value
    falling = metric(id="errors", lower_is_better=True)
    judgement = judge(found.claims[0], falling, attempt(run(76)), found)
    assert judgement.verdict is Verdict.CANNOT_TELL
    assert judgement.reasons == ("mlperf-accuracy-99 is a lower bound, and of errors less is better",)


@pytest.mark.parametrize(
    ("name", "words", "source"),
    [
        ("pets-2026", "± 5 % (pets-2026)", "venue"),
        ("mlperf-performance", "± 2 % (mlperf-performance)", "venue"),
        ("mlperf-accuracy-99", "at least 75.6954 (mlperf-accuracy-99)", "venue"),
        ("mlperf-accuracy-99.9", "at least 76.38354 (mlperf-accuracy-99.9)", "venue"),
        ("ck-replay", "± 8 % (ck-replay)", "default"),
    ],
)
def test_a_preset_is_shown_with_its_name_and_source(name, words, source):
    found = read_paper(paper(f"{{preset: {name}}}"))
    assert found.findings == ()
    tolerance = found.value.claims[0].tolerance
    assert tolerance is not None
    assert tolerance_text(tolerance, None) == words
    assert tolerance.source is not None
    assert (tolerance.source.value, tolerance.reason) == (source, PRESETS[name].origin)
    (row,) = rows(found.value)
    assert record(row)["tolerance"]["preset"] == name
    assert record(row)["tolerance_source"] == source


def rows(paper_value: Any) -> tuple[ClaimRow, ...]:
    return claim_rows([paper_value], [])


def test_whoever_chose_a_preset_can_say_so():
    text = "{preset: pets-2026, type: relative, source: evaluator, reason: The venue of the follow-up.}"
    found = read_paper(paper(text))
    assert found.findings == ()
    tolerance = found.value.claims[0].tolerance
    assert tolerance is not None
    assert tolerance.source is not None
    assert (tolerance.source.value, tolerance.reason) == ("evaluator", "The venue of the follow-up.")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("{preset: pets-2025}", "CM501", "did you mean 'pets-2026'?"),
        ("{preset: mlperf-accuracy}", "CM501", "did you mean 'mlperf-accuracy-99'?"),
        ("{preset: qqq}", "CM501", "the presets are pets-2026, mlperf-performance"),
        ("{preset: [pets-2026]}", "CM501", "write a text"),
        ("{preset: pets-2026, value: 0.1}", "CM507", "leave them out"),
        ("{preset: pets-2026, type: absolute}", "CM507", "leave them out"),
    ],
)
def test_a_preset_that_cannot_be_used_is_a_finding_and_judges_nothing(text, code, words):
    found = read_paper(paper(text)).findings
    assert found[0].code == code
    assert found[0].pointer.startswith("/claims/0/tolerance")
    assert any(words in item.hint for item in found)
    assert verdict_of(text, 76.46) == "cannot tell"


def test_the_rules_of_cm_know_every_preset_and_guess_a_misspelt_one():
    rule = next(rule for rule in bundled_rules() if rule.schema.get("$id") == "cmsite:rules/paper")
    known = rule.schema["$defs"]["tolerance"]["properties"]["preset"]["enum"]
    assert known == list(PRESETS)
    for name in (*PRESETS, "pets-2025"):
        meta = paper(f"{{preset: {name}}}").extra
        text = documents.parse("_cm.json", _json(meta))
        found = [item.message for item in check_shape(text, (rule,))]
        assert found == [] if name in PRESETS else "did you mean 'pets-2026'?" in found[0]


def test_the_rules_still_ask_for_a_type_where_there_is_no_preset():
    rule = next(rule for rule in bundled_rules() if rule.schema.get("$id") == "cmsite:rules/paper")
    found = list(check_shape(documents.parse("_cm.json", _json(paper("{value: 1}").extra)), (rule,)))
    assert [item.code for item in found] == ["CM202"]
    assert "`type`" in found[0].message


def _json(meta: dict[str, Any]) -> bytes:
    import json

    return json.dumps(meta, default=float).encode()


def test_a_preset_is_an_ordinary_tolerance_behind_the_reader():
    tolerance = read_paper(paper("{preset: ck-replay}")).value.claims[0].tolerance
    assert tolerance is not None
    assert (tolerance.type, tolerance.readable) == (ToleranceType.RELATIVE, True)
    assert tolerance.value is not None
    assert tolerance.value.literal == "0.08"


def test_the_presets_are_documented():
    text = (CHECKOUT / "docs" / "verdicts.md").read_text("utf-8")
    assert [name for name in PRESETS if f"`{name}`" not in text] == []


def test_a_paper_in_another_format_gets_the_guess_too():
    from cmsite.catalog.catalog import Catalog
    from cmsite.results.run import check_results

    broken = paper("{preset: pets-2025}")
    for format_, codes in ((Format.MLC, ["CM501"]), (Format.CM, [])):
        from dataclasses import replace

        item = replace(broken, format=format_)
        catalog = Catalog(title="t", registry_id="0" * 32, artifacts={item.key: item})
        found = list(check_results(catalog, lambda *_: b"", lambda *_: None))
        assert [finding.code for finding in found] == codes
