"""The one line of each artifact: what a person wrote where somebody did, readable words where nobody did."""

import re
import time
from functools import cache
from typing import Any

import pytest

from cmsite.formats.prose import MAX_SENTENCE, first_sentence
from cmsite.formats.summary import with_summary
from cmsite.model.artifact import Artifact
from cmsite.pipeline.ingest import Outcome, ReadingWork, open_sources, read_artifacts, scan
from cmsite.settings import SourceSpec
from cmsite.validation.rules import bundled_rules
from tests.catalog_factory import Tree, script
from tests.requirements import CHECKOUT, corpus_folder

# What READMEs of real repositories look like, in our own words: text, and its line ("" where it describes nothing).
TEXTS = (
    ("# Get X\nThis [CM script](https://e.org) finds the X of a system.\n\n## Exported\n", "Finds the X of a system."),
    ("This is a universal tool to count things. It is fast.", "Universal tool to count things."),
    ("# About\n\nThis portable CM script is a wrapper of the official count tool.", "Wrapper of the official count tool."),
    ("You can use this script to pack any of the folders.", "Pack any of the folders."),
    ("[![Build](https://e.org/b.svg)](https://e.org)\n![logo](l.png)\n\nMeasures how fast a disk answers.\n", "Measures how fast a disk answers."),
    ("<p align='center'><img src='x.png'></p>\n\n<b>Measures</b> how fast a disk&nbsp;answers.", "Measures how fast a disk answers."),
    ("<details>\n<summary>Click here to see the table of contents.</summary>\n\nA list of all the parts.\n\n</details>\n\nTrains a small model on text.", "Trains a small model on text."),
    ("## Install\n\nGet the newest wheel of the tool first.\n\n### On Linux\n\nAnother way needs four words.\n\n## About\n\nTrains a small model on text.", "Trains a small model on text."),
    ("# Build images of CM\n\nThis script builds images of any size.", "Builds images of any size."),
    ("Please see https://e.org/docs for the documentation of this.", ""),
    ("```bash\ncm run script this is no prose at all\n```\nwhere `[X]` is one of the known four", ""),
    ("# Examples\n\nwhere one of these is the name", ""),
    ("This script is a work in progress and may change.", ""),
    ("https://example.org/a/place/and/nothing/else and some more words", ""),
    ("# Interface to download files in one way on any system\n\n## Use\n\n```\nx\n```\n", "Interface to download files in one way on any system"),
    ("# CM script\n\n```\nx\n```\n", ""),
    ("20240129: somebody changed the way it works", ""),
    ("This script prints what it was given:\n\n```\nx\n```", "Prints what it was given."),
    ("Title of it\n===========\n\nReads the `CM_X_PATH` of e.g. a folder named my_files. Then ends.", "Reads the CM_X_PATH of e.g. a folder named my_files."),
    ("get-cuda collects what is known of each device.", "get-cuda collects what is known of each device."),
    ("| a | b |\n|---|---|\n| one two three four five | x |\n\n* a list of more than four words\n\n> a quote of more than four words", ""),
    ("", ""),
    ("\ufeff# About\n\nConverts raw numbers to tables\nof any width.", "Converts raw numbers to tables of any width."),
)  # fmt: skip


@pytest.mark.parametrize(("text", "line"), TEXTS)
def test_the_first_sentence_that_describes_is_found(text: str, line: str) -> None:
    assert first_sentence(text.removeprefix("\ufeff")) == line


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "![" * 50_000,
        "`" * 100_000,
        "`a" * 50_000,
        "<" * 100_000,
        "<!--" * 30_000,
        "<details>" * 20_000,
        "*_" * 50_000,
        "this cm script is being developed by " + "a " * 50_000,
        "a. " * 50_000,
        "# x\n" * 50_000,
        "x\n===\n" * 30_000,
        ":a" * 50_000,
        "\u202e\x00 one two three four.",
        "one " * 50_000,
    ],
)
def test_hostile_texts_take_no_time_and_give_one_short_line(text: str) -> None:
    start = time.process_time()
    line = first_sentence(text)
    assert time.process_time() - start < 0.2
    assert len(line) <= MAX_SENTENCE
    assert "\n" not in line


