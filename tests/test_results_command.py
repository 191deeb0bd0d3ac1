"""`cmsite results` as a user runs it: sources, references, formats, CI, terminals, and every wrong call."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from cmsite.cli import cli
from cmsite.reporting.results_text import HEADINGS, report_results
from cmsite.results.exports import FIELDS
from tests.command_line import cmsite
from tests.requirements import CHECKOUT
from tests.test_results import PAPER_YAML, REPRODUCTION_YAML, paper, reproduction, rows_of

HEAD = 'alias: {alias}\nuid: "{uid}"\nautomation_alias: {kind}\nautomation_uid: "{automation}"\ntags: [x]\n'
KINDS = {"paper": "9911c86491d84b7e", "reproduction": "34f9999284cc4817"}


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return cmsite("results", *arguments, cwd=cwd)


def in_a_process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cmsite", "results", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def write(root: Path, kind: str, alias: str, uid: str, text: str) -> Path:
    folder = root / kind / alias
    folder.mkdir(parents=True)
    head = HEAD.format(alias=alias, uid=uid, kind=kind, automation=KINDS[kind])
    (folder / "_cm.yaml").write_text(head + text, "utf-8")
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with one paper and one reproduction, and nothing else."""
    root = tmp_path / "records"
    write(root, "paper", "fast-sorting", "a" * 16, PAPER_YAML)
    text = REPRODUCTION_YAML.replace(
        "  type: replicated", '  type: replicated\n  artifact: {reference: "script:sort-it,cccccccccccccccc"}'
    )
    write(root, "reproduction", "fast-sorting-2026", "b" * 16, text)
    return root


def test_several_records_of_a_paper_are_told_apart(sources: Path):
    text = REPRODUCTION_YAML.replace("2026-11-21", "2026-11-22")
    write(sources, "reproduction", "fast-sorting-elsewhere", "d" * 16, text)
    lines = run(sources).stdout.splitlines()
    assert lines[1].split() == [*HEADINGS]
    assert {line.split()[-1] for line in lines if line.startswith("  C1*")} == {
        "fast-sorting-2026",
        "fast-sorting-elsewhere",
    }


def test_a_folder_with_only_papers_and_reproductions_is_judged(sources: Path):
    result = run(sources)
    assert result.returncode == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "paper:fast-sorting  Fast sorting (1999)"
    assert lines[1].split() == [*HEADINGS[:-1]]  # Which record it is says nothing where there is one.
    assert lines[2].split()[:4] == ["C1*", "98.90", "%", "98.9"]
    assert "± 0.05 points, author" in lines[2]
    assert "two runs" in lines[2]
    assert lines[-1] == (
        "1 paper, 3 claims: 1 of 1 judged claim reproduced; beside them 1 untested, 1 not comparable; "
        "1 verdict stated otherwise than the numbers say (* main claims)"
    )
    assert "stated as 'reproduced', the numbers say 'not comparable'" in result.stdout
    assert "1 of 2 runs failed and are not in the value" in result.stdout
    assert "\x1b" not in result.stdout


def test_columns_stay_straight_also_beside_wide_signs(sources: Path):
    lines = run(sources).stdout.splitlines()
    at = lines[1].index("verdict")
    assert [line[at:].split("  ")[0] for line in lines if line.startswith("  C")] == [
        "reproduced",
        "not comparable",
        "untested",
    ]
    wide = PAPER_YAML.replace('unit: "%"', "unit: 点").replace("{id: C3,", "{id: C3, unit: x,")
    table = list(report_results(rows_of(paper(wide), reproduction()), lambda text, kind: text, None))
    head = table[1]
    (second,) = (line for line in table if line.startswith("  C2"))
    assert head.index("verdict") == second.index("not comparable")


def test_json_and_csv_are_the_documents_of_the_site(sources: Path):
    document = json.loads(run(sources, "--json").stdout)
    assert document == json.loads(run(sources, "--format", "json").stdout)
    assert document["schema"] == "cmsite-results/1"
    assert [list(claim) for claim in document["claims"]] == [list(FIELDS)] * 3
    assert [claim["verdict"] for claim in document["claims"]] == ["reproduced", "not comparable", "untested"]
    table = list(csv.DictReader(io.StringIO(run(sources, "--format", "csv").stdout, newline="")))
    assert [row["verdict"] for row in table] == [claim["verdict"] for claim in document["claims"]]


