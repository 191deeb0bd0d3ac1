"""Rules about files: links of texts, files named in metas, secrets, and what is stored beside a meta."""

import json
import re
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import comrak
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from cmsite.cli import cli
from cmsite.diagnostics import Diagnostic, Place
from cmsite.formats.links import Link, file_links, link_candidates
from cmsite.pipeline.ingest import OpenedSource
from cmsite.pipeline.validate import Validation, validate_paths, validate_sources
from cmsite.settings import SourceSpec
from cmsite.site import markdown
from cmsite.validation.links import TreeNames, check_links, open_links
from cmsite.validation.secrets import MAX_SCANNED, MAX_SECRETS, find_secrets, masked
from tests.memory_tree import CMR, MemoryTree, script
from tests.requirements import CHECKOUT, corpus_folder

RANDOM = "A7bQ2rT9wZ4kLm6Yx1Vd8NcE5sHj3PuG0oKfXi2MnB5vC8zL1qW4eR7tY9uI0pO3aS6dF"
KEY = "MC4CAQAwBQYDK2VwBCIEIKj2vQ9fT1pYc0LrW8sNhGdXeMu5bZa3oR7iKyBt4PqC"
# No whole secret stands here: who scans this repository shall find none.
SECRETS = {
    "a GitHub token": f"gh{'p_'}{RANDOM[:36]}",
    "a GitLab token": f"gl{'pat-'}{RANDOM[:20]}",
    "a Slack token": f"xo{'xb-'}280714936502-{RANDOM[:24]}",
    "the address of a Slack webhook": f"hooks.slack{'.com/services/'}T01QWRTZP/B01LKJHGD/{RANDOM[:24]}",
    "a Google API key": f"AI{'za'}{RANDOM[:35]}",
    "a Hugging Face token": f"h{'f_'}{RANDOM[:34]}",
    "an OpenAI key": f"s{'k-'}{RANDOM[:20]}T3Blbk{'FJ'}{RANDOM[20:40]}",
    "an Anthropic key": f"s{'k-ant-'}api03-{(RANDOM * 2)[:93]}",
    "a PyPI token": f"py{'pi-'}AgEIcHlwaS5vcmc{RANDOM[:60]}",
    "an npm token": f"np{'m_'}{RANDOM[:36]}",
    "a secret key of AWS": f"AK{'IA'}Q3EGTZ7LMW2NV5XR\nsecret = {RANDOM[:40]}",
    "a private key": f"-----BEGIN {'PRIVATE KEY'}-----\n{KEY}\n6w==\n-----END {'PRIVATE KEY'}-----",
    "a bcrypt hash": f"$2b$12${RANDOM[:53]}",
    "a crypt(5) hash": f"$6$Salt4711${(RANDOM * 2)[:86]}",
    "a yescrypt hash": f"$y$j9T$F5Jx5fExrKuPp53xLKQ..1${RANDOM[:43]}",
    "an Argon2 hash": f"$argon2id$v=19$m=65536,t=2,p=1$gZiV/M1gPc22ElAH$Jh1{RANDOM[:40]}",
    "a password in an address": "postgres://anna:" + "9fK2mQx7@db.team.org/x",
}


def validated(files: Mapping[str, str | bytes]) -> Validation:
    tree = MemoryTree({"cmr.yaml": CMR, **files})
    return validate_sources((OpenedSource(spec=SourceSpec(kind="folder", location="team"), tree=tree),), jobs=1)


def found(files: Mapping[str, str | bytes], code: str) -> list[tuple[str, int, int, str]]:
    return [
        (item.path, item.place.line if item.place else 0, item.place.column if item.place else 0, item.message)
        for item in validated(files).findings
        if item.code.startswith(code)
    ]


def gcc(**files: str | bytes) -> dict[str, str | bytes]:
    named = {f"script/get-gcc/{name.replace('__', '/').replace('_md', '.md')}": text for name, text in files.items()}
    return {"script/get-gcc/_cm.yaml": script("get-gcc", "1111222233334441"), **named}


