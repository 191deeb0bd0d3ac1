"""An experience's own page says what it reports; one that names an artifact that exists nowhere is a finding."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog_factory import Tree, article, catalogue, context_of, page_of, script
from tests.test_build import build, run
from tests.test_experience import with_script
from tests.test_record import ADA, only, record, repository
from tests.test_record import script as command

__all__ = ["repository", "with_script"]  # Fixtures.

REPORT: dict[str, Any] = {
    "artifact": {"reference": "script:say,00000000000000a1", "version": "1.2", "sha256": "ab" * 32},
    "status": "fails",
    "agent": [{"name": "Ada <b>", "role": "evaluator"}],
    "check_time": "2026-11-21",
    "environment": {"operating_system": "Some OS 1", "host_processor_architecture": "x86_64"},
    "versions": {"python": "3.12"},
    "runs": [
        {
            "uid": "1" * 16, "actionStatus": "FailedActionStatus", "error": "exit code 3", "command": "say hello",
            "log": "logs/a.log", "wall_s": 1.5, "exit_code": 3,
        }
    ],
    "evidence": [{"path": "logs/a.log", "sha256": "cd" * 32, "bytes": 3}],
    "note": "It was late.",
}  # fmt: skip


def shown(block: Any) -> str:
    """Return the section of the report, as text with cells between bars."""
    tree = Tree()
    files = {"logs/a.log": b"no\n"}
    made = [
        tree.add(script("report", 1, files, automation="experience", extra={"experience": block}), files),
        tree.add(script("say", 0xA1), {}),
    ]
    page = article(page_of(context_of(catalogue(*made), tree)))
    return page.partition('id="report"')[2].partition("<h2")[0]


def text(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html.replace("</td>", " | ").replace("</th>", " | ")).split())


def test_the_page_says_what_was_tried_how_it_did_where_and_with_what_evidence():
    html = shown(REPORT)
    assert 'a/team/script/say/">script:say,00000000000000a1</a>' in html
    said = text(html)
    for words in (
        "How it did | ✗ fails |",
        "Date | 2026-11-21 |",
        "Reported by | Ada &lt;b&gt; |",
        "Version | 1.2 |",
        f"Content | sha256 {'ab' * 32} |",
        "Tried with | python 3.12 |",
        "Note | It was late. |",
        "operating_system | Some OS 1 |",
        "✗ failed: exit code 3 | say hello | 1.5 s | 3 |",
        f"logs/a.log | 3 B | {'cd' * 32} |",
    ):
        assert words in said, words


def test_what_is_not_stated_is_said():
    said = text(shown({"artifact": {"reference": "script:gone,00000000000000ff"}}))
    assert "script:gone,00000000000000ff (not in this catalogue)" in said
    assert "How it did | not stated | Date | not stated | Reported by | nobody named |" in said
    assert text(shown({})).startswith("> Report") or "Tried | not stated" in text(shown({}))


def test_a_report_without_end_leaves_the_page_small():
    long = "<b>" * 20_000
    runs = [{**REPORT["runs"][0], "command": long, "error": long, "log": long} for _ in range(500)]
    block = {
        **REPORT,
        "artifact": {"reference": long, "version": long, "sha256": long},
        "agent": [{"name": long}] * 50,
        "environment": {f"{number}{long}": long for number in range(200)},
        "versions": {f"{number}{long}": long for number in range(200)},
        "runs": runs,
        "evidence": [{"path": f"{number}{long}", "sha256": long, "bytes": 1} for number in range(500)],
        "note": long,
    }
    html = shown(block)
    assert len(html) < 40_000
    assert "<b>" not in html
    assert html.count("more</p>") == 3


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*REPORT, "name"]), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(REPORT)), _VALUES))
def test_no_report_raises(block: dict[str, Any]):
    shown({**REPORT, **block})


# --- Findings ---------------------------------------------------------------------------------------------------------


def validated(repository: Path, *arguments: object) -> str:
    return run("validate", repository, *arguments, cwd=repository).stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("script:say,aaaaaaaaaaaaaaa1", "script:sayy,aaaaaaaaaaaaaab1", "did you mean 'script:say'?"),
        ("script:say,aaaaaaaaaaaaaaa1", "dataset:say,aaaaaaaaaaaaaaa1", "correct the name, or add the repository"),
        ("script:say,aaaaaaaaaaaaaaa1", "elsewhere/script:say,aaaaaaaaaaaaaaa1", "did you mean 'script:say'?"),
    ],
)
def test_an_artifact_that_exists_nowhere_is_found_at_its_place(with_script: Path, old: str, new: str, words: str):
    record(with_script, "script:say", "--status", "works", *ADA)
    meta = only(with_script, "experience") / "_cm.yaml"
    assert "CM509" not in validated(with_script)
    lines = meta.read_text().replace(old, new).splitlines()
    meta.write_text("\n".join(lines) + "\n")
    said = validated(with_script)
    (line,) = [number for number, line in enumerate(lines, 1) if "reference:" in line]
    column = lines[line - 1].index("reference: ") + 1
    assert f"{line}:{column} warning CM509 the artifact '{new}' is in none of the repositories read" in said
    assert words in said


def test_an_artifact_of_a_repository_that_is_only_required_exists(with_script: Path, tmp_path: Path):
    record(with_script, "script:say", "--status", "works", *ADA)
    alone = tmp_path / "alone"
    (alone / "experience").mkdir(parents=True)
    (alone / "cmr.yaml").write_text("alias: alone\nuid: 00000000000000bb\n")
    only(with_script, "experience").rename(alone / "experience/say")
    assert "CM509" in validated(alone)
    assert "CM509" not in validated(alone, "--with", with_script)


def test_what_is_recorded_is_on_its_page(with_script: Path):
    record(with_script, "script:say", *ADA, "--note", "It was late.", *command(with_script, "raise SystemExit(3)"))
    site = with_script.parent / "site"
    assert build(with_script.parent / "registry.yml", site).returncode == 0
    name = only(with_script, "experience").name
    said = text((site / f"a/team/experience/{name}/index.html").read_text("utf-8"))
    assert "How it did | ✗ fails |" in said
    assert "Note | It was late. |" in said
    assert "✗ failed: exit code 3 |" in said
