"""Versions that a catalogue declares compatible: groups, pictures and pages follow; mistakes are found at their place."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cmsite.results.compatible import COMPATIBLE, Compatible, shared_version
from cmsite.results.experiment_groups import groups_of
from cmsite.results.row_tables import tables_of
from tests.test_build import build, run
from tests.test_experiment_tables import Experiments, row

DECLARED = Compatible(versions=("v3.0", "v3.1"), by="the team <b>", benchmarks=("resnet",))
ROWS = [
    row(1, version="v3.0", Result=30.0, has_power=True, Result_Power=3.0, Result_Power_Units="Watts"),
    row(2, version="v3.1", Result=40.0, has_power=True, Result_Power=2.0, Result_Power_Units="Watts"),
    row(3, version="v4.0", Result=50.0, has_power=True, Result_Power=5.0, Result_Power_Units="Watts"),
    row(4, version="v3.0", MlperfModel="bert", Result=1.0),
    row(5, version="v3.1", MlperfModel="bert", Result=2.0),
]


class Declared(Experiments):
    """Experiments whose catalogue declares something compatible."""

    def __init__(self, files: Any, *declared: Compatible) -> None:
        super().__init__(files)
        blocks = [held for table in self.tables for held in table.rows.blocks]
        self.tables = tables_of(blocks, lambda artifact, path: f"https://example.org/{path}", declared)


def test_rows_of_compatible_versions_are_in_one_group_and_keep_their_version():
    table = Declared({"e": ROWS}, DECLARED).table
    assert table.group == ("Benchmark", COMPATIBLE, "Scenario", "Division", "System type", "Unit", "Power")
    pairs = set(zip(table.texts("Benchmark"), table.texts("Version"), table.texts(COMPATIBLE), strict=True))
    assert pairs == {
        ("resnet", "v3.0", "v3.0 = v3.1"),
        ("resnet", "v3.1", "v3.0 = v3.1"),
        ("resnet", "v4.0", "v4.0"),
        ("bert", "v3.0", "v3.0"),
        ("bert", "v3.1", "v3.1"),
    }
    results = [
        value for value, name in zip(table.numbers("Result"), table.texts("Benchmark"), strict=True) if name == "resnet"
    ]
    assert results == [40.0, 30.0, 50.0]  # Within one group the better row comes first, of whichever version.


def test_without_a_declaration_that_fits_nothing_changes():
    plain = Experiments({"e": ROWS}).table
    for declared in (
        replace(DECLARED, tables=("tiny",)),
        replace(DECLARED, benchmarks=("gptj",)),
        replace(DECLARED, versions=("v1", "v2")),
    ):
        table = Declared({"e": ROWS}, declared).table
        assert (table.group, [column.name for column in table.columns]) == (
            plain.group,
            [column.name for column in plain.columns],
        )
        assert table.compatible == ()


def test_pages_say_who_declares_it_and_a_front_goes_over_the_versions():
    made = Declared({"e": ROWS}, DECLARED)
    files = {path: file.content.decode() for path, file in made.files().items() if path.endswith(".html")}
    said = (
        "Versions v3.0 and v3.1 of resnet are declared compatible by the team &lt;b&gt;: their rows are in one group."
    )
    assert said in files["results/experiments/inference/index.html"]
    assert said in files["results/experiments/inference/resnet/index.html"]
    assert said not in files["results/experiments/inference/bert/index.html"]
    page = files["results/experiments/inference/resnet/index.html"]
    assert "v3.0 = v3.1, Offline, closed, datacenter, with power" in page
    (figure,) = [part.partition("</figure")[0] for part in page.split("<figure")[1:] if "cm-scatter" in part]
    front = figure.partition("<tbody>")[2]
    assert "System 2" in front  # The row of v3.1 beats that of v3.0 in both.
    assert "System 1" not in front
    before = Experiments({"e": ROWS}).files()["results/experiments/inference/resnet/index.html"].content.decode()
    assert "cm-scatter" not in before  # Alone, each version has one row: nothing to draw.


def test_the_groups_of_one_experiment_follow():
    assert [len(group.rows) for group in groups_of(ROWS, [DECLARED])] == [2, 1, 1, 1]
    assert [len(group.rows) for group in groups_of(ROWS)] == [1, 1, 1, 1, 1]
    assert shared_version([DECLARED], "bert", "v3.0") == "v3.0"


# --- registry.yml -----------------------------------------------------------------------------------------------------


def registry(folder: Path, experiments: str) -> Path:
    artifact = folder / "repository/experiment/e"
    (artifact / "2026-01-01").mkdir(parents=True)
    (folder / "repository/cmr.yaml").write_text("alias: team\nuid: 00000000000000aa\n")
    (artifact / "_cm.yaml").write_text(
        'alias: e\nuid: "aaaaaaaaaaaaaaa1"\nautomation_alias: experiment\nautomation_uid: "a0a2d123ef064bcb"\ntags: [e]\n'
    )
    (artifact / "2026-01-01/cm-result.json").write_text(json.dumps(ROWS))
    path = folder / "registry.yml"
    path.write_text(
        f"title: T\nregistry_id: {'a' * 32}\nsources: [{{folder: repository}}]\nexperiments:\n  {experiments}\n"
    )
    return path


@pytest.mark.parametrize(
    ("experiments", "words"),
    [
        ("compatible: [{versions: [v3.0, v9.1], by: me}]", ["no row has the version 'v9.1'; did you mean 'v3.1'?"]),
        ("compatible: [{versions: [v3.0], by: me}]", ["`versions` must name at least two different versions"]),
        ("compatible: [{versions: [v3.0, v3.0], by: me}]", ["`versions` must name at least two different versions"]),
        (
            "compatible: [{versions: [v3.0, v3.1], by: me, benchmarks: resent, tables: [inferences]}]",
            ["there is no table 'inferences'; did you mean 'inference'?"],
        ),
        (
            "compatible: [{versions: [v3.0, v3.1], by: me, benchmarks: resent}]",
            ["no row has the benchmark 'resent'; did you mean 'resnet'?"],
        ),
        (
            "compatible: [{versions: [v3.0, v3.1], by: me}, {versions: [v3.1, v4.0], by: you, benchmarks: [resnet]}]",
            ["v3.1 stands in an earlier declaration too; write one list of all that are compatible"],
        ),
        ("derived: [{name: x, expression: '[Result] /'}]", ["`expression`: "]),
        ("derived: [{name: x, expression: '[Resullt] / 2'}]", ["did you mean 'Result'?"]),
    ],
)
def test_a_declaration_that_fits_nothing_is_a_finding_and_stops_a_build(
    tmp_path: Path, experiments: str, words: list[str]
):
    path = registry(tmp_path, experiments)
    done = run("validate", path, "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    found = [item for item in json.loads(done.stdout)["findings"] if item["code"] == "CM519"]
    assert found
    assert all(item["severity"] == "error" and item["line"] == 5 and item["column"] > 1 for item in found)
    for word in words:
        assert any(word in item["message"] for item in found), found
    text = run("validate", path, cwd=tmp_path).stdout
    assert "5:" in text
    assert "CM519" in text
    assert f"| {experiments[:20]}" in text.replace("|   ", "| ")
    built = build(path, tmp_path / "site")
    assert built.returncode == 2
    assert "registry.yml:5:" in built.stderr
    assert words[0] in built.stderr


@pytest.mark.parametrize(
    ("experiments", "words"),
    [
        ("compatible: {versions: [a]}", "must be a list of mappings with `versions` and `by`"),
        ("compatible: [{versions: [v3.0, v3.1]}]", "needs `by:`, which is missing or empty"),
        ("compatible: [{by: me}]", "needs `versions:`, which is missing or empty"),
        ("compatible: [{versions: [3.0, 3.1], by: me}]", "`versions` must be a list of texts"),
        ("compatible: [{versions: [v3.0, v3.1], by: me, benchmark: x}]", "did you mean"),
        ("compatibel: []", "unknown key 'compatibel'"),
    ],
)
def test_a_declaration_of_the_wrong_shape_is_refused(tmp_path: Path, experiments: str, words: str):
    done = run("validate", registry(tmp_path, experiments), cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_right_declaration_is_built(tmp_path: Path):
    path = registry(tmp_path, "compatible: [{versions: [v3.0, v3.1], by: the team, benchmarks: resnet}]")
    assert run("validate", path, cwd=tmp_path).returncode == 0
    assert build(path, tmp_path / "site").returncode == 0
    page = (tmp_path / "site/results/experiments/inference/index.html").read_text("utf-8")
    assert "are declared compatible by the team" in page