# Links.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", [("b.md", 1, 5)]),
        ("![a](b.png)", [("b.png", 1, 6)]),
        ("é[a](b.md)", [("b.md", 1, 6)]),
        ("[![a](b.png)](c.md)", [("b.png", 1, 7), ("c.md", 1, 15)]),
        ("[a](<b c.md> 'title')", [("b c.md", 1, 6)]),
        ("[a](b%20c.md#part)", [("b c.md", 1, 5)]),
        ("[a](b(c).md)", [("b(c).md", 1, 5)]),
        ("[a][b]\n\n[B]: c.md", [("c.md", 3, 6)]),
        ("[a][]\n\n[a]: c.md 'title'", [("c.md", 3, 6)]),
        ("[a]\n\n[a]: <c d.md>", [("c d.md", 3, 7)]),
        ("[b]: unused.md", []),
        ("[^1]: note\n\n[^1]", []),
        ("<a class='x' href=\"b.md\">b</a>\n<img src='c.png'>", [("b.md", 1, 20), ("c.png", 2, 11)]),
        ("`[a](b)` [c](d)", [("d", 1, 14)]),
        ("``[a](b)` [c](d)`` [e](f)", [("f", 1, 24)]),
        ("`a\n\n[b](c)`", [("c", 3, 5)]),
        ("```\n[a](b)\n```\n[c](d)", [("d", 4, 5)]),
        ("~~~\n[a](b)\n```\n~~~~\n[c](d)", [("d", 5, 5)]),
        ("- x\n\n    [a](b)", [("b", 3, 9)]),
        ("x\n\n    [a](b)", []),
        ("<!-- [a](b) --> [c](d)", [("d", 1, 21)]),
        ("<pre>[a](b)</pre>", []),
        (r"\[a](b) [c](d)", [("d", 1, 13)]),
        ("[a](https://example.org) [b](#c) [d](mailto:e@f) [g](//h) [i](?j)", []),
        ("[a]({{ b }}) [c](${D}/e) [f](<path>)", [("path", 1, 31)]),
        ("[a](b `c`)", []),
        ("[a](b.md `c`) [d](e)", [("e", 1, 19)]),
        ("[b]:[a](c)", [("c", 1, 9)]),
        ("a [b] (c.md)", []),
        ("[a](b c)", []),
        ("[a](/b.md)", [("/b.md", 1, 5)]),
        ("a\r\n[b](c.md)\r\n", [("c.md", 2, 5)]),
    ],
)
def test_links_to_files_are_found_at_their_place(text, expected):
    assert [(link.target, link.line, link.column) for link in file_links(text)] == expected


def targets_of_renderer(text: str) -> set[str]:
    options = markdown._options("", with_ids=True, with_tables=True, raw=True)
    rendered = html.fromstring(f"<div>{comrak.render_markdown(text, *options)}</div>")
    raw = [unquote(element.get("href" if element.tag == "a" else "src") or "") for element in rendered.iter("a", "img")]
    return {
        target
        for value in raw
        if not re.match(r"[A-Za-z][\w+.-]*:|//|#|\?", value) and "{{" not in value
        if (target := re.split(r"[#?]", value)[0].strip())
    }


def test_the_renderer_finds_the_same_links_in_all_hand_written_pages():
    pages = [*sorted((CHECKOUT / "docs").rglob("*.md")), CHECKOUT / "README.md"]
    texts = [page.read_text("utf-8") for page in pages]
    found_links = {link.target for text in texts for link in file_links(text)}
    assert len(found_links) > 30, "the pages hold links to files"
    for page, text in zip(pages, texts, strict=True):
        assert {link.target for link in file_links(text)} == targets_of_renderer(text), page


