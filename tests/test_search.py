"""Searching documents: what is found, in what order, and that lines which are never parsed do not matter."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.client.query import Query, parse_query
from cmsite.client.search import Answer, relevant, scan
from cmsite.errors import UsageError
from cmsite.index.documents import documents_of, keys_of
from cmsite.index.lines import emit_record, parse_record
from cmsite.index.records import Record, Status
from cmsite.index.strict import parse_json
from tests.index_values import record


def found(records: list[Record], *words: str, **more: str) -> list[str]:
    return [hit.record.alias for hit in scan(records, parse_query(words, **more)).hits]


def test_keys_of_a_record():
    one = record(
        "Get-Thing3",
        automation="Script.x",
        tags=("Open-Images", "_odd"),
        description="Finds 7 things",
        words=("extra",),
        variations=("cpu.#",),
        authors=("Ada King-Noel",),
        has=("results",),
    )
    assert keys_of([one]) == {
        "get": 3, "thing3": 3, "thing": 3, "getthing3": 3, "getthing": 3,
        "open": 2, "images": 2, "openimages": 2, "odd": 2,
        "finds": 1, "7": 1, "things": 1, "extra": 1, "script": 1, "x": 1,
        "#Open-Images": 3, "#_odd": 3, "_cpu.#": 3, "@ada": 3, "@king": 3, "@noel": 3, "!results": 3,
        ":script.x": 3, ":5b4e0237da074764": 3, "/team": 3,
    }  # fmt: skip


def test_the_exact_alias_stands_first():
    some = [record("get-coco-big"), record("coco2014"), record("coco"), record("x", tags=("coco",))]
    assert found(some, "coco") == ["coco", "coco2014", "get-coco-big", "x"]
    assert found(some, "get-coco-big")[0] == "get-coco-big"


def test_a_document_has_the_words_and_tags_of_all_copies():
    one = record("get-coco", tags=("get",), description="")
    copy = replace(one, repository="copy", rank=1, tags=("dataset",), alias="coco-set", folder="coco-set")
    (hit,) = scan([copy, one], parse_query(["set"], "get,dataset")).hits
    assert (hit.record, hit.others) == (one, (copy,))
    assert found([copy, one], tags="get,-dataset") == []
    assert found([replace(copy, status=Status.REMOVED), one], tags="get,-dataset") == ["get-coco"]


def test_what_stands_behind_a_blank_in_a_tag_is_no_beginning():
    some = [record("zz-zz", tags=("a blue",), description=""), record("x", tags=("blue",), description="")]
    assert found(some, "blue") == ["x", "zz-zz"]


def test_facets():
    some = [
        record("a", authors=("Ada King",), variations=("cpu",)),
        record("b", has=("results",), repository="Other", automation="data", automation_uid=""),
    ]
    assert found(some, "author:KING") == ["a"]
    assert found(some, author="ada king") == ["a"]
    assert found(some, author="bob") == []
    assert found(some, "has:results") == ["b"]
    assert found(some, "repository:Other") == ["b"]
    assert found(some, "automation:Data", "b") == ["b"]
    assert found(some, tags="_cpu") == ["a"]
    assert found(some, tags="-_cpu") == ["b"]
    assert found(some, "script:a") == ["a"]


def test_a_uid_stands_first_and_is_no_word():
    some = [record("a"), record("b", description=f"like a {record('a').uid}"), record("detect-os")]
    uid = record("detect-os").uid
    assert found(some, uid) == ["detect-os"]
    assert found(some, uid.upper()) == ["detect-os"]
    assert found(some, "about", uid, "a") == ["detect-os", "a"]
    assert found(some, record("a").uid) == ["a"]
    assert found(some, uid, automation="script") == []


def test_the_most_words_win_where_none_has_all():
    some = [record("one-two"), record("one"), record("three")]
    answer = scan(some, parse_query(["one", "two", "three"]))
    assert [hit.record.alias for hit in answer.hits] == ["one-two"]
    assert answer.missing == 1
    assert scan(some, parse_query(["none"])).total == 0


def test_deprecated_ones_stand_behind_and_removed_ones_nowhere():
    some = [
        record("a", status=Status.DEPRECATED),
        record("longer-name"),
        record("gone", status=Status.REMOVED),
        record("bad", status=Status.QUARANTINED),
    ]
    assert found(some) == ["longer-name", "a", "bad"]


def test_documents_of_one_name_are_numbered():
    some = [
        record("same", repository=name, rank=rank, uid=uid)
        for rank, (name, uid) in enumerate([("b", "1" * 16), ("a", "2" * 16), ("c", "2" * 16)])
    ]
    documents = documents_of(reversed(some))
    assert [(one.first.repository, one.ordinal, len(one.records)) for one in documents] == [("b", 0, 1), ("a", 1, 2)]
    assert len({one.hash for one in documents}) == 1


@pytest.mark.parametrize(
    ("words", "more", "message"),
    [
        (["-"], {}, r"'-' holds no letter or digit"),
        (["has:fun"], {}, r"has:fun is unknown; an artifact can have results"),
        ([], {"has": "fun"}, r"has:fun is unknown"),
        ([], {"author": "-"}, r"author '-' holds no letter"),
        ([f"w{number}" for number in range(33)], {}, r"33 words and 0 tags are too many"),
    ],
)
def test_queries_that_are_none(words: list[str], more: dict[str, str], message: str):
    with pytest.raises(UsageError, match=message):
        parse_query(words, **more)


letters = st.text(st.sampled_from('abÄß "\\_-é1'), max_size=5)
some_records = st.lists(
    st.builds(
        record,
        letters.filter(bool),
        uid=st.sampled_from(["", "1" * 16, "2" * 16, "3" * 16]),
        repository=st.sampled_from(["team", "copy"]),
        tags=st.lists(letters, max_size=3).map(tuple),
        description=letters,
        words=st.lists(st.sampled_from(["ab", "a1"]), max_size=1).map(tuple),
        status=st.sampled_from(Status),
    ),
    max_size=5,
    unique_by=lambda one: one.key,
)


@settings(deadline=None)
@given(some_records, st.lists(letters, max_size=2), st.lists(letters, max_size=2), st.sampled_from(["", "team"]))
def test_lines_that_are_ruled_out_change_no_answer(
    some: list[Record], asked: list[str], tags: list[str], repository: str
):
    try:
        query = parse_query(asked, ",".join(tags), repository=repository)
    except UsageError:
        return
    lines = [emit_record(one).decode() for one in some]
    assert answered(some, query) == answered(
        [parse_record(parse_json(line.encode(), ""), where="", path="") for _, line in relevant(lines, query)], query
    )


def answered(records: list[Record], query: Query) -> tuple[list[tuple[str, ...]], Answer]:
    answer = scan(records, query)
    return [hit.record.key for hit in answer.hits], answer
