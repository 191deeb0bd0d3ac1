"""`cmsite explain` and `cmsite rules` as a user runs them."""

import json

import pytest
from click.testing import CliRunner

from cmsite.cli import cli
from cmsite.errors import NotFoundError, UsageError
from cmsite.pipeline.codes import FAMILIES, all_codes


def run(*arguments, **options):
    result = CliRunner().invoke(cli, arguments, **options)
    assert result.exception is None, result.exception
    assert result.stderr == ""
    return result.stdout


def test_an_explanation_says_why_what_to_do_and_shows_both_examples():
    said = run("explain", "cm106")
    assert said.startswith("CM106 uid is a number (error)\n`cmsite validate --fix` mends it.\n\nAn unquoted uid")
    parts = [
        "\nBad\n",
        "    uid: 6152538690744623\n",
        "\n$ cmsite validate --select CM106\n",
        " 2:1 error   CM106 ",
        "\nGood\n",
    ]
    parts += ['    uid: "6152538690744623"\n', "\nSource\n", "cmind 4.2.0", "docs/rules/CM106.md\n"]
    places = [said.index(part) for part in parts]
    assert places == sorted(places)
    assert "\x1b" not in said


def test_colour_is_for_terminals_only():
    assert "\x1b[31m" in run("explain", "CM106", color=True)
    assert "\x1b" not in run("rules")


@pytest.mark.parametrize("code", all_codes())
def test_every_code_is_explained_on_plain_lines(code):
    said = run("explain", code)
    assert said.startswith(f"{code} {all_codes()[code].title} (")
    assert "\n$ cmsite " in said
    assert all(line == line.rstrip() and line.isprintable() for line in said.splitlines())


def test_several_codes_are_explained_one_after_the_other_each_once():
    said = run("explain", "CM104", "CM106", "CM104")
    assert [line for line in said.splitlines() if line.startswith("CM1")] == [
        "CM104 duplicate uid (error)",
        "CM106 uid is a number (error)",
    ]


def test_the_beginning_of_codes_lists_them():
    said = run("explain", "CM3")
    assert said.startswith("CM3 Dependencies, variations and bases\n  CM301 warning dangling dependency\n")
    assert "CM401" not in said
    assert said == run("rules", "--select", "CM3")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("CM1O4", ["CM104 (duplicate uid)"]),
        ("104", ["CM104 (duplicate uid)"]),
        ("cm-104", ["CM104 (duplicate uid)"]),
        ("cm104x", ["CM104 (duplicate uid)"]),
        ("CM1104", ["CM104 (duplicate uid)"]),
        ("206", ["CM206 (value without effect)"]),
        ("20", ["CM201 (wrong type)", "CM202 (missing key)"]),
        ("Misspelt", ["CM210 (misspelt key)"]),
        ("duplicate-uids", ["CM104 (duplicate uid)"]),
        ("default-varations", ["CM310 (unknown default variation)", "CM319 (default variation of a variation)"]),
        ("CM9", [f"{family} ({about})" for family, about in FAMILIES.items()]),
        ("\x1b", []),
        ("", []),
    ],
)
def test_what_is_no_code_is_answered_with_those_that_are_near(text, near):
    result = CliRunner().invoke(cli, ["explain", text])
    assert isinstance(result.exception, NotFoundError)
    assert set(near) <= set(result.exception.near)
    assert len(result.exception.near) <= max(5, len(near))
    assert bool(result.exception.near) == bool(near)
    assert "`cmsite rules` lists them" in str(result.exception)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "CM" + "1" * 1_000_000, "a b " * 100_000])
def test_a_text_of_any_length_is_answered(text):
    assert isinstance(CliRunner().invoke(cli, ["explain", text]).exception, NotFoundError)


def test_an_explanation_for_programs_holds_the_same():
    document = json.loads(run("explain", "CM106", "CM10", "--json"))
    assert document["schema"] == "cmsite-explanation/1"
    first, *others = document["rules"]
    assert (first["code"], first["fix"], first["family"]) == ("CM106", "safe", "CM1")
    assert len(first["source"]) > 1
    assert first["bad"][0]["path"] == "script/get-gcc/_cm.yaml"
    assert "CM106 uid 6152538690744623" in first["report"]
    assert first["command"] == "cmsite validate --select CM106"
    assert [rule["code"] for rule in others][:3] == ["CM101", "CM102", "CM103"]


def test_rules_are_listed_family_by_family_with_what_mends_them():
    said = run("rules").splitlines()
    assert said[0] == "CM0 Reading a file"
    assert "  CM106 error   uid is a number [--fix]" in said
    assert sum(line.startswith("  CM") for line in said) == len(all_codes())


def test_rules_for_programs_can_be_selected():
    document = json.loads(run("rules", "--json", "--select", "cm10", "--select", "CM54"))
    assert document["schema"] == "cmsite-rules/1"
    assert {rule["code"][:4] for rule in document["rules"]} == {"CM10", "CM54"}
    assert list(document["rules"][0]) == ["code", "severity", "title", "advice", "family", "fix", "source", "page"]
    wrong = CliRunner().invoke(cli, ["rules", "--select", "XX"])
    assert isinstance(wrong.exception, UsageError)