PIECES = st.sampled_from(
    [
        "[a](b)",
        "![a](c.png)",
        "[a][b]",
        "[b]:",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "\n\n",
        "\n",
        "-",
        ">",
        "\\",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "<a\thref='x'>",
        "é",
        "%",
        "#",
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=60).map("".join))
def test_every_link_stands_where_it_is_said_to_and_among_the_candidates(text):
    lines = text.split("\n")
    for link in file_links(text):
        assert link.target in link_candidates(text)
        assert link.column <= len(lines[link.line - 1]) + 1
    assert file_links(text) == file_links(text)


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "`",
        "](",
        "[a](",
        "<img ",
        "<!--",
        "\\[",
        "` `` ",
        "[a]: b\n",
        "[a](b) ",
        "```\n",
        "<pre>",
        '[a](x "',
        "[x](a(b",
        "\n \n",
    ],
)
def test_the_time_to_find_links_grows_with_the_text_only(piece):
    def seconds(size: int) -> float:
        text = "[a](b) [c]: d\n\n" + piece * (size // len(piece))
        times = []
        for _ in range(3):
            start = time.process_time()
            file_links(text)
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(400_000) < 24 * seconds(50_000) + 0.05


def test_a_broken_link_is_told_with_what_may_be_meant():
    files = gcc(README_md="See [b](imges/c.png).\n![d](../get-llvm/e.png)", images__c_png="x") | {
        "script/get-llvm/_cm.yaml": script("get-llvm", "1111222233334442"),
        "script/get-llvm/run.sh": "",
        "script/get-gcc/images/c.png": b"png",
    }
    assert found(files, "CM412") == [
        (
            "script/get-gcc/README.md",
            1,
            9,
            "the link 'imges/c.png' leads to 'script/get-gcc/imges/c.png', which is not there",
        ),
        (
            "script/get-gcc/README.md",
            2,
            6,
            "the image '../get-llvm/e.png' leads to 'script/get-llvm/e.png', which is not there",
        ),
    ]
    hints = [item.hint for item in validated(files).findings if item.code == "CM412"]
    assert hints == ["did you mean 'images/c.png'?", "correct the path, or remove the link"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("../get-gcc", ""),
        ("..", ""),
        ("../..", ""),
        ("/cmr.yaml", ""),
        ("/script/get-gcc/", ""),
        ("run.sh", ""),
        ("./docs/../run.sh", ""),
        ("README.md#anything", ""),
        ("Run.sh", "CM413"),
        ("../../CMR.yaml", "CM413"),
        ("../../..", "CM414"),
        ("../../../x", "CM414"),
        ("/../x", "CM414"),
        ("gone.md", "CM412"),
        ("/gone.md", "CM412"),
        ("docs\\run.sh", "CM412"),
    ],
)
def test_what_a_link_may_lead_to(target, code):
    files = gcc(README_md=f"[a](<{target}>)", **{"run.sh": "x"}) | {"LICENSE": "x"}
    codes = [item.code for item in validated(files).findings]
    assert codes == ([code] if code else [])


def test_texts_that_no_page_shows_are_not_looked_at():
    files = gcc(**{"docs__more_md": "[a](gone.md)", "README.txt": "[a](gone.md)"})
    assert found(files, "CM41") == []


def test_a_link_to_a_name_that_was_left_out_is_no_broken_one():
    link = Link(target="sub/x", line=1, column=1)
    artifact = next(iter(validated(gcc(README_md="[a](sub/x)")).catalog.artifacts.values()))
    (item,) = open_links(artifact, "", [text_of("README.md", "[a](sub/x)")])
    assert item.link.target == link.target
    names = TreeNames(["script/get-gcc/README.md"])
    assert [found.code for found in check_links([item], names, frozenset())] == ["CM412"]
    assert list(check_links([item], names, frozenset({"script/get-gcc/sub"}))) == []


def text_of(name: str, text: str):
    from cmsite.formats.written import WrittenText

    return WrittenText(name=name, folder="script/get-gcc", text=text, by_hand=True)


# Files named in metas.


@pytest.mark.parametrize(
    ("rest", "names", "messages"),
    [
        ("script_name: install\n", ["install.sh"], 0),
        ("script_name: install\n", ["install.bat"], 0),
        ("script_name: install\n", ["install-ubuntu.sh"], 0),
        ("script_name: install\n", ["sub/install.sh"], 1),
        ("script_name: install\n", ["other.sh"], 1),
        ("script_name: ''\n", ["run.sh"], 0),
        ("script_name: 7\n", ["run.sh"], 0),
        ("script_name: <<<X>>>\n", ["run.sh"], 0),
        ("variations: {a: {script_name: x}, b: 7, c: {script_name: run}}\n", ["run.sh"], 1),
        ("versions: {'1': {script_name: x}}\n", ["run.sh"], 1),
        ("variations: [a]\n", ["run.sh"], 0),
        ("", [], 0),
    ],
)
def test_the_program_that_a_script_names_has_to_be_there(rest, names, messages):
    files = {"script/a/_cm.yaml": script("a", "1111222233334441", rest=rest)}
    assert len(found(files | {f"script/a/{name}": "x" for name in names}, "CM411")) == messages