def summarised(files: dict[str, str] | None = None, alias: str = "one", **fields: Any) -> Artifact:
    tree = Tree()
    contents = {name: text.encode() for name, text in (files or {}).items()}
    artifact = tree.add(script(alias, 1, contents, **fields), contents)
    return with_summary(artifact, lambda path: tree.read(artifact, path))


def test_the_meta_comes_first_then_the_text_that_says_what_it_is() -> None:
    files = {
        "README.md": "This folder holds a generated text.\n\n*Automatically generated*",
        "README-extra.md": "The extra text says this much.",
        "README-about.md": "The text about it says more.",
    }
    assert summarised(files, name="A name").summary == "A name"
    assert summarised(files, description="What it is").summary == "What it is"
    assert summarised(files, name="one").summary == "The text about it says more."  # Its alias says nothing.
    assert summarised(files).summary == "The text about it says more."
    del files["README-about.md"]
    assert summarised(files).summary == "The extra text says this much."
    del files["README-extra.md"]
    assert summarised(files).summary_derived


def test_a_vanished_file_and_one_that_is_no_text_do_no_harm() -> None:
    artifact = script("one", 1, {"README.md": b"x"})
    assert with_summary(artifact, lambda path: Tree().read(artifact, path)).summary_derived
    tree = Tree()
    binary = {"README.md": bytes(range(256)) * 10}
    artifact = tree.add(script("one", 1, binary), binary)
    assert with_summary(artifact, lambda path: tree.read(artifact, path)).summary


@cache
def corpus(name: str) -> tuple[Artifact, ...]:
    opened = open_sources((SourceSpec(kind="folder", location=str(corpus_folder(name))),), (), CHECKOUT)
    rules = bundled_rules()
    work = ReadingWork(scan=scan(opened, rules), rules=rules, registry_id="0" * 32, packing=None)
    outcomes: list[Outcome] = read_artifacts(work, jobs=1)
    return tuple(outcome.artifact for outcome in outcomes if outcome.artifact is not None)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["cm4mlops", "mlperf-automations", "ck-mlops", "ck", "cm4mlperf-results"])
def test_every_artifact_of_the_corpora_has_a_line_that_reads_well(name: str) -> None:
    artifacts = corpus(name)
    for artifact in artifacts:
        assert artifact.summary == " ".join(artifact.summary.split()), artifact.key
        assert 3 <= len(artifact.summary) <= MAX_SENTENCE, artifact.key
        if artifact.summary_derived:
            assert not re.search(r"\b[a-z]+-[a-z]+-[a-z]+-[a-z]+\b", artifact.summary.partition(":")[0]), (
                artifact.summary
            )
    if name == "cm4mlops":
        scripts = [artifact for artifact in artifacts if artifact.key.automation == "script"]
        assert len(scripts) == 295
        assert (
            sum(not artifact.summary_derived for artifact in scripts) == 20
        )  # Those with a `name`; no README is there.
        lines = {artifact.alias: artifact.summary for artifact in scripts}
        assert lines["get-llvm"] == "Detect or install LLVM compiler"
        assert lines["get-dataset-criteo"].startswith("Script to get the dataset Criteo: AI/ML datasets")
        assert len(set(lines.values())) == len(lines)
    if name == "cm4mlperf-results":
        line = "Experiment: MLPerf inference, v3.1, datacenter, closed, language processing, server"
        assert sum(artifact.summary == line for artifact in artifacts) == 1


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"alias": "get-ml-model-bert", "category": "AI/ML models"}, "Script to get the ML model BERT: AI/ML models"),
        ({"alias": "app-mlperf-inference"}, "Application script: MLPerf inference"),
        ({"alias": "Ann-Marie Lee", "automation": "contributor"}, "Contributor: Ann-Marie Lee"),
        ({"alias": "a--b-c", "automation": "experiment"}, "Experiment: a, b c"),
        ({"alias": "lib.boost-1.64", "automation": "soft", "tags": ("v1.64", "cpp")}, "Software detection: lib boost 1.64, tagged cpp"),
        ({"alias": "---", "automation": "data"}, "Data: ---"),
        ({"alias": "x" * 500}, "Script: " + "x" * 231 + "…"),
    ],
)  # fmt: skip
def test_words_made_of_a_name_read_well(fields: dict[str, Any], line: str) -> None:
    artifact = summarised(**{"tags": (), **fields})
    assert artifact.summary_derived
    assert artifact.summary == line
