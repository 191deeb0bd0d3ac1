"""Every rule has a golden example: a bad case with its exact report, and a good one; through Python and command line.

`CMSITE_REFRESH_GOLDEN=1` writes the reports again; `cmsite/validation/examples.py` describes the files.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmsite import resources
from cmsite.diagnostics import Severity
from cmsite.errors import ConfigurationError
from cmsite.pipeline.codes import all_codes
from cmsite.validation.examples import FileKind, parse_example, parse_examples, with_expected
from tests.requirements import CHECKOUT
from tests.rule_examples import through_api, through_build, through_cli, whole_output, without_privileges, write

EXAMPLES = parse_examples(resources.example_files())


def test_every_rule_has_an_example_and_every_example_a_rule():
    assert sorted(EXAMPLES) == sorted(all_codes())


@pytest.fixture(autouse=True)
def _without_privileges() -> Iterator[None]:
    with without_privileges():
        yield


REFRESH = bool(os.environ.get("CMSITE_REFRESH_GOLDEN"))
BUILT = [code for code, example in EXAMPLES.items() if example.command == "build"]
VALIDATED = [code for code in EXAMPLES if code not in BUILT]


def golden(code, report):
    """Compare a report with the example's, or write it there."""
    if REFRESH:
        path = CHECKOUT / "registry" / "rules" / "examples" / f"{code}.yaml"
        path.write_text(with_expected(path.read_text("utf-8"), report), "utf-8")
    else:
        assert report == EXAMPLES[code].expected.rstrip("\n")


def without_notes(found):
    return [(item.code, item.path, item.message) for item in found if item.severity > Severity.NOTE]


@pytest.mark.parametrize("code", VALIDATED)
def test_the_bad_case_is_reported_as_written_through_python_and_command_line(code, tmp_path, monkeypatch):
    example = EXAMPLES[code]
    monkeypatch.chdir(write(example, tmp_path, mended=False))
    found, report = through_api(example)
    assert code in {item.code for item in found}, sorted({item.code for item in found})
    golden(code, report)
    exit_code, printed = through_cli(example)
    assert printed == (report if example.command != "validate" else whole_output(example))
    assert exit_code == int(all_codes()[code].severity is Severity.ERROR)


@pytest.mark.parametrize("code", VALIDATED)
def test_the_good_case_has_nothing_of_it_and_no_other_defect(code, tmp_path, monkeypatch):
    example = EXAMPLES[code]
    monkeypatch.chdir(write(example, tmp_path, mended=True))
    found, report = through_api(example)
    assert (report, without_notes(found)) == ("", [])
    exit_code, printed = through_cli(example)
    assert exit_code == 0
    assert code not in printed


@pytest.mark.parametrize("code", BUILT)
def test_what_a_build_finds_stands_on_its_pages_or_is_printed(code, tmp_path, monkeypatch):
    example = EXAMPLES[code]
    monkeypatch.chdir(write(example, tmp_path, mended=False))
    found, report, printed = through_build(example)
    assert code in {item.code for item in found}, sorted({item.code for item in found})
    golden(code, report)
    assert code in printed or any(code in page.read_text() for page in Path("site").rglob("*.html"))
    monkeypatch.chdir(write(example, tmp_path, mended=True))
    found, report, printed = through_build(example)
    assert (report, printed, without_notes(found)) == ("", "", [])


def test_rule_files_and_examples_are_told_apart():
    assert not {name for name, _ in resources.rule_files()} & {name for name, _ in resources.example_files()}
    assert resources.example_file("CM106") is not None
    assert resources.example_file("CM000") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "must be a mapping"),
        ("bad: {a: b}", "`good` must map paths to contents"),
        ("bad: {a: b}\ngood: {}", "`good` must map paths to contents"),
        ("bad: {a: {nonsense: 1}}\ngood: {a: b}", "CM999.yaml: a: is no content that examples know"),
        ("bed: {a: b}", "unknown key 'bed'"),
        ("bad: [", "is not YAML"),
    ],
)
def test_an_example_that_is_none_is_named(text, message):
    with pytest.raises(ConfigurationError, match="CM999.yaml") as error:
        parse_example("CM999.yaml", text.encode())
    assert message in str(error.value)


def test_contents_of_every_kind_are_read():
    text = """
bad:
  a: x
  b: {text: é, encoding: latin-1}
  c: {base64: AAEC}
  d: [x, {repeat: [ab, 3]}, y]
  e: {link: ../f}
  f: {fifo: true}
  g: {folder: true}
  h.zip: {archive: {cmr.yaml: {cmr: one}}}
good: {a: null, b: z}
"""
    example = parse_example("CM999.yaml", text.encode())
    assert [file.kind.value for file in example.bad] == [*["file"] * 4, "link", "fifo", "folder", "zip"]
    assert [file.content for file in example.bad[:5]] == [b"x", b"\xe9", b"\x00\x01\x02", b"xabababy", b"../f"]
    assert [member.path for member in example.bad[7].members] == ["cmr.yaml"]
    assert [file.path for file in example.repository(mended=True)] == ["b", "c", "d", "e", "f", "g", "h.zip"]
    assert example.good[0].kind is FileKind.REMOVED


@pytest.mark.parametrize(
    ("path", "descriptor"),
    [("script/a/_cm.yaml", "cmr.yaml"), ("script/a/meta.yaml", "meta.yaml"), ("soft/a/.cm/meta.json", ".ckr.json")],
)
def test_a_descriptor_is_understood(path, descriptor):
    example = parse_example("CM999.yaml", f"bad: {{{path}: x}}\ngood: {{{path}: y}}".encode())
    assert [file.path for file in example.repository(mended=False)] == [descriptor, path]
    bare = parse_example("CM999.yaml", f"bad: {{{path}: x}}\ngood: {{{path}: y}}\ndescriptor: false".encode())
    assert [file.path for file in bare.repository(mended=False)] == [path]