def test_in_an_extract_of_metas_no_file_is_missed():
    meta = script("a", "1111222233334441", rest="script_name: install\n")
    extract = {"script/a/_cm.yaml": meta, "script/a/README.md": "x", "script/b/_cm.json": "{}"}
    assert found(extract, "CM411") == []
    assert len(found(extract | {"script/b/run.sh": "x"}, "CM411")) == 1


def ck(automation: str, meta: str, **files: str) -> dict[str, str | bytes]:
    folder = f"{automation}/x"
    info = (
        '{"backup_data_uid": "1111222233334441", "backup_module_uid": "1111222233334442", "backup_module_uoa": "AUTO"}'
    )
    return {
        ".ckr.json": '{"data_alias": "r", "data_uid": "1111222233334443", "dict": {}}',
        f"{folder}/.cm/meta.json": meta,
        f"{folder}/.cm/info.json": info.replace("AUTO", automation),
        f"{folder}/main.c": "int main() {}",
        **{f"{folder}/{name}": text for name, text in files.items()},
    }


@pytest.mark.parametrize(
    ("automation", "meta", "count"),
    [
        ("program", '{"source_files": ["main.c"]}', 0),
        ("program", '{"source_files": ["main.c", "gone.c"]}', 1),
        ("program", '{"source_files": ["$<<X>>$/gone.c", "/abs.c", "../up.c", 7, ""]}', 0),
        ("program", '{"source_files": "gone.c"}', 0),
        ("package", '{"process_script": "install"}', 1),
        ("package", '{"process_script": "install", "use_scripts_from_another_entry": {"data_uoa": "x"}}', 0),
        ("dataset", '{"dataset_files": ["main.c", "stem", "gone.bin"]}', 1),
        ("soft", '{"source_files": ["gone.c"]}', 0),
    ],
)
def test_the_files_that_a_ck_entry_names_have_to_be_there(automation, meta, count):
    files = ck(automation, meta)
    tree = MemoryTree(files)
    source = OpenedSource(spec=SourceSpec(kind="folder", location="r"), tree=tree)
    assert [item.code for item in validate_sources((source,), jobs=1).findings].count("CM411") == count


# Secrets.


@pytest.mark.parametrize("what", SECRETS)
def test_every_kind_of_secret_is_found_and_covered(what):
    text = f"before\n  x: '{SECRETS[what]}'\nafter"
    (secret,) = find_secrets(text.encode())
    assert secret.what == what
    covered = masked(text)
    assert RANDOM[:16] not in covered
    assert KEY[:16] not in covered
    assert "9fK2mQx7" not in covered
    assert len(covered) == len(text)
    assert covered.startswith("before\n  x: '")
    assert covered.endswith("'\nafter") or what == "a password in an address"
    assert covered.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "ghp_" + "x" * 36,
        "hf_" + "a" * 34,
        "hf_<your_token_here_your_token_here_yo>",
        "ghp_$TOKEN",
        "ghp_exampleexampleexampleexampleexample1",
        "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AKIAQ3EGTZ7LMW2NV5XR alone",
        "AKIAQ3EGTZ7LMW2NV5XR 4d7a214614ab2935c943f9e0ff69d22eadbb8f32",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\n" + KEY + "\n-----END PUBLIC KEY-----",
        "$2b$12$short",
        "https://user:password@example.org/x",
        "https://user:$PASSWORD@files.team.org/x",
        "postgres://postgres:postgres@db.team.org/x",
        "https://user:9fK2mQx7@localhost/x",
        "https://x-access-token:${{ secrets.TOKEN }}@github.com/a/b",
        "task-runner-with-a-long-name-of-many-words",
        "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393",
        "some_module_name_that_is_very_long_indeed_and_more",
        "prefix_ghp_" + RANDOM[:36],
    ],
)
def test_placeholders_and_what_only_looks_like_a_secret_are_left_alone(text):
    assert find_secrets(text.encode()) == ()
    assert masked(text) == text


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "github", "junit"])
def test_a_secret_is_in_no_report(tmp_path, format_):
    files = gcc(**{"run.sh": "# é\nexport T=" + SECRETS["a Hugging Face token"] + "\n"})
    for name, content in {"cmr.yaml": CMR, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(content), "utf-8")
    (item,) = [item for item in validate_paths([tmp_path], (), jobs=1).findings if item.code == "CM422"]
    assert item.place == Place(line=2, column=10)
    result = CliRunner().invoke(cli, ["validate", "--format", format_, str(tmp_path)])
    assert "CM422" in result.output
    assert RANDOM[:8] not in result.output
    assert ("export T=*****" in result.output) == (format_ == "text")


