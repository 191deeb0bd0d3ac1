"""Reports in the formats of other programs: against their schemas, their readers and their own checkers."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import zlib

import jsonschema_rs
import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cmsite.diagnostics import Severity
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.judging import Checked, Wishes, judged
from cmsite.pipeline.reports import rendered
from cmsite.pipeline.source_lines import split_lines
from cmsite.pipeline.validate import validate_paths
from cmsite.reporting import sarif
from cmsite.reporting.github import report_github, step_summary
from cmsite.reporting.json import report_json, statistics_json
from cmsite.reporting.junit import report_junit
from cmsite.reporting.sarif import Checkout, SarifView, report_sarif, value_end
from tests.report_values import HOSTILE, finding, odd_findings, report
from tests.requirements import CHECKOUT, corpus_folder, need

FINDINGS_SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads((CHECKOUT / "docs" / "findings.schema.json").read_text("utf-8"))
)


def in_checkout(_repository, path):
    return path


def view(line="", **changed):
    return SarifView(
        **{
            "version": "1.2.3",
            "path": in_checkout,
            "source_line": lambda _: line,
            "rule_page": lambda code: f"https://example.org/rule/{code}/",
            **changed,
        }
    )


def run_of(found, **changed):
    (run,) = json.loads(report_sarif(report(*found), view(**changed)).text)["runs"]
    return run


def sarif_schema():
    return jsonschema_rs.Draft202012Validator(
        json.loads(need("sarif-schema").read_text("utf-8")), validate_formats=True
    )


def test_sarif_fits_the_official_schema():
    checkout = Checkout(address="https://example.org/team/repo", commit="a" * 40, branch="main")
    for found in ((), odd_findings()):
        text = report_sarif(report(*found, known=2, unchanged=3, ignored=4), view(checkout=checkout)).text
        assert [error.message for error in sarif_schema().iter_errors(json.loads(text))] == []


def test_the_schema_of_sarif_refuses_what_is_wrong():
    document = json.loads(report_sarif(report(finding()), view()).text)
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not sarif_schema().is_valid(document)


def test_the_checker_of_sarif_has_nothing_to_say(tmp_path):
    program = tmp_path / "Sarif.Multitool"
    shutil.copyfile(need("sarif"), program)
    program.chmod(0o755)
    file = tmp_path / "results.sarif"
    checkout = Checkout(address="https://example.org/team/repo", commit="a" * 40, branch="main")
    seen = view("x" * 40, checkout=checkout, home="https://example.org/")
    file.write_text(report_sarif(report(*odd_findings(), known=1), seen).text, "utf-8")
    environment = os.environ | {
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [program, "validate", file], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    told = re.findall(r"(?:error|warning) SARIF\d+", done.stdout)
    assert done.returncode == 0, done.stdout
    assert "Analysis completed successfully" in done.stdout
    assert told == []


def test_sarif_names_rules_with_help_and_level():
    run = run_of([finding(code="CM104")])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(all_codes())
    rule = rules[run["results"][0]["ruleIndex"]]
    assert rule["id"] == "CM104"
    assert rule["name"] == "DuplicateUid"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert "cmsite explain CM104" in rule["help"]["markdown"]
    assert rule["helpUri"] == "https://example.org/rule/CM104/"
    assert run["tool"]["driver"]["version"] == "1.2.3"
    unpublished = run_of([finding()], rule_page=lambda code: f"docs/rules/{code}.md")["tool"]["driver"]
    assert "informationUri" not in unpublished
    assert not any("helpUri" in item for item in unpublished["rules"])


def test_sarif_counts_columns_in_utf16_and_marks_the_value():
    line = "'😀é': 'b c'  # why"
    (result,) = run_of([finding(place=(7, 7))], line=line)["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 8, "endColumn": 13}
    units = line.encode("utf-16-le")
    assert units[7 * 2 : 12 * 2].decode("utf-16-le") == "'b c'"


def test_sarif_of_a_line_that_is_gone_has_no_column():
    (result,) = run_of([finding(place=(7, 9))], line="")["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}


def test_sarif_addresses_are_percent_encoded_and_relative_to_the_root():
    found = odd_findings()[4]
    location = run_of([found])["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "script/b%20c/%C3%A4%25%3A%23%3F.yaml", "uriBaseId": "%SRCROOT%"}
    outside = run_of([finding()], path=lambda *_: "/elsewhere/a b.yaml")
    location = outside["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///elsewhere/a%20b.yaml"}


def test_sarif_fingerprints_stay_when_lines_and_entries_move_and_tell_equal_findings_apart():
    before = finding(code="CM301", message="entry 3 matches nothing", pointer="/deps/3/tags", place=(10, 5))
    moved = finding(code="CM301", message="entry 4 matches nothing", pointer="/deps/4/tags", place=(14, 5))
    other = finding(code="CM301", message="entry 4 matches nothing", pointer="/post_deps/4/tags", place=(14, 5))

    def marks(*found):
        return [item["partialFingerprints"]["primaryLocationLineHash"] for item in run_of(found)["results"]]

    assert marks(before) == marks(moved)
    assert marks(before) != marks(other)
    first, second = marks(before, moved)
    assert (first.split(":")[1], second.split(":")[1]) == ("1", "2")
    assert first.split(":")[0] == second.split(":")[0]


def test_sarif_messages_hold_no_link_of_a_meta():
    (result,) = run_of([odd_findings()[-1]])["results"]
    assert "](" not in result["message"]["text"]
    assert "\x1b" not in result["message"]["text"]


def test_sarif_leaves_out_the_least_severe_over_the_limit_and_says_so(monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    found = (finding(code="CM211"), finding(code="CM104"), finding())
    done = report_sarif(report(*found), view())
    (run,) = json.loads(done.text)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["CM104", "CM103"]
    assert done.left_out == 1
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["level"] == "warning"
    assert told["message"]["text"].startswith("1 of 3 findings are left out, the least severe first")


def test_sarif_stays_below_the_size_that_is_taken(monkeypatch):
    found = tuple(finding(message=hashlib.sha256(b"%d" % number).hexdigest()) for number in range(500))

    def compressed(text):
        return len(zlib.compress(text.encode(), 6))

    least, most = (compressed(report_sarif(report(*some), view()).text) for some in ((), found))
    limit = (least + most) // 2
    monkeypatch.setattr(sarif, "MAX_COMPRESSED_BYTES", limit)
    done = report_sarif(report(*found), view())
    assert 0 < done.left_out < 500
    assert compressed(done.text) <= limit


def test_github_commands_are_escaped_and_name_place_and_code():
    lines = list(report_github(report(finding(hint="100% a,b: c"), *odd_findings()), in_checkout))
    assert lines[0] == (
        "::warning file=script/a/_cm.yaml,line=1,col=1,title=CM103 alias differs from folder"
        "::script/a/_cm.yaml:1:1: alias 'b' differs%0A100%25 a,b: c"
    )
    hostile = lines[6]
    assert hostile.startswith("::warning file=script/z/_cm.yaml,line=3,col=9,title=CM210 misspelt key::")
    assert not re.search("[\x00-\x1f\ud800-\udfff]", hostile)
    assert "file=script/b c/ä%25%3A#?.yaml," in lines[5]
    assert lines[-1] == "1 artifact checked: 3 errors, 3 warnings, 1 note"
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines[:-1])


def test_github_names_no_file_outside_of_the_checkout():
    (line, _) = report_github(report(finding()), lambda *_: "/elsewhere/a.yaml")
    assert line.startswith("::warning line=1,col=1,title=")
    assert "::/elsewhere/a.yaml:1:1: " in line


def test_the_step_summary_counts_by_rule_and_quotes_no_meta():
    text = step_summary(report(finding(message="| x |"), finding(), finding(code="CM104", path="b")))
    assert text == (
        "### cmsite validate\n\n1 artifact checked: 1 error, 2 warnings, 0 notes\n\n"
        "| code | severity | finding | count | files |\n|---|---|---|--:|--:|\n"
        "| CM104 | error | duplicate uid | 1 | 1 |\n| CM103 | warning | alias differs from folder | 2 | 1 |\n"
    )


def junit_schema():
    return etree.XMLSchema(etree.parse(str(need("junit-schema"))))


@pytest.mark.parametrize("fail_on", Severity)
def test_junit_fits_the_schema_of_jenkins_and_is_read_by_a_parser(fail_on):
    whole = report(*odd_findings(), files=(("team", "script/fine/_cm.yaml"), ("team", "script/a/_cm.yaml")))
    text = report_junit(whole, in_checkout, fail_on)
    junit_schema().assertValid(etree.fromstring(text.encode()))
    suites = junitparser.JUnitXml.fromstring(text.encode())
    cases = {case.name: case for suite in suites for case in suite}
    assert set(cases) >= {"script/fine/_cm.yaml", "script/a/_cm.yaml", "script/z/_cm.yaml", "registry.yml"}
    assert cases["script/fine/_cm.yaml"].is_passed
    failed = [case.name for case in cases.values() if not case.is_passed]
    assert len(failed) == {Severity.ERROR: 3, Severity.WARNING: 4, Severity.NOTE: 5}[fail_on]
    assert suites.tests == len(cases) == 6
    assert suites.failures == len(failed)


def test_junit_states_all_failures_of_a_file_at_once():
    text = report_junit(report(finding(code="CM104"), finding(place=(2, 3), hint="rename")), in_checkout, Severity.NOTE)
    (case,) = (case for suite in junitparser.JUnitXml.fromstring(text.encode()) for case in suite)
    (failure,) = case.result
    assert failure.type == "CM104"
    assert failure.message == "CM104 alias 'b' differs (and 1 more finding)"
    assert failure.text == "1:1 error CM104 alias 'b' differs\n2:3 warning CM103 alias 'b' differs\n  rename"


@given(st.text())
def test_junit_of_any_text_is_xml(text):
    found = finding(message=text, hint=text, path=text, repository=text)
    etree.fromstring(report_junit(report(found), in_checkout, Severity.NOTE).encode())


@given(st.text(), st.integers(1, 30))
def test_sarif_and_github_of_any_text_are_well_formed(text, column):
    found = finding(message=text, hint=text, path=text, place=(1, column))
    json.loads(report_sarif(report(found), view(text)).text.encode())
    assert len(list(report_github(report(found), in_checkout))) == 2
    assert all("\n" not in line and "\r" not in line for line in report_github(report(found), in_checkout))


@given(st.text(max_size=40), st.integers(1, 41))
def test_a_value_ends_behind_its_beginning_and_within_its_line(line, column):
    end = value_end(line, column)
    assert end <= max(len(line), column) + 1
    assert end > min(column, len(line))


def test_json_fits_our_published_schema():
    for found in ((), odd_findings()):
        document = json.loads(report_json(report(*found, known=1, stale=2, unchanged=3, ignored=4)))
        FINDINGS_SCHEMA.validate(document)
    document["findings"][0]["line"] = 0
    assert not FINDINGS_SCHEMA.is_valid(document)
    assert document["summary"] | {"by_code": None} == {
        "artifacts": 1,
        "errors": 3,
        "warnings": 2,
        "notes": 1,
        "by_code": None,
        "baseline": 1,
        "stale": 2,
        "unchanged": 3,
        "ignored": 4,
    }


def test_statistics_count_findings_and_files():
    document = json.loads(statistics_json(report(finding(), finding(), finding(path="b"), finding(code="CM104"))))
    assert document["schema"] == "cmsite-statistics/1"
    assert document["codes"] == [
        {"code": "CM104", "severity": "error", "title": "duplicate uid", "findings": 1, "files": 1},
        {"code": "CM103", "severity": "warning", "title": "alias differs from folder", "findings": 3, "files": 2},
    ]


def test_lines_are_those_that_places_count():
    separator = "\u2028"
    assert split_lines("a.yaml", f"a{separator}b\r\nc\rd".encode()) == ["a", "b", "c", "d"]
    assert split_lines("a.json", f'"a{separator}b"\n\x0c'.encode()) == [f'"a{separator}b"', "\x0c"]
    assert split_lines("a.yaml", "\ufeffa: 1".encode()) == ["a: 1"]


def test_hostile_text_is_hostile():
    assert {"\x1b", "\r", "\x00", "\ud800"} <= set(HOSTILE)
    with pytest.raises(etree.XMLSyntaxError):
        etree.parse(io.StringIO(f"<a>{HOSTILE.encode('utf-8', 'replace').decode()}</a>"))


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["cm4mlops", "ck"])
def test_reports_of_a_corpus_fit_their_schemas(name):
    validation = validate_paths([corpus_folder(name)], ())
    whole = judged([Checked(validation=validation)], Wishes())
    scans = (validation.scan,)
    texts = {
        format_: rendered(whole, format_, scans, fail_on=Severity.ERROR, statistics=False).text
        for format_ in ("json", "sarif", "junit", "github")
    }
    FINDINGS_SCHEMA.validate(json.loads(texts["json"]))
    assert [error.message for error in sarif_schema().iter_errors(json.loads(texts["sarif"]))] == []
    junit_schema().assertValid(etree.fromstring(texts["junit"].encode()))
    (run,) = json.loads(texts["sarif"])["runs"]
    assert len(run["results"]) == len(whole.findings) == texts["github"].count("\n") - 1 > 50
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(marks)) == len(marks)
