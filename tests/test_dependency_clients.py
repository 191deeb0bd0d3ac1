"""Dependencies of real repositories, pulled and found by the real clients; the worked example of the documentation."""

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cmsite.cli import cli
from cmsite.client.dependencies import plan_dependencies
from cmsite.client.dependency_plan import DependencyPlan, Why, Wishes
from cmsite.client.dependency_source import DependencySource
from cmsite.client.registries import open_address
from cmsite.client.resolve import Resolved
from cmsite.client.variations import chosen_variations
from cmsite.index.layout import archive_path
from cmsite.index.records import Record
from cmsite.member_names import fold
from tests.requirements import CHECKOUT, corpus_folder, need
from tests.site_kinds import bundled_site, corpora_site

CM, MLC = "mlcommons@cm4mlops", "mlcommons@mlperf-automations"


def client(name: str, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a real client in a folder; its programs find the Python of this environment first."""
    folder.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [str(need(name)), *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def scripts(repository: str) -> list[Record]:
    records = open_address(corpora_site().as_uri()).records()
    return [record for record in records if (record.repository, record.automation) == (repository, "script")]


def planned(records: list[Record], *, all_deps: bool, source: DependencySource | None = None) -> DependencyPlan:
    source = source or DependencySource(open_address(corpora_site().as_uri()))
    asked = [(Resolved(record=record, version=record.versions[-1]), ()) for record in records]
    return plan_dependencies(asked, source, Wishes(all_deps=all_deps))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("repository", "counts"),
    [
        (CM, {Why.DANGLING: 7, Why.UNKNOWN_VARIATION: 1}),
        (MLC, {Why.DANGLING: 6, Why.UNKNOWN_VARIATION: 7}),
    ],
)
def test_of_all_scripts_of_a_real_repository_only_its_known_defects_are_left_out(
    repository: str, counts: dict[Why, int]
) -> None:
    """Every alternative is among the scripts themselves; source of the counts: facts/formats.md §7."""
    records = scripts(repository)
    plan = planned(records, all_deps=True)
    assert Counter(item.why for item in plan.left_out) == counts
    assert {item.key for item in plan.taken} == {record.key for record in records}


@pytest.mark.corpus
@pytest.mark.parametrize(("repository", "compilers"), [(CM, 3), (MLC, 6)])
def test_alternatives_of_a_real_script_are_those_of_the_facts(repository: str, compilers: int) -> None:
    (app,) = (record for record in scripts(repository) if record.alias == "compile-program")
    (question,) = planned([app], all_deps=False).questions
    assert (question.need.selection, len(question.need.targets)) == ("get,compiler", compilers)


@pytest.mark.corpus
def test_every_planned_artifact_exists_and_no_two_meet() -> None:
    site = corpora_site()
    source = DependencySource(open_address(site.as_uri()))
    for repository in (CM, MLC):
        for record in scripts(repository):
            plans = [planned([record], all_deps=False, source=source)]
            if record.alias.startswith("app-"):
                plans.append(planned([record], all_deps=True, source=source))
            for plan in plans:
                found = [item.resolved for item in plan.taken]
                assert {one.record.repository for one in found} == {repository}
                assert len({one.record.identity for one in found}) == len(found)
                assert len({fold(one.record.folder) for one in found}) == len(found)
                assert all((site / archive_path(one.version.archive_sha256)).is_file() for one in found)


@pytest.mark.corpus
@pytest.mark.real_clients
@pytest.mark.parametrize(
    ("reference", "options", "count"),
    [
        ("script:get-python3", (), 1),
        ("script:app-mlperf-inference", (), 13),
        ("script:compile-program", ("--choose", "get,compiler=script:get-gcc"), 5),
        ("script:app-mlperf-inference", ("--all-deps",), 144),
    ],
)
def test_cm_finds_everything_that_came_along(
    reference: str, options: tuple[str, ...], count: int, tmp_path: Path
) -> None:
    into = tmp_path / "artifacts"
    _pull(f"{CM}/{reference}", into, *options)
    client("cm", "find", "repo", folder=tmp_path / "cwd")  # Makes the client's own folders.
    (Path(os.environ["CM_REPOS"]) / "repos.json").write_text(json.dumps([str(into)]))
    (Path(os.environ["CM_REPOS"]) / "index.json").unlink(missing_ok=True)
    done = client("cm", "find", "script,5b4e0237da074764", "*", "--common", folder=tmp_path / "cwd")
    found = sorted(line for line in done.stdout.splitlines() if line.startswith(str(into)))
    assert found == sorted(map(str, (into / "script").iterdir()))
    assert len(found) == count


@pytest.mark.corpus
@pytest.mark.real_clients
@pytest.mark.parametrize(
    ("reference", "options", "count"),
    [("script:get-python3", (), 1), ("script:app-mlperf-inference", ("--all-deps",), 168)],
)
def test_mlc_finds_everything_that_came_along(
    reference: str, options: tuple[str, ...], count: int, tmp_path: Path
) -> None:
    into = tmp_path / "artifacts"
    _pull(f"{MLC}/{reference}", into, *options)
    client("mlc", "add", "repo", str(into), folder=tmp_path / "cwd")
    done = client("mlc", "find", "script", "--tags=-none", folder=tmp_path / "cwd")
    found = set(re.findall(rf"{re.escape(str(into))}/script/\S+", done.stdout + done.stderr))
    assert found == set(map(str, (into / "script").iterdir()))
    assert len(found) == count


@pytest.mark.corpus
@pytest.mark.real_clients
def test_variations_choose_others_as_the_real_client_does(tmp_path: Path) -> None:
    """Each variation of each real script alone and excluded, many pairs, and none: asked of the script automation of mlc itself."""
    need("mlc")
    source = DependencySource(open_address(corpora_site().as_uri()))
    records = [record for record in scripts(MLC) if record.dependencies]
    questions: list[tuple[dict[str, Any], list[str]]] = []
    answers: list[frozenset[str]] = []
    chance = random.Random(5)
    for record, known in zip(records, source.dependencies(records), strict=True):
        if not known.variations:
            continue
        text = (corpus_folder("mlperf-automations") / "script" / record.folder / "meta.yaml").read_text("utf-8")
        meta = {key: value for key, value in yaml.safe_load(text).items() if key.startswith(("variations", "default"))}
        names = [name.replace("#", "7") for name in map(str, meta["variations"]) if "," not in name]
        pairs = [chance.sample(names, 2) for _ in range(60)] if len(names) > 1 else []
        meta["variations"] = {str(key): body for key, body in meta["variations"].items()}
        without = [[chance.choice(names), f"-{name}"] for name in chance.sample(names, min(30, len(names)))]
        for named in ([], *([name] for name in names), *pairs, *([f"-{name}"] for name in names), *without):
            questions.append((meta, list(named)))
            answers.append(chosen_variations(known, named))
    asked = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests" / "variation_oracle.py")],
        input=json.dumps(questions, default=str),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    compared = 0
    for (_, named), ours, real in zip(questions, answers, json.loads(asked.stdout.splitlines()[-1]), strict=True):
        if real is not None:  # Two of one group, and values where a rule stands, are refused there.
            compared += 1
            assert {name for name in ours if not name.endswith(".#")} == {one for one in real if one[0] != "-"}, named
    assert compared > 1500


def _pull(reference: str, into: Path, *options: str) -> None:
    site = corpora_site()
    done = CliRunner().invoke(
        cli, ["pull", reference, "--with-deps", "--registry", str(site), "--into", str(into), *options]
    )
    assert done.exit_code == 0, done.output


def _blocks() -> list[str]:
    text = (CHECKOUT / "docs" / "dependencies.md").read_text("utf-8")
    return re.findall(r"```console\n(.*?)```", text, re.DOTALL)


def test_the_worked_example_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    command, *printed = _blocks()[0].splitlines()
    CliRunner().invoke(cli, ["registry", "add", "examples", str(bundled_site())])
    done = CliRunner().invoke(cli, command.split()[2:])
    assert done.exit_code == 0, done.output
    lines = [line for line in done.output.splitlines() if not line.startswith("cmsite: note: ")]
    assert list(map(_without_sizes, lines)) == list(map(_without_sizes, printed))


def test_the_page_explains_every_reason() -> None:
    text = (CHECKOUT / "docs" / "dependencies.md").read_text("utf-8")
    assert re.findall(r"^\| ([a-z][^|]+) \|", text.partition("| reason |")[2], re.MULTILINE) == [
        why.value for why in Why
    ]


def _without_sizes(line: str) -> str:
    """Leave out what the version of zlib decides."""
    return re.sub(r"[0-9.]+ k?B\b", "SIZE", line)


@pytest.mark.real_clients
def test_the_worked_example_runs_with_its_dependencies_and_not_without(tmp_path: Path) -> None:
    *_, run = _blocks()[1].splitlines()
    for options, works in (((), False), (("--with-deps",), True)):
        into = tmp_path / f"with{len(options)}"
        pulling = ["pull", "script:reproduce-quicksort-counts", "--registry", str(bundled_site()), "--into", str(into)]
        assert CliRunner().invoke(cli, [*pulling, *options]).exit_code == 0
        client("mlc", "add", "repo", str(into), folder=tmp_path / "cwd")
        done = client(*run.split()[1:], folder=tmp_path / "cwd")
        assert (done.returncode == 0) is works, done.stdout + done.stderr
        client("mlc", "rm", "repo", str(into), "-f", folder=tmp_path / "cwd")
    assert json.loads(done.stdout.splitlines()[-1])["samples"]
