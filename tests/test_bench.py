"""The bench measures what it says: equal catalogues, READMEs of the stated size, memory of the whole process tree."""

import importlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.memory_tree import CMR
from tests.requirements import CHECKOUT, need

ALLOCATE = "import subprocess, sys, time; block = bytearray(60_000_000)"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    """Return a function that imports a module of bench/, as its scripts do."""
    monkeypatch.syspath_prepend(str(CHECKOUT / "bench"))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_counts_give_equal_catalogues_without_findings(bench, tmp_path):
    generate = bench("generate")
    for name in ("one", "two"):
        generate.write_catalogue(tmp_path / name, 60)
    assert files_below(tmp_path / "one") == files_below(tmp_path / "two")
    command = [sys.executable, "-m", "cmsite", "validate", str(tmp_path / "one" / "registry.yml"), "--format", "json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert report["findings"] == []
    assert report["summary"]["artifacts"] == 60 + len(generate.AUTOMATIONS)


def test_every_readme_has_the_stated_size_and_code_of_its_own(bench):
    samples = list(bench("generate").samples(300))
    assert all(2_000 <= len(sample.readme.encode()) <= 4_000 for sample in samples)
    blocks = [tuple(sample.readme.split("```")[1::2]) for sample in samples]
    assert {len(pair) for pair in blocks} == {2}
    assert len({block for pair in blocks for block in pair}) == 600


def test_all_generators_get_the_same_readmes(bench, tmp_path):
    generate = bench("generate")
    generate.write_catalogue(tmp_path / "cmsite", 20)
    generate.write_hugo_content(tmp_path / "hugo", 20)
    generate.write_mkdocs_content(tmp_path / "mkdocs", 20)
    for sample in generate.samples(20):
        place = f"{sample.automation}/{sample.alias}"
        text = (tmp_path / "cmsite" / "repository" / place / "README.md").read_text("utf-8")
        assert (tmp_path / "mkdocs" / f"{place}.md").read_text("utf-8") == text
        assert (tmp_path / "hugo" / f"{place}.md").read_text("utf-8").endswith(f"---\n{text}")


def test_memory_counts_the_whole_process_tree(bench, tmp_path):
    measure = bench("measure")
    for stay_s in (0.6, 4, 20):  # A busy machine may look too seldom to see both.
        child = f"{ALLOCATE}; time.sleep({stay_s})"
        parent = f"{ALLOCATE}; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
        figure = measure.measure(measure.Work(command=(sys.executable, "-c", parent), folder=tmp_path, variables={}), 1)
        if figure.peak_bytes > 120_000_000:
            break
    assert 120_000_000 < figure.peak_bytes < 170_000_000
    assert len(figure.times_s) == 1
    assert figure.median_s > 0.6


def test_a_command_that_fails_ends_the_bench_with_its_message(bench, tmp_path):
    measure = bench("measure")
    work = measure.Work(
        command=(sys.executable, "-c", "raise SystemExit('no such site')"), folder=tmp_path, variables={}
    )
    with pytest.raises(SystemExit, match="exited with 1:\nno such site"):
        measure.measure(work, 1)


@pytest.mark.server
def test_the_client_is_measured_beside_curl(tmp_path):
    need("nginx")
    need("curl")
    command = [sys.executable, str(CHECKOUT / "bench" / "client.py"), "--pulls", "3", "--megabytes", "1", "--runs", "1"]
    done = subprocess.run([*command, "--json", str(tmp_path / "f.json")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "f.json").read_text())["rows"]
    assert [row["what"].partition(":")[0] for row in rows] == ["3 small pulls in one process"] * 3 + [
        "archive of 1 MB"
    ] * 3
    assert all(0 < row["peak_pss_bytes"] < 100_000_000 for row in rows[-2:])
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.real_clients
def test_searching_is_measured_beside_cm(tmp_path):
    for name in ("nginx", "chromium", "chromedriver", "cm"):
        need(name)
    command = [sys.executable, str(CHECKOUT / "bench" / "searching.py"), "--artifacts", "60", "--runs", "1"]
    done = subprocess.run([*command, "--json", str(tmp_path / "f.json")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = {row["what"]: row["times_ms"] for row in json.loads((tmp_path / "f.json").read_text())["rows"]}
    assert [len(times["wall"]) for times in rows.values()] == [1, 7, 2, 7, 7]
    assert all(time_ms > 0 for times in rows.values() for some in times.values() for time_ms in some)
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]


def test_validation_is_measured_beside_check_jsonschema(tmp_path):
    need("check-jsonschema")
    meta = "alias: get-it\nuid: 0f6a7f7c46f0b8d1\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\n"
    meta += "tags:\n- get\n- it\ndeps:\n- tags: get,it\n" + "# A remark, so that the meta has a usual size.\n" * 30
    script = tmp_path / "team" / "script" / "get-it"
    script.mkdir(parents=True)
    (tmp_path / "team" / "cmr.yaml").write_text(CMR)
    (script / "_cm.yaml").write_text(meta)
    archives = tmp_path / "archives"
    archives.mkdir()
    with tarfile.open(archives / "one.tar.xz", "w:xz") as tar:
        tar.add(tmp_path / "team", "team")
    figures = tmp_path / "out" / "figures.json"
    command = [sys.executable, str(CHECKOUT / "bench" / "validate.py"), "--sizes", "30", "--peer", "20", "--runs", "1"]
    environment = os.environ | {"CMSITE_CORPUS": str(archives)}
    done = subprocess.run(
        [*command, "--json", str(figures)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text())
    assert [(row["metas"], set(row["runs"])) for row in found["sizes"]] == [
        (20, {"two", "one", "peer"}),
        (30, {"two", "one"}),
    ]
    assert all(run["wall_s"] > 0 for row in found["sizes"] for runs in row["runs"].values() for run in runs)
    assert found["sizes"][0]["ratios"].keys() == {"two", "one", "processor"}
    assert {len(found["corpora"][name]) for name in ("cold", "again")} == {1}
    assert "| 20 | check-jsonschema |" in done.stdout
    assert [path.name for path in figures.parent.iterdir()] == ["figures.json"]