def test_the_command_and_the_site_say_the_same(tmp_path: Path, sources: Path):
    config = tmp_path / "registry.yml"
    config.write_text("title: T\nsources:\n- folder: records\n", "utf-8")
    site = tmp_path / "site"
    built = subprocess.run(
        [sys.executable, "-m", "cmsite", "build", "--config", config, "--site-dir", site],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    for format_ in ("json", "csv"):
        result = run("--config", config, "--format", format_)
        assert result.stdout.encode().replace(b"\r\n", b"\n") == (
            (site / "results" / f"claims.{format_}").read_bytes().replace(b"\r\n", b"\n")
        )


def test_the_bundled_catalogue_is_the_default_in_its_checkout():
    result = run(cwd=CHECKOUT)
    assert result.returncode == 0, result.stderr
    assert "paper:hoare-1962-quicksort  Quicksort (1962)" in result.stdout
    assert "C2 > C3 > C1 > C4" in result.stdout
    assert "of 10 judged claims reproduced" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("reference", "claims"),
    [
        ("fast-sorting", 3),
        ("paper:fast-sorting", 3),
        ("records/paper:fast-sorting", 3),
        ("paper:fast-sorting,aaaaaaaaaaaaaaaa", 3),
        ("a" * 16, 3),
        ("A" * 16, 3),
        ("reproduction:fast-sorting-2026", 3),
        ("b" * 16, 3),
        ("script:sort-it", 3),
        ("c" * 16, 3),
        ("https://example.org/a/records/paper/fast-sorting/", 3),
        ("https://example.org/a/records/script/sort-it/", 3),
        ("other", 1),
    ],
)
def test_a_reference_narrows_to_a_paper_or_what_was_reproduced(sources: Path, reference: str, claims: int):
    write(sources, "paper", "other", "d" * 16, PAPER_YAML.partition("- {id: C2")[0])
    result = run(sources, reference, "--json")
    assert result.returncode == 0, result.stderr
    assert len(json.loads(result.stdout)["claims"]) == claims


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fast-sortin"], 4, "near: paper:fast-sorting"),
        (["script:sort-itt"], 4, "near: script:sort-it"),
        (["0" * 16], 4, "no paper, reproduction or reproduced artifact"),
        (["other/paper:fast-sorting"], 4, "is called other/paper:fast-sorting"),
        (["paper:fast-sorting@r2"], 2, "leave out @r2"),
        (["a/b"], 2, "the automation is missing"),
        (["x", "y"], 2, "one reference at a time, got x and y"),
        (["--fail-on", "not-reproducd"], 2, "did you mean 'not-reproduced'?"),
        (["--fail-on", "not reproduced"], 2, "did you mean 'not-reproduced'?"),
        (["--fail-on", "qqq"], 2, "the verdicts are untested, failed-to-run"),
        (["--fail-on", ""], 2, "is no verdict"),
        (["--format", "xml"], 2, "xml"),
        (["--config", "registry.yml"], 2, "name two things to read"),
        ([""], 2, "is no reference"),
        (["  "], 2, "is no reference"),
        (["x" * 3000], 2, "is no reference"),
    ],
)
def test_every_wrong_call_says_what_is_wrong(sources: Path, arguments: list[str], code: int, words: str):
    result = run(sources, *arguments)
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_meta_and_a_folder_as_configuration_are_told_what_to_name(sources: Path):
    meta = run(sources / "paper" / "fast-sorting" / "_cm.yaml")
    assert (meta.returncode, meta.stderr.count("\n")) == (2, 1)
    assert "is a meta; name the folder in which paper/ and reproduction/ lie" in meta.stderr
    folder = run("--config", sources)
    assert folder.returncode == 2
    assert f"write `cmsite results {sources}` for a folder" in folder.stderr


