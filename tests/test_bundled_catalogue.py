"""The bundled catalogue is what it says: metas, claims, evidence, links; and its scripts run with the real clients."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.requirements import CHECKOUT, need, need_module

REGISTRY = CHECKOUT / "registry"
ARTIFACTS = REGISTRY / "artifacts"
TYPES = {
    "automation": "bbeb15d8f0a944a4",
    "script": "5b4e0237da074764",
    "data": "84d8ef6914bf4d78",
    "flex.model": "a8f882eae1924379",
    "experiment": "a0a2d123ef064bcb",
    "paper": "9911c86491d84b7e",
    "reproduction": "34f9999284cc4817",
    "notebook": "25c1aef1f1c94e3a",
    "image": "a8bbdd8b455447ba",
    "experience": "d71102639c18c554",
}
VERDICTS = {"not comparable", "no tolerance", "reproduced", "not reproduced"}
"""What the evaluators stated; an honest catalogue has each of these."""


def meta_path(folder: Path) -> Path:
    return next(path for path in (folder / "_cm.yaml", folder / "_cm.json") if path.is_file())


def meta_of(folder: Path) -> dict[str, Any]:
    meta = yaml.safe_load(meta_path(folder).read_text("utf-8"))
    assert isinstance(meta, dict)
    return meta


def folders(automation: str = "*") -> list[Path]:
    return sorted(path for path in ARTIFACTS.glob(f"{automation}/*") if path.is_dir())


def artifact_ids(path: Path) -> str:
    return f"{path.parent.name}:{path.name}"


def paper_of(reproduction: dict[str, Any]) -> dict[str, Any]:
    alias, uid = reproduction["paper"].split(",")
    paper = meta_of(ARTIFACTS / "paper" / alias)
    assert paper["uid"] == uid
    return paper


def test_there_are_enough_artifacts_of_every_kind() -> None:
    counts = Counter(path.parent.name for path in folders())
    assert counts.total() >= 15
    assert counts["paper"] >= 3
    assert counts["reproduction"] >= 3
    assert {"script", "data", "flex.model", "experiment", "notebook", "automation"} <= set(counts)


def test_the_catalogue_is_identified() -> None:
    settings = yaml.safe_load((REGISTRY / "registry.yml").read_text("utf-8"))
    assert re.fullmatch("[0-9a-f]{32}", settings["registry_id"])
    assert settings["sources"] == [{"folder": "artifacts", "name": "cmsite-examples"}]
    repository = yaml.safe_load((ARTIFACTS / "cmr.yaml").read_text("utf-8"))
    assert repository["alias"] == "cmsite-examples"
    assert (ARTIFACTS / "LICENSE").read_text("utf-8").strip().startswith("Apache License")


@pytest.mark.parametrize("folder", folders(), ids=artifact_ids)
def test_an_artifact_is_complete(folder: Path) -> None:
    meta = meta_of(folder)
    assert meta["alias"] == folder.name
    assert meta["automation_alias"] == folder.parent.name
    assert meta["automation_uid"] == TYPES[folder.parent.name]
    assert re.fullmatch("[0-9a-f]{16}", meta["uid"])
    assert meta.get("name") or meta.get("desc"), "one sentence says what it is"
    assert meta["tags"]
    assert len(meta["tags"]) == len(set(meta["tags"]))
    assert (folder / "README.md").read_text("utf-8").startswith("# ")


def test_uids_are_unique_and_quoted() -> None:
    metas = [meta_of(folder) for folder in folders()]
    runs = [run for meta in metas for run in meta.get("reproduction", {}).get("runs", [])]
    uids = [meta["uid"] for meta in [*metas, *runs]]
    assert [uid for uid, count in Counter(uids).items() if count > 1] == []
    for folder in folders():
        for line in meta_path(folder).read_text("utf-8").splitlines():
            if re.match(r"\s*(- )?uid:", line):
                assert re.search(r'uid: "[0-9a-f]{16}"$', line), f"{folder}: {line} is not quoted"


def test_automations_have_the_uids_that_artifacts_name() -> None:
    for folder in folders("automation"):
        assert meta_of(folder)["uid"] == TYPES[folder.name]
        assert (folder / "module.py").is_file()


@pytest.mark.parametrize("folder", [*folders("paper"), *folders("reproduction")], ids=artifact_ids)
def test_metas_conform_to_their_rules(folder: Path) -> None:
    assert [error.message for error in rule(folder.parent.name).iter_errors(meta_of(folder))] == []


def rule(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = yaml.safe_load((REGISTRY / "rules" / f"{name}.yaml").read_text("utf-8"))
    assert schema["$id"] == f"cmsite:rules/{name}"
    return jsonschema_rs.Draft202012Validator(schema)


def paper_with(**claim: Any) -> dict[str, Any]:
    good = {"id": "C1", "text": "It is fast.", "kind": "value", "metric": "time", "value": 1}
    merged = {key: value for key, value in {**good, **claim}.items() if value is not None}
    return {"paper": {"title": "T", "reference": "https://example.org/"}, "claims": [merged]}


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"_value": 2},
        {"kind": "bound", "comparator": "<="},
        {"tolerance": {"type": "none"}},
        {"tolerance": {"type": "relative", "value": 0.05, "source": "author"}},
        {"tolerance": {"preset": "pets-2026"}},
        {"tolerance": {"preset": "ck-replay", "type": "relative", "source": "evaluator", "reason": "r"}},
        {"kind": "ratio", "ratio": {"of": "C2", "over": "C3"}},
        {"kind": "ranking", "order": ["C2", "C3"], "metric": None, "value": None},
        {"kind": "trend", "trend": {"parameter": "threads", "direction": "monotone"}, "value": None},
    ],
)
def test_the_paper_rule_accepts(claim: dict[str, Any]) -> None:
    assert rule("paper").is_valid(paper_with(**claim))


@pytest.mark.parametrize(
    "claim",
    [
        {"kind": "guess"},
        {"value": None},
        {"value": "1"},
        {"valeu": 1},
        {"kind": "bound"},
        {"kind": "range", "lower": 1},
        {"kind": "ranking"},
        {"tolerance": {"type": "relative", "value": -0.05, "source": "author"}},
        {"tolerance": {"type": "relative", "source": "author"}},
        {"tolerance": {"type": "relative", "value": 0.05, "source": "evaluator"}},
        {"tolerance": {"type": "none", "valeu": 1}},
        {"tolerance": {}},
        {"tolerance": {"value": 1}},
        {"tolerance": {"preset": "pets-2025"}},
        {"tolerance": {"preset": "pets-2026", "source": "evaluator"}},
        {"kind": "ratio", "ratio": {"of": "C2"}},
        {"kind": "ratio", "ratio": {"of": "C2", "over": "C3", "by": "C4"}},
        {"kind": "trend", "trend": {"parameter": "threads", "direction": "up"}},
        {"kind": "trend", "trend": {"direction": "increasing"}},
        {"kind": "trend", "trend": {"parameter": "p", "direction": "increasing"}, "metric": None, "value": None},
    ],
)
def test_the_paper_rule_refuses(claim: dict[str, Any]) -> None:
    assert not rule("paper").is_valid(paper_with(**claim))


def reproduction_with(**run: Any) -> dict[str, Any]:
    good = {"uid": "0123456789abcdef", "claims": ["C1"], "actionStatus": "CompletedActionStatus", "samples": [1.5]}
    merged = {key: value for key, value in {**good, **run}.items() if value is not None}
    attempt = {"paper": "p", "claims": ["C1"], "agent": [{"name": "A"}], "check_time": "2026-11-21", "runs": [merged]}
    return {"reproduction": attempt}


@pytest.mark.parametrize(
    "run",
    [
        {},
        {"seed": None},
        {"_samples": [1]},
        {"actionStatus": "FailedActionStatus", "samples": None, "error": "out of memory"},
        {"actionStatus": "PotentialActionStatus", "samples": None, "error": "needs a licence"},
    ],
)
def test_the_reproduction_rule_accepts(run: dict[str, Any]) -> None:
    assert rule("reproduction").is_valid(reproduction_with(**run))


@pytest.mark.parametrize(
    "run",
    [
        {"uid": "0123"},
        {"samples": None},
        {"sampels": [1]},
        {"actionStatus": "done"},
        {"actionStatus": "FailedActionStatus"},
        {"startTime": "yesterday"},
    ],
)
def test_the_reproduction_rule_refuses(run: dict[str, Any]) -> None:
    assert not rule("reproduction").is_valid(reproduction_with(**run))


@pytest.mark.parametrize("folder", folders("paper"), ids=artifact_ids)
def test_claims_name_their_place_and_declared_metrics(folder: Path) -> None:
    meta = meta_of(folder)
    metrics = {metric["id"]: metric for metric in meta["metrics"]}
    ids = [claim["id"] for claim in meta["claims"]]
    assert len(ids) == len(set(ids))
    for claim in meta["claims"]:
        assert claim["locator"]
        assert set(claim.get("order", [])) <= set(ids)
        if "metric" in claim:
            assert claim.get("unit", "") == metrics[claim["metric"]]["unit"]


@pytest.mark.parametrize("folder", folders("reproduction"), ids=artifact_ids)
def test_reproductions_speak_of_claims_and_metrics_of_their_paper(folder: Path) -> None:
    attempt = meta_of(folder)["reproduction"]
    paper = paper_of(attempt)
    claims = {claim["id"]: claim for claim in paper["claims"]}
    for run in attempt["runs"]:
        assert set(run["claims"]) <= set(attempt["claims"])
        for claim in run["claims"]:
            assert (run["metric"], run["unit"]) == (claims[claim]["metric"], claims[claim]["unit"])
            assert run["compatible_with"] == claims[claim]["compatible_with"]
    left_out = {entry["claim"] for entry in attempt.get("not_attempted", [])}
    assert set(attempt["verdict_stated"]) == set(attempt["claims"])
    assert set(attempt["claims"]) | left_out == set(claims), "every claim is tried, or it is said why not"


@pytest.mark.parametrize("folder", folders("reproduction"), ids=artifact_ids)
def test_evidence_is_what_is_recorded(folder: Path) -> None:
    attempt = meta_of(folder)["reproduction"]
    recorded = {entry["path"]: (entry["sha256"], entry["bytes"]) for entry in attempt["evidence"]}
    present = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("logs/*")}
    assert recorded == {name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in present.items()}
    assert {run["log"] for run in attempt["runs"]} <= set(recorded)


@pytest.mark.parametrize("folder", folders("reproduction"), ids=artifact_ids)
def test_samples_are_those_of_the_log(folder: Path) -> None:
    for run in meta_of(folder)["reproduction"]["runs"]:
        last_line = (folder / run["log"]).read_text("utf-8").splitlines()[-1]
        if "samples" in run:
            assert run["samples"] in list(json.loads(last_line)["samples"].values())


def test_the_stated_verdicts_are_not_all_good_news() -> None:
    stated = [meta_of(folder)["reproduction"]["verdict_stated"] for folder in folders("reproduction")]
    assert {verdict for verdicts in stated for verdict in verdicts.values()} == VERDICTS
    claims = [claim for folder in folders("paper") for claim in meta_of(folder)["claims"]]
    assert any(claim["tolerance"]["type"] == "none" and claim["kind"] == "ratio" for claim in claims)
    assert all("reason" in claim["tolerance"] for claim in claims), "each tolerance says why"


@pytest.mark.parametrize("name", ["wine/wine.csv", "breast-cancer-wisconsin/breast-cancer.csv"])
def test_data_files_have_the_digest_that_metas_scripts_and_readmes_name(name: str) -> None:
    path = ARTIFACTS / "data" / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (entry,) = meta_of(path.parent)["files"]
    assert (entry["path"], entry["sha256"]) == (path.name, digest)
    assert entry["rows"] == len(path.read_text("utf-8").splitlines()) - 1
    assert digest in (path.parent / "README.md").read_text("utf-8")
    script = "get-dataset-wine" if "wine.csv" in name else "get-dataset-breast-cancer"
    assert digest in (ARTIFACTS / "script" / script / "customize.py").read_text("utf-8")


def test_dependencies_match_exactly_one_script() -> None:
    scripts = [meta_of(folder) for folder in folders("script")]
    asked = [entry["tags"].split(",") for meta in scripts for entry in meta.get("deps", [])]
    assert asked
    for tags in asked:
        plain = {tag for tag in tags if not tag.startswith("_")}
        matches = [meta for meta in scripts if plain <= set(meta["tags"])]
        assert len(matches) == 1, tags
        assert {tag[1:] for tag in tags if tag.startswith("_")} <= set(matches[0].get("variations", {}))


def links(path: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def readmes() -> list[Path]:
    return sorted(ARTIFACTS.rglob("*.md"))


@pytest.mark.parametrize("readme", readmes(), ids=lambda path: path.parent.name)
def test_relative_links_lead_to_files(readme: Path) -> None:
    relative = [link for link in links(readme) if "://" not in link]
    missing = [link for link in relative if not (readme.parent / link).resolve().is_file()]
    assert missing == []
    assert all((readme.parent / link).resolve().is_relative_to(ARTIFACTS) for link in relative)


def test_readmes_have_links_an_image_and_something_like_a_template() -> None:
    texts = [path.read_text("utf-8") for path in readmes()]
    assert sum(len(list(links(path))) for path in readmes()) > 40  # Far fewer means that the pattern broke.
    assert any("![" in text for text in texts)
    assert any("{{ machine." in text and "{% if" in text for text in texts)


def pulled(folder: Path) -> Path:
    """Lay the repository out as a pull leaves it: two descriptors and twins of every meta. Source: CONTRACT §8."""
    shutil.copytree(ARTIFACTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(folder / "cmr.yaml", folder / "meta.yaml")
    for name, twin in (("_cm.yaml", "meta.yaml"), ("_cm.json", "meta.json")):
        for path in folder.glob(f"*/*/{name}"):
            shutil.copyfile(path, path.with_name(twin))
    return folder


def client(name: str, *arguments: str, folder: Path) -> str:
    """Run a real client in `folder` and return what it printed."""
    folder.mkdir(exist_ok=True)
    # The clients start `python`; the one of this environment has the packages.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    command = [str(need(name)), *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.real_clients
def test_cm_finds_and_loads_the_types_of_this_project(tmp_path: Path) -> None:
    repository = pulled(tmp_path / "repository")
    client("cm", "init", "repo", folder=repository)
    for automation in ("paper", "reproduction", "experience", "notebook"):
        printed = client("cm", "find", automation, folder=repository).split()
        assert sorted(Path(line).name for line in printed) == [path.name for path in folders(automation)]
    scripts = client("cm", "find", "script,5b4e0237da074764", "--common", folder=repository).split()
    assert len(scripts) == len(folders("script"))
    loaded = client("cm", "load", "paper", "hoare-1962-quicksort", folder=repository)
    assert '"uid": "ba9a33c29c863712"' in loaded
    assert "[>1 1]" in client("cm", "claims", "paper", "hoare-1962-quicksort", folder=repository)
    verdicts = client("cm", "verdicts", "reproduction", "aeberhard-1992-wine-2026-11-21", folder=repository)
    assert verdicts.splitlines()[0].endswith("C1: not reproduced")


def run_by_mlc() -> list[Path]:
    """Return the reproductions whose command is one of the client; the others ran a script without it."""
    metas = {folder: meta_of(folder)["reproduction"]["runs"] for folder in folders("reproduction")}
    return [folder for folder, runs in metas.items() if all(run["command"].startswith("mlc run ") for run in runs)]


def test_every_paper_was_tried_in_two_environments() -> None:
    attempts = [meta_of(folder)["reproduction"] for folder in folders("reproduction")]
    tried = {(attempt["paper"], attempt["environment"]["framework"]) for attempt in attempts}
    counts = Counter(paper for paper, _ in tried)
    assert set(counts) == {f"{folder.name},{meta_of(folder)['uid']}" for folder in folders("paper")}
    assert min(counts.values()) >= 2
    assert len(run_by_mlc()) >= 4


@pytest.mark.real_clients
@pytest.mark.parametrize("folder", run_by_mlc(), ids=artifact_ids)
def test_mlc_runs_the_script_again_with_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    need_module("sklearn")
    attempt = meta_of(folder)["reproduction"]
    (command,) = {run["command"] for run in attempt["runs"]}
    client("mlc", "add", "repo", str(pulled(tmp_path / "repository")), folder=tmp_path)
    printed = client(*command.split(), f"--output={tmp_path / 'out'}", folder=tmp_path / "work")
    again = json.loads(printed.splitlines()[-1])["samples"]
    log = (folder / attempt["evidence"][0]["path"]).read_text("utf-8").splitlines()
    recorded = json.loads(log[-1])["samples"]
    if folder.name.startswith("hoare"):  # Times differ from run to run; their number and the order of the two do not.
        assert {name: len(values) for name, values in again.items()} == {
            name: len(values) for name, values in recorded.items()
        }
        assert all(seconds > 0 for seconds in again["quicksort_s"])
        return
    assert again == recorded


@pytest.mark.real_clients
def test_a_missing_package_is_named_with_its_remedy(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    client("mlc", "add", "repo", str(pulled(tmp_path / "repository")), folder=tmp_path)
    command = [str(need("mlc")), "run", "script", "--tags=get,python,scientific", f"--python={bare / 'bin' / 'python'}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"{bare / 'bin' / 'python'} -m pip install numpy scipy scikit-learn" in done.stdout + done.stderr