def test_a_message_that_quotes_a_value_quotes_no_secret():
    token = SECRETS["a GitLab token"]
    result = validated({"script/a/_cm.yaml": script("a", "1111222233334441", rest=f"cache: '{token}'\n")})
    assert any(item.code == "CM422" for item in result.findings)
    quoting = [item for item in result.findings if item.code not in ("CM422", "CM2")]
    assert all(token not in item.message + item.hint for item in result.findings)
    assert quoting or len(result.findings) == 1


def test_of_a_large_file_only_the_first_part_is_looked_at_and_not_more_than_a_few_are_told():
    token = SECRETS["a Hugging Face token"].encode()
    assert find_secrets(b"x" * MAX_SCANNED + b" " + token) == ()
    assert len(find_secrets((token + b"\n") * 100)) == MAX_SECRETS
    assert found(gcc(**{"data.csv": b"x" * (MAX_SCANNED + 1) + b" " + token}), "CM42") == []


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from([*SECRETS.values(), "x", "\n", "é", "=", " "]), max_size=8).map("".join).map(str.encode)
)
def test_looking_for_secrets_never_fails_and_covering_them_keeps_the_length(content):
    secrets = find_secrets(content)
    assert [item.start for item in secrets] == sorted(item.start for item in secrets)
    assert all(before.end <= after.start for before, after in pairwise(secrets))
    text = content.decode("utf-8", "replace")
    assert len(masked(text)) == len(text)