def test_what_cannot_be_read_is_an_error_of_the_source(tmp_path: Path):
    missing = run("./nowhere", cwd=tmp_path)
    assert missing.returncode == 3
    assert "nowhere" in missing.stderr
    assert run("--config", "gone.yml", cwd=tmp_path).returncode == 2
    assert run("one/", "two/", cwd=tmp_path).returncode == 2


def test_an_empty_folder_and_one_a_level_too_deep_say_so(sources: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", sources / "paper"):
        result = run(folder)
        assert (result.returncode, result.stdout) == (0, "no claims declared\n")
        assert "name the folder in which paper/ and reproduction/ lie" in result.stderr
    assert json.loads(run(tmp_path / "empty", "--json").stdout) == {"schema": "cmsite-results/1", "claims": []}


def test_nothing_is_lost_in_silence(sources: Path):
    (write(sources, "paper", "broken", "e" * 16, "") / "_cm.yaml").write_text("a: [", "utf-8")
    text = REPRODUCTION_YAML.replace("fast-sorting,aaaaaaaaaaaaaaaa", "gone,ffffffffffffffff")
    write(sources, "reproduction", "lost", "9" * 16, text)
    write(sources, "paper", "silent", "8" * 16, "paper: {title: S, reference: 10.1000/s}\nclaims: []\n")
    result = run(sources)
    assert result.returncode == 0
    assert "paper/broken: its meta cannot be read" in result.stderr
    assert "the paper of reproduction:lost is in none of these sources" in result.stderr
    assert result.stdout.splitlines()[-1] == "1 paper declares no claims"


def test_records_under_embargo_are_shown_as_drafts_only(sources: Path):
    meta = sources / "reproduction" / "fast-sorting-2026" / "_cm.yaml"
    meta.write_text(
        meta.read_text("utf-8").replace("  type: replicated", "  embargo: true\n  type: replicated"), "utf-8"
    )
    result = run(sources)
    assert "left out, being under embargo: 1; --drafts shows them" in result.stderr
    assert "2026" not in result.stdout + result.stderr
    assert "no claims judged" in result.stdout.splitlines()[-1]
    drafts = run(sources, "--drafts")
    assert drafts.stderr == ""
    assert "1 of 1 judged claim reproduced" in drafts.stdout.splitlines()[-1]


def test_a_name_of_two_papers_is_ambiguous(tmp_path: Path):
    for repository, uid in (("one", "a" * 16), ("two", "d" * 16)):
        write(tmp_path / repository, "paper", "fast-sorting", uid, PAPER_YAML)
        (tmp_path / repository / "cmr.yaml").write_text(f'alias: {repository}\nuid: "{uid[::-1]}"\n', "utf-8")
    config = tmp_path / "registry.yml"
    config.write_text("title: T\nsources:\n- folder: one\n- folder: two\n", "utf-8")
    result = run("--config", config, "paper:fast-sorting")
    assert result.returncode == 4
    assert "one/paper:fast-sorting,aaaaaaaaaaaaaaaa" in result.stderr
    assert "two/paper:fast-sorting,dddddddddddddddd" in result.stderr
    assert len(json.loads(run("--config", config, "two/paper:fast-sorting", "--json").stdout)["claims"]) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("not-comparable", 1),
        ("not-reproduced", 0),
        ("not-reproduced,not-comparable", 1),
        ("not-reproduced, Not-Comparable", 1),
        ("untested", 1),
        ("exceeds,failed-to-run,cannot-tell,no-tolerance", 0),
    ],
)
def test_ci_fails_on_the_verdicts_it_names(sources: Path, words: str, code: int):
    result = run(sources, "--fail-on", words)
    assert result.returncode == code
    assert result.stdout == run(sources).stdout
    assert ("--fail-on:" in result.stderr) == (code == 1)


def test_superseded_records_do_not_fail_ci(sources: Path):
    meta = sources / "reproduction" / "fast-sorting-2026" / "_cm.yaml"
    meta.write_text(meta.read_text("utf-8").replace("status: unverified", "status: superseded"), "utf-8")
    result = run(sources, "--fail-on", "not-comparable")
    assert result.returncode == 0
    assert "2026-01-02 superseded" in result.stdout


