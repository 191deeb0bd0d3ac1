"""Everything of cm4mlops, and everything of mlperf-automations, pulled and found by the real `cm`, `cmx` and `mlc`.

Each is pulled into its own folder and registered in its own HOME, CM_REPOS and MLC_REPOS. The counts are those that the
clients give for the repositories themselves. Source: facts/formats.md §5, §7 (the uid that two scripts share).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, corpus_folder, need
from tests.test_build import build

pytestmark = [pytest.mark.corpus, pytest.mark.real_clients, pytest.mark.slow]

_FOLDER = re.compile(r"(/\S+/[^/\s]+/[^/\s]+)\s*$", re.MULTILINE)
# The two scripts of both repositories that share the uid 8d3cd46f54464810.
_SHARING = {"script/benchmark-any-mlperf-inference-implementation", "script/run-all-mlperf-models"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A repository, what is in it, and how many of that the clients find in it themselves (None: not their format).

    `prints` stands in what `mlc run script --tags=detect,os` prints; the corpora hold metas without code, so that the
    script of cm4mlops, whose code finds all of it, runs and finds nothing.
    """

    name: str
    artifacts: int
    scripts: int
    cm_finds: int | None
    mlc_finds: int | None
    prints: str


CORPORA = (
    Corpus(name="cm4mlops", artifacts=347, scripts=295, cm_finds=346, mlc_finds=None, prints='"return": 0'),
    Corpus(
        name="mlperf-automations",
        artifacts=371,
        scripts=370,
        cm_finds=None,
        mlc_finds=369,
        prints='"MLC_HOST_OS_TYPE": "linux"',
    ),
)


class Home:
    """A home of its own for the clients, and for cmsite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "cwd").mkdir(parents=True)

    def run(self, *command: str) -> str:
        """Run a command that must succeed and return what it printed on standard output and error."""
        program = sys.executable if command[0] == "cmsite" else str(need(command[0]))
        arguments = ["-m", *command] if command[0] == "cmsite" else [*command[1:]]
        environment = os.environ | {
            "HOME": str(self.folder),
            "CM_REPOS": str(self.folder / "CM"),
            "MLC_REPOS": str(self.folder / "MLC/repos"),
            "CMSITE_CACHE": str(self.folder / "cache"),
            "CMSITE_CONFIG": str(self.folder / "config"),
            "PATH": f"{need('cm').parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(CHECKOUT),
        }
        done = subprocess.run(
            [program, *arguments], cwd=self.folder / "cwd", env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def found(self, root: Path, *command: str) -> list[str]:
        """Return the folders below `root` that a client lists, relative to it."""
        listed = [Path(found) for found in _FOLDER.findall(self.run(*command))]
        return sorted(path.relative_to(root).as_posix() for path in listed if path.is_relative_to(root))

    def register(self, repository: Path) -> None:
        """Make both clients know a repository, without cmsite."""
        self.run("cm", "find", "repo")
        (self.folder / "CM/repos.json").write_text(json.dumps([str(repository)]))
        (self.folder / "CM/index.json").unlink(missing_ok=True)
        if (repository / "meta.yaml").exists():  # `mlc` would make one and find nothing.
            self.run("mlc", "add", "repo", str(repository))


@pytest.fixture(params=CORPORA, ids=lambda corpus: corpus.name)
def corpus(request: pytest.FixtureRequest) -> Corpus:
    found: Corpus = request.param
    return found


def test_the_clients_find_every_artifact_of_a_full_pull(corpus: Corpus, tmp_path: Path) -> None:
    for command in ("cm", "cmx", "mlc"):
        need(command)
    config = tmp_path / "registry.yml"
    source = corpus_folder(corpus.name)
    config.write_text(
        f"title: T\nregistry_id: {'a' * 32}\nbase_url: https://example.org/\nsources: [{{folder: {source}}}]\n"
    )
    built = build(config, tmp_path / "site")
    assert built.returncode == 0, built.stderr
    home, root = Home(tmp_path / "home"), tmp_path / "workspace"
    pull = ["cmsite", "pull", "--registry", str(tmp_path / "site"), "--into", str(root)]
    printed = home.run(*pull, "--tags", "", "--limit", "1000", "--register", "cm", "--register", "mlc")
    pulled = {path.relative_to(root).as_posix() for path in root.glob("[!.]*/*")}
    # Clients mix two artifacts of one uid up, so the second of them is not pulled beside the first.
    assert len(pulled) == corpus.artifacts - 1
    assert len(pulled & _SHARING) == 1
    assert len(printed.splitlines()) > 2 * len(pulled)  # Its plan, then what was done.
    assert "intact" in home.run("cmsite", "verify", str(root))
    assert f"{len(pulled)} pinned, 0 changed" in home.run("cmsite", "lock", str(root))

    for client in ("cm", "cmx"):
        assert set(home.found(root, client, "find", "*", "*")) == pulled
    scripts = {path for path in pulled if path.startswith("script/")}
    assert len(scripts) == corpus.scripts - 1
    assert set(home.found(root, "mlc", "find", "script", "--tags=-no-script-has-this-tag")) == scripts
    assert set(home.found(root, "cm", "find", "script,5b4e0237da074764", "*", "--common")) == scripts

    ran = home.run("mlc", "run", "script", "--tags=detect,os", "--quiet", "-j")
    assert corpus.prints in ran
    assert home.run("cmsite", "verify", str(root)).endswith("intact\n")


def test_the_clients_find_as_many_in_the_repositories_themselves(corpus: Corpus, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(corpus_folder(corpus.name), repository)
    home = Home(tmp_path / "home")
    home.register(repository)
    if corpus.cm_finds is not None:
        assert len(home.found(repository, "cm", "find", "*", "*")) == corpus.cm_finds == corpus.artifacts - 1
        assert len(home.found(repository, "cmx", "find", "*", "*")) == corpus.cm_finds
    if corpus.mlc_finds is not None:
        found = home.found(repository, "mlc", "find", "script", "--tags=-no-script-has-this-tag")
        assert len(found) == corpus.mlc_finds == corpus.scripts - 1
