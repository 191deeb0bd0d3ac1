"""Rankings, ratios, trends and presets as the pages of a paper show them."""

import json

import pytest

from cmsite.results.presets import PRESETS
from tests.result_values import artifact
from tests.test_results import meta
from tests.test_results_pages import content, site

PAPER = """
paper: {title: Threads and orders, reference: 10.1000/xyz}
metrics:
- {id: throughput, name: Throughput, unit: samples/s, lower_is_better: false, precision: 0}
- {id: speedup, name: Speed-up, unit: "1", lower_is_better: false, precision: 2}
claims:
- {id: C1, text: new, kind: value, metric: throughput, value: 2000, tolerance: {preset: pets-2026}, environment: {host_processor_model_name: B}}
- {id: C2, text: old, kind: value, metric: throughput, value: 1000, tolerance: {preset: mlperf-accuracy-99}, environment: {host_processor_model_name: B}}
- {id: C3, text: twice, kind: ratio, metric: speedup, value: 2, ratio: {of: C1, over: C2}, tolerance: {preset: ck-replay}}
- {id: C4, text: order, kind: ranking, order: [C2, C1]}
- {id: C5, text: threads, kind: trend, metric: throughput, trend: {parameter: threads, direction: increasing}}
"""
REPRODUCTION = """
reproduction:
  paper: threads
  claims: [C1, C2, C3, C4, C5]
  check_time: "2026-01-02"
  environment: {host_processor_model_name: B}
  runs:
  - {uid: "1", claims: [C1], samples: [2010, 2030, 1990], actionStatus: CompletedActionStatus}
  - {uid: "2", claims: [C2], samples: [1010, 1000, 990], actionStatus: CompletedActionStatus}
  - {uid: "3", claims: [C5], samples: [500], parameters: {threads: 1}, actionStatus: CompletedActionStatus}
  - {uid: "4", claims: [C5], samples: [900], parameters: {threads: 2}, actionStatus: CompletedActionStatus}
"""


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return site(
        artifact("paper", "threads", uid="a" * 16, **meta(PAPER)),
        artifact("reproduction", "threads-2026", uid="b" * 16, **meta(REPRODUCTION)),
    )


def test_the_page_of_a_paper_shows_orders_ratios_and_whose_tolerance_it_is(pages: dict[str, str]):
    words = " ".join(content(pages["paper/threads/index.html"]).text.split())
    for part in (
        "± 5 % (pets-2026)",
        "The allowance of the artifact evaluation of PETS 2026.",
        "at least 990 (mlperf-accuracy-99)",
        "± 8 % (ck-replay)",
        "worked out as C1 / C2 from runs on one machine",
        "C2 > C1",
        "C1 > C2",
        "C1 (2010) came out better than C2 (1000)",
        "increasing with threads",
        "1: 500 < 2: 900",
    ):
        assert part in words
    assert "set by the venue" in words


def test_the_dots_of_a_ratio_are_its_ratios(pages: dict[str, str]):
    labels = [
        plot["aria-label"] for plot in content(pages["paper/threads/index.html"]).all("svg") if "aria-label" in plot
    ]
    (ratio,) = [label for label in labels if "accepted from 1.84 to 2.16" in label]
    assert "3 samples from 1.99" in ratio


def test_the_export_tells_orders_as_texts_and_names_the_preset(pages: dict[str, str]):
    claims = {claim["claim"]: claim for claim in json.loads(pages["results/claims.json"])["claims"]}
    assert (claims["C4"]["claimed"], claims["C4"]["reproduced"]) == ("C2 > C1", "C1 > C2")
    assert (claims["C4"]["verdict"], claims["C4"]["certainty"]) == ("not reproduced", "certain")
    assert (claims["C5"]["claimed"], claims["C5"]["reproduced"]) == ("increasing with threads", "1: 500 < 2: 900")
    assert claims["C3"]["n"] == 3
    assert claims["C1"]["tolerance"] == {"type": "relative", "value": 0.05, "preset": "pets-2026"}
    assert claims["C2"]["tolerance"] == {"type": "bound", "lower": 990, "preset": "mlperf-accuracy-99"}
    assert {claims[name]["tolerance_source"] for name in ("C1", "C2")} == {"venue"}


def test_the_method_page_explains_them(pages: dict[str, str]):
    words = " ".join(content(pages["results/method/index.html"]).text.split())
    assert "Rankings, trends and ratios" in words
    assert "Two whose 90 % intervals overlap are a tie" in words
    assert "mlperf-accuracy-99.9 at least 99.9 % of the claimed value MLPerf's accuracy target" in words
    assert all(f"{name} " in words for name in PRESETS)
