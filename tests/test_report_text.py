"""The text of `cmsite validate`: carets, widths, folded notes, colour, the summary by rule."""

import os
import pty
import re
import select
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.commands.validate_output import is_coloured
from cmsite.reporting.columns import broken, columns, excerpt, printable
from cmsite.reporting.text import TextView, report_text
from tests.memory_tree import script
from tests.report_values import finding, odd_findings, report
from tests.test_cli_validate import UID, in_a_process, repository, run


def lines(*found, line="", **changed):
    return list(report_text(report(*found), TextView(source_line=lambda _: line, **changed)))


@pytest.mark.parametrize(
    ("line", "column", "shown", "before"),
    [
        ("alias: b", 8, "alias: b", 7),
        ("\talias: b", 2, " alias: b", 1),
        ("漢字: b", 5, "漢字: b", 6),
        ("e\u0301: b", 5, "e\u0301: b", 3),
        ("😀: b", 4, "😀: b", 4),
        ("a\x1b[31m: b", 9, "a\\x1b[31m: b", 11),
        ("", 1, "", 0),
        ("ab", 9, "ab", 2),
    ],
)
def test_the_caret_stands_under_its_column(line, column, shown, before):
    assert excerpt(line, column, 60) == (shown, before)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 500), st.integers(10, 120))
def test_an_excerpt_fits_and_its_caret_stands_in_it(line, column, most):
    shown, before = excerpt(line, column, most)
    assert columns(shown) <= most
    assert 0 <= before <= columns(shown)
    assert shown == printable(shown)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), st.integers(0, 300))
def test_the_sign_above_the_caret_is_that_of_the_place(line, padding):
    text = "x" * padding + line + "y" * padding
    shown, before = excerpt(text, padding + 1, 50)
    expected = printable(line)[0]
    if columns(expected):
        at = next(
            number for number in range(len(shown)) if columns(shown[:number]) == before and columns(shown[number])
        )
        assert shown[at] == expected


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 100))
def test_broken_lines_hold_the_same_words(text, width):
    found = list(broken(text, width, 10, "   "))
    assert [word for line in found for word in line.split(" ") if word] == [word for word in text.split(" ") if word]


def test_a_narrow_terminal_breaks_messages_and_hints_between_words():
    text = lines(finding(message="alias 'b' differs from the folder 'a'", hint="make them equal, please"), width=45)
    assert text[:6] == [
        "team: script/a/_cm.yaml",
        "       1:1 warning CM103 alias 'b' differs",
        "             from the folder 'a'",
        "           = make them equal, please",
        "",
        "1 artifact checked: 0 errors, 1 warning, 0",
    ]
    assert all(columns(line) <= 45 for line in text)


def test_notes_are_folded_into_the_summary_by_rule():
    text = lines(*odd_findings(), folds_notes=True)
    assert not any("CM211 alias" in line for line in text)
    assert text[-9:] == [
        "      1 error   CM104 duplicate uid (1 file)",
        "      1 error   CM409 no artifacts (1 file)",
        "      1 error   CM519 declaration about experiments that fits nothing (1 file)",
        "      1 warning CM103 alias differs from folder (1 file)",
        "      1 warning CM210 misspelt key (1 file)",
        "      1 note    CM211 unknown key (1 file)",
        "        1 note not shown: --verbose shows them",
        "",
        "1 artifact checked: 3 errors, 2 warnings, 1 note",
    ]


def test_a_summary_by_rule_follows_many_findings_only():
    few = lines(*[finding()] * 10)
    many = lines(*[finding()] * 11)
    assert not any(line.endswith("(1 file)") for line in few)
    assert "     11 warning CM103 alias differs from folder (1 file)" in many


def test_verbose_names_the_source_of_a_rule_once():
    known = replace(report().codes["CM103"], source="https://example.org/why")
    sourced = report(finding(), codes={"CM103": known})
    assert list(report_text(sourced, TextView(verbose=True)))[-4:-2] == [
        "      1 warning CM103 alias differs from folder (1 file)",
        "           = source: https://example.org/why",
    ]
    assert not any("source:" in line for line in report_text(sourced, TextView()))


def test_notes_are_shown_where_somebody_asks_for_them(tmp_path):
    folder = repository(tmp_path, script("a", UID, rest="my_own: 1\n"))
    folded = run("validate", folder).stdout
    assert "1 note not shown: --verbose shows them" in folded
    assert "my_own" not in folded
    for option in (("--verbose",), ("--select", "CM211"), ("--fail-on", "note")):
        assert "key 'my_own'" in run("validate", folder, *option).stdout
    for options, stage in ((["--no-cache"], "checking artifacts"), ([], "looking whether anything changed")):
        timed = run("validate", folder, "--verbose", *options)
        assert re.search(rf"^ +\d+\.\d\d s {stage}$", timed.stderr, re.MULTILINE)


def coloured(tmp_path, **environment):
    """Return what the command prints on a terminal."""
    folder = tmp_path / "repository"
    if not folder.exists():
        repository(folder, script("b", UID))
    leader, follower = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    child = subprocess.Popen(
        [sys.executable, "-m", "cmsite", "validate", folder],
        stdout=follower,
        stderr=subprocess.DEVNULL,
        env=clean | {"TERM": "xterm", "COLUMNS": "80"} | environment,
    )
    os.close(follower)
    found = b""
    while select.select([leader], [], [], 60)[0]:
        try:
            found += os.read(leader, 65536)
        except OSError:
            break
        if not found:
            break
    child.wait(60)
    os.close(leader)
    return found.decode()


def test_colour_is_for_terminals(tmp_path):
    assert "\x1b[33mwarning\x1b[0m" in coloured(tmp_path)
    assert "\x1b" not in coloured(tmp_path, NO_COLOR="1")
    assert "\x1b" not in coloured(tmp_path, TERM="dumb")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"NO_COLOR": ""}, None),
        ({"NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_the_environment_decides_about_colour(monkeypatch, environment, expected):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_coloured() is expected


def test_a_terminal_that_knows_few_signs_gets_escapes(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    folder = repository(tmp_path, script("漢", UID))
    done = in_a_process("validate", folder)
    assert done.returncode == 0
    assert "\\u6f22" in done.stdout
    assert "漢" in subprocess.run(
        [sys.executable, "-m", "cmsite", "validate", folder, "--json"], capture_output=True, check=True
    ).stdout.decode("utf-8")