@given(st.text(max_size=200))
def test_any_text_can_be_covered(text):
    assert len(masked(text)) == len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "-----BEGIN PRIVATE KEY-----",
        "AKIA" + "A" * 16 + " ",
        "://a:bcdefg",
        "$2b$",
        "_" + "a" * 35,
        "xoxb-",
        "-" * 10,
        "://",
    ],
)
def test_the_time_to_look_for_secrets_grows_with_the_file_only(piece):
    def seconds(size: int) -> float:
        content = (piece * (size // len(piece))).encode()
        start = time.process_time()
        find_secrets(content)
        return time.process_time() - start

    assert min(seconds(400_000) for _ in range(3)) < 24 * min(seconds(50_000) for _ in range(3)) + 0.05


# What is stored beside a meta.


def test_left_overs_are_told_once_for_each_artifact():
    files = gcc(**{"__pycache__x": "", "a.pyc": "", "b.orig": "", "run.sh~": "", ".DS_Store": "", "tmp-run.sh": ""})
    ((path, _, _, message),) = found(files, "CM427")
    assert path == "script/get-gcc/.DS_Store"
    assert message == "programs left files behind that are of no use to others: .DS_Store, a.pyc, b.orig and 2 more"


@pytest.mark.parametrize(
    "name", ["original.py", "swap.swift", "tmp.py", "README.md", "run-tmp.sh", "x.origin", "thumbs"]
)
def test_files_with_names_like_left_overs_stay_unmentioned(name):
    assert found(gcc(**{name: "x"}), "CM427") == []


def test_a_pointer_of_git_lfs_is_told_from_a_text_about_it():
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    assert [item[0] for item in found(gcc(**{"model.onnx": pointer}), "CM426")] == ["script/get-gcc/model.onnx"]
    assert found(gcc(**{"model.txt": "About " + pointer}), "CM426") == []
    assert found(gcc(**{"model.txt": pointer + "x" * 1000}), "CM426") == []


# Real repositories.


def places(name: str, code: str) -> list[tuple[str, int]]:
    result = validate_paths([corpus_folder(name)], (), jobs=1)
    return [(item.path, line_of(item)) for item in result.findings if item.code == code]


def line_of(item: Diagnostic) -> int:
    return item.place.line if item.place else 0


@pytest.mark.corpus
def test_the_password_hash_of_a_public_challenge_is_found_at_its_line():
    assert places("cm4mlops", "CM423") == [("challenge/repro-mlperf-inf-v3.0-orin/_cm.json", 12)]
    assert [line for _, line in places("ck", "CM423")] == [12, 12]


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["cm4mlops", "mlperf-automations", "ck", "ck-mlops"])
def test_no_file_is_missed_in_the_corpora_which_hold_metas_only(name):
    result = validate_paths([corpus_folder(name)], (), jobs=1)
    assert not [item for item in result.findings if item.code in ("CM411", "CM412", "CM413", "CM414")]
    assert all(repository.metas_only for repository in result.scan.repositories), name


def test_this_file_holds_no_secret():
    assert find_secrets(Path(__file__).read_bytes()) == ()


# Names, licences and READMEs of a whole repository.


@pytest.mark.parametrize(
    ("paths", "code", "expected"),
    [
        (["docs/a.md", "docs/A.md"], "CM418", ["docs/a.md"]),
        (["docs/a/x", "docs/A/y"], "CM418", ["docs/a"]),
        (["docs/caf\u00e9.md", "docs/cafe\u0301.md"], "CM418", ["docs/caf\u00e9.md"]),
        (["docs/stra\u00dfe", "docs/STRASSE"], "CM418", ["docs/stra\u00dfe"]),
        (["docs/a", "DOC/a", "other/A"], "CM418", []),
        (["docs/aux.md", "docs/CON", "docs/com1.txt", "docs/auxiliary.md", "docs/beacon.py"], "CM419", ["docs/CON", "docs/aux.md", "docs/com1.txt"]),
        (["docs/a<b", "docs/a?", "docs/a|b", "docs/end.", "docs/end ", "docs/x:y"], "CM419", 6),
        (["nul/x.md"], "CM419", ["nul"]),
        (["docs/a.b.c", "docs/a b", "docs/.hidden", "docs/\u00e9"], "CM419", []),
        (["d/" * 100 + "a" * 60], "CM420", ["d/" * 100 + "a" * 60]),
        (["d/" * 100 + "a" * 56], "CM420", []),
        (["d/" * 100 + "\U0001f600" * 29], "CM420", ["d/" * 100 + "\U0001f600" * 29]),
    ],
)  # fmt: skip
def test_names_that_other_systems_cannot_hold(paths, code, expected):
    told = [path for path, *_ in found(gcc() | dict.fromkeys(paths, "x"), code)]
    assert len(told) == expected if isinstance(expected, int) else told == expected


def test_within_an_artifact_the_rule_about_its_files_tells_of_names_once():
    files = gcc(**{"a.txt": "x", "A.txt": "y", "aux.md": "z", "what?": "w"})
    codes = sorted(item.code for item in validated(files).findings if item.code in ("CM405", "CM418", "CM419"))
    assert codes == ["CM405", "CM405", "CM419"]


def five() -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {"script/s0/run.sh": "x"}
    return files | {
        f"script/s{number}/_cm.yaml": script(f"s{number}", f"111122223333444{number}") for number in range(5)
    }


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 1),
        ({"LICENSE": "x"}, 0),
        ({"COPYING.txt": "x"}, 0),
        ({"LICENSES/MIT.txt": "x"}, 0),
        ({"docs/LICENSE": "x"}, 1),
        ({"cmr.yaml": CMR + "license: MIT\n"}, 0),
    ],
)
def test_a_repository_has_a_licence_file_or_says_its_licence(files, count):
    assert len(found(five() | files, "CM416")) == count
    assert found(gcc(**{"run.sh": "x"}) | files, "CM416") == [], "a repository that is just begun is not asked"


def test_a_licence_above_a_repository_counts_and_an_extract_of_metas_is_not_judged():
    inner = {f"inner/{path}": content for path, content in {"cmr.yaml": CMR, **five()}.items()}
    source = OpenedSource(spec=SourceSpec(kind="folder", location="x"), tree=MemoryTree({**inner, "LICENSE": "x"}))
    assert "CM416" not in {item.code for item in validate_sources((source,), jobs=1).findings}
    assert found({path: text for path, text in five().items() if not path.endswith(".sh")}, "CM416") == []