def test_a_git_repository_and_an_archive_are_read_too(sources: Path, tmp_path: Path):
    import shutil

    archive = shutil.make_archive(str(tmp_path / "records"), "zip", sources)
    assert run(archive).stdout == run(sources).stdout
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=sources, check=True)
    config = tmp_path / "registry.yml"
    config.write_text("title: T\nsources:\n- {git: ./records, name: records}\n", "utf-8")
    assert json.loads(run("--config", config, "--json").stdout) == json.loads(run(sources, "--json").stdout)


# --- Terminals ----------------------------------------------------------------------------------------------------


def on_terminal(columns: int, *arguments: object) -> str:
    """Run the command on a terminal of so many columns and return what it wrote there."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "cmsite", "results", *map(str, arguments)],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # What Linux says where the other end was closed.
                break
            if not part:
                break
            written += part
        process.wait()
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_wide_terminal_shows_the_table_in_colour(sources: Path):
    text = on_terminal(200, sources)
    assert "\x1b[32mreproduced" in text
    assert "\x1b[33mnot comparable" in text
    assert plain(text) == run(sources).stdout


def test_a_narrow_terminal_shows_blocks_that_fit(sources: Path):
    text = plain(on_terminal(60, sources))
    assert max(len(line) for line in text.splitlines()) <= 60
    words = " ".join(text.split())
    for part in (
        "C1* reproduced, two runs, stated reproduced",
        "claimed 98.90 %; reproduced 98.9 % (n = 2)",
        "tolerance ± 0.05 points, author; date 2026-01-02",
    ):
        assert part in words
    assert "1 of 1 judged claim reproduced" in words


def test_another_encoding_of_the_output_is_no_failure(sources: Path):
    result = in_a_process(sources, PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert "? 0.05 points, author" in result.stdout


def test_foreign_text_reaches_no_terminal_as_a_command(sources: Path):
    evil = PAPER_YAML.replace("title: Fast sorting", 'title: "\\e[31mred\\u202e"').replace(
        "unit: s", 'unit: "\\e]0;x\\a"'
    )
    write(sources, "paper", "evil", "7" * 16, evil.replace("It is fast.", "x" * 5000))
    for result in (run(sources), run(sources, "evil", "--fail-on", "untested")):
        assert "\x1b" not in result.stdout + result.stderr
        assert "\u202e" not in result.stdout
    assert max(len(line) for line in run(sources).stdout.splitlines()) < 700


def test_a_long_order_is_cut_and_whole_in_json(sources: Path):
    ids = [f"C{number}" for number in range(90)]
    claims = "".join(f"- {{id: {name}, text: t, kind: value, metric: m, value: 1}}\n" for name in ids)
    text = f"paper: {{title: L, reference: 10.1000/l}}\nmetrics: [{{id: m}}]\nclaims:\n{claims}- {{id: R, text: t, kind: ranking, order: [{', '.join(ids)}]}}\n"
    write(sources, "paper", "long", "6" * 16, text)
    assert "…" in run(sources, "long").stdout
    document: dict[str, Any] = json.loads(run(sources, "long", "--json").stdout)
    assert document["claims"][-1]["claimed"] == " > ".join(ids)


def test_help_of_the_command_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['cmsite', 'results', '--help']\nimport cmsite.cli\n"
        "try:\n    cmsite.cli.main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'yaml', 'jinja2', 'mkdocs', 'jsonschema_rs', 'urllib3'} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_the_command_builds_no_page_and_starts_no_worker(sources: Path):
    code = (
        f"import sys; sys.argv = ['cmsite', 'results', {str(sources)!r}]\nimport cmsite.cli\n"
        "try:\n    cmsite.cli.main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'jinja2', 'mkdocs', 'comrak', 'urllib3', 'concurrent.futures.process'} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_the_command_is_listed():
    from click.testing import CliRunner

    assert "results" in CliRunner().invoke(cli, ["--help"]).output
