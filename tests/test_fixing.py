"""`--fix` in the text of metas: what is mended, what stays as it was, and what is refused."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite import documents
from cmsite.diagnostics import Diagnostic, Fix
from cmsite.fixing.mend import MENDED_CODES, Mended, mend
from cmsite.pipeline.codes import all_codes
from cmsite.validation.rules import bundled_rules
from cmsite.validation.shape import check_identity, check_shape
from tests.requirements import corpus_folder, need

RULES = {format_: tuple(r for r in bundled_rules() if r.applies_to(format_, "script")) for format_ in ("cm", "mlc")}
HEAD = "alias: a\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\n"
UID = 'uid: "0123456789abcdef"\n'


def findings(path: str, content: bytes, format_: str = "cm") -> list[Diagnostic]:
    document = documents.parse(path, content)
    problems = [*document.problems]
    if isinstance(document.data, dict):
        problems += [*check_shape(document, RULES[format_]), *check_identity(document, format_)]
    return [problem.in_file("team", path) for problem in problems if problem.code in MENDED_CODES]


def mended(text: str, *, path: str = "script/a/_cm.yaml", code: str = "CM") -> Mended:
    content = text.encode()
    return mend(path, content, [found for found in findings(path, content) if found.code.startswith(code)])


def test_every_mending_has_a_code_that_says_so_and_none_is_promised_in_vain():
    promised = {code.code for code in all_codes().values() if code.fix is not Fix.NONE}
    assert promised == MENDED_CODES


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("uid: 6152538690744623  # mine\n", 'uid: "6152538690744623"  # mine\n', id="the spelling is kept"),
        pytest.param(
            "uid: 0152534670744623\n", 'uid: "0152534670744623"\n', id="digits that YAML takes for another number"
        ),
        pytest.param("uid: 12345678.0123456\n", 'uid: "12345678.0123456"\n', id="a float"),
    ],
)
def test_a_number_is_quoted_as_it_is_spelled(before, after):
    assert mended(HEAD + before + "tags: [a]\n").content.decode() == HEAD + after + "tags: [a]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("tags: [b, a, b]\n", "tags: [b, a]\n", id="the last of a list in brackets"),
        pytest.param("tags: [b, b , a]\n", "tags: [b, a]\n", id="one within it"),
        pytest.param("tags: [b, b, b, a, b, a]\n", "tags: [b, a]\n", id="several runs"),
        pytest.param(
            "tags:\n  - b # one\n  # two\n  - b # three\n  - a\n", "tags:\n  - b # one\n  # two\n  - a\n", id="lines"
        ),
        pytest.param("tags:\r\n- b\r\n- ' '\r\n- b", "tags:\r\n- b\r\n", id="CRLF, a blank one and no end of line"),
        pytest.param("tags: ['b',\n  'b',\n  'a'\n  ]\n", "tags: ['b',\n  'a'\n  ]\n", id="brackets over lines"),
        pytest.param("tags: &t [b, b]\nextra: *t\n", "tags: &t [b]\nextra: *t\n", id="an anchor"),
    ],
)
def test_blank_and_repeated_tags_go_and_the_others_keep_their_order(before, after):
    assert mended(HEAD + UID + before).content.decode() == HEAD + UID + after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("tags: [' ', '']\n", "nothing would be left of the list", id="only blank tags"),
        pytest.param("tags: [b, # why\n b]\n", "comments stand between the items", id="comments in brackets"),
        pytest.param(
            "tags:\n- b\n- &x b\nextra: *x\n", "more than this would change: mend it by hand", id="an anchor in it"
        ),
        pytest.param("tags:\n- b\n- - a\n- b\n", None, id="another list among them"),
    ],
)
def test_what_cannot_be_taken_out_alone_stays_with_a_reason(text, reason):
    result = mended(HEAD + UID + text, code="CM213")
    if reason is None:
        assert result.content.decode() == HEAD + UID + "tags:\n- b\n- - a\n"
    else:
        assert result.content.decode() == HEAD + UID + text
        assert {why for _, why in result.left} == {reason}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("alias: a  # x\ntags: [a]\n", 'alias: a  # x\nuid: "UID"\ntags: [a]\n', id="behind the alias"),
        pytest.param("tags: [a]\nname: n\n", 'uid: "UID"\ntags: [a]\nname: n\n', id="no alias"),
        pytest.param("# top\n\nalias: a\r\n", '# top\n\nalias: a\r\nuid: "UID"\r\n', id="line ends of the file"),
        pytest.param("alias: a", 'uid: "UID"\nalias: a', id="no line behind the alias"),
        pytest.param("alias: a\nuid:\ntags: [a]\n", 'alias: a\nuid: "UID"\ntags: [a]\n', id="a key without a value"),
        pytest.param("alias: a\nuid: ''\n", 'alias: a\nuid: "UID"\n', id="an empty text"),
        pytest.param("alias: a\nuid: # later\n", 'alias: a\nuid: "UID" # later\n', id="a comment in its place"),
        pytest.param("{alias: a}\n", '{"uid": "UID", alias: a}\n', id="brackets"),
        pytest.param("---\nalias: a\n", '---\nalias: a\nuid: "UID"\n', id="a document mark"),
        pytest.param("  alias: a\n  name: b\n", '  alias: a\n  uid: "UID"\n  name: b\n', id="everything indented"),
    ],
)
def test_a_missing_uid_is_drawn_in_yaml(before, after):
    result = mended(before, code="CM101")
    text = result.content.decode()
    uid = documents.parse("a.yaml", result.content).data["uid"]
    assert len(uid) == 16
    assert text == after.replace("UID", uid)
    assert not [found for found in findings("a.yaml", result.content) if found.code == "CM101"]


def test_a_missing_uid_is_drawn_in_json_as_its_lines_are_written():
    text = '{\r\n\t"alias": "a",\r\n\t"tags": ["b", "b"]\r\n}'
    result = mended(text, path="script/a/_cm.json")
    uid = json.loads(result.content)["uid"]
    assert result.content.decode() == f'{{\r\n\t"uid": "{uid}",\r\n\t"alias": "a",\r\n\t"tags": ["b"]\r\n}}'


def test_a_uid_is_drawn_from_the_file_so_that_a_preview_shows_it():
    assert mended("alias: a\n").content == mended("alias: a\n").content
    others = {mended("alias: b\n").content[-18:], mended("alias: a\n", path="script/b/_cm.yaml").content[-18:]}
    assert mended("alias: a\n").content[-18:] not in others


def test_a_byte_order_mark_goes_from_json_and_stays_where_nobody_asked():
    path, text = "script/a/_cm.json", '\ufeff{"alias": "a", "uid": "0123456789abcdef", "tags": ["b", "b"]}'
    assert mended(text, path=path, code="CM008").content.decode() == text[1:]
    assert mended(text, path=path, code="CM213").content.decode() == text.replace(', "b"', "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("clean_file: [a] # x\n", "clean_files: [a] # x\n", id="plain"),
        pytest.param("'clean_file': [a]\n", "'clean_files': [a]\n", id="single quotes"),
        pytest.param('? "clean_file"\n: [a]\n', '? "clean_files"\n: [a]\n', id="a question mark"),
    ],
)
def test_a_key_is_renamed_where_it_stands(before, after):
    assert mended(HEAD + UID + "tags: [a]\n" + before).content.decode() == HEAD + UID + "tags: [a]\n" + after


def test_a_key_is_not_renamed_to_one_that_is_there():
    result = mended(HEAD + UID + "tags: [a]\nclean_file: [a]\nclean_files: [b]\n")
    assert [(found.code, why) for found, why in result.left] == [
        ("CM210", "there is a key 'clean_files' already: merge the two")
    ]


def test_a_wrong_uid_of_an_automation_is_replaced_in_its_quotes():
    text = f"alias: a\nautomation_alias: script\nautomation_uid: 'ffffffffffffffff'\n{UID}tags: [a]\n"
    assert mended(text).content.decode() == text.replace("ffffffffffffffff", "5b4e0237da074764")


def test_a_number_among_tags_is_quoted_and_other_values_are_left():
    result = mended(HEAD + UID + "tags: [a, 2024, 1.10]\nname: [x]\n", code="CM201")
    assert result.content.decode() == HEAD + UID + 'tags: [a, "2024", "1.10"]\nname: [x]\n'
    assert [why for _, why in result.left] == ["only numbers among tags can be put in quotes safely"]


def test_one_mending_that_would_change_more_does_not_keep_back_the_others():
    text = "alias: a\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\nuid: 6152538690744623\n"
    result = mended(text + "tags:\n- b\n- &x b\nextra: *x\n")
    assert (
        result.content.decode()
        == text.replace("6152538690744623", '"6152538690744623"') + "tags:\n- b\n- &x b\nextra: *x\n"
    )
    assert [found.code for found in result.mended] == ["CM106"]


def test_a_file_that_cannot_be_read_is_left_alone():
    found = Diagnostic(code="CM101", severity=all_codes()["CM101"].severity, repository="t", path="a", message="")
    assert mend("a.yaml", b"a: [", [found]) == Mended(content=b"a: [", left=((found, "the file cannot be read"),))


_TAGS = st.lists(st.sampled_from(["a", "b", "c d", " ", "", "é", 7, 1.5]), max_size=6)
_KEYS = st.dictionaries(
    st.sampled_from(["clean_file", "name", "deps", "catgory", "_cache", "x"]), st.text(max_size=5), max_size=4
)
_UIDS = st.sampled_from([None, "", "0123456789abcdef", 6152538690744623, "no"])


@given(
    tags=_TAGS,
    keys=_KEYS,
    uid=_UIDS,
    form=st.sampled_from(["json", "tabs", "yaml", "flow"]),
    crlf=st.booleans(),
    mark=st.booleans(),
)
@settings(max_examples=300)
def test_mending_twice_is_mending_once_and_everything_else_stays(tags, keys, uid, form, crlf, mark):
    import yaml

    meta = {
        "alias": "a",
        "automation_alias": "script",
        "automation_uid": "5b4e0237da074764",
        "uid": uid,
        "tags": tags,
        **keys,
    }
    if form in ("yaml", "flow"):
        text, path = (
            yaml.safe_dump(meta, default_flow_style=form == "flow", allow_unicode=True, sort_keys=False),
            "a/_cm.yaml",
        )
    else:
        text, path = json.dumps(meta, indent="\t" if form == "tabs" else 2), "a/_cm.json"
    content = text.replace("\n", "\r\n" if crlf else "\n").encode()
    content = b"\xef\xbb\xbf" + content if mark else content
    before = documents.parse(path, content).data
    once = mend(path, content, findings(path, content))
    twice = mend(path, once.content, findings(path, once.content))
    assert twice.content == once.content
    after = documents.parse(path, once.content).data
    spelled = [str(tag) for tag in before["tags"] if not isinstance(tag, str) or tag.strip()]
    kept = [str(tag) for tag in after["tags"] if str(tag).strip()]
    assert list(dict.fromkeys(spelled)) == list(dict.fromkeys(kept))
    assert {key: value for key, value in after.items() if key in keys} == {
        key: before[key] for key in keys if key in after
    }
    still = {found.code for found in findings(path, once.content)} - {found.code for found, _ in once.left}
    assert not still & {"CM008", "CM101", "CM106", "CM213"}
    assert once.content.count(b"\r\n") == once.content.count(b"\n") or not crlf


@given(
    st.binary(max_size=200),
    st.sampled_from(sorted(MENDED_CODES)),
    st.sampled_from(["", "/uid", "/tags/0", "/a/b", "/~", "/tags/x"]),
)
def test_no_bytes_and_no_pointer_make_it_raise(content, code, pointer):
    found = Diagnostic(
        code=code,
        severity=all_codes()[code].severity,
        repository="t",
        path="a",
        message="",
        pointer=pointer,
        replacement="b",
    )
    for path in ("a.yaml", "a.json"):
        result = mend(path, content, [found])
        assert len(result.mended) + len(result.left) == 1


def _metas(corpus: str, name: str) -> Iterable[tuple[str, bytes]]:
    folder = corpus_folder(corpus)
    for path in sorted(folder.rglob(name)):
        yield path.relative_to(folder).as_posix(), path.read_bytes()


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("corpus", "name", "format_"), [("cm4mlops", "_cm.yaml", "cm"), ("mlperf-automations", "meta.yaml", "mlc")]
)
def test_metas_of_the_corpora_keep_every_comment_and_every_other_line(corpus, name, format_):
    changed = 0
    for path, content in _metas(corpus, name):
        found = findings(path, content, format_)
        result = mend(path, content, found)
        changed += result.content != content
        touched = {finding.place.line for finding in result.mended if finding.place}
        kept = [line for number, line in enumerate(content.split(b"\n"), 1) if number not in touched]
        lines = iter(result.content.split(b"\n"))
        assert all(any(line == other for other in lines) for line in kept), path
        assert result.content.count(b"#") == content.count(b"#"), path
    assert changed >= {"cm4mlops": 1, "mlperf-automations": 10}[corpus]


@pytest.mark.corpus
@pytest.mark.real_clients
def test_mended_metas_pass_the_check_of_mlc_and_mean_the_same(tmp_path: Path):
    """Defects are put into real metas that the check of `mlc` passes; mended, it passes them again, with equal data."""
    need("mlc")
    script = (
        "import json, sys, yaml\nfrom mlc.meta_schema import validate_meta\n"
        "for line in sys.stdin:\n  path = line.strip()\n"
        "  print(json.dumps(validate_meta(yaml.safe_load(open(path, encoding='utf-8')), path), default=str))\n"
    )

    def check(paths: list[Path]) -> list[str]:
        listed = "\n".join(map(str, paths))
        done = subprocess.run(
            [sys.executable, "-c", script], input=listed, capture_output=True, text=True, check=True, cwd=tmp_path
        )
        return done.stdout.splitlines()[-len(paths) :]

    paths: list[Path] = []
    expected: list[Path] = []
    for number, (path, content) in enumerate(list(_metas("mlperf-automations", "meta.yaml"))[:80]):
        data = documents.parse(path, content).data
        if b"\ntags:\n" not in content or data["automation_alias"] != "script":
            continue
        broken = content.replace(b"\ntags:\n", b"\ntags:\n- x-first\n- x-first\n", 1)
        result = mend(path, broken, findings(path, broken, "mlc"))
        data["tags"] = ["x-first", *dict.fromkeys(data["tags"])]
        assert documents.parse(path, result.content).data["tags"] == data["tags"]
        for kind, text in (("mended", result.content), ("plain", content)):
            (paths if kind == "mended" else expected).append(tmp_path / f"{number}-{kind}.yaml")
            (tmp_path / f"{number}-{kind}.yaml").write_bytes(text)
    assert len(paths) > 50
    before, after = check(expected), check(paths)
    assert [line.replace("plain", "mended") for line in before] == after