@pytest.mark.parametrize(
    ("license_", "meant"),
    [
        ("MIT", None),
        ("mit", None),
        ("Apache-2.0 OR GPL-3.0-or-later WITH GCC-exception-3.1", None),
        ("LicenseRef-ours", None),
        ("NOASSERTION", None),
        ("[MIT]", None),
        ("7", None),
        ("Apache 2.0", "Apache-2.0"),
        ("The MIT License", "MIT"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("GNU GPL v3", "GPL-3.0-only"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("see LICENSE", ""),
        ("MIT OR", ""),
        ("(" * 150 + "MIT" + ")" * 40, ""),
        ("x" * 100_000, ""),
    ],
)
def test_a_licence_is_an_expression_of_spdx(license_, meant):
    files = {"script/a/_cm.yaml": script("a", "1111222233334441", rest=f"license: {license_}\n")}
    told = [item for item in validated(files).findings if item.code == "CM417"]
    assert [item.place for item in told] == ([] if meant is None else [Place(line=6, column=1)])
    if meant:
        assert told[0].hint == f"did you mean {meant!r}?"
    assert all(len(item.message) < 200 for item in told)


@pytest.mark.parametrize(("with_readme", "without", "notes"), [(3, 1, 1), (2, 1, 0), (0, 4, 0), (4, 0, 0), (30, 8, 1)])
def test_a_readme_is_missed_where_nearly_all_of_a_kind_have_one(with_readme, without, notes):
    files: dict[str, str | bytes] = {"script/s0/run.sh": "x"}
    for number in range(with_readme + without):
        files[f"script/s{number}/_cm.yaml"] = script(f"s{number}", f"11112222333344{number:02}")
        if number < with_readme:
            files[f"script/s{number}/README.md"] = "Says what it is for."
    told = found(files, "CM415")
    assert len(told) == notes
    assert all(
        message.startswith(f"{without} of {with_readme + without} artifacts of kind script ha") for *_, message in told
    )


def test_experiments_and_extracts_need_no_readme():
    files = {"experiment/a/_cm.yaml": script("a", "1111222233334441"), "experiment/a/x.py": "x"}
    assert found(files, "CM415") == []


# Records of results.


@pytest.mark.parametrize(
    ("points", "files", "count"),
    [
        ('"2"', 2, 0),
        ("2", 2, 0),
        ('"2"', 1, 1),
        ('"2"', 3, 1),
        ('"2"', 0, 1),
        ('"x"', 2, 0),
        ("true", 2, 0),
        ("[1]", 2, 0),
        ("-1", 2, 0),
        ('"' + "9" * 5000 + '"', 2, 0),
    ],
)
def test_declared_points_are_counted(points, files, count):
    entry = ck("experiment", f'{{"points": {points}}}')
    for number in range(files):
        for part in ("0001.json", "features.json"):
            entry[f"experiment/x/ckp-111122223333444{number}.{part}"] = "{}"
    source = OpenedSource(spec=SourceSpec(kind="folder", location="r"), tree=MemoryTree(entry))
    told = [item for item in validate_sources((source,), jobs=1).findings if item.code == "CM525"]
    assert len(told) == count


def test_an_extract_without_files_of_points_is_not_judged():
    entry = {path: text for path, text in ck("experiment", '{"points": "2"}').items() if not path.endswith(".c")}
    source = OpenedSource(spec=SourceSpec(kind="folder", location="r"), tree=MemoryTree(entry))
    assert "CM525" not in {item.code for item in validate_sources((source,), jobs=1).findings}


@pytest.mark.parametrize(
    ("unit", "count"), [("Samples/s", 0), ("furlongs", 1), ("", 1), (7, 1), ("x" * 500, 1), (["a"], 1)]
)
def test_the_direction_of_a_result_follows_from_its_unit(unit, count):
    rows = [{"uid": f"b7c4a1d2e3f4051{number}", "Model": "m", "Result": 1.5, "Units": unit} for number in range(3)]
    meta = (
        script("a", "1111222233334441").replace("script", "experiment").replace("5b4e0237da074764", "a0a2d123ef064bcb")
    )
    told = found({"experiment/a/_cm.yaml": meta, "experiment/a/x/cm-result.json": json.dumps(rows)}, "CM527")
    assert len(told) == count
    assert all(message.startswith("3 rows have a result") and len(message) < 250 for *_, message in told)


@pytest.mark.corpus
def test_every_unit_of_the_published_results_has_a_direction():
    result = validate_paths([corpus_folder("cm4mlperf-results")], (), jobs=1)
    assert not [item for item in result.findings if item.code == "CM527"]


def test_the_licence_of_a_descriptor_is_checked_too():
    told = found(gcc() | {"cmr.yaml": CMR + "license: Apache 2\n"}, "CM417")
    assert told == [("cmr.yaml", 3, 1, "the licence 'Apache 2' is no SPDX expression")]
