"""Baselines: an old repository switches validation on today, and only what is new counts."""

import json
import os
from dataclasses import replace

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.errors import ConfigurationError
from cmsite.reporting.baseline import baseline_of, compare, emit_baseline, parse_baseline
from tests.memory_tree import script
from tests.report_values import finding, odd_findings
from tests.requirements import CHECKOUT
from tests.test_cli_validate import UID, repository, run

SCHEMA = jsonschema_rs.Draft202012Validator(json.loads((CHECKOUT / "docs" / "baseline.schema.json").read_text("utf-8")))


def compared(findings, known, version="1", judged=lambda _: True):
    return compare(findings, baseline_of(known, "1"), version, judged)


@given(st.lists(st.sampled_from(odd_findings()), max_size=9))
def test_a_baseline_is_read_as_it_was_written_and_knows_its_findings(found):
    written = emit_baseline(baseline_of(found, "1.0"))
    SCHEMA.validate(json.loads(written))
    again = parse_baseline(written, "b")
    assert again == baseline_of(reversed(found), "1.0")
    assert emit_baseline(again) == written
    result = compare(found, again, "1.0", lambda _: True)
    assert (result.new, result.known, result.stale) == ((), len(found), ())


def test_one_more_of_the_same_is_new():
    result = compared([finding(place=(1, 1)), finding(place=(9, 1))], [finding()])
    assert result.new == (finding(place=(9, 1)),)
    assert result.known == 1


def test_moved_lines_and_entries_are_known():
    before = finding(code="CM301", message="entry 3 matches nothing", pointer="/deps/3/tags", place=(10, 5))
    after = finding(code="CM301", message="entry 4 matches nothing", pointer="/deps/4/tags", place=(14, 5))
    assert compared([after], [before]).new == ()
    elsewhere = replace(after, pointer="/prehook_deps/4/tags")
    assert compared([elsewhere], [before]).new == (elsewhere,)


def test_what_occurs_no_more_is_stale_unless_this_run_did_not_look():
    gone = finding(code="CM104")
    assert [entry.code for entry in compared([], [gone]).stale] == ["CM104"]
    assert compared([], [gone], judged=lambda entry: entry.code != "CM104").stale == ()


def test_another_wording_of_another_version_is_known_the_same_version_words_alike():
    reworded = finding(message="the folder is called otherwise")
    assert compared([reworded], [finding()], version="2").new == ()
    assert compared([reworded], [finding()], version="1").new == (reworded,)


def test_an_entry_has_a_line_of_its_own_in_a_fixed_order():
    text = emit_baseline(baseline_of([finding(path="b"), finding(path="a"), finding(path="a")], "1.0")).decode()
    assert text == (
        '{\n "schema": "cmsite-baseline/1",\n "cmsite": "1.0",\n "findings": [\n'
        '  {"repository": "team", "path": "a", "code": "CM103", "pointer": "", "message": "alias \'b\' differs", "count": 2},\n'
        '  {"repository": "team", "path": "b", "code": "CM103", "pointer": "", "message": "alias \'b\' differs", "count": 1}\n'
        " ]\n}\n"
    )
    assert json.loads(emit_baseline(baseline_of([], "1.0")))["findings"] == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is not JSON (Expecting value"),
        (b"\xff", "it is not JSON ('utf-8' codec"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "`schema` must be 'cmsite-baseline/1', got 'list'"),
        (b'{"schema": "cmsite-findings/1"}', "got 'cmsite-findings/1'"),
        (b'{"schema": "cmsite-baseline/1", "findings": {}}', "`findings` must be a list"),
        (b'{"schema": "cmsite-baseline/1", "findings": [{"code": 1}]}', "entry 1 of `findings` needs the texts"),
        (
            emit_baseline(baseline_of([finding()], "1")).replace(b'"count": 1', b'"count": true'),
            "`count` of entry 1 of `findings` must be a whole number from 1, got 'True'",
        ),
    ],
)
def test_a_damaged_baseline_says_where_and_what_to_do(content, told):
    with pytest.raises(ConfigurationError) as caught:
        parse_baseline(content, "baseline.json")
    assert str(caught.value).startswith("baseline.json: no baseline can be read here: ")
    assert told in str(caught.value)
    assert str(caught.value).endswith("write it anew with --write-baseline")


def test_an_old_repository_switches_it_on_today(tmp_path):
    folder = repository(tmp_path / "team", script("b", UID))
    baseline = tmp_path / "baseline.json"
    strict = ("validate", folder, "--fail-on", "warning")
    assert run(*strict).returncode == 1

    written = run("validate", folder, "--write-baseline", baseline)
    assert written.returncode == 0
    assert written.stdout == (f"{baseline}: 1 finding written; commit it, and validate with --baseline {baseline}\n")

    meta = folder / "script" / "a" / "_cm.yaml"
    meta.write_text("# A remark moves every line.\n\n" + meta.read_text())
    known = run(*strict, "--baseline", baseline)
    assert known.returncode == 0
    assert "cmsite:" not in known.stderr
    assert known.stdout == "1 artifact checked: 0 errors, 0 warnings, 0 notes, 1 in the baseline\n"
    assert json.loads(run(*strict, "--baseline", baseline, "--json").stdout)["summary"]["baseline"] == 1

    meta.write_text(script("b", UID, tags="get, get"))
    new = run(*strict, "--baseline", baseline)
    assert new.returncode == 1
    assert "CM213" in new.stdout
    assert "CM103" not in new.stdout

    meta.write_text(script("a", UID))
    stale = run(*strict, "--baseline", baseline)
    assert stale.returncode == 0
    assert stale.stderr.endswith(
        f"cmsite: note: 1 entry of {baseline} occurs no more: run again with --write-baseline {baseline}, "
        "so that it shrinks\n"
    )
    assert "cmsite:" not in run(*strict, "--baseline", baseline, "--select", "CM2").stderr


def test_errors_about_baselines_are_one_message(tmp_path):
    folder = repository(tmp_path / "team", script("b", UID))
    missing = run("validate", folder, "--baseline", tmp_path / "none.json")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "there is no baseline here; write one with --write-baseline" in missing.stderr
    os.mkfifo(tmp_path / "pipe")
    assert "is no regular file" in run("validate", folder, "--baseline", tmp_path / "pipe").stderr
    assert run("validate", folder, "--write-baseline", tmp_path).returncode == 7
    both = run("validate", folder, "--baseline", "a", "--write-baseline", "b")
    assert (both.returncode, both.stderr) == (
        2,
        "cmsite: error: --baseline reads a file and --write-baseline writes one: name one of them\n",
    )
