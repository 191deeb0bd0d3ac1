"""The bench of the index: imitations are equal and independent of their number, costs are counted as they are said to be."""

import importlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from cmsite.client.fetching import Answer
from cmsite.client.threads import in_threads
from tests.index_values import many, record
from tests.requirements import CHECKOUT, need


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    """Return a function that imports a module of bench/, as its scripts do."""
    monkeypatch.syspath_prepend(str(CHECKOUT / "bench"))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


REAL = [
    *many(40),
    *(record(f"get-tool-{name}", tags=("get", "tool", f"version-{name}")) for name in ("ada", "bob", "eve")),
]


def test_imitations_do_not_depend_on_how_many_are_asked_for(bench):
    imitation = bench("imitation").Imitation(REAL)
    some = list(imitation.records(500))
    assert some == list(bench("imitation").Imitation(REAL).records(800))[:500]
    assert len({found.key for found in some}) == 500
    assert len({found.repository for found in some}) > 5


def test_forks_have_the_identities_and_names_of_their_original(bench):
    some = list(bench("imitation").Imitation(REAL).records(8_000))
    named: dict[tuple[str, str], list[str]] = {}
    for found in some:
        named.setdefault(found.identity, []).append(found.name)
    copies = [names for names in named.values() if len(names) > 1]
    assert copies
    assert all(len(set(names)) == 1 for names in copies)


def test_what_one_real_artifact_has_becomes_a_word_of_its_own_and_all_else_stays(bench):
    some = list(bench("imitation").Imitation(REAL).records(2_000))
    tools = [found for found in some if found.alias.startswith("get-tool-")]
    assert len(tools) > 20
    assert all(found.tags[:2] == ("get", "tool") for found in tools)
    versions = {found.tags[2] for found in tools}
    assert len(versions) > 10
    assert not versions & {"version-ada", "version-bob", "version-eve"}


class Answering:
    """A transport whose every file has three bytes."""

    def fetch(self, url, **_):
        return b"abc"

    def fetch_changed(self, url, **_):
        return Answer(data=b"root")


def test_requests_bytes_and_rounds_are_those_of_the_client(bench, monkeypatch):
    steps = bench("index_steps")
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", steps._Pool)
    counted = steps.Counted(Answering())

    def fetch(_):
        return counted.fetch("http://registry/", max_bytes=3)

    counted.fetch_changed("http://registry/", max_bytes=4, held=None)
    in_threads(fetch, range(20))
    in_threads(fetch, range(2))
    in_threads(fetch, range(1))
    assert (counted.requests, counted.size_bytes, counted.rounds) == (24, 73, 4)
    counted.begin()
    assert (counted.requests, counted.size_bytes, counted.rounds) == (0, 0, 0)
    assert issubclass(steps._Pool, ThreadPoolExecutor)


def test_a_sample_of_different_keys_is_uniform_and_has_each_key_once(bench):
    sample = bench("index_steps")._Different(300)
    for _ in range(3):
        sample.add((f"key-{number}" for number in range(3_000)), "beside")
    drawn = [key for key, _ in sample.drawn()]
    assert len(drawn) == len(set(drawn)) == 300
    early = sum(int(key[4:]) < 1_500 for key in drawn)
    assert 110 < early < 190


@pytest.mark.server
def test_a_small_run_measures_everything(tmp_path):
    nginx = need("nginx")
    figures = tmp_path / "figures.json"
    config = CHECKOUT / "registry" / "registry.yml"
    command = [sys.executable, str(CHECKOUT / "bench" / "million.py"), "--sizes", "60,400", "--queries", "4"]
    done = subprocess.run(
        [*command, "--changes", "1,30", "--like", str(config), "--json", str(figures)],
        env={**os.environ, "PATH": f"{Path(nginx).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    small, larger = json.loads(figures.read_text("utf-8"))
    assert (small["artifacts"], larger["artifacts"]) == (60, 400)
    for row in (small, larger):
        assert set(row["asked"]) == {"resolve", "one word, any", "one word, often", "two tags, any", "two tags, often"}
        assert row["asked"]["resolve"]["requests"]["worst"] <= 3
        assert 0 < row["build"]["largest_bytes"] < 30_000
        assert 0 < row["published"]["1"]["new_files"] <= 4
        assert row["published"]["30"]["new_files"] <= row["build"]["files"]
        assert row["build"]["peak_bytes"] > 1_000_000
    assert small["modelled"]["Helm"]["search"][1] < larger["modelled"]["Helm"]["search"][1]
    assert "| two tags, often (" in done.stdout
    assert not list(tmp_path.glob("million-*"))


def test_costs_tell_what_99_of_100_do_not_exceed(bench):
    rows = [(number, 10 * number, 2, number == 1, 0.5) for number in range(1, 201)]
    found = bench("index_steps").costs(list(range(1, 201)), rows, 195)
    assert found["requests"] == {"median": 100.5, "of_99": 198, "worst": 200}
    assert (found["bytes"]["of_99"], found["rounds"]["worst"]) == (1980, 2)
    assert (found["over"], found["empty"], found["most_bytes"]) == (5, 1, 200)
