"""Odd spellings of values: told and marked, never merged, and quiet about versions, sizes and models."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.results.row_checks import MAX_SPELLINGS, check_rows
from cmsite.results.row_marks import Mark
from cmsite.results.spellings import MAX_LENGTH, MAX_VALUES, spellings
from tests.test_experiment_corpus import experiments, table
from tests.test_experiment_tables import Experiments, row


@pytest.mark.parametrize(
    ("odd", "usual"),
    [
        ("cTuning", "CTuning"),
        ("languge-processing", "language-processing"),
        ("Intel Xeon Platium 8380", "Intel Xeon Platinum 8380"),
        ("STMicrolectronics", "STMicroelectronics"),
        ("bare-mental", "bare metal"),
        ("120MHz", "120 MHz"),
        ("NUCLEO-L4R5ZI", "NUCLEO_L4R5ZI"),
        (" Ubuntu", "Ubuntu"),
    ],
)
def test_what_is_another_spelling_is_told(odd: str, usual: str):
    (found,) = spellings({usual: 20, odd: 2, "something else": 9})
    assert (found.value, found.rows, found.usual, found.usual_rows) == (odd, 2, usual, 20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v3.0", "v3.1"),
        ("NVIDIA A100-SXM-80GB", "NVIDIA H100-SXM-80GB"),
        ("Xeon Platinum 8480+", "Xeon Platinum 8480C"),
        ("Xeon Platinum 8592", "Xeon Platinum 8592V"),
        ("resnet50_bootstrapnasA", "resnet50_bootstrapnasB"),
        ("with GPU support", "with CPU support"),
        ("SRAM", "RAM"),
        ("eFlash", "Flash"),
        ("bert-base", "obert-base"),
        ("MIL library", "MILT library"),
        ("1 2", "12"),
        ("2-1", "21"),
        ("TensorRT 8.5", "TensorRT 8.6"),
        ("servers", "server"),
        ("Platium Platium", "Platinum Platinum"),
    ],
)
def test_what_may_be_another_thing_is_not(one: str, other: str):
    assert spellings({one: 100, other: 1}) == ()
    assert spellings({one: 1, other: 100}) == ()


def test_nobody_can_tell_which_of_two_equally_frequent_spellings_is_odd():
    assert spellings({"Pytorch": 5, "PyTorch": 5}) == ()
    assert (
        spellings({"language": 5, "languge": 3}) == ()
    )  # A letter is less sure than a case: twice as frequent, or none.


def test_columns_of_many_and_long_values_are_left_alone():
    many = {f"word{'x' * number}": 1 for number in range(MAX_VALUES)}
    assert spellings({**many, "a": 9, "A": 1}) == ()
    assert spellings({"a" * (MAX_LENGTH + 1): 9, "A" * (MAX_LENGTH + 1): 1}) == ()
    hostile = {" ".join(["abcdef"] * 20) + f" {chr(97 + number % 26)}{number}": number for number in range(MAX_VALUES)}
    spellings(hostile)


@given(st.dictionaries(st.text(alphabet="abcAB 1-_é", max_size=9), st.integers(1, 9), max_size=12))
def test_an_odd_value_is_always_the_rarer_one_and_the_order_does_not_matter(counts: dict[str, int]):
    found = spellings(counts)
    assert all(item.rows == counts[item.value] < counts[item.usual] == item.usual_rows for item in found)
    assert found == spellings(dict(reversed(counts.items())))


ROWS = [row(number, Organization="Team", framework="PyTorch") for number in range(1, 5)] + [
    row(8, Organization="team", framework="Pytorch"),
    row(9, Organization="Taem", framework="<b>"),
]


def test_rows_are_marked_and_kept_and_each_value_is_a_finding_once():
    made = Experiments({"e": ROWS})
    found = [item for item in check_rows(made.tables) if item.code == "CM518"]
    assert [item.message for item in found] == [
        "the submitters 'Team' (4 rows) and 'team' (1 row) differ in nothing but case; they are kept apart",
        "framework 'Pytorch' (1 row) looks like another spelling of 'PyTorch' (4 rows); they are kept apart"
        if "framework" in {column.name for column in made.table.columns}
        else "Framework 'Pytorch' (1 row) looks like another spelling of 'PyTorch' (4 rows); they are kept apart",
    ]
    assert all(item.severity.word == "note" and item.hint and item.path.endswith(".json") for item in found)
    assert made.table.counts[Mark.SPELLING] == 1
    marked = [quality for quality, uid in zip(made.table.texts("Quality"), made.table.texts("Submitter"), strict=True) if uid == "team"]  # fmt: skip
    assert marked == ["spelling"]
    assert Counter(made.table.texts("Framework")) == {"PyTorch": 4, "Pytorch": 1, "<b>": 1}
    page = made.files()["results/experiments/inference/index.html"].content.decode()
    assert "2 values that look like another spelling of a more frequent one" in page
    assert "<td>Pytorch</td>" in page
    assert "<td><b></td>" not in page


def test_findings_of_one_table_are_bounded_and_the_rest_is_counted():
    rows: list[dict[str, Any]] = []
    for number in range(MAX_SPELLINGS + 7):
        name = f"key{number}"
        rows += [row(10 * number + turn, **{name: "Alpha" if turn else "alpha"}) for turn in range(3)]
    found = [item for item in check_rows(Experiments({"e": rows}).tables) if item.code == "CM518"]
    assert len(found) == MAX_SPELLINGS
    assert found[-1].message.endswith("; the table has 7 more such values")


@pytest.mark.corpus
def test_what_is_told_of_the_corpus_is_right():
    """Each was looked at: 55 values are spelled in another way elsewhere in their column, and none is another thing."""
    counts = {found.name: sum(len(items) for items in found.spellings.values()) for found in experiments().tables}
    assert counts == {"inference": 14, "tiny": 16, "training": 25}
    assert {item.value for item in table("inference").spellings["Submitter"]} == {"cTuning"}
    assert {item.value for item in table("tiny").spellings["Submitter"]} == {"STMicrolectronics"}
    assert "Intel(R) Xeon(R) Platium 8380" in {item.value for item in table("inference").spellings["Processor"]}
    assert all("Version" not in found.spellings and "Model" not in found.spellings for found in experiments().tables)
    assert [found.counts[Mark.SPELLING] for found in experiments().tables] == [2_199, 94, 142]
