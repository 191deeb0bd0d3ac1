"""An own MLPerf tree on the pages of a catalogue, in a real browser: marked, and INVALID runs in no front."""

import time

import pytest
from click.testing import CliRunner

from cmsite.cli import cli
from tests import mlperf_tree as tree
from tests.chromium import chromium
from tests.requirements import need

pytestmark = pytest.mark.browser


def test_an_invalid_run_is_drawn_and_in_no_front(tmp_path):
    need("chromium")
    systems = ((100, 50, "VALID"), (200, 80, "VALID"), (90, 60, "VALID"), (5000, 10, "INVALID"))
    for index, (rate, watts, validity) in enumerate(systems):
        tree.point(
            tmp_path / "own",
            "resnet50",
            "offline",
            {**tree.OFFLINE, "result_samples_per_second": rate},
            system=f"box{index}",
            validity=validity,
            power=[("02-13-2025 03:26:00.000", watts)],
            description={"system_name": f"Box {index}"},
        )
    (tmp_path / "registry.yml").write_text("title: T\nsources: [{folder: repository, name: r}]\n")
    for arguments in (
        ("mlperf", tmp_path / "own", "--into", tmp_path / "repository"),
        ("build", "--config", tmp_path / "registry.yml", "--site-dir", tmp_path / "site", "--jobs", "1"),
    ):
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
        assert result.exit_code == 0, result.stderr
    benchmark = (tmp_path / "site/results/experiments/inference/resnet/index.html").read_text()
    assert "200 Samples/s" in benchmark
    assert "5,000 Samples/s" not in benchmark
    page = tmp_path / "site/results/experiments/inference/index.html"
    with chromium(tmp_path) as browser:
        browser.open(f"{page.as_uri()}#plot=fronts&x=Watts&y=Result")
        text = ""
        end = time.monotonic() + 120
        while "in no front" not in text and time.monotonic() < end:
            time.sleep(0.1)
            text = browser.run("return document.getElementById('cm-table').innerText")
        assert "1 front (one for each comparable group) with 2 rows" in text
        assert "1 row is of INVALID runs and in no front." in text
        assert "4 rows are drawn" in text
        assert text.count("unverified") >= 4
        assert "Result not verified by MLCommons Association." in browser.run("return document.body.innerText")
        assert browser.complaints() == []
