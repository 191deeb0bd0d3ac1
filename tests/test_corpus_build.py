"""The five corpora built together, then pulled from a real server and found by the real clients.

Counts: facts of the corpora's MANIFEST.json commits (347 + 371 + 1,354 + 1,224 + 651 artifacts).
"""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from cmsite.index.read import read_index
from tests.requirements import corpus_folder, need, once
from tests.serving import served_by_nginx
from tests.test_build import run

pytestmark = pytest.mark.corpus

NAMES = ("cm4mlops", "mlperf-automations", "ck-mlops", "ck", "cm4mlperf-results")


@pytest.fixture(scope="module")
def site() -> Path:
    def make(folder: Path) -> None:
        sources = "".join(f"  - folder: {corpus_folder(name)}\n" for name in NAMES)
        config = folder / "registry.yml"
        config.write_text(f"title: Corpora\nregistry_id: {'c' * 32}\nsources:\n{sources}")
        result = run("build", "--config", config, "--site-dir", folder / "site")
        assert result.returncode == 0, result.stderr

    return once("corpora-site", make) / "site"


def records(site: Path):
    return read_index(lambda path: (site / path).read_bytes()).records


def test_every_artifact_of_the_five_repositories_has_its_page_and_archive(site):
    found = records(site)
    assert len(found) == 347 + 371 + 1354 + 1224 + 651
    assert Counter(record.format for record in found) == {"ck": 1354 + 131, "cm": 347 + 1093 + 651, "mlc": 371}
    cm_or_mlc = [record for record in found if record.format != "ck"]
    assert len(cm_or_mlc) == 2462
    assert len({(record.automation_uid, record.uid) for record in cm_or_mlc}) == 1542
    for record in found:
        assert (site / "artifacts" / f"{record.versions[-1].archive_sha256}.tar.gz").is_file()
    pages = sum(1 for _ in (site / "a").rglob("index.html"))
    assert pages == len(found)


def test_a_pull_takes_the_first_repository_names_the_others_and_the_real_clients_find_it(site, tmp_path):
    nginx, cm, mlc = need("nginx"), need("cm"), need("mlc")
    with served_by_nginx(nginx, site, tmp_path) as address:
        pulled = run("pull", "script:detect-os", "--registry", address, "--into", tmp_path / "artifacts", "--json")
    assert pulled.returncode == 0, pulled.stderr
    (artifact,) = json.loads(pulled.stdout)["artifacts"]
    assert artifact["repository"] == "mlcommons@cm4mlops"
    assert "mlcommons@mlperf-automations" in pulled.stderr
    assert run("verify", tmp_path / "artifacts").returncode == 0

    def client(program: Path, *arguments: str) -> str:
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PATH": path},
        )
        return done.stdout + done.stderr

    folder = tmp_path / "artifacts" / "script" / "detect-os"
    subprocess.run([cm, "init", "repo"], cwd=tmp_path / "artifacts", capture_output=True, check=True)
    assert str(folder) in client(cm, "find", "script,5b4e0237da074764", "detect-os", "--common")
    client(mlc, "add", "repo", str(tmp_path / "artifacts"))
    assert str(folder) in client(mlc, "find", "script", "detect-os")
